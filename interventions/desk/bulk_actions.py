"""What is done with several rows at once: acknowledge them, merge them, make one work order of them."""

from __future__ import annotations

from urllib.parse import parse_qsl, urlencode

from flask import flash, redirect, request
from flask.typing import ResponseReturnValue

from core.database import db
from core.database.transactions import on_commit
from core.errors import FieldError, Refused
from core.i18n import gettext as _
from core.i18n import ngettext
from core.identity.actor import Actor
from core.web.access import requires
from core.web.principal import require
from interventions.desk import menu
from interventions.desk.blueprint import desk, show
from interventions.desk.form_handling import attempt, figure, new_form_key
from interventions.desk.rows import report_rows
from interventions.desk.work_orders.new_work_order import picked_reports, references_of
from interventions.triage import verbs as triage_verbs
from reporter.reports import intake as report_intake


@desk.post("/reports/selection")
@requires("reports.triage")
def selection() -> ResponseReturnValue:
    """The bar at the foot of the list: what it leads to, or what it does at once."""
    picked = request.form.getlist("report")
    back = _back()
    if not picked:
        flash(_("Select one or more reports first."), "warning")
        return redirect(back, 303)
    wanted = request.form.get("do")
    address = urlencode([("report", reference) for reference in references_of(picked)])
    if wanted == "work":
        return redirect(f"/desk/work-orders/new?{address}", 303)
    if wanted == "merge":
        return redirect(f"/desk/reports/merge?{address}", 303)
    _acknowledge(picked)
    return redirect(back, 303)


def _back() -> str:
    """The list as it was, of this desk only."""
    query = urlencode(parse_qsl(request.form.get("query", "")))
    return f"/desk/reports?{query}" if query else "/desk/reports"


def _acknowledge(picked: list[str]) -> None:
    """Acknowledge those that nobody changed in the meantime, and say of the others why not."""
    by = require().acting("desk")
    done, refused = [], []
    for reference in sorted(references_of(picked)):
        version = next((value.partition("@")[2] for value in picked if value.startswith(f"{reference}@")), "")
        try:
            with db.session.begin_nested():
                report = report_intake.lock_report(reference, version=figure(version))
                triage_verbs.acknowledge(report, by=by)
            done.append(reference)
        except Refused as error:
            refused.append(f"{reference} – {error.sentence}")
    on_commit(menu.drop_cache)
    if done:
        flash(ngettext("%(num)d report acknowledged.", "%(num)d reports acknowledged.", len(done)))
    for sentence in refused:
        flash(sentence, "warning")


@desk.get("/reports/merge")
@requires("reports.triage")
def choose_merge() -> ResponseReturnValue:
    """Which of the picked reports stays, the others being joined to it."""
    return _merge_page(references_of(request.args.getlist("report")))


@desk.post("/reports/merge")
@requires("reports.triage")
def merge_several() -> ResponseReturnValue:
    """Join the picked reports to one of them: all of them or none."""
    picked = references_of(request.form.getlist("report"))

    def again(status: int, errors: dict[str, str], refusal: str) -> ResponseReturnValue:
        return _merge_page(picked, status=status, errors=errors, refusal=refusal)

    return attempt(lambda by: merge(picked, by), to=lambda: f"/desk/reports/{_stays(picked)}", again=again)


def _stays(picked: list[str]) -> str:
    found = references_of([request.form.get("into", "")])
    if not found or found[0] not in picked:
        raise FieldError("into", _("Choose the report to keep."))
    return found[0]


def merge(picked: list[str], by: Actor) -> str:
    into = _stays(picked)
    if len(picked) < 2:
        raise FieldError("into", _("Select at least two reports."))
    for reference in sorted(picked):
        report_intake.lock_report(reference)
    for reference in picked:
        if reference != into:
            triage_verbs.merge(reference, into, by=by, reason=request.form.get("reason"))
    return ngettext(
        "%(num)d report merged with %(into)s.", "%(num)d reports merged with %(into)s.", len(picked) - 1, into=into
    )


def _merge_page(
    picked: list[str], *, status: int = 200, errors: dict[str, str] | None = None, refusal: str = ""
) -> ResponseReturnValue:
    reports = picked_reports(picked)
    return show(
        "desk/merge.html",
        status,
        nav_current="reports",
        rows=report_rows(reports),
        errors=errors or {},
        refusal=refusal,
        key=new_form_key(),
        into=request.form.get("into") or (min(reports, key=lambda row: row.received_at).reference if reports else ""),
        reason=request.form.get("reason", ""),
    )
