"""Contact details as people give them: checked, and kept once per address."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache

from email_validator import EmailNotValidError, validate_email
from sqlalchemy import Select, bindparam, func, literal, select, union_all
from sqlalchemy.dialects.postgresql import insert

from core.database import ask
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


def details(
    *, name: object = "", email: object = "", phone: object = "", locale: object = None, prefix: str = ""
) -> Details:
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
    values = {
        "jurisdiction_id": current_id(),
        "name": found.name or None,
        "email": found.email or None,
        "phone": found.phone or None,
        "locale": found.locale,
    }
    if not found.email:
        return ask(ADDED, values).scalar_one()
    kept = ask(_either(), values | {"here": current_id(), "address": found.email.lower()}).scalar()
    if kept is not None:
        return kept
    return ask(_known(), {"here": current_id(), "address": found.email.lower()}).scalar_one()


TABLE = Contact.__table__
ADDED = insert(TABLE).returning(TABLE.c.id)


@lru_cache
def _known() -> Select:
    return select(TABLE.c.id).where(
        TABLE.c.jurisdiction_id == bindparam("here"),
        func.lower(TABLE.c.email) == bindparam("address"),
        TABLE.c.email.is_not(None),
    )


@lru_cache
def _either() -> Select:
    """The contact just made, else the one known by that address."""
    names = ("jurisdiction_id", "name", "email", "phone", "locale")
    fresh = (
        insert(TABLE)
        .values({name: bindparam(name) for name in names})
        .on_conflict_do_nothing()
        .returning(TABLE.c.id)
        .cte("fresh")
    )
    return union_all(select(fresh.c.id, literal(0)), select(_known().subquery().c.id, literal(1))).limit(1)
