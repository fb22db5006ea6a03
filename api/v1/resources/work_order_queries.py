"""What the API shows of work orders, with the references they answer. Core, naming the jurisdiction."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from sqlalchemy import ColumnElement, Select, Text, func, select, text
from sqlalchemy.dialects.postgresql import aggregate_order_by

from api.v1.lookups import no_work_order
from api.v1.schemas.rows import WorkRow
from core.database import db
from core.database.scope import current_jurisdiction_id
from core.identity.models import User
from core.photos.models import Photo
from interventions.teams.models import Team
from interventions.work_orders.models import WorkOrder, WorkOrderPhoto, WorkOrderReport
from reporter.categories.models import Category
from reporter.reports.models import Report

W = WorkOrder.__table__


def work_order_row(number: str) -> WorkRow:
    """The row of one work order. One statement. Raises NotFound."""
    row = db.session.execute(_query(W.c.number == number)).one_or_none()
    if row is None:
        raise no_work_order()
    return WorkRow._make(row)


def work_order_rows(ids: Sequence[int]) -> list[WorkRow]:
    """The rows of these work orders, in this order. One statement, none where there is nothing to read."""
    if not ids:
        return []
    found = {row.id: WorkRow._make(row) for row in db.session.execute(_query(W.c.id.in_(ids)))}
    return [found[number] for number in ids if number in found]


def _query(wanted: ColumnElement[bool]) -> Select[*tuple[Any, ...]]:
    t, u, c = Team.__table__.c, User.__table__.c, Category.__table__.c
    wr, r = WorkOrderReport.__table__, Report.__table__
    wp, p = WorkOrderPhoto.__table__, Photo.__table__
    answered = (
        select(func.coalesce(func.array_agg(aggregate_order_by(r.c.reference, r.c.id)), text("'{}'::text[]")))
        .join_from(wr, r, r.c.id == wr.c.report_id)
        .where(wr.c.work_order_id == W.c.id)
        .correlate(W)
        .scalar_subquery()
    )
    shown = (
        select(
            func.coalesce(
                func.json_agg(
                    aggregate_order_by(
                        func.json_build_object(
                            text("'token'"),
                            p.c.token.cast(Text),
                            text("'status'"),
                            p.c.status,
                            text("'role'"),
                            wp.c.role,
                        ),
                        wp.c.added_at,
                        p.c.id,
                    )
                ),
                text("'[]'::json"),
            )
        )
        .join_from(wp, p, p.c.id == wp.c.photo_id)
        .where(wp.c.work_order_id == W.c.id)
        .correlate(W)
        .scalar_subquery()
    )
    return (
        select(
            W.c.id,
            W.c.number,
            W.c.kind,
            W.c.status,
            W.c.title,
            W.c.instructions,
            W.c.address,
            W.c.priority,
            W.c.starts_at,
            W.c.ends_at,
            W.c.announced_day,
            W.c.started_at,
            W.c.finished_at,
            W.c.minutes,
            W.c.created_at,
            W.c.updated_at,
            W.c.version,
            W.c.team_id,
            W.c.agent_id,
            func.ST_X(W.c.location).label("lon"),
            func.ST_Y(W.c.location).label("lat"),
            c.code.label("category"),
            t.code.label("team"),
            u.email.label("agent"),
            answered.label("reports"),
            shown.label("photos"),
        )
        .outerjoin_from(W, Category.__table__, c.id == W.c.category_id)
        .outerjoin(Team.__table__, t.id == W.c.team_id)
        .outerjoin(User.__table__, u.id == W.c.agent_id)
        .where(W.c.jurisdiction_id == current_jurisdiction_id(), wanted)
    )
