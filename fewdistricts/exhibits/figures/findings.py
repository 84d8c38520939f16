"""The chart of page one: each primary outcome before and after, what was expected, and the difference in change."""

from __future__ import annotations

from collections.abc import Mapping
from textwrap import fill, shorten

import pandas as pd
import seaborn
from matplotlib.axes import Axes

from fewdistricts.design import Indicator
from fewdistricts.exhibits.display import Column, Grid, Rows
from fewdistricts.exhibits.figures import style
from fewdistricts.exhibits.figures.common import (
    Figure,
    arm_legend,
    hover,
    hover_level,
    interval_row,
    label_apart,
    most_lines,
    title_width,
    unit_axis,
)
from fewdistricts.exhibits.results import Results
from fewdistricts.exhibits.tables.common import contrast_cells, level_cell
from fewdistricts.exhibits.text import names
from fewdistricts.exhibits.text.by_verdict import by_group, counted, quoted_plain
from fewdistricts.exhibits.text.wording import Words

MOST = 4  # outcomes side by side
TITLE = 64  # characters of an outcome's name above its panel
PLOT = 1.65  # inches of a panel with its axis, the legend and the stamp, less its title
APART = 0.15  # of a panel's height, between two numbers at its side
BESIDE, CHARACTER = 0.24, 0.15  # of the way from before to after: from a mark to its number, and a character of it
NARROW = 1.6  # inches of a panel of which that holds; in a wider one it is less of the way
ENDS = ("before", "after")


def findings(results: Results, words: Words) -> Figure | None:
    """Slopes with the dashed counterfactual and a bracket; levels alone where no change may be stated."""
    indicators = results.primary[:MOST]
    if not results.changes:
        return _levels(results, words, indicators)
    arms = ["pilot", "comparison"] if results.headline.compares else ["pilot"]
    frames = {i.id: _ends(results, i, arms) for i in indicators}
    indicators = [i for i in indicators if len(frames[i.id]) == 2 * len(arms)]
    if not indicators:
        return None
    titles = _titles(indicators, words)
    canvas, axes = style.canvas(PLOT + 0.15 * most_lines(titles), len(indicators), 1)
    rows: Rows = []
    sentences = []
    for panel, indicator, title in zip(axes, indicators, titles, strict=True):
        frame = frames[indicator.id]
        _slopes(panel, words, indicator, frame, min(len(axes), 2) if style.is_for_phone() else len(axes))
        row = results.answer(indicator)
        values = {"label": words.text(indicator.label)}
        values["difference"] = words.difference_of(row) if row and row.defined else ""
        for arm, end, level, _ in frame.itertuples(False):
            name = end if arm == "pilot" else f"comparison_{end}"
            values[name] = words.level(level, indicator.unit_of, 0)
        key = "sentence" if len(arms) > 1 else "sentence_pilot"
        sentences.append(words.label("figure", "findings", key, **values))
        for arm in arms:
            levels = [results.level(arm, wave, indicator) for wave in _waves(results)]
            cells = [level_cell(words, level) for level in levels]
            rows.append([words.text(indicator.label), words.label("arm", arm), *cells, contrast_cells(words, row)[0]])
        panel.set_title(title, fontsize=9.5)
    if len(arms) > 1:
        arm_legend(canvas, results, words, arms)
    w = words.labels("words")
    name = words.label("contrast", "did" if results.headline.compares else "change")
    heads = [Column(w["indicator"]), Column(w["arm"]), Column(w["before"], "decimal"), Column(w["after"], "decimal")]
    grid = Grid([*heads, Column(name, "decimal")], rows)
    return Figure(canvas, grid, {"sentences": " ".join(sentences), **_title(results, words, indicators)})


def _titles(indicators: list[Indicator], words: Words) -> list[str]:
    """The outcomes' names in lines as wide as their panels."""
    names = [shorten(words.measured(indicator), TITLE, placeholder=" …") for indicator in indicators]
    return [fill(name, title_width(len(indicators))) for name in names]


