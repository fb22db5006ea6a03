"""The security log: every event once, with ids and codes, and nothing of anybody."""

from __future__ import annotations

import io
import json
import logging

import pytest
from flask_security import hash_password

from core.database import db
from core.identity import security_log
from core.identity.models import User
from tests import factories
from tests.core.identity.test_sign_in import PASSWORD, link_of, sign_in

NEW = {"new_password": "un autre mot de passe", "new_password_confirm": "un autre mot de passe"}


@pytest.fixture
def lines():
    """A function that reads what was written since it was last called, and checks that it says nothing of anybody."""
    out = io.StringIO()
    usual = next(one for one in security_log.log.handlers if isinstance(one.formatter, security_log._Lines))
    handler = logging.StreamHandler(out)
    handler.setFormatter(usual.formatter)
    security_log.log.addHandler(handler)

    def read() -> list[dict]:
        text = out.getvalue()
        out.seek(0)
        out.truncate()
        for word in ("@", "mot de passe", PASSWORD, "127.0.0.1", "alt_", "agent villeclaire"):
            assert word not in text, text
        found = [json.loads(line) for line in text.splitlines()]
        assert all(one["log"] == "security" and one["time"] and one["event"] in security_log.EVENTS for one in found)
        return found

    yield read
    security_log.log.removeHandler(handler)


@pytest.fixture
def agent(acting, jurisdiction):
    """An agent with a password: (id, address)."""
    with acting(jurisdiction):
        user = factories.user("agent")
        user.password = hash_password(PASSWORD)
        db.session.commit()
        return user.id, user.email


def told(found: list[dict]) -> list[tuple]:
    return [(one["event"], one["user_id"]) for one in found]


def test_signing_in_and_out_is_noted(client, agent, lines):
    number, email = agent
    sign_in(client, email, "faux")
    sign_in(client, "personne@villeclaire.example", "faux")
    sign_in(client, email, remember="y")
    client.get("/desk/")
    client.post("/logout")
    client.post("/logout")
    found = lines()
    assert told(found) == [
        ("sign_in_failed", number),
        ("sign_in_failed", None),
        ("signed_in", number),
        ("refused", number),
        ("signed_out", number),
    ]
    assert found[2]["jurisdiction"] == "villeclaire" and found[2]["remembered"] == 1
    assert found[3]["role"] == "agent" and found[3]["route"] == "/desk/"
    assert len({one["origin"] for one in found}) == 1


def test_what_becomes_of_a_password_is_noted(client, acting, jurisdiction, agent, lines):
    number, email = agent
    client.post("/password/forgotten", data={"email": email})
    client.post("/password/forgotten", data={"email": "personne@villeclaire.example"})
    client.post(
        link_of(acting, jurisdiction), data={"password": NEW["new_password"], "password_confirm": NEW["new_password"]}
    )
    sign_in(client, email, NEW["new_password"])
    client.post(
        "/password/change",
        data={"password": NEW["new_password"], "new_password": PASSWORD, "new_password_confirm": PASSWORD},
    )
    assert told(lines()) == [
        ("password_reset_asked", number),
        ("password_reset", number),
        ("signed_in", number),
        ("password_changed", number),
    ]


def test_accounts_roles_and_tokens_are_noted(app, client, acting, jurisdiction, lines):
    run = app.test_cli_runner().invoke
    email = "claire@villeclaire.example"
    create = ["user", "create", email, "--password", "tournevis canard brume", "--role"]
    for role in ("agent", "agent", "supervisor"):
        assert run(args=[*create, role]).exit_code == 0
    with acting(jurisdiction):
        number = db.session.query(User.id).scalar()
    token = run(args=["token", email, "--scope", "reports:read"]).stdout.strip()
    client.get("/api/v1/work-orders", headers={"Authorization": f"Bearer {token}"})
    run(args=["token", email, "--revoke", token])
    run(args=["token", email])
    assert run(args=["user", "close", email]).exit_code == 0
    found = lines()
    assert told(found) == [
        (one, number)
        for one in (
            "user_created",
            "role_changed",
            "role_changed",
            "token_made",
            "refused",
            "token_ended",
            "token_made",
            "user_closed",
            "tokens_ended",
        )
    ]
    assert [one.get("role") for one in found[1:3]] == ["agent", "supervisor"]
    assert found[3]["scopes"] == ["reports:read"] and found[4]["lacks"] == "work:read"
    assert found[0]["route"] == "command"


def test_an_event_has_a_name_of_the_list(app):
    with app.app_context(), pytest.raises(ValueError, match="invented"):
        security_log.log_security_event("invented")


def test_every_event_is_documented():
    from tests.conftest import ROOT

    page = (ROOT / "docs" / "security.md").read_text()
    assert [one for one in security_log.EVENTS if f"`{one}`" not in page] == []
