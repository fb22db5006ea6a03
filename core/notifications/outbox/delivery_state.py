"""What became of a message, noted in short transactions of their own.

A sender works for every jurisdiction: the statements are Core's, name their messages by id, whatever the
jurisdiction, and touch only what is still owed, so that a sender that fell silent for longer than its lease
overwrites nothing.
"""

from __future__ import annotations

import logging
import random
import time
from collections.abc import Callable, Collection, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Update, func, text, update
from sqlalchemy.exc import DBAPIError, InterfaceError, OperationalError
from sqlalchemy.orm import Session

from core.database import db
from core.notifications.channels import PAUSES
from core.notifications.outbox.models import DEAD, DROPPED, OWED, Message

log = logging.getLogger(__name__)
MESSAGE = Message.__table__

#: How long a sender that fell silent keeps what it claimed, in seconds; one that lives renews it in time.
LEASE_SECONDS = 60
TRIES = len(PAUSES) + 1
#: How long the database is waited for to note what the other side has accepted, in seconds.
INSIST_SECONDS = 45

#: The earliest message still owed to each recipient, of those that are due. What is locked is being claimed.
#: What somebody asked for just now does not wait for the news before it.
CLAIM = text("""
WITH due AS MATERIALIZED (
    SELECT m.id FROM message AS m
    WHERE m.status = 'owed' AND m.channel = :channel AND m.due_at <= statement_timestamp()
      AND (m.kind = ANY(CAST(:urgent AS text[]))
           OR NOT EXISTS (SELECT 1 FROM message AS e WHERE e.status = 'owed' AND e.recipient = m.recipient
                          AND e.channel = m.channel AND e.id < m.id AND e.kind <> ALL(CAST(:urgent AS text[]))))
    ORDER BY m.due_at, m.id LIMIT :most FOR UPDATE OF m SKIP LOCKED
)
UPDATE message SET tries = tries + 1, due_at = statement_timestamp() + make_interval(secs => :lease)
FROM due WHERE message.id = due.id RETURNING message.id
""")
DUE = text("""
SELECT name FROM unnest(CAST(:channels AS text[])) AS name WHERE EXISTS (
    SELECT 1 FROM message WHERE status = 'owed' AND channel = name AND due_at <= statement_timestamp())
""")
#: Never earlier than it is due: what was postponed at this very moment stays so.
RENEW = text("""
UPDATE message SET due_at = greatest(due_at, statement_timestamp() + make_interval(secs => :lease))
WHERE id = ANY(:ids) AND status = 'owed'
""")
ACCEPTED = text("""
UPDATE message SET status = 'sent', sent_at = statement_timestamp(), error = NULL, facts = facts - 'secret'
WHERE id = ANY(:ids) AND status = 'owed'
""")
NOT_DURABLE = text("SET LOCAL synchronous_commit = off")
FLUSH = text("SELECT pg_current_xact_id()")
KEPT = text("""
INSERT INTO sent_text (message_id, jurisdiction_id, subject, text)
SELECT id, jurisdiction_id, :subject, :text FROM message WHERE id = :id ON CONFLICT DO NOTHING
""")
#: What a digest told of, what had nothing to say any more, and what could not be said: that leaves alone.
GATHERED = text("""
UPDATE message SET
    status = CASE WHEN id = ANY(:takes) THEN 'sent' WHEN id = ANY(:drops) THEN 'dropped' ELSE 'owed' END,
    sent_at = CASE WHEN id = ANY(:takes) THEN statement_timestamp() END,
    due_at = CASE WHEN id = ANY(:takes) OR id = ANY(:drops) THEN due_at ELSE statement_timestamp() END,
    digest_id = CASE WHEN id = ANY(:takes) OR id = ANY(:drops) THEN digest_id END,
    facts = facts - 'secret'
WHERE digest_id = :id AND status = 'gathered'
""")
#: All that a recipient is owed over a channel waits, the kinds aside for which this reason does not hold; `held` were
#: claimed for nothing, and that is no try.
POSTPONE = text("""
UPDATE message SET due_at = greatest(due_at, :until), tries = tries - CAST(id = ANY(:held) AS integer)
WHERE status = 'owed' AND channel = :channel AND recipient = ANY(:recipients)
  AND (id = ANY(:held) OR (due_at < :until AND kind <> ALL(CAST(:spared AS text[]))))
""")


@dataclass(frozen=True)
class Accepted:
    """What is noted of one message that the other side has accepted."""

    id: int
    #: (subject, text), where the exact words are kept.
    kept: tuple[str, str] | None = None
    #: Of a digest: what it told of and what it found to say nothing.
    digest: bool = False
    takes: Sequence[int] = ()
    drops: Sequence[int] = ()


def channels_due(channels: Sequence[str]) -> list[str]:
    """The channels among these that have something due: one probe of the partial index each."""
    found = list(db.session.scalars(DUE, {"channels": list(channels)}))
    db.session.rollback()
    return found


def claim_messages(channel: str, most: int, urgent: Sequence[str] = ()) -> list[int]:
    """Take up to `most` messages of a channel for LEASE seconds; their ids, the earliest first."""
    with short_transaction() as session:
        return sorted(
            session.scalars(CLAIM, {"channel": channel, "most": most, "lease": LEASE_SECONDS, "urgent": list(urgent)})
        )


