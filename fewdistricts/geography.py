"""The districts as polygons, from a GeoJSON file: read, checked, projected, with no more points than a page can show.

Coordinates are degrees of longitude and latitude (RFC 7946). They are projected by Lambert's azimuthal equal-area
projection around the middle of the evaluation's districts (Snyder 1987, Map projections: a working manual, equation
24-2, on a sphere), which keeps areas in proportion and is true to shape where a programme's districts lie together.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from fewdistricts import paths
from fewdistricts.design import Design, canonical, short
from fewdistricts.errors import ConfigurationError, Problem, nearest
from fewdistricts.text import some

Ring = NDArray[np.float64]
"""Points of a closed line, one a row."""

GRID = 400
"""Steps of the longer side of the districts' frame. Points are moved to this grid, so that a border that two polygons
share stays shared, and points that fall together are dropped."""
DETAIL = 3.0
"""Square steps that a corner must take up to be kept: less is invisible in print."""
MARGIN = 0.08  # of the frame, around the districts; what lies further away is not drawn
MOST_NAMED = 8
DEGREES = ("CRS84", "EPSG::4326", "EPSG:4326")


@dataclass(frozen=True)
class Region:
    """A polygon or several of one area; `district` is an id, empty for an area that is none of the evaluation's."""

    district: str
    rings: tuple[Ring, ...]

    @property
    def middle(self) -> tuple[float, float]:
        """Where a label stands: the centre of the widest stretch at half the height of the largest ring, not a hole."""
        ring = max(self.rings, key=_area)
        height = (ring[:, 1].min() + ring[:, 1].max()) / 2
        crossings = sorted(crossing for each in self.rings for crossing in _crossings(each, height))
        pairs = list(zip(crossings[::2], crossings[1::2], strict=False))
        if not pairs:
            return float(ring[:, 0].mean()), float(height)
        left, right = max(pairs, key=lambda pair: pair[1] - pair[0])
        return (left + right) / 2, float(height)


def problems(design: Design) -> list[Problem]:
    """All that is wrong with the map that evaluation.yaml names; nothing where it names none."""
    try:
        regions(design)
    except ConfigurationError as error:
        return list(error.problems)
    return []


def regions(design: Design) -> list[Region]:
    """The districts in order of declaration, then the areas around them, in units of `GRID`; none without a file.

    ConfigurationError where the file is no GeoJSON, lacks the key or a district, or holds a polygon that is none.
    """
    if design.map is None or design.map.file is None:
        return []
    found = _polygons(design, paths.raw(design.evaluation) / design.map.file)
    centre = _middle(np.concatenate([ring for name, rings in found if name for ring in rings]))
    projected = [(name, [_projected(ring, centre) for ring in rings]) for name, rings in found]
    frame = _Frame.around([ring for name, rings in projected if name for ring in rings])
    shown = [Region(name, rings) for name, given in projected if (rings := _in_frame(frame, given, bool(name)))]
    lighter = iter(_lighter([ring for region in shown for ring in region.rings]))
    shown = [replace(region, rings=tuple(next(lighter) for _ in region.rings)) for region in shown]
    order = [district.id for district in design.districts]
    return sorted(shown, key=lambda region: order.index(region.district) if region.district else len(order))


# --- reading -------------------------------------------------------------------------------------------------------


def _polygons(design: Design, path: Path) -> list[tuple[str, list[Ring]]]:
    """Rings by district id (empty: no district of the evaluation); ConfigurationError with all that is wrong."""
    assert design.map is not None and design.map.key is not None
    where, key = paths.shown(path), design.map.key
    if not path.resolve().is_relative_to(paths.raw(design.evaluation).resolve()):
        raise ConfigurationError(Problem(where, "a link to another place", "a file in the evaluation's folder"))
    features = areas(path, where)
    spellings = _spellings(features, key, where)
    district_of = {canonical(spelling): d.id for d in design.districts for spelling in (d.id, *d.spellings)}
    rings_of: dict[str, list[Ring]] = {}
    others: list[tuple[str, list[Ring]]] = []
    wrong: list[Problem] = []
    for number, (feature, spelling) in enumerate(zip(features, spellings, strict=True)):
        district = district_of.get(spelling, "")
        if district:
            rings_of.setdefault(district, [])
        try:
            rings = _rings(feature.get("geometry"))
        except _GeometryError as invalid:
            if district:  # areas around it may be missing from the picture
                place = f"{where}, features[{number}] ({district})"
                wrong.append(Problem(place, str(invalid), "a Polygon or MultiPolygon in degrees", REMEDY))
            continue
        if district:
            rings_of[district] += rings
        else:
            others.append(("", rings))
    lacking = [district.id for district in design.districts if district.id not in rings_of]
    if lacking:
        allowed = f"a polygon for every district, its id or a spelling under {key!r}"
        held = ", ".join(short(spelling) for spelling in spellings[:MOST_NAMED])
        remedy = f"the file has {held}; add what it says to `value` of the district"
        wrong.append(Problem(where, f"no polygon for {some(lacking, MOST_NAMED)}", allowed, remedy))
    if wrong:
        raise ConfigurationError(wrong)
    return [*rings_of.items(), *others]


