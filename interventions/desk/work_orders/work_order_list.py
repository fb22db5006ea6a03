"""The list of work orders."""

from __future__ import annotations

from flask import render_template, request
from flask.typing import ResponseReturnValue

from core.database import utcnow
from core.database.pagination import Page
from core.i18n import gettext as _
from core.i18n import ngettext
from core.web.access import requires
from interventions.desk.blueprint import LIST, MORE, desk, part
from interventions.desk.choices import Choices, choices, kinds
from interventions.desk.filters import ListQuery, ages, filters_in_words, work_filters, work_states
from interventions.desk.reports.report_list import PAGE, beside, number_words
from interventions.desk.rows import work_rows
from interventions.work_orders import listing as work_order_listing


@desk.get("/work-orders")
@requires("work_orders.read_all")
def work_orders() -> ResponseReturnValue:
    """The work orders under the filters; as a whole page, or only the part that changes."""
    query = ListQuery.read(request.args)
    wanted = part()
    context = listed(query, request.args.get("cursor"), counted=wanted != MORE)
    if wanted == MORE:
        return render_template("desk/_rows.html", **context)
    if wanted == LIST:
        return render_template("desk/_list.html", alone=True, **context)
    return render_template(
        "desk/work_orders.html", nav_current="work-orders", **context, **beside(request.args.get("open"))
    )


def listed(query: ListQuery, cursor: str | None = None, *, counted: bool = True) -> dict:
    """All that the list shows of the work orders under `query`. At most five statements."""
    filters = work_filters(query)
    page = work_order_listing.work_order_page(filters, limit=PAGE, cursor=cursor)
    known = choices()
    return {
        "query": query,
        "known": known,
        "rows": work_rows(page.items),
        "partial": page.partial,
        "next_url": f"/desk/work-orders?{query.string(cursor=page.next)}" if page.next else None,
        "cursor": cursor,
        "headline": _headline(query, page, filters, known, cursor) if counted else "",
        "states": work_states(),
        "ages": ages(),
        "kinds": kinds(),
        "now": utcnow(),
        "work": True,
    }


def _headline(
    query: ListQuery, page: Page, filters: work_order_listing.WorkFilters, known: Choices, cursor: str | None
) -> str:
    if page.next is None and not cursor:
        number = len(page.items)
    else:
        number = work_order_listing.count_work_orders(filters)
    exact = number <= work_order_listing.COUNTED
    said = sentence(query, min(number, work_order_listing.COUNTED), exact)
    return f"{said} {filters_in_words(query, known)}" if query.narrowed else said


def sentence(query: ListQuery, number: int, exact: bool) -> str:
    """ "12 work orders are to be scheduled.", for each state that the list can be narrowed to."""
    if not number:
        return _("Nothing matches:") if query.narrowed else _nothing(query.state)
    said = number_words(number) if exact else _("More than %(number)s", number=number_words(number))
    if query.narrowed:
        return ngettext("%(said)s work order matches:", "%(said)s work orders match:", number, said=said)
    return {
        "": lambda: ngettext(
            "%(said)s work order is under way.", "%(said)s work orders are under way.", number, said=said
        ),
        "awaiting_approval": lambda: ngettext(
            "%(said)s work order needs approval.", "%(said)s work orders need approval.", number, said=said
        ),
        "ready": lambda: ngettext(
            "%(said)s work order needs a date.", "%(said)s work orders need a date.", number, said=said
        ),
        "today": lambda: ngettext(
            "%(said)s work order is for today.", "%(said)s work orders are for today.", number, said=said
        ),
        "late": lambda: ngettext(
            "%(said)s work order is overdue.", "%(said)s work orders are overdue.", number, said=said
        ),
        "to_verify": lambda: ngettext(
            "%(said)s work order needs checking.", "%(said)s work orders need checking.", number, said=said
        ),
    }.get(
        query.state,
        lambda: ngettext(
            "%(said)s work order in this state.", "%(said)s work orders in this state.", number, said=said
        ),
    )()


def _nothing(state: str) -> str:
    return {
        "": lambda: _("No work is under way."),
        "awaiting_approval": lambda: _("Nothing needs approval."),
        "ready": lambda: _("Every work order has a date."),
        "today": lambda: _("No work is planned for today."),
        "late": lambda: _("No work is overdue."),
        "to_verify": lambda: _("Nothing needs checking."),
    }.get(state, lambda: _("No work order is in this state."))()
