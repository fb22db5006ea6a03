"""Work orders: making, giving, scheduling them. What happens in the street is in `interventions.street`."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import func, insert, select
from sqlalchemy.dialects.postgresql import insert as pg_insert

from core.actor import Actor
from core.database import db, utcnow
from core.errors import Changed, FieldError, Forbidden, Missing, Refused, collecting
from core.geo import Place, place_of
from core.i18n import gettext as _
from core.i18n import locale_code
from core.identity.models import Membership, User
from core.identity.permissions import require
from core.identity.principal import Principal
from core.scope import current
from core.text import clean, localized
from core.words import keep
from interventions import consequences
from interventions.models import (
    Team,
    TeamMember,
    WorkOrder,
    WorkOrderCounter,
    WorkOrderEvent,
    WorkOrderReport,
)
from interventions.status import (
    ACTIVE,
    AWAITING_APPROVAL,
    CANCELLED,
    KINDS,
    MOVES,
    PERMISSIONS,
    READY,
    VERIFIED,
)
from reporter.models import Category, Report
from reporter.status import MERGED, OPEN, RECEIVED, RESOLVED

TITLE, TEXT = 200, 4000
#: A day without an hour is the crew's working day.
DAY_STARTS, DAY_ENDS = 8, 17
LONGEST = timedelta(days=62)


def lock(number: str, *, version: int | None = None) -> WorkOrder:
    """The work order of that number, locked until the transaction ends. Raises Missing, Changed."""
    order = db.session.scalar(
        select(WorkOrder)
        .where(WorkOrder.number == number)
        .with_for_update(of=WorkOrder)
        .execution_options(populate_existing=True)
    )
    if order is None:
        raise Missing(_("There is no work order with that number."))
    if version is not None and order.version != version:
        raise Changed(
            _("Someone else has changed this work order in the meantime. Here is the latest version."),
            code="changed",
        )
    return order


def move(order: WorkOrder, verb: str) -> None:
    """Make the legal move `verb`. Raises Refused when the present state does not allow it."""
    sources, target = MOVES[verb]
    if order.status not in sources:
        raise _not_now()
    order.status = target


def _not_now() -> Refused:
    return Refused(_("This cannot be done at this stage of the work order."), code="illegal_move")


def record(
    order: WorkOrder,
    kind: str,
    *,
    by: Actor,
    facts: dict[str, Any] | None = None,
    words: str = "",
    client_key: str | None = None,
) -> WorkOrderEvent:
    """Append one line to the work order's history and make its version grow; flushes."""
    event = WorkOrderEvent(
        jurisdiction_id=order.jurisdiction_id,
        work_order_id=order.id,
        kind=kind,
        door=by.door,
        user_id=by.user_id,
        public=False,
        facts=facts or {},
        words_id=keep(words, jurisdiction_id=order.jurisdiction_id),
        occurred_at=by.when,
        client_key=client_key,
    )
    order.version += 1
    # Not when it happened: who asks for what has changed since must hear of what came late.
    order.updated_at = utcnow()
    db.session.add(event)
    db.session.flush()
    return event


