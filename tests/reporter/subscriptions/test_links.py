"""The links of following: they confirm once, stop as often as one likes, and open nothing when they are forged."""

from __future__ import annotations

import re
from html import unescape

import pytest
from itsdangerous import URLSafeSerializer, URLSafeTimedSerializer
from sqlalchemy import select, text

from core import signed_numbers
from core.channel_names import MAIL, SMS
from core.database import db
from core.identity import jurisdictions
from core.identity.actor import Actor
from core.identity.contacts import ContactDetails
from core.identity.models import Contact
from core.notifications.outbox import renderers
from core.notifications.outbox.models import Message
from interventions.triage import verbs as triage_verbs
from reporter import subscriptions
from reporter.reports.intake import lock_report
from reporter.subscriptions import confirmation
from reporter.subscriptions import links as subscription_links
from reporter.subscriptions.models import ReportSubscription
from tests import factories

LINK = re.compile(r"https?://[^\s<>\"]+")


@pytest.fixture
def here(acting, jurisdiction):
    """The jurisdiction acting."""
    with acting(jurisdiction):
        yield jurisdiction


@pytest.fixture
def by_sms(app, monkeypatch):
    """SMS is set up."""
    monkeypatch.setitem(app.config, "SMS_URL", "json://127.0.0.1:9/")


def follow(report, *, channel: str = MAIL, **details) -> bool:
    return subscriptions.subscribe(report, ContactDetails(**details), by=Actor("web"), channel=channel)


def newest(kind: str) -> Message:
    return db.session.scalars(select(Message).where(Message.kind == kind).order_by(Message.id.desc())).first()


def mail_of(message: Message) -> renderers.Mail:
    """What a message says."""
    return renderers.prepare(message).mail


def path_of(link: str) -> str:
    return "/" + link.split("/", 3)[3]


def rows() -> dict[str, list[tuple]]:
    """All that stands in the tables that following may change."""
    tables = (
        "contact",
        "report_subscription",
        "area_subscription",
        "message",
        "push_subscription",
        "report",
        "report_event",
    )
    return {name: db.session.execute(text(f"SELECT * FROM {name} ORDER BY id")).all() for name in tables}


def only_subscription(report) -> ReportSubscription:
    return db.session.scalars(
        select(ReportSubscription)
        .where(ReportSubscription.report_id == report.id)
        .execution_options(populate_existing=True)
    ).one()


def test_a_link_that_confirms_shows_a_button_and_works_once(here, client):
    made = factories.report(email=None)
    follow(made, email="voisine@example.org")
    db.session.commit()
    path = path_of(mail_of(newest("report.confirm")).page)
    before = rows()
    page = client.get(path)
    assert page.status_code == 200 and b'<form method="post">' in page.data and rows() == before
    assert page.headers["Cache-Control"] == "private, no-store" and "Set-Cookie" not in page.headers
    assert client.post(path).headers["Location"] == f"/r/{made.reference}?confirmed=1"
    one = only_subscription(made)
    assert one.confirmed_at and one.contact.confirmed_at and one.version == 2
    assert "notée" in client.get(path).text or "C’est noté" in client.get(path).text
    subscriptions.stop(one)
    db.session.commit()
    assert client.post(path).status_code == 409, "used, and something has changed since"
    assert only_subscription(made).stopped_at


def test_a_mail_programs_own_button_needs_neither_cookie_nor_page(here, client):
    made = factories.report(email="auteur@example.org")
    mail = renderers.prepare(newest("report.received"))
    sent = mail.outgoing.data.decode()
    link = re.search(r"List-Unsubscribe: <([^>]+)>", re.sub(r"\r?\n[ \t]+", " ", sent))[1]
    assert "List-Unsubscribe-Post: List-Unsubscribe=One-Click" in sent
    before = rows()
    assert client.get(path_of(link)).status_code == 200 and rows() == before
    for _again in range(3):
        answer = client.post(path_of(link), data={"List-Unsubscribe": "One-Click"})
        assert answer.status_code == 200 and answer.data == b"" and "Set-Cookie" not in answer.headers
    assert only_subscription(made).stopped_at and only_subscription(made).version == 2
    assert client.post(path_of(link)).status_code == 200
    assert "Vous ne recevrez plus" in client.get(path_of(link)).text


