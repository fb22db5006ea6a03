"""What a picture file is made of, read here independently of what wrote it."""

from __future__ import annotations

import struct


def parts(data: bytes) -> list[str]:
    """The names of all parts of a JPEG (markers) or WebP (chunks). Raises AssertionError for bytes left."""
    return _jpeg(data) if data[:2] == b"\xff\xd8" else _webp(data)


def assert_clean(data: bytes) -> None:
    """Nothing but pixels: no EXIF, XMP, ICC, IPTC, comment, thumbnail or second picture, nothing behind."""
    found = set(parts(data))
    if data[:2] == b"\xff\xd8":
        allowed = {"SOI", "JFIF", "DQT", "SOF0", "SOF2", "DHT", "SOS", "EOI"}
    else:
        allowed = {"VP8 ", "VP8L"}
    assert found <= allowed, found - allowed
    for word in (
        b"Exif",
        b"http://ns.adobe",
        b"xmpmeta",
        b"ICC_PROFILE",
        b"Photoshop",
        b"8BIM",
        b"<?php",
        b"<html",
        b"%PDF-",
        b"PK\3\4",
        b"Secret",
    ):
        assert word not in data, word


_MARKERS = {0xDB: "DQT", 0xC0: "SOF0", 0xC2: "SOF2", 0xC4: "DHT", 0xDA: "SOS"}


def _jpeg(data: bytes) -> list[str]:
    names, at = ["SOI"], 2
    while True:
        assert data[at] == 0xFF, f"no marker at {at}"
        marker = data[at + 1]
        if marker == 0xD9:
            assert at + 2 == len(data), "something after the end"
            return names + ["EOI"]
        length = struct.unpack_from(">H", data, at + 2)[0]
        body = data[at + 4 : at + 2 + length]
        if marker == 0xE0 and body.startswith(b"JFIF\0"):
            # Version, density, and the size of a thumbnail, which is none.
            assert len(body) == 14 and body[12:14] == b"\0\0"
            names.append("JFIF")
        else:
            names.append(_MARKERS.get(marker, f"{marker:02X}"))
        at += 2 + length
        if marker == 0xDA:
            while not (data[at] == 0xFF and data[at + 1] != 0 and not 0xD0 <= data[at + 1] <= 0xD7):
                at += 1


def _webp(data: bytes) -> list[str]:
    assert data[:4] == b"RIFF" and data[8:12] == b"WEBP"
    assert struct.unpack_from("<I", data, 4)[0] + 8 == len(data), "something after the end"
    names, at = [], 12
    while at < len(data):
        name, size = struct.unpack_from("<4sI", data, at)
        names.append(name.decode("latin-1"))
        at += 8 + size + size % 2
    assert at == len(data)
    return names
