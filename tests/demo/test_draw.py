"""The drawn photos: decodable, different before and after, the same every time, with a telephone's EXIF."""

import io
from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest
from PIL import Image, ImageChops, ImageStat

from core.photos import validation
from core.photos.processing import process as run
from demo.pictures import draw

NOON = datetime(2026, 3, 5, 12, 30, tzinfo=ZoneInfo("Europe/Paris"))


def test_at_least_twelve_scenes():
    assert len(draw.SCENES) >= 12


@pytest.mark.parametrize("scene", sorted(draw.SCENES))
def test_a_scene_and_its_repair(scene):
    before, after = draw.picture(scene, "before"), draw.picture(scene, "after")
    assert before.size == after.size == (1280, 960)
    assert before.mode == after.mode == "RGB"
    small = [picture.resize((160, 120)) for picture in (before, after)]
    changed = ImageChops.difference(*small).convert("L").point(lambda value: 255 if value > 24 else 0)
    share = ImageStat.Stat(changed).mean[0] / 255
    assert share > 0.004, "the repair cannot be seen in a thumbnail"
    assert all(ImageStat.Stat(picture.convert("L")).stddev[0] > 8 for picture in small), "a blank picture"


def test_made_safe_is_the_same_place_behind_a_barrier():
    before, safe = (draw.picture("manhole", phase) for phase in ("before", "safe"))
    upper = (0, 0, 1280, 420)
    assert before.crop(upper).tobytes() == safe.crop(upper).tobytes()
    assert before.tobytes() != safe.tobytes()


def test_the_same_every_time_and_other_variants_differ():
    assert draw.jpeg("pothole", "before", 1) == draw.jpeg("pothole", "before", 1)
    assert draw.jpeg("pothole", "before", 1) != draw.jpeg("pothole", "before", 2)


def test_the_night_is_dark_and_the_lamp_lights_it():
    dark, lit = (
        ImageStat.Stat(draw.picture("streetlight", phase).convert("L")).mean[0] for phase in ("before", "after")
    )
    assert dark < 60
    assert lit > dark + 8


@pytest.mark.parametrize("lat, lon", [(43.611, 3.877), (-21.115, 55.536), (4.93, -52.33)])
def test_exif_is_read_by_the_products_own_intake(lat, lon):
    declared = validation.inspect_photo(draw.photo("bench", "before", 0, lat, lon, NOON), ZoneInfo("Europe/Paris"))
    assert declared.place.lat == pytest.approx(lat, abs=1e-5)
    assert declared.place.lon == pytest.approx(lon, abs=1e-5)
    assert declared.taken_at.astimezone(UTC) == NOON.astimezone(UTC)
    assert (declared.width, declared.height) == (1280, 960)


def test_the_stamp_leaves_the_pixels_alone():
    plain = draw.jpeg("sign", "after")
    stamped = draw.stamped(plain, 43.6, 3.9, NOON)
    with Image.open(io.BytesIO(plain)) as one, Image.open(io.BytesIO(stamped)) as other:
        assert one.tobytes() == other.tobytes()


def test_photos_go_through_the_products_own_processing():
    outcome = run(draw.photo("leak", "before", 0, 43.611, 3.877, NOON))
    assert outcome.reason is None
    assert {made.size.name for made in outcome.made} == {"small", "large"}


def test_what_cannot_be_stamped():
    with pytest.raises(ValueError):
        draw.stamped(b"GIF89a", 43.6, 3.9, NOON)
    with pytest.raises(ValueError):
        draw.stamped(draw.jpeg("sign", "after"), 43.6, 3.9, NOON.replace(tzinfo=None))
    with pytest.raises(KeyError):
        draw.picture("unicorn", "before")
    with pytest.raises(ValueError):
        draw.picture("sign", "later")
