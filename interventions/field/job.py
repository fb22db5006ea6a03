"""/field/jobs/<number>: one job, and the small pages that finish it, interrupt it or send it back."""

from __future__ import annotations

from flask import redirect, render_template, url_for
from flask.typing import ResponseReturnValue

from core.web.access import requires
from core.web.principal import require
from interventions.field.blueprint import field
from interventions.field.form_input import JobForm, usable_photos
from interventions.field.queries import Detail, job_detail
from interventions.field.reasons import reason_choices
from interventions.work_orders import execution
from interventions.work_orders.statuses import FIELD_VERBS, MOVES

#: Verbs with something to fill in: each has a page of its own.
PAGES = {"hold": "field/reason.html", "refuse": "field/reason.html", "finish": "field/finish.html"}


def assigned_job(number: str) -> Detail:
    """The job of that number. Raises NotFound, and Forbidden where it is somebody else's."""
    found = job_detail(number)
    execution.require_assigned(execution.Assignment(found.order.agent_id, found.order.team_id), require())
    return found


@field.get("/jobs/<number>")
@requires("field.open")
def job(number: str) -> ResponseReturnValue:
    """What was seen, where it is, what was said; and what can be done now."""
    return show(assigned_job(number), JobForm())


@field.get("/jobs/<number>/<any(hold, refuse, finish):verb>")
@requires("work_orders.carry_out")
def ask(number: str, verb: str) -> ResponseReturnValue:
    """The page on which a verb is filled in; the job itself where its state does not allow it."""
    found = assigned_job(number)
    if found.order.status not in MOVES[verb][0]:
        return redirect(url_for("field.job", number=number))
    return show(found, JobForm(), verb)


def show(
    found: Detail,
    sent: JobForm,
    verb: str | None = None,
    *,
    errors: dict[str, str] | None = None,
    sentence: str = "",
    status: int = 200,
) -> ResponseReturnValue:
    """The job's page, or the one of `verb`, with what was typed; `sentence` says why it is shown again."""
    changes = found.since(sent.version) if sentence else []
    if sent.version is None or changes:
        sent.version = found.order.version
    if verb == "finish" and sent.fresh and found.spent:
        sent.minutes = str(found.spent)
    photos = usable_photos(sent.photos) if verb == "finish" else []
    page = render_template(
        PAGES.get(verb or "", "field/job.html"),
        job=found,
        order=found.order,
        sent=sent,
        verb=verb,
        nav_current="day",
        errors=errors or {},
        sentence=sentence,
        changes=changes,
        may=_may(found.order.status),
        whys=reason_choices(verb) if verb else [],
        photos=photos,
        most_photos=execution.PHOTOS,
    )
    return page, status


def _may(status: str) -> set[str]:
    """The field's verbs that a state allows."""
    return {verb for verb in FIELD_VERBS if status in MOVES[verb][0]}
