"""The pages of the answer back: what a link opens, what a form does once, what the public sees of it."""

from __future__ import annotations

import io
import re
from datetime import timedelta

import pytest
from sqlalchemy import func, select, update

from core.database import db, utcnow
from core.identity import jurisdictions
from core.identity.actor import Actor
from core.identity.models import Jurisdiction
from core.photos.models import READY, Photo
from interventions.triage import verbs as triage_verbs
from reporter.feedback import repair_check
from reporter.feedback.models import Comment, MeToo, RepairAnswer
from reporter.reports import intake as report_intake
from reporter.reports import transitions
from reporter.reports.models import Report, ReportEvent
from reporter.subscriptions.models import ReportSubscription
from tests import factories
from tests.interventions.desk.pages import Page


def photo(name: str = "p.jpg", data: bytes | None = None):
    return io.BytesIO(data or factories.jpeg()), name


def parsed(answer) -> str:
    """The text of an answer, which must be HTML without a fault."""
    page = Page(answer)
    assert page.faults == [], page.faults
    return page.text


@pytest.fixture
def preferences(acting, jurisdiction):
    """`preferences(moderated=False)` – the jurisdiction’s preferences, changed."""

    def change(**kept):
        with acting(jurisdiction):
            db.session.execute(update(Jurisdiction).where(Jurisdiction.id == jurisdiction.id).values(preferences=kept))
            db.session.commit()
        jurisdictions.drop_cache()

    return change


@pytest.fixture
def counted(acting, jurisdiction):
    """`counted(model)` – how many rows there are."""

    def count(model) -> int:
        with acting(jurisdiction):
            return db.session.scalar(select(func.count()).select_from(model))

    return count


# Is it repaired?


def test_a_link_of_a_message_only_opens_a_page(client, make, asked, state, counted):
    reference, report_id = make("resolved")
    for path in asked(report_id):
        answer = client.get(path)
        text = parsed(answer)
        assert answer.status_code == 200 and "<form" in text and "Set-Cookie" not in answer.headers
        assert answer.headers["Referrer-Policy"] == "no-referrer" and "no-store" in answer.headers["Cache-Control"]
        client.head(path)
    assert state(reference) == "resolved" and counted(RepairAnswer) == 0


def test_no_keeps_what_was_typed_and_opens_the_report_again(client, make, asked, state):
    reference, report_id = make("resolved")
    path, _query, query = asked(report_id)[1].partition("?")
    key = query.removeprefix("key=")
    empty = client.post(path, data={"key": key, "text": " "})
    assert empty.status_code == 422 and "En quelques mots" in parsed(empty)
    wrong = client.post(path, data={"key": key, "text": "x" * 4001, "photos": [photo()]})
    assert wrong.status_code == 422 and "x" * 4001 in parsed(wrong)
    token = re.search(r'name="photo" value="([0-9a-f-]{36})"', wrong.text)[1]
    sent = client.post(path, data={"key": key, "text": "Encore là", "photo": token})
    assert sent.status_code == 303 and state(reference) == "acknowledged"
    assert state(reference, Report.unread_answer) == "contested"
    after = parsed(client.get(sent.headers["Location"]))
    assert "le signalement est rouvert" in after and "<textarea" not in after
    again = client.post(path, data={"key": key, "text": "Encore"})
    assert again.status_code == 303
    page = parsed(client.get(f"/r/{reference}"))
    assert "un habitant dit que ce n’est pas réparé" in page and "Encore là" not in page


def test_yes_is_thanked_and_public_without_a_name(client, make, author, asked, state):
    reference, report_id = make("resolved")
    mine = author(reference, report_id)
    page = parsed(mine.get(f"/r/{reference}"))
    assert "Est-ce bien réparé" in page and f"/r/{reference}/repaired/no" in page
    assert "Est-ce bien réparé" not in client.get(f"/r/{reference}").text
    sent = mine.post(f"/r/{reference}/repaired/yes", data={"rating": "5"})
    assert sent.status_code == 303 and "votre réponse est notée" in parsed(mine.get(sent.headers["Location"]))
    public = parsed(client.get(f"/r/{reference}"))
    assert "L’auteur du signalement confirme la réparation" in public and "habitant@example.org" not in public
    assert "Vous avez dit que c’est réparé" in parsed(mine.get(f"/r/{reference}"))


