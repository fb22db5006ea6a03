"""One's own page: only the link opens it, it shows nobody else's things, and each of its forms does one thing."""

from __future__ import annotations

import re
from types import SimpleNamespace

import pytest
from sqlalchemy import select, text

from core import signed_numbers
from core.channel_names import SMS
from core.database import db
from core.identity.models import Contact
from core.notifications.outbox import renderers
from core.notifications.outbox.models import Message
from core.notifications.push.models import PushSubscription
from reporter import subscriptions
from reporter.reports.models import Report
from reporter.subscriptions import address_change, my_page
from reporter.subscriptions.models import ReportSubscription
from tests import factories
from tests.reporter.subscriptions.test_links import LINK, by_sms, follow, here, newest, path_of, rows

__all__ = ["by_sms", "here"]


def ask(client, who: str):
    return client.post("/mine", data={"who": who})


def link_of(kind: str = "mine.link") -> str:
    """The path in the newest message of that kind, whatever its channel."""
    message = newest(kind)
    out = renderers.prepare(message)
    return path_of(LINK.search(out.outgoing.text)[0] if message.channel == SMS else out.mail.page)


def open_page(client, who: str) -> str:
    """Somebody's page, opened by the link that is sent to them."""
    assert ask(client, who).status_code == 303
    assert client.post(link_of()).headers["Location"] == "/mine"
    return client.get("/mine").text


def key_in(page: str) -> str:
    return re.search(r'name="key" value="([a-z0-9]+)"', page)[1]


@pytest.fixture
def zoe(here, client):
    """Zoé sent one report and follows another; her page is open."""
    own, other = factories.report(email="zoe@example.org", locale="fr"), factories.report(email=None)
    follow(other, email="zoe@example.org")
    one = db.session.scalars(select(ReportSubscription).where(ReportSubscription.report_id == other.id)).one()
    subscriptions.confirm(one)
    db.session.commit()
    page = open_page(client, "Zoe@Example.org")
    return SimpleNamespace(own=own, other=other, page=page, key=key_in(page), id=one.contact_id)


def subscriptions_of(number: int) -> list[ReportSubscription]:
    return list(db.session.scalars(
        select(ReportSubscription).where(ReportSubscription.contact_id == number).order_by(ReportSubscription.id)
        .execution_options(populate_existing=True)))  # fmt: skip


def test_the_answer_is_the_same_whether_an_address_is_known_and_asking_is_limited(here, client):
    factories.report(email="zoe@example.org")
    asked = [ask(client, who) for who in ["zoe@example.org"] * 5 + ["nobody@example.org", "ZOE@example.org"]]
    answers = {(one.status_code, one.headers["Location"], one.data) for one in asked}
    assert len(answers) == 1
    assert len(db.session.scalars(select(Message).where(Message.kind == "mine.link")).all()) == 3
    assert ask(client, "nonsense").status_code == 422 and "nonsense" in ask(client, "nonsense").text


def test_looking_at_a_link_opens_nothing_and_using_it_opens_once(here, app):
    factories.report(email="zoe@example.org")
    ask(app.test_client(), "zoe@example.org")
    path, before = link_of(), rows()
    scanner, hers, late = app.test_client(), app.test_client(), app.test_client()
    assert scanner.get(path).status_code == 200 and rows() == before
    assert "Votre e-mail" in scanner.get("/mine").text
    cookie = hers.post(path).headers["Set-Cookie"]
    assert "HttpOnly" in cookie and "Path=/mine" in cookie and "SameSite=Lax" in cookie
    assert "Nid-de-poule" in hers.get("/mine").text
    assert hers.get("/mine").headers["Cache-Control"] == "private, no-store"
    assert late.post(path).status_code == 409 and late.get(path).status_code == 409


def test_a_link_is_good_for_a_day_and_the_page_for_a_week(here, client, monkeypatch):
    factories.report(email="zoe@example.org")
    ask(client, "zoe@example.org")
    path, now = link_of(), signed_numbers.time.time()
    for hours, status in ((25, 409), (23, 303)):
        monkeypatch.setattr(signed_numbers.time, "time", lambda hours=hours: now + hours * 3600)
        assert client.post(path).status_code == status
    assert "Vos signalements" in client.get("/mine").text
    monkeypatch.setattr(signed_numbers.time, "time", lambda: now + 10 * signed_numbers.DAY)
    assert "Vos signalements et" not in client.get("/mine").text


