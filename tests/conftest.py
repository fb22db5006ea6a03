"""What every test stands on: a database built by the migrations, rolled back after each test; real Redis."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
from contextlib import contextmanager
from pathlib import Path

import pytest
import sqlalchemy as sa

from tests import databases, engines, factories
from tests.databases import fresh_database, redis_url

ROOT = databases.ROOT
#: Real reports, geometry and photos, where they are present.
DATA = ROOT.parent / "shared" / "data"


@pytest.fixture(scope="session")
def data() -> Path:
    """The folder of real data. Where it is absent, its tests say so by being skipped."""
    if not DATA.is_dir():
        pytest.skip("../shared/data is not there")
    return DATA


@pytest.fixture(scope="session", autouse=True)
def _only_this_machine():
    """Refuse connections to anywhere but this machine."""
    real = socket.socket.connect

    def guarded(self, address):
        if self.family in (socket.AF_INET, socket.AF_INET6) and address[0] not in (
            "127.0.0.1",
            "::1",
            "localhost",
        ):
            raise AssertionError(f"A test tried to reach {address[0]}")
        return real(self, address)

    socket.socket.connect = guarded
    yield
    socket.socket.connect = real


def environment(database_url: str, folder: Path, **more: str) -> dict[str, str]:
    """The settings of an application under test, as environment variables."""
    return (
        os.environ
        | {
            "DATABASE_URL": database_url,
            "REDIS_URL": redis_url(),
            "STORAGE_URL": f"file://{folder / 'storage'}",
            "MAIL_URL": f"file://{folder / 'mail'}",
            "SECRET_KEY": "k" * 40,
            "PUBLIC_URL": "http://localhost",
            "TILES_URL": "",
            "ALENTOUR_ENV": "/nonexistent",
        }
        | more
    )


@pytest.fixture(scope="session")
def migrated() -> str:
    """The name of a database built by the migrations, to copy from (nobody is connected to it)."""
    return databases.template("migrated", _migrate, databases.of_the_migrations())


def _migrate(url: str, folder: Path) -> None:
    """Run every migration on an empty database."""
    done = subprocess.run(
        [sys.executable, "-m", "flask", "db", "upgrade"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        env=environment(url, folder),
        timeout=240,
    )
    assert done.returncode == 0, done.stderr[-3000:]


@pytest.fixture(scope="session")
def app(migrated, tmp_path_factory):
    """The application, on its own copy of the migrated database."""
    from app import create_app
    from core.database import db, transactions
    from core.settings import Settings

    folder = tmp_path_factory.mktemp("town")
    with fresh_database("app", template=migrated) as url:
        known = environment(url, folder)
        settings = Settings(_env_file=None, **{k: known[k] for k in Settings.model_fields if k in known})
        made = create_app(settings)
        made.test_client_class = engines.Client
        made.config["TESTING"] = True
        made.config["PROPAGATE_EXCEPTIONS"] = False
        made.config["WTF_CSRF_ENABLED"] = False
        with made.app_context():
            # The demonstration town is made in one transaction, all of it or nothing: nobody can wait for its rows,
            # since nobody sees them before.
            guard = transactions.Guard(allowed=frozenset({"demo.load"}), outside=ROOT / "tests")
            transactions.switch_on(made, db.engine, guard)
        yield made
        with made.app_context():
            for engine in db.engines.values():
                engine.dispose()


@pytest.fixture
def database(app):
    """Whatever a test writes is rolled back; Redis starts empty.

    Both engines speak over the one connection of the test: see `tests.engines`.
    """
    from core.database import READ_ONLY_ENGINE, db
    from core.identity import jurisdictions
    from core.jobs import bind_app, connection

    # A test may have made another application: jobs that run in this process run in this one again.
    bind_app(app)
    with app.app_context():
        connection().flushdb()
        engine, reading, maker = db.engine, db.get_engine(READ_ONLY_ENGINE), db.sessionmaker
    jurisdictions.drop_cache()
    with engine.connect() as only, engines.lent_to(reading, only):
        everything = only.begin()
        before = dict(maker.kw)
        # Each session's commit releases a savepoint of this one transaction.
        maker.configure(bind=only, join_transaction_mode="create_savepoint")
        yield db
        maker.kw.clear()
        maker.kw.update(before)
        everything.rollback()
    jurisdictions.drop_cache()


@pytest.fixture
def acting(app, database):
    """`with acting(jurisdiction): …` – an application context in which `jurisdiction` (or none) is being served."""
    from core.database.scope import serving

    @contextmanager
    def act(jurisdiction=None):
        with app.app_context():
            if jurisdiction is None:
                yield
            else:
                with serving(jurisdiction):
                    yield

    return act


@pytest.fixture
def jurisdiction(acting):
    """A jurisdiction of some five kilometres around 43.611 N, 3.877 E: four sectors, six categories, two teams,
    staff."""
    with acting():
        return factories.jurisdiction()


@pytest.fixture
def client(app, jurisdiction):
    """Somebody's browser, not signed in."""
    return app.test_client()


@pytest.fixture
def signed_in(app, jurisdiction, acting):
    """`signed_in("supervisor")` – the browser of a colleague of that role."""

    def sign_in(role: str, at=None):
        browser = app.test_client()
        with acting(at or jurisdiction):
            known = factories.session_of(factories.user(role))
        with browser.session_transaction() as session:
            session["_user_id"] = known
            session["_fresh"] = True
            session["fs_cc"] = "set"
        return browser

    return sign_in


@pytest.fixture
def bearer(jurisdiction, acting):
    """`bearer("supervisor")` – the headers of an API client of that role."""

    def headers(role: str, at=None) -> dict[str, str]:
        with acting(at or jurisdiction):
            return {"Authorization": f"Bearer {factories.token(role)}"}

    return headers


@pytest.fixture
def statements(app):
    """A list of the statements the database is asked, savepoints aside; clear it before what is measured."""
    from core.database import db

    asked: list[str] = []

    def hear(_connection, _cursor, statement, _parameters, _context, _many):
        if not statement.lstrip().upper().startswith(("SAVEPOINT", "RELEASE", "ROLLBACK TO")):
            asked.append(statement)

    with app.app_context():
        both = list(db.engines.values())
    for engine in both:
        sa.event.listen(engine, "before_cursor_execute", hear)
    engines.hearing.append(asked.append)
    yield asked
    engines.hearing.remove(asked.append)
    for engine in both:
        sa.event.remove(engine, "before_cursor_execute", hear)


@pytest.fixture(scope="session")
def chromium():
    """Debian's browser, one for all tests that look at pages."""
    from playwright.sync_api import sync_playwright

    from tests.look.measure import CHROMIUM, FLAGS

    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
        yield browser
        browser.close()
