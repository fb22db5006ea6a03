"""Addresses and numbers: whether one has answered, asking it (not too often), and what its answer changes."""

from __future__ import annotations

from sqlalchemy import select

from core.channel_names import MAIL, SMS
from core.database import db, utcnow
from core.identity.models import Contact
from core.notifications.outbox.verbs import Recipients, queue_for_many

#: Questions (to confirm, to open one's page) that one address or number gets in a day at most.
MOST_QUESTIONS = 3
#: Kinds of message that ask an address something: nothing else reaches one that has not answered.
QUESTIONS = ("report.confirm", "area.confirm", "mine.link", "mine.address")


def is_confirmed(contact: Contact, channel: str) -> bool:
    """Whether the contact's address (or number, or browser) has been confirmed and still takes messages."""
    if channel == MAIL:
        return bool(contact.email and contact.confirmed_at and not contact.email_failed_at)
    if channel == SMS:
        return bool(contact.phone and contact.phone_confirmed_at and not contact.phone_failed_at)
    # A browser is asked by itself, and answers with its subscription.
    return True


def mark_confirmed(contact: Contact, channel: str) -> None:
    """The address (or number) answered: it is its owner's, and it works; it is not asked again."""
    now = utcnow()
    if channel == MAIL:
        contact.confirmed_at, contact.email_failed_at = contact.confirmed_at or now, None
    elif channel == SMS:
        contact.phone_confirmed_at, contact.phone_failed_at = contact.phone_confirmed_at or now, None
    db.session.flush()


def ask_confirmation(
    kind: str, contact: Contact, channel: str, *, source: str, locale: str, facts: dict[str, object]
) -> bool:
    """Owe a question to an address, unless it had MOST_QUESTIONS within a day (see `asked_of`)."""
    return asked_of(contact.id, kind, channel, source=source, locale=locale, facts=facts)


def asked_of(
    contact_id: int,
    kind: str,
    channel: str,
    *,
    source: str,
    locale: str,
    facts: dict[str, object],
    most: int = MOST_QUESTIONS,
) -> bool:
    """Owe a question to a contact, unless it had `most` within a day. Returns whether it is owed. One statement.

    The caller holds the contact's row (`hold`), so that two at once are counted one after the other, and
    never says which it was: who asks is not told what is known of an address.
    """
    values = {"to": contact_id, "over": channel, "speaks": locale, "questions": list(QUESTIONS), "most": most}
    return queue_for_many(kind, source=source, recipients=_UNLESS_ASKED, values=values, facts=facts) == 1


#: The contact, unless it was asked so often within a day.
_UNLESS_ASKED = Recipients(
    """SELECT CAST(%(to)s AS bigint) AS contact_id, CAST(%(over)s AS text) AS channel,
              CAST(%(speaks)s AS text) AS locale
       WHERE (SELECT count(*) FROM message AS q
              WHERE q.recipient = 'contact:' || CAST(%(to)s AS bigint) AND q.channel = CAST(%(over)s AS text)
                AND q.kind = ANY(%(questions)s) AND q.created_at > statement_timestamp() - interval '1 day')
             < CAST(%(most)s AS int)""",
    {},
)


def lock_contact(contact_id: int) -> Contact:
    """The contact of that id, its row locked until the transaction ends.

    Not against rows that only refer to it: two who have each just added one would wait for each other.
    """
    return db.session.scalars(
        select(Contact)
        .where(Contact.id == contact_id)
        .with_for_update(of=Contact, key_share=True)
        .execution_options(populate_existing=True)
    ).one()
