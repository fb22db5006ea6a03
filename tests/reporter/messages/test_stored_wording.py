"""A jurisdiction's own words, said: by category and language, escaped, and Alentour's own where they fail."""

from __future__ import annotations

from dataclasses import replace

import pytest
from sqlalchemy import select

from core.database import db, utcnow
from core.database.scope import current_jurisdiction
from core.i18n import speaking
from core.notifications.outbox.models import Message
from core.notifications.outbox.renderers import rendered_mail
from reporter.categories.models import Category
from reporter.messages import batch
from reporter.messages.wording import defaults, lookup
from reporter.messages.wording import verbs as wording_verbs
from reporter.messages.wording.lookup import StoredWording, StoredWordings
from reporter.messages.wording.models import Wording
from reporter.statuses import TOLD
from tests import factories
from tests.reporter.messages import samples


def own(
    body: str,
    *,
    kind: str = "rejected",
    channel: str = "mail",
    subject: str = "",
    locale: str = "fr",
    category: int | None = None,
) -> StoredWordings:
    return StoredWordings(
        [StoredWording(1, current_jurisdiction().id, f"report.{kind}", channel, category, locale, subject, body)]
    )


def test_they_are_said_in_the_mail_and_what_the_law_asks_stays(acting, jurisdiction):
    with acting(jurisdiction):
        of = samples.occasion("received")
        words = own(
            "Merci !\n\nVoir {{ page }} ou https://example.org/a?b=1&c=2.",
            kind="received",
            subject="Bien reçu, {{ reference }}",
        )
        mail = samples.written(of, samples.author(of), wordings=words)
        assert mail.subject == f"Bien reçu, {of.matter.reference}"
        assert "Merci !" in mail.text and "Nous vous dirons" not in mail.text
        assert f"Voir {samples.LINKS['page']}" in mail.text
        assert 'href="https://example.org/a?b=1&amp;c=2"' in mail.html and "L112-11" in mail.text
        assert of.matter.description in mail.text
        english = samples.written(of, samples.author(of), wordings=words, locale="en")
        assert "Merci" not in english.text


def test_they_are_escaped_and_stay_on_their_line(acting, jurisdiction):
    with acting(jurisdiction):
        of = samples.occasion("rejected", words="Un\r\nBcc: x@example.org <script>alert(1)</script>")
        words = own("<b>Non</b> : {{ reason }}", subject="Non : {{ reason }}")
        mail = samples.written(of, samples.author(of), wordings=words)
        assert "\n" not in mail.subject and "\r" not in mail.subject
        assert "<script" not in mail.html and "<b>Non" not in mail.html and "&lt;b&gt;Non&lt;/b&gt;" in mail.html


def test_the_nearest_words_are_said(acting, jurisdiction):
    with acting(jurisdiction):
        of = samples.occasion("rejected")
        here = current_jurisdiction().id
        place = (here, "report.rejected", "mail", "fr")
        words = StoredWordings(
            [
                StoredWording(1, here, "report.rejected", "mail", None, "fr", "", "Toutes"),
                StoredWording(2, here, "report.rejected", "mail", of.matter.category_id, "fr", "", "Celle-ci"),
            ]
        )
        assert words.find(*place[:3], "fr", of.matter.category_id).body == "Celle-ci"
        assert words.find(*place[:3], "fr", -1).body == "Toutes"
        assert words.find(*place[:3], "en", of.matter.category_id) is None
        assert "Celle-ci" in samples.written(of, samples.author(of), wordings=words).text


def test_what_people_wrote_is_never_lost(acting, jurisdiction):
    with acting(jurisdiction):
        of = samples.occasion("question", words="De quel côté ?")
        without = samples.written(of, samples.author(of), wordings=own("Une question.", kind="question"))
        assert "De quel côté ?" in without.text
        named = samples.written(of, samples.author(of), wordings=own("Ceci : {{ question }}", kind="question"))
        assert named.text.count("De quel côté ?") == 1


@pytest.mark.parametrize(
    "broken",
    [
        "{{ config }}",
        "{% for x in y %}",
        "{{ ''.__class__ }}",
        "{% if author %}{% endif %}",
        "",
        "{{ oups",
        "\0",
    ],
)
@pytest.mark.parametrize("channel", ["mail", "sms", "push"])
def test_words_that_fail_give_way_to_alentour_s(acting, jurisdiction, caplog, broken, channel):
    with acting(jurisdiction):
        of = samples.occasion("rejected")
        plain = samples.written(of, samples.neighbour(of), channel=channel)
        with speaking("fr"):
            broken_ = samples.written(of, samples.neighbour(of), channel=channel, wordings=own(broken, channel=channel))
        assert (broken_.subject, broken_.text, broken_.brief) == (plain.subject, plain.text, plain.brief)
        assert "Alentour's own are" in caplog.text and (not broken.strip("\0") or broken not in caplog.text)


def test_words_that_become_too_long_give_way_too(acting, jurisdiction, caplog):
    with acting(jurisdiction):
        of = samples.occasion("rejected", words="x" * 1000)
        plain = samples.written(of, samples.neighbour(of))
        long = samples.written(of, samples.neighbour(of), wordings=own("{{ reason }}" * 200))
        assert long.text == plain.text and "Alentour's own are" in caplog.text


