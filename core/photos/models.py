"""One row per photo. Who shows it is told by link tables of the packages above."""

from __future__ import annotations

from typing import Any
from uuid import UUID, uuid4

from geoalchemy2 import Geometry
from sqlalchemy import Index, UniqueConstraint, text
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from core.database import Base, Id, Moment, Now, one_of
from core.database.scope import Scoped

PROCESSING, READY, REFUSED = "processing", "ready", "refused"


class Photo(Scoped, Base):
    """A photo, from its acceptance on. `token` is its public, unguessable name."""

    __tablename__ = "photo"
    __table_args__ = (
        UniqueConstraint("jurisdiction_id", "id"),
        one_of("status", (PROCESSING, READY, REFUSED), "status"),
        # What the sweeps look for, whatever the size of the table.
        Index("ix_photo_to_process", "uploaded_at", postgresql_where=text("status = 'processing'")),
        Index("ix_photo_unclaimed", "uploaded_at", postgresql_where=text("claimed_at IS NULL")),
        Index("ix_photo_original", "uploaded_at", postgresql_where=text("original_key IS NOT NULL")),
    )

    id: Mapped[Id]
    token: Mapped[UUID] = mapped_column(unique=True, default=uuid4)
    status: Mapped[str] = mapped_column(server_default=PROCESSING)
    #: Why it was refused: a code of core.photos.validation.REASONS.
    reason: Mapped[str | None]
    #: Where the private original lies in the storage; None once it has expired.
    original_key: Mapped[str | None]
    media_type: Mapped[str]
    size: Mapped[int]
    sha256: Mapped[str]
    #: As declared by the file: pixels.
    width: Mapped[int]
    height: Mapped[int]
    #: Where the EXIF says it was taken. Private: it never leaves with the picture.
    position: Mapped[Any | None] = mapped_column(Geometry("POINT", 4326, spatial_index=False))
    taken_at: Mapped[Moment | None]
    #: {"small": {"key": …, "width": …, "height": …, "bytes": …, "digest": …}, "large": {…}}
    sizes: Mapped[dict[str, Any]] = mapped_column(JSONB, server_default=text("'{}'"))
    uploaded_at: Mapped[Now]
    claimed_at: Mapped[Moment | None]
    processed_at: Mapped[Moment | None]
    #: How often a worker began with it: a photo that kills workers is refused after some tries.
    tries: Mapped[int] = mapped_column(server_default=text("0"))
    #: When a worker last began with it: for a while nobody else does; a killed worker's turn ends by itself.
    begun_at: Mapped[Moment | None]
