"""/field/jobs/<number>: one job, and the small pages that finish it, interrupt it or send it back."""

from __future__ import annotations

from flask import redirect, render_template, url_for
from flask.typing import ResponseReturnValue

from core.audience import audience
from core.identity.principal import require
from interventions import street
from interventions.field.blueprint import field
from interventions.field.reading import Detail, detail
from interventions.field.sent import Sent, kept_photos
from interventions.field.whys import whys
from interventions.status import FIELD_VERBS, MOVES

#: Verbs with something to fill in: each has a page of its own.
PAGES = {"hold": "field/why.html", "refuse": "field/why.html", "finish": "field/finish.html"}


def theirs(number: str) -> Detail:
    """The job of that number. Raises Missing, and Forbidden where it is somebody else's."""
    found = detail(number)
    street.must_be_theirs(street.Assignment(found.order.agent_id, found.order.team_id), require())
    return found


@field.get("/jobs/<number>")
@audience("field.open")
def job(number: str) -> ResponseReturnValue:
    """What was seen, where it is, what was said; and what can be done now."""
    return show(theirs(number), Sent())


@field.get("/jobs/<number>/<any(hold, refuse, finish):verb>")
@audience("work_orders.carry_out")
def ask(number: str, verb: str) -> ResponseReturnValue:
    """The page on which a verb is filled in; the job itself where its state does not allow it."""
    found = theirs(number)
    if found.order.status not in MOVES[verb][0]:
        return redirect(url_for("field.job", number=number))
    return show(found, Sent(), verb)


def show(found: Detail, sent: Sent, verb: str | None = None, *, errors: dict[str, str] | None = None,
         sentence: str = "", status: int = 200) -> ResponseReturnValue:
    """The job's page, or the one of `verb`, with what was typed; `sentence` says why it is shown again."""
    changes = found.since(sent.version) if sentence else []
    if sent.version is None or changes:
        sent.version = found.order.version
    if verb == "finish" and sent.fresh and found.spent:
        sent.minutes = str(found.spent)
    photos = kept_photos(sent.photos) if verb == "finish" else []
    page = render_template(
        PAGES.get(verb or "", "field/job.html"), job=found, order=found.order, sent=sent, verb=verb, here="day",
        errors=errors or {}, sentence=sentence, changes=changes, may=_may(found.order.status),
        whys=whys(verb) if verb else [], photos=photos, most_photos=street.PHOTOS)
    return page, status


def _may(status: str) -> set[str]:
    """The field's verbs that a state allows."""
    return {verb for verb in FIELD_VERBS if status in MOVES[verb][0]}
