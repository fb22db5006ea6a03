"""Drawn photos for the demonstration town: each scene before, made safe and after its repair, in variants.

A variant chooses the light, the colours, the place of things and the side the picture is taken from; all
pictures of a scene share them. `photo` writes a JPEG as a telephone would, with its EXIF position and time:
drawn photos go through the product's own processing like any other.
"""

import io
from collections.abc import Callable, Mapping
from datetime import datetime
from fractions import Fraction
from random import Random

from PIL import Image
from PIL.ExifTags import GPS, IFD, Base

from demo.pictures import scenes_park, scenes_road, scenes_street, scenes_wheels
from demo.pictures.paint import WIDTH, Canvas

Scene = Callable[[Canvas, bool], None]

# Each scene with the height that the camera looks at, in units of the picture, and how near it may come.
CAMERAS: Mapping[Scene, tuple[int, float]] = {
    scenes_road.pothole: (580, 1.3),
    scenes_road.sinkhole: (560, 1.12),
    scenes_road.pavement: (440, 1.2),
    scenes_road.paving: (480, 1.2),
    scenes_road.manhole: (580, 1.15),
    scenes_road.drain: (480, 1.1),
    scenes_road.glass: (580, 1.35),
    scenes_road.litter: (560, 1.1),
    scenes_road.crossing: (560, 1.12),
    scenes_wheels.scooter: (520, 1.1),
    scenes_street.bin: (600, 1.45),
    scenes_street.dumping: (620, 1.35),
    scenes_street.streetlight: (420, 1.0),
    scenes_street.streetlight_day: (400, 1.06),
    scenes_street.leaning_post: (420, 1.0),
    scenes_street.bollard: (720, 1.4),
    scenes_street.shelter: (540, 1.15),
    scenes_wheels.rack: (720, 1.25),
    scenes_street.sign: (400, 1.12),
    scenes_street.signal: (420, 1.08),
    scenes_street.leak: (640, 1.4),
    scenes_wheels.wreck: (660, 1.25),
    scenes_wheels.parking: (620, 1.2),
    scenes_park.bench: (640, 1.25),
    scenes_park.swing: (540, 1.08),
    scenes_park.branch: (560, 1.12),
    scenes_park.hedge: (520, 1.1),
    scenes_park.weeds: (600, 1.15),
    scenes_park.burrow: (700, 1.25),
    scenes_park.nest: (420, 1.2),
    scenes_park.graffiti: (420, 1.15),
    scenes_park.posters: (420, 1.12),
}
SCENES: Mapping[str, Scene] = {scene.__name__: scene for scene in CAMERAS}

PHASES = ("before", "safe", "after")
# Red, green and blue of a bright noon, a grey day, a morning, an evening.
LIGHTS = ((1.06, 1.05, 1.02), (0.93, 0.96, 1.0), (1.05, 1.01, 0.95), (1.04, 0.97, 0.9))
QUALITY = 82


def picture(scene: str, phase: str, variant: int = 0) -> Image.Image:
    """Return a scene as an RGB image of 1280 by 960 pixels, the same for the same arguments.

    Raises KeyError for a scene that is not in SCENES, ValueError for a phase that is not in PHASES.
    """
    if phase not in PHASES:
        raise ValueError(phase)
    paint = SCENES[scene]
    height, nearest = CAMERAS[paint]
    dice = Random(f"{scene}/{variant}")
    canvas = Canvas(f"{scene}/{variant}", (WIDTH / 2, height), dice.uniform(1 + (nearest - 1) * 0.35, nearest))
    light = dice.choice(LIGHTS)
    mirrored, grain = dice.random() < 0.5 and paint is not scenes_street.streetlight, dice.randint(5, 11)
    paint(canvas, phase == "after")
    if phase == "safe":
        scenes_road.barrier(canvas)
    if canvas.light == (1.0, 1.0, 1.0):
        canvas.light = light
    return canvas.finish(mirrored, grain)


def jpeg(scene: str, phase: str, variant: int = 0) -> bytes:
    """Return a scene as JPEG bytes without metadata."""
    file = io.BytesIO()
    picture(scene, phase, variant).save(file, "JPEG", quality=QUALITY)
    return file.getvalue()


def photo(scene: str, phase: str, variant: int, lat: float, lon: float, taken_at: datetime) -> bytes:
    """Return a scene as a telephone would send it: JPEG with position (degrees) and time in its EXIF."""
    return stamped(jpeg(scene, phase, variant), lat, lon, taken_at)


def stamped(plain: bytes, lat: float, lon: float, taken_at: datetime) -> bytes:
    """Put an EXIF position (degrees) and time into JPEG bytes that have none, leaving the pixels alone.

    The time is written as local time with its offset, so `taken_at` must have a zone. Raises ValueError
    for bytes that are not a JPEG, or a time without a zone.
    """
    if plain[:2] != b"\xff\xd8":
        raise ValueError("not a JPEG")
    if taken_at.utcoffset() is None:
        raise ValueError("the time of a photo needs a time zone")
    written, offset = taken_at.strftime("%Y:%m:%d %H:%M:%S"), taken_at.strftime("%z")
    exif = Image.Exif()
    exif[Base.Make], exif[Base.Model] = "Villeclaire", "Dessin"
    exif[Base.Orientation] = 1
    exif[Base.DateTime] = written
    details = exif.get_ifd(IFD.Exif)
    details[Base.DateTimeOriginal] = written
    details[Base.OffsetTimeOriginal] = f"{offset[:3]}:{offset[3:]}"
    place = exif.get_ifd(IFD.GPSInfo)
    place[GPS.GPSVersionID] = b"\x02\x03\x00\x00"
    place[GPS.GPSLatitudeRef], place[GPS.GPSLatitude] = "N" if lat >= 0 else "S", _sexagesimal(lat)
    place[GPS.GPSLongitudeRef], place[GPS.GPSLongitude] = "E" if lon >= 0 else "W", _sexagesimal(lon)
    body = exif.tobytes()
    if not body.startswith(b"Exif\x00\x00"):
        body = b"Exif\x00\x00" + body
    return plain[:2] + b"\xff\xe1" + (len(body) + 2).to_bytes(2, "big") + body + plain[2:]


def _sexagesimal(angle: float) -> tuple[Fraction, Fraction, Fraction]:
    """Return whole degrees, whole minutes and seconds to a ten-thousandth, as EXIF counts an angle."""
    ticks = round(abs(angle) * 3600 * 10_000)
    seconds, rest = divmod(ticks, 10_000 * 60)
    degrees, minutes = divmod(seconds, 60)
    return Fraction(degrees), Fraction(minutes), Fraction(rest, 10_000)
