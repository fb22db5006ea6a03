"""The form: one page from photo to sending, whole without JavaScript, and nothing typed is ever lost."""

from __future__ import annotations

from dataclasses import replace
from uuid import uuid4

from flask import Response, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from core import contacts, geocoder, idempotency
from core.actor import Actor
from core.audience import ANYONE, audience
from core.database import db
from core.errors import FieldError, FieldErrors, collecting
from core.geo import Place
from core.i18n import gettext as _
from core.i18n import locale_code
from core.identity.principal import current_principal
from core.photos.verbs import MOST, accept_all
from core.text import localized
from reporter import duplicates, following, intake, placing
from reporter.arrivals import completing
from reporter.categories import Offered, offered
from reporter.likely import likely
from reporter.models import Report
from reporter.views.author import remember
from reporter.views.blueprint import reporter
from reporter.views.draft import Draft, kept_photos


@reporter.get("/report/new")
@audience(ANYONE)
def new() -> ResponseReturnValue:
    """An empty form."""
    draft = Draft()
    draft.category = request.args.get("category", "")[:100]
    return show(draft)


class SecondLook(Exception):
    """Something is to be seen before the form is sent: what is known nearby, the category's questions."""

    def __init__(self, known: list[duplicates.Known], place: Place | None) -> None:
        super().__init__()
        self.known, self.place = known, place


@reporter.post("/report/new")
@audience(ANYONE)
def send() -> ResponseReturnValue:
    """Take the form in; show it again, with everything in it, where something is missing or worth a look."""
    draft = Draft.of(request.form)
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
    except SecondLook as look:
        return show(draft, known=look.known, place=look.place, second_look=True)
    except FieldErrors as error:
        return show(draft, errors=_named(error.errors))
    except FieldError:
        # The key was used for another form: somebody came back, changed it and sent it again.
        draft.key = str(uuid4())
        return show(
            draft, errors={"form": _("This form has already been sent. If this is a different report, send it again.")}
        )
    return remember(
        redirect(url_for("reporter.report", reference=answer["reference"], sent=1), 303), answer["author"]
    )


def _submit(
    draft: Draft, refused: list[FieldError], looked_up: list[geocoder.Found] | None
) -> dict[str, str]:
    """Submit the draft, of whose address `looked_up` is known. Returns reference and author's key.

    Raises FieldErrors, SecondLook.
    """
    errors = collecting()
    errors.errors.extend(refused)
    place = misplaced = None
    try:
        place = placing.find(
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
    category = next((one for one in offered() if one.code == draft.category), None)
    arrival = completing.kept(draft.arrival, locked=True) if draft.arrival else None
    if arrival is not None and arrival.report_id is not None:
        made = completing.report_of(arrival)
        assert made is not None  # a foreign key
        return _answer(made)
    if not errors.errors:
        _look_again(draft, category, place)
    details = contacts.Details()
    with errors:
        details = contacts.details(
            name=draft.name, email=draft.email, phone=draft.phone, locale=locale_code(), news=_news(draft)
        )
    with errors:
        report = intake.submit(
            by=Actor(arrival.door) if arrival is not None else _sender(),
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
        completing.done(arrival, report)
        completing.answered(arrival, report)
    return _answer(report)


def _answer(report: Report) -> dict[str, str]:
    return {"reference": report.reference, "author": following.author_key(report.id)}


def _news(draft: Draft) -> str:
    """By which channel the news is wanted: by SMS only where both an address and a number left the choice."""
    both = draft.email.strip() and draft.phone.strip() and contacts.SMS in contacts.channels()
    return draft.news if both else ""


def _sender() -> Actor:
    """Who sends: a resident by the site; a colleague who is signed in, from the street or from the desk."""
    who = current_principal()
    if who is None:
        return Actor("web")
    return who.acting("desk" if who.may("desk.open") else "field")


def _look_again(draft: Draft, category: Offered | None, place: Place | None) -> None:
    """Raise SecondLook for open reports of the kind nearby, or questions, that the form has not shown yet."""
    if category is None:
        return
    known: list[duplicates.Known] = []
    if place is not None and not category.private:
        known = [
            one for one in duplicates.nearby(place, category=category.code) if one.reference not in draft.seen
        ]
    if known or (category.questions and draft.asked != category.code):
        raise SecondLook(known, place)


def _named(errors: list[FieldError]) -> dict[str, str]:
    """Field → sentence, in the order of the page, the first sentence of each field's errors after another."""
    found: dict[str, str] = {}
    for error in errors:
        name = "location" if error.field == "sector" else error.field
        found[name] = f"{found[name]} {error.sentence}" if name in found else error.sentence
    order = ("form", "photos", "location", "address", "category")
    return dict(
        sorted(found.items(), key=lambda item: order.index(item[0]) if item[0] in order else len(order))
    )


def show(
    draft: Draft,
    *,
    errors: dict[str, str] | None = None,
    known: list[duplicates.Known] | None = None,
    place: Place | None = None,
    second_look: bool = False,
) -> Response:
    """The form with `draft` in it; 422 where something was refused."""
    categories = offered()
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
        photos=kept_photos(draft.photos),
        known=known or [],
        sectors=placing.sectors(),
        spot=_spot(draft),
        second_look=second_look,
        most=MOST,
        channels=contacts.channels(),
        words_of=localized,
    )
    return Response(page, status=422 if errors else 200)


def _first(categories: list[Offered], chosen: Offered | None) -> list[Offered]:
    """The likely categories, the chosen one among them."""
    first = likely(categories)
    return first if chosen is None or chosen in first else [chosen, *first[:-1]]


def _spot(draft: Draft) -> placing.Spot | None:
    """What the form's position is called, where it has one."""
    if not draft.lat or not draft.lon:
        return None
    try:
        return placing.spot(placing.from_lat_lon(draft.lat, draft.lon))
    except FieldError:
        return None
