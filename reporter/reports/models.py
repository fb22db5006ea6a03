"""Tables of the resident's side: categories, reports, their history, followers, photos, and the map's counts."""

from __future__ import annotations

from typing import Any

from geoalchemy2 import Geometry, WKBElement, WKTElement
from sqlalchemy import (
    ColumnElement,
    Computed,
    ForeignKey,
    ForeignKeyConstraint,
    Index,
    PrimaryKeyConstraint,
    SmallInteger,
    UniqueConstraint,
    or_,
    text,
)
from sqlalchemy.dialects.postgresql import JSONB, TSVECTOR
from sqlalchemy.orm import Mapped, mapped_column, relationship, validates

from core.database import Base, Id, Moment, Now, Ref, one_of
from core.database.scope import Scoped
from core.identity.models import Contact
from core.masking import mask_all, masked_default
from core.models import EventColumns
from core.photos.models import Photo
from reporter.categories.models import Category
from reporter.statuses import EVENTS, OPEN, RECEIVED, STATUSES, UNREAD_ANSWERS

NORMAL, HIGH, DANGER = 0, 1, 2
OPEN_SQL = "status IN (" + ", ".join(f"'{s}'" for s in OPEN) + ")"
CHANNELS = ("web", "api", "desk", "field", "phone", "letter", "mail", "sms", "import", "system")


class Report(Scoped, Base):
    """What someone saw, where, with photos."""

    __tablename__ = "report"
    __table_args__ = (
        UniqueConstraint("jurisdiction_id", "id"),
        ForeignKeyConstraint(["jurisdiction_id", "category_id"], ["category.jurisdiction_id", "category.id"]),
        ForeignKeyConstraint(["jurisdiction_id", "body_id"], ["body.jurisdiction_id", "body.id"]),
        ForeignKeyConstraint(["jurisdiction_id", "contact_id"], ["contact.jurisdiction_id", "contact.id"]),
        ForeignKeyConstraint(["jurisdiction_id", "given_contact_id"], ["contact.jurisdiction_id", "contact.id"]),
        one_of("status", STATUSES, "status"),
        one_of("channel", CHANNELS, "channel"),
        one_of("unread_answer", UNREAD_ANSWERS, "unread_answer"),
        Index("ix_report_newest", "jurisdiction_id", text("received_at DESC"), text("id DESC")),
        Index("ix_report_status_newest", "jurisdiction_id", "status", text("received_at DESC"), text("id DESC")),
        Index(
            "ix_report_category_newest",
            "jurisdiction_id",
            "category_id",
            text("received_at DESC"),
            text("id DESC"),
        ),
        Index(
            "ix_report_category_status",
            "jurisdiction_id",
            "category_id",
            "status",
            text("received_at DESC"),
            text("id DESC"),
        ),
        Index("ix_report_updated", "jurisdiction_id", text("updated_at DESC"), text("id DESC")),
        Index(
            "ix_report_in_charge",
            "in_charge_id",
            text("received_at DESC"),
            text("id DESC"),
            postgresql_where=text("in_charge_id <> jurisdiction_id"),
        ),
        Index("ix_report_late", "jurisdiction_id", "due_at", "id", postgresql_where=text(OPEN_SQL)),
        Index(
            "ix_report_priority",
            "jurisdiction_id",
            text("received_at DESC"),
            text("id DESC"),
            postgresql_where=text(f"priority = 2 AND {OPEN_SQL}"),
        ),
        Index("ix_report_waiting", "waiting_until", postgresql_where=text("status = 'waiting'")),
        Index(
            "ix_report_to_read",
            "jurisdiction_id",
            text("received_at DESC"),
            text("id DESC"),
            postgresql_where=text("unread_answer IS NOT NULL"),
        ),
        Index("ix_report_merged", "merged_into_id", postgresql_where=text("merged_into_id IS NOT NULL")),
        Index("ix_report_contact", "contact_id", postgresql_where=text("contact_id IS NOT NULL")),
        Index("ix_report_location", "location", postgresql_using="gist"),
        Index("ix_report_search", "search", postgresql_using="gin"),
        UniqueConstraint("jurisdiction_id", "external_id"),
    )

    id: Mapped[Id]
    #: Said over the telephone: VC-7K3-9QT.
    reference: Mapped[str] = mapped_column(unique=True)
    #: The number it had in the system it was imported from.
    external_id: Mapped[str | None]
    category_id: Mapped[Ref]
    body_id: Mapped[Ref | None]
    #: The jurisdiction whose desk looks after it; `jurisdiction_id` is where it lies.
    in_charge_id: Mapped[Ref] = mapped_column(ForeignKey("jurisdiction.id"))
    status: Mapped[str] = mapped_column(server_default=RECEIVED)
    priority: Mapped[int] = mapped_column(SmallInteger, server_default=text("0"))
    private: Mapped[bool] = mapped_column(server_default=text("false"))
    location: Mapped[WKBElement | WKTElement] = mapped_column(Geometry("POINT", 4326, spatial_index=False))
    address: Mapped[str] = mapped_column(server_default="")
    description: Mapped[str] = mapped_column(server_default="")
    answers: Mapped[dict[str, Any]] = mapped_column(JSONB, server_default=text("'{}'"))
    #: The three above as the public reads them, without e-mail addresses and telephone numbers: masked once, whoever
    #: writes them and however. A raw INSERT that forgets them shows nothing rather than too much.
    public_address: Mapped[str] = mapped_column(default=masked_default("address"), server_default="")
    public_description: Mapped[str] = mapped_column(default=masked_default("description"), server_default="")
    public_answers: Mapped[dict[str, Any]] = mapped_column(
        JSONB, default=masked_default("answers"), server_default=text("'{}'")
    )
    contact_id: Mapped[Ref | None]
    #: The contact that holds the name and the number given with this very report; None: those of `contact_id`.
    given_contact_id: Mapped[Ref | None]
    channel: Mapped[str]
    cover_id: Mapped[Ref | None] = mapped_column(ForeignKey("photo.id"))
    merged_into_id: Mapped[Ref | None] = mapped_column(ForeignKey("report.id"))
    received_at: Mapped[Now]
    updated_at: Mapped[Now]
    closed_at: Mapped[Moment | None]
    due_at: Mapped[Moment | None]
    #: Until when it waits for its author's answer, while it is `waiting`.
    waiting_until: Mapped[Moment | None]
    #: What residents answered and the desk has not dealt with yet, one of TO_READ.
    unread_answer: Mapped[str | None]
    #: Grows with every change: the ETag.
    version: Mapped[int] = mapped_column(server_default=text("1"))
    search: Mapped[Any] = mapped_column(
        TSVECTOR,
        Computed(
            "to_tsvector('alentour'::regconfig, reference || ' ' || address || ' ' || description)",
            persisted=True,
        ),
        deferred=True,
    )

    category: Mapped[Category] = relationship(primaryjoin="foreign(Report.category_id) == Category.id", viewonly=True)
    contact: Mapped[Contact | None] = relationship(
        primaryjoin="foreign(Report.contact_id) == Contact.id", viewonly=True
    )

    @validates("address", "description", "answers")
    def _mask(self, name: str, value: Any) -> Any:
        setattr(self, f"public_{name}", mask_all(value))
        return value

    @classmethod
    def visible_to(cls, jurisdiction_id: int) -> ColumnElement[bool]:
        """A report is seen from where it lies and from where it is in charge (DESIGN §3)."""
        return or_(cls.jurisdiction_id == jurisdiction_id, cls.in_charge_id == jurisdiction_id)


