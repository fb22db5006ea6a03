"""The desk sees what was given up, and tries it again."""

from datetime import timedelta

import pytest
from html5lib import HTMLParser
from sqlalchemy import select, update

from core.database import db, utcnow
from core.notifications.outbox import queries as outbox_queries
from core.notifications.outbox import verbs as outbox_verbs
from core.notifications.outbox import views as outbox_views
from core.notifications.outbox.models import DEAD, OWED, SENT, Message
from core.notifications.outbox.verbs import queue_message
from tests import factories
from tests.core.notifications.outbox.conftest import contact, found, owed


@pytest.fixture
def dead(jurisdiction, acting):
    """`dead(3)` – that many messages given up, the last one the newest; their ids."""

    def make(count: int, at=jurisdiction) -> list[int]:
        with acting(at):
            ids = [owed(f"p{n}@example.org", source=f"event:{n}") for n in range(count)]
            db.session.execute(
                update(Message)
                .where(Message.id.in_(ids))
                .values(status=DEAD, tries=8, error="550 5.1.1 <b>No such user</b>")
            )
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
        other = factories.jurisdiction("ailleurs", host="ailleurs.localhost", prefix="AI")
    (number,) = dead(1, other)
    browser = signed_in("supervisor")
    assert "Tous les envois ont abouti" in page(browser)
    assert browser.post(f"/desk/messages/{number}/retry").status_code == 404
    assert browser.post("/desk/messages/retry").status_code == 303
    with acting(other):
        assert found(number).status == DEAD


def test_one_is_tried_again(signed_in, dead, jurisdiction, acting):
    one, other = dead(2)
    browser = signed_in("reception")
    assert browser.post(f"/desk/messages/{one}/retry").status_code == 303
    with acting(jurisdiction):
        assert (found(one).status, found(one).tries, found(other).status) == (OWED, 0, DEAD)
    assert browser.post(f"/desk/messages/{one}/retry").status_code == 409
    assert "1 envoi n’a pas abouti" in page(browser)


def test_all_are_tried_again(signed_in, dead, jurisdiction, acting):
    dead(3)
    browser = signed_in("reception")
    assert browser.post("/desk/messages/retry").status_code == 303
    assert "3 envois sont repartis." in page(browser)
    with acting(jurisdiction):
        assert set(db.session.scalars(select(Message.status))) == {OWED}


def test_very_many_are_tried_again_in_parts(signed_in, dead, jurisdiction, acting, monkeypatch):
    ids = dead(5)
    monkeypatch.setattr(outbox_verbs, "RETRIED_AT_ONCE", 2)
    browser = signed_in("reception")
    browser.post("/desk/messages/retry")
    text = page(browser)
    assert "2 envois sont repartis." in text and "Il reste 3 envois" in text
    with acting(jurisdiction):
        # The oldest first, so that pressing again and again comes to an end.
        assert [found(one).status for one in ids] == [OWED, OWED, DEAD, DEAD, DEAD]
    browser.post("/desk/messages/retry")
    assert "Il reste 1 envoi" in page(browser)
    browser.post("/desk/messages/retry")
    assert "Il reste" not in page(browser)
    with acting(jurisdiction):
        assert {found(one).status for one in ids} == {OWED}


def test_a_long_list_goes_on(signed_in, dead, monkeypatch):
    monkeypatch.setattr(outbox_views, "PAGE", 2)
    ids = dead(5)
    browser = signed_in("supervisor")
    text = page(browser)
    assert f"before={ids[3]}" in text and "p2@example.org" not in text
    assert "p2@example.org" in page(browser, f"/desk/messages?before={ids[3]}")


def test_a_town_without_a_mail_server_is_told_so(signed_in, dead, app, monkeypatch):
    monkeypatch.setitem(app.config, "MAIL_URL", None)
    assert "MAIL_URL" in page(signed_in("supervisor"))


