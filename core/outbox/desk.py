"""/desk/messages: what is owed, what was sent, what could not be delivered and is to be tried again."""

from __future__ import annotations

from flask import Blueprint, current_app, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from core.audience import audience
from core.i18n import gettext as _
from core.i18n import ngettext
from core.outbox import channels, log, verbs

messages = Blueprint("messages", __name__, url_prefix="/desk/messages")

PAGE = 50


@messages.get("")
@audience("messages.read")
def index() -> ResponseReturnValue:
    """A tab of the outbox, the newest first; whether some are late, or cannot leave at all."""
    tab = request.args.get("show", "dead")
    tab = tab if tab in log.TABS else "dead"
    known = channels.known()
    channel = request.args.get("channel")
    channel = channel if channel in known else None
    found = log.page(tab, channel=channel, before=request.args.get("before", type=int), most=PAGE)
    silent = [name for name, one in known.items() if not one.configured(current_app.config)]
    return render_template(
        "messages.html", here="messages", tab=tab, channel=channel, found=found, counts=log.counts(), most=log.MOST,
        ways=[(name, one.words) for name, one in known.items() if name not in silent or name == channel],
        silent=log.waiting(silent), sending=bool(current_app.config["MAIL_URL"]),
        more_url=url_for("messages.index", before=found.before, show=tab, channel=channel) if found.before else None)


@messages.post("/<int:number>/retry")
@audience("messages.retry")
def retry(number: int) -> ResponseReturnValue:
    """Try one again."""
    verbs.retry(number)
    flash(_("It is being sent again."))
    return redirect(_back(), 303)


@messages.post("/retry")
@audience("messages.retry")
def retry_all() -> ResponseReturnValue:
    """Try all of them again: the mail server was wrong, not the addresses. Of very many, some; it says so."""
    done = verbs.retry_all()
    flash(ngettext("%(num)d message is being sent again.", "%(num)d messages are being sent again.", done))
    left = log.counts()["dead"]
    if left:
        flash(ngettext("%(num)d is left: press the button again.", "%(num)d are left: press the button again.", left)
              if left < log.MOST else _("More than 1,000 are left: press the button again."))
    return redirect(url_for("messages.index"), 303)


def _back() -> str:
    """Where the button stood: a page of the desk, and of no other house."""
    given = request.form.get("back", "")
    plain = given.startswith("/desk/") and not any(one in given for one in ("//", "\\", "\r", "\n"))
    return given if plain else url_for("messages.index")
