"""What a photo may cost: pixels by kind, processor time, memory; what costs more is refused with its reason."""

import hashlib
import os
import struct
import zlib
from datetime import UTC

import pytest
from PIL import Image

from core.photos import processing
from core.photos.child_process import run_limited
from core.photos.decoders import AVIF, HEIC, JPEG, PNG, WEBP, too_many
from core.photos.validation import UnusablePhoto, inspect_photo
from tests.core.photos.samples import saved

ENOUGH = {"cpu_seconds": 5, "seconds": 20.0, "memory": 1 << 29}


def bomb(side: int) -> bytes:
    """A PNG of some kilobytes whose `side`² pixels are all alike."""

    def chunk(name: bytes, body: bytes) -> bytes:
        return struct.pack(">I", len(body)) + name + body + struct.pack(">I", zlib.crc32(name + body))

    row = b"\0" + bytes((side + 7) // 8)
    packed = zlib.compress(row * side, 9)
    return (
        b"\x89PNG\r\n\x1a\n"
        + chunk(b"IHDR", struct.pack(">IIBBBBB", side, side, 1, 0, 0, 0, 0))
        + chunk(b"IDAT", packed)
        + chunk(b"IEND", b"")
    )


def test_a_small_file_of_many_pixels_is_refused_before_it_is_kept():
    dear = bomb(9_900)
    assert len(dear) < 20_000
    with pytest.raises(UnusablePhoto) as refused:
        inspect_photo(dear, UTC)
    assert refused.value.reason == "too_many_pixels"
    assert processing.process(dear).reason == "too_many_pixels"
    assert processing.process(bomb(5_000)).reason is None


@pytest.mark.parametrize(
    ("kind", "width", "height", "refused"),
    [
        (JPEG, 9_248, 6_936, False),
        (JPEG, 12_000, 9_000, True),
        (HEIC, 8_064, 6_048, False),
        (HEIC, 9_000, 6_000, True),
        (AVIF, 8_160, 6_120, False),
        (PNG, 6_000, 4_000, False),
        (PNG, 6_000, 5_000, True),
        (WEBP, 6_000, 5_000, True),
        (JPEG, 30_001, 10, True),
    ],
)
def test_how_many_pixels_are_accepted_of_each_kind(kind, width, height, refused):
    assert too_many(kind, width, height) is refused


def test_a_phone_s_fifty_million_pixels_pass():
    photo = saved(Image.effect_noise((816, 612), 60).resize((8_160, 6_120)).convert("RGB"), "JPEG", quality=60)
    assert processing.process(photo).reason is None


def test_processor_time_is_bounded_inside_one_call_of_a_decoder(monkeypatch):
    def busy(_work):
        hashlib.pbkdf2_hmac("sha256", b"x", b"y", 10**9)

    monkeypatch.setattr(processing, "STEPS", [busy])
    monkeypatch.setattr(processing, "CPU_SECONDS", 1)
    before = os.times()
    assert processing.process(b"anything").reason == "too_costly"
    # Counted in processor time of children, whatever else the machine does.
    assert os.times().children_user - before.children_user < 3


def test_time_on_the_wall_is_bounded_too():
    with pytest.raises(UnusablePhoto) as refused:
        run_limited(lambda _data: os.read(os.pipe()[0], 1), b"", **ENOUGH | {"seconds": 0.3})
    assert refused.value.reason == "too_costly"


def test_a_decoder_that_crashes_takes_nobody_with_it(monkeypatch):
    monkeypatch.setattr(processing, "STEPS", [lambda _work: os._exit(3)])
    assert processing.process(b"anything").reason == "unreadable"
    assert run_limited(len, b"abc", **ENOUGH) == 3


def test_a_child_s_memory_is_bounded_and_the_parent_s_is_not(monkeypatch):
    monkeypatch.setattr(processing, "STEPS", [lambda work: work.made.append(bytearray(1 << 30))])
    monkeypatch.setattr(processing, "MEMORY", 1 << 28)
    assert processing.process(b"anything").reason == "too_many_pixels"
