"""The demonstration town's map: valid, tiled without gap or overlap, the same every time, anywhere."""

from itertools import combinations

import pytest
import shapely
from shapely.geometry import Point

from demo import geometry

PLACES = [geometry.CENTRE, (48.8566, 2.3522), (-21.115, 55.536), (4.93, -52.33), (0.0, 0.0)]


@pytest.fixture(scope="module", params=PLACES, ids=str)
def jurisdiction(request):
    return geometry.build(request.param)


def vertices(shape):
    return {tuple(point) for point in shapely.get_coordinates(shape)}


def test_boundary_is_one_valid_polygon_about_five_kilometres_across(jurisdiction):
    assert jurisdiction.boundary.is_valid and len(jurisdiction.boundary.geoms) == 1
    west, south, _, north = jurisdiction.boundary.bounds
    assert 4200 < (north - south) * geometry.METRES_PER_DEGREE < 5800
    assert len(jurisdiction.boundary.geoms[0].exterior.coords) > 100


@pytest.mark.parametrize("layer, count", [("quartiers", 8), ("rounds", 3)])
def test_areas_tile_the_boundary(jurisdiction, layer, count):
    areas = getattr(jurisdiction, layer)
    assert len(areas) == count
    assert all(area.shape.is_valid and area.shape.area > 0 for area in areas)
    for one, other in combinations(areas, 2):
        assert one.shape.intersection(other.shape).area == 0, (one.code, other.code)
    whole = shapely.unary_union([area.shape for area in areas])
    assert whole.geom_type == "Polygon" and not whole.interiors
    assert whole.symmetric_difference(jurisdiction.boundary).area / jurisdiction.boundary.area < 1e-6


def test_neighbours_share_the_vertices_of_their_limit(jurisdiction):
    assert shapely.coverage_is_valid([area.shape for area in jurisdiction.quartiers])
    assert shapely.unary_union([area.shape for area in jurisdiction.quartiers]).equals(jurisdiction.boundary)
    touching = [pair for pair in combinations(jurisdiction.quartiers, 2) if pair[0].shape.touches(pair[1].shape)]
    assert len(touching) >= 10
    shared = [vertices(one.shape) & vertices(other.shape) for one, other in touching]
    assert sum(len(points) > 5 for points in shared) >= 10


def test_every_house_lies_on_its_street_and_in_one_quartier(jurisdiction):
    for street in jurisdiction.streets:
        for number in (1, 2, street.last_number // 2, street.last_number):
            lat, lon = street.position(number)
            assert street.line.distance(Point(lon, lat)) < 1e-9
            assert jurisdiction.boundary.contains(Point(lon, lat))
            assert jurisdiction.quartier_at(lat, lon) is not None
        assert street.address(12) == f"12 {street.name}"


def test_numbers_that_a_street_does_not_have(jurisdiction):
    street = jurisdiction.street("rue des Tilleuls")
    for number in (0, -3, street.last_number + 1):
        with pytest.raises(ValueError):
            street.position(number)


def test_duplicates_may_be_found_next_door(jurisdiction):
    """Houses some doors apart lie within the 50 metres in which reports are taken for the same."""
    one, other = (jurisdiction.street("rue Haute").position(number) for number in (8, 12))
    assert abs(one[0] - other[0]) * geometry.METRES_PER_DEGREE < 50


def test_the_same_every_time():
    assert geometry.build() == geometry.build()


def test_photos_of_the_shared_data_lie_inside():
    jurisdiction = geometry.build()
    assert jurisdiction.boundary.contains(Point(3.876300, 43.610900))
    assert jurisdiction.quartier_at(*geometry.CENTRE).code == "centre-ancien"


@pytest.mark.parametrize("centre", [(90, 0), (0, 180), (float("nan"), 0), (43.6, 200)])
def test_a_centre_off_the_map_is_refused(centre):
    with pytest.raises(ValueError):
        geometry.build(centre)
