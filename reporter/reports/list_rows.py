"""What a list shows of each report it found, and the photos of a report as JSON. Core."""

from __future__ import annotations

from typing import Any

from sqlalchemy import Label, Select, func, select, text
from sqlalchemy.dialects.postgresql import aggregate_order_by
from sqlalchemy.orm import aliased

from core.photos.models import Photo
from reporter.categories.models import Category
from reporter.reports.models import Report, ReportPhoto

R = Report.__table__


def rows_statement(found: Any, column: Any, descending: bool, *, photos: bool = True) -> Select:
    """The statement that shows the reports of `found` (id and the sorted column), in the order of `column`.

    All the photos of each only where `photos` are asked for; its cover always.
    """
    c, cover = Category.__table__.c, aliased(Photo.__table__)
    key = found.c[column.name]
    columns = [
        R.c.id,
        R.c.reference,
        R.c.status,
        R.c.priority,
        R.c.private,
        R.c.description,
        R.c.address,
        R.c.public_description,
        R.c.public_address,
        func.ST_X(R.c.location).label("lon"),
        func.ST_Y(R.c.location).label("lat"),
        R.c.received_at,
        R.c.updated_at,
        R.c.closed_at,
        R.c.due_at,
        R.c.version,
        R.c.channel,
        R.c.jurisdiction_id,
        R.c.unread_answer,
        c.code.label("category"),
        c.names.label("category_names"),
        c.icon,
        cover.c.token.label("cover"),
        cover.c.status.label("cover_status"),
    ]
    if photos:
        columns.append(photos_json())
    return (
        select(*columns)
        .join_from(found, R, R.c.id == found.c.id)
        .join(Category.__table__, c.id == R.c.category_id)
        .outerjoin(cover, cover.c.id == R.c.cover_id)
        .order_by(key.desc() if descending else key.asc(), R.c.id.desc() if descending else R.c.id.asc())
    )


def photos_json() -> Label[Any]:
    """A report's photos as JSON, in one correlated subquery: [{token, status, role, reason, added_at}]."""
    rp, p = ReportPhoto.__table__.c, Photo.__table__.c
    return (
        select(
            func.coalesce(
                func.json_agg(
                    aggregate_order_by(
                        func.json_build_object(
                            text("'token'"),
                            p.token,
                            text("'status'"),
                            p.status,
                            text("'role'"),
                            rp.role,
                            text("'reason'"),
                            p.reason,
                            text("'at'"),
                            rp.added_at,
                            text("'width'"),
                            p.width,
                            text("'height'"),
                            p.height,
                        ),
                        rp.position,
                    )
                ),
                text("'[]'::json"),
            )
        )
        .join_from(ReportPhoto.__table__, Photo.__table__, p.id == rp.photo_id)
        .where(rp.report_id == R.c.id)
        .correlate(R)
        .scalar_subquery()
        .label("photos")
    )
