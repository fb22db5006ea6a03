"""What is measured, by name. Each gives a Figure: the product over HTTP, and its baseline from the same run."""

from __future__ import annotations

import http.cookiejar
import io
import json
import random
import re
import urllib.parse
import urllib.request
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import psycopg
from PIL import Image

from bench import house, jurisdiction, load

SECONDS = 6.0


@dataclass
class Bench:
    """What the measures share."""

    port: int
    empty_port: int
    url: str
    env: dict[str, str]
    jurisdiction_id: int
    references: list[str]
    cookie: str

    def bare(self) -> psycopg.Connection:
        """A plain connection to the same database, for the baselines."""
        return psycopg.connect(self.url.replace("+psycopg", ""), autocommit=True, prepare_threshold=1)


@dataclass(frozen=True)
class Figure:
    """One line of the table: values are per second unless `unit` says otherwise."""

    name: str
    value: float
    #: None for what is counted or bears no comparison.
    baseline: float | None
    p95_ms: float | None
    statements: int | None
    unit: str = "per second"
    #: Whether it is a part of another figure: shown in the table, left out of the JSON.
    part: bool = False

    @property
    def ratio(self) -> float | None:
        """value / baseline."""
        return self.value / self.baseline if self.baseline else None

    def json(self) -> str:
        """One JSON object."""
        return json.dumps(
            {
                "name": self.name,
                "value": round(self.value, 2),
                "unit": self.unit,
                "baseline": _round(self.baseline, 2),
                "ratio": _round(self.ratio, 4),
                "p95_ms": _round(self.p95_ms, 2),
                "statements": self.statements,
            }
        )


def _round(value: float | None, digits: int) -> float | None:
    return None if value is None else round(value, digits)


MEASURES: dict[str, Callable[[Bench], Figure]] = {}


def measure(func: Callable[[Bench], Figure]) -> Callable[[Bench], Figure]:
    """Register a measure under its function's name."""
    MEASURES[func.__name__] = func
    return func


def _around(random_: random.Random, spread: float = jurisdiction.HALF * 0.9) -> tuple[float, float]:
    lat, lon = jurisdiction.CENTRE
    return lat + random_.uniform(-spread, spread), lon + random_.uniform(-spread, spread)


@measure
def create_report(bench: Bench) -> Figure:
    """POST /api/v1/reports, with a contact: all its rows, routed, owed, durable."""
    chance = random.Random(1)

    def body(n: int) -> bytes:
        lat, lon = _around(chance)
        return load.post_json(
            "/api/v1/reports",
            json.dumps(
                {
                    "category": f"c{n % 10}{n % 4}",
                    "location": {"type": "Point", "coordinates": [lon, lat]},
                    "description": " ".join(chance.choices(jurisdiction.WORDS, k=12)),
                    "address": "12 rue des Tilleuls",
                    "contact": {"email": f"habitant{n}@bench.example", "locale": "fr"},
                }
            ).encode(),
        )

    got = load.run(bench.port, body, seconds=SECONDS, expect=201)
    return Figure("create_report", got.per_second, _bare_creations(bench), got.p95_ms, got.statements)


