"""Sending: claim with a lease, commit, render, hand over, record; never with a transaction open meanwhile."""

from __future__ import annotations

import logging
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from urllib.parse import urlsplit

from flask import current_app
from sqlalchemy import event, select
from sqlalchemy.orm import Session, joinedload

from core.database import db
from core.jobs import Job, described, enqueue, stopping, sweep
from core.mail import Outgoing, Unsendable
from core.mail.transport import Away, Refusal, Transport, open_transport
from core.outbox import kinds, records
from core.outbox.lease import Lease
from core.outbox.models import Message
from core.scope import everywhere

log = logging.getLogger(__name__)

BATCH = 50
#: When the other side is away nothing has been tried: how long until it is asked again, in seconds.
AWAY_PAUSE = 30
#: Conversations broken off one after the other, after which the other side is taken to be away.
MOST_BROKEN = 3
#: One job sends no longer (seconds) and no more (messages) than this; another one goes on.
DRAIN_SECONDS = 300
DRAIN_MESSAGES = 5000


@sweep(seconds=15)
def look() -> None:
    """Start a sender where something is due: what Redis lost, what waited for its next try."""
    if current_app.config["MAIL_URL"] and records.any_due():
        enqueue([Job("mail", drain, once="mail")])


def drain() -> int:
    """Send what is due, for a while; returns how many messages the other side accepted."""
    url = current_app.config["MAIL_URL"]
    if not url:
        return 0
    hello = urlsplit(current_app.config["PUBLIC_URL"]).hostname or "localhost"
    sender = Sender(open_transport(url, hello=hello))
    until = time.monotonic() + DRAIN_SECONDS
    try:
        while sender.batch():
            if time.monotonic() > until or sender.sent >= DRAIN_MESSAGES:
                enqueue([Job("mail", drain, once="mail")])
                break
    finally:
        sender.close()
    return sender.sent


@dataclass(frozen=True)
class Ready:
    """A claimed message, rendered."""

    id: int
    tries: int
    mail: Outgoing


class Sender:
    """One way out and one lease, from batch to batch."""

    def __init__(self, transport: Transport) -> None:
        self.sent = 0
        self._transport = transport
        self._lease = Lease()
        self._broken = 0
        self._away: str | None = None

    def close(self) -> None:
        """Give the lease and the connection up."""
        self._lease.close()
        self._transport.close()

    def batch(self) -> bool:
        """Claim and send some; False when nothing is due, the other side is away, or we are asked to end."""
        if stopping():
            return False
        since = time.monotonic()
        ids = records.claim(BATCH)
        self._lease.take(ids, since)
        with _remembering():
            mails = self._rendered(ids)
        for ready in mails:
            if stopping() or self._away or not self._lease.good:
                break
            self._send(ready)
        pause = AWAY_PAUSE if self._away else 0
        records.give_back(self._lease.release(), seconds=pause, error=self._away)
        return bool(ids) and not self._away

    def _rendered(self, ids: list[int]) -> list[Ready]:
        """The mails of claimed messages; those that cannot be rendered are dealt with here."""
        ready: list[Ready] = []
        lost: list[tuple[int, int, str | None]] = []
        waiting: list[tuple[int, float]] = []
        for message in _load(ids):
            number, tries = message.id, message.tries
            try:
                mail = kinds.outgoing(message)
            except Unsendable as error:
                lost.append((number, records.TRIES, str(error)))
            except kinds.NotYet as wait:
                self._lease.settle(number)
                waiting.append((number, wait.seconds))
            except Exception as error:  # noqa: BLE001 - one message that cannot be said stops no other
                log.error("Message %d (%s) cannot be rendered: %s", number, message.kind, described(error))
                # What it asked of the database may have failed: the others begin afresh.
                db.session.rollback()
                lost.append((number, tries, f"cannot be written: {type(error).__name__}"))
            else:
                if mail is None:
                    lost.append((number, tries, None))
                elif tries > records.TRIES:
                    lost.append((number, tries, "every sender that tried it died"))
                else:
                    ready.append(Ready(number, tries, mail))
        db.session.rollback()
        for number, seconds in waiting:
            records.give_back([number], seconds=seconds)
        for number, tries, error in lost:
            self._lease.settle(number)
            if error is None:
                records.dropped(number)
            else:
                records.failed(number, tries, error)
        return ready

    def _send(self, ready: Ready) -> None:
        try:
            self._transport.send(ready.mail)
        except Refusal as refusal:
            self._broken = 0
            self._lease.settle(ready.id)
            if refusal.permanent:
                records.dead(ready.id, str(refusal))
            else:
                records.failed(ready.id, ready.tries, str(refusal))
        except Away as away:
            self._broken += 1
            if away.begun:
                self._lease.settle(ready.id)
                records.failed(ready.id, ready.tries, str(away))
            if not away.begun or self._broken >= MOST_BROKEN:
                log.warning("The mail server is away: %s", away)
                self._away = str(away)
        else:
            self._broken = 0
            self._lease.settle(ready.id)
            records.sent(ready.id)
            self.sent += 1


@contextmanager
def _remembering() -> Iterator[None]:
    """Forget nothing that is read: ten thousand are told of one event, which is read once a batch."""
    kept: list[object] = []

    def keep(_session: Session, thing: object) -> None:
        kept.append(thing)

    session = db.session
    event.listen(session, "loaded_as_persistent", keep)
    try:
        yield
    finally:
        event.remove(session, "loaded_as_persistent", keep)


def _load(ids: list[int]) -> list[Message]:
    """Claimed messages with their people, of whatever jurisdiction; the earliest first."""
    with everywhere():
        return list(db.session.scalars(
            select(Message).where(Message.id.in_(ids)).order_by(Message.id)
            .options(joinedload(Message.contact), joinedload(Message.user))
        ).unique())
