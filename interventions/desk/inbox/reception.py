"""Reception: what somebody says on the telephone, at the counter or in a letter, taken in while they speak.

One form, the same intake as everywhere; what is known nearby is shown beside it, and may be followed instead.
"""

from __future__ import annotations

import unicodedata
from dataclasses import dataclass, field, replace
from datetime import date, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from flask import render_template, request
from flask.typing import ResponseReturnValue
from sqlalchemy import select

from core import references
from core.database import db, utcnow
from core.database.scope import current_jurisdiction
from core.errors import CollectedErrors, FieldError, NotFound
from core.geo import Place, from_lat_lon, geocoder
from core.i18n import LOCALES, as_locale, locale_code
from core.i18n import gettext as _
from core.identity import contacts
from core.identity.actor import Actor
from core.identity.contacts import ContactDetails
from core.photos.verbs import MOST, accept_all
from core.text import localized
from core.web.access import requires
from interventions.desk.blueprint import desk
from interventions.desk.form_handling import attempt, figure
from reporter import placing, subscriptions
from reporter.categories.queries import OfferedCategory, offered_categories
from reporter.inbound import drafts
from reporter.inbound import inbox as inbound_inbox
from reporter.inbound.completion import form_fields as what_came
from reporter.inbound.models import BOUNCE, InboundMessage
from reporter.reports import duplicates
from reporter.reports import intake as report_intake
from reporter.reports.models import Report
from reporter.web.form.input import NewReportForm, usable_photos

#: How a report came to reception, the most frequent first; the last is a message that came to another mailbox.
RECEPTION_CHANNELS = ("phone", "desk", "letter", "mail")
#: A letter may have lain this long.
OLDEST = timedelta(days=366)
#: How far open reports are shown, in metres: of any kind, and how many.
NEAR, FEW = 100, 6
HERE = "/desk/new"


@dataclass
class ReceptionForm:
    """The form as it was typed: the resident's draft, and what only reception says."""

    draft: NewReportForm
    channel: str = RECEPTION_CHANNELS[0]
    kind: str = ""
    day: str = ""
    locale: str = LOCALES[0]
    #: The mail or SMS that it is made of.
    arrival: InboundMessage | None = None
    refused: list[FieldError] = field(default_factory=list)
    #: What the geocoder knows of the address; None where it was not asked.
    looked_up: list[geocoder.GeocodedAddress] | None = None
    #: The message that the form was opened for, whatever has become of it since.
    arrival_id: int | None = None


class ReceptionConfirmationNeeded(Exception):
    """Something is to be seen before the form is sent: what is known nearby, the category's questions."""

    def __init__(self, place: Place | None) -> None:
        super().__init__()
        self.place = place


@desk.get("/new")
@requires("reports.create")
def new_report() -> ResponseReturnValue:
    """An empty form; filled in with what came by mail or SMS where `arrival` names it."""
    arrival = _open(_arrival(request.args.get("arrival", "")))
    taken = ReceptionForm(NewReportForm(), arrival=arrival)
    if arrival is not None:
        taken.draft, taken.channel = NewReportForm(**what_came(arrival, staff=True)), arrival.channel
        taken.kind = _name_of(taken.draft.category)
    return _form(taken, made=_made(request.args.get("made", "")))


@desk.post("/new")
@requires("reports.create")
def take_report() -> ResponseReturnValue:
    """Take it in, or follow what is known already for this person; shown again where something is missing."""
    taken = _read()
    done: list[str] = []

    def again(status: int, errors: dict[str, str], refusal: str) -> ResponseReturnValue:
        return _form(taken, status=status, errors=errors, refusal=refusal)

    verb = _follow if request.form.get("follow") else _submit
    try:
        return attempt(lambda by: verb(taken, by, done), to=lambda: f"{HERE}?made={done[0]}", again=again)
    except ReceptionConfirmationNeeded as look:
        if look.place is not None:
            taken.draft = replace(taken.draft, lat=f"{look.place.lat:.6f}", lon=f"{look.place.lon:.6f}")
        return _form(taken, second_look=True)


@desk.get("/new/nearby")
@requires("reports.create")
def new_report_nearby() -> ResponseReturnValue:
    """What is open near a place, those of the category first: the piece that stands beside the form."""
    place = from_lat_lon(request.args.get("lat", ""), request.args.get("lon", ""))
    return render_template("desk/_nearby.html", **_known(place, request.args.get("category", "")[:100]))


