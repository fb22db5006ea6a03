"""The OpenAPI document, in the reader's language, and the page made from it."""

from __future__ import annotations

from typing import Any

import orjson
from flask import Blueprint, Flask, Response, current_app, render_template, request, send_from_directory
from flask_babel import gettext

from api.v1 import responses
from api.v1.docs import docs_page
from api.v1.docs.descriptions import OPERATIONS
from api.v1.responses import OPTIONS
from api.v1.schemas import requests
from api.v1.schemas.bounds import KEY
from api.v1.schemas.fields import RequestSchema
from api.v1.schemas.responses import HappenedOut
from api.v1.smorest import OURS, PREFIX, V1
from core.i18n import LOCALES, locale_code
from core.web.access import ANYONE, ROLES, access_of, requires
from core.web.states import N_
from core.web.urls import base_url

docs = Blueprint("v1_docs", __name__, url_prefix=PREFIX, template_folder="../templates")
docs.add_app_template_filter(docs_page.code_markup, "code")

#: What people read in the document; it is kept in English and shown in the reader's language.
READ = frozenset({"summary", "description"})
METHODS = ("get", "post", "patch", "put", "delete")
ABOUT = N_(
    "What residents report in the street, and the work that answers it. Anybody may read the categories and "
    "the public reports, and send photos and reports; everything else needs a token: "
    "`Authorization: Bearer …`, printed by `flask token EMAIL`, which may do what its owner's role may. "
    "Fields that are not known are passed over. Errors are problem documents (RFC 9457) that name "
    "each field."
)
TOKEN = N_("A token of a colleague, printed by `flask token EMAIL`.")


def describe(api: V1) -> None:
    """Put what all operations share into the document: parameters, headers, GeoJSON, the bearer's scheme."""
    known = api.spec.components
    known.security_scheme("bearer", {"type": "http", "scheme": "bearer", "description": TOKEN})
    for name, (header, text, schema) in PARAMETERS.items():
        known.parameter(name, "header", {"name": header, "description": text, "schema": schema})
    known.header(
        "ETag",
        {
            "description": N_("The version, for If-Match and If-None-Match."),
            "required": True,
            "schema": {"type": "string", "pattern": '^(W/)?"[!#-~]*"$'},
        },
    )
    known.header(
        "Location",
        {
            "required": True,
            "description": N_("Where it can be read."),
            "schema": {"type": "string", "format": "uri-reference"},
        },
    )
    for name, schema in GEOJSON.items():
        known.schema(name, component=schema)
    known.schema("Happened", schema=HappenedOut)


PARAMETERS = {
    "IdempotencyKey": (
        "Idempotency-Key",
        N_(
            "A key of the client's own choice, of at most 200 characters: the same request again under it "
            "gives the same answer, and nothing is written twice."
        ),
        {"type": "string", "pattern": KEY},
    ),
    "IfMatch": (
        "If-Match",
        N_("The ETag you read: if someone else has changed it since, nothing is changed (412)."),
        {"type": "string", "examples": ['"3"', '"3", "4"', "*"]},
    ),
    "IfNoneMatch": (
        "If-None-Match",
        N_("The ETag you have: if it is still current, the response is empty (304)."),
        {"type": "string"},
    ),
    "AcceptLanguage": (
        "Accept-Language",
        N_("The language of names and sentences."),
        {"type": "string", "examples": list(LOCALES)},
    ),
}
#: What schemas of requests say of themselves besides their fields.
CONSTRAINTS = {
    name: kind.constraints
    for name, kind in vars(requests).items()
    if isinstance(kind, type) and issubclass(kind, RequestSchema)
}
#: What leaves for the subscriptions of `webhooks`.
HAPPENED = {
    "operationId": "happened",
    "summary": N_("Something happened to a public report"),
    "description": N_(
        "Posted to each subscription that wants this kind of event, in the order in which it happened. Nobody’s "
        "words, name or address are in it; what is public can be read at `api_url`. Fields may be added: pass over "
        "those that you do not know."
    ),
    "parameters": [
        {"name": name, "in": "header", "required": True, "description": text, "schema": {"type": kind}}
        for name, text, kind in (
            ("webhook-id", N_("The delivery: the same at every try. What came before may be thrown away."), "string"),
            ("webhook-timestamp", N_("When this try was made, in seconds since 1970."), "integer"),
            (
                "webhook-signature",
                N_(
                    "`v1,` and the HMAC-SHA256 of `id.timestamp.body` in base64; two of them, with a "
                    "space between, while a secret is being changed."
                ),
                "string",
            ),
        )
    ],
    "requestBody": {
        "required": True,
        "content": {"application/json": {"schema": {"$ref": "#/components/schemas/Happened"}}},
    },
    "responses": {
        "2XX": {"description": N_("It has arrived.")},
        "410": {"description": N_("Nobody wants it any more: the subscription is suspended.")},
    },
}
GEOJSON = {
    "Point": {
        "type": "object",
        "required": ["type", "coordinates"],
        "properties": {
            "type": {"const": "Point"},
            "coordinates": {
                "type": "array",
                "prefixItems": [
                    {"type": "number", "minimum": -180, "maximum": 180},
                    {"type": "number", "minimum": -90, "maximum": 90},
                ],
                "items": {"type": "number"},
                "minItems": 2,
                "maxItems": 3,
                "description": N_("Longitude, then latitude, in degrees (WGS 84)."),
            },
        },
    },
    "Feature": {
        "type": "object",
        "required": ["type", "geometry", "properties"],
        "properties": {
            "type": {"const": "Feature"},
            "id": {"type": "string"},
            "geometry": {"type": ["object", "null"]},
            "properties": {"type": "object"},
        },
    },
    "FeatureCollection": {
        "type": "object",
        "required": ["type", "features", "next"],
        "properties": {
            "type": {"const": "FeatureCollection"},
            "features": {"type": "array", "items": {"$ref": "#/components/schemas/Feature"}},
            "next": {"type": ["string", "null"]},
        },
    },
}