def _spellings(features: list[dict[str, Any]], key: str, where: str) -> list[str]:
    """What each polygon says under the declared key; ConfigurationError where none has it."""
    properties = [feature.get("properties") or {} for feature in features]
    names = sorted({str(name) for given in properties for name in given})
    if key not in names:
        allowed = ", ".join(names[:20]) or "none: its polygons have no properties"
        found = f"{key!r}, which no polygon of {where} has"
        raise ConfigurationError(Problem("evaluation.yaml, map.key", found, allowed, nearest(key, names)))
    return [canonical(given.get(key)) for given in properties]


REMEDY = "export the layer as GeoJSON in WGS 84 (EPSG:4326), with its geometries repaired"


def areas(path: Path, where: str) -> list[dict[str, Any]]:
    """The features of a GeoJSON file in degrees; ConfigurationError, which names `where`, if it is none."""
    if not path.is_file():
        raise ConfigurationError(Problem(where, "no such file", "a file in the evaluation's folder", "copy it there"))
    allowed = "a GeoJSON FeatureCollection of polygons"
    try:
        content = json.loads(path.read_text(encoding="utf-8"))
    except (ValueError, RecursionError):
        raise ConfigurationError(Problem(where, "no JSON in UTF-8", allowed, REMEDY)) from None
    kind = content.get("type") if isinstance(content, dict) else type(content).__name__
    features = content.get("features") if isinstance(content, dict) else None
    if kind != "FeatureCollection" or not isinstance(features, list):
        raise ConfigurationError(Problem(where, f"{short(kind)}", allowed, REMEDY))
    system = _system(content.get("crs"))
    if system and not system.endswith(DEGREES):
        raise ConfigurationError(Problem(where, f"coordinates in {short(system)}", "degrees of WGS 84", REMEDY))
    good = [each for each in features if isinstance(each, dict) and isinstance(each.get("properties") or {}, dict)]
    if not good:
        raise ConfigurationError(Problem(where, "no features", allowed, REMEDY))
    return good


def _system(declared: Any) -> str:
    """The name of a coordinate system, as files from before RFC 7946 declare it; empty where they do not."""
    properties = declared.get("properties") if isinstance(declared, dict) else None
    return str(properties.get("name", "")) if isinstance(properties, dict) else ""


class _GeometryError(ValueError):
    """What is wrong with a geometry."""


def _rings(geometry: Any) -> list[Ring]:
    """The rings of a Polygon or MultiPolygon: outlines counterclockwise and holes clockwise, whatever the file does."""
    kind = geometry.get("type") if isinstance(geometry, dict) else None
    if kind not in ("Polygon", "MultiPolygon"):
        raise _GeometryError("no geometry" if kind is None else f"a {kind}")
    coordinates = geometry.get("coordinates")
    polygons = [coordinates] if kind == "Polygon" else coordinates
    if not isinstance(polygons, list) or not polygons:
        raise _GeometryError("a geometry without coordinates")
    rings = []
    for polygon in polygons:
        outer, *holes = [_ring(ring) for ring in (polygon if isinstance(polygon, list) and polygon else [None])]
        rings += [_turned(outer, 1), *(_turned(hole, -1) for hole in holes)]
    return rings


def _turned(ring: Ring, direction: int) -> Ring:
    """The ring counterclockwise (1) or clockwise (-1): a hole is empty only if it runs against its outline."""
    return ring if np.sign(_signed_area(ring)) == direction else ring[::-1]


def _ring(positions: Any) -> Ring:
    try:
        ring = np.array([position[:2] for position in positions], dtype=float)
    except (TypeError, ValueError):
        raise _GeometryError("coordinates that are no pairs of numbers") from None
    if ring.ndim != 2 or ring.shape[1] != 2 or len(ring) < 4:
        raise _GeometryError("a ring of fewer than four positions")
    if not np.isfinite(ring).all() or np.abs(ring[:, 0]).max() > 360 or np.abs(ring[:, 1]).max() > 90:
        raise _GeometryError(f"coordinates beyond 90 degrees, such as {ring[0, 0]:g}, {ring[0, 1]:g}")
    if not np.array_equal(ring[0], ring[-1]):
        raise _GeometryError("a ring that does not end where it begins")
    if _area(ring) == 0:
        raise _GeometryError("a ring without area")
    return ring


# --- on the plane --------------------------------------------------------------------------------------------------


def _middle(positions: Ring) -> tuple[float, float]:
    """The middle of a frame in degrees; across the date line the shorter way round."""
    longitude = positions[:, 0]
    if longitude.max() - longitude.min() > 180:
        longitude = longitude % 360
    ends = (longitude.min() + longitude.max()) / 2, (positions[:, 1].min() + positions[:, 1].max()) / 2
    return float(ends[0]), float(ends[1])


