"""Levels before and after, and the contrast of every indicator."""

from __future__ import annotations

from textwrap import fill, shorten
from typing import Any

import seaborn
from matplotlib.axes import Axes

from fewdistricts.design import Indicator
from fewdistricts.exhibits.display import Cell, Column, Grid
from fewdistricts.exhibits.figures import style as house
from fewdistricts.exhibits.figures.common import Drawn, arm_legend, most_lines, unit_axis
from fewdistricts.exhibits.results import MOST, Results, Row
from fewdistricts.exhibits.tables.common import contrast_cells, contrast_name, level_cell, method_note
from fewdistricts.exhibits.text.wording import Words

LINE, PANEL = 0.205, 0.45  # inches of an indicator's line, and of an axis with its unit
TALLEST = 8.25  # inches of the lines and axes of one figure: a page less captions and heads


def levels(results: Results, words: Words, across: bool = False) -> Drawn:
    """Slope charts of the primary outcomes: means of the arms thick, single districts thin; `across`: in one line."""
    head = results.headline
    indicators = results.primary[: 4 if across else 6]
    columns = len(indicators) if across else 2 if len(indicators) == 4 else min(3, len(indicators))
    lines = -(-len(indicators) // columns)
    titles = [fill(words.text(i.label), 21 if across else 30) for i in indicators]
    height = 1.92 + 0.14 * most_lines(titles) if across else 2.35 * lines + 0.25
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


def _drawn(answers: list[tuple[Indicator, Row]]) -> list[tuple[Indicator, Row]]:
    """Those that a page has room for, in the order declared: the primary outcomes, then as many others as fit."""
    room, kept, units = TALLEST + PANEL, set(), set()
    for i, r in sorted(answers, key=lambda pair: pair[0].role != "primary"):
        room -= LINE + (PANEL if r.unit == "count" or r.unit not in units else 0)
        if room < 0:
            break
        kept.add(i.id)
        units.add(r.unit)
    return [(i, r) for i, r in answers if i.id in kept]


def coefficients(results: Results, words: Words) -> Drawn:
    """The contrast of every indicator with its interval: shares in percentage points, means in their own unit."""
    found = [(i, r) for i in results.design.indicators if (r := results.answer(i)) is not None and r.defined]
    answers = _drawn(found)
    shares, scales = ([(i, r) for i, r in answers if r.unit == unit] for unit in ("share", "scale"))
    counts = [[(i, r)] for i, r in answers if r.unit == "count"]  # each in a unit and size of its own
    panels = [p for p in (shares, scales, *counts) if p]
    height = 0.75 + LINE * len(answers) + PANEL * (len(panels) - 1)
    canvas, axes = house.canvas(height, 1, max(1, len(panels)), height_ratios=[len(p) + 1.2 for p in panels] or None)
    rows: list[list[Cell] | str] = []
    sentences = []
    for panel, members in zip(axes, panels, strict=False):
        scale = 100 if members is shares else 1
        for y, (i, r) in enumerate(members):
            colour = house.INK if i.role == "primary" else house.GREY if i.role == "placebo" else house.PILOT
            if r.bounded:
                panel.plot(
                    [r.ci_low * scale, r.ci_high * scale], [y, y], color=colour, linewidth=1.5, solid_capstyle="butt"
                )
            face = "white" if i.role == "placebo" else colour
            panel.plot(r.estimate * scale, y, marker="o", markersize=5, color=colour, markerfacecolor=face)
            interval = words.interval(r.ci_low, r.ci_high, r.unit)
            rows.append([words.text(i.label), *contrast_cells(words, r)])
            text = words.label(
                "figure",
                "coefficients",
                "sentence",
                label=words.text(i.label),
                interval=interval,
                difference=words.difference(r.estimate, r.unit, *r.ends),
            )
            sentences.append(text)
        panel.axvline(0, color=house.INK, linewidth=0.8, zorder=0)
        names = [fill(shorten(words.text(i.label), 84, placeholder=" …"), 46) for i, _ in members]  # of two lines
        panel.set_yticks(range(len(members)), names)
        for tick, (i, _) in zip(panel.get_yticklabels(), members, strict=True):
            tick.set_fontweight("semibold" if i.role == "primary" else "normal")
        panel.set_ylim(len(members) - 0.4, -0.6)
        unit = members[0][0].unit
        own = words.text(unit) if unit else words.label("words", "own_unit")
        panel.set_xlabel(words.label("words", "pp") if members is shares else own)
        house.signed_ticks(panel, words)
        panel.tick_params(axis="y", length=0)
        seaborn.despine(ax=panel, left=True)
    w = words.labels("words")
    confidence = words.share(results.design.inference.confidence, 0)
    name = contrast_name(results, words)
    grid = Grid(
        [
            Column(w["indicator"]),
            Column(name, "decimal"),
            Column(words.label("words", "interval", confidence=confidence)),
        ],
        rows,
    )
    values = {
        "contrast": name,
        "confidence": confidence,
        "number": words.number(len(answers)),
        "of": words.number(len(found)),
        "not_all": len(answers) < len(found),
        "sentences": " ".join(sentences),
        "method": method_note(results, words).rstrip("."),
        "bounded": any(r.bounded for _, r in answers),
    }
    return Drawn(canvas, grid, values)
