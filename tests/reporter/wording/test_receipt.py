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
from core.identity import towns
from core.identity.models import Contact, Jurisdiction
from core.outbox.kinds import said
from core.outbox.models import KeptText, Message
from core.outbox.send import drain
from reporter import following
from reporter.mails.receipt import decision_day
from reporter.mails.receipts import receipt
from reporter.models import Category
from tests import factories
from tests.mail_server import MailServer


@pytest.mark.parametrize("received, months, until", [
    (date(2026, 3, 5), 2, date(2026, 5, 5)),
    (date(2026, 12, 31), 2, date(2027, 2, 28)),
    (date(2027, 12, 31), 2, date(2028, 2, 29)),
    (date(2026, 11, 15), 4, date(2027, 3, 15)),
])
def test_the_day_on_which_silence_decides(received, months, until):
    assert decision_day(received, months) == until


def received(acting, town, **report) -> tuple[SimpleNamespace, int]:
    with acting(town):
        made = factories.report(**report)
        number = db.session.scalar(select(Message.id).where(Message.kind == "report.received"))
        return SimpleNamespace(id=made.id, reference=made.reference), number


def mail_of(acting, town, number):
    with acting(town):
        message = db.session.get(Message, number)
        with speaking(message.locale):
            return said(message)


def formal(acting, town, silence: str, months: int = 2) -> None:
    with acting(town):
        db.session.execute(update(Category).where(Category.code == "nid-de-poule").values(
            silence=silence, silence_months=months))
        db.session.commit()


def hall(acting, town) -> None:
    with acting(town):
        db.session.get(Jurisdiction, town.id).desk = {
            "address": "1 place du Marché", "phone": "04 67 00 00 00", "email": "mairie@villeclaire.example"}
        db.session.commit()
        towns.forget()


def test_it_says_when_who_and_where(acting, town):
    hall(acting, town)
    made, message = received(acting, towns_again(acting, town))
    mail = mail_of(acting, towns_again(acting, town), message)
    assert mail.kept
    for words in (made.reference, "Villeclaire", "1 place du Marché", "04 67 00 00 00", "mairie@villeclaire.example",
                  str(utcnow().year), "L112-11"):
        assert words in mail.text and words in mail.html
    assert "tribunal" not in mail.text and "implicite" not in mail.text


def towns_again(acting, town):
    with acting():
        return towns.by_id(town.id)


@pytest.mark.parametrize("silence, locale, words, absent", [
    ("rejection", "fr", ["réputée rejetée le", "tribunal administratif", "recours gracieux", "2 mois"], "L232-3"),
    ("acceptance", "fr", ["réputée acceptée le", "L232-3", "attestation"], "tribunal"),
    ("rejection", "en", ["considered refused on", "administrative court", "recours hiérarchique"], "L232-3"),
    ("acceptance", "en", ["considered accepted on", "L232-3"], "court"),
])
def test_a_formal_request_says_what_silence_means(acting, town, silence, locale, words, absent):
    formal(acting, town, silence)
    _made, message = received(acting, town, locale=locale)
    mail = mail_of(acting, town, message)
    for one in words:
        assert one in mail.text and one in mail.html
    assert absent not in mail.text


def test_only_the_author_s_first_mail_is_one(acting, town):
    with acting(town):
        from tests.reporter.wording import samples

        of = samples.occasion("planned")
        assert not samples.written(of, samples.author(of)).kept
        of = samples.occasion("received", email="autre@example.org")
        assert samples.written(of, samples.author(of)).kept
        assert not samples.written(of, samples.author(of), channel="sms").kept
        assert not samples.written(of, samples.neighbour(of)).kept


def keep(acting, town, number) -> str:
    """As a sender keeps it, once the other side has accepted it."""
    mail = mail_of(acting, town, number)
    with acting(town):
        db.session.add(KeptText(jurisdiction_id=town.id, message_id=number, subject=mail.subject, text=mail.text))
        db.session.execute(update(Message).where(Message.id == number).values(status="sent", sent_at=utcnow()))
        db.session.commit()
    return mail.text


def reader(client, acting, town, made):
    with acting(town):
        key = following.author_key(made.id)
    client.get(f"/r/{made.reference}?key={key}")
    return client


def test_its_author_reads_it_again_word_for_word_and_nobody_else_does(client, app, acting, town):
    made, message = received(acting, town, description="Devant le <12>")
    sent = keep(acting, town, message)
    page = reader(client, acting, town, made).get(f"/r/{made.reference}/receipt")
    said_again = re.search(r'receipt-text">(.*?)</p>', page.get_data(as_text=True), re.S)[1]
    links = re.compile(r"http://localhost/\S+")
    assert links.sub("LINK", unescape(said_again)) == links.sub("LINK", sent)
    assert "no-store" in page.headers["Cache-Control"]
    assert app.test_client().get(f"/r/{made.reference}/receipt").status_code == 404
    assert app.test_client().get("/r/VC-AAA-AAA/receipt").status_code == 404


def test_the_desk_reads_it_without_the_links_that_are_its_reader_s_alone(signed_in, acting, town):
    made, message = received(acting, town)
    keep(acting, town, message)
    page = signed_in("reception").get(f"/desk/reports/{made.reference}/receipt").get_data(as_text=True)
    with acting(town):
        key = following.author_key(made.id)
    assert made.reference in page and "Texte exact, tel qu’il a été envoyé" in page
    assert key not in page and not re.search(r"/s/[a-z0-9]{8}", page)
    assert signed_in("agent").get(f"/desk/reports/{made.reference}/receipt").status_code == 403


def test_without_an_address_it_can_be_printed_and_says_that_it_was_not_sent(signed_in, acting, town):
    with acting(town):
        reference = factories.report(email=None).reference
    page = signed_in("reception").get(f"/desk/reports/{reference}/receipt").get_data(as_text=True)
    assert "Non envoyé" in page and reference in page and "Ne plus recevoir" not in page


@pytest.fixture
def post(app, monkeypatch):
    """The mail server that the application sends to."""
    with MailServer() as server:
        monkeypatch.setitem(app.config, "MAIL_URL", server.url)
        yield server


def test_what_is_kept_is_what_left(acting, town, post):
    made, number = received(acting, town, description="Un trou\ndevant l’école")
    with acting(town):
        db.session.execute(update(Contact).values(confirmed_at=utcnow()))
        db.session.commit()
    with acting():
        assert drain("mail") == 1
    with acting(town):
        kept = db.session.get(KeptText, number)
        assert made.reference in kept.text and "Un trou\ndevant l’école" in kept.text
        shown = receipt(made.id)
        assert shown.state == "exact" and shown.sent_at
    [letter] = post.letters
    text = message_from_bytes(letter.data, policy=default).get_body(("plain",)).get_content()
    assert text.replace("\r\n", "\n").rstrip("\n") == kept.text.rstrip("\n")


def test_before_the_address_has_confirmed_what_is_kept_says_nothing_that_was_typed(acting, town, post):
    made, number = received(acting, town, description="Un trou\ndevant l’école")
    with acting():
        assert drain("mail") == 1
    with acting(town):
        text = db.session.get(KeptText, number).text
        assert made.reference in text and "L112-11" in text and "Un trou" not in text and "Tilleuls" not in text


def test_it_waits_for_no_digest(acting, town):
    with acting(town):
        factories.report(email="hier@example.org")
        db.session.execute(update(Contact).values(digest=True))
        db.session.commit()
        factories.report(email="hier@example.org")
        assert set(db.session.scalars(select(Message.status))) == {"owed"}
