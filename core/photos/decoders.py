"""What a file is, by its content alone, and how Pillow is let near it: lazily, within limits.

Nothing here decodes pixels. Files come from anybody: every reader works on a bounded number of pieces.
"""

from __future__ import annotations

import io
import time
import warnings

import pillow_heif
from flask import Flask
from PIL import Image, ImageFile
from PIL.AvifImagePlugin import AvifImageFile
from PIL.JpegImagePlugin import JpegImageFile
from PIL.PngImagePlugin import PngImageFile
from PIL.WebPImagePlugin import WebPImageFile
from pillow_heif.as_plugin import HeifImageFile

JPEG, PNG, WEBP, HEIC, AVIF = "image/jpeg", "image/png", "image/webp", "image/heic", "image/avif"
#: Pixels a file may declare. A JPEG is halved while it is decoded, almost for nothing: any phone's will do (48 to
#: 64 million pixels). The others are decoded whole before they are made smaller: HEIC as phones write it (48 to
#: 50 million), PNG and WebP as screens and full-frame cameras do; a PNG of 12 kB can declare any number.
MOST_PIXELS = 100_000_000
MOST_PIXELS_OF = {JPEG: MOST_PIXELS, HEIC: 51_000_000, AVIF: 51_000_000, PNG: 26_000_000, WEBP: 26_000_000}
MOST_SIDE = 30_000

_HEIC_BRANDS = frozenset({b"heic", b"heix", b"heim", b"heis", b"hevc", b"hevx", b"hevm", b"hevs"})
_AVIF_BRANDS = frozenset({b"avif", b"avis"})
_ANY_BRANDS = frozenset({b"mif1", b"mif2", b"msf1"})
_OPENERS: dict[str, type[ImageFile.ImageFile]] = {
    JPEG: JpegImageFile,
    PNG: PngImageFile,
    WEBP: WebPImageFile,
    HEIC: HeifImageFile,
    AVIF: AvifImageFile,
}


def too_many(kind: str, width: int, height: int) -> bool:
    """Whether a file of that kind declares more pixels than are decoded here."""
    return max(width, height) > MOST_SIDE or width * height > MOST_PIXELS_OF[kind]


class TooMuchWork(ValueError):
    """A file asks for more work than any photo does."""


class BoundedReader(io.BytesIO):
    """Bytes that may be read so many times, and until a moment, and no more.

    Pillow's readers walk a file in Python, piece by piece: a file made of a million pieces, or whose pieces
    each take the decoder a while, ends here.
    """

    def __init__(self, data: bytes, *, reads: int, seconds: float) -> None:
        super().__init__(data)
        self._reads = reads
        self._until = time.monotonic() + seconds

    def read(self, size: int | None = -1, /) -> bytes:
        """As BytesIO. Raises TooMuchWork."""
        self._reads -= 1
        if self._reads < 0 or time.monotonic() > self._until:
            raise TooMuchWork
        return super().read(size)


def kind_of(data: bytes) -> str | None:
    """The media type that the first bytes show, or None for what is not accepted."""
    if data[:3] == b"\xff\xd8\xff":
        return JPEG
    if data[:8] == b"\x89PNG\r\n\x1a\n":
        return PNG
    if data[:4] == b"RIFF" and data[8:12] == b"WEBP" and data[12:16] in (b"VP8 ", b"VP8L", b"VP8X"):
        return WEBP
    if data[4:8] == b"ftyp":
        return _kind_of_boxes(data)
    return None


def _kind_of_boxes(data: bytes) -> str | None:
    end = min(int.from_bytes(data[:4], "big"), 256, len(data))
    major = data[8:12]
    brands = {major} | {data[at : at + 4] for at in range(16, end - 3, 4)}
    if major in _AVIF_BRANDS or (major in _ANY_BRANDS and brands & _AVIF_BRANDS):
        return AVIF
    if major in _HEIC_BRANDS or (major in _ANY_BRANDS and (brands & _HEIC_BRANDS or brands <= _ANY_BRANDS)):
        return HEIC
    return None


def open_lazily(kind: str, data: bytes, *, reads: int, seconds: float) -> ImageFile.ImageFile:
    """The file as a Pillow image whose pixels are not decoded yet.

    Raises whatever the reader makes of a broken file: callers take any Exception for "cannot be read".
    """
    return _OPENERS[kind](BoundedReader(data, reads=reads, seconds=seconds))


def init_app(app: Flask) -> None:
    """Set what Pillow and pillow-heif do in this whole process."""
    # A second net under our own checks: Pillow refuses by itself at twice this number.
    Image.MAX_IMAGE_PIXELS = MOST_PIXELS
    # Pillow warns of each oddity it skips; of hostile files there is nothing to tell, and its register of
    # warnings would grow with them.
    warnings.filterwarnings("ignore", module=r"PIL\.")
    # Only the picture itself is wanted, never what lies beside it in the file.
    pillow_heif.options.THUMBNAILS = False
    pillow_heif.options.DEPTH_IMAGES = False
    pillow_heif.options.AUX_IMAGES = False