def _projected(ring: Ring, centre: tuple[float, float]) -> Ring:
    """Lambert's azimuthal equal-area projection on the unit sphere: x to the east, y to the north."""
    away = np.radians((ring[:, 0] - centre[0] + 180) % 360 - 180)
    latitude, middle = np.radians(ring[:, 1]), np.radians(centre[1])
    across = np.cos(latitude) * np.cos(away)
    nearness = 1 + np.sin(middle) * np.sin(latitude) + np.cos(middle) * across
    scale = np.sqrt(2 / np.maximum(nearness, 1e-9))
    x = scale * np.cos(latitude) * np.sin(away)
    y = scale * (np.cos(middle) * np.sin(latitude) - np.sin(middle) * across)
    return np.column_stack([x, y])


@dataclass(frozen=True)
class _Frame:
    """The frame of the districts on the plane, and the grid within it."""

    low: NDArray[np.float64]
    high: NDArray[np.float64]
    step: float

    @classmethod
    def around(cls, rings: list[Ring]) -> _Frame:
        points = np.concatenate(rings)
        low, high = points.min(axis=0), points.max(axis=0)
        return cls(low, high, float((high - low).max()) / GRID)

    def on_grid(self, ring: Ring) -> Ring:
        """The ring on the grid, without points that fall together or lie on a straight line."""
        points = np.rint((ring - self.low) / self.step)
        points = points[np.append(True, np.any(np.diff(points, axis=0) != 0, axis=1))]
        if len(points) < 4:
            return points
        before, after = np.roll(points[:-1], 1, axis=0), np.roll(points[:-1], -1, axis=0)
        one, other = points[:-1] - before, after - points[:-1]
        bends = one[:, 0] * other[:, 1] != one[:, 1] * other[:, 0]
        kept = points[:-1][bends]
        return np.vstack([kept, kept[:1]]) if len(kept) else kept

    def holds(self, ring: Ring) -> bool:
        """Whether a part of a ring on the grid may lie in the frame, or in the margin around it."""
        edge = MARGIN * GRID
        right, top = (self.high - self.low) / self.step + edge
        low, high = ring.min(axis=0), ring.max(axis=0)
        return bool(high[0] > -edge and high[1] > -edge and low[0] < right and low[1] < top)


def _lighter(rings: list[Ring]) -> list[Ring]:
    """The rings without corners of less than `DETAIL` (Visvalingam and Whyatt 1993), in passes until none is left.

    A point goes from all rings or from none, and only where it has the same two neighbours in each: so a border that
    two polygons share stays shared, and the points where three meet stay.
    """
    while gone := _small_corners(rings):
        kept = [[point for point in map(tuple, ring[:-1]) if point not in gone] for ring in rings]
        shorter = [
            np.array([*points, points[0]]) if len(points) > 2 else ring
            for points, ring in zip(kept, rings, strict=True)
        ]
        if sum(map(len, shorter)) == sum(map(len, rings)):
            break
        rings = shorter
    return rings


def _small_corners(rings: list[Ring]) -> set[tuple[float, ...]]:
    """Points that may go, no two of them neighbours."""
    between: dict[tuple[float, ...], set[tuple[tuple[float, ...], ...]]] = {}
    for ring in rings:
        points = [tuple(point) for point in ring[:-1]]
        for k, point in enumerate(points):
            ends = sorted((points[k - 1], points[(k + 1) % len(points)]))
            between.setdefault(point, set()).add(tuple(ends))
    gone: set[tuple[float, ...]] = set()
    for point, pairs in sorted(between.items()):
        (one, other), *different = pairs
        if different or one in gone or other in gone:
            continue
        if _area(np.array([one, point, other, one])) < DETAIL:
            gone.add(point)
    return gone


def _dot(points: Ring) -> Ring:
    """A square in place of a district that is smaller than the grid."""
    x, y = points[0]
    return np.array([[x - 2, y - 2], [x + 2, y - 2], [x + 2, y + 2], [x - 2, y + 2], [x - 2, y - 2]])


def _in_frame(frame: _Frame, rings: list[Ring], is_district: bool) -> tuple[Ring, ...]:
    """The rings of an area on the grid: of a district at least a dot, of another what lies in the frame."""
    on_grid = [frame.on_grid(ring) for ring in rings]
    drawn = [ring for ring in on_grid if len(ring) > 3]
    if not is_district:
        return tuple(ring for ring in drawn if frame.holds(ring))
    return tuple(drawn) or (_dot(max(on_grid, key=len)),)


def _area(ring: Ring) -> float:
    return abs(_signed_area(ring))


def _signed_area(ring: Ring) -> float:
    """Positive where the ring runs counterclockwise."""
    x, y = ring[:, 0], ring[:, 1]
    return float(np.sum(x[:-1] * y[1:] - x[1:] * y[:-1])) / 2


def _crossings(ring: Ring, height: float) -> Iterator[float]:
    """Where a horizontal line crosses a ring."""
    segments: Iterable[Any] = pairwise(ring)
    for (x, y), (to_x, to_y) in segments:
        if (y <= height) != (to_y <= height):
            yield float(x + (height - y) / (to_y - y) * (to_x - x))
