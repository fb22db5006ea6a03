"""The form: one page from photo to sending, whole without JavaScript, and nothing typed is ever lost."""

from __future__ import annotations

from dataclasses import replace
from uuid import uuid4

from flask import Response, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from core.database import db
from core.errors import CollectedErrors, FieldError, FieldErrors
from core.geo import Place, geocoder
from core.i18n import gettext as _
from core.i18n import locale_code
from core.identity import contacts
from core.identity.actor import Actor
from core.photos.verbs import MOST, accept_all
from core.text import localized
from core.web import idempotency
from core.web.access import ANYONE, requires
from core.web.principal import current_principal
from reporter import placing, subscriptions
from reporter.categories.queries import OfferedCategory, offered_categories
from reporter.inbound import completion
from reporter.reports import duplicates
from reporter.reports import intake as report_intake
from reporter.reports.frequent_categories import most_frequent
from reporter.reports.models import Report
from reporter.web.author_cookie import remember_report
from reporter.web.blueprint import reporter
from reporter.web.form.input import NewReportForm, usable_photos


@reporter.get("/report/new")
@requires(ANYONE)
def new() -> ResponseReturnValue:
    """An empty form."""
    draft = NewReportForm()
    draft.category = request.args.get("category", "")[:100]
    return show(draft)


class ConfirmationNeeded(Exception):
    """Something is to be seen before the form is sent: what is known nearby, the category's questions."""

    def __init__(self, known: list[duplicates.NearbyReport], place: Place | None) -> None:
        super().__init__()
        self.known, self.place = known, place


@reporter.post("/report/new")
@requires(ANYONE)
def send() -> ResponseReturnValue:
    """Take the form in; show it again, with everything in it, where something is missing or worth a look."""
    draft = NewReportForm.of(request.form)
    looked_up = placing.look_up(lat=draft.lat, lon=draft.lon, address=draft.address)
    fresh, refused = accept_all(request.files.getlist("photos"), most=MOST - len(draft.photos))
    draft.photos += [str(photo.token) for photo in fresh]
    try:
        # In a savepoint: what is refused leaves nothing behind but the photos.
        with db.session.begin_nested():
            # The key first: the second tap of two must not find its own report among those nearby.
            claim = idempotency.claim(draft.key, actor="form", digest=draft.digest(fresh))
            answer = claim.answer or _submit(draft, refused, looked_up)
            if not claim.answer:
                claim.keep(answer)
    except ConfirmationNeeded as look:
        return show(draft, known=look.known, place=look.place, second_look=True)
    except FieldErrors as error:
        return show(draft, errors=_named(error.errors))
    except FieldError:
        # The key was used for another form: somebody came back, changed it and sent it again.
        draft.key = str(uuid4())
        return show(
            draft, errors={"form": _("This form has already been sent. If this is a different report, send it again.")}
        )
    return remember_report(
        redirect(url_for("reporter.report", reference=answer["reference"], sent=1), 303), answer["author"]
    )


def _submit(
    draft: NewReportForm, refused: list[FieldError], looked_up: list[geocoder.GeocodedAddress] | None
) -> dict[str, str]:
    """Submit the draft, of whose address `looked_up` is known. Returns reference and author's key.

    Raises FieldErrors, ConfirmationNeeded.
    """
    errors = CollectedErrors()
    errors.errors.extend(refused)
    place = misplaced = None
    try:
        place = placing.find_place(
            lat=draft.lat,
            lon=draft.lon,
            address=draft.address,
            sector=draft.sector,
            photos=draft.photos,
            looked_up=looked_up,
            by_hand=True,
        )
    except FieldError as error:
        misplaced = error
        errors.errors.append(error)
    category = next((one for one in offered_categories() if one.code == draft.category), None)
    arrival = completion.message_to_complete(draft.arrival, locked=True) if draft.arrival else None
    if arrival is not None and arrival.report_id is not None:
        made = completion.report_of(arrival)
        assert made is not None  # a foreign key
        return _answer(made)
    if not errors.errors:
        _ask_confirmation(draft, category, place)
    details = contacts.ContactDetails()
    with errors:
        details = contacts.parse_contact_details(
            name=draft.name, email=draft.email, phone=draft.phone, locale=locale_code(), news=_news(draft)
        )
    with errors:
        report = report_intake.submit(
            by=Actor(arrival.channel) if arrival is not None else _sender(),
            category=draft.category,
            place=place,
            address=draft.address,
            description=draft.description,
            contact=details or None,
            answers=draft.answers_for(category),
            photos=draft.photos,
        )
    if misplaced is not None:
        errors.errors = [one for one in errors.errors if one is misplaced or one.field != "location"]
    errors.done()
    if arrival is not None:
        completion.mark_completed(arrival, report)
        completion.answered(arrival, report)
    return _answer(report)


