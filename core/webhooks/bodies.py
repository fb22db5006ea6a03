"""What a delivery says: one maker per kind of event, registered by the package that knows what it tells of."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import orjson
from flask import Flask
from flask_babel import LazyString

from core.i18n import lazy_gettext
from core.outbox.models import Message
from core.scope import current

#: The version of the body's shape: another one would be another number.
VERSION = 1
PING = "ping"


@dataclass(frozen=True)
class Told:
    """What an event tells: when it happened, and its data, which hold nothing that is not public."""

    occurred_at: datetime
    data: dict[str, Any]


#: Called with the message, its town acting, outside any request; None where there is nothing (any more) that the
#: public may read: the delivery is then dropped.
Maker = Callable[[Message], Told | None]
_MAKERS: dict[str, Maker] = {}
_WORDS: dict[str, LazyString] = {}


def tells(maker: Maker, kinds: dict[str, LazyString]) -> None:
    """Register the maker of the bodies of these kinds ("report.resolved"), each with what people call it.

    Raises ValueError where a kind has another maker.
    """
    for kind, words in kinds.items():
        if _MAKERS.setdefault(kind, maker) is not maker:
            raise ValueError(f"Two makers for {kind}")
        _WORDS[kind] = words


def kinds() -> tuple[str, ...]:
    """The kinds of event that a subscription may choose among, in the order in which they were registered."""
    return tuple(kind for kind in _WORDS if kind != PING)


def words_of(kind: str) -> str:
    """What people call that kind of event."""
    return str(_WORDS.get(kind, kind))


def body_of(message: Message) -> bytes | None:
    """The body of a delivery as JSON, in the town being served; None where there is nothing to say. UTC, with a Z.

    Raises LookupError for a kind that nobody registered: a fault of ours, mended by the next release.
    """
    told = _MAKERS[message.kind](message)
    if told is None:
        return None
    return orjson.dumps(
        {
            "version": VERSION,
            "id": name_of(message.id),
            "type": message.kind,
            "occurred_at": told.occurred_at.astimezone(UTC),
            "jurisdiction": current().slug,
            "data": told.data,
        },
        option=orjson.OPT_UTC_Z,
    )


def name_of(message_id: int) -> str:
    """What a delivery is called at the other side: the same at every try."""
    return f"msg_{message_id}"


def _ping(message: Message) -> Told:
    return Told(message.created_at, {})


def init_app(app: Flask) -> None:
    """Register the test delivery."""
    tells(_ping, {PING: lazy_gettext("Test")})
