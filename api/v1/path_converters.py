"""What stands in the paths of the API: the kinds of value that routes name, and how the document describes them."""

from __future__ import annotations

from typing import Any

from flask import Flask
from flask_smorest import Api
from werkzeug.routing import BaseConverter, IntegerConverter, Map

#: The largest id that the database can give (a bigint).
LAST_ID = 2**63 - 1


class IdConverter(IntegerConverter):
    """A row's id: `<id:webhook>`. What no row can have as its id is no address of ours (404)."""

    def __init__(self, map: Map) -> None:
        super().__init__(map, min=0, max=LAST_ID)


class ReferenceConverter(BaseConverter):
    """A report's reference as somebody typed it: `<reference:reference>`.

    Any text but the names of the collection's own resources: they answer for themselves, and say which methods
    they take.
    """

    regex = r"(?!nearby\Z)[^/]+"


def _id_schema(converter: IdConverter) -> dict[str, Any]:
    return {"type": "integer", "format": "int64", "minimum": converter.min, "maximum": converter.max}


def _reference_schema(_converter: ReferenceConverter) -> dict[str, Any]:
    return {"type": "string", "minLength": 1}


def init_app(app: Flask, api: Api) -> None:
    """Make both kinds known to the routes of `app` and to the document of `api`; before any route is registered."""
    app.url_map.converters |= {"id": IdConverter, "reference": ReferenceConverter}
    api.register_converter(IdConverter, _id_schema)
    api.register_converter(ReferenceConverter, _reference_schema)
