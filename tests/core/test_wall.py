"""The wall between two towns of one installation: what one asks never shows the other's, and the database itself
refuses a row of one that refers to the other's category, team or sector."""

from __future__ import annotations

import pytest
from sqlalchemy import delete, insert, select, update
from sqlalchemy.exc import IntegrityError

from core.database import db, utcnow
from core.errors import Missing
from core.geo import Place
from core.identity.models import Contact, Sector
from core.scope import Outside
from interventions import work
from interventions.models import Route, Team, Triage, WorkOrder
from reporter import duplicates, intake, listing, maps, reading
from reporter.listing import Filters
from reporter.models import Category, Report, ReportSector
from tests import factories


@pytest.fixture
def two(acting, town):
    """Two towns on the same ground, each with a report and a work order: (town, its report, its order number)."""
    with acting():
        other = factories.town("ailleurs", host="ailleurs.localhost", prefix="AI")
    found = []
    for one in (town, other):
        with acting(one):
            report = factories.report()
            found.append((one, report.reference, factories.work_order(intake.lock(report.reference)).number))
    return found


def test_nothing_of_the_other_town_is_seen(acting, two):
    (here, mine, _number), (_there, theirs, _other) = two
    with acting(here):
        assert [r.reference for r in db.session.scalars(select(Report))] == [mine]
        assert [r.reference for r in listing.page(Filters(staff=True)).items] == [mine]
        assert listing.count(Filters(staff=True)) == 1
        for ask in (lambda: intake.lock(theirs), lambda: reading.detail(theirs, staff=True)):
            with pytest.raises(Missing):
                ask()
        assert [k.reference for k in duplicates.nearby(factories.CENTRE)] == [mine]
        assert theirs not in maps.box(here.bounds, staff=True)[0]
        assert sum(one["properties"]["count"] for one in maps.counts(here.bounds)) == 1
        assert len(db.session.scalars(select(WorkOrder)).all()) == 1
        assert len(db.session.scalars(select(Contact)).all()) == 1
        assert {t.jurisdiction_id for t in db.session.scalars(select(Team))} == {here.id}


def test_numbers_are_each_towns_own(acting, two):
    (_here, _mine, number), (there, _theirs, other) = two
    assert number == other
    with acting(there):
        assert work.lock(number).jurisdiction_id == there.id


def test_what_is_changed_and_removed_is_ones_own(acting, two):
    (here, _mine, _number), (there, _theirs, _other) = two
    with acting(here):
        assert db.session.execute(update(Contact).values(name="Changé")).rowcount == 1
        assert db.session.execute(delete(Route)).rowcount == 6
    with acting(there):
        assert set(db.session.scalars(select(Contact.name))) == {None}
        assert len(db.session.scalars(select(Route)).all()) == 6
    for statement in (update(Contact).values(name="x"), delete(Route)):
        with acting(), pytest.raises(Outside):
            db.session.execute(statement)


def test_asking_without_a_town_is_an_error(acting, two):
    with acting(), pytest.raises(Outside):
        db.session.scalars(select(Report)).all()


@pytest.mark.parametrize("row", ["category", "sector", "team", "route", "order"])
def test_the_database_refuses_a_row_that_refers_across(acting, two, row):
    (here, mine, _number), (there, _theirs, _other) = two
    with acting(there):
        category = db.session.scalar(select(Category.id))
        sector = db.session.scalar(select(Sector.id))
        team = db.session.scalar(select(Team.id))
    with acting(here):
        report = intake.lock(mine)
        own = db.session.scalar(select(Category.id))
        rows = {
            "category": lambda: insert(Report.__table__).values(
                jurisdiction_id=here.id,
                in_charge_id=here.id,
                reference="VC-AAA-AAA",
                category_id=category,
                location=Place(3.877, 43.611).wkt,
                door="web",
            ),
            "sector": lambda: insert(ReportSector.__table__).values(
                jurisdiction_id=here.id, report_id=report.id, sector_id=sector, received_at=utcnow()
            ),
            "team": lambda: (
                Triage.__table__.update()
                .where(Triage.__table__.c.report_id == report.id)
                .values(team_id=team)
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
            Report.__table__.update()
            .where(Report.__table__.c.reference == mine)
            .values(in_charge_id=there.id)
        )
        db.session.commit()
    with acting(there):
        assert intake.lock(mine).reference == mine
        assert mine in [r.reference for r in listing.page(Filters(staff=True)).items]
        assert mine not in [r.reference for r in listing.page(Filters()).items]
    with acting(here):
        assert intake.lock(mine).reference == mine


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