def _title(results: Results, words: Words, indicators: list[Indicator]) -> dict[str, object]:
    """Which outcomes the title may name: those that improved, else got worse, else changed in no better direction."""
    groups = by_group(results, indicators)
    return {
        "better": _named(groups["better"], indicators, words),
        "worse": _named(groups["worse"], indicators, words),
        "differs": _named(groups["differs"], indicators, words),
        "compares": results.headline.compares,
        "changes": results.changes,
        "confidence": words.confidence(results.design),
        **names.groups(results, words),
    }


def _named(members: list[Indicator], drawn: list[Indicator], words: Words) -> str:
    """One or two outcomes by name, more by their number."""
    if len(members) <= 2:
        return quoted_plain(members, words)
    return counted(len(members), len(drawn), words)


def _waves(results: Results) -> tuple[str, str]:
    return results.headline.baseline_wave, results.headline.wave


def _ends(results: Results, indicator: Indicator, arms: list[str]) -> pd.DataFrame:
    """Levels before and after by group, as far as they are known."""
    records = []
    for arm in arms:
        for place, (end, wave) in enumerate(zip(ENDS, _waves(results), strict=True)):
            row = results.level(arm, wave, indicator)
            if row is not None and row.defined:
                records.append((arm, end, row.estimate, float(place)))
    return pd.DataFrame(records, columns=["arm", "end", "level", "x"])


def _slopes(panel: Axes, words: Words, indicator: Indicator, frame: pd.DataFrame, columns: int) -> None:
    """Both groups' slopes with their levels at the ends, the counterfactual and the bracket between it and the end.

    `columns` is the number of panels side by side.
    """
    seaborn.lineplot(
        frame, x="x", y="level", hue="arm", style="arm", palette=style.COLOUR, markers=style.MARKER, dashes=False,
        linewidth=2.2, markersize=7, markeredgewidth=0, errorbar=None, legend=False, ax=panel, zorder=3,
    )  # fmt: skip
    levels = {}
    for arm, end, level in zip(frame["arm"], frame["end"], frame["level"], strict=True):
        levels[arm, end] = float(level)
    expected = _expected(levels)
    if expected is not None:
        # a line between two points that no data have: seaborn's lines are of data
        panel.plot([0, 1], [levels["pilot", "before"], expected], color=style.PILOT, linewidth=1.2, dashes=(3, 2))
        text = words.level(expected, indicator.unit_of, of=indicator)
        hover(panel, 1, expected, words.label("figure", "findings", "expected", level=text))
    for (arm, end), level in levels.items():
        whose = [words.label("arm", arm), words.label("words", end)]
        hover_level(panel, words, indicator, (ENDS.index(end), level), whose)
    heights = list(levels.values())
    if expected is not None:
        heights.append(expected)
    low, high = min(heights), max(heights)
    room = (high - low or abs(high) or 1) * 0.12
    panel.set_ylim(low - room, high + room)
    apart = (high - low + 2 * room) * APART
    inch = min(1, NARROW * columns / style.width())
    beside, character = BESIDE * inch, CHARACTER * inch
    before = {arm: level for (arm, end), level in levels.items() if end == "before"}
    after = {arm: level for (arm, end), level in levels.items() if end == "after"}
    if expected is not None:
        after["expected"] = expected
    left = -beside - character * _numbers(panel, words, indicator, before, -beside, apart)
    right = 1 + beside + character * _numbers(panel, words, indicator, after, 1 + beside, apart)
    if expected is not None:
        right += 0.15 * inch
        right += _bracket(panel, words, indicator, (levels["pilot", "after"], expected), right, inch)
    panel.set_xlim(left, max(right, 1 + 1.35 * inch))
    panel.set_xticks([0, 1], [words.label("words", end) for end in ENDS])
    # the ends' names run outwards, so that long words never meet in a narrow panel
    first, last = panel.get_xticklabels()
    first.set_horizontalalignment("right")
    last.set_horizontalalignment("left")
    panel.set(xlabel="", ylabel="")
    panel.set_yticks([])
    seaborn.despine(ax=panel, left=True, bottom=True)
    panel.tick_params(length=0)


