"""What a request carries, never taken on trust: JSON, query, form; errors name the field."""

from __future__ import annotations

import json
import math
from collections.abc import Mapping
from http import HTTPStatus
from typing import Any, NoReturn

import marshmallow as ma
import orjson
from flask import Request
from webargs import core
from webargs.flaskparser import FlaskParser, is_json_request
from werkzeug.exceptions import RequestEntityTooLarge

from core.errors import FieldError, FieldErrors, Refused
from core.i18n import gettext as _

#: The largest JSON body, in bytes. Photos do not come in JSON.
MOST_JSON = 32 * 2**20
BODY = "body"


class UnreadableBody(FieldError):
    """The body is not what its content type says (HTTP 400)."""

    status = HTTPStatus.BAD_REQUEST


class BodyTooLarge(FieldError):
    """The body is too large (HTTP 413)."""

    status = HTTPStatus.REQUEST_ENTITY_TOO_LARGE


class UnsupportedMediaType(FieldError):
    """A content type that this address does not take (HTTP 415)."""

    status = HTTPStatus.UNSUPPORTED_MEDIA_TYPE


class NotAcceptable(Refused):
    """Nothing that we can answer is acceptable to the client (HTTP 406)."""

    status = HTTPStatus.NOT_ACCEPTABLE


def unsupported(*taken: str) -> UnsupportedMediaType:
    """What is said of a content type that is not one of `taken`."""
    return UnsupportedMediaType("Content-Type", _("Send this as %(types)s.", types=", ".join(taken)), code="media_type")


def json_body(request: Request) -> Any:
    """The JSON value of the body; `missing` for an empty one.

    Raises UnreadableBody, BodyTooLarge, UnsupportedMediaType.
    """
    request.max_content_length = MOST_JSON
    try:
        raw = request.get_data(cache=True)
    except RequestEntityTooLarge:
        raise BodyTooLarge(BODY, _("A JSON body has %(most)s megabytes at most.", most=MOST_JSON >> 20)) from None
    if not raw.strip():
        return core.missing
    if not is_json_request(request):
        raise unsupported("application/json")
    try:
        return orjson.loads(raw)
    except orjson.JSONDecodeError:
        return _second_reading(raw)


def _second_reading(raw: bytes) -> Any:
    """JSON as browsers and older programs write it: half an emoji, NaN, a byte order mark.

    What is then wrong with a value is said of its field; what is no JSON at all, of the body.
    """
    try:
        return without_surrogates(json.loads(raw.decode("utf-8-sig")))
    except UnicodeDecodeError:
        raise UnreadableBody(BODY, _("This is not UTF-8 text."), code="not_utf8") from None
    except json.JSONDecodeError as error:
        raise UnreadableBody(
            BODY,
            _("This is not JSON: see line %(line)s, column %(column)s.", line=error.lineno, column=error.colno),
            code="not_json",
        ) from None
    except (ValueError, RecursionError):
        raise UnreadableBody(
            BODY, _("This JSON is nested too deeply, or contains a number with too many digits."), code="not_json"
        ) from None


def without_surrogates(value: Any) -> Any:
    """`value` with halves of characters (lone surrogates) replaced: the database does not take them.

    A whole number beyond 64 bits becomes the nearest float, as in the first reading; infinity where there is none.
    """
    if isinstance(value, str):
        return value.encode("utf-8", "replace").decode("utf-8")
    if isinstance(value, int) and not -(2**63) <= value < 2**64:
        try:
            return float(value)
        except OverflowError:
            return math.inf if value > 0 else -math.inf
    if isinstance(value, list):
        return [without_surrogates(one) for one in value]
    if isinstance(value, dict):
        return {without_surrogates(name): without_surrogates(one) for name, one in value.items()}
    return value


class Parser(FlaskParser):
    """webargs with our reading of JSON and our errors."""

    DEFAULT_UNKNOWN_BY_LOCATION = {**FlaskParser.DEFAULT_UNKNOWN_BY_LOCATION, "json": None}

    def load_json(self, req: Request, schema: ma.Schema) -> Any:
        """See json_body."""
        return json_body(req)

    def handle_error(
        self,
        error: ma.ValidationError,
        req: Request,
        schema: ma.Schema,
        *,
        error_status_code: int | None,
        error_headers: Mapping[str, str] | None,
    ) -> NoReturn:
        """Raise FieldErrors."""
        # The outermost name is the place in the request (json, query): clients know where they put a field.
        messages = next(iter(error.messages.values())) if isinstance(error.messages, dict) else error.messages
        raise FieldErrors(errors_by_field(messages)) from None


def load(schema: ma.Schema, value: Any) -> dict[str, Any]:
    """`value` read by `schema`, for a body that is not JSON. Raises FieldErrors."""
    try:
        return schema.load(value)
    except ma.ValidationError as error:
        raise FieldErrors(errors_by_field(error.messages)) from None


def errors_by_field(messages: Any, path: str = "") -> list[FieldError]:
    """marshmallow's messages as one error a field: {"contact": {"email": [...]}} is `contact.email`."""
    if isinstance(messages, dict):
        found: list[FieldError] = []
        for name, inner in messages.items():
            here = path if name == ma.exceptions.SCHEMA else f"{path}.{name}" if path else str(name)
            found += errors_by_field(inner, here)
        return found
    said = messages if isinstance(messages, list) else [messages]
    return [FieldError(path[:100] or BODY, " ".join(map(str, said)))]
