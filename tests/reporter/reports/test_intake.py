"""What intake takes and what it does not; what counts as near."""

from __future__ import annotations

import math

import pytest
from sqlalchemy import func, select, update

from core.database import db
from core.errors import FieldErrors
from core.geo import Place
from core.identity.actor import Actor
from core.identity.models import Contact
from core.notifications.outbox.models import GATHERED, OWED, Message
from interventions.triage import verbs as triage_verbs
from reporter.categories.models import Category
from reporter.reports import duplicates
from reporter.reports.intake import lock_report, submit
from reporter.reports.models import Report
from tests import factories

#: Degrees of latitude in a metre.
METRE = 1 / 111_195


@pytest.fixture
def here(acting, jurisdiction):
    """The jurisdiction acting."""
    with acting(jurisdiction):
        yield jurisdiction


def test_a_category_that_is_offered_no_more_takes_no_report(here):
    db.session.execute(update(Category).where(Category.code == "depot").values(active=False))
    with pytest.raises(FieldErrors) as error:
        submit(by=Actor("web"), category="depot", place=factories.CENTRE)
    assert list(error.value.fields) == ["category"]
    assert db.session.scalar(select(func.count(Report.id))) == 0
    assert submit(by=Actor("web"), category="nid-de-poule", place=factories.CENTRE).reference


def test_near_is_a_circle(here):
    centre = factories.CENTRE
    narrow = math.cos(math.radians(centre.lat))

    def at(east: float, north: float) -> str:
        place = Place(centre.lon + east * METRE / narrow, centre.lat + north * METRE)
        return factories.report(place=place, email=None).reference

    inside, corner, edge = at(20, 20), at(45, 45), at(49, 0)
    found = [one.reference for one in duplicates.find_nearby(centre, metres=50)]
    assert found == [inside, edge] and corner not in found, "64 m away, although within 50 m to the east and north"


def test_a_question_and_what_acknowledges_wait_for_no_digest(here):
    made = factories.report(email="ici@example.org")
    db.session.execute(update(Contact).values(digest=True))
    by = Actor("desk", factories.user("supervisor").id)
    triage_verbs.ask(lock_report(made.reference), text="De quel côté ?", by=by)
    other = factories.report(email="ici@example.org")
    triage_verbs.reject(lock_report(other.reference), reason="Non", by=by)
    found = db.session.execute(select(Message.kind, Message.status).order_by(Message.id)).all()
    assert [tuple(one) for one in found] == [
        ("report.received", OWED),
        ("report.question", OWED),
        ("report.received", OWED),
        ("report.rejected", GATHERED),
    ]
