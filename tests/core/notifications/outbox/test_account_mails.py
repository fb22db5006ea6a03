"""What Flask-Security has to say goes through the outbox, and its secrets do not stay there."""

import re

import pytest
from sqlalchemy import select

from core.database import db
from core.notifications.outbox.models import DROPPED, OWED, SENT, Message
from core.notifications.outbox.sender import send_due
from tests import factories
from tests.core.notifications.outbox.conftest import found


@pytest.fixture
def colleague(jurisdiction, acting):
    """Somebody who has forgotten their password."""
    with acting(jurisdiction):
        user = factories.user("supervisor", email="chef@villeclaire.example")
        return user.id


def message_now(acting, jurisdiction) -> Message:
    with acting(jurisdiction):
        return db.session.scalars(select(Message).order_by(Message.id.desc()).limit(1)).one()


def test_a_forgotten_password_is_answered_by_a_mail(client, colleague, post, acting, jurisdiction):
    # The host name that came with the request is not where the link leads.
    answer = client.post(
        "/password/forgotten", data={"email": "chef@villeclaire.example"}, headers={"Host": "evil.example"}
    )
    assert answer.status_code in (200, 302)
    with acting(jurisdiction):
        number = message_now(acting, jurisdiction).id
        assert found(number).facts["secret"]["link"]
        assert send_due() == 1
        assert found(number).status == SENT and "secret" not in found(number).facts
    (letter,) = post.letters
    assert letter.to == ["chef@villeclaire.example"]
    (link,) = re.findall(r"http\S+", letter.text.split("--")[0])
    assert link.startswith("http://localhost/password/forgotten/")
    assert client.get(link.removeprefix("http://localhost")).status_code in (200, 302)


def test_an_unknown_address_gets_the_same_answer_and_no_mail(client, colleague, post, acting, jurisdiction):
    known = client.post("/password/forgotten", data={"email": "chef@villeclaire.example"})
    unknown = client.post("/password/forgotten", data={"email": "nobody@villeclaire.example"})
    assert known.status_code == unknown.status_code
    with acting(jurisdiction):
        assert send_due() == 1


def test_a_link_that_is_no_longer_good_is_not_sent(client, colleague, post, acting, jurisdiction, monkeypatch):
    client.post("/password/forgotten", data={"email": "chef@villeclaire.example"})
    with acting(jurisdiction):
        number = message_now(acting, jurisdiction).id
        assert found(number).status == OWED
        monkeypatch.setattr("core.notifications.mail.account_mails.time.time", lambda: 2**33)
        assert send_due() == 0
        assert found(number).status == DROPPED and "secret" not in found(number).facts


def test_a_changed_password_is_said(app, client, colleague, post, acting, jurisdiction):
    from flask_security.changeable import send_password_changed_notice

    from core.identity.models import User

    with app.test_request_context("/"):
        from core.database.scope import serving

        with serving(jurisdiction):
            send_password_changed_notice(db.session.get(User, colleague))
            db.session.commit()
    with acting(jurisdiction):
        assert send_due() == 1
    (letter,) = post.letters
    assert "http://localhost/password/forgotten" in letter.text
