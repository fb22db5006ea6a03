"""The demonstration town as it opens: the plan played through the verbs, in a database of its own."""

from collections import Counter
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from flask_security.utils import verify_password
from sqlalchemy import func, select

from core import jobs, storage
from core.database import db
from core.database.scope import serving
from core.identity import jurisdictions
from core.identity.models import Jurisdiction, Sector, User
from core.notifications.outbox.models import OWED, Message
from core.photos.models import READY, Photo
from demo import content, geometry, load
from demo.jurisdiction import PASSWORD, SLUG, create_demo_jurisdiction
from demo.plan import make_plan
from demo.player import PlanPlayer
from interventions.teams.models import Team
from interventions.triage.models import Route, Triage
from interventions.work_orders.models import WorkOrder, WorkOrderReport
from reporter.categories.models import Category, CategoryGroup
from reporter.map.models import MapCount
from reporter.reports.models import Report, ReportPhoto
from tests import factories
from tests.conftest import environment, fresh_database

NOW = datetime(2026, 3, 5, 11, 0, tzinfo=ZoneInfo("Europe/Paris"))


@pytest.fixture(scope="module")
def opened(app, migrated, tmp_path_factory):
    """An application on a database of its own, with the demonstration town loaded into it."""
    from app import create_app
    from core.settings import Settings

    folder = tmp_path_factory.mktemp("demonstration")
    with fresh_database("demo", template=migrated) as url:
        known = environment(url, folder)
        settings = {name: known[name] for name in Settings.model_fields if name in known}
        own = create_app(Settings(_env_file=None, **settings))
        with own.app_context():
            jurisdictions.drop_cache()
            made = load.load(now=NOW)
        yield own, made
        with own.app_context():
            db.engine.dispose()
        jurisdictions.drop_cache()
        jobs.bind_app(app)


@pytest.fixture
def villeclaire(opened):
    """Inside the application, the demonstration town being served."""
    app, made = opened
    with app.app_context(), serving(made.jurisdiction):
        yield made


@pytest.fixture(scope="module")
def plan():
    return make_plan(NOW)


def counted(column):
    return dict(db.session.execute(select(column, func.count()).group_by(column)).all())


def test_reports_are_in_the_states_of_the_plan(villeclaire, plan):
    every = list(db.session.scalars(select(Report)))
    # What residents were asked or answered since has moved those on.
    answered = {(one.address, one.received_at) for one in every if one.unread_answer or one.waiting_until}
    assert counted(Report.unread_answer) | {None: 0} == {"contested": 1, "answered": 1, None: 0} and len(answered) == 3
    known = {(one.address, one.received_at): one.status for one in every}
    expected = {}
    for life in plan.reports:
        moved = next(
            (step.data for step in plan.steps if step.verb == "correct_place" and step.report == life.key), None
        )
        address = f"{moved['number']} {moved['street']}" if moved else life.address
        expected[address, life.received_at] = life.status
    assert known.keys() == expected.keys()
    assert {at for at in known if known[at] != expected[at]} <= answered


def test_work_orders_are_in_the_states_of_the_plan(villeclaire, plan):
    known = db.session.execute(select(WorkOrder.title, WorkOrder.status, WorkOrder.kind)).all()
    assert Counter(map(tuple, known)) == Counter((one.title, one.status, one.kind) for one in plan.orders)
    links = db.session.scalar(select(func.count()).select_from(WorkOrderReport))
    assert links == sum(len(order.reports) for order in plan.orders)


def test_the_town_is_whole(villeclaire):
    jurisdiction = db.session.scalar(select(Jurisdiction))
    assert (jurisdiction.slug, jurisdiction.prefix, jurisdiction.demo, jurisdiction.host) == (
        "villeclaire",
        "VC",
        True,
        None,
    )
    assert counted(Sector.layer) == {"quartier": 8, "proprete": 3}
    for model, many in ((CategoryGroup, 10), (Category, 40), (Team, 4), (Route, 39)):
        assert db.session.scalar(select(func.count()).select_from(model)) == many, model
    assert villeclaire.jurisdiction.centre == pytest.approx(geometry.CENTRE, abs=0.01)


