"""From an original to what the public may see: a list of steps over one picture.

Each step is a small function that changes the PhotoInProgress. A later step (hiding faces and plates) joins STEPS
between `flatten_on_white` and `make_sizes`: it finds an upright picture in plain sRGB, and nothing but pixels.
"""

from __future__ import annotations

import io
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from PIL import Image, ImageCms

from core.photos import exif
from core.photos.child_process import run_limited
from core.photos.decoders import JPEG, WEBP, kind_of, open_lazily, too_many
from core.photos.validation import UnusablePhoto

READS, SECONDS = 400_000, 30.0
#: What the steps may cost: processor time of the child that does them, time on the wall (shorter than a worker's
#: turn, core.photos.jobs.TURN_LENGTH), and by how many bytes it may grow. A phone's 12 million pixels of
#: HEIC take 0.7 s, its 50 million of progressive JPEG 0.9 s and 500 MB. A file that wants more is refused.
CPU_SECONDS, WALL_SECONDS = 12, 40.0
MEMORY = 1024**3
MOST_PROFILE = 4 * 1024**2
_SRGB = ImageCms.createProfile("sRGB")
_TURNS = {
    2: Image.Transpose.FLIP_LEFT_RIGHT,
    3: Image.Transpose.ROTATE_180,
    4: Image.Transpose.FLIP_TOP_BOTTOM,
    5: Image.Transpose.TRANSPOSE,
    6: Image.Transpose.ROTATE_270,
    7: Image.Transpose.TRANSVERSE,
    8: Image.Transpose.ROTATE_90,
}


@dataclass(frozen=True)
class Size:
    """A public size: its longest side in pixels, and how it is written."""

    name: str
    side: int
    media_type: str
    #: In Pillow's own words.
    options: dict[str, Any]

    @property
    def extension(self) -> str:
        """Of the file's name: jpg or webp."""
        return {JPEG: "jpg", WEBP: "webp"}[self.media_type]

    def __reduce__(self) -> tuple[Callable[[str], Size], tuple[str]]:
        """What comes back from the child is the very size of SIZES, not one that is like it."""
        return _size_of, (self.name,)


#: The small one also goes into mails and to other systems: not all of them show WebP. The large one is loaded
#: over two bars of signal: WebP is a quarter smaller, at method 2 in half the time of the default.
SMALL = Size("small", 480, JPEG, {"format": "JPEG", "quality": 80, "progressive": True, "optimize": True})
LARGE = Size("large", 1600, WEBP, {"format": "WEBP", "quality": 80, "method": 2})
SIZES = (LARGE, SMALL)


def _size_of(name: str) -> Size:
    return next(size for size in SIZES if size.name == name)


@dataclass(frozen=True)
class ProcessedSize:
    """One public size, ready to be kept."""

    size: Size
    data: bytes
    width: int
    height: int


@dataclass
class PhotoInProgress:
    """One picture on its way through the steps."""

    data: bytes
    image: Image.Image | None = None
    orientation: int = 1
    profile: bytes | None = None
    made: list[ProcessedSize] = field(default_factory=list)

    @property
    def decoded(self) -> Image.Image:
        """The picture, for every step after `decode`."""
        assert self.image is not None
        return self.image


@dataclass(frozen=True)
class ProcessingResult:
    """The public sizes; or none, and the reason (a code of core.photos.validation.REASONS)."""

    made: tuple[ProcessedSize, ...] = ()
    reason: str | None = None


def process(data: bytes) -> ProcessingResult:
    """All the steps, for one file, within limits of time and memory. Never raises on account of what it holds."""
    try:
        return run_limited(_steps, data, cpu_seconds=CPU_SECONDS, seconds=WALL_SECONDS, memory=MEMORY)
    except UnusablePhoto as error:
        return ProcessingResult(reason=error.reason)


def _steps(data: bytes) -> ProcessingResult:
    work = PhotoInProgress(data)
    try:
        for step in STEPS:
            step(work)
    except UnusablePhoto as error:
        return ProcessingResult(reason=error.reason)
    except MemoryError:
        return ProcessingResult(reason="too_many_pixels")
    except Exception:  # noqa: BLE001 - a hostile file may break a decoder in any way
        return ProcessingResult(reason="unreadable")
    return ProcessingResult(made=tuple(work.made))


