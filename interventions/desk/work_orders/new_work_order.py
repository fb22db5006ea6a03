"""Making a work order: of one report, of several, or of none; given, planned and announced in one form."""

from __future__ import annotations

from typing import Any

from flask import request
from flask.typing import ResponseReturnValue
from sqlalchemy import func, select

from core import references
from core.database import execute_unscoped
from core.database.scope import current_jurisdiction, current_jurisdiction_id
from core.geo import from_lat_lon
from core.i18n import gettext as _
from core.identity.actor import Actor
from core.web.access import requires
from core.web.principal import require
from interventions.desk.blueprint import BESIDE, desk, part, show
from interventions.desk.choices import choices, kinds, priorities
from interventions.desk.day_fields import planned_period
from interventions.desk.form_handling import attempt, new_form_key
from interventions.desk.rows import report_rows
from interventions.planning import verbs as planning_verbs
from interventions.teams.models import Team
from interventions.triage.models import Triage
from interventions.work_orders import verbs as work_order_verbs
from reporter.reports import intake as report_intake
from reporter.reports.listing import rows_of_references

#: More reports than this are no longer one job.
MOST = 50


@desk.get("/work-orders/new")
@requires("work_orders.propose")
def new_work() -> ResponseReturnValue:
    """The form, filled in from the reports that were picked."""
    return _form(references_of(request.args.getlist("report")))


@desk.post("/work-orders")
@requires("work_orders.propose")
def make_work() -> ResponseReturnValue:
    """Make it, give it, plan it, announce it: all of it or nothing."""
    picked = references_of(request.form.getlist("report"))
    made: list[str] = []

    def again(status: int, errors: dict[str, str], refusal: str) -> ResponseReturnValue:
        return _form(picked, status=status, errors=errors, refusal=refusal, typed=dict(request.form.items()))

    done = "?done=make" if part() == BESIDE else ""
    return attempt(lambda by: make(picked, by, made), to=lambda: f"/desk/work-orders/{made[0]}{done}", again=again)


def references_of(values: list[str]) -> list[str]:
    """References in the order given, each once; what is none is left out. A picked row's has its version."""
    found = (references.parse_reference(value.partition("@")[0]) for value in values[: MOST * 2])
    return list(dict.fromkeys(reference for reference in found if reference))[:MOST]


def picked_reports(picked: list[str]) -> list[Any]:
    """The rows of these reports, newest first; those that are not here are left out. One statement."""
    if not picked:
        return []
    return rows_of_references(picked, staff=True)


def _team_for(reports: list[Any]) -> str:
    """The code of the team that most of the reports were routed to; empty where none was. One statement."""
    t, g = Team.__table__.c, Triage.__table__.c
    return (
        execute_unscoped(
            select(t.code)
            .join_from(Triage.__table__, Team.__table__, t.id == g.team_id)
            .where(
                g.report_id.in_([report.id for report in reports]),
                t.jurisdiction_id == current_jurisdiction_id(),
                t.active,
            )
            .group_by(t.code)
            .order_by(func.count().desc(), t.code)
            .limit(1)
        ).scalar()
        or ""
    )


def make(picked: list[str], by: Actor, made: list[str]) -> str:
    form = request.form
    moments = planned_period(form)
    place = from_lat_lon(form["lat"], form["lon"]) if form.get("lat") and form.get("lon") else None
    # In one order, so that two people who make work of the same reports never wait for each other.
    reports = [report_intake.lock_report(reference) for reference in sorted(picked)]
    order = work_order_verbs.create_work_order(
        reports=reports,
        kind=form.get("kind", "final"),
        title=form.get("title"),
        instructions=form.get("instructions"),
        category=form.get("category"),
        place=place,
        address=form.get("address", ""),
        priority=form.get("priority"),
        by=by,
    )
    start, end = moments or (None, None)
    planning_verbs.plan(
        order,
        start=start,
        end=end,
        team=form.get("team"),
        agent=form.get("agent"),
        announce="announce" in form,
        day_field="day",
        by=by,
    )
    made.append(order.number)
    if order.status == "awaiting_approval":
        return _("Work order %(number)s created. A supervisor will approve it.", number=order.number)
    if order.announced_day is not None:
        return _("Work order %(number)s created and scheduled. Residents are being told.", number=order.number)
    return _("Work order %(number)s created.", number=order.number)


def _form(
    picked: list[str],
    *,
    status: int = 200,
    errors: dict[str, str] | None = None,
    refusal: str = "",
    typed: dict[str, str] | None = None,
) -> ResponseReturnValue:
    reports = picked_reports(picked)
    return show(
        "desk/new_work_order.html",
        status,
        nav_current="work-orders",
        **_context(reports, picked),
        errors=errors or {},
        refusal=refusal,
        typed=typed or {},
    )


def _context(reports: list[Any], picked: list[str]) -> dict[str, Any]:
    first = reports[0] if reports else None
    return {
        "rows": report_rows(reports),
        "reports": reports,
        "missing": len(picked) - len(reports),
        "known": choices(),
        "kinds": kinds(),
        "priorities": priorities(),
        "key": new_form_key(),
        "plans": require().may("work_orders.plan"),
        "approves": require().may("work_orders.approve"),
        "bounds": ",".join(map(str, current_jurisdiction().bounds)),
        "given": {
            "title": "",
            "category": first.category if first else "",
            "priority": str(max((report.priority for report in reports), default=0)),
            "team": _team_for(reports) if reports else "",
        },
    }
