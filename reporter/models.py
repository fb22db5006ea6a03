"""Tables of the resident's side: categories, reports, their history, followers, photos, and the map's counts."""

from __future__ import annotations

from typing import Any, Literal, get_args

from geoalchemy2 import Geometry, WKBElement, WKTElement
from sqlalchemy import (
    ColumnElement,
    Computed,
    ForeignKey,
    ForeignKeyConstraint,
    Index,
    Integer,
    PrimaryKeyConstraint,
    SmallInteger,
    UniqueConstraint,
    or_,
    text,
)
from sqlalchemy.dialects.postgresql import JSONB, TSVECTOR
from sqlalchemy.orm import Mapped, mapped_column, relationship, validates

from core.database import Base, Id, Localized, Moment, Now, Ref, one_of
from core.identity.models import Contact, EventColumns
from core.masking import mask_all, masked_default
from core.outbox.models import MAIL, PERSONAL
from core.photos.models import Photo
from core.scope import Scoped
from reporter.status import EVENTS, OPEN, RECEIVED, STATUSES, TO_READ

NORMAL, HIGH, DANGER = 0, 1, 2
OPEN_SQL = "status IN (" + ", ".join(f"'{s}'" for s in OPEN) + ")"
DOORS = ("web", "api", "desk", "field", "phone", "letter", "mail", "sms", "import", "system")
Silence = Literal["acceptance", "rejection"]
SILENCES: tuple[str, ...] = get_args(Silence)


class CategoryGroup(Scoped, Base):
    """A heading under which categories are offered."""

    __tablename__ = "category_group"
    __table_args__ = (UniqueConstraint("jurisdiction_id", "id"), UniqueConstraint("jurisdiction_id", "code"))

    id: Mapped[Id]
    code: Mapped[str]
    names: Mapped[Localized]
    position: Mapped[int] = mapped_column(server_default=text("0"))


class Category(Scoped, Base):
    """What is reported (Open311's service)."""

    __tablename__ = "category"
    __table_args__ = (
        UniqueConstraint("jurisdiction_id", "id"),
        UniqueConstraint("jurisdiction_id", "code"),
        ForeignKeyConstraint(
            ["jurisdiction_id", "group_id"], ["category_group.jurisdiction_id", "category_group.id"]
        ),
        ForeignKeyConstraint(["jurisdiction_id", "body_id"], ["body.jurisdiction_id", "body.id"]),
        one_of("silence", SILENCES, "silence"),
    )

    id: Mapped[Id]
    code: Mapped[str]
    group_id: Mapped[Ref]
    names: Mapped[Localized]
    descriptions: Mapped[Localized] = mapped_column(server_default=text("'{}'"))
    #: {"fr": "trou, chaussée", "en": …}
    keywords: Mapped[Localized] = mapped_column(server_default=text("'{}'"))
    #: A Lucide icon's name.
    icon: Mapped[str] = mapped_column(server_default="circle-help")
    #: [{"code", "label": {"fr"…}, "type", "required", "choices": [{"key", "name": {…}}]}]
    questions: Mapped[list[Any]] = mapped_column(JSONB, server_default=text("'[]'"))
    #: Reports of this kind are never shown to the public.
    private: Mapped[bool] = mapped_column(server_default=text("false"))
    priority: Mapped[int] = mapped_column(SmallInteger, server_default=text("0"))
    #: The town's own promise: hours from reception to resolution; None where it makes none.
    delay_hours: Mapped[int | None]
    photo_to_finish: Mapped[bool] = mapped_column(server_default=text("false"))
    verified: Mapped[bool] = mapped_column(server_default=text("false"))
    body_id: Mapped[Ref | None]
    #: A formal request (CRPA L231-1 ff.): what the administration's silence means; None where it is none.
    silence: Mapped[str | None]
    #: After how many months of silence.
    silence_months: Mapped[int] = mapped_column(SmallInteger, server_default=text("2"))
    position: Mapped[int] = mapped_column(server_default=text("0"))
    active: Mapped[bool] = mapped_column(server_default=text("true"))

    group: Mapped[CategoryGroup] = relationship(viewonly=True)


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
        one_of("door", DOORS, "door"),
        one_of("to_read", TO_READ, "to_read"),
        Index("ix_report_newest", "jurisdiction_id", text("received_at DESC"), text("id DESC")),
        Index(
            "ix_report_status_newest", "jurisdiction_id", "status", text("received_at DESC"), text("id DESC")
        ),
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
            postgresql_where=text("to_read IS NOT NULL"),
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
        JSONB, default=masked_default("answers"), server_default=text("'{}'"))
    contact_id: Mapped[Ref | None]
    #: The contact that holds the name and the number given with this very report; None: those of `contact_id`.
    given_contact_id: Mapped[Ref | None]
    door: Mapped[str]
    cover_id: Mapped[Ref | None] = mapped_column(ForeignKey("photo.id"))
    merged_into_id: Mapped[Ref | None] = mapped_column(ForeignKey("report.id"))
    received_at: Mapped[Now]
    updated_at: Mapped[Now]
    closed_at: Mapped[Moment | None]
    due_at: Mapped[Moment | None]
    #: Until when it waits for its author's answer, while it is `waiting`.
    waiting_until: Mapped[Moment | None]
    #: What residents answered and the desk has not dealt with yet, one of TO_READ.
    to_read: Mapped[str | None]
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

    category: Mapped[Category] = relationship(
        primaryjoin="foreign(Report.category_id) == Category.id", viewonly=True
    )
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
        ForeignKeyConstraint(["jurisdiction_id", "words_id"], ["words.jurisdiction_id", "words.id"]),
        one_of("kind", EVENTS, "kind"),
        one_of("door", DOORS, "door"),
        Index(None, "report_id", "id"),
    )

    report_id: Mapped[Ref]


