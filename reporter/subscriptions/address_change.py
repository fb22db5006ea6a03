"""A new address or number for one's page: it is asked, and once it has said yes the news goes there.

By an address the whole page moves to it: whoever answers at that address has it from then on, and what was
known of that address before is never shown to who merely typed it. A number is put beside the address.
"""

from __future__ import annotations

import time

from sqlalchemy import text

from core import signed_numbers
from core.channel_names import MAIL, SMS
from core.database import db, execute_unscoped, utcnow
from core.database.scope import current_jurisdiction_id
from core.errors import Refused
from core.i18n import gettext as _
from core.identity import contacts
from core.identity.contacts import ContactDetails
from core.identity.models import Contact
from core.notifications.outbox.models import Message
from reporter.subscriptions import confirmation
from reporter.subscriptions.kinds import all_kinds
from reporter.subscriptions.my_page import Person, open_word

DAYS = 2
_CHANNELS = (MAIL, SMS)


def ask_address(who: Person, found: ContactDetails) -> None:
    """Ask an address or a number whether it is this person's. The same is said to them in any case."""
    channel = MAIL if found.email else SMS
    mine = who.contact.email if channel == MAIL else who.contact.phone
    if mine and mine.lower() == (found.email or found.phone).lower():
        target = who.contact.id
    else:
        target = contacts.find_or_create_contact(
            ContactDetails(email=found.email, phone=found.phone, locale=who.contact.locale)
        )
    confirmation.ask_confirmation(
        "mine.address",
        confirmation.lock_contact(target),
        channel,
        source=f"address:{who.contact.id}:{target}:{time.time_ns()}",
        locale=who.contact.locale,
        facts={"contact": who.contact.id, "by": who.channel},
    )


def link_word_of(message: Message) -> str | None:
    """The word of the link that such a message carries; None when who asked is no more."""
    asker = _contact(message.facts["contact"])
    if asker is None or asker.erased_at or message.contact is None:
        return None
    return signed_numbers.sign_numbers(
        "mine address",
        asker.id,
        _CHANNELS.index(message.facts["by"]),
        message.contact.id,
        message.contact.link_version,
        _CHANNELS.index(message.channel),
        days=DAYS,
    )


def request_of_word(word: str, *, hold: bool = False) -> tuple[Contact, str, Contact, str]:
    """Who asks (and by which channel their page was open), and the address that is asked, with its channel.

    Raises Refused when the link is forged, too old or used.
    """
    one, by, other, version, channel = signed_numbers.read_numbers("mine address", word, count=5)
    asker, asked = _contact(one), _contact(other)
    if hold and asker and asked:
        # Always in one order: two links used at once must not wait for each other.
        for number in sorted({one, other}):
            confirmation.lock_contact(number)
    if asker is None or asked is None or asker.erased_at or asked.erased_at or asked.link_version != version:
        raise Refused(
            _("This link is no longer valid: it has been used, or something has changed since."), code="bad_link"
        )
    return asker, _CHANNELS[by], asked, _CHANNELS[channel]


def confirm_address(word: str) -> str | None:
    """The address or number said yes. Returns the word that opens the page by an address that answered; by a
    number, which stands beside an address, nothing is opened. Raises Refused."""
    asker, by, asked, channel = request_of_word(word, hold=True)
    asked.link_version += 1
    confirmation.mark_confirmed(asked, channel)
    if asker.id == asked.id:
        return open_word(asked, channel) if channel == MAIL else None
    if channel == SMS:
        asker.phone, asker.phone_confirmed_at, asker.phone_failed_at = asked.phone, utcnow(), None
        db.session.flush()
        return None
    _transfer(asker, asked)
    return open_word(asked, MAIL)


def _transfer(old: Contact, new: Contact) -> None:
    """All that the contact `old` has is the contact `new`'s, whose address has answered; `old` is emptied."""
    for kind in all_kinds():
        kind.transfer((old.id,), new.id)
    for statement in _MOVED:
        execute_unscoped(statement, {"jurisdiction": current_jurisdiction_id(), "old": old.id, "new": new.id})
    new.name = new.name or old.name
    if old.phone and not new.phone_confirmed_at and (old.phone_confirmed_at or not old.email):
        new.phone, new.phone_confirmed_at = old.phone, old.phone_confirmed_at
        new.phone_failed_at = old.phone_failed_at
    new.digest, new.locale = old.digest, old.locale
    old.name = old.email = old.phone = None
    old.erased_at = utcnow()
    db.session.flush()


#: Messages already owed go along, unless the new address is owed the same.
_MOVED = tuple(
    map(
        text,
        (
            "UPDATE report SET contact_id = :new WHERE jurisdiction_id = :jurisdiction AND contact_id = :old",
            "UPDATE report SET given_contact_id = :new "
            "WHERE jurisdiction_id = :jurisdiction AND given_contact_id = :old",
            "UPDATE contact SET beside_id = :new WHERE jurisdiction_id = :jurisdiction AND beside_id = :old",
            "UPDATE push_subscription SET contact_id = :new "
            "WHERE jurisdiction_id = :jurisdiction AND contact_id = :old",
            """
            UPDATE message AS m SET contact_id = :new, recipient = 'contact:' || CAST(:new AS text)
            WHERE m.jurisdiction_id = :jurisdiction AND m.contact_id = :old AND m.status IN ('owed', 'gathered')
              AND NOT EXISTS (SELECT 1 FROM message AS o WHERE o.source = m.source AND o.channel = m.channel
                              AND o.recipient = 'contact:' || CAST(:new AS text))
            """,
        ),
    )
)


def _contact(number: int) -> Contact | None:
    return db.session.get(Contact, number)