def test_the_page_shows_what_is_theirs_and_nothing_else(zoe, client):
    stranger = factories.report(email="autre@example.org", address="Chez l’autre")
    assert zoe.own.reference in zoe.page and f"/r/{zoe.own.reference}?key=" in zoe.page
    assert zoe.other.reference in zoe.page and f"/r/{zoe.other.reference}?key=" not in zoe.page
    page = client.get("/mine").text
    assert stranger.reference not in page and "autre@" not in page and "zoe@example.org" in page


def test_each_thing_can_be_stopped_alone_and_all_at_once(zoe, client):
    one = subscriptions_of(zoe.id)[1]
    stopped = client.post("/mine/stop", data={"key": zoe.key, "kind": "report", "number": one.id})
    assert stopped.headers["Location"] == "/mine?done=stop_one"
    assert [bool(f.stopped_at) for f in subscriptions_of(zoe.id)] == [False, True]
    assert "C’est noté" in client.get("/mine?done=stop_one").text
    client.post("/mine/stop-all", data={"key": zoe.key})
    assert all(f.stopped_at for f in subscriptions_of(zoe.id))
    assert "Vous n’en recevez pas de nouvelles" in client.get("/mine").text


def test_nothing_of_anybody_else_can_be_changed(zoe, client):
    factories.report(email="autre@example.org")
    theirs = db.session.scalars(select(ReportSubscription).join(Contact, Contact.id == ReportSubscription.contact_id)
                                .where(Contact.email == "autre@example.org")).one()  # fmt: skip
    before = rows()
    for path in ("/mine/stop", "/mine/change"):
        for kind, number in (("report", theirs.id), ("report", "x"), ("nothing", 1), ("area", 1), ("report", "9" * 30)):
            form = {"key": zoe.key, "kind": kind, "number": number}
            assert client.post(path, data=form).status_code == 404
    assert client.post("/mine/device", data={"key": zoe.key, "number": 1}).status_code == 404
    for key in ("", "x", signed_numbers.sign_numbers("mine form", zoe.id + 1, days=1)):
        for path in ("stop", "stop-all", "change", "rhythm", "language", "address", "device"):
            assert client.post(f"/mine/{path}", data={"key": key}).status_code == 409, path
    assert rows() == before


def test_without_the_page_open_no_form_does_anything(here, client):
    factories.report(email="zoe@example.org")
    before = rows()
    for path in ("stop", "stop-all", "change", "rhythm", "language", "address", "device"):
        assert client.post(f"/mine/{path}").headers["Location"] == "/mine"
    client.set_cookie("page", "forged", path="/mine")
    assert "Votre e-mail" in client.get("/mine").text
    client.set_cookie("page", signed_numbers.sign_numbers("mine", 1, 1, 0, 1, days=1), path="/mine")
    assert "Votre e-mail" in client.get("/mine").text
    assert rows() == before


def test_rhythm_and_language(zoe, client):
    client.post("/mine/rhythm", data={"key": zoe.key, "digest": "1"})
    client.post("/mine/language", data={"key": zoe.key, "language": "en"})
    contact = db.session.get(Contact, zoe.id, populate_existing=True)
    assert contact.digest and contact.locale == "en"
    assert {f.locale for f in subscriptions_of(zoe.id)} == {"en"}
    client.post("/mine/rhythm", data={"key": zoe.key, "digest": "0"})
    client.post("/mine/language", data={"key": zoe.key, "language": "<b>"})
    contact = db.session.get(Contact, zoe.id, populate_existing=True)
    assert not contact.digest and contact.locale == "en"


def test_a_number_is_asked_before_it_is_used_and_then_one_thing_comes_by_sms(zoe, client, by_sms):
    one = subscriptions_of(zoe.id)[0]
    change = {"key": zoe.key, "kind": "report", "number": one.id, "channel": "sms", "language": "en"}
    assert client.post("/mine/change", data=change).status_code == 422, "no number yet"
    bad = client.post("/mine/address", data={"key": zoe.key, "phone": "01 23"})
    assert bad.status_code == 422 and "01 23" in bad.text
    assert client.post("/mine/address", data={"key": zoe.key, "phone": "0612345678"}).status_code == 303
    assert newest("mine.address").channel == SMS
    path, before = link_of("mine.address"), rows()
    assert client.get(path).status_code == 200 and rows() == before
    assert client.post(path).status_code == 200
    assert client.post(path).status_code == 409, "it works once"
    contact = db.session.get(Contact, zoe.id, populate_existing=True)
    assert contact.phone == "+33612345678" and contact.phone_confirmed_at
    assert client.post("/mine/change", data=change).status_code == 303
    assert [(f.channel, f.locale) for f in subscriptions_of(zoe.id)] == [("sms", "en"), ("mail", "fr")]


