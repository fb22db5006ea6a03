"""Owing: what is to be told is inserted in the transaction of what it tells of, and sent after its commit."""

from __future__ import annotations

from typing import Any

from sqlalchemy import BigInteger, Select, Text, and_, case, cast, func, literal, select, update
from sqlalchemy.dialects.postgresql import JSONB, insert

from core.database import ask, db, utcnow
from core.errors import Missing, Refused
from core.i18n import as_locale
from core.i18n import gettext as _
from core.identity.models import Contact
from core.outbox import channels, send
from core.outbox.models import DEAD, GATHERED, MAIL, OWED, Message
from core.scope import current_id

_COLUMNS = ("jurisdiction_id", "kind", "source", "channel", "recipient", "contact_id", "locale", "facts", "status")


def owe(kind: str, *, source: str, contact_id: int | None = None, user_id: int | None = None,
        recipient: str | None = None, locale: str | None = None, facts: dict[str, Any] | None = None,
        channel: str = MAIL) -> bool:
    """Owe one message; False when it was owed already (same source, recipient and channel). One statement.

    It goes to a contact, to a user, or to a `recipient` of the caller's ("body:4") whose address its renderer
    gives. A contact's message belongs to the contact's jurisdiction, the others to the one being served.
    Raises ValueError unless exactly one of the three is given.
    """
    if [contact_id, user_id, recipient].count(None) != 2:
        raise ValueError("A message goes to one contact, one user or one recipient")
    spoken = as_locale(locale)
    if contact_id is not None:
        people = select(literal(contact_id, BigInteger).label("contact_id"), literal(channel).label("channel"),
                        literal(spoken).label("locale"))
        return owe_many(kind, source=source, recipients=people, facts=facts) == 1
    added = db.session.execute(
        insert(Message.__table__).values(
            jurisdiction_id=current_id(), kind=kind, source=source, channel=channel, user_id=user_id,
            recipient=recipient or f"user:{user_id}", locale=spoken, facts=facts or {},
        ).on_conflict_do_nothing().returning(Message.__table__.c.id)
    ).scalar()
    if added is not None:
        send.soon(channel)
    return added is not None


def owe_many(kind: str, *, source: str, recipients: Select, facts: dict[str, Any] | None = None,
             gather: bool = False) -> int:
    """Owe the same message to many contacts, in one statement; returns how many were not owed it already.

    `recipients` is a Core select of (contact_id, channel, locale), each contact once a channel. Each message
    belongs to its contact's jurisdiction, whoever is being served: a métropole tells the residents of its
    communes. `gather`: the mails of those who want one a day wait for the day's digest.
    """
    contact, people = Contact.__table__, recipients.subquery("people")
    status = literal(OWED, Text)
    if gather:
        waits = and_(contact.c.digest, people.c.channel == MAIL)
        status = case((waits, literal(GATHERED, Text)), else_=status)
    rows = select(
        contact.c.jurisdiction_id, literal(kind, Text), literal(source, Text), people.c.channel,
        literal("contact:", Text).concat(cast(contact.c.id, Text)), contact.c.id, people.c.locale,
        literal(facts or {}, JSONB), status,
    ).join_from(people, contact, contact.c.id == people.c.contact_id).order_by(contact.c.id)
    made = (
        insert(Message.__table__).from_select(_COLUMNS, rows, include_defaults=False).on_conflict_do_nothing()
        .returning(Message.__table__.c.channel, Message.__table__.c.status).cte("made")
    )
    counted = ask(select(made.c.channel, made.c.status, func.count()).group_by(made.c.channel, made.c.status)).all()
    send.soon(*sorted({channel for channel, status, _count in counted if status == OWED}))
    return sum(count for _channel, _status, count in counted)


def retry(message_id: int) -> Message:
    """Owe a dead message again, from now on and with all its tries. Raises Missing, Refused if not dead."""
    message = db.session.scalar(select(Message).where(Message.id == message_id).with_for_update())
    if message is None:
        raise Missing(_("This message does not exist, or no longer does."))
    if message.status != DEAD:
        raise Refused(_("This message has not been given up."), code="illegal_move")
    message.status, message.tries, message.due_at = OWED, 0, utcnow()
    db.session.flush()
    send.soon(message.channel)
    return message


def retry_all() -> int:
    """Owe all dead messages of this jurisdiction again; returns how many. One statement."""
    message = Message.__table__
    done = db.session.execute(
        update(message).where(message.c.jurisdiction_id == current_id(), message.c.status == DEAD)
        .values(status=OWED, tries=0, due_at=utcnow()))
    send.soon(*channels.known())
    return done.rowcount
