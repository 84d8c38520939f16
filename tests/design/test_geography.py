"""The map of an evaluation: areas in proportion, shared borders shared, few points, and errors that say what to do."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest
from surveys import a_design

from fewdistricts import geography, paths
from fewdistricts.errors import ConfigurationError

ARMS = {"north": "pilot", "south": "comparison"}


def square(west: float, south: float, size: float = 1.0) -> list[list[float]]:
    return [[west, south], [west + size, south], [west + size, south + size], [west, south + size], [west, south]]


def feature(code: str, ring: list[list[float]], kind: str = "Polygon") -> dict:
    coordinates = [ring] if kind == "Polygon" else [[ring]]
    return {"type": "Feature", "properties": {"code": code}, "geometry": {"type": kind, "coordinates": coordinates}}


def a_map(features: list[dict], **more: object) -> str:
    return json.dumps({"type": "FeatureCollection", "features": features, **more})


@pytest.fixture
def mapped(tmp_path, monkeypatch):
    """The regions of a design whose map holds a text."""
    monkeypatch.setattr(paths, "raw", lambda evaluation: tmp_path)

    def of(content: str, key: str = "code", arms: dict[str, str] = ARMS):
        (tmp_path / "map.geojson").write_text(content, encoding="utf-8")
        return geography.regions(a_design(arms, map={"file": "map.geojson", "key": key}))

    return of


def test_areas_are_in_proportion_near_the_pole_too():
    fine = np.array([[x / 50, y] for x, y in [*((k, 0) for k in range(50)), *((50 - k, 1) for k in range(51)), (0, 0)]])
    north, south = (geography._projected(fine + np.array([0.0, latitude]), (0.5, 30.0)) for latitude in (60.0, 0.0))
    on_the_sphere = (np.sin(np.radians(61)) - np.sin(np.radians(60))) / np.sin(np.radians(1))
    assert geography._area(north) / geography._area(south) == pytest.approx(on_the_sphere, rel=1e-3)


def test_a_shared_border_stays_shared(mapped):
    wave = [[10 + np.sin(y / 40) / 50, 50 + y / 1000] for y in range(1001)]
    west = [[9.0, 50.0], *wave, [9.0, 51.0], [9.0, 50.0]]
    east = [[11.0, 50.0], *wave, [11.0, 51.0], [11.0, 50.0]]
    regions = mapped(a_map([feature("north", west), feature("south", east)]))
    sets = [{tuple(point) for ring in region.rings for point in ring} for region in regions]
    assert len(sets[0] & sets[1]) > 10
    assert sum(map(len, sets)) < 400  # of two thousand points


def test_the_date_line_does_not_tear_a_map_apart(mapped):
    regions = mapped(a_map([feature("north", square(179, 0, 0.5)), feature("south", square(-179.5, 0, 0.5))]))
    ends = np.concatenate([ring for region in regions for ring in region.rings])
    assert np.ptp(ends[:, 0]) == pytest.approx(geography.GRID, abs=1)
    assert [region.district for region in regions] == ["north", "south"]


def test_areas_around_are_kept_in_the_frame_only(mapped):
    districts = [feature("north", square(0, 0)), feature("south", square(1, 0), "MultiPolygon")]
    regions = mapped(a_map([*districts, feature("beside", square(0.5, 1)), feature("far", square(50, 50))]))
    assert [region.district for region in regions] == ["north", "south", ""]


def test_a_label_lies_within_its_polygon(mapped):
    shape = [[0, 0], [3, 0], [3, 3], [2, 3], [2, 1], [0, 1], [0, 0]]
    north, _ = mapped(a_map([feature("north", shape), feature("south", square(5, 0))]))
    x, y = north.middle
    low, high = north.rings[0].min(axis=0), north.rings[0].max(axis=0)
    assert x > low[0] + 0.6 * (high[0] - low[0])
    assert low[1] < y < high[1]


def detailed(latitude: float) -> dict[str, list[list[float]]]:
    """Two neighbours of a degree with ragged borders of four thousand points a side; the one between is shared."""
    ragged = 0.02 * np.cumsum(np.random.default_rng(4).choice([-1, 1], 4000)) / 60
    between = [[1 + shift, latitude + k / 3999] for k, shift in enumerate(ragged)]
    west = [[0.0, latitude], *between, [0.0, latitude + 1], [0.0, latitude]]
    east = [[2.0, latitude], *between, [2.0, latitude + 1], [2.0, latitude]]
    return {"north": west, "south": east}


@pytest.mark.parametrize("latitude", [-2.0, 68.0])
def test_detailed_polygons_become_a_few_points_and_keep_shape_and_border(mapped, latitude):
    regions = mapped(a_map([feature(code, ring) for code, ring in detailed(latitude).items()]))
    sets = [{tuple(point) for ring in region.rings for point in ring} for region in regions]
    assert sum(map(len, sets)) < 250  # of eight thousand
    assert len(sets[0] & sets[1]) > 30
    everything = np.concatenate([ring for region in regions for ring in region.rings])
    wide, tall = np.ptp(everything, axis=0)
    assert wide / tall == pytest.approx(2 * np.cos(np.radians(latitude + 0.5)), rel=0.05)
    areas = [sum(map(geography._signed_area, region.rings)) for region in regions]
    assert sum(areas) == pytest.approx(wide * tall, rel=0.04)


@pytest.mark.parametrize("direction", [1, -1])
def test_a_hole_is_empty_however_the_file_turns_it(mapped, direction):
    island = [square(0, 0), square(0.25, 0.25, 0.5)[::direction]]
    north = {"type": "MultiPolygon", "coordinates": [island, [square(0, 2)]]}
    holed = {"type": "Feature", "properties": {"code": "north"}, "geometry": north}
    region, _ = mapped(a_map([holed, feature("south", square(1, 0))]))
    outline, hole, second = map(geography._signed_area, region.rings)
    assert outline > 0
    assert second > 0
    assert hole == pytest.approx(-outline / 4, rel=0.02)
    ring = region.rings[1]
    assert not ring[:, 0].min() < region.middle[0] < ring[:, 0].max()  # the label stands beside the hole


BOTH = [feature("north", square(0, 0)), feature("south", square(1, 0))]


@pytest.mark.parametrize(
    ("content", "key", "message"),
    [
        ("{", "code", "no JSON"),
        (json.dumps([1]), "code", "'list'"),
        (a_map(BOTH), "cod", "map.key: found 'cod', which no polygon.*code"),
        (a_map(BOTH[:1]), "code", "no polygon for south.*the file has 'north'"),
        (a_map([BOTH[0], feature("south", square(1, 0)[:-1])]), "code", "does not end where it begins"),
        (a_map([BOTH[0], feature("south", [[1, 0]] * 4)]), "code", "a ring without area"),
        (a_map([BOTH[0], feature("south", square(300000, 8000000))]), "code", "beyond 90 degrees"),
        (a_map([BOTH[0], {**BOTH[1], "geometry": {"type": "Point", "coordinates": [1, 1]}}]), "code", "a Point"),
        (a_map([BOTH[0], {**BOTH[1], "geometry": None}]), "code", "no geometry"),
        (a_map(BOTH, crs={"properties": {"name": "urn:ogc:def:crs:EPSG::32718"}}), "code", "EPSG::32718.*WGS 84"),
        (a_map(BOTH, crs="EPSG:4326", features_of=1).replace("code", "Code"), "code", "no polygon of.*Code.*'Code'"),
    ],
)
def test_what_is_no_map_of_the_districts_is_said(mapped, content, key, message):
    with pytest.raises(ConfigurationError, match=message):
        mapped(content, key)


def test_a_file_outside_the_folder_is_refused(tmp_path, monkeypatch):
    folder = tmp_path / "raw"
    folder.mkdir()
    monkeypatch.setattr(paths, "raw", lambda evaluation: folder)
    (tmp_path / "away.geojson").write_text(a_map(BOTH), encoding="utf-8")
    design = a_design(ARMS, map={"file": "map.geojson", "key": "code"})
    assert "no such file" in str(geography.problems(design)[0])
    Path(folder / "map.geojson").symlink_to(tmp_path / "away.geojson")
    assert "a link to another place" in str(geography.problems(design)[0])


@pytest.mark.parametrize(
    ("declared", "message"),
    [
        ({"file": "../map.geojson", "key": "code"}, r"\.\./map\.geojson"),
        ({"file": "map.shp", "key": "code"}, r"map\.shp"),
        ({"file": "map.geojson"}, "no key"),
        ({"key": "code"}, "no file"),
    ],
)
def test_half_a_declaration_is_refused(declared, message):
    with pytest.raises(ValueError, match=message):
        a_design(ARMS, map=declared)
