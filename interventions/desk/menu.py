"""The desk's menu and the six numbers: all counted in one statement, each count bounded."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import text

from core.database import execute_unscoped, utcnow
from core.database.scope import current_jurisdiction_id
from core.i18n import gettext as _
from core.times import local_time
from core.web.principal import current_principal
from reporter.inbound.inbox import PATIENCE
from reporter.statuses import OPEN

#: Counting stops there: "more than 1,000".
MOST = 1000
#: The evening from which on a report is new in the morning: hour of the day before, in the jurisdiction's time.
EVENING = 18
#: How long the menu of a page may show what was counted for another, in seconds.
SECONDS = 5.0

_OPEN = "status IN (" + ", ".join(f"'{status}'" for status in OPEN) + ")"


def _both(conditions: str, columns: str = "1") -> str:
    """Reports that lie here, by their own index, and those of `elsewhere`."""
    branch = f"(SELECT {columns} FROM {{source}} r WHERE {{wall}} AND {conditions} LIMIT :most)"
    return " UNION ALL ".join(
        (
            branch.format(source="report", wall="r.jurisdiction_id = :jurisdiction"),
            branch.format(source="elsewhere", wall="true"),
        )
    )


_COUNTS = text(f"""
WITH elsewhere AS MATERIALIZED (
    -- In our charge, but in another jurisdiction: the newest of them.
    SELECT id, status, priority, due_at, received_at, unread_answer FROM report
    WHERE in_charge_id = :jurisdiction AND in_charge_id <> jurisdiction_id
    ORDER BY received_at DESC, id DESC LIMIT 5000
),
dangerous AS ({_both(f"r.priority = 2 AND r.{_OPEN}", "r.status")}),
late AS ({_both(f"r.{_OPEN} AND r.due_at < now()")}),
fresh AS ({_both("r.received_at >= :evening", "r.id, r.status")}),
today AS (
    SELECT team_id FROM work_order
    WHERE jurisdiction_id = :jurisdiction AND status IN ('scheduled', 'in_progress', 'on_hold')
      AND starts_at < :tomorrow AND (starts_at >= :midnight OR status <> 'scheduled')
    LIMIT :most
),
finished AS (
    SELECT category_id FROM work_order WHERE jurisdiction_id = :jurisdiction AND status = 'done'
    ORDER BY created_at DESC, id DESC LIMIT :most
)
SELECT
    (SELECT count(*) FROM dangerous) AS dangerous,
    (SELECT count(*) FROM dangerous WHERE status = 'received') AS dangerous_unseen,
    (SELECT count(*) FROM late) AS late,
    (SELECT min(due_at) FROM (SELECT r.due_at FROM report r WHERE r.jurisdiction_id = :jurisdiction AND r.{_OPEN}
        AND r.due_at < now() ORDER BY r.due_at LIMIT 1) AS first) AS late_since,
    (SELECT count(*) FROM fresh) AS fresh,
    (SELECT count(*) FROM fresh LEFT JOIN triage ON triage.report_id = fresh.id
        WHERE triage.team_id IS NULL AND fresh.status = 'received') AS fresh_unrouted,
    (SELECT count(*) FROM (SELECT 1 FROM work_order WHERE jurisdiction_id = :jurisdiction
        AND status = 'awaiting_approval' LIMIT :most) AS asked) AS to_approve,
    (SELECT count(*) FROM (SELECT 1 FROM work_order WHERE jurisdiction_id = :jurisdiction
        AND status = 'ready' LIMIT :most) AS waiting) AS to_schedule,
    (SELECT count(*) FROM finished JOIN category ON category.id = finished.category_id
        WHERE category.verified) AS to_verify,
    (SELECT count(*) FROM today) AS today,
    (SELECT count(DISTINCT team_id) FROM today) AS teams_today,
    (SELECT count(*) FROM team WHERE jurisdiction_id = :jurisdiction AND active) AS teams,
    (SELECT count(*) FROM ({_both("r.status = 'received'")}) AS unseen) AS unseen,
    (SELECT count(*) FROM (SELECT 1 FROM message WHERE jurisdiction_id = :jurisdiction AND status = 'dead'
        LIMIT :most) AS dead) AS undelivered,
    (SELECT count(*) FROM ({_both("r.unread_answer = 'contested'")}) AS no) AS contested,
    (SELECT count(*) FROM ({_both("r.unread_answer IN ('answered', 'unanswered')")}) AS heard) AS answered,
    (SELECT count(*) FROM (SELECT 1 FROM comment WHERE jurisdiction_id = :jurisdiction AND status = 'pending'
        UNION ALL SELECT 1 FROM elsewhere e JOIN comment c ON c.report_id = e.id WHERE c.status = 'pending'
        LIMIT :most) AS added) AS comments,
    (SELECT count(*) FROM (SELECT 1 FROM inbound_message WHERE jurisdiction_id = :jurisdiction AND NOT handled
        AND (interpreted_as <> 'report' OR arrived_at < now() - make_interval(hours => :patience))
        LIMIT :most) AS came) AS arrivals