def _read() -> ReceptionForm:
    form = request.form
    draft = NewReportForm.of(form)
    looked_up = placing.look_up(lat=draft.lat, lon=draft.lon, address=draft.address)
    fresh, refused = accept_all(request.files.getlist("photos"), most=MOST - len(draft.photos))
    draft.photos += [str(photo.token) for photo in fresh]
    arrival = _arrival(form.get("arrival", ""))
    taken = ReceptionForm(
        draft,
        form.get("channel", ""),
        form.get("kind", "")[:200],
        form.get("day", "")[:20],
        as_locale(form.get("locale")),
        _open(arrival),
        refused,
        looked_up,
        arrival.id if arrival is not None else None,
    )
    if taken.arrival is not None:
        taken.channel = taken.arrival.channel
    draft.category = _code_of(taken.kind)
    return taken


def _arrival(number: str) -> InboundMessage | None:
    """The mail or SMS of that number that a report can be made of, whatever has become of it; nothing for a bounce."""
    known = figure(number)
    found = drafts.find_message(known) if known else None
    return found if found is not None and found.interpreted_as != BOUNCE else None


def _open(arrival: InboundMessage | None) -> InboundMessage | None:
    """The message, where something is still to be made of it."""
    return arrival if arrival is not None and not arrival.handled else None


def _submit(taken: ReceptionForm, by: Actor, done: list[str]) -> str:
    """Submit the form.

    Raises FieldErrors, ReceptionConfirmationNeeded, Refused where somebody has just dealt with the message.
    """
    draft, errors = taken.draft, CollectedErrors()
    errors.errors.extend(taken.refused)
    # First of all: whoever comes second hears that somebody has dealt with the message, and not that their report is
    # known nearby.
    arrival = inbound_inbox.lock(taken.arrival_id) if taken.arrival_id is not None else None
    place = misplaced = None
    try:
        place = placing.find_place(
            lat=draft.lat,
            lon=draft.lon,
            address=draft.address,
            sector=draft.sector,
            photos=draft.photos,
            looked_up=taken.looked_up,
            by_hand=True,
        )
    except FieldError as error:
        misplaced = error
        errors.errors.append(error)
    category = next((one for one in offered_categories() if one.code == draft.category), None)
    if draft.category and not errors.errors:
        _ask_confirmation(draft, category, place)
    actor, details = by, ContactDetails()
    with errors:
        actor = _actor(taken, by)
    with errors:
        details = _details(taken)
    with errors:
        if taken.kind and category is None:
            raise FieldError("kind", _("Choose one from the list."))
        report = report_intake.submit(
            by=actor,
            category=draft.category,
            place=place,
            address=draft.address,
            description=draft.description,
            contact=details or None,
            answers=draft.answers_for(category),
            photos=draft.photos,
        )
    _rename(errors, misplaced)
    errors.done()
    if arrival is not None:
        drafts.mark_completed(arrival, report)
    done.append(report.reference)
    return _told(details)


def _rename(errors: Any, misplaced: FieldError | None) -> None:
    """Errors by the names of this form's fields, each said once."""
    if misplaced is not None:
        errors.errors = [one for one in errors.errors if one is misplaced or one.field != "location"]
    named = {one.field for one in errors.errors}
    errors.errors = [one for one in errors.errors if one.field != "category" or "kind" not in named]
    for one in errors.errors:
        one.field = {"category": "kind", "location": "address"}.get(one.field, one.field)


def _ask_confirmation(draft: NewReportForm, category: OfferedCategory | None, place: Place | None) -> None:
    """Raise ReceptionConfirmationNeeded for open reports nearby, or questions, that the form has not shown yet."""
    asked = category is None or not category.questions or draft.asked == category.code
    known = duplicates.find_nearby(place, category=draft.category, private=True) if place is not None else []
    if not asked or any(one.reference not in draft.seen for one in known):
        raise ReceptionConfirmationNeeded(place)


def _actor(taken: ReceptionForm, by: Actor) -> Actor:
    """Who takes it in, by what channel, and when it was received. Raises FieldError."""
    channels = RECEPTION_CHANNELS if taken.arrival is None else (*RECEPTION_CHANNELS, taken.arrival.channel)
    if taken.channel not in channels:
        raise FieldError("channel", _("Say how it reached you."))
    at = taken.arrival.arrived_at if taken.arrival is not None else None
    if taken.day:
        at = _received(taken.day)
    return replace(by, channel=taken.channel, at=at)


def _received(day: str) -> datetime | None:
    """The day something was received as a moment: its noon; None for today, which is now. Raises FieldError."""
    zone = ZoneInfo(current_jurisdiction().time_zone)
    try:
        found = date.fromisoformat(day)
    except ValueError:
        raise FieldError("day", _("Enter a date, for example 2026-03-05.")) from None
    today = utcnow().astimezone(zone).date()
    if found > today or found < today - OLDEST:
        raise FieldError("day", _("This date is in the future, or more than a year ago."))
    return None if found == today else datetime.combine(found, time(12), zone)