def test_every_report_was_routed(villeclaire):
    assert db.session.scalar(select(func.count()).select_from(Triage)) == villeclaire.reports
    unnamed = set(
        db.session.scalars(
            select(Category.code)
            .join(Report, Report.category_id == Category.id)
            .join(Triage, Triage.report_id == Report.id)
            .where(Triage.team_id.is_(None))
        )
    )
    assert unnamed == {code for code, one in content.load().categories.items() if one.team is None}


def test_its_accounts_open(villeclaire):
    for name, role in (
        ("accueil", "reception"),
        ("superviseur", "supervisor"),
        ("agent", "agent"),
        ("admin", "administrator"),
    ):
        user = db.session.scalar(select(User).where(User.email == f"{name}@demo.example"))
        assert verify_password(PASSWORD, user.password)
        assert user.membership_in(villeclaire.jurisdiction.id).role == role


def test_photos_are_ready_and_their_files_are_there(villeclaire):
    assert counted(Photo.status) == {READY: villeclaire.photos}
    assert counted(ReportPhoto.role)["repair"] > 100
    photo = db.session.scalar(select(Photo).limit(1))
    assert set(photo.sizes) == {"small", "large"}
    for size in photo.sizes.values():
        kept = storage.storage().get(size["key"])
        assert len(kept) == size["bytes"]
        assert b"Exif" not in kept
    assert photo.position is not None and photo.taken_at < NOW
    assert db.session.scalar(select(func.count()).select_from(Photo).where(Photo.claimed_at.is_(None))) == 0


def test_everything_happened_when_it_is_said_to(villeclaire):
    first, last = db.session.execute(select(func.min(Report.updated_at), func.max(Report.updated_at))).one()
    assert NOW - timedelta(days=185) < first < last <= NOW


def test_only_the_news_of_the_last_days_is_still_to_be_sent(villeclaire):
    old = select(func.count()).select_from(Message).where(Message.status == OWED)
    owed = db.session.scalar(old)
    everything = db.session.scalar(select(func.count()).select_from(Message))
    assert 50 < owed < everything / 2
    assert db.session.scalar(old.where(Message.kind == "report.confirm")) == 0


def test_the_map_counts_every_public_report(villeclaire):
    public = db.session.scalar(select(func.count()).select_from(Report).where(~Report.private))
    assert db.session.scalar(select(func.sum(MapCount.n)).where(MapCount.level == 17)) == public


def test_a_second_time_is_refused_and_changes_nothing(opened):
    app, made = opened
    answer = app.test_cli_runner().invoke(args=["demo"])
    assert answer.exit_code == 1
    assert "there already" in answer.output
    with app.app_context(), serving(made.jurisdiction):
        assert db.session.scalar(select(func.count()).select_from(Report)) == made.reports


@pytest.mark.parametrize("centre", ["here", "43.611", "95,3", "43,11,3,877"])
def test_a_centre_that_is_none_is_answered_by_a_sentence(opened, centre):
    answer = opened[0].test_cli_runner().invoke(args=["demo", "--centre", centre])
    assert answer.exit_code == 2
    assert "43.611,3.877" in answer.output


def test_it_may_lie_elsewhere_beside_another_town(acting, database):
    with acting():
        factories.jurisdiction("autreville", prefix="AU")
        made, people, password = create_demo_jurisdiction(geometry.build((48.8566, 2.3522)))
        assert made.host == f"{SLUG}.localhost"
        assert made.centre == pytest.approx((48.8566, 2.3522), abs=0.01)
        assert "agent@demo.example" in people
        # Nobody signs in beside a real jurisdiction with a password that everybody may read.
        kept = db.session.get(User, people["admin@demo.example"]).password
        assert password != PASSWORD and verify_password(password, kept) and not verify_password(PASSWORD, kept)


def test_an_interrupted_load_leaves_nothing(monkeypatch, acting, database):
    def stumble(self, step):
        if step.verb == "make":
            raise RuntimeError("interrupted")
        play(self, step)

    play = PlanPlayer.play
    monkeypatch.setattr(PlanPlayer, "play", stumble)
    with acting(), pytest.raises(RuntimeError):
        load.load(now=NOW)
    jurisdictions.drop_cache()
    with acting():
        assert db.session.scalar(select(func.count()).select_from(Jurisdiction)) == 0
