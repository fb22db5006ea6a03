"""Events of every kind that is told, as they come about, and readers of every sort."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Any

from core.database import utcnow
from core.database.scope import current_jurisdiction
from core.i18n import speaking
from core.notifications.mail import Mail
from reporter.messages import composition, link_placeholders
from reporter.messages.event_context import EventContext, Reader, report_facts
from reporter.messages.wording.lookup import StoredWordings
from tests import factories

WORDS = "La chaussée sera refaite au printemps."


def facts_of(kind: str) -> dict[str, Any]:
    """Facts as the verbs write them."""
    soon, before = utcnow() + timedelta(days=3), utcnow() + timedelta(days=1)
    return {
        "planned": {"start": soon.isoformat(), "number": "2026-0001"},
        "day_changed": {"start": soon.isoformat(), "before": before.isoformat()},
        "merged": {"into": "VC-4M8-2RD"},
        "reopened": {"from": "rejected"},
        "question": {"until": soon.isoformat()},
    }.get(kind, {})


def occasion(kind: str, *, words: str = WORDS, **report: Any) -> EventContext:
    """An event of that kind that was not written, of a new report."""
    made = factories.report(**report)
    now = utcnow()
    return EventContext(0, kind, facts_of(kind), "" if kind == "received" else words, now, now, report_facts(made.id))


def author(of: EventContext) -> Reader:
    """Who reported it."""
    return Reader(author=True, own=True, reference=of.matter.reference)


def neighbour(of: EventContext) -> Reader:
    """Who asked for its news."""
    return Reader(author=False, own=False, reference=of.matter.reference)


LINKS = {name: f"http://localhost/{name}" for name in ("page", "stop", "yes", "no")}


def written(
    of: EventContext,
    reader: Reader,
    *,
    channel: str = "mail",
    locale: str = "fr",
    wordings: StoredWordings | None = None,
) -> Mail:
    """What that reader gets, with links of a sort."""
    with speaking(locale):
        mail = composition.write_message(
            of, reader, channel=channel, jurisdiction=current_jurisdiction(), wordings=wordings or StoredWordings()
        )
    return replace(link_placeholders.fill_links(mail, LINKS), brief=mail.brief)
