"""How the states of a work order are shown: an icon and words each."""

from __future__ import annotations

from core.web.states import N_

#: state → (icon of the sprite, words).
STATES = {
    "draft": ("pencil-line", N_("Draft")),
    "awaiting_approval": ("stamp", N_("To approve")),
    "ready": ("list-todo", N_("To schedule")),
    "scheduled": ("calendar-clock", N_("Scheduled")),
    "in_progress": ("construction", N_("In progress")),
    "on_hold": ("pause", N_("On hold")),
    "done": ("check-check", N_("Done")),
    "verified": ("badge-check", N_("Verified")),
    "cancelled": ("x", N_("Cancelled")),
}
