"""A connection that was cut while a photo was being kept: the view runs once more, with all that was sent."""

import io

import pytest
from sqlalchemy.exc import OperationalError

from core.photos import verbs
from tests import factories


@pytest.fixture
def cut_once(monkeypatch):
    """The first photo to be kept finds its connection cut (a database that was restarted)."""
    real, seen = verbs.enqueue_after_commit, []

    def cut(*args, **more):
        if not seen:
            seen.append(True)
            raise OperationalError("INSERT", {}, Exception("gone"), connection_invalidated=True)
        return real(*args, **more)

    monkeypatch.setattr(verbs, "enqueue_after_commit", cut)
    return seen


def test_a_forms_photo_is_kept_all_the_same(client, cut_once):
    answer = client.post("/report/photo", data={"photos": (io.BytesIO(factories.jpeg()), "trou.jpg")})
    assert cut_once and answer.status_code == 201, answer.get_data(as_text=True)


@pytest.mark.parametrize("as_form", (True, False))
def test_a_programs_photo_is_kept_all_the_same(client, cut_once, as_form):
    photo = factories.jpeg()
    body = (
        {"data": {"photo": (io.BytesIO(photo), "trou.jpg")}}
        if as_form
        else {"data": photo, "content_type": "image/jpeg"}
    )
    answer = client.post("/api/v1/photos", headers={"Idempotency-Key": "une-photo"}, **body)
    assert cut_once and answer.status_code == 201, answer.get_data(as_text=True)
