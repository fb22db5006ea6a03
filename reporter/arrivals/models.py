"""What came in by a door that is not a page: each mail and SMS once, whatever became of it."""

from __future__ import annotations

from sqlalchemy import ARRAY, BigInteger, ForeignKeyConstraint, Index, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from core.database import Base, Id, Now, Ref, one_of
from core.scope import Scoped

DOORS = ("mail", "sms")
#: What it was taken for; "unknown" is before the desk, who says what to do with it.
REPORT, ANSWER, COMMENT, BOUNCE, AUTOMATIC, UNKNOWN = (
    "report",
    "answer",
    "comment",
    "bounce",
    "automatic",
    "unknown",
)
TAKEN_FOR = (REPORT, ANSWER, COMMENT, BOUNCE, AUTOMATIC, UNKNOWN)


class Arrival(Scoped, Base):
    """One mail or SMS that came in."""

    __tablename__ = "arrival"
    __table_args__ = (
        UniqueConstraint("jurisdiction_id", "door", "key"),
        ForeignKeyConstraint(["report_id"], ["report.id"]),
        ForeignKeyConstraint(["jurisdiction_id", "contact_id"], ["contact.jurisdiction_id", "contact.id"]),
        ForeignKeyConstraint(["jurisdiction_id", "given_contact_id"], ["contact.jurisdiction_id", "contact.id"]),
        ForeignKeyConstraint(["jurisdiction_id", "words_id"], ["words.jurisdiction_id", "words.id"]),
        one_of("door", DOORS, "door"),
        one_of("taken_for", TAKEN_FOR, "taken_for"),
        Index(None, "report_id", "id"),
        Index("ix_arrival_open", "jurisdiction_id", "id", postgresql_where=text("NOT dealt_with")),
        # How much one address sent lately.
        Index(None, "contact_id", "arrived_at"),
        # What is old is forgotten.
        Index("ix_arrival_words", "arrived_at", postgresql_where=text("words_id IS NOT NULL")),
    )

    id: Mapped[Id]
    door: Mapped[str]
    #: A digest of its Message-ID, or of the gateway's id: what comes twice is taken once.
    key: Mapped[str]
    taken_for: Mapped[str]
    report_id: Mapped[Ref | None]
    contact_id: Mapped[Ref | None]
    #: The contact that holds the name its sender gave with it; None: that of `contact_id`.
    given_contact_id: Mapped[Ref | None]
    #: What was understood of it, where it became no line of a history.
    words_id: Mapped[int | None] = mapped_column(BigInteger)
    #: Its photos, until a report shows them.
    photo_ids: Mapped[list[int]] = mapped_column(ARRAY(BigInteger), server_default=text("'{}'"))
    #: Why it was taken for that, or what was refused: codes for the desk ("forged photo_refused"); never words
    #: or addresses.
    remark: Mapped[str] = mapped_column(server_default="")
    #: False while the desk is to look at it, or its author to complete it.
    dealt_with: Mapped[bool] = mapped_column(server_default=text("true"))
    arrived_at: Mapped[Now]