def test_another_address_takes_the_whole_page_once_it_has_said_yes(zoe, client, app):
    second = factories.report(email="nouvelle@example.org")
    follow(zoe.own, email="nouvelle@example.org")
    db.session.commit()
    client.post("/mine/rhythm", data={"key": zoe.key, "digest": "1"})
    assert client.post("/mine/address", data={"key": zoe.key, "email": "nouvelle@example.org"}).status_code == 303
    assert second.reference not in client.get("/mine").text, "asking for it shows nothing of it"
    hers = app.test_client()
    assert hers.post(link_of("mine.address")).status_code == 303
    page = hers.get("/mine").text
    assert all(one.reference in page for one in (zoe.own, zoe.other, second))
    old = db.session.get(Contact, zoe.id, populate_existing=True)
    assert old.email is None and old.erased_at
    new = db.session.scalars(select(Contact).where(Contact.email == "nouvelle@example.org")).one()
    assert new.confirmed_at and new.digest
    followings = subscriptions_of(new.id)
    assert {(f.report_id, f.author) for f in followings if f.confirmed_at and not f.stopped_at} == {
        (zoe.own.id, True), (zoe.other.id, False), (second.id, True)}  # fmt: skip
    assert db.session.get(Report, zoe.own.id, populate_existing=True).contact_id == new.id
    assert "Votre e-mail" in client.get("/mine").text, "the old address opens nothing any more"
    owed = db.session.scalars(select(Message).where(Message.status == "owed", Message.contact_id == zoe.id))
    assert all(one.kind == "mine.link" for one in owed), "what was owed goes along"


def test_who_opens_by_a_number_sees_what_the_number_did_alone(here, client, app, by_sms):
    typed_beside = factories.report(email="zoe@example.org", phone="0612345678")
    alone = factories.report(email=None, phone="06 12 34 56 78")
    page = open_page(client, "06 12 34 56 78")
    assert alone.reference in page and typed_beside.reference not in page and "zoe@" not in page


def test_closing_the_page_closes_it(zoe, client):
    client.post("/mine/close")
    assert "Vos signalements et" not in client.get("/mine").text


def test_a_copy_of_the_cookie_opens_nothing_once_the_page_is_closed(zoe, client, app):
    elsewhere = app.test_client()
    elsewhere.set_cookie("page", client.get_cookie("page", path="/mine").value, path="/mine")
    assert "Vos signalements et" in elsewhere.get("/mine").text
    client.post("/mine/close")
    assert "Vos signalements et" not in elsewhere.get("/mine").text
    assert elsewhere.post("/mine/stop-all", data={"key": zoe.key}).headers["Location"] == "/mine"
    assert "Vos signalements et" in open_page(elsewhere, "zoe@example.org")


def test_a_browser_is_removed(zoe, client, app, monkeypatch):
    monkeypatch.setitem(app.config, "VAPID_PRIVATE_KEY", "lopRlxc2GhovN28NC6qtm0x5nmq2GOGcKJ3HdQUnZh8")
    for number in (zoe.id, None):
        db.session.execute(text(
            "INSERT INTO push_subscription (jurisdiction_id, contact_id, endpoint, p256dh, auth) "
            "SELECT jurisdiction_id, id, 'https://push.example/' || id, 'k', 'a' FROM contact "
            "WHERE id = coalesce(:n, id) AND (:n IS NOT NULL OR id <> :z)").bindparams(n=number, z=zoe.id))  # fmt: skip
    db.session.commit()
    hers = db.session.scalars(select(PushSubscription).where(PushSubscription.contact_id == zoe.id)).one()
    assert "Un navigateur" in client.get("/mine").text
    assert client.post("/mine/device", data={"key": zoe.key, "number": hers.id}).status_code == 303
    assert "Un navigateur" not in client.get("/mine").text


def test_an_address_that_failed_is_said_and_mended_on_the_page(zoe, client):
    db.session.execute(text("UPDATE contact SET email_failed_at = now() WHERE id = :id"), {"id": zoe.id})
    db.session.commit()
    assert "Nos messages n’arrivent pas à l’adresse" in client.get("/mine").text
    client.post("/mine/address", data={"key": zoe.key, "email": "zoe@example.org"})
    client.post(link_of("mine.address"))
    assert "Nos messages n’arrivent pas" not in client.get("/mine").text
    assert my_page.person_of_word(client.get_cookie("page", path="/mine").value).contact.id == zoe.id
    assert address_change.DAYS == 2
