"""Contact details as people give them: checked, and kept once per address."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache

from email_validator import EmailNotValidError, validate_email
from flask import current_app
from sqlalchemy import Select, bindparam, func, literal, select, text, union_all
from sqlalchemy.dialects.postgresql import insert

from core.database import ask
from core.errors import FieldError, collecting
from core.i18n import LOCALES, as_locale
from core.i18n import gettext as _
from core.identity.models import Contact
from core.outbox.models import MAIL, PUSH, SMS
from core.scope import current_id
from core.text import clean

#: Somebody who wants no news at all.
NO_NEWS = "none"
_PHONE = re.compile(r"^\+?\d{6,15}$")
#: Numbers that are no mobile's: of those that are dialled from France, whose first figures say so.
_FIXED = re.compile(r"^\+33[1-589]|^\+(?:262262|262263|262269|590590|594594|596596)")
#: What follows the 0 of a number overseas, and the country's code that it has from abroad.
_OVERSEAS = {
    **dict.fromkeys(("590", "690", "691"), "590"),
    **dict.fromkeys(("262", "263", "269", "639", "692", "693"), "262"),
    **dict.fromkeys(("594", "694"), "594"),
    **dict.fromkeys(("596", "696", "697"), "596"),
}


@dataclass(frozen=True)
class Details:
    """What somebody left to be reached by; any may be empty."""

    name: str = ""
    email: str = ""
    phone: str = ""
    locale: str = LOCALES[0]
    #: By which channel they want the news (mail, sms, none); empty: by the first that can reach them.
    news: str = ""

    @property
    def channel(self) -> str | None:
        """By which channel an author who left these is told; None: by none."""
        if self.news == NO_NEWS:
            return None
        by_sms = SMS in channels() and can_read_sms(self.phone)
        if by_sms and (self.news == SMS or not self.email):
            return SMS
        return MAIL if self.email else None

    def __bool__(self) -> bool:
        return bool(self.name or self.email or self.phone)


def details(
    *,
    name: object = "",
    email: object = "",
    phone: object = "",
    locale: object = None,
    prefix: str = "",
    news: object = "",
) -> Details:
    """Check contact details. Raises FieldErrors naming `prefix` + name, email, phone.

    With `news` "sms" the number must be a mobile's, and must be there.
    """
    errors = collecting()
    kept: dict[str, str] = {"name": "", "email": "", "phone": ""}
    with errors:
        kept["name"] = clean(name, field=f"{prefix}name", most=120, lines=False)
    with errors:
        kept["email"] = address(email, field=f"{prefix}email")
    with errors:
        kept["phone"] = telephone(phone, field=f"{prefix}phone")
        if news == SMS:
            kept["phone"] = mobile(phone, field=f"{prefix}phone")
    errors.done()
    return Details(**kept, locale=as_locale(locale), news=SMS if news == SMS else "")


def channels() -> tuple[str, ...]:
    """The channels by which a person can be told here: mail always, the others where they are set up."""
    by_sms, by_push = current_app.config["SMS_URL"], current_app.config["VAPID_PRIVATE_KEY"]
    return (MAIL, *((SMS,) if by_sms else ()), *((PUSH,) if by_push else ()))


def address(value: object, *, field: str = "email") -> str:
    """An e-mail address in its normal form, or empty. Raises FieldError."""
    text = clean(value, field=field, most=254, lines=False)
    if not text:
        return ""
    try:
        return validate_email(text, check_deliverability=False, test_environment=True).normalized
    except EmailNotValidError:
        raise FieldError(field, _("Enter an e-mail address, for example name@example.org.")) from None


def telephone(value: object, *, field: str = "phone") -> str:
    """A telephone number as it is dialled from anywhere ("+33612345678"), or empty. Raises FieldError.

    One that is not written as in France stays as it was given, without its spaces.
    """
    typed = clean(value, field=field, most=40, lines=False)
    abroad = typed.startswith(("+", "00"))
    text = re.sub(r"[\s.\-()/]", "", typed.replace("(0)", "") if abroad else typed)
    if not text:
        return ""
    if text.startswith("00"):
        text = "+" + text[2:]
    if re.fullmatch(r"0[1-9]\d{8}", text):
        text = f"+{_OVERSEAS.get(text[1:4], '33')}{text[1:]}"
    text = re.sub(r"^\+330(?=[1-9]\d{8}$)", "+33", text)
    if not _PHONE.match(text):
        raise FieldError(field, _("Enter a phone number, for example 04 67 00 00 00."))
    return text


def mobile(value: object, *, field: str = "phone") -> str:
    """A number that can be sent an SMS. Raises FieldError where there is none, or a fixed one."""
    number = telephone(value, field=field)
    if not number:
        raise FieldError(field, _("This field is required."))
    if not can_read_sms(number):
        raise FieldError(field, _("We cannot send text messages to this number. Mobile numbers start with 06, 07 or "
                                  "+."))
    return number


def can_read_sms(number: str) -> bool:
    """Whether a number, as `telephone` gives it, may be a mobile's."""
    return bool(re.fullmatch(r"\+\d{8,15}", number)) and not _FIXED.match(number)