def _bare_creations(bench: Bench) -> float:
    """The same rows in bare SQL, each report one durable transaction."""
    chance = random.Random(2)
    with bench.bare() as connection, connection.cursor() as cursor:
        connection.autocommit = False
        category, team = cursor.execute(
            "SELECT category_id, team_id FROM route WHERE jurisdiction_id = %s LIMIT 1", (bench.jurisdiction_id,)
        ).fetchone()

        def one(n: int) -> None:
            lat, lon = _around(chance)
            words = " ".join(chance.choices(jurisdiction.WORDS, k=12))
            contact = cursor.execute(
                "INSERT INTO contact (jurisdiction_id, email) VALUES (%s, %s) RETURNING id",
                (bench.jurisdiction_id, f"bare{n}@bench.example"),
            ).fetchone()[0]
            report = cursor.execute(
                "INSERT INTO report (jurisdiction_id, in_charge_id, reference, category_id, location, address, "
                "public_address, description, public_description, channel, contact_id) VALUES (%s, %s, %s, %s, ST_SetSRID(ST_MakePoint(%s, %s), 4326), "
                "'12 rue des Tilleuls', '12 rue des Tilleuls', %s, %s, 'api', %s) RETURNING id",
                (
                    bench.jurisdiction_id,
                    bench.jurisdiction_id,
                    f"BB-{n:07x}",
                    category,
                    lon,
                    lat,
                    words,
                    words,
                    contact,
                ),
            ).fetchone()[0]
            cursor.execute(
                "INSERT INTO report_sector SELECT %s, %s, id, now(), 'received' FROM sector WHERE jurisdiction_id = %s "
                "AND ST_Covers(boundary, ST_SetSRID(ST_MakePoint(%s, %s), 4326))",
                (bench.jurisdiction_id, report, bench.jurisdiction_id, lon, lat),
            )
            event = cursor.execute(
                "INSERT INTO report_event (jurisdiction_id, report_id, kind, channel, occurred_at) "
                "VALUES (%s, %s, 'received', 'api', now()) RETURNING id",
                (bench.jurisdiction_id, report),
            ).fetchone()[0]
            cursor.execute(
                "INSERT INTO report_subscription (jurisdiction_id, report_id, contact_id, author, confirmed_at) "
                "VALUES (%s, %s, %s, true, now())",
                (bench.jurisdiction_id, report, contact),
            )
            cursor.execute(
                "INSERT INTO message (jurisdiction_id, kind, source, recipient, contact_id) "
                "VALUES (%s, 'report.received', %s, %s, %s)",
                (bench.jurisdiction_id, f"report_event:{event}", f"contact:{contact}", contact),
            )
            cursor.execute(
                "INSERT INTO map_delta (jurisdiction_id, x, y, status, n) VALUES (%s, 1, 1, 'received', 1)",
                (bench.jurisdiction_id,),
            )
            cursor.execute(
                "INSERT INTO triage (jurisdiction_id, report_id, team_id) VALUES (%s, %s, %s)",
                (bench.jurisdiction_id, report, team),
            )
            connection.commit()

        return load.direct(one, seconds=SECONDS / 2)


def _empty(bench: Bench) -> float:
    return load.run(bench.empty_port, [load.get("/")], seconds=SECONDS / 2).per_second


@measure
def report_json(bench: Bench) -> Figure:
    """GET /api/v1/reports/<reference>."""
    got = load.run(bench.port, [load.get(f"/api/v1/reports/{r}") for r in bench.references], seconds=SECONDS)
    return Figure("report_json", got.per_second, _empty(bench), got.p95_ms, got.statements)


@measure
def report_page(bench: Bench) -> Figure:
    """GET /r/<reference>, as a resident."""
    got = load.run(bench.port, [load.get(f"/r/{r}") for r in bench.references], seconds=SECONDS)
    return Figure("report_page", got.per_second, _empty(bench), got.p95_ms, got.statements)


def _boxes(bench: Bench) -> list[tuple[float, float, float, float]]:
    """Boxes that hold some 200 reports each, whatever the size of the jurisdiction."""
    from reporter.map.features import POINTS

    chance, found = random.Random(3), []
    with bench.bare() as connection:
        for _attempt in range(4000):
            lat, lon = _around(chance, jurisdiction.HALF * 0.4)
            half = 0.02
            while half > 1e-5:
                count = connection.execute(
                    "SELECT count(*) FROM (SELECT 1 FROM report WHERE location && ST_MakeEnvelope(%s,%s,%s,%s,4326) "
                    "LIMIT 300) AS held",
                    (lon - half, lat - half, lon + half, lat + half),
                ).fetchone()[0]
                if count <= 240:
                    break
                half *= 0.8
            if 160 <= count < POINTS:
                found.append((lon - half, lat - half, lon + half, lat + half))
            if len(found) == 40:
                break
    return found


@measure
def map_box(bench: Bench) -> Figure:
    """The public map's points of a box of some 200 reports."""
    from reporter.map import features

    boxes = _boxes(bench)
    paths = [load.get("/map.json?bbox=" + ",".join(f"{v:.6f}" for v in box)) for box in boxes]
    got = load.run(bench.port, paths, seconds=SECONDS)
    query = _plain(features._POINTS.text)

    with bench.bare() as connection:

        def one(n: int) -> None:
            west, south, east, north = boxes[n % len(boxes)]
            connection.execute(
                query,
                {
                    "west": west,
                    "south": south,
                    "east": east,
                    "north": north,
                    "staff": False,
                    "jurisdiction": bench.jurisdiction_id,
                    "statuses": list(features.STATUSES),
                    "most": 501,
                },
            ).fetchall()

        baseline = load.direct(one, seconds=SECONDS / 2)
    return Figure("map_box", got.per_second, baseline, got.p95_ms, got.statements)


def _plain(sql: str) -> str:
    return re.sub(r"(?<!:):(\w+)", r"%(\1)s", sql)


