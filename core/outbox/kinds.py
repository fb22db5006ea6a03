"""What a message says: one renderer per kind, registered by the package that knows what it tells of."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from flask_babel import LazyString

from core.i18n import as_locale, speaking
from core.identity import towns
from core.identity.towns import Town
from core.mail import Mail, Picture, letter
from core.outbox import channels, policy
from core.outbox.models import Message
from core.scope import acting_for

__all__ = ["Mail", "NotYet", "Picture", "Unknown", "letter", "outgoing", "register_renderer", "words_of"]

Renderer = Callable[[Message], Mail | None]
_RENDERERS: dict[str, Renderer] = {}
_WORDS: dict[str, LazyString] = {}


class NotYet(Exception):
    """What the message is to show is still being prepared: ask the renderer again in `seconds`.

    A renderer that raises it says itself until when it waits: those told after it wait too.
    """

    def __init__(self, seconds: float) -> None:
        super().__init__(f"not yet: again in {seconds} s")
        self.seconds = seconds


class Unknown(LookupError):
    """Nobody registered a renderer for this kind: a fault of ours, mended by the next release."""


@dataclass(frozen=True)
class Prepared:
    """A message as it leaves, and the mail that it was made from (None where its channel made it alone)."""

    outgoing: Any
    mail: Mail | None = None


def register_renderer(renderer: Renderer, *kinds: str, words: LazyString) -> None:
    """Register the renderer of kinds of message ("report.received"), which a desk calls `words`.

    Called by the `init_app` of the module that declares it. Raises ValueError where a kind has another one.
    What may make a message of that kind wait is registered beside it: see core.outbox.policy.

    It is called with the Message (`contact` or `user` loaded), outside any request, the message's town acting
    and its language spoken; it only reads. It returns a Mail (see core.mail.letter), or None when there is
    nothing to say any more: the message is then dropped.
    """
    for kind in kinds:
        if _RENDERERS.setdefault(kind, renderer) is not renderer:
            raise ValueError(f"Two renderers for {kind}")
        _WORDS[kind] = words


def words_of(kind: str) -> str:
    """What a desk calls messages of that kind."""
    return str(_WORDS.get(kind, kind))


def urgent() -> list[str]:
    """The kinds that do not wait for what was owed before them (see core.outbox.policy)."""
    return policy.urgent()


def said(message: Message) -> Mail | None:
    """What a message says, its town acting and its language spoken; None when it is nothing any more.

    Raises Unknown, and whatever the renderer raises.
    """
    renderer = _RENDERERS.get(message.kind)
    if renderer is None:
        raise Unknown(message.kind)
    return renderer(message)


def outgoing(message: Message) -> Prepared | None:
    """A message as it leaves; None when it is to be dropped: nothing to say, or nobody to say it to.

    Raises Unknown, Unsendable (no address can be made of what is kept), and whatever the renderer raises.
    """
    channel = channels.known().get(message.channel)
    if channel is None:
        raise Unknown(message.channel)
    found: list[Mail | None] = []

    def say() -> Mail | None:
        found.append(said(message))
        return found[0]

    with acting_for(town_of(message)), speaking(as_locale(message.locale)):
        made = channel.make(message, say)
    return None if made is None else Prepared(made, found[0] if found else None)


def town_of(message: Message) -> Town:
    """The town that a message belongs to."""
    return towns.get(message.jurisdiction_id)
