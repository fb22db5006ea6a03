"""What a webhook says of a report: what the public reads of it here, without anybody's own words (decision 0015)."""

from __future__ import annotations

from sqlalchemy import or_, select

from api.v1.schemas import serializers
from api.v1.schemas.report_events import REPORT_EVENT_KINDS
from core.database import execute_unscoped
from core.database.scope import current_jurisdiction_id
from core.errors import NotFound
from core.notifications.outbox.models import Message
from core.notifications.webhooks import payloads
from core.web.urls import base_url
from reporter.reports import detail as report_detail
from reporter.reports.models import Report, ReportEvent

#: Words that people wrote, and the place as they put it: read by who asks for the report, sent to nobody.
WORDS = ("description", "address")


def report_payload(message: Message) -> payloads.Payload | None:
    """The event, and the report as it stands now; None where the public reads neither. Two statements."""
    try:
        row = report_detail.report_detail(message.facts["reference"])
    except NotFound:
        return None
    event = _event(message.facts["event"], row.id)
    if event is None:
        return None
    report = {name: value for name, value in serializers.report(row).items() if name not in WORDS}
    report["photos"] = [photo for photo in report["photos"] if photo["urls"]]
    report["api_url"] = f"{base_url()}/api/v1/reports/{row.reference}"
    line = serializers.line(event)
    del line["text"]
    return payloads.Payload(event.occurred_at, {"event": line, "report": report})


def _event(event_id: int, report_id: int) -> report_detail.HistoryRow | None:
    """A public line of a report's history. One statement."""
    e, r = ReportEvent.__table__.c, Report.__table__.c
    row = execute_unscoped(
        select(e.id, e.kind, e.channel, e.public, e.facts, e.occurred_at, e.recorded_at)
        .join_from(ReportEvent.__table__, Report.__table__, r.id == e.report_id)
        .where(
            e.id == event_id,
            e.report_id == report_id,
            e.public,
            or_(r.jurisdiction_id == current_jurisdiction_id(), r.in_charge_id == current_jurisdiction_id()),
        )
    ).one_or_none()
    if row is None:
        return None
    return report_detail.HistoryRow(
        row.id,
        row.kind,
        row.channel,
        row.public,
        row.facts,
        row.occurred_at,
        row.recorded_at,
        words=None,
        masked=False,
        who=None,
    )


def init_webhooks() -> None:
    """Say what a subscription may choose among, and what it is told."""
    payloads.register_payload(report_payload, {f"report.{kind}": words for kind, words in REPORT_EVENT_KINDS.items()})
