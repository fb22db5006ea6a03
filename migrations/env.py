"""Runs the migrations of a deployed town: briefly, or not at all.

A migration that cannot have its lock within seconds gives up, instead of queueing every reader behind it.
"""

from __future__ import annotations

from alembic import context
from flask import current_app
from sqlalchemy import text

from core.database import Base
from core.push import models as _push  # noqa: F401 - every table is known here, whoever uses it
from core.webhooks import models as _webhooks  # noqa: F401
from reporter.answers import models as _answers  # noqa: F401
from reporter.around import models as _around  # noqa: F401
from reporter.arrivals import models as _arrivals  # noqa: F401
from reporter.wording import models as _wording  # noqa: F401

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
