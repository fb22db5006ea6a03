"""API tokens: chosen scopes, an end, a list, and who may end them."""

from __future__ import annotations

import re
from datetime import timedelta

import pytest
from flask_security import hash_password
from html5lib import HTMLParser
from sqlalchemy import select, update

from core.database import db, utcnow
from core.identity.models import ApiToken
from core.identity.token_secrets import SCOPES
from tests import factories
from tests.core.identity.test_sign_in import PASSWORD, link_of, sign_in

SUPERVISOR, AGENT = "supervisor@villeclaire.example", "agent@villeclaire.example"
NEW = {"new_password": "un autre mot de passe", "new_password_confirm": "un autre mot de passe"}


@pytest.fixture
def staff(acting, jurisdiction):
    """A supervisor, an agent and an administrator, each with a password."""
    with acting(jurisdiction):
        for role in ("supervisor", "agent", "administrator"):
            factories.user(role).password = hash_password(PASSWORD)
        db.session.commit()


def run(app, *args: str):
    return app.test_cli_runner().invoke(args=["token", *args])


def works(client, token: str) -> bool:
    answer = client.get("/api/v1/work-orders", headers={"Authorization": f"Bearer {token}"})
    assert answer.status_code in (200, 401, 403), answer.text
    return answer.status_code == 200


def rows(acting, jurisdiction) -> list[ApiToken]:
    with acting(jurisdiction):
        return list(db.session.scalars(select(ApiToken).order_by(ApiToken.id)))


def page_of(answer, status: int = 200) -> str:
    assert answer.status_code == status, answer.text[:2000]
    HTMLParser(strict=True).parse(answer.text)
    return answer.text


def test_a_token_has_an_end_and_all_scopes_where_nothing_is_said(app, client, acting, jurisdiction, staff):
    made = run(app, SUPERVISOR)
    assert made.exit_code == 0 and re.fullmatch(r"alt_\S+\n", made.stdout)
    (row,) = rows(acting, jurisdiction)
    assert row.scopes == list(SCOPES) and works(client, made.stdout.strip())
    assert timedelta(364) < row.expires_at - utcnow() < timedelta(366)


def test_scopes_and_days_are_chosen(app, client, acting, jurisdiction, staff):
    made = run(app, SUPERVISOR, "--scope", "reports:read", "--scope", "messages:read", "--days", "30", "--label", "SIG")
    (row,) = rows(acting, jurisdiction)
    assert row.scopes == ["reports:read", "messages:read"] and row.label == "SIG"
    assert timedelta(29) < row.expires_at - utcnow() < timedelta(31)
    assert not works(client, made.stdout.strip())
    for wrong in (("--scope", "everything"), ("--days", "0"), ("--days", "99999"), ("--label", "x" * 90)):
        assert run(app, SUPERVISOR, *wrong).exit_code != 0
    assert run(app).exit_code == 2


def test_tokens_are_listed_and_revoked_by_their_number(app, client, acting, jurisdiction, staff):
    first = run(app, SUPERVISOR, "--label", "SIG").stdout.strip()
    second = run(app, AGENT, "--days", "7").stdout.strip()
    listed = [line.split("\t") for line in run(app, "--list").stdout.splitlines()]
    assert [(one[1], one[2], one[-1]) for one in listed] == [(AGENT, "-", "good"), (SUPERVISOR, "SIG", "good")]
    assert first not in run(app, "--list").stdout and len(run(app, AGENT, "--list").stdout.splitlines()) == 1
    assert run(app, "--revoke", listed[1][0]).exit_code == 0
    assert not works(client, first) and works(client, second)
    assert "revoked" in run(app, "--list").stdout
    assert run(app, "--revoke", "999999999").exit_code == 1
    assert run(app, SUPERVISOR, "--revoke", second).exit_code == 0 and not works(client, second)


def test_the_holder_makes_sees_and_ends_them(client, acting, jurisdiction, staff):
    sign_in(client, SUPERVISOR)
    assert page_of(client.get("/account/tokens")).count("checked") == len(SCOPES)
    page = page_of(client.post("/account/tokens", data={"label": "SIG", "days": "30", "scopes": ["work:read"]}))
    token = re.search(r'id="token">(alt_[^<]+)<', page)[1]
    assert works(client, token)
    (row,) = rows(acting, jurisdiction)
    assert row.scopes == ["work:read"] and "SIG" in page
    assert token not in page_of(client.get("/account/tokens"))
    assert client.post(f"/account/tokens/{row.id}/end").location == "/account/tokens"
    assert not works(client, token) and "ne fonctionne plus" in page_of(client.get("/account/tokens"))


