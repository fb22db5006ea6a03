"""What happens to a work order: one sub-resource a verb, each answers with it and its new ETag."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from flask import Response

from api.v1.idempotent_writes import Once, actor, must_match
from api.v1.lookups import number_of
from api.v1.resources.work_orders import NUMBER, WORDS, answer, work_orders
from api.v1.schemas.fields import RequestSchema
from api.v1.schemas.requests import Finish, Late, LateReason, Nothing, Reason, Schedule
from api.v1.schemas.responses import WorkOut
from api.v1.smorest import View, verb
from core.identity.actor import Actor
from core.web.principal import require
from interventions.planning import verbs as planning_verbs
from interventions.work_orders import execution
from interventions.work_orders import verbs as work_order_verbs
from interventions.work_orders.models import WorkOrder

#: What a verb does with the locked work order; who does it and when; the key of a phone that sends twice.
Deed = Callable[[WorkOrder, Actor, str | None], None]


def _verb(name: str, schema: type[RequestSchema], permission: str) -> Callable[[View], View]:
    return verb(work_orders, f"/<number>/{name}", schema, WorkOut, permission, scope="work:write", parameters=NUMBER)


def _do(typed: str, fields: dict[str, Any], deed: Deed) -> Response:
    """Do something to a work order whose row is locked, once per key, if it still is what the client read."""
    number = number_of(typed)
    once = Once.begin(fields, words=WORDS)
    if not once.answered:
        order = work_order_verbs.lock_work_order(number)
        execution.require_assigned(order, require())
        must_match(order.version)
        deed(order, actor(fields.get("occurred_at")), once.client_key)
    return answer(once, number)


@_verb("approve", Nothing, "work_orders.approve")
def approve(fields: dict[str, Any], number: str) -> Response:
    """Approve work that reception asked for."""
    return _do(number, fields, lambda order, by, _key: work_order_verbs.approve(order, by=by))


@_verb("schedule", Schedule, "work_orders.plan")
def schedule(fields: dict[str, Any], number: str) -> Response:
    """Put work on a day."""

    def deed(order: WorkOrder, by: Actor, _key: str | None) -> None:
        planning_verbs.schedule(
            order,
            start=fields["start"],
            end=fields.get("end"),
            team=fields.get("team"),
            agent=fields.get("agent"),
            announce=bool(fields.get("announce")),
            reason=fields.get("reason") or "",
            by=by,
        )

    return _do(number, fields, deed)


@_verb("announce", Nothing, "work_orders.plan")
def announce(fields: dict[str, Any], number: str) -> Response:
    """Tell the residents the planned day."""
    return _do(number, fields, lambda order, by, _key: planning_verbs.announce_day(order, by=by))


@_verb("start", Late, "work_orders.carry_out")
def start(fields: dict[str, Any], number: str) -> Response:
    """Begin the work."""
    return _do(number, fields, lambda order, by, key: execution.start(order, by=by, client_key=key))


@_verb("hold", LateReason, "work_orders.carry_out")
def hold(fields: dict[str, Any], number: str) -> Response:
    """Interrupt the work."""
    return _do(
        number, fields, lambda order, by, key: execution.hold(order, reason=fields["reason"], by=by, client_key=key)
    )


@_verb("resume", Late, "work_orders.carry_out")
def resume(fields: dict[str, Any], number: str) -> Response:
    """Go on with the work."""
    return _do(number, fields, lambda order, by, key: execution.resume(order, by=by, client_key=key))


@_verb("refuse", LateReason, "work_orders.carry_out")
def refuse(fields: dict[str, Any], number: str) -> Response:
    """Say that the work cannot be done."""
    return _do(
        number, fields, lambda order, by, key: execution.refuse(order, reason=fields["reason"], by=by, client_key=key)
    )


@_verb("finish", Finish, "work_orders.carry_out")
def finish(fields: dict[str, Any], number: str) -> Response:
    """Finish the work."""

    def deed(order: WorkOrder, by: Actor, key: str | None) -> None:
        execution.finish(
            order,
            comment=fields.get("comment") or "",
            photos=fields.get("photos") or (),
            minutes=fields.get("minutes"),
            by=by,
            client_key=key,
        )

    return _do(number, fields, deed)


@_verb("verify", Nothing, "work_orders.verify")
def verify(fields: dict[str, Any], number: str) -> Response:
    """Confirm that finished work is good."""
    return _do(number, fields, lambda order, by, _key: execution.verify(order, by=by))


@_verb("return", Reason, "work_orders.verify")
def send_back(fields: dict[str, Any], number: str) -> Response:
    """Return finished work."""
    return _do(number, fields, lambda order, by, _key: execution.return_work(order, reason=fields["reason"], by=by))


@_verb("cancel", Reason, "work_orders.cancel")
def cancel(fields: dict[str, Any], number: str) -> Response:
    """Cancel the work."""
    return _do(number, fields, lambda order, by, _key: execution.cancel(order, reason=fields["reason"], by=by))
