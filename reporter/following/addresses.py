"""Addresses and numbers: whether one has answered, asking it (not too often), and what its answer changes."""

from __future__ import annotations

from datetime import timedelta

from sqlalchemy import func, select

from core.database import ask, db, utcnow
from core.identity.models import Contact
from core.outbox.models import MAIL, SMS, Message
from core.outbox.verbs import owe

#: Questions (to confirm, to open one's page) that one address or number gets in a day at most.
MOST_QUESTIONS = 3
#: Kinds of message that ask an address something: nothing else reaches one that has not answered.
QUESTIONS = ("report.confirm", "area.confirm", "mine.link", "mine.address")


def answered(contact: Contact, channel: str) -> bool:
    """Whether the contact's address (or number, or browser) has been confirmed and still takes messages."""
    if channel == MAIL:
        return bool(contact.email and contact.confirmed_at and not contact.email_failed_at)
    if channel == SMS:
        return bool(contact.phone and contact.phone_confirmed_at and not contact.phone_failed_at)
    # A browser is asked by itself, and answers with its subscription.
    return True


def note_answer(contact: Contact, channel: str) -> None:
    """The address (or number) answered: it is its owner's, and it works; it is not asked again."""
    now = utcnow()
    if channel == MAIL:
        contact.confirmed_at, contact.email_failed_at = contact.confirmed_at or now, None
    elif channel == SMS:
        contact.phone_confirmed_at, contact.phone_failed_at = contact.phone_confirmed_at or now, None
    db.session.flush()


def question(
    kind: str, contact: Contact, channel: str, *, source: str, locale: str, facts: dict[str, object]
) -> bool:
    """Owe a question to an address, unless it had MOST_QUESTIONS within a day. Returns whether it is owed.

    The caller holds the contact's row (`hold`), so that two at once are counted one after the other, and
    never says which it was: who asks is not told what is known of an address.
    """
    m = Message.__table__.c
    asked = ask(
        select(func.count()).where(
            m.recipient == f"contact:{contact.id}",
            m.channel == channel,
            m.kind.in_(QUESTIONS),
            m.created_at > utcnow() - timedelta(days=1),
        )
    ).scalar_one()
    if asked >= MOST_QUESTIONS:
        return False
    return owe(kind, source=source, contact_id=contact.id, locale=locale, facts=facts, channel=channel)


def asked_lately(contact: Contact, channel: str) -> bool:
    """Whether a question of this day still waits for its answer there. The caller holds the contact's row."""
    m = Message.__table__.c
    return (
        ask(
            select(m.id)
            .where(
                m.recipient == f"contact:{contact.id}",
                m.channel == channel,
                m.kind == "report.confirm",
                m.created_at > utcnow() - timedelta(days=1),
            )
            .limit(1)
        ).first()
        is not None
    )


def hold(contact_id: int) -> Contact:
    """The contact of that id, its row locked until the transaction ends.

    Not against rows that only refer to it: two who have each just added one would wait for each other.
    """
    return db.session.scalars(
        select(Contact)
        .where(Contact.id == contact_id)
        .with_for_update(of=Contact, key_share=True)
        .execution_options(populate_existing=True)
    ).one()
