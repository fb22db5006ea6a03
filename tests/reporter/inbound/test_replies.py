"""A reply to our mail lands on its report, in the words of who wrote it."""

from __future__ import annotations

import pytest
import sqlalchemy as sa

from core.database import db
from core.identity.actor import Actor
from core.identity.contacts import ContactDetails
from core.models import FreeText
from core.notifications.mail.addresses import reply_address
from reporter import subscriptions
from reporter.feedback.models import Comment
from reporter.inbound.links import reply_word
from reporter.inbound.models import ANSWER, AUTOMATIC, COMMENT, UNKNOWN
from reporter.reports import intake as report_intake
from reporter.reports.models import Report, ReportEvent, ReportPhoto
from reporter.statuses import WAITING
from reporter.subscriptions.models import ReportSubscription
from tests import factories
from tests.reporter.inbound.writing import TOWN, mail


@pytest.fixture
def asked(here, box):
    """A report that waits for its author's answer; the address that they answer to."""
    from interventions.triage import verbs as triage_verbs

    report = factories.report(email="jeanne@example.org")
    triage_verbs.ask(
        report_intake.lock_report(report.reference),
        text="À quel numéro ?",
        by=Actor("desk", factories.user("supervisor").id),
    )
    db.session.commit()
    return report.id, _address(report.id)


def _address(report_id: int, *, author: bool = True) -> str:
    subscription = db.session.scalar(
        sa.select(ReportSubscription.id).where(
            ReportSubscription.report_id == report_id, ReportSubscription.author.is_(author)
        )
    )
    return reply_address(reply_word(subscription))


def _said(report_id: int) -> list[str]:
    return list(
        db.session.scalars(
            sa.select(FreeText.text)
            .join(ReportEvent, ReportEvent.free_text_id == FreeText.id)
            .where(ReportEvent.report_id == report_id, ReportEvent.kind == "answered")
        )
    )


WRITTEN = {
    "gmail": "C’est au 12.\n\nLe mar. 3 mars 2026 à 10:40, Villeclaire <signaler@villeclaire.example>\na écrit :\n\n"
    "> Bonjour,\n> À quel numéro ?\n",
    "outlook": "C’est au 12.\n\nCordialement,\nJeanne\n\n________________________________\nDe : Villeclaire "
    "<signaler@villeclaire.example>\nEnvoyé : mardi 3 mars 2026 10:40\nÀ : Jeanne\nObjet : Une question\n\n"
    "À quel numéro ?\n",
    "apple": "C’est au 12.\n\nEnvoyé de mon iPhone\n\n> Le 3 mars 2026 à 10:40, Villeclaire <s@v.example> a écrit :\n"
    "> \n> À quel numéro ?\n",
    "orange": 'C’est au 12.\n\n> Message du 03/03/26 10:40\n> De : "Ville" <s@v.example>\n> A : j@orange.example\n'
    "> Objet : Une question\n> \n> À quel numéro ?\n",
    "samsung": "C’est au 12.\n\nEnvoyé depuis mon appareil Galaxy\n\n-------- Message d'origine --------\nDe : V\n",
    "english": "C’est au 12.\n\nOn Tue, Mar 3, 2026 at 10:40 AM Town <s@v.example> wrote:\n\n> Which number?\n",
    "signed": "C’est au 12.\n-- \nJeanne Élan\n06 12 34 56 78\n",
}


@pytest.mark.parametrize("program", WRITTEN)
def test_the_answer_to_a_question_without_what_it_quotes(asked, taken, program):
    report_id, address = asked
    (inbound,) = taken(mail(to=f"Villeclaire <{address}>", subject="Re: Une question", text=WRITTEN[program]))
    assert (inbound.interpreted_as, inbound.report_id, inbound.handled, inbound.remark) == (ANSWER, report_id, True, "")
    assert _said(report_id) == ["C’est au 12."]
    db.session.expire_all()
    assert db.session.get(Report, report_id).status != WAITING


HTML = {
    "gmail": '<div dir="ltr">C’est au 12.</div><br><div class="gmail_quote"><div class="gmail_attr">Le 3 mars</div>'
    '<blockquote class="gmail_quote">À quel numéro ?</blockquote></div>',
    "outlook": '<p>C’est au 12.</p><div id="divRplyFwdMsg"><b>De :</b> Villeclaire<br><b>Envoyé :</b> mardi</div>'
    "<p>À quel numéro ?</p>",
    "apple": '<div>C’est au 12.</div><blockquote type="cite"><div>À quel numéro ?</div></blockquote>',
}


