"""The accusé de réception: what the law asks of it, kept word for word, read again by its author and the desk."""

from __future__ import annotations

import re
from datetime import date
from email import message_from_bytes
from email.policy import default
from html import unescape
from types import SimpleNamespace

import pytest
from sqlalchemy import select, update

from core.database import db, utcnow
from core.i18n import speaking
from core.identity import jurisdictions
from core.identity.models import Contact, Jurisdiction
from core.notifications.outbox.models import Message, SentText
from core.notifications.outbox.renderers import rendered_mail
from core.notifications.outbox.sender import send_due
from reporter import subscriptions
from reporter.categories.models import Category
from reporter.messages.receipt_text import decision_day
from reporter.messages.receipts import receipt
from tests import factories
from tests.mail_server import MailServer


@pytest.mark.parametrize(
    "received, months, until",
    [
        (date(2026, 3, 5), 2, date(2026, 5, 5)),
        (date(2026, 12, 31), 2, date(2027, 2, 28)),
        (date(2027, 12, 31), 2, date(2028, 2, 29)),
        (date(2026, 11, 15), 4, date(2027, 3, 15)),
    ],
)
def test_the_day_on_which_silence_decides(received, months, until):
    assert decision_day(received, months) == until


def received(acting, jurisdiction, **report) -> tuple[SimpleNamespace, int]:
    with acting(jurisdiction):
        made = factories.report(**report)
        number = db.session.scalar(select(Message.id).where(Message.kind == "report.received"))
        return SimpleNamespace(id=made.id, reference=made.reference), number


def mail_of(acting, jurisdiction, number):
    with acting(jurisdiction):
        message = db.session.get(Message, number)
        with speaking(message.locale):
            return rendered_mail(message)


def formal(acting, jurisdiction, silence: str, months: int = 2) -> None:
    with acting(jurisdiction):
        db.session.execute(
            update(Category).where(Category.code == "nid-de-poule").values(silence=silence, silence_months=months)
        )
        db.session.commit()


def hall(acting, jurisdiction) -> None:
    with acting(jurisdiction):
        db.session.get(Jurisdiction, jurisdiction.id).desk = {
            "address": "1 place du Marché",
            "phone": "04 67 00 00 00",
            "email": "mairie@villeclaire.example",
        }
        db.session.commit()
        jurisdictions.drop_cache()


def test_it_says_when_who_and_where(acting, jurisdiction):
    hall(acting, jurisdiction)
    made, message = received(acting, jurisdictions_again(acting, jurisdiction))
    mail = mail_of(acting, jurisdictions_again(acting, jurisdiction), message)
    assert mail.kept
    for words in (
        made.reference,
        "Villeclaire",
        "1 place du Marché",
        "04 67 00 00 00",
        "mairie@villeclaire.example",
        str(utcnow().year),
        "L112-11",
    ):
        assert words in mail.text and words in mail.html
    assert "tribunal" not in mail.text and "implicite" not in mail.text


def jurisdictions_again(acting, jurisdiction):
    with acting():
        return jurisdictions.by_id(jurisdiction.id)


@pytest.mark.parametrize(
    "silence, locale, words, absent",
    [
        ("rejection", "fr", ["réputée rejetée le", "tribunal administratif", "recours gracieux", "2 mois"], "L232-3"),
        ("acceptance", "fr", ["réputée acceptée le", "L232-3", "attestation"], "tribunal"),
        ("rejection", "en", ["considered refused on", "administrative court", "recours hiérarchique"], "L232-3"),
        ("acceptance", "en", ["considered accepted on", "L232-3"], "court"),
    ],
)
def test_a_formal_request_says_what_silence_means(acting, jurisdiction, silence, locale, words, absent):
    formal(acting, jurisdiction, silence)
    _made, message = received(acting, jurisdiction, locale=locale)
    mail = mail_of(acting, jurisdiction, message)
    for one in words:
        assert one in mail.text and one in mail.html
    assert absent not in mail.text


def test_only_the_author_s_first_mail_is_one(acting, jurisdiction):
    with acting(jurisdiction):
        from tests.reporter.messages import samples

        of = samples.occasion("planned")
        assert not samples.written(of, samples.author(of)).kept
        of = samples.occasion("received", email="autre@example.org")
        assert samples.written(of, samples.author(of)).kept
        assert not samples.written(of, samples.author(of), channel="sms").kept
        assert not samples.written(of, samples.neighbour(of)).kept


