"""What a report's page shows of the answer back: the one question that matters now, and what neighbours add."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from flask import request

from reporter.feedback import comments, repair_check
from reporter.feedback import links as feedback_links
from reporter.feedback.form_input import FeedbackForm
from reporter.reports.detail import HistoryRow
from reporter.statuses import CLOSED, MERGED, OPEN, RESOLVED, WAITING
from reporter.subscriptions.models import ReportSubscription
from reporter.web.form.input import usable_photos

#: The cookie of a browser that said "me too"; set by that alone.
COOKIE = "neighbour"
MOST = 4


def browser_identity() -> str | None:
    """How this browser is counted, where it said "me too" of anything."""
    secret = request.cookies.get(COOKIE, "")
    return comments.browser_digest(secret) if secret else None


def feedback_context(
    row: Any, lines: list[HistoryRow], *, mine: bool, typed: FeedbackForm | None = None
) -> dict[str, Any]:
    """What the templates of this package read on a report's page. No statement for the public; two for its author."""
    key = request.args.get("repaired", "")
    question = _question(row, lines) if mine else None
    can_add = not row.private and row.status != MERGED and question is None
    who = browser_identity() if can_add else None
    return {
        "repaired": _repaired(row, mine, key),
        "question": question,
        "can_add": can_add,
        "can_say_so": can_add and not mine and row.status in OPEN,
        "said_so": who is not None and comments.has_said_me_too(row.id, who),
        "typed": typed or FeedbackForm(),
        "kept": usable_photos(typed.photos) if typed else [],
        "most": MOST,
    }


def _repaired(row: Any, mine: bool, key: str) -> dict[str, Any] | None:
    """The question "Is it repaired?" as this reader can answer it; None where they cannot."""
    if row.status != RESOLVED or not (mine or key):
        return None
    asked = feedback_links.read_link(key, row.reference) if key else None
    contact_id = asked.subscription.contact_id if asked else row.author_id
    how = repair_check.repair_question(row, contact_id, asked.event if asked else None)
    if how is None:
        return None
    yes, no = (feedback_links.answer_path(row.reference, answer, key or None) for answer in ("yes", "no"))
    return {"how": how, "yes": yes, "no": no}


def _question(row: Any, lines: list[HistoryRow]) -> dict[str, Any] | None:
    """The last question to the author, while an answer is still of use. Lines are the newest first."""
    if row.status in CLOSED:
        return None
    last = next((line for line in lines if line.kind in ("question", "answered")), None)
    if last is None or last.kind == "answered" or not last.words:
        return None
    return {"words": last.words, "until": row.waiting_until if row.status == WAITING else None}


def visible_photos(row: Any, subscription: ReportSubscription | None, *, mine: bool) -> list[dict[str, Any]]:
    """The photos of a report that the reader of an answer's page may see: all of a public one; else its author's."""
    own = mine or (subscription is not None and subscription.author and subscription.report_id == row.id)
    return [one for one in row.photos if one["status"] == "ready"] if own or not row.private else []


def day_of(photo: dict[str, Any]) -> datetime:
    """When a photo of `reading.detail` was added."""
    return datetime.fromisoformat(photo["at"])
