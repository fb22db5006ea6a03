"""Small pictures of every accepted kind, drawn here, and the pieces that files are made of."""

from __future__ import annotations

import io
import struct
import zlib
from functools import cache

import pillow_heif
from PIL import Image, ImageCms, ImageDraw
from PIL.PngImagePlugin import PngInfo

SECRET = b"Jean-Claude Secret"
XMP = b"<x:xmpmeta xmlns:x='adobe:ns:meta/'><dc:creator>" + SECRET + b"</dc:creator></x:xmpmeta>"
#: 43.611 N, 3.877 E as EXIF writes it.
NORTH, EAST = ((43, 1), (36, 1), (3960, 100)), ((3, 1), (52, 1), (3720, 100))


def drawn(width: int = 320, height: int = 240, mode: str = "RGB") -> Image.Image:
    """A street, of a kind: its top is blue, its bottom grey, its left red."""
    image = Image.new("RGB", (width, height), (90, 90, 90))
    draw = ImageDraw.Draw(image)
    draw.rectangle((0, 0, width, height // 3), fill=(80, 140, 220))
    draw.rectangle((0, height // 3, width // 5, height), fill=(200, 40, 40))
    left, top = width // 2, height // 2
    draw.ellipse((left, top, left + width // 4, top + height // 5), fill=(20, 20, 20))
    return image.convert(mode)


def ifd(entries: list[tuple[int, int, int, bytes]], *, at: int, following: int = 0) -> bytes:
    """A TIFF directory (big-endian) at offset `at`: (tag, type, count, value of any length)."""
    head, tail = struct.pack(">H", len(entries)), b""
    after = at + 2 + 12 * len(entries) + 4
    for tag, kind, count, value in entries:
        if len(value) > 4:
            place = struct.pack(">I", after + len(tail))
            tail += value
        else:
            place = value.ljust(4, b"\0")
        head += struct.pack(">HHI", tag, kind, count) + place
    return head + struct.pack(">I", following) + tail


def rationals(values) -> bytes:
    """Pairs as unsigned RATIONALs; negative ones wrap."""
    return b"".join(struct.pack(">II", top & 0xFFFFFFFF, bottom & 0xFFFFFFFF) for top, bottom in values)


def exif(
    *,
    lat=NORTH,
    lon=EAST,
    refs=(b"N\0", b"E\0"),
    orientation: int | None = 1,
    taken: bytes = b"2026:03:02 08:15:00\0",
    offset: bytes = b"+01:00\0",
    more: tuple[tuple[int, int, int, bytes], ...] = (),
) -> bytes:
    """An EXIF block without its own header, as wrong as asked for."""
    first = [(0x010F, 2, len(SECRET) + 1, SECRET + b"\0")]
    if orientation is not None:
        first.append((0x0112, 3, 1, struct.pack(">H", orientation)))
    first += more
    size = 8 + 2 + 12 * (len(first) + 2) + 4 + sum(len(value) for *_rest, value in first if len(value) > 4)
    inner = ifd([(0x9003, 2, len(taken), taken), (0x9011, 2, len(offset), offset)], at=size)
    place = [(0, 1, 4, b"\2\3\0\0")]
    for tag, value, side in ((1, lat, refs[0]), (3, lon, refs[1])):
        if side is not None:
            place.append((tag, 2, len(side), side))
        if value is not None:
            place.append((tag + 1, 5, len(value), rationals(value)))
    gps = ifd(place, at=size + len(inner))
    pointers = [(0x8769, 4, 1, struct.pack(">I", size)), (0x8825, 4, 1, struct.pack(">I", size + len(inner)))]
    return b"MM\0*\0\0\0\x08" + ifd(first + pointers, at=8) + inner + gps


def segment(marker: int, body: bytes) -> bytes:
    """A JPEG segment."""
    return struct.pack(">BBH", 0xFF, marker, len(body) + 2) + body


def with_segments(jpeg: bytes, *segments: bytes) -> bytes:
    """A JPEG with more segments just after its beginning."""
    return jpeg[:2] + b"".join(segments) + jpeg[2:]


def app1(block: bytes) -> bytes:
    """EXIF as JPEG carries it."""
    return segment(0xE1, b"Exif\0\0" + block)


def chunk(name: bytes, body: bytes) -> bytes:
    """A PNG chunk."""
    return struct.pack(">I", len(body)) + name + body + struct.pack(">I", zlib.crc32(name + body))


def png(width: int, height: int, data: bytes, *before: bytes, depth: int = 8, colour: int = 2) -> bytes:
    """A PNG of compressed `data`, whatever its size says."""
    header = struct.pack(">IIBBBBB", width, height, depth, colour, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + b"".join(before) + chunk(b"IDAT", data) + chunk(b"IEND", b"")


def riff(*chunks: tuple[bytes, bytes]) -> bytes:
    """A WebP file of these chunks."""
    body = b"".join(name + struct.pack("<I", len(data)) + data + b"\0" * (len(data) % 2) for name, data in chunks)
    return b"RIFF" + struct.pack("<I", len(body) + 4) + b"WEBP" + body


def box(name: bytes, *bodies: bytes) -> bytes:
    """A box of an ISO base media file."""
    body = b"".join(bodies)
    return struct.pack(">I", len(body) + 8) + name + body


@cache
def swapped_profile() -> bytes:
    """An ICC profile under which what the file calls red is green, and the other way round."""
    profile = bytearray(ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes())
    count = struct.unpack_from(">I", profile, 128)[0]
    tags = {bytes(profile[at : at + 4]): at + 4 for at in range(132, 132 + 12 * count, 12)}
    red, green = tags[b"rXYZ"], tags[b"gXYZ"]
    profile[red : red + 8], profile[green : green + 8] = profile[green : green + 8], profile[red : red + 8]
    return bytes(profile).replace("sRGB".encode("utf-16-be"), "swap".encode("utf-16-be"))


def saved(image: Image.Image, kind: str, **options) -> bytes:
    """The file of an image."""
    file = io.BytesIO()
    image.save(file, kind, **options)
    return file.getvalue()


@cache
def samples() -> dict[str, bytes]:
    """One good photo of each kind, each with EXIF, XMP and what else its kind can carry."""
    pillow_heif.register_heif_opener()
    image, block = drawn(), b"Exif\0\0" + exif()
    srgb = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
    texts = PngInfo()
    texts.add_text("Author", SECRET.decode())
    texts.add_itxt("XML:com.adobe.xmp", XMP.decode(), zip=True)
    author = b"\x1c\x02\x50" + struct.pack(">H", len(SECRET)) + SECRET
    iptc = b"Photoshop 3.0\08BIM\x04\x04\0\0" + struct.pack(">I", len(author)) + author
    jpeg = saved(image, "JPEG", exif=block, icc_profile=srgb, comment=SECRET, quality=85, xmp=XMP)
    return {
        "jpeg": with_segments(jpeg, segment(0xED, iptc)),
        "progressive": saved(image, "JPEG", exif=block, progressive=True),
        "png": saved(image, "PNG", exif=block, icc_profile=srgb, pnginfo=texts),
        "webp": saved(image, "WEBP", exif=block, icc_profile=srgb, xmp=XMP, quality=80),
        "lossless": saved(image, "WEBP", exif=block, lossless=True),
        "heic": saved(image, "HEIF", exif=block, xmp=XMP, quality=60),
        "avif": saved(image, "AVIF", exif=block, xmp=XMP, icc_profile=srgb, quality=60),
    }
