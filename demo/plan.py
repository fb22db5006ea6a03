"""Six months of the demonstration town, as a plan: who reports what, and what becomes of it.

Nothing here touches the database: the loader plays the steps, in the order of their time, through the same
verbs as everybody's.
"""

from collections.abc import Callable
from datetime import datetime

from demo import backlog, history
from demo.stories import Plan
from demo.writing import Writer

SEED = "Villeclaire"

# The closing stories take what categories they need first; duplicates come last, they need the others.
STORIES: tuple[tuple[Callable[[Writer, int], None], int], ...] = (
    (backlog.today, 6),
    (history.resolved_street, 1),
    (backlog.made_safe, 3),
    (backlog.to_verify, 6),
    (history.resolved_verified, 24),
    (history.resolved_safe, 9),
    (backlog.received_tonight, 12),
    (backlog.received_late, 5),
    (backlog.received_recent, 12),
    (backlog.acknowledged, 12),
    (backlog.ready, 9),
    (backlog.awaiting, 5),
    (backlog.planned, 14),
    (backlog.agents_week, 8),
    (backlog.scheduled, 7),
    (backlog.in_progress, 8),
    (backlog.on_hold, 4),
    (backlog.returned, 3),
    (backlog.cancelled, 2),
    (history.resolved_corrected, 6),
    (history.resolved_planned, 100),
    (history.resolved_quick, 52),
    (history.resolved_held, 10),
    (history.resolved_refused, 6),
    (history.resolved_returned, 5),
    (history.rejected, 26),
    (history.cancelled_rejected, 3),
    (backlog.without_report, 6),
    (history.merged, 28),
)


def make_plan(now: datetime, seed: str = SEED) -> Plan:
    """Return the life of some 400 reports over the six months before `now` (which needs a zone).

    The same moment and seed give the same plan. All steps lie in the past, those of staff in working hours;
    only days for which work is planned lie ahead. What is reported and what becomes of it come from the seed
    alone, save for the duplicates; when it happens comes from `now`.
    """
    writer = Writer(now, seed, sum(count for _, count in STORIES))
    for story, count in STORIES:
        for index in range(count):
            writer.begin(story.__name__, index)
            story(writer, index)
    return writer.plan()