def test_a_follower_answers_on_the_report_s_page_by_the_link(client, make, asked):
    reference, report_id = make("resolved")
    key = asked(report_id)[0].partition("key=")[2]
    page = parsed(client.get(f"/r/{reference}?repaired={key}"))
    assert f"/r/{reference}/repaired/yes?key={key}" in page
    assert client.get(f"/r/{reference}?repaired=nonsense").status_code == 409


@pytest.mark.parametrize("key", ["", "a" * 30, "é", "0" * 200])
def test_a_forged_link_says_so_and_nobody_answers_without_one(client, make, state, key, counted):
    reference, _id = make("resolved")
    for answer in (
        client.get(f"/r/{reference}/repaired/no?key={key}"),
        client.post(f"/r/{reference}/repaired/no", data={"key": key, "text": "Non"}),
    ):
        assert answer.status_code in (303, 409)
    assert state(reference) == "resolved" and counted(RepairAnswer) == 0


def test_a_link_is_for_its_own_report(client, make, asked, state):
    _mine, report_id = make("resolved")
    other, _id = make("resolved")
    key = asked(report_id)[0].partition("key=")[2]
    assert client.post(f"/r/{other}/repaired/no", data={"key": key, "text": "Non"}).status_code == 409
    assert state(other) == "resolved"


def test_after_the_delay_the_page_says_so(client, make, asked, state, monkeypatch):
    reference, report_id = make("resolved")
    path = asked(report_id)[1]
    monkeypatch.setattr(repair_check, "utcnow", lambda: utcnow() + timedelta(days=16))
    page = parsed(client.get(path))
    assert "Le délai pour répondre est passé" in page and "/report/new?category=nid-de-poule" in page
    sent = client.post(path.partition("?")[0], data={"key": path.partition("key=")[2], "text": "Encore là"})
    assert sent.status_code == 409 and "Encore là" in parsed(sent) and state(reference) == "resolved"


def test_joined_to_another_meanwhile(client, make, asked, acting, jurisdiction):
    reference, report_id = make("resolved")
    other, _id = make(email=None)
    path = asked(report_id)[1]
    with acting(jurisdiction):
        triage_verbs.reopen(report_intake.lock_report(reference), by=Actor("desk", factories.user("supervisor").id))
        transitions.merge(report_intake.lock_report(reference), report_intake.lock_report(other), by=Actor("desk"))
        db.session.commit()
    page = parsed(client.get(path))
    assert "rattaché à un autre" in page and f"/r/{other}" in page
    sent = client.post(path.partition("?")[0], data={"key": path.partition("key=")[2], "text": "Toujours là"})
    assert sent.status_code == 409 and "Toujours là" in parsed(sent)


def test_somebody_else_said_so_first(client, make, asked, author):
    reference, report_id = make("resolved")
    path = asked(report_id)[0]
    moved = author(reference, report_id).post(f"/r/{reference}/repaired/no", data={"text": "Non"})
    assert moved.status_code == 303
    assert "le signalement est rouvert" in parsed(client.get(path))


# A question


