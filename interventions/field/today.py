"""/field: the jobs of today, the next one first."""

from __future__ import annotations

from uuid import uuid4

from flask import render_template
from flask.typing import ResponseReturnValue

from core.database import utcnow
from core.web.access import requires
from core.web.principal import require
from interventions.field.blueprint import field
from interventions.field.queries import round_of


@field.get("/")
@requires("field.open")
def today() -> ResponseReturnValue:
    """My jobs of today in order, with one big button for the next."""
    mine = round_of(require().user_id)
    return render_template("field/today.html", round=mine, now=utcnow(), key=str(uuid4()), nav_current="day")
