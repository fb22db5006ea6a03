"""One report from what a program or a form sends; the rules are in reporter.reports.intake.submit."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from types import SimpleNamespace
from typing import Any
from uuid import UUID

from flask import Request
from marshmallow import ValidationError
from webargs.core import missing
from werkzeug.datastructures import FileStorage

from api.v1.request_bodies import errors_by_field, json_body, load, without_surrogates
from api.v1.resources import photos
from api.v1.schemas.fields import RequestSchema, TextField
from api.v1.schemas.requests import ReportIn
from core.database import db
from core.errors import CollectedErrors, FieldError, FieldErrors
from core.geo import Place, from_lat_lon
from core.i18n import gettext as _
from core.i18n import locale_code
from core.identity import contacts
from core.identity.actor import Actor
from core.photos.models import Photo
from core.photos.verbs import add, stored_all
from core.text import clean_text
from reporter import placing
from reporter.reports.intake import submit
from reporter.reports.models import Report

CONTACT = ("name", "email", "phone", "locale")
ANSWER = "answers."
#: More parts of one name than this are not looked at.
MOST_PARTS = 20


@dataclass
class SubmittedReport:
    """A report as it was sent, read but not yet judged."""

    fields: dict[str, Any]
    #: Before the names of the contact's fields: "contact." in JSON, nothing in a form.
    prefix: str = "contact."
    files: Sequence[FileStorage] = field(default=())
    #: What is wrong with the reading itself, said together with the rest.
    errors: list[FieldError] = field(default_factory=list)

    @property
    def digests(self) -> tuple[str, ...]:
        """The digests of the files."""
        return tuple(map(photos.digest, self.files))


class FormText(RequestSchema):
    """The form's texts; numbers arrive as text too."""

    category = TextField()
    lat = TextField()
    lon = TextField()
    address = TextField()
    description = TextField()
    name = TextField()
    email = TextField()
    phone = TextField()
    locale = TextField()


def read_json(request: Request) -> SubmittedReport:
    """A report from a JSON body: what cannot be read is said together with what the verb refuses.

    Raises FieldErrors where the body is no object, UnreadableBody where it is no JSON.
    """
    body = json_body(request)
    try:
        return SubmittedReport(ReportIn().load({} if body is missing else body))
    except ValidationError as error:
        if not isinstance(body, dict) and body is not missing:
            raise FieldErrors(errors_by_field(error.messages)) from None
        return SubmittedReport(
            error.valid_data if isinstance(error.valid_data, dict) else {}, errors=errors_by_field(error.messages)
        )


def read_form(request: Request) -> SubmittedReport:
    """A report from a multipart form."""
    given = load(FormText(), {name: without_surrogates(value) for name, value in request.form.items()})
    found: dict[str, Any] = {name: given.get(name, "") for name in ("category", "address", "description")}
    found["contact"] = {name: given[name] for name in CONTACT if given.get(name)}
    found["answers"] = _answers(request)
    # Ids of photos sent before may stand beside files: what was kept of a refused form is sent again so.
    found["photos"] = [value for value in request.form.getlist("photos")[:MOST_PARTS] if value.strip()]
    sent = SubmittedReport(found, "", [file for file in request.files.getlist("photos")[:MOST_PARTS] if file.filename])
    if given.get("lat", "").strip() or given.get("lon", "").strip():
        try:
            found["location"] = from_lat_lon(given.get("lat"), given.get("lon"))
        except FieldError as error:
            sent.errors.append(error)
    return sent


def _answers(request: Request) -> dict[str, Any]:
    """Fields named answers.<code>; several of one name are the choices of one question."""
    found: dict[str, Any] = {}
    for name, values in list(request.form.lists())[:200]:
        if name.startswith(ANSWER):
            kept = [without_surrogates(value) for value in values[:MOST_PARTS]]
            found[without_surrogates(name.removeprefix(ANSWER))] = kept if len(kept) > 1 else kept[0]
    return found


def place_of(sent: SubmittedReport) -> Place | None:
    """The place given, or looked up from the address; None leaves it to the photos.

    Asked before anything is written: a geocoder may take its time. An address that is not found is said in
    `sent.errors`, unless a photo may know better.
    """
    given = sent.fields.get("location")
    if given is not None or not sent.fields.get("address") or sent.errors:
        return given
    try:
        return placing.find_place(address=sent.fields["address"], photos=_uuids(sent.fields.get("photos") or ()))
    except FieldError as error:
        if not sent.files:
            sent.errors.append(error)
        return None


