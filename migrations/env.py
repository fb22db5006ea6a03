"""Runs the migrations of a deployed jurisdiction: briefly, or not at all.

A migration that cannot have its lock within seconds gives up, instead of queueing every reader behind it.
"""

from __future__ import annotations

from alembic import context
from flask import current_app
from sqlalchemy import text

from core.database import Base
from core.notifications.push import models as push_models  # noqa: F401 - every table is known here, whoever uses it
from core.notifications.webhooks import models as webhook_models  # noqa: F401
from reporter.feedback import models as feedback_models  # noqa: F401
from reporter.inbound import models as inbound_models  # noqa: F401
from reporter.messages.wording import models as wording_models  # noqa: F401
from reporter.notices import models as notice_models  # noqa: F401

LOCK_TIMEOUT = "5s"
STATEMENT_TIMEOUT = "15min"
#: PostGIS brings tables of its own.
NOT_OURS = {"spatial_ref_sys", "geometry_columns", "geography_columns", "raster_columns", "raster_overviews"}


def ours(thing, name: str, kind: str, reflected: bool, compare_to) -> bool:
    """Whether autogenerate and `flask db check` look at it."""
    return not (kind == "table" and name in NOT_OURS)


def run() -> None:
    """Run what is asked on the application's database, in one transaction a migration."""
    with current_app.extensions["migrate"].db.engine.connect() as connection:
        connection.execute(text(f"SET lock_timeout = '{LOCK_TIMEOUT}'"))
        connection.execute(text(f"SET statement_timeout = '{STATEMENT_TIMEOUT}'"))
        connection.commit()
        context.configure(
            connection=connection, target_metadata=Base.metadata, include_object=ours,
            transaction_per_migration=True, compare_type=True,
        )
        with context.begin_transaction():
            context.run_migrations()


run()
