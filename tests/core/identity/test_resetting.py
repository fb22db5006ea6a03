"""A forgotten password is the business of the jurisdiction one works for: no other learns that an address exists."""

from __future__ import annotations

import re

import pytest
from flask_security import hash_password, verify_password
from sqlalchemy import func, select, update

from core.database import db
from core.database.scope import across_jurisdictions
from core.identity import jurisdictions
from core.identity.models import Jurisdiction, Membership, User
from core.notifications.outbox.models import Message
from tests import factories
from tests.core.identity.test_sign_in import PASSWORD, link_of

ELSEWHERE = {"Host": "ailleurs.localhost"}
NEW = {"password": "un autre mot de passe", "password_confirm": "un autre mot de passe"}


@pytest.fixture
def other(acting, jurisdiction):
    """Another jurisdiction of the same installation."""
    with acting():
        return factories.jurisdiction("ailleurs", host="ailleurs.localhost", prefix="AI")


@pytest.fixture
def supervisor(acting, jurisdiction) -> str:
    """The address of a supervisor of the first jurisdiction."""
    with acting(jurisdiction):
        user = factories.user("supervisor")
        user.password = hash_password(PASSWORD)
        db.session.commit()
        return user.email


def messages(acting) -> int:
    with acting(), across_jurisdictions():
        return db.session.scalar(select(func.count()).select_from(Message))


def test_another_jurisdiction_s_host_sends_nothing_and_says_the_same(client, acting, other, supervisor, bearer):
    known = client.post("/password/forgotten", data={"email": supervisor}, headers=ELSEWHERE)
    unknown = client.post("/password/forgotten", data={"email": "personne@villeclaire.example"}, headers=ELSEWHERE)
    assert known.status_code == unknown.status_code == 200
    assert messages(acting) == 0

    def neutral(answer, email: str) -> str:
        return re.sub(r'(csrf_token" value=)"[^"]*"', r"\1", answer.text).replace(email, "…")

    assert neutral(known, supervisor) == neutral(unknown, "personne@villeclaire.example")
    desk = client.get("/desk/messages", headers=ELSEWHERE | bearer("supervisor", other))
    assert desk.status_code == 200 and supervisor not in desk.text


def test_a_link_serves_only_where_it_was_asked_for(client, acting, jurisdiction, other, supervisor):
    client.post("/password/forgotten", data={"email": supervisor})
    link = link_of(acting, jurisdiction)
    assert client.get(link, headers=ELSEWHERE).location == "/password/forgotten"
    refused = client.post(link, data=NEW, headers=ELSEWHERE)
    assert refused.location == "/password/forgotten"
    with acting(jurisdiction):
        assert verify_password(PASSWORD, db.session.scalar(select(User.password)))
    assert client.post(link, data=NEW).location == "/login"


def test_who_works_for_both_is_sent_one_by_either(client, acting, jurisdiction, other, supervisor):
    with acting(other):
        known = db.session.scalar(select(User.id).where(User.email == supervisor))
        db.session.add(Membership(user_id=known, jurisdiction_id=other.id, role="agent"))
        db.session.commit()
    client.post("/password/forgotten", data={"email": supervisor}, headers=ELSEWHERE)
    assert messages(acting) == 1


def test_a_demonstration_sends_no_link_to_who_works_for_a_real_one_too(client, acting, jurisdiction, other, supervisor):
    with acting(other):
        db.session.execute(update(Jurisdiction).where(Jurisdiction.id == other.id).values(demo=True))
        known = db.session.scalar(select(User.id).where(User.email == supervisor))
        db.session.add(Membership(user_id=known, jurisdiction_id=other.id, role="agent"))
        factories.user("agent")
        db.session.commit()
        jurisdictions.drop_cache()
    client.post("/password/forgotten", data={"email": supervisor}, headers=ELSEWHERE)
    assert messages(acting) == 0
    client.post("/password/forgotten", data={"email": "agent@ailleurs.example"}, headers=ELSEWHERE)
    assert messages(acting) == 1


def test_a_closed_account_s_link_serves_no_more(app, client, acting, jurisdiction, supervisor):
    client.post("/password/forgotten", data={"email": supervisor})
    link = link_of(acting, jurisdiction)
    assert app.test_cli_runner().invoke(args=["user", "close", supervisor]).exit_code == 0
    assert client.get(link).location == "/password/forgotten"
