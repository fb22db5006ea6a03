"""What the form's script asks while it is filled in: a photo at once, a place's name, what is nearby."""

from __future__ import annotations

from flask import jsonify, render_template, request
from flask.typing import ResponseReturnValue

from core.errors import FieldError
from core.geo import Place, bbox, from_lat_lon, geocoder
from core.i18n import gettext as _
from core.photos.verbs import accept_all
from core.photos.verbs import place_of_photo as taken_at
from core.text import clean_text
from core.web.access import ANYONE, requires
from reporter import placing
from reporter.reports import duplicates
from reporter.web.blueprint import reporter

FEW = 5


@reporter.post("/report/photo")
@requires(ANYONE)
def photo() -> ResponseReturnValue:
    """Take one photo in, before the form: refused now rather than after everything was typed."""
    photos, refused = accept_all(request.files.getlist("photos"), most=1)
    if refused:
        return jsonify({"error": refused[0].sentence}), refused[0].status
    if not photos:
        return jsonify({"error": _("No photo was sent. Please choose it again.")}), 422
    place = taken_at(photos[0])
    return jsonify({"token": str(photos[0].token), "spot": _said(placing.name_place(place)) if place else None}), 201


def _said(spot: placing.NamedPlace) -> dict[str, object]:
    return {
        "lat": spot.place.lat,
        "lon": spot.place.lon,
        "inside": spot.inside,
        "words": spot.words,
        "addressed": spot.addressed,
    }


def _asked_place() -> Place:
    return from_lat_lon(request.args.get("lat", ""), request.args.get("lon", ""))


@reporter.get("/report/place")
@requires(ANYONE)
def place() -> ResponseReturnValue:
    """What a position is called, and whether it lies in the jurisdiction."""
    return jsonify(_said(placing.name_place(_asked_place())))


@reporter.get("/report/addresses")
@requires(ANYONE)
def addresses() -> ResponseReturnValue:
    """Places for an address, as it is typed; `known` is false where no geocoder is set."""
    words = clean_text(request.args.get("q", ""), field="q", most=250, lines=False)
    found = [{"words": one.label, "lat": one.place.lat, "lon": one.place.lon} for one in geocoder.search(words, FEW)]
    return jsonify({"known": geocoder.is_configured(), "items": found})


@reporter.get("/report/nearby")
@requires(ANYONE)
def nearby() -> ResponseReturnValue:
    """Open reports of a category near a position, as the piece of the form that shows them."""
    known = duplicates.find_nearby(_asked_place(), category=request.args.get("category", "")[:100] or "-")
    return render_template("reporter/_known.html", known=known)


def box_of_request() -> tuple[float, float, float, float]:
    """The box that a map asks for. Raises FieldError."""
    asked = request.args.get("bbox", "")
    if not asked:
        raise FieldError("bbox", _("Give a bounding box: west,south,east,north."))
    return bbox(asked)
