"""/desk/messages: what could not be delivered, to be tried again."""

from __future__ import annotations

from flask import Blueprint, flash, redirect, render_template, request, url_for

from core.audience import DESK, audience
from core.i18n import gettext as _
from core.i18n import ngettext
from core.outbox import verbs
from core.outbox.kinds import words_of

messages = Blueprint("messages", __name__, url_prefix="/desk/messages")

PAGE = 50


@messages.get("")
@audience(*DESK)
def index():
    """The messages that were given up, the newest first; whether others are late, or cannot leave at all."""
    before = request.args.get("before", type=int)
    found = verbs.given_up(before, PAGE + 1)
    more = url_for("messages.index", before=found[PAGE - 1].id) if len(found) > PAGE else None
    return render_template("messages.html", found=found[:PAGE], more_url=more, state=verbs.state(),
                           most=verbs.MOST_COUNTED, words_of=words_of, here="messages")


@messages.post("/<int:number>/retry")
@audience(*DESK)
def retry(number: int):
    """Try one again."""
    verbs.retry(number)
    flash(_("It is on its way again."))
    return redirect(url_for("messages.index"), 303)


@messages.post("/retry")
@audience(*DESK)
def retry_all():
    """Try all of them again: the mail server was wrong, not the addresses."""
    done = verbs.retry_all()
    flash(ngettext("%(num)d message is on its way again.", "%(num)d messages are on their way again.", done))
    return redirect(url_for("messages.index"), 303)
