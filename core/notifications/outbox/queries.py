"""What the desk reads of the outbox: what is owed, what was sent, what was given up; and one matter's messages."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, Row, Select, TextClause, case, func, literal, or_, select, text, union_all

from core.channel_names import PUSH, SMS, WEBHOOK
from core.database import execute_unscoped, utcnow
from core.database.scope import current_jurisdiction_id
from core.i18n import gettext as _
from core.i18n import ngettext
from core.identity.contacts import format_phone
from core.identity.models import Contact, User
from core.notifications import channels
from core.notifications.outbox import renderers
from core.notifications.outbox.models import DEAD, DROPPED, GATHERED, OWED, SENT, Message
from core.times import day_words, hour_words

#: Counting stops there: a desk needs no more than "1,000 and more".
MOST = 1000
#: How far back one page looks for the messages of one channel; a link goes on from there.
WINDOW = 20_000
#: From when on what is still owed is late.
LATE = timedelta(minutes=15)
#: What each tab of the page shows.
TABS = {"dead": (DEAD,), "owed": (OWED, GATHERED), "sent": (SENT, DROPPED)}
#: What of one matter is worth showing first.
_FIRST = {DEAD: 0, OWED: 1, GATHERED: 1, SENT: 2, DROPPED: 3}


@dataclass(frozen=True)
class MessageRow:
    """One message as the desk reads it."""

    id: int
    status: str
    kind: str
    channel: str
    #: Who it is for: a name, an address, a number.
    who: str
    #: What became of it, as a sentence.
    state: str
    error: str | None
    made_at: datetime
    retriable: bool


@dataclass(frozen=True)
class MessagePage:
    """Some lines, and the id before which the next page begins (None: there is no other)."""

    lines: list[MessageRow]
    before: int | None


def message_page(tab: str, *, channel: str | None = None, before: int | None = None, most: int = 50) -> MessagePage:
    """The newest messages of a tab, of one channel or all. One statement."""
    message = Message.__table__.c
    rows = select(message.id, message.channel).where(message.jurisdiction_id == current_jurisdiction_id(), _in(tab))
    if before is not None:
        rows = rows.where(message.id < before)
    rows = rows.order_by(message.id.desc())
    if channel is None:
        wanted = rows.limit(most + 1).subquery()
        numbers = select(wanted.c.id)
    else:
        window = rows.limit(WINDOW).subquery()
        numbers = select(window.c.id).where(window.c.channel == channel).order_by(window.c.id.desc()).limit(most + 1)
    found = execute_unscoped(_rows().where(message.id.in_(numbers)).order_by(message.id.desc())).all()
    lines = [_line(one, current_jurisdiction_id()) for one in found[:most]]
    return MessagePage(lines, found[most - 1].id if len(found) > most else None)


def tab_counts() -> dict[str, int]:
    """How many messages each tab has, bounded by MOST; and how many are "late". One statement."""
    message = Message.__table__
    late = (message.c.status == OWED) & (message.c.created_at < utcnow() - LATE)

    def counted(name: str, wanted: ColumnElement[bool] | TextClause) -> Select[str, int]:
        some = (
            select(literal(1))
            .select_from(message)
            .where(message.c.jurisdiction_id == current_jurisdiction_id(), wanted)
        )
        return select(literal(name), func.count()).select_from(some.limit(MOST).subquery())

    asked = [counted(tab, _in(tab)) for tab in TABS] + [counted("late", late)]
    return {name: number for name, number in execute_unscoped(union_all(*asked))}


@dataclass(frozen=True)
class MessageSummary:
    """The messages of one matter: how many of each state, and some of them, those that need somebody first."""

    counts: dict[str, int]
    lines: list[MessageRow]

    @property
    def words(self) -> str:
        """How it stands, in a sentence."""
        sent, dead = self.counts.get(SENT, 0), self.counts.get(DEAD, 0)
        waiting = self.counts.get(OWED, 0) + self.counts.get(GATHERED, 0)
        said = [
            ngettext("%(num)d message sent", "%(num)d messages sent", sent) if sent else "",
            ngettext("%(num)d being sent", "%(num)d being sent", waiting) if waiting else "",
            ngettext("%(num)d could not be delivered", "%(num)d could not be delivered", dead) if dead else "",
        ]
        return ", ".join(part for part in said if part) or _("Nobody was notified.")


def messages_about(sources: Sequence[str], most: int = 12) -> MessageSummary:
    """The messages that tell of these sources ("report_event:12"), for whoever may see what they tell of.

    One statement; none without sources. Webhooks are the business of the administration.
    """
    if not sources:
        return MessageSummary({}, [])
    message = Message.__table__.c
    jurisdiction_id = current_jurisdiction_id()
    mine = (
        select(message.id, message.status)
        .where(message.source.in_(list(sources)), message.channel != WEBHOOK)
        .limit(MOST + 1)
        .cte("mine")
    )
    rank = case(_FIRST, value=mine.c.status, else_=9)
    ranked = select(
        mine.c.id,
        func.count().over(partition_by=mine.c.status).label("alike"),
        func.row_number().over(order_by=(rank, mine.c.id.desc())).label("place"),
        func.row_number().over(partition_by=mine.c.status, order_by=mine.c.id).label("nth"),
    ).cte("ranked")
    # One of each state at least: it carries how many there are.
    rows = execute_unscoped(
        _rows()
        .add_columns(ranked.c.alike, ranked.c.place)
        .join(ranked, ranked.c.id == message.id)
        .where((ranked.c.place <= most) | (ranked.c.nth == 1))
        .order_by(ranked.c.place)
    ).all()
    return MessageSummary(
        {row.status: row.alike for row in rows}, [_line(row, jurisdiction_id) for row in rows if row.place <= most]
    )


def _in(tab: str) -> TextClause:
    # Written as the partial indexes are.
    listed = ", ".join(f"'{status}'" for status in TABS[tab])
    return text(f"message.status = '{TABS[tab][0]}'" if len(TABS[tab]) == 1 else f"message.status IN ({listed})")


def _rows() -> Select[*tuple[Any, ...]]:
    """Messages with what their people are reached by."""
    message, contact, user = Message.__table__, Contact.__table__, User.__table__
    return (
        select(
            message.c.id,
            message.c.jurisdiction_id,
            message.c.status,
            message.c.kind,
            message.c.channel,
            message.c.recipient,
            message.c.tries,
            message.c.sent_at,
            message.c.due_at,
            message.c.created_at,
            message.c.error,
            func.coalesce(contact.c.email, user.c.email).label("email"),
            func.coalesce(contact.c.name, user.c.name).label("name"),
            contact.c.phone,
            or_(contact.c.id.is_not(None), user.c.id.is_not(None)).label("person"),
        )
        .select_from(message)
        .outerjoin(contact, contact.c.id == message.c.contact_id)
        .outerjoin(user, user.c.id == message.c.user_id)
    )


def _line(row: Row[*tuple[Any, ...]], jurisdiction_id: int) -> MessageRow:
    return MessageRow(
        row.id,
        row.status,
        renderers.kind_label(row.kind),
        _channel(row.channel),
        _who(row),
        _state(row),
        row.error,
        row.created_at,
        row.jurisdiction_id == jurisdiction_id and row.status == DEAD,
    )


def _channel(name: str) -> str:
    channel = channels.known_channels().get(name)
    return str(channel.words) if channel else name


def _who(row: Row[*tuple[Any, ...]]) -> str:
    if not row.person:
        kind, _colon, number = row.recipient.partition(":")
        return _("Webhook %(number)s", number=number) if kind == WEBHOOK else row.recipient
    reached = {SMS: format_phone(row.phone), PUSH: row.name or row.email}.get(row.channel, row.email)
    return reached or _("address erased")


def _state(message: Row[*tuple[Any, ...]]) -> str:
    if message.status == DEAD:
        return ngettext("Abandoned after %(num)d try.", "Abandoned after %(num)d tries.", max(1, message.tries))
    if message.status == DROPPED:
        return _("Not sent: there was nothing left to say, or nobody left to tell.")
    if message.status == SENT:
        return _("Sent: %(when)s", when=_moment(message.sent_at)) if message.sent_at else _("Sent.")
    if message.status == GATHERED:
        return _("Waiting for the daily summary.")
    if message.due_at <= utcnow():
        return _("Being sent now.")
    if message.error:
        return _("Next try: %(when)s", when=_moment(message.due_at))
    return _("Scheduled for: %(when)s", when=_moment(message.due_at))


def _moment(at: datetime) -> str:
    """To stand inside a sentence."""
    return f"{day_words(at)}, {hour_words(at)}"


def unconfigured_channels_owing(channel_names: Sequence[str]) -> list[str]:
    """Which of these channels, in words, are owed something here although they are not set up. One statement."""
    message = Message.__table__.c
    if not channel_names:
        return []
    found = (
        execute_unscoped(
            select(message.channel)
            .where(
                message.jurisdiction_id == current_jurisdiction_id(),
                message.status == OWED,
                or_(*(message.channel == name for name in channel_names)),
            )
            .distinct()
        )
        .scalars()
        .all()
    )
    return [_channel(name) for name in found]