def _answer(report: Report) -> dict[str, str]:
    return {"reference": report.reference, "author": subscriptions.author_key(report.id)}


def _news(draft: NewReportForm) -> str:
    """By which channel the news is wanted: by SMS only where both an address and a number left the choice."""
    both = draft.email.strip() and draft.phone.strip() and contacts.SMS in contacts.available_channels()
    return draft.news if both else ""


def _sender() -> Actor:
    """Who sends: a resident by the site; a colleague who is signed in, from the street or from the desk."""
    who = current_principal()
    if who is None:
        return Actor("web")
    return who.acting("desk" if who.may("desk.open") else "field")


def _ask_confirmation(draft: NewReportForm, category: OfferedCategory | None, place: Place | None) -> None:
    """Raise ConfirmationNeeded for open reports of the kind nearby, or questions, that the form has not shown yet."""
    if category is None:
        return
    known: list[duplicates.NearbyReport] = []
    if place is not None and not category.private:
        known = [
            one for one in duplicates.find_nearby(place, category=category.code) if one.reference not in draft.seen
        ]
    if known or (category.questions and draft.asked != category.code):
        raise ConfirmationNeeded(known, place)


def _named(errors: list[FieldError]) -> dict[str, str]:
    """Field → sentence, in the order of the page, the first sentence of each field's errors after another."""
    found: dict[str, str] = {}
    for error in errors:
        name = "location" if error.field == "sector" else error.field
        found[name] = f"{found[name]} {error.sentence}" if name in found else error.sentence
    order = ("form", "photos", "location", "address", "category")
    return dict(sorted(found.items(), key=lambda item: order.index(item[0]) if item[0] in order else len(order)))


def show(
    draft: NewReportForm,
    *,
    errors: dict[str, str] | None = None,
    known: list[duplicates.NearbyReport] | None = None,
    place: Place | None = None,
    second_look: bool = False,
) -> Response:
    """The form with `draft` in it; 422 where something was refused."""
    categories = offered_categories()
    chosen = next((one for one in categories if one.code == draft.category), None)
    if place is not None and second_look:
        # What an address or a sector was found to be is kept: it is not looked for twice.
        draft = replace(draft, lat=f"{place.lat:.6f}", lon=f"{place.lon:.6f}")
    page = render_template(
        "reporter/form.html",
        draft=draft,
        errors=errors or {},
        categories=categories,
        chosen=chosen,
        likely=_first(categories, chosen),
        photos=usable_photos(draft.photos),
        known=known or [],
        sectors=placing.sector_choices(),
        spot=_spot(draft),
        second_look=second_look,
        most=MOST,
        channels=contacts.available_channels(),
        words_of=localized,
    )
    return Response(page, status=422 if errors else 200)


def _first(categories: list[OfferedCategory], chosen: OfferedCategory | None) -> list[OfferedCategory]:
    """The likely categories, the chosen one among them."""
    first = most_frequent(categories)
    return first if chosen is None or chosen in first else [chosen, *first[:-1]]


def _spot(draft: NewReportForm) -> placing.NamedPlace | None:
    """What the form's position is called, where it has one."""
    if not draft.lat or not draft.lon:
        return None
    try:
        return placing.name_place(placing.from_lat_lon(draft.lat, draft.lon))
    except FieldError:
        return None
