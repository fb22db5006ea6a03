"""The words and icons of every state, for pages, mails and sheets. The colours are in _tokens.scss."""

from __future__ import annotations

from flask import Flask

from core.i18n import gettext


def N_(words: str) -> str:  # noqa: N802 - gettext's own name for "translate this later"
    """Mark a msgid for extraction; it is translated when it is shown."""
    return words


#: state → (icon of the sprite, words). Both tables of moves share it: "in_progress" is the same for both.
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
    "draft": ("pencil-line", N_("Draft")),
    "awaiting_approval": ("stamp", N_("To approve")),
    "ready": ("list-todo", N_("To schedule")),
    "scheduled": ("calendar-clock", N_("Scheduled")),
    "on_hold": ("pause", N_("On hold")),
    "done": ("check-check", N_("Done")),
    "verified": ("badge-check", N_("Verified")),
    "cancelled": ("x", N_("Cancelled")),
    "danger": ("triangle-alert", N_("Danger")),
    "late": ("clock", N_("Overdue")),
    "contested": ("message-square-warning", N_("Contested")),
    "answered": ("reply", N_("Answer received")),
    "unanswered": ("clock", N_("No response")),
}


def state_word(status: str) -> str:
    """The state in the reader's language ("Reçu"). KeyError for a state that nobody declared."""
    return gettext(STATES[status][1])


def state_icon(status: str) -> str:
    """The name of the state's icon. KeyError for a state that nobody declared."""
    return STATES[status][0]


def init_app(app: Flask) -> None:
    """Give the templates `state_word` and `state_icon`."""
    app.jinja_env.globals.update(state_word=state_word, state_icon=state_icon)
