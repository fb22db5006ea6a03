"""The list of reports and, beside it, the one that is open."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import datetime

from flask import jsonify, redirect, render_template, request
from flask.typing import ResponseReturnValue
from flask_babel import format_decimal

from core.database import utcnow
from core.database.scope import current_jurisdiction
from core.errors import FieldError
from core.i18n import gettext as _
from core.i18n import ngettext
from core.web.access import requires
from interventions.desk.blueprint import LIST, MORE, beside_list, desk, part
from interventions.desk.choices import Choices, choices
from interventions.desk.filters import ListQuery, ages, filters_in_words, report_filters, report_states
from interventions.desk.reports import report
from interventions.desk.rows import report_rows
from interventions.desk.work_orders import work_order
from reporter.reports import listing as report_listing

PAGE = 50
#: Counting what is new stops there.
NEWS = 99
_NUMBER = re.compile(r"^\d{4}-\d{4,}$")


@desk.get("/reports")
@requires("reports.read")
def reports() -> ResponseReturnValue:
    """The reports under the filters; as a whole page, or only the part that changes."""
    query = ListQuery.read(request.args)
    if _NUMBER.match(query.q):
        return redirect(f"/desk/work-orders/{query.q}")
    wanted = part()
    context = incoming(query, request.args.get("cursor"), counted=wanted != MORE)
    if wanted == MORE:
        return render_template("desk/_rows.html", **context)
    if wanted == LIST:
        return render_template("desk/_list.html", alone=True, **context)
    return render_template("desk/reports.html", nav_current="reports", **context, **beside(request.args.get("open")))


@desk.get("/reports/news")
@requires("reports.read")
def news() -> ResponseReturnValue:
    """How many reports came in under the filters since the list was shown (`since`): said, not thrown in."""
    given = from_json_time(request.args.get("since", ""))
    filters = report_filters(ListQuery.read(request.args))
    since = max(filters.since, given) if filters.since else given
    number = min(report_listing.count_reports(replace(filters, since=since), NEWS), NEWS)
    words = ngettext("%(num)d new report: show it", "%(num)d new reports: show them", number)
    return jsonify(number=number, words=words)


def from_json_time(value: str) -> datetime:
    """A moment as a page wrote it down. Raises FieldError."""
    try:
        found = datetime.fromisoformat(value.replace(" ", "+"))
    except ValueError:
        found = None
    if found is None or found.tzinfo is None:
        raise FieldError("since", _("This time needs a time zone, for example 2026-03-05T10:40:00+01:00."))
    return found


def incoming(query: ListQuery, cursor: str | None = None, *, counted: bool = True) -> dict:
    """All that the list shows of the reports under `query`. Three statements, five for a search."""
    filters = report_filters(query)
    page = report_listing.report_page(filters, limit=PAGE, cursor=cursor, photos=False)
    known = choices()
    return {
        "query": query,
        "known": known,
        "rows": report_rows(page.items),
        "partial": page.partial,
        "next_url": f"/desk/reports?{query.string(cursor=page.next)}" if page.next else None,
        "cursor": cursor,
        "headline": headline(query, page, filters, known, cursor) if counted else "",
        "states": report_states(),
        "ages": ages(),
        "now": utcnow(),
    }


def headline(
    query: ListQuery,
    page: report_listing.Page,
    filters: report_listing.ReportFilters,
    known: Choices,
    cursor: str | None,
) -> str:
    """The list's title: how many there are, as a sentence."""
    if filters.words:
        # Counting the matches of a word would be a second search.
        number, exact = len(page.items), page.next is None
    elif page.next is None and not cursor:
        number, exact = len(page.items), True
    else:
        number = report_listing.count_reports(filters)
        exact = number <= report_listing.COUNTED
        number = min(number, report_listing.COUNTED)
    return sentence(query, number, exact) + (f" {filters_in_words(query, known)}" if query.narrowed else "")


def sentence(query: ListQuery, number: int, exact: bool) -> str:
    """ "37 reports are open.", for each state that the list can be narrowed to."""
    if not number:
        return _("Nothing matches:") if query.narrowed else _nothing(query.state)
    said = number_words(number) if exact else _("More than %(number)s", number=number_words(number))
    if query.narrowed:
        return ngettext("%(said)s report matches:", "%(said)s reports match:", number, said=said)
    return {
        "": lambda: ngettext("%(said)s report is open.", "%(said)s reports are open.", number, said=said),
        "danger": lambda: ngettext(
            "%(said)s report is dangerous.", "%(said)s reports are dangerous.", number, said=said
        ),
        "late": lambda: ngettext("%(said)s report is overdue.", "%(said)s reports are overdue.", number, said=said),
        "unrouted": lambda: ngettext(
            "%(said)s report has no team.", "%(said)s reports have no team.", number, said=said
        ),
        "contested": lambda: ngettext(
            "%(said)s repair is contested.", "%(said)s repairs are contested.", number, said=said
        ),
        "answered": lambda: ngettext(
            "%(said)s question answered or timed out.", "%(said)s questions answered or timed out.", number, said=said
        ),
        "received": lambda: ngettext("%(said)s report is new.", "%(said)s reports are new.", number, said=said),
        "resolved": lambda: ngettext(
            "%(said)s report is resolved.", "%(said)s reports are resolved.", number, said=said
        ),
        "all": lambda: ngettext("%(said)s report in all.", "%(said)s reports in all.", number, said=said),
    }.get(
        query.state,
        lambda: ngettext("%(said)s report in this state.", "%(said)s reports in this state.", number, said=said),
    )()


def _nothing(state: str) -> str:
    return {
        "danger": lambda: _("No report is dangerous."),
        "late": lambda: _("No report is overdue."),
        "unrouted": lambda: _("Every report has a team."),
        "received": lambda: _("Every report has been seen."),
        "contested": lambda: _("No repair is contested."),
        "answered": lambda: _("No answers to read."),
        "": lambda: _("No report is open."),
    }.get(state, lambda: _("No report is in this state."))()


def number_words(number: int) -> str:
    """A number with the spaces or commas of the reader's language."""
    return format_decimal(number)


def beside(named: str | None) -> dict:
    """What stands beside the list: the map, and the report or work order that the address says is open."""
    if named and _NUMBER.match(named):
        opened = beside_list("desk/_work_order.html", work_order.opened(named))
    else:
        opened = beside_list("desk/_report.html", report.opened(named) if named else None)
    return {"opened": opened, "bounds": ",".join(map(str, current_jurisdiction().bounds))}
