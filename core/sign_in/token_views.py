"""/account/tokens, where people make and end their own API tokens, and /admin/tokens, where all of them are seen."""

from __future__ import annotations

from flask import Blueprint, Response, flash, g, redirect, render_template, request
from flask.typing import ResponseReturnValue

from core.errors import FieldError, Forbidden
from core.i18n import gettext as _
from core.identity import tokens
from core.identity.token_secrets import SCOPES
from core.web.access import requires
from core.web.http import SENTENCES
from core.web.principal import Principal, require

token_pages = Blueprint("tokens", __name__)
OWN, ALL = "/account/tokens", "/admin/tokens"


def _person() -> Principal:
    """Who is signed in. Raises Forbidden for a token: none makes, reads or ends another."""
    found = require()
    if found.scopes is not None:
        raise Forbidden(SENTENCES[403]())
    return found


@token_pages.get(OWN)
@requires("account.manage")
def own() -> ResponseReturnValue:
    """One's own tokens, and the form for one more."""
    return _own(_person())


@token_pages.post(OWN)
@requires("account.manage")
def make() -> ResponseReturnValue:
    """One more token: it is shown in this answer alone."""
    who = _person()
    typed = {"label": request.form.get("label", ""), "days": request.form.get("days", "")}
    scopes = request.form.getlist("scopes")
    try:
        if not scopes:
            raise FieldError("scopes", _("Choose at least one thing this token can do."))
        _row, token = tokens.create_token(tokens.membership_of(who.user_id), scopes=scopes, **typed)
    except FieldError as error:
        return _own(who, errors=error.fields, typed=typed | {"scopes": scopes}, status=422)
    return _own(who, made=token)


@token_pages.post(f"{OWN}/<int:number>/end")
@requires("account.manage")
def end(number: int) -> ResponseReturnValue:
    """End one of one's own."""
    tokens.revoke_token(number, user_id=_person().user_id)
    flash(_("This token has been revoked."))
    return redirect(OWN, 303)


@token_pages.get(ALL)
@requires("jurisdiction.manage")
def everybodys() -> ResponseReturnValue:
    """The tokens of everybody who works for this jurisdiction."""
    _person()
    return render_template(
        "admin/tokens.html", area="tokens", nav_current="admin", found=tokens.list_tokens(), state=tokens.state
    )


@token_pages.post(f"{ALL}/<int:number>/end")
@requires("jurisdiction.manage")
def end_anybodys(number: int) -> ResponseReturnValue:
    """End anybody's."""
    _person()
    tokens.revoke_token(number)
    flash(_("This token has been revoked."))
    return redirect(ALL, 303)


def _own(
    who: Principal,
    *,
    made: str = "",
    errors: dict[str, str] | None = None,
    typed: dict[str, object] | None = None,
    status: int = 200,
) -> Response:
    g.private_answer = True
    known = typed or {"label": "", "days": tokens.USUAL_DAYS, "scopes": SCOPES}
    page = render_template(
        "security/tokens.html",
        found=tokens.list_tokens(user_id=who.user_id),
        state=tokens.state,
        made=made,
        errors=errors or {},
        typed=known,
        scopes=[(code, words()) for code, words in SAID.items()],
        most_days=tokens.MOST_DAYS,
    )
    return Response(page, status=status)


#: What each scope lets a token do, in words.
SAID = {
    "reports:read": lambda: _("Read reports"),
    "reports:write": lambda: _("Change reports"),
    "work:read": lambda: _("Read work orders"),
    "work:write": lambda: _("Change work orders"),
    "messages:read": lambda: _("Read the message log"),
    "messages:write": lambda: _("Resend abandoned messages"),
    "webhooks:read": lambda: _("Read webhooks"),
    "webhooks:write": lambda: _("Change webhooks"),
}
