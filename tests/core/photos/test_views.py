"""The public sizes over HTTP."""

from __future__ import annotations

from datetime import timedelta
from uuid import uuid4

import pytest
from sqlalchemy import update

from core.database import db, utcnow
from core.database.scope import current_jurisdiction
from core.photos import access as photo_access
from core.photos import views
from core.photos.jobs import process_photo
from core.photos.models import READY, REFUSED, Photo
from core.photos.verbs import accept, claim
from core.storage import StorageUnavailable
from core.web.access import ANYONE, access_of
from tests import factories
from tests.core.photos.parts import assert_clean
from tests.core.photos.samples import samples


@pytest.fixture
def photo(here, acting):
    """A ready photo that nobody has claimed."""
    made = accept(samples()["heic"])
    db.session.commit()
    process_photo(made.id)
    return db.session.get(Photo, made.id, populate_existing=True)


@pytest.fixture
def rules(monkeypatch):
    """No rule but those of the test."""
    monkeypatch.setattr(photo_access, "rules", [])
    monkeypatch.setattr(photo_access, "public_rules", [])
    return photo_access


def url(photo: Photo, size: str = "small") -> str:
    return f"/photos/{photo.token}/{size}"


def change(photo: Photo, **values) -> None:
    table = Photo.__table__
    db.session.execute(update(table).where(table.c.id == photo.id).values(**values))
    db.session.commit()


def test_an_upload_is_seen_by_whoever_holds_its_token(client, photo, rules, statements):
    statements.clear()
    answer = client.get(url(photo))
    assert len(statements) <= 2
    assert answer.status_code == 200 and answer.content_type == "image/jpeg"
    assert_clean(answer.data)
    assert answer.headers["Cache-Control"].startswith("private")
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    assert answer.headers["Content-Disposition"] == "inline"
    assert "Set-Cookie" not in answer.headers
    large = client.get(url(photo, "large"))
    assert large.content_type == "image/webp" and len(large.data) == photo.sizes["large"]["bytes"]


def test_a_public_photo_may_be_kept_by_caches(client, photo, rules):
    claim([photo.token])
    db.session.commit()
    rules.public_rules += [lambda one: None, lambda one: one.id == photo.id]
    answer = client.get(url(photo))
    assert answer.status_code == 200
    assert answer.headers["Cache-Control"].startswith("public, max-age=")
    assert "Set-Cookie" not in answer.headers


def test_a_claimed_photo_is_seen_by_rule_only(client, photo, rules):
    claim([photo.token])
    db.session.commit()
    assert client.get(url(photo)).status_code == 404
    rules.rules += [lambda one: None, lambda one: False]
    assert client.get(url(photo)).status_code == 404
    rules.rules.append(lambda one: True)
    answer = client.get(url(photo))
    assert answer.status_code == 200 and answer.headers["Cache-Control"].startswith("private")
    assert "Cookie" in answer.headers["Vary"]


def test_the_same_picture_is_not_sent_twice(client, photo, rules):
    first = client.get(url(photo))
    second = client.get(url(photo), headers={"If-None-Match": first.headers["ETag"]})
    assert second.status_code == 304 and second.data == b""
    assert client.get(url(photo), headers={"If-None-Match": '"other"'}).status_code == 200
    head = client.head(url(photo))
    assert head.status_code == 200 and head.content_length == len(first.data)


def test_nothing_before_it_is_ready(client, here, rules):
    made = accept(samples()["jpeg"])
    db.session.commit()
    for values in ({"tries": 1}, {"status": REFUSED, "reason": "unreadable"}, {"status": READY}):
        change(made, **values)
        assert client.get(url(made)).status_code == 404


def test_the_original_is_never_public(client, photo, rules):
    for path in (
        f"/photos/{photo.token}/original",
        f"/photos/{photo.token}",
        "/photos/1/small",
        f"/photos/{photo.token}/../../originals",
        f"/photos/{uuid4()}/small",
    ):
        assert client.get(path).status_code == 404


def test_an_expired_upload_is_not_shown(client, photo, rules):
    from core.photos.jobs import sweep_unclaimed

    address = url(photo)
    assert client.get(address).status_code == 200
    change(photo, uploaded_at=utcnow() - timedelta(hours=25))
    sweep_unclaimed()
    assert client.get(address).status_code == 404


def test_another_towns_photo_is_not_here(client, photo, acting, rules):
    with acting():
        factories.jurisdiction("autreville", host="autreville.localhost", prefix="AV")
    assert client.get(url(photo)).status_code == 200
    elsewhere = {"Host": "autreville.localhost"}
    assert client.get(url(photo), headers=elsewhere).status_code == 404
    change(photo, claimed_at=utcnow())
    assert client.get(url(photo), headers=elsewhere).status_code == 404
    # Unless something of that jurisdiction shows it: a report in its charge.
    rules.rules.append(lambda one: current_jurisdiction().slug == "autreville")
    assert client.get(url(photo), headers=elsewhere).status_code == 200
    assert client.get(url(photo)).status_code == 404


def test_an_absent_storage_is_said(client, photo, rules, monkeypatch):
    class Nowhere:
        def get(self, key):
            assert not db.session.in_transaction()
            raise StorageUnavailable

    monkeypatch.setattr(views, "storage", Nowhere)
    answer = client.get(url(photo), headers={"Accept": "application/json"})
    assert answer.status_code == 503 and answer.json["detail"].endswith(".")


def test_urls(app, photo):
    with app.test_request_context():
        assert views.urls(photo) == {"small": url(photo), "large": url(photo, "large")}
        photo.status = REFUSED
        assert views.urls(photo) == {}


def test_declared_for_anyone(app):
    assert access_of(app, "photos.picture", "GET") == {ANYONE}
