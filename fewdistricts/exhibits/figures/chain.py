"""The theory of the programme step by step: the difference in change at each link of the chain declared."""

from __future__ import annotations

from textwrap import fill
from typing import Any

from matplotlib.patches import FancyArrowPatch, FancyBboxPatch

from fewdistricts.design import Indicator
from fewdistricts.exhibits.display import Cell, Column, Grid
from fewdistricts.exhibits.figures import style as house
from fewdistricts.exhibits.figures.common import Drawn
from fewdistricts.exhibits.results import Results, Row
from fewdistricts.exhibits.tables.common import contrast_cells, contrast_name
from fewdistricts.exhibits.text.wording import Words

GAP = 0.22  # of a box's width


def chain(results: Results, words: Words) -> Drawn | None:
    """A box a step, several side by side where a step has several indicators; nothing without a declared theory."""
    steps = declared(results)
    if not steps or not results.headline.compares:
        return None
    tallest = max(map(len, steps))
    canvas, (axes,) = house.canvas(0.3 + 0.85 * tallest)
    axes.set_axis_off()
    axes.set_xlim(-0.02, len(steps) * (1 + GAP) - GAP + 0.02)
    axes.set_ylim(-tallest / 2 - 0.05, tallest / 2 + 0.05)
    rows: list[list[Cell] | str] = []
    sentences, last, broken = [], "", False
    for x, step in enumerate(steps):
        left = x * (1 + GAP)
        moved = False
        for k, indicator in enumerate(step):
            row = results.answer(indicator)
            middle = (len(step) - 1) / 2 - k
            clear = results.verdict(indicator).direction in ("better", "up")
            moved |= clear
            _box(axes, words, left, middle, indicator, row, clear)
            if x:
                for other in range(len(steps[x - 1])):
                    start = (left - GAP, (len(steps[x - 1]) - 1) / 2 - other)
                    arrow = FancyArrowPatch(start, (left, middle), arrowstyle="-|>", mutation_scale=9, color=house.GREY)
                    axes.add_patch(arrow)
            rows.append([words.text(indicator.label), *contrast_cells(words, row)])
            if row is not None and row.defined:
                values = {"label": words.text(indicator.label), "interval": words.interval(*row.ends, row.unit)}
                values["difference"] = words.difference(row.estimate, row.unit, *row.ends)
                sentences.append(words.label("figure", "chain", "sentence", **values))
        broken |= not moved
        if not broken:
            last = words.text(step[-1].label)
    confidence = words.share(results.design.inference.confidence, 0)
    heads = [Column(words.label("words", "indicator")), Column(contrast_name(results, words), "decimal")]
    heads.append(Column(words.label("words", "interval", confidence=confidence), "center"))
    meaning: dict[str, object] = {"sentences": " ".join(sentences), "broken": broken, "last": last}
    meaning["confidence"] = confidence
    return Drawn(canvas, Grid(heads, rows), meaning)


def declared(results: Results) -> list[list[Indicator]]:
    """The steps of the declared theory, each one indicator or several."""
    theory = getattr(results.design.intervention, "theory", None) or ()
    steps = []
    for step in theory:
        names = [step] if isinstance(step, str) else list(step)
        steps.append([results.design.indicator(name) for name in names])
    return steps


def _box(
    axes: Any, words: Words, left: float, middle: float, indicator: Indicator, row: Row | None, clear: bool
) -> None:
    patch = FancyBboxPatch(
        (left, middle - 0.4), 1, 0.8, boxstyle="round,pad=0,rounding_size=0.04", facecolor="white",
        edgecolor=house.PILOT, linewidth=1.4 if clear else 1, linestyle="-" if clear else (0, (3, 2)),
    )  # fmt: skip
    axes.add_patch(patch)
    lines = [fill(words.text(indicator.label), 20)]
    if row is not None and row.defined:
        lines.append(words.difference(row.estimate, row.unit, *row.ends))
        if row.bounded:
            lines.append(f"({words.interval(*row.ends, row.unit)})")
    axes.text(left + 0.5, middle, "\n".join(lines), ha="center", va="center", fontsize=8.5, linespacing=1.3)