class ReportSector(Base):
    """Which sectors a report lies in, with what lists are ordered and filtered by."""

    __tablename__ = "report_sector"
    __table_args__ = (
        PrimaryKeyConstraint("report_id", "sector_id"),
        ForeignKeyConstraint(
            ["jurisdiction_id", "report_id"], ["report.jurisdiction_id", "report.id"], ondelete="CASCADE"
        ),
        ForeignKeyConstraint(
            ["jurisdiction_id", "sector_id"], ["sector.jurisdiction_id", "sector.id"], ondelete="CASCADE"
        ),
        one_of("status", STATUSES, "status"),
        Index("ix_report_sector_newest", "sector_id", text("received_at DESC"), text("report_id DESC")),
        Index("ix_report_sector_status", "sector_id", "status", text("received_at DESC"), text("report_id DESC")),
    )

    jurisdiction_id: Mapped[Ref]
    report_id: Mapped[Ref]
    sector_id: Mapped[Ref]
    received_at: Mapped[Moment]
    #: The report's: an old sector with three open reports is not walked through to find them.
    status: Mapped[str]


class ReportPhoto(Base):
    """A photo of a report: what was seen ("seen"), or the repair ("repair")."""

    __tablename__ = "report_photo"
    __table_args__ = (
        PrimaryKeyConstraint("report_id", "photo_id"),
        ForeignKeyConstraint(["report_id"], ["report.id"], ondelete="CASCADE"),
        ForeignKeyConstraint(["photo_id"], ["photo.id"]),
        one_of("role", ("seen", "repair"), "role"),
        Index(None, "photo_id"),
    )

    report_id: Mapped[Ref]
    photo_id: Mapped[Ref]
    role: Mapped[str] = mapped_column(server_default="seen")
    position: Mapped[int] = mapped_column(SmallInteger, server_default=text("0"))
    added_at: Mapped[Now]

    photo: Mapped[Photo] = relationship(lazy="joined")


class ReportEvent(EventColumns, Scoped, Base):
    """One line of a report's history: append-only."""

    __tablename__ = "report_event"
    __table_args__ = (
        ForeignKeyConstraint(["report_id"], ["report.id"]),
        ForeignKeyConstraint(["jurisdiction_id", "free_text_id"], ["free_text.jurisdiction_id", "free_text.id"]),
        one_of("kind", EVENTS, "kind"),
        one_of("channel", CHANNELS, "channel"),
        Index(None, "report_id", "id"),
    )

    report_id: Mapped[Ref]
