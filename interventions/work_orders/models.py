"""Tables of the services' side: teams, routes, work orders and their history."""

from __future__ import annotations

from geoalchemy2 import Geometry, WKBElement, WKTElement
from sqlalchemy import (
    ForeignKey,
    ForeignKeyConstraint,
    Index,
    Integer,
    PrimaryKeyConstraint,
    SmallInteger,
    UniqueConstraint,
    text,
)
from sqlalchemy.orm import Mapped, mapped_column, relationship

from core.database import Base, Id, Moment, Now, Ref, one_of
from core.database.scope import Scoped
from core.identity.models import User
from core.models import EventColumns
from core.photos.models import Photo
from interventions.teams.models import Team
from interventions.work_orders.statuses import EVENTS, KINDS, STATUSES
from reporter.categories.models import Category
from reporter.reports.models import CHANNELS


class WorkOrder(Scoped, Base):
    """Work in the street, of one kind; it answers one or several reports, or none."""

    __tablename__ = "work_order"
    __table_args__ = (
        UniqueConstraint("jurisdiction_id", "id"),
        UniqueConstraint("jurisdiction_id", "number"),
        ForeignKeyConstraint(["jurisdiction_id", "team_id"], ["team.jurisdiction_id", "team.id"]),
        # A category of its own jurisdiction; work for a neighbour's report takes the like-named one, or none.
        ForeignKeyConstraint(["jurisdiction_id", "category_id"], ["category.jurisdiction_id", "category.id"]),
        one_of("kind", KINDS, "kind"),
        one_of("status", STATUSES, "status"),
        Index("ix_work_order_newest", "jurisdiction_id", text("created_at DESC"), text("id DESC")),
        Index("ix_work_order_status", "jurisdiction_id", "status", text("created_at DESC"), text("id DESC")),
        Index(
            "ix_work_order_category",
            "jurisdiction_id",
            "category_id",
            text("created_at DESC"),
            text("id DESC"),
        ),
        Index("ix_work_order_team", "jurisdiction_id", "team_id", text("created_at DESC"), text("id DESC")),
        Index("ix_work_order_updated", "jurisdiction_id", text("updated_at DESC"), text("id DESC")),
        Index(
            "ix_work_order_day",
            "jurisdiction_id",
            "team_id",
            "starts_at",
            postgresql_where=text("status IN ('scheduled', 'in_progress', 'on_hold')"),
        ),
        Index(
            "ix_work_order_agent_day",
            "agent_id",
            "starts_at",
            postgresql_where=text("status IN ('scheduled', 'in_progress', 'on_hold')"),
        ),
        Index("ix_work_order_location", "location", postgresql_using="gist"),
        Index("ix_work_order_finished", "jurisdiction_id", "finished_at"),
    )

    id: Mapped[Id]
    #: Unique in its jurisdiction and fit for a URL: 2026-0042.
    number: Mapped[str]
    kind: Mapped[str] = mapped_column(server_default="final")
    status: Mapped[str] = mapped_column(server_default="ready")
    title: Mapped[str]
    instructions: Mapped[str] = mapped_column(server_default="")
    category_id: Mapped[Ref | None]
    team_id: Mapped[Ref | None]
    agent_id: Mapped[Ref | None] = mapped_column(ForeignKey("user.id"))
    priority: Mapped[int] = mapped_column(SmallInteger, server_default=text("0"))
    location: Mapped[WKBElement | WKTElement | None] = mapped_column(Geometry("POINT", 4326, spatial_index=False))
    address: Mapped[str] = mapped_column(server_default="")
    starts_at: Mapped[Moment | None]
    ends_at: Mapped[Moment | None]
    #: The day that residents were told, and when they were.
    announced_day: Mapped[Moment | None]
    announced_at: Mapped[Moment | None]
    started_at: Mapped[Moment | None]
    finished_at: Mapped[Moment | None]
    minutes: Mapped[int | None]
    #: The place in the crew's day.
    position: Mapped[int] = mapped_column(Integer, server_default=text("0"))
    created_by_id: Mapped[Ref | None] = mapped_column(ForeignKey("user.id"))
    created_at: Mapped[Now]
    updated_at: Mapped[Now]
    #: Grows with every change: the ETag.
    version: Mapped[int] = mapped_column(server_default=text("1"))

    category: Mapped[Category | None] = relationship(
        primaryjoin="foreign(WorkOrder.category_id) == Category.id", viewonly=True
    )
    team: Mapped[Team | None] = relationship(primaryjoin="foreign(WorkOrder.team_id) == Team.id", viewonly=True)
    agent: Mapped[User | None] = relationship(foreign_keys=[agent_id], viewonly=True)


class WorkOrderCounter(Base):
    """The last number given in a jurisdiction and year."""

    __tablename__ = "work_order_counter"
    __table_args__ = (PrimaryKeyConstraint("jurisdiction_id", "year"),)

    jurisdiction_id: Mapped[Ref] = mapped_column(ForeignKey("jurisdiction.id"))
    year: Mapped[int]
    last: Mapped[int]


class WorkOrderReport(Base):
    """Which reports a work order answers."""

    __tablename__ = "work_order_report"
    __table_args__ = (
        PrimaryKeyConstraint("work_order_id", "report_id"),
        ForeignKeyConstraint(["work_order_id"], ["work_order.id"], ondelete="CASCADE"),
        ForeignKeyConstraint(["report_id"], ["report.id"]),
        Index(None, "report_id"),
    )

    work_order_id: Mapped[Ref]
    report_id: Mapped[Ref]


class WorkOrderPhoto(Base):
    """A photo taken at work: "before", or the proof ("after")."""

    __tablename__ = "work_order_photo"
    __table_args__ = (
        PrimaryKeyConstraint("work_order_id", "photo_id"),
        ForeignKeyConstraint(["work_order_id"], ["work_order.id"], ondelete="CASCADE"),
        ForeignKeyConstraint(["photo_id"], ["photo.id"]),
        one_of("role", ("before", "after"), "role"),
        Index(None, "photo_id"),
    )

    work_order_id: Mapped[Ref]
    photo_id: Mapped[Ref]
    role: Mapped[str] = mapped_column(server_default="after")
    added_at: Mapped[Now]

    photo: Mapped[Photo] = relationship(lazy="joined")


class WorkOrderEvent(EventColumns, Scoped, Base):
    """One line of a work order's history: append-only."""

    __tablename__ = "work_order_event"
    __table_args__ = (
        ForeignKeyConstraint(["work_order_id"], ["work_order.id"]),
        ForeignKeyConstraint(["jurisdiction_id", "free_text_id"], ["free_text.jurisdiction_id", "free_text.id"]),
        one_of("kind", EVENTS, "kind"),
        one_of("channel", CHANNELS, "channel"),
        UniqueConstraint("work_order_id", "client_key"),
        Index(None, "work_order_id", "id"),
    )

    work_order_id: Mapped[Ref]
    #: The key of a phone that may send the same verb twice.
    client_key: Mapped[str | None]
