"""The districts on a map, by group and by difference in change; as tiles where no geometry is at hand."""

from __future__ import annotations

from collections.abc import Mapping
from math import ceil
from textwrap import fill
from typing import Any

import numpy as np
from matplotlib.patches import Patch, PathPatch
from matplotlib.path import Path

from fewdistricts.design import ARMS, Design, District, Indicator
from fewdistricts.exhibits.display import Column, Grid, Rows
from fewdistricts.exhibits.figures import style
from fewdistricts.exhibits.figures.common import (
    Figure,
    balanced,
    hover_area,
    in_full,
    turned,
)
from fewdistricts.exhibits.figures.districts import partial
from fewdistricts.exhibits.results import MOST, Results, Row
from fewdistricts.exhibits.tables.common import contrast_cells, contrast_columns
from fewdistricts.exhibits.text.findings import alike
from fewdistricts.exhibits.text.wording import NOTHING, Words
from fewdistricts.geography import Region, regions

TALLEST = 3.2  # inches
PANELS = 2  # outcomes side by side
EMPTY = "#E6E8EA"  # districts without a figure, and areas around
HATCH = {"pilot": "", "comparison": "////", "neighbour": "...."}
SHADES = 4  # steps of a colour, each told from the next
STRONG, PALE = 0.65, 0.25  # the strongest shade, and where text stands on it
TILES_A_ROW, TILES_ON_PHONE = 6, 3
TILE_TEXT = 14  # characters of a line in a tile


def map_of_groups(results: Results, words: Words) -> Figure | None:
    """Which districts have the programme, which compare and which lie beside; nothing where no map is declared."""
    design = results.design
    places = _places(design)
    if not places:
        return None
    assert design.map is not None
    tiles = design.map.file is None
    canvas, (axes,) = style.canvas(_height(places, 1))
    arms = design.arms
    pale = {arm: style.mixed(style.COLOUR[arm], 0.35) for arm in arms}
    for place in places:
        district = _district(design, place)
        if district is None:
            _draw(axes, place, EMPTY, "white")
            continue
        text = f"{_number(design, district)} {words.name_of(district)}: {words.label('arm', district.arm)}"
        _draw(axes, place, pale[district.arm], style.COLOUR[district.arm], text, HATCH[district.arm])
        _name(axes, place, balanced(words.name_of(district), TILE_TEXT) if tiles else _number(design, district))
    _frame(axes, places)
    handles = []
    for arm in arms:
        name = words.arm(arm, len(results.design.of_arm(arm)))
        handles.append(Patch(facecolor=pale[arm], edgecolor=style.COLOUR[arm], hatch=HATCH[arm], label=name))
    canvas.legend(handles=handles, loc="outside lower left", ncols=len(arms))
    w = words.labels("words")
    rows: Rows = [[_number(design, d), words.name_of(d), words.label("arm", d.arm)] for d in design.districts]
    grid = Grid([Column(words.label("annex", "number"), "right"), Column(w["district"]), Column(w["group"])], rows)
    counts = [words.counted(arm, len(design.of_arm(arm))) for arm in arms]
    numbered = "; ".join(f"{_number(design, d)} {words.name_of(d)}" for d in design.districts)
    return Figure(canvas, grid, {"sentences": words.listed(counts), "tiles": tiles, "numbered": numbered})


