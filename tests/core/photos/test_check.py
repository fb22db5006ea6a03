"""What the request finds out about a file, without decoding it."""

from __future__ import annotations

import tracemalloc
from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest
from PIL import Image, ImageFile

from core.photos import decoders, validation
from core.photos.validation import REASONS, UnusablePhoto, inspect_photo
from tests.core.photos.corpus import corpus
from tests.core.photos.samples import app1, drawn, exif, samples, saved, with_segments

#: What Pillow says of each hostile file is of no interest.
pytestmark = pytest.mark.filterwarnings("ignore::UserWarning:PIL.TiffImagePlugin")
PARIS = ZoneInfo("Europe/Paris")
TYPES = {
    "jpeg": decoders.JPEG,
    "progressive": decoders.JPEG,
    "png": decoders.PNG,
    "webp": decoders.WEBP,
    "lossless": decoders.WEBP,
    "heic": decoders.HEIC,
    "avif": decoders.AVIF,
}


@pytest.mark.parametrize("name", list(TYPES))
def test_each_kind_is_known_by_its_content_and_says_where_and_when(name):
    found = inspect_photo(samples()[name], PARIS)
    assert found.media_type == TYPES[name]
    assert (found.width, found.height) == (320, 240)
    assert (found.place.lat, found.place.lon) == (43.611, 3.877)
    assert found.taken_at == datetime(2026, 3, 2, 7, 15, tzinfo=UTC)


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP", "HEIF", "AVIF"])
def test_a_photo_that_says_nothing(kind):
    samples()  # registers HEIF for writing
    found = inspect_photo(saved(drawn(), kind), PARIS)
    assert (found.place, found.taken_at) == (None, None)


@pytest.mark.parametrize(
    ("taken", "offset", "moment"),
    [
        (b"2026:03:02 08:15:00\0", b"", (2026, 3, 2, 7, 15)),  # the jurisdiction's time in winter
        (b"2026:07:02 08:15:00\0", b"", (2026, 7, 2, 6, 15)),  # and in summer
        (b"2026:03:02 08:15:00\0", b"-05:00\0", (2026, 3, 2, 13, 15)),
        (b"2026:03:02 08:15:00\0", b"+99:00\0", (2026, 3, 2, 7, 15)),  # no such zone: the jurisdiction's
    ],
)
def test_times_without_a_zone_are_the_towns(taken, offset, moment):
    photo = with_segments(saved(drawn(), "JPEG"), app1(exif(taken=taken, offset=offset)))
    assert inspect_photo(photo, PARIS).taken_at == datetime(*moment, tzinfo=UTC)


@pytest.mark.parametrize(
    "taken",
    [
        b"2999:01:01 00:00:00\0",
        b"1904:01:01 00:00:00\0",
        b"0000:00:00 00:00:00\0",
        b"2026:02:30 00:00:00\0",
        b"soon\0",
    ],
)
def test_absurd_times_are_ignored(taken):
    photo = with_segments(saved(drawn(), "JPEG"), app1(exif(taken=taken)))
    assert inspect_photo(photo, PARIS).taken_at is None


def test_the_southern_and_western_half():
    photo = with_segments(saved(drawn(), "JPEG"), app1(exif(refs=(b"S\0", b"W\0"))))
    place = inspect_photo(photo, PARIS).place
    assert (place.lat, place.lon) == (-43.611, -3.877)


def test_every_reason_has_a_sentence():
    for reason in REASONS:
        assert validation.reason_sentence(reason).endswith(".")
    assert validation.reason_sentence(None) == validation.reason_sentence("unreadable")


def test_hostile_files_are_answered_within_bounds(monkeypatch):
    """Hundreds of them: nothing but Unusable, as expected, no pixel decoded, in little memory and time."""

    def never(*_args, **_kwargs):
        raise AssertionError("pixels were decoded in a request")

    cases = list(corpus())
    assert len(cases) > 900
    monkeypatch.setattr(ImageFile.ImageFile, "load", never)
    monkeypatch.setattr(Image.core, "new", never)
    monkeypatch.setattr(Image.core, "fill", never)
    for case in cases:
        tracemalloc.start()
        try:
            found, reason = inspect_photo(case.data, PARIS), None
        except UnusablePhoto as error:
            found, reason = None, error.reason
        used = tracemalloc.get_traced_memory()[1]
        tracemalloc.stop()
        assert used < 64 * 2**20, (case.name, used)
        assert reason is None or reason in REASONS
        if case.reason is not None:
            assert reason == case.reason, case.name
        if case.outcome is not None:
            assert reason is None, (case.name, reason)
        if case.placed is not None:
            assert bool(found.place) == case.placed, case.name
        if found is not None and found.place is not None:
            assert abs(found.place.lat) <= 90 and abs(found.place.lon) <= 180


def test_the_real_photos(data):
    placed = [
        inspect_photo(path.read_bytes(), PARIS).place is not None
        for path in sorted((data / "photos").glob("*/*"))
        if path.suffix
    ]
    assert (len(placed), sum(placed)) == (48, 28)