class Follower(Scoped, Base):
    """A contact who wants news of a report: its author, a neighbour."""

    __tablename__ = "follower"
    __table_args__ = (
        UniqueConstraint("report_id", "contact_id", "channel"),
        ForeignKeyConstraint(["report_id"], ["report.id"]),
        ForeignKeyConstraint(["jurisdiction_id", "contact_id"], ["contact.jurisdiction_id", "contact.id"]),
        one_of("channel", PERSONAL, "channel"),
        Index(None, "contact_id"),
    )

    id: Mapped[Id]
    report_id: Mapped[Ref]
    contact_id: Mapped[Ref]
    channel: Mapped[str] = mapped_column(server_default=MAIL)
    locale: Mapped[str] = mapped_column(server_default="fr")
    author: Mapped[bool] = mapped_column(server_default=text("false"))
    #: Grows with every change: a link that changes something names it, and works once.
    version: Mapped[int] = mapped_column(server_default=text("1"))
    #: Whether the services took the address or number down from the person: it counts as confirmed for this report.
    taken_by_staff: Mapped[bool] = mapped_column(server_default=text("false"))
    #: When following was confirmed; an author's by mail is at once, for a few reports a day.
    confirmed_at: Mapped[Moment | None]
    stopped_at: Mapped[Moment | None]
    created_at: Mapped[Now]

    contact: Mapped[Contact] = relationship(
        primaryjoin="foreign(Follower.contact_id) == Contact.id", viewonly=True
    )


class MapCount(Base):
    """How many public reports of one state lie in one tile, at one level: what a town's map is drawn from."""

    __tablename__ = "map_count"
    __table_args__ = (PrimaryKeyConstraint("jurisdiction_id", "level", "x", "y", "status"),)

    jurisdiction_id: Mapped[Ref] = mapped_column(ForeignKey("jurisdiction.id"))
    level: Mapped[int] = mapped_column(SmallInteger)
    x: Mapped[int] = mapped_column(Integer)
    y: Mapped[int] = mapped_column(Integer)
    status: Mapped[str]
    n: Mapped[int] = mapped_column(Integer)


class MapDelta(Base):
    """A change of the counts not folded in yet: appended by verbs, folded on the clock, never updated in place."""

    __tablename__ = "map_delta"
    __table_args__ = (Index(None, "jurisdiction_id", "id"),)

    id: Mapped[Id]
    jurisdiction_id: Mapped[Ref] = mapped_column(ForeignKey("jurisdiction.id"))
    #: Tile of the finest level, reporter.tiles.FINEST.
    x: Mapped[int] = mapped_column(Integer)
    y: Mapped[int] = mapped_column(Integer)
    status: Mapped[str]
    n: Mapped[int] = mapped_column(SmallInteger)
