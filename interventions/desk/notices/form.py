"""The form of a notice: its fields from what is kept, and a draft from its fields."""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from shapely import Point
from shapely.geometry.base import BaseGeometry

from core.database import utcnow
from core.database.scope import current_jurisdiction
from core.errors import CollectedErrors, FieldError
from core.i18n import gettext as _
from core.times import local_time
from interventions.desk.day_fields import day_of, hour_of
from reporter import placing, shapes
from reporter.notices import verbs as notice_verbs
from reporter.notices.models import NOTICE_KINDS, Notice

DRAWN, SECTOR, ADDRESS = "drawn", "sector", "address"
_NAMES = {"fr": "Français", "en": "English"}
#: Metres around an address.
_RADII = (25, 50, 100, 200, 500)


def language_names() -> list[tuple[str, str]]:
    """(code, name) of the languages in which a notice is written here."""
    return [(code, _NAMES.get(code, code)) for code in notice_verbs.languages()]


def labels() -> dict[str, str]:
    """What the fields of the notices' forms are called, where something is said of them."""
    found = {
        "kind": _("Work type"),
        "place": _("Where, in words"),
        "shape": _("The place on the map"),
        "sector": _("District"),
        "address": _("Address"),
        "radius": _("How far around"),
        "from_day": _("From"),
        "to_day": _("Until"),
        "from_hour": _("From"),
        "to_hour": _("Until"),
    }
    for code, name in language_names():
        found |= {
            f"title_{code}": f"{_('Title')} ({name})",
            f"text_{code}": f"{_('What people need to know')} ({name})",
            f"changes_{code}": _("What has changed (%(language)s)", language=name),
            f"reasons_{code}": _("Why (%(language)s)", language=name),
        }
    return found


def choices() -> dict[str, Any]:
    """What can be chosen in the form. One statement."""
    return {
        "languages": language_names(),
        "labels": labels(),
        "sectors": placing.sector_choices(),
        "bounds": ",".join(map(str, current_jurisdiction().bounds)),
        "kinds": [(kind, notice_verbs.kind_word(kind), notice_verbs.ICONS[kind]) for kind in NOTICE_KINDS],
        "radii": [(metres, f"{metres}\u00a0m") for metres in _RADII],
    }


def fields(notice: Notice | None) -> dict[str, str]:
    """What the form shows first: what the notice says; for a new one, tomorrow's working day."""
    if notice is None:
        tomorrow = (local_time(utcnow()) + timedelta(days=1)).date().isoformat()
        return {
            "kind": "works",
            "by": DRAWN,
            "from_day": tomorrow,
            "from_hour": "08:00",
            "to_day": tomorrow,
            "to_hour": "17:00",
            "radius": "100",
        }
    first, last = local_time(notice.starts_at), local_time(notice.ends_at)
    found = {
        "kind": notice.kind,
        "by": DRAWN,
        "place": notice.place,
        "radius": "100",
        "shape": json.dumps(shapes.geojson(notice.shape)),
        "from_day": first.date().isoformat(),
        "from_hour": f"{first:%H:%M}",
        "to_day": last.date().isoformat(),
        "to_hour": f"{last:%H:%M}",
    }
    for code in notice_verbs.languages():
        found[f"title_{code}"] = notice.titles.get(code, "")
        found[f"text_{code}"] = notice.texts.get(code, "")
    return found


def texts(form: Mapping[str, str], name: str) -> dict[str, str]:
    """The fields `name`_fr, `name`_en… by language."""
    return {code: form.get(f"{name}_{code}", "") for code in notice_verbs.languages()}


def draft(form: Mapping[str, str]) -> notice_verbs.NoticeDraft:
    """What the form says, checked. Raises FieldErrors naming every field that cannot be used."""
    errors = CollectedErrors()
    shape: BaseGeometry = Point()
    starts_at, ends_at = utcnow(), utcnow() + timedelta(hours=1)
    with errors:
        starts_at = _moment(form, "from", time(0))
    with errors:
        ends_at = _moment(form, "to", None)
    with errors:
        shape = _shape(form)
    if errors.errors:
        # What the other fields lack is said at the same time; what is wrong with the days was said already.
        starts_at, ends_at = utcnow(), utcnow() + timedelta(hours=1)
    found: notice_verbs.NoticeDraft | None = None
    with errors:
        found = notice_verbs.checked_draft(
            kind=form.get("kind"),
            titles=texts(form, "title"),
            texts=texts(form, "text"),
            place=form.get("place"),
            shape=shape,
            starts_at=starts_at,
            ends_at=ends_at,
        )
    errors.done()
    assert found is not None  # else `done` has raised
    return found


def _moment(form: Mapping[str, str], name: str, otherwise: time | None) -> datetime:
    """A day and an hour in the jurisdiction's time; without an hour its beginning, or (None) its end."""
    given = form.get(f"{name}_day", "").strip()
    if not given:
        raise FieldError(f"{name}_day", _("Choose a date."))
    there = day_of(given, f"{name}_day")
    hour = hour_of(form.get(f"{name}_hour", ""), f"{name}_hour")
    zone = ZoneInfo(current_jurisdiction().time_zone)
    if hour is None:
        hour = otherwise or time(23, 59)
    return datetime.combine(there, hour, zone)


def _shape(form: Mapping[str, str]) -> BaseGeometry:
    by = form.get("by", DRAWN)
    if by == SECTOR:
        code = form.get("sector", "")
        if not code:
            raise FieldError("sector", _("Choose a district."))
        return shapes.checked_shape(shapes.sector_shape(code), field="sector")
    if by == ADDRESS:
        radius = form.get("radius", "")
        if radius not in map(str, _RADII):
            raise FieldError("radius", _("Choose how far around."))
        place = placing.find_place(address=form.get("address", ""))
        if place is None:
            raise FieldError("address", _("We could not find this address. Draw the place, or choose a district."))
        return shapes.checked_shape(shapes.circle(place, int(radius)), field="address")
    return shapes.shape_from_geojson(form.get("shape", ""))
