"""Levels of the primary outcomes before and after, with single districts."""

from __future__ import annotations

from textwrap import fill
from typing import Any

from matplotlib.axes import Axes

from fewdistricts.exhibits.display import Cell, Column, Grid
from fewdistricts.exhibits.figures import style as house
from fewdistricts.exhibits.figures.common import Drawn, arm_legend, unit_axis
from fewdistricts.exhibits.results import MOST, Results, Row
from fewdistricts.exhibits.tables.common import level_cell
from fewdistricts.exhibits.text.wording import Words


def levels(results: Results, words: Words) -> Drawn | None:
    """Slope charts of the primary outcomes: means of the groups thick, single districts thin."""
    if not results.changes:
        return None
    head = results.headline
    indicators = results.primary[:6]
    columns = 2 if len(indicators) == 4 else min(3, len(indicators))
    lines = -(-len(indicators) // columns)
    titles = [fill(words.text(i.label), 30) for i in indicators]
    height = 2.35 * lines + 0.25
    canvas, axes = house.canvas(height, columns, lines)
    arms = ["pilot", "comparison"] if head.compares else ["pilot"]
    ends_ids = (head.baseline_wave, head.wave)
    by_wave = len(results.design.waves) > 2
    waves = [w.id for w in results.design.waves] if by_wave else list(ends_ids)
    rows: list[list[Cell] | str] = []
    sentences = []
    for panel, indicator, title in zip(axes, indicators, titles, strict=False):
        shown: dict[str, str] = {}
        for arm in arms:
            members = [d for d in results.design.districts if d.arm == arm]
            for d in members if len(members) <= MOST else []:
                _slope(panel, [results.level(d.id, wave, indicator) for wave in waves], arm, thin=True)
            _slope(panel, [results.level(arm, wave, indicator) for wave in waves], arm, thin=False)
            ends = [results.level(arm, wave, indicator) for wave in ends_ids]
            prefix = "" if arm == "pilot" else "comparison_"
            for end, name in zip(ends, ("before", "after"), strict=True):
                shown[prefix + name] = words.level(end.estimate if end else None, indicator.unit_of)
            rows.append(
                [
                    words.text(indicator.label),
                    words.label("arm", arm),
                    *(level_cell(words, end) for end in ends),
                ]
            )
        key = "sentence" if head.compares else "sentence_pilot"
        sentences.append(words.label("figure", "levels", key, label=words.text(indicator.label), **shown))
        panel.set_title(title, fontsize=9)
        if by_wave:
            _waves(panel, results, words)
        else:
            panel.set_xticks([0, 1], [words.label("words", "before"), words.label("words", "after")])
            panel.set_xlim(-0.25, 1.25)
        unit_axis(panel.yaxis, words, indicator)
    for panel in axes[len(indicators) :]:
        panel.set_visible(False)
    arm_legend(canvas, words, arms)
    w = words.labels("words")
    grid = Grid(
        [Column(w["indicator"]), Column(w["arm"]), Column(w["before"], "decimal"), Column(w["after"], "decimal")], rows
    )
    drawn = max(sum(d.arm == arm for d in results.design.districts) for arm in arms) <= MOST
    return Drawn(canvas, grid, {"sentences": " ".join(sentences), "by_wave": by_wave, "single": drawn})


def _waves(panel: Axes, results: Results, words: Words) -> None:
    """Waves side by side, a few of them named, and a line before the first one after the only start there is."""
    design = results.design
    step = -(-len(design.waves) // 4)
    named = range(0, len(design.waves), step)
    panel.set_xticks(named, [fill(words.text(design.waves[k].label), 9) for k in named])
    panel.set_xlim(-0.25, len(design.waves) - 0.75)
    bases = {design.waves.index(base) for d in design.pilots if (base := design.baseline(d)) and design.followups(d)}
    if len(bases) == 1:
        panel.axvline(bases.pop() + 0.5, color=house.INK, linewidth=0.8, linestyle=(0, (2, 2)), zorder=0)


def _slope(panel: Axes, ends: list[Row | None], arm: str, thin: bool) -> None:
    known = [(x, end.estimate) for x, end in enumerate(ends) if end is not None and end.defined]
    if len(known) < 2:
        return
    places, values = zip(*known, strict=True)
    style: dict[str, Any] = (
        {"linewidth": 0.7, "alpha": 0.35}
        if thin
        else {"linewidth": 2.2, "marker": house.MARKER[arm], "markersize": 5.5 if len(ends) <= 12 else 2.5}
    )
    panel.plot(places, values, color=house.COLOUR[arm], zorder=2 if thin else 3, **style)
