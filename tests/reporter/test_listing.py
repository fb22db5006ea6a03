"""Lists by sector, category and state: what the filters hold is what the reports are, after every move."""

import itertools

import pytest
from sqlalchemy import select

from core.actor import Actor
from core.database import db
from core.geo import Place
from reporter import listing, moves
from reporter.categories import offered
from reporter.models import Report, ReportSector
from reporter.status import OPEN, STATUSES
from tests import factories

BY = Actor("desk")


@pytest.fixture
def four(acting, town):
    """A report in each quarter of the town; one of them rejected, one moved into the quarter of another."""
    with acting(town):
        west, south, east, north = town.bounds
        places = [
            Place(west + (east - west) * x, south + (north - south) * y)
            for x, y in itertools.product((0.26, 0.74), (0.26, 0.74))
        ]
        kind = offered()[0].code
        made = [factories.report(place=place, category=kind) for place in places]
        db.session.flush()
        moves.reject(made[0], reason="Rien à faire.", by=BY)
        moves.correct_place(made[3], place=places[0], by=BY)
        db.session.flush()
        yield made


def references(**filters) -> set[str]:
    return {row.reference for row in listing.page(listing.Filters(staff=True, **filters)).items}


def test_a_sector_keeps_the_state_of_its_reports(four):
    pairs = db.session.execute(
        select(ReportSector.status, Report.status).join(Report, Report.id == ReportSector.report_id)
    ).all()
    assert pairs and all(here == there for here, there in pairs)


def test_a_sector_under_some_states_holds_what_it_holds_of_them(four):
    codes = ["s1", "s2", "s3", "s4"]
    for statuses in (OPEN, ("rejected",), ("rejected", "received"), STATUSES):
        everywhere = references(statuses=statuses)
        by_sector = [references(statuses=statuses, sector=code) for code in codes]
        assert set().union(*by_sector) == everywhere
        for code, found in zip(codes, by_sector, strict=True):
            assert listing.count(listing.Filters(staff=True, statuses=statuses, sector=code)) == len(found)
    assert references(statuses=("rejected",)) == {four[0].reference}


def test_a_category_under_some_states_too_and_both_at_once(four):
    kind = four[0].category.code
    for statuses in (OPEN, ("rejected",), ()):
        found = references(statuses=statuses, categories=(kind,))
        assert found == references(statuses=statuses)
        inside = [references(statuses=statuses, categories=(kind,), sector=f"s{n}") for n in range(1, 5)]
        assert set().union(*inside) == found