def make(
    *,
    reports: Sequence[Report] = (),
    kind: object = "final",
    title: object = "",
    instructions: object = "",
    category: object = None,
    place: Place | None = None,
    address: object = "",
    priority: object = None,
    by: Actor,
) -> WorkOrder:
    """Make a work order that answers `reports` (locked), or none. It waits for approval by who may approve.

    Raises Forbidden, FieldErrors naming reports, kind, title, category, location, priority.
    """
    require("work_orders.propose", by)
    errors = collecting()
    words = told = where = ""
    found: Category | None = None
    with errors:
        words = clean(title, field="title", most=TITLE, lines=False)
    with errors:
        told = clean(instructions, field="instructions", most=TEXT)
    with errors:
        where = clean(address, field="address", most=250, lines=False)
    with errors:
        found = _category(category, reports)
    if kind not in KINDS:
        errors.add("kind", _("Choose one of: %(choices)s.", choices=", ".join(KINDS)))
    for report in reports:
        if report.status not in OPEN and report.status != RESOLVED or report.status == MERGED:
            errors.add("reports", _("%(reference)s is closed: reopen it first.", reference=report.reference))
    level = _priority(priority, reports, errors)
    # An unknown category is said once, as itself: its name would have been the title.
    if not words and not found and not any(error.field == "category" for error in errors.errors):
        errors.add("title", _("Say in a few words what needs doing."))
    errors.done()
    if not words:
        assert found is not None  # else the title is missing, and `done` has raised
        words = localized(found.names, locale_code())
    if place is None and reports:
        place = _middle(reports)
    order = WorkOrder(
        jurisdiction_id=current().id,
        number=_next_number(by),
        kind=kind,
        status=READY if by.may(PERMISSIONS["approve"]) else AWAITING_APPROVAL,
        title=words,
        instructions=told,
        category_id=found.id if found else None,
        priority=level,
        location=place.wkt if place else None,
        address=where or next((r.address for r in reports if r.address), ""),
        position=0,
        version=1,
        created_by_id=by.user_id,
        created_at=by.when,
        updated_at=by.when,
    )
    db.session.add(order)
    db.session.flush()
    if reports:
        db.session.execute(
            insert(WorkOrderReport.__table__).values(
                [{"work_order_id": order.id, "report_id": report.id} for report in reports]
            )
        )
    record(order, "made", by=by, facts={"reports": [report.reference for report in reports], "kind": kind})
    consequences.follow(
        order, "work_made", by=by, facts={"number": order.number, "kind": kind}, kind_for=_acknowledging
    )
    return order


def _acknowledging(report: Report, following: str) -> str:
    """A report that work is made for was seen: the resident may read so."""
    if report.status == RESOLVED and following != RESOLVED:
        return "reopened"
    return "acknowledged" if report.status == RECEIVED else "work_made"


def _category(code: object, reports: Sequence[Report]) -> Category | None:
    if code:
        text = clean(code, field="category", most=100, lines=False)
        found = db.session.scalar(select(Category).where(Category.code == text))
        if found is None:
            raise FieldError("category", _("This category does not exist here."))
        return found
    first = next(iter(reports), None)
    if first is None:
        return None
    if first.jurisdiction_id == current().id:
        return first.category
    # A neighbour's report: our own category of the same code, where there is one.
    return db.session.scalar(select(Category).where(Category.code == first.category.code))


def _priority(value: object, reports: Sequence[Report], errors: collecting) -> int:
    if value is None or value == "":
        return max((report.priority for report in reports), default=0)
    try:
        number = int(str(value))
    except ValueError:
        number = -1
    if number not in (0, 1, 2):
        errors.add("priority", _("Choose 0 (normal), 1 (high) or 2 (danger)."))
    return number


def _middle(reports: Sequence[Report]) -> Place:
    """Where the crew goes: the report nearest to the middle of all, so that it is a real place."""
    places = [place_of(report.location) for report in reports]
    lon = sum(p.lon for p in places) / len(places)
    lat = sum(p.lat for p in places) / len(places)
    return min(places, key=lambda p: (p.lon - lon) ** 2 + (p.lat - lat) ** 2)


def _next_number(by: Actor) -> str:
    """The next number of the year in this jurisdiction: 2026-0042. Two makers wait for each other here."""
    year = by.when.astimezone(ZoneInfo(current().time_zone)).year
    row = pg_insert(WorkOrderCounter.__table__).values(jurisdiction_id=current().id, year=year, last=1)
    last = db.session.execute(
        row.on_conflict_do_update(
            index_elements=["jurisdiction_id", "year"], set_={"last": WorkOrderCounter.__table__.c.last + 1}
        ).returning(WorkOrderCounter.__table__.c.last)
    ).scalar_one()
    return f"{year}-{last:04d}"


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
        errors = collecting()
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


def approve(order: WorkOrder, *, by: Actor) -> None:
    """Somebody who may approve agrees to work that was proposed. Raises Forbidden, Refused."""
    require(PERMISSIONS["approve"], by)
    move(order, "approve")
    record(order, "approved", by=by)


