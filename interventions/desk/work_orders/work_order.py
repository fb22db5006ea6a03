"""One work order: what is to be done, for which reports, by whom and when; every verb its state allows."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from functools import partial, wraps
from typing import Any

from flask import request
from flask.typing import ResponseReturnValue

from core.errors import FieldError, NotFound
from core.i18n import gettext as _
from core.i18n import locale_code
from core.identity.actor import Actor
from core.photos.verbs import accept_all
from core.text import localized
from core.times import local_time
from core.web.access import requires
from core.web.principal import require
from interventions.desk.blueprint import BESIDE, desk, part, show
from interventions.desk.choices import choices, priorities
from interventions.desk.day_fields import as_fields, planned_period
from interventions.desk.form_handling import attempt, figure, new_form_key, version
from interventions.desk.history_lines import work_history_lines
from interventions.desk.rows import first_words, report_rows, work_rows
from interventions.desk.work_orders import queries
from interventions.planning import verbs as planning_verbs
from interventions.work_orders import execution
from interventions.work_orders import verbs as work_order_verbs
from interventions.work_orders.models import WorkOrder
from interventions.work_orders.sentences import duration_words, kind_word
from interventions.work_orders.statuses import ACTIVE, CANCELLED, FIELD_VERBS, MOVES, PERMISSIONS, SCHEDULED, VERIFIED

#: verb → the permission that it needs here: on the desk one sees everybody's work, not one's own.
NEEDED = PERMISSIONS | dict.fromkeys(FIELD_VERBS, "work_orders.carry_out_all")


@desk.get("/work-orders/<number>")
@requires("work_orders.read_all")
def work_order(number: str) -> ResponseReturnValue:
    """A work order on a page of its own, or beside the list."""
    return show("desk/work_order.html", nav_current="work-orders", **about(number))


def opened(number: str) -> dict[str, Any] | None:
    """What is shown beside the list of a work order that its address names; None where there is none."""
    try:
        return about(number)
    except NotFound:
        return None


def about(
    number: str,
    *,
    verb: str | None = None,
    errors: dict[str, str] | None = None,
    refusal: str = "",
    typed: dict[str, str] | None = None,
    tokens: list[str] | None = None,
    seen: int | None = None,
) -> dict[str, Any]:
    """All that a work order's page shows. Two statements. Raises NotFound.

    After a refusal: the `verb` that was tried, what was `typed`, the `tokens` of photos kept from it.
    """
    one = queries.detail(number)
    history = queries.history(one.id)
    said = work_history_lines(history, choices(), since=seen)
    reports = queries.reports_of(one)
    locale = locale_code()
    return {
        "one": one,
        "reports": reports,
        "row": work_rows([_Row(one, reports)])[0],
        "lines": said,
        "changed": [line for line in said if line.fresh],
        "category_name": localized(one.category_names, locale),
        "team_name": localized(one.team_names, locale),
        "kind": kind_word(one.kind),
        "may": allowed(one),
        "latest": max((line.id for line in history), default=0),
        "known": choices(),
        "key": new_form_key(),
        "verb": verb,
        "errors": errors or {},
        "refusal": refusal,
        "typed": typed or {},
        "tokens": tokens or [],
        "photos": one.photos or [],
        "first_words": first_words,
        "fields": as_fields(one.starts_at, one.ends_at),
        "priorities": priorities(),
        "length": duration_words,
        "marks": [
            {"lat": report["lat"], "lon": report["lon"], "status": report["status"], "own": True} for report in reports
        ]
        or ([{"lat": one.lat, "lon": one.lon, "status": one.status, "own": True}] if one.lat else []),
        "answered": report_rows([_Report(report) for report in reports]),
        "after_verb": part() == BESIDE and request.args.get("done") is not None,
    }


class _Row:
    """A detail in the shape of a row of the list."""

    def __init__(self, one: Any, reports: list[dict[str, Any]]) -> None:
        self._one = one
        seen = next((report for report in reports if report["cover"]), {})
        self.cover, self.cover_status = seen.get("cover"), seen.get("cover_status")

    def __getattr__(self, name: str) -> Any:
        return getattr(self._one, name)


class _Report:
    """A report that a work order answers, in the shape of a row of the reports' list."""

    def __init__(self, report: dict[str, Any]) -> None:
        self.__dict__.update(report)
        self.category_names = report["names"]


def allowed(one: Any) -> dict[str, bool]:
    """Which verbs the present state and the reader's permissions allow."""
    who = require()
    return {verb: found and who.may(NEEDED[verb]) for verb, found in _possible(one).items()} | {
        "change": one.status not in (CANCELLED, VERIFIED) and work_order_verbs.may_change(one.status, who)
    }


def _possible(one: Any) -> dict[str, bool]:
    may = {verb: one.status in sources for verb, (sources, _target) in MOVES.items()}
    told = (
        one.announced_day is not None
        and one.starts_at is not None
        and local_time(one.announced_day).date() == local_time(one.starts_at).date()
    )
    return may | {"assign": one.status in ACTIVE, "announce": one.status == SCHEDULED and not told}


def _move_work(number: str, verb: str) -> ResponseReturnValue:
    """One decision about one work order; the second of two people is told what the first changed."""
    tokens = request.form.getlist("photo_token")
    if verb == "finish":
        photos, refused = accept_all(request.files.getlist("photos"), most=execution.PHOTOS)
        tokens += [str(photo.token) for photo in photos]
        if refused:
            return _again(number, verb, tokens)(422, {"photos": " ".join(error.sentence for error in refused)}, "")
    return _decided(number, verb, tokens)


