"""Planning: to whom work is given, on which day, and when that day is announced to residents."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from sqlalchemy import select

from core.database import db
from core.database.scope import current_jurisdiction
from core.errors import CollectedErrors, FieldError, Refused
from core.i18n import gettext as _
from core.identity.actor import Actor
from core.identity.permissions import require
from core.text import clean_text
from interventions.teams.models import Team, TeamMember
from interventions.teams.queries import agent_of, team_of
from interventions.work_orders import report_status
from interventions.work_orders.models import WorkOrder
from interventions.work_orders.statuses import (
    ACTIVE,
    PERMISSIONS,
)
from interventions.work_orders.verbs import append_event, move, not_now_error

#: A day without an hour is the crew's working day.
DAY_STARTS, DAY_ENDS = 8, 17
LONGEST = timedelta(days=62)


def plan(
    order: WorkOrder,
    *,
    start: datetime | None = None,
    end: datetime | None = None,
    team: object = None,
    agent: object = None,
    announce: bool = False,
    day_field: str = "start",
    by: Actor,
) -> None:
    """What is said of a new order besides the work: who gets it, on which day, and whether that is announced.

    Where nothing is said nothing is done. Raises FieldErrors naming each thing said by somebody who may not plan
    (their work waits for approval; see docs/decisions/0030), and `day_field` where a day is to be announced but
    none is named.
    """
    if not by.may(PERMISSIONS["schedule"]):
        errors = CollectedErrors()
        for said, field in ((team, "team"), (agent, "agent")):
            if said:
                errors.add(field, _("A supervisor will assign it to a team or an agent once it is approved."))
        if start is not None:
            errors.add(day_field, _("A supervisor schedules it, once it is approved."))
        elif announce:
            errors.add(day_field, _("A supervisor will announce the date once it is approved."))
        errors.done()
        return
    if start is not None:
        schedule(order, start=start, end=end, team=team, agent=agent, announce=announce, by=by)
    elif announce:
        raise FieldError(day_field, _("Choose the day that is to be announced."))
    elif team or agent:
        assign(order, team=team, agent=agent, by=by)


def assign(order: WorkOrder, *, team: object = None, agent: object = None, by: Actor) -> None:
    """Give the work to a team, to one agent, or to both; an agent alone brings their team. No change of state.

    Raises Forbidden, Refused once the work is over, FieldError naming team or agent.
    """
    require(PERMISSIONS["assign"], by)
    if order.status not in ACTIVE:
        raise not_now_error()
    crew, person = team_of(team), agent_of(agent)
    if person is not None and crew is None:
        crew = db.session.scalar(
            select(Team)
            .join(TeamMember, TeamMember.team_id == Team.id)
            .where(TeamMember.user_id == person.id, Team.active)
            .order_by(Team.id)
            .limit(1)
        )
    order.team_id = crew.id if crew else None
    order.agent_id = person.id if person else None
    append_event(
        order,
        "assigned",
        by=by,
        facts={"team": crew.code if crew else None, "agent": person.id if person else None},
    )
    db.session.refresh(order, ["team", "agent"])


def schedule(
    order: WorkOrder,
    *,
    start: datetime,
    end: datetime | None = None,
    team: object = None,
    agent: object = None,
    announce: bool = False,
    reason: object = "",
    by: Actor,
) -> None:
    """Put the work on a day, give it to somebody where named, and announce the day where asked.

    A day already announced that changes is told again at once, with its reason. Raises Forbidden, Refused,
    FieldError naming end, reason, team or agent.
    """
    require(PERMISSIONS["schedule"], by)
    words = clean_text(reason, field="reason", most=1000)
    start, end = _times(start, end)
    if team or agent:
        assign(order, team=team, agent=agent, by=by)
    move(order, "schedule")
    before = order.announced_day
    order.starts_at, order.ends_at = start, end
    append_event(order, "scheduled", by=by, facts={"start": start.isoformat(), "end": end.isoformat()}, words=words)
    if before is not None and _day(before) != _day(start):
        _tell_day(order, "day_changed", by=by, words=words, before=before)
    elif announce and before is None:
        announce_day(order, by=by)
    else:
        report_status.update_reports(order, None, by=by)


def _times(start: datetime, end: datetime | None) -> tuple[datetime, datetime]:
    if end is None:
        zone = ZoneInfo(current_jurisdiction().time_zone)
        local = start.astimezone(zone)
        end = max(local.replace(hour=DAY_ENDS, minute=0, second=0, microsecond=0), start + timedelta(hours=1))
    if end <= start or end - start > LONGEST:
        raise FieldError("end", _("The end must be after the start, and within two months of it."))
    return start, end


def _day(moment: datetime) -> date:
    return moment.astimezone(ZoneInfo(current_jurisdiction().time_zone)).date()


def announce_day(order: WorkOrder, *, by: Actor) -> None:
    """Tell the residents the planned day: from now on it is a promise. Raises Forbidden, Refused."""
    require(PERMISSIONS["announce"], by)
    if order.starts_at is None or order.status not in ("scheduled",):
        raise Refused(_("Only scheduled work can be announced."), code="illegal_move")
    if order.announced_day is not None and _day(order.announced_day) == _day(order.starts_at):
        raise Refused(_("This date has already been announced."), code="announced")
    if _day(order.starts_at) < _day(by.when):
        raise Refused(_("This date has passed: schedule another one first."), code="over")
    _tell_day(order, "planned", by=by)


def _tell_day(order: WorkOrder, kind: str, *, by: Actor, words: str = "", before: datetime | None = None) -> None:
    assert order.starts_at is not None  # nothing without a planned day is announced
    order.announced_day, order.announced_at = order.starts_at, by.when
    facts = {"start": order.starts_at.isoformat(), "number": order.number, "kind": order.kind}
    if before is not None:
        facts["before"] = before.isoformat()
    append_event(order, "announced", by=by, facts=facts)
    report_status.update_reports(order, kind, by=by, facts=facts, words=words)
