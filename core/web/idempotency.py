"""The same key again gives the same answer: kept in the database, in the transaction of what it answers for."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from typing import Any

from flask import Flask
from sqlalchemy import Index, UniqueConstraint, delete, select, text, update
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.dialects.postgresql import insert as pg_insert
from sqlalchemy.exc import NoResultFound
from sqlalchemy.orm import Mapped, mapped_column

from core.database import Base, Id, Now, affected_rows, db
from core.database.scope import Scoped, current_jurisdiction_id
from core.errors import FieldError
from core.i18n import gettext as _
from core.jobs import register_sweep

__all__ = ["Claim", "IdempotencyKey", "claim", "digest_of", "find"]

LONGEST = 200
#: How long a key is remembered: a phone that was off for a weekend still gets its answer.
HOURS = 72


class IdempotencyKey(Scoped, Base):
    """A key that a client sent with a write, what it wrote (a digest), and the answer it got."""

    __tablename__ = "idempotency_key"
    __table_args__ = (
        UniqueConstraint("jurisdiction_id", "actor", "key"),
        Index(None, "created_at"),
    )

    id: Mapped[Id]
    #: Who used it ("anyone", "user:3"): two people may choose the same key.
    actor: Mapped[str]
    key: Mapped[str]
    digest: Mapped[str]
    answer: Mapped[dict[str, Any] | None] = mapped_column(JSONB)
    created_at: Mapped[Now]


@dataclass(frozen=True)
class Claim:
    """A key taken by this request (`answer` is None) or answered before (`answer` is what was said then)."""

    id: int
    answer: dict[str, Any] | None

    def keep(self, answer: dict[str, Any]) -> None:
        """Keep the answer beside the key, in the same transaction."""
        db.session.execute(
            update(IdempotencyKey.__table__).where(IdempotencyKey.__table__.c.id == self.id).values(answer=answer)
        )

    def release(self) -> None:
        """Give the key back, where the transaction commits although the request was refused."""
        db.session.execute(delete(IdempotencyKey.__table__).where(IdempotencyKey.__table__.c.id == self.id))


def digest_of(*parts: str | bytes) -> str:
    """A digest of what a request asks, so that a key used for something else is noticed."""
    total = hashlib.sha256()
    for part in parts:
        data = part.encode() if isinstance(part, str) else part
        total.update(len(data).to_bytes(8, "big") + data)
    return total.hexdigest()


def claim(key: str, *, actor: str, digest: str) -> Claim:
    """Take `key`, or find what it was answered. A request at work on the same key is waited for.

    Raises FieldError when the key is unusable or was used for a different request.
    """
    _must_be_usable(key)
    table = IdempotencyKey.__table__
    values = {"jurisdiction_id": current_jurisdiction_id(), "actor": actor, "key": key, "digest": digest}
    taken = db.session.execute(
        pg_insert(table).values(**values).on_conflict_do_nothing().returning(table.c.id)
    ).scalar()
    if taken is not None:
        return Claim(taken, None)
    found = find(key, actor=actor, digest=digest)
    if found is None:
        raise NoResultFound
    return found


def find(key: str, *, actor: str, digest: str) -> Claim | None:
    """What `key` was answered; None where nobody has taken it. One SELECT, which waits for nobody.

    Raises as `claim` does.
    """
    _must_be_usable(key)
    table = IdempotencyKey.__table__
    found = db.session.execute(
        select(table.c.id, table.c.digest, table.c.answer).where(
            table.c.jurisdiction_id == current_jurisdiction_id(), table.c.actor == actor, table.c.key == key
        )
    ).one_or_none()
    if found is None:
        return None
    if found.digest != digest:
        raise FieldError(
            "Idempotency-Key", _("This key has already been used for a different request."), code="key_reused"
        )
    return Claim(found.id, found.answer)


def _must_be_usable(key: str) -> None:
    if not key or len(key) > LONGEST or not key.isprintable():
        raise FieldError("Idempotency-Key", _("A key must have 1 to %(most)s printable characters.", most=LONGEST))


_DELETE_EXPIRED = text("""
DELETE FROM idempotency_key WHERE id IN (
    SELECT id FROM idempotency_key WHERE created_at < statement_timestamp() - make_interval(hours => :hours)
    ORDER BY created_at LIMIT :most)
""")


def delete_expired_keys(most: int = 5000) -> int:
    """Forget keys nobody will send again, in short transactions; returns how many. May run twice."""
    total = 0
    while True:
        gone = affected_rows(db.session.execute(_DELETE_EXPIRED, {"hours": HOURS, "most": most}))
        db.session.commit()
        total += gone
        if gone < most:
            return total


def init_app(app: Flask) -> None:
    """Register the sweep of old keys."""
    register_sweep(delete_expired_keys, seconds=3600)
