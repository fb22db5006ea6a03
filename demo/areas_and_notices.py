"""What the demonstration town announces, and who follows what around them: all of it invented."""

from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from shapely.geometry import LineString, MultiPolygon

from core.database import db, utcnow
from core.identity import contacts
from core.identity.actor import Actor
from core.identity.jurisdictions import JurisdictionCopy
from core.times import local_time
from demo import geometry
from reporter import shapes
from reporter.notices import verbs as notice_verbs
from reporter.subscriptions import areas

#: (e-mail, language, kind of area, which one): a quartier by its code, a street by its place in the list, and the
#: circle around the middle of such a street.
FOLLOWERS = (
    ("lucie.martel@demo.example", "fr", areas.CIRCLE, 1),
    ("bernard.joly@demo.example", "fr", areas.STREET, 0),
    ("ines.caron@demo.example", "fr", areas.SECTOR, "tilleuls"),
    ("tom.walker@demo.example", "en", areas.SECTOR, "centre-ancien"),
    ("helene.roy@demo.example", "fr", areas.CIRCLE, 4),
)
#: (kind, place in the list of streets or a quartier's code, first day from today and how many, from and to (hours),
#: titles, texts): one that holds, one to come, one for a few hours.
NOTICES = (
    (
        "works",
        0,
        -2,
        12,
        (8, 17),
        {
            "fr": "{street} barrée pour le renouvellement de l’eau potable",
            "en": "{street} closed while the water main is renewed",
        },
        {
            "fr": "La conduite d’eau potable est remplacée. La rue est fermée aux voitures de 8 h à 17 h ; les piétons "
            "passent toujours, et les riverains peuvent rentrer leur voiture le soir.\nLe ramassage des ordures se "
            "fait aux deux bouts de la rue.\nUne question : 04 65 71 00 00.",
            "en": "The drinking water main is being replaced. The street is closed to cars from 8:00 to 17:00; people "
            "on "
            "foot can always pass, and residents can bring their car back in the evening.\nRubbish is collected at "
            "both ends of the street.\nA question: 04 65 71 00 00.",
        },
    ),
    (
        "diversion",
        3,
        6,
        1,
        (7, 20),
        {"fr": "Course des deux ponts : {street} déviée", "en": "Two Bridges run: {street} diverted on the day"},
        {
            "fr": "Les coureurs traversent le quartier. Les bus des lignes 2 et 5 passent par le boulevard, l’arrêt "
            "« Halles » est reporté de deux cents mètres.",
            "en": "Runners cross the district. Buses 2 and 5 take the boulevard; the stop “Halles” is moved two "
            "hundred "
            "metres.",
        },
    ),
    (
        "cut",
        "tilleuls",
        2,
        1,
        (9, 12),
        {"fr": "Eau coupée aux Tilleuls, de 9 h à 12 h", "en": "No water in The Limes from 9:00 to 12:00"},
        {
            "fr": "Une vanne est changée. Pensez à tirer quelques litres la veille ; laissez couler un instant avant "
            "de "
            "boire, au retour de l’eau.",
            "en": "A valve is being changed. Draw a few litres the day before; let the tap run for a moment before you "
            "drink once the water is back.",
        },
    ),
)


def follow_and_announce(jurisdiction: JurisdictionCopy, layout: geometry.TownLayout, user_id: int) -> None:
    """Make the followers and the notices, published by that supervisor. The acting town's; flushes."""
    for email, locale, kind, which in FOLLOWERS:
        _follow(layout, email, locale, kind, which)
    for notice in NOTICES:
        _announce(jurisdiction, layout, user_id, *notice)


def _follow(layout: geometry.TownLayout, email: str, locale: str, kind: str, which: int | str) -> None:
    given: dict[str, object] = {"sector": which}
    if kind != areas.SECTOR:
        street = layout.streets[int(which)]
        given = {"street": street.name}
        if kind == areas.CIRCLE:
            middle = street.line.interpolate(0.5, normalized=True)
            given = {"lat": middle.y, "lon": middle.x, "address": f"3 {street.name}", "radius": "500"}
    row = areas.begin_subscription(
        areas.area_from_form(kind, **given), contacts.ContactDetails(email=email, locale=locale)
    )
    areas.AREAS.confirm(row)


def _announce(
    jurisdiction: JurisdictionCopy,
    layout: geometry.TownLayout,
    user_id: int,
    kind: str,
    which: int | str,
    first: int,
    days: int,
    hours: tuple[int, int],
    titles: dict[str, str],
    texts: dict[str, str],
) -> None:
    place, shape = _where(layout, which)
    today = local_time(utcnow()).date()
    zone = ZoneInfo(jurisdiction.time_zone)

    def moment(day: int, hour: int) -> datetime:
        return datetime.combine(today + timedelta(days=day), datetime.min.time(), zone).replace(hour=hour)

    notice = notice_verbs.create_notice(
        notice_verbs.checked_draft(
            kind=kind,
            titles={code: _said(text, place) for code, text in titles.items()},
            texts=texts,
            place=place,
            shape=shapes.checked_shape(shape),
            starts_at=moment(first, hours[0]),
            ends_at=moment(first + days - 1, hours[1]),
        ),
        by=Actor("desk", user_id),
    )
    notice_verbs.publish(notice, counted=sum(notice_verbs.count_recipients(notice).values()))
    db.session.flush()


def _said(text: str, place: str) -> str:
    words = text.format(street=place)
    return words[:1].upper() + words[1:]


def _where(layout: geometry.TownLayout, which: int | str) -> tuple[str, LineString | MultiPolygon]:
    if isinstance(which, int):
        return layout.streets[which].name, layout.streets[which].line
    area = next(one for one in layout.quartiers if one.code == which)
    return area.name["fr"], area.shape
