"""The demonstration town's map: an irregular boundary, quartiers and rounds that tile it, and streets.

Everything is first drawn in metres east and north of the centre, then placed on the globe (SRID 4326,
longitude then latitude, degrees), so that the town can lie anywhere and looks the same there.
The same centre always gives the same map.
"""

import math
import tomllib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

import shapely
from shapely.geometry import LineString, MultiPoint, MultiPolygon, Point, Polygon

CENTRE = (43.611, 3.877)
"""Latitude and longitude of the town unless told otherwise, in degrees."""

METRES_PER_DEGREE = 111_320.0
DECIMALS = 7  # of a degree: about a centimetre
HOUSE_SPACING = 5.0  # metres of street between a number and the next, across the street
STREET_MARGIN = 40.0  # metres that a street keeps from the boundary

# How long a street is, in metres, and how far it bends, by the first word of its name.
STREET_SHAPES: Mapping[str, tuple[float, float]] = {
    "place": (120, 25),
    "square": (120, 30),
    "passage": (90, 5),
    "impasse": (140, 10),
    "rue": (330, 25),
    "allée": (290, 12),
    "cours": (360, 8),
    "quai": (460, 60),
    "boulevard": (720, 80),
    "avenue": (680, 35),
    "chemin": (430, 55),
    "route": (520, 70),
}

Metres = tuple[float, float]


@dataclass(frozen=True)
class LayoutArea:
    """A named polygon of one layer: a quartier or a cleaning round (SRID 4326)."""

    code: str
    name: Mapping[str, str]
    shape: MultiPolygon


@dataclass(frozen=True)
class LayoutStreet:
    """A street and its line (SRID 4326, longitude and latitude)."""

    name: str
    line: LineString
    length: float
    """In metres."""

    @property
    def last_number(self) -> int:
        """The highest house number."""
        return int(self.length / HOUSE_SPACING)

    def address(self, number: int) -> str:
        """Return "12 rue des Tilleuls" for number 12."""
        return f"{number} {self.name}"

    def position(self, number: int) -> tuple[float, float]:
        """Return latitude and longitude of a house number, on the street's own line.

        Raises ValueError for a number that the street does not have.
        """
        if not 1 <= number <= self.last_number:
            raise ValueError(f"{self.name} has no number {number}")
        point = self.line.interpolate((number - 0.5) / self.last_number, normalized=True)
        return point.y, point.x


@dataclass(frozen=True)
class TownLayout:
    """The whole map. Shapes are in SRID 4326; `centre` is latitude, longitude."""

    name: str
    centre: tuple[float, float]
    boundary: MultiPolygon
    quartiers: tuple[LayoutArea, ...]
    rounds: tuple[LayoutArea, ...]
    streets: tuple[LayoutStreet, ...]

    @cached_property
    def _by_name(self) -> dict[str, LayoutStreet]:
        return {street.name: street for street in self.streets}

    def street(self, name: str) -> LayoutStreet:
        """Return the street of that name; raises KeyError where there is none."""
        return self._by_name[name]

    def quartier_at(self, lat: float, lon: float) -> LayoutArea | None:
        """Return the quartier that holds a position, or None outside the town."""
        return next((area for area in self.quartiers if area.shape.covers(Point(lon, lat))), None)


def build(centre: tuple[float, float] = CENTRE) -> TownLayout:
    """Draw the town around a centre (latitude, longitude in degrees).

    Raises ValueError for a centre off the globe, or so near a pole or the date line that degrees of
    longitude can no longer be counted.
    """
    lat, lon = centre
    if not (abs(lat) <= 80 and abs(lon) <= 179):
        raise ValueError("the centre must lie between 80° S and 80° N, and not beside the date line")
    listed = tomllib.loads((Path(__file__).parent / "streets.toml").read_text("utf-8"))
    outline = Polygon(_outline())
    place = _placer(lat, lon)
    quartiers, boundary = _tile(outline, listed["quartiers"], place)
    rounds, _ = _tile(outline, listed["rounds"], place)
    names = listed["streets"]["names"]
    streets = tuple(_street(name, line, place) for name, line in zip(names, _lines(names, outline), strict=True))
    return TownLayout(listed["town"], (lat, lon), boundary, quartiers, rounds, streets)


def _placer(lat: float, lon: float) -> Callable[[Metres], Metres]:
    """Return what turns metres from the centre into rounded longitude and latitude."""
    per_lon = METRES_PER_DEGREE * math.cos(math.radians(lat))

    def place(point: Metres) -> Metres:
        x, y = point
        return round(lon + x / per_lon, DECIMALS), round(lat + y / METRES_PER_DEGREE, DECIMALS)

    return place


