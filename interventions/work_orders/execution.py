"""What happens in the street and after: start, hold, resume, refuse, finish; verify, return, cancel.

A phone may send these late and twice: they take the client's key and the time it happened. The same key again on
the same work order changes nothing. Each raises Forbidden where `by` may not do it (core/identity/permissions.py).
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import NamedTuple, Protocol

from sqlalchemy import insert, select

from core.database import db
from core.errors import CollectedErrors, FieldError, Forbidden
from core.i18n import gettext as _
from core.identity.actor import Actor
from core.identity.permissions import require
from core.photos.verbs import claim
from core.text import clean_text
from core.web.principal import Principal
from interventions.teams.models import TeamMember
from interventions.work_orders import report_status
from interventions.work_orders.models import WorkOrder, WorkOrderEvent, WorkOrderPhoto
from interventions.work_orders.statuses import PERMISSIONS
from interventions.work_orders.verbs import append_event, move
from reporter.reports.models import Report
from reporter.reports.transitions import checked_reason
from reporter.statuses import RESOLVED

PHOTOS = 8
MOST_MINUTES = 60 * 24 * 7


class Assigned(Protocol):
    """Whom a work order is given to, as a row of a read model holds it."""

    @property
    def team_id(self) -> int | None:
        """The team, by its id."""

    @property
    def agent_id(self) -> int | None:
        """The agent, by the id of the user."""


class Assignment(NamedTuple):
    """To whom a work order is given."""

    agent_id: int | None
    team_id: int | None


def is_assigned_to(order: WorkOrder | Assigned, who: Principal | Actor) -> bool:
    """Whether the work is that agent's: given to them, or to a team of theirs and to nobody else."""
    if order.agent_id is not None:
        return order.agent_id == who.user_id
    if order.team_id is None:
        return False
    return (
        db.session.scalar(
            select(TeamMember.team_id).where(TeamMember.team_id == order.team_id, TeamMember.user_id == who.user_id)
        )
        is not None
    )


def require_assigned(
    order: WorkOrder | Assigned, who: Principal | Actor, *, unless: str = "work_orders.read_all"
) -> None:
    """Refuse who is neither given that work nor has the permission `unless`. Raises Forbidden."""
    if not who.may(unless) and not is_assigned_to(order, who):
        raise Forbidden(_("This job is not assigned to you."))


def _must_carry_out(order: WorkOrder, by: Actor) -> None:
    """Refuse who may not do this work: not given to them, nor to a team of theirs. Raises Forbidden."""
    require("work_orders.carry_out", by)
    require_assigned(order, by, unless="work_orders.carry_out_all")


def was_received(order: WorkOrder, client_key: str | None) -> bool:
    """Whether that key has been heard on this work order before."""
    if not client_key:
        return False
    return (
        db.session.scalar(
            select(WorkOrderEvent.id).where(
                WorkOrderEvent.work_order_id == order.id, WorkOrderEvent.client_key == client_key
            )
        )
        is not None
    )


def start(order: WorkOrder, *, by: Actor, client_key: str | None = None) -> None:
    """Work begins, also before its planned day; residents see it on the page."""
    _must_carry_out(order, by)
    if was_received(order, client_key):
        return
    move(order, "start")
    order.started_at = order.started_at or by.when
    if order.starts_at is None:
        order.starts_at = by.when
    append_event(order, "started", by=by, client_key=client_key)
    report_status.update_reports(order, "started", by=by, facts={"number": order.number, "kind": order.kind})


def hold(order: WorkOrder, *, reason: object, by: Actor, client_key: str | None = None) -> None:
    """Work is interrupted, with a reason."""
    _must_carry_out(order, by)
    if was_received(order, client_key):
        return
    words = checked_reason(reason)
    move(order, "hold")
    append_event(order, "held", by=by, words=words, client_key=client_key)
    report_status.update_reports(order, "held", by=by, facts={"number": order.number})


def resume(order: WorkOrder, *, by: Actor, client_key: str | None = None) -> None:
    """Work goes on."""
    _must_carry_out(order, by)
    if was_received(order, client_key):
        return
    move(order, "resume")
    append_event(order, "resumed", by=by, client_key=client_key)
    report_status.update_reports(order, "resumed", by=by, facts={"number": order.number})


def refuse(order: WorkOrder, *, reason: object, by: Actor, client_key: str | None = None) -> None:
    """It cannot be done, with a reason: back to the supervisor, without a day.

    A day that was announced is withdrawn, and that is told.
    """
    _must_carry_out(order, by)
    if was_received(order, client_key):
        return
    words = checked_reason(reason)
    move(order, "refuse")
    _withdraw_from_day(order, "refused", by=by, words=words, client_key=client_key)


