"""Who else is told by machine: one row per subscription, and one per try of a delivery."""

from __future__ import annotations

from sqlalchemy import ARRAY, CheckConstraint, ForeignKey, Index, Text, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from core.database import Base, Id, Moment, Now, Ref, one_of
from core.database.scope import Scoped

#: Why a subscription is told nothing: a person stopped it; it answered 410; it failed for too long.
ASKED, GONE, FAILING = "asked", "gone", "failing"


class Webhook(Scoped, Base):
    """A subscription: an address of another program, and the kinds of event it wants.

    What it is owed are rows of `message` with channel "webhook" and recipient "webhook:ID": its delivery log.
    """

    __tablename__ = "webhook"
    __table_args__ = (
        UniqueConstraint("jurisdiction_id", "id"),
        one_of("suspended_why", (ASKED, GONE, FAILING), "suspended_why"),
        CheckConstraint("(suspended_at IS NULL) = (suspended_why IS NULL)", name="suspended"),
    )

    id: Mapped[Id]
    label: Mapped[str] = mapped_column(server_default="")
    url: Mapped[str]
    #: What its deliveries are signed with ("whsec_…"); shown once.
    secret: Mapped[str]
    #: The one before, with which deliveries are signed as well until then: no receiver misses the change.
    former_secret: Mapped[str | None]
    former_until: Mapped[Moment | None]
    #: Kinds of event ("report.received"); none: all of them.
    kinds: Mapped[list[str]] = mapped_column(ARRAY(Text), server_default=text("'{}'"))
    #: Deliveries given up since the last that was accepted.
    failures: Mapped[int] = mapped_column(server_default=text("0"))
    #: When the first try failed since the last that was accepted.
    failing_since: Mapped[Moment | None]
    #: Since when it is told nothing, and why: too many were given up, or somebody stopped it.
    suspended_at: Mapped[Moment | None]
    suspended_why: Mapped[str | None]
    #: Grows with every change that a person makes: the ETag.
    version: Mapped[int] = mapped_column(server_default=text("1"))
    created_at: Mapped[Now]
    removed_at: Mapped[Moment | None]


class WebhookAttempt(Base):
    """One try of one delivery: what the other side answered, and how long it took."""

    __tablename__ = "webhook_try"
    __table_args__ = (Index(None, "message_id", "id"),)

    id: Mapped[Id]
    message_id: Mapped[Ref] = mapped_column(ForeignKey("message.id", ondelete="CASCADE"))
    at: Mapped[Now]
    #: The HTTP status; None where nothing was answered.
    status: Mapped[int | None]
    milliseconds: Mapped[int]
    #: The beginning of the answer, or why there was none; without addresses of persons.
    answer: Mapped[str] = mapped_column(server_default="")
