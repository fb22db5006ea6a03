"""A day and hours as a form gives them, in the jurisdiction's time."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime, time
from zoneinfo import ZoneInfo

from core.database.scope import current_jurisdiction
from core.errors import CollectedErrors, FieldError
from core.i18n import gettext as _
from core.times import local_time
from interventions.planning.verbs import DAY_STARTS


def planned_period(form: Mapping[str, str]) -> tuple[datetime, datetime | None] | None:
    """(start, end) from the fields `day`, `from` and `to`; None where no day is given.

    Without hours the day is the crew's own. Raises FieldErrors naming day, from, to.
    """
    given = form.get("day", "").strip()
    if not given:
        return None
    errors = CollectedErrors()
    found: date | None = None
    first, last = time(DAY_STARTS), None
    with errors:
        found = day_of(given, "day")
    with errors:
        first = hour_of(form.get("from", ""), "from") or first
    with errors:
        last = hour_of(form.get("to", ""), "to")
    errors.done()
    assert found is not None  # else `done` has raised
    zone = ZoneInfo(current_jurisdiction().time_zone)
    start = datetime.combine(found, first, zone)
    end = datetime.combine(found, last, zone) if last else None
    if end is not None and end <= start:
        raise FieldError("to", _("The end must be after the start."))
    return start, end


def day_of(given: str, field: str) -> date:
    """A day as a form gives it. Raises FieldError."""
    try:
        found = date.fromisoformat(given)
    except ValueError:
        raise FieldError(field, _("Enter a date, for example 2026-03-05.")) from None
    if not 2000 <= found.year <= 2100:
        raise FieldError(field, _("Enter a date, for example 2026-03-05."))
    return found


def hour_of(given: str, field: str) -> time | None:
    """An hour as a form gives it, None where it gives none. Raises FieldError."""
    if not given.strip():
        return None
    try:
        return time.fromisoformat(given.strip()).replace(tzinfo=None)
    except ValueError:
        raise FieldError(field, _("Enter a time, for example 08:30.")) from None


def as_fields(start: datetime | None, end: datetime | None) -> dict[str, str]:
    """What `planned` reads, from what was kept: to fill a form in."""
    if start is None:
        return {"day": "", "from": "", "to": ""}
    first, last = local_time(start), local_time(end) if end else None
    return {
        "day": first.date().isoformat(),
        "from": f"{first:%H:%M}",
        "to": f"{last:%H:%M}" if last and last.date() == first.date() else "",
    }
