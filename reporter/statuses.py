"""A report's states and the legal moves between them, in one table (drawn into the docs by `flask docs`)."""

from __future__ import annotations

RECEIVED, ACKNOWLEDGED, WAITING, PLANNED = "received", "acknowledged", "waiting", "planned"
IN_PROGRESS, RESOLVED, REJECTED, TRANSFERRED, MERGED = (
    "in_progress",
    "resolved",
    "rejected",
    "transferred",
    "merged",
)

STATUSES = (RECEIVED, ACKNOWLEDGED, WAITING, PLANNED, IN_PROGRESS, RESOLVED, REJECTED, TRANSFERRED, MERGED)
OPEN = (RECEIVED, ACKNOWLEDGED, WAITING, PLANNED, IN_PROGRESS, TRANSFERRED)
CLOSED = (RESOLVED, REJECTED, MERGED)

#: What residents said that waits for the desk: "it is not repaired", an answer, no answer in time.
CONTESTED, ANSWERED, UNANSWERED = "contested", "answered", "unanswered"
UNREAD_ANSWERS = (CONTESTED, ANSWERED, UNANSWERED)

#: verb → (from which states, to which state; None: decided by the work orders, or what it was before)
MOVES: dict[str, tuple[tuple[str, ...], str | None]] = {
    "acknowledge": ((RECEIVED, WAITING), ACKNOWLEDGED),
    "reject": ((RECEIVED, ACKNOWLEDGED, WAITING, TRANSFERRED), REJECTED),
    "merge": (OPEN, MERGED),
    "follow_work": (OPEN + (RESOLVED,), None),
    "reopen": ((RESOLVED, REJECTED, MERGED), ACKNOWLEDGED),
    "contest": ((RESOLVED,), ACKNOWLEDGED),
    "ask": ((RECEIVED, ACKNOWLEDGED, WAITING), WAITING),
    "answer": ((WAITING,), None),
    "lapse": ((WAITING,), None),
}

#: Kinds of event that are told to the author and the followers (DESIGN §3, Telling); the others are shown.
TOLD = (
    "received",
    "planned",
    "day_changed",
    "resolved",
    "rejected",
    "merged",
    "transferred",
    "reopened",
    "question",
)
EVENTS = TOLD + (
    "acknowledged",
    "category_changed",
    "place_changed",
    "noted",
    "joined",
    "work_made",
    "made_safe",
    "started",
    "held",
    "resumed",
    "work_cancelled",
    "work_finished",
    "photo_added",
    "answered",
    "unanswered",
    "confirmed",
    "contested",
    "commented",
    "imported",
)
#: Read by the services only.
INTERNAL = (
    "noted",
    "work_made",
    "held",
    "resumed",
    "work_cancelled",
    "answered",
    "unanswered",
    "contested",
    "imported",
)
