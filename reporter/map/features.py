"""What a map shows: points where few lie in the box, counts kept per tile where many do. Core, three statements
at the most; never a statement over all points (DESIGN §5.8)."""

from __future__ import annotations

import math
from typing import Any

from sqlalchemy import text

from core.database import dumps, execute_unscoped
from core.database.scope import current_jurisdiction_id
from core.geo import Place
from reporter.map.tile_counts import FINEST, LEVELS, tile_of
from reporter.statuses import OPEN, STATUSES

#: More points than this in a box are answered as counts.
POINTS = 500
#: How many tiles wide a box is divided into, at the most.
ACROSS = 16
MOST_ACROSS = 64
#: Degrees of longitude: some 3 km at 45° N.
NARROW = 0.04

_POINTS = text("""
SELECT coalesce(json_agg(json_build_object(
    'type', 'Feature', 'id', reference,
    'geometry', json_build_object('type', 'Point', 'coordinates', json_build_array(
        round(ST_X(location)::numeric, 6), round(ST_Y(location)::numeric, 6))),
    'properties', json_build_object('status', status, 'category', code, 'icon', icon, 'priority', priority)
)), '[]')::text, count(*)
FROM (
    SELECT r.reference, r.location, r.status, r.priority, c.code, c.icon
    FROM report r JOIN category c ON c.id = r.category_id
    WHERE r.location && ST_MakeEnvelope(:west, :south, :east, :north, 4326)
      AND (r.jurisdiction_id = :jurisdiction OR (:staff AND r.in_charge_id = :jurisdiction))
      AND (:staff OR NOT r.private) AND r.status = ANY(:statuses)
    LIMIT :most
) AS shown
""")

_COUNTS = text("""
SELECT x, y, sum(CASE WHEN status = ANY(:open) THEN n ELSE 0 END)::int, sum(n)::int FROM (
    SELECT x, y, status, n FROM map_count
    WHERE jurisdiction_id = :jurisdiction AND level = :level AND status = ANY(:statuses)
      AND x BETWEEN :left AND :right AND y BETWEEN :top AND :bottom
    UNION ALL
    SELECT x >> (:finest - :level), y >> (:finest - :level), status, n FROM map_delta
    WHERE jurisdiction_id = :jurisdiction AND status = ANY(:statuses)
      AND x >> (:finest - :level) BETWEEN :left AND :right AND y >> (:finest - :level) BETWEEN :top AND :bottom
) AS both_kinds
GROUP BY x, y HAVING sum(n) > 0
""")


def level_for(bbox: tuple[float, float, float, float], zoom: int | None = None) -> int:
    """The level whose tiles are counted: 64 px wide on a map of that zoom, where it says it; else such that they
    divide the box into at most ACROSS columns. Never more than MOST_ACROSS columns."""
    wide = max(bbox[2] - bbox[0], 1e-9)
    across = ACROSS if zoom is None else MOST_ACROSS
    level = int(math.floor(math.log2(across * 360.0 / wide)))
    if zoom is not None:
        level = min(level, zoom + 2)
    return max(LEVELS[0], min(FINEST, level))


def zoom_of(value: str | None) -> int | None:
    """The zoom a map says it is at, or None for what is not one."""
    return int(value) if value and value.isdecimal() and len(value) < 3 else None


def counts_in_box(
    bbox: tuple[float, float, float, float],
    *,
    statuses: tuple[str, ...] = STATUSES,
    zoom: int | None = None,
) -> list[dict[str, Any]]:
    """GeoJSON Features, one a tile, with `count` and `open`, at the middle of the tile. One statement."""
    level = level_for(bbox, zoom)
    left, top = tile_of(Place(bbox[0], bbox[3]), level)
    right, bottom = tile_of(Place(bbox[2], bbox[1]), level)
    rows = execute_unscoped(
        _COUNTS,
        {
            "jurisdiction": current_jurisdiction_id(),
            "level": level,
            "finest": FINEST,
            "left": left,
            "right": right,
            "top": top,
            "bottom": bottom,
            "statuses": list(statuses),
            "open": list(OPEN),
        },
    )
    return [
        {
            "type": "Feature",
            "geometry": {"type": "Point", "coordinates": _middle(x, y, level)},
            "properties": {"count": total, "open": still},
        }
        for x, y, still, total in rows
    ]


def _middle(x: int, y: int, level: int) -> list[float]:
    n = 1 << level
    lat = math.degrees(math.atan(math.sinh(math.pi * (1 - 2 * (y + 0.5) / n))))
    return [round((x + 0.5) / n * 360 - 180, 6), round(lat, 6)]


def features_in_box(
    bbox: tuple[float, float, float, float], *, statuses: tuple[str, ...] = STATUSES, staff: bool = False
) -> tuple[str, int]:
    """The points of a box as the text of a GeoJSON feature array, made by the database; and how many.

    At most POINTS + 1: one more than POINTS says that counts are due instead. One statement.
    """
    west, south, east, north = bbox
    row = execute_unscoped(
        _POINTS,
        {
            "west": west,
            "south": south,
            "east": east,
            "north": north,
            "jurisdiction": current_jurisdiction_id(),
            "staff": staff,
            "statuses": list(statuses),
            "most": POINTS + 1,
        },
    ).one()
    return row[0], row[1]


def feature_collection(
    bbox: tuple[float, float, float, float],
    *,
    statuses: tuple[str, ...] = STATUSES,
    staff: bool = False,
    zoom: int | None = None,
) -> str:
    """A GeoJSON FeatureCollection for a map's box: points, or counts where there are too many (`kind` says which).

    A box as wide as some streets asks for its points first; a wider one for its counts, and for the points where
    they turn out to be few. At most two statements.
    """
    narrow = bbox[2] - bbox[0] <= NARROW
    counted: list[dict[str, Any]] = []
    if not narrow:
        counted = counts_in_box(bbox, statuses=statuses, zoom=zoom)
        if sum(one["properties"]["count"] for one in counted) > POINTS:
            return dumps({"type": "FeatureCollection", "kind": "counts", "features": counted})
    features, found = features_in_box(bbox, statuses=statuses, staff=staff)
    if found <= POINTS:
        return f'{{"type":"FeatureCollection","kind":"points","features":{features}}}'
    counted = counted or counts_in_box(bbox, statuses=statuses, zoom=zoom)
    return dumps({"type": "FeatureCollection", "kind": "counts", "features": counted})
