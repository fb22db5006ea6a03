"""Taking photos in, and giving them to what they belong to."""

from __future__ import annotations

import io
import threading
from datetime import timedelta
from uuid import uuid4

import pytest
from sqlalchemy import select, update
from werkzeug.datastructures import FileStorage

from core import storage
from core.database import db, utcnow
from core.database.scope import serving
from core.errors import FieldError
from core.i18n import speaking
from core.photos import verbs
from core.photos.models import PROCESSING, READY, REFUSED, Photo
from core.photos.verbs import accept, accept_all, claim, place_of_photo
from tests import factories
from tests.core.photos.corpus import corpus
from tests.core.photos.samples import drawn, samples, saved

pytestmark = pytest.mark.filterwarnings("ignore::UserWarning:PIL.TiffImagePlugin")


@pytest.fixture
def away(here, monkeypatch):
    """A storage that cannot be reached."""

    class Nowhere:
        def put(self, key, data, media_type):
            raise storage.StorageUnavailable

    monkeypatch.setattr(storage, "storage", Nowhere)


def accepted(count: int) -> list[Photo]:
    """That many photos, all of them in the storage before the first row is written, as `accept_all` does."""
    return [verbs.add(photo) for photo in [verbs.stored(samples()["jpeg"]) for _ in range(count)]]


def sent(data: bytes, name: str = "IMG_0001.JPG") -> FileStorage:
    return FileStorage(io.BytesIO(data), filename=name, content_type="image/jpeg")


def test_accept_keeps_the_original_and_a_row(here, statements):
    statements.clear()
    photo = accept(samples()["jpeg"])
    assert len([s for s in statements if "photo" in s]) == len(statements) == 1
    assert (photo.jurisdiction_id, photo.status, photo.media_type) == (here.id, PROCESSING, "image/jpeg")
    assert (photo.width, photo.height, photo.size) == (320, 240, len(samples()["jpeg"]))
    assert storage.storage().get(photo.original_key) == samples()["jpeg"]
    where = place_of_photo(photo)
    assert (where.lat, where.lon) == (43.611, 3.877)
    db.session.commit()
    db.session.expire_all()
    where = place_of_photo(photo)
    assert (where.lat, where.lon) == (43.611, 3.877)
    assert photo.uploaded_at <= utcnow() and photo.claimed_at is None and photo.tries == 0


def test_accept_takes_an_uploaded_file(here):
    assert accept(sent(samples()["heic"], "whatever.exe")).media_type == "image/heic"
    db.session.commit()
    assert place_of_photo(accept(sent(saved(drawn(), "PNG")))) is None


def test_accept_names_the_field_in_the_readers_language(here):
    for spoken, word in (("fr", "15 Mo"), ("en", "15 MB")):
        with speaking(spoken), pytest.raises(FieldError) as caught:
            accept(b"\xff\xd8\xff" + bytes(15 * 2**20), field="proof")
        assert caught.value.field == "proof" and caught.value.code == "too_large"
        assert word in caught.value.sentence.replace("\xa0", " ")
    # Of a file that never ends no more is read than is needed to know.
    endless = io.BytesIO(bytes(40 * 2**20))
    with pytest.raises(FieldError):
        accept(FileStorage(endless, filename="x"))
    assert endless.tell() <= 15 * 2**20 + 1


def test_accept_refuses_hostile_files_with_a_sentence_and_keeps_the_others(here):
    kept = 0
    for case in corpus():
        if len(case.data) > 2**20:
            continue  # seen by test_check; here it is what is written that counts
        try:
            photo = accept(case.data)
            db.session.commit()
            kept += 1
            assert case.reason is None, case.name
            assert photo.size == len(case.data)
        except FieldError as error:
            assert error.code and error.sentence
    assert kept > 300
    assert len(db.session.scalars(select(Photo.id)).all()) == kept


def test_an_absent_storage_is_a_sentence_and_leaves_no_row(away):
    with pytest.raises(storage.StorageUnavailable) as caught:
        accept(samples()["jpeg"])
    assert caught.value.status == 503 and caught.value.sentence
    photos, errors = accept_all([sent(samples()["jpeg"]), sent(samples()["png"])])
    assert photos == [] and len(errors) == 1
    assert errors[0].status == 503 and errors[0].fields == {"photos": caught.value.sentence}
    assert db.session.scalars(select(Photo)).all() == []


def test_accept_all_keeps_the_good_ones(here):
    files = [sent(samples()["jpeg"]), sent(b"text", "lettre\n.txt"), sent(b"", ""), sent(samples()["png"])]
    photos, errors = accept_all(files)
    assert [photo.media_type for photo in photos] == ["image/jpeg", "image/png"]
    assert [error.code for error in errors] == ["kind"]
    assert errors[0].sentence.startswith("lettre.txt") and errors[0].field == "photos"
    alone = accept_all([sent(b"text", "lettre.txt")])[1]
    assert "lettre" not in alone[0].sentence


