"""What figures share: the drawn figure, legends and axes in words."""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

from matplotlib.axes import Axes
from matplotlib.figure import Figure as Canvas
from matplotlib.lines import Line2D

from fewdistricts.design import Indicator
from fewdistricts.exhibits.display import Grid
from fewdistricts.exhibits.figures import style as house
from fewdistricts.exhibits.results import Row
from fewdistricts.exhibits.text.wording import Words


@dataclass(frozen=True)
class Drawn:
    """A figure with the table of what it draws and the values that its caption, alt text and note ask for."""

    canvas: Canvas
    data: Grid
    values: dict[str, Any] = field(default_factory=dict)


def most_lines(texts: Iterable[str]) -> int:
    """Lines of the text that has the most."""
    return max((text.count("\n") + 1 for text in texts), default=1)


def lines_of(label: str) -> float:
    """Lines of a panel that a label takes at its side: one, or more where it breaks."""
    return max(1, 0.1 + 0.8 * most_lines([label]))


def unit_axis(axis: Any, words: Words, indicator: Indicator) -> None:
    """An axis of levels in the item's own unit."""
    unit = indicator.unit_of

    def shown(value: float, _: object) -> str:
        digits = house.step_decimals(axis)
        return words.share(value, max(0, digits - 2)) if unit == "share" else words.number(value, digits)

    axis.set_major_formatter(shown)


def arm_legend(canvas: Canvas, words: Words, arms: list[str]) -> None:
    """What the colours and marks of the arms mean, below the figure; above it where the stamp takes the width."""
    handles = [
        Line2D(
            [],
            [],
            color=house.COLOUR[a],
            marker=house.MARKER[a],
            linewidth=2.2,
            markersize=5.5,
            label=words.label("arms", a),
        )
        for a in arms
    ]
    wide = canvas.get_figwidth() == house.TEXT_WIDTH
    canvas.legend(handles=handles, loc="outside lower left" if wide else "outside upper left", ncols=len(arms))


def interval_row(
    panel: Axes,
    y: float,
    row: Row,
    colour: str,
    marker: str = "o",
    *,
    scale: float = 0,
    turn: float = 1,
    hollow: bool = False,
) -> None:
    """A point with its interval on line `y`; an unbounded one is a dashed line through the panel.

    seaborn draws intervals that it computes from data; these are given, so that the axes draw them.
    `scale` is 100 for shares and 1 else unless given; `turn` is -1 where the axis shows the other direction.
    """
    scale = (scale or (100 if row.unit == "share" else 1)) * turn
    if not row.defined:
        return
    if math.isfinite(row.ci_low) and math.isfinite(row.ci_high):
        ends = [row.ci_low * scale, row.ci_high * scale]
        panel.plot(ends, [y, y], color=colour, linewidth=1.5, solid_capstyle="butt", zorder=2)
    elif row.bounded:
        panel.axhline(y, color=colour, linewidth=0.8, linestyle=(0, (2, 2)))
    mark(panel, row.estimate * scale, y, colour, marker, face="white" if hollow else "")


def mark(
    panel: Axes, x: float, y: float, colour: str, marker: str = "o", *, size: float = 30, width: float = 1.2,
    face: str = "",
) -> None:  # fmt: skip
    """One mark that a reader can point at (see `hover`), with an edge of this colour, and filled with it or `face`.

    seaborn draws series of marks in one group, where a reader could not point at one; a call of it for each mark took a
    third of the time of a report's figures.
    """
    panel.scatter([x], [y], s=size, marker=marker, c=face or colour, edgecolors=colour, linewidths=width, zorder=3)


def hover(panel: Axes, text: str) -> None:
    """What a browser shows when a reader points at the mark drawn last."""
    if panel.collections:
        panel.collections[-1].set_gid(f"value: {text}")


def turned(indicator: Indicator) -> int:
    """The sign that makes more of an indicator better."""
    return -1 if indicator.better == "lower" else 1


def label_apart(places: list[float], least: float) -> list[float]:
    """Places of labels in their order, moved apart as little as needed to lie `least` from one another."""
    order = sorted(range(len(places)), key=lambda k: places[k])
    moved = [places[k] for k in order]
    for _ in range(50):
        pushed = False
        for k in range(len(moved) - 1):
            gap = moved[k + 1] - moved[k]
            if gap < least - 1e-12:
                shift = (least - gap) / 2
                moved[k] -= shift
                moved[k + 1] += shift
                pushed = True
        if not pushed:
            break
    out = [0.0] * len(places)
    for place, k in zip(moved, order, strict=True):
        out[k] = place
    return out
