"""Levels of the primary outcomes before and after, with single districts."""

from __future__ import annotations

from math import ceil
from textwrap import fill

import pandas as pd
import seaborn
from matplotlib.axes import Axes

from fewdistricts.design import Indicator
from fewdistricts.exhibits.display import Column, Grid, Rows
from fewdistricts.exhibits.figures import style
from fewdistricts.exhibits.figures.common import Figure, arm_legend, hover_level, unit_axis
from fewdistricts.exhibits.results import MOST, Results
from fewdistricts.exhibits.tables.common import level_cell
from fewdistricts.exhibits.text.wording import Words

MOST_OUTCOMES = 6
DASHES = {"pilot": "", "comparison": (4, 2)}  # of single districts, which are told apart in grey too


def levels(results: Results, words: Words) -> Figure | None:
    """Slope charts of the primary outcomes: means of the groups thick, single districts thin."""
    if not results.changes:
        return None
    head = results.headline
    indicators = results.primary[:MOST_OUTCOMES]
    by_wave = len(results.design.waves) > 2
    columns = min(3, len(indicators))
    if len(indicators) == 4:
        columns = 2 if by_wave else 4  # two ends need little width
    lines = ceil(len(indicators) / columns)
    canvas, axes = style.canvas(2.35 * lines + 0.25, columns, lines)
    arms = ["pilot", "comparison"] if head.compares else ["pilot"]
    ends = (head.baseline_wave, head.wave)
    waves = [wave.id for wave in results.design.waves] if by_wave else list(ends)
    rows: Rows = []
    sentences = []
    for panel, indicator in zip(axes, indicators, strict=False):
        label = words.text(indicator.label)
        _slopes(panel, results, words, indicator, waves, arms)
        values = {"label": label}
        for arm in arms:
            levels = [results.level(arm, wave, indicator) for wave in ends]
            rows.append([label, words.label("arm", arm), *(level_cell(words, level) for level in levels)])
            prefix = "" if arm == "pilot" else "comparison_"
            for name, level in zip(("before", "after"), levels, strict=True):
                values[prefix + name] = words.level(level.estimate if level else None, indicator.unit_of)
        key = "sentence" if head.compares else "sentence_pilot"
        sentences.append(words.label("figure", "levels", key, **values))
        panel.set_title(fill(label, 68 // columns), fontsize=9)
        if by_wave:
            _waves(panel, results, words)
        else:
            panel.set_xticks([0, 1], [words.label("words", "before"), words.label("words", "after")])
            panel.set_xlim(-0.25, 1.25)
        unit_axis(panel.yaxis, words, indicator)
    for panel in axes[len(indicators) :]:
        panel.set_visible(False)
    arm_legend(canvas, results, words, arms)
    w = words.labels("words")
    heads = [Column(w["indicator"]), Column(w["arm"]), Column(w["before"], "decimal"), Column(w["after"], "decimal")]
    meaning = {
        "sentences": " ".join(sentences),
        "by_wave": by_wave,
        "single": all(len(results.design.of_arm(arm)) <= MOST for arm in arms),
        "compares": head.compares,
    }
    return Figure(canvas, Grid(heads, rows), meaning)


def _waves(panel: Axes, results: Results, words: Words) -> None:
    """Waves side by side, a few of them named, and a line before the first one after the only start there is."""
    design = results.design
    step = ceil(len(design.waves) / 4)
    named = range(0, len(design.waves), step)
    panel.set_xticks(named, [fill(words.text(design.waves[k].label), 9) for k in named])
    panel.set_xlim(-0.25, len(design.waves) - 0.75)
    bases = {design.waves.index(base) for d in design.pilots if (base := design.baseline(d)) and design.followups(d)}
    if len(bases) == 1:
        panel.axvline(bases.pop() + 0.5, color=style.INK, linewidth=0.8, linestyle=(0, (2, 2)), zorder=0)


def _slopes(
    panel: Axes, results: Results, words: Words, indicator: Indicator, waves: list[str], arms: list[str]
) -> None:
    """Lines over the waves: single districts thin, where an arm has few, and the arms thick."""
    single: list[tuple[str, str]] = []
    for arm in arms:
        members = results.design.of_arm(arm)
        if len(members) <= MOST:
            single += [(district.id, arm) for district in members]
    size = 5.5 if len(waves) <= 12 else 2.5
    lines = {"x": "place", "y": "level", "hue": "arm", "palette": style.COLOUR, "units": "of", "estimator": None}
    thick = {"style": "arm", "markers": style.MARKER, "dashes": False, "markersize": size, "markeredgewidth": 0}
    for named, look in (
        (single, {"linewidth": 0.7, "alpha": 0.35, "zorder": 2, "style": "arm", "dashes": DASHES}),
        ([(arm, arm) for arm in arms], {"linewidth": 2.2, "zorder": 3, **thick}),
    ):
        frame = _levels(results, indicator, waves, named)
        for place, arm, number, level in frame.itertuples(False):
            whose = words.label("arm", arm) if place in arms else words.name_of(results.design.district(place))
            when = words.text(results.design.wave(waves[number]).label)
            hover_level(panel, words, indicator, (number, level), [whose, when])
        if len(frame):
            seaborn.lineplot(frame, **lines, **look, legend=False, ax=panel)
    panel.set(xlabel="", ylabel="")


def _levels(results: Results, indicator: Indicator, waves: list[str], named: list[tuple[str, str]]) -> pd.DataFrame:
    """Levels of districts or arms, each with its arm; of those that have two or more."""
    records = []
    for name, arm in named:
        levels = [results.level(name, wave, indicator) for wave in waves]
        defined = [(place, level.estimate) for place, level in enumerate(levels) if level is not None and level.defined]
        if len(defined) > 1:
            records += [(name, arm, place, estimate) for place, estimate in defined]
    return pd.DataFrame(records, columns=["of", "arm", "place", "level"])
