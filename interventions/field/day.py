"""/field: the jobs of today, the next one first."""

from __future__ import annotations

from uuid import uuid4

from flask import render_template
from flask.typing import ResponseReturnValue

from core.audience import audience
from core.database import utcnow
from core.identity.principal import require
from interventions.field.blueprint import field
from interventions.field.reading import round_of


@field.get("/")
@audience("field.open")
def today() -> ResponseReturnValue:
    """My jobs of today in order, with one big button for the next."""
    mine = round_of(require().user_id)
    return render_template("field/day.html", round=mine, now=utcnow(), key=str(uuid4()), here="day")
