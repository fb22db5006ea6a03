"""What is done with photos away from any request. Every job takes ids, may run twice, and never holds a
transaction open while it talks to the storage or decodes.

These jobs look after every jurisdiction's photos, by their ids: see `everywhere`.
"""

from __future__ import annotations

import hashlib
import logging
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any, TypeVar
from uuid import UUID

from flask import Flask
from sqlalchemy import Row, delete, func, or_, select, update
from sqlalchemy.exc import IntegrityError

from core.database import affected_rows, db, utcnow
from core.database.scope import across_jurisdictions
from core.jobs import Job, enqueue, register_sweep, stop_requested
from core.photos import processing
from core.photos.models import PROCESSING, READY, REFUSED, Photo
from core.storage import NoSuchFile, StorageUnavailable, storage

OnePhoto = TypeVar("OnePhoto")
log = logging.getLogger(__name__)

#: A worker that began with a photo has it for itself this long; one that was killed has lost it after.
TURN_LENGTH = timedelta(seconds=45)
TRIES = 3
#: The sweep leaves to the queue what has only just come in.
UPLOAD_GRACE = timedelta(seconds=20)
#: How long an upload waits to be claimed, and an original is kept once it was processed.
UNCLAIMED = timedelta(hours=24)
ORIGINALS = timedelta(days=30)
#: How long one run of a sweep goes on, and how many rows it takes at a time.
SWEEP_SECONDS, BATCH = 10.0, 100
#: How many whole days back a forgotten original is looked for.
DAYS_BACK = 7


@dataclass(frozen=True)
class ProcessingTurn:
    """A photo that this worker may process now."""

    id: int
    token: UUID
    original_key: str | None
    tries: int


def process_photo(photo_id: int) -> None:
    """Make the public sizes of one photo, or refuse it with a reason."""
    with across_jurisdictions():
        turn = _begin(photo_id)
        if turn is None:
            return
        if turn.tries > TRIES:
            log.warning("Photo %s was begun %s times and never finished: refused", photo_id, TRIES)
            _refuse(photo_id, "unreadable")
            return
        try:
            _make(turn)
        except StorageUnavailable:
            log.warning("Photo %s waits for the storage", photo_id)
            _uncount(photo_id)


def _begin(photo_id: int) -> ProcessingTurn | None:
    """Take the photo's turn, counted before anything is decoded; None when it is done, or somebody else's."""
    row = db.session.execute(
        update(Photo)
        .where(
            Photo.id == photo_id,
            Photo.status == PROCESSING,
            or_(Photo.begun_at.is_(None), Photo.begun_at < func.now() - TURN_LENGTH),
        )
        .values(tries=Photo.tries + 1, begun_at=func.now())
        .returning(Photo.id, Photo.token, Photo.original_key, Photo.tries),
        execution_options={"synchronize_session": False},
    ).one_or_none()
    db.session.commit()
    return ProcessingTurn(*row) if row else None


def _make(turn: ProcessingTurn) -> None:
    if turn.original_key is None:
        _refuse(turn.id, "lost")
        return
    try:
        data = storage().get(turn.original_key)
    except NoSuchFile:
        _refuse(turn.id, "lost")
        return
    outcome = processing.process(data)
    if outcome.reason:
        _refuse(turn.id, outcome.reason)
        return
    if not _finish(turn.id, status=READY, sizes=keep_sizes(turn.token, outcome)):
        _take_back(turn)


def keep_sizes(token: UUID, outcome: processing.ProcessingResult) -> dict[str, Any]:
    """Put the public sizes of one photo into the storage; what `Photo.sizes` says. Raises StorageUnavailable."""
    return {made.size.name: _kept(token, made) for made in outcome.made}


def _key(token: UUID, size: processing.Size) -> str:
    """Where a public size is kept: the same for whoever makes it, so that it may be made twice."""
    return f"photos/{token.hex[:2]}/{token}-{size.name}.{size.extension}"


def _kept(token: UUID, made: processing.ProcessedSize) -> dict[str, Any]:
    """Keep one public size; its line in `Photo.sizes`."""
    key = _key(token, made.size)
    storage().put(key, made.data, made.size.media_type)
    return {
        "key": key,
        "width": made.width,
        "height": made.height,
        "bytes": len(made.data),
        "media_type": made.size.media_type,
        "digest": hashlib.sha256(made.data).hexdigest()[:32],
    }


def _finish(photo_id: int, **values: Any) -> bool:
    """Say how it ended, unless somebody has said so already."""
    changed = affected_rows(
        db.session.execute(
            update(Photo)
            .where(Photo.id == photo_id, Photo.status == PROCESSING)
            .values(processed_at=func.now(), **values),
            execution_options={"synchronize_session": False},
        )
    )
    db.session.commit()
    return bool(changed)


def _refuse(photo_id: int, reason: str) -> None:
    log.info("Photo %s refused: %s", photo_id, reason)
    _finish(photo_id, status=REFUSED, reason=reason)


def _uncount(photo_id: int) -> None:
    """An absent storage is not the photo's fault. Its turn goes on until it ends: no hurry to ask again."""
    db.session.execute(
        update(Photo).where(Photo.id == photo_id, Photo.status == PROCESSING).values(tries=Photo.tries - 1),
        execution_options={"synchronize_session": False},
    )
    db.session.commit()


