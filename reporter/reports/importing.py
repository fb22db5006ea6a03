"""Reports from another system's CSV: in batches, restartable, routing and telling nobody.

The mapping (TOML) says which column is what; docs/imports/ has examples. A row is refused with a reason, never
dropped in silence. The number a report had before keeps it from coming in twice.
"""

from __future__ import annotations

import csv
import gzip
import hashlib
import tomllib
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any, TextIO
from zoneinfo import ZoneInfo

from sqlalchemy import select, text
from sqlalchemy.dialects.postgresql import insert as pg_insert

from core import references
from core.database import db, utcnow
from core.database.scope import current_jurisdiction, current_jurisdiction_id
from core.errors import Refused
from core.geo import from_lat_lon
from core.identity.boundaries import slug_of
from core.text import clean_text
from reporter.categories.models import Category, CategoryGroup
from reporter.map.tile_counts import FINEST
from reporter.reports.models import Report
from reporter.statuses import CLOSED, MERGED, STATUSES

BATCH = 2000
#: Characters: a whole file without an end of line is still no row.
LONGEST_CELL = 50_000_000
COLUMNS = (
    "id",
    "category",
    "received",
    "closed",
    "due",
    "updated",
    "status",
    "address",
    "description",
    "lat",
    "lon",
)


class UnusableMapping(ValueError):
    """The mapping cannot be used; the message is one sentence for the administrator."""


@dataclass(frozen=True)
class Mapping:
    """Which column is what; how dates and states are written; how categories are named."""

    columns: dict[str, str]
    formats: tuple[str, ...]
    zone: ZoneInfo
    status_default: str
    status_values: dict[str, str]
    group: str | None
    name: str | None
    make: bool

    @classmethod
    def read(cls, path: Path) -> Mapping:
        """The mapping of a TOML file. Raises UnusableMapping."""
        try:
            data = tomllib.loads(path.read_text("utf-8"))
            columns = dict(data["columns"])
            unknown = set(columns) - set(COLUMNS)
            if unknown:
                raise UnusableMapping(
                    f"{path.name}: [columns] knows {', '.join(COLUMNS)}; not {', '.join(sorted(unknown))}."
                )
            for needed in ("received", "lat", "lon"):
                if needed not in columns:
                    raise UnusableMapping(f"{path.name}: [columns] needs {needed}.")
            categories, dates, status = (
                data.get("categories", {}),
                data.get("dates", {}),
                data.get("status", {}),
            )
            values = dict(status.get("values", {}))
            default = status.get("default", "received")
            wrong = [s for s in (default, *values.values()) if s not in STATUSES or s == MERGED]
            if wrong:
                raise UnusableMapping(
                    f"{path.name}: [status] uses {', '.join(wrong)}; known are "
                    f"{', '.join(s for s in STATUSES if s != MERGED)}."
                )
            if not categories.get("name") and "category" not in columns:
                raise UnusableMapping(f"{path.name}: name the column of the category, in [columns] or [categories].")
            return cls(
                columns,
                tuple(dates.get("formats", ())),
                ZoneInfo(dates.get("zone", current_jurisdiction().time_zone)),
                default,
                values,
                categories.get("group"),
                categories.get("name"),
                bool(categories.get("make", False)),
            )
        except (OSError, tomllib.TOMLDecodeError, KeyError, TypeError, AttributeError) as error:
            raise UnusableMapping(f"{path.name} is not a usable mapping: {error!r}.") from None


@dataclass
class ImportProgress:
    """What became of the rows so far."""

    taken: int = 0
    known: int = 0
    refused: int = 0
    reasons: dict[str, int] = field(default_factory=dict)

    def refuse(self, reason: str) -> None:
        """Count one refused row."""
        self.refused += 1
        self.reasons[reason] = self.reasons.get(reason, 0) + 1


class RowRefused(ValueError):
    """One row cannot be taken; the message says why."""


def open_rows(path: Path) -> TextIO:
    """The file as text, unpacked where its name ends in .gz."""
    return (
        gzip.open(path, "rt", encoding="utf-8-sig", newline="")
        if path.suffix == ".gz"
        else path.open(encoding="utf-8-sig", newline="")
    )