def test_accept_all_takes_four(here):
    photos, errors = accept_all(sent(samples()["jpeg"]) for _ in range(6))
    assert len(photos) == 4
    assert [error.code for error in errors] == ["too_many"]
    for none_left in (0, -1):
        photos, errors = accept_all([sent(samples()["jpeg"])], most=none_left)
        assert photos == [] and [error.code for error in errors] == ["too_many"]


def test_claim_in_one_statement_and_in_order(here, statements):
    made = accepted(4)
    db.session.commit()
    tokens = [str(made[2].token), made[0].token, made[3].token, str(made[2].token)]
    statements.clear()
    claimed = claim(tokens)
    assert len(statements) == 1
    assert [photo.id for photo in claimed] == [made[2].id, made[0].id, made[3].id]
    assert all(photo.claimed_at is not None for photo in claimed)
    assert place_of_photo(claimed[0]).lat == 43.611
    assert made[1].claimed_at is None
    assert claim([]) == []


def test_claim_says_what_is_wrong_and_takes_none(here, acting):
    good, other = accepted(2)
    with acting(None):
        elsewhere = factories.jurisdiction("autreville", host="autreville.localhost", prefix="AV")
    with acting(elsewhere):
        foreign = accept(samples()["jpeg"]).token
        db.session.commit()
    db.session.commit()

    def refused(token, code):
        with pytest.raises(FieldError) as caught:
            claim([good.token, token], field="proof")
        assert (caught.value.field, caught.value.code) == ("proof", code)
        db.session.commit()
        assert good.claimed_at is None

    refused("not a token", "unknown")
    refused(uuid4(), "unknown")
    refused(foreign, "unknown")
    change(other, status=REFUSED, reason="unreadable")
    refused(other.token, "unreadable")
    change(other, status=READY, reason=None, uploaded_at=utcnow() - timedelta(hours=25))
    refused(other.token, "expired")
    change(other, uploaded_at=utcnow(), claimed_at=utcnow())
    refused(other.token, "claimed")
    with pytest.raises(FieldError) as caught:
        claim([uuid4() for _ in range(5)])
    assert caught.value.code == "too_many"
    assert claim([good.token]) == [good]
    with pytest.raises(FieldError):
        claim([good.token])


def change(photo: Photo, **values) -> None:
    db.session.execute(update(Photo).where(Photo.id == photo.id).values(**values))
    db.session.commit()
    db.session.refresh(photo)


def test_a_claim_in_a_savepoint_that_is_rolled_back_is_no_claim(here):
    photo = accept(samples()["jpeg"])
    db.session.commit()
    with pytest.raises(FieldError), db.session.begin_nested():
        claim([photo.token])
        raise FieldError("category", "x")
    db.session.commit()
    assert claim([photo.token]) == [photo]


def test_the_reason_of_a_refused_photo_is_said(here):
    assert verbs.reason_sentence("unreadable") == verbs.reason_sentence(None)


def test_two_people_claim_one_photo_at_once(app, committed):
    with serving(committed):
        tokens = [photo.token for photo in accepted(3)]
        db.session.commit()
    ready, outcomes = threading.Barrier(6), []

    def one(number: int) -> None:
        with app.app_context(), serving(committed):
            ready.wait()
            try:
                outcomes.append(len(claim(tokens if number % 2 else tokens[::-1])))
                db.session.commit()
            except FieldError as error:
                db.session.rollback()
                outcomes.append(error.code)

    threads = [threading.Thread(target=one, args=(number,)) for number in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)
    assert sorted(map(str, outcomes)) == ["3"] + ["claimed"] * 5


def test_a_photo_that_gets_ready_while_it_is_claimed(app, committed):
    """The worker's change of the row and the claim wait for each other; both stay."""
    with serving(committed):
        photo = accept(samples()["jpeg"])
        db.session.commit()
    token, number, begun, outcome = photo.token, photo.id, threading.Event(), []

    def claiming() -> None:
        with app.app_context(), serving(committed):
            begun.set()
            outcome.append([one.status for one in claim([token])])
            db.session.commit()

    table = Photo.__table__
    db.session.execute(update(table).where(table.c.id == number).values(status=READY))
    thread = threading.Thread(target=claiming)
    thread.start()
    begun.wait()
    thread.join(0.5)
    assert thread.is_alive()
    db.session.commit()
    thread.join(30)
    assert outcome == [[READY]]
    with serving(committed):
        row = db.session.get(Photo, number, populate_existing=True)
        assert row.status == READY and row.claimed_at is not None
