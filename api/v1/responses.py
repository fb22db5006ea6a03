"""What goes out: JSON or GeoJSON as the client accepts, with an ETag, and nothing where it has it already."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import orjson
from flask import Response, request
from werkzeug.http import quote_etag

from api.v1.request_bodies import NotAcceptable
from core.i18n import gettext as _

JSON, GEOJSON, PROBLEM = "application/json", "application/geo+json", "application/problem+json"
#: Moments are aware and leave as UTC, with a Z.
OPTIONS = orjson.OPT_UTC_Z | orjson.OPT_NON_STR_KEYS
#: What an answer depends on besides its address.
VARY = "Accept, Authorization, Accept-Language"


def wants_geojson() -> bool:
    """Whether the client prefers GeoJSON. Raises NotAcceptable when it takes neither that nor JSON."""
    accept = request.headers.get("Accept")
    if accept is None or accept in ("*/*", JSON):
        return False
    best = request.accept_mimetypes.best_match((JSON, GEOJSON))
    if best is None and not request.accept_mimetypes.best_match((PROBLEM, "text/html")):
        raise NotAcceptable(_("This answers application/json and application/geo+json."), code="not_acceptable")
    return best == GEOJSON


def wants_json() -> None:
    """Raises NotAcceptable when the client does not take JSON, of what has no place on a map."""
    accept = request.headers.get("Accept")
    if accept is None or accept in ("*/*", JSON):
        return
    if not request.accept_mimetypes.best_match((JSON, GEOJSON, PROBLEM, "text/html")):
        raise NotAcceptable(_("This answers application/json."), code="not_acceptable")


def reply(body: Any, status: int = 200, media_type: str = JSON, headers: dict[str, str] | None = None) -> Response:
    """`body` as JSON."""
    answer = Response(orjson.dumps(body, option=OPTIONS), status, content_type=media_type)
    answer.headers["Vary"] = VARY
    if headers:
        answer.headers.update(headers)
    return answer


@dataclass(frozen=True)
class ReadyAnswer:
    """An answer as it leaves, but for what the client has of it already."""

    data: bytes
    etag: str
    media_type: str

    @classmethod
    def of(cls, body: Any, etag: str, geojson: bool) -> ReadyAnswer:
        """`body` made ready once, to be sent many times."""
        return cls(orjson.dumps(body, option=OPTIONS), etag, GEOJSON if geojson else JSON)

    def reply(self) -> Response:
        """The answer to this client."""
        if client_has(self.etag):
            return not_modified(self.etag)
        answer = Response(self.data, content_type=self.media_type)
        answer.headers["Vary"] = VARY
        answer.headers["ETag"] = quote_etag(self.etag)
        return answer


def client_has(etag: str) -> bool:
    """Whether the client says that it has this very representation."""
    return "If-None-Match" in request.headers and request.if_none_match.contains_weak(etag)


def not_modified(etag: str) -> Response:
    """304: what the client has is still so."""
    return Response(status=304, headers={"ETag": quote_etag(etag), "Vary": VARY})


def feature(body: dict[str, Any], name: str, geometry: str = "location") -> dict[str, Any]:
    """A resource as a GeoJSON Feature: `name` is the field that identifies it."""
    return {
        "type": "Feature",
        "id": body[name],
        "geometry": body.get(geometry),
        "properties": {key: value for key, value in body.items() if key != geometry},
    }


def resource_answer(
    body: dict[str, Any],
    name: str,
    *,
    etag: str | None = None,
    status: int = 200,
    location: str | None = None,
    geometry: str = "location",
) -> Response:
    """One resource, as the client accepts it."""
    headers = {}
    if etag is not None:
        headers["ETag"] = quote_etag(etag)
    if location is not None:
        headers["Location"] = location
    if wants_geojson():
        return reply(feature(body, name, geometry), status, GEOJSON, headers)
    return reply(body, status, JSON, headers)


def list_answer(
    bodies: list[dict[str, Any]],
    name: str,
    following: str | None = None,
    *,
    geometry: str = "location",
    also: dict[str, Any] | None = None,
) -> Response:
    """A list, as the client accepts it: {"items", "next"}, or a FeatureCollection with `next` beside."""
    if wants_geojson():
        return reply(
            {
                "type": "FeatureCollection",
                "features": [feature(one, name, geometry) for one in bodies],
                "next": following,
                **(also or {}),
            },
            media_type=GEOJSON,
        )
    return reply({"items": bodies, "next": following, **(also or {})})
