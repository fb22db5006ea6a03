"""The hands of a sender: a few threads that speak with the other side.

All they do with the database is to have noted what was accepted, before they take the next message.
"""

from __future__ import annotations

import logging
import queue
import threading
from collections import deque
from collections.abc import Callable
from contextlib import closing
from dataclasses import dataclass
from typing import Any, Protocol

from flask import Flask

from core.jobs import describe_error
from core.notifications.channels import Channel, Transport
from core.notifications.mail import Mail
from core.outbound import NoRecipient, Refusal, Unavailable

log = logging.getLogger(__name__)

#: Conversations broken off one after the other, after which the other side is taken to be away.
MAX_BROKEN_CONVERSATIONS = 3


@dataclass(frozen=True)
class ClaimedMessage:
    """A claimed message as it leaves."""

    id: int
    tries: int
    outgoing: Any
    kind: str
    mail: Mail | None = None


@dataclass(frozen=True)
class SendOutcome:
    """What became of one: None, the other side has accepted it; or why not."""

    ready: ClaimedMessage
    error: Refusal | Unavailable | NoRecipient | None
    #: Whether its acceptance has been noted already.
    recorded: bool = False


class Recorder(Protocol):
    """What notes, for one thread, that a message was accepted (see core.notifications.outbox.acceptance)."""

    def record(self, ready: ClaimedMessage) -> bool:
        """Note it; whether that was done. Never raises."""

    def close(self) -> None:
        """Nothing more will be noted."""


class SenderThreads:
    """Up to `channel.at_once` threads, made as work waits; what they did is taken back with `results`.

    `recorder` makes what notes acceptances, in the thread that uses it.
    """

    def __init__(
        self, channel: Channel, app: Flask, may_begin: Callable[[], bool], recorder: Callable[[], Recorder]
    ) -> None:
        self._channel, self._app, self._may_begin = channel, app, may_begin
        self._recorder = recorder
        self._todo: deque[ClaimedMessage] = deque()
        self._done: queue.SimpleQueue[SendOutcome] = queue.SimpleQueue()
        self._news = threading.Condition()
        self._threads: list[threading.Thread] = []
        self._idle = 0
        self._closed = False
        self._broken = 0
        #: Why the other side that serves all is taken to be away: nothing more is begun.
        self.away: str | None = None

    def put(self, ready: ClaimedMessage) -> None:
        """Hand one over."""
        with self._news:
            self._todo.append(ready)
            waiting = len(self._todo) - self._idle
            few = len(self._threads) < self._channel.at_once
            if not self._threads or (few and waiting > self._channel.backlog):
                one = threading.Thread(target=self._work, name=self._channel.name, daemon=True)
                self._threads.append(one)
                one.start()
            self._news.notify()

    def results(self, wait: float = 0) -> list[SendOutcome]:
        """What was done meanwhile; waits up to `wait` seconds for the first."""
        found = []
        try:
            found.append(self._done.get(timeout=wait) if wait else self._done.get_nowait())
            while True:
                found.append(self._done.get_nowait())
        except queue.Empty:
            return found

    def close(self) -> list[SendOutcome]:
        """Begin nothing more; wait for what is under way, and for the goodbyes; what was done meanwhile."""
        with self._news:
            self._closed = True
            self._todo.clear()
            self._news.notify_all()
        for thread in self._threads:
            thread.join()
        return self.results()

    def _next(self) -> ClaimedMessage | None:
        with self._news:
            while not self._todo and not self._closed:
                self._idle += 1
                self._news.wait()
                self._idle -= 1
            return None if self._closed else self._todo.popleft()

    def _work(self) -> None:
        transport: Transport | None = None
        with self._app.app_context(), closing(self._recorder()) as recorder:
            while (ready := self._next()) is not None:
                if self.away or not self._may_begin():
                    continue
                error: Refusal | Unavailable | NoRecipient | None = None
                try:
                    transport = transport or self._channel.open()
                    transport.send(ready.outgoing)
                except (Refusal, Unavailable, NoRecipient) as answer:
                    error = answer
                except Exception as fault:  # noqa: BLE001 - a fault of ours in one keeps no other waiting
                    log.error("Message %d over %s: %s", ready.id, self._channel.name, describe_error(fault))
                    error = Refusal(f"cannot be sent: {type(fault).__name__}", permanent=False)
                self._minded(error)
                # Who is killed after this line repeats it no more.
                self._done.put(SendOutcome(ready, error, recorded=error is None and recorder.record(ready)))
            if transport is not None:
                transport.close()

    def _minded(self, error: Refusal | Unavailable | NoRecipient | None) -> None:
        """Whether the other side is there: known before the next one is begun."""
        if not isinstance(error, Unavailable) or not self._channel.gateway:
            self._broken = 0
            return
        self._broken += 1
        if not error.begun or self._broken >= MAX_BROKEN_CONVERSATIONS:
            self.away = str(error)