@pytest.mark.parametrize(
    ("typed", "named"),
    [
        ({"days": "0", "scopes": "work:read"}, "days"),
        ({"days": "x", "scopes": "work:read"}, "days"),
        ({"days": "30"}, "scopes"),
        ({"days": "30", "scopes": "everything"}, "scopes"),
        ({"days": "30", "scopes": "work:read", "label": "x" * 81}, "label"),
    ],
)
def test_what_cannot_be_made_is_said(client, acting, jurisdiction, staff, typed, named):
    sign_in(client, SUPERVISOR)
    page = page_of(client.post("/account/tokens", data=typed), 422)
    assert f'href="#{named}' in page and rows(acting, jurisdiction) == []


def test_the_administrator_ends_anybody_s_and_nobody_else_does(app, client, acting, jurisdiction, staff):
    token = run(app, SUPERVISOR).stdout.strip()
    (row,) = rows(acting, jurisdiction)
    agent = app.test_client()
    sign_in(agent, AGENT)
    assert agent.post(f"/account/tokens/{row.id}/end").status_code == 404
    assert agent.get("/admin/tokens").status_code == 403
    assert agent.post(f"/admin/tokens/{row.id}/end").status_code == 403
    assert works(client, token)
    sign_in(client, "administrator@villeclaire.example")
    assert "supervisor villeclaire" in page_of(client.get("/admin/tokens"))
    client.post(f"/admin/tokens/{row.id}/end")
    assert not works(client, token)
    assert client.post(f"/admin/tokens/{2**70}/end").status_code == 404


def test_another_jurisdiction_s_tokens_are_not_seen(app, client, acting, jurisdiction, staff):
    with acting():
        other = factories.jurisdiction("ailleurs", host="ailleurs.localhost", prefix="AI")
    with acting(other):
        factories.token("agent")
        number = db.session.scalar(select(ApiToken.id))
    sign_in(client, "administrator@villeclaire.example")
    assert "ailleurs" not in page_of(client.get("/admin/tokens"))
    assert client.post(f"/admin/tokens/{number}/end").status_code == 404
    assert run(app, "--revoke", str(number), "--jurisdiction", "villeclaire").exit_code == 1


def test_a_token_makes_reads_and_ends_no_token(app, client, acting, jurisdiction, bearer):
    headers = bearer("administrator")
    for method, path in (("GET", "/account/tokens"), ("POST", "/account/tokens"), ("GET", "/admin/tokens")):
        assert client.open(path, method=method, headers=headers).status_code == 403


@pytest.mark.parametrize("asked", [True, False])
def test_a_changed_password_ends_them_where_asked(app, client, acting, jurisdiction, staff, asked):
    token = run(app, SUPERVISOR).stdout.strip()
    sign_in(client, SUPERVISOR)
    more = {"end_tokens": "y"} if asked else {}
    assert client.post("/password/change", data={"password": PASSWORD} | NEW | more).status_code == 302
    assert works(client, token) is not asked


def test_a_reset_one_too(app, client, acting, jurisdiction, staff):
    token = run(app, SUPERVISOR).stdout.strip()
    client.post("/password/forgotten", data={"email": SUPERVISOR})
    client.post(
        link_of(acting, jurisdiction),
        data={"password": NEW["new_password"], "password_confirm": NEW["new_password"], "end_tokens": "y"},
    )
    assert not works(client, token)


def test_the_command_changes_a_password_and_ends_them(app, client, acting, jurisdiction, staff):
    token = run(app, SUPERVISOR).stdout.strip()
    sign_in(client, SUPERVISOR)
    command = ["user", "password", SUPERVISOR, "--password"]
    invoke = app.test_cli_runner().invoke
    assert invoke(args=[*command, "1111111111"]).exit_code == 1
    assert invoke(args=[*command, "un autre mot de passe"]).exit_code == 0
    assert works(client, token) and client.get("/desk/").status_code == 302
    assert "1 tokens ended" in invoke(args=[*command, "encore un autre mot", "--end-tokens"]).output
    assert not works(client, token)
    assert sign_in(client, SUPERVISOR, "encore un autre mot").status_code == 302


def test_a_token_that_has_ended_by_itself_says_so(app, client, acting, jurisdiction, staff):
    token = run(app, SUPERVISOR).stdout.strip()
    with acting(jurisdiction):
        db.session.execute(update(ApiToken).values(expires_at=utcnow() - timedelta(days=1)))
        db.session.commit()
    assert not works(client, token) and "expired" in run(app, "--list").stdout
    sign_in(client, SUPERVISOR)
    text = page_of(client.get("/account/tokens"))
    assert "Expiration\u00a0:" in text and "Valable jusqu’au" not in text
