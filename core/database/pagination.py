"""Pages of a list: where one ends and the next begins, by a key and never by counting what comes before."""

from __future__ import annotations

import base64
import binascii
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from core.errors import FieldError
from core.i18n import gettext as _


@dataclass(frozen=True)
class Page:
    """One page of a list."""

    items: list[Any]
    next: str | None
    #: A search for a frequent word looked at the newest matches only.
    partial: bool = False


def encode_cursor(moment: datetime, number: int) -> str:
    """A cursor: where the next page begins."""
    return base64.urlsafe_b64encode(f"{moment.isoformat()}|{number}".encode()).decode().rstrip("=")


def decode_cursor(value: str, *, name: str = "cursor") -> tuple[datetime, int]:
    """The moment and id of a cursor. Raises FieldError."""
    try:
        plain = base64.urlsafe_b64decode(value + "=" * (-len(value) % 4)).decode()
        moment, _bar, number = plain.partition("|")
        parsed = datetime.fromisoformat(moment)
        if parsed.tzinfo is None or not 0 <= int(number) < 2**63:
            raise ValueError(value)
        return parsed, int(number)
    except (ValueError, binascii.Error, UnicodeDecodeError):
        raise FieldError(name, _("This cursor is not valid: use the one given in `next`.")) from None
