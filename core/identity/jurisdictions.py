"""The jurisdictions served, as read-only copies kept for a few seconds in each process.

A request asks for its jurisdiction by host name; reading it from the database each time would be one statement more on
every page for a row that changes twice a year. A change is seen everywhere within SECONDS.
"""

from __future__ import annotations

import threading
import time
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import func, select

from core import references
from core.database import db
from core.identity.models import Jurisdiction
from core.identity.preferences import Preferences
from core.text import localized

SECONDS = 5.0


@dataclass(frozen=True)
class JurisdictionCopy:
    """What pages and verbs need to know of the jurisdiction being served."""

    id: int
    slug: str
    names: dict[str, str]
    host: str | None
    prefix: str
    time_zone: str
    languages: tuple[str, ...]
    accent: str
    desk: dict[str, Any] = field(hash=False)
    working_hours: dict[str, Any] = field(hash=False)
    preferences: Preferences = field(hash=False)
    #: The address its mails come from, where it has one of its own.
    sender: str | None
    demo: bool
    #: (west, south, east, north), degrees, SRID 4326
    bounds: tuple[float, float, float, float]

    def name_in(self, locale: str) -> str:
        """The jurisdiction's name in that language, or in its own first one."""
        return localized(self.names, locale, self.languages[0] if self.languages else "fr")

    @property
    def reference_example(self) -> str:
        """What a reference of this jurisdiction looks like: "VC-7K3-9QT"."""
        return references.example(self.prefix)

    @property
    def centre(self) -> tuple[float, float]:
        """The middle of the bounds: (latitude, longitude) in degrees."""
        west, south, east, north = self.bounds
        return (south + north) / 2, (west + east) / 2


_lock = threading.Lock()
_kept: tuple[float, list[JurisdictionCopy]] | None = None


def drop_cache() -> None:
    """Read the jurisdictions again at the next request of this process (after changing one)."""
    global _kept
    _kept = None


def all_jurisdictions() -> list[JurisdictionCopy]:
    """Every jurisdiction, the first one first."""
    global _kept
    kept = _kept
    if kept is not None and time.monotonic() - kept[0] < SECONDS:
        return kept[1]
    with _lock:
        jurisdictions = _read_all()
        # No jurisdiction is a jurisdiction about to be made: ask again at the next request.
        _kept = (time.monotonic(), jurisdictions) if jurisdictions else None
    return jurisdictions


def by_host(host: str) -> JurisdictionCopy | None:
    """The jurisdiction that answers at `host` (a name, with or without a port); an unknown host gets the first one."""
    jurisdictions = all_jurisdictions()
    name = host.rsplit(":", 1)[0].lower() if not host.endswith("]") else host.lower()
    return next(
        (jurisdiction for jurisdiction in jurisdictions if jurisdiction.host == name),
        jurisdictions[0] if jurisdictions else None,
    )


def by_slug(slug: str) -> JurisdictionCopy | None:
    """The jurisdiction of that slug, or None."""
    return next((jurisdiction for jurisdiction in all_jurisdictions() if jurisdiction.slug == slug), None)


def by_id(jurisdiction_id: int) -> JurisdictionCopy | None:
    """The jurisdiction of that id, or None."""
    return next((jurisdiction for jurisdiction in all_jurisdictions() if jurisdiction.id == jurisdiction_id), None)


def get(jurisdiction_id: int) -> JurisdictionCopy:
    """The jurisdiction of that id, which a row refers to. Raises LookupError."""
    jurisdiction = by_id(jurisdiction_id)
    if jurisdiction is None:
        # Made within the seconds for which jurisdictions are kept here.
        drop_cache()
        jurisdiction = by_id(jurisdiction_id)
    if jurisdiction is None:
        raise LookupError(f"No jurisdiction has the id {jurisdiction_id}")
    return jurisdiction


def _read_all() -> list[JurisdictionCopy]:
    box = func.Box2D(Jurisdiction.boundary)
    rows = db.session.execute(
        select(
            Jurisdiction.id,
            Jurisdiction.slug,
            Jurisdiction.names,
            Jurisdiction.host,
            Jurisdiction.prefix,
            Jurisdiction.time_zone,
            Jurisdiction.languages,
            Jurisdiction.accent,
            Jurisdiction.desk,
            Jurisdiction.working_hours,
            Jurisdiction.preferences,
            Jurisdiction.sender,
            Jurisdiction.demo,
            func.ST_XMin(box).label("west"),
            func.ST_YMin(box).label("south"),
            func.ST_XMax(box).label("east"),
            func.ST_YMax(box).label("north"),
        ).order_by(Jurisdiction.id)
    ).all()
    return [
        JurisdictionCopy(
            id=row.id,
            slug=row.slug,
            names=row.names,
            host=row.host,
            prefix=row.prefix,
            time_zone=row.time_zone,
            languages=tuple(row.languages),
            accent=row.accent,
            desk=dict(row.desk),
            working_hours=dict(row.working_hours),
            preferences=Preferences.of(row.preferences),
            sender=row.sender,
            demo=row.demo,
            bounds=(row.west, row.south, row.east, row.north),
        )
        for row in rows
    ]
