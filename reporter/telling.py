"""Telling: one message per follower and channel, owed in the transaction of the event it tells of."""

from __future__ import annotations

from sqlalchemy import and_, or_, select
from sqlalchemy.dialects.postgresql import distinct_on

from core.identity.models import Contact
from core.outbox.models import MAIL, PUSH, SMS
from core.outbox.verbs import owe_many
from reporter.models import Follower, Report, ReportEvent


def tell(report: Report, event: ReportEvent) -> None:
    """Owe the news of `event` to every follower of `report`, and of the reports merged into it. One statement."""
    owe_many(
        kind=f"report.{event.kind}",
        source=f"report_event:{event.id}",
        recipients=recipients_of(report),
        facts={"event": event.id, "report": report.id},
        gather=True,
    )


def recipients_of(report: Report):
    """A Core select of (contact_id, channel, locale): each once, in the language of its nearest following."""
    follower, merged, contact = Follower.__table__, Report.__table__, Contact.__table__
    return (
        select(follower.c.contact_id, follower.c.channel, follower.c.locale)
        .join(merged, merged.c.id == follower.c.report_id)
        .join(contact, contact.c.id == follower.c.contact_id)
        .where(
            or_(merged.c.id == report.id, merged.c.merged_into_id == report.id),
            follower.c.confirmed_at.is_not(None),
            follower.c.stopped_at.is_(None),
            or_(
                and_(follower.c.channel == MAIL, contact.c.email.is_not(None), contact.c.email_failed_at.is_(None)),
                and_(follower.c.channel == SMS, contact.c.phone.is_not(None), contact.c.phone_failed_at.is_(None)),
                follower.c.channel == PUSH,
            ),
        )
        .ext(distinct_on(follower.c.contact_id, follower.c.channel))
        .order_by(follower.c.contact_id, follower.c.channel, follower.c.report_id != report.id)
    )