def renew_lease(ids: Collection[int]) -> None:
    """Keep what was claimed for LEASE seconds more."""
    with short_transaction() as session:
        session.execute(RENEW, {"ids": list(ids), "lease": LEASE_SECONDS})


def settle(told: Sequence[Accepted]) -> None:
    """Make durable what was noted of these without waiting for the disk, and note again what a database that died
    meanwhile had forgotten. Insists like `sent`.
    """
    # A transaction that changes nothing would not be written: with a number of its own it is, and all before it.
    record_accepted(told, _flush)


def record_accepted(
    told: Sequence[Accepted], more: Callable[[Session], None] | None = None, *, durable: bool = True
) -> None:
    """The other side has accepted these. Insists for a while: forgetting this tells somebody twice.

    `more` is noted in the same transaction. `durable`: whether the disk is waited for.
    """
    until = time.monotonic() + INSIST_SECONDS
    while True:
        try:
            with short_transaction() as session:
                if not durable:
                    session.execute(NOT_DURABLE)
                _sent(session, told)
                if more is not None:
                    more(session)
            return
        except DBAPIError as error:
            db.session.rollback()
            # A connection that was cut off is not always an OperationalError; a statement that is wrong stays wrong.
            away = isinstance(error, OperationalError | InterfaceError) or error.connection_invalidated
            if not away or time.monotonic() > until:
                raise
            log.warning("The database is away; waiting to note what was sent")
            time.sleep(1)


def _flush(session: Session) -> None:
    session.execute(FLUSH)


def _sent(session: Session, told: Sequence[Accepted]) -> None:
    session.execute(ACCEPTED, {"ids": [one.id for one in told]})
    for one in told:
        if one.kept is not None:
            session.execute(KEPT, {"id": one.id, "subject": one.kept[0], "text": one.kept[1]})
        if one.digest:
            session.execute(GATHERED, {"id": one.id, "takes": list(one.takes), "drops": list(one.drops)})


def record_dropped(message_id: int, *, digest: bool = False) -> None:
    """There is nothing to say any more, or nobody to say it to; the same holds for what a digest gathered."""
    with short_transaction() as session:
        session.execute(_owed(message_id).values(status=DROPPED, error=None, facts=_without_secret()))
        if digest:
            session.execute(
                update(MESSAGE)
                .where(MESSAGE.c.digest_id == message_id, MESSAGE.c.status == "gathered")
                .values(status=DROPPED)
            )


def record_dead(message_id: int, error: str, more: Callable[[Session], None] | None = None) -> None:
    """Given up: a person may retry it."""
    log.warning("Message %d is given up: %s", message_id, error)
    with short_transaction() as session:
        session.execute(_owed(message_id).values(status=DEAD, error=error, facts=_without_secret()))
        if more is not None:
            more(session)


def record_failed(
    message_id: int,
    tries: int,
    error: str,
    *,
    pauses: Sequence[float] = PAUSES,
    after: float = 0,
    more: Callable[[Session], None] | None = None,
) -> None:
    """A try in vain, the `tries`-th one: after a pause again (of `after` seconds at least), or never."""
    if tries > len(pauses):
        record_dead(message_id, error, more)
        return
    with short_transaction() as session:
        session.execute(_owed(message_id).values(due_at=_after(max(pauses[tries - 1], after)), error=error))
        if more is not None:
            more(session)


def release_unsent(ids: Collection[int], *, seconds: float = 0, error: str | None = None) -> None:
    """What was claimed and not tried: due again after a pause, and not counted as a try."""
    if not ids:
        return
    values = {"tries": MESSAGE.c.tries - 1, "due_at": _after(seconds)} | ({"error": error} if error else {})
    with short_transaction() as session:
        session.execute(update(MESSAGE).where(MESSAGE.c.id.in_(ids), MESSAGE.c.status == OWED).values(values))


def postpone_recipients(
    channel: str, recipients: Collection[str], held: Collection[int], until: datetime, spared: Sequence[str] = ()
) -> None:
    """Let all that these recipients are owed over a channel wait, and not count what was claimed as a try.

    `spared`: the kinds that do not wait for this reason.
    """
    with short_transaction() as session:
        session.execute(
            POSTPONE,
            {
                "channel": channel,
                "recipients": list(recipients),
                "held": list(held),
                "until": until,
                "spared": list(spared),
            },
        )


@contextmanager
def short_transaction() -> Iterator[Session]:
    """A short transaction, committed at its end; where it fails, the session is fit for the next one."""
    try:
        yield db.session
        db.session.commit()
    except BaseException:
        # Else what is noted next would fail too: what was handed over meanwhile would be told twice.
        db.session.rollback()
        raise


def _owed(message_id: int) -> Update:
    return update(MESSAGE).where(MESSAGE.c.id == message_id, MESSAGE.c.status == OWED)


def _now() -> ColumnElement[datetime]:
    return func.statement_timestamp()


def _after(seconds: float) -> ColumnElement[datetime]:
    """That much later, and up to a quarter more: what failed together is not tried again together."""
    return _now() + func.make_interval(0, 0, 0, 0, 0, 0, seconds * random.uniform(1, 1.25))


def _without_secret() -> ColumnElement[dict[str, Any]]:
    return MESSAGE.c.facts.op("-")("secret")
