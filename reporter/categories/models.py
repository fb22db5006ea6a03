"""Tables of what can be reported: categories and the groups they are offered under."""

from __future__ import annotations

from typing import Any, Literal, get_args

from sqlalchemy import (
    ForeignKeyConstraint,
    SmallInteger,
    UniqueConstraint,
    text,
)
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column, relationship

from core.database import Base, Id, Localized, Ref, one_of
from core.database.scope import Scoped

ImpliedDecisionMeaning = Literal["acceptance", "rejection"]
IMPLIED_DECISIONS: tuple[str, ...] = get_args(ImpliedDecisionMeaning)


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
        ForeignKeyConstraint(["jurisdiction_id", "group_id"], ["category_group.jurisdiction_id", "category_group.id"]),
        ForeignKeyConstraint(["jurisdiction_id", "body_id"], ["body.jurisdiction_id", "body.id"]),
        one_of("silence", IMPLIED_DECISIONS, "silence"),
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
    #: The jurisdiction's own promise: hours from reception to resolution; None where it makes none.
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
