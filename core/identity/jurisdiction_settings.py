"""What is set of how the jurisdiction speaks with people: its habits, who answers where; and, by the operator, its
sender.

Verbs: they check, flush and never commit. Other processes see a change within `jurisdictions.SECONDS`.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import fields, replace
from datetime import time
from typing import Any

from sqlalchemy import func, select

from core.database import db
from core.database.scope import current_jurisdiction_id
from core.database.transactions import on_commit
from core.errors import CollectedErrors, FieldError, NotFound
from core.i18n import gettext as _
from core.identity import contacts, jurisdictions
from core.identity.models import Body, Jurisdiction
from core.identity.preferences import Preferences
from core.text import clean_text

#: What a number of the habits may be.
RANGES = {"reopen_days": (1, 365), "waiting_days": (1, 90), "most_a_day": (1, 1000)}
LONGEST_ADDRESS = 300
LONGEST_NAME = 120


def jurisdiction_row(*, lock: bool = False) -> Jurisdiction:
    """The row of the jurisdiction being served, locked where asked."""
    wanted = select(Jurisdiction).where(Jurisdiction.id == current_jurisdiction_id())
    if lock:
        wanted = wanted.with_for_update().execution_options(populate_existing=True)
    return db.session.scalars(wanted).one()


def preferences_from_form(given: Mapping[str, Any]) -> Preferences:
    """The habits as typed: times "21:00", whole numbers, "1" for yes. Raises FieldErrors naming each."""
    errors = CollectedErrors()
    found: dict[str, Any] = {}
    for one in fields(Preferences):
        with errors:
            found[one.name] = _value(one.name, one.default, given.get(one.name))
    errors.done()
    return replace(Preferences(), **found)


def _value(name: str, rule: Any, typed: Any) -> Any:
    if isinstance(rule, bool):
        return typed in (True, "1", "true", "on")
    text = clean_text(str(typed) if typed is not None else "", field=name, most=20, required=True, lines=False)
    if isinstance(rule, time):
        try:
            found = time.fromisoformat(text)
        except ValueError:
            raise FieldError(name, _("Enter a time, for example 21:00.")) from None
        if found.tzinfo is not None or found.second or found.microsecond:
            raise FieldError(name, _("Enter a time, for example 21:00."))
        return found
    least, most = RANGES[name]
    if not (text.isascii() and text.isdecimal() and least <= int(text) <= most):
        raise FieldError(name, _("Enter a whole number between %(least)s and %(most)s.", least=least, most=most))
    return int(text)


def set_preferences(jurisdiction: Jurisdiction, given: Mapping[str, Any]) -> Preferences:
    """Set the habits. Raises FieldErrors naming each field that cannot be used."""
    found = preferences_from_form(given)
    jurisdiction.preferences = found.kept()
    _after_change()
    return found


def set_sender(jurisdiction: Jurisdiction, typed: str) -> None:
    """Set the address that a jurisdiction's mails come from; empty: MAIL_FROM's. Raises FieldError naming it.

    For operators only: what residents write is delivered by the address they write to, so that whoever took
    another's as their own would read its mail.
    """
    sender = contacts.parse_email(typed, field="sender").lower()
    taken = select(Jurisdiction.id).where(func.lower(Jurisdiction.sender) == sender, Jurisdiction.id != jurisdiction.id)
    if sender and db.session.scalar(taken) is not None:
        raise FieldError("sender", _("Another council’s e-mails are already sent from this address."))
    jurisdiction.sender = sender or None
    _after_change()


def set_public_contact(jurisdiction: Jurisdiction, given: Mapping[str, Any]) -> None:
    """Set where the town hall is written to and called. Raises FieldErrors naming address, phone, email."""
    found = _contact_from_form(given)
    # A number is shown as it was typed: its spaces are how people read it.
    jurisdiction.desk = {**jurisdiction.desk, **found}
    _after_change()


def _contact_from_form(given: Mapping[str, Any]) -> dict[str, str]:
    errors = CollectedErrors()
    found = {"address": "", "phone": "", "email": ""}
    with errors:
        found["address"] = clean_text(given.get("address"), field="address", most=LONGEST_ADDRESS)
    with errors:
        if contacts.parse_phone(given.get("phone")):
            found["phone"] = clean_text(given.get("phone"), field="phone", most=40, lines=False)
    with errors:
        found["email"] = contacts.parse_email(given.get("email"))
    errors.done()
    return found


def bodies() -> list[Body]:
    """Who can be responsible here, in the order of their codes."""
    return list(db.session.scalars(select(Body).order_by(Body.code)))


def body(number: int, *, lock: bool = False) -> Body:
    """The body of that id. Raises NotFound."""
    wanted = select(Body).where(Body.id == number)
    if lock:
        wanted = wanted.with_for_update().execution_options(populate_existing=True)
    found = db.session.scalar(wanted) if 0 < number < 2**63 else None
    if found is None:
        raise NotFound(_("This organisation does not exist here."))
    return found


def set_body(one: Body, given: Mapping[str, Any]) -> None:
    """Set what residents read of a body. Raises FieldErrors naming name, address, phone, email."""
    errors = CollectedErrors()
    name, found = "", {}
    with errors:
        name = clean_text(given.get("name"), field="name", most=LONGEST_NAME, required=True, lines=False)
    with errors:
        found = _contact_from_form(given)
    errors.done()
    one.names = {**one.names, "fr": name}
    one.address, one.phone, one.email = found["address"], found["phone"], found["email"] or None
    db.session.flush()


def add_body(given: Mapping[str, Any]) -> Body:
    """A new body, not one of our jurisdictions. Raises FieldErrors naming code, name, address, phone, email."""
    code = str(given.get("code") or "").strip()
    fine = code and len(code) <= 40 and all(one in "abcdefghijklmnopqrstuvwxyz0123456789-" for one in code)
    made = Body(jurisdiction_id=current_jurisdiction_id(), code=code, names={})
    errors = CollectedErrors()
    if not fine:
        errors.add("code", _("A code contains lower-case letters, digits and hyphens, for example departement-34."))
    elif any(one.code == code for one in bodies()):
        errors.add("code", _("There is already an organisation with that code."))
    with errors:
        set_body(made, given)
    errors.done()
    db.session.add(made)
    db.session.flush()
    return made


def _after_change() -> None:
    db.session.flush()
    on_commit(jurisdictions.drop_cache)
