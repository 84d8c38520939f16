"""What the number of districts and of interviews does to the smallest difference that would be found."""

from __future__ import annotations

from math import isnan

import pandas as pd
import seaborn
from matplotlib.axes import Axes
from matplotlib.ticker import FixedLocator, NullLocator

from fewdistricts.estimates.design_stage import Numbers
from fewdistricts.exhibits.display import Cell, Column, Grid
from fewdistricts.exhibits.figures import style as house
from fewdistricts.exhibits.figures.common import Drawn, hover, mark
from fewdistricts.exhibits.tables.plan import shock_text
from fewdistricts.exhibits.text.wording import Words

LABELLED = (3, 5, 10, 20, 40)  # districts under the axis
HIGHEST = 0.3  # a difference beyond it interests nobody
# a line for each number of interviews: dashes, colour and width
DASHES = ((1, 1.5), (4, 2), "", "")
COLOURS = (house.GREY, house.GREY, house.INK, house.GREY)
WIDTHS = (1.3, 1.3, 2, 1.3)


def detectable(numbers: Numbers, words: Words) -> Drawn | None:
    """A panel for each size of shock: minimum detectable difference of a share of one half against the districts in
    each arm, a line for each number of interviews; nothing where nobody is interviewed."""
    if not numbers.interviews:
        return None
    labels = [words.label("plan", "line", n=words.number(n)) for n in numbers.interviews]
    lines = -(-len(numbers.shocks) // 2)
    canvas, axes = house.canvas(1.75 * lines + 0.5, 2, lines, sharey=True, sharex=True)
    rows: list[list[Cell] | str] = []
    sentences = []
    for shock, grid, own, panel in zip(numbers.shocks, numbers.grid, numbers.own, axes, strict=False):
        _lines(panel, pd.DataFrame(grid, numbers.districts, labels) * 100)
        for districts, line in zip(numbers.districts, grid, strict=True):
            for label, difference in zip(labels, line, strict=True):
                _value(panel, words, districts, difference, label)
        place = _own_place(numbers)
        if place is not None and not isnan(own):
            mark(panel, place, own * 100, house.PILOT, size=49)
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
    handles, _ = axes[0].get_legend_handles_labels()
    for panel in axes:
        legend = panel.get_legend()
        if legend is not None:
            legend.remove()
    canvas.legend(handles, labels, loc="outside upper center", ncols=len(labels))
    columns = [Column(words.label("plan", "each_arm"))]
    columns += [Column(label, "decimal") for label in labels]
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


def _lines(panel: Axes, detectable: pd.DataFrame) -> None:
    """A line for each column, against the districts of the index."""
    dashes, colours, widths = (
        dict(zip(detectable.columns, looks, strict=False)) for looks in (DASHES, COLOURS, WIDTHS)
    )
    long = detectable.rename_axis("districts").reset_index().melt("districts", var_name="line")
    seaborn.lineplot(
        long, x="districts", y="value", hue="line", style="line", size="line", palette=colours, dashes=dashes,
        sizes=widths, errorbar=None, ax=panel,
    )  # fmt: skip
    panel.set(xlabel="", ylabel="")


def _own_place(numbers: Numbers) -> float | None:
    """Districts in each of two equal arms that weigh as much as those declared: their harmonic mean."""
    if not numbers.clustered:
        return None
    place = 2 / (1 / numbers.pilots + 1 / numbers.comparisons)
    return place if numbers.districts[0] <= place <= numbers.districts[-1] else None
