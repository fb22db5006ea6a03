"""The public sizes over HTTP."""

from __future__ import annotations

from uuid import UUID

from flask import Blueprint, Response, request, url_for
from flask.typing import ResponseReturnValue
from sqlalchemy import select

from core.database import db
from core.database.scope import across_jurisdictions
from core.errors import NotFound
from core.i18n import gettext as _
from core.photos import access
from core.photos.models import READY, Photo
from core.storage import NoSuchFile, storage
from core.web.access import ANYONE, requires

photos = Blueprint("photos", __name__)

#: A picture under one address never changes, but a jurisdiction may stop showing it: then within a day.
PUBLIC_SECONDS, PRIVATE_SECONDS = 86400, 3600


@photos.get("/photos/<uuid:token>/<any(small, large):size>")
@requires(ANYONE)
def picture(token: UUID, size: str) -> ResponseReturnValue:
    """One public size of a ready photo; 404 for one that is not ready, not here, or not for this reader."""
    # A photo of a report that lies elsewhere may be in this jurisdiction's charge: the rules know, see `visible`.
    with across_jurisdictions():
        photo = db.session.scalar(select(Photo).where(Photo.token == token))
    if photo is None or photo.status != READY or size not in photo.sizes:
        raise _missing()
    public = access.visible_to_public(photo)
    if not public and not access.visible_to_reader(photo):
        raise _missing()
    made = dict(photo.sizes[size])
    # The storage may be far away: no transaction waits for it.
    db.session.rollback()
    answer = Response(content_type=made["media_type"])
    answer.set_etag(made["digest"])
    if public:
        answer.headers["Cache-Control"] = f"public, max-age={PUBLIC_SECONDS}, immutable"
    else:
        answer.headers["Cache-Control"] = f"private, max-age={PRIVATE_SECONDS}"
        answer.vary.add("Cookie")
    answer.headers["X-Content-Type-Options"] = "nosniff"
    answer.headers["Content-Disposition"] = "inline"
    answer.headers["Content-Security-Policy"] = "default-src 'none'; sandbox"
    if not request.if_none_match.contains(made["digest"]):
        try:
            answer.set_data(storage().get(made["key"]))
        except NoSuchFile:
            raise _missing() from None
    return answer.make_conditional(request)


def _missing() -> NotFound:
    return NotFound(_("This photo does not exist, or is not ready yet."))


def urls(photo: Photo, *, external: bool = False) -> dict[str, str]:
    """The addresses of the public sizes, {"small": …, "large": …}; empty until the photo is ready."""
    if photo.status != READY:
        return {}
    return {
        size: url_for("photos.picture", token=photo.token, size=size, _external=external) for size in ("small", "large")
    }
