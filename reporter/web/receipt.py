"""The accusé de réception of a report, for its author to read again and print."""

from __future__ import annotations

from flask import Response, render_template
from flask.typing import ResponseReturnValue

from core import references
from core.errors import NotFound
from core.i18n import gettext as _
from core.web.access import ANYONE, requires
from reporter.messages.receipts import receipt
from reporter.reports import detail as report_detail
from reporter.web import author_cookie
from reporter.web.blueprint import reporter


@reporter.get("/r/<reference>/receipt")
@requires(ANYONE)
def show_receipt(reference: str) -> ResponseReturnValue:
    """For the author alone: to anybody else there is no such page."""
    known = references.parse_reference(reference)
    row = report_detail.report_detail(known, see_private=True) if known else None
    found = receipt(row.id) if known and row is not None and author_cookie.is_author(known, row.id) else None
    if found is None:
        raise NotFound(
            _("This page is only for the person who made the report: open it from a message you received about it.")
        )
    page = Response(render_template("reporter/receipt.html", receipt=found, reference=known, back=f"/r/{known}"))
    page.headers["Cache-Control"] = "private, no-store"
    return page
