"""One district's place among all: how much each district changed by itself."""

from __future__ import annotations

from collections.abc import Sequence
from textwrap import fill
from typing import Any

import pandas as pd
import seaborn
from matplotlib.axes import Axes
from matplotlib.lines import Line2D

from fewdistricts.design import District, Indicator, Wave
from fewdistricts.exhibits.display import Column, Grid, Rows
from fewdistricts.exhibits.figures import style
from fewdistricts.exhibits.figures.common import (
    Figure,
    axis_scale,
    by_axis,
    counted_better,
    hover,
    in_full,
    lines_of_differences,
    mark,
    most_lines,
    turned,
    zero_line,
)
from fewdistricts.exhibits.results import Results, Row
from fewdistricts.exhibits.text.wording import Words

BENEATH_FIRST = ("comparison", "neighbour", "pilot")  # of arms whose marks lie upon each other
LANE = {"comparison": 0.26, "neighbour": 0.08, "pilot": 0.08}  # below the line's own mark
LEGEND, AXIS = 0.3, 0.45  # inches of the legend, and of an axis with its unit
Changes = list[tuple[District, Row]]


def place(results: Results, words: Words, district: District, indicators: list[Indicator]) -> Figure | None:
    """The change of each district between the waves of one of them, which stands out; a line an outcome.

    Nothing where that district has no change to show.
    """
    base, followups = results.design.baseline(district), results.design.followups(district)
    if base is None or not followups or not results.changes:
        return None
    changes = {i.id: _changes(results, i, base, followups[-1]) for i in indicators}
    shown = [i for i in indicators if any(d.id == district.id for d, _ in changes[i.id])]
    if not shown:
        return None
    panels = by_axis(shown, lambda indicator: indicator.unit_of)
    arms_of_others = {d.arm for d, _ in changes[shown[0].id] if d.id != district.id}
    arms = [arm for arm in BENEATH_FIRST if arm in arms_of_others]
    names = {i.id: fill(words.text(i.label), 38) for i in shown}
    line = max(0.36, 0.15 * most_lines(names.values()))  # inches a line of marks, no less than its name needs
    heights = [len(members) + 0.1 for members in panels]
    height = LEGEND + style.STAMP + AXIS * len(panels) + line * sum(heights)
    canvas, axes = style.canvas(height, 1, len(panels), height_ratios=heights)
    rows: Rows = []
    sentences = []
    for panel, members in zip(axes, panels, strict=True):
        for y, indicator in enumerate(members):
            _line(panel, words, y, changes[indicator.id], district)
            sentences.append(_sentence(words, indicator, changes[indicator.id], district, arms))
            for other, row in changes[indicator.id]:
                number = words.difference_of(row)
                rows.append([words.text(indicator.label), words.name_of(other), number])
        zero_line(panel)
        lines_of_differences(panel, words, members, [names[i.id] for i in members], (len(members) - 0.5, -0.6))
    _legend(canvas, results, words, arms, district)
    w = words.labels("words")
    grid = Grid([Column(w["indicator"]), Column(w["district"]), Column(w["change"], "decimal")], rows)
    values = {
        "district": words.name_of(district),
        "sentences": " ".join(sentences),
        "compares": results.headline.compares,
        "one_comparison": len(results.design.comparisons) == 1,
        **counted_better(_better(changes, shown, district), words),
    }
    return Figure(canvas, grid, values)


def _better(changes: dict[str, Changes], indicators: list[Indicator], district: District) -> list[bool]:
    """Of each outcome, whether a pilot district improved, and more than every comparison district did."""
    better = []
    for indicator in indicators:
        moved = [(d, row.estimate * turned(indicator)) for d, row in changes[indicator.id]]
        own = next(change for d, change in moved if d.id == district.id)
        others = [change for d, change in moved if d.arm == "comparison"]
        if district.arm == "pilot" and others and indicator.better != "none":
            better.append(own > max(0.0, *others))
    return better


def _changes(results: Results, indicator: Indicator, base: Wave, later: Wave) -> Changes:
    """The change of every district that has one between two waves."""
    rows = [(d, results.change(d.id, later, base, indicator)) for d in results.design.districts]
    return [(d, row) for d, row in rows if row is not None and row.defined]


def _line(panel: Axes, words: Words, y: int, changes: Changes, district: District) -> None:
    """Every district in lanes under each other: the district itself with its number, others like it, the rest."""
    records = []
    for other, row in changes:
        if other.id != district.id:
            place = row.estimate * axis_scale(row.unit), y + LANE[other.arm]
            records.append((other.arm, *place))
            hover(panel, *place, f"{words.name_of(other)}: {in_full(words, row)}")
    others = pd.DataFrame(records, columns=["arm", "change", "y"])
    seaborn.scatterplot(
        others, x="change", y="y", hue="arm", style="arm", palette=style.COLOUR, markers=style.MARKER, s=26,
        alpha=0.6, linewidth=0, legend=False, ax=panel, zorder=3,
    )  # fmt: skip
    own = next(row for d, row in changes if d.id == district.id)
    place = own.estimate * axis_scale(own.unit), y - 0.22
    colour = style.COLOUR[district.arm]
    mark(panel, *place, colour, style.MARKER[district.arm], size=70)
    hover(panel, *place, f"{words.name_of(district)}: {in_full(words, own)}")
    panel.annotate(
        words.difference_of(own), place, xytext=(7, 0),
        textcoords="offset points", ha="left", va="center", fontsize=9, fontweight="semibold", color=colour,
    )  # fmt: skip


def _sentence(words: Words, indicator: Indicator, changes: Changes, district: District, arms: Sequence[str]) -> str:
    """The district's change, and the lowest and highest of the others, arm by arm."""
    unit = indicator.unit_of
    own = next(row for d, row in changes if d.id == district.id)
    difference = words.with_unit(own.estimate, unit, *own.ends, of=indicator)
    label = words.text(indicator.label)
    parts = [words.label("figure", "brief", "sentence", label=label, difference=difference)]
    for arm in arms:
        others = [row.estimate for d, row in changes if d.arm == arm and d.id != district.id]
        if others:
            low, high = words.difference(min(others), unit), words.difference(max(others), unit)
            parts.append(words.label("figure", "brief", arm, low=low, high=high))
    return " ".join(parts)


def _legend(canvas: Any, results: Results, words: Words, arms: Sequence[str], district: District) -> None:
    """The district's own mark, and the paler ones of the others."""
    handles = [_handle(district.arm, words.label("brief", "this_district"), markersize=9)]
    for arm in reversed(arms):
        number = len(results.design.of_arm(arm))
        name = _other(words, arm, number - 1) if arm == district.arm else words.arm(arm, number)
        handles.append(_handle(arm, name, markersize=5, alpha=0.6))
    canvas.legend(handles=handles, loc="outside upper left", ncols=len(handles))


def _handle(arm: str, name: str, **look: Any) -> Line2D:
    colour, marker = style.COLOUR[arm], style.MARKER[arm]
    return Line2D([], [], color=colour, marker=marker, linestyle="", markeredgewidth=0, label=name, **look)


def _other(words: Words, arm: str, number: int) -> str:
    """The other districts of the arm that this one belongs to."""
    return words.label("brief", "other", arm, noun=words.nouns["area"].counted(number), several=number != 1)
