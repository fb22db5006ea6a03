"""Guessing is slowed down; nobody else notices, and least of all when Redis is away."""

from __future__ import annotations

import io

import pytest
from flask_security import hash_password

from core.database import db
from core.jobs import bind_app
from core.web import rate_limits
from tests import factories

PASSWORD = "trois mots sans rapport"


@pytest.fixture(autouse=True)
def few(monkeypatch):
    """Fewer tries and a longer window than in the streets: hashing is slow, and so may the machine be."""
    assert rate_limits.ONE_ACCOUNT == "20 per minute" and rate_limits.ONE_PLACE == "200 per minute"
    monkeypatch.setattr(rate_limits, "ONE_ACCOUNT", "4 per hour")
    monkeypatch.setattr(rate_limits, "ONE_PLACE", "9 per hour")


@pytest.fixture
def agent(acting, jurisdiction) -> str:
    """The address of an agent who has a password."""
    with acting(jurisdiction):
        user = factories.user("agent")
        user.password = hash_password(PASSWORD)
        db.session.commit()
        return user.email


def attempt(client, email: str, password: str = "faux", **more) -> int:
    return client.post("/login", data={"email": email, "password": password}, **more).status_code


def test_one_account_can_be_guessed_at_some_times_only(client, agent):
    assert [attempt(client, agent) for _try in range(4)] == [422] * 4
    refused = client.post("/login", data={"email": agent, "password": PASSWORD})
    assert refused.status_code == 429 and "Attendez une minute" in refused.text
    assert attempt(client, f" {agent.upper()}", PASSWORD) == 429
    assert attempt(client, "autre@villeclaire.example") == 422
    assert attempt(client, agent, PASSWORD, environ_base={"REMOTE_ADDR": "192.0.2.7"}) == 302


def test_going_from_one_account_to_the_next_is_counted_too(client, agent):
    answers = [attempt(client, f"personne-{number}@villeclaire.example") for number in range(10)]
    assert answers == [422] * 9 + [429]


def test_what_succeeds_is_not_counted(client, agent):
    for _time in range(6):
        assert attempt(client, agent, PASSWORD) == 302
        client.post("/logout")


def test_asking_for_links_is_counted(client, agent):
    answers = [client.post("/password/forgotten", data={"email": agent}).status_code for _try in range(5)]
    assert answers == [200] * 4 + [429]


def test_looking_at_the_form_is_never_counted(client):
    assert {client.get("/login").status_code for _time in range(30)} == {200}


def test_without_redis_nothing_fails_and_it_is_counted_all_the_same(app, client, agent, monkeypatch):
    limiter = app.extensions["alentour.limiter"]

    def away(*_args, **_values):
        raise ConnectionError("Redis is away")

    for name in ("get", "incr"):
        monkeypatch.setattr(limiter._storage, name, away)
    monkeypatch.setattr(limiter._storage, "check", lambda: False)
    try:
        assert [attempt(client, agent) for _try in range(5)] == [422] * 4 + [429]
        assert attempt(client, "nouvelle@villeclaire.example", PASSWORD) == 422
    finally:
        limiter._storage_dead = False
        limiter._fallback_storage.reset()


def test_a_proxy_that_is_not_counted_is_said_once(app, client, caplog, migrated):
    from app import create_app
    from core.settings import Settings

    known = {name: app.config[name] for name in Settings.model_fields if app.config.get(name) is not None}

    def warnings_of(**changed) -> int:
        caplog.clear()
        made = create_app(Settings(_env_file=None, **known | changed)).test_client()
        for header in ("X-Forwarded-For", "Forwarded", None):
            made.get("/healthz", headers={header: "203.0.113.7"} if header else {})
        return sum("TRUSTED_PROXIES" in one.message for one in caplog.records)

    assert app.config["TRUSTED_PROXIES"] == 0
    try:
        assert (warnings_of(), warnings_of(TRUSTED_PROXIES=1)) == (1, 0)
    finally:
        bind_app(app)


@pytest.fixture
def few_photos(monkeypatch):
    """Fewer photos an hour than in the streets."""
    assert rate_limits.PHOTOS == "600 per hour"
    monkeypatch.setattr(rate_limits, "PHOTOS", "3 per hour")


def photo_parts():
    return {"photos": (io.BytesIO(factories.jpeg(40, 30)), "trou.jpg")}


def test_strangers_photos_are_limited_by_place_on_every_way_in(client, few_photos):
    def send(path: str, **more):
        return client.post(path, **{"data": photo_parts()} | more).status_code

    assert send("/report/photo") == 201
    assert send("/api/v1/photos", data=factories.jpeg(40, 30), content_type="image/jpeg") == 201
    assert send("/report/new") == 422
    for path in ("/report/photo", "/report/new", "/api/v1/reports", "/api/v1/photos"):
        assert send(path) == 429, path
    assert send("/report/photo", environ_base={"REMOTE_ADDR": "192.0.2.7"}) == 201


def test_what_brings_no_photo_and_who_is_known_are_not_counted(client, few_photos, bearer, acting, jurisdiction):
    headers = bearer("supervisor")
    for _time in range(5):
        assert client.post("/report/new", data={"description": "Un trou"}).status_code == 422
        assert client.post("/api/v1/photos", data=photo_parts(), headers=headers).status_code == 201
    assert client.post("/report/photo", data=photo_parts()).status_code == 201
