"""What a work order's page shows, read in two statements. Core, naming the jurisdiction."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import select, text

from core.database import ask
from core.errors import Missing
from core.i18n import gettext as _
from core.identity.models import User, Words
from core.scope import current_id
from interventions.models import WorkOrderEvent
from reporter.reading import Line

_DETAIL = text("""
SELECT w.id, w.number, w.kind, w.status, w.title, w.instructions, w.address, w.priority, w.starts_at,
       w.ends_at, w.announced_day, w.started_at, w.finished_at, w.minutes, w.created_at, w.version,
       ST_X(w.location) AS lon, ST_Y(w.location) AS lat,
       c.code AS category, c.names AS category_names, c.icon, c.photo_to_finish, c.verified AS asks_check,
       t.code AS team, t.names AS team_names, a.email AS agent, a.name AS agent_name, m.name AS made_by,
       (SELECT json_agg(json_build_object('reference', r.reference, 'status', r.status,
                'description', r.description, 'address', r.address, 'received_at', r.received_at,
                'names', rc.names, 'icon', rc.icon, 'cover', p.token, 'cover_status', p.status,
                'priority', r.priority, 'to_read', r.to_read, 'due_at', r.due_at,
                'version', r.version, 'lon', ST_X(r.location), 'lat', ST_Y(r.location))
            ORDER BY r.id)
        FROM work_order_report wr JOIN report r ON r.id = wr.report_id
             JOIN category rc ON rc.id = r.category_id LEFT JOIN photo p ON p.id = r.cover_id
        WHERE wr.work_order_id = w.id AND (r.jurisdiction_id = :here OR r.in_charge_id = :here)) AS reports,
       (SELECT json_agg(json_build_object('token', p.token, 'status', p.status, 'role', wp.role)
            ORDER BY p.id)
        FROM work_order_photo wp JOIN photo p ON p.id = wp.photo_id WHERE wp.work_order_id = w.id) AS photos
FROM work_order w
     LEFT JOIN category c ON c.id = w.category_id
     LEFT JOIN team t ON t.id = w.team_id
     LEFT JOIN "user" a ON a.id = w.agent_id
     LEFT JOIN "user" m ON m.id = w.created_by_id
WHERE w.jurisdiction_id = :here AND w.number = :number
""")


def detail(number: str) -> Any:
    """A row with everything of one work order but its history. One statement. Raises Missing."""
    row = ask(_DETAIL, {"here": current_id(), "number": number}).one_or_none()
    if row is None:
        raise Missing(_("There is no work order with that number."))
    return row


def reports_of(row: Any) -> list[dict[str, Any]]:
    """The reports that a work order (a row of `detail`) answers, their times as datetimes."""
    return [report | {"received_at": datetime.fromisoformat(report["received_at"]),
                      "due_at": datetime.fromisoformat(report["due_at"]) if report["due_at"] else None}
            for report in row.reports or []]


def history(order_id: int) -> list[Line]:
    """A work order's history, newest first, with who. One statement."""
    e, w, u = WorkOrderEvent.__table__.c, Words.__table__.c, User.__table__.c
    rows = ask(
        select(e.id, e.kind, e.door, e.public, e.facts, e.occurred_at, e.recorded_at, w.text,
               w.masked_at.is_not(None), u.name)
        .outerjoin_from(WorkOrderEvent.__table__, Words.__table__, w.id == e.words_id)
        .outerjoin(User.__table__, u.id == e.user_id)
        .where(e.work_order_id == order_id, e.jurisdiction_id == current_id())
        .order_by(e.occurred_at.desc(), e.id.desc()).limit(200)
    )
    return [Line.of(row) for row in rows]
