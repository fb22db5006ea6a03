"""The counts a jurisdiction's map is drawn from: per tile and state, appended as deltas, folded on the clock.

Counting in place would make every report of a busy street wait for the same rows; deltas are appended without
a lock, and `fold` moves them into `map_count`. A map adds both, so it is never behind.
"""

from __future__ import annotations

import math

from flask import Flask
from sqlalchemy import insert, text

from core.database import db, execute_unscoped
from core.geo import Place
from core.jobs import register_sweep
from reporter.map.models import MapDelta

#: Zoom level of the finest tiles counted (some 300 m at 45° N) and the levels kept above it.
FINEST = 17
LEVELS = tuple(range(8, FINEST + 1))


def tile_of(place: Place, level: int = FINEST) -> tuple[int, int]:
    """(x, y) of the Web Mercator tile that holds `place` at `level` (OGC/XYZ numbering, y southward)."""
    n = 1 << level
    lat = max(-85.0511, min(85.0511, place.lat))
    x = int((place.lon + 180.0) / 360.0 * n)
    y = int((1.0 - math.asinh(math.tan(math.radians(lat))) / math.pi) / 2.0 * n)
    return max(0, min(n - 1, x)), max(0, min(n - 1, y))


def append_changes(jurisdiction_id: int, changes: list[tuple[Place, str, int]]) -> None:
    """Append changes: (where, status, +1 or -1). One statement."""
    if not changes:
        return
    rows = []
    for place, status, n in changes:
        x, y = tile_of(place)
        rows.append({"jurisdiction_id": jurisdiction_id, "x": x, "y": y, "status": status, "n": n})
    execute_unscoped(insert(MapDelta.__table__).values(rows))


FOLD = text("""
WITH taken AS (
    DELETE FROM map_delta WHERE id IN (SELECT id FROM map_delta ORDER BY id LIMIT :most FOR UPDATE SKIP LOCKED)
    RETURNING jurisdiction_id, x, y, status, n
), summed AS (
    SELECT jurisdiction_id, level, x >> (:finest - level) AS x, y >> (:finest - level) AS y, status, sum(n) AS n
    FROM taken CROSS JOIN unnest(CAST(:levels AS int[])) AS level
    GROUP BY 1, 2, 3, 4, 5
), folded AS (
    INSERT INTO map_count AS c (jurisdiction_id, level, x, y, status, n)
    SELECT jurisdiction_id, level, x, y, status, n FROM summed
    ORDER BY jurisdiction_id, level, x, y, status
    ON CONFLICT (jurisdiction_id, level, x, y, status) DO UPDATE SET n = c.n + excluded.n
)
SELECT count(*) FROM taken
""")


def fold_deltas(most: int = 20_000) -> int:
    """Fold the deltas into the counts, in short transactions; return how many were folded. May run twice."""
    total = 0
    while True:
        folded = db.session.execute(FOLD, {"most": most, "finest": FINEST, "levels": list(LEVELS)}).scalar_one()
        db.session.commit()
        total += folded
        if folded < most:
            return total


RECOUNT = text("""
WITH placed AS (
        SELECT status,
               floor((ST_X(location) + 180) / 360 * (1 << :finest))::int AS x,
               floor((1 - asinh(tan(radians(ST_Y(location)))) / pi()) / 2 * (1 << :finest))::int AS y
        FROM report WHERE jurisdiction_id = :jurisdiction AND NOT private
     ), summed AS (
        SELECT level, x >> (:finest - level) AS x, y >> (:finest - level) AS y, status, count(*)::int AS n
        FROM placed CROSS JOIN unnest(CAST(:levels AS int[])) AS level GROUP BY 1, 2, 3, 4
     )
INSERT INTO map_count (jurisdiction_id, level, x, y, status, n)
SELECT :jurisdiction, level, x, y, status, n FROM summed
""")


def recount_tiles(jurisdiction_id: int) -> int:
    """Count a jurisdiction's map anew from its reports; returns how many. Writers wait until the caller commits."""
    db.session.execute(text("LOCK TABLE map_delta, map_count IN EXCLUSIVE MODE"))
    # Two statements: what one statement deletes is still seen by its own insert.
    db.session.execute(
        text("DELETE FROM map_count WHERE jurisdiction_id = :jurisdiction"), {"jurisdiction": jurisdiction_id}
    )
    db.session.execute(
        text("DELETE FROM map_delta WHERE jurisdiction_id = :jurisdiction"), {"jurisdiction": jurisdiction_id}
    )
    db.session.execute(RECOUNT, {"jurisdiction": jurisdiction_id, "finest": FINEST, "levels": list(LEVELS)})
    return db.session.execute(
        text("SELECT coalesce(sum(n), 0) FROM map_count WHERE jurisdiction_id = :jurisdiction AND level = :finest"),
        {"jurisdiction": jurisdiction_id, "finest": FINEST},
    ).scalar_one()


def init_app(app: Flask) -> None:
    """Register the sweep that folds the deltas."""
    register_sweep(fold_deltas, seconds=10)
