"""Noting at once that the other side has accepted a message: before the same connection takes the next one.

A sender that is killed forgets what it has not noted, and the next sender repeats it. So each connection to the other
side has a connection to the database of its own, and notes each message before it goes on: a kill repeats at most one
message a connection. These notes are committed asynchronously (PostgreSQL's synchronous_commit = off): they survive
the death of the sender, which is what they are for, and cost no write to the disk each. The death of the database may
take the last of them along; the sender, which lives then, notes them again with its next batch and makes them durable
(core.notifications.outbox.delivery_state.settle).
"""

from __future__ import annotations

import logging

import psycopg
from sqlalchemy import Connection
from sqlalchemy.exc import SQLAlchemyError

from core.database import db
from core.notifications.channels import Channel, record_nothing
from core.notifications.outbox import delivery_state
from core.notifications.outbox.models import DIGEST
from core.notifications.outbox.sender_threads import ClaimedMessage

log = logging.getLogger(__name__)

_ACCEPTED = """
UPDATE message SET status = 'sent', sent_at = statement_timestamp(), error = NULL, facts = facts - 'secret'
WHERE id = %s AND status = 'owed'
"""


def accepted(ready: ClaimedMessage) -> delivery_state.Accepted:
    """What is noted of a message that the other side has accepted."""
    mail = ready.mail
    if mail is None:
        return delivery_state.Accepted(ready.id)
    kept = getattr(ready.outgoing, "said", None) if mail.kept else None
    return delivery_state.Accepted(ready.id, kept, ready.kind == DIGEST, mail.takes, mail.drops)


class AcceptanceRecorder:
    """What one thread of a sender notes, with an application context of its own. Not shared between threads."""

    def __init__(self, channel: Channel) -> None:
        self._channel = channel
        # A test that holds everything in one transaction has one connection, which is its sender's.
        self._alone = isinstance(db.session.get_bind(), Connection)
        self._connection: psycopg.Connection | None = None

    def record(self, ready: ClaimedMessage) -> bool:
        """Note that the other side has accepted it; whether that was done (else the sender must do it).

        Insists for as long as `records.sent` does where the database is away. Never raises.
        """
        if self._alone:
            return False
        told = accepted(ready)
        plain = told.kept is None and not told.digest and self._channel.noted is record_nothing
        try:
            if not (plain and self._quickly(told.id)):
                delivery_state.record_accepted(
                    [told], lambda session: self._channel.noted(session, ready.outgoing, True), durable=False
                )
        except SQLAlchemyError as error:
            log.error("Message %d was accepted, and cannot be noted yet: %s", ready.id, type(error).__name__)
            return False
        finally:
            db.session.close()
        return True

    def close(self) -> None:
        """Give the connection up."""
        connection, self._connection = self._connection, None
        if connection is not None:
            connection.close()

    def _quickly(self, message_id: int) -> bool:
        """One statement that is a transaction of its own; False where the connection is broken."""
        try:
            if self._connection is None:
                self._connection = _connect()
            self._connection.execute(_ACCEPTED, (message_id,))
        except (psycopg.Error, SQLAlchemyError):
            # Whatever it is that a dying database says, the caller asks again the slow way: a thread that ended here
            # would take along what the other side has accepted, and it would be told twice.
            self.close()
            return False
        return True


def _connect() -> psycopg.Connection:
    """A connection taken out of the pool for good, without transactions and without waiting for the disk."""
    pooled = db.engine.raw_connection()
    connection = pooled.driver_connection
    assert isinstance(connection, psycopg.Connection)
    pooled.detach()
    connection.autocommit = True
    connection.execute("SET synchronous_commit = off")
    return connection
