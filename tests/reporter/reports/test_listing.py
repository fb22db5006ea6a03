"""Lists by sector, category and state: what the filters hold is what the reports are, after every move."""

import itertools

import pytest
from sqlalchemy import select

from core.database import db
from core.geo import Place
from core.identity.actor import Actor
from reporter.categories.queries import offered_categories
from reporter.reports import listing as report_listing
from reporter.reports import transitions
from reporter.reports.models import Report, ReportSector
from reporter.statuses import OPEN, STATUSES
from tests import factories

BY = Actor("desk")


@pytest.fixture
def four(acting, jurisdiction):
    """A report in each quarter of the jurisdiction; one of them rejected, one moved into the quarter of another."""
    with acting(jurisdiction):
        west, south, east, north = jurisdiction.bounds
        places = [
            Place(west + (east - west) * x, south + (north - south) * y)
            for x, y in itertools.product((0.26, 0.74), (0.26, 0.74))
        ]
        kind = offered_categories()[0].code
        made = [factories.report(place=place, category=kind) for place in places]
        db.session.flush()
        transitions.reject(made[0], reason="Rien à faire.", by=BY)
        transitions.correct_place(made[3], place=places[0], by=BY)
        db.session.flush()
        yield made


def references(**filters) -> set[str]:
    return {
        row.reference for row in report_listing.report_page(report_listing.ReportFilters(staff=True, **filters)).items
    }


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
            assert report_listing.count_reports(
                report_listing.ReportFilters(staff=True, statuses=statuses, sector=code)
            ) == len(found)
    assert references(statuses=("rejected",)) == {four[0].reference}


def test_a_category_under_some_states_too_and_both_at_once(four):
    kind = four[0].category.code
    for statuses in (OPEN, ("rejected",), ()):
        found = references(statuses=statuses, categories=(kind,))
        assert found == references(statuses=statuses)
        inside = [references(statuses=statuses, categories=(kind,), sector=f"s{n}") for n in range(1, 5)]
        assert set().union(*inside) == found
