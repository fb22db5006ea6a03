"""What residents will read, seen before a decision is made: the same form, sent to another address, changes nothing."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from flask import render_template, request
from flask.typing import ResponseReturnValue

from core import references
from core.errors import FieldError, FieldErrors, NotFound, Refused
from core.i18n import gettext as _
from core.i18n import ngettext
from core.identity.actor import Actor
from core.web.access import requires
from core.web.principal import require
from interventions.desk import bulk_actions
from interventions.desk.blueprint import desk, show
from interventions.desk.reports import report
from interventions.desk.work_orders import new_work_order, work_order
from reporter.messages.receipts import receipt
from reporter.messages.wording.dry_run import NewsPreview, preview_news
from reporter.reports import detail as report_detail

#: How the id begins of what htmx replaces.
PART = "reads-"
#: Of a form, what is not handed on from the page of a preview.
_APART = ("csrf_token", "photos")


@desk.post("/reports/<reference>/preview/<any(acknowledge, ask, reject, merge, reopen):verb>")
@requires("reports.triage")
def preview_report(reference: str, verb: str) -> ResponseReturnValue:
    """What is told of a report by a decision about it."""
    known = references.parse_reference(reference)
    if known is None:
        raise NotFound(_("There is no report with that reference."))
    path = f"/desk/reports/{known}"
    return _page(lambda by: report.DO[verb](known, by), to=f"{path}/{verb}", back=path)


def _preview_work(number: str, verb: str) -> ResponseReturnValue:
    """What is told of the reports that a work order answers by a decision about it."""
    tokens = request.form.getlist("photo_token")
    path = f"/desk/work-orders/{number}"
    return _page(lambda by: work_order.DO[verb](number, by, tokens), to=f"{path}/{verb}", back=path)


work_order.routes_for_verbs(
    "/preview", "preview", ("schedule", "announce", "refuse", "finish", "verify", "return", "cancel"), _preview_work
)


@desk.post("/work-orders/preview")
@requires("work_orders.propose")
def preview_making() -> ResponseReturnValue:
    """What is told of reports by making work for them, where its day is announced at once."""
    picked = bulk_actions.references_of(request.form.getlist("report"))
    return _page(lambda by: new_work_order.make(picked, by, []), to="/desk/work-orders", back="/desk/reports")


@desk.post("/reports/merge/preview")
@requires("reports.triage")
def preview_merging() -> ResponseReturnValue:
    """What is told by joining several reports to one of them."""
    picked = bulk_actions.references_of(request.form.getlist("report"))
    return _page(lambda by: bulk_actions.merge(picked, by), to="/desk/reports/merge", back="/desk/reports")


def _page(do: Callable[[Actor], object], *, to: str, back: str) -> ResponseReturnValue:
    who = require().acting("desk")
    news: list[NewsPreview] = []
    errors: dict[str, str] = {}
    refusal = ""
    try:
        news = preview_news(lambda: do(who))
    except (FieldError, FieldErrors) as error:
        errors = dict(error.fields)
    except NotFound:
        raise
    except Refused as error:
        refusal = error.sentence
    part = request.headers.get("HX-Target", "").startswith(PART)
    # A panel asks for its preview as soon as it opens: what nobody has filled in yet is not an error.
    unfilled = part and bool(errors) and not any(request.form.get(name, "").strip() for name in errors)
    return show(
        "desk/message_preview.html",
        part=part,
        news=news,
        unfilled=unfilled,
        errors=errors,
        refusal=refusal,
        to=to,
        back=back,
        typed=_typed(),
        reached=reached,
    )


def _typed() -> list[tuple[str, str]]:
    return [(name, value) for name, value in request.form.items(multi=True) if name not in _APART]


def reached(one: NewsPreview) -> str:
    """Who will be told, in words."""
    said: list[Any] = [
        words
        for channel, words in (
            ("mail", ngettext("%(num)d by e-mail", "%(num)d by e-mail", one.counts.get("mail", 0))),
            ("sms", ngettext("%(num)d by SMS", "%(num)d by SMS", one.counts.get("sms", 0))),
            ("push", ngettext("%(num)d by notification", "%(num)d by notification", one.counts.get("push", 0))),
        )
        if one.counts.get(channel)
    ]
    return ", ".join(said)


@desk.get("/reports/<reference>/receipt")
@requires("contacts.read")
def show_receipt(reference: str) -> ResponseReturnValue:
    """The accusé de réception of a report, as it was sent, or to be printed and handed over."""
    known = references.parse_reference(reference)
    if known is None:
        raise NotFound(_("There is no report with that reference."))
    found = receipt(report_detail.report_detail(known, staff=True).id)
    if found is None:
        raise NotFound(_("There is no report with that reference."))
    return render_template(
        "desk/receipt.html", receipt=found, reference=known, back=f"/desk/reports/{known}", nav_current="reports"
    )
