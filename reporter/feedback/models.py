"""What people answer: whether it is repaired, that they saw it too, what they add."""

from __future__ import annotations

from sqlalchemy import (
    ARRAY,
    BigInteger,
    CheckConstraint,
    ForeignKey,
    ForeignKeyConstraint,
    Index,
    SmallInteger,
    UniqueConstraint,
    text,
)
from sqlalchemy.orm import Mapped, mapped_column

from core.database import Base, Id, Moment, Now, Ref, one_of
from core.database.scope import Scoped

PENDING, SHOWN, REFUSED = "pending", "shown", "refused"


class RepairAnswer(Scoped, Base):
    """One person's answer to "Is it repaired?" after one `resolved` event."""

    __tablename__ = "repair_answer"
    __table_args__ = (
        UniqueConstraint("event_id", "contact_id"),
        ForeignKeyConstraint(["report_id"], ["report.id"]),
        ForeignKeyConstraint(["jurisdiction_id", "contact_id"], ["contact.jurisdiction_id", "contact.id"]),
        CheckConstraint("rating BETWEEN 1 AND 5", name="rating"),
        Index(None, "report_id"),
        # An author who left no address answers once too.
        Index("uq_repair_answer_nobody", "event_id", unique=True, postgresql_where=text("contact_id IS NULL")),
    )

    id: Mapped[Id]
    report_id: Mapped[Ref]
    #: The `resolved` event that was asked about.
    event_id: Mapped[Ref] = mapped_column(ForeignKey("report_event.id"))
    #: None: the author, who left no address and is known by the link.
    contact_id: Mapped[Ref | None]
    repaired: Mapped[bool]
    rating: Mapped[int | None] = mapped_column(SmallInteger)
    created_at: Mapped[Now]


class MeToo(Scoped, Base):
    """Somebody saw the same: one row per person (a contact) or browser (a digest of what its cookie holds)."""

    __tablename__ = "me_too"
    __table_args__ = (
        UniqueConstraint("report_id", "who"),
        ForeignKeyConstraint(["report_id"], ["report.id"]),
    )

    id: Mapped[Id]
    report_id: Mapped[Ref]
    #: "contact:12" or "browser:DIGEST"
    who: Mapped[str]
    created_at: Mapped[Now]


class Comment(Scoped, Base):
    """What somebody adds to a report, in words or with photos; public once it is shown."""

    __tablename__ = "comment"
    __table_args__ = (
        ForeignKeyConstraint(["report_id"], ["report.id"]),
        ForeignKeyConstraint(["jurisdiction_id", "free_text_id"], ["free_text.jurisdiction_id", "free_text.id"]),
        ForeignKeyConstraint(["jurisdiction_id", "contact_id"], ["contact.jurisdiction_id", "contact.id"]),
        one_of("status", (PENDING, SHOWN, REFUSED), "status"),
        Index(None, "report_id", "id"),
        Index("ix_comment_pending", "jurisdiction_id", "id", postgresql_where=text("status = 'pending'")),
    )

    id: Mapped[Id]
    report_id: Mapped[Ref]
    contact_id: Mapped[Ref | None]
    free_text_id: Mapped[int | None] = mapped_column(BigInteger)
    #: Shown on the report once the comment is.
    photo_ids: Mapped[list[int]] = mapped_column(ARRAY(BigInteger), server_default=text("'{}'"))
    status: Mapped[str]
    created_at: Mapped[Now]
    decided_at: Mapped[Moment | None]
    decided_by: Mapped[Ref | None] = mapped_column(ForeignKey("user.id"))
