"""How the states of a report, and what is said beside them, are shown: an icon and words each."""

from __future__ import annotations

from core.web.states import N_

#: state → (icon of the sprite, words).
STATES = {
    "received": ("send", N_("Received")),
    "acknowledged": ("eye", N_("Acknowledged")),
    "waiting": ("message-circle", N_("Awaiting reply")),
    "planned": ("calendar", N_("Planned")),
    "in_progress": ("construction", N_("In progress")),
    "resolved": ("check", N_("Resolved")),
    "rejected": ("ban", N_("No further action")),
    "transferred": ("arrow-left-right", N_("Transferred")),
    "merged": ("git-merge", N_("Merged")),
    "danger": ("triangle-alert", N_("Danger")),
    "late": ("clock", N_("Overdue")),
    "contested": ("message-square-warning", N_("Contested")),
    "answered": ("reply", N_("Answer received")),
    "unanswered": ("clock", N_("No response")),
}
