"""/account/tokens, where people make and end their own API tokens, and /admin/tokens, where all of them are seen."""

from __future__ import annotations

from flask import Blueprint, Response, flash, g, redirect, render_template, request
from flask.typing import ResponseReturnValue

from core.audience import audience
from core.errors import FieldError, Forbidden
from core.http import SENTENCES
from core.i18n import gettext as _
from core.identity import tokens
from core.identity.principal import SCOPES, Principal, require

token_pages = Blueprint("tokens", __name__)
OWN, ALL = "/account/tokens", "/admin/tokens"


def _person() -> Principal:
    """Who is signed in. Raises Forbidden for a token: none makes, reads or ends another."""
    found = require()
    if found.scopes is not None:
        raise Forbidden(SENTENCES[403]())
    return found


@token_pages.get(OWN)
@audience("account.manage")
def own() -> ResponseReturnValue:
    """One's own tokens, and the form for one more."""
    return _own(_person())


@token_pages.post(OWN)
@audience("account.manage")
def make() -> ResponseReturnValue:
    """One more token: it is shown in this answer alone."""
    who = _person()
    typed = {"label": request.form.get("label", ""), "days": request.form.get("days", "")}
    scopes = request.form.getlist("scopes")
    try:
        if not scopes:
            raise FieldError("scopes", _("Choose at least one thing that the token may do."))
        _row, token = tokens.make(tokens.membership_of(who.user_id), scopes=scopes, **typed)
    except FieldError as error:
        return _own(who, errors=error.fields, typed=typed | {"scopes": scopes}, status=422)
    return _own(who, made=token)


@token_pages.post(f"{OWN}/<int:number>/end")
@audience("account.manage")
def end(number: int) -> ResponseReturnValue:
    """End one of one's own."""
    tokens.end(number, user_id=_person().user_id)
    flash(_("This token no longer works."))
    return redirect(OWN, 303)


@token_pages.get(ALL)
@audience("jurisdiction.manage")
def everybodys() -> ResponseReturnValue:
    """The tokens of everybody who works for this jurisdiction."""
    _person()
    return render_template("admin/tokens.html", area="tokens", here="admin", found=tokens.listed(), state=tokens.state)


@token_pages.post(f"{ALL}/<int:number>/end")
@audience("jurisdiction.manage")
def end_anybodys(number: int) -> ResponseReturnValue:
    """End anybody's."""
    _person()
    tokens.end(number)
    flash(_("This token no longer works."))
    return redirect(ALL, 303)


def _own(who: Principal, *, made: str = "", errors: dict[str, str] | None = None,
         typed: dict[str, object] | None = None, status: int = 200) -> Response:
    g.private_answer = True
    known = typed or {"label": "", "days": tokens.USUAL_DAYS, "scopes": SCOPES}
    page = render_template(
        "security/tokens.html", found=tokens.listed(user_id=who.user_id), state=tokens.state, made=made,
        errors=errors or {}, typed=known, scopes=[(code, words()) for code, words in SAID.items()],
        most_days=tokens.MOST_DAYS)
    return Response(page, status=status)


#: What each scope lets a token do, in words.
SAID = {
    "reports:read": lambda: _("Read the reports"),
    "reports:write": lambda: _("Change the reports"),
    "work:read": lambda: _("Read the work orders"),
    "work:write": lambda: _("Change the work orders"),
    "messages:read": lambda: _("Read what is owed and sent"),
    "messages:write": lambda: _("Send again what was given up"),
    "webhooks:read": lambda: _("Read the webhooks"),
    "webhooks:write": lambda: _("Change the webhooks"),
}
