"""Who follows which area, and the notices of a town."""

from __future__ import annotations

from typing import Any

from geoalchemy2 import Geometry
from sqlalchemy import ARRAY, BigInteger, CheckConstraint, ForeignKey, ForeignKeyConstraint, Index, text
from sqlalchemy.orm import Mapped, mapped_column

from core.database import Base, Id, Localized, Moment, Now, Ref, one_of
from core.outbox.models import MAIL, PERSONAL
from core.scope import Scoped

KINDS = ("works", "diversion", "cut", "alert")


class AreaFollower(Scoped, Base):
    """A contact who wants the news of an area: a circle, a sector, a street's name; of some categories or all."""

    __tablename__ = "area_follower"
    __table_args__ = (
        ForeignKeyConstraint(["jurisdiction_id", "contact_id"], ["contact.jurisdiction_id", "contact.id"]),
        ForeignKeyConstraint(["jurisdiction_id", "sector_id"], ["sector.jurisdiction_id", "sector.id"]),
        one_of("channel", PERSONAL, "channel"),
        CheckConstraint("num_nonnulls(circle, sector_id, street) = 1", name="area"),
        Index("ix_area_follower_circle", "circle", postgresql_using="gist"),
        Index("ix_area_follower_sector", "sector_id", postgresql_where=text("sector_id IS NOT NULL")),
        Index(
            "ix_area_follower_street",
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


class Notice(Scoped, Base):
    """What a town tells of its public space: works, a diversion, a cut, an alert."""

    __tablename__ = "notice"
    __table_args__ = (
        one_of("kind", KINDS, "kind"),
        CheckConstraint("ends_at > starts_at", name="dates"),
        Index("ix_notice_shape", "shape", postgresql_using="gist"),
        Index("ix_notice_ends", "jurisdiction_id", "ends_at"),
    )

    id: Mapped[Id]
    kind: Mapped[str]
    titles: Mapped[Localized]
    texts: Mapped[Localized]
    #: Where, in words: "rue des Tilleuls, entre la place et le pont". What a street's followers are found by.
    place: Mapped[str] = mapped_column(server_default="")
    #: A polygon or a line, of one piece or several.
    shape: Mapped[Any] = mapped_column(Geometry("GEOMETRY", 4326, spatial_index=False))
    starts_at: Mapped[Moment]
    ends_at: Mapped[Moment]
    user_id: Mapped[Ref | None] = mapped_column(ForeignKey("user.id"))
    created_at: Mapped[Now]
    #: When what it says last changed.
    updated_at: Mapped[Now]
    published_at: Mapped[Moment | None]
    withdrawn_at: Mapped[Moment | None]
    #: Why it was withdrawn, and what the last telling said had changed, per language.
    reasons: Mapped[Localized] = mapped_column(server_default=text("'{}'"))
    changes: Mapped[Localized] = mapped_column(server_default=text("'{}'"))
    #: How many messages told of it, and the version that they told of.
    told: Mapped[int | None]
    told_version: Mapped[int | None]
    version: Mapped[int] = mapped_column(server_default=text("1"))
