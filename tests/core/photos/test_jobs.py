"""Photos away from requests: processed, whatever dies; forgotten when their time is over."""

from __future__ import annotations

import os
import signal
import time
from datetime import timedelta

import pytest
from rq import Queue
from sqlalchemy import func, inspect, select, update

from core.database import db, utcnow
from core.database.scope import serving
from core.jobs import SWEEPS, connection
from core.photos import jobs, processing
from core.photos.jobs import process_photo, sweep_forgotten, sweep_originals, sweep_unclaimed, sweep_unprocessed
from core.photos.models import PROCESSING, READY, REFUSED, Photo
from core.photos.verbs import accept, claim
from core.storage import NoSuchFile, StorageUnavailable, storage
from tests.core.photos.parts import assert_clean
from tests.core.photos.samples import samples


def accepted(data: bytes | None = None) -> Photo:
    photo = accept(data or samples()["jpeg"])
    db.session.commit()
    return photo


def change(photo: Photo, **values) -> None:
    table = Photo.__table__
    db.session.execute(update(table).where(table.c.id == photo.id).values(**values))
    db.session.commit()
    db.session.expire_all()


def again(photo: Photo) -> Photo | None:
    (number,) = inspect(photo).identity
    return db.session.scalar(select(Photo).where(Photo.id == number).execution_options(populate_existing=True))


def queued() -> list[tuple]:
    return [job.args[:2] for job in Queue("photos", connection=connection()).jobs]


def ago(**parts):
    return utcnow() - timedelta(**parts)


NAME = f"{process_photo.__module__}.{process_photo.__qualname__}"


def test_a_photo_leaves_with_the_commit_and_becomes_ready(here):
    photo = accept(samples()["jpeg"])
    assert queued() == []
    db.session.commit()
    assert queued() == [(NAME, (photo.id,))]
    process_photo(photo.id)
    done = again(photo)
    assert (done.status, done.reason, done.tries) == (READY, None, 1)
    assert done.processed_at is not None and set(done.sizes) == {"small", "large"}
    for made in done.sizes.values():
        data = storage().get(made["key"])
        assert len(data) == made["bytes"]
        assert_clean(data)
    assert storage().get(done.original_key) == samples()["jpeg"]


def test_a_job_may_run_twice(here):
    photo = accepted()
    process_photo(photo.id)
    first = again(photo).processed_at
    process_photo(photo.id)
    process_photo(photo.id + 1000)
    assert (again(photo).tries, again(photo).processed_at) == (1, first)


def test_what_cannot_be_decoded_is_refused_with_its_reason(here):
    photo = accepted(samples()["jpeg"][:2000])
    process_photo(photo.id)
    assert (again(photo).status, again(photo).reason, again(photo).sizes) == (REFUSED, "unreadable", {})
    assert again(photo).processed_at is not None


def test_an_original_that_is_gone_is_said(here):
    photo = accepted()
    storage().delete(photo.original_key)
    process_photo(photo.id)
    assert (again(photo).status, again(photo).reason) == (REFUSED, "lost")


def test_no_transaction_is_open_while_the_storage_or_a_decoder_works(here, monkeypatch):
    photo = accepted()
    real, store, seen = processing.process, storage(), []

    def idle() -> bool:
        return not db.session.in_transaction()

    class Watched:
        def get(self, key):
            seen.append(idle())
            return store.get(key)

        def put(self, *args):
            seen.append(idle())
            store.put(*args)

    monkeypatch.setattr(jobs, "storage", Watched)
    monkeypatch.setattr(processing, "process", lambda data: seen.append(idle()) or real(data))
    process_photo(photo.id)
    assert again(photo).status == READY and seen == [True] * 4


@pytest.fixture
def storage_away(monkeypatch):
    """Take the storage away from the jobs; what this returns brings it back."""

    class Nowhere:
        def __getattr__(self, name):
            def call(*_args):
                raise StorageUnavailable

            return call

    def take():
        real = jobs.storage
        monkeypatch.setattr(jobs, "storage", Nowhere)
        return lambda: monkeypatch.setattr(jobs, "storage", real)

    return take


def test_an_absent_storage_is_not_the_photos_fault(here, storage_away):
    photo = accepted()
    back = storage_away()
    for _ in range(5):
        process_photo(photo.id)
        assert (again(photo).status, again(photo).tries) == (PROCESSING, 0)
        change(photo, begun_at=ago(minutes=5))
    back()
    process_photo(photo.id)
    assert (again(photo).status, again(photo).tries) == (READY, 1)


def test_while_one_worker_has_it_no_other_begins(here):
    photo = accepted()
    change(photo, begun_at=func.now(), tries=1)
    process_photo(photo.id)
    assert (again(photo).status, again(photo).tries) == (PROCESSING, 1)
    change(photo, begun_at=ago(minutes=1))
    process_photo(photo.id)
    assert (again(photo).status, again(photo).tries) == (READY, 2)


def test_a_photo_that_kills_workers_is_refused_after_three(here, monkeypatch):
    photo = accepted()

    def die(_data):
        raise KeyboardInterrupt  # nothing of ours catches it: what kill -9 leaves behind

    monkeypatch.setattr(processing, "process", die)
    for number in (1, 2, 3):
        with pytest.raises(KeyboardInterrupt):
            process_photo(photo.id)
        assert (again(photo).status, again(photo).tries) == (PROCESSING, number)
        change(photo, begun_at=ago(minutes=1))
    process_photo(photo.id)
    assert (again(photo).status, again(photo).reason) == (REFUSED, "unreadable")


