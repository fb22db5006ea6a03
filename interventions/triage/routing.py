"""To whom a report goes: subscribed to `received`, in the reporter's transaction but in a savepoint."""

from __future__ import annotations

from functools import lru_cache

from sqlalchemy import BigInteger, bindparam, func, insert, or_, select
from sqlalchemy.dialects.postgresql import Insert
from sqlalchemy.dialects.postgresql import insert as pg_insert

from core.database import db, execute_unscoped
from interventions.triage.models import Route, Triage
from reporter.reports.models import Report, ReportEvent, ReportSector


def route_report(report: Report, event: ReportEvent | None = None) -> None:
    """Record which team a report is for: by its category and sector, the more precise rule first. One statement.

    A report whose category has no rule gets a row without a team: it was looked at, and nobody is named.
    """
    execute_unscoped(
        _routed(), {"jurisdiction": report.jurisdiction_id, "category": report.category_id, "report": report.id}
    )


@lru_cache
def _routed() -> Insert:
    """The statement, made once."""
    here, category, report = (bindparam(name, type_=BigInteger) for name in ("jurisdiction", "category", "report"))
    r, s = Route.__table__.c, ReportSector.__table__.c
    rule = (
        select(r.team_id)
        .where(
            r.jurisdiction_id == here,
            r.category_id == category,
            or_(r.sector_id.is_(None), r.sector_id.in_(select(s.sector_id).where(s.report_id == report))),
        )
        .order_by(r.sector_id.is_(None), r.id)
        .limit(1)
        .scalar_subquery()
    )
    row = pg_insert(Triage.__table__).values(jurisdiction_id=here, report_id=report, team_id=rule)
    return row.on_conflict_do_update(
        index_elements=["report_id"], set_={"team_id": row.excluded.team_id, "routed_at": func.now()}
    )


def add_routing_rule(*, jurisdiction_id: int, category_id: int, team_id: int, sector_id: int | None = None) -> None:
    """Send reports of a category (in one sector, or everywhere) to a team."""
    db.session.execute(
        insert(Route.__table__).values(
            jurisdiction_id=jurisdiction_id, category_id=category_id, sector_id=sector_id, team_id=team_id
        )
    )
