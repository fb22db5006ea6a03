"""Who follows which area, and the notices of a jurisdiction."""

from __future__ import annotations

from typing import Any

from geoalchemy2 import Geometry
from sqlalchemy import CheckConstraint, ForeignKey, Index, text
from sqlalchemy.orm import Mapped, mapped_column

from core.database import Base, Id, Localized, Moment, Now, Ref, one_of
from core.database.scope import Scoped

NOTICE_KINDS = ("works", "diversion", "cut", "alert")


class Notice(Scoped, Base):
    """What a jurisdiction tells of its public space: works, a diversion, a cut, an alert."""

    __tablename__ = "notice"
    __table_args__ = (
        one_of("kind", NOTICE_KINDS, "kind"),
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
