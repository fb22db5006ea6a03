"""Tables of routing: the rules, and which team each report was routed to."""

from __future__ import annotations

from sqlalchemy import (
    ForeignKeyConstraint,
    PrimaryKeyConstraint,
    UniqueConstraint,
)
from sqlalchemy.orm import Mapped

from core.database import Base, Id, Now, Ref
from core.database.scope import Scoped


class Route(Scoped, Base):
    """To whom reports of a category go, everywhere or in one sector: the more precise rule wins."""

    __tablename__ = "route"
    __table_args__ = (
        ForeignKeyConstraint(["jurisdiction_id", "category_id"], ["category.jurisdiction_id", "category.id"]),
        ForeignKeyConstraint(["jurisdiction_id", "sector_id"], ["sector.jurisdiction_id", "sector.id"]),
        ForeignKeyConstraint(["jurisdiction_id", "team_id"], ["team.jurisdiction_id", "team.id"]),
        UniqueConstraint("jurisdiction_id", "category_id", "sector_id", postgresql_nulls_not_distinct=True),
    )

    id: Mapped[Id]
    category_id: Mapped[Ref]
    sector_id: Mapped[Ref | None]
    team_id: Mapped[Ref]


class Triage(Scoped, Base):
    """Which team a report was routed to. A report without a row is unrouted, and the desk says so."""

    __tablename__ = "triage"
    __table_args__ = (
        PrimaryKeyConstraint("report_id"),
        ForeignKeyConstraint(["report_id"], ["report.id"], ondelete="CASCADE"),
        ForeignKeyConstraint(["jurisdiction_id", "team_id"], ["team.jurisdiction_id", "team.id"]),
    )

    report_id: Mapped[Ref]
    team_id: Mapped[Ref | None]
    routed_at: Mapped[Now]
