"""The outcomes of one district in big figures: before and after, and what happened elsewhere."""

from __future__ import annotations

from textwrap import fill, shorten

from fewdistricts.design import District, Indicator, Wave
from fewdistricts.exhibits.display import Column, Grid, Rows
from fewdistricts.exhibits.figures import style
from fewdistricts.exhibits.figures.common import (
    Figure,
    counted_better,
    most_lines,
    turned,
)
from fewdistricts.exhibits.results import Results
from fewdistricts.exhibits.tables.common import level_cell
from fewdistricts.exhibits.text.wording import NOTHING, Words

BIG, SMALL = 25, 9  # points
FIGURE, ELSEWHERE, LINE = 0.5, 0.38, 0.165  # inches of the big figures, of those of the others below, of a title's line


def numbers(results: Results, words: Words, district: District, indicators: list[Indicator]) -> Figure | None:
    """A panel an outcome: levels in big type, with those of the comparison districts below."""
    waves = _waves(results, district)
    compared = bool(results.design.comparisons) and district.arm != "comparison"
    elsewhere = words.arm("comparison", len(results.design.comparisons))
    titles = [fill(shorten(words.measured(i), 90, placeholder=" …"), 26) for i in indicators]
    below = ELSEWHERE if compared else 0.08
    height = LINE * most_lines(titles) + FIGURE + below
    canvas, axes = style.canvas(height + 0.1, len(indicators), 1)
    places = {district.id: words.name_of(district)}
    if compared:
        places["comparison"] = elsewhere
    rows: Rows = []
    sentences = []
    for panel, indicator, title in zip(axes, indicators, titles, strict=True):
        panel.set_axis_off()
        label = words.text(indicator.label)
        here, there = _shown(results, words, district.id, waves, indicator), NOTHING
        panel.text(0, 1, title, ha="left", va="top", fontsize=10, fontweight="semibold")
        panel.text(0, below / height, here, ha="left", va="bottom", fontsize=BIG, fontweight="bold", color=style.PILOT)
        if compared:
            there = _shown(results, words, "comparison", waves, indicator)
            text = fill(words.label("category", name=elsewhere, category=there), 36)
            top = (below - 0.06) / height
            panel.text(0, top, text, ha="left", va="top", fontsize=SMALL, color=style.COMPARISON_INK)
        sentences.append(words.label("figure", "numbers", "sentence", label=label, here=here, there=there))
        for place, name in places.items():
            levels = [results.level(place, wave.id, indicator) for wave in waves]
            rows.append([label, name, *(level_cell(words, level) for level in levels)])
    moved = [_moved_for_the_better(results, district, indicator, waves) for indicator in indicators]
    w = words.labels("words")
    names = [w["before"], w["after"]] if len(waves) == 2 else [words.text(waves[0].label)]
    heads = [Column(w["indicator"]), Column(w["district"]), *(Column(name, "decimal") for name in names)]
    meaning = {
        "district": words.name_of(district),
        "changes": results.changes,
        "sentences": " ".join(sentences),
        **counted_better([better for better in moved if better is not None], words),
    }
    return Figure(canvas, Grid(heads, rows), meaning)


def _waves(results: Results, district: District) -> list[Wave]:
    """The district's baseline and its last wave after the start; without both, the wave of the headline."""
    baseline, followups = results.design.baseline(district), results.design.followups(district)
    if results.changes and baseline and followups:
        return [baseline, followups[-1]]
    return [results.design.wave(results.headline.wave)]


def _moved_for_the_better(results: Results, district: District, indicator: Indicator, waves: list[Wave]) -> bool | None:
    """Whether the later level is the better one; None where it cannot be said."""
    rows = [results.level(district.id, wave.id, indicator) for wave in waves]
    levels = [row.estimate for row in rows if row is not None and row.defined]
    if len(levels) < 2 or indicator.better == "none":
        return None
    return (levels[1] - levels[0]) * turned(indicator) > 0


def _shown(results: Results, words: Words, place: str, waves: list[Wave], indicator: Indicator) -> str:
    """The levels of a place, joined by an arrow."""
    rows = [results.level(place, wave.id, indicator) for wave in waves]
    levels = [words.level(row.estimate, row.unit, 0) if row and row.defined else NOTHING for row in rows]
    return " → ".join(levels)
