"""The outcomes of one district in big figures: before and after, and what happened elsewhere."""

from __future__ import annotations

from textwrap import fill, shorten

from fewdistricts.design import District, Indicator
from fewdistricts.exhibits.display import Cell, Column, Grid
from fewdistricts.exhibits.figures import style
from fewdistricts.exhibits.figures.common import (
    Drawn,
    counted_better,
    most_lines,
    turned,
)
from fewdistricts.exhibits.results import Results
from fewdistricts.exhibits.tables.common import level_cell
from fewdistricts.exhibits.text.wording import NOTHING, Words

BIG, SMALL = 25, 9  # points
FIGURE, ELSEWHERE, LINE = 0.5, 0.38, 0.165  # inches of the big figures, of those of the others below, of a title's line


def numbers(results: Results, words: Words, district: District, indicators: list[Indicator]) -> Drawn | None:
    """A panel an outcome: levels in big type, with those of the comparison districts below."""
    waves = [w for w in (results.design.baseline(district), *results.design.followups(district)[-1:]) if w]
    if not results.changes or len(waves) < 2:
        waves = [results.design.wave(results.headline.wave)]
    compared = bool(results.design.comparisons) and district.arm != "comparison"
    titles = [fill(shorten(words.measured(i), 90, placeholder=" …"), 26) for i in indicators]
    below = ELSEWHERE if compared else 0.08
    height = LINE * most_lines(titles) + FIGURE + below
    canvas, axes = style.canvas(height + 0.1, len(indicators), 1)
    rows: list[list[Cell] | str] = []
    sentences = []
    better: list[bool] = []
    elsewhere = words.arm("comparison", len(results.design.of_arm("comparison")))
    for panel, indicator, title in zip(axes, indicators, titles, strict=True):
        panel.set_axis_off()
        label = words.text(indicator.label)
        here = _shown(results, words, district.id, [w.id for w in waves], indicator)
        there = _shown(results, words, "comparison", [w.id for w in waves], indicator) if compared else ""
        panel.text(0, 1, title, ha="left", va="top", fontsize=10, fontweight="semibold")
        panel.text(0, below / height, here, ha="left", va="bottom", fontsize=BIG, fontweight="bold", color=style.PILOT)
        if there:
            text = words.label("category", name=elsewhere, category=there)
            panel.text(
                0,
                (below - 0.06) / height,
                fill(text, 36),
                ha="left",
                va="top",
                fontsize=SMALL,
                color=style.COMPARISON_INK,
            )
        ends = [results.level(district.id, wave.id, indicator) for wave in waves]
        if len(waves) == 2 and indicator.better != "none" and all(row is not None and row.defined for row in ends):
            before, after = (row.estimate for row in ends if row is not None)
            better.append((after - before) * turned(indicator) > 0)
        sentences.append(words.label("figure", "numbers", "sentence", label=label, here=here, there=there or NOTHING))
        for place, name in (
            (district.id, words.text(district.name)),
            ("comparison", elsewhere),
        ):
            if place == "comparison" and not compared:
                continue
            rows.append([label, name, *(level_cell(words, results.level(place, w.id, indicator)) for w in waves)])
    w = words.labels("words")
    heads = [Column(w["indicator"]), Column(w["district"])]
    names = [w["before"], w["after"]] if len(waves) == 2 else [words.text(waves[0].label)]
    grid = Grid([*heads, *(Column(name, "decimal") for name in names)], rows)
    return Drawn(
        canvas,
        grid,
        {
            "district": words.text(district.name),
            "changes": results.changes,
            "sentences": " ".join(sentences),
            **counted_better(better, words),
        },
    )


def _shown(results: Results, words: Words, place: str, waves: list[str], indicator: Indicator) -> str:
    """The levels of a place, joined by an arrow."""
    rows = [results.level(place, wave, indicator) for wave in waves]
    levels = [words.level(row.estimate, row.unit, 0) if row and row.defined else NOTHING for row in rows]
    return " → ".join(levels)
