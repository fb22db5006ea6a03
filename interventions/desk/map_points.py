"""The map beside the list: the same reports, as points where they are few, as counts where they are many."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from flask import Response, request
from flask.typing import ResponseReturnValue
from sqlalchemy import text

from core import geo
from core.database import dumps, execute_unscoped, utcnow
from core.database.scope import current_jurisdiction_id
from core.i18n import gettext as _
from core.i18n import locale_code
from core.text import localized
from core.web.access import requires
from interventions.desk.blueprint import desk
from interventions.desk.filters import ListQuery, report_filters, work_filters
from interventions.desk.rows import first_words
from interventions.work_orders import listing as work_order_listing
from reporter.map import features as map_features
from reporter.reports import listing as report_listing
from reporter.reports.listing import ReportFilters
from reporter.statuses import OPEN, STATUSES

#: Pixels of the screen under which two points are shown as one.
APART = 46
#: How many reports of a box may be looked through for what no count is kept of.
LOOKED_THROUGH = 3000
#: At this zoom and beyond every point is shown alone.
SINGLE_POINT_METRES = 18

_POINTS = text("""
SELECT r.reference AS id, r.status, r.priority, r.due_at, left(r.description, 120) AS description,
       c.names AS category_names, ST_X(r.location) AS lon, ST_Y(r.location) AS lat
FROM report r JOIN category c ON c.id = r.category_id
WHERE r.location && ST_MakeEnvelope(:west, :south, :east, :north, 4326)
  AND (r.jurisdiction_id = :jurisdiction OR r.in_charge_id = :jurisdiction) AND r.status = ANY(:statuses)
LIMIT :most
""")


@desk.get("/reports/points")
@requires("reports.read")
def report_points() -> ResponseReturnValue:
    """What the map shows of the list's reports in a box (`bbox`, `zoom`). Three statements at most."""
    box, query = geo.bbox(request.args.get("bbox", "")), ListQuery.read(request.args)
    zoom = map_features.zoom_of(request.args.get("zoom"))
    filters = report_filters(query)
    if _counted_by_state(query, filters):
        statuses = filters.statuses or STATUSES
        if box[2] - box[0] > map_features.NARROW:
            counts = map_features.counts_in_box(box, statuses=statuses, zoom=zoom)
            if sum(one["properties"]["count"] for one in counts) > map_features.POINTS:
                return _answer(counts)
        found = _in_box(box, statuses)
        if len(found) > map_features.POINTS:
            return _answer(map_features.counts_in_box(box, statuses=statuses, zoom=zoom))
        return _answer(_features(found, box))
    # A box that holds few is looked through; of one that holds many, the newest of the whole jurisdiction are shown.
    few = sum(one["properties"]["count"] for one in map_features.counts_in_box(box)) <= LOOKED_THROUGH
    page = report_listing.report_page(
        replace(filters, bbox=box) if few else filters, limit=report_listing.MOST, photos=False
    )
    rows = [
        {
            "id": row.reference,
            "status": row.status,
            "priority": row.priority,
            "due_at": row.due_at,
            "description": row.description,
            "category_names": row.category_names,
            "lon": row.lon,
            "lat": row.lat,
        }
        for row in page.items
        if box[0] <= row.lon <= box[2] and box[1] <= row.lat <= box[3]
    ]
    return _answer(_features(rows, box), partial=page.next is not None)


@desk.get("/work-orders/points")
@requires("work_orders.read_all")
def work_points() -> ResponseReturnValue:
    """What the map shows of the list's work orders in a box: GeoJSON. At most three statements."""
    box, query = geo.bbox(request.args.get("bbox", "")), ListQuery.read(request.args)
    page = work_order_listing.work_order_page(replace(work_filters(query), bbox=box), limit=report_listing.MOST)
    rows = [
        {
            "id": row.number,
            "status": row.status,
            "priority": row.priority,
            "due_at": None,
            "description": row.title,
            "category_names": None,
            "lon": row.lon,
            "lat": row.lat,
        }
        for row in page.items
    ]
    return _answer(_features(rows, box), partial=page.next is not None)


def _counted_by_state(query: ListQuery, filters: ReportFilters) -> bool:
    """Whether the counts kept per tile know the answer: they know states, and nothing else."""
    return not query.narrowed and not filters.late and not filters.dangerous and not filters.also


def _in_box(box: tuple[float, float, float, float], statuses: tuple[str, ...]) -> list[dict[str, Any]]:
    west, south, east, north = box
    rows = execute_unscoped(
        _POINTS,
        {
            "west": west,
            "south": south,
            "east": east,
            "north": north,
            "jurisdiction": current_jurisdiction_id(),
            "statuses": list(statuses),
            "most": map_features.POINTS + 1,
        },
    )
    return [dict(row) for row in rows.mappings()]


def _features(rows: list[dict[str, Any]], box: tuple[float, float, float, float]) -> list[dict[str, Any]]:
    """Points; those that would lie on one another on the screen as one, with how many they are."""
    zoom = request.args.get("zoom", type=int) or 0
    # A tile of 256 pixels is 360/2^zoom degrees wide.
    cell = 0.0 if zoom >= SINGLE_POINT_METRES else APART * 360 / (256 * 2 ** max(0, min(zoom, 22)))
    groups: dict[Any, list[dict[str, Any]]] = {}
    for row in rows:
        where = (int(row["lon"] / cell), int(row["lat"] / (cell * 0.7))) if cell else row["id"]
        groups.setdefault(where, []).append(row)
    return [_point(group[0]) if len(group) == 1 else _together(group) for group in groups.values()]


def _point(row: dict[str, Any]) -> dict[str, Any]:
    state = row["status"]
    if state in OPEN:
        late = row["due_at"] is not None and row["due_at"] < utcnow()
        state = "danger" if row["priority"] == 2 else "late" if late else state
    title = first_words(row["description"], 60) or localized(row["category_names"], locale_code())
    return _feature(row["lon"], row["lat"], id=row["id"], status=state, title=title)


def _together(group: list[dict[str, Any]]) -> dict[str, Any]:
    lon = sum(row["lon"] for row in group) / len(group)
    lat = sum(row["lat"] for row in group) / len(group)
    danger = any(row["priority"] == 2 and row["status"] in OPEN for row in group)
    return _feature(
        lon, lat, count=len(group), ids=[row["id"] for row in group], **({"status": "danger"} if danger else {})
    )


def _feature(lon: float, lat: float, id: str | None = None, **properties: Any) -> dict[str, Any]:
    return {
        "type": "Feature",
        **({"id": id} if id else {}),
        "properties": properties,
        "geometry": {"type": "Point", "coordinates": [round(lon, 6), round(lat, 6)]},
    }


def _answer(features: list[dict[str, Any]], *, partial: bool = False) -> Response:
    body: dict[str, Any] = {"type": "FeatureCollection", "features": features}
    if partial:
        body["words"] = _("Showing the latest %(most)s: zoom in to see more.", most=report_listing.MOST)
    return Response(dumps(body), content_type="application/geo+json")
