"""The desk sees what was given up, and tries it again."""

import pytest
from html5lib import HTMLParser
from sqlalchemy import select, update

from core.database import db
from core.outbox import desk
from core.outbox.models import DEAD, OWED, Message
from tests import factories
from tests.core.outbox.conftest import found, owed


@pytest.fixture
def dead(town, acting):
    """`dead(3)` – that many messages given up, the last one the newest; their ids."""
    def make(count: int, at=town) -> list[int]:
        with acting(at):
            ids = [owed(f"p{n}@example.org", source=f"event:{n}") for n in range(count)]
            db.session.execute(update(Message).where(Message.id.in_(ids)).values(
                status=DEAD, tries=8, error="550 5.1.1 <b>No such user</b>"))
            db.session.commit()
            return ids
    return make


def page(client, address: str = "/desk/messages"):
    answer = client.get(address)
    assert answer.status_code == 200, answer.text
    HTMLParser(strict=True).parse(answer.text)
    return answer.text


def test_nothing_given_up_is_said(signed_in):
    assert "Tous les envois ont abouti" in page(signed_in("reception"))


def test_what_was_given_up_is_shown_with_its_answer(signed_in, dead):
    dead(2)
    text = page(signed_in("supervisor"))
    assert "2 envois n’ont pas abouti" in text
    assert "p1@example.org" in text and "550 5.1.1 &lt;b&gt;No such user" in text
    assert text.index("p1@example.org") < text.index("p0@example.org")


def test_another_town_s_are_not(signed_in, dead, acting):
    with acting():
        other = factories.town("ailleurs", host="ailleurs.localhost", prefix="AI")
    (number,) = dead(1, other)
    browser = signed_in("supervisor")
    assert "Tous les envois ont abouti" in page(browser)
    assert browser.post(f"/desk/messages/{number}/retry").status_code == 404
    assert browser.post("/desk/messages/retry").status_code == 303
    with acting(other):
        assert found(number).status == DEAD


def test_one_is_tried_again(signed_in, dead, town, acting):
    one, other = dead(2)
    browser = signed_in("reception")
    assert browser.post(f"/desk/messages/{one}/retry").status_code == 303
    with acting(town):
        assert (found(one).status, found(one).tries, found(other).status) == (OWED, 0, DEAD)
    assert browser.post(f"/desk/messages/{one}/retry").status_code == 409
    assert "1 envoi n’a pas abouti" in page(browser)


def test_all_are_tried_again(signed_in, dead, town, acting):
    dead(3)
    browser = signed_in("reception")
    assert browser.post("/desk/messages/retry").status_code == 303
    assert "3 envois sont repartis." in page(browser)
    with acting(town):
        assert set(db.session.scalars(select(Message.status))) == {OWED}


def test_a_long_list_goes_on(signed_in, dead, monkeypatch):
    monkeypatch.setattr(desk, "PAGE", 2)
    ids = dead(5)
    browser = signed_in("supervisor")
    text = page(browser)
    assert f"before={ids[3]}" in text and "p2@example.org" not in text
    assert "p2@example.org" in page(browser, f"/desk/messages?before={ids[3]}")


def test_a_town_without_a_mail_server_is_told_so(signed_in, dead, app, monkeypatch):
    monkeypatch.setitem(app.config, "MAIL_URL", None)
    assert "MAIL_URL" in page(signed_in("supervisor"))
