"""Work orders: making, giving, scheduling them. What happens in the street is in
`interventions.work_orders.execution`."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import insert, select
from sqlalchemy.dialects.postgresql import insert as pg_insert

from core.database import db, utcnow
from core.database.scope import current_jurisdiction
from core.errors import ChangedMeanwhile, CollectedErrors, FieldError, Forbidden, NotFound, Refused
from core.free_text import store_free_text
from core.geo import Place, place_from_column
from core.i18n import gettext as _
from core.i18n import locale_code
from core.identity.actor import Actor
from core.identity.permissions import require
from core.text import clean_text, localized
from core.web.principal import Principal
from interventions.work_orders import report_status
from interventions.work_orders.models import WorkOrder, WorkOrderCounter, WorkOrderEvent, WorkOrderReport
from interventions.work_orders.statuses import (
    AWAITING_APPROVAL,
    CANCELLED,
    KINDS,
    MOVES,
    PERMISSIONS,
    READY,
    VERIFIED,
)
from reporter.categories.models import Category
from reporter.reports.models import Report
from reporter.statuses import MERGED, OPEN, RECEIVED, RESOLVED

TITLE, TEXT = 200, 4000


def lock_work_order(number: str, *, version: int | None = None) -> WorkOrder:
    """The work order of that number, locked until the transaction ends. Raises NotFound, ChangedMeanwhile."""
    order = db.session.scalar(
        select(WorkOrder)
        .where(WorkOrder.number == number)
        .with_for_update(of=WorkOrder)
        .execution_options(populate_existing=True)
    )
    if order is None:
        raise NotFound(_("There is no work order with that number."))
    if version is not None and order.version != version:
        raise ChangedMeanwhile(
            _("Someone else has changed this work order in the meantime. Here is the latest version."),
            code="changed",
        )
    return order


def move(order: WorkOrder, verb: str) -> None:
    """Make the legal move `verb`. Raises Refused when the present state does not allow it."""
    sources, target = MOVES[verb]
    if order.status not in sources:
        raise not_now_error()
    order.status = target


def not_now_error() -> Refused:
    return Refused(_("This cannot be done at this stage of the work order."), code="illegal_move")


def append_event(
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
        channel=by.channel,
        user_id=by.user_id,
        public=False,
        facts=facts or {},
        free_text_id=store_free_text(words, jurisdiction_id=order.jurisdiction_id),
        occurred_at=by.when,
        client_key=client_key,
    )
    order.version += 1
    # Not when it happened: who asks for what has changed since must hear of what came late.
    order.updated_at = utcnow()
    db.session.add(event)
    db.session.flush()
    return event


def create_work_order(
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
    errors = CollectedErrors()
    words = told = where = ""
    found: Category | None = None
    with errors:
        words = clean_text(title, field="title", most=TITLE, lines=False)
    with errors:
        told = clean_text(instructions, field="instructions", most=TEXT)
    with errors:
        where = clean_text(address, field="address", most=250, lines=False)
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
        jurisdiction_id=current_jurisdiction().id,
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
    append_event(order, "made", by=by, facts={"reports": [report.reference for report in reports], "kind": kind})
    report_status.update_reports(
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
        text = clean_text(code, field="category", most=100, lines=False)
        found = db.session.scalar(select(Category).where(Category.code == text))
        if found is None:
            raise FieldError("category", _("This category does not exist here."))
        return found
    first = next(iter(reports), None)
    if first is None:
        return None
    if first.jurisdiction_id == current_jurisdiction().id:
        return first.category
    # A neighbour's report: our own category of the same code, where there is one.
    return db.session.scalar(select(Category).where(Category.code == first.category.code))


def _priority(value: object, reports: Sequence[Report], errors: CollectedErrors) -> int:
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
    places = [place_from_column(report.location) for report in reports]
    lon = sum(p.lon for p in places) / len(places)
    lat = sum(p.lat for p in places) / len(places)
    return min(places, key=lambda p: (p.lon - lon) ** 2 + (p.lat - lat) ** 2)


def _next_number(by: Actor) -> str:
    """The next number of the year in this jurisdiction: 2026-0042. Two makers wait for each other here."""
    year = by.when.astimezone(ZoneInfo(current_jurisdiction().time_zone)).year
    row = pg_insert(WorkOrderCounter.__table__).values(jurisdiction_id=current_jurisdiction().id, year=year, last=1)
    last = db.session.execute(
        row.on_conflict_do_update(
            index_elements=["jurisdiction_id", "year"], set_={"last": WorkOrderCounter.__table__.c.last + 1}
        ).returning(WorkOrderCounter.__table__.c.last)
    ).scalar_one()
    return f"{year}-{last:04d}"


def approve(order: WorkOrder, *, by: Actor) -> None:
    """Somebody who may approve agrees to work that was proposed. Raises Forbidden, Refused."""
    require(PERMISSIONS["approve"], by)
    move(order, "approve")
    append_event(order, "approved", by=by)


def may_change(status: str, who: Actor | Principal) -> bool:
    """Whether `who` may correct what a work order in that state says."""
    if who.may("work_orders.change"):
        return True
    return status == AWAITING_APPROVAL and who.may(PERMISSIONS["change"])


def change_work_order(
    order: WorkOrder, *, title: object = None, instructions: object = None, priority: object = None, by: Actor
) -> None:
    """Correct what the work order says. Who may only propose work corrects what still awaits approval.

    Raises Forbidden, Refused once it is checked or cancelled, FieldErrors naming title, instructions, priority.
    """
    if not may_change(order.status, by):
        raise Forbidden(_("Only a supervisor can change an approved work order."))
    if order.status in (CANCELLED, VERIFIED):
        raise not_now_error()
    errors = CollectedErrors()
    if title is not None:
        with errors:
            order.title = clean_text(title, field="title", most=TITLE, required=True, lines=False)
    if instructions is not None:
        with errors:
            order.instructions = clean_text(instructions, field="instructions", most=TEXT)
    if priority is not None:
        order.priority = _priority(priority, (), errors)
    errors.done()
    append_event(order, "changed", by=by)
