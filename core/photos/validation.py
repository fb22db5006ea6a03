"""What the request looks at before it keeps a photo: size, kind by content, declared pixels, EXIF; no pixels.

What passes here may still be undecodable: only the worker finds that out (core.photos.processing).
"""

from __future__ import annotations

import struct
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime, tzinfo

from core.geo import Place
from core.i18n import gettext as _
from core.photos import exif, iso_bmff
from core.photos.decoders import AVIF, HEIC, PNG, WEBP, kind_of, open_lazily, too_many

MOST_BYTES = 15 * 1024 * 1024

#: Why a photo cannot be used, as a code kept with it, and as a sentence in the reader's language.
REASONS: dict[str, Callable[[], str]] = {
    "empty": lambda: _("This file is empty. Please choose the photo again."),
    "too_large": lambda: _("This photo is larger than 15 MB. Please choose a smaller one."),
    "kind": lambda: _("This file is not a photo of a known kind: JPEG, PNG, WebP, HEIC or AVIF."),
    "too_many_pixels": lambda: _("This picture has too many pixels. Please take it at a lower resolution."),
    "too_costly": lambda: _("This picture takes too long to open. Please save it as a JPEG and send it again."),
    "unreadable": lambda: _("This photo is damaged and cannot be read. Please choose or take another one."),
    "expired": lambda: _("This photo was added too long ago. Please add it again."),
    "lost": lambda: _("This photo is no longer available. Please add it again."),
}
HEADER_READS, HEADER_SECONDS = 20_000, 5.0
MOST_CHUNKS = 20_000


class UnusablePhoto(Exception):
    """A photo cannot be used; `reason` is a code of REASONS."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


@dataclass(frozen=True)
class DeclaredPhoto:
    """What a file says of itself: its media type, pixels, where (SRID 4326) and when it was taken."""

    media_type: str
    width: int
    height: int
    place: Place | None
    taken_at: datetime | None


def reason_sentence(reason: str | None) -> str:
    """Why a photo was refused, in the reader's language."""
    return REASONS.get(reason or "", REASONS["unreadable"])()


def inspect_photo(data: bytes, zone: tzinfo) -> DeclaredPhoto:
    """Look at a file without decoding it. `zone` is for times that name none. Raises UnusablePhoto only."""
    if not data:
        raise UnusablePhoto("empty")
    if len(data) > MOST_BYTES:
        raise UnusablePhoto("too_large")
    kind = kind_of(data)
    if kind is None:
        raise UnusablePhoto("kind")
    width, height, block = _header(kind, data)
    if not width or not height:
        raise UnusablePhoto("unreadable")
    if too_many(kind, width, height):
        raise UnusablePhoto("too_many_pixels")
    taken = exif.read(block, zone)
    return DeclaredPhoto(kind, width, height, taken.place, taken.at)


def _header(kind: str, data: bytes) -> tuple[int, int, bytes]:
    """Declared width and height, and the EXIF block (empty where there is none)."""
    try:
        if kind in (HEIC, AVIF):
            found = iso_bmff.read(data, most_exif=exif.MOST_BYTES)
            return found.width, found.height, found.exif
        if kind == PNG:
            return _png(data)
        if kind == WEBP:
            return _webp(data)
        image = open_lazily(kind, data, reads=HEADER_READS, seconds=HEADER_SECONDS)
        return *image.size, image.info.get("exif", b"")
    except Exception as error:  # noqa: BLE001 - a hostile file may break a reader in any way
        raise UnusablePhoto("unreadable") from error


def _png(data: bytes) -> tuple[int, int, bytes]:
    """Pillow would make room for the whole canvas of an animated PNG first: only chunks are read."""
    if data[12:16] != b"IHDR":
        raise ValueError("no IHDR")
    width, height = struct.unpack_from(">II", data, 16)
    for name, start, size in _chunks(data, 8, ">I4s", between=4):
        if name == b"eXIf":
            return width, height, data[start : start + size]
    return width, height, b""


def _webp(data: bytes) -> tuple[int, int, bytes]:
    """As _png: Pillow's decoder makes room for the canvas as soon as it is opened."""
    first, block = data[12:16], b""
    if len(data) < 30:
        raise ValueError("cut short")
    if first == b"VP8X":
        width, height = (1 + int.from_bytes(data[at : at + 3], "little") for at in (24, 27))
        for name, start, size in _chunks(data, 12, "<4sI", between=0):
            if name == b"EXIF":
                block = data[start : start + size]
    elif first == b"VP8L":
        bits = struct.unpack_from("<I", data, 21)[0]
        width, height = (bits & 0x3FFF) + 1, (bits >> 14 & 0x3FFF) + 1
    else:
        width, height = (side & 0x3FFF for side in struct.unpack_from("<HH", data, 26))
    return width, height, block


def _chunks(data: bytes, at: int, header: str, *, between: int) -> Iterator[tuple[bytes, int, int]]:
    """Name, start and size of each chunk of a PNG (`between`: its checksum) or RIFF file (padded to even)."""
    for _count in range(MOST_CHUNKS):
        if at + 8 > len(data):
            return
        one, other = struct.unpack_from(header, data, at)
        name, size = (one, other) if isinstance(one, bytes) else (other, one)
        yield name, at + 8, size
        at += 8 + size + (between or size % 2)
