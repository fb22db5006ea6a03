"""The histories of reports and work orders as the services read them: internal lines included, with who."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from core.i18n import gettext as _
from interventions.desk.choices import Choices
from interventions.work_orders import sentences as work_order_sentences
from reporter.reports.detail import HistoryRow
from reporter.sentences import event_title

#: Kind of event → (state whose colour it takes, icon where it is not the state's own).
DOTS = {
    "received": ("received", None),
    "acknowledged": ("acknowledged", None),
    "planned": ("planned", None),
    "day_changed": ("planned", "calendar-clock"),
    "rejected": ("rejected", None),
    "merged": ("merged", None),
    "joined": ("merged", None),
    "transferred": ("transferred", None),
    "reopened": ("acknowledged", "undo-2"),
    "question": ("waiting", None),
    "category_changed": ("received", "tag"),
    "place_changed": ("received", "map-pin"),
    "noted": ("received", "sticky-note"),
    "work_made": ("acknowledged", "hammer"),
    "made_safe": ("in_progress", "shield-check"),
    "started": ("in_progress", None),
    "held": ("waiting", "pause"),
    "resumed": ("in_progress", "play"),
    "work_cancelled": ("received", "calendar-x"),
    "work_finished": ("in_progress", "check"),
    "photo_added": ("received", "image-plus"),
    "imported": ("received", "download"),
    "resolved": ("resolved", None),
    "answered": ("answered", None),
    "unanswered": ("unanswered", None),
    "contested": ("contested", None),
    "confirmed": ("resolved", "thumbs-up"),
    "commented": ("received", "message-square"),
}


@dataclass(frozen=True)
class StaffHistoryLine:
    """One line of a history, ready to be read."""

    id: int
    state: str
    picture: str | None
    what: str
    #: What a person wrote with it; None where there is nothing, or where it is masked.
    words: str | None
    masked: bool
    who: str
    public: bool
    when: datetime
    #: It was written after the reader's page was made.
    fresh: bool


def report_history_lines(
    history: Iterable[HistoryRow], known: Choices, *, since: int | None = None
) -> list[StaffHistoryLine]:
    """A report's history in words; lines after the one numbered `since` are fresh."""
    return [
        _said(line, _of_report(line.kind, line.facts, known), *DOTS.get(line.kind, ("received", "info")), since)
        for line in history
    ]


def work_history_lines(
    history: Iterable[HistoryRow], known: Choices, *, since: int | None = None
) -> list[StaffHistoryLine]:
    """A work order's history in words. All of it is for the services: nothing in it needs to be marked so."""
    return [
        _said(
            line,
            _of_work(line.kind, line.facts, known),
            work_order_sentences.COLOURS.get(line.kind, "received"),
            work_order_sentences.ICONS.get(line.kind, "info"),
            since,
            public=True,
        )
        for line in history
    ]


def _said(
    line: HistoryRow, what: str, state: str, picture: str | None, since: int | None, *, public: bool | None = None
) -> StaffHistoryLine:
    return StaffHistoryLine(
        line.id,
        state,
        picture,
        what,
        line.words,
        line.masked,
        line.who or channel_word(line.channel),
        line.public if public is None else public,
        line.occurred_at,
        since is not None and line.id > since,
    )


def _of_report(kind: str, facts: dict[str, Any], known: Choices) -> str:
    if kind == "category_changed" and facts.get("to"):
        return _(
            "Category changed to “%(to)s” (was “%(from)s”)",
            to=known.category_name(facts["to"]),
            **{"from": known.category_name(facts.get("from", ""))},
        )
    return event_title(kind, facts)


def _of_work(kind: str, facts: dict[str, Any], known: Choices) -> str:
    if kind == "assigned":
        return _("Assigned to %(team)s", team=known.team_name(facts["team"])) if facts.get("team") else _("Unassigned")
    return work_order_sentences.event_title(kind, facts)


def channel_word(channel: str) -> str:
    """By what channel it came, in words."""
    return {
        "web": lambda: _("through the website"),
        "api": lambda: _("through another application"),
        "desk": lambda: _("at the desk"),
        "field": lambda: _("in the field"),
        "phone": lambda: _("by telephone"),
        "letter": lambda: _("by letter"),
        "mail": lambda: _("by e-mail"),
        "sms": lambda: _("by SMS"),
        "import": lambda: _("imported from another system"),
        "system": lambda: _("by the system"),
    }[channel]()
