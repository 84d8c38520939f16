"""What the number of districts and of interviews does to the smallest difference that would be found."""

from __future__ import annotations

from math import isnan

import seaborn
from matplotlib.axes import Axes
from matplotlib.ticker import FixedLocator, NullLocator

from fewdistricts.estimates.design_stage import Numbers
from fewdistricts.exhibits.display import Cell, Column, Grid
from fewdistricts.exhibits.figures import style as house
from fewdistricts.exhibits.figures.common import Drawn, hover
from fewdistricts.exhibits.tables.plan import shock_text
from fewdistricts.exhibits.text.wording import Words

LABELLED = (3, 5, 10, 20, 40)  # districts under the axis
HIGHEST = 0.3  # a difference beyond it interests nobody
STYLES = ((0, (1, 1.5)), (0, (4, 2)), "-", "-")
COLOURS = (house.GREY, house.GREY, house.INK, house.GREY)


def detectable(numbers: Numbers, words: Words) -> Drawn | None:
    """A panel for each size of shock: minimum detectable difference of a share of one half against the districts in
    each arm, a line for each number of interviews; nothing where nobody is interviewed."""
    if not numbers.interviews:
        return None
    lines = -(-len(numbers.shocks) // 2)
    canvas, axes = house.canvas(1.75 * lines + 0.5, 2, lines, sharey=True, sharex=True)
    rows: list[list[Cell] | str] = []
    sentences = []
    for shock, grid, own, panel in zip(numbers.shocks, numbers.grid, numbers.own, axes, strict=False):
        for k, n in enumerate(numbers.interviews):
            label = words.label("plan", "line", n=words.number(n))
            panel.plot(
                numbers.districts,
                [line[k] * 100 for line in grid],
                color=COLOURS[k],
                linestyle=STYLES[k],
                linewidth=2 if COLOURS[k] == house.INK else 1.3,
                label=label,
            )
            for districts, line in zip(numbers.districts, grid, strict=True):
                _value(panel, words, districts, line[k], label)
        place = _own_place(numbers)
        if place is not None and not isnan(own):
            panel.plot(place, own * 100, marker="o", color=house.PILOT, markersize=7, linestyle="", zorder=5)
            _value(panel, words, place, own, words.label("plan", "line", n=words.number(numbers.n)))
        title = words.label("plan", "panel" if shock else "panel_without", shock=shock_text(words, shock))
        panel.set_title(title)
        rows.append(title)
        for g, line in zip(numbers.districts, grid, strict=True):
            rows.append([words.number(g), *(words.number(v * 100, 1) for v in line)])
        at = numbers.districts.index(10) if 10 in numbers.districts else 0
        sentences.append(
            words.label(
                "figure",
                "detectable",
                "sentence",
                panel=title,
                districts=words.number(numbers.districts[at]),
                few=words.number(grid[at][0] * 100, 1),
                many=words.number(grid[at][-1] * 100, 1),
            )
        )
    for place, panel in enumerate(axes):
        panel.set_visible(place < len(numbers.shocks))
        panel.set_xscale("log")
        panel.set_ylim(0, HIGHEST * 100)
        panel.xaxis.set_major_locator(FixedLocator(LABELLED))
        panel.xaxis.set_minor_locator(NullLocator())
        panel.xaxis.set_major_formatter(lambda value, _: words.number(value))
        panel.yaxis.set_major_formatter(lambda value, _: words.number(value))
        panel.grid(axis="y", color="#E4E6E8", linewidth=0.6)
        if place % 2 == 0:
            panel.set_ylabel(words.label("words", "pp"))
        if place >= len(numbers.shocks) - 2:
            panel.set_xlabel(words.label("plan", "each_arm"))
        seaborn.despine(ax=panel)
    handles, labels = axes[0].get_legend_handles_labels()
    canvas.legend(handles, labels, loc="outside upper center", ncols=len(labels))
    columns = [Column(words.label("plan", "each_arm"))]
    columns += [Column(words.label("plan", "line", n=words.number(n)), "decimal") for n in numbers.interviews]
    values = {
        "sentences": " ".join(sentences),
        "power": words.share(numbers.power, 0),
        "deff": words.number(numbers.deff, 1),
        "n": words.number(numbers.n),
        "pilots": words.number(numbers.pilots),
        "comparisons": words.number(numbers.comparisons),
        "placed": _own_place(numbers) is not None,
    }
    return Drawn(canvas, Grid(columns, rows), values)


def _value(panel: Axes, words: Words, districts: float, difference: float, interviews: str) -> None:
    """What a reader sees on pointing at the difference that so many districts and interviews would find."""
    if difference > HIGHEST:
        return
    shown = words.number(districts, 0 if float(districts).is_integer() else 1)
    places = f"{words.label('plan', 'each_arm')}: {shown}"
    found = f"{words.number(difference * 100, 1)} {words.label('words', 'pp')}"
    hover(panel, districts, difference * 100, f"{places}; {interviews}: {found}")


def _own_place(numbers: Numbers) -> float | None:
    """Districts in each of two equal arms that weigh as much as those declared: their harmonic mean."""
    if not numbers.clustered:
        return None
    place = 2 / (1 / numbers.pilots + 1 / numbers.comparisons)
    return place if numbers.districts[0] <= place <= numbers.districts[-1] else None
