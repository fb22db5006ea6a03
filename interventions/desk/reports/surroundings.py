"""What stands around a report: its team, its sectors, the work that answers it, what else is known nearby."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import text

from core.database import execute_unscoped
from core.database.scope import current_jurisdiction_id
from core.geo import Place, bounding_box
from reporter.statuses import OPEN

#: How far other open reports are looked for, in metres; of the same kind within SAME, they may be the same.
NEAR, SAME = 100, 50
MOST = 8

_OPEN = ", ".join(f"'{status}'" for status in OPEN)
_AROUND = text(f"""
WITH it AS (SELECT id, location, category_id FROM report WHERE id = :report)
SELECT
    (SELECT t.names FROM triage g JOIN team t ON t.id = g.team_id
     WHERE g.report_id = :report AND t.jurisdiction_id = :jurisdiction) AS team_names,
    (SELECT json_agg(s.names ORDER BY s.layer, s.code)
     FROM report_sector rs JOIN sector s ON s.id = rs.sector_id WHERE rs.report_id = :report) AS sectors,
    (SELECT names FROM jurisdiction j JOIN report r ON j.id = r.in_charge_id
     WHERE r.id = :report AND r.in_charge_id <> :jurisdiction) AS in_charge,
    (SELECT json_agg(json_build_object('number', w.number, 'kind', w.kind, 'status', w.status,
            'title', w.title, 'team_names', t.names, 'starts_at', w.starts_at) ORDER BY w.id)
     FROM work_order_report wr JOIN work_order w ON w.id = wr.work_order_id
          LEFT JOIN team t ON t.id = w.team_id
     WHERE wr.report_id = :report AND w.jurisdiction_id = :jurisdiction) AS orders,
    (SELECT json_agg(json_build_object('reference', m.reference, 'received_at', m.received_at) ORDER BY m.id)
     FROM (SELECT id, reference, received_at FROM report WHERE merged_into_id = :report
           ORDER BY id LIMIT 20) AS m) AS joined,
    (SELECT json_agg(n ORDER BY n.same DESC, n.metres)
     FROM (
        SELECT r.reference, r.status, r.description, r.received_at, c.names,
               r.category_id = it.category_id AND ST_DistanceSphere(r.location, it.location) <= :same AS same,
               round(ST_DistanceSphere(r.location, it.location)) AS metres,
               ST_X(r.location) AS lon, ST_Y(r.location) AS lat
        FROM it JOIN report r ON r.location && ST_MakeEnvelope(
                    ST_X(it.location) - :wide, ST_Y(it.location) - :high,
                    ST_X(it.location) + :wide, ST_Y(it.location) + :high, 4326)
             JOIN category c ON c.id = r.category_id
        WHERE (r.jurisdiction_id = :jurisdiction OR r.in_charge_id = :jurisdiction) AND r.status IN ({_OPEN})
          AND r.id <> it.id
          AND ST_DistanceSphere(r.location, it.location) <= :near
        ORDER BY same DESC, metres LIMIT :most
     ) AS n) AS neighbours,
    (SELECT json_agg(json_build_object('id', c.id, 'words', CASE WHEN w.masked_at IS NULL THEN w.text END,
            'created_at', c.created_at, 'photos', COALESCE((SELECT json_agg(json_build_object(
                'token', p.token, 'status', p.status) ORDER BY p.id) FROM photo p WHERE p.id = ANY(c.photo_ids)),
                '[]'::json)) ORDER BY c.id)
     FROM comment c LEFT JOIN free_text w ON w.id = c.free_text_id
     WHERE c.report_id = :report AND c.status = 'pending') AS comments,
    (SELECT json_build_object('yes', count(*) FILTER (WHERE repaired), 'no', count(*) FILTER (WHERE NOT repaired),
            'rating', round(avg(rating), 1)) FROM repair_answer WHERE report_id = :report) AS verdicts,
    (SELECT json_agg(DISTINCT f.channel) FROM report_subscription f JOIN contact k ON k.id = f.contact_id
     WHERE f.report_id = :report AND f.author AND f.confirmed_at IS NOT NULL AND f.stopped_at IS NULL
       AND (f.channel = 'push' OR f.channel = 'mail' AND k.email IS NOT NULL AND k.email_failed_at IS NULL
            OR f.channel = 'sms' AND k.phone IS NOT NULL AND k.phone_failed_at IS NULL)) AS reached
""")


@dataclass(frozen=True)
class Surroundings:
    """What `of` found; dicts as the database made them, times as datetimes."""

    #: The team it was routed to; None where nobody is named.
    team_names: dict[str, str] | None
    sectors: list[dict[str, str]]
    #: The names of the neighbouring jurisdiction that looks after it, where it is not ours.
    in_charge: dict[str, str] | None
    orders: list[dict[str, Any]]
    #: Reports merged into this one.
    joined: list[dict[str, Any]]
    neighbours: list[dict[str, Any]]
    #: What neighbours added and nobody has read yet: id, words, photos [{token, status}], created_at.
    comments: list[dict[str, Any]]
    #: How many said yes and no to "Is it repaired?", and the average of their ratings: yes, no, rating.
    verdicts: dict[str, Any]
    #: Over which channels its author gets messages: mail, sms, push.
    reached: list[str]


def surroundings_of(report: Any) -> Surroundings:
    """What stands around a report (a row of reporter.reports.detail.report_detail). One statement."""
    west, south, east, north = bounding_box(Place(report.lon, report.lat), NEAR)
    row = execute_unscoped(
        _AROUND,
        {
            "report": report.id,
            "jurisdiction": current_jurisdiction_id(),
            "near": NEAR,
            "same": SAME,
            "most": MOST,
            "wide": (east - west) / 2,
            "high": (north - south) / 2,
        },
    ).one()
    return Surroundings(
        row.team_names,
        row.sectors or [],
        row.in_charge,
        _timed(row.orders),
        _timed(row.joined),
        _timed(row.neighbours),
        _timed(row.comments),
        row.verdicts,
        row.reached or [],
    )


def _timed(rows: list[dict[str, Any]] | None) -> list[dict[str, Any]]:
    """JSON's texts as datetimes, where a name says that they are."""
    return [
        {
            name: datetime.fromisoformat(value) if name.endswith("_at") and value else value
            for name, value in row.items()
        }
        for row in rows or []
    ]
