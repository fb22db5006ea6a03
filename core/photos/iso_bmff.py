"""The boxes of HEIC and AVIF files (ISO/IEC 14496-12 and 23008-12), as far as a request needs them.

Their libraries read everything that a file holds before they answer the first question, and copy its metadata
once per picture: in a request, a file from anybody is only looked at, in a bounded number of steps.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

MOST_BOXES = 2_000
MOST_ITEMS = 4_000


class Broken(ValueError):
    """The boxes do not hold together."""


@dataclass(frozen=True)
class Boxes:
    """What the file declares: the largest picture in it, pixels; its EXIF block (from its TIFF header on)."""

    width: int
    height: int
    exif: bytes


def read(data: bytes, *, most_exif: int) -> Boxes:
    """What the `meta` box declares. Raises Broken."""
    meta = next((body for name, body in _boxes(data, 0, len(data)) if name == b"meta"), None)
    if meta is None:
        raise Broken("no meta box")
    inside = dict(_boxes(data, meta[0] + 4, meta[1]))
    width, height = _largest(data, inside)
    exif = b""
    try:
        item = _exif_item(data, inside)
        if item is not None:
            exif = _exif(_contents(data, inside, item, most_exif))
    except Broken:
        pass  # a picture without its EXIF is still a picture
    return Boxes(width, height, exif)


def _number(data: bytes, at: int, size: int, end: int) -> int:
    if at < 0 or at + size > end:
        raise Broken("cut short")
    return int.from_bytes(data[at : at + size], "big")


def _boxes(data: bytes, at: int, end: int) -> Iterator[tuple[bytes, tuple[int, int]]]:
    """Name and (start, end) of the contents of each box between two offsets."""
    for _count in range(MOST_BOXES):
        if at + 8 > end:
            return
        size, name, start = _number(data, at, 4, end), data[at + 4 : at + 8], at + 8
        if size == 1:
            size, start = _number(data, at + 8, 8, end), at + 16
        stop = end if size == 0 else at + size
        if stop < start:
            raise Broken("a box smaller than its header")
        # The last one may be cut short: what it still holds may be enough.
        yield name, (start, min(stop, end))
        at = stop
    raise Broken("too many boxes")


def _largest(data: bytes, inside: dict[bytes, tuple[int, int]]) -> tuple[int, int]:
    if b"iprp" not in inside:
        raise Broken("no properties")
    container = dict(_boxes(data, *inside[b"iprp"])).get(b"ipco")
    if container is None:
        raise Broken("no properties")
    sizes = [
        (_number(data, start + 4, 4, end), _number(data, start + 8, 4, end))
        for name, (start, end) in _boxes(data, *container)
        if name == b"ispe"
    ]
    if not sizes:
        raise Broken("no size")
    return max(sizes, key=lambda size: size[0] * size[1])


def _exif_item(data: bytes, inside: dict[bytes, tuple[int, int]]) -> int | None:
    """The id of the item that holds EXIF."""
    if b"iinf" not in inside:
        return None
    start, end = inside[b"iinf"]
    at = start + (6 if _number(data, start, 1, end) == 0 else 8)
    for name, (first, last) in _boxes(data, at, end):
        version = _number(data, first, 1, last)
        if name != b"infe" or version < 2:
            continue
        wide = 2 if version == 2 else 4
        if data[first + 4 + wide + 2 : first + 4 + wide + 6] == b"Exif":
            return _number(data, first + 4, wide, last)
    return None


def _contents(data: bytes, inside: dict[bytes, tuple[int, int]], wanted: int, most: int) -> bytes:
    """The bytes of one item, found through the `iloc` box."""
    if b"iloc" not in inside:
        raise Broken("no locations")
    at, end = inside[b"iloc"]
    version = _number(data, at, 1, end)
    sizes = _number(data, at + 4, 2, end)
    offset_size, length_size, base_size, index_size = (sizes >> shift & 15 for shift in (12, 8, 4, 0))
    wide = 2 if version < 2 else 4
    count, at = _number(data, at + 6, wide, end), at + 6 + wide
    for _item in range(min(count, MOST_ITEMS)):
        item, at = _number(data, at, wide, end), at + wide
        method = 0
        if version in (1, 2):
            method, at = _number(data, at, 2, end) & 15, at + 2
        base, at = _number(data, at + 2, base_size, end), at + 2 + base_size
        extents, at = _number(data, at, 2, end), at + 2
        step = (index_size if version in (1, 2) else 0) + offset_size + length_size
        if item != wanted:
            at += extents * step
            continue
        origin = inside.get(b"idat", (0, 0)) if method == 1 else (0, len(data))
        found = b""
        for number in range(min(extents, 64)):
            place = at + (number + 1) * step - offset_size - length_size
            offset = origin[0] + base + _number(data, place, offset_size, end)
            length = _number(data, place + offset_size, length_size, end) or most
            found += data[offset : min(offset + length, origin[1], offset + most - len(found))]
        return found
    raise Broken("an item without a place")


def _exif(block: bytes) -> bytes:
    """The TIFF part of an Exif item: its first four bytes say how far on it begins."""
    skipped = 4 + int.from_bytes(block[:4], "big")
    return block[skipped:] if len(block) > skipped + 8 else b""
