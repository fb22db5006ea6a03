"""Tables of who wants news of what: one row per contact and report, or per contact and area."""

from __future__ import annotations

from typing import Any

from geoalchemy2 import Geometry
from sqlalchemy import (
    ARRAY,
    BigInteger,
    CheckConstraint,
    ForeignKeyConstraint,
    Index,
    UniqueConstraint,
    text,
)
from sqlalchemy.orm import Mapped, mapped_column, relationship

from core.channel_names import MAIL, PERSONAL
from core.database import Base, Id, Moment, Now, Ref, one_of
from core.database.scope import Scoped
from core.identity.models import Contact


class ReportSubscription(Scoped, Base):
    """A contact who wants news of a report: its author, a neighbour."""

    __tablename__ = "report_subscription"
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
        primaryjoin="foreign(ReportSubscription.contact_id) == Contact.id", viewonly=True
    )


class AreaSubscription(Scoped, Base):
    """A contact who wants the news of an area: a circle, a sector, a street's name; of some categories or all."""

    __tablename__ = "area_subscription"
    __table_args__ = (
        ForeignKeyConstraint(["jurisdiction_id", "contact_id"], ["contact.jurisdiction_id", "contact.id"]),
        ForeignKeyConstraint(["jurisdiction_id", "sector_id"], ["sector.jurisdiction_id", "sector.id"]),
        one_of("channel", PERSONAL, "channel"),
        CheckConstraint("num_nonnulls(circle, sector_id, street) = 1", name="area"),
        Index("ix_area_subscription_circle", "circle", postgresql_using="gist"),
        Index("ix_area_subscription_sector", "sector_id", postgresql_where=text("sector_id IS NOT NULL")),
        Index(
            "ix_area_subscription_street",
            "jurisdiction_id",
            "street",
            postgresql_where=text("street IS NOT NULL"),
        ),
        Index(None, "contact_id"),
    )

    id: Mapped[Id]
    contact_id: Mapped[Ref]
    channel: Mapped[str] = mapped_column(server_default=MAIL)
    locale: Mapped[str] = mapped_column(server_default="fr")
    #: The circle as the polygon it is drawn by, with its centre and radius beside it.
    circle: Mapped[Any | None] = mapped_column(Geometry("POLYGON", 4326, spatial_index=False))
    radius_m: Mapped[int | None]
    sector_id: Mapped[Ref | None]
    #: As it is compared: small letters, no accents.
    street: Mapped[str | None]
    #: As it is shown: the street's name, or the address of the circle's centre.
    label: Mapped[str] = mapped_column(server_default="")
    #: Ids of categories; none: all of them.
    categories: Mapped[list[int]] = mapped_column(ARRAY(BigInteger), server_default=text("'{}'"))
    version: Mapped[int] = mapped_column(server_default=text("1"))
    confirmed_at: Mapped[Moment | None]
    stopped_at: Mapped[Moment | None]
    created_at: Mapped[Now]
