"""What a webhook says of a report: what the public reads of it here, without anybody's own words (decision 0015)."""

from __future__ import annotations

from sqlalchemy import or_, select

from api.v1 import shapes
from core.database import ask
from core.errors import Missing
from core.i18n import lazy_gettext
from core.links import base_url
from core.outbox.models import Message
from core.scope import current_id
from core.webhooks import bodies
from reporter import reading
from reporter.models import Report, ReportEvent

#: Kinds of event of a report's public history, with what an administrator calls them.
KINDS = {
    "received": lazy_gettext("A report is received"),
    "acknowledged": lazy_gettext("The services have seen it"),
    "category_changed": lazy_gettext("It is put under another category"),
    "place_changed": lazy_gettext("Its place is corrected"),
    "question": lazy_gettext("A question is asked of who sent it"),
    "planned": lazy_gettext("A date is announced"),
    "day_changed": lazy_gettext("The announced day changes"),
    "started": lazy_gettext("The work begins"),
    "made_safe": lazy_gettext("The place is made safe"),
    "work_finished": lazy_gettext("Part of the work is done"),
    "resolved": lazy_gettext("It is repaired"),
    "rejected": lazy_gettext("It is closed without work"),
    "transferred": lazy_gettext("It is passed on to another body"),
    "merged": lazy_gettext("It is joined to another report"),
    "joined": lazy_gettext("Another report is joined to it"),
    "reopened": lazy_gettext("It is open again"),
    "confirmed": lazy_gettext("A resident confirms the repair"),
    "photo_added": lazy_gettext("A photo is added"),
    "commented": lazy_gettext("A resident comments on it"),
}
#: Words that people wrote, and the place as they put it: read by who asks for the report, sent to nobody.
WORDS = ("description", "address")


def told(message: Message) -> bodies.Told | None:
    """The event, and the report as it stands now; None where the public reads neither. Two statements."""
    try:
        row = reading.detail(message.facts["reference"])
    except Missing:
        return None
    event = _event(message.facts["event"], row.id)
    if event is None:
        return None
    report = {name: value for name, value in shapes.report(row).items() if name not in WORDS}
    report["photos"] = [photo for photo in report["photos"] if photo["urls"]]
    report["api_url"] = f"{base_url()}/api/v1/reports/{row.reference}"
    line = shapes.line(event)
    del line["text"]
    return bodies.Told(event.occurred_at, {"event": line, "report": report})


def _event(event_id: int, report_id: int) -> reading.Line | None:
    """A public line of a report's history. One statement."""
    e, r = ReportEvent.__table__.c, Report.__table__.c
    row = ask(
        select(e.id, e.kind, e.door, e.public, e.facts, e.occurred_at, e.recorded_at)
        .join_from(ReportEvent.__table__, Report.__table__, r.id == e.report_id)
        .where(e.id == event_id, e.report_id == report_id, e.public,
               or_(r.jurisdiction_id == current_id(), r.in_charge_id == current_id()))
    ).one_or_none()
    if row is None:
        return None
    return reading.Line(row.id, row.kind, row.door, row.public, row.facts, row.occurred_at, row.recorded_at,
                        words=None, masked=False, who=None)


def init() -> None:
    """Say what a subscription may choose among, and what it is told."""
    bodies.tells(told, {f"report.{kind}": words for kind, words in KINDS.items()})
