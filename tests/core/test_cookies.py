"""Where residents come by https, every cookie says so, whatever the proxy in front tells."""

from __future__ import annotations

import pytest
from flask_security import hash_password

from core.database import db
from reporter import subscriptions
from tests import factories
from tests.core.identity.test_sign_in import PASSWORD


@pytest.fixture
def https(app, monkeypatch):
    """PUBLIC_URL is https, and no proxy is trusted: the request itself comes by http."""
    for name in ("SESSION_COOKIE_SECURE", "REMEMBER_COOKIE_SECURE"):
        monkeypatch.setitem(app.config, name, True)


def cookies_of(answer) -> dict[str, str]:
    return {one.partition("=")[0]: one for one in answer.headers.getlist("Set-Cookie")}


def every_cookie(client, acting, jurisdiction) -> dict[str, str]:
    """Every cookie there is, as it was set."""
    with acting(jurisdiction):
        factories.user("agent").password = hash_password(PASSWORD)
        found = factories.report()
        key, reference = subscriptions.author_key(found.id), found.reference
        db.session.commit()
    answers = [
        client.post("/language", data={"code": "en"}),
        client.get(f"/r/{reference}?key={key}"),
        client.post(f"/r/{reference}/me-too"),
        client.post("/mine/close"),
        client.post("/login", data={"email": "agent@villeclaire.example", "password": PASSWORD, "remember": "y"}),
    ]
    return {name: said for answer in answers for name, said in cookies_of(answer).items()}


def test_every_cookie_is_secure_where_the_address_is_https(client, acting, jurisdiction, https):
    found = every_cookie(client, acting, jurisdiction)
    assert set(found) == {"lang", "mine", "neighbour", "page", "session", "remember_token"}
    for said in found.values():
        assert "Secure" in said and "HttpOnly" in said and "SameSite=Lax" in said, said


def test_none_is_where_it_is_not(client, acting, jurisdiction):
    assert not [said for said in every_cookie(client, acting, jurisdiction).values() if "Secure" in said]


def test_cookies_are_set_in_one_place():
    from tests.conftest import ROOT

    setting = [
        str(file.relative_to(ROOT))
        for part in ("core", "reporter", "interventions", "api", "demo")
        for file in (ROOT / part).rglob("*.py")
        if ".set_cookie(" in file.read_text() or ".delete_cookie(" in file.read_text()
    ]
    assert setting == ["core/web/cookies.py"]
