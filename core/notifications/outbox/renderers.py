"""What a message says: one renderer per kind, registered by the package that knows what it tells of."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from flask_babel import LazyString

from core.database.scope import serving
from core.i18n import as_locale, speaking
from core.identity import jurisdictions
from core.identity.jurisdictions import JurisdictionCopy
from core.notifications import channels
from core.notifications.mail import Mail, Picture, mail_from_templates
from core.notifications.outbox import policy
from core.notifications.outbox.models import Message

__all__ = [
    "Mail",
    "NotYet",
    "Picture",
    "UnknownKind",
    "mail_from_templates",
    "prepare",
    "register_renderer",
    "kind_label",
]

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


class UnknownKind(LookupError):
    """Nobody registered a renderer for this kind: a fault of ours, mended by the next release."""


@dataclass(frozen=True)
class PreparedMessage:
    """A message as it leaves, and the mail that it was made from (None where its channel made it alone)."""

    outgoing: Any
    mail: Mail | None = None


def register_renderer(renderer: Renderer, *kinds: str, words: LazyString) -> None:
    """Register the renderer of kinds of message ("report.received"), which a desk calls `words`.

    Called by the `init_app` of the module that declares it. Raises ValueError where a kind has another one.
    What may make a message of that kind wait is registered beside it: see core.notifications.outbox.policy.

    It is called with the Message (`contact` or `user` loaded), outside any request, the message's jurisdiction acting
    and its language spoken; it only reads. It returns a Mail (see core.notifications.mail.mail_from_templates), or
    None when there is
    nothing to say any more: the message is then dropped.
    """
    for kind in kinds:
        if _RENDERERS.setdefault(kind, renderer) is not renderer:
            raise ValueError(f"Two renderers for {kind}")
        _WORDS[kind] = words


def kind_label(kind: str) -> str:
    """What a desk calls messages of that kind."""
    return str(_WORDS.get(kind, kind))


def urgent_kinds() -> list[str]:
    """The kinds that do not wait for what was owed before them (see core.notifications.outbox.policy)."""
    return policy.urgent()


def rendered_mail(message: Message) -> Mail | None:
    """What a message says, its jurisdiction acting and its language spoken; None when it is nothing any more.

    Raises UnknownKind, and whatever the renderer raises.
    """
    renderer = _RENDERERS.get(message.kind)
    if renderer is None:
        raise UnknownKind(message.kind)
    return renderer(message)


def prepare(message: Message) -> PreparedMessage | None:
    """A message as it leaves; None when it is to be dropped: nothing to say, or nobody to say it to.

    Raises UnknownKind, UnsendableMail (no address can be made of what is kept), and whatever the renderer raises.
    """
    channel = channels.known_channels().get(message.channel)
    if channel is None:
        raise UnknownKind(message.channel)
    found: list[Mail | None] = []

    def say() -> Mail | None:
        found.append(rendered_mail(message))
        return found[0]

    with serving(jurisdiction_of(message)), speaking(as_locale(message.locale)):
        made = channel.make(message, say)
    return None if made is None else PreparedMessage(made, found[0] if found else None)


def jurisdiction_of(message: Message) -> JurisdictionCopy:
    """The jurisdiction that a message belongs to."""
    return jurisdictions.get(message.jurisdiction_id)
