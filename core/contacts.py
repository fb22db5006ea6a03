"""Contact details as people give them: checked, and kept once per address."""

from __future__ import annotations

import re
from dataclasses import dataclass

from email_validator import EmailNotValidError, validate_email
from sqlalchemy import func, literal, select, union_all
from sqlalchemy.dialects.postgresql import insert

from core.database import db
from core.errors import FieldError, collecting
from core.i18n import LOCALES, as_locale
from core.i18n import gettext as _
from core.identity.models import Contact
from core.scope import current_id
from core.text import clean

_PHONE = re.compile(r"^\+?\d{6,15}$")


@dataclass(frozen=True)
class Details:
    """What somebody left to be reached by; any may be empty."""

    name: str = ""
    email: str = ""
    phone: str = ""
    locale: str = LOCALES[0]

    def __bool__(self) -> bool:
        return bool(self.name or self.email or self.phone)


def details(*, name: object = "", email: object = "", phone: object = "", locale: object = None,
            prefix: str = "") -> Details:
    """Check contact details. Raises FieldErrors naming `prefix` + name, email, phone."""
    errors = collecting()
    kept: dict[str, str] = {"name": "", "email": "", "phone": ""}
    with errors:
        kept["name"] = clean(name, field=f"{prefix}name", most=120, lines=False)
    with errors:
        kept["email"] = address(email, field=f"{prefix}email")
    with errors:
        kept["phone"] = telephone(phone, field=f"{prefix}phone")
    errors.done()
    return Details(**kept, locale=as_locale(locale))


def address(value: object, *, field: str = "email") -> str:
    """An e-mail address in its normal form, or empty. Raises FieldError."""
    text = clean(value, field=field, most=254, lines=False)
    if not text:
        return ""
    try:
        return validate_email(text, check_deliverability=False, test_environment=True).normalized
    except EmailNotValidError:
        raise FieldError(field, _("This is not an e-mail address: name@example.org.")) from None


def telephone(value: object, *, field: str = "phone") -> str:
    """A telephone number without its spaces, or empty. Raises FieldError."""
    text = re.sub(r"[\s.\-()/]", "", clean(value, field=field, most=40, lines=False))
    if text and not _PHONE.match(text):
        raise FieldError(field, _("This is not a telephone number: 04 67 00 00 00."))
    return text


def keep(found: Details) -> int:
    """The id of the contact of these details: the one known by that address here, else a new one.

    One statement (two after a race). What is known already is not overwritten by what a stranger typed.
    """
    table = Contact.__table__
    added = insert(table).values(
        jurisdiction_id=current_id(), name=found.name or None, email=found.email or None,
        phone=found.phone or None, locale=found.locale,
    ).returning(table.c.id)
    if not found.email:
        return db.session.execute(added).scalar_one()
    known = select(table.c.id).where(
        table.c.jurisdiction_id == current_id(), func.lower(table.c.email) == found.email.lower(),
        table.c.email.is_not(None))
    fresh = added.on_conflict_do_nothing().cte("fresh")
    either = union_all(select(fresh.c.id, literal(0)), select(known.subquery().c.id, literal(1))).limit(1)
    found_id = db.session.execute(either).scalar()
    return found_id if found_id is not None else db.session.execute(known).scalar_one()
