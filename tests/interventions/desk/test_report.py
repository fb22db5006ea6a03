"""What the desk decides about a report, through the forms of its page."""

from __future__ import annotations

import pytest
from sqlalchemy import select

from core.database import db
from core.identity.actor import Actor
from core.notifications.outbox.models import Message
from interventions.triage import verbs as triage_verbs
from reporter.reports import intake as report_intake
from reporter.reports.models import Report
from tests import factories
from tests.interventions.desk.pages import Page, look


@pytest.fixture
def state(acting, jurisdiction):
    """`state(reference)` – the state that the database holds."""

    def ask(reference: str, column=Report.status):
        with acting(jurisdiction):
            return db.session.scalar(select(column).where(Report.reference == reference))

    return ask


def decided(browser, reference: str, verb: str, **fields) -> Page:
    """Send the form of a verb from the report's page, and open what it leads to."""
    answer = look(browser, f"/desk/reports/{reference}").form(verb).send(browser, **fields)
    assert answer.status_code == 303, answer.text[:3000]
    return look(browser, answer.headers["Location"])


def test_a_report_is_shown_in_full(acting, jurisdiction, desk, statements):
    with acting(jurisdiction):
        deep = {"category": "trou", "answers": {"profondeur": "forte"}}
        reference = factories.report(description="Un trou\nprofond", **deep).reference
        neighbour = factories.report(email=None, **deep).reference
        other = factories.report(category="depot", email=None, description="Des gravats").reference
        number = factories.work_order(report_intake.lock_report(reference)).number
        triage_verbs.note(
            report_intake.lock_report(reference),
            text="Vu avec le maire",
            by=Actor("desk", factories.user("reception").id),
        )
        db.session.commit()
    look(desk, "/desk/")
    statements.clear()
    page = look(desk, f"/desk/reports/{reference}")
    assert len(statements) <= 5, statements
    for words in (
        "profond",
        "par le site",
        "Profondeur",
        "Forte",
        "habitant@example.org",
        "Équipe Voirie",
        number,
        "Vu avec le maire",
        "reception villeclaire",
        neighbour,
        other,
        "même catégorie",
        "Des gravats",
        "Quartier 1",
    ):
        assert words in page.text, words


def test_it_is_acknowledged_once_however_often_the_form_is_sent(made, desk, state):
    reference = made()
    form = look(desk, f"/desk/reports/{reference}").form("acknowledge")
    first, second = form.send(desk), form.send(desk)
    assert (first.status_code, second.status_code) == (303, 303)
    assert state(reference) == "acknowledged" and state(reference, Report.version) == 2
    page = look(desk, f"/desk/reports/{reference}")
    assert "pris en compte" in page.text and not page.has_form("acknowledge")


def test_the_second_of_two_people_is_told_and_overwrites_nothing(made, desk, reception, state):
    reference = made()
    theirs = look(reception, f"/desk/reports/{reference}").form("reject")
    decided(desk, reference, "category", category="depot")
    answer = theirs.send(reception, reason="Ce n’est pas à nous")
    assert answer.status_code == 412 and state(reference) == "received"
    page = Page(answer)
    assert "supervisor villeclaire" in page.text and "Depot" in page.text
    again = page.form("reject")
    assert again.fields["reason"] == "Ce n’est pas à nous"
    assert again.send(reception).status_code == 303
    assert state(reference) == "rejected"


def test_a_form_that_does_not_say_what_it_was_made_from_is_refused(made, desk, state):
    reference = made()
    assert desk.post(f"/desk/reports/{reference}/acknowledge").status_code == 412
    assert state(reference) == "received"


def test_it_is_rejected_with_a_reason_that_residents_read(acting, jurisdiction, made, desk, state):
    reference = made()
    refused = look(desk, f"/desk/reports/{reference}").form("reject").send(desk, reason="  ")
    assert refused.status_code == 422 and state(reference) == "received"
    page = decided(desk, reference, "reject", reason="La rue est privée.")
    assert state(reference) == "rejected" and "La rue est privée." in page.text
    with acting(jurisdiction):
        assert db.session.scalar(select(Message.kind).order_by(Message.id.desc())) == "report.rejected"
    assert page.has_form("reopen") and not page.has_form("reject")
    decided(desk, reference, "reopen", reason="Elle ne l’est plus.")
    assert state(reference) == "acknowledged"


