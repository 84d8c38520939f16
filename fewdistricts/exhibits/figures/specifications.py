"""The primary outcomes estimated in every way that the design allows, turned so that right is better."""

from __future__ import annotations

from itertools import islice
from math import isinf
from textwrap import fill

from fewdistricts.design import Indicator
from fewdistricts.estimates import catalogue
from fewdistricts.exhibits.display import Column, Grid, Rows
from fewdistricts.exhibits.figures import style
from fewdistricts.exhibits.figures.common import (
    Figure,
    in_full,
    interval_row,
    is_directed,
    lines_of_differences,
    most_lines,
    titles_of,
    turned,
    zero_line,
)
from fewdistricts.exhibits.results import Results, Row
from fewdistricts.exhibits.tables.certainty import side_by_side
from fewdistricts.exhibits.tables.common import contrast_cells, contrast_columns
from fewdistricts.exhibits.text.nouns import capitalised
from fewdistricts.exhibits.text.wording import Words

MOST = 4  # outcomes


def specifications(results: Results, words: Words, alone: bool = False, most: int | None = None) -> Figure | None:
    """A panel an outcome, a line a way of estimating it, the first `most` of them if not all.

    Nothing for one way, unless the figure stands `alone`.
    """
    every_way = ways_shown(results, words, alone)
    ways = dict(islice(every_way.items(), most))
    if not ways:
        return None
    indicators = results.primary[:MOST]
    titles = titles_of(indicators, words)
    canvas, axes = style.canvas(0.55 + 0.16 * most_lines(titles) + 0.18 * len(ways), len(indicators), 1, sharey=True)
    rows: Rows = []
    sentences = []
    for panel, indicator, title in zip(axes, indicators, titles, strict=False):
        for y, (name, row) in enumerate((name, of_way.get(indicator.id)) for name, of_way in ways.items()):
            if row is None or not row.defined:
                continue
            colour = style.INK if y == 0 else style.GREY_INK
            text = f"{words.text(indicator.label)}, {name}: {in_full(words, row)}"
            interval_row(panel, y, row, colour, turn=turned(indicator), text=text)
            rows.append([words.text(indicator.label), name, *contrast_cells(words, row)])
            values = {"label": words.text(indicator.label), "method": name, **words.contrast_of(row)}
            sentences.append(words.label("figure", "specifications", "sentence", **values))
        zero_line(panel)
        panel.set_title(title)
        names = [fill(name, 36) for name in ways]
        lines_of_differences(panel, words, [indicator], names, (len(ways) - 0.5, -0.5), ticks=4)
    w = words.labels("words")
    confidence = words.confidence(results.design)
    heads = [Column(w["indicator"]), Column(w["method"]), *contrast_columns(results, words, 0, 0)]
    every = [row for of_way in ways.values() for row in of_way.values() if row.defined]
    meaning: dict[str, object] = {
        "sentences": " ".join(sentences),
        "confidence": confidence,
        "directed": is_directed(indicators),
        "dashed": any(row.bounded and isinf(row.ci_high - row.ci_low) for row in every),
        "agree": all(_one_way(every_way, indicator) for indicator in indicators),
    }
    return Figure(canvas, Grid(heads, rows), meaning)


def ways_shown(results: Results, words: Words, alone: bool = False) -> dict[str, dict[str, Row]]:
    """What the figure has lines for, by name; empty where there is no figure."""
    if not results.headline.compares:
        return {}
    ways = _ways(results, words, results.primary[:MOST])
    return {} if len(ways) == 1 and not alone else ways


def _ways(results: Results, words: Words, indicators: list[Indicator]) -> dict[str, dict[str, Row]]:
    """Ways of estimating by name, the headline's first, each with the rows of the outcomes; those without an interval
    left out."""
    ways: dict[str, dict[str, Row]] = {}
    for indicator in indicators:
        rows = side_by_side(results, indicator)
        others = [results.answer(indicator, *way) for way in catalogue.robustness()]
        rows += [row for row in others if row is not None]
        adjusted = results.variant(indicator, "baseline_adjusted")
        rows += [adjusted] if adjusted is not None else []
        for row in rows:
            if not row.bounded or row.estimator == "placebo_rank":
                continue
            name = words.label("estimator", row.estimator)
            if row.variant != "main":
                name = words.variant(results.design, row)
            ways.setdefault(capitalised(name), {}).setdefault(indicator.id, row)
    return ways


def _one_way(ways: dict[str, dict[str, Row]], indicator: Indicator) -> bool:
    """Whether all estimates of an outcome lie on one side of zero."""
    signs = [of_way[indicator.id].estimate > 0 for of_way in ways.values() if indicator.id in of_way]
    return len(set(signs)) <= 1
