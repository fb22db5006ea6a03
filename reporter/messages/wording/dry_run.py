"""What people would read of a decision that is not made yet: it is tried, its messages are written, all is undone.

Since the very verb is tried and the very renderer writes, what is shown is what would be sent, links aside.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from sqlalchemy import event, func, select
from sqlalchemy.orm import Session

from core.channel_names import MAIL, PERSONAL
from core.database import db
from core.database.scope import across_jurisdictions, current_jurisdiction, serving
from core.i18n import as_locale, speaking
from core.identity import jurisdictions
from core.notifications.outbox.models import Message
from core.web import urls
from reporter.messages import batch, composition, link_placeholders, replies_are_read
from reporter.messages.event_context import EventContext, Reader, event_contexts, untyped
from reporter.messages.wording import lookup
from reporter.messages.wording.preview import MessagePreview, as_channel_shows
from reporter.reports.models import ReportEvent
from reporter.statuses import TOLD

#: Of a decision about many reports, so many different pieces of news are shown.
MOST_SHOWN = 5


@dataclass(frozen=True)
class NewsPreview:
    """One piece of news, as one of its readers would get it."""

    kind: str
    #: How many messages over each channel, of all reports that get this news.
    counts: dict[str, int]
    reports: int
    shown: MessagePreview
    #: The same as an SMS, where somebody gets one.
    sms: MessagePreview | None
    #: How many more messages leave to those who follow the area around, in words of their own.
    around: int
    #: Whether it is shown as the report's author gets it, in which language.
    author: bool
    locale: str

    @property
    def total(self) -> int:
        """How many messages."""
        return sum(self.counts.values())


def preview_news(do: Callable[[], object]) -> list[NewsPreview]:
    """The news that `do()` would bring, each once; nothing remains of it. Raises what `do` raises."""
    told: list[ReportEvent] = []

    def hear(_session: Session, one: object) -> None:
        if isinstance(one, ReportEvent) and one.kind in TOLD:
            told.append(one)

    session, trial = db.session, db.session.begin_nested()
    event.listen(session, "pending_to_persistent", hear)
    try:
        do()
        session.flush()
        batch.drop_batch()
        return _news(told)
    finally:
        event.remove(session, "pending_to_persistent", hear)
        if trial.is_active:
            trial.rollback()
        batch.drop_batch()


def _news(told: list[ReportEvent]) -> list[NewsPreview]:
    kinds: dict[str, list[ReportEvent]] = {}
    for one in told:
        kinds.setdefault(one.kind, []).append(one)
    return [_of(kind, events) for kind, events in list(kinds.items())[:MOST_SHOWN]]


def _of(kind: str, events: list[ReportEvent]) -> NewsPreview:
    sources = [f"report_event:{one.id}" for one in events]
    m = Message.__table__.c
    # By their sources alone: they were all made in this trial, whatever the jurisdiction of who reads them.
    owed = (
        db.session.connection()
        .execute(select(m.kind, m.channel, func.count()).where(m.source.in_(sources)).group_by(m.kind, m.channel))
        .all()
    )
    counts = {channel: n for name, channel, n in owed if name == f"report.{kind}"}
    # Webhooks are told of it too: nobody reads them.
    around = sum(n for name, channel, n in owed if name.startswith("around.") and channel in PERSONAL)
    message = _first(sources, kind, MAIL) or next(
        (found for channel in counts if (found := _first(sources, kind, channel))), None
    )
    if message is None:
        of = event_contexts([events[0].id])[events[0].id]
        shown = _written(of, Reader(True, True, of.matter.reference), channel=MAIL)
        return NewsPreview(
            kind, {}, len(events), shown, None, around, True, as_locale(current_jurisdiction().languages[0])
        )
    shown, author = _read(message)
    sms = _first(sources, kind, "sms")
    return NewsPreview(
        kind,
        counts,
        len(events),
        shown,
        _read(sms)[0] if sms and sms is not message else None,
        around,
        author,
        message.locale,
    )


def _first(sources: list[str], kind: str, channel: str) -> Message | None:
    with across_jurisdictions():
        return db.session.scalar(
            select(Message)
            .where(Message.source.in_(sources), Message.kind == f"report.{kind}", Message.channel == channel)
            .order_by(Message.id)
            .limit(1)
        )


def _read(message: Message) -> tuple[MessagePreview, bool]:
    here = batch.current_batch()
    of = here.occasion(message)
    found = here.following(message, of) if of is not None else None
    if of is None or found is None:
        raise LookupError(f"the message {message.id} was made in this trial, and its event or follower is gone")
    reader = found.reader
    with serving(jurisdictions.get(message.jurisdiction_id)):
        return _written(of, reader, channel=message.channel, locale=message.locale), reader.author


def _written(of: EventContext, reader: Reader, *, channel: str, locale: str | None = None) -> MessagePreview:
    words = lookup.wordings_of([current_jurisdiction().id], [f"report.{of.kind}"])
    with speaking(as_locale(locale or current_jurisdiction().languages[0])):
        mail = composition.write_message(
            of if reader.confirmed else untyped(of),
            reader,
            channel=channel,
            jurisdiction=current_jurisdiction(),
            wordings=words,
            answers=replies_are_read(),
        )
    public = urls.absolute_url(f"/r/{reader.reference}")
    filled = link_placeholders.fill_links(mail, {name: public for name in ("page", "stop", "yes", "no", "confirm")})
    return as_channel_shows(filled, channel, reader.reference, author=reader.author)
