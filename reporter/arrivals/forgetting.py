"""What came in and became nothing is not kept for ever."""

from __future__ import annotations

from datetime import timedelta

from flask import Flask
from sqlalchemy import select, update

from core.database import db, utcnow
from core.identity.models import Words
from core.jobs import register_sweep
from core.photos.models import Photo
from reporter.arrivals.models import Arrival

#: How long the words of what was no report are kept, and of what nobody completed.
KEPT = timedelta(days=90)
BATCH = 200


def forget() -> int:
    """Mask the words of old arrivals and give their photos up; returns how many. May run twice."""
    total = 0
    while True:
        gone = _batch()
        db.session.commit()
        total += gone
        if gone < BATCH:
            return total


def _batch() -> int:
    # Core tables: every town's, by their own ids.
    a, w, p = Arrival.__table__.c, Words.__table__.c, Photo.__table__.c
    now = utcnow()
    rows = db.session.execute(
        select(a.id, a.words_id, a.photo_ids)
        .where(a.words_id.is_not(None), a.arrived_at < now - KEPT)
        .order_by(a.arrived_at).limit(BATCH).with_for_update(skip_locked=True)
    ).all()
    if rows:
        said = [row.words_id for row in rows]
        photos = [number for row in rows for number in row.photo_ids]
        db.session.execute(
            update(Words.__table__).where(w.id.in_(said), w.masked_at.is_(None)).values(
                text="", public_text="", masked_at=now))
        db.session.execute(
            update(Photo.__table__).where(p.id.in_(photos), p.claimed_at.is_(None), p.uploaded_at > now)
            .values(uploaded_at=now))
        db.session.execute(
            update(Arrival.__table__).where(a.id.in_([row.id for row in rows]))
            .values(words_id=None, photo_ids=[], dealt_with=True))
    return len(rows)


def init_app(app: Flask) -> None:
    """Register the sweep of old arrivals."""
    register_sweep(forget, seconds=3600)