def keep(acting, jurisdiction, number) -> str:
    """As a sender keeps it, once the other side has accepted it."""
    mail = mail_of(acting, jurisdiction, number)
    with acting(jurisdiction):
        db.session.add(
            SentText(jurisdiction_id=jurisdiction.id, message_id=number, subject=mail.subject, text=mail.text)
        )
        db.session.execute(update(Message).where(Message.id == number).values(status="sent", sent_at=utcnow()))
        db.session.commit()
    return mail.text


def reader(client, acting, jurisdiction, made):
    with acting(jurisdiction):
        key = subscriptions.author_key(made.id)
    client.get(f"/r/{made.reference}?key={key}")
    return client


def test_its_author_reads_it_again_word_for_word_and_nobody_else_does(client, app, acting, jurisdiction):
    made, message = received(acting, jurisdiction, description="Devant le <12>")
    sent = keep(acting, jurisdiction, message)
    page = reader(client, acting, jurisdiction, made).get(f"/r/{made.reference}/receipt")
    said_again = re.search(r'receipt-text">(.*?)</p>', page.get_data(as_text=True), re.S)[1]
    links = re.compile(r"http://localhost/\S+")
    assert links.sub("LINK", unescape(said_again)) == links.sub("LINK", sent)
    assert "no-store" in page.headers["Cache-Control"]
    assert app.test_client().get(f"/r/{made.reference}/receipt").status_code == 404
    assert app.test_client().get("/r/VC-AAA-AAA/receipt").status_code == 404


def test_the_desk_reads_it_without_the_links_that_are_its_reader_s_alone(signed_in, acting, jurisdiction):
    made, message = received(acting, jurisdiction)
    keep(acting, jurisdiction, message)
    page = signed_in("reception").get(f"/desk/reports/{made.reference}/receipt").get_data(as_text=True)
    with acting(jurisdiction):
        key = subscriptions.author_key(made.id)
    assert made.reference in page and "Texte exact, tel qu’il a été envoyé" in page
    assert key not in page and not re.search(r"/s/[a-z0-9]{8}", page)
    assert signed_in("agent").get(f"/desk/reports/{made.reference}/receipt").status_code == 403


def test_without_an_address_it_can_be_printed_and_says_that_it_was_not_sent(signed_in, acting, jurisdiction):
    with acting(jurisdiction):
        reference = factories.report(email=None).reference
    page = signed_in("reception").get(f"/desk/reports/{reference}/receipt").get_data(as_text=True)
    assert "Non envoyé" in page and reference in page and "Ne plus recevoir" not in page


@pytest.fixture
def post(app, monkeypatch):
    """The mail server that the application sends to."""
    with MailServer() as server:
        monkeypatch.setitem(app.config, "MAIL_URL", server.url)
        yield server


def test_what_is_kept_is_what_left(acting, jurisdiction, post):
    made, number = received(acting, jurisdiction, description="Un trou\ndevant l’école")
    with acting(jurisdiction):
        db.session.execute(update(Contact).values(confirmed_at=utcnow()))
        db.session.commit()
    with acting():
        assert send_due("mail") == 1
    with acting(jurisdiction):
        kept = db.session.get(SentText, number)
        assert made.reference in kept.text and "Un trou\ndevant l’école" in kept.text
        shown = receipt(made.id)
        assert shown.state == "exact" and shown.sent_at
    [letter] = post.letters
    text = message_from_bytes(letter.data, policy=default).get_body(("plain",)).get_content()
    assert text.replace("\r\n", "\n").rstrip("\n") == kept.text.rstrip("\n")


def test_before_the_address_has_confirmed_what_is_kept_says_nothing_that_was_typed(acting, jurisdiction, post):
    made, number = received(acting, jurisdiction, description="Un trou\ndevant l’école")
    with acting():
        assert send_due("mail") == 1
    with acting(jurisdiction):
        text = db.session.get(SentText, number).text
        assert made.reference in text and "L112-11" in text and "Un trou" not in text and "Tilleuls" not in text


def test_it_waits_for_no_digest(acting, jurisdiction):
    with acting(jurisdiction):
        factories.report(email="hier@example.org")
        db.session.execute(update(Contact).values(digest=True))
        db.session.commit()
        factories.report(email="hier@example.org")
        assert set(db.session.scalars(select(Message.status))) == {"owed"}
