"""The page of a report in each state a report can reach: in words, with what comes next, readable by all."""

from __future__ import annotations

from datetime import timedelta

import pytest
from playwright.sync_api import expect

from core.geo import Place
from core.identity.actor import Actor
from tests import factories

REPAIRED = "Enrobé à froid."
REASON = "Ce terrain est privé\u00a0: la ville ne peut pas y intervenir."


def _report(number: int, **more):
    return factories.report(
        place=Place(3.85 + number / 1000, 43.585),
        email=None,
        **({"description": f"Numéro {number}, appelez-moi au 06 12 34 56 78"} | more),
    )


def _work(number: int, *, announce: bool):
    """A report with scheduled work, announced or not; both of them locked by the verbs that made them."""
    from core.database import db, utcnow
    from interventions.planning import verbs as planning_verbs

    by = Actor("desk", factories.user("supervisor").id)
    report = _report(number)
    order = factories.work_order(report)
    planning_verbs.schedule(order, start=utcnow() + timedelta(days=2), team="voirie", announce=announce, by=by)
    db.session.commit()
    return report, order, by


def received() -> str:
    return _report(1).reference


def acknowledged() -> str:
    from core.database import db
    from reporter.reports import intake as report_intake
    from reporter.reports import transitions

    reference = _report(2).reference
    transitions.acknowledge(report_intake.lock_report(reference), by=Actor("desk"))
    db.session.commit()
    return reference


def planned() -> str:
    return _work(3, announce=True)[0].reference


def in_progress() -> str:
    from core.database import db
    from interventions.work_orders import execution

    report, order, by = _work(4, announce=False)
    execution.start(order, by=by)
    db.session.commit()
    return report.reference


def resolved() -> str:
    from core.database import db
    from core.photos.verbs import accept
    from interventions.work_orders import execution

    report, order, by = _work(5, announce=True)
    execution.start(order, by=by)
    execution.finish(order, comment=REPAIRED, photos=[accept(factories.jpeg(500)).token], minutes=20, by=by)
    db.session.commit()
    return report.reference


def rejected() -> str:
    from core.database import db
    from reporter.reports import intake as report_intake
    from reporter.reports import transitions

    reference = _report(6).reference
    transitions.reject(report_intake.lock_report(reference), reason=REASON, by=Actor("desk"))
    db.session.commit()
    return reference


def merged() -> str:
    from core.database import db
    from reporter.reports import intake as report_intake
    from reporter.reports import transitions

    first, second = _report(7).reference, _report(8).reference
    transitions.merge(report_intake.lock_report(second), report_intake.lock_report(first), by=Actor("desk"))
    db.session.commit()
    return second


STATES = {
    received: ("Reçu", "Les services"),
    acknowledged: ("Pris en compte", "prépar"),
    planned: ("Planifié", "équipe"),
    in_progress: ("En cours", "photo"),
    resolved: ("Traité", "Signaler de nouveau"),
    rejected: ("Sans suite", REASON),
    merged: ("Rattaché", "Voir l’autre signalement"),
}


@pytest.mark.parametrize("reader", ["phone", "desk"], indirect=True)
@pytest.mark.parametrize("reach", list(STATES), ids=lambda reach: reach.__name__)
def test_each_state_is_said_in_words(reader, running, reach):
    with running.acting():
        reference = reach()
    word, says = STATES[reach]
    page = reader.open(f"/r/{reference}")
    expect(page.locator(".pill").first).to_have_text(word)
    expect(page.locator("article")).to_contain_text(says)
    expect(page.locator("article")).not_to_contain_text("06 12 34 56 78")
    expect(page.locator("body")).not_to_contain_text("supervisor")
    if reach is resolved:
        expect(page.locator("figcaption", has_text="Après")).to_be_visible()
        expect(page.locator(".history")).to_contain_text(REPAIRED)
        expect(page.locator("figure.photo-ready")).to_have_count(1, timeout=30_000)
    reader.check()


def test_a_private_report_is_seen_by_its_author_alone(reader, running):
    with running.acting():
        from reporter.subscriptions import author_key

        private = _report(9, category="personne")
        reference, key = private.reference, author_key(private.id)
    page = reader.open(f"/r/{reference}")
    expect(page.get_by_text("Code 404")).to_be_visible()
    reader.check()
    page = reader.open(f"/r/{reference}?key={key}")
    expect(page).to_have_url(f"{running.url}/r/{reference}")
    expect(page.locator("article")).to_contain_text("06 12 34 56 78")
    reader.check()


def test_a_forged_link_opens_nothing_more(reader, running):
    with running.acting():
        reference = _report(10).reference
    page = reader.open(f"/r/{reference}?key=forged.key")
    expect(page).to_have_url(f"{running.url}/r/{reference}")
    expect(page.locator("article")).not_to_contain_text("06 12 34 56 78")
    assert reader.page.context.cookies() == []


def test_the_links_of_the_mails_ask_before_they_act(reader, running):
    with running.acting():
        from sqlalchemy import select

        from core.database import db
        from core.identity.contacts import ContactDetails
        from reporter import subscriptions
        from reporter.subscriptions.models import ReportSubscription

        report = _report(11)
        subscriptions.subscribe(report, ContactDetails(email="suit@example.org"), by=Actor("web"))
        db.session.commit()
        number = db.session.scalar(select(ReportSubscription.id).where(ReportSubscription.report_id == report.id))
        confirm, stop = subscriptions.confirmation_key(number), subscriptions.stop_key(number)
        reference = report.reference
    page = reader.open(f"/follow/confirm/{confirm}")
    reader.check()
    page.get_by_role("button", name="Oui, tenez-moi au courant").click()
    expect(page.get_by_role("status").first).to_contain_text("C’est noté")
    expect(page.locator("#follow")).to_contain_text("Une personne le suit.")
    page = reader.open(f"/follow/stop/{stop}")
    reader.check()
    page.get_by_role("button", name="Oui, ne plus en recevoir").click()
    expect(page.locator("h1")).to_contain_text("Vous ne recevrez plus")
    page = reader.open(f"/r/{reference}")
    expect(page.locator("#follow")).not_to_contain_text("Une personne le suit.")
    page = reader.open("/follow/stop/forged")
    expect(page.locator("h1")).to_contain_text("Ce lien n’est plus valable")
    reader.check()


@pytest.mark.parametrize("reader", ["phone", "desk"], indirect=True)
@pytest.mark.parametrize(("path", "code"), [("/nowhere", "404"), ("/r/VC-777-777", "404"), ("/map.json", "422")])
def test_an_error_says_what_to_do_next(reader, path, code):
    page = reader.open(path)
    expect(page.locator("main")).to_contain_text(f"Code {code}")
    expect(page.get_by_role("link", name="Aller à l’accueil")).to_be_visible()
    reader.check()


def test_a_report_that_a_mistyped_reference_names_is_found(reader, running):
    with running.acting():
        reference = _report(12).reference
    page = reader.open("/")
    page.get_by_label("Vous avez une référence").fill("n’importe quoi")
    page.get_by_role("button", name="Retrouver").click()
    expect(page.locator("#reference-error")).to_be_visible()
    reader.check()
    page.get_by_label("Vous avez une référence").fill(reference.replace("-", "").lower())
    page.get_by_role("button", name="Retrouver").click()
    expect(page).to_have_url(f"{running.url}/r/{reference}")
