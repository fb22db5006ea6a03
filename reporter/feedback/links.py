"""Links that ask: whether it is repaired, sent to every follower; each names the follower and the event it asks about.

They open pages; only the form on the page changes something, and only once.
"""

from __future__ import annotations

from dataclasses import dataclass
from urllib.parse import urlencode

from core import signed_numbers
from core.database import db
from core.database.scope import across_jurisdictions
from core.errors import NotFound, Refused
from core.i18n import gettext as _
from core.identity import jurisdictions
from core.identity.jurisdictions import JurisdictionCopy
from core.web import urls
from reporter.reports.models import Report, ReportEvent
from reporter.subscriptions.models import ReportSubscription

PURPOSE = "repaired"
#: A link outlives the jurisdiction's delay by so many days: until then it leads to a page that says what can still be
#: done.
BEYOND = 180


@dataclass(frozen=True)
class RepairLink:
    """What a link was made for."""

    subscription: ReportSubscription
    event: ReportEvent
    report: Report


def link_key(subscription_id: int, event_id: int, *, days: int) -> str:
    """The signed part of a link, for a jurisdiction that hears "not repaired" during `days` days."""
    return signed_numbers.sign_numbers(PURPOSE, subscription_id, event_id, days=days + BEYOND)


def answer_path(reference: str, answer: str, key: str | None = None) -> str:
    """The page of an answer ("yes", "no") about that report; without a key, for its author's own browser."""
    return f"/r/{reference}/repaired/{answer}" + (f"?{urlencode({'key': key})}" if key else "")


def repair_links(subscription_id: int, event_id: int) -> tuple[str, str]:
    """The two addresses that a message asks "Is it repaired?" with: (yes, no). Two statements.

    `event_id` is the `resolved` event. Raises NotFound when there is no such event any more.
    """
    with across_jurisdictions():
        event = db.session.get(ReportEvent, event_id)
        report = db.session.get(Report, event.report_id) if event else None
    if report is None:
        raise NotFound(_("There is no report with that reference."))
    key = link_key(subscription_id, event_id, days=jurisdiction_of(report).preferences.reopen_days)
    yes, no = (urls.absolute_url(answer_path(report.reference, answer, key)) for answer in ("yes", "no"))
    return yes, no


def read_link(key: str, reference: str) -> RepairLink:
    """What a link was made for. Raises Refused (bad_link) when it is forged, too old, or another report's."""
    subscription_id, event_id = signed_numbers.read_numbers(PURPOSE, key, count=2)
    with across_jurisdictions():
        event = db.session.get(ReportEvent, event_id)
        subscription = db.session.get(ReportSubscription, subscription_id)
        report = db.session.get(Report, event.report_id) if event else None
    if (
        subscription is None
        or event is None
        or report is None
        or report.reference != reference
        or event.kind != "resolved"
    ):
        raise Refused(_("This link is no longer valid: it is too old, or was not copied in full."), code="bad_link")
    return RepairLink(subscription, event, report)


def jurisdiction_of(report: Report) -> JurisdictionCopy:
    """The jurisdiction where a report lies: its habits hold for it, its contacts are kept there."""
    return jurisdictions.get(report.jurisdiction_id)
