"""Sending: claim with a lease, commit, render, hand over, record; never with a transaction open meanwhile.

One job drains one channel, in a worker of that channel's own. It claims, reads and renders; its hands
(see core.notifications.outbox.sender_threads) speak with the other side, and each notes what was accepted before it
takes the next message
(see core.notifications.outbox.acceptance). All else that became of messages is recorded here, after each handful
rendered: what is
read for one event is read once for that handful, in one transaction.
"""

from __future__ import annotations

import logging
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial

from flask import Flask, current_app
from sqlalchemy import event, select
from sqlalchemy.orm import Session, joinedload

from core.current_app import current_application
from core.database import db
from core.database.scope import across_jurisdictions
from core.jobs import Job, describe_error, enqueue, enqueue_after_commit, register_sweep, stop_requested
from core.notifications import channels
from core.notifications.channels import Channel
from core.notifications.mail import UnsendableMail
from core.notifications.outbox import delivery_state, postponement, renderers
from core.notifications.outbox.acceptance import AcceptanceRecorder, accepted
from core.notifications.outbox.lease import Lease
from core.notifications.outbox.models import DIGEST, Message
from core.notifications.outbox.sender_threads import ClaimedMessage, SenderThreads, SendOutcome
from core.outbound import NoRecipient, Refusal, Unavailable

log = logging.getLogger(__name__)

#: When the other side is away nothing has been tried: how long until it is asked again, in seconds.
AWAY_PAUSE = 30
#: One job sends no longer (seconds) and no more (messages) than this; another one goes on.
DRAIN_SECONDS = 300
DRAIN_MESSAGES = 5000


def start_due_senders() -> None:
    """Start a sender where something is due: what Redis lost, what waited for its next try."""
    working = {channel.name: channel for channel in channels.configured_channels(current_app.config)}
    enqueue([_job(working[name]) for name in delivery_state.channels_due(list(working))])


def send_after_commit(*names: str) -> None:
    """Start the senders of these channels once this transaction is committed."""
    known = channels.known_channels()
    for name in names:
        if name in known and known[name].configured(current_app.config):
            enqueue_after_commit(known[name].queue, send_due, name, once=f"outbox:{name}")


def _job(channel: Channel) -> Job:
    return Job(channel.queue, send_due, (channel.name,), once=f"outbox:{channel.name}")


def send_due(name: str = "mail") -> int:
    """Send what is due over one channel, for a while; returns how many messages the other side accepted."""
    channel = channels.known_channels()[name]
    if not channel.configured(current_app.config):
        return 0
    sender = Sender(channel)
    more = False
    try:
        more = sender.run()
    finally:
        # What a sender that is asked to end gives back is due at once: the next worker finds a job for it and need
        # not wait for the sweep.
        if sender.close() or more:
            enqueue([_job(channel)])
    return sender.sent


