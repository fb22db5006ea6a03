"""What came in and became nothing is not kept for ever."""

from __future__ import annotations

from datetime import timedelta

from flask import Flask
from sqlalchemy import select, update

from core.database import db, utcnow
from core.jobs import register_sweep
from core.models import FreeText
from core.photos.models import Photo
from reporter.inbound.models import InboundMessage

#: How long the words of what was no report are kept, and of what nobody completed.
KEPT_DAYS = timedelta(days=90)
BATCH = 200


def erase_old_messages() -> int:
    """Mask the words of old arrivals and give their photos up; returns how many. May run twice."""
    total = 0
    while True:
        gone = _batch()
        db.session.commit()
        total += gone
        if gone < BATCH:
            return total


def _batch() -> int:
    # Core tables: every jurisdiction's, by their own ids.
    a, w, p = InboundMessage.__table__.c, FreeText.__table__.c, Photo.__table__.c
    now = utcnow()
    rows = db.session.execute(
        select(a.id, a.free_text_id, a.photo_ids)
        .where(a.free_text_id.is_not(None), a.arrived_at < now - KEPT_DAYS)
        .order_by(a.arrived_at)
        .limit(BATCH)
        .with_for_update(skip_locked=True)
    ).all()
    if rows:
        said = [row.free_text_id for row in rows]
        photos = [number for row in rows for number in row.photo_ids]
        db.session.execute(
            update(FreeText.__table__)
            .where(w.id.in_(said), w.masked_at.is_(None))
            .values(text="", public_text="", masked_at=now)
        )
        db.session.execute(
            update(Photo.__table__)
            .where(p.id.in_(photos), p.claimed_at.is_(None), p.uploaded_at > now)
            .values(uploaded_at=now)
        )
        db.session.execute(
            update(InboundMessage.__table__)
            .where(a.id.in_([row.id for row in rows]))
            .values(free_text_id=None, photo_ids=[], handled=True)
        )
    return len(rows)


def init_app(app: Flask) -> None:
    """Register the sweep of old arrivals."""
    register_sweep(erase_old_messages, seconds=3600)
