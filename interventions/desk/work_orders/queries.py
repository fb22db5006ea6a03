"""What a work order's page shows, read in two statements. Core, naming the jurisdiction."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import select, text

from core.database import execute_unscoped
from core.database.scope import current_jurisdiction_id
from core.errors import NotFound
from core.i18n import gettext as _
from core.identity.models import User
from core.models import FreeText
from interventions.work_orders.models import WorkOrderEvent
from reporter.reports.detail import HistoryRow

_DETAIL = text("""
SELECT w.id, w.number, w.kind, w.status, w.title, w.instructions, w.address, w.priority, w.starts_at,
       w.ends_at, w.announced_day, w.started_at, w.finished_at, w.minutes, w.created_at, w.version,
       ST_X(w.location) AS lon, ST_Y(w.location) AS lat,
       c.code AS category, c.names AS category_names, c.icon, c.photo_to_finish, c.verified AS asks_check,
       t.code AS team, t.names AS team_names, a.email AS agent, a.name AS agent_name, m.name AS made_by,
       (SELECT json_agg(json_build_object('reference', r.reference, 'status', r.status,
                'description', r.description, 'address', r.address, 'received_at', r.received_at,
                'names', rc.names, 'icon', rc.icon, 'cover', p.token, 'cover_status', p.status,
                'priority', r.priority, 'unread_answer', r.unread_answer, 'due_at', r.due_at,
                'version', r.version, 'lon', ST_X(r.location), 'lat', ST_Y(r.location))
            ORDER BY r.id)
        FROM work_order_report wr JOIN report r ON r.id = wr.report_id
             JOIN category rc ON rc.id = r.category_id LEFT JOIN photo p ON p.id = r.cover_id
        WHERE wr.work_order_id = w.id AND (r.jurisdiction_id = :jurisdiction OR r.in_charge_id = :jurisdiction)) AS
        reports,
       (SELECT json_agg(json_build_object('token', p.token, 'status', p.status, 'role', wp.role)
            ORDER BY p.id)
        FROM work_order_photo wp JOIN photo p ON p.id = wp.photo_id WHERE wp.work_order_id = w.id) AS photos
FROM work_order w
     LEFT JOIN category c ON c.id = w.category_id
     LEFT JOIN team t ON t.id = w.team_id
     LEFT JOIN "user" a ON a.id = w.agent_id
     LEFT JOIN "user" m ON m.id = w.created_by_id
WHERE w.jurisdiction_id = :jurisdiction AND w.number = :number
""")


def detail(number: str) -> Any:
    """A row with everything of one work order but its history. One statement. Raises NotFound."""
    row = execute_unscoped(_DETAIL, {"jurisdiction": current_jurisdiction_id(), "number": number}).one_or_none()
    if row is None:
        raise NotFound(_("There is no work order with that number."))
    return row


def reports_of(row: Any) -> list[dict[str, Any]]:
    """The reports that a work order (a row of `detail`) answers, their times as datetimes."""
    return [
        report
        | {
            "received_at": datetime.fromisoformat(report["received_at"]),
            "due_at": datetime.fromisoformat(report["due_at"]) if report["due_at"] else None,
        }
        for report in row.reports or []
    ]


def history(order_id: int) -> list[HistoryRow]:
    """A work order's history, newest first, with who. One statement."""
    e, w, u = WorkOrderEvent.__table__.c, FreeText.__table__.c, User.__table__.c
    rows = execute_unscoped(
        select(
            e.id,
            e.kind,
            e.channel,
            e.public,
            e.facts,
            e.occurred_at,
            e.recorded_at,
            w.text,
            w.masked_at.is_not(None),
            u.name,
        )
        .outerjoin_from(WorkOrderEvent.__table__, FreeText.__table__, w.id == e.free_text_id)
        .outerjoin(User.__table__, u.id == e.user_id)
        .where(e.work_order_id == order_id, e.jurisdiction_id == current_jurisdiction_id())
        .order_by(e.occurred_at.desc(), e.id.desc())
        .limit(200)
    )
    return [HistoryRow.of(row) for row in rows]
