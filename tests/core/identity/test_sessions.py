"""What ends a session ends it at the server: a copy of its cookies opens nothing afterwards."""

from __future__ import annotations

import pytest
from flask_security import hash_password
from sqlalchemy import func, select, update

from core.database import db, utcnow
from core.identity.models import User, UserSession
from tests import factories
from tests.core.identity.test_sign_in import PASSWORD, is_signed_in, link_of, sign_in

COOKIES = ("session", "remember_token")
NEW = {"new_password": "un autre mot de passe", "new_password_confirm": "un autre mot de passe"}


@pytest.fixture
def agent(acting, jurisdiction) -> str:
    """The address of an agent who has a password."""
    with acting(jurisdiction):
        user = factories.user("agent")
        user.password = hash_password(PASSWORD)
        db.session.commit()
        return user.email


def copies(app, client):
    """Browsers that each have one copied cookie of `client`'s, by the cookie's name."""
    found = {}
    for name in COOKIES:
        cookie = client.get_cookie(name)
        if cookie is not None:
            found[name] = app.test_client()
            found[name].set_cookie(name, cookie.value)
    return found


def test_signing_out_ends_the_session_and_the_remembered_cookie_at_the_server(app, client, agent):
    sign_in(client, agent, remember="y")
    kept = copies(app, client)
    assert set(kept) == set(COOKIES) and all(is_signed_in(one) for one in kept.values())
    client.post("/logout")
    assert [name for name, one in kept.items() if is_signed_in(one)] == []


def test_signing_out_by_the_remembered_cookie_alone_ends_it_too(app, client, agent):
    sign_in(client, agent, remember="y")
    kept = copies(app, client)
    kept["remember_token"].post("/logout")
    assert not is_signed_in(client) and not any(is_signed_in(one) for one in copies(app, client).values())


def test_signing_out_here_leaves_the_telephone_signed_in(app, client, agent):
    telephone = app.test_client()
    sign_in(client, agent)
    sign_in(telephone, agent)
    client.post("/logout")
    assert not is_signed_in(client) and is_signed_in(telephone)


def test_a_changed_password_ends_remembered_devices_and_copies(app, client, agent):
    telephone = app.test_client()
    sign_in(telephone, agent, remember="y")
    sign_in(client, agent)
    kept = [*copies(app, telephone).values(), *copies(app, client).values()]
    assert client.post("/password/change", data={"password": PASSWORD} | NEW).status_code == 302
    assert is_signed_in(client) and not any(is_signed_in(one) for one in kept)


def test_a_password_reset_by_link_ends_every_session(app, client, acting, jurisdiction, agent):
    sign_in(client, agent, remember="y")
    stranger = app.test_client()
    stranger.post("/password/forgotten", data={"email": agent})
    new = {"password": NEW["new_password"], "password_confirm": NEW["new_password"]}
    assert stranger.post(link_of(acting, jurisdiction), data=new).status_code == 302
    assert not is_signed_in(client) and not is_signed_in(stranger)


def test_a_closed_account_is_signed_out(app, client, acting, jurisdiction, agent):
    sign_in(client, agent)
    assert app.test_cli_runner().invoke(args=["user", "close", agent]).exit_code == 0
    assert not is_signed_in(client)
    with acting(jurisdiction):
        assert db.session.scalar(select(func.count()).select_from(UserSession)) == 0


def test_a_session_ends_by_itself_and_its_row_goes(client, acting, jurisdiction, agent):
    sign_in(client, agent)
    with acting(jurisdiction):
        db.session.execute(update(UserSession).values(expires_at=utcnow()))
        db.session.commit()
    assert not is_signed_in(client)
    sign_in(client, agent)
    with acting(jurisdiction):
        assert db.session.scalar(select(func.count()).select_from(UserSession)) == 1


@pytest.mark.parametrize("forged", ["", "x", "\x00", "x" * 10_000, None, 7])
def test_a_session_that_names_nothing_opens_nothing(client, acting, jurisdiction, agent, forged):
    with acting(jurisdiction):
        mark = db.session.scalar(select(User.fs_uniquifier).where(User.email == agent))
    for value in (forged, mark):
        with client.session_transaction() as session:
            session["_user_id"], session["_fresh"] = value, True
        assert client.get("/field/").status_code == 302


def test_who_asks_costs_one_statement(client, agent, statements):
    sign_in(client, agent)
    client.get("/landing")
    statements.clear()
    client.get("/landing")
    assert len([one for one in statements if "user_session" in one]) == 1
    assert len(statements) == 1
