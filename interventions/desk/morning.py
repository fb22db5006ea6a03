"""Matin: what is dangerous, late and new, in one look, before the crews leave."""

from __future__ import annotations

from flask import render_template
from flask.typing import ResponseReturnValue

from core.audience import audience
from core.database import utcnow
from interventions.desk import menu
from interventions.desk.blueprint import desk
from interventions.desk.query import Query
from interventions.desk.reports import beside, incoming
from reporter.status import RECEIVED


@desk.get("/")
@audience("desk.open")
def morning() -> ResponseReturnValue:
    """The six numbers, then what came in and has not been seen yet, as a list and on the map."""
    numbers = menu.count()
    context = incoming(Query(state=RECEIVED))
    return render_template("desk/morning.html", here="morning", **context, **beside(None), numbers=numbers,
                           today=utcnow(), bounded=menu.bounded)
