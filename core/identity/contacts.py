"""Contact details as people give them: checked, and kept once per address or number."""

from __future__ import annotations

import re
from dataclasses import dataclass

import phonenumbers
from email_validator import EmailNotValidError, validate_email
from flask import current_app
from phonenumbers import PhoneNumber, PhoneNumberFormat, PhoneNumberType
from sqlalchemy import text
from sqlalchemy.dialects.postgresql import insert

from core.channel_names import MAIL, PUSH, SMS
from core.database import execute_unscoped
from core.database.scope import current_jurisdiction_id
from core.errors import CollectedErrors, FieldError
from core.i18n import LOCALES, as_locale
from core.i18n import gettext as _
from core.identity.models import Contact
from core.text import clean_text

#: Somebody who wants no news at all.
NO_NEWS = "none"
#: Where a number without a country's code is dialled: metropolitan France, else the regions overseas that share its
#: ten figures (La Réunion, Mayotte, Guadeloupe, Guyane, Martinique).
_REGIONS = ("FR", "RE", "YT", "GP", "GF", "MQ")
#: Country codes of numbers that are read as they are dialled within France ("06 12 34 56 78").
_READ_AS_IN_FRANCE = frozenset({33, 262, 590, 594, 596})
#: Kinds of number that can be sent an SMS; in some countries nothing tells a mobile from a fixed line.
_MOBILE = frozenset({PhoneNumberType.MOBILE, PhoneNumberType.FIXED_LINE_OR_MOBILE})


@dataclass(frozen=True)
class ContactDetails:
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
        by_sms = SMS in available_channels() and may_be_mobile(self.phone)
        if by_sms and (self.news == SMS or not self.email):
            return SMS
        return MAIL if self.email else None

    def __bool__(self) -> bool:
        return bool(self.name or self.email or self.phone)


def parse_contact_details(
    *,
    name: object = "",
    email: object = "",
    phone: object = "",
    locale: object = None,
    prefix: str = "",
    news: object = "",
) -> ContactDetails:
    """Check contact details. Raises FieldErrors naming `prefix` + name, email, phone.

    With `news` "sms" the number must be a mobile's, and must be there.
    """
    errors = CollectedErrors()
    kept: dict[str, str] = {"name": "", "email": "", "phone": ""}
    with errors:
        kept["name"] = clean_text(name, field=f"{prefix}name", most=120, lines=False)
    with errors:
        kept["email"] = parse_email(email, field=f"{prefix}email")
    with errors:
        kept["phone"] = parse_phone(phone, field=f"{prefix}phone")
        if news == SMS:
            kept["phone"] = parse_mobile(phone, field=f"{prefix}phone")
    errors.done()
    return ContactDetails(**kept, locale=as_locale(locale), news=SMS if news == SMS else "")


def available_channels() -> tuple[str, ...]:
    """The channels by which a person can be told here: mail always, the others where they are set up."""
    by_sms, by_push = current_app.config["SMS_URL"], current_app.config["VAPID_PRIVATE_KEY"]
    return (MAIL, *((SMS,) if by_sms else ()), *((PUSH,) if by_push else ()))


def parse_email(value: object, *, field: str = "email") -> str:
    """An e-mail address in its normal form, or empty. Raises FieldError."""
    text = clean_text(value, field=field, most=254, lines=False)
    if not text:
        return ""
    try:
        return validate_email(text, check_deliverability=False, test_environment=True).normalized
    except EmailNotValidError:
        raise FieldError(field, _("Enter an e-mail address, for example name@example.org.")) from None


def parse_phone(value: object, *, field: str = "phone") -> str:
    """A telephone number in E.164 form ("+33612345678"), or empty. Raises FieldError.

    Without a country's code it is a number of France, metropolitan or overseas.
    """
    typed = clean_text(value, field=field, most=40, lines=False)
    if not typed:
        return ""
    found = _parsed(typed)
    if found is None:
        raise FieldError(field, _("Enter a phone number, for example 04 67 00 00 00."))
    return phonenumbers.format_number(found, PhoneNumberFormat.E164)


def _parsed(typed: str) -> PhoneNumber | None:
    """The number that was typed; None where it has not the figures of one.

    One that no numbering plan knows is still a number (ranges are opened all the time): only no SMS goes there.
    """
    # Written beside the country's code, the 0 that is dialled within the country is no part of the number.
    plain = re.sub(r"^00", "+", typed.replace("(0)", "") if typed.startswith(("+", "00")) else typed)
    if not plain.isascii() or re.search(r"[^\d\s.\-()/+]", plain):
        # Letters are figures to the library (1-800-FLOWERS): here they are a mistake.
        return None
    possible = None
    for region in _REGIONS:
        try:
            found = phonenumbers.parse(plain.replace("/", " "), region)
        except phonenumbers.NumberParseException:
            continue
        if phonenumbers.is_valid_number(found):
            return found
        if possible is None and phonenumbers.is_possible_number(found):
            possible = found
    return possible


