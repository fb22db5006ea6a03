"""What each resource looks like: plain dicts made from rows of the read models, no schema on the way out."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from api.v1.schemas.rows import MessageRow, WorkRow
from core.database.scope import current_jurisdiction
from core.i18n import locale_code
from core.notifications.webhooks import payloads
from core.notifications.webhooks.models import Webhook
from core.notifications.webhooks.queries import DeliveryLogEntry
from core.photos.models import PROCESSING, READY
from core.text import localized
from core.web.urls import base_url
from reporter.categories.queries import OfferedCategory
from reporter.reports.detail import HistoryRow

#: Facts of a history line that anybody may read; the services read all.
PUBLIC_FACTS = frozenset({"photos", "into", "reference", "start", "before", "kind", "from", "to"})
SIZES = ("small", "large")


def point(lon: float | None, lat: float | None) -> dict[str, Any] | None:
    """A GeoJSON Point with 6 decimals (some ten centimetres), or None."""
    if lon is None or lat is None:
        return None
    return {"type": "Point", "coordinates": [round(lon, 6), round(lat, 6)]}


def utc(moment: datetime | None) -> datetime | None:
    """The same moment in UTC, to be written with a Z."""
    return moment.astimezone(UTC) if moment is not None else None


def photo(token: str, status: str, base: str) -> dict[str, Any]:
    """A photo; its addresses once it is ready."""
    urls = {size: f"{base}/photos/{token}/{size}" for size in SIZES} if status == READY else {}
    return {"id": token, "status": status, "urls": urls}


def _photos(rows: list[dict[str, Any]], base: str) -> list[dict[str, Any]]:
    return [photo(one["token"], one["status"], base) | {"role": one["role"]} for one in rows]


def report(
    row: Any, *, staff: bool = False, contact: bool = False, key: str | None = None, own_words: bool = False
) -> dict[str, Any]:
    """A report, from a row of reporter.reports.detail or reporter.reports.listing.

    `staff` adds what the services see, `contact` the details of who sent it (the row must hold them),
    `key` the author's key to the tracking address, `own_words` the description as its author typed it.
    """
    base = base_url()
    body = {
        "reference": row.reference,
        "status": row.status,
        "category": row.category,
        "location": point(row.lon, row.lat),
        "address": row.address if staff or own_words else row.public_address,
        "description": row.description if staff or own_words else row.public_description,
        "photos": _photos(row.photos, base) if row.photos else [],
        "received_at": utc(row.received_at),
        "updated_at": utc(row.updated_at),
        "due_at": utc(row.due_at),
        "tracking_url": f"{base}/r/{row.reference}" + (f"?key={key}" if key else ""),
    }
    if staff:
        body |= {"private": row.private, "priority": row.priority, "door": row.channel}
    if contact:
        body |= {
            "answers": row.answers,
            "merged_into": row.merged_into,
            "contact": None
            if row.contact_id is None
            else {
                "name": row.contact_name,
                "email": row.contact_email,
                "phone": row.contact_phone,
                "locale": row.contact_locale,
            },
        }
    return body


def report_tag(row: Any, view: str = "") -> str:
    """The ETag of a report: its version, how many photos are still being processed, and for whom it is."""
    processing = sum(one["status"] == PROCESSING for one in row.photos) if row.photos else 0
    return tag(row.version, f"p{processing}" if processing else "", view)


def tag(version: int, *marks: str) -> str:
    """An ETag whose first figure is the version: what differs without a new version is said behind it."""
    return "-".join([str(version), *(mark for mark in marks if mark)])


def line(found: HistoryRow, *, staff: bool = False) -> dict[str, Any]:
    """A line of a report's history; nobody is named to the public."""
    facts = found.facts if staff else {name: fact for name, fact in found.facts.items() if name in PUBLIC_FACTS}
    body = {
        "id": found.id,
        "kind": found.kind,
        "occurred_at": utc(found.occurred_at),
        "recorded_at": utc(found.recorded_at),
        "facts": facts,
        "text": found.words,
    }
    if staff:
        body |= {"public": found.public, "door": found.channel, "by": found.who}
    return body


def work_order(row: WorkRow) -> dict[str, Any]:
    """A work order, from a row of api.v1.resources.work_order_queries."""
    base = base_url()
    return {
        "number": row.number,
        "kind": row.kind,
        "status": row.status,
        "title": row.title,
        "instructions": row.instructions,
        "category": row.category,
        "reports": row.reports,
        "team": row.team,
        "agent": row.agent,
        "priority": row.priority,
        "location": point(row.lon, row.lat),
        "address": row.address,
        "start": utc(row.starts_at),
        "end": utc(row.ends_at),
        "announced": utc(row.announced_day),
        "started_at": utc(row.started_at),
        "finished_at": utc(row.finished_at),
        "minutes": row.minutes,
        "photos": _photos(row.photos, base) if row.photos else [],
        "created_at": utc(row.created_at),
        "updated_at": utc(row.updated_at),
    }


def category(one: OfferedCategory) -> dict[str, Any]:
    """A category, in the reader's language."""
    return {
        "code": one.code,
        "name": one.name_in(locale_code()),
        "group": one.group_in(locale_code()),
        "private": one.private,
        "questions": [question(asked) for asked in one.questions],
    }


def question(asked: dict[str, Any]) -> dict[str, Any]:
    """A category's question, in the reader's language."""
    locale, fallback = locale_code(), (current_jurisdiction().languages or ("fr",))[0]
    return {
        "code": asked["code"],
        "label": localized(asked.get("label"), locale, fallback),
        "type": asked["type"],
        "required": bool(asked.get("required")),
        "choices": [
            {"key": choice["key"], "name": localized(choice.get("name"), locale, fallback)}
            for choice in asked.get("choices") or ()
        ],
    }


def message(row: MessageRow) -> dict[str, Any]:
    """A message, from a row of api.v1.resources.message_queries. Nobody is named."""
    return {
        "id": row.id,
        "kind": row.kind,
        "channel": row.channel,
        "status": row.status,
        "report": row.report,
        "created_at": utc(row.created_at),
        "due_at": utc(row.due_at),
        "sent_at": utc(row.sent_at),
        "tries": row.tries,
        "error": row.error,
    }


def webhook(one: Webhook, *, secret: bool = False) -> dict[str, Any]:
    """A subscription; its secret only where it was just made."""
    body = {
        "id": one.id,
        "label": one.label,
        "url": one.url,
        "kinds": list(one.kinds),
        "suspended": one.suspended_why,
        "suspended_at": utc(one.suspended_at),
        "failing_since": utc(one.failing_since),
        "failures": one.failures,
        "created_at": utc(one.created_at),
    }
    return body | {"secret": one.secret} if secret else body


def delivery(entry: DeliveryLogEntry) -> dict[str, Any]:
    """One line of a subscription's log."""
    last = (
        None
        if entry.tried_at is None
        else {
            "at": utc(entry.tried_at),
            "status": entry.answered,
            "milliseconds": entry.milliseconds,
            "answer": entry.answer or "",
        }
    )
    return {
        "id": entry.id,
        "name": payloads.delivery_id(entry.id),
        "type": entry.kind,
        "report": entry.facts.get("reference"),
        "status": entry.status,
        "tries": entry.tries,
        "created_at": utc(entry.created_at),
        "due_at": utc(entry.due_at),
        "sent_at": utc(entry.sent_at),
        "last": last,
    }
