"""What an agent does to a job: begins, interrupts, takes up again, finishes, sends back. Online for now."""

from __future__ import annotations

from collections.abc import Callable

from flask import flash, g, redirect, request, url_for
from flask.typing import ResponseReturnValue
from werkzeug.wrappers import Response

from core.database import db
from core.errors import ChangedMeanwhile, FieldError, FieldErrors, Forbidden, NotFound, Refused
from core.i18n import gettext as _
from core.photos.verbs import accept_all
from core.web.access import requires
from core.web.principal import Principal, require
from interventions.field.blueprint import field
from interventions.field.form_input import JobForm
from interventions.field.job import PAGES, assigned_job, show
from interventions.field.queries import round_of
from interventions.field.reasons import reason_text
from interventions.work_orders import execution
from interventions.work_orders import verbs as work_order_verbs
from interventions.work_orders.models import WorkOrder

VERBS: dict[str, Callable[..., object]] = {
    "start": execution.start,
    "hold": execution.hold,
    "resume": execution.resume,
    "refuse": execution.refuse,
    "finish": execution.finish,
}


@field.post("/jobs/<number>/<any(start, hold, resume, refuse, finish):verb>")
@requires("work_orders.carry_out")
def act(number: str, verb: str) -> ResponseReturnValue:
    """Do it; show the page again, with everything in it, where that is not possible."""
    sent, refused = JobForm.of(request.form), list[FieldError]()
    if g.get("stale"):
        sentence = _("This page was open for too long. Everything is still here: please send it again.")
        return _again(number, verb, sent, Refused(sentence, code="stale_form"), status=400)
    if verb == "finish":
        kept, refused = accept_all(request.files.getlist("photos"), most=execution.PHOTOS - len(sent.photos))
        sent.photos += [str(photo.token) for photo in kept]
        if "drop" in request.form or "look" in request.form:
            sent.photos = [token for token in sent.photos if token != request.form.get("drop")]
            return _again(number, verb, sent, FieldErrors(refused), status=200)
    try:
        if refused:
            raise FieldErrors(refused)
        # Photos taken in above are kept whatever becomes of the verb.
        with db.session.begin_nested():
            title = _do(number, verb, sent, require())
    except (NotFound, Forbidden):
        raise
    except Refused as error:
        return _again(number, verb, sent, error)
    return _after(number, verb, title)


def _do(number: str, verb: str, sent: JobForm, who: Principal) -> str:
    """Run the verb on the locked work order, once for each key; returns the work's title."""
    order: WorkOrder = work_order_verbs.lock_work_order(number)
    execution.require_assigned(order, who)
    # A second tap comes with the version that the first has outdated: its key is looked for before.
    if sent.version is not None and sent.version != order.version and not execution.was_received(order, sent.key):
        raise ChangedMeanwhile(
            _("Someone else has changed this work order in the meantime. Here is the latest version."), code="changed"
        )
    given: dict[str, object] = {}
    if verb in ("hold", "refuse"):
        given = {"reason": reason_text(verb, sent.why, sent.reason.strip())}
    elif verb == "finish":
        given = {"comment": sent.comment, "minutes": sent.minutes.strip(), "photos": sent.photos}
    VERBS[verb](order, by=who.acting("field"), client_key=sent.key, **given)
    return order.title


def _again(number: str, verb: str, sent: JobForm, error: Refused, *, status: int | None = None) -> ResponseReturnValue:
    """The same page with what was typed, and the sentence that says what is wrong."""
    fields = error.fields if isinstance(error, FieldError | FieldErrors) else {}
    return show(
        assigned_job(number),
        sent,
        verb if verb in PAGES else None,
        errors=fields,
        sentence="" if fields or isinstance(error, FieldErrors) else error.sentence,
        status=status or error.status,
    )


def _after(number: str, verb: str, title: str) -> Response:
    """Where the agent goes on: at the job just begun, else at the round."""
    if verb in ("start", "resume"):
        return redirect(url_for("field.job", number=number), 303)
    if verb == "finish":
        left = len(round_of(require().user_id).todo)
        flash(
            _("Done: %(title)s.", title=title)
            if not left
            else _("Done: %(title)s. %(left)s to go.", title=title, left=left),
            "success",
        )
    elif verb == "hold":
        flash(_("Paused: %(title)s. You will find it at the end of your round.", title=title), "success")
    else:
        flash(_("Sent back to the supervisor: %(title)s.", title=title), "success")
    return redirect(url_for("field.today"), 303)
