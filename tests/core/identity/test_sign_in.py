"""Signing in and out, the forgotten and the changed password, as people meet them."""

from __future__ import annotations

import re
from urllib.parse import urljoin

import pytest
from flask_security import hash_password, verify_password
from sqlalchemy import delete, func, select

from core.database import db
from core.identity.models import Membership, User
from core.notifications.outbox.models import Message
from tests import factories

PASSWORD = "trois mots sans rapport"


@pytest.fixture
def agent(acting, jurisdiction) -> str:
    """The address of an agent who has a password."""
    with acting(jurisdiction):
        user = factories.user("agent")
        user.password = hash_password(PASSWORD)
        db.session.commit()
        return user.email


def sign_in(client, email: str, password: str = PASSWORD, **more):
    return client.post("/login", data={"email": email, "password": password} | more)


def is_signed_in(client) -> bool:
    return client.get("/field/").status_code == 200


def mails(acting, jurisdiction) -> list[str]:
    with acting(jurisdiction):
        return list(db.session.scalars(select(Message.kind).order_by(Message.id)))


def link_of(acting, jurisdiction) -> str:
    with acting(jurisdiction):
        facts = db.session.scalar(
            select(Message.facts).where(Message.kind == "account.reset").order_by(Message.id.desc())
        )
    return re.sub(r"^https?://[^/]+", "", facts["secret"]["link"])


@pytest.mark.parametrize(
    ("role", "lands"),
    [("agent", "/field/"), ("supervisor", "/desk/"), ("reception", "/desk/"), ("administrator", "/desk/")],
)
def test_everybody_lands_where_their_role_works(client, acting, jurisdiction, role, lands):
    with acting(jurisdiction):
        factories.user(role).password = hash_password(PASSWORD)
        db.session.commit()
    answer = sign_in(client, f"{role}@villeclaire.example")
    assert (answer.status_code, answer.location) == (302, "/landing")
    assert client.get("/landing").location == lands


def test_an_address_is_known_in_capitals_too(client, agent):
    assert sign_in(client, f" {agent.upper()} ").status_code == 302


def test_a_refused_sign_in_keeps_the_address_and_says_nothing_of_who_exists(client, agent):
    known = sign_in(client, agent, "pas le bon mot de passe")
    unknown = sign_in(client, "personne@villeclaire.example", "pas le bon mot de passe")
    assert known.status_code == unknown.status_code == 422
    assert f'value="{agent}"' in known.text and "pas le bon mot de passe" not in known.text
    assert "L’adresse e-mail ou le mot de passe est incorrect." in known.text

    def neutral(page: str, email: str) -> str:
        return re.sub(r'(csrf_token" value=)"[^"]*"', r"\1", page).replace(email, "…")

    assert neutral(known.text, agent) == neutral(unknown.text, "personne@villeclaire.example")
    assert not is_signed_in(client)


@pytest.mark.parametrize(
    "sent",
    [
        {},
        {"email": "a@b.example"},
        {"password": "x"},
        {"email": "\x00@b.example", "password": "x"},
        {"email": "pas une adresse", "password": "x"},
        {"email": "a@b.example", "password": "\x00"},
        {"email": "a" * 100_000, "password": "x"},
        {"email": "a@b.example", "password": "x" * 1_000_000},
        {"email": "\u202e🚧@مثال.example", "password": "🚧"},
        {"email": ["a@b.example", "c@d.example"], "password": "x"},
    ],
)
def test_whatever_is_typed_gets_an_answer(client, sent):
    for path in ("/login", "/password/forgotten"):
        answer = client.post(path, data=sent)
        assert answer.status_code in (200, 422), answer.status_code
        assert "<h1>" in answer.text


def test_somebody_who_left_cannot_sign_in(client, acting, jurisdiction, agent):
    with acting(jurisdiction):
        db.session.scalar(select(User).where(User.email == agent)).active = False
        db.session.commit()
    assert sign_in(client, agent).status_code == 422
    client.post("/password/forgotten", data={"email": agent})
    assert mails(acting, jurisdiction) == []


@pytest.mark.parametrize(
    ("wanted", "leads"),
    [
        ("/field/jobs/2026-0001?x=1", "/field/jobs/2026-0001?x=1"),
        ("https://mechant.example/", "/landing"),
        ("//mechant.example/", "/landing"),
        ("javascript:alert(1)", "/landing"),
        ("", "/landing"),
    ],
)
def test_after_signing_in_only_this_site_is_gone_to(client, agent, wanted, leads):
    assert sign_in(client, agent, next=wanted).location == leads


@pytest.mark.parametrize("wanted", ["/desk/", "/desk/reports?state=open", "/admin/"])
def test_who_may_not_open_the_page_asked_for_lands_where_they_work(client, agent, wanted):
    assert sign_in(client, agent, next=wanted).location == "/landing"
    assert client.get("/landing").location == "/field/"


def test_the_footer_leads_everybody_to_where_they_work(client, agent):
    assert 'href="/landing"' in client.get("/legal").text
    assert client.get("/landing").location == "/login"
    sign_in(client, agent)
    assert client.get("/landing").location == "/field/"


@pytest.mark.parametrize(
    "wanted", ["/\\mechant.example", "\\\\mechant.example", "/%5cmechant.example", "////mechant.example"]
)
def test_no_spelling_leads_to_another_site(client, agent, wanted):
    where = sign_in(client, agent, next=wanted).location
    assert "\\" not in where and urljoin("http://localhost/login", where).startswith("http://localhost/")


def test_who_asked_for_a_page_comes_back_to_it(client, agent):
    asked = client.get("/field/jobs/2026-0001")
    assert (asked.status_code, asked.location) == (302, "/login?next=/field/jobs/2026-0001")
    form = client.get(asked.location).text
    assert 'name="next" value="/field/jobs/2026-0001"' in form


