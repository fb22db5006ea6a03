"""What residents answer, as the desk sees it: contested repairs, answers, comments to be read."""

from __future__ import annotations

import pytest
from sqlalchemy import select

from core.database import db
from core.identity.actor import Actor
from core.notifications.outbox.models import Message
from core.photos.verbs import accept
from interventions.work_orders import execution
from reporter.feedback import comments as feedback_comments
from reporter.feedback import repair_check
from reporter.feedback import verbs as feedback_verbs
from reporter.feedback.models import Comment
from reporter.reports import intake as report_intake
from reporter.reports.models import Report
from tests import factories
from tests.interventions.desk.pages import look
from tests.interventions.desk.test_report import decided


@pytest.fixture
def contested(acting, jurisdiction):
    """The reference of a report that was repaired, they said; and the token of the photo that says otherwise."""
    with acting(jurisdiction):
        photo = accept(factories.jpeg())
        made = factories.report(description="Un trou profond")
        order = factories.work_order(report_intake.lock_report(made.reference))
        by = Actor("desk", factories.user("supervisor").id)
        execution.start(order, by=by)
        execution.finish(order, by=by)
        report = report_intake.lock_report(made.reference)
        repair_check.contest(
            report,
            None,
            contact_id=report.contact_id,
            text="Toujours un trou de 20 cm",
            photos=[photo.token],
            by=Actor("web"),
        )
        db.session.commit()
        return made.reference, str(photo.token)


@pytest.fixture
def column(acting, jurisdiction):
    """`column(reference, what)` – what the database holds of a report."""

    def ask(reference: str, what):
        with acting(jurisdiction):
            return db.session.scalar(select(what).where(Report.reference == reference))

    return ask


@pytest.fixture
def commented(acting, jurisdiction, made):
    """`commented(words)` – (reference, id) of a comment that waits."""

    def add(words: str = "Vu aussi au 14", **more) -> tuple[str, int]:
        reference = made(email=None, **more)
        with acting(jurisdiction):
            found = feedback_comments.add_comment(report_intake.lock_report(reference), text=words, by=Actor("web"))
            db.session.commit()
            return reference, found.id

    return add


def test_a_contested_repair_is_put_before_the_supervisor(contested, made, desk, column, statements):
    reference, _token = contested
    morning = look(desk, "/desk/")
    assert "/desk/reports?state=contested" in morning.text
    listed = look(desk, "/desk/reports?state=contested")
    assert listed.rows == [reference] and "1 réparation est contestée." in listed.title
    assert "Contesté" in listed.text and "Contesté" in look(desk, "/desk/reports").text
    plain = made()
    statements.clear()
    look(desk, f"/desk/reports/{plain}")
    usual = len(statements)
    statements.clear()
    page = look(desk, f"/desk/reports/{reference}")
    assert len(statements) <= usual, statements
    head, _acts, _rest = page.text.partition('class="acts"')
    assert "Toujours un trou de 20 cm" in head and "Un habitant dit que ce n’est pas réparé" in head
    assert head.count("photo-processing") == 1, "the photo that came with it, before it is prepared"
    assert "0 oui, 1 non" in page.text
    decided(desk, reference, "heard")
    assert column(reference, Report.unread_answer) is None
    assert look(desk, "/desk/reports?state=contested").rows == []
    page = look(desk, f"/desk/reports/{reference}")
    assert "Toujours un trou de 20 cm" in page.text.partition('class="acts"')[2], "the history keeps it"


def test_making_work_of_it_is_having_read_it(contested, desk, acting, jurisdiction, column):
    reference, _token = contested
    with acting(jurisdiction):
        factories.work_order(report_intake.lock_report(reference))
    assert column(reference, Report.unread_answer) is None


