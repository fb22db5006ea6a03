"""A jurisdiction's own words for one event, over one channel, of one category or all, in one language."""

from __future__ import annotations

from sqlalchemy import ForeignKey, ForeignKeyConstraint, Index, func, text
from sqlalchemy.orm import Mapped, mapped_column

from core.channel_names import PERSONAL
from core.database import Base, Id, Now, Ref, one_of
from core.database.scope import Scoped
from core.i18n import LOCALES


class Wording(Scoped, Base):
    """What replaces Alentour's own words; where nothing fits or it fails, Alentour's own are said."""

    __tablename__ = "wording"
    __table_args__ = (
        ForeignKeyConstraint(["jurisdiction_id", "category_id"], ["category.jurisdiction_id", "category.id"]),
        one_of("channel", PERSONAL, "channel"),
        one_of("locale", LOCALES, "locale"),
        Index(
            "uq_wording_place",
            "jurisdiction_id",
            "kind",
            "channel",
            "locale",
            func.coalesce(text("category_id"), text("0")),
            unique=True,
        ),
    )

    id: Mapped[Id]
    #: "report.resolved"
    kind: Mapped[str]
    channel: Mapped[str]
    #: None: all categories that have no words of their own.
    category_id: Mapped[Ref | None]
    locale: Mapped[str]
    #: Of a mail only.
    subject: Mapped[str] = mapped_column(server_default="")
    body: Mapped[str]
    changed_at: Mapped[Now]
    changed_by: Mapped[Ref | None] = mapped_column(ForeignKey("user.id"))
