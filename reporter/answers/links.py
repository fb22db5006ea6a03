"""Links that ask: whether it is repaired, sent to every follower; each names the follower and the event it asks about.

They open pages; only the form on the page changes something, and only once.
"""

from __future__ import annotations

from dataclasses import dataclass
from urllib.parse import urlencode

from core import links, signed
from core.database import db
from core.errors import Missing, Refused
from core.i18n import gettext as _
from core.identity import towns
from core.identity.towns import Town
from core.scope import everywhere
from reporter.models import Follower, Report, ReportEvent

PURPOSE = "repaired"
#: A link outlives the town's delay by so many days: until then it leads to a page that says what can still be done.
BEYOND = 180


@dataclass(frozen=True)
class Asked:
    """What a link was made for."""

    follower: Follower
    event: ReportEvent
    report: Report


def key_of(follower_id: int, event_id: int, *, days: int) -> str:
    """The signed part of a link, for a town that hears "not repaired" during `days` days."""
    return signed.sign(PURPOSE, follower_id, event_id, days=days + BEYOND)


def path(reference: str, answer: str, key: str | None = None) -> str:
    """The page of an answer ("yes", "no") about that report; without a key, for its author's own browser."""
    return f"/r/{reference}/repaired/{answer}" + (f"?{urlencode({'key': key})}" if key else "")


def repaired(follower_id: int, event_id: int) -> tuple[str, str]:
    """The two addresses that a message asks "Is it repaired?" with: (yes, no). Two statements.

    `event_id` is the `resolved` event. Raises Missing when there is no such event any more.
    """
    with everywhere():
        event = db.session.get(ReportEvent, event_id)
        report = db.session.get(Report, event.report_id) if event else None
    if report is None:
        raise Missing(_("There is no report with that reference."))
    key = key_of(follower_id, event_id, days=town_of(report).habits.reopen_days)
    yes, no = (links.absolute(path(report.reference, answer, key)) for answer in ("yes", "no"))
    return yes, no


def read(key: str, reference: str) -> Asked:
    """What a link was made for. Raises Refused (bad_link) when it is forged, too old, or another report's."""
    follower_id, event_id = signed.read(PURPOSE, key, count=2)
    with everywhere():
        event = db.session.get(ReportEvent, event_id)
        follower = db.session.get(Follower, follower_id)
        report = db.session.get(Report, event.report_id) if event else None
    if follower is None or event is None or report is None or report.reference != reference or event.kind != "resolved":
        raise Refused(_("This link is no longer valid: it is too old, or was not copied in full."), code="bad_link")
    return Asked(follower, event, report)


def town_of(report: Report) -> Town:
    """The town where a report lies: its habits hold for it, its contacts are kept there."""
    return towns.get(report.jurisdiction_id)
