"""/desk/messages: what is owed, what was sent, what could not be delivered and is to be tried again."""

from __future__ import annotations

from flask import Blueprint, current_app, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from core.i18n import gettext as _
from core.i18n import ngettext
from core.notifications import channels
from core.notifications.outbox import queries, verbs
from core.web.access import requires

messages = Blueprint("messages", __name__, url_prefix="/desk/messages")

PAGE = 50


@messages.get("")
@requires("messages.read")
def index() -> ResponseReturnValue:
    """A tab of the outbox, the newest first; whether some are late, or cannot leave at all."""
    tab = request.args.get("show", "dead")
    tab = tab if tab in queries.TABS else "dead"
    known = channels.known_channels()
    channel = request.args.get("channel")
    channel = channel if channel in known else None
    found = queries.message_page(tab, channel=channel, before=request.args.get("before", type=int), most=PAGE)
    silent = [name for name, one in known.items() if not one.configured(current_app.config)]
    return render_template(
        "messages.html",
        nav_current="messages",
        tab=tab,
        channel=channel,
        found=found,
        counts=queries.tab_counts(),
        most=queries.MOST,
        ways=[(name, one.words) for name, one in known.items() if name not in silent or name == channel],
        silent=queries.unconfigured_channels_owing(silent),
        sending=bool(current_app.config["MAIL_URL"]),
        more_url=url_for("messages.index", before=found.before, show=tab, channel=channel) if found.before else None,
    )


@messages.post("/<int:number>/retry")
@requires("messages.retry")
def retry(number: int) -> ResponseReturnValue:
    """Try one again."""
    verbs.retry_message(number)
    flash(_("It is being sent again."))
    return redirect(_back(), 303)


@messages.post("/retry")
@requires("messages.retry")
def retry_all() -> ResponseReturnValue:
    """Try all of them again: the mail server was wrong, not the addresses. Of very many, some; it says so."""
    done = verbs.retry_all_dead()
    flash(ngettext("%(num)d message is being sent again.", "%(num)d messages are being sent again.", done))
    left = queries.tab_counts()["dead"]
    if left:
        flash(
            ngettext(
                "%(num)d message is left: press the button again.",
                "%(num)d messages are left: press the button again.",
                left,
            )
            if left < queries.MOST
            else _("More than 1,000 messages are left: press the button again.")
        )
    return redirect(url_for("messages.index"), 303)


def _back() -> str:
    """Where the button stood: a page of the desk, and of no other house."""
    given = request.form.get("back", "")
    plain = given.startswith("/desk/") and not any(one in given for one in ("//", "\\", "\r", "\n"))
    return given if plain else url_for("messages.index")
