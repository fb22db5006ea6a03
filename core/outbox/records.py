"""What became of a message, noted in short transactions of their own.

A sender works for every town: the statements are Core's, name their messages by id, whatever the
jurisdiction, and touch only what is still owed, so that a sender that fell silent for longer than its lease
overwrites nothing.
"""

from __future__ import annotations

import logging
import random
import time
from collections.abc import Collection

from sqlalchemy import Executable, Update, func, text, update
from sqlalchemy.exc import OperationalError

from core.database import db
from core.outbox.models import DEAD, DROPPED, OWED, Message

log = logging.getLogger(__name__)
MESSAGE = Message.__table__

#: How long a sender that fell silent keeps what it claimed, in seconds; one that lives renews it in time.
LEASE = 60
#: Pauses after each try in vain, in seconds; after the last try the message is dead: eight tries in 41 hours.
PAUSES = (30, 120, 600, 3600, 4 * 3600, 12 * 3600, 24 * 3600)
TRIES = len(PAUSES) + 1
#: How long the database is waited for to note what the other side has accepted, in seconds.
INSIST = 45

#: The earliest message still owed to each recipient, of those that are due. What is locked is being claimed.
CLAIM = text("""
WITH due AS MATERIALIZED (
    SELECT m.id FROM message AS m
    WHERE m.status = 'owed' AND m.channel = 'mail' AND m.due_at <= statement_timestamp()
      AND NOT EXISTS (SELECT 1 FROM message AS e WHERE e.status = 'owed' AND e.recipient = m.recipient
                      AND e.channel = m.channel AND e.id < m.id)
    ORDER BY m.due_at, m.id LIMIT :most FOR UPDATE OF m SKIP LOCKED
)
UPDATE message SET tries = tries + 1, due_at = statement_timestamp() + make_interval(secs => :lease)
FROM due WHERE message.id = due.id RETURNING message.id
""")
ANY_DUE = text("SELECT EXISTS (SELECT 1 FROM message WHERE status = 'owed' AND channel = 'mail' "
               "AND due_at <= statement_timestamp())")
#: Never earlier than it is due: what was postponed at this very moment stays so.
RENEW = text("""
UPDATE message SET due_at = greatest(due_at, statement_timestamp() + make_interval(secs => :lease))
WHERE id = ANY(:ids) AND status = 'owed'
""")
#: Once a mail: the one statement worth building once.
ACCEPTED = text("""
UPDATE message SET status = 'sent', sent_at = statement_timestamp(), error = NULL, facts = facts - 'secret'
WHERE id = :number AND status = 'owed'
""")


def any_due() -> bool:
    """Whether a sender has something to look at: one probe of the partial index."""
    found = bool(db.session.scalar(ANY_DUE))
    db.session.rollback()
    return found


def claim(most: int) -> list[int]:
    """Take up to `most` messages for LEASE seconds; their ids, the earliest first."""
    ids = sorted(db.session.scalars(CLAIM, {"most": most, "lease": LEASE}))
    db.session.commit()
    return ids


def renew(ids: Collection[int]) -> None:
    """Keep what was claimed for LEASE seconds more."""
    db.session.execute(RENEW, {"ids": list(ids), "lease": LEASE})
    db.session.commit()


def sent(message_id: int) -> None:
    """The other side has accepted it. Insists for a while: forgetting this tells somebody twice."""
    until = time.monotonic() + INSIST
    while True:
        try:
            return _note(ACCEPTED, number=message_id)
        except OperationalError:
            db.session.rollback()
            if time.monotonic() > until:
                raise
            log.warning("The database is away; waiting to note what was sent")
            time.sleep(1)


def dropped(message_id: int) -> None:
    """There is nothing to say any more, or nobody to say it to."""
    _note(_owed(message_id).values(status=DROPPED, error=None, facts=_without_secret()))


def dead(message_id: int, error: str) -> None:
    """Given up: a person may retry it."""
    log.warning("Message %d is given up: %s", message_id, error)
    _note(_owed(message_id).values(status=DEAD, error=error, facts=_without_secret()))


def failed(message_id: int, tries: int, error: str) -> None:
    """A try in vain, the `tries`-th one: after a pause again, or never."""
    if tries >= TRIES:
        dead(message_id, error)
        return
    _note(_owed(message_id).values(due_at=_after(PAUSES[tries - 1]), error=error))


def give_back(ids: Collection[int], *, seconds: float = 0, error: str | None = None) -> None:
    """What was claimed and not tried: due again after a pause, and not counted as a try."""
    if not ids:
        return
    values = {"tries": MESSAGE.c.tries - 1, "due_at": _after(seconds)} | ({"error": error} if error else {})
    _note(update(MESSAGE).where(MESSAGE.c.id.in_(ids), MESSAGE.c.status == OWED).values(values))


def _owed(message_id: int) -> Update:
    return update(MESSAGE).where(MESSAGE.c.id == message_id, MESSAGE.c.status == OWED)


def _note(statement: Executable, **values: object) -> None:
    db.session.execute(statement, values)
    db.session.commit()


def _now():
    return func.statement_timestamp()


def _after(seconds: float):
    """That much later, and up to a quarter more: what failed together is not tried again together."""
    return _now() + func.make_interval(0, 0, 0, 0, 0, 0, seconds * random.uniform(1, 1.25))


def _without_secret():
    return MESSAGE.c.facts.op("-")("secret")
