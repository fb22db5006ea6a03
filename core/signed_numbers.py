"""Signed references short enough for an SMS and for an address: what a link or a reply refers to, and until when.

Written in small letters and figures (base32): an address loses its capitals on the way, a voice has none.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import time

from flask import current_app

from core.errors import Refused
from core.i18n import gettext as _

DAY = 86400
_MARK = 10  # bytes of the HMAC: 80 bits
_DAYS = 2  # bytes of the day it expires, counted from 1970
_MOST = 120  # characters


def sign_numbers(purpose: str, *numbers: int, days: int) -> str:
    """`numbers` (0 or more each) as one word, good for `purpose` alone during `days` days."""
    until = int(time.time()) // DAY + 1 + days
    body = until.to_bytes(_DAYS, "big") + b"".join(_encode_number(number) for number in numbers)
    return base64.b32encode(body + _signature(purpose, body)).decode().rstrip("=").lower()


def read_numbers(purpose: str, word: str, *, count: int = 1) -> tuple[int, ...]:
    """The `count` numbers that were signed for `purpose`. Raises Refused (bad_link) when forged or too old."""
    found = _verified_bytes(purpose, word)
    if found is None or len(found) != count:
        raise Refused(_("This link is no longer valid: it is too old, or was not copied in full."), code="bad_link")
    return found


def _verified_bytes(purpose: str, word: str) -> tuple[int, ...] | None:
    if len(word) > _MOST:
        return None
    try:
        data = base64.b32decode(word.upper() + "=" * (-len(word) % 8))
    except ValueError:
        return None
    body, mark = data[:-_MARK], data[-_MARK:]
    if len(body) < _DAYS or not hmac.compare_digest(mark, _signature(purpose, body)):
        return None
    if int.from_bytes(body[:_DAYS], "big") < time.time() // DAY:
        return None
    return _decode_numbers(body[_DAYS:])


def _signature(purpose: str, body: bytes) -> bytes:
    key = current_app.config["SECRET_KEY"].encode()
    return hmac.new(key, purpose.encode() + b"\0" + body, hashlib.sha256).digest()[:_MARK]


def _encode_number(number: int) -> bytes:
    """Seven bits a byte, the last one marked."""
    if number < 0:
        raise ValueError(number)
    found = [number & 0x7F | 0x80]
    while number := number >> 7:
        found.append(number & 0x7F)
    return bytes(reversed(found))


def _decode_numbers(data: bytes) -> tuple[int, ...]:
    found, number = [], 0
    for byte in data:
        number = number << 7 | byte & 0x7F
        if byte & 0x80:
            found.append(number)
            number = 0
    return tuple(found)
