"""How the states of a report, and what is said beside them, are shown: an icon and words each."""

from __future__ import annotations

from core.states import N_

#: state → (icon of the sprite, words).
STATES = {
    "received": ("send", N_("Received")),
    "acknowledged": ("eye", N_("Acknowledged")),
    "waiting": ("message-circle", N_("Waiting for details")),
    "planned": ("calendar", N_("Planned")),
    "in_progress": ("construction", N_("In progress")),
    "resolved": ("check", N_("Resolved")),
    "rejected": ("ban", N_("Not taken up")),
    "transferred": ("arrow-left-right", N_("Passed on")),
    "merged": ("git-merge", N_("Joined to another")),
    "danger": ("triangle-alert", N_("Danger")),
    "late": ("clock", N_("Late")),
    "contested": ("message-square-warning", N_("Contested")),
    "answered": ("reply", N_("Answer received")),
    "unanswered": ("clock", N_("No answer")),
}