def test_each_tab_shows_its_own(signed_in, dead, jurisdiction, acting):
    dead(1)
    with acting(jurisdiction):
        waiting = owed("waiting@example.org", source="event:8")
        sent = owed("sent@example.org", source="event:9")
        db.session.execute(update(Message).where(Message.id == sent).values(status=SENT, sent_at=utcnow()))
        night = owed("night@example.org", source="event:10")
        db.session.execute(update(Message).where(Message.id == night).values(due_at=utcnow() + timedelta(hours=5)))
        db.session.commit()
    assert waiting and night
    browser = signed_in("reception")
    text = page(browser, "/desk/messages?show=owed")
    assert "waiting@example.org" in text and "En cours d’envoi." in text and "Envoi prévu" in text
    assert "sent@example.org" not in text and "p0@example.org" not in text
    assert "sent@example.org" in page(browser, "/desk/messages?show=sent")
    assert "p0@example.org" in page(browser) and "Abandonné après 8 essais." in page(browser)
    assert "1 envoi n’a pas abouti" in page(browser, "/desk/messages?show=sent")


def test_one_channel_at_a_time(signed_in, dead, jurisdiction, acting):
    dead(1)
    with acting(jurisdiction):
        number = contact(None, phone="+33612345678")
        queue_message("test.news", source="event:1", contact_id=number, channel="sms")
        db.session.execute(update(Message).where(Message.channel == "sms").values(status=DEAD, tries=8))
        db.session.commit()
    browser = signed_in("supervisor")
    assert "06\u00a012\u00a034\u00a056\u00a078" in page(browser, "/desk/messages?channel=sms")
    assert "p0@example.org" not in page(browser, "/desk/messages?channel=sms")
    assert "p0@example.org" in page(browser, "/desk/messages?channel=nosuch")


def test_what_cannot_leave_is_said(signed_in, jurisdiction, acting, app, monkeypatch):
    monkeypatch.setitem(app.config, "SMS_URL", None)
    with acting(jurisdiction):
        queue_message("test.news", source="event:1", contact_id=contact(None, phone="+33612345678"), channel="sms")
        db.session.commit()
    assert "Non configuré, donc rien ne part\u202f: SMS." in page(signed_in("supervisor"))


def test_the_page_costs_few_statements(signed_in, dead, statements):
    dead(20)
    browser = signed_in("supervisor")
    page(browser)
    statements.clear()
    page(browser)
    assert len(statements) <= 8, statements


@pytest.mark.parametrize(
    ("back", "there"),
    [
        ("/desk/reports/VC-7K3-9QT", "/desk/reports/VC-7K3-9QT"),
        ("https://evil.example/", "/desk/messages"),
        ("//evil.example", "/desk/messages"),
        ("/desk//evil.example", "/desk/messages"),
        ("", "/desk/messages"),
    ],
)
def test_the_button_leads_back_and_nowhere_else(signed_in, dead, back, there):
    (one,) = dead(1)
    answer = signed_in("reception").post(f"/desk/messages/{one}/retry", data={"back": back})
    assert answer.status_code == 303 and answer.headers["Location"] == there


def test_a_report_s_own_messages_are_beside_it(signed_in, jurisdiction, acting):
    with acting(jurisdiction):
        report = factories.report(email="marie@example.org")
        reference = report.reference
        message = db.session.scalars(select(Message).where(Message.source.like("report_event:%"))).one()
        number = message.id
    browser = signed_in("supervisor")
    text = page(browser, f"/desk/reports/{reference}")
    assert "Messages aux habitants" in text and "1 envoi en cours" in text
    with acting(jurisdiction):
        db.session.execute(update(Message).where(Message.id == number).values(status=DEAD, error="550 5.1.1"))
        db.session.commit()
    text = page(browser, f"/desk/reports/{reference}")
    assert f"/desk/messages/{number}/retry" in text and "550 5.1.1" in text and "1 n’a pas pu être remis" in text
    answer = browser.post(f"/desk/messages/{number}/retry", data={"back": f"/desk/reports/{reference}"})
    assert answer.headers["Location"] == f"/desk/reports/{reference}"


def test_many_messages_of_one_report_are_counted_not_listed(jurisdiction, acting):
    with acting(jurisdiction):
        for n in range(30):
            owed(f"p{n}@example.org", source="report_event:7")
        db.session.execute(
            update(Message)
            .where(Message.id == select(Message.id).order_by(Message.id).limit(1).scalar_subquery())
            .values(status=DEAD)
        )
        db.session.commit()
        told = outbox_queries.messages_about(["report_event:7"], most=5)
        assert told.counts == {"dead": 1, "owed": 29} and len(told.lines) == 5
        assert told.lines[0].status == DEAD and told.lines[0].retriable
        assert outbox_queries.messages_about([]).lines == []
