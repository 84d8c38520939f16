"""What figures share: the drawn figure, legends and axes in words."""

from __future__ import annotations

import functools
import math
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from textwrap import fill
from typing import Any, TypeVar

import seaborn
from matplotlib.artist import Artist
from matplotlib.axes import Axes
from matplotlib.collections import PathCollection
from matplotlib.figure import Figure as Canvas
from matplotlib.lines import Line2D
from matplotlib.markers import MarkerStyle
from matplotlib.path import Path
from matplotlib.transforms import IdentityTransform

from fewdistricts.design import Indicator
from fewdistricts.exhibits.display import Grid
from fewdistricts.exhibits.figures import style
from fewdistricts.exhibits.results import Results, Row
from fewdistricts.exhibits.text.wording import Words

VALUE = "value:"
T = TypeVar("T")


@dataclass(frozen=True)
class Figure:
    """A figure with the table of what it draws and the values that its caption, alt text and note ask for."""

    canvas: Canvas
    data: Grid
    values: dict[str, Any] = field(default_factory=dict)


def most_lines(texts: Iterable[str]) -> int:
    """Lines of the text that has the most."""
    return max((text.count("\n") + 1 for text in texts), default=1)


def balanced(text: str, most: int) -> str:
    """Text in as few lines of so many characters as it takes, about as long as one another: no word is left alone."""
    wrapped = fill(text, most)
    for width in range(max(map(len, text.split()), default=most), most):
        narrower = fill(text, width)
        if narrower.count("\n") == wrapped.count("\n"):
            return narrower
    return wrapped


def title_width(panels: int) -> int:
    """Characters on a line of a title above one of so many panels side by side."""
    return 108 // (2 + panels)


def titles_of(indicators: list[Indicator], words: Words) -> list[str]:
    """Names of outcomes in lines as wide as their panels, which stand side by side."""
    return [fill(words.text(indicator.label), title_width(len(indicators))) for indicator in indicators]


def lines_of(label: str) -> float:
    """Lines of a panel that a label takes at its side: one, or more where it breaks."""
    return max(1, 0.1 + 0.8 * most_lines([label]))


def axis_scale(unit: str) -> int:
    """What an axis of differences multiplies: shares are shown in percentage points, everything else as it is."""
    return 100 if unit == "share" else 1


def by_axis(members: Iterable[T], unit_of: Callable[[T], str]) -> list[list[T]]:
    """What may share an axis: all shares, all scales, and each count alone, in a unit and size of its own."""
    by_unit: dict[str, list[T]] = {"share": [], "scale": [], "count": []}
    for member in members:
        by_unit[unit_of(member)].append(member)
    alone = [[member] for member in by_unit["count"]]
    return [together for together in (by_unit["share"], by_unit["scale"], *alone) if together]


def lines_of_differences(
    panel: Axes,
    words: Words,
    indicators: Sequence[Indicator],
    names: Sequence[str],
    ends: tuple[float, float],
    *,
    places: Sequence[float] = (),
    ticks: int = 7,
) -> None:
    """Name the lines of a panel of differences, at their `places` or one a unit, and put their unit below them.

    `ends` are the last and the first place that the panel shows.
    """
    panel.set_yticks(places or range(len(names)), names)
    panel.set_ylim(*ends)
    panel.set_ylabel("")
    panel.tick_params(axis="y", length=0)
    panel.set_xlabel(words.axis(indicators[0].unit_of, *indicators), fontsize=8.5)
    style.signed_ticks(panel, words, ticks)
    seaborn.despine(ax=panel, left=True)


def zero_line(panel: Axes) -> None:
    """The vertical line at no difference."""
    panel.axvline(0, color=style.INK, linewidth=0.8, zorder=0)


def unit_axis(axis: Any, words: Words, indicator: Indicator) -> None:
    """An axis of levels in the item's own unit."""
    unit = indicator.unit_of

    def shown(value: float, digits: int) -> str:
        return words.share(value, max(0, digits - 2)) if unit == "share" else words.number(value, digits)

    axis.set_major_formatter(style.Steps(shown))


