"""Which tiles a map's counts are of, and when points are shown instead."""

import json

from sqlalchemy import func, select

from core.database import db
from core.geo import Place
from reporter import maps, tiles
from reporter.models import MapCount
from reporter.tiles import FINEST, LEVELS
from tests import factories


def test_tiles_are_as_far_apart_as_two_fingers_whatever_the_width_of_the_map():
    paris = (2.22, 48.81, 2.47, 48.91)
    assert maps.level_for(paris, 11) == 13
    assert maps.level_for((2.0, 48.81, 2.7, 48.91), 11) == 13
    assert maps.level_for(paris, 99) <= FINEST and maps.level_for(paris, 0) == LEVELS[0]
    wide = (-180.0, -80.0, 180.0, 80.0)
    assert maps.level_for(wide, 18) == LEVELS[0]
    assert maps.zoom_of("12") == 12
    assert [maps.zoom_of(odd) for odd in (None, "", "-1", "1e9", "999", "é")] == [None] * 6


def test_few_are_points_and_private_ones_are_neither(acting, town, client):
    with acting(town):
        factories.report(place=Place(3.8775, 43.6115))
        factories.report(place=Place(3.8785, 43.6115), category="personne")
        body = json.loads(maps.collection(town.bounds, zoom=12))
        assert body["kind"] == "points" and len(body["features"]) == 1
        assert sum(one["properties"]["count"] for one in maps.counts(town.bounds, zoom=12)) == 1
    answer = client.get("/map.json?bbox=3.8,43.5,3.9,43.7&zoom=12")
    assert len(answer.get_json(force=True)["features"]) == 1
    assert client.get("/map.json?bbox=1,2,3").status_code == 422


def test_what_is_folded_later_is_added_to_what_was_counted(acting, town):
    def counted() -> int:
        return db.session.scalar(select(func.sum(MapCount.n)).where(
            MapCount.jurisdiction_id == town.id, MapCount.level == FINEST))

    with acting(town):
        for sent in (2, 3):
            for _one in range(sent):
                factories.report(email=None)
            tiles.fold()
        assert counted() == 5
        before = counted()
        tiles.fold()
        assert counted() == before, "nothing is folded twice"
