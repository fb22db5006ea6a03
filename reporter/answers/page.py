"""What a report's page shows of the answer back: the one question that matters now, and what neighbours add."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from flask import request

from reporter.answers import links, neighbours, repaired
from reporter.answers.typed import Typed
from reporter.models import Follower
from reporter.reading import Line
from reporter.status import CLOSED, MERGED, OPEN, RESOLVED, WAITING
from reporter.views.draft import kept_photos

#: The cookie of a browser that said "me too"; set by that alone.
COOKIE = "neighbour"
MOST = 4


def voice() -> str | None:
    """How this browser is counted, where it said "me too" of anything."""
    secret = request.cookies.get(COOKIE, "")
    return neighbours.browser(secret) if secret else None


def context(row: Any, lines: list[Line], *, mine: bool, typed: Typed | None = None) -> dict[str, Any]:
    """What the templates of this package read on a report's page. No statement for the public; two for its author."""
    key = request.args.get("repaired", "")
    question = _question(row, lines) if mine else None
    can_add = not row.private and row.status != MERGED and question is None
    who = voice() if can_add else None
    return {
        "repaired": _repaired(row, mine, key),
        "question": question,
        "can_add": can_add,
        "can_say_so": can_add and not mine and row.status in OPEN,
        "said_so": who is not None and neighbours.said_so(row.id, who),
        "typed": typed or Typed(),
        "kept": kept_photos(typed.photos) if typed else [],
        "most": MOST,
    }


def _repaired(row: Any, mine: bool, key: str) -> dict[str, Any] | None:
    """The question "Is it repaired?" as this reader can answer it; None where they cannot."""
    if row.status != RESOLVED or not (mine or key):
        return None
    asked = links.read(key, row.reference) if key else None
    contact_id = asked.follower.contact_id if asked else row.author_id
    how = repaired.standing(row, contact_id, asked.event if asked else None)
    if how is None:
        return None
    yes, no = (links.path(row.reference, answer, key or None) for answer in ("yes", "no"))
    return {"how": how, "yes": yes, "no": no}


def _question(row: Any, lines: list[Line]) -> dict[str, Any] | None:
    """The last question to the author, while an answer is still of use. Lines are the newest first."""
    if row.status in CLOSED:
        return None
    last = next((line for line in lines if line.kind in ("question", "answered")), None)
    if last is None or last.kind == "answered" or not last.words:
        return None
    return {"words": last.words, "until": row.waiting_until if row.status == WAITING else None}


def shown_photos(row: Any, follower: Follower | None, *, mine: bool) -> list[dict[str, Any]]:
    """The photos of a report that the reader of an answer's page may see: all of a public one; else its author's."""
    own = mine or (follower is not None and follower.author and follower.report_id == row.id)
    return [one for one in row.photos if one["status"] == "ready"] if own or not row.private else []


def day_of(photo: dict[str, Any]) -> datetime:
    """When a photo of `reading.detail` was added."""
    return datetime.fromisoformat(photo["at"])
