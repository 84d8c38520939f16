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


def unit_axis(axis: Any, words: Words, indicator: Indicator) -> None:
    """An axis of levels in the item's own unit."""
    unit = indicator.unit_of

    def shown(value: float, _: object) -> str:
        digits = house.step_decimals(axis)
        return words.share(value, max(0, digits - 2)) if unit == "share" else words.number(value, digits)

    axis.set_major_formatter(shown)


def arm_legend(canvas: Canvas, words: Words, arms: list[str]) -> None:
    """What the colours and marks of the arms mean, below the figure."""
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
    # the stamp stands at the right
    canvas.legend(handles=handles, loc="outside lower left", ncols=len(arms))


def interval_row(panel: Axes, y: float, row: Row, colour: str, marker: str = "o") -> None:
    """A point with its interval on line `y`; an unbounded end runs out of the panel as an arrow would."""
    scale = 100 if row.unit == "share" else 1
    if not row.defined:
        return
    if math.isfinite(row.ci_low) and math.isfinite(row.ci_high):
        panel.plot(
            [row.ci_low * scale, row.ci_high * scale], [y, y], color=colour, linewidth=1.5, solid_capstyle="butt"
        )
    elif row.bounded:
        panel.axhline(y, color=colour, linewidth=0.8, linestyle=(0, (2, 2)))
    panel.plot(row.estimate * scale, y, marker=marker, markersize=5, color=colour)