def import_rows(path: Path, mapping: Mapping, refused: Path) -> Iterator[ImportProgress]:
    """Take the rows of a CSV in, batch by batch, committing each; yields the outcome after each batch.

    Refused rows go to the file `refused` with a column `why`. Raises UnusableMapping where a mapped column is missing.
    """
    outcome = ImportProgress()
    with open_rows(path) as lines, refused.open("w", encoding="utf-8", newline="") as bad:
        # A cell longer than the library's limit is a row to refuse, not a file to stop at.
        csv.field_size_limit(LONGEST_CELL)
        rows = csv.DictReader(lines)
        header = rows.fieldnames or []
        wanted = set(mapping.columns.values()) | {name for name in (mapping.group, mapping.name) if name is not None}
        missing = wanted - set(header)
        if missing:
            raise UnusableMapping(
                f"{path.name} has no column {', '.join(sorted(missing))}; it has {', '.join(header)}."
            )
        writer = csv.DictWriter(bad, [*header, "why"], extrasaction="ignore", restval="")
        writer.writeheader()
        batch: list[dict[str, str]] = []
        for row in rows:
            batch.append(row)
            if len(batch) == BATCH:
                _take(batch, mapping, outcome, writer)
                batch = []
                yield outcome
        if batch:
            _take(batch, mapping, outcome, writer)
        yield outcome


def _take(batch: list[dict[str, str]], mapping: Mapping, outcome: ImportProgress, writer: csv.DictWriter) -> None:
    categories = _categories(batch, mapping)
    good: list[tuple[dict[str, str], dict[str, Any]]] = []

    def refuse(row: dict[str, str], reason: str) -> None:
        outcome.refuse(reason)
        writer.writerow(row | {"why": reason})

    for row in batch:
        try:
            good.append((row, _values(row, mapping, categories)))
        except RowRefused as error:
            refuse(row, str(error))
    inside = _inside([values for _row, values in good])
    for (row, _kept), here in zip(good, inside, strict=True):
        if not here:
            refuse(row, "the place is outside the boundary")
    kept = [values for (_row, values), here in zip(good, inside, strict=True) if here]
    made = _insert(kept)
    outcome.taken += made
    outcome.known += len(kept) - made
    db.session.commit()


def _categories(batch: list[dict[str, str]], mapping: Mapping) -> dict[str, Category]:
    """The categories of a batch by the name in the file; made where the mapping says so."""
    known = {c.code: c for c in db.session.scalars(select(Category))}
    found = {}
    for row in batch:
        name = _name(row, mapping)
        code = slug_of(name)[:90]
        if not code or name in found:
            continue
        if code not in known and mapping.make:
            group_name = clean_text(
                (row.get(mapping.group) or "")[:200] if mapping.group else name,
                field="group",
                most=200,
                lines=False,
            )
            group = _group(group_name or name)
            known[code] = Category(
                jurisdiction_id=current_jurisdiction_id(),
                code=code,
                group_id=group.id,
                names={"fr": name},
                private=False,
                priority=0,
                icon="tag",
            )
            db.session.add(known[code])
            db.session.flush()
        if code in known:
            found[name] = known[code]
    return found


def _name(row: dict[str, str], mapping: Mapping) -> str:
    column = mapping.name or mapping.columns["category"]
    return clean_text((row.get(column) or "")[:200], field="category", most=200, lines=False)


def _group(name: str) -> CategoryGroup:
    code = slug_of(name)[:90] or "autre"
    found = db.session.scalar(select(CategoryGroup).where(CategoryGroup.code == code))
    if found is None:
        found = CategoryGroup(jurisdiction_id=current_jurisdiction_id(), code=code, names={"fr": name}, position=50)
        db.session.add(found)
        db.session.flush()
    return found


def _values(row: dict[str, str], mapping: Mapping, categories: dict[str, Category]) -> dict[str, Any]:
    """The values of a report from a row. Raises RowRefused."""

    def cell(what: str) -> str:
        return (row.get(mapping.columns.get(what, "")) or "").strip()

    name = _name(row, mapping)
    category = categories.get(name)
    if category is None:
        raise RowRefused("no category" if not name else f"unknown category {name[:60]}")
    try:
        place = from_lat_lon(cell("lat"), cell("lon"))
    except Refused:
        raise RowRefused("no usable position") from None
    received = _moment(cell("received"), mapping)
    if received is None:
        raise RowRefused("no usable date of reception")
    if received > utcnow():
        raise RowRefused("received in the future")
    closed, due, updated = (_moment(cell(what), mapping) for what in ("closed", "due", "updated"))
    if closed is not None and closed < received:
        raise RowRefused("closed before it was received")
    status = mapping.status_values.get(cell("status"), mapping.status_default)
    try:
        address = clean_text(cell("address")[:250], field="address", most=250, lines=False)
        words = clean_text(cell("description"), field="description", most=4000)
    except Refused:
        raise RowRefused("the description is longer than 4,000 characters") from None
    return {
        "external_id": clean_text(cell("id")[:200], field="id", most=200, lines=False)
        or hashlib.sha256(repr(sorted(row.items(), key=str)).encode()).hexdigest(),
        "category_id": category.id,
        "priority": category.priority,
        "private": category.private,
        "status": status,
        "lon": place.lon,
        "lat": place.lat,
        "address": address,
        "description": words,
        "received_at": received,
        "updated_at": updated or closed or received,
        "due_at": due,
        "closed_at": (closed or received) if status in CLOSED else None,
    }