@pytest.mark.parametrize("program", HTML)
def test_an_answer_that_is_nothing_but_html(asked, taken, program):
    taken(mail(to=asked[1], text="", html=HTML[program]))
    assert _said(asked[0]) == ["C’est au 12."]


def test_where_cutting_leaves_nothing_everything_is_kept(asked, taken):
    taken(mail(to=asked[1], text="> À quel numéro ?\n> Au 12, je l’ai écrit dessous"))
    assert _said(asked[0]) == ["> À quel numéro ?\n> Au 12, je l’ai écrit dessous"]


def test_pictures_of_a_reply_become_photos_of_the_report(asked, taken, data):
    heic = (data / "photos/heic/IMG_5195.HEIC").read_bytes()
    (inbound,) = taken(mail(to=asked[1], text="Voilà", photos=(factories.jpeg(), heic)))
    assert inbound.interpreted_as == ANSWER
    shown = db.session.scalar(sa.select(sa.func.count()).where(ReportPhoto.report_id == asked[0]))
    assert shown == 2


def test_an_absence_answers_nothing(asked, taken):
    (inbound,) = taken(
        mail(to=asked[1], subject="Absente : Une question", text="De retour le 12.", Auto_Submitted="auto-replied")
    )
    assert (inbound.interpreted_as, inbound.handled) == (AUTOMATIC, True)
    assert db.session.get(Report, asked[0]).status == WAITING and _said(asked[0]) == []


def test_a_forged_reply_address_is_refused_and_shown_to_the_desk(asked, taken):
    local, _plus, rest = asked[1].partition("+r.")
    word, _at, domain = rest.partition("@")
    forged = f"{local}+r.{word[:-2]}{'aa' if word[-2:] != 'aa' else 'bb'}@{domain}"
    (inbound,) = taken(mail(to=forged, text="Fermez tout"))
    assert (inbound.interpreted_as, inbound.remark, inbound.handled) == (UNKNOWN, "forged", False)
    assert _said(asked[0]) == [] and db.session.get(Report, asked[0]).status == WAITING


def test_the_address_is_read_from_the_envelope_where_the_mail_does_not_name_it(asked, taken):
    (inbound,) = taken(mail(to=TOWN, text="Au 12", Delivered_To=asked[1].upper().replace("+R.", "+r.")))
    assert inbound.interpreted_as == ANSWER


def test_a_reply_from_another_address_is_taken_and_said(asked, taken):
    (inbound,) = taken(mail(to=asked[1], sender="bureau@example.org", text="Au 12"))
    assert (inbound.interpreted_as, inbound.remark) == (ANSWER, "other_sender")


def test_a_neighbour_s_reply_is_a_comment(asked, taken):
    report = db.session.get(Report, asked[0])
    subscriptions.subscribe(report, ContactDetails(email="voisin@example.org"), by=Actor("web"))
    db.session.commit()
    (inbound,) = taken(mail(to=_address(asked[0], author=False), sender="voisin@example.org", text="Moi aussi"))
    assert (inbound.interpreted_as, inbound.report_id) == (COMMENT, asked[0])
    assert db.session.scalar(sa.select(sa.func.count(Comment.id))) == 1
    assert db.session.get(Report, asked[0]).status == WAITING


def test_what_a_report_cannot_take_is_left_to_the_desk(asked, taken, monkeypatch):
    from core.errors import Refused
    from reporter.feedback import verbs as feedback_verbs

    def refuse(*_report, **_given):
        raise Refused("no")

    monkeypatch.setattr(feedback_verbs, "answer", refuse)
    (inbound,) = taken(mail(to=asked[1], text="Au 12", photos=(factories.jpeg(),)))
    assert (inbound.interpreted_as, inbound.remark, inbound.report_id) == (UNKNOWN, "refused", asked[0])
    assert not inbound.handled and len(inbound.photo_ids) == 1


def test_an_empty_reply_says_nothing(asked, taken):
    (inbound,) = taken(mail(to=asked[1], text="\n"))
    assert inbound.remark == "empty" and inbound.handled and _said(asked[0]) == []


def test_neither_the_log_nor_the_arrival_holds_who_wrote_or_what(asked, taken, caplog):
    with caplog.at_level("DEBUG"):
        (inbound,) = taken(mail(to=asked[1], text="Un secret", photos=(b"no picture" * 3000,)))
    assert "secret" not in caplog.text and "jeanne" not in caplog.text and "secret" not in inbound.remark