def test_what_alentour_says_can_be_started_from(acting, jurisdiction):
    """The starting texts are good, and say on an event what Alentour says of it."""
    with acting(jurisdiction):
        for kind in TOLD:
            of = samples.occasion(kind)
            for channel in ("mail", "sms", "push"):
                for locale in ("fr", "en"):
                    subject, body = defaults.default_text(kind, channel, locale)
                    at = wording_verbs.wording_key(kind, channel, locale)
                    wording_verbs.checked(at, subject, body)
                    words = own(body, kind=kind, channel=channel, subject=subject, locale=locale)
                    theirs = samples.written(of, samples.author(of), channel=channel, locale=locale, wordings=words)
                    ours = samples.written(of, samples.author(of), channel=channel, locale=locale)
                    if channel == "mail":
                        assert theirs.subject == ours.subject
                    elif len(ours.brief) < 90:
                        assert theirs.brief == ours.brief


def test_a_starting_text_does_without_what_is_not_known(acting, jurisdiction):
    with acting(jurisdiction):
        before = {"before": utcnow().isoformat()}
        for kind, facts, channel in (
            ("received", {}, "mail"),
            ("day_changed", before, "mail"),
            ("day_changed", {}, "sms"),
            ("question", {}, "mail"),
        ):
            of = samples.occasion(kind, category="depot", address="", words="", email=f"{kind}{channel}@example.org")
            of = replace(of, facts=facts)
            subject, body = defaults.default_text(kind, channel, "fr")
            mail = samples.written(
                of, samples.author(of), channel=channel, wordings=own(body, kind=kind, channel=channel, subject=subject)
            )
            for odd in (" .", ", :", "avant le .", "d’ici  ", "passera", " ,", "Le motif"):
                assert odd not in mail.text.split("Accusé")[0], (kind, mail.text)


def test_they_are_read_once_a_batch(acting, jurisdiction, statements):
    with acting(jurisdiction):
        wording_verbs.save(
            wording_verbs.wording_key("received", "mail", "fr", "nid-de-poule"),
            subject="",
            body="Bien reçu chez nous.",
            user_id=None,
        )
        for number in range(12):
            factories.report(email=f"n{number}@example.org")
        db.session.commit()
        messages = list(db.session.scalars(select(Message).where(Message.kind == "report.received")))
        statements.clear()
        with speaking("fr"):
            texts = [rendered_mail(one).text for one in messages]
        assert len(texts) == 12 and all("Bien reçu chez nous." in text for text in texts)
        assert len(set(texts)) == 12
        assert len(statements) <= 4, statements
        db.session.commit()
        db.session.query(Wording).delete()
        db.session.commit()
        with speaking("fr"):
            again = rendered_mail(db.session.scalar(select(Message).where(Message.kind == "report.received").limit(1)))
        assert "Bien reçu chez nous." not in again.text


def test_ten_thousand_of_one_event_are_written_once(acting, jurisdiction, statements):
    with acting(jurisdiction):
        made = factories.report()
        from core.database import utcnow
        from core.identity import contacts
        from core.identity.actor import Actor
        from core.identity.contacts import ContactDetails
        from reporter.reports.history import append
        from reporter.reports.models import Report
        from reporter.subscriptions.models import ReportSubscription

        for number in range(30):
            contact = contacts.find_or_create_contact(ContactDetails(email=f"v{number}@example.org"))
            db.session.add(
                ReportSubscription(
                    jurisdiction_id=made.jurisdiction_id, report_id=made.id, contact_id=contact, confirmed_at=utcnow()
                )
            )
        db.session.flush()
        append(db.session.get(Report, made.id), "rejected", by=Actor("desk"), words="Terrain privé")
        db.session.commit()
        messages = list(db.session.scalars(select(Message).where(Message.kind == "report.rejected")))
        assert len(messages) == 31
        statements.clear()
        with speaking("fr"):
            mails = [rendered_mail(one) for one in messages]
        assert len({mail.unsubscribe for mail in mails}) == 31 and len(statements) <= 4
        assert len(batch.current_batch().written) == 2
        stops = [mail.unsubscribe for mail in mails]
        for mail, stop in zip(mails, stops, strict=True):
            assert stop in mail.text and sum(other in mail.text for other in stops) == 1


def test_another_town_s_category_is_refused(acting, jurisdiction):
    with acting():
        other = factories.jurisdiction("ailleurs", host="ailleurs.localhost", prefix="AI")
    with acting(other):
        theirs = db.session.scalar(select(Category.id).where(Category.code == "depot"))
    with acting(jurisdiction):
        from sqlalchemy.exc import IntegrityError

        with pytest.raises(IntegrityError):
            db.session.add(
                Wording(
                    jurisdiction_id=jurisdiction.id,
                    kind="report.resolved",
                    channel="mail",
                    locale="fr",
                    category_id=theirs,
                    body="x",
                )
            )
            db.session.flush()
        db.session.rollback()
        assert (
            lookup.wordings_of([jurisdiction.id], ["report.resolved"]).find(
                jurisdiction.id, "report.resolved", "mail", "fr", 1
            )
            is None
        )
