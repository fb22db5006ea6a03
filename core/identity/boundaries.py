"""Jurisdictions and their sectors from GeoJSON files."""

from __future__ import annotations

import json
import re
import unicodedata
from pathlib import Path
from typing import Any

from geoalchemy2.shape import from_shape
from shapely import make_valid, set_precision
from shapely.geometry import MultiPolygon, Polygon, shape
from shapely.ops import unary_union
from sqlalchemy import insert, select

from core import colour
from core.database import db
from core.identity.models import Jurisdiction, Sector

NAMES = ("name", "nom", "l_qu", "libelle", "LIBSQUART", "LIBQUART", "label", "code")
#: Degrees (a millimetre or so): what neighbours' shared edges are snapped to, so that their union has no slits.
GRID = 1e-8


class UnusableBoundary(ValueError):
    """A file or a value cannot be used; the message is one sentence for the administrator."""


def slug_of(words: str) -> str:
    """ "Bonne-Nouvelle" → "bonne-nouvelle"."""
    plain = unicodedata.normalize("NFKD", words).encode("ascii", "ignore").decode().lower()
    return re.sub(r"[^a-z0-9]+", "-", plain).strip("-")


def create_jurisdiction(
    slug: str,
    *,
    name: str,
    name_en: str = "",
    boundary: Path | None = None,
    sectors: Path | None = None,
    layer: str = "quartier",
    sector_name: str | None = None,
    sector_code: str | None = None,
    host: str | None = None,
    prefix: str | None = None,
    time_zone: str = "Europe/Paris",
    accent: str = "#0A5A6A",
) -> tuple[Jurisdiction, int]:
    """Make a jurisdiction from a boundary or from the union of its sectors. Raises UnusableBoundary. Flushes."""
    if slug != slug_of(slug):
        raise UnusableBoundary(f"A slug is lower case letters, figures and hyphens: {slug_of(slug)}.")
    if db.session.scalar(select(Jurisdiction.id).where(Jurisdiction.slug == slug)) is not None:
        raise UnusableBoundary(f"There is a jurisdiction {slug} already.")
    if boundary is None and sectors is None:
        raise UnusableBoundary("Give a boundary (--boundary) or a file of sectors (--sectors).")
    try:
        colour.stylesheet(accent)
    except ValueError as error:
        raise UnusableBoundary(str(error)) from None
    parts = read_features(sectors) if sectors else []
    area = union(read_features(boundary)) if boundary else union(parts)
    jurisdiction = Jurisdiction(
        slug=slug,
        names={"fr": name, **({"en": name_en} if name_en else {})},
        host=host,
        prefix=(prefix or prefix_letters(name)).upper(),
        boundary=from_shape(area, srid=4326),
        time_zone=time_zone,
        accent=accent,
    )
    db.session.add(jurisdiction)
    db.session.flush()
    return jurisdiction, add_sectors(jurisdiction.id, parts, layer=layer, name_of=sector_name, code_of=sector_code)


def prefix_letters(name: str) -> str:
    """Two letters for references, from a jurisdiction's name: its initials, or its first two."""
    words = [w for w in slug_of(name).split("-") if w.isalpha()]
    plain = "".join(words)
    return ((words[0][0] + words[1][0]) if len(words) > 1 else plain[:2]).upper().ljust(2, "X")


def read_features(path: Path) -> list[tuple[MultiPolygon, dict[str, Any]]]:
    """The polygons of a GeoJSON file in WGS 84, each with its properties. Raises UnusableBoundary."""
    try:
        data = json.loads(path.read_text("utf-8-sig"))
    except (OSError, ValueError) as error:
        raise UnusableBoundary(f"{path.name} cannot be read as GeoJSON: {error}.") from None
    features = data.get("features") if isinstance(data, dict) else None
    if features is None:
        features = [
            data if isinstance(data, dict) and data.get("type") == "Feature" else {"geometry": data, "properties": {}}
        ]
    found = []
    for number, feature in enumerate(features, 1):
        try:
            area = polygons(shape(feature["geometry"]))
        except (KeyError, TypeError, ValueError, AttributeError) as error:
            raise UnusableBoundary(f"{path.name}, feature {number}: not a polygon ({error}).") from None
        west, south, east, north = area.bounds
        if west < -180 or east > 180 or south < -90 or north > 90:
            raise UnusableBoundary(f"{path.name}, feature {number}: not in WGS 84 degrees (SRID 4326).")
        found.append((area, feature.get("properties") or {}))
    if not found:
        raise UnusableBoundary(f"{path.name} holds no feature.")
    return found


def polygons(geometry: Any) -> MultiPolygon:
    """The areas of a geometry, made valid. Raises ValueError when there are none."""
    valid = make_valid(geometry)
    parts = [p for p in getattr(valid, "geoms", [valid]) if p.geom_type in ("Polygon", "MultiPolygon")]
    flat = [q for p in parts for q in (p.geoms if p.geom_type == "MultiPolygon" else [p])]
    if not flat:
        raise ValueError("no area")
    return MultiPolygon(flat)


def union(parts: list[tuple[MultiPolygon, dict[str, Any]]]) -> MultiPolygon:
    """The union of areas, without the slits that neighbours' roundings leave."""
    whole = unary_union([set_precision(area, GRID) for area, _properties in parts])
    area = polygons(whole)
    # Slits of some square metres between two neighbours are no hole in a jurisdiction.
    return MultiPolygon([Polygon(p.exterior, [r for r in p.interiors if Polygon(r).area > 1e-8]) for p in area.geoms])


def add_sectors(
    jurisdiction_id: int,
    parts: list[tuple[MultiPolygon, dict[str, Any]]],
    *,
    layer: str,
    name_of: str | None = None,
    code_of: str | None = None,
) -> int:
    """Keep areas as the sectors of a layer; return how many. Raises UnusableBoundary naming a missing property."""
    rows, seen = [], set()
    for number, (area, properties) in enumerate(parts, 1):
        for asked in filter(None, (name_of, code_of)):
            if asked not in properties:
                raise UnusableBoundary(
                    f"Sector {number} has no property {asked}; it has {', '.join(properties) or 'none'}."
                )
        key = name_of or next((k for k in NAMES if properties.get(k)), None)
        name = str(properties[key]) if key else f"{layer} {number}"
        code = slug_of(str(properties[code_of])) if code_of else slug_of(name)
        code = code if code and code not in seen else f"{code or layer}-{number}"
        seen.add(code)
        rows.append(
            {
                "jurisdiction_id": jurisdiction_id,
                "layer": layer,
                "code": code,
                "names": {"fr": name},
                "boundary": from_shape(area, srid=4326),
            }
        )
    if rows:
        db.session.execute(insert(Sector), rows)
    return len(rows)


def add_layer(
    jurisdiction_id: int,
    parts: list[tuple[MultiPolygon, dict[str, Any]]],
    *,
    layer: str,
    name_of: str | None = None,
    code_of: str | None = None,
) -> int:
    """Add a layer that the jurisdiction does not have yet; return how many sectors. Raises UnusableBoundary."""
    if layer != slug_of(layer):
        raise UnusableBoundary(f"A layer's name is lower case letters, figures and hyphens: {slug_of(layer)}.")
    table = Sector.__table__.c
    known = db.session.scalar(
        select(table.id).where(table.jurisdiction_id == jurisdiction_id, table.layer == layer).limit(1)
    )
    if known is not None:
        raise UnusableBoundary(f"This town has a layer {layer} already.")
    return add_sectors(jurisdiction_id, parts, layer=layer, name_of=name_of, code_of=code_of)