def test_a_form_without_its_token_is_shown_again_with_the_address(app, client, agent, monkeypatch):
    monkeypatch.setitem(app.config, "WTF_CSRF_ENABLED", True)
    answer = sign_in(client, agent)
    assert answer.status_code == 400
    assert f'value="{agent}"' in answer.text and "restée ouverte trop longtemps" in answer.text
    token = re.search(r'csrf_token" value="([^"]+)"', answer.text)[1]
    assert sign_in(client, agent, csrf_token=token).status_code == 302


def test_signing_out_is_a_post_and_ends_it(client, agent):
    sign_in(client, agent, remember="y")
    assert is_signed_in(client)
    assert client.get("/logout").status_code == 405
    assert client.post("/logout").status_code == 302
    assert not is_signed_in(client)


def test_a_device_that_asked_for_it_is_remembered(client, agent):
    sign_in(client, agent)
    client.delete_cookie("session")
    assert not is_signed_in(client)
    cookie = sign_in(client, agent, remember="y").headers.getlist("Set-Cookie")
    assert any("remember_token" in one and "HttpOnly" in one and "SameSite=Lax" in one for one in cookie)
    client.delete_cookie("session")
    assert is_signed_in(client)


def test_a_forgotten_password_is_replaced_by_a_link_that_serves_once(client, acting, jurisdiction, agent):
    said = client.post("/password/forgotten", data={"email": agent})
    assert said.status_code == 200 and "un message avec un lien vient de partir" in said.text
    assert mails(acting, jurisdiction) == ["account.reset"]
    link = link_of(acting, jurisdiction)
    assert "Choisissez un nouveau mot de passe" in client.get(link).text
    short = client.post(link, data={"password": "court", "password_confirm": "court"})
    assert short.status_code == 422 and "10 caractères" in short.text
    good = {"password": "un autre mot de passe", "password_confirm": "un autre mot de passe"}
    other = client.post(link, data=good | {"password_confirm": "encore un autre"})
    assert other.status_code == 422 and "ne sont pas identiques" in other.text
    done = client.post(link, data=good)
    assert (done.status_code, done.location) == (302, "/login")
    assert mails(acting, jurisdiction) == ["account.reset", "account.reset_done"]
    assert sign_in(client, agent, "un autre mot de passe").status_code == 302
    assert client.get(link).location == "/password/forgotten"


def test_the_answer_for_an_unknown_address_is_the_same_and_nothing_leaves(client, acting, jurisdiction, agent):
    known = client.post("/password/forgotten", data={"email": agent}).text
    unknown = client.post("/password/forgotten", data={"email": "personne@ailleurs.example"}).text

    def neutral(page: str) -> str:
        return re.sub(r'(csrf_token" value=)"[^"]*"', r"\1", page)

    assert neutral(known).replace(agent, "…") == neutral(unknown).replace("personne@ailleurs.example", "…")
    assert mails(acting, jurisdiction) == ["account.reset"]


def test_a_changed_password_signs_other_devices_out(app, client, acting, jurisdiction, agent):
    other = app.test_client()
    sign_in(client, agent)
    sign_in(other, agent)
    new = {"new_password": "un autre mot de passe", "new_password_confirm": "un autre mot de passe"}
    wrong = client.post("/password/change", data={"password": "pas celui-là"} | new)
    assert wrong.status_code == 422 and "pas votre mot de passe actuel" in wrong.text
    done = client.post("/password/change", data={"password": PASSWORD} | new)
    assert (done.status_code, done.location) == (302, "/landing")
    assert is_signed_in(client) and not is_signed_in(other)
    assert mails(acting, jurisdiction) == ["account.changed"]


def test_a_password_outlives_another_secret_key(app, acting, jurisdiction, agent, monkeypatch):
    with acting(jurisdiction):
        kept = db.session.scalar(select(User.password).where(User.email == agent))
        assert kept.startswith("$argon2")
        monkeypatch.setitem(app.config, "SECRET_KEY", "another" * 8)
        assert verify_password(PASSWORD, kept)


def test_who_has_no_right_here_is_told_so_and_can_sign_out(client, acting, jurisdiction, agent):
    sign_in(client, agent)
    with acting(jurisdiction):
        db.session.execute(delete(Membership))
        db.session.commit()
    for path in ("/landing", "/field/", "/desk/"):
        answer = client.get(path, follow_redirects=True)
        assert answer.status_code == 403, path
        assert 'action="/logout"' in answer.text and "Vous n’avez pas accès" in answer.text
        assert answer.headers["Cache-Control"] == "no-store"


def test_only_pages_sign_in(app, client, acting, jurisdiction, agent):
    with acting(jurisdiction):
        token = db.session.scalar(select(User).where(User.email == agent)).get_auth_token()
    for asked in ({"headers": {"Authentication-Token": token}}, {"query_string": {"auth_token": token}}):
        client.set_cookie("lang", "fr")
        assert client.get("/field/", **asked).status_code == 302
    answer = client.post("/login?include_auth_token", json={"email": agent, "password": PASSWORD})
    assert answer.mimetype == "text/html" and "token" not in answer.text


def test_no_copy_of_the_sign_in_page_is_kept(client, agent):
    assert client.get("/login").headers["Cache-Control"] == "no-store"
    assert sign_in(client, agent, "faux").headers["Cache-Control"] == "no-store"


def test_a_passers_by_page_asks_for_no_user(client, acting, jurisdiction, agent, statements):
    sign_in(client, agent)
    statements.clear()
    client.get("/legal")
    assert not [one for one in statements if '"user"' in one]
    with acting(jurisdiction):
        assert db.session.scalar(select(func.count()).select_from(User)) == 1