class Sender:
    """What one job claims over one channel, hands over, and records."""

    def __init__(self, channel: Channel) -> None:
        self.sent = 0
        self._channel = channel
        self._lease = Lease()
        self._threads = SenderThreads(
            channel, current_application(), self._may_go_on, lambda: AcceptanceRecorder(channel)
        )
        self._held: set[int] = set()

    def run(self) -> bool:
        """Send until nothing is due, or the other side is away, or enough is done; whether more may be left."""
        until, dry = time.monotonic() + DRAIN_SECONDS, 0.0
        # What is accepted while one is rendered is recorded after it: the fewer, the sooner.
        handful = self._channel.batch // 2
        while self._may_go_on():
            self._record(self._threads.results())
            enough = time.monotonic() > until or self.sent >= DRAIN_MESSAGES
            room = self._channel.batch - len(self._held)
            if not enough and room >= handful and time.monotonic() > dry:
                if self._fill(min(room, handful)):
                    continue
                # What is owed to the same people after what is on its way becomes due with it.
                dry = time.monotonic() + 1
            if not self._held:
                # Asked once more now that all is recorded: each may have been waited for by the next.
                if enough or not self._fill(handful):
                    return enough
                continue
            self._record(self._threads.results(wait=0.5))
        return False

    def close(self) -> bool:
        """Begin nothing more, record what was under way, give the rest and the lease back.

        Returns whether anything that was given back is due at once.
        """
        self._record(self._threads.close())
        away = self._threads.away
        if away:
            log.warning("The other side of %s is away: %s", self._channel.name, away)
        left = self._lease.release()
        delivery_state.release_unsent(left, seconds=AWAY_PAUSE if away else 0, error=away)
        self._lease.close()
        return bool(left) and not away

    def _may_go_on(self) -> bool:
        return not (stop_requested() or self._threads.away or (self._held and not self._lease.good))

    def _fill(self, room: int) -> bool:
        """Claim and hand over up to `room` messages; whether there were any."""
        since = time.monotonic()
        ids = delivery_state.claim_messages(self._channel.name, room, renderers.urgent_kinds())
        if not ids:
            return False
        self._lease.take(ids, since)
        self._held.update(ids)
        late: list[Callable[[], None]] = []
        with _cached_reads():
            for message in self._due(_load(ids), late):
                ready = self._prepared(message, late)
                if ready is not None:
                    self._threads.put(ready)
        for note in late:
            note()
        return True

    def _due(self, messages: list[Message], notes: list[Callable[[], None]]) -> list[Message]:
        """Those that need not wait for the morning or for another day; the others are put off."""
        late = postponement.postponed_until(self._channel, messages)
        by_wait: dict[postponement.Wait, list[Message]] = {}
        for message in messages:
            if message.id in late:
                by_wait.setdefault(late[message.id], []).append(message)
        for wait, waiting in by_wait.items():
            held = [message.id for message in waiting]
            notes.append(
                partial(
                    delivery_state.postpone_recipients,
                    self._channel.name,
                    [m.recipient for m in waiting],
                    held,
                    wait.until,
                    wait.spared,
                )
            )
            for number in held:
                self._settle(number)
        return [message for message in messages if message.id not in late]

    def _prepared(self, message: Message, late: list[Callable[[], None]]) -> ClaimedMessage | None:
        """A claimed message as it leaves; what is to be noted of one that cannot leave is added to `late`."""
        number, tries, kind = message.id, message.tries, message.kind
        pauses = self._channel.pauses
        note: Callable[[], None]
        try:
            prepared = renderers.prepare(message)
        except UnsendableMail as error:
            note = partial(delivery_state.record_dead, number, str(error))
        except renderers.NotYet as wait:
            note = partial(delivery_state.release_unsent, [number], seconds=wait.seconds)
        except Exception as error:  # noqa: BLE001 - one message that cannot be said stops no other
            log.error("Message %d (%s) cannot be rendered: %s", number, kind, describe_error(error))
            # What it asked of the database may have failed: the others begin afresh.
            db.session.rollback()
            note = partial(
                delivery_state.record_failed, number, tries, f"cannot be written: {type(error).__name__}", pauses=pauses
            )
        else:
            if prepared is not None and tries <= len(pauses) + 1:
                return ClaimedMessage(number, tries, prepared.outgoing, kind, prepared.mail)
            note = partial(delivery_state.record_dropped, number, digest=kind == DIGEST)
            if prepared is not None:
                note = partial(
                    delivery_state.record_failed, number, tries, "every sender that tried it died", pauses=pauses
                )
        self._settle(number)
        late.append(note)
        return None

    def _record(self, outcomes: list[SendOutcome]) -> None:
        """Note what became of some. What was accepted has been noted by the hand that had it accepted, save in a test
        that holds everything in one transaction; here that is made durable.
        """
        recorded = [one.ready for one in outcomes if one.recorded]
        if recorded:
            delivery_state.settle([accepted(ready) for ready in recorded])
        others = [one.ready for one in outcomes if one.error is None and not one.recorded]
        if others:

            def note_all(session: Session) -> None:
                for ready in others:
                    self._channel.noted(session, ready.outgoing, True)

            delivery_state.record_accepted([accepted(ready) for ready in others], note_all)
        self.sent += len(recorded) + len(others)
        for one in outcomes:
            if one.error is not None:
                self._failed(one.ready, one.error)
            self._settle(one.ready.id)

    def _failed(self, ready: ClaimedMessage, error: Refusal | Unavailable | NoRecipient) -> None:
        def more(session: Session) -> None:
            self._channel.noted(session, ready.outgoing, False)

        if isinstance(error, NoRecipient):
            with delivery_state.short_transaction() as session:
                more(session)
            delivery_state.record_dropped(ready.id, digest=ready.kind == DIGEST)
        elif isinstance(error, Unavailable) and self._channel.gateway and not error.begun:
            delivery_state.release_unsent([ready.id], seconds=AWAY_PAUSE, error=str(error))
        elif isinstance(error, Refusal) and error.permanent:
            delivery_state.record_dead(ready.id, str(error), more)
        else:
            after = error.after if isinstance(error, Refusal) else 0
            delivery_state.record_failed(
                ready.id, ready.tries, str(error), pauses=self._channel.pauses, after=after, more=more
            )

    def _settle(self, number: int) -> None:
        self._held.discard(number)
        self._lease.settle(number)


@contextmanager
def _cached_reads() -> Iterator[None]:
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
        session.rollback()


def _load(ids: list[int]) -> list[Message]:
    """Claimed messages with their people, of whatever jurisdiction; the earliest first."""
    with across_jurisdictions():
        return list(
            db.session.scalars(
                select(Message)
                .where(Message.id.in_(ids))
                .order_by(Message.id)
                .options(joinedload(Message.contact), joinedload(Message.user))
            ).unique()
        )


def init_app(app: Flask) -> None:
    """Register the sweep of what is due."""
    register_sweep(start_due_senders, seconds=15)
