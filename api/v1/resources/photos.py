"""Photos: sent first, named by their id in a report or when work is finished."""

from __future__ import annotations

import hashlib
from http import HTTPStatus
from uuid import UUID

from flask import Response, g, request, url_for
from flask.views import MethodView
from sqlalchemy import select
from werkzeug.datastructures import FileStorage

from api.v1 import responses
from api.v1.idempotent_writes import Once
from api.v1.request_bodies import unsupported
from api.v1.schemas import serializers
from api.v1.schemas.requests import PhotoForm
from api.v1.schemas.responses import PhotoOut, SentPhoto
from api.v1.smorest import ETAG, IDEMPOTENT, IF_NONE_MATCH, LOCATION, resource
from core.database import db
from core.errors import FieldError, NotFound
from core.i18n import gettext as _
from core.photos import verbs
from core.photos.models import Photo
from core.photos.validation import MOST_BYTES, reason_sentence
from core.web.access import ANYONE, requires
from core.web.states import N_
from core.web.urls import base_url

photos = resource("photos", N_("Photos of what was seen, and of the finished work."))

FORM = "multipart/form-data"
BINARY = {"schema": {"type": "string", "format": "binary"}}
#: What a photo is sent as, where it is the body itself; any other image's name is taken too, and looked at.
MEDIA_TYPES = (
    "image/jpeg",
    "image/png",
    "image/webp",
    "image/heic",
    "image/heif",
    "image/avif",
    "application/octet-stream",
)
#: How much of an upload is read at once, in bytes.
_PART = 2**18


def digest(file: FileStorage) -> str:
    """The SHA-256 of an upload, which is read from its beginning, and again from there afterwards."""
    file.stream.seek(0)
    total = hashlib.sha256()
    while part := file.stream.read(_PART):
        total.update(part)
    file.stream.seek(0)
    return total.hexdigest()


def _sent() -> bytes | FileStorage:
    """The photo of this request: a form's first file, or the body itself. Raises FieldError, UnsupportedMediaType."""
    if request.mimetype == FORM:
        found = next((file for _name, file in request.files.items(multi=True) if file.filename), None)
        if found is None:
            raise FieldError("photo", _("Send the photo as a file in the field `photo`."))
        return found
    if request.mimetype.startswith("image/") or request.mimetype == "application/octet-stream":
        # Kept for this request: a view whose connection was cut runs once more, and the stream is read once.
        if "sent_photo" not in g:
            g.sent_photo = request.stream.read(MOST_BYTES + 1)
        data = g.sent_photo
        if len(data) > MOST_BYTES:
            raise FieldError("photo", reason_sentence("too_large"), code="too_large")
        return data
    raise unsupported(FORM, "image/*")


@photos.route("")
class Photos(MethodView):
    """Where photos are sent."""

    @photos.doc(
        parameters=[IDEMPOTENT],
        requestBody={"required": True, "content": {FORM: {"schema": PhotoForm}} | dict.fromkeys(MEDIA_TYPES, BINARY)},
    )
    @photos.response(201, SentPhoto, headers=LOCATION)
    @photos.alt_response(413, "REQUEST_ENTITY_TOO_LARGE")
    @photos.alt_response(415, "UNSUPPORTED_MEDIA_TYPE")
    @photos.alt_response(422, "UNPROCESSABLE_ENTITY")
    @requires(ANYONE)
    def post(self) -> Response:
        """Send a photo."""
        responses.wants_json()
        file = _sent()
        content = hashlib.sha256(file).hexdigest() if isinstance(file, bytes) else digest(file)
        known = Once.begin({}, content, take=False)
        if known.answered:
            return known.repeat(dict.fromkeys(known.answered["body"]))
        kept = verbs.stored(file, field="photo")
        once = Once.begin({}, content)
        if once.answered:
            return once.repeat(dict.fromkeys(once.answered["body"]))
        photo = verbs.add(kept)
        taken = verbs.place_of_photo(photo)
        body = serializers.photo(str(photo.token), photo.status, base_url()) | {"location": taken and taken.geojson}
        return once.finish(
            "id", body, status=HTTPStatus.CREATED, location=url_for("v1_photos.OnePhoto", token=photo.token)
        )


@photos.route("/<uuid:token>", parameters=[{"name": "token", "in": "path", "description": N_("The photo's id.")}])
class OnePhoto(MethodView):
    """One photo."""

    @photos.doc(parameters=[IF_NONE_MATCH])
    @photos.response(200, PhotoOut, headers=ETAG)
    @photos.alt_response(304, description="Not modified")
    @photos.alt_response(404, "NOT_FOUND")
    @requires(ANYONE)
    def get(self, token: UUID) -> Response:
        """Get the state of a photo."""
        responses.wants_json()
        p = Photo.__table__.c
        row = db.session.execute(select(Photo.token, Photo.status).where(p.token == token)).one_or_none()
        if row is None:
            raise NotFound(_("This photo does not exist, or is not ready yet."))
        etag = f"{row.status}"
        if responses.client_has(etag):
            return responses.not_modified(etag)
        return responses.resource_answer(serializers.photo(str(row.token), row.status, base_url()), "id", etag=etag)
