"""For what two clients do at the same moment: an application whose database is its own, and commits real."""

from __future__ import annotations

import pytest

from tests import factories
from tests.api.asking import ORDERS
from tests.conftest import environment, fresh_database


@pytest.fixture(scope="module")
def apart(migrated, tmp_path_factory):
    """An application with a jurisdiction, on its own copy of the migrated database."""
    from app import create_app
    from core.database import db
    from core.settings import Settings

    with fresh_database("races", template=migrated) as url:
        known = environment(url, tmp_path_factory.mktemp("apart"))
        made = create_app(Settings(_env_file=None, **{k: known[k] for k in Settings.model_fields if k in known}))
        with made.app_context():
            factories.jurisdiction()

        yield made
        with made.app_context():
            db.engine.dispose()


@pytest.fixture
def reference(acting, jurisdiction) -> str:
    """A report waiting for work."""
    with acting(jurisdiction):
        return factories.report().reference


@pytest.fixture
def desk(bearer):
    """A supervisor's headers."""
    return bearer("supervisor")


@pytest.fixture
def do(client, desk):
    """`do(number, verb, fields)` – a verb by a supervisor (or another), which must answer with `status`."""

    def act(number, verb, fields=None, *, status=200, headers=None, more=None):
        sent = {"json": fields} if fields is not None else {}
        answer = client.post(f"{ORDERS}/{number}/{verb}", headers=(headers or desk) | (more or {}), **sent)
        assert answer.status_code == status, answer.get_data(as_text=True)
        return answer

    return act


@pytest.fixture
def made(client, desk, reference):
    """A work order for the report."""
    answer = client.post(ORDERS, json={"reports": [reference], "title": "Reboucher"}, headers=desk)
    assert answer.status_code == 201, answer.get_data(as_text=True)
    return answer
