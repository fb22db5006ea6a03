"""Matin: what is dangerous, late and new, in one look, before the crews leave."""

from __future__ import annotations

from flask import render_template
from flask.typing import ResponseReturnValue

from core.database import utcnow
from core.web.access import requires
from interventions.desk import menu
from interventions.desk.blueprint import desk
from interventions.desk.filters import ListQuery
from interventions.desk.reports.report_list import beside, incoming
from reporter.statuses import RECEIVED


@desk.get("/")
@requires("desk.open")
def morning() -> ResponseReturnValue:
    """The six numbers, then what came in and has not been seen yet, as a list and on the map."""
    numbers = menu.count_now()
    context = incoming(ListQuery(state=RECEIVED))
    return render_template(
        "desk/overview.html",
        nav_current="morning",
        **context,
        **beside(None),
        numbers=numbers,
        today=utcnow(),
        bounded=menu.bounded,
    )