def parse_mobile(value: object, *, field: str = "phone") -> str:
    """A number that can be sent an SMS. Raises FieldError where there is none, or one that cannot."""
    number = parse_phone(value, field=field)
    if not number:
        raise FieldError(field, _("This field is required."))
    if not may_be_mobile(number):
        raise FieldError(
            field, _("We cannot send text messages to this number. Mobile numbers start with 06, 07 or +.")
        )
    return number


def may_be_mobile(number: str) -> bool:
    """Whether a number, as `telephone` gives it, may be a mobile's in a country that SMS are sent to (SMS_PREFIXES)."""
    if not number.startswith(_prefixes()):
        return False
    try:
        found = phonenumbers.parse(number)
    except phonenumbers.NumberParseException:
        return False
    return phonenumbers.number_type(found) in _MOBILE


def _prefixes() -> tuple[str, ...]:
    return tuple(current_app.config["SMS_PREFIXES"].split())


def format_phone(number: str | None) -> str:
    """A number as it is read: "06 12 34 56 78"; one from elsewhere with its country's code ("+32 470 12 34 56")."""
    try:
        found = phonenumbers.parse(number or "")
    except phonenumbers.NumberParseException:
        return number or ""
    national = found.country_code in _READ_AS_IN_FRANCE and phonenumbers.is_valid_number(found)
    form = PhoneNumberFormat.NATIONAL if national else PhoneNumberFormat.INTERNATIONAL
    return phonenumbers.format_number(found, form).replace(" ", "\u00a0")


@dataclass(frozen=True)
class StoredContact:
    """Under which contacts details are kept: the one of the address or number, and what was given with it this time."""

    #: The contact of the address, else of the number, else of the name alone.
    contact_id: int
    #: The contact that holds the name and the number given this very time; the same where nothing differs.
    given_id: int


def find_or_create_contact(found: ContactDetails) -> int:
    """The id of the contact of an address, else of a number: the one known here, else a new one.

    A name, and a number beside an address, are not kept with it: a stranger may have typed the address (see
    `keep_given`). One statement, two after a race.
    """
    bare = ContactDetails(email=found.email, phone="" if found.email else found.phone, locale=found.locale)
    return keep_given(bare if bare else found).contact_id


def keep_given(found: ContactDetails) -> StoredContact:
    """Keep details as they were given this time: whose address it is stays as it was known before.

    Nothing that is typed beside an address or a number changes what is known of its owner, nor is it found by the
    next one who types the same: it is kept apart, beside that contact (`Contact.beside_id`). The row of a known
    contact is locked until the transaction ends, so that what it is told is counted one after the other. One
    statement, two after a race.
    """
    values = {
        "jurisdiction": current_jurisdiction_id(),
        "name": found.name or None,
        "email": found.email or None,
        "address": found.email.lower(),
        "phone": found.phone or None,
        "locale": found.locale,
    }
    if not (found.email or found.phone):
        contact_id = execute_unscoped(
            ADDED, {"jurisdiction_id": values["jurisdiction"], "name": values["name"], "locale": found.locale}
        ).scalar_one()
        return StoredContact(contact_id, contact_id)
    statement = _OF_ADDRESS if found.email else _OF_NUMBER
    row = execute_unscoped(statement, values).one_or_none()
    if row is None:
        # Somebody else has just made it: their transaction is over now, and it can be seen.
        row = execute_unscoped(statement, values).one()
    return StoredContact(row.id, row.given_id or row.id)


_KEPT = """
WITH known AS (
    SELECT id, name, phone FROM contact WHERE jurisdiction_id = :jurisdiction AND {known} FOR NO KEY UPDATE
), fresh AS (
    INSERT INTO contact (jurisdiction_id, email, phone, locale)
    SELECT :jurisdiction, CAST({email} AS text), CAST({phone} AS text), :locale WHERE NOT EXISTS (SELECT 1 FROM known)
    ON CONFLICT DO NOTHING RETURNING id, name, phone
), person AS (
    SELECT * FROM known UNION ALL SELECT * FROM fresh
), given AS (
    INSERT INTO contact (jurisdiction_id, name, phone, locale, beside_id)
    SELECT :jurisdiction, CAST(:name AS text), CAST(:phone AS text), :locale, person.id FROM person
    WHERE (person.name, person.phone) IS DISTINCT FROM (CAST(:name AS text), CAST(:phone AS text))
    RETURNING id
)
SELECT person.id, given.id AS given_id FROM person LEFT JOIN given ON true
"""
_OF_ADDRESS = text(_KEPT.format(known="email IS NOT NULL AND lower(email) = :address", email=":email", phone="NULL"))
#: One contact a number, by whatever name: what it is sent is counted by it. Whoever confirmed the number comes first
#: (older contacts of one number have a name each); whoever typed it beside an address is somebody else.
_OF_NUMBER = text(
    _KEPT.format(
        known="""id = (SELECT id FROM contact WHERE jurisdiction_id = :jurisdiction AND phone = :phone AND email IS NULL
        AND beside_id IS NULL ORDER BY phone_confirmed_at IS NULL, name IS NOT NULL, id LIMIT 1)""",
        email="NULL",
        phone=":phone",
    )
)
TABLE = Contact.__table__
ADDED = insert(TABLE).returning(TABLE.c.id)
