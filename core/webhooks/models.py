"""Who else is told by machine: one row per subscription."""

from __future__ import annotations

from sqlalchemy import ARRAY, Index, Text, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from core.database import Base, Id, Moment, Now
from core.scope import Scoped


class Webhook(Scoped, Base):
    """A subscription: an address of another program, and the kinds of event it wants.

    What it is owed are rows of `message` with channel "webhook" and recipient "webhook:ID": its delivery log.
    """

    __tablename__ = "webhook"
    __table_args__ = (UniqueConstraint("jurisdiction_id", "id"), Index(None, "jurisdiction_id", "id"))

    id: Mapped[Id]
    label: Mapped[str] = mapped_column(server_default="")
    url: Mapped[str]
    #: What its deliveries are signed with; shown once.
    secret: Mapped[str]
    #: Kinds of event ("report.received"); none: all of them.
    kinds: Mapped[list[str]] = mapped_column(ARRAY(Text), server_default=text("'{}'"))
    #: Deliveries given up since the last that was accepted.
    failures: Mapped[int] = mapped_column(server_default=text("0"))
    #: Since when it is told nothing: too many were given up, or somebody stopped it.
    suspended_at: Mapped[Moment | None]
    created_at: Mapped[Now]
    removed_at: Mapped[Moment | None]
