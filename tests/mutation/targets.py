"""Which modules get faults, and which tests are to notice them: verbs, rules, wall, idempotency, outbox, links, limits.

The tests named are those of the module's own folder. A fault that only another folder's tests notice survives here:
a rule is held beside where it stands.
"""

from __future__ import annotations

WALL = ("tests/core/test_wall.py", "tests/core/test_scope.py", "tests/core/test_scope_questions.py")
LINKS = ("tests/core/test_signed.py",)
OUTBOX = ("tests/core/notifications/outbox",)
REPORTS = ("tests/reporter/test_loop.py", "tests/core/test_wall.py", "tests/api/test_loop.py")
WORK = ("tests/interventions", "tests/api/test_work_orders.py")

#: Module → what is given to pytest.
TARGETS: dict[str, tuple[str, ...]] = {
    "core/database/scope.py": WALL,
    "core/signed_numbers.py": LINKS,
    "core/web/urls.py": LINKS,
    "core/web/idempotency.py": ("tests/core/test_idempotency.py",),
    "core/web/rate_limits.py": ("tests/core/identity/test_limits.py",),
    "core/notifications/outbox/lease.py": OUTBOX,
    "core/notifications/outbox/delivery_state.py": OUTBOX,
    "core/notifications/outbox/sender.py": OUTBOX,
    "core/notifications/outbox/verbs.py": OUTBOX,
    "core/notifications/outbox/postponement.py": OUTBOX,
    "core/photos/verbs.py": ("tests/core/photos",),
    "core/notifications/webhooks/verbs.py": ("tests/core/notifications/webhooks",),
    "reporter/feedback/comments.py": ("tests/reporter/feedback",),
    "reporter/feedback/repair_check.py": ("tests/reporter/feedback",),
    "reporter/subscriptions/areas.py": (
        "tests/reporter/subscriptions/test_areas.py",
        "tests/reporter/subscriptions/test_area_pages.py",
        "tests/reporter/notices",
    ),
    "reporter/inbound/mail/intake.py": ("tests/reporter/inbound",),
    "reporter/reports/duplicates.py": REPORTS,
    "reporter/subscriptions/browsers.py": ("tests/reporter/subscriptions/test_browsers.py",),
    "reporter/subscriptions/reports.py": (
        "tests/reporter/subscriptions/test_reports.py",
        "tests/reporter/subscriptions/test_links.py",
    ),
    "reporter/reports/intake.py": REPORTS,
    "reporter/reports/transitions.py": REPORTS,
    "reporter/subscriptions/recipients.py": (
        "tests/reporter/subscriptions/test_recipients.py",
        "tests/reporter/test_loop.py",
    ),
    "reporter/map/tile_counts.py": ("tests/reporter/map/test_tile_counts.py",),
    "interventions/work_orders/report_status.py": WORK,
    "interventions/triage/routing.py": WORK,
    "interventions/work_orders/statuses.py": ("tests/interventions/test_statuses.py",),
    "interventions/work_orders/execution.py": WORK,
    "interventions/triage/verbs.py": WORK,
    "interventions/work_orders/verbs.py": WORK,
}