def team_of(code: object, *, field: str = "team") -> Team | None:
    """The team of that code, or None for nothing given. Raises FieldError."""
    text = clean(code, field=field, most=100, lines=False)
    if not text:
        return None
    found = db.session.scalar(select(Team).where(Team.code == text, Team.active))
    if found is None:
        raise FieldError(field, _("This team does not exist here."))
    return found


def agent_of(email: object, *, field: str = "agent") -> User | None:
    """The colleague of that address who works here, or None for nothing given. Raises FieldError."""
    text = clean(email, field=field, most=254, lines=False)
    if not text:
        return None
    found = db.session.scalar(
        select(User)
        .join(Membership, Membership.user_id == User.id)
        .where(
            func.lower(User.email) == text.lower(), Membership.jurisdiction_id == current().id, User.active
        )
    )
    if found is None:
        raise FieldError(field, _("Nobody with that address works here."))
    return found


def assign(order: WorkOrder, *, team: object = None, agent: object = None, by: Actor) -> None:
    """Give the work to a team, to one agent, or to both; an agent alone brings their team. No change of state.

    Raises Forbidden, Refused once the work is over, FieldError naming team or agent.
    """
    require(PERMISSIONS["assign"], by)
    if order.status not in ACTIVE:
        raise _not_now()
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
    record(
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
    words = clean(reason, field="reason", most=1000)
    start, end = _times(start, end)
    if team or agent:
        assign(order, team=team, agent=agent, by=by)
    move(order, "schedule")
    before = order.announced_day
    order.starts_at, order.ends_at = start, end
    record(order, "scheduled", by=by, facts={"start": start.isoformat(), "end": end.isoformat()}, words=words)
    if before is not None and _day(before) != _day(start):
        _tell_day(order, "day_changed", by=by, words=words, before=before)
    elif announce and before is None:
        announce_day(order, by=by)
    else:
        consequences.follow(order, None, by=by)


def _times(start: datetime, end: datetime | None) -> tuple[datetime, datetime]:
    if end is None:
        zone = ZoneInfo(current().time_zone)
        local = start.astimezone(zone)
        end = max(local.replace(hour=DAY_ENDS, minute=0, second=0, microsecond=0), start + timedelta(hours=1))
    if end <= start or end - start > LONGEST:
        raise FieldError("end", _("The end must be after the start, and within two months of it."))
    return start, end


def _day(moment: datetime) -> date:
    return moment.astimezone(ZoneInfo(current().time_zone)).date()


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


def _tell_day(
    order: WorkOrder, kind: str, *, by: Actor, words: str = "", before: datetime | None = None
) -> None:
    assert order.starts_at is not None  # nothing without a planned day is announced
    order.announced_day, order.announced_at = order.starts_at, by.when
    facts = {"start": order.starts_at.isoformat(), "number": order.number, "kind": order.kind}
    if before is not None:
        facts["before"] = before.isoformat()
    record(order, "announced", by=by, facts=facts)
    consequences.follow(order, kind, by=by, facts=facts, words=words)


def may_change(status: str, who: Actor | Principal) -> bool:
    """Whether `who` may correct what a work order in that state says."""
    if who.may("work_orders.change"):
        return True
    return status == AWAITING_APPROVAL and who.may(PERMISSIONS["change"])


def change(
    order: WorkOrder, *, title: object = None, instructions: object = None, priority: object = None, by: Actor
) -> None:
    """Correct what the work order says. Who may only propose work corrects what still awaits approval.

    Raises Forbidden, Refused once it is checked or cancelled, FieldErrors naming title, instructions, priority.
    """
    if not may_change(order.status, by):
        raise Forbidden(_("Only a supervisor can change an approved work order."))
    if order.status in (CANCELLED, VERIFIED):
        raise _not_now()
    errors = collecting()
    if title is not None:
        with errors:
            order.title = clean(title, field="title", most=TITLE, required=True, lines=False)
    if instructions is not None:
        with errors:
            order.instructions = clean(instructions, field="instructions", most=TEXT)
    if priority is not None:
        order.priority = _priority(priority, (), errors)
    errors.done()
    record(order, "changed", by=by)
