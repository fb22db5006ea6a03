"""What can be followed (reports, areas): one class per kind, and all that every kind has in common.

A kind's table has id, contact_id, channel, locale, version, confirmed_at and stopped_at. Being registered here
gives it the links that confirm and stop, and its block on the page "mine".
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, ClassVar

from flask_babel import LazyString
from sqlalchemy import select, update

from core.channel_names import MAIL
from core.database import db, execute_unscoped, utcnow
from core.database.scope import current_jurisdiction_id
from core.identity.actor import Actor
from core.identity.contacts import available_channels
from reporter.subscriptions import confirmation


@dataclass(frozen=True)
class Subject:
    """What is followed, in words, with the path of its page (None where it has none of its own)."""

    words: str
    path: str | None = None
    #: State of a report, for its pill.
    status: str | None = None
    #: Icon, where there is no state.
    picture: str = "bell"


@dataclass(frozen=True)
class SubscriptionRow:
    """One following of a person, as their page shows it."""

    id: int
    channel: str
    locale: str
    thing: Subject
    since: datetime


class SubscriptionKind(ABC):
    """One kind of following. `name` stands in signed links: it never changes."""

    name: ClassVar[str]
    model: ClassVar[Any]
    #: What the page "mine" calls them.
    heading: ClassVar[LazyString]
    #: The questions of the pages behind the links, and what they say when it is done.
    confirm_question: ClassVar[LazyString]
    stop_question: ClassVar[LazyString]
    stopped_sentence: ClassVar[LazyString]
    confirmed_sentence: ClassVar[LazyString]
    #: What the mail with the question says of what will be told.
    asked: ClassVar[LazyString]

    @abstractmethod
    def things(self, rows: Sequence[Any]) -> dict[int, Subject]:
        """What each of these rows follows, by the row's id; in one or two statements for all of them."""

    @abstractmethod
    def untyped(self, row: Any) -> str:
        """What the row follows, without a word that somebody typed: for the question to an address that may be
        a stranger's."""

    def find(self, number: int) -> Any | None:
        """The following of that id in the jurisdiction being served."""
        return db.session.scalar(select(self.model).where(self.model.id == number))

    def ask(self, row: Any, *, by: Actor) -> bool:
        """Begin a following: at once where the address has answered before, else by asking it.

        Whoever had enough is asked again: a stranger may have typed the address. Returns whether a question
        is owed; the answer on the screen is the same either way.
        """
        if row.confirmed_at and not row.stopped_at:
            return False
        contact = confirmation.lock_contact(row.contact_id)
        if confirmation.is_confirmed(contact, row.channel) and not row.stopped_at:
            row.confirmed_at = by.when
            db.session.flush()
            return False
        return confirmation.ask_confirmation(
            f"{self.name}.confirm",
            contact,
            row.channel,
            source=f"{row.__tablename__}:{row.id}:{row.version}:{utcnow():%Y%m%d}",
            locale=row.locale,
            facts={"follower": row.id},
        )

    def confirm(self, row: Any) -> None:
        """The address answered: its owner gets the news from now on, and is not asked again for other things."""
        if row.confirmed_at is None or row.stopped_at is not None:
            row.confirmed_at, row.stopped_at = row.confirmed_at or utcnow(), None
            row.version += 1
        confirmation.mark_confirmed(confirmation.lock_contact(row.contact_id), row.channel)

    def existing_over(self, row: Any, channel: str) -> Any | None:
        """The same person's following of the same thing over another channel, where there can be but one."""
        return None

    def change(self, row: Any, channel: str, locale: str) -> None:
        """Tell the same of the same thing over another channel, or in another language."""
        existing_over = self.existing_over(row, channel) if channel != row.channel else None
        if existing_over is not None:
            self.stop(row)
            row = existing_over
            row.confirmed_at, row.stopped_at = row.confirmed_at or utcnow(), None
        row.channel, row.locale, row.version = channel, locale, row.version + 1
        db.session.flush()

    def stop(self, row: Any) -> None:
        """No more news of it to that address; stopping what is stopped already changes nothing."""
        if row.stopped_at is None:
            row.stopped_at = utcnow()
            row.version += 1
        db.session.flush()

    def stop_all(self, contact_ids: Sequence[int], channel: str | None = None) -> None:
        """No more news of any of them to these contacts (over that channel). One statement."""
        t = self.model.__table__
        wanted = [
            t.c.jurisdiction_id == current_jurisdiction_id(),
            t.c.contact_id.in_(contact_ids),
            t.c.stopped_at.is_(None),
        ]
        if channel is not None:
            wanted.append(t.c.channel == channel)
        self._change(update(t).where(*wanted).values(stopped_at=utcnow(), version=t.c.version + 1))

    def speak(self, contact_ids: Sequence[int], locale: str) -> None:
        """Tell these contacts in that language from now on. One statement."""
        t = self.model.__table__
        self._change(
            update(t)
            .where(t.c.jurisdiction_id == current_jurisdiction_id(), t.c.contact_id.in_(contact_ids))
            .values(locale=locale)
        )

    def transfer(self, contact_ids: Sequence[int], to: int) -> None:
        """What these contacts follow is followed by the contact `to` from now on. One statement."""
        t = self.model.__table__
        self._change(
            update(t)
            .where(t.c.jurisdiction_id == current_jurisdiction_id(), t.c.contact_id.in_(contact_ids))
            .values(contact_id=to, version=t.c.version + 1)
        )

    def of(self, contact_ids: Sequence[int], most: int = 200) -> list[SubscriptionRow]:
        """What these contacts follow now, the newest first."""
        m = self.model
        rows = db.session.scalars(
            select(m)
            .where(m.contact_id.in_(contact_ids), m.confirmed_at.is_not(None), m.stopped_at.is_(None))
            .order_by(m.id.desc())
            .limit(most)
        ).all()
        things = self.things(rows) if rows else {}
        return [
            SubscriptionRow(row.id, row.channel, row.locale, things[row.id], row.confirmed_at)
            for row in rows
            if row.id in things
        ]

    def _change(self, statement: Any) -> None:
        db.session.flush()
        execute_unscoped(statement)
        db.session.expire_all()


_KINDS: dict[str, SubscriptionKind] = {}


def register(kind: SubscriptionKind) -> None:
    """Make a kind of following known; the page "mine" shows them in the order in which they were registered.

    Called by the `init_app` of the module that declares it. Raises ValueError where its name is another kind's.
    """
    if _KINDS.setdefault(kind.name, kind) is not kind:
        raise ValueError(f"Two kinds of following named {kind.name}")


def all_kinds() -> list[SubscriptionKind]:
    """Every kind that is known."""
    return list(_KINDS.values())


def kind_of(name: str) -> SubscriptionKind:
    """The kind of that name. Raises KeyError."""
    return _KINDS[name]


def chosen_or_mail(wanted: str | None) -> str:
    """The channel that was chosen, where it is set up here; else mail."""
    return wanted if wanted in available_channels() else MAIL