def test_links_of_mails_sent_before_still_work(here, client, app):
    made = factories.report(email="auteur@example.org")
    one, secret = only_subscription(made), app.config["SECRET_KEY"]
    author = URLSafeSerializer(secret, salt="report-author").dumps(made.id)
    stop = URLSafeTimedSerializer(secret, salt="follow-stop").dumps(one.id)
    confirm = URLSafeTimedSerializer(secret, salt="follow-confirm").dumps(one.id)
    answer = client.get(f"/r/{made.reference}?key={author}")
    assert answer.status_code == 303 and "mine=" in answer.headers["Set-Cookie"]
    assert client.get(f"/follow/stop/{stop}").status_code == 200
    assert client.post(f"/follow/stop/{stop}").status_code == 200
    assert only_subscription(made).stopped_at
    assert client.post(f"/follow/confirm/{confirm}").status_code == 409, "what was stopped since is not begun again"


def test_an_author_link_ends_after_its_days(here, client, monkeypatch):
    made = factories.report(email="auteur@example.org")
    key = subscriptions.author_key(made.id)
    assert subscriptions.opens_report(key, made.id) and not subscriptions.opens_report(key, made.id + 1)
    later = signed_numbers.time.time() + 402 * signed_numbers.DAY
    monkeypatch.setattr(signed_numbers.time, "time", lambda: later)
    assert not subscriptions.opens_report(key, made.id)
    assert "Set-Cookie" not in client.get(f"/r/{made.reference}?key={key}").headers


@pytest.mark.parametrize("path", ["/c/{}", "/s/{}", "/t/{}", "/mine/{}", "/mine/address/{}", "/follow/stop/{}"])
def test_forged_links_open_nothing(here, client, path):
    made = factories.report(email="auteur@example.org")
    one = only_subscription(made)
    words = [
        "x", "a" * 26, "é" * 20, "%00", "a" * 5000, signed_numbers.sign_numbers("reply", one.id, days=9),
        signed_numbers.sign_numbers("stop area", one.id + 999, days=9),
        subscription_links.stop_word("report", one.id)[:-2] + "aa",
        URLSafeTimedSerializer("another secret", salt="follow-stop").dumps(one.id),
    ]  # fmt: skip
    before = rows()
    for word in words:
        for ask in (client.get, client.post):
            answer = ask(path.format(word))
            assert answer.status_code in (404, 405, 409), (word, answer.status_code)
            assert "Set-Cookie" not in answer.headers
    assert rows() == before


def test_a_link_for_one_thing_does_not_do_another(here, client):
    made = factories.report(email=None)
    follow(made, email="voisine@example.org")
    db.session.commit()
    one = only_subscription(made)
    stop, confirm = (
        subscription_links.stop_word("report", one.id),
        subscription_links.confirm_word("report", one.id, one.version),
    )
    assert client.post(f"/c/{stop}").status_code == 409 and client.post(f"/s/{confirm}").status_code == 409
    assert only_subscription(made).confirmed_at is None and only_subscription(made).stopped_at is None


def test_a_link_of_another_town_opens_nothing_here(here, acting, client):
    there = factories.jurisdiction("ailleurs", host="ailleurs.localhost", prefix="AI")
    with acting(there):
        factories.report(email="la@example.org")
        word = subscription_links.stop_word("report", db.session.scalar(select(ReportSubscription.id)))
        db.session.commit()
    jurisdictions.drop_cache()
    assert client.post(f"/s/{word}", base_url="http://ailleurs.localhost").status_code == 200
    assert client.post(f"/s/{word}").status_code == 404
    with acting(there):
        assert db.session.scalar(select(ReportSubscription.stopped_at))


def test_an_address_is_asked_three_times_a_day_at_most_and_nobody_is_told(here, client):
    answers = set()
    for _one in range(6):
        made = factories.report(email=None)
        answer = client.post(f"/r/{made.reference}/follow", data={"email": "cible@example.org"})
        answers.add((answer.status_code, answer.headers["Location"].replace(made.reference, "…")))
    assert answers == {(303, "/r/…?asked=mail")}
    asked = db.session.scalars(select(Message).where(Message.kind == "report.confirm")).all()
    assert len(asked) == confirmation.MOST_QUESTIONS
    # Saying yes once is enough for all that was asked meanwhile.
    client.post(path_of(mail_of(asked[0]).page))
    db.session.expire_all()
    assert all(one.confirmed_at for one in db.session.scalars(select(ReportSubscription)))


def test_the_answer_is_the_same_for_an_address_that_is_known(here, client):
    made, other = factories.report(email=None), factories.report(email="connue@example.org")
    db.session.execute(text("UPDATE contact SET confirmed_at = now()"))
    answers = [
        client.post(f"/r/{made.reference}/follow", data={"email": email})
        for email in ("connue@example.org", "inconnue@example.org", "connue@example.org")
    ]
    assert len({(one.status_code, one.headers["Location"], one.data) for one in answers}) == 1
    assert subscriptions.count_subscribers(made.id) == 1 and subscriptions.count_subscribers(other.id) == 1


