"""Telling: one message per follower and channel, owed in the transaction of the event it tells of."""

from __future__ import annotations

from functools import lru_cache

from sqlalchemy import BigInteger, Select, Text, and_, bindparam, case, cast, or_, select
from sqlalchemy.dialects.postgresql import distinct_on

from core.channel_names import MAIL, PUSH, SMS
from core.identity.models import Contact
from core.notifications.outbox.verbs import Recipients, queue_for_many
from reporter.reports.models import Report, ReportEvent
from reporter.subscriptions.area_recipients import notify_areas
from reporter.subscriptions.models import ReportSubscription

#: Kinds of event that only who sent the report is told of.
AUTHOR_ONLY_KINDS = frozenset({"question"})


def notify_subscribers(report: Report, event: ReportEvent) -> None:
    """Owe the news of `event` to every follower of `report`, and of the reports merged into it. One statement."""
    queue_for_many(
        kind=f"report.{event.kind}",
        source=f"report_event:{event.id}",
        recipients=_people(event.kind in AUTHOR_ONLY_KINDS),
        values={"report": report.id},
        facts={"event": event.id, "report": report.id},
    )
    notify_areas(report, event)


def recipients_of(report: Report, kind: str | None = None) -> Select:
    """A Core select of (contact_id, channel, locale): each contact once a channel, and each number once, in the
    language of its nearest following.

    A question goes to who sent this very report; all the rest to those too who sent or follow what was merged
    into it.
    """
    return _recipients(kind in AUTHOR_ONLY_KINDS).params(report=report.id)


@lru_cache
def _people(author_only: bool) -> Recipients:
    return Recipients.of(_recipients(author_only))


def _recipients(author_only: bool) -> Select:
    f, c = ReportSubscription.__table__.c, Contact.__table__.c
    report = bindparam("report", type_=BigInteger)
    if author_only:
        among = and_(f.report_id == report, f.author)
    else:
        merged = Report.__table__.c
        joined = select(merged.id).where(merged.merged_into_id == report)
        among = f.report_id.in_(select(report).union_all(joined))
    # Two contacts may have one number (a family's, one given beside an address): it is told once.
    who = case((f.channel == SMS, c.phone), else_=cast(f.contact_id, Text))
    return (
        select(f.contact_id, f.channel, f.locale)
        .join(Contact.__table__, c.id == f.contact_id)
        .where(
            among,
            f.confirmed_at.is_not(None),
            f.stopped_at.is_(None),
            or_(
                and_(f.channel == MAIL, c.email.is_not(None), c.email_failed_at.is_(None)),
                and_(f.channel == SMS, c.phone.is_not(None), c.phone_failed_at.is_(None)),
                f.channel == PUSH,
            ),
        )
        .ext(distinct_on(f.channel, who))
        .order_by(f.channel, who, f.report_id != report, f.author.desc(), f.contact_id)
    )
