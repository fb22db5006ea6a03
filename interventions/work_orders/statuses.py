"""A work order's states and the legal moves between them, in one table (drawn into the docs by `flask docs`)."""

from __future__ import annotations

DRAFT, AWAITING_APPROVAL, READY, SCHEDULED = "draft", "awaiting_approval", "ready", "scheduled"
IN_PROGRESS, ON_HOLD, DONE, VERIFIED, CANCELLED = "in_progress", "on_hold", "done", "verified", "cancelled"

STATUSES = (DRAFT, AWAITING_APPROVAL, READY, SCHEDULED, IN_PROGRESS, ON_HOLD, DONE, VERIFIED, CANCELLED)
ACTIVE = (AWAITING_APPROVAL, READY, SCHEDULED, IN_PROGRESS, ON_HOLD)
KINDS = ("making_safe", "temporary", "final", "inspection", "preventive")

#: verb → (from which states, to which state). `announce` and `assign` change no state.
MOVES: dict[str, tuple[tuple[str, ...], str]] = {
    "approve": ((AWAITING_APPROVAL,), READY),
    "schedule": ((READY, SCHEDULED), SCHEDULED),
    "start": ((READY, SCHEDULED), IN_PROGRESS),
    "hold": ((IN_PROGRESS,), ON_HOLD),
    "resume": ((ON_HOLD,), IN_PROGRESS),
    "refuse": ((SCHEDULED, IN_PROGRESS, ON_HOLD), READY),
    "finish": ((IN_PROGRESS, ON_HOLD), DONE),
    "verify": ((DONE,), VERIFIED),
    "return": ((DONE,), READY),
    "cancel": ((AWAITING_APPROVAL, READY, SCHEDULED, IN_PROGRESS, ON_HOLD), CANCELLED),
}

#: Verbs of those in the street. Which role may use them on whose work is said by core/identity/permissions.py.
FIELD_VERBS = ("start", "hold", "resume", "refuse", "finish")
#: verb → the permission that it needs; `change` of what is approved needs work_orders.change.
PERMISSIONS: dict[str, str] = {
    "approve": "work_orders.approve",
    "assign": "work_orders.plan",
    "schedule": "work_orders.plan",
    "announce": "work_orders.plan",
    **dict.fromkeys(FIELD_VERBS, "work_orders.carry_out"),
    "verify": "work_orders.verify",
    "return": "work_orders.verify",
    "cancel": "work_orders.cancel",
    "change": "work_orders.propose",
}
EVENTS = (
    "made",
    "approved",
    "assigned",
    "scheduled",
    "announced",
    "started",
    "held",
    "resumed",
    "refused",
    "finished",
    "verified",
    "returned",
    "cancelled",
    "noted",
    "changed",
    "report_added",
    "report_removed",
)
