"""Which modules get faults, and which tests are to notice them: verbs, rules, wall, idempotency, outbox, links, limits.

The tests named are those of the module's own folder. A fault that only another folder's tests notice survives here:
a rule is held beside where it stands.
"""

from __future__ import annotations

WALL = ("tests/core/test_wall.py", "tests/core/test_scope.py", "tests/core/test_scope_questions.py")
LINKS = ("tests/core/test_signed.py",)
OUTBOX = ("tests/core/outbox",)
REPORTS = ("tests/reporter/test_loop.py", "tests/core/test_wall.py", "tests/api/test_loop.py")
WORK = ("tests/interventions", "tests/api/test_work_orders.py", "--ignore=tests/interventions/demo")

#: Module → what is given to pytest.
TARGETS: dict[str, tuple[str, ...]] = {
    "core/scope.py": WALL,
    "core/signed.py": LINKS,
    "core/links.py": LINKS,
    "core/idempotency.py": ("tests/core/test_idempotency.py",),
    "core/limits.py": ("tests/core/identity/test_limits.py",),
    "core/outbox/lease.py": OUTBOX,
    "core/outbox/records.py": OUTBOX,
    "core/outbox/send.py": OUTBOX,
    "core/outbox/verbs.py": OUTBOX,
    "core/outbox/waits.py": OUTBOX,
    "core/photos/verbs.py": ("tests/core/photos",),
    "core/webhooks/verbs.py": ("tests/core/webhooks",),
    "reporter/answers/neighbours.py": ("tests/reporter/answers",),
    "reporter/answers/repaired.py": ("tests/reporter/answers",),
    "reporter/around/areas.py": ("tests/reporter/around",),
    "reporter/arrivals/taking.py": ("tests/reporter/arrivals",),
    "reporter/duplicates.py": REPORTS,
    "reporter/following/pushing.py": ("tests/reporter/test_push.py",),
    "reporter/following/reports.py": ("tests/reporter/test_following.py", "tests/reporter/test_following_links.py"),
    "reporter/intake.py": REPORTS,
    "reporter/moves.py": REPORTS,
    "reporter/telling.py": ("tests/reporter/test_recipients.py", "tests/reporter/test_loop.py"),
    "reporter/tiles.py": ("tests/reporter/test_maps.py",),
    "interventions/consequences.py": WORK,
    "interventions/routing.py": WORK,
    "interventions/status.py": ("tests/interventions/test_status.py",),
    "interventions/street.py": WORK,
    "interventions/triage.py": WORK,
    "interventions/work.py": WORK,
}
