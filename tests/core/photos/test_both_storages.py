"""A photo's way from the upload to the page, on a disk and on a real S3 server that goes and comes back."""

from __future__ import annotations

import io

import pytest
from werkzeug.datastructures import FileStorage

from core.database import db, utcnow
from core.photos.jobs import process_photo, sweep_unclaimed, sweep_unprocessed
from core.photos.models import PROCESSING, READY, Photo
from core.photos.verbs import accept, accept_all, add, stored
from core.storage import NoSuchFile, StorageUnavailable, from_url, storage
from tests.core.photos.parts import assert_clean
from tests.core.photos.samples import samples
from tests.core.photos.test_jobs import again, ago, change, queued


@pytest.fixture(params=["disk", "s3"])
def kept(request, app, here, monkeypatch, tmp_path):
    """The storage of the application under test."""
    url = f"file://{tmp_path}" if request.param == "disk" else request.getfixturevalue("weed").url
    monkeypatch.setitem(app.extensions, "storage", from_url(url))
    return request.param


def test_from_the_upload_to_the_page_and_away(client, here, kept):
    photo = accept(samples()["heic"])
    db.session.commit()
    assert client.get(f"/photos/{photo.token}/small").status_code == 404
    process_photo(photo.id)
    assert again(photo).status == READY
    for size in ("small", "large"):
        answer = client.get(f"/photos/{photo.token}/{size}")
        assert answer.status_code == 200 and answer.content_type == again(photo).sizes[size]["media_type"]
        assert_clean(answer.data)
    keys = [photo.original_key, *(size["key"] for size in photo.sizes.values())]
    assert client.get("/readyz").json["storage"] == "ok"
    change(photo, uploaded_at=ago(hours=25))
    sweep_unclaimed()
    assert again(photo) is None
    for key in keys:
        with pytest.raises(NoSuchFile):
            storage().get(key)


def test_the_server_goes_away_and_comes_back_and_nothing_is_lost(app, client, here, weed, monkeypatch):
    monkeypatch.setitem(app.extensions, "storage", from_url(weed.url))
    shown, waiting = (add(photo) for photo in [stored(samples()["jpeg"]), stored(samples()["png"])])
    db.session.commit()
    process_photo(shown.id)
    address = f"/photos/{shown.token}/small"
    assert client.get(address).status_code == 200
    weed.kill()
    try:
        with pytest.raises(StorageUnavailable):
            accept(samples()["webp"])
        upload = FileStorage(io.BytesIO(samples()["webp"]), filename="a.webp")
        photos, errors = accept_all([upload])
        assert photos == [] and errors[0].status == 503 and errors[0].field == "photos"
        db.session.commit()
        assert db.session.query(Photo).count() == 2
        process_photo(waiting.id)
        assert (again(waiting).status, again(waiting).tries) == (PROCESSING, 0)
        answer = client.get(address, headers={"Accept": "application/json"})
        assert answer.status_code == 503 and answer.json["detail"]
        assert client.get("/readyz").json["storage"] == "away"
    finally:
        weed.start()
    assert client.get(address).status_code == 200
    assert client.get("/readyz").json["storage"] == "ok"
    change(waiting, uploaded_at=ago(minutes=5), begun_at=ago(minutes=5))
    sweep_unprocessed()
    assert (waiting.id,) in [args for _name, args in queued()]
    process_photo(waiting.id)
    assert again(waiting).status == READY and again(waiting).processed_at <= utcnow()
    assert accept(samples()["webp"]).id