def _expected(levels: Mapping[tuple[str, str], float]) -> float | None:
    """Where the pilot districts would have ended with the comparison districts' change; None where nothing compares."""
    if ("comparison", "after") not in levels:
        return None
    return levels["pilot", "before"] + levels["comparison", "after"] - levels["comparison", "before"]


def _numbers(
    panel: Axes, words: Words, indicator: Indicator, levels: Mapping[str, float], x: float, apart: float
) -> int:
    """Print levels beside their marks, so far apart from one another; the characters of the longest."""
    longest = 0
    heights = label_apart(list(levels.values()), apart)
    for (arm, level), y in zip(levels.items(), heights, strict=True):
        text = words.level(level, indicator.unit_of, 0)
        colour, weight = style.INK_OF.get(arm, style.PILOT), "semibold"
        if arm == "expected":
            text, weight = words.label("figure", "findings", "expected", level=text), "normal"
        side = "right" if x < 0 else "left"
        panel.text(x, y, text, ha=side, va="center", fontsize=8.5, color=colour, fontweight=weight)
        longest = max(longest, len(text))
    return longest


def _bracket(
    panel: Axes, words: Words, indicator: Indicator, ends: tuple[float, float], x: float, inch: float
) -> float:
    """The difference in change, from where the pilot districts ended to where they were expected; its width."""
    after, expected = ends
    cap = 0.07 * inch
    # seaborn has no brackets
    panel.plot([x - cap, x, x, x - cap], [after, after, expected, expected], color=style.INK, linewidth=1, zorder=2)
    difference = words.difference(after - expected, indicator.unit_of)
    panel.text(x + cap, (after + expected) / 2, difference, ha="left", va="center", fontsize=9, fontweight="bold")
    return (0.1 + 0.12 * len(difference)) * inch


def _levels(results: Results, words: Words, indicators: list[Indicator]) -> Figure | None:
    """Points with intervals, a panel an outcome and a line a group."""
    arms = results.design.arms
    wave = results.headline.wave
    titles = _titles(indicators, words)
    canvas, axes = style.canvas(0.45 + 0.15 * most_lines(titles) + 0.3 * len(arms), len(indicators), 1, sharey=True)
    rows: Rows = []
    sentences = []
    for panel, indicator, title in zip(axes, indicators, titles, strict=True):
        for y, arm in enumerate(arms):
            row = results.level(arm, wave, indicator)
            if row is None or not row.defined:
                continue
            level = words.level(row.estimate, row.unit, of=indicator)
            interval = words.level_interval(*row.ends, row.unit) if row.bounded else "–"
            values = {"label": words.text(indicator.label), "arm": words.label("arm", arm), "interval": interval}
            sentences.append(words.label("figure", "findings", "sentence_level", level=level, **values))
            text = f"{values['label']}, {values['arm']}: {level} ({interval})"
            interval_row(panel, y, row, style.COLOUR[arm], style.MARKER[arm], scale=1, text=text)
            rows.append([values["label"], values["arm"], level_cell(words, row), interval])
        panel.set_yticks(range(len(arms)), [words.label("arm", arm) for arm in arms])
        panel.set_ylim(len(arms) - 0.5, -0.5)
        panel.locator_params(axis="x", nbins=4)
        unit_axis(panel.xaxis, words, indicator)
        panel.set_title(title, fontsize=9.5)
        panel.tick_params(axis="y", length=0)
        seaborn.despine(ax=panel, left=True)
    if not rows:
        return None
    w = words.labels("words")
    interval = words.interval_name(results.design)
    grid = Grid([Column(w["indicator"]), Column(w["arm"]), Column(w["value"], "decimal"), Column(interval)], rows)
    shown = words.text(results.design.wave(wave).label) if len(results.design.waves) > 1 else ""
    return Figure(canvas, grid, {"sentences": " ".join(sentences), "wave": shown, **_title(results, words, [])})
