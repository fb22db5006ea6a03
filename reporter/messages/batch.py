"""What the messages in one sender's hands have in common, read once for all of them and kept for one transaction."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import and_, any_, bindparam, or_, select
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.types import BigInteger

from core.channel_names import MAIL, PUSH, SMS
from core.database import db, execute_unscoped
from core.identity.models import Contact
from core.notifications.mail import Mail, Picture
from core.notifications.outbox.models import Message
from reporter.messages.event_context import EventContext, Reader, event_contexts
from reporter.messages.wording import lookup
from reporter.reports.models import Report
from reporter.subscriptions.models import ReportSubscription

_KEPT = "reporter.messages"
_F, _R, _C = ReportSubscription.__table__, Report.__table__, Contact.__table__
#: By ids alone, whatever the jurisdiction: those of messages that a sender has claimed.
_FOLLOWINGS = (
    select(
        _F.c.id,
        _F.c.report_id,
        _F.c.contact_id,
        _F.c.channel,
        _F.c.author,
        _F.c.version,
        _R.c.reference,
        _R.c.merged_into_id,
        # Whoever follows what others sent was asked first; a browser asked for it by itself.
        or_(
            ~_F.c.author,
            _F.c.taken_by_staff,
            _F.c.channel == PUSH,
            and_(_F.c.channel == MAIL, _C.c.confirmed_at.is_not(None)),
            and_(_F.c.channel == SMS, _C.c.phone_confirmed_at.is_not(None)),
        ).label("confirmed"),
    )
    .join_from(_F, _R, _R.c.id == _F.c.report_id)
    .join(_C, _C.c.id == _F.c.contact_id)
    .where(
        _F.c.contact_id == any_(bindparam("contacts", type_=ARRAY(BigInteger))),
        _F.c.stopped_at.is_(None),
        or_(
            _R.c.id == any_(bindparam("reports", type_=ARRAY(BigInteger))),
            _R.c.merged_into_id == any_(bindparam("reports", type_=ARRAY(BigInteger))),
        ),
    )
)


@dataclass(frozen=True)
class Following:
    """By which following somebody is told, and who they are to the report."""

    subscription_id: int
    report_id: int
    #: The follower's version, for links that change it.
    version: int
    reader: Reader


@dataclass
class Batch:
    """What is known of the messages in hand."""

    occasions: dict[int, EventContext] = field(default_factory=dict)
    #: Followings by contact and channel.
    followings: dict[tuple[int | None, str], list[Any]] = field(default_factory=dict)
    wordings: lookup.StoredWordings = field(default_factory=lookup.StoredWordings)
    #: What was written already, with marks for each reader's own links.
    written: dict[tuple[object, ...], Mail] = field(default_factory=dict)
    pictures: dict[int, tuple[Picture, ...]] = field(default_factory=dict)

    def occasion(self, message: Message) -> EventContext | None:
        """The event that the message tells of; None where it is no more. Three statements, once a batch."""
        number = message.facts["event"]
        if number not in self.occasions or (message.contact_id, message.channel) not in self.followings:
            self._look(message)
        return self.occasions.get(number)

    def _look(self, asked: Message) -> None:
        told = {
            one.id: one
            for one in db.session
            if isinstance(one, Message)
            and one.contact_id is not None
            and one.kind.startswith("report.")
            and "event" in one.facts
        }
        told[asked.id] = asked
        self.occasions |= event_contexts({one.facts["event"] for one in told.values()})
        matters = {one.matter for one in self.occasions.values()}
        reports = {one.id for one in matters} | {one.merged_into_id for one in matters if one.merged_into_id}
        for one in told.values():
            self.followings[one.contact_id, one.channel] = []
        contacts = {contact for contact, _channel in self.followings}
        for row in execute_unscoped(_FOLLOWINGS, {"contacts": list(contacts), "reports": list(reports)}):
            if (row.contact_id, row.channel) in self.followings:
                self.followings[row.contact_id, row.channel].append(row)
        self.wordings = lookup.wordings_of(
            {one.jurisdiction_id for one in told.values()}, {one.kind for one in told.values()}
        )

    def following(self, message: Message, of: EventContext) -> Following | None:
        """By which following its reader hears of it, the nearest first.

        None when all were stopped since.
        """
        matter = of.matter
        near = {matter.id: 0}
        found = None
        for row in self.followings[message.contact_id, message.channel]:
            # What was merged into it hears of it; what was merged into the same before went along with it.
            way = near.get(row.report_id, 1 if row.merged_into_id in (matter.id, matter.merged_into_id or 0) else 2)
            if way < 2 and (found is None or way < found[0]):
                found = (way, row)
        if found is None:
            return None
        row = found[1]
        reader = Reader(row.author, row.author and row.report_id == matter.id, row.reference, row.confirmed)
        return Following(row.id, row.report_id, row.version, reader)


def current_batch() -> Batch:
    """The batch of this transaction: what it knows is forgotten with the transaction it was read in."""
    # A transaction is begun where none is: what is read next is of it.
    db.session.connection()
    transaction = db.session.get_transaction()
    known = db.session.info.get(_KEPT)
    if known is None or known[0] is not transaction:
        known = db.session.info[_KEPT] = (transaction, Batch())
    return known[1]


@contextmanager
def outside_transaction() -> Iterator[None]:
    """No transaction is open inside: for another party to be asked. What this batch knows stays known after it."""
    known = db.session.info.get(_KEPT)
    session = db.session
    expires, session.expire_on_commit = session.expire_on_commit, False
    try:
        # Renderers only read: nothing is written by it.
        session.commit()
    finally:
        session.expire_on_commit = expires
    yield
    if known is not None:
        session.connection()
        session.info[_KEPT] = (session.get_transaction(), known[1])


def drop_batch() -> None:
    """Read anew within this transaction: what messages depend on has just been changed in it."""
    db.session.info.pop(_KEPT, None)
