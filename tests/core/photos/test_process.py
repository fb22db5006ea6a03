"""From an original to what the public may see."""

from __future__ import annotations

import io
import subprocess
import sys
import time

import pytest
from PIL import Image, ImageChops, ImageCms, ImageOps, ImageStat

from core.photos import processing
from core.photos.processing import LARGE, SMALL
from core.photos.validation import REASONS
from tests.conftest import ROOT
from tests.core.photos.corpus import READY, corpus
from tests.core.photos.parts import assert_clean, parts
from tests.core.photos.samples import SECRET, app1, drawn, exif, samples, saved, segment, swapped_profile, with_segments

#: What Pillow says of each hostile file is of no interest.
pytestmark = pytest.mark.filterwarnings("ignore::UserWarning:PIL.TiffImagePlugin")


def picture(outcome, size) -> Image.Image:
    """One of the sizes that were made, decoded."""
    made = next(made for made in outcome.made if made.size is size)
    image = Image.open(io.BytesIO(made.data))
    image.load()
    assert image.size == (made.width, made.height)
    return image


def unlike(one: Image.Image, other: Image.Image) -> float:
    """How far two pictures are from each other: 0 (the same) to 255, on a common size."""
    size = (64, 64)
    apart = ImageChops.difference(one.convert("RGB").resize(size), other.convert("RGB").resize(size))
    return sum(ImageStat.Stat(apart).mean) / 3


@pytest.mark.parametrize("name", ["jpeg", "progressive", "png", "webp", "lossless", "heic", "avif"])
def test_each_kind_becomes_two_clean_sizes(name):
    original = samples()[name]
    assert name in ("progressive", "lossless") or SECRET in original or name == "png"
    outcome = processing.process(original)
    assert outcome.reason is None
    for size in (SMALL, LARGE):
        assert unlike(picture(outcome, size), drawn()) < 6
    for made in outcome.made:
        assert_clean(made.data)


def test_what_clean_means(data):
    """The check itself can fail."""
    dirty = saved(drawn(), "JPEG", comment=b"x"), saved(drawn(), "WEBP", exif=b"Exif\0\0" + exif())
    for one in (*dirty, samples()["jpeg"], saved(drawn(), "JPEG") + b"more"):
        with pytest.raises(AssertionError):
            assert_clean(one)


def test_sizes():
    outcome = processing.process(saved(drawn(3000, 2000), "JPEG"))
    assert picture(outcome, LARGE).size == (1600, 1067)
    assert picture(outcome, SMALL).size == (480, 320)
    assert picture(outcome, LARGE).format == "WEBP" and picture(outcome, SMALL).format == "JPEG"
    small = processing.process(saved(drawn(300, 400), "PNG"))
    assert picture(small, LARGE).size == picture(small, SMALL).size == (300, 400)


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP", "AVIF", "HEIF"])
@pytest.mark.parametrize("orientation", range(1, 9))
def test_upright(kind, orientation):
    samples()
    file = saved(drawn(), kind, exif=b"Exif\0\0" + exif(orientation=orientation))
    opened = Image.open(io.BytesIO(file))
    expected = ImageOps.exif_transpose(opened)
    outcome = processing.process(file)
    assert picture(outcome, LARGE).size == expected.size
    assert unlike(picture(outcome, LARGE), expected) < 6


def test_a_camera_held_upside_down():
    """Not by the reading of a library: blue above, red on the left, whatever the camera wrote."""
    for orientation, turn in (
        (3, Image.Transpose.ROTATE_180),
        (6, Image.Transpose.ROTATE_90),
        (8, Image.Transpose.ROTATE_270),
        (2, Image.Transpose.FLIP_LEFT_RIGHT),
    ):
        held = drawn().transpose(turn)
        photo = saved(held, "JPEG", exif=b"Exif\0\0" + exif(orientation=orientation))
        image = picture(processing.process(photo), LARGE)
        assert image.size == (320, 240)
        top, left = image.getpixel((200, 10)), image.getpixel((10, 200))
        assert top[2] > 180 and left[0] > 160 and left[2] < 90


def test_colours_are_turned_into_srgb():
    for kind in ("JPEG", "PNG", "WEBP"):
        photo = saved(Image.new("RGB", (64, 48), (200, 30, 30)), kind, icc_profile=swapped_profile())
        red, green, blue = picture(processing.process(photo), LARGE).getpixel((30, 20))
        assert green > 150 and red < 100 and blue < 100, kind


@pytest.mark.parametrize(
    ("mode", "value", "expected"),
    [
        ("L", 128, 128),
        ("I;16", 128 * 256, 128),
        ("I;16", 65_535, 255),
        ("1", 1, 255),
        ("1", 0, 0),
    ],
)
def test_greys_keep_their_brightness(mode, value, expected):
    image = picture(processing.process(saved(Image.new(mode, (64, 48), value), "PNG")), LARGE)
    assert all(abs(part - expected) <= 3 for part in image.getpixel((30, 20)))


def test_printers_colours():
    image = picture(processing.process(saved(Image.new("CMYK", (64, 48), (0, 255, 255, 0)), "JPEG")), LARGE)
    red, green, blue = image.getpixel((30, 20))
    assert red > 200 and green < 60 and blue < 60


def test_transparent_parts_are_white():
    image = Image.new("RGBA", (64, 48), (255, 0, 0, 0))
    for kind in ("PNG", "WEBP", "AVIF"):
        assert min(picture(processing.process(saved(image, kind, lossless=True)), LARGE).getpixel((30, 20))) > 250
    palette = Image.new("P", (64, 48), 0)
    palette.putpalette([255, 0, 0] * 256)
    outcome = processing.process(saved(palette, "PNG", transparency=0))
    assert min(picture(outcome, LARGE).getpixel((30, 20))) > 250


