"""What came in by a channel that is not a page: each mail and SMS once, whatever became of it."""

from __future__ import annotations

from sqlalchemy import ARRAY, BigInteger, ForeignKeyConstraint, Index, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from core.database import Base, Id, Now, Ref, one_of
from core.database.scope import Scoped

INBOUND_CHANNELS = ("mail", "sms")
#: What it was taken for; "unknown" is before the desk, who says what to do with it.
REPORT, ANSWER, COMMENT, BOUNCE, AUTOMATIC, UNKNOWN = (
    "report",
    "answer",
    "comment",
    "bounce",
    "automatic",
    "unknown",
)
INTERPRETATIONS = (REPORT, ANSWER, COMMENT, BOUNCE, AUTOMATIC, UNKNOWN)


class InboundMessage(Scoped, Base):
    """One mail or SMS that came in."""

    __tablename__ = "inbound_message"
    __table_args__ = (
        UniqueConstraint("jurisdiction_id", "channel", "key"),
        ForeignKeyConstraint(["report_id"], ["report.id"]),
        ForeignKeyConstraint(["jurisdiction_id", "contact_id"], ["contact.jurisdiction_id", "contact.id"]),
        ForeignKeyConstraint(["jurisdiction_id", "given_contact_id"], ["contact.jurisdiction_id", "contact.id"]),
        ForeignKeyConstraint(["jurisdiction_id", "free_text_id"], ["free_text.jurisdiction_id", "free_text.id"]),
        one_of("channel", INBOUND_CHANNELS, "channel"),
        one_of("interpreted_as", INTERPRETATIONS, "interpreted_as"),
        Index(None, "report_id", "id"),
        Index("ix_inbound_message_open", "jurisdiction_id", "id", postgresql_where=text("NOT handled")),
        # How much one address sent lately.
        Index(None, "contact_id", "arrived_at"),
        # What is old is forgotten.
        Index("ix_inbound_message_words", "arrived_at", postgresql_where=text("free_text_id IS NOT NULL")),
    )

    id: Mapped[Id]
    channel: Mapped[str]
    #: A digest of its Message-ID, or of the gateway's id: what comes twice is taken once.
    key: Mapped[str]
    interpreted_as: Mapped[str]
    report_id: Mapped[Ref | None]
    contact_id: Mapped[Ref | None]
    #: The contact that holds the name its sender gave with it; None: that of `contact_id`.
    given_contact_id: Mapped[Ref | None]
    #: What was understood of it, where it became no line of a history.
    free_text_id: Mapped[int | None] = mapped_column(BigInteger)
    #: Its photos, until a report shows them.
    photo_ids: Mapped[list[int]] = mapped_column(ARRAY(BigInteger), server_default=text("'{}'"))
    #: Why it was taken for that, or what was refused: codes for the desk ("forged photo_refused"); never words
    #: or addresses.
    remark: Mapped[str] = mapped_column(server_default="")
    #: False while the desk is to look at it, or its author to complete it.
    handled: Mapped[bool] = mapped_column(server_default=text("true"))
    arrived_at: Mapped[Now]
