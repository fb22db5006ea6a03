"""What an agent has filled in so far, as typed: nothing of it is lost when a form is refused."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any
from uuid import UUID, uuid4

from sqlalchemy import select
from werkzeug.datastructures import MultiDict

from core.database import db
from core.photos.models import REFUSED, Photo
from interventions.work_orders.execution import PHOTOS

#: What is sent back as it was typed; longer than any limit, shorter than a nuisance.
LONGEST = 20_000


@dataclass
class JobForm:
    """One form of the field, as typed. `fresh` until somebody has sent it."""

    key: str = field(default_factory=lambda: str(uuid4()))
    version: int | None = None
    #: The reason that was tapped, a code of `whys`.
    why: str = ""
    reason: str = ""
    comment: str = ""
    minutes: str = ""
    #: Tokens of the photos kept so far.
    photos: list[str] = field(default_factory=list)
    fresh: bool = True

    @classmethod
    def of(cls, form: MultiDict[str, str]) -> JobForm:
        """The form of a request, null characters and absurd lengths left out."""
        why, reason, comment, minutes = (
            form.get(name, "")[:LONGEST].replace("\0", "") for name in ("why", "reason", "comment", "minutes")
        )
        sent = cls(
            why=why,
            reason=reason,
            comment=comment,
            minutes=minutes,
            photos=[token for token in form.getlist("photo")[:PHOTOS] if _is_token(token)],
            fresh=False,
        )
        key, version = form.get("idempotency_key", "").strip()[:100], form.get("version", "")
        if key and key.isprintable():
            sent.key = key
        if version.isascii() and version.isdigit() and len(version) < 10:
            sent.version = int(version)
        return sent


def _is_token(text: str) -> bool:
    try:
        UUID(text)
    except ValueError:
        return False
    return True


def usable_photos(tokens: list[str]) -> list[dict[str, Any]]:
    """The photos of a form that can still be used, in order: [{"token", "status"}]. At most one statement."""
    if not tokens:
        return []
    rows = db.session.execute(
        select(Photo.token, Photo.status).where(
            Photo.token.in_([UUID(token) for token in tokens]), Photo.claimed_at.is_(None), Photo.status != REFUSED
        )
    ).all()
    found = {str(row.token): {"token": str(row.token), "status": row.status} for row in rows}
    return [found[token] for token in dict.fromkeys(tokens) if token in found]
