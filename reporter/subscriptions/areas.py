"""Following an area: what it is, asking for its news, changing it. Confirming and stopping: see Kind."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from flask import Flask
from geoalchemy2 import WKBElement
from geoalchemy2.shape import to_shape
from sqlalchemy import ColumnElement, func, select

from core import signed_numbers
from core.channel_names import MAIL, PUSH, SMS
from core.database import db
from core.database.scope import current_jurisdiction_id
from core.errors import FieldError, Refused
from core.geo import Place
from core.i18n import as_locale, lazy_gettext, locale_code
from core.i18n import gettext as _
from core.identity import contacts
from core.identity.actor import Actor
from core.identity.models import Contact, Sector
from core.notifications.push.models import PushSubscription
from core.text import clean_text, localized
from reporter import placing, shapes
from reporter.categories.queries import offered_categories
from reporter.place_lookup import look_up_place, outside_error
from reporter.subscriptions import confirmation, street_names
from reporter.subscriptions.kinds import Subject, SubscriptionKind, register
from reporter.subscriptions.models import AreaSubscription

CIRCLE, SECTOR, STREET = "circle", "sector", "street"
KINDS = (CIRCLE, SECTOR, STREET)
#: Metres.
LEAST, MOST = 100, 2000
RADII = (100, 200, 500, 1000, 2000)
PICTURES = {CIRCLE: "locate", SECTOR: "map", STREET: "road"}
#: Days for which the link to the page of one area holds.
CHANGE_DAYS = 30


@dataclass(frozen=True)
class Area:
    """What somebody wants to follow: exactly one of a circle, a sector, a street."""

    label: str = ""
    place: Place | None = None
    radius: int | None = None
    sector_id: int | None = None
    #: As streets are compared.
    street: str | None = None


def area_from_form(
    kind: object,
    *,
    lat: object = "",
    lon: object = "",
    address: object = "",
    radius: object = "",
    sector: object = "",
    street: object = "",
) -> Area:
    """The area that a form describes. Raises FieldErrors naming area, location, address, radius, sector, street."""
    if kind == CIRCLE:
        return _circle(lat, lon, address, radius)
    if kind == SECTOR:
        s = Sector.__table__.c
        code = clean_text(sector, field="sector", most=100, lines=False)
        if not code:
            raise FieldError("sector", _("Choose a district."))
        found = db.session.execute(
            select(s.id).where(s.jurisdiction_id == current_jurisdiction_id(), s.code == code).order_by(s.id).limit(1)
        ).scalar()
        if found is None:
            raise FieldError("sector", _("This district does not exist here."))
        return Area(sector_id=found)
    if kind == STREET:
        compared, shown = street_names.parse_street(street)
        return Area(label=shown, street=compared)
    raise FieldError("area", _("Choose a circle, a district or a street."))


def _circle(lat: object, lon: object, address: object, radius: object) -> Area:
    where = clean_text(address, field="address", most=250, lines=False)
    metres = metres_of(radius)
    place = placing.find_place(lat=lat, lon=lon, address=where)
    if place is None:
        raise FieldError(
            "address",
            _("We could not find this address. Choose a district or a street instead.")
            if where
            else _("Give an address or show the place on the map."),
        )
    if not look_up_place(place, None).inside:
        raise outside_error("address")
    return Area(label=where, place=place, radius=metres)


def metres_of(value: object, *, field: str = "radius") -> int:
    """A radius, LEAST to MOST metres. Raises FieldError."""
    text = str(value or "").strip()
    if not (text.isascii() and text.isdecimal() and len(text) < 6 and LEAST <= int(text) <= MOST):
        raise FieldError(
            field, _("The distance must be between %(least)s and %(most)s metres.", least=LEAST, most=MOST)
        )
    return int(text)


def channels() -> tuple[str, ...]:
    """By what a stranger's form can ask for news here: a browser's own subscription comes later, on one's page."""
    return tuple(one for one in contacts.available_channels() if one != PUSH)


def channels_of(contact: Contact, now: str) -> tuple[str, ...]:
    """By what a contact can have news: what has answered here, and what it has `now`."""
    there = {one for one in (MAIL, SMS) if confirmation.is_confirmed(contact, one)} | {now}
    p = PushSubscription
    if db.session.scalar(select(p.id).where(p.contact_id == contact.id).limit(1)) is not None:
        there.add(PUSH)
    return tuple(one for one in contacts.available_channels() if one in there)


