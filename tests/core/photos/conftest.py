"""What the tests of photos share."""

from __future__ import annotations

import pytest
from sqlalchemy import text

from core.database import db
from tests import factories


@pytest.fixture(scope="session", autouse=True)
def _opened_as_in_production(app):
    """Making the application sets what Pillow does in this whole process."""


@pytest.fixture
def here(jurisdiction, acting):
    """The test's own application context, with the jurisdiction acting."""
    with acting(jurisdiction):
        yield jurisdiction


@pytest.fixture
def committed(app):
    """A jurisdiction whose rows are really committed, for other threads and processes; all of them go afterwards."""
    from core.identity import jurisdictions
    from core.jobs import connection

    with app.app_context():
        connection().flushdb()
        yield factories.jurisdiction("concurrence", host="concurrence.localhost", prefix="CO")
        db.session.rollback()
        db.session.execute(text("TRUNCATE jurisdiction CASCADE"))
        db.session.commit()
    jurisdictions.drop_cache()