def _decided(number: str, verb: str, tokens: list[str]) -> ResponseReturnValue:
    done = "?done=" + verb if part() == BESIDE else ""
    return attempt(
        lambda by: DO[verb](number, by, tokens),
        to=f"/desk/work-orders/{number}{done}",
        again=_again(number, verb, tokens),
    )


def _again(number: str, verb: str, tokens: list[str]) -> Callable[..., ResponseReturnValue]:
    def again(status: int, errors: dict[str, str], refusal: str) -> ResponseReturnValue:
        typed = {name: value for name, value in request.form.items()}
        seen = figure(typed.get("seen", "")) if status == 412 else None
        return show(
            "desk/work_order.html",
            status,
            nav_current="work-orders",
            **about(number, verb=verb, errors=errors, refusal=refusal, typed=typed, tokens=tokens, seen=seen),
        )

    return again


def _locked(number: str) -> WorkOrder:
    return work_order_verbs.lock_work_order(number, version=version())


def _approve(number: str, by: Actor, _tokens: list[str]) -> str:
    work_order_verbs.approve(_locked(number), by=by)
    return _("Work order %(number)s approved.", number=number)


def _assign(number: str, by: Actor, _tokens: list[str]) -> str:
    order = _locked(number)
    planning_verbs.assign(order, team=request.form.get("team"), agent=request.form.get("agent"), by=by)
    if order.team is None:
        return _("Work order %(number)s unassigned.", number=number)
    return _(
        "Work order %(number)s assigned to %(team)s.", number=number, team=localized(order.team.names, locale_code())
    )


def _schedule(number: str, by: Actor, _tokens: list[str]) -> str:
    form = request.form
    moments = planned_period(form)
    if moments is None:
        raise FieldError("day", _("Choose a date."))
    order = _locked(number)
    planning_verbs.schedule(
        order,
        start=moments[0],
        end=moments[1],
        team=form.get("team"),
        agent=form.get("agent"),
        announce="announce" in form,
        reason=form.get("reason"),
        by=by,
    )
    if order.announced_day is not None and order.announced_at == by.when:
        return _("Work order %(number)s scheduled. Residents are being told.", number=number)
    return _("Work order %(number)s scheduled.", number=number)


def _announce(number: str, by: Actor, _tokens: list[str]) -> str:
    planning_verbs.announce_day(_locked(number), by=by)
    return _("Date announced: residents are being told.")


def _start(number: str, by: Actor, _tokens: list[str]) -> str:
    execution.start(_locked(number), by=by)
    return _("Work order %(number)s started.", number=number)


def _hold(number: str, by: Actor, _tokens: list[str]) -> str:
    execution.hold(_locked(number), reason=request.form.get("reason"), by=by)
    return _("Work order %(number)s put on hold.", number=number)


def _resume(number: str, by: Actor, _tokens: list[str]) -> str:
    execution.resume(_locked(number), by=by)
    return _("Work order %(number)s resumed.", number=number)


def _refuse(number: str, by: Actor, _tokens: list[str]) -> str:
    execution.refuse(_locked(number), reason=request.form.get("reason"), by=by)
    return _("Work order %(number)s cannot be done as it is: it needs a new date.", number=number)


def _finish(number: str, by: Actor, tokens: list[str]) -> str:
    form = request.form
    execution.finish(_locked(number), comment=form.get("comment"), photos=tokens, minutes=form.get("minutes"), by=by)
    return _("Work order %(number)s done.", number=number)


def _verify(number: str, by: Actor, _tokens: list[str]) -> str:
    execution.verify(_locked(number), by=by)
    return _("Work order %(number)s checked.", number=number)


def _return(number: str, by: Actor, _tokens: list[str]) -> str:
    execution.return_work(_locked(number), reason=request.form.get("reason"), by=by)
    return _("Work order %(number)s sent back to be redone.", number=number)


def _cancel(number: str, by: Actor, _tokens: list[str]) -> str:
    execution.cancel(_locked(number), reason=request.form.get("reason"), by=by)
    return _("Work order %(number)s cancelled.", number=number)


def _change(number: str, by: Actor, _tokens: list[str]) -> str:
    form = request.form
    work_order_verbs.change_work_order(
        _locked(number),
        title=form.get("title"),
        instructions=form.get("instructions"),
        priority=form.get("priority"),
        by=by,
    )
    return _("Work order %(number)s corrected.", number=number)


DO = {
    "approve": _approve,
    "assign": _assign,
    "schedule": _schedule,
    "announce": _announce,
    "start": _start,
    "hold": _hold,
    "resume": _resume,
    "refuse": _refuse,
    "finish": _finish,
    "verify": _verify,
    "return": _return,
    "cancel": _cancel,
    "change": _change,
}


def routes_for_verbs(prefix: str, name: str, verbs: Iterable[str], view: Callable[..., Any]) -> None:
    """One POST route for each verb, `/work-orders/<number>{prefix}/<verb>`, declaring the permission of that verb."""
    for verb in verbs:
        rule = f"/work-orders/<number>{prefix}/{verb}"
        desk.add_url_rule(
            rule,
            endpoint=f"{name}_{verb}",
            methods=["POST"],
            view_func=requires(NEEDED[verb])(wraps(view)(partial(view, verb=verb))),
        )


routes_for_verbs("", "work", DO, _move_work)
