"""What neighbours add, read by the desk before everybody does: shown or not, with one press each."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

from flask import render_template, request
from flask.typing import ResponseReturnValue

from core import references
from core.i18n import gettext as _
from core.i18n import locale_code, ngettext
from core.identity.actor import Actor
from core.text import localized
from core.web.access import requires
from interventions.desk import menu
from interventions.desk.blueprint import BESIDE, desk, part
from interventions.desk.form_handling import attempt, figure, new_form_key
from reporter.feedback import comments as feedback_comments

PAGE = 50


@desk.get("/comments")
@requires("comments.moderate")
def comments() -> ResponseReturnValue:
    """What waits to be read, the oldest first."""
    return _page()


def _page(status: int = 200, refusal: str = "") -> Any:
    after = figure(request.args.get("after", "")) or 0
    found = feedback_comments.pending_comments(after=after, most=PAGE + 1)
    more, found = len(found) > PAGE, found[:PAGE]
    waiting = menu.recent_counts().comments
    headline = (
        ngettext("%(said)s comment to read.", "%(said)s comments to read.", waiting, said=menu.bounded(waiting))
        if found
        else _("No comments to read.")
    )
    return render_template(
        "desk/comments.html",
        nav_current="comments",
        headline=headline,
        refusal=refusal,
        key=new_form_key(),
        comments=[_shown(one) for one in found],
        next_url=f"/desk/comments?after={found[-1].id}" if more else None,
    ), status


def _shown(one: feedback_comments.PendingComment) -> Any:
    """A comment as the page shows it: what and where it is about, as one says it."""
    category = localized(one.category_names, locale_code())
    about = _("%(what)s, %(where)s", what=category, where=one.address) if one.address else category
    return SimpleNamespace(**vars(one), about=about)


@desk.post("/comments/<int(max=9223372036854775807):comment_id>/<any(show, refuse):verb>")
@requires("comments.moderate")
def decide_comment(comment_id: int, verb: str) -> ResponseReturnValue:
    """Show a comment to all, or never; the second of two people is told that it was decided."""
    reference = references.parse_reference(request.form.get("report", ""))
    to = "/desk/comments"
    if reference:
        to = f"/desk/reports/{reference}" + ("?done=comment" if part() == BESIDE else "")

    def do(by: Actor) -> str:
        report = (feedback_comments.publish_comment if verb == "show" else feedback_comments.refuse_comment)(
            comment_id, by=by
        )
        if report is None:
            return _("Someone else has already dealt with this comment.")
        return _("Published on the report’s page.") if verb == "show" else _("It will not be published.")

    return attempt(do, to=to, again=lambda status, errors, refusal: _page(status, refusal))
