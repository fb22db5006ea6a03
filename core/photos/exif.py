"""Where and when a photo was taken, and which way up: what EXIF says, within limits and within reason.

What is absurd is ignored, never an error: a camera's clock or receiver may be wrong, the photo is still good.
"""

from __future__ import annotations

import io
import math
import re
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta, timezone, tzinfo
from typing import SupportsFloat

from PIL.ExifTags import GPS, IFD, Base
from PIL.Image import Exif

from core.database import utcnow
from core.geo import Place

#: Of the EXIF block no more is looked at; beyond lie thumbnails and makers' notes.
MOST_BYTES = 256 * 1024
OLDEST = datetime(1990, 1, 1, tzinfo=UTC)
_MOMENT = re.compile(r"(\d{4})[:/-](\d\d)[:/-](\d\d)[ T](\d\d):(\d\d):(\d\d)")
_OFFSET = re.compile(r"([+-])(\d\d):?(\d\d)")


@dataclass(frozen=True)
class TakenAt:
    """Where (degrees, SRID 4326) and when (aware), as far as it is known."""

    place: Place | None = None
    at: datetime | None = None


def read(block: bytes, zone: tzinfo) -> TakenAt:
    """What an EXIF block says, with or without its header. `zone` is for times without one. Never raises."""
    tags = _tags(block)
    if tags is None:
        return TakenAt()
    return TakenAt(
        place=_place(_inner(tags, IFD.GPSInfo)),
        at=_moment(tags, _inner(tags, IFD.Exif), zone),
    )


def orientation(block: bytes) -> int:
    """Which way up: 1 (as it is) to 8. Never raises."""
    tags = _tags(block)
    value = _safe(tags, Base.Orientation) if tags is not None else None
    return value if isinstance(value, int) and 1 <= value <= 8 else 1


def _tags(block: bytes) -> Exif | None:
    block = block[:MOST_BYTES].removeprefix(b"Exif\0\0")
    if len(block) < 14:
        return None
    tags = Exif()
    try:
        tags.load_from_fp(io.BytesIO(block))
    except Exception:  # noqa: BLE001 - broken in one of many ways, and of no matter
        return None
    return tags


def _inner(tags: Exif, which: IFD) -> dict[int, object]:
    try:
        return tags.get_ifd(which)
    except Exception:  # noqa: BLE001 - see _tags()
        return {}


def _place(gps: dict[int, object]) -> Place | None:
    lat = _degrees(gps.get(GPS.GPSLatitude), gps.get(GPS.GPSLatitudeRef), "NS", 90)
    lon = _degrees(gps.get(GPS.GPSLongitude), gps.get(GPS.GPSLongitudeRef), "EW", 180)
    # A receiver that has found nothing yet writes zeros.
    if lat is None or lon is None or (lat == 0 and lon == 0):
        return None
    return Place(round(lon, 7), round(lat, 7))


def _degrees(value: object, side: object, sides: str, most: int) -> float | None:
    """Degrees from (degrees, minutes, seconds) and "N" or "S" ("E" or "W"); None where they make no sense."""
    if isinstance(side, bytes):
        side = side.decode("ascii", "ignore")
    side = str(side or "").strip("\0 ").upper()[:1]
    if not side or side not in sides:
        return None
    try:
        if isinstance(value, tuple | list):
            parts = [float(part) for part in value]
        elif isinstance(value, SupportsFloat | str | bytes):
            parts = [float(value)]
        else:
            return None
    except (TypeError, ValueError, ArithmeticError):
        return None
    if not 1 <= len(parts) <= 3 or not all(math.isfinite(part) and part >= 0 for part in parts):
        return None
    if any(part > 60 for part in parts[1:]):
        return None
    degrees = sum(part / 60**power for power, part in enumerate(parts))
    if degrees > most:
        return None
    return -degrees if side == sides[1] else degrees


def _moment(tags: Exif, more: dict[int, object], zone: tzinfo) -> datetime | None:
    for value, offset in (
        (more.get(Base.DateTimeOriginal), more.get(Base.OffsetTimeOriginal)),
        (more.get(Base.DateTimeDigitized), more.get(Base.OffsetTimeDigitized)),
        (_safe(tags, Base.DateTime), more.get(Base.OffsetTime)),
    ):
        found = _MOMENT.match(_text(value))
        if not found:
            continue
        try:
            year, month, day, hour, minute, second = map(int, found.groups())
            local = datetime(year, month, day, hour, minute, second)
            moment = local.replace(tzinfo=_zone(_text(offset)) or zone).astimezone(UTC)
        except (ValueError, OverflowError):
            continue
        if OLDEST <= moment <= utcnow() + timedelta(days=1):
            return moment
    return None


def _zone(text: str) -> tzinfo | None:
    found = _OFFSET.match(text)
    if not found:
        return None
    sign, hours, minutes = found.groups()
    shift = timedelta(hours=int(hours), minutes=int(minutes))
    return timezone(-shift if sign == "-" else shift) if shift <= timedelta(hours=14) else None


def _safe(tags: Exif, tag: int) -> object:
    try:
        return tags.get(tag)
    except Exception:  # noqa: BLE001 - see _tags()
        return None


def _text(value: object) -> str:
    if isinstance(value, bytes):
        value = value.decode("ascii", "ignore")
    return value.strip("\0 ") if isinstance(value, str) else ""
