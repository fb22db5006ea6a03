"""Which tiles a map's counts are of, and when points are shown instead."""

import json

from sqlalchemy import func, select

from core.database import db
from core.geo import Place
from reporter.map import features, tile_counts
from reporter.map.models import MapCount
from reporter.map.tile_counts import FINEST, LEVELS
from tests import factories


def test_tiles_are_as_far_apart_as_two_fingers_whatever_the_width_of_the_map():
    paris = (2.22, 48.81, 2.47, 48.91)
    assert features.level_for(paris, 11) == 13
    assert features.level_for((2.0, 48.81, 2.7, 48.91), 11) == 13
    assert features.level_for(paris, 99) <= FINEST and features.level_for(paris, 0) == LEVELS[0]
    wide = (-180.0, -80.0, 180.0, 80.0)
    assert features.level_for(wide, 18) == LEVELS[0]
    assert features.zoom_of("12") == 12
    assert [features.zoom_of(odd) for odd in (None, "", "-1", "1e9", "999", "é")] == [None] * 6


def test_few_are_points_and_private_ones_are_neither(acting, jurisdiction, client):
    with acting(jurisdiction):
        factories.report(place=Place(3.8775, 43.6115))
        factories.report(place=Place(3.8785, 43.6115), category="personne")
        body = json.loads(features.feature_collection(jurisdiction.bounds, zoom=12))
        assert body["kind"] == "points" and len(body["features"]) == 1
        assert sum(one["properties"]["count"] for one in features.counts_in_box(jurisdiction.bounds, zoom=12)) == 1
    answer = client.get("/map.json?bbox=3.8,43.5,3.9,43.7&zoom=12")
    assert len(answer.get_json(force=True)["features"]) == 1
    assert client.get("/map.json?bbox=1,2,3").status_code == 422


def test_what_is_folded_later_is_added_to_what_was_counted(acting, jurisdiction):
    def counted() -> int:
        return db.session.scalar(
            select(func.sum(MapCount.n)).where(MapCount.jurisdiction_id == jurisdiction.id, MapCount.level == FINEST)
        )

    with acting(jurisdiction):
        for sent in (2, 3):
            for _one in range(sent):
                factories.report(email=None)
            tile_counts.fold_deltas()
        assert counted() == 5
        before = counted()
        tile_counts.fold_deltas()
        assert counted() == before, "nothing is folded twice"