def _uuids(ids: Sequence[str]) -> list[UUID]:
    found = []
    for one in ids:
        try:
            found.append(UUID(one))
        except ValueError:
            continue
    return found


def store(sent: SubmittedReport) -> tuple[list[Photo], list[FieldError]]:
    """Put the photos that came as files into the storage, before anything is written: see core.photos.verbs."""
    return stored_all(sent.files) if sent.files else ([], [])


def take_report(
    sent: SubmittedReport, place: Place | None, photos: tuple[list[Photo], list[FieldError]], *, by: Actor
) -> Report:
    """Take the report in: the photos that `store` has kept, the contact, then the verb.

    Raises RefusedWithPhotos (FieldErrors) with all that is wrong, and the ids of photos that were kept all the same.
    """
    kept, refused = photos
    tokens = [str(add(photo).token) for photo in kept]
    errors = CollectedErrors()
    errors.errors += sent.errors + refused
    details = None
    given = sent.fields.get("contact") or {}
    if given:
        with errors:
            details = contacts.parse_contact_details(
                prefix=sent.prefix,
                **{name: given.get(name) for name in CONTACT} | {"locale": given.get("locale") or locale_code()},
            )
    report = None
    with errors:
        report = _submit(sent, place, [*(sent.fields.get("photos") or ()), *tokens], details, by, errors)
    if errors.errors or report is None:
        raise RefusedWithPhotos(_once_each(errors.errors), tokens)
    return report


def row_of(report: Report, sent: SubmittedReport, place: Place) -> SimpleNamespace:
    """A report just taken in without photos, as reporter.reports.detail would read it back."""
    return SimpleNamespace(
        id=report.id,
        reference=report.reference,
        status=report.status,
        lon=place.lon,
        lat=place.lat,
        category=clean_text(sent.fields["category"], field="category", most=100, lines=False),
        address=report.address,
        description=report.description,
        photos=(),
        received_at=report.received_at,
        updated_at=report.updated_at,
        due_at=report.due_at,
        version=report.version,
    )


def _submit(
    sent: SubmittedReport,
    place: Place | None,
    tokens: list[str],
    details: contacts.ContactDetails | None,
    by: Actor,
    errors: CollectedErrors,
) -> Report:
    """The verb, in a savepoint of its own where photos must outlive its refusal."""

    def verb() -> Report:
        return submit(
            by=by,
            category=sent.fields.get("category"),
            place=place,
            address=sent.fields.get("address") or "",
            description=sent.fields.get("description") or "",
            contact=details,
            answers=sent.fields.get("answers"),
            photos=tokens,
        )

    try:
        if not sent.files and not errors.errors:
            return verb()
        with db.session.begin_nested() as savepoint:
            report = verb()
            if errors.errors:
                # Everything else was fine, and is said to be: but nothing is taken in by halves.
                savepoint.rollback()
            return report
    except (FieldError, FieldErrors) as error:
        raise FieldErrors(_naming_address(error, sent, place)) from None


def _naming_address(error: FieldError | FieldErrors, sent: SubmittedReport, place: Place | None) -> list[FieldError]:
    """Where only an address was given, it is the address that could not be used."""
    found = error.errors if isinstance(error, FieldErrors) else [error]
    if place is not None or not sent.fields.get("address"):
        return list(found)
    return [
        FieldError("address", _("We could not find this address: send `location` with it."), code="not_found")
        if one.field == "location" and one.code != "outside"
        else one
        for one in found
    ]


def _once_each(errors: list[FieldError]) -> list[FieldError]:
    """One error a field: what was wrong with the reading comes first, the verb's word on it is left out."""
    kept: dict[str, FieldError] = {}
    for error in errors:
        kept.setdefault(error.field, error)
    return list(kept.values())


class RefusedWithPhotos(FieldErrors):
    """A report was refused; its photos were kept, to be named by their ids when it is sent again."""

    def __init__(self, errors: list[FieldError], photos: list[str]) -> None:
        super().__init__(errors)
        self.photos = photos
        # The storage being away is nobody's field.
        self.status = max((error.status for error in errors), default=422)