def _reach(angle: float) -> float:
    """How far the town reaches in a direction, in metres: a lumpy disc some 5 km across."""
    return 2450 * (
        1
        + 0.10 * math.cos(2 * angle + 0.6)
        + 0.06 * math.sin(3 * angle + 1.1)
        + 0.035 * math.sin(5 * angle)
        + 0.02 * math.sin(11 * angle + 0.4)
        + 0.012 * math.sin(23 * angle + 2.0)
    )


def _outline() -> list[Metres]:
    return [
        (_reach(a) * math.cos(a), _reach(a) * math.sin(a)) for a in (2 * math.pi * step / 150 for step in range(150))
    ]


def _bend(point: Sequence[float]) -> Metres:
    """Bend the plane a little, smoothly and without folding it: straight lines come out like real limits."""
    x, y = point[0], point[1]
    return (
        x + 70 * math.sin(y / 260 + 0.5) + 28 * math.sin(y / 90 + x / 400),
        y + 60 * math.sin(x / 300 + 1.7) + 26 * math.sin(x / 95 - y / 350),
    )


def _bend_each(points: Any) -> Any:
    """Bend every row (x, y) of an array of coordinates."""
    for point in points:
        point[:] = _bend(point)
    return points


def _tile(
    outline: Polygon,
    listed: list[dict],
    place: Callable[[Metres], Metres],
) -> tuple[tuple[LayoutArea, ...], MultiPolygon]:
    """Cut the outline into one area around each listed point, without gap or overlap, and unite them.

    All limits are noded together once, then rounded vertex by vertex: neighbours share each vertex of
    their common limit, exactly.
    """
    seeds = MultiPoint([tuple(entry["at"]) for entry in listed])
    frame = outline.buffer(1500)
    cuts = shapely.voronoi_polygons(seeds, extend_to=frame, only_edges=True)
    edges = shapely.segmentize(shapely.intersection(cuts, frame), 40)
    edges = shapely.transform(edges, _bend_each)
    faces = shapely.polygonize([shapely.unary_union([edges, outline.exterior])]).geoms
    inside = [face for face in faces if isinstance(face, Polygon) and outline.contains(face.representative_point())]
    kept: dict[str, list[Polygon]] = {entry["code"]: [] for entry in listed}
    for face in inside:
        nearest = min(listed, key=lambda entry: face.distance(Point(entry["at"])))
        kept[nearest["code"]].append(Polygon([place((x, y)) for x, y in face.exterior.coords]))
    areas = tuple(
        LayoutArea(entry["code"], entry["name"], MultiPolygon([_normal(p) for p in kept[entry["code"]]]))
        for entry in listed
    )
    whole = shapely.unary_union([area.shape for area in areas])
    if isinstance(whole, Polygon):
        whole = MultiPolygon([whole])
    assert isinstance(whole, MultiPolygon)  # the union of polygons
    return areas, whole


def _normal(polygon: Polygon) -> Polygon:
    """The same polygon, its corners in the order of the standard form."""
    found = polygon.normalize()
    assert isinstance(found, Polygon)
    return found


def _lines(names: Sequence[str], outline: Polygon) -> list[LineString]:
    """Lay one line for each name, spiralling outwards, by turns along and across the way to the centre."""
    room = outline.buffer(-STREET_MARGIN)
    lines = []
    for index, name in enumerate(names):
        angle = index * math.pi * (3 - math.sqrt(5)) + 0.3
        radius = 0.88 * _reach(angle) * ((index + 0.4) / len(names)) ** 0.62
        length, bend = STREET_SHAPES[name.split(" ")[0]]
        length *= 1 + 0.25 * math.sin(index * 2.3)
        bearing = angle + (math.pi / 2 if index % 2 else 0) + 0.35 * math.sin(index * 1.7)
        line = _line(angle, radius, bearing, length, bend)
        while not room.contains(line):
            radius -= 60
            line = _line(angle, radius, bearing, length, bend)
        lines.append(line)
    return lines


def _line(angle: float, radius: float, bearing: float, length: float, bend: float) -> LineString:
    cx, cy = radius * math.cos(angle), radius * math.sin(angle)
    ux, uy = math.cos(bearing), math.sin(bearing)
    points = []
    for step in range(9):
        along = (step / 8 - 0.5) * length
        aside = bend * math.sin(math.pi * step / 8)
        points.append(_bend((cx + along * ux - aside * uy, cy + along * uy + aside * ux)))
    return LineString(points)


def _street(name: str, line: LineString, place: Callable[[Metres], Metres]) -> LayoutStreet:
    return LayoutStreet(name, LineString([place((x, y)) for x, y in line.coords]), line.length)
