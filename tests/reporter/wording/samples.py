"""Events of every kind that is told, as they come about, and readers of every sort."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Any

from core.database import utcnow
from core.i18n import speaking
from core.mail import Mail
from core.scope import current
from reporter.mails import marks, writing
from reporter.mails.occasion import Occasion, Reader, matter
from reporter.wording.kept import Wordings
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


def occasion(kind: str, *, words: str = WORDS, **report: Any) -> Occasion:
    """An event of that kind that was not written, of a new report."""
    made = factories.report(**report)
    now = utcnow()
    return Occasion(0, kind, facts_of(kind), "" if kind == "received" else words, now, now, matter(made.id))


def author(of: Occasion) -> Reader:
    """Who reported it."""
    return Reader(author=True, own=True, reference=of.matter.reference)


def neighbour(of: Occasion) -> Reader:
    """Who asked for its news."""
    return Reader(author=False, own=False, reference=of.matter.reference)


LINKS = {name: f"http://localhost/{name}" for name in ("page", "stop", "yes", "no")}


def written(of: Occasion, reader: Reader, *, channel: str = "mail", locale: str = "fr",
            wordings: Wordings | None = None) -> Mail:
    """What that reader gets, with links of a sort."""
    with speaking(locale):
        mail = writing.write(of, reader, channel=channel, town=current(), wordings=wordings or Wordings())
    return replace(marks.filled(mail, LINKS), brief=mail.brief)