def test_it_is_merged_into_a_neighbour_or_into_another_by_its_reference(made, desk, state):
    kept, first, second = made(), made(), made()
    decided(desk, first, "merge", other=kept)
    decided(desk, second, "merge", into=kept.lower().replace("-", " "), reason="Même trou")
    assert [state(one) for one in (kept, first, second)] == ["received", "merged", "merged"]
    page = look(desk, f"/desk/reports/{kept}")
    assert first in page.text and second in page.text
    third = made()
    for typed in ("rien", third, "VC-777-777"):
        answer = look(desk, f"/desk/reports/{third}").form("merge").send(desk, into=typed)
        assert answer.status_code in (404, 422), typed
    assert state(third) == "received"


def test_its_category_and_place_are_corrected_and_it_goes_to_another_team(made, desk, state):
    reference = made()
    page = decided(desk, reference, "category", category="depot")
    assert "Équipe Propreté" in page.text and "Nid-de-poule" in page.text
    place = factories.CENTRE
    page = decided(
        desk,
        reference,
        "place",
        lat=str(place.lat + 0.02),
        address="3 rue Haute",
        lon=str(place.lon + 0.02).replace(".", ","),
    )
    assert "3 rue Haute" in page.text and "Quartier 4" in page.text
    outside = look(desk, f"/desk/reports/{reference}").form("place").send(desk, lat="48.85", lon="2.35")
    assert outside.status_code == 422 and "Villeclaire" in outside.text
    typed = Page(outside).form("place").fields
    assert (typed["lat"], typed["lon"]) == ("48.85", "2.35")
    nonsense = look(desk, f"/desk/reports/{reference}").form("place").send(desk, lat="nord")
    assert nonsense.status_code == 422


def test_a_note_is_for_the_services_alone(client, made, desk, reception):
    reference = made()
    decided(reception, reference, "note", text="Rappeler Mme Durand")
    assert "Rappeler Mme Durand" in look(desk, f"/desk/reports/{reference}").text
    public = client.get(f"/r/{reference}")
    assert public.status_code == 200 and "Durand" not in public.text


def test_work_under_way_keeps_a_report_from_being_closed(acting, jurisdiction, desk, state):
    with acting(jurisdiction):
        reference = factories.report().reference
        number = factories.work_order(report_intake.lock_report(reference)).number
    answer = look(desk, f"/desk/reports/{reference}").form("reject").send(desk, reason="Non")
    assert answer.status_code == 409 and number in Page(answer).text
    assert state(reference) == "acknowledged" and Page(answer).form("reject").fields["reason"] == "Non"


@pytest.mark.parametrize("nasty", ["\x00nul\x00", "🚧" * 500, "\u202edroite", "a" * 5000, "<script>alert(1)</script>"])
def test_whatever_is_typed_is_answered(made, desk, nasty):
    reference = made()
    for verb, field in (("note", "text"), ("place", "address"), ("merge", "into"), ("reject", "reason")):
        answer = look(desk, f"/desk/reports/{reference}").form(verb).send(desk, **{field: nasty})
        assert answer.status_code in (303, 422), (verb, answer.status_code)
        assert "<script>alert" not in answer.text
    assert desk.get("/desk/reports", query_string={"q": nasty}).status_code in (200, 422)


def test_several_are_acknowledged_those_that_changed_left_out(made, desk, state):
    first, second, third = made(), made(), made()
    listed = look(desk, "/desk/reports")
    picked = [f"{reference}@1" for reference in listed.rows]
    decided(desk, second, "category", category="depot")
    form = listed.form("selection")
    answer = desk.post(form.action, data=form.fields | {"report": picked, "do": "acknowledge"})
    page = look(desk, answer.headers["Location"])
    assert "2 signalements pris en compte" in page.text and second in page.text
    assert [state(one) for one in (first, second, third)] == ["acknowledged", "received", "acknowledged"]


def test_several_are_joined_to_the_one_that_stays(made, desk, state):
    first, second, third = made(), made(), made()
    form = look(desk, "/desk/reports").form("selection")
    answer = desk.post(form.action, data=form.fields | {"report": [first, second, third], "do": "merge"})
    page = look(desk, answer.headers["Location"])
    assert page.rows == [] and page.form("merge").fields["into"] == first  # the oldest is proposed
    fields = page.form("merge").fields | {"report": [first, second, third], "into": second, "reason": "Le même"}
    assert desk.post("/desk/reports/merge", data=fields).status_code == 303
    assert [state(one) for one in (first, second, third)] == ["merged", "received", "merged"]
    assert look(desk, "/desk/reports/merge").title == "Quel signalement conserver ?".replace(" ?", "\u202f?")
    nothing = desk.post(form.action, data=form.fields | {"do": "merge"})
    assert "Sélectionnez d’abord" in look(desk, nothing.headers["Location"]).text
