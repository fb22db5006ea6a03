"""The first page: what is known in town, on a map and in a list, and the way to say more."""

from __future__ import annotations

from flask import Response, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from core import references
from core.audience import ANYONE, audience
from core.i18n import locale_code
from core.states import state_word
from core.text import localized
from reporter import listing, maps, sentences
from reporter.around import notices, reading
from reporter.categories import offered
from reporter.status import OPEN
from reporter.views.blueprint import reporter
from reporter.views.helps import box_of_request

A_PAGE = 12
#: Notices shown on the first page; the others have one of their own.
NOTICES = 4


@reporter.get("/")
@audience(ANYONE)
def home() -> ResponseReturnValue:
    """The map, the newest public reports, and the button."""
    wanted = request.args.get("show", "")
    statuses = {"open": OPEN, "resolved": ("resolved",)}.get(wanted, ())
    page = listing.page(
        listing.Filters(statuses=statuses), limit=A_PAGE, cursor=request.args.get("cursor") or None
    )
    return render_template(
        "reporter/home.html",
        page=page,
        notices=reading.current_ones(NOTICES),
        say=notices,
        show=wanted if statuses else "",
        what=sentences.what,
        names={one.code: localized(one.names, locale_code()) for one in offered()},
        states={status: state_word(status) for status in OPEN},
        not_found=request.args.get("not_found", "")[:40],
    )


@reporter.get("/map.json")
@audience(ANYONE)
def points() -> ResponseReturnValue:
    """What the map shows of a box: open public reports, or how many there are."""
    body = maps.collection(box_of_request(), statuses=OPEN, zoom=maps.zoom_of(request.args.get("zoom")))
    answer = Response(body, content_type="application/geo+json")
    answer.headers["Cache-Control"] = "public, max-age=10"
    return answer


@reporter.get("/r")
@audience(ANYONE)
def find() -> ResponseReturnValue:
    """From a reference as it was heard or copied, to its page."""
    typed = request.args.get("reference", "")
    reference = references.understood(typed)
    if reference is None:
        return redirect(url_for("reporter.home", not_found=typed[:40], _anchor="find"), 303)
    return redirect(url_for("reporter.report", reference=reference), 303)
