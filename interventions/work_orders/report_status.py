"""What work does to the reports it answers: their state follows from their uncancelled work orders (DESIGN §3)."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

from sqlalchemy import select

from core.database import db
from core.database.scope import across_jurisdictions
from core.identity.actor import Actor
from core.photos.models import Photo
from interventions.work_orders.models import WorkOrder, WorkOrderReport
from interventions.work_orders.statuses import CANCELLED, DONE, IN_PROGRESS, ON_HOLD, VERIFIED
from reporter import statuses
from reporter.reports import transitions
from reporter.reports.history import reopened_at
from reporter.reports.models import Report


def lock_reports_of(order: WorkOrder) -> list[Report]:
    """The reports a work order answers, their rows locked in the order in which everybody locks several.

    Also those that have left our charge since: their residents are to hear what became of them.
    """
    with across_jurisdictions():
        return list(
            db.session.scalars(
                select(Report)
                .join(WorkOrderReport, WorkOrderReport.report_id == Report.id)
                .where(WorkOrderReport.work_order_id == order.id)
                .order_by(Report.reference)
                .with_for_update(of=Report)
                .execution_options(populate_existing=True)
            )
        )


def is_finished(order: WorkOrder) -> bool:
    """Whether the order counts as finished: done, or verified where its category asks for that."""
    if order.status == VERIFIED:
        return True
    return order.status == DONE and not (order.category is not None and order.category.verified)


def status_from_work(orders: Iterable[WorkOrder]) -> str | None:
    """The state that a report's work orders give it; None where no uncancelled work is left."""
    live = [order for order in orders if order.status != CANCELLED]
    if not live:
        return None
    final = [order for order in live if order.kind == "final"]
    if final and all(map(is_finished, final)):
        return statuses.RESOLVED
    if any(
        order.status in (IN_PROGRESS, ON_HOLD) or (order.status == DONE and not is_finished(order)) for order in live
    ):
        return statuses.IN_PROGRESS
    if any(order.announced_day is not None and not is_finished(order) for order in live):
        return statuses.PLANNED
    return statuses.ACKNOWLEDGED


def all_work_of(report_id: int) -> list[WorkOrder]:
    """The work orders that answer a report, whoever's they are: a neighbour's crew may be at work on it too."""
    with across_jurisdictions():
        return list(
            db.session.scalars(
                select(WorkOrder)
                .join(WorkOrderReport, WorkOrderReport.work_order_id == WorkOrder.id)
                .where(WorkOrderReport.report_id == report_id)
                .order_by(WorkOrder.id)
            )
        )


def status_of_report(report: Report) -> str | None:
    """The state that its work gives a report now; None where no uncancelled work is left.

    What was finished before the desk reopened the report no longer proves that it is repaired.
    """
    orders = all_work_of(report.id)
    found = status_from_work(orders)
    if found != statuses.RESOLVED or report.status == statuses.RESOLVED:
        return found
    since = reopened_at(report.id)
    if since is None:
        return found
    return status_from_work(
        order
        for order in orders
        if not (is_finished(order) and order.finished_at is not None and order.finished_at < since)
    )


def update_reports(
    order: WorkOrder,
    kind: str | None,
    *,
    by: Actor,
    facts: dict[str, Any] | None = None,
    words: str = "",
    photos: list[Photo] | None = None,
    kind_for: Callable[[Report, str], str | None] | None = None,
) -> None:
    """Bring every report of `order` into the state that follows from all its work, and write the event.

    `kind_for(report, new status)` chooses the event where it depends on the report.
    """
    db.session.flush()
    for report in lock_reports_of(order):
        if report.status in (statuses.REJECTED, statuses.MERGED):
            continue
        following = status_of_report(report)
        if following is None:
            following = (
                report.status if report.status in (statuses.RECEIVED, statuses.WAITING) else statuses.ACKNOWLEDGED
            )
        if photos:
            transitions.add_photos(report, photos, role="repair", by=by)
        chosen = kind_for(report, following) if kind_for else kind
        transitions.set_status_from_work(report, status=following, kind=chosen, by=by, facts=facts, words=words)
