"""The pilot districts one by one, drawn."""

from __future__ import annotations

from textwrap import fill

import seaborn

from fewdistricts.exhibits.display import Cell, Column, Grid
from fewdistricts.exhibits.figures import style as house
from fewdistricts.exhibits.figures.common import Drawn, interval_row, most_lines
from fewdistricts.exhibits.results import MOST, Results
from fewdistricts.exhibits.tables.common import contrast_cells, contrast_name, method_of
from fewdistricts.exhibits.text.wording import Words


def districts(results: Results, words: Words, across: bool = False) -> Drawn | None:
    """Each pilot (and neighbouring) district's own contrast on the primary outcomes; `across`: panels in one line."""
    members = [d for d in (*results.design.pilots, *results.design.neighbours) if results.design.followups(d)]
    if not members or len(members) > MOST:
        return None
    indicators = results.primary[:4]
    columns = len(indicators) if across else min(2, len(indicators))
    lines = -(-len(indicators) // columns)
    names = [fill(words.text(d.name).partition(" (")[0], 30) for d in members]
    titles = [fill(words.text(i.label), 18 if across else 36) for i in indicators]
    height = 0.55 + 0.14 * most_lines(titles) + max(0.16, 0.125 * most_lines(names)) * len(members)
    canvas, axes = house.canvas(lines * height, columns, lines, sharey=True)
    rows: list[list[Cell] | str] = []
    sentences = []
    for panel, indicator, title in zip(axes, indicators, titles, strict=False):
        for y, d in enumerate(members):
            row = results.own(d, indicator)
            if row is None or not row.defined:
                continue
            interval_row(panel, y, row, house.COLOUR[d.arm], house.MARKER[d.arm])
            difference, interval = (
                words.difference(row.estimate, row.unit, *row.ends),
                words.interval(*row.ends, row.unit),
            )
            name = words.text(d.name)
            rows.append([words.text(indicator.label), name, *contrast_cells(words, row)])
            sentences.append(
                words.label(
                    "figure",
                    "districts",
                    "sentence",
                    label=words.text(indicator.label),
                    district=name,
                    difference=difference,
                    interval=interval,
                )
            )
        panel.axvline(0, color=house.INK, linewidth=0.8, zorder=0)
        panel.set_title(title, fontsize=9)
        panel.set_yticks(range(len(members)), names)
        panel.set_ylim(len(members) - 0.5, -0.5)
        house.difference_axis(panel, words, indicator.unit_of, 4 if across else 7)
        seaborn.despine(ax=panel, left=True)
    for panel in axes[len(indicators) :]:
        panel.set_visible(False)
    w = words.labels("words")
    confidence = words.share(results.design.inference.confidence, 0)
    interval = words.label("words", "interval", confidence=confidence)
    grid = Grid(
        [Column(w["indicator"]), Column(w["district"]), Column(contrast_name(results, words)), Column(interval)], rows
    )
    method = method_of(results, words, results.own_estimator if results.headline.compares else "taylor")
    values = {
        "contrast": contrast_name(results, words),
        "sentences": " ".join(sentences),
        "method": method,
        "confidence": confidence,
        "compares": results.headline.compares,
    }
    return Drawn(canvas, grid, values)
