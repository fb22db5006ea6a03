"""What is said of a report, in words: its headline, each line of its history, and what happens next.

Pages and mails say the same. Everything is in the language spoken now.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any

from core.database.scope import current_jurisdiction
from core.i18n import gettext as _
from core.i18n import locale_code
from core.text import localized
from core.times import day_words, working_day


def subject_words(category_names: dict[str, str], address: str) -> str:
    """What and where, to stand in a sentence: "Nid-de-poule, 12 rue des Tilleuls"."""
    name = localized(category_names, locale_code(), current_jurisdiction().languages[0])
    return f"{name}, {address}" if address else name


def headline(
    status: str,
    category_names: dict[str, str],
    address: str,
    *,
    day_planned: datetime | None = None,
    mine: bool = False,
) -> str:
    """The title of a report's page: one sentence that says how things stand; `mine`: to its author."""
    thing = subject_words(category_names, address)
    if status == "waiting" and mine:
        return _("%(thing)s: we need one more detail from you.", thing=thing)
    if status == "planned" and day_planned is not None:
        return _("%(thing)s: a team will come on %(day)s.", thing=thing, day=day_words(day_planned))
    return {
        "received": lambda: (
            _("%(thing)s: we have received your report.", thing=thing)
            if mine
            else _("%(thing)s: report received.", thing=thing)
        ),
        "acknowledged": lambda: _("%(thing)s: we are dealing with it.", thing=thing),
        "waiting": lambda: _("%(thing)s: waiting for more information.", thing=thing),
        "planned": lambda: _("%(thing)s: the work is planned.", thing=thing),
        "in_progress": lambda: _("%(thing)s: the work has begun.", thing=thing),
        "resolved": lambda: _("%(thing)s: repaired.", thing=thing),
        "rejected": lambda: _("%(thing)s: no further action.", thing=thing),
        "transferred": lambda: _("%(thing)s: passed to the organisation responsible.", thing=thing),
        "merged": lambda: _("%(thing)s: merged with another report of the same problem.", thing=thing),
    }[status]()


def event_title(kind: str, facts: dict[str, Any], *, mine: bool = False) -> str:
    """One line of the history, as its title; `mine`: to the report's author."""
    if mine and kind in ("question", "answered"):
        return _("A question for you") if kind == "question" else _("Your answer")
    if kind == "confirmed":
        if facts.get("by") == "author":
            return _("The person who reported it says it is repaired")
        return _("Someone following this report says it is repaired")
    if kind == "reopened" and facts.get("contested"):
        return _("Reopened: a resident says it is not repaired")
    if kind in ("planned", "day_changed"):
        return _planned_words(kind, facts)
    if kind == "merged":
        return _("Merged with report %(reference)s of the same problem", reference=facts.get("into", ""))
    if kind == "joined" and "reference" not in facts:
        return _("Someone else reported the same problem")
    if kind == "joined":
        return _("Someone else reported the same problem (%(reference)s)", reference=facts.get("reference", ""))
    plain = {
        "received": lambda: _("Received"),
        "acknowledged": lambda: _("Seen by our teams"),
        "rejected": lambda: _("No further action"),
        "transferred": lambda: _("Passed to the organisation responsible"),
        "reopened": lambda: _("Reopened"),
        "question": lambda: _("Question to the person who reported it"),
        "answered": lambda: (
            _("Answered by the person who reported it")
            if facts.get("by") != "follower"
            else _("Answered by someone following this report")
        ),
        "unanswered": lambda: _("No answer in time"),
        "contested": lambda: (
            _("“It is not repaired”, says the person who reported it")
            if facts.get("by") == "author"
            else _("“It is not repaired”, says someone following this report")
        ),
        "commented": lambda: (
            _("Added by the person who reported it") if facts.get("by") == "author" else _("Added by a neighbour")
        ),
        "category_changed": lambda: _("Category changed"),
        "place_changed": lambda: _("Place corrected"),
        "noted": lambda: _("Internal note"),
        "work_made": lambda: _("Work order %(number)s created", number=facts.get("number", "")),
        "made_safe": lambda: _("Made safe: the repair is still to be done"),
        "started": lambda: _("The work has begun"),
        "held": lambda: _("Work paused"),
        "resumed": lambda: _("Work resumed"),
        "work_cancelled": lambda: _("Work order %(number)s withdrawn", number=facts.get("number", "")),
        "work_finished": lambda: _("Part of the work is done"),
        "photo_added": lambda: _("A photo was added"),
        "imported": lambda: _("Imported from another system"),
        "resolved": lambda: _("Repaired"),
    }
    return plain[kind]() if kind in plain else kind


def _planned_words(kind: str, facts: dict[str, Any]) -> str:
    start = facts.get("start")
    before = facts.get("before")
    if not start:
        if before:
            return _("Work announced for %(day)s postponed", day=day_words(datetime.fromisoformat(before)))
        return _("Work postponed: the announced date no longer stands")
    planned = day_words(datetime.fromisoformat(start))
    if kind == "planned":
        return _("Work planned for %(day)s", day=planned)
    return _("New date for the work: %(day)s", day=planned)


def next_step(
    status: str, *, due_at: datetime | None = None, day_planned: datetime | None = None, mine: bool = False
) -> str:
    """What happens next, so that nobody has to guess; `mine`: to the report's author."""
    if status == "waiting" and mine:
        return _("We will continue as soon as you reply.")
    if status == "received":
        if due_at is not None:
            return _(
                "Our teams will look at it and the next steps will be shown here. We aim to deal with it by %(day)s.",
                day=day_words(working_day(due_at)),
            )
        return _("Our teams will look at it and the next steps will be shown here.")
    if status == "planned" and day_planned is not None:
        return _("A team will come on %(day)s. If the date changes, we will say so here.", day=day_words(day_planned))
    return {
        "acknowledged": lambda: _("The work is being prepared. The planned date will be shown here."),
        "waiting": lambda: _("We have asked the person who reported it. Work will continue once they reply."),
        "planned": lambda: _("The work is planned. Any change will be shown here."),
        "in_progress": lambda: _("When the work is done, any photo taken by the team will be shown here."),
        "resolved": lambda: _(
            "There is nothing more to do. If it is not repaired, report it again: it takes a minute."
        ),
        "rejected": lambda: _("The reason is given below. If the situation changes, report it again."),
        "transferred": lambda: _("The organisation responsible now has this report."),
        "merged": lambda: _("Follow the other report: anything that happens to it applies to this one too."),
    }[status]()
