"""Two people at the same moment, on connections of their own: everything here is committed for real."""

from __future__ import annotations

import pytest
from sqlalchemy import func, select

from core.database import db
from core.database.scope import serving
from core.errors import ChangedMeanwhile
from core.identity import jurisdictions
from core.notifications.outbox.models import Message
from reporter.notices import verbs as notice_verbs
from tests.api.conftest import apart  # noqa: F401 - a fixture
from tests.api.test_races import together
from tests.reporter.notices.test_notices import made
from tests.reporter.subscriptions.conftest import follows


@pytest.mark.parametrize("turn", range(3))
def test_a_notice_confirmed_by_two_at_once_is_told_once(apart, turn):  # noqa: F811 - the fixture
    jurisdictions.drop_cache()
    with apart.app_context():
        jurisdiction = jurisdictions.by_slug("villeclaire")
        with serving(jurisdiction):
            follows(f"turn{turn}@example.org", kind="street", street=f"rue numéro {turn}")
            notice_id = made(place=f"rue numéro {turn}").id

    def press() -> str:
        with apart.app_context(), serving(jurisdiction):
            try:
                notice_verbs.publish(notice_verbs.lock(notice_id, version=1), counted=1)
            except ChangedMeanwhile:
                db.session.rollback()
                return "told that it has changed"
            db.session.commit()
            return "published"

    assert sorted(together(press, press)) == ["published", "told that it has changed"]
    with apart.app_context():
        m = Message.__table__.c
        assert db.session.scalar(select(func.count()).where(m.source == f"notice:{notice_id}")) == 1
    jurisdictions.drop_cache()
