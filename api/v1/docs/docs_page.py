"""The document as the page shows it: sections, operations with their fields, and what to type to try them."""

from __future__ import annotations

import json
import re
from typing import Any

from markupsafe import Markup, escape

from api.v1.schemas.bounds import LOCAL_MOMENT
from core.i18n import gettext as _

METHODS = ("get", "post", "patch", "delete")
POINT = {"type": "Point", "coordinates": [3.8771, 43.6112]}
#: What to send, where the fields alone do not say it.
BODIES: dict[str, dict[str, Any]] = {
    "postReports": {
        "category": "nid-de-poule",
        "location": POINT,
        "description": "Un trou devant l’école",
        "contact": {"email": "vous@example.org", "locale": "fr"},
    },
    "correctReport": {"category": "depot-sauvage"},
    "rejectReport": {"reason": "Ce terrain est privé."},
    "mergeReport": {"into": "VC-4MD-7QT"},
    "noteReport": {"text": "Vu avec la métropole."},
    "postWorkOrders": {"reports": ["VC-7K3-9QT"], "kind": "final", "team": "voirie"},
    "correctWorkOrder": {"priority": 1},
    "scheduleWorkOrder": {"start": "2026-12-01", "team": "voirie", "announce": True},
    "startWorkOrder": {"occurred_at": "2026-12-01T09:12:00+01:00"},
    "holdWorkOrder": {"reason": "Il pleut."},
    "refuseWorkOrder": {"reason": "Une voiture est garée dessus."},
    "finishWorkOrder": {"comment": "Rebouché à l’enrobé.", "photos": ["6f0d0b4e-…"], "minutes": 40},
    "returnWorkOrder": {"reason": "L’enrobé s’est affaissé."},
    "postWebhooks": {"url": "https://sig.example.org/alentour", "kinds": ["report.resolved"]},
    "changeWebhook": {"kinds": []},
    "redeliverWebhook": {"deliveries": [120, 121]},
    "cancelWorkOrder": {"reason": "Déjà fait par la métropole."},
}
CODES = {"categories": "nid-de-poule", "teams": "voirie", "sectors": "centre"}
QUERIES = {
    "getReports": "?status=received,acknowledged&limit=20",
    "getNearby": "?lat=43.6112&lon=3.8771",
    "getMessages": "?status=dead",
}
TRIED_WITH_PHOTOS = frozenset({"postPhotos"})
_CODE = re.compile(r"`([^`]+)`")


def docs_context(document: dict[str, Any], base: str) -> dict[str, Any]:
    """What the template needs: `about`, `sections`, `base`, and `told`: what a webhook receives."""
    sections = []
    for tag in document["tags"]:
        operations = [
            _operation(document, path, method, found[method], base)
            for path, found in document["paths"].items()
            for method in METHODS
            if method in found and tag["name"] in found[method]["tags"]
        ]
        sections.append({"name": tag["name"], "about": code_markup(tag["description"]), "operations": operations})
    return {
        "about": code_markup(document["info"]["description"]),
        "sections": sections,
        "base": base,
        "told": _told(document),
    }


def _told(document: dict[str, Any]) -> dict[str, Any]:
    (found,) = (one["post"] for one in document["webhooks"].values())
    schema = found["requestBody"]["content"]["application/json"]["schema"]
    headers = [
        {
            "name": one["name"],
            "type": _type(document, one["schema"]),
            "required": True,
            "about": code_markup(one["description"]),
            "choices": [],
        }
        for one in found["parameters"]
    ]
    return {
        "summary": found["summary"],
        "about": code_markup(found["description"]),
        "headers": headers,
        "fields": _fields(document, schema),
    }


def code_markup(text: str) -> Markup:
    """`text` with what stands between backquotes as code."""
    return Markup(_CODE.sub(r"<code>\1</code>", str(escape(text))))


def _operation(document: dict[str, Any], path: str, method: str, found: dict[str, Any], base: str) -> dict[str, Any]:
    bodies = {
        kind: _fields(document, content["schema"])
        for kind, content in found.get("requestBody", {}).get("content", {}).items()
    }
    answer = next(one for status, one in found["responses"].items() if status in ("200", "201"))
    schema = answer["content"]["application/json"]["schema"]
    return {
        "id": found["operationId"],
        "method": method.upper(),
        "path": path,
        "summary": found["summary"],
        "about": code_markup(found["description"]),
        "who": _who(found),
        "scope": found.get("x-scope"),
        "parameters": _parameters(document, path, found),
        "bodies": bodies,
        "answer": _fields(document, schema),
        "statuses": _statuses(document, found),
        "curl": _curl(found, method, path, base),
    }


def _who(found: dict[str, Any]) -> str:
    names = {
        "reception": _("reception"),
        "supervisor": _("supervisors"),
        "agent": _("agents"),
        "administrator": _("administrators"),
    }
    roles = [names[role] for role in found.get("x-roles", ())]
    return ", ".join(roles) if roles else _("anybody")


def _seen(document: dict[str, Any], node: dict[str, Any]) -> dict[str, Any]:
    """What a reference leads to; what stands beside it comes first."""
    while "$ref" in node:
        _hash, *steps = node["$ref"].split("/")
        there: Any = document
        for step in steps:
            there = there[step]
        node = there | {name: value for name, value in node.items() if name != "$ref"}
    return node


