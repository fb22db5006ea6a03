"""A notice's shape is checked before it is kept."""

import json

import pytest
from geoalchemy2.shape import to_shape
from shapely.geometry import Polygon, shape
from sqlalchemy import func, select

from core.database import db
from core.errors import FieldError
from core.geo import Place
from reporter import shapes
from tests.factories import CENTRE

LON, LAT = CENTRE.lon, CENTRE.lat
SQUARE = [[LON, LAT], [LON + 0.001, LAT], [LON + 0.001, LAT + 0.001], [LON, LAT + 0.001], [LON, LAT]]
BOW = [[LON, LAT], [LON + 0.001, LAT + 0.001], [LON + 0.001, LAT], [LON, LAT + 0.001], [LON, LAT]]


@pytest.fixture
def here(acting, jurisdiction):
    with acting(jurisdiction):
        yield jurisdiction


def feature(geometry):
    return {"type": "Feature", "properties": {}, "geometry": geometry}


@pytest.mark.parametrize(
    "value",
    [
        {"type": "Polygon", "coordinates": [SQUARE]},
        {"type": "LineString", "coordinates": SQUARE[:2]},
        {"type": "MultiLineString", "coordinates": [SQUARE[:2], SQUARE[2:4]]},
        {"type": "MultiPolygon", "coordinates": [[SQUARE]]},
        feature({"type": "Polygon", "coordinates": [SQUARE]}),
        {"type": "FeatureCollection", "features": [feature({"type": "LineString", "coordinates": SQUARE[:3]})]},
    ],
)
def test_areas_and_lines_are_understood(here, value):
    found = shapes.shape_from_geojson(json.dumps(value))
    assert found.is_valid and to_shape(shapes.to_column(found)).equals(found)


def test_heights_are_dropped(here):
    high = {"type": "LineString", "coordinates": [[LON, LAT, 45.5], [LON, LAT + 0.01, 3]]}
    found = shapes.shape_from_geojson(json.dumps(high))
    assert not found.has_z and len(found.coords) == 2


@pytest.mark.parametrize(
    "text",
    [
        "",
        "   ",
        "[]",
        "null",
        "12",
        "{",
        '{"type": "Point", "coordinates": [3.8, 43.6]}',
        '{"type": "Polygon"}',
        '{"type": "Polygon", "coordinates": []}',
        '{"type": "Polygon", "coordinates": "x"}',
        '{"type": "LineString", "coordinates": [[3.877, 43.611]]}',
        '{"type": "LineString", "coordinates": [[3.877, 43.611], [3.877, 43.611]]}',
        '{"type": "LineString", "coordinates": [[3.877, NaN], [3.878, 43.611]]}',
        '{"type": "LineString", "coordinates": [[3.877, null], [3.878, 43.611]]}',
        '{"type": "FeatureCollection", "features": []}',
        '{"type": "Feature", "geometry": null}',
        '{"type": "GeometryCollection", "geometries": []}',
        json.dumps({"type": "Polygon", "coordinates": [BOW]}),
        json.dumps({"type": "LineString", "coordinates": [[LON, LAT], [2.35, 48.85]]}),
        json.dumps({"type": "LineString", "coordinates": [[LON + 0.04, LAT], [LON + 0.045, LAT]]}),
        json.dumps({"type": "LineString", "coordinates": [[LON + n * 1e-6, LAT] for n in range(1200)]}),
        "[" * 5000,
        "x" * 200_000,
    ],
    ids=lambda text: text[:40],
)
def test_what_cannot_be_a_notices_shape_is_refused_by_name(here, text):
    with pytest.raises(FieldError) as error:
        shapes.shape_from_geojson(text)
    assert error.value.field == "shape" and error.value.sentence


def test_a_circle_is_as_wide_as_it_says(here):
    drawn = shapes.circle(Place(LON, LAT), 500).wkt
    area = db.session.scalar(select(func.ST_Area(func.geography(func.ST_GeomFromText(drawn, 4326)))))
    assert abs(area / (3.14159 * 500**2) - 1) < 0.01


def test_a_sector_is_a_shape(here):
    found = shapes.checked_shape(shapes.sector_shape("s1"))
    assert isinstance(found, Polygon) or shape(found).geom_type == "MultiPolygon"
    with pytest.raises(FieldError):
        shapes.sector_shape("nowhere")
