"""Shapes on the map: what a notice is drawn by, and the circle that somebody follows. WGS 84, SRID 4326."""

from __future__ import annotations

import json
import math
from typing import Any

from geoalchemy2 import WKBElement
from geoalchemy2.shape import from_shape, to_shape
from shapely import force_2d, get_coordinates, set_precision
from shapely.errors import ShapelyError
from shapely.geometry import Polygon, mapping, shape
from shapely.geometry.base import BaseGeometry
from sqlalchemy import func, select

from core.database import execute_unscoped
from core.database.scope import current_jurisdiction
from core.errors import FieldError
from core.geo import METRES_PER_DEGREE, SRID, Place
from core.i18n import gettext as _
from core.i18n import locale_code
from core.identity.models import Jurisdiction, Sector

KINDS = ("Polygon", "MultiPolygon", "LineString", "MultiLineString")
MOST_POINTS = 1000
#: Characters of GeoJSON that are looked at.
LARGEST = 100_000
#: How far beyond the jurisdiction's bounds a shape may reach, in degrees: some 5 km.
MARGIN = 0.05
#: Corners of a circle: within a thousandth of its radius.
CORNERS = 64


def circle(place: Place, metres: float) -> Polygon:
    """The circle of `metres` around `place`, as a polygon of CORNERS corners."""
    high = metres / METRES_PER_DEGREE
    wide = high / max(math.cos(math.radians(place.lat)), 0.01)
    turns = (2 * math.pi * one / CORNERS for one in range(CORNERS))
    return Polygon([(place.lon + wide * math.cos(turn), place.lat + high * math.sin(turn)) for turn in turns])


def shape_from_geojson(typed: object, *, field: str = "shape") -> BaseGeometry:
    """The polygon or line of a GeoJSON text (a geometry, a Feature, or a collection of one). Heights are dropped.

    Raises FieldError naming `field`: not one, too many points, lines that cross.
    """
    text = str(typed or "").strip()
    if not text:
        raise FieldError(field, _("Draw the place on the map, or give it another way."))
    if len(text) > LARGEST:
        raise FieldError(field, _("This shape has too many points: %(most)s at most.", most=MOST_POINTS))
    try:
        found = shape(_geometry(json.loads(text, parse_constant=_refuse)))
        found = force_2d(found)
    except (ValueError, TypeError, LookupError, AttributeError, RecursionError, ShapelyError):
        raise FieldError(field, _("This is not GeoJSON of an area or a line.")) from None
    return checked_shape(found, field=field)


def _refuse(name: str) -> None:
    raise ValueError(name)  # NaN and Infinity, which JSON does not have


def _geometry(value: Any) -> dict[str, Any]:
    if value["type"] == "FeatureCollection":
        features = value["features"]
        if len(features) != 1:
            raise ValueError("more than one")
        value = features[0]
    if value["type"] == "Feature":
        value = value["geometry"]
    if value["type"] not in KINDS:
        raise ValueError(value["type"])
    return value


def checked_shape(found: BaseGeometry, *, field: str = "shape") -> BaseGeometry:
    """`found` with 6 decimals, if it can be a notice's shape here. Two statements at the most. Raises FieldError."""
    numbers = get_coordinates(found)
    if len(numbers) > MOST_POINTS:
        raise FieldError(field, _("This shape has too many points: %(most)s at most.", most=MOST_POINTS))
    if found.is_empty or not all(math.isfinite(number) for pair in numbers for number in pair):
        raise FieldError(field, _("This is not GeoJSON of an area or a line."))
    _near(found, field)
    if not found.is_valid:
        raise FieldError(field, _("The outline of this area crosses itself: draw it again without crossing."))
    rounded = set_precision(found, 1e-6, mode="valid_output")
    if rounded.is_empty or rounded.geom_type not in KINDS or not (rounded.area or rounded.length):
        raise FieldError(field, _("This shape is too small to see."))
    _within(rounded, field)
    return rounded


def _near(found: BaseGeometry, field: str) -> None:
    west, south, east, north = current_jurisdiction().bounds
    left, low, right, high = found.bounds
    if left < west - MARGIN or low < south - MARGIN or right > east + MARGIN or high > north + MARGIN:
        raise _outside(field)


def _within(found: BaseGeometry, field: str) -> None:
    j = Jurisdiction.__table__.c
    if not execute_unscoped(
        select(func.ST_Intersects(j.boundary, to_column(found))).where(j.id == current_jurisdiction().id)
    ).scalar():
        raise _outside(field)


def _outside(field: str) -> FieldError:
    return FieldError(
        field, _("This place is not in %(town)s.", town=current_jurisdiction().name_in(locale_code())), code="outside"
    )


def sector_shape(code: str, *, field: str = "sector") -> BaseGeometry:
    """The area of a sector, of the jurisdiction's first layer where several have that code. One statement."""
    s = Sector.__table__.c
    found = execute_unscoped(
        select(func.ST_AsGeoJSON(func.ST_SimplifyPreserveTopology(s.boundary, 0.00002), 6))
        .where(s.jurisdiction_id == current_jurisdiction().id, s.code == code.replace("\x00", ""))
        .order_by(s.id)
        .limit(1)
    ).scalar()
    if found is None:
        raise FieldError(field, _("This district does not exist here."))
    return shape(json.loads(found))


def to_column(found: BaseGeometry) -> WKBElement:
    """A shape, for a geometry column."""
    return from_shape(found, srid=SRID)


def geojson(value: WKBElement) -> dict[str, Any]:
    """A GeoJSON geometry of a column's value."""
    return json.loads(json.dumps(mapping(to_shape(value))))
