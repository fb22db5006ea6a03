"""Work orders: listed, made, corrected."""

from __future__ import annotations

from http import HTTPStatus
from typing import Any

from flask import Response, url_for
from flask.views import MethodView

from api.v1 import responses
from api.v1.idempotent_writes import Once, actor, must_match
from api.v1.lookups import number_of
from api.v1.resources import work_order_queries
from api.v1.schemas import serializers
from api.v1.schemas.requests import WorkChange, WorkIn, WorkQuery
from api.v1.schemas.responses import WorkOut
from api.v1.smorest import CREATED, ETAG, IDEMPOTENT, IF_NONE_MATCH, as_geojson, page_of, resource, scoped, verb
from core import references
from core.errors import FieldError, FieldErrors, NotFound
from core.i18n import gettext as _
from core.identity.actor import Actor
from core.web.access import requires
from core.web.principal import require
from core.web.states import N_
from interventions.planning import verbs as planning_verbs
from interventions.work_orders import listing as work_order_listing
from interventions.work_orders import verbs as work_order_verbs
from interventions.work_orders.execution import require_assigned
from interventions.work_orders.models import WorkOrder
from reporter.reports import intake as report_intake
from reporter.reports.models import Report

work_orders = resource("work-orders", N_("Work in the street, and what is done with it."))

NUMBER = [{"name": "number", "in": "path", "description": N_("The work order's number."), "example": "2026-0042"}]
#: What people wrote is not kept beside an idempotency key.
WORDS = ("title", "instructions")


def answer(once: Once, number: str, *, status: int = HTTPStatus.OK, location: str | None = None) -> Response:
    """The work order as it now is, with its ETag; or as it was said the first time the key was used."""
    row = work_order_queries.work_order_row(number)
    body = serializers.work_order(row)
    if once.answered:
        return once.repeat(body)
    return once.finish("number", body, etag=serializers.report_tag(row), status=status, location=location)


@work_orders.route("")
class WorkOrders(MethodView):
    """All work orders."""

    @scoped("work:read")
    @as_geojson(several=True)
    @work_orders.arguments(WorkQuery, location="query")
    @work_orders.response(200, page_of(WorkOut))
    @requires("work_orders.read")
    def get(self, query: dict[str, Any]) -> Response:
        """List work orders."""
        who = require()
        filters = work_order_listing.WorkFilters(
            statuses=tuple(query["status"]),
            categories=tuple(query["category"]),
            teams=tuple(query["team"]),
            bbox=query.get("bbox"),
            updated_since=query.get("updated_since"),
            sort=query["sort"],
            theirs=None if who.may("work_orders.read_all") else who.user_id,
        )
        page = work_order_listing.work_order_page(filters, limit=query["limit"], cursor=query.get("cursor"))
        also = {}
        if query["count"]:
            number = work_order_listing.count_work_orders(filters)
            also = {"count": min(number, work_order_listing.COUNTED), "more": number > work_order_listing.COUNTED}
        rows = work_order_queries.work_order_rows([row.id for row in page.items])
        return responses.list_answer([serializers.work_order(row) for row in rows], "number", page.next, also=also)

    @scoped("work:write")
    @as_geojson(201)
    @work_orders.doc(parameters=[IDEMPOTENT])
    @work_orders.arguments(WorkIn)
    @work_orders.response(201, WorkOut, headers=CREATED)
    @work_orders.alt_response(422, "UNPROCESSABLE_ENTITY")
    @requires("work_orders.propose")
    def post(self, fields: dict[str, Any]) -> Response:
        """Make a work order."""
        once = Once.begin(fields, words=WORDS)
        if once.answered:
            return answer(once, once.answered["subject"])
        order = _make(fields)
        return answer(
            once,
            order.number,
            status=HTTPStatus.CREATED,
            location=url_for("v1_work-orders.OneWorkOrder", number=order.number),
        )


def _make(fields: dict[str, Any]) -> WorkOrder:
    """Make, give and schedule, as far as the fields say."""
    by = actor()
    order = work_order_verbs.create_work_order(
        reports=_locked(fields.get("reports") or []),
        kind=fields.get("kind"),
        title=fields.get("title"),
        instructions=fields.get("instructions"),
        category=fields.get("category"),
        place=fields.get("location"),
        address=fields.get("address"),
        priority=fields.get("priority"),
        by=by,
    )
    planning_verbs.plan(
        order,
        start=fields.get("start"),
        end=fields.get("end"),
        team=fields.get("team"),
        agent=fields.get("agent"),
        announce=bool(fields.get("announce")),
        by=by,
    )
    return order


def _locked(typed: list[str]) -> list[Report]:
    """The reports of these references, locked in one order. Raises FieldErrors naming `reports`."""
    wrong: list[str] = []
    wanted: dict[str, None] = {}
    for one in typed:
        understood = references.parse_reference(one[:40])
        if understood is None:
            wrong.append(one)
        else:
            wanted[understood] = None
    found = []
    for reference in sorted(wanted):
        try:
            found.append(report_intake.lock_report(reference))
        except NotFound:
            wrong.append(reference)
    if wrong:
        raise FieldErrors(
            [
                FieldError(
                    "reports",
                    _(
                        "There is no report with the reference %(reference)s.",
                        reference=", ".join(one[:20] for one in wrong[:5]),
                    ),
                )
            ]
        )
    order = list(wanted)
    return sorted(found, key=lambda report: order.index(report.reference))


@work_orders.route("/<number>", parameters=NUMBER)
class OneWorkOrder(MethodView):
    """One work order."""

    @scoped("work:read")
    @as_geojson()
    @work_orders.doc(parameters=[IF_NONE_MATCH])
    @work_orders.response(200, WorkOut, headers=ETAG)
    @work_orders.alt_response(304, description="Not modified")
    @work_orders.alt_response(404, "NOT_FOUND")
    @requires("work_orders.read")
    def get(self, number: str) -> Response:
        """Get a work order."""
        row = work_order_queries.work_order_row(number_of(number))
        require_assigned(row, require())
        etag = serializers.report_tag(row, "g" if responses.wants_geojson() else "")
        if responses.client_has(etag):
            return responses.not_modified(etag)
        return responses.resource_answer(serializers.work_order(row), "number", etag=etag)


@verb(
    work_orders,
    "/<number>",
    WorkChange,
    WorkOut,
    "work_orders.propose",
    scope="work:write",
    parameters=NUMBER,
    methods=("PATCH",),
)
def correct(fields: dict[str, Any], number: str) -> Response:
    """Correct a work order."""
    if not fields:
        raise FieldError("title", _("Nothing to change: give title, instructions, priority, team or agent."))
    once = Once.begin(fields, words=WORDS)
    if not once.answered:
        order = work_order_verbs.lock_work_order(number_of(number))
        must_match(order.version)
        by = actor()
        texts = {name: fields[name] for name in ("title", "instructions", "priority") if fields.get(name) is not None}
        if texts:
            work_order_verbs.change_work_order(order, **texts, by=by)
        if "team" in fields or "agent" in fields:
            _give(order, fields, by)
    return answer(once, number_of(number))


def _give(order: WorkOrder, fields: dict[str, Any], by: Actor) -> None:
    """Another team, another agent, or nobody. What is not named stays; a new team comes without an agent."""
    team = fields["team"] if "team" in fields else order.team.code if order.team else None
    agent = (
        fields["agent"] if "agent" in fields else None if "team" in fields or order.agent is None else order.agent.email
    )
    planning_verbs.assign(order, team=team, agent=agent, by=by)