def category_ids(codes: Sequence[str]) -> list[int]:
    """The ids of public categories of these codes; none: all. Raises FieldError naming categories."""
    wanted = set(codes)
    if not wanted:
        return []
    known = {one.code: one.id for one in offered_categories() if not one.private}
    if wanted - known.keys():
        raise FieldError("categories", _("This category does not exist here."))
    # All of them is what nobody has to choose: categories made later are among them.
    return [] if wanted == known.keys() else sorted(known[code] for code in wanted)


class AreaSubscriptions(SubscriptionKind):
    """Areas that people follow: the surroundings of a place, a district, a street."""

    name = "area"
    model = AreaSubscription
    heading = lazy_gettext("The areas you follow")
    confirm_question = lazy_gettext("Do you want updates on this area?")
    stop_question = lazy_gettext("Stop updates on this area?")
    stopped_sentence = lazy_gettext("You will not get any more updates on this area.")
    confirmed_sentence = lazy_gettext(
        "Done: we will tell you what is reported there, what is repaired, and what the council announces."
    )
    asked = lazy_gettext("You can change or stop this at any time, using the link in each message.")

    def ask(self, row: AreaSubscription, *, by: Actor) -> bool:
        """Ask, whether the address has answered before or not: a stranger may have typed it, and an area is
        many messages. Nothing but that question goes out before the answer."""
        if row.confirmed_at and not row.stopped_at:
            return False
        return confirmation.ask_confirmation(
            "area.confirm",
            confirmation.lock_contact(row.contact_id),
            row.channel,
            locale=row.locale,
            source=f"area_follower:{row.id}:{row.version}:{by.when:%Y%m%d}",
            facts={"follower": row.id},
        )

    def things(self, rows: Sequence[AreaSubscription]) -> dict[int, Subject]:
        """Each area in words, with the page where it is changed. A statement where some are sectors."""
        sectors = _sectors(row.sector_id for row in rows)
        return {
            row.id: Subject(
                area_words(row, sectors), f"/around/change/{change_word(row)}", picture=PICTURES[area_kind(row)]
            )
            for row in rows
        }

    def untyped(self, row: AreaSubscription) -> str:
        """The district, or the size of the circle; neither the street nor the address, which were typed."""
        if row.sector_id is not None:
            return area_words(row)
        if row.street is not None:
            return _("a street")
        where = _("the place shown on the map")
        return _("%(distance)s around %(place)s", distance=distance(row.radius_m), place=where)


AREAS = AreaSubscriptions()


def subscribe_to_area(
    area: Area, found: contacts.ContactDetails, *, channel: str, categories: Sequence[str], by: Actor
) -> bool:
    """Ask for the news of an area, by mail or SMS. True when the question is owed; the answer to the person is
    the same either way. Raises FieldError naming channel, email, phone, categories.
    """
    if channel not in channels():
        raise FieldError("channel", _("Choose how we should contact you."))
    if channel == SMS:
        details = contacts.ContactDetails(phone=contacts.parse_mobile(found.phone), locale=found.locale)
    elif found.email:
        details = contacts.ContactDetails(email=found.email, locale=found.locale)
    else:
        raise FieldError("email", _("This field is required."))
    return AREAS.ask(begin_subscription(area, details, channel=channel, categories=categories), by=by)


def begin_subscription(
    area: Area, found: contacts.ContactDetails, *, channel: str = MAIL, categories: Sequence[str] = ()
) -> AreaSubscription:
    """The following of that area by that contact: the one there is, which a stranger does not change while it
    holds, or a new one that waits for its confirmation. Raises FieldError naming categories."""
    ids = category_ids(categories)
    contact_id = contacts.find_or_create_contact(found)
    subscription = _existing(area, contact_id, channel)
    if subscription is None:
        subscription = AreaSubscription(
            jurisdiction_id=current_jurisdiction_id(),
            contact_id=contact_id,
            channel=channel,
            radius_m=area.radius,
            circle=_ring(area),
            sector_id=area.sector_id,
            street=area.street,
            label=area.label,
            version=1,
        )
        db.session.add(subscription)
    if subscription.confirmed_at is None or subscription.stopped_at is not None:
        subscription.locale, subscription.categories = as_locale(found.locale), ids
    db.session.flush()
    return subscription