def test_the_author_reads_the_question_and_answers_it_once(client, make, author, state, acting, jurisdiction):
    reference, report_id = make("waiting")
    public = parsed(client.get(f"/r/{reference}"))
    assert "De quel côté" not in public and "attendent une précision" in public
    mine = author(reference, report_id)
    page = parsed(mine.get(f"/r/{reference}"))
    assert "De quel côté de la rue" in page and "il nous" in page
    empty = mine.post(f"/r/{reference}/answer", data={"text": ""})
    assert empty.status_code == 422 and "De quel côté" in parsed(empty)
    data = factories.jpeg()
    for _twice in range(2):
        sent = mine.post(f"/r/{reference}/answer", data={"text": "Côté pair", "photos": [photo(data=data)]})
        assert sent.status_code == 303
    assert state(reference) == "received" and state(reference, Report.unread_answer) == "answered"
    with acting(jurisdiction):
        kinds = list(db.session.scalars(select(ReportEvent.kind).where(ReportEvent.report_id == report_id)))
    assert kinds.count("answered") == 1
    assert "Côté pair" in parsed(mine.get(f"/r/{reference}?answered=1"))
    assert "Côté pair" not in parsed(client.get(f"/r/{reference}"))


def test_nobody_else_answers(client, make, state):
    reference, _id = make("waiting")
    assert client.post(f"/r/{reference}/answer", data={"text": "Moi"}).status_code == 303
    assert state(reference) == "waiting"


# Me too


def test_me_too_counts_a_browser_once_and_sets_its_cookie_then(app, client, make, counted):
    reference, _id = make()
    assert "Set-Cookie" not in client.get(f"/r/{reference}").headers
    for _twice in range(2):
        answer = client.post(f"/r/{reference}/me-too")
        assert answer.status_code == 303 and "HttpOnly" in answer.headers["Set-Cookie"]
    assert counted(MeToo) == 1
    page = parsed(client.get(answer.headers["Location"].partition("#")[0]))
    assert "c’est noté" in page and "/me-too" not in page
    other = app.test_client()
    assert "Une autre personne l’a vu aussi" in parsed(other.get(f"/r/{reference}"))
    other.post(f"/r/{reference}/me-too")
    assert "2 autres personnes l’ont vu aussi" in parsed(app.test_client().get(f"/r/{reference}"))


def test_private_and_closed_reports_take_no_me_too(client, make, counted):
    private, _id = make(category="personne")
    done, _id = make("resolved")
    assert client.post(f"/r/{private}/me-too").status_code == 404
    assert client.post(f"/r/{done}/me-too").status_code == 303
    assert counted(MeToo) == 0


# Comments


def comment(browser, reference: str, **fields):
    return browser.post(f"/r/{reference}/comment", data=fields)


def test_a_comment_waits_for_the_desk_and_its_photo_too(client, make, acting, jurisdiction, signed_in):
    reference, report_id = make()
    sent = comment(client, reference, text="Pareil au numéro 14, appelez le 06 12 34 56 78", photos=[photo()])
    assert "commented=pending" in sent.headers["Location"]
    assert "Votre ajout paraîtra ici" in parsed(client.get(sent.headers["Location"]))
    assert "numéro 14" not in parsed(client.get(f"/r/{reference}"))
    with acting(jurisdiction):
        one = db.session.scalar(select(Photo).order_by(Photo.id.desc()))
        token = one.token
        one.status, one.sizes = READY, {"small": {"key": "x", "media_type": "image/webp", "digest": "d"}}
        db.session.commit()
        from core.photos import access as photo_access
        from core.storage import storage

        storage().put("x", b"picture", "image/webp")
        assert not photo_access.visible_to_public(one)
    assert client.get(f"/photos/{token}/small").status_code == 404
    desk = signed_in("supervisor")
    assert desk.get(f"/photos/{token}/small").status_code == 200
    with acting(jurisdiction):
        from reporter.feedback import comments

        comments.publish_comment(db.session.scalar(select(Comment.id)), by=Actor("desk"))
        db.session.commit()
    page = parsed(client.get(f"/r/{reference}"))
    assert "Pareil au numéro 14" in page and "06 12 34" not in page and str(token) in page
    assert client.get(f"/photos/{token}/small").status_code == 200


