"""What is said of a report, in words: its headline, each line of its history, and what happens next.

Pages and mails say the same. Everything is in the language spoken now.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any

from core.i18n import gettext as _
from core.i18n import locale_code
from core.scope import current
from core.text import localized
from core.times import day


def what(category_names: dict[str, str], address: str) -> str:
    """What and where, to stand in a sentence: "Nid-de-poule, 12 rue des Tilleuls"."""
    name = localized(category_names, locale_code(), current().languages[0])
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
    thing = what(category_names, address)
    if status == "waiting" and mine:
        return _("%(thing)s: we need one more detail from you.", thing=thing)
    if status == "planned" and day_planned is not None:
        return _("%(thing)s: a team will come on %(day)s.", thing=thing, day=day(day_planned))
    return {
        "received": lambda: _("%(thing)s: we have received your report.", thing=thing),
        "acknowledged": lambda: _("%(thing)s: the services are looking after it.", thing=thing),
        "waiting": lambda: _("%(thing)s: the services wait for one more detail.", thing=thing),
        "planned": lambda: _("%(thing)s: the work is planned.", thing=thing),
        "in_progress": lambda: _("%(thing)s: the work has begun.", thing=thing),
        "resolved": lambda: _("%(thing)s: it is repaired.", thing=thing),
        "rejected": lambda: _("%(thing)s: no work will follow.", thing=thing),
        "transferred": lambda: _("%(thing)s: passed on to those in charge.", thing=thing),
        "merged": lambda: _("%(thing)s: joined to a report that says the same.", thing=thing),
    }[status]()


def event_words(kind: str, facts: dict[str, Any], *, mine: bool = False) -> str:
    """One line of the history, as its title; `mine`: to the report's author."""
    if mine and kind in ("question", "answered"):
        return _("A question for you") if kind == "question" else _("Your answer")
    if kind == "confirmed":
        if facts.get("by") == "author":
            return _("Whoever reported it says that it is repaired")
        return _("Somebody who follows it says that it is repaired")
    if kind == "reopened" and facts.get("contested"):
        return _("Open again: somebody says that it is not repaired")
    if kind in ("planned", "day_changed"):
        return _planned_words(kind, facts)
    if kind == "merged":
        return _("Joined to the report %(reference)s, which says the same", reference=facts.get("into", ""))
    if kind == "joined" and "reference" not in facts:
        return _("Somebody else reported the same")
    if kind == "joined":
        return _("Somebody else reported the same (%(reference)s)", reference=facts.get("reference", ""))
    plain = {
        "received": lambda: _("Received"),
        "acknowledged": lambda: _("Seen by the services"),
        "rejected": lambda: _("No work will follow"),
        "transferred": lambda: _("Passed on to those in charge"),
        "reopened": lambda: _("Open again"),
        "question": lambda: _("A question to whoever reported it"),
        "answered": lambda: _("Answered by whoever reported it")
        if facts.get("by") != "follower"
        else _("Answered by somebody who follows it"),
        "unanswered": lambda: _("Nobody answered in time"),
        "contested": lambda: _("“It is not repaired”, says whoever reported it")
        if facts.get("by") == "author"
        else _("“It is not repaired”, says somebody who follows it"),
        "commented": lambda: _("Added by whoever reported it")
        if facts.get("by") == "author"
        else _("A neighbour adds"),
        "category_changed": lambda: _("Put under another category"),
        "place_changed": lambda: _("Place corrected"),
        "noted": lambda: _("Internal note"),
        "work_made": lambda: _("Work order %(number)s made", number=facts.get("number", "")),
        "made_safe": lambda: _("Made safe: the repair is still to come"),
        "started": lambda: _("The work has begun"),
        "held": lambda: _("Work interrupted"),
        "resumed": lambda: _("Work goes on"),
        "work_cancelled": lambda: _("Work order %(number)s withdrawn", number=facts.get("number", "")),
        "work_finished": lambda: _("Part of the work is done"),
        "photo_added": lambda: _("A photo was added"),
        "imported": lambda: _("Taken over from another system"),
        "resolved": lambda: _("Repaired"),
    }
    return plain[kind]() if kind in plain else kind


def _planned_words(kind: str, facts: dict[str, Any]) -> str:
    start = facts.get("start")
    before = facts.get("before")
    if not start:
        if before:
            return _("The day announced, %(day)s, no longer holds", day=day(datetime.fromisoformat(before)))
        return _("The day announced no longer holds")
    planned = day(datetime.fromisoformat(start))
    if kind == "planned":
        return _("Work planned for %(day)s", day=planned)
    return _("New day for the work: %(day)s", day=planned)


def next_step(
    status: str, *, due_at: datetime | None = None, day_planned: datetime | None = None, mine: bool = False
) -> str:
    """What happens next, so that nobody has to guess; `mine`: to the report's author."""
    if status == "waiting" and mine:
        return _("We go on as soon as you have answered.")
    if status == "received":
        if due_at is not None:
            return _(
                "The services will look at it and say what follows. Our aim is to have it done before %(day)s.",
                day=day(due_at),
            )
        return _("The services will look at it and say what follows.")
    if status == "planned" and day_planned is not None:
        return _("A team comes on %(day)s. If that day changes, you will read it here.", day=day(day_planned))
    return {
        "acknowledged": lambda: _(
            "The work is being prepared. The day it is planned for will be shown here."
        ),
        "waiting": lambda: _("Whoever reported it was asked for it. The work goes on as soon as they have answered."),
        "planned": lambda: _("The work is planned. If anything changes, you will read it here."),
        "in_progress": lambda: _(
            "When the work is done, you will see a photo of it here where one was taken."
        ),
        "resolved": lambda: _(
            "Nothing more is to be done. If it is not repaired, report it again: it takes a minute."
        ),
        "rejected": lambda: _("The reason is given below. If the situation changes, report it again."),
        "transferred": lambda: _("Those in charge now have your report."),
        "merged": lambda: _("Follow the other report: what becomes of it holds for this one too."),
    }[status]()