""")


@dataclass(frozen=True)
class DeskCounts:
    """What the morning page and the menu count; a count of MOST + 1 means "more than MOST"."""

    dangerous: int
    dangerous_unseen: int
    late: int
    #: When the one that has waited longest was due.
    late_since: datetime | None
    fresh: int
    fresh_unrouted: int
    to_approve: int
    to_schedule: int
    to_verify: int
    today: int
    teams_today: int
    teams: int
    unseen: int
    undelivered: int
    #: What residents say that nobody has dealt with yet: "not repaired"; answers, or none in time; comments to read.
    contested: int
    answered: int
    comments: int
    #: Mails and SMS that nobody understood, bounces, and what its author did not complete.
    arrivals: int


_lock = threading.Lock()
_kept: dict[int, tuple[float, DeskCounts]] = {}


def drop_cache() -> None:
    """Count anew at the next request of this process (after a verb: nobody sees their own work undone)."""
    with _lock:
        _kept.clear()


def evening() -> datetime:
    """Yesterday evening, when the desk was last looked at."""
    there = local_time(utcnow()) - timedelta(days=1)
    return there.replace(hour=EVENING, minute=0, second=0, microsecond=0)


def midnight(days: int = 0) -> datetime:
    """The beginning of today, or of a day before or after, in the jurisdiction's time."""
    return local_time(utcnow()).replace(hour=0, minute=0, second=0, microsecond=0) + timedelta(days=days)


def count_now() -> DeskCounts:
    """The numbers of this moment. One statement."""
    row = execute_unscoped(
        _COUNTS,
        {
            "jurisdiction": current_jurisdiction_id(),
            "most": MOST + 1,
            "evening": evening(),
            "midnight": midnight(),
            "tomorrow": midnight(1),
            "patience": PATIENCE,
        },
    ).one()
    numbers = DeskCounts(*row)
    with _lock:
        _kept[current_jurisdiction_id()] = (time.monotonic(), numbers)
    return numbers


def recent_counts() -> DeskCounts:
    """The numbers, counted some seconds ago at the most."""
    kept = _kept.get(current_jurisdiction_id())
    return kept[1] if kept and time.monotonic() - kept[0] < SECONDS else count_now()


def bounded(number: int) -> str:
    """A count as it is said: beyond MOST, "1,000+"."""
    return str(number) if number <= MOST else _("1,000+")


class Menu:
    """The desk's menu; nothing is counted unless a page shows it."""

    def __iter__(self) -> Iterator[dict[str, Any]]:
        numbers, who = recent_counts(), current_principal()
        for key, permission, href, picture, label, count_ in (
            ("morning", "desk.open", "/desk/", "sunrise", _("Morning"), 0),
            ("new", "reports.create", "/desk/new", "phone", _("New report"), 0),
            ("reports", "reports.read", "/desk/reports", "inbox", _("Reports"), numbers.unseen),
            (
                "work-orders",
                "work_orders.read_all",
                "/desk/work-orders",
                "hammer",
                _("Work orders"),
                numbers.to_approve + numbers.to_schedule,
            ),
            ("comments", "comments.moderate", "/desk/comments", "message-square", _("Comments"), numbers.comments),
            ("notices", "notices.read", "/desk/notices", "megaphone", _("Notices"), 0),
            ("arrivals", "arrivals.handle", "/desk/arrivals", "mail", _("Inbox"), numbers.arrivals),
            ("messages", "messages.read", "/desk/messages", "mail-warning", _("Messages"), numbers.undelivered),
            ("admin", "jurisdiction.manage", "/admin/", "settings", _("Settings"), 0),
        ):
            if who is not None and who.may(permission):
                yield {
                    "key": key,
                    "href": href,
                    "icon": picture,
                    "label": label,
                    "count": bounded(count_) if count_ else "",
                }