def decode(work: PhotoInProgress) -> None:
    """The pixels of the first picture of the file, no more of them than the large size needs."""
    kind = kind_of(work.data)
    if kind is None:
        raise UnusablePhoto("kind")
    image = open_lazily(kind, work.data, reads=READS, seconds=SECONDS)
    if too_many(kind, *image.size):
        raise UnusablePhoto("too_many_pixels")
    if kind == JPEG:
        # The decoder itself halves a picture, almost for nothing; small bites let BoundedReader see the time.
        times = max(1, max(image.size) // LARGE.side)
        image.draft(None, (image.size[0] // times, image.size[1] // times))
        image.decodermaxblock = 16_384
    image.load()
    work.profile = image.info.get("icc_profile")
    work.orientation = _orientation(image)
    work.image = image


def _orientation(image: Image.Image) -> int:
    """As EXIF says; for HEIC and AVIF their libraries have put there what is left to do."""
    block = image.info.get("exif")
    return exif.orientation(block) if isinstance(block, bytes) else 1


def shrink(work: PhotoInProgress) -> None:
    """No larger than the largest public size: all that follows is done on few pixels."""
    image = work.decoded
    if image.mode in ("P", "PA"):
        image = image.convert("RGBA")
    elif image.mode in ("I;16", "I;16B", "I;16L", "I", "F", "1"):
        image = _to_grey(image)
    if max(image.size) > LARGE.side:
        image.thumbnail((LARGE.side, LARGE.side), Image.Resampling.LANCZOS, reducing_gap=3.0)
    work.image = image


def _to_grey(image: Image.Image) -> Image.Image:
    if image.mode == "1":
        return image.convert("L")
    # 16 bits: the upper eight of them. Pillow's own conversion would cut everything bright off.
    return image.convert("I").point(lambda value: value * (1 / 256)).convert("L")


def turn_upright(work: PhotoInProgress) -> None:
    """Turned and mirrored as the camera was held."""
    if work.orientation in _TURNS:
        work.image = work.decoded.transpose(_TURNS[work.orientation])


def convert_to_srgb(work: PhotoInProgress) -> None:
    """The colours of every screen; the profile they came with is used up here."""
    image, profile = work.decoded, work.profile
    if profile and len(profile) <= MOST_PROFILE and image.mode in ("RGB", "RGBA", "L", "CMYK"):
        try:
            own = ImageCms.ImageCmsProfile(io.BytesIO(profile))
            if "srgb" not in ImageCms.getProfileDescription(own).lower():
                wanted = "RGBA" if image.mode == "RGBA" else "RGB"
                image = ImageCms.profileToProfile(image, own, _SRGB, outputMode=wanted) or image
        except (ImageCms.PyCMSError, OSError, ValueError, TypeError):
            pass  # a broken profile, or one of another kind of picture
    work.image = image


def flatten_on_white(work: PhotoInProgress) -> None:
    """Plain RGB on white paper, in an image of its own: only pixels come along, no metadata of any kind."""
    image = work.decoded
    transparent = image.has_transparency_data
    if transparent:
        image = image.convert("RGBA")
    elif image.mode != "RGB":
        image = image.convert("RGB")
    plain = Image.new("RGB", image.size, "white")
    plain.paste(image, mask=image.getchannel("A") if transparent else None)
    work.image = plain


def make_sizes(work: PhotoInProgress) -> None:
    """The public sizes, the larger first; a picture smaller than a size keeps its own."""
    image = work.decoded
    for size in SIZES:
        if max(image.size) > size.side:
            image = image.resize(_fit(image.size, size.side), Image.Resampling.LANCZOS, reducing_gap=3.0)
        file = io.BytesIO()
        image.save(file, **size.options)
        work.made.append(ProcessedSize(size, file.getvalue(), *image.size))


def _fit(size: tuple[int, int], side: int) -> tuple[int, int]:
    scale = side / max(size)
    return max(1, round(size[0] * scale)), max(1, round(size[1] * scale))


STEPS: list[Callable[[PhotoInProgress], None]] = [
    decode,
    shrink,
    turn_upright,
    convert_to_srgb,
    flatten_on_white,
    make_sizes,
]
