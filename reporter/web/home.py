"""The first page: what is known in jurisdiction, on a map and in a list, and the way to say more."""

from __future__ import annotations

from flask import Response, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from core import references
from core.i18n import locale_code
from core.text import localized
from core.web.access import ANYONE, requires
from core.web.states import state_word
from reporter import sentences
from reporter.categories.queries import offered_categories
from reporter.map import features
from reporter.notices import queries as notice_queries
from reporter.notices import verbs as notice_verbs
from reporter.reports import listing as report_listing
from reporter.statuses import OPEN
from reporter.web.blueprint import reporter
from reporter.web.form.lookups import box_of_request

A_PAGE = 12
#: Notices shown on the first page; the others have one of their own.
NOTICES = 4


@reporter.get("/")
@requires(ANYONE)
def home() -> ResponseReturnValue:
    """The map, the newest public reports, and the button."""
    wanted = request.args.get("show", "")
    statuses = {"open": OPEN, "resolved": ("resolved",)}.get(wanted, ())
    page = report_listing.report_page(
        report_listing.ReportFilters(statuses=statuses), limit=A_PAGE, cursor=request.args.get("cursor") or None
    )
    return render_template(
        "reporter/home.html",
        page=page,
        notices=notice_queries.current_notices(NOTICES),
        say=notice_verbs,
        show=wanted if statuses else "",
        what=sentences.subject_words,
        names={one.code: localized(one.names, locale_code()) for one in offered_categories()},
        states={status: state_word(status) for status in OPEN},
        not_found=request.args.get("not_found", "")[:40],
    )


@reporter.get("/map.json")
@requires(ANYONE)
def points() -> ResponseReturnValue:
    """What the map shows of a box: open public reports, or how many there are."""
    body = features.feature_collection(box_of_request(), statuses=OPEN, zoom=features.zoom_of(request.args.get("zoom")))
    answer = Response(body, content_type="application/geo+json")
    answer.headers["Cache-Control"] = "public, max-age=10"
    return answer


@reporter.get("/r")
@requires(ANYONE)
def find() -> ResponseReturnValue:
    """From a reference as it was heard or copied, to its page."""
    typed = request.args.get("reference", "")
    reference = references.parse_reference(typed)
    if reference is None:
        return redirect(url_for("reporter.home", not_found=typed[:40], _anchor="find"), 303)
    return redirect(url_for("reporter.report", reference=reference), 303)
