"""One district's place among all: how much each district changed by itself."""

from __future__ import annotations

from textwrap import fill
from typing import Any

import seaborn
from matplotlib.axes import Axes
from matplotlib.lines import Line2D

from fewdistricts.design import District, Indicator, Wave
from fewdistricts.exhibits.display import Cell, Column, Grid
from fewdistricts.exhibits.figures import style as house
from fewdistricts.exhibits.figures.common import Drawn
from fewdistricts.exhibits.results import Results, Row
from fewdistricts.exhibits.text.wording import Words

ARMS = ("comparison", "neighbour", "pilot")  # what lies on top comes last


def place(results: Results, words: Words, district: District, indicators: list[Indicator]) -> Drawn | None:
    """The change of each district between the waves of one of them, which stands out; a line an outcome.

    Nothing where that district has no change to show.
    """
    base, followups = results.design.baseline(district), results.design.followups(district)
    if base is None or not followups:
        return None
    changes = {
        i.id: [(d, r) for d in results.design.districts if (r := _defined(results, d, followups[-1], base, i))]
        for i in indicators
    }
    shown = [i for i in indicators if any(d.id == district.id for d, _ in changes[i.id])]
    if not shown:
        return None
    panels = [members for unit in ("share", "scale") if (members := [i for i in shown if i.unit_of == unit])]
    panels += [[i] for i in shown if i.unit_of == "count"]  # each in a unit and size of its own
    arms = [a for a in ARMS if any(d.arm == a and d.id != district.id for d, _ in changes[shown[0].id])]
    names = {i.id: fill(words.text(i.label), 38) for i in shown}
    tallest = max(name.count("\n") for name in names.values())
    heights = [len(p) + 0.7 for p in panels]
    each = max(0.33, 0.14 * (tallest + 1))  # inches a line of marks, no less than its name needs
    canvas, axes = house.canvas(0.45 + each * sum(heights), 1, len(panels), height_ratios=heights)
    rows: list[list[Cell] | str] = []
    sentences = []
    for panel, members in zip(axes, panels, strict=True):
        for y, i in enumerate(members):
            _line(panel, words, y, changes[i.id], district)
            sentences.append(_sentence(words, i, changes[i.id], district, arms))
            for d, r in changes[i.id]:
                rows.append([words.text(i.label), words.text(d.name), words.difference(r.estimate, r.unit, *r.ends)])
        panel.axvline(0, color=house.INK, linewidth=0.8, zorder=0)
        panel.set_yticks(range(len(members)), [names[i.id] for i in members])
        panel.set_ylim(len(members) - 0.5, -0.55)
        house.difference_axis(panel, words, members[0].unit_of)
        seaborn.despine(ax=panel, left=True)
    _legend(canvas, words, arms, district)
    w = words.labels("words")
    grid = Grid([Column(w["indicator"]), Column(w["district"]), Column(w["change"], "decimal")], rows)
    return Drawn(
        canvas,
        grid,
        {
            "district": words.text(district.name),
            "sentences": " ".join(sentences),
            "compares": results.headline.compares,
        },
    )


def _defined(results: Results, d: District, wave: Wave, base: Wave, indicator: Indicator) -> Row | None:
    row = results.change(d.id, wave, base, indicator)
    return row if row is not None and row.defined else None


def _line(panel: Axes, words: Words, y: int, changes: list[tuple[District, Row]], district: District) -> None:
    """Every district in three lanes under each other: the district itself with its number, others like it, the rest."""
    for d, r in changes:
        own, x = d.id == district.id, r.estimate * (100 if r.unit == "share" else 1)
        style: dict[str, Any] = {"marker": house.MARKER[d.arm], "color": house.COLOUR[d.arm], "markeredgewidth": 0}
        if not own:
            panel.plot(x, y + (0.3 if d.arm == "comparison" else 0.05), markersize=5, alpha=0.6, zorder=3, **style)
            continue
        panel.plot(x, y - 0.24, markersize=9, zorder=4, **style)
        panel.annotate(
            words.difference(r.estimate, r.unit, *r.ends),
            (x, y - 0.24),
            xytext=(7, 0),
            textcoords="offset points",
            ha="left",
            va="center",
            fontsize=9,
            fontweight="semibold",
            color=house.COLOUR[d.arm],
        )


def _sentence(
    words: Words, indicator: Indicator, changes: list[tuple[District, Row]], district: District, arms: list[str]
) -> str:
    """The district's change, and the lowest and highest of the others, arm by arm."""
    unit = indicator.unit_of
    own = next(r for d, r in changes if d.id == district.id)
    parts = []
    for arm in arms:
        others = [r.estimate for d, r in changes if d.arm == arm and d.id != district.id]
        if others:
            low, high = words.difference(min(others), unit), words.difference(max(others), unit)
            parts.append(words.label("figure", "brief", arm, low=low, high=high))
    text = words.label(
        "figure",
        "brief",
        "sentence",
        label=words.text(indicator.label),
        difference=words.with_unit(own.estimate, unit, *own.ends),
    )
    return " ".join([text, *parts])


def _legend(canvas: Any, words: Words, arms: list[str], district: District) -> None:
    own = Line2D([], [], color=house.COLOUR[district.arm], marker=house.MARKER[district.arm], linestyle="")
    own.set(markersize=9, markeredgewidth=0, label=words.label("brief", "this_district"))
    handles = [own]
    for arm in reversed(arms):
        mark = Line2D([], [], color=house.COLOUR[arm], marker=house.MARKER[arm], linestyle="", markersize=5, alpha=0.6)
        other = arm == district.arm
        mark.set_markeredgewidth(0)
        mark.set_label(words.label("brief", "other", arm) if other else words.label("arms", arm))
        handles.append(mark)
    canvas.legend(handles=handles, loc="outside upper left", ncols=len(handles))
