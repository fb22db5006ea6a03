"""The ways to reach somebody. Each is one module of this package with a `CHANNEL`; adding a way is one file."""

from __future__ import annotations

import pkgutil
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import lru_cache
from importlib import import_module
from typing import Any, Protocol

from flask_babel import LazyString
from sqlalchemy.orm import Session

from core.notifications.mail import Mail
from core.notifications.outbox.models import Message

#: Pauses after each try in vain, in seconds; after the last try the message is dead: eight tries in 41 hours.
PAUSES = (30, 120, 600, 3600, 4 * 3600, 12 * 3600, 24 * 3600)


class Transport(Protocol):
    """A way out, in the hands of one thread that has an application context and asks the database nothing."""

    def send(self, outgoing: Any) -> None:
        """Return once the other side has accepted it. Raises core.outbound.Refusal, Unavailable or NoRecipient."""

    def close(self) -> None:
        """Leave politely."""


class MailRenderer(Protocol):
    """What says a message: called once at the most, in the message's jurisdiction and language."""

    def __call__(self) -> Mail | None:
        """The rendered message; None when there is nothing to say any more."""


def nothing_to_prepare() -> None:
    """Most channels are ready at once."""


def record_nothing(session: Session, outgoing: Any, accepted: bool) -> None:
    """Most channels have nothing to note besides what became of the message."""


@dataclass(frozen=True)
class Channel:
    """One way to reach somebody."""

    name: str
    #: What people call it.
    words: LazyString
    #: Whether these settings let anything leave; else everything stays owed.
    configured: Callable[[Mapping[str, Any]], bool]
    #: A message as it leaves, or None when there is nothing to say or nobody to say it to. Raises
    #: core.notifications.mail.UnsendableMail when no address can be made of what is kept.
    make: Callable[[Message, MailRenderer], Any | None]
    #: The way out of one thread.
    open: Callable[[], Transport]
    #: Called in the transaction that notes what became of a try: a channel may note more.
    noted: Callable[[Session, Any, bool], None] = record_nothing
    #: Called once in the process whose jobs send over it, before the first of them.
    prepare: Callable[[], None] = nothing_to_prepare
    #: Whether it keeps quiet in the jurisdiction's quiet hours, urgent kinds aside.
    quiet: bool = False
    #: Whether what one person gets in a day is limited by the jurisdiction's habits.
    limited: bool = True
    #: Whether one other side serves all: when that is away nobody is tried. Else each recipient has its own.
    gateway: bool = True
    #: How many it speaks with at the same time, at the most, and how many must wait before one more is begun.
    at_once: int = 1
    backlog: int = 0
    #: How many messages a sender holds.
    batch: int = 50
    pauses: tuple[float, ...] = PAUSES

    @property
    def queue(self) -> str:
        """The queue of its own, served by nobody else's workers: no channel waits for another."""
        return self.name


@lru_cache
def known_channels() -> dict[str, Channel]:
    """Every channel by its name. Raises ValueError for a module whose channel is named otherwise."""
    found: dict[str, Channel] = {}
    for module in sorted(pkgutil.iter_modules(__path__), key=lambda one: one.name):
        channel: Channel = import_module(f"{__name__}.{module.name}").CHANNEL
        if channel.name != module.name:
            raise ValueError(f"{module.name}.py holds the channel {channel.name}")
        found[channel.name] = channel
    return found


def configured_channels(config: Mapping[str, Any]) -> list[Channel]:
    """The channels over which something can leave."""
    return [channel for channel in known_channels().values() if channel.configured(config)]