def _take_back(turn: ProcessingTurn) -> None:
    """The photo expired or was refused while its sizes were made: they go again, unless they are in use."""
    status = db.session.scalar(select(Photo.status).where(Photo.id == turn.id))
    db.session.rollback()
    if status != READY:
        for size in processing.SIZES:
            storage().delete(_key(turn.token, size))


def sweep_unprocessed() -> None:
    """Enqueue what no job has: never enqueued, lost with Redis, or left by a worker that was killed."""
    with across_jurisdictions():
        waiting = db.session.scalars(
            select(Photo.id)
            .where(
                Photo.status == PROCESSING,
                # One that waits long for its claim is dated ahead (core.photos.verbs.extend_claim_period).
                or_(Photo.uploaded_at < func.now() - UPLOAD_GRACE, Photo.uploaded_at > func.now() + UPLOAD_GRACE),
                or_(Photo.begun_at.is_(None), Photo.begun_at < func.now() - TURN_LENGTH),
            )
            .order_by(Photo.uploaded_at)
            .limit(BATCH)
        ).all()
        db.session.rollback()
    # Not done here: the process that serves the mails runs sweeps too.
    enqueue([Job("photos", process_photo, (photo_id,), once=f"photo:{photo_id}") for photo_id in waiting])


def sweep_unclaimed() -> None:
    """Forget uploads that nobody claimed within a day: first for every reader, then files, then the row."""

    def batch() -> Sequence[Row[int, UUID, str | None]]:
        old = (
            select(Photo.id)
            .where(Photo.claimed_at.is_(None), Photo.uploaded_at < func.now() - UNCLAIMED)
            .order_by(Photo.uploaded_at)
            .limit(BATCH)
            .with_for_update(skip_locked=True)
        )
        return db.session.execute(
            update(Photo)
            .where(Photo.id.in_(old))
            .values(status=REFUSED, reason="expired")
            .returning(Photo.id, Photo.token, Photo.original_key),
            execution_options={"synchronize_session": False},
        ).all()

    def forget(row: Row[int, UUID, str | None]) -> None:
        for key in (row.original_key, *(_key(row.token, size) for size in processing.SIZES)):
            if key:
                storage().delete(key)
        try:
            db.session.execute(
                delete(Photo).where(Photo.id == row.id, Photo.claimed_at.is_(None)),
                execution_options={"synchronize_session": False},
            )
            db.session.commit()
        except IntegrityError:
            # Something shows it without having claimed it: the row stays, refused, for somebody to look at.
            db.session.rollback()
            log.error("Photo %s is shown but was never claimed", row.id)

    _drain(batch, forget)


def sweep_originals() -> None:
    """Forget originals a month after they were processed: what is public has nothing private in it."""

    def batch() -> Sequence[Row[int, str | None]]:
        # A row is never processed before it was uploaded: the first condition is there for its index.
        return db.session.execute(
            select(Photo.id, Photo.original_key)
            .where(
                Photo.original_key.is_not(None),
                Photo.uploaded_at < func.now() - ORIGINALS,
                Photo.processed_at < func.now() - ORIGINALS,
            )
            .order_by(Photo.uploaded_at)
            .limit(BATCH)
        ).all()

    def forget(row: Row[int, str | None]) -> None:
        storage().delete(row.original_key)
        db.session.execute(
            update(Photo).where(Photo.id == row.id).values(original_key=None),
            execution_options={"synchronize_session": False},
        )
        db.session.commit()

    _drain(batch, forget)


def sweep_forgotten() -> None:
    """Forget originals without a row: their request died, or was rolled back, after they had been kept.

    Looks into the folders of some past days only: today's and yesterday's may belong to requests at work.
    """
    with across_jurisdictions():
        for back in range(2, 2 + DAYS_BACK):
            found = list(storage().keys(f"originals/{utcnow() - timedelta(days=back):%Y-%m-%d}"))
            for at in range(0, len(found), BATCH):
                some = found[at : at + BATCH]
                known = set(db.session.scalars(select(Photo.original_key).where(Photo.original_key.in_(some))))
                db.session.rollback()
                for key in set(some) - known:
                    log.info("An original without a row is forgotten")
                    storage().delete(key)


def _drain(batch: Callable[[], Sequence[OnePhoto]], one: Callable[[OnePhoto], None]) -> None:
    """Take batch after batch until nothing is left or the time is up; an absent storage ends it in peace."""
    until = time.monotonic() + SWEEP_SECONDS
    with across_jurisdictions():
        while True:
            rows = batch()
            db.session.commit()
            for row in rows:
                try:
                    one(row)
                except StorageUnavailable:
                    return
                if time.monotonic() > until or stop_requested():
                    return
            if len(rows) < BATCH:
                return


def init_app(app: Flask) -> None:
    """Register the sweeps of photos and of their files."""
    register_sweep(sweep_unprocessed, seconds=15)
    register_sweep(sweep_unclaimed, seconds=3600)
    register_sweep(sweep_originals, seconds=3600)
    register_sweep(sweep_forgotten, seconds=6 * 3600)
