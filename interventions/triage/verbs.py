"""What the desk decides about reports: the reporter's moves, with what the work already under way demands.

Each verb raises Forbidden where `by` has not the permission reports.triage.
"""

from __future__ import annotations

from datetime import timedelta

from sqlalchemy import select

from core.database import db
from core.database.scope import current_jurisdiction
from core.errors import FieldError, NotFound, Refused
from core.geo import Place
from core.i18n import gettext as _
from core.identity.actor import Actor
from core.identity.permissions import require
from interventions.triage.routing import route_report
from interventions.work_orders import report_status
from interventions.work_orders.models import WorkOrder, WorkOrderReport
from interventions.work_orders.statuses import ACTIVE
from reporter.feedback.links import jurisdiction_of
from reporter.reports import intake as report_intake
from reporter.reports import transitions
from reporter.reports.models import Report, ReportEvent


def own_work_orders_of(report_id: int) -> list[WorkOrder]:
    """Our work orders that answer a report, oldest first."""
    return list(
        db.session.scalars(
            select(WorkOrder)
            .join(WorkOrderReport, WorkOrderReport.work_order_id == WorkOrder.id)
            .where(WorkOrderReport.report_id == report_id)
            .order_by(WorkOrder.id)
        )
    )


def _no_work(report: Report) -> None:
    active = [order.number for order in report_status.all_work_of(report.id) if order.status in ACTIVE]
    if active:
        raise Refused(
            _("Work is under way for this report (%(numbers)s): cancel it first.", numbers=", ".join(active)),
            code="work_under_way",
        )


def lock_two(one: str, other: str, *, version: int | None = None) -> tuple[Report, Report]:
    """Two reports, locked in the order of their references so that two people never wait for each other.

    Raises NotFound where there is no `one`, FieldError naming `into` where there is no `other`, ChangedMeanwhile.
    """
    found = {}
    for reference in sorted({one, other}):
        try:
            found[reference] = report_intake.lock_report(reference, version=version if reference == one else None)
        except NotFound:
            if reference == one:
                raise
            # Which of the two is missing makes a difference: the other is what somebody typed.
            report_intake.lock_report(one)
            raise FieldError("into", _("There is no report with that reference."), code="unknown") from None
    return found[one], found[other]


def acknowledge(report: Report, *, by: Actor) -> None:
    """The services have seen it."""
    require("reports.triage", by)
    transitions.acknowledge(report, by=by)


def reject(report: Report, *, reason: object, by: Actor) -> None:
    """No action will follow, with a reason for the resident. Refused while work is under way."""
    require("reports.triage", by)
    transitions.checked_reason(reason)
    _no_work(report)
    transitions.reject(report, reason=reason, by=by)


def merge(reference: str, into: object, *, by: Actor, reason: object = "", version: int | None = None) -> Report:
    """Attach a report to another that says the same. Refused while work is under way for the first."""
    require("reports.triage", by)
    from core import references

    target = references.parse_reference(into if isinstance(into, str) else "")
    if target is None:
        raise FieldError(
            "into",
            _(
                "This is not a reference. References look like %(example)s.",
                example=references.example(current_jurisdiction().prefix),
            ),
        )
    report, other = lock_two(reference, target, version=version)
    _no_work(report)
    transitions.merge(report, other, by=by, reason=reason)
    return report


def correct_category(report: Report, *, category: object, by: Actor) -> None:
    """Another category, and the team that goes with it."""
    require("reports.triage", by)
    transitions.correct_category(report, category=category, by=by)
    route_report(report)


def correct_place(report: Report, *, place: Place, address: object = None, by: Actor) -> None:
    """Another place, and the team that goes with it."""
    require("reports.triage", by)
    transitions.correct_place(report, place=place, address=address, by=by)
    route_report(report)


def note(report: Report, *, text: object, by: Actor) -> None:
    """An internal line."""
    require("reports.triage", by)
    transitions.note(report, text=text, by=by)


def ask(report: Report, *, text: object, by: Actor) -> None:
    """A question to whoever reported it; the report waits for the answer as long as the jurisdiction where it lies
    says.

    Refused while work is under way: the state then says how the work stands.
    """
    require("reports.triage", by)
    transitions.checked_reason(text, field="text")
    if transitions.is_legal(report, "ask"):
        _no_work(report)
    days = jurisdiction_of(report).preferences.waiting_days
    transitions.ask(report, text=text, until=by.when + timedelta(days=days), by=by)


def mark_answer_read(report: Report, *, by: Actor) -> None:
    """What was answered has been read, and nothing more follows from it."""
    require("reports.triage", by)
    if report.unread_answer is not None:
        transitions.mark_answer_read(report)


def restore_status_from_work(report: Report, event: ReportEvent) -> None:
    """After residents' words brought a report back: its state is the one that its work gives it, where it has some.

    Hears of `contested`, `answered` and `unanswered`.
    """
    following = report_status.status_of_report(report)
    if transitions.is_legal(report, "follow_work") and following not in (None, report.status, "resolved"):
        transitions.set_status_from_work(
            report, status=following, kind=None, by=Actor(event.channel, event.user_id, at=event.occurred_at)
        )


def reopen(report: Report, *, reason: object = "", by: Actor) -> None:
    """A closed report is open again; its state follows its work where there is some."""
    require("reports.triage", by)
    transitions.reopen(report, by=by, reason=reason)
    db.session.flush()
    following = report_status.status_of_report(report)
    if following is not None and following not in ("resolved", report.status):
        transitions.set_status_from_work(report, status=following, kind=None, by=by)
