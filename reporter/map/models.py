"""Tables of the map's counts per tile."""

from __future__ import annotations

from sqlalchemy import (
    ForeignKey,
    Index,
    Integer,
    PrimaryKeyConstraint,
    SmallInteger,
)
from sqlalchemy.orm import Mapped, mapped_column

from core.database import Base, Id, Ref


class MapCount(Base):
    """How many public reports of one state lie in one tile, at one level: what a jurisdiction's map is drawn from."""

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
    #: Tile of the finest level, reporter.map.tile_counts.FINEST.
    x: Mapped[int] = mapped_column(Integer)
    y: Mapped[int] = mapped_column(Integer)
    status: Mapped[str]
    n: Mapped[int] = mapped_column(SmallInteger)
