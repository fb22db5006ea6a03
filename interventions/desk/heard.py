"""What residents answered about a report and nobody has dealt with yet: put before whoever opens it."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from itertools import takewhile
from typing import Any

from core.i18n import gettext as _
from reporter.reading import Line
from reporter.sentences import event_words
from reporter.status import CONTESTED, UNANSWERED

#: The line of a history before which an answer is no news any more.
_SINCE = {CONTESTED: "resolved"}


@dataclass(frozen=True)
class Heard:
    """One answer, ready to be read."""

    what: str
    words: str | None
    #: Those that came with it, as reporter.reading.detail shows them.
    photos: list[dict[str, Any]]
    when: datetime


def of(one: Any, history: Iterable[Line]) -> list[Heard]:
    """What was answered since the work was done, or the question was asked; the newest first.

    `one` is a row of reporter.reading.detail, `history` its lines, the newest first; nothing where all is read.
    """
    if one.to_read is None:
        return []
    before = _SINCE.get(one.to_read, "question")
    fresh = takewhile(lambda line: line.kind != before, history)
    return [
        Heard(event_words(line.kind, line.facts), line.words, _photos(one, line), line.occurred_at)
        for line in fresh
        if line.kind == one.to_read
    ]


def title(one: Any, history: Iterable[Line]) -> str:
    """What has happened, as the heading of what was answered."""
    if one.to_read == CONTESTED:
        return _("A resident says it is not repaired")
    if one.to_read == UNANSWERED:
        return _("Nobody answered your question in time")
    if any(line.kind == "question" for line in history):
        return _("Your question was answered")
    return _("The person who reported it has written to you")


def _photos(one: Any, line: Line) -> list[dict[str, Any]]:
    """The photos that a line names, where it names any (a count stands there in other lines)."""
    named = line.facts.get("photos")
    wanted = named if isinstance(named, list) else []
    return [photo for photo in one.photos if photo["token"] in wanted]
