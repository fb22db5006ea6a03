"""The wall between two jurisdictions of one installation: what one asks never shows the other's, and the database
itself
refuses a row of one that refers to the other's category, team or sector."""

from __future__ import annotations

import pytest
from sqlalchemy import delete, insert, select, update
from sqlalchemy.exc import IntegrityError

from core.database import db, utcnow
from core.database.scope import NoCurrentJurisdiction
from core.errors import NotFound
from core.geo import Place
from core.identity.models import Contact, Sector
from interventions.teams.models import Team
from interventions.triage.models import Route, Triage
from interventions.work_orders import verbs as work_order_verbs
from interventions.work_orders.models import WorkOrder
from reporter.categories.models import Category
from reporter.map import features
from reporter.reports import detail as report_detail
from reporter.reports import duplicates
from reporter.reports import intake as report_intake
from reporter.reports import listing as report_listing
from reporter.reports.listing import ReportFilters
from reporter.reports.models import Report, ReportSector
from tests import factories


@pytest.fixture
def two(acting, jurisdiction):
    """Two jurisdictions on the same ground, each with a report and a work order: (jurisdiction, its report, its order
    number)."""
    with acting():
        other = factories.jurisdiction("ailleurs", host="ailleurs.localhost", prefix="AI")
    found = []
    for one in (jurisdiction, other):
        with acting(one):
            report = factories.report()
            found.append(
                (one, report.reference, factories.work_order(report_intake.lock_report(report.reference)).number)
            )
    return found


def test_nothing_of_the_other_town_is_seen(acting, two):
    (here, mine, _number), (_there, theirs, _other) = two
    with acting(here):
        assert [r.reference for r in db.session.scalars(select(Report))] == [mine]
        assert [r.reference for r in report_listing.report_page(ReportFilters(staff=True)).items] == [mine]
        assert report_listing.count_reports(ReportFilters(staff=True)) == 1
        for ask in (lambda: report_intake.lock_report(theirs), lambda: report_detail.report_detail(theirs, staff=True)):
            with pytest.raises(NotFound):
                ask()
        assert [k.reference for k in duplicates.find_nearby(factories.CENTRE)] == [mine]
        assert theirs not in features.features_in_box(here.bounds, staff=True)[0]
        assert sum(one["properties"]["count"] for one in features.counts_in_box(here.bounds)) == 1
        assert len(db.session.scalars(select(WorkOrder)).all()) == 1
        assert len(db.session.scalars(select(Contact)).all()) == 1
        assert {t.jurisdiction_id for t in db.session.scalars(select(Team))} == {here.id}


def test_numbers_are_each_towns_own(acting, two):
    (_here, _mine, number), (there, _theirs, other) = two
    assert number == other
    with acting(there):
        assert work_order_verbs.lock_work_order(number).jurisdiction_id == there.id


def test_what_is_changed_and_removed_is_ones_own(acting, two):
    (here, _mine, _number), (there, _theirs, _other) = two
    with acting(here):
        assert db.session.execute(update(Contact).values(name="Changé")).rowcount == 1
        assert db.session.execute(delete(Route)).rowcount == 6
    with acting(there):
        assert set(db.session.scalars(select(Contact.name))) == {None}
        assert len(db.session.scalars(select(Route)).all()) == 6
    for statement in (update(Contact).values(name="x"), delete(Route)):
        with acting(), pytest.raises(NoCurrentJurisdiction):
            db.session.execute(statement)


def test_asking_without_a_town_is_an_error(acting, two):
    with acting(), pytest.raises(NoCurrentJurisdiction):
        db.session.scalars(select(Report)).all()


@pytest.mark.parametrize("row", ["category", "sector", "team", "route", "order"])
def test_the_database_refuses_a_row_that_refers_across(acting, two, row):
    (here, mine, _number), (there, _theirs, _other) = two
    with acting(there):
        category = db.session.scalar(select(Category.id))
        sector = db.session.scalar(select(Sector.id))
        team = db.session.scalar(select(Team.id))
    with acting(here):
        report = report_intake.lock_report(mine)
        own = db.session.scalar(select(Category.id))
        rows = {
            "category": lambda: insert(Report.__table__).values(
                jurisdiction_id=here.id,
                in_charge_id=here.id,
                reference="VC-AAA-AAA",
                category_id=category,
                location=Place(3.877, 43.611).wkt,
                channel="web",
            ),
            "sector": lambda: insert(ReportSector.__table__).values(
                jurisdiction_id=here.id, report_id=report.id, sector_id=sector, received_at=utcnow()
            ),
            "team": lambda: (
                Triage.__table__.update().where(Triage.__table__.c.report_id == report.id).values(team_id=team)
            ),
            "route": lambda: insert(Route.__table__).values(
                jurisdiction_id=here.id, category_id=own, team_id=team, sector_id=None
            ),
            "order": lambda: insert(WorkOrder.__table__).values(
                jurisdiction_id=here.id, number="2026-9999", title="x", team_id=team
            ),
        }
        with pytest.raises(IntegrityError), db.session.begin_nested():
            db.session.execute(rows[row]())


def test_a_report_in_anothers_charge_is_seen_from_both_sides(acting, two):
    (here, mine, _number), (there, _theirs, _other) = two
    with acting(here):
        db.session.execute(
            Report.__table__.update().where(Report.__table__.c.reference == mine).values(in_charge_id=there.id)
        )
        db.session.commit()
    with acting(there):
        assert report_intake.lock_report(mine).reference == mine
        assert mine in [r.reference for r in report_listing.report_page(ReportFilters(staff=True)).items]
        assert mine not in [r.reference for r in report_listing.report_page(ReportFilters()).items]
    with acting(here):
        assert report_intake.lock_report(mine).reference == mine


def test_a_history_cannot_be_rewritten(acting, two):
    (here, _mine, _number), _other = two
    with acting(here):
        from sqlalchemy import text

        for statement in (
            "UPDATE report_event SET kind = 'resolved'",
            "DELETE FROM report_event",
            "UPDATE work_order_event SET kind = 'made'",
        ):
            with pytest.raises(IntegrityError, match="appended"), db.session.begin_nested():
                db.session.execute(text(statement))
