"""Positions: WGS 84 (SRID 4326), longitude first in geometry, and how far a degree is."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import overload

from geoalchemy2 import WKBElement, WKTElement
from geoalchemy2.shape import to_shape
from shapely import Point

from core.errors import FieldError
from core.i18n import gettext as _

SRID = 4326
METRES_PER_DEGREE = 111_195.0  # of latitude, mean Earth radius 6,371 km


@dataclass(frozen=True)
class Place:
    """A position in degrees, SRID 4326."""

    lon: float
    lat: float

    @property
    def wkt(self) -> WKTElement:
        """The point, for a geometry column."""
        return WKTElement(f"POINT({self.lon!r} {self.lat!r})", srid=SRID)

    @property
    def geojson(self) -> dict[str, object]:
        """A GeoJSON Point (RFC 7946), 6 decimals: some ten centimetres."""
        return {"type": "Point", "coordinates": [round(self.lon, 6), round(self.lat, 6)]}


@overload
def place_from_column(value: WKBElement | WKTElement) -> Place: ...


@overload
def place_from_column(value: WKBElement | WKTElement | None) -> Place | None: ...


def place_from_column(value: WKBElement | WKTElement | None) -> Place | None:
    """The Place of a geometry column's value (a point), or None."""
    if value is None:
        return None
    point = to_shape(value)
    assert isinstance(point, Point)  # the columns are geometry(Point)
    return Place(point.x, point.y)


def coordinate(value: object, *, field: str, most: float) -> float:
    """A degree from what a client sent, between -`most` and `most`. Raises FieldError."""
    try:
        number = float(str(value).strip().replace(",", ".")) if not isinstance(value, bool) else math.nan
    except (TypeError, ValueError):
        number = math.nan
    if not math.isfinite(number) or abs(number) > most:
        raise FieldError(field, _("Enter a position in degrees."))
    return number


def from_lat_lon(lat: object, lon: object, *, field: str = "location") -> Place:
    """A Place from two numbers or texts. Raises FieldError naming `field`."""
    return Place(coordinate(lon, field=field, most=180), coordinate(lat, field=field, most=90))


def from_geojson(value: object, *, field: str = "location") -> Place:
    """A Place from a GeoJSON Point. Raises FieldError naming `field`."""
    if not isinstance(value, dict) or value.get("type") != "Point":
        raise FieldError(field, _("This must be a GeoJSON Point."))
    numbers = value.get("coordinates")
    if not isinstance(numbers, list | tuple) or len(numbers) not in (2, 3):
        raise FieldError(field, _("This must be a GeoJSON Point: longitude, then latitude."))
    return from_lat_lon(numbers[1], numbers[0], field=field)


def bounding_box(place: Place, metres: float) -> tuple[float, float, float, float]:
    """(west, south, east, north) of a box that holds the circle of `metres` around `place`."""
    high = metres / METRES_PER_DEGREE
    wide = high / max(math.cos(math.radians(place.lat)), 0.01)
    return place.lon - wide, place.lat - high, place.lon + wide, place.lat + high


def bbox(value: str, *, field: str = "bbox") -> tuple[float, float, float, float]:
    """(west, south, east, north) from "w,s,e,n". Raises FieldError."""
    parts = value.split(",")
    if len(parts) != 4:
        raise FieldError(field, _("This must be four numbers: west,south,east,north."))
    west, south, east, north = (
        coordinate(part, field=field, most=180 if index % 2 == 0 else 90) for index, part in enumerate(parts)
    )
    if west > east or south > north:
        raise FieldError(field, _("This must be four numbers: west,south,east,north."))
    return west, south, east, north