def _parameters(document: dict[str, Any], path: str, found: dict[str, Any]) -> list[dict[str, Any]]:
    shared = document["paths"][path].get("parameters", [])
    rows = []
    for one in (_seen(document, parameter) for parameter in [*shared, *found.get("parameters", [])]):
        rows.append(
            {
                "name": one["name"],
                "type": _type(document, one.get("schema", {})),
                "required": one.get("required", False),
                "about": code_markup(one.get("description", "")),
                "choices": _choices(one.get("schema", {})),
            }
        )
    return rows


def _fields(document: dict[str, Any], schema: dict[str, Any], before: str = "", depth: int = 0) -> list[dict[str, Any]]:
    """The fields of an object, those of objects inside it below it; nothing for what is no object."""
    schema = _seen(document, schema)
    rows = []
    for name, node in schema.get("properties", {}).items():
        inner = _inside(document, node)
        rows.append(
            {
                "name": before + name,
                "type": _type(document, node),
                "required": name in schema.get("required", ()),
                "about": code_markup(_about(document, node)),
                "choices": _choices(_seen(document, node)),
            }
        )
        if depth < 3 and inner is not None:
            many = "array" in rows[-1]["type"] or _seen(document, node).get("type") in (
                "array",
                ["array", "null"],
            )
            rows += _fields(document, inner, f"{before}{name}{'[]' if many else ''}.", depth + 1)
    return rows


def _inside(document: dict[str, Any], node: dict[str, Any]) -> dict[str, Any] | None:
    """The object inside a field, or inside its list; a GeoJSON point is said by its type."""
    seen = _seen(document, node)
    for one in (seen, *seen.get("anyOf", ()), seen.get("items", {})):
        if one.get("$ref", "").endswith("/Point") or node.get("$ref", "").endswith("/Point"):
            return None
        if "properties" in (there := _seen(document, one)):
            return there
    return None


def _about(document: dict[str, Any], node: dict[str, Any]) -> str:
    return node.get("description", "") if "$ref" in node else _seen(document, node).get("description", "")


def _choices(schema: dict[str, Any]) -> list[str]:
    return [str(one) for one in schema.get("enum") or schema.get("items", {}).get("enum") or () if one is not None]


def _type(document: dict[str, Any], node: dict[str, Any]) -> str:
    """A field's type in words."""
    words = {
        "string": _("text"),
        "integer": _("whole number"),
        "number": _("number"),
        "boolean": _("true or false"),
        "object": _("object"),
        "array": _("list"),
    }
    formats = {
        "date-time": _("date and time"),
        "binary": _("file"),
        "uuid": _("identifier"),
        "uri": _("address"),
        "email": _("e-mail address"),
    }
    references = [one.get("$ref", "") for one in (node, *node.get("anyOf", ()))]
    if any(one.endswith("/Point") for one in references):
        said = _("GeoJSON point")
    else:
        seen = _seen(document, next((one for one in node.get("anyOf", ()) if "$ref" in one), node))
        kinds = seen.get("type", "object")
        kind = next(one for one in (kinds if isinstance(kinds, list) else [kinds]) if one != "null")
        known = next((one["format"] for one in (seen, *seen.get("anyOf", ())) if "format" in one), "")
        said = formats.get("date-time" if seen.get("pattern") == LOCAL_MOMENT else known, words[kind])
        if kind == "array" and seen.get("items", {}).get("format") in formats:
            said = f"{said} ({formats[seen['items']['format']]})"
    return said + (_(" or null") if _nullable(node) else "")


def _nullable(node: dict[str, Any]) -> bool:
    return "null" in node.get("type", ()) or any(one.get("type") == "null" for one in node.get("anyOf", ()))


def _statuses(document: dict[str, Any], found: dict[str, Any]) -> list[str]:
    return sorted(status for status in found["responses"] if status != "default")


def _curl(found: dict[str, Any], method: str, path: str, base: str) -> str:
    """A command that can be typed: a token where one is needed, a body where one is."""
    address = path.replace("{reference}", "VC-7K3-9QT").replace("{number}", "2026-0042")
    address = address.replace("{token}", "6f0d0b4e-…").replace("{code}", CODES.get(found["tags"][0], ""))
    address = address.replace("{webhook}", "3").replace("{message}", "120")
    parts = ["curl"]
    if "x-roles" in found:
        parts.append('-H "Authorization: Bearer $TOKEN"')
    name = found["operationId"]
    if method != "get" and any(
        one.get("name") == "If-Match" or one.get("$ref", "").endswith("/IfMatch") for one in found.get("parameters", ())
    ):
        parts.append("-H 'If-Match: \"3\"'")
    if name in TRIED_WITH_PHOTOS:
        parts.append("-F photo=@trou.jpg")
    elif name in BODIES:
        parts.append(f"--json '{_written(BODIES[name])}'")
    elif method != "get":
        parts.append(f"-X {method.upper()}")
    parts.append(f"'{base}{address}{QUERIES.get(name, '')}'")
    return " ".join(parts) if len(parts) == 2 else " \\\n  ".join(parts)


def _written(body: dict[str, Any]) -> str:
    """JSON as somebody would write it: on one line where it is short."""
    lines = [f"{json.dumps(name)}: {json.dumps(value, ensure_ascii=False)}" for name, value in body.items()]
    whole = ", ".join(lines)
    return f"{{{whole}}}" if len(whole) < 60 else "{\n    " + ",\n    ".join(lines) + "\n  }"
