"""What a delivery says: one maker per kind of event, registered by the package that knows what it tells of."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import orjson
from flask import Flask
from flask_babel import LazyString

from core.database.scope import current_jurisdiction
from core.i18n import lazy_gettext
from core.notifications.outbox.models import Message

#: The version of the body's shape: another one would be another number.
VERSION = 1
PING = "ping"


@dataclass(frozen=True)
class Payload:
    """What an event tells: when it happened, and its data, which hold nothing that is not public."""

    occurred_at: datetime
    data: dict[str, Any]


#: Called with the message, its jurisdiction acting, outside any request; None where there is nothing (any more) that
#: the
#: public may read: the delivery is then dropped.
Maker = Callable[[Message], Payload | None]
_MAKERS: dict[str, Maker] = {}
_WORDS: dict[str, LazyString] = {}


def register_payload(maker: Maker, kinds: dict[str, LazyString]) -> None:
    """Register the maker of the bodies of these kinds ("report.resolved"), each with what people call it.

    Raises ValueError where a kind has another maker.
    """
    for kind, words in kinds.items():
        if _MAKERS.setdefault(kind, maker) is not maker:
            raise ValueError(f"Two makers for {kind}")
        _WORDS[kind] = words


def known_kinds() -> tuple[str, ...]:
    """The kinds of event that a subscription may choose among, in the order in which they were registered."""
    return tuple(kind for kind in _WORDS if kind != PING)


def kind_label(kind: str) -> str:
    """What people call that kind of event."""
    return str(_WORDS.get(kind, kind))


def json_body(message: Message) -> bytes | None:
    """The body of a delivery as JSON, in the jurisdiction being served; None where there is nothing to say. UTC, with
    a Z.

    Raises LookupError for a kind that nobody registered: a fault of ours, mended by the next release.
    """
    told = _MAKERS[message.kind](message)
    if told is None:
        return None
    return orjson.dumps(
        {
            "version": VERSION,
            "id": delivery_id(message.id),
            "type": message.kind,
            "occurred_at": told.occurred_at.astimezone(UTC),
            "jurisdiction": current_jurisdiction().slug,
            "data": told.data,
        },
        option=orjson.OPT_UTC_Z,
    )


def delivery_id(message_id: int) -> str:
    """What a delivery is called at the other side: the same at every try."""
    return f"msg_{message_id}"


def _ping(message: Message) -> Payload:
    return Payload(message.created_at, {})


def init_app(app: Flask) -> None:
    """Register the test delivery."""
    register_payload(_ping, {PING: lazy_gettext("Test")})