def test_the_first_of_many_frames():
    frames = [Image.new("RGB", (64, 48), colour) for colour in ("red", "lime", "blue")]
    for kind in ("PNG", "WEBP", "AVIF", "MPO", "HEIF"):
        samples()
        outcome = processing.process(saved(frames[0], kind, save_all=True, append_images=frames[1:]))
        red, green, blue = picture(outcome, SMALL).getpixel((30, 20))
        assert red > 200 and green < 80 and blue < 80, kind
        for made in outcome.made:
            assert_clean(made.data)


def test_a_truncated_photo_is_refused():
    for name, data in samples().items():
        assert processing.process(data[: len(data) * 2 // 3]).reason == "unreadable", name


# A process for each of a thousand files: on a machine that is busy elsewhere that takes its time.
@pytest.mark.timeout(900)
def test_hostile_files_never_raise_and_end():
    """Each is ready (and clean) or refused with a reason, in bounded time."""
    for case in corpus():
        began = time.monotonic()
        outcome = processing.process(case.data)
        assert time.monotonic() - began < 60, case.name
        assert (outcome.reason is None) == (len(outcome.made) == 2), case.name
        assert outcome.reason is None or outcome.reason in REASONS, case.name
        for made in outcome.made:
            assert_clean(made.data)
        if case.outcome is not None:
            assert (outcome.reason or READY) == case.outcome, case.name


def test_a_decoder_kept_busy_is_stopped(monkeypatch):
    monkeypatch.setattr(processing, "SECONDS", 0.2)
    scans = saved(drawn(3000, 3000), "JPEG", progressive=True)
    last = scans.rindex(b"\xff\xda")
    began = time.monotonic()
    assert processing.process(scans[:-2] + scans[last:-2] * 3_000 + b"\xff\xd9").reason == "unreadable"
    assert time.monotonic() - began < 20


#: What is bounded is the growth of a process: memory that a long test run has already given back does not count.
_IN_A_PROCESS_OF_ITS_OWN = """
import sys
from core.photos import processing
processing.MEMORY = int(sys.argv[1])
print(processing.process(sys.stdin.buffer.read()).reason)
"""


@pytest.mark.parametrize(("megabytes", "reason"), [(32, "too_many_pixels"), (1024, "None")])
def test_memory_is_bounded(megabytes, reason):
    photo = saved(Image.new("RGB", (5_000, 5_000)), "PNG", compress_level=1)
    done = subprocess.run(
        [sys.executable, "-c", _IN_A_PROCESS_OF_ITS_OWN, str(megabytes * 2**20)],
        input=photo,
        capture_output=True,
        timeout=60,
        cwd=ROOT,
    )
    assert done.stdout.decode().strip() == reason, done.stderr.decode()[-500:]


def test_a_step_may_join(monkeypatch):
    def hide(work):
        work.image.paste("black", (0, 0, *work.image.size))

    steps = list(processing.STEPS)
    steps.insert(steps.index(processing.make_sizes), hide)
    monkeypatch.setattr(processing, "STEPS", steps)
    assert max(picture(processing.process(samples()["jpeg"]), LARGE).getpixel((30, 20))) < 5


def in_srgb(image: Image.Image) -> Image.Image:
    """The picture in the colours of a screen."""
    profile = image.info.get("icc_profile")
    if not profile:
        return image
    return ImageCms.profileToProfile(
        image, ImageCms.ImageCmsProfile(io.BytesIO(profile)), ImageCms.createProfile("sRGB")
    )


def test_the_real_photos_are_upright_and_clean(data):
    samples()  # registers HEIF for the reference
    for path in sorted((data / "photos").glob("*/*")):
        if not path.suffix:
            continue
        outcome = processing.process(path.read_bytes())
        assert outcome.reason is None, path.name
        reference, large = Image.open(path), picture(outcome, LARGE)
        reference.thumbnail((512, 512))
        reference = in_srgb(ImageOps.exif_transpose(reference))
        assert (large.width > large.height) == (reference.width > reference.height), path.name
        assert unlike(large, reference) < 3, path.name
        for turn in Image.Transpose:
            assert unlike(large, reference.transpose(turn)) > unlike(large, reference), (path.name, turn)
        for made in outcome.made:
            assert_clean(made.data)
            assert max(made.width, made.height) <= made.size.side


def test_the_eight_ways_to_hold_a_phone_give_one_picture(data):
    for kind in ("landscape", "portrait"):
        ones = [
            picture(processing.process((data / f"photos/exif_orientation/{kind}_{n}.jpg").read_bytes()), LARGE)
            for n in range(1, 9)
        ]
        for other in ones[1:]:
            assert other.size == ones[0].size
            assert unlike(ones[0], other) < 5


def test_what_a_phone_writes_beside_the_picture():
    """A thumbnail in the EXIF, a second picture (MPF), IPTC and a film behind the end: none comes along."""
    thumbnail = saved(drawn(160, 120), "JPEG")
    photo = with_segments(samples()["jpeg"], app1(exif() + thumbnail), segment(0xE2, b"MPF\0" + bytes(60)))
    outcome = processing.process(photo + saved(drawn(), "JPEG") + b"\0\0\0\x18ftypmp42" + bytes(500))
    for made in outcome.made:
        assert_clean(made.data)
    assert parts(outcome.made[0].data) == ["VP8 "]