def test_a_question_goes_to_the_author_and_its_answer_comes_back(acting, jurisdiction, made, desk, column):
    reference = made()
    page = look(desk, f"/desk/reports/{reference}")
    assert "Elle sera envoyée par e-mail" in page.text
    empty = page.form("ask").send(desk, text=" ")
    assert empty.status_code == 422 and 'id="ask-text-error"' in empty.text
    page = decided(desk, reference, "ask", text="De quel côté ?")
    assert column(reference, Report.status) == "waiting" and "Une réponse est attendue jusqu’au" in page.text
    with acting(jurisdiction):
        kinds = list(db.session.scalars(select(Message.kind).order_by(Message.id)))
        assert kinds[-1] == "report.question"
        feedback_verbs.answer(report_intake.lock_report(reference), text="Côté pair", by=Actor("web"))
        db.session.commit()
    listed = look(desk, "/desk/reports?state=answered")
    assert listed.rows == [reference] and "Réponse reçue" in listed.text
    page = look(desk, f"/desk/reports/{reference}")
    assert "Côté pair" in page.text.partition('class="acts"')[0] and page.has_form("ask")


def test_the_desk_is_told_before_asking_that_nobody_can_be_reached(made, desk, acting, jurisdiction):
    from core.identity.contacts import ContactDetails
    from reporter.reports.intake import submit

    assert "laissé aucune coordonnée" in look(desk, f"/desk/reports/{made(email=None)}").text
    with acting(jurisdiction):
        reference = submit(
            by=Actor("phone"),
            category="depot",
            place=factories.CENTRE,
            contact=ContactDetails(name="Mme Martin", phone="0467000000"),
        ).reference
        db.session.commit()
    page = look(desk, f"/desk/reports/{reference}")
    assert "laissé aucune coordonnée" in page.text and page.text.count("tel:0467000000") == 2


def test_a_comment_is_shown_with_one_press(commented, desk, client):
    reference, number = commented("Pareil au 14, 06 12 34 56 78")
    page = look(desk, "/desk/comments")
    assert "1 commentaire à lire." in page.title and "06 12 34 56 78" in page.text
    assert "/desk/comments" in look(desk, "/desk/").text
    answer = page.form(f"comments/{number}/show").send(desk)
    assert answer.status_code == 303 and answer.headers["Location"] == "/desk/comments"
    assert "Pareil au 14" in client.get(f"/r/{reference}").text
    assert "Aucun commentaire" in look(desk, "/desk/comments").title
    again = desk.post(f"/desk/comments/{number}/refuse", data={})
    assert again.status_code == 303
    assert "déjà traité" in look(desk, "/desk/comments").text
    assert "Pareil au 14" in client.get(f"/r/{reference}").text


def test_a_comment_is_refused_from_the_report_itself(commented, desk, client, acting, jurisdiction):
    reference, number = commented("Une insulte")
    page = look(desk, f"/desk/reports/{reference}")
    assert "Une insulte" in page.text.partition('class="acts"')[0]
    answer = page.form(f"comments/{number}/refuse").send(desk)
    assert answer.headers["Location"] == f"/desk/reports/{reference}"
    assert "Une insulte" not in look(desk, f"/desk/reports/{reference}").text
    assert "Une insulte" not in client.get(f"/r/{reference}").text
    with acting(jurisdiction):
        found = db.session.scalar(select(Comment))
        assert found.status == "refused" and found.decided_by is not None and found.decided_at is not None


def test_comments_of_another_town_are_not_seen_nor_decided(acting, desk):
    with acting():
        other = factories.jurisdiction("ailleurs", host="ailleurs.localhost", prefix="AI")
    with acting(other):
        report = factories.report(email=None)
        number = feedback_comments.add_comment(
            report_intake.lock_report(report.reference), text="Chez eux", by=Actor("web")
        ).id
        db.session.commit()
    assert "Chez eux" not in look(desk, "/desk/comments").text
    assert desk.post(f"/desk/comments/{number}/show", data={}).status_code == 404
    assert desk.post("/desk/comments/9223372036854775807/show", data={}).status_code == 404


def test_many_comments_are_read_page_by_page(commented, desk, monkeypatch, statements):
    from interventions.desk.reports import comments

    monkeypatch.setattr(comments, "PAGE", 2)
    for number in range(3):
        commented(f"Mot {number}")
    look(desk, "/desk/comments")
    statements.clear()
    page = look(desk, "/desk/comments")
    assert len(statements) <= 4, statements
    assert "Mot 1" in page.text and "Mot 2" not in page.text
    assert "Mot 2" in look(desk, page.link("next")).text