def test_a_number_is_asked_by_sms_once_and_then_told(here, client, by_sms):
    made = factories.report(email=None)
    page = client.get(f"/r/{made.reference}").text
    assert "Par SMS" in page
    for typed, said in (
        ("12", "Indiquez un numéro de téléphone, par exemple"),
        ("04 67 00 00 00", "ne peut pas recevoir"),
        ("", "champ est obligatoire"),
    ):
        refused = client.post(f"/r/{made.reference}/follow", data={"channel": "sms", "phone": typed, "email": "a@b.fr"})
        assert refused.status_code == 422 and said in unescape(refused.text), typed
    sent = client.post(f"/r/{made.reference}/follow", data={"channel": "sms", "phone": "06.12.34.56.78"})
    assert sent.headers["Location"].endswith("?asked=sms")
    question = newest("report.confirm")
    assert question.channel == SMS and question.contact.phone == "+33612345678"
    out = renderers.prepare(question).outgoing
    assert out.phone == "+33612345678" and len(out.text) <= 160 and LINK.search(out.text)
    client.post(path_of(LINK.search(out.text)[0]))
    one = only_subscription(made)
    assert one.confirmed_at and one.contact.phone_confirmed_at and not one.contact.confirmed_at
    other = factories.report(email=None)
    assert not follow(other, channel=SMS, phone="+33 6 12 34 56 78"), "it is not asked again"
    assert only_subscription(other).contact_id == one.contact_id


def test_an_sms_leads_to_the_report_and_to_the_way_to_stop(here, client, by_sms):
    made = factories.report(email=None, phone="06 12 34 56 78")
    one = only_subscription(made)
    assert one.channel == SMS and one.author and not one.confirmed_at, "a number is asked first"
    subscriptions.confirm(one)
    triage_verbs.reject(lock_report(made.reference), reason="Non", by=Actor("desk", factories.user("supervisor").id))
    text_sent = renderers.prepare(newest("report.rejected")).outgoing.text
    path = path_of(LINK.search(text_sent)[0])
    before = rows()
    led = client.get(path)
    assert led.status_code == 303 and rows() == before
    assert "mine=" in led.headers["Set-Cookie"]
    page = client.get(led.headers["Location"]).text
    form = re.search(r'id="told" method="post" action="(/s/[a-z0-9]+)"', page)[1]
    assert client.post(form).status_code == 200
    assert only_subscription(made).stopped_at


def test_an_address_that_failed_is_asked_again_and_its_yes_mends_it(here, client):
    made, other = factories.report(email="auteur@example.org"), factories.report(email=None)
    contact = only_subscription(made).contact
    contact.confirmed_at = contact.email_failed_at = contact.created_at
    db.session.commit()
    client.get(f"/r/{made.reference}?key={subscriptions.author_key(made.id)}")
    assert "Nos messages n’arrivent pas à l’adresse" in client.get(f"/r/{made.reference}").text
    assert not subscriptions.author_is_told(made.id)
    assert follow(other, email="auteur@example.org"), "it is asked"
    client.post(path_of(mail_of(newest("report.confirm")).page))
    db.session.expire_all()
    assert db.session.get(Contact, contact.id).email_failed_at is None
    assert subscriptions.author_is_told(made.id)


def test_only_who_may_see_a_private_report_follows_it(here, client):
    made = factories.report(category="personne", email="auteur@example.org")
    assert client.post(f"/r/{made.reference}/follow", data={"email": "x@example.org"}).status_code == 404
    client.get(f"/r/{made.reference}?key={subscriptions.author_key(made.id)}")
    answer = client.post(f"/r/{made.reference}/follow", data={"email": "x@example.org"})
    assert answer.status_code == 303


def test_the_digests_own_link_stops_all_the_mails_and_nothing_else(here, client, by_sms):
    made, other = factories.report(email="zoe@example.org"), factories.report(email="zoe@example.org")
    contact = only_subscription(made).contact
    factories.report(email="autre@example.org")
    db.session.add(ReportSubscription(jurisdiction_id=here.id, report_id=other.id, contact_id=contact.id, channel=SMS,
                            confirmed_at=made.received_at))  # fmt: skip
    db.session.commit()
    path = path_of(subscription_links.stop_link("mails", contact.id))
    before = rows()
    assert client.get(path).status_code == 200 and rows() == before
    for _again in range(2):
        assert client.post(path, data={"List-Unsubscribe": "One-Click"}).status_code == 200
    db.session.expire_all()
    standing = db.session.scalars(select(ReportSubscription).where(ReportSubscription.stopped_at.is_(None))).all()
    assert sorted((f.channel, f.contact_id == contact.id) for f in standing) == [("mail", False), ("sms", True)]