def map_of_differences(results: Results, words: Words) -> Figure | None:
    """The pilot and neighbouring districts by difference in change, partially pooled where that is estimated."""
    design = results.design
    places = _places(design)
    shown = [(i, _rows(results, i)) for i in results.primary] if results.headline.compares else []
    shown = [(indicator, rows) for indicator, rows in shown if rows][:PANELS]
    if not places or not shown or len(design.pilots) < 2:
        return None
    tiles = design.map is not None and design.map.file is None
    if tiles:  # as wide as the page, so that each has its name
        places = [place for place in places if any(place.district in rows for _, rows in shown)]
        canvas, panels = style.canvas((_height(places, 1) + 0.15) * len(shown), 1, len(shown))
    else:
        canvas, panels = style.canvas(_height(places, len(shown)) + 0.2, len(shown))
    table: Rows = []
    sentences = []
    pooled = False
    for axes, (indicator, rows) in zip(panels, shown, strict=True):
        largest = max(abs(row.estimate) for row in rows.values())
        axes.set_title(fill(words.text(indicator.label), 70 if tiles else 70 // len(shown)), fontsize=9)
        for place in places:
            row = rows.get(place.district)
            if row is None:
                _draw(axes, place, EMPTY, "white")
                continue
            shade = _shade(row.estimate * turned(indicator), largest, PALE if tiles else STRONG)
            _draw(axes, place, shade, style.INK, _said(results, words, row))
            number = words.difference_of(row)
            name = balanced(words.name_of(design.district(row.district)), TILE_TEXT)
            _name(axes, place, f"{name}\n{number}" if tiles else number, on_white=not tiles)
        _frame(axes, places)
        for district in design.districts:
            row = rows.get(district.id)
            if row is not None:
                pooled |= row.estimator == "partial_pooling"
                values = {"label": words.text(indicator.label), "district": words.name_of(district)}
                table.append([*values.values(), *contrast_cells(words, row)])
                number = words.difference_of(row)
                sentences.append(words.label("figure", "map_of_differences", "sentence", difference=number, **values))
    w = words.labels("words")
    heads = [Column(w["indicator"]), Column(w["district"]), *contrast_columns(results, words, 0, 0)]
    flags = {"pooled": pooled, "without": not tiles, "alike": alike(results)}
    return Figure(canvas, Grid(heads, table), {"sentences": " ".join(sentences), **flags})


def _rows(results: Results, indicator: Indicator) -> Mapping[str, Row]:
    """The contrast of each pilot and neighbouring district that has one."""
    rows = {}
    for district in (*results.design.pilots, *results.design.neighbours):
        row = partial(results, district, indicator) or results.own(district, indicator)
        if row is not None and row.defined:
            rows[district.id] = row
    return rows


# --- drawing -------------------------------------------------------------------------------------------------------


def _places(design: Design) -> list[Region]:
    """Polygons or, without a file, tiles: a row or more for each group."""
    if design.map is None or len(design.districts) > MOST:
        return []
    return regions(design) if design.map.file is not None else _tiles(design)


def _tiles(design: Design) -> list[Region]:
    """A square for each district, the groups below each other."""
    tiles, top = [], 0.0
    a_row = TILES_ON_PHONE if style.is_for_phone() else TILES_A_ROW
    for arm in ARMS:
        members = design.of_arm(arm)
        for k, district in enumerate(members):
            x, y = 1.08 * (k % a_row), top - 0.62 * (k // a_row)
            corners = [(x, y), (x + 1, y), (x + 1, y + 0.54), (x, y + 0.54), (x, y)]
            tiles.append(Region(district.id, (np.array(corners),)))
        top -= 0.62 * ceil(len(members) / a_row)
    return tiles


def _height(places: list[Region], panels: int) -> float:
    """Inches of the drawing, so that it fills its panels' width or is as tall as may be."""
    low, high = _ends(places)
    across, up = high[0] - low[0], high[1] - low[1]
    width = style.width() / panels * 0.95
    return min(TALLEST, width * float(up / across)) + 0.35


def _ends(places: list[Region]) -> tuple[Any, Any]:
    points = np.concatenate([ring for place in places if place.district for ring in place.rings])
    return points.min(axis=0), points.max(axis=0)


def _frame(axes: Any, places: list[Region]) -> None:
    low, high = _ends(places)
    edge = 0.02 * float((high - low).max())
    axes.set_xlim(low[0] - edge, high[0] + edge)
    axes.set_ylim(low[1] - edge, high[1] + edge)
    axes.set_aspect("equal")
    axes.set_axis_off()


def _draw(axes: Any, place: Region, face: str, edge: str, text: str = "", hatch: str = "") -> None:
    path = Path.make_compound_path(*(Path(ring, closed=True) for ring in place.rings))
    area = PathPatch(path, facecolor=face, edgecolor=edge, linewidth=0.8, hatch=hatch or None)
    if text:
        hover_area(area, text)
    axes.add_patch(area)


def _name(axes: Any, place: Region, text: str, *, on_white: bool = True) -> None:
    x, y = place.middle
    box = {"boxstyle": "round,pad=0.15", "facecolor": "white", "edgecolor": "none"} if on_white else None
    axes.text(x, y, text, ha="center", va="center", fontsize=8.5, bbox=box, clip_on=True)


def _said(results: Results, words: Words, row: Row) -> str:
    return f"{words.name_of(results.design.district(row.district))}: {in_full(words, row)}"


def _district(design: Design, place: Region) -> District | None:
    return next((d for d in design.districts if d.id == place.district), None)


def _number(design: Design, district: District) -> str:
    """The district's number in order of declaration, by which the table names it."""
    return str(design.districts.index(district) + 1) if district in design.districts else NOTHING


def _shade(gain: float, largest: float, most: float) -> str:
    """A shade of the pilots' colour where better, of the comparisons' where worse, in steps up to `most`."""
    if largest == 0:
        return "#FFFFFF"
    step = ceil(abs(gain) / largest * SHADES - 1e-9) / SHADES
    return style.mixed(style.PILOT if gain > 0 else style.COMPARISON, most * step)