def spoken(number: str | None) -> str:
    """A number as it is read: "06 12 34 56 78"; one from elsewhere as it is kept."""
    found = re.fullmatch(r"\+(?:33|262|590|594|596)([1-9]\d{8})", number or "")
    if not found:
        return number or ""
    figures = f"0{found[1]}"
    return "\u00a0".join(figures[at : at + 2] for at in range(0, 10, 2))


def keep(found: Details) -> int:
    """The id of the contact of these details: the one known by that address here, else a new one.

    Without an address, the one known by that number alone (and that name, where one is given).
    One statement (two after a race, or by a number). What is known already is not overwritten by what a
    stranger typed.
    """
    values = {
        "jurisdiction_id": current_id(),
        "name": found.name or None,
        "email": found.email or None,
        "phone": found.phone or None,
        "locale": found.locale,
    }
    if not found.email:
        return of_number(found) if found.phone else ask(ADDED, values).scalar_one()
    kept = ask(_either(), values | {"here": current_id(), "address": found.email.lower()}).scalar()
    if kept is not None:
        return kept
    return ask(_known(), {"here": current_id(), "address": found.email.lower()}).scalar_one()


def of_number(found: Details, *, in_turn: bool = True) -> int:
    """The id of the contact of a number alone: see `keep`. Two statements, one where not `in_turn`.

    Nothing makes a number unique (a family shares one): who asks at the same moment waits, where `in_turn`. Two
    contacts of one number do no harm: it is told once (see reporter.telling).
    """
    values = {"here": current_id(), "phone": found.phone, "name": found.name or None, "locale": found.locale}
    if in_turn:
        ask(_IN_TURN, {"key": f"contact:{values['here']}:{found.phone}"})
    return ask(_OF_NUMBER, values).scalar_one()


_IN_TURN = text("SELECT pg_advisory_xact_lock(hashtextextended(:key, 0))")
#: Whoever confirmed the number comes first; whoever typed it beside an address is somebody else.
_OF_NUMBER = text("""
WITH known AS (
    SELECT id FROM contact
    WHERE jurisdiction_id = :here AND phone = :phone AND (phone_confirmed_at IS NOT NULL OR email IS NULL)
      AND (CAST(:name AS text) IS NULL OR lower(name) = lower(CAST(:name AS text)))
    ORDER BY phone_confirmed_at IS NULL, id LIMIT 1
), fresh AS (
    INSERT INTO contact (jurisdiction_id, name, phone, locale)
    SELECT :here, CAST(:name AS text), :phone, :locale WHERE NOT EXISTS (SELECT 1 FROM known) RETURNING id
)
SELECT id FROM known UNION ALL SELECT id FROM fresh
""")
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
