"""Columns and tables that several floors share: a history's columns, and people's free text."""

from __future__ import annotations

from typing import Any

from sqlalchemy import BigInteger, ForeignKey, UniqueConstraint, text
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column, validates

from core.database import Base, Id, Moment, Now, Ref
from core.database.scope import Scoped
from core.masking import mask, masked_default


class FreeText(Scoped, Base):
    """People's own words beside a history line: they can be masked and erased; the history keeps the fact."""

    __tablename__ = "free_text"
    __table_args__ = (UniqueConstraint("jurisdiction_id", "id"),)

    id: Mapped[Id]
    text: Mapped[str]
    #: `text` as the public reads it: masked once, whoever writes it and however (see core.masking).
    public_text: Mapped[str] = mapped_column(default=masked_default("text"), server_default="")
    masked_at: Mapped[Moment | None]
    created_at: Mapped[Now]

    @validates("text")
    def _mask(self, _name: str, value: str) -> str:
        self.public_text = mask(value)
        return value


class EventColumns:
    """What every line of a history has: what, who, by what channel, when it happened and when it was recorded."""

    id: Mapped[Id]
    kind: Mapped[str]
    #: web, api, desk, field, phone, import, system
    channel: Mapped[str]
    user_id: Mapped[Ref | None] = mapped_column(ForeignKey("user.id"))
    public: Mapped[bool] = mapped_column(server_default=text("true"))
    #: Facts only (days, codes, references); people's words are in `free_text`.
    facts: Mapped[dict[str, Any]] = mapped_column(JSONB, server_default=text("'{}'"))
    free_text_id: Mapped[int | None] = mapped_column(BigInteger)
    occurred_at: Mapped[Moment]
    recorded_at: Mapped[Now]
