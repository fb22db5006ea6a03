"""What is said of work: the kinds, and each line of a work order's history. In the language spoken now."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from core.i18n import gettext as _
from core.i18n import ngettext
from core.times import day_words, hour_words

#: Kind of event → icon of the sprite.
ICONS = {
    "made": "clipboard-list",
    "approved": "stamp",
    "assigned": "users",
    "scheduled": "calendar-clock",
    "announced": "megaphone",
    "started": "play",
    "held": "pause",
    "resumed": "play",
    "refused": "ban",
    "finished": "check",
    "verified": "badge-check",
    "returned": "undo-2",
    "cancelled": "x",
    "noted": "sticky-note",
    "changed": "pencil",
    "report_added": "plus",
    "report_removed": "minus",
}
#: Kind of event → the state whose colour it takes.
COLOURS = {
    "scheduled": "scheduled",
    "announced": "scheduled",
    "started": "in_progress",
    "resumed": "in_progress",
    "held": "on_hold",
    "refused": "danger",
    "finished": "done",
    "verified": "verified",
    "returned": "danger",
    "cancelled": "cancelled",
    "approved": "ready",
}


def kind_word(kind: str) -> str:
    """A kind of work in words."""
    return {
        "making_safe": lambda: _("Making safe"),
        "temporary": lambda: _("Temporary repair"),
        "final": lambda: _("Final repair"),
        "inspection": lambda: _("Inspection"),
        "preventive": lambda: _("Preventive work"),
    }[kind]()


def event_title(kind: str, facts: dict[str, Any]) -> str:
    """One line of a work order's history, as its title; the kind itself where nobody gave it words."""
    if kind in ("scheduled", "announced"):
        moment = datetime.fromisoformat(facts["start"])
        told = {"day": day_words(moment), "hour": hour_words(moment)}
        return (
            _("Planned for %(day)s at %(hour)s", **told)
            if kind == "scheduled"
            else _("Announced to residents: %(day)s", **told)
        )
    if kind == "finished":
        minutes = facts.get("minutes")
        return _("Finished: %(time)s of work", time=duration_words(minutes)) if minutes else _("Finished")
    if kind == "assigned":
        return (
            _("Assigned to a staff member")
            if facts.get("agent")
            else _("Assigned to a team")
            if facts.get("team")
            else _("Unassigned")
        )
    plain = {
        "made": lambda: _("Work order created"),
        "approved": lambda: _("Approved"),
        "started": lambda: _("Started"),
        "held": lambda: _("Paused"),
        "resumed": lambda: _("Resumed"),
        "refused": lambda: _("Cannot be done"),
        "verified": lambda: _("Checked"),
        "returned": lambda: _("To be done again"),
        "cancelled": lambda: _("Cancelled"),
        "noted": lambda: _("Note"),
        "changed": lambda: _("Instructions changed"),
        "report_added": lambda: _("Report added"),
        "report_removed": lambda: _("Report removed"),
    }
    return plain[kind]() if kind in plain else kind


def duration_words(minutes: int) -> str:
    """A length of time as it is said: "45 min", "1 h", "1 h 30", "2 jours"."""
    if minutes >= 24 * 60:
        days = round(minutes / (24 * 60))
        return ngettext("%(num)s day", "%(num)s days", days)
    hours, rest = divmod(minutes, 60)
    if not hours:
        return _("%(n)s min", n=rest)
    return f"{hours}\u00a0h\u00a0{rest:02d}" if rest else f"{hours}\u00a0h"