def _moment(words: str, mapping: Mapping) -> datetime | None:
    if not words:
        return None
    found = None
    for pattern in mapping.formats:
        try:
            found = datetime.strptime(words, pattern)
            break
        except ValueError:
            continue
    if found is None:
        try:
            found = datetime.fromisoformat(words)
        except ValueError:
            return None
    return found if found.tzinfo else found.replace(tzinfo=mapping.zone)


_INSIDE = text("""
SELECT coalesce(ST_Covers(j.boundary, ST_SetSRID(ST_MakePoint(p.lon, p.lat), 4326)), false)
FROM unnest(CAST(:lons AS float8[]), CAST(:lats AS float8[])) WITH ORDINALITY AS p(lon, lat, rank)
JOIN jurisdiction j ON j.id = :jurisdiction ORDER BY p.rank
""")


def _inside(values: list[dict[str, Any]]) -> list[bool]:
    rows = db.session.execute(
        _INSIDE,
        {
            "jurisdiction": current_jurisdiction_id(),
            "lons": [v["lon"] for v in values],
            "lats": [v["lat"] for v in values],
        },
    )
    return list(rows.scalars())


_AFTER = text("""
WITH fresh AS (SELECT id, received_at, location, status, private FROM report WHERE id = ANY(:ids)),
lined AS (
    INSERT INTO report_event (jurisdiction_id, report_id, kind, channel, public, occurred_at)
    SELECT :jurisdiction, id, 'imported', 'import', false, received_at FROM fresh
), placed AS (
    INSERT INTO report_sector (jurisdiction_id, report_id, sector_id, received_at, status)
    SELECT :jurisdiction, f.id, s.id, f.received_at, f.status FROM fresh f
    JOIN sector s ON s.jurisdiction_id = :jurisdiction AND ST_Covers(s.boundary, f.location)
)
INSERT INTO map_delta (jurisdiction_id, x, y, status, n)
SELECT :jurisdiction, floor((ST_X(location) + 180) / 360 * (1 << :finest))::int,
       floor((1 - asinh(tan(radians(ST_Y(location)))) / pi()) / 2 * (1 << :finest))::int, status, 1
FROM fresh WHERE NOT private
""")


def _insert(values: list[dict[str, Any]]) -> int:
    """Insert what is not known yet, with its history, sectors and counts; returns how many."""
    if not values:
        return 0
    table, jurisdiction = Report.__table__, current_jurisdiction()
    rows = [
        {
            "jurisdiction_id": jurisdiction.id,
            "in_charge_id": jurisdiction.id,
            "channel": "import",
            "version": 1,
            "reference": references.new_reference(jurisdiction.prefix),
            "location": f"SRID=4326;POINT({v['lon']!r} {v['lat']!r})",
            **{k: one for k, one in v.items() if k not in ("lon", "lat")},
        }
        for v in {v["external_id"]: v for v in values}.values()
    ]
    known = set(
        db.session.execute(
            select(table.c.external_id).where(
                table.c.jurisdiction_id == jurisdiction.id, table.c.external_id.in_([r["external_id"] for r in rows])
            )
        ).scalars()
    )
    fresh = [row for row in rows if row["external_id"] not in known]
    ids: list[int] = []
    while fresh:
        made = db.session.execute(
            pg_insert(table)
            .values(fresh)
            .on_conflict_do_nothing(index_elements=["reference"])
            .returning(table.c.id, table.c.external_id)
        ).all()
        ids += [row.id for row in made]
        done = {row.external_id for row in made}
        # A reference somebody had already, by chance: those rows get another.
        fresh = [
            row | {"reference": references.new_reference(jurisdiction.prefix)}
            for row in fresh
            if row["external_id"] not in done
        ]
    if ids:
        db.session.execute(_AFTER, {"ids": ids, "jurisdiction": jurisdiction.id, "finest": FINEST})
    return len(ids)


def total_rows(path: Path) -> int:
    """How many rows a CSV has, for the progress bar."""
    with open_rows(path) as lines:
        return sum(1 for _row in csv.reader(lines)) - 1
