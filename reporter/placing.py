"""Where it is: the best of what somebody gave (position, address, photo, sector), and what it is called."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import func, select

from core.database import db, end_transaction
from core.database.scope import current_jurisdiction_id
from core.errors import FieldError
from core.geo import Place, from_lat_lon, geocoder, place_from_column
from core.i18n import gettext as _
from core.i18n import locale_code
from core.identity.models import Sector
from core.photos.models import Photo
from core.text import localized
from reporter.place_lookup import look_up_place, outside_error

#: Below this score (0 to 1) what a geocoder found is another place.
SURE_SCORE = 0.45


@dataclass(frozen=True)
class NamedPlace:
    """What is known of a position: whether it lies in the jurisdiction, its name (address or sector)."""

    place: Place
    inside: bool
    words: str
    #: True when `words` is an address that may be kept with the report.
    addressed: bool


def name_place(place: Place) -> NamedPlace:
    """What `place` is called here. Two statements, and a question to the geocoder where one is set."""
    known = look_up_place(place, None)
    if not known.inside:
        return NamedPlace(place, False, outside_error().sentence, False)
    if geocoder.is_configured():
        end_transaction()
    address = geocoder.reverse(place)
    if address:
        return NamedPlace(place, True, address, True)
    return NamedPlace(place, True, _sector_name(known.sector_ids), False)


def _sector_name(ids: Sequence[int]) -> str:
    if not ids:
        return ""
    names = db.session.scalar(select(Sector.names).where(Sector.id.in_(ids)).order_by(Sector.id).limit(1))
    return localized(names, locale_code())


def look_up(*, lat: object = "", lon: object = "", address: object = "") -> list[geocoder.GeocodedAddress] | None:
    """What the geocoder knows of an address, asked before anything is written: it may take its time.

    No transaction is open meanwhile. None where it need not be asked: there is a pin, or no geocoder.
    """
    words = str(address or "").strip()
    if str(lat or "").strip() or str(lon or "").strip() or not words or not geocoder.is_configured():
        return None
    end_transaction()
    return geocoder.search(words)


def find_place(
    *,
    lat: object = "",
    lon: object = "",
    address: object = "",
    sector: object = "",
    photos: Sequence[UUID | str] = (),
    looked_up: Sequence[geocoder.GeocodedAddress] | None = None,
    by_hand: bool = False,
) -> Place | None:
    """The place of a report whose author may have given several: the pin or typed degrees first, then an
    address that is found, then a photo taken in the jurisdiction, then the middle of a sector. None: ask the photos.

    `looked_up`: what `look_up` found of that address; without, the geocoder is asked now.
    `by_hand`: a form with a map asks; an address that nobody here can look up is then refused with what to do instead.
    Raises FieldError naming location, address or sector.
    """
    if str(lat or "").strip() or str(lon or "").strip():
        return from_lat_lon(lat, lon)
    words = str(address or "").strip()
    if words and geocoder.is_configured():
        answers = geocoder.search(words) if looked_up is None else looked_up
        found = [one for one in answers if one.score >= SURE_SCORE]
        if found:
            # Of those that fit about as well, the first: they come nearest first.
            return max(found, key=lambda one: round(one.score, 1)).place
    places = _taken(photos)
    taken = next((place for place in places if look_up_place(place, None).inside), None)
    if taken is not None:
        return taken
    if sector:
        return _middle(str(sector))
    if words and geocoder.is_configured() and not photos:
        raise FieldError("address", _("We could not find this address. Check it, or choose a district."))
    if by_hand and words and not geocoder.is_configured() and not places:
        # Nobody here can look an address up: to ask for one again would be to send people in a circle.
        raise FieldError(
            "location",
            _(
                "We cannot look up addresses here: put the pin on the map, or choose a district. "
                "The address you entered is kept."
            ),
        )
    return None


def _taken(tokens: Sequence[UUID | str]) -> list[Place]:
    """Where photos were taken, those that say so. One statement."""
    if not tokens:
        return []
    rows = db.session.scalars(
        select(Photo.position).where(Photo.token.in_([UUID(str(one)) for one in tokens]), Photo.position.is_not(None))
    )
    return [place for place in map(place_from_column, rows) if place]


def _middle(code: str) -> Place:
    """A point in the sector of that code."""
    s = Sector.__table__.c
    point = func.ST_PointOnSurface(s.boundary)
    row = db.session.execute(
        select(func.ST_X(point), func.ST_Y(point))
        .where(s.jurisdiction_id == current_jurisdiction_id(), s.code == code)
        .order_by(s.id)
        .limit(1)
    ).one_or_none()
    if row is None:
        raise FieldError("sector", _("This district does not exist here."))
    return Place(*row)


def sector_choices() -> list[tuple[str, str]]:
    """(code, name) of the jurisdiction's first layer of sectors, by name. One statement."""
    s = Sector.__table__.c
    layer = (
        select(s.layer).where(s.jurisdiction_id == current_jurisdiction_id()).order_by(s.id).limit(1).scalar_subquery()
    )
    rows = db.session.execute(
        select(s.code, s.names).where(s.jurisdiction_id == current_jurisdiction_id(), s.layer == layer)
    )
    return sorted(((code, localized(names, locale_code())) for code, names in rows), key=lambda pair: pair[1])
