"""A report's history: lines are appended, the news goes up to who subscribed, and who is owed a message gets one."""

from __future__ import annotations

import logging
from collections.abc import Callable
from datetime import datetime

from sqlalchemy import func, select

from core.database import db, execute_unscoped, utcnow
from core.free_text import store_free_text
from core.identity.actor import Actor
from core.notifications.webhooks import outbox as webhook_outbox
from reporter.reports.models import Report, ReportEvent
from reporter.statuses import INTERNAL, TOLD

log = logging.getLogger(__name__)

Subscriber = Callable[[Report, ReportEvent], None]
_subscribers: dict[str, list[Subscriber]] = {}


def subscribe(kind: str, subscriber: Subscriber) -> None:
    """Hear of every event of `kind`, in the same transaction but in a savepoint (wired in app.py)."""
    listeners = _subscribers.setdefault(kind, [])
    if subscriber not in listeners:
        listeners.append(subscriber)


def append(
    report: Report,
    kind: str,
    *,
    by: Actor,
    facts: dict[str, object] | None = None,
    words: str = "",
    free_text_id: int | None = None,
) -> ReportEvent:
    """Append one line to a report's history, owe its messages, tell the subscribers; flushes.

    `words` are kept apart, where they can be masked; `free_text_id` names some that are kept already. A failing
    subscriber is logged and undone alone.
    """
    event = ReportEvent(
        jurisdiction_id=report.jurisdiction_id,
        report_id=report.id,
        kind=kind,
        channel=by.channel,
        user_id=by.user_id,
        public=kind not in INTERNAL,
        facts=facts or {},
        free_text_id=free_text_id or store_free_text(words, jurisdiction_id=report.jurisdiction_id),
        occurred_at=by.when,
    )
    db.session.add(event)
    db.session.flush()
    if kind in TOLD:
        from reporter.subscriptions.recipients import notify_subscribers

        notify_subscribers(report, event)
    if event.public and not report.private:
        webhook_outbox.queue_deliveries(
            f"report.{kind}",
            source=f"report_event:{event.id}",
            jurisdictions={report.jurisdiction_id, report.in_charge_id},
            facts={"event": event.id, "report": report.id, "reference": report.reference},
        )
    for subscriber in _subscribers.get(kind, ()):
        try:
            with db.session.begin_nested():
                subscriber(report, event)
        except Exception:  # noqa: BLE001 - whatever fails above must not lose what happened here
            log.exception("A subscriber of %s failed", kind)
    return event


def reopened_at(report_id: int) -> datetime | None:
    """When somebody last opened a closed report again (not its work, see `moves.reopen`). One statement."""
    e = ReportEvent.__table__.c
    return execute_unscoped(
        select(func.max(e.occurred_at)).where(e.report_id == report_id, e.kind == "reopened", e.facts.has_key("from"))
    ).scalar()


def touch(report: Report) -> None:
    """Mark a report as changed: its version (the ETag) and its time."""
    report.version += 1
    report.updated_at = utcnow()