def _withdraw_from_day(order: WorkOrder, kind: str, *, by: Actor, words: str, client_key: str | None = None) -> None:
    before = order.announced_day
    order.starts_at = order.ends_at = order.announced_day = order.announced_at = None
    append_event(order, kind, by=by, words=words, client_key=client_key)
    facts: dict[str, object] = {"number": order.number}
    if before is not None:
        facts |= {"before": before.isoformat(), "start": None}
    # A crew's reason is internal; a supervisor's is read by residents with the day that no longer holds.
    public = words if kind == "cancelled" and before is not None else ""
    usual = "work_cancelled" if before is None else "day_changed"
    # Without what was left of the work, the report may be repaired: that is the news then.
    report_status.update_reports(
        order,
        None,
        by=by,
        words=public,
        facts=facts,
        kind_for=lambda report, following: _resolved_kind(report, following) or usual,
    )


def finish(
    order: WorkOrder,
    *,
    comment: object = "",
    photos: Sequence[object] = (),
    minutes: object = None,
    by: Actor,
    client_key: str | None = None,
) -> None:
    """The work is done: comment, photos, minutes. Resolves the reports when all their final work is finished.

    Raises FieldErrors naming comment, photos, minutes. A photo is needed only where the category asks for one.
    """
    _must_carry_out(order, by)
    if was_received(order, client_key):
        return
    errors = CollectedErrors()
    words, spent, claimed = "", None, []
    with errors:
        words = clean_text(comment, field="comment", most=1000)
    with errors:
        spent = _minutes(minutes)
    with errors:
        claimed = claim(photos, field="photos", most=PHOTOS) if photos else []
        if not claimed and order.category is not None and order.category.photo_to_finish and not _public_photos(order):
            raise FieldError("photos", _("A photo of the finished work is needed for this category."))
    errors.done()
    move(order, "finish")
    order.finished_at, order.minutes = by.when, spent if spent is not None else order.minutes
    if claimed:
        db.session.execute(
            insert(WorkOrderPhoto.__table__).values(
                [
                    {"work_order_id": order.id, "photo_id": photo.id, "role": "after", "added_at": by.when}
                    for photo in claimed
                ]
            )
        )
    append_event(
        order,
        "finished",
        by=by,
        words=words,
        client_key=client_key,
        facts={"minutes": spent, "photos": len(claimed)},
    )
    report_status.update_reports(
        order,
        None,
        by=by,
        words=words,
        photos=claimed,
        kind_for=_outcome(order),
        facts={"number": order.number, "kind": order.kind, "photos": len(claimed)},
    )


def _outcome(order: WorkOrder) -> Callable[[Report, str], str]:
    """Which event a finished order is to a report: repaired, made safe, or done in part."""

    def choose(report: Report, following: str) -> str:
        unresolved = "made_safe" if order.kind == "making_safe" else "work_finished"
        return _resolved_kind(report, following) or unresolved

    return choose


def _public_photos(order: WorkOrder) -> bool:
    return (
        db.session.scalar(
            select(WorkOrderPhoto.photo_id)
            .where(WorkOrderPhoto.work_order_id == order.id, WorkOrderPhoto.role == "after")
            .limit(1)
        )
        is not None
    )


def _minutes(value: object) -> int | None:
    if value is None or value == "":
        return None
    try:
        number = int(str(value))
    except ValueError:
        number = -1
    if isinstance(value, bool) or not 0 <= number <= MOST_MINUTES:
        raise FieldError("minutes", _("This must be a number of minutes, a week at most."))
    return number


def verify(order: WorkOrder, *, by: Actor) -> None:
    """A supervisor has checked the finished work; where the category asks for that, it resolves the reports."""
    require(PERMISSIONS["verify"], by)
    move(order, "verify")
    append_event(order, "verified", by=by)
    report_status.update_reports(
        order, None, by=by, kind_for=_resolved_kind, facts={"number": order.number, "kind": order.kind}
    )


def _resolved_kind(report: Report, following: str) -> str | None:
    return "resolved" if following == RESOLVED and report.status != RESOLVED else None


def return_work(order: WorkOrder, *, reason: object, by: Actor) -> None:
    """Finished work is not good (the verb `return`): it is to be done again, and its reports are open again.

    A day still to come that was announced (the work was early) no longer holds: those not told that the report
    is open again are told that.
    """
    require(PERMISSIONS["return"], by)
    words = checked_reason(reason)
    move(order, "return")
    before = order.announced_day
    order.finished_at = None
    order.starts_at = order.ends_at = order.announced_day = order.announced_at = None
    append_event(order, "returned", by=by, words=words)
    facts: dict[str, object] = {"number": order.number}
    if before is not None and before > by.when:
        facts |= {"before": before.isoformat(), "start": None}

    def choose(report: Report, following: str) -> str | None:
        if report.status == RESOLVED:
            return "reopened" if following != RESOLVED else None
        return "day_changed" if "before" in facts else None

    report_status.update_reports(order, None, by=by, kind_for=choose, facts=facts)


def cancel(order: WorkOrder, *, reason: object, by: Actor) -> None:
    """The work will not be done, with a reason; its reports go back to what their other work says."""
    require(PERMISSIONS["cancel"], by)
    words = checked_reason(reason)
    move(order, "cancel")
    _withdraw_from_day(order, "cancelled", by=by, words=words)
