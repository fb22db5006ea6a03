"""Some hundreds of hostile files, the same every time.

Each Case says what is expected of it: to be refused by the request, with a `reason`; or accepted, and
afterwards ready or refused by the worker (`outcome`); or nothing, where all that counts is an answer.
"""

from __future__ import annotations

import random
import struct
import zlib
from collections.abc import Iterator
from dataclasses import dataclass

from tests.core.photos import samples
from tests.core.photos.samples import (
    app1,
    box,
    chunk,
    drawn,
    exif,
    ifd,
    png,
    rationals,
    riff,
    saved,
    segment,
    with_segments,
)

READY = "ready"


@dataclass(frozen=True)
class Case:
    """One file. `reason`: refused by the request; `outcome`: READY, or the worker's; None: whatever."""

    name: str
    data: bytes
    reason: str | None = None
    outcome: str | None = None
    #: Whether a position may be believed in it; None where it does not matter.
    placed: bool | None = None


def corpus() -> Iterator[Case]:
    """Every hostile file."""
    for part in (
        cut,
        flipped,
        other_kinds,
        polyglots,
        many_pixels,
        bombs,
        many_pieces,
        frames,
        positions,
        directories,
        containers,
        odd_pictures,
    ):
        yield from part()


def cut() -> Iterator[Case]:
    """Files that end too early, or in noise."""
    chance = random.Random(1)
    for name, data in samples.samples().items():
        for length in {
            1,
            2,
            3,
            8,
            11,
            12,
            16,
            20,
            30,
            33,
            *(len(data) * part // 16 for part in range(1, 16)),
            len(data) - 1,
        }:
            yield Case(f"cut-{name}-{length}", data[:length])
        half = len(data) // 2
        yield Case(f"noise-{name}", data[:half] + chance.randbytes(half))
        yield Case(f"zeros-{name}", data[:half] + bytes(half))
        yield Case(f"twice-{name}", data + data, outcome=READY)


def flipped() -> Iterator[Case]:
    """Files in which some bits have turned, anywhere or near the beginning."""
    chance = random.Random(2)
    for name, data in samples.samples().items():
        for number in range(36):
            damaged = bytearray(data)
            reach = len(data) if number % 2 else min(len(data), 400)
            for _ in range(1 + number // 3):
                damaged[chance.randrange(reach)] ^= 1 << chance.randrange(8)
            yield Case(f"flipped-{name}-{number}", bytes(damaged))


def other_kinds() -> Iterator[Case]:
    """What is not one of the five kinds, whatever it calls itself."""
    image = drawn(64, 48)
    yield Case("empty", b"", "empty")
    others = {
        "gif": saved(image, "GIF"),
        "bmp": saved(image, "BMP"),
        "tiff": saved(image, "TIFF"),
        "ico": saved(image, "ICO"),
        "jp2": saved(image, "JPEG2000"),
        "ppm": saved(image, "PPM"),
        "thousand-frames.gif": saved(
            image,
            "GIF",
            save_all=True,
            append_images=[drawn(64, 48 - number % 9).resize((64, 48)) for number in range(999)],
        ),
        "svg": b"<svg xmlns='http://www.w3.org/2000/svg' onload='alert(1)'/>",
        "text": b"bonjour\n" * 100,
        "html": b"<!doctype html><script>alert(1)</script>",
        "pdf": b"%PDF-1.7\n%\xe2\xe3\xcf\xd3\n",
        "zip": b"PK\3\4" + bytes(40),
        "elf": b"\x7fELF" + bytes(60),
        "one": b"x",
        "zeros": bytes(5000),
        "ones": b"\xff" * 5000,
        "noise": random.Random(3).randbytes(50_000),
        "utf16": "ÿØÿ".encode("utf-16"),
        "mp4": box(b"ftyp", b"isom\0\0\2\0isomiso2mp41") + box(b"mdat", bytes(99)),
        "raw": box(b"ftyp", b"crx \0\0\0\1crx isom"),
        "wav": b"RIFF\x24\0\0\0WAVEfmt " + bytes(30),
        "riff": b"RIFF\x24\0\0\0WEBPJUNK" + bytes(30),
        "pdf-then-jpeg": b"%PDF-1.4\n" + samples.samples()["jpeg"],
    }
    for name, data in others.items():
        yield Case(f"kind-{name}", data, "kind")
    good = samples.samples()
    for name, first in (
        ("jpeg", b"\xff\xd8\xff\xe0"),
        ("png", b"\x89PNG\r\n\x1a\n"),
        ("webp", b"RIFF\0\0\0\0WEBPVP8X"),
        ("heic", b"\0\0\0\x18ftypheic\0\0\0\0mif1heic"),
        ("avif", b"\0\0\0\x18ftypavif\0\0\0\0mif1avif"),
    ):
        yield Case(f"only-magic-{name}", first, "unreadable")
        for other, data in good.items():
            yield Case(f"magic-of-{name}-on-{other}", first + data[len(first) :])
        yield Case(f"magic-of-{name}-on-noise", first + random.Random(4).randbytes(200_000))
    yield Case("avif-called-heic", good["avif"].replace(b"ftypavif", b"ftypheic"))
    yield Case("heic-called-avif", good["heic"].replace(b"ftypheic", b"ftypavif"))
    yield Case("too-large", b"\xff\xd8\xff" + bytes(15 * 2**20), "too_large")
    yield Case("just-too-large", good["jpeg"].ljust(15 * 2**20 + 1, b"\0"), "too_large")
    yield Case("just-large-enough", good["jpeg"].ljust(15 * 2**20, b"\0"), outcome=READY)


def polyglots() -> Iterator[Case]:
    """Photos that are something else too: good photos, and nothing else comes out."""
    good = samples.samples()
    page, script = b"<html><script>alert(document.domain)</script>", b"<?php system($_GET[0]); ?>"
    archive = b"PK\3\4" + bytes(26) + b"evil" + b"PK\5\6" + bytes(18)
    for name, data in good.items():
        for what, more in (
            ("zip", archive),
            ("html", page),
            ("pdf", b"%PDF-1.4\n1 0 obj\n%%EOF"),
            ("php", script),
            ("jar", archive * 30),
            ("mp4", box(b"ftyp", b"isom") + bytes(9999)),
        ):
            yield Case(f"{name}-and-{what}", data + more, outcome=READY)
    for what, more in (("html", page), ("pdf", b"%PDF-1.4"), ("php", script)):
        yield Case(f"jpeg-about-{what}", with_segments(good["jpeg"], segment(0xFE, more)), outcome=READY)
        about = chunk(b"tEXt", b"Comment\0" + more)
        yield Case(f"png-about-{what}", good["png"][:33] + about + good["png"][33:], outcome=READY)


def many_pixels() -> Iterator[Case]:
    """Sizes that are not true, or too true."""
    good = samples.samples()
    jpeg, at = good["jpeg"], good["jpeg"].index(b"\xff\xc0") + 5
    extended = riff((b"VP8X", struct.pack("<I", 0) + b"%s"), (b"VP8 ", b"x" * 99))
    heic = good["heic"].index(b"ispe") + 8
    avif = good["avif"].index(b"ispe") + 8
    tiny = zlib.compress(b"\0" * 9)
    for width, height in ((30_000, 30_000), (65_535, 65_535), (30_001, 1), (1, 65_500), (12_000, 9_000)):
        pair, name = struct.pack(">HH", height, width), f"{width}x{height}"
        yield Case(f"jpeg-{name}", jpeg[:at] + pair + jpeg[at + 4 :], "too_many_pixels")
        yield Case(f"png-{name}", png(width, height, tiny), "too_many_pixels")
        canvas = (width - 1).to_bytes(3, "little") + (height - 1).to_bytes(3, "little")
        yield Case(f"webp-{name}", extended.replace(b"%s", canvas), "too_many_pixels")
        sides = struct.pack(">II", width, height)
        yield Case(f"heic-{name}", good["heic"][:heic] + sides + good["heic"][heic + 8 :], "too_many_pixels")
        yield Case(f"avif-{name}", good["avif"][:avif] + sides + good["avif"][avif + 8 :], "too_many_pixels")
    for width, height in ((0, 0), (0, 100), (100, 0)):
        yield Case(f"png-{width}x{height}", png(width, height, tiny), "unreadable")
        yield Case(f"jpeg-{width}x{height}", jpeg[:at] + struct.pack(">HH", height, width) + jpeg[at + 4 :])
    for side in (2**31, 2**32 - 1):
        yield Case(f"png-{side}", png(side, side, tiny), "too_many_pixels")
    # So many pixels are allowed of their kind; there are none behind the promise.
    yield Case("jpeg-promises", jpeg[:at] + struct.pack(">HH", 10_000, 10_000) + jpeg[at + 4 :])
    yield Case("png-promises", png(5_000, 5_000, tiny), outcome="unreadable")
    yield Case(
        "webp-promises",
        riff((b"VP8X", struct.pack("<I", 0) + 2 * (4_999).to_bytes(3, "little")), (b"VP8 ", b"x" * 99)),
        outcome="unreadable",
    )
    sides = struct.pack(">II", 7_000, 7_000)
    yield Case("heic-promises", good["heic"][:heic] + sides + good["heic"][heic + 8 :])
    yield Case("avif-promises", good["avif"][:avif] + sides + good["avif"][avif + 8 :])
    # These keep it: few bytes, many pixels.
    yield Case("png-keeps-25MP", png(5_000, 5_000, zlib.compress(bytes(5_000 * 15_001), 9)), outcome=READY)
    yield Case("png-keeps-49MP", png(7_000, 7_000, zlib.compress(bytes(7_000 * 21_001), 9)), "too_many_pixels")
    yield Case(
        "png-keeps-100MP", png(10_000, 10_000, zlib.compress(bytes(10_000 * 10_001), 1), colour=0), "too_many_pixels"
    )
    yield Case("png-thin", png(30_000, 1, zlib.compress(bytes(90_001))), outcome=READY)
    yield Case("png-high", png(1, 30_000, zlib.compress(bytes(4 * 30_000))), outcome=READY)
    yield Case("one-pixel", saved(drawn(1, 1), "JPEG"), outcome=READY)


def bombs() -> Iterator[Case]:
    """Little that unfolds into much."""
    zeros = zlib.compress(bytes(60_000_000), 9)
    small = zlib.compress(bytes(101 * 301))
    yield Case("png-too-much-data", png(100, 100, zeros))
    for name, body in (
        ("zTXt", b"Comment\0\0" + zeros),
        ("iCCP", b"ICC\0\0" + zeros),
        ("iTXt", b"XML:com.adobe.xmp\0\1\0\0\0" + zeros),
    ):
        yield Case(f"png-{name}", png(100, 100, small, *[chunk(name.encode(), body)] * 20))
    scans = saved(drawn(2000, 2000), "JPEG", progressive=True, quality=30)
    last = scans.rindex(b"\xff\xda")
    yield Case("jpeg-two-thousand-scans", scans[:-2] + scans[last:-2] * 2_000 + b"\xff\xd9")
    good = samples.samples()["jpeg"]
    yield Case("jpeg-long-exif", with_segments(good, *[app1(exif() + bytes(65_000))] * 150), outcome=READY)
    profile = [segment(0xE2, b"ICC_PROFILE\0" + bytes([number, 200]) + bytes(65_000)) for number in range(1, 200)]
    yield Case("jpeg-long-icc", with_segments(good, *profile), outcome=READY)


def many_pieces() -> Iterator[Case]:
    """Files cut into more pieces than any photo has."""
    good = samples.samples()
    for name, pieces in (
        ("million-comments", b"\xff\xfe\0\2" * 1_000_000),
        ("filling", b"\xff" * 14_000_000),
        ("junk", b"\xff\xe0\0\2" + bytes(14_000_000)),
    ):
        yield Case(f"jpeg-{name}", with_segments(good["jpeg"], pieces), "unreadable")
    yield Case("png-million-chunks", good["png"][:33] + chunk(b"prVt", b"") * 1_000_000 + good["png"][33:])
    rows = zlib.compress(drawn().tobytes())
    crumbs = b"".join(chunk(b"IDAT", rows[at : at + 1]) for at in range(len(rows)))
    yield Case("png-crumbs", good["png"][:33] + crumbs * 99 + chunk(b"IEND", b""))
    yield Case("webp-million-chunks", good["webp"][:-2] + b"JUNK\0\0\0\0" * 1_000_000)
    for brand in (b"heic", b"avif"):
        head = box(b"ftyp", brand, b"\0\0\0\0mif1", brand)
        yield Case(f"{brand.decode()}-million-boxes", head + box(b"free") * 1_000_000, "unreadable")
        deep = b""
        for _ in range(2000):
            deep = box(b"meta", b"\0\0\0\0", deep)
        yield Case(f"{brand.decode()}-deep", head + deep, "unreadable")


def frames() -> Iterator[Case]:
    """A thousand pictures in one file: the first is shown."""
    some = [drawn(64 + number % 7, 48).resize((64, 48)) for number in range(1000)]
    for kind, options in (("PNG", {}), ("WEBP", {"method": 0, "lossless": True}), ("AVIF", {"speed": 10})):
        data = saved(some[0], kind, save_all=True, append_images=some[1:], duration=20, **options)
        yield Case(f"thousand-frames-{kind.lower()}", data, outcome=READY)
    yield Case("thousand-frames-heic", saved(some[0], "HEIF", save_all=True, append_images=some[1:100]), outcome=READY)
    yield Case("mpo", saved(drawn(), "MPO", save_all=True, append_images=some[:9]), outcome=READY)


def positions() -> Iterator[Case]:
    """Places and times that cannot be, or hardly."""
    bad = {
        "nan": {"lat": ((0, 0),) * 3},
        "infinite": {"lon": ((1, 0), (0, 1), (0, 1))},
        "north-of-the-pole": {"lat": ((91, 1), (0, 1), (0, 1))},
        "just-north-of-it": {"lat": ((90, 1), (0, 1), (1, 1))},
        "round-the-world": {"lon": ((181, 1), (0, 1), (0, 1))},
        "minutes": {"lat": ((43, 1), (99, 1), (0, 1))},
        "huge": {"lat": ((2**32 - 1, 1),) * 3},
        "negative": {"lat": ((-43, 1), (36, 1), (39, 1))},
        "island-of-zeros": {"lat": ((0, 1),) * 3, "lon": ((0, 1),) * 3},
        "nothing": {"lat": (), "lon": ()},
        "many": {"lat": ((1, 1),) * 5000},
        "no-latitude": {"lat": None},
        "no-longitude": {"lon": None},
        "no-sides": {"refs": (None, None)},
        "wrong-sides": {"refs": (b"E\0", b"N\0")},
        "empty-sides": {"refs": (b"\0", b"\0")},
        "long-sides": {"refs": (b"\xff" * 60_000, b"E\0")},
    }
    for name, options in bad.items():
        yield Case(f"position-{name}", _with_exif(exif(**options)), outcome=READY, placed=False)
    good = {
        "decimal": {"lat": ((43611, 1000),)},
        "two": {"lat": ((43, 1), (3666, 100))},
        "south-west": {"refs": (b"S\0", b"W\0")},
        "small-letters": {"refs": (b"n\0", b"e\0")},
        "at-the-pole": {"lat": ((90, 1), (0, 1), (0, 1))},
    }
    for name, options in good.items():
        yield Case(f"position-{name}", _with_exif(exif(**options)), outcome=READY, placed=True)
    for number, taken in enumerate(
        (
            b"9999:99:99 99:99:99\0",
            b"0001:01:01 00:00:00\0",
            b"0000:00:00 00:00:00\0",
            b"yesterday\0",
            b"2999:01:01 00:00:00\0",
            b"",
            b"\0" * 20,
            b"\xff" * 60_000,
            b"2026-03-02T08:15:00\0",
        )
    ):
        for offset in (b"+99:99\0", b"-00:00\0", b"\xff\0", b"+14:00\0"):
            photo = _with_exif(exif(taken=taken, offset=offset))
            yield Case(f"time-{number}-{offset!r}", photo, outcome=READY)
    for orientation in (0, 9, 255, 65_535):
        yield Case(f"orientation-{orientation}", _with_exif(exif(orientation=orientation)), outcome=READY)
    text = exif(orientation=None, more=((0x0112, 2, 4, b"six\0"),))
    yield Case("orientation-text", _with_exif(text), outcome=READY)


def _with_exif(block: bytes) -> bytes:
    return with_segments(saved(drawn(64, 48), "JPEG"), app1(block))


def directories() -> Iterator[Case]:
    """EXIF directories that run in circles, overlap, or leave their block."""
    loops = {
        "itself": [(0x8769, 4, 1, struct.pack(">I", 8)), (0x8825, 4, 1, struct.pack(">I", 8))],
        "outside": [(0x8769, 4, 1, b"\xff\xff\xff\xff"), (0x8825, 4, 1, b"\x7f\xff\xff\xff")],
        "many-pointers": [(0x8769, 4, 1000, struct.pack(">I", 8) * 1000)] * 3,
        "text-pointers": [(0x8769, 2, 4, b"abcd"), (0x8825, 2, 4, b"8\0\0\0")],
        "huge-count": [(0x9003, 2, 0x7FFFFFFF, b"xxxx"), (0x0112, 3, 0xFFFFFFFF, b"\0\1\0\0")],
        "rational-pointer": [(0x8825, 5, 1, rationals([(8, 0)]))],
        "unknown-types": [(tag, tag % 40, 1, b"\1\2\3\4") for tag in range(300)],
    }
    for name, entries in loops.items():
        for following in (0, 8, 0xFFFFFFFF):
            block = b"MM\0*\0\0\0\x08" + ifd(entries, at=8, following=following)
            yield Case(f"exif-{name}-{following}", _with_exif(block), outcome=READY, placed=False)
    overlapping = b"".join(struct.pack(">HHII", tag, 7, 60_000, 0) for tag in range(5_000))
    yield Case(
        "exif-overlapping",
        _with_exif(b"MM\0*\0\0\0\x08" + struct.pack(">H", 5_000) + overlapping),
        outcome=READY,
        placed=False,
    )
    yield Case("exif-full", _with_exif(b"MM\0*\0\0\0\x08\xff\xff" + bytes(65_000)), outcome=READY)
    for number, head in enumerate((b"", b"II*\0", b"MM\0+\0\x08\0\0", b"XX\0*\0\0\0\x08", b"II*\0\xff\xff\xff\xff")):
        yield Case(f"exif-head-{number}", _with_exif(head + bytes(20)), outcome=READY)


def containers() -> Iterator[Case]:
    """Boxes of HEIC and AVIF that do not hold together."""
    good = samples.samples()
    chance = random.Random(5)
    for name in ("heic", "avif"):
        data = good[name]
        for one in (b"meta", b"hdlr", b"pitm", b"iinf", b"infe", b"iloc", b"iprp", b"ipco", b"ispe", b"ipma", b"mdat"):
            at = data.index(one)
            for size in (0, 1, 7, 8, 9, 2**31, 2**32 - 1):
                damaged = data[: at - 4] + struct.pack(">I", size) + data[at:]
                yield Case(f"{name}-{one.decode()}-{size}", damaged)
            yield Case(f"{name}-without-{one.decode()}", data.replace(one, b"free"))
        at = data.index(b"iloc")
        for number in range(30):
            noise = data[: at + 8] + chance.randbytes(12) + data[at + 20 :]
            yield Case(f"{name}-iloc-noise-{number}", noise)
        at = data.index(b"iinf")
        yield Case(f"{name}-iinf-many", data[: at + 8] + b"\xff\xff" + data[at + 10 :])


def odd_pictures() -> Iterator[Case]:
    """Good pictures of rare make: all of them are shown."""
    for mode, kind in (
        ("1", "PNG"),
        ("L", "PNG"),
        ("LA", "PNG"),
        ("P", "PNG"),
        ("RGBA", "PNG"),
        ("I;16", "PNG"),
        ("CMYK", "JPEG"),
        ("L", "JPEG"),
        ("RGBA", "WEBP"),
        ("RGBA", "AVIF"),
        ("L", "AVIF"),
        ("RGBA", "HEIF"),
        ("L", "HEIF"),
    ):
        image = drawn(200, 150).convert("L").convert("I;16") if mode == "I;16" else drawn(200, 150, mode)
        yield Case(f"mode-{mode}-{kind.lower()}", saved(image, kind), outcome=READY)
    palette = drawn(64, 48).quantize(8)
    half = bytes(range(0, 256, 32))
    yield Case("palette-transparent", saved(palette, "PNG", transparency=half), outcome=READY)
    yield Case("rgb-transparent", saved(drawn(64, 48), "PNG", transparency=(90, 90, 90)), outcome=READY)
    for name, profile in (
        ("noise", random.Random(6).randbytes(5_000)),
        ("empty", b"\0"),
        ("grey", samples.swapped_profile().replace(b"RGB XYZ", b"GRAYXYZ")),
        ("swapped", samples.swapped_profile()),
        ("cut", samples.swapped_profile()[:300]),
    ):
        for kind in ("JPEG", "PNG", "WEBP"):
            yield Case(f"profile-{name}-{kind.lower()}", saved(drawn(64, 48), kind, icc_profile=profile), outcome=READY)
    for orientation in range(1, 9):
        block = b"Exif\0\0" + exif(orientation=orientation)
        for kind in ("JPEG", "PNG", "WEBP", "AVIF", "HEIF"):
            yield Case(f"turned-{orientation}-{kind.lower()}", saved(drawn(64, 48), kind, exif=block), outcome=READY)
