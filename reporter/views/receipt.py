"""The accusé de réception of a report, for its author to read again and print."""

from __future__ import annotations

from flask import Response, render_template
from flask.typing import ResponseReturnValue

from core import references
from core.audience import ANYONE, audience
from core.errors import Missing
from core.i18n import gettext as _
from reporter import reading
from reporter.mails.receipts import receipt
from reporter.views import author
from reporter.views.blueprint import reporter


@reporter.get("/r/<reference>/receipt")
@audience(ANYONE)
def show_receipt(reference: str) -> ResponseReturnValue:
    """For the author alone: to anybody else there is no such page."""
    known = references.understood(reference)
    row = reading.detail(known, see_private=True) if known else None
    found = receipt(row.id) if known and row is not None and author.opened(known, row.id) else None
    if found is None:
        raise Missing(_("This page is only for the person who made the report: open it from a message you received "
                        "about it."))
    page = Response(render_template("reporter/receipt.html", receipt=found, reference=known, back=f"/r/{known}"))
    page.headers["Cache-Control"] = "private, no-store"
    return page