def test_the_sweep_finds_what_was_lost_with_redis_and_what_a_killed_worker_left(here):
    fresh, lost, left, at_work, done = (accepted() for _ in range(5))
    for photo in (lost, left, at_work, done):
        change(photo, uploaded_at=ago(minutes=5))
    change(left, begun_at=ago(minutes=3), tries=1)
    change(at_work, begun_at=func.now(), tries=1)
    change(done, status=READY)
    connection().flushdb()
    sweep_unprocessed()
    assert sorted(args for _name, args in queued()) == sorted([(lost.id,), (left.id,)])
    sweep_unprocessed()
    assert len(queued()) == 2


def test_every_sweep_is_registered(app):
    found = {sweep.func for sweep in SWEEPS}
    assert {sweep_unprocessed, sweep_unclaimed, sweep_originals, sweep_forgotten} <= found


def test_an_upload_nobody_claimed_expires(here):
    old, young, claimed = (accepted() for _ in range(3))
    claim([claimed.token])
    for photo in (old, young, claimed):
        process_photo(photo.id)
    for photo in (old, claimed):
        change(photo, uploaded_at=ago(hours=25))
    keys = [old.original_key, *(size["key"] for size in old.sizes.values())]
    sweep_unclaimed()
    assert again(old) is None
    assert again(young).status == again(claimed).status == READY
    for key in keys:
        with pytest.raises(NoSuchFile):
            storage().get(key)
    for photo in (again(young), again(claimed)):
        for key in (photo.original_key, *(size["key"] for size in photo.sizes.values())):
            assert storage().get(key)


def test_an_upload_expires_for_its_reader_before_its_files_go(here, storage_away):
    photo = accepted()
    process_photo(photo.id)
    change(photo, uploaded_at=ago(hours=25))
    back = storage_away()
    sweep_unclaimed()
    assert (again(photo).status, again(photo).reason) == (REFUSED, "expired")
    assert storage().get(photo.original_key)
    back()
    sweep_unclaimed()
    assert again(photo) is None


def test_originals_expire_a_month_after_they_were_processed(here):
    old, late, young = (accepted() for _ in range(3))
    for photo in (old, late, young):
        claim([photo.token])
        process_photo(photo.id)
    change(old, uploaded_at=ago(days=32), processed_at=ago(days=31))
    change(late, uploaded_at=ago(days=40), processed_at=ago(days=2))
    key = old.original_key
    sweep_originals()
    assert again(old).original_key is None and again(old).status == READY
    with pytest.raises(NoSuchFile):
        storage().get(key)
    assert storage().get(again(old).sizes["small"]["key"])
    assert again(late).original_key and again(young).original_key


def test_originals_without_a_row_are_forgotten(here):
    kept = accepted()
    day = f"{ago(days=3):%Y-%m-%d}"
    known, orphan = f"originals/{day}/{kept.token}", f"originals/{day}/0000-orphan"
    today = f"originals/{utcnow():%Y-%m-%d}/0000-orphan"
    for key in (known, orphan, today):
        storage().put(key, b"x", "image/jpeg")
    change(kept, original_key=known)
    sweep_forgotten()
    assert storage().get(known) and storage().get(today)
    with pytest.raises(NoSuchFile):
        storage().get(orphan)
    storage().delete(today)


def test_a_photo_that_expired_while_it_was_processed_leaves_nothing(here, monkeypatch):
    photo = accepted()
    real, token = processing.process, photo.token

    def slow(data):
        table = Photo.__table__
        db.session.execute(table.delete().where(table.c.id == photo.id))
        db.session.commit()
        return real(data)

    monkeypatch.setattr(processing, "process", slow)
    number = photo.id
    process_photo(number)
    for size in processing.SIZES:
        with pytest.raises(NoSuchFile):
            storage().get(jobs._key(token, size))


def test_a_rolled_back_request_enqueues_nothing(here):
    accept(samples()["jpeg"])
    db.session.rollback()
    assert queued() == [] and db.session.scalars(select(Photo)).all() == []


def test_a_worker_killed_in_the_middle_leaves_it_to_be_processed_again(app, committed):
    """A process that is really killed, between reading the original and the end."""
    with serving(committed):
        photo = accepted()
        number = photo.id
        child = os.fork()
        if child == 0:
            _die_in_the_middle(app, number)
        deadline = time.monotonic() + 30
        while again(photo).tries == 0:
            db.session.rollback()
            assert time.monotonic() < deadline
            time.sleep(0.02)
        os.kill(child, signal.SIGKILL)
        os.waitpid(child, 0)
        assert (again(photo).status, again(photo).tries) == (PROCESSING, 1)
        change(photo, uploaded_at=ago(minutes=2), begun_at=ago(minutes=1))
        connection().flushdb()
        sweep_unprocessed()
        assert queued() == [(NAME, (number,))]
        process_photo(number)
        assert (again(photo).status, again(photo).tries) == (READY, 2)


def _die_in_the_middle(app, number: int) -> None:
    """In a forked child: begin with a photo, and never finish."""
    try:
        with app.app_context():
            db.engine.dispose(close=False)
            processing.process = lambda _data: time.sleep(60)
            process_photo(number)
    finally:
        os._exit(1)