def test_the_photos_of_a_refused_comment_go(client, make, acting, jurisdiction, signed_in):
    from core.photos.jobs import process_photo, sweep_unclaimed
    from core.storage import storage
    from reporter.feedback import comments

    reference, _id = make()
    assert comment(client, reference, text="Regardez", photos=[photo()]).status_code == 303
    with acting(jurisdiction):
        one = db.session.scalar(select(Photo).order_by(Photo.id.desc()))
        number, token, original = one.id, one.token, one.original_key
        process_photo(number)
        db.session.expire_all()
        keys = [original, *(size["key"] for size in db.session.get(Photo, number).sizes.values())]
        assert len(keys) > 1 and all(storage().get(key) for key in keys)
        comments.refuse_comment(db.session.scalar(select(Comment.id)), by=Actor("desk"))
        db.session.commit()
    assert client.get(f"/photos/{token}/small").status_code == 404
    assert signed_in("supervisor").get(f"/photos/{token}/small").status_code == 404
    with acting():
        sweep_unclaimed()
    with acting(jurisdiction):
        assert db.session.get(Photo, number) is None
        for key in keys:
            with pytest.raises(LookupError):
                storage().get(key)


def test_where_nothing_is_moderated_it_is_shown_at_once_and_once(client, make, preferences, counted):
    preferences(moderated=False)
    reference, _id = make()
    before = client.get(f"/r/{reference}")
    data = factories.jpeg()
    for _twice in range(2):
        sent = comment(client, reference, text="Vu ce matin", photos=[photo(data=data)])
        assert "commented=shown" in sent.headers["Location"]
    assert counted(Comment) == 1
    page = parsed(client.get(f"/r/{reference}"))
    assert "Vu ce matin" in page and "Ajouté par un voisin" in page and "Vu ce matin" not in before.text


def test_refused_fields_keep_the_words_and_the_photos(client, make, counted):
    reference, _id = make()
    sent = comment(client, reference, text="Un mot", email="pas une adresse", photos=[photo()])
    assert sent.status_code == 422 and counted(Comment) == 0
    text = parsed(sent)
    assert "Un mot" in text and "pas une adresse" in text and 'href="#comment-email"' in text
    token = re.search(r'name="photo" value="([0-9a-f-]{36})"', text)[1]
    sent = comment(client, reference, text="Un mot", email="voisin@example.org", photo=token)
    assert sent.status_code == 303 and counted(Comment) == 1 and counted(ReportSubscription) == 2


def test_what_is_added_to_a_joined_report_goes_to_the_other(client, make, acting, jurisdiction):
    reference, _id = make()
    other, other_id = make(email=None)
    with acting(jurisdiction):
        transitions.merge(report_intake.lock_report(reference), report_intake.lock_report(other), by=Actor("desk"))
        db.session.commit()
    assert "/comment" not in parsed(client.get(f"/r/{reference}"))
    sent = comment(client, reference, text="J’avais commencé à écrire")
    assert sent.headers["Location"].startswith(f"/r/{other}")
    with acting(jurisdiction):
        assert db.session.scalar(select(Comment.report_id)) == other_id
    assert client.post(f"/r/{reference}/me-too").headers["Location"].startswith(f"/r/{other}")


def test_private_reports_take_none(client, make, author, counted):
    reference, report_id = make(category="personne")
    assert comment(client, reference, text="Je sais qui").status_code == 404
    assert "/comment" not in parsed(author(reference, report_id).get(f"/r/{reference}"))
    assert counted(Comment) == 0


def test_an_empty_comment_says_what_is_needed(client, make):
    reference, _id = make()
    sent = comment(client, reference)
    assert sent.status_code == 422 and "ou ajoutez une photo" in parsed(sent)


def test_a_page_costs_few_statements(client, make, author, statements):
    reference, report_id = make("resolved")
    statements.clear()
    client.get(f"/r/{reference}")
    assert len(statements) <= 4, statements
    mine = author(reference, report_id)
    statements.clear()
    mine.get(f"/r/{reference}")
    assert len(statements) <= 6, statements
    client.post(f"/r/{reference}/me-too")
    statements.clear()
    client.get(f"/r/{reference}")
    assert len(statements) <= 4, statements