@measure
def map_town(bench: Bench) -> Figure:
    """The public map's counts of the whole jurisdiction."""
    from reporter.map import features
    from reporter.map.tile_counts import FINEST, tile_of

    lat, lon = jurisdiction.CENTRE
    whole = (lon - jurisdiction.HALF, lat - jurisdiction.HALF, lon + jurisdiction.HALF, lat + jurisdiction.HALF)
    got = load.run(bench.port, [load.get("/map.json?bbox=" + ",".join(f"{v:.6f}" for v in whole))], seconds=SECONDS)
    level = features.level_for(whole)
    left, top = tile_of(features.Place(whole[0], whole[3]), level)
    right, bottom = tile_of(features.Place(whole[2], whole[1]), level)
    query = _plain(features._COUNTS.text)
    with bench.bare() as connection:

        def one(_n: int) -> None:
            connection.execute(
                query,
                {
                    "jurisdiction": bench.jurisdiction_id,
                    "level": level,
                    "finest": FINEST,
                    "left": left,
                    "right": right,
                    "top": top,
                    "bottom": bottom,
                    "statuses": list(features.STATUSES),
                    "open": list(features.OPEN),
                },
            ).fetchall()

        baseline = load.direct(one, seconds=SECONDS / 2)
    return Figure("map_town", got.per_second, baseline, got.p95_ms, got.statements)


#: The desk's five filters: state, category, sector, age, text (a frequent word).
FILTERS = ("state=acknowledged", "category=c12", "sector=s5", "age=31", "q=lampadaire")


@measure
def desk_list(bench: Bench) -> Figure:
    """The signed-in list page, 50 rows, under each of five filters in turn."""
    paths = [load.get(f"/desk/reports?{query}", bench.cookie) for query in FILTERS]
    got = load.run(bench.port, paths, seconds=SECONDS)
    return Figure("desk_list", got.per_second, _bare_lists(bench), got.p95_ms, got.statements)


def _bare_lists(bench: Bench) -> float:
    """The same rows in bare SQL."""
    wheres = (
        "status = 'acknowledged'",
        "category_id = (SELECT id FROM category WHERE code = 'c12')",
        "id IN (SELECT report_id FROM report_sector WHERE sector_id = (SELECT id FROM sector WHERE code = 's5') "
        "ORDER BY received_at DESC, report_id DESC LIMIT 50)",
        "received_at <= now() - interval '31 days'",
        "search @@ websearch_to_tsquery('alentour', 'lampadaire')",
    )
    with bench.bare() as connection:

        def one(n: int) -> None:
            connection.execute(
                "SELECT reference, status, priority, description, address, received_at, due_at, ST_X(location), "
                f"ST_Y(location) FROM report WHERE jurisdiction_id = {bench.jurisdiction_id} AND {wheres[n % 5]} "
                "ORDER BY received_at DESC, id DESC LIMIT 50"
            ).fetchall()

        return load.direct(one, seconds=SECONDS / 2)


@measure
def photo_12mp(bench: Bench) -> Figure:
    """A photo of 12 megapixels through the worker's list of steps, against Pillow's own thumbnails."""
    from core.photos import processing

    data = photo()

    def bare(_n: int) -> None:
        for side in (480, 1600):
            with Image.open(io.BytesIO(data)) as image:
                image.thumbnail((side, side))
                image.save(io.BytesIO(), "JPEG", quality=80)

    value = load.direct(lambda _n: processing.process(data), seconds=SECONDS)
    return Figure("photo_12mp", value, load.direct(bare, seconds=SECONDS / 2), 1000 / value, 0)


def photo() -> bytes:
    """A phone's photo of 12 megapixels: the real one where real data is present, else one with as much detail."""
    real = house.ROOT.parent / "shared" / "data" / "photos" / "montpellier" / "phone_12MP.jpg"
    if Path(real).is_file():
        return real.read_bytes()
    noise = Image.effect_noise((1000, 750), 60).resize((4000, 3000), Image.Resampling.BICUBIC).convert("RGB")
    out = io.BytesIO()
    noise.save(out, "JPEG", quality=90)
    return out.getvalue()


def sign_in(port: int) -> str:
    """Sign in as the supervisor, by the product's own page; returns the Cookie header."""
    jar = http.cookiejar.CookieJar()
    browser = urllib.request.build_opener(urllib.request.HTTPCookieProcessor(jar))
    address = f"http://127.0.0.1:{port}/login"
    page = browser.open(address).read().decode()
    token = re.search(r'name="csrf_token"[^>]*value="([^"]+)"', page)
    form = urllib.parse.urlencode(
        {"email": jurisdiction.EMAIL, "password": jurisdiction.PASSWORD, "csrf_token": token[1] if token else ""}
    ).encode()
    browser.open(address, form)
    return "; ".join(f"{cookie.name}={cookie.value}" for cookie in jar)
