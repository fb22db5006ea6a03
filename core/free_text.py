"""People's own words beside a history: in a row that can be masked and erased; the history keeps the fact."""

from __future__ import annotations

from core.database import db
from core.models import FreeText


def store_free_text(text: str, *, jurisdiction_id: int) -> int | None:
    """The id of a row that holds `text`, for a line of a history to refer to; None for no words. Flushes."""
    if not text:
        return None
    said = FreeText(jurisdiction_id=jurisdiction_id, text=text)
    db.session.add(said)
    db.session.flush()
    return said.id
