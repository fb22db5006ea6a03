"""What Flask-Security has to say goes through the outbox, and its secrets do not stay there."""

import re

import pytest
from sqlalchemy import select

from core.database import db
from core.outbox.models import DROPPED, OWED, SENT, Message
from core.outbox.send import drain
from tests import factories
from tests.core.outbox.conftest import found


@pytest.fixture
def colleague(town, acting):
    """Somebody who has forgotten their password."""
    with acting(town):
        user = factories.user("supervisor", email="chef@villeclaire.example")
        return user.id


def message_now(acting, town) -> Message:
    with acting(town):
        return db.session.scalars(select(Message).order_by(Message.id.desc()).limit(1)).one()


def test_a_forgotten_password_is_answered_by_a_mail(client, colleague, post, acting, town):
    # The host name that came with the request is not where the link leads.
    answer = client.post("/password/forgotten", data={"email": "chef@villeclaire.example"},
                         headers={"Host": "evil.example"})
    assert answer.status_code in (200, 302)
    with acting(town):
        number = message_now(acting, town).id
        assert found(number).facts["secret"]["link"]
        assert drain() == 1
        assert found(number).status == SENT and "secret" not in found(number).facts
    (letter,) = post.letters
    assert letter.to == ["chef@villeclaire.example"]
    (link,) = re.findall(r"http\S+", letter.text.split("--")[0])
    assert link.startswith("http://localhost/password/forgotten/")
    assert client.get(link.removeprefix("http://localhost")).status_code in (200, 302)


def test_an_unknown_address_gets_the_same_answer_and_no_mail(client, colleague, post, acting, town):
    known = client.post("/password/forgotten", data={"email": "chef@villeclaire.example"})
    unknown = client.post("/password/forgotten", data={"email": "nobody@villeclaire.example"})
    assert known.status_code == unknown.status_code
    with acting(town):
        assert drain() == 1


def test_a_link_that_is_no_longer_good_is_not_sent(client, colleague, post, acting, town, monkeypatch):
    client.post("/password/forgotten", data={"email": "chef@villeclaire.example"})
    with acting(town):
        number = message_now(acting, town).id
        assert found(number).status == OWED
        monkeypatch.setattr("core.outbox.security_mail.time.time", lambda: 2**33)
        assert drain() == 0
        assert found(number).status == DROPPED and "secret" not in found(number).facts


def test_a_changed_password_is_said(app, client, colleague, post, acting, town):
    from flask_security.changeable import send_password_changed_notice

    from core.identity.models import User

    with app.test_request_context("/"):
        from core.scope import acting_for

        with acting_for(town):
            send_password_changed_notice(db.session.get(User, colleague))
            db.session.commit()
    with acting(town):
        assert drain() == 1
    (letter,) = post.letters
    assert "http://localhost/password/forgotten" in letter.text
