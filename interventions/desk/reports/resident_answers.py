"""What residents answered about a report and nobody has dealt with yet: put before whoever opens it."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from itertools import takewhile
from typing import Any

from core.i18n import gettext as _
from reporter.reports.detail import HistoryRow
from reporter.sentences import event_title
from reporter.statuses import CONTESTED, UNANSWERED

#: The line of a history before which an answer is no news any more.
_SINCE = {CONTESTED: "resolved"}


@dataclass(frozen=True)
class ResidentAnswer:
    """One answer, ready to be read."""

    what: str
    words: str | None
    #: Those that came with it, as reporter.reports.detail.report_detail shows them.
    photos: list[dict[str, Any]]
    when: datetime


def answers_to_read(one: Any, history: Iterable[HistoryRow]) -> list[ResidentAnswer]:
    """What was answered since the work was done, or the question was asked; the newest first.

    `one` is a row of reporter.reports.detail.report_detail, `history` its lines, the newest first; nothing where all
    is read.
    """
    if one.unread_answer is None:
        return []
    before = _SINCE.get(one.unread_answer, "question")
    fresh = takewhile(lambda line: line.kind != before, history)
    return [
        ResidentAnswer(event_title(line.kind, line.facts), line.words, _photos(one, line), line.occurred_at)
        for line in fresh
        if line.kind == one.unread_answer
    ]


def title(one: Any, history: Iterable[HistoryRow]) -> str:
    """What has happened, as the heading of what was answered."""
    if one.unread_answer == CONTESTED:
        return _("A resident says it is not repaired")
    if one.unread_answer == UNANSWERED:
        return _("Nobody answered your question in time")
    if any(line.kind == "question" for line in history):
        return _("Your question was answered")
    return _("The person who reported it has written to you")


def _photos(one: Any, line: HistoryRow) -> list[dict[str, Any]]:
    """The photos that a line names, where it names any (a count stands there in other lines)."""
    named = line.facts.get("photos")
    wanted = named if isinstance(named, list) else []
    return [photo for photo in one.photos if photo["token"] in wanted]
