"""flask-smorest as we use it: its parsing and its document; errors and headers are the house's own."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from http import HTTPStatus
from typing import Any, TypeVar, cast

import marshmallow as ma
from apispec.ext.marshmallow import MarshmallowPlugin
from flask_smorest import Api, Blueprint
from flask_smorest.utils import prepare_response

from api.v1.request_bodies import Parser
from api.v1.responses import GEOJSON, PROBLEM
from api.v1.schemas.fields import (
    LARGEST,
    MOST_VALUES,
    SMALLEST,
    BoxField,
    CodesField,
    IntegerField,
    MomentField,
    PointField,
    RequestSchema,
)
from api.v1.schemas.responses import Problem
from core.web.access import requires
from core.web.principal import needs_scope

PREFIX = "/api/v1"
#: Before the names of our blueprints; the document leaves it out.
OURS = "v1_"
View = TypeVar("View", bound=Callable[..., Any])

#: Names of what api.v1.docs.openapi puts into the document's components.
IDEMPOTENT, IF_MATCH, IF_NONE_MATCH, LANGUAGE = "IdempotencyKey", "IfMatch", "IfNoneMatch", "AcceptLanguage"
ETAG = {"ETag": "ETag"}
LOCATION = {"Location": "Location"}
CREATED = ETAG | LOCATION
#: What a change may be refused with, besides what any request may.
REFUSALS = {404: "NOT_FOUND", 409: "CONFLICT", 412: "PRECONDITION_FAILED"}


class V1(Api):
    """The document and the parser; every error goes through core.web.http like those of all other routes."""

    ERROR_SCHEMA = Problem
    DEFAULT_ERROR_RESPONSE_NAME = "Problem"

    def _register_error_handlers(self) -> None:
        """None: flask-smorest's own would answer for the pages too, and lose `Allow`."""

    def _register_doc_blueprint(self) -> None:
        """None: api.v1.docs.openapi serves the document and its page, with an audience."""

    def _register_responses(self) -> None:
        for status in HTTPStatus:
            if status >= 400:
                self._register_problem(status.name, status.phrase)
        self._register_problem(self.DEFAULT_ERROR_RESPONSE_NAME, "RFC 9457")

    def _register_problem(self, name: str, description: str) -> None:
        problem = {"description": description, "schema": self.ERROR_SCHEMA}
        prepare_response(problem, self.spec, PROBLEM)
        self.spec.components.response(name, problem, lazy=True)

    def _register_etag_headers(self) -> None:
        """Ours are in api.v1.docs.openapi."""

    def _register_pagination_header(self) -> None:
        """Lists carry their cursor in the body."""


def plugin() -> MarshmallowPlugin:
    """apispec's plugin, which names a schema after its class and knows our fields."""
    made = MarshmallowPlugin(schema_name_resolver=_name)
    return made


def know_our_fields(api: V1) -> None:
    """Tell the document what our own kinds of field are."""

    def shaped(self: Any, field: ma.fields.Field, **_options: Any) -> dict[str, Any]:
        if isinstance(field, PointField):
            reference = {"$ref": "#/components/schemas/Point"}
            return {"anyOf": [reference, {"type": "null"}]} if field.allow_none else reference
        if isinstance(field, IntegerField):
            return {
                "format": "int64",
                "minimum": field.metadata.get("minimum", SMALLEST),
                "maximum": field.metadata.get("maximum", LARGEST),
            }
        if isinstance(field, CodesField):
            return {"maxItems": MOST_VALUES}
        if isinstance(field, MomentField) and not field.zone_needed:
            # A day alone or a time without a zone is taken too: the pattern says so, `date-time` does not.
            return {"format": None}
        return {"type": "string"} if isinstance(field, BoxField) else {}

    api.ma_plugin.converter.add_attribute_function(shaped)


def _name(schema: Any) -> str:
    found = schema if isinstance(schema, type) else type(schema)
    return found.__name__.removesuffix("Out")


class Resource(Blueprint):
    """A blueprint of the API."""

    ARGUMENTS_PARSER = Parser()


def resource(name: str, description: str) -> Resource:
    """The blueprint of one kind of resource, at /api/v1/<name>; pages have endpoints of like names."""
    return Resource(f"{OURS}{name}", "api.v1", url_prefix=f"{PREFIX}/{name}", description=description)


def scoped(name: str) -> Callable[[View], View]:
    """Refuse a token that was not given the scope `name`; outermost, so that nothing is read before."""

    def put(view: View) -> View:
        @wraps(view)
        def inner(*args: Any, **values: Any) -> Any:
            needs_scope(name)
            return view(*args, **values)

        vars(inner)["scope"] = name
        return cast(View, inner)

    return put


def page_of(item: type[RequestSchema]) -> type[RequestSchema]:
    """The schema of a list of `item`."""
    return type(
        f"{_name(item)}Page",
        (RequestSchema,),
        {
            "__doc__": "One page.",
            "items": ma.fields.List(ma.fields.Nested(item), required=True),
            "next": ma.fields.String(required=True, allow_none=True),
            "count": ma.fields.Integer(),
            "more": ma.fields.Boolean(),
        },
    )


def as_geojson(status: int = 200, *, several: bool = False) -> Callable[[View], View]:
    """Document the GeoJSON beside the JSON of an answer."""
    schema = {"$ref": f"#/components/schemas/{'FeatureCollection' if several else 'Feature'}"}
    return Blueprint.doc(responses={status: {"content": {GEOJSON: {"schema": schema}}}})


def verb(
    blueprint: Resource,
    rule: str,
    schema: type[RequestSchema],
    out: type[RequestSchema],
    permission: str,
    *,
    scope: str,
    parameters: list[dict[str, Any]],
    methods: tuple[str, ...] = ("POST",),
    placed: bool = True,
) -> Callable[[View], View]:
    """Register a function as a change of one resource: its permission, scope, body, headers and refusals.

    It takes the fields of the body and what the path names, and answers with the resource and its new ETag.
    `placed`: the resource has a place on a map.
    """
    needed = bool(schema.constraints) or any(field.required for field in schema().fields.values())

    def put(function: View) -> View:
        view = requires(permission)(function)
        for status, name in REFUSALS.items():
            view = blueprint.alt_response(status, name)(view)
        view = blueprint.response(200, out, headers=ETAG)(view)
        view = blueprint.arguments(schema, required=needed)(view)
        view = blueprint.doc(parameters=[IDEMPOTENT, IF_MATCH])(view)
        if placed:
            view = as_geojson()(view)
        blueprint.route(rule, methods=list(methods), parameters=parameters)(scoped(scope)(view))
        return function

    return put