def _ring(area: Area) -> WKBElement | None:
    """The circle as it is kept; None of a sector or a street."""
    if area.place is None:
        return None
    assert area.radius is not None  # every circle has one
    return shapes.to_column(shapes.circle(area.place, area.radius))


def _existing(area: Area, contact_id: int, channel: str) -> AreaSubscription | None:
    """The same area followed already by the same contact over the same channel."""
    a = AreaSubscription
    if area.place is not None:
        same: list[ColumnElement[bool]] = [func.ST_Equals(a.circle, _ring(area))]
    else:
        same = [a.sector_id == area.sector_id] if area.sector_id else [a.street == area.street]
    return db.session.scalar(
        select(a).where(a.contact_id == contact_id, a.channel == channel, *same).order_by(a.id).limit(1)
    )


# --- the page of one area


def change_word(subscription: AreaSubscription) -> str:
    """The signed part of a link to the page of one area followed: it works until something is changed by it."""
    return signed_numbers.sign_numbers("area-change", subscription.id, subscription.version, days=CHANGE_DAYS)


def of_change(word: str, *, hold: bool = False) -> AreaSubscription:
    """The following that a link to change it was made for, with `hold` its row locked until the transaction
    ends. Raises Refused where it was changed or stopped since."""
    number, version = signed_numbers.read_numbers("area-change", word, count=2)
    wanted = select(AreaSubscription).where(AreaSubscription.id == number)
    if hold:
        wanted = wanted.with_for_update().execution_options(populate_existing=True)
    found = db.session.scalar(wanted)
    if found is None or found.version != version or found.confirmed_at is None or found.stopped_at is not None:
        raise Refused(
            _("This link has already been used. The latest message about this area has a new one."), code="bad_link"
        )
    return found


def change(
    subscription: AreaSubscription, *, categories: Sequence[str], radius: object, channel: str, locale: str
) -> None:
    """Change what is told of an area, how, and in which language. Raises FieldError naming each."""
    contact = db.session.get_one(Contact, subscription.contact_id)
    if channel not in channels_of(contact, subscription.channel):
        raise FieldError("channel", _("Choose how we should contact you."))
    subscription.categories = category_ids(categories)
    if subscription.circle is not None:
        middle = circle_centre(subscription)
        subscription.radius_m = metres_of(radius)
        subscription.circle = shapes.to_column(shapes.circle(middle, subscription.radius_m))
    subscription.channel, subscription.locale = channel, as_locale(locale)
    subscription.version += 1
    db.session.flush()


# --- in words


def circle_centre(subscription: AreaSubscription) -> Place:
    """The middle of a circle."""
    assert subscription.circle is not None  # asked of circles alone
    middle = to_shape(subscription.circle).centroid
    return Place(middle.x, middle.y)


def distance(metres: int | None) -> str:
    """ "500 m", "1,5 km": of a circle, which always has one."""
    assert metres is not None
    if metres < 1000:
        return f"{metres}\u00a0m"
    number = f"{metres / 1000:g}"
    return f"{number.replace('.', ',') if locale_code() == 'fr' else number}\u00a0km"


def area_kind(subscription: AreaSubscription) -> str:
    """circle, sector or street."""
    return SECTOR if subscription.sector_id is not None else STREET if subscription.street is not None else CIRCLE


def _sectors(ids: Iterable[int | None]) -> dict[int, str]:
    wanted = {one for one in ids if one is not None}
    if not wanted:
        return {}
    s = Sector.__table__.c
    rows = db.session.execute(
        select(s.id, s.names).where(s.jurisdiction_id == current_jurisdiction_id(), s.id.in_(wanted))
    )
    return {number: localized(names, locale_code()) for number, names in rows}


def area_words(subscription: AreaSubscription, sectors: dict[int, str] | None = None) -> str:
    """What is followed, to stand in a sentence: "500 m autour de 12 rue des Tilleuls". The names of `sectors`
    are asked for where they are not given."""
    if subscription.sector_id is not None:
        known = _sectors([subscription.sector_id]) if sectors is None else sectors
        return known.get(subscription.sector_id, "")
    if subscription.street is not None:
        return subscription.label
    where = subscription.label or _("the place shown on the map")
    return _("%(distance)s around %(place)s", distance=distance(subscription.radius_m), place=where)


def init_app(app: Flask) -> None:
    """Make areas a kind of thing that can be followed."""
    register(AREAS)