def arm_legend(canvas: Canvas, results: Results, words: Words, arms: list[str]) -> None:
    """What the colours and marks of the arms mean, below the figure; above it where the stamp takes the width."""
    handles = [
        Line2D(
            [],
            [],
            color=style.COLOUR[a],
            marker=style.MARKER[a],
            linewidth=2.2,
            markersize=5.5,
            label=words.arm(a, len(results.design.of_arm(a))),
        )
        for a in arms
    ]
    wide = canvas.get_figwidth() == style.TEXT_WIDTH
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
    text: str = "",
) -> None:
    """A point with its interval on line `y`; an unbounded one is a dashed line through the panel.

    seaborn draws intervals that it computes from data; these are given, so that the axes draw them.
    `scale` is 100 for shares and 1 else unless given; `turn` is -1 where the axis shows the other direction.
    `text` is shown when a reader points at the mark.
    """
    scale = (scale or axis_scale(row.unit)) * turn
    if not row.defined:
        return
    if math.isfinite(row.ci_low) and math.isfinite(row.ci_high):
        ends = [row.ci_low * scale, row.ci_high * scale]
        panel.plot(ends, [y, y], color=colour, linewidth=1.5, solid_capstyle="butt", zorder=2)
    elif row.bounded:
        panel.axhline(y, color=colour, linewidth=0.8, linestyle=(0, (2, 2)))
    mark(panel, row.estimate * scale, y, colour, marker, face="white" if hollow else "")
    if text:
        hover(panel, row.estimate * scale, y, text)


def mark(
    panel: Axes, x: float, y: float, colour: str, marker: str = "o", *, size: float = 30, width: float = 1.2,
    face: str = "",
) -> None:  # fmt: skip
    """One mark with an edge of this colour, filled with it or with `face`.

    What `scatter` draws, without its search for colours and shapes, which took a tenth of the time of a report.
    """
    drawn = PathCollection(
        [_shape(marker)],
        (size,),
        offsets=[(x, y)],
        offset_transform=panel.transData,
        facecolors=face or colour,
        edgecolors=colour,
        linewidths=width,
        zorder=3,
    )
    drawn.set_transform(IdentityTransform())
    panel.add_collection(drawn, autolim=False)  # which would first scale the panel to all that it holds already
    panel.update_datalim([(x, y)])
    panel.autoscale(None)  # type: ignore[arg-type] # neither on nor off: asked for when it is drawn


@functools.cache
def _shape(marker: str) -> Path:
    shape = MarkerStyle(marker)
    return shape.get_path().transformed(shape.get_transform())


def hover(panel: Axes, x: float, y: float, text: str) -> None:
    """What a browser shows when a reader points here: a disc that nobody sees, upon the mark, however that was drawn.

    The page gives an element whose id begins with `value:` a title of that text.
    """
    disc = Line2D([x], [y], linestyle="", marker="o", markersize=11, markeredgewidth=0, alpha=0, zorder=9)
    disc.set_gid(f"{VALUE} {text}")
    panel.add_artist(disc)


def hover_level(
    panel: Axes, words: Words, indicator: Indicator, place: tuple[float, float], names: Iterable[str]
) -> None:
    """The level that a mark stands for, with whose it is: the place is its own x and the level."""
    x, level = place
    hover(panel, x, level, f"{', '.join(names)}: {words.level(level, indicator.unit_of, of=indicator)}")


def hover_area(area: Artist, text: str) -> None:
    """What a browser shows when a reader points at a bar or a place on a map."""
    area.set_gid(f"{VALUE} {text}")


def in_full(words: Words, row: Row) -> str:
    """A difference with its interval, as it is printed beside a mark or shown on hovering."""
    difference = words.difference_of(row)
    return f"{difference} ({words.interval_of(row)})" if row.bounded else difference


def turned(indicator: Indicator) -> int:
    """The sign that makes more of an indicator better."""
    return -1 if indicator.better == "lower" else 1


def is_directed(indicators: Iterable[Indicator]) -> bool:
    """Whether more of any of them is better or worse, so that one side of an axis is the better one."""
    return any(indicator.better != "none" for indicator in indicators)


def counted_better(better: list[bool], words: Words) -> dict[str, Any]:
    """On how many of the outcomes that have a better direction something was better, for a title."""
    return {
        "better": sum(better),
        "judged": len(better),
        "number": words.in_words(sum(better), "indicator"),
        "of": words.in_words(len(better), "indicator"),
    }


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
