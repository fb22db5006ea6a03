"""/admin/telling: how the jurisdiction speaks with people. Each part of the page is a form of its own."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import time
from email.utils import parseaddr
from typing import Any

import orjson
from flask import Blueprint, current_app, render_template, request
from flask.typing import ResponseReturnValue

from core.errors import ChangedMeanwhile
from core.i18n import gettext as _
from core.identity import jurisdiction_settings
from core.identity.models import Body, Jurisdiction
from core.identity.preferences import Preferences
from core.text import localized
from core.web.access import requires
from core.web.form_fields import answer_form
from core.web.form_fields import typed as as_typed
from core.web.idempotency import digest_of

telling = Blueprint("telling", __name__, url_prefix="/admin/telling")
HERE = "/admin/telling"


@telling.get("")
@requires("jurisdiction.manage")
def index() -> ResponseReturnValue:
    """Everything, as it is now."""
    return _page()


def _page(
    part: str = "", status: int = 200, errors: dict[str, str] | None = None, refusal: str = ""
) -> ResponseReturnValue:
    """The page; `part` is the form that was refused, shown as it was typed."""
    jurisdiction, bodies = jurisdiction_settings.jurisdiction_row(), jurisdiction_settings.bodies()
    shown = {
        "habits": _preferences_values(jurisdiction),
        "hall": _public_contact_values(jurisdiction),
        "new": {},
        **{f"body-{one.id}": _body(one) for one in bodies},
    }
    marks = {name: _state_digest(values) for name, values in shown.items()}
    typed = {**shown, part: as_typed()} if part and errors else shown
    return render_template(
        "admin/jurisdiction.html",
        area="telling",
        nav_current="admin",
        bodies=bodies,
        typed=typed,
        marks=marks,
        part=part,
        errors=errors or {},
        refusal=refusal,
        ranges=jurisdiction_settings.RANGES,
        localized=localized,
        ids={name: f"{part}-{name}" for name in errors or {}},
        labels=_labels(),
        sender=jurisdiction.sender or parseaddr(current_app.config["MAIL_FROM"])[1],
    ), status


def _labels() -> dict[str, str]:
    return {
        "quiet_from": _("Quiet hours start at"),
        "quiet_to": _("Quiet hours end at"),
        "digest_at": _("The daily summary is sent at"),
        "reopen_days": _("Days to say “not repaired”"),
        "waiting_days": _("Days to answer a question"),
        "most_a_day": _("Maximum messages a day to one address"),
        "address": _("Postal address"),
        "phone": _("Telephone"),
        "email": _("E-mail"),
        "name": _("Name"),
        "code": _("Code"),
    }


def _preferences_values(jurisdiction: Jurisdiction) -> dict[str, Any]:
    kept = Preferences.of(jurisdiction.preferences).kept()
    return {**kept, "moderated": "1" if kept["moderated"] else ""}


def _public_contact_values(jurisdiction: Jurisdiction) -> dict[str, str]:
    return {name: str(jurisdiction.desk.get(name) or "") for name in ("address", "phone", "email")}


def _body(one: Body) -> dict[str, str]:
    return {"name": localized(one.names, "fr"), "address": one.address, "phone": one.phone, "email": one.email or ""}


def _state_digest(values: Mapping[str, Any]) -> str:
    """What a form was made from: whoever saves another's work away is told."""
    return digest_of(orjson.dumps(values, option=orjson.OPT_SORT_KEYS))[:16]


def _unchanged(values: Mapping[str, Any]) -> None:
    if request.form.get("seen") != _state_digest(values):
        raise ChangedMeanwhile(
            _("Someone else has changed this in the meantime. Here is the latest version."), code="changed"
        )


def _saved(part: str, do: Callable[[], str]) -> ResponseReturnValue:
    return answer_form(do, to=f"{HERE}#{part}", again=lambda **said: _page(part, **said))


@telling.post("/habits")
@requires("jurisdiction.manage")
def save_preferences() -> ResponseReturnValue:
    """The hours and the delays."""

    def do() -> str:
        jurisdiction = jurisdiction_settings.jurisdiction_row(lock=True)
        _unchanged(_preferences_values(jurisdiction))
        found = jurisdiction_settings.set_preferences(jurisdiction, request.form)
        quiet = _(
            "Saved. No text messages or notifications are sent between %(start)s and %(end)s.",
            start=_clock(found.quiet_from),
            end=_clock(found.quiet_to),
        )
        if found.quiet_from == found.quiet_to:
            quiet = _("Saved. Text messages and notifications are sent at any time.")
        return f"{quiet} " + _("The daily summary is sent at %(hour)s.", hour=_clock(found.digest_at))

    return _saved("habits", do)


def _clock(moment: time) -> str:
    return _("%(hour)s:%(minute)s", hour=f"{moment.hour:02d}", minute=f"{moment.minute:02d}")


@telling.post("/hall")
@requires("jurisdiction.manage")
def save_public_contact() -> ResponseReturnValue:
    """Where the town hall is written to and called."""

    def do() -> str:
        jurisdiction = jurisdiction_settings.jurisdiction_row(lock=True)
        _unchanged(_public_contact_values(jurisdiction))
        jurisdiction_settings.set_public_contact(jurisdiction, request.form)
        return _("Saved. This is now what residents read about the town hall.")

    return _saved("hall", do)


@telling.post("/bodies/<int:number>")
@requires("jurisdiction.manage")
def body(number: int) -> ResponseReturnValue:
    """Where one body is written to and called."""

    def do() -> str:
        one = jurisdiction_settings.body(number, lock=True)
        _unchanged(_body(one))
        jurisdiction_settings.set_body(one, request.form)
        return _("Saved. This is now what residents read about %(name)s.", name=localized(one.names, "fr"))

    return _saved(f"body-{number}", do)


@telling.post("/bodies")
@requires("jurisdiction.manage")
def new_body() -> ResponseReturnValue:
    """One more body."""

    def do() -> str:
        made = jurisdiction_settings.add_body(request.form)
        return _("Added: %(name)s.", name=localized(made.names, "fr"))

    return _saved("new", do)