def _details(taken: ReceptionForm) -> ContactDetails:
    """Who spoke, and how they are told what follows. Raises FieldErrors."""
    draft = taken.draft
    wanted = draft.news if draft.news in (contacts.SMS, contacts.NO_NEWS) else ""
    found = contacts.parse_contact_details(
        name=draft.name, email=draft.email, phone=draft.phone, locale=taken.locale, news=wanted
    )
    return replace(found, news=wanted)


def _told(details: ContactDetails) -> str:
    """What reception may promise."""
    if details.channel == contacts.MAIL:
        return _("Recorded. We are sending an e-mail to %(email)s now, and one at every step.", email=details.email)
    if details.channel == contacts.SMS:
        return _(
            "Recorded. We are sending a text message to %(phone)s now, and one at every step.",
            phone=contacts.format_phone(details.phone),
        )
    return _("Recorded. Nobody will get updates: give the caller the reference.")


def _follow(taken: ReceptionForm, by: Actor, done: list[str]) -> str:
    """Follow a report that is known already for whoever speaks. Raises FieldErrors, NotFound."""
    reference = references.parse_reference(request.form["follow"])
    if reference is None:
        raise NotFound(_("There is no report with that reference."))
    details = _details(taken)
    if details.channel is None:
        raise FieldError("email", _("To follow it, an e-mail address or mobile number is needed."))
    report = report_intake.lock_report(reference)
    asked = subscriptions.subscribe(report, details, by=_actor(taken, by), channel=details.channel)
    if taken.arrival_id is not None:
        drafts.mark_completed(inbound_inbox.lock(taken.arrival_id), report)
    done.append(report.reference)
    if asked:
        return _("We have sent this person a message. Once they confirm, they will get updates.")
    return _("This person already follows it, or does from now on.")


def _made(typed: str) -> Report | None:
    """The report that was just taken in, to be read aloud; None where the address names none."""
    reference = references.parse_reference(typed)
    return db.session.scalar(select(Report).where(Report.reference == reference)) if reference else None


def _form(
    taken: ReceptionForm,
    *,
    status: int = 200,
    errors: dict[str, str] | None = None,
    refusal: str = "",
    second_look: bool = False,
    made: Report | None = None,
) -> ResponseReturnValue:
    draft, categories = taken.draft, offered_categories()
    place = _place(draft)
    errors = {**(errors or {})}
    page = render_template(
        "desk/new_report.html",
        nav_current="new",
        taken=taken,
        draft=draft,
        errors=errors,
        refusal=refusal,
        second_look=second_look,
        made=made,
        channels=RECEPTION_CHANNELS,
        categories=categories,
        chosen=next((one for one in categories if one.code == draft.category), None),
        photos=usable_photos(draft.photos),
        most=MOST,
        sectors=placing.sector_choices(),
        sms=contacts.SMS in contacts.available_channels(),
        languages=current_jurisdiction().languages,
        place=place,
        bounds=",".join(map(str, current_jurisdiction().bounds)),
        today=utcnow().astimezone(ZoneInfo(current_jurisdiction().time_zone)).date(),
        **_known(place, draft.category),
    )
    return page, status


def _place(draft: NewReportForm) -> Place | None:
    try:
        return from_lat_lon(draft.lat, draft.lon) if draft.lat and draft.lon else None
    except FieldError:
        return None


def _known(place: Place | None, code: str) -> dict[str, Any]:
    """What is open near a place, those of the kind first, as the piece beside the form shows it."""
    found = duplicates.find_nearby(place, metres=NEAR, most=FEW * 2, private=True) if place is not None else []
    found.sort(key=lambda one: (one.category != code, one.metres))
    return {"known": found[:FEW], "code": code, "placed": place is not None, "words_of": localized}


def _name_of(code: str) -> str:
    return next((one.name_in(locale_code()) for one in offered_categories() if one.code == code), "")


def _code_of(kind: str) -> str:
    """The category that somebody named: by its name or its code, or by the beginning of one name alone."""
    wanted = _plain(kind)
    if not wanted:
        return ""
    names = {one.code: _plain(one.name_in(locale_code())) for one in offered_categories()}
    exact = [code for code, name in names.items() if wanted in (name, code)]
    begun = [code for code, name in names.items() if name.startswith(wanted)]
    return exact[0] if exact else begun[0] if len(begun) == 1 else ""


def _plain(text: str) -> str:
    bare = unicodedata.normalize("NFD", text.lower())
    return " ".join("".join(sign for sign in bare if not unicodedata.combining(sign)).split())
