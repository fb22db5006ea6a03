"""For what two clients do at the same moment: an application on a database of its own, where commits are real."""

from __future__ import annotations

import pytest

from tests import factories
from tests.conftest import environment, fresh_database


@pytest.fixture(scope="module")
def apart(migrated, tmp_path_factory):
    """An application with a town, on its own copy of the migrated database."""
    from app import create_app
    from core.database import db
    from core.settings import Settings

    with fresh_database(f"{migrated}_races", template=migrated) as url:
        known = environment(url, tmp_path_factory.mktemp("apart"))
        made = create_app(Settings(_env_file=None, **{k: known[k] for k in Settings.model_fields if k in known}))
        with made.app_context():
            factories.town()

        yield made
        with made.app_context():
            db.engine.dispose()
