"""What the number of districts and of interviews does to the smallest difference that would be found."""

from __future__ import annotations

from math import ceil, isnan

import pandas as pd
import seaborn
from matplotlib.axes import Axes
from matplotlib.ticker import FixedLocator, NullLocator

from fewdistricts.estimates.design_stage import Numbers
from fewdistricts.exhibits.display import Column, Grid, Rows
from fewdistricts.exhibits.figures import style
from fewdistricts.exhibits.figures.common import Figure, hover, mark
from fewdistricts.exhibits.tables.plan import shock_text
from fewdistricts.exhibits.text.wording import Words

LABELLED = (3, 5, 10, 20, 40)  # districts under the axis
SAID = 10  # districts in each arm of which the alternative text speaks
HIGHEST = 0.3  # a difference beyond it interests nobody
# a line for each number of interviews: dashes, colour and width
DASHES = ((1, 1.5), (4, 2), "", "")
COLOURS = (style.GREY, style.GREY, style.INK, style.GREY)
WIDTHS = (1.3, 1.3, 2, 1.3)


def detectable(numbers: Numbers, words: Words) -> Figure | None:
    """A panel for each size of shock: minimum detectable difference of a share of one half against the districts in
    each arm, a line for each number of interviews; nothing where nobody is interviewed."""
    if not numbers.interviews:
        return None
    labels = [_line_name(words, n) for n in numbers.interviews]
    down = ceil(len(numbers.shocks) / 2)
    canvas, axes = style.canvas(1.75 * down + 0.5, 2, down, sharey=True, sharex=True)
    rows: Rows = []
    sentences = []
    own_place = _own_place(numbers)
    shown = numbers.districts.index(SAID) if SAID in numbers.districts else 0
    for shock, grid, own, panel in zip(numbers.shocks, numbers.grid, numbers.own, axes, strict=False):
        _lines(panel, pd.DataFrame(grid, numbers.districts, labels) * 100)
        title = words.label("plan", "panel" if shock else "panel_without", shock=shock_text(words, shock))
        panel.set_title(title)
        rows.append(title)
        for districts, line in zip(numbers.districts, grid, strict=True):
            for label, difference in zip(labels, line, strict=True):
                _value(panel, words, districts, difference, label)
            rows.append([words.number(districts), *(words.number(difference * 100, 1) for difference in line)])
        if own_place is not None and not isnan(own):
            mark(panel, own_place, own * 100, style.PILOT, size=49)
            _value(panel, words, own_place, own, _line_name(words, numbers.n))
        values = {"panel": title, "districts": words.number(numbers.districts[shown])}
        values |= {"few": words.number(grid[shown][0] * 100, 1), "many": words.number(grid[shown][-1] * 100, 1)}
        sentences.append(words.label("figure", "detectable", "sentence", **values))
    _axes(axes, words, len(numbers.shocks))
    handles, _ = axes[0].get_legend_handles_labels()
    canvas.legend(handles, labels, loc="outside upper center", ncols=len(labels))
    columns = [Column(words.label("plan", "each_arm")), *(Column(label, "decimal") for label in labels)]
    meaning = {
        "sentences": " ".join(sentences),
        "power": words.share(numbers.power, 0),
        "deff": words.number(numbers.deff, 1),
        "n": words.number(numbers.n),
        "pilots": words.number(numbers.pilots),
        "comparisons": words.number(numbers.comparisons),
        "placed": own_place is not None,
    }
    return Figure(canvas, Grid(columns, rows), meaning)


def _line_name(words: Words, interviews: float) -> str:
    return words.label("plan", "line", n=words.number(interviews))


def _axes(axes: list[Axes], words: Words, used: int) -> None:
    """Districts in each arm on a logarithmic axis, differences in percentage points, in as many panels as are used."""
    for place, panel in enumerate(axes):
        panel.set_xscale("log")
        panel.set_ylim(0, HIGHEST * 100)
        panel.xaxis.set_major_locator(FixedLocator(LABELLED))
        panel.xaxis.set_minor_locator(NullLocator())
        for axis in (panel.xaxis, panel.yaxis):
            axis.set_major_formatter(lambda value, _: words.number(value))
        panel.grid(axis="y", color="#E4E6E8", linewidth=0.6)
        seaborn.despine(ax=panel)
        panel.set_visible(place < used)
        if place % 2 == 0:
            panel.set_ylabel(words.label("words", "pp"))
        if place >= used - 2:
            panel.set_xlabel(words.label("plan", "each_arm"))
        legend = panel.get_legend()
        if legend is not None:
            legend.remove()  # the figure has one of all panels


def _value(panel: Axes, words: Words, districts: float, difference: float, interviews: str) -> None:
    """What a reader sees on pointing at the difference that so many districts and interviews would find."""
    if difference > HIGHEST:
        return
    shown = words.number(districts, 0 if float(districts).is_integer() else 1)
    places = f"{words.label('plan', 'each_arm')}: {shown}"
    size = f"{words.number(difference * 100, 1)} {words.label('words', 'pp')}"
    hover(panel, districts, difference * 100, f"{places}; {interviews}: {size}")


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