def complete(app: Flask, api: V1) -> dict[str, Any]:
    """The document of `app`, with what only the routes know: who may call, under which scope."""
    made = api.spec.to_dict()
    by_path = {}
    for rule in app.url_map.iter_rules():
        if rule.endpoint.startswith(OURS):
            for method in rule.methods or ():
                by_path[api.flask_plugin.flaskpath2openapi(rule.rule), method.lower()] = rule.endpoint
    for path, operations in made["paths"].items():
        for method in METHODS:
            if method in operations:
                _complete(app, operations[method], path, by_path[path, method], method)
    for name, component in made["components"]["schemas"].items():
        component |= CONSTRAINTS.get(name, {})
    _without_empty_formats(made)
    made["tags"] = [one | {"name": one["name"].removeprefix(OURS)} for one in made["tags"]]
    made["webhooks"] = {"happened": {"post": HAPPENED}}
    made["servers"] = [{"url": "/"}]
    made["info"]["description"] = ABOUT
    made["info"]["license"] = {"name": "EUPL-1.2", "identifier": "EUPL-1.2"}
    return made


def _without_empty_formats(node: Any) -> None:
    """Take away what our fields unsaid of what apispec says of their kind (a format that is None)."""
    if isinstance(node, dict):
        if "format" in node and node["format"] is None:
            del node["format"]
        for one in node.values():
            _without_empty_formats(one)
    elif isinstance(node, list):
        for one in node:
            _without_empty_formats(one)


def _complete(app: Flask, operation: dict[str, Any], path: str, endpoint: str, method: str) -> None:
    operation["tags"] = [name.removeprefix(OURS) for name in operation["tags"]]
    view = app.view_functions[endpoint]
    if hasattr(view, "view_class"):
        operation["operationId"] = method + view.view_class.__name__
    else:
        kind = "".join(part.title() for part in operation["tags"][0].removesuffix("s").split("-"))
        last = path.rsplit("/", 1)[-1]
        operation["operationId"] = (view.__name__ if last.startswith("{") else last) + kind
    operation["summary"], operation["description"] = OPERATIONS[operation["operationId"]]
    # Every route has one: the application does not start otherwise.
    who = access_of(app, endpoint, method.upper()) or frozenset()
    bearer: dict[str, list[str]] = {"bearer": []}
    operation["security"] = [{}, bearer] if ANYONE in who else [bearer]
    if ANYONE not in who:
        operation["x-roles"] = [role for role in ROLES if role in who]
        handler: object = getattr(getattr(view, "view_class", None), method, view)
        operation["x-scope"] = vars(handler)["scope"]


def spoken(node: Any) -> Any:
    """The document in the reader's language."""
    if isinstance(node, dict):
        return {
            name: gettext(value) if name in READ and isinstance(value, str) and value else spoken(value)
            for name, value in node.items()
        }
    if isinstance(node, list):
        return [spoken(one) for one in node]
    return node


class Documents:
    """The document of one application, made once, and once for each language."""

    def __init__(self, app: Flask, api: V1) -> None:
        self.plain = complete(app, api)
        self._by_language: dict[str, dict[str, Any]] = {}

    @property
    def here(self) -> dict[str, Any]:
        """The document in the language of this request."""
        code = locale_code()
        if code not in self._by_language:
            self._by_language[code] = spoken(self.plain)
        return self._by_language[code]


def _documents() -> Documents:
    return current_app.extensions["alentour.v1"]


@docs.get("/openapi.json")
@requires(ANYONE)
def openapi() -> Response:
    """The document (OpenAPI 3.1)."""
    raw = orjson.dumps(_documents().here, option=OPTIONS)
    answer = Response(raw, content_type=responses.JSON)
    answer.headers["Vary"] = "Accept-Language, Cookie"
    answer.headers["Content-Language"] = locale_code()
    answer.add_etag()
    answer.make_conditional(request)
    return answer


@docs.get("/docs.css")
@requires(ANYONE)
def stylesheet() -> Response:
    """The page's own sheet, beside that of all public pages."""
    answer = send_from_directory("api/v1/static", "docs.css")
    answer.headers["Cache-Control"] = "public, max-age=86400"
    return answer


@docs.get("/docs")
@requires(ANYONE)
def page() -> str:
    """The document as a page."""
    return render_template("api/docs.html", **docs_page.docs_context(_documents().here, base_url()))
