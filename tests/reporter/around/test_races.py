"""Two people at the same moment, on connections of their own: everything here is committed for real."""

from __future__ import annotations

import pytest
from sqlalchemy import func, select

from core.database import db
from core.errors import Changed
from core.identity import towns
from core.outbox.models import Message
from core.scope import acting_for
from reporter.around import notices
from tests.api.conftest import apart  # noqa: F401 - a fixture
from tests.api.test_races import together
from tests.reporter.around.conftest import follows
from tests.reporter.around.test_notices import made


@pytest.mark.parametrize("turn", range(3))
def test_a_notice_confirmed_by_two_at_once_is_told_once(apart, turn):  # noqa: F811 - the fixture
    towns.forget()
    with apart.app_context():
        town = towns.by_slug("villeclaire")
        with acting_for(town):
            follows(f"turn{turn}@example.org", kind="street", street=f"rue numéro {turn}")
            notice_id = made(place=f"rue numéro {turn}").id

    def press() -> str:
        with apart.app_context(), acting_for(town):
            try:
                notices.publish(notices.lock(notice_id, version=1), counted=1)
            except Changed:
                db.session.rollback()
                return "told that it has changed"
            db.session.commit()
            return "published"

    assert sorted(together(press, press)) == ["published", "told that it has changed"]
    with apart.app_context():
        m = Message.__table__.c
        assert db.session.scalar(select(func.count()).where(m.source == f"notice:{notice_id}")) == 1
    towns.forget()
