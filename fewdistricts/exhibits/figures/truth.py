"""Truth against estimate: what a simulation was given, beside what the evaluation makes of it."""

from __future__ import annotations

from textwrap import fill

import seaborn

from fewdistricts import survey
from fewdistricts.exhibits.display import Column, Grid, Rows
from fewdistricts.exhibits.figures import style
from fewdistricts.exhibits.figures.common import Figure, hover, in_full, interval_row, lines_of_differences, zero_line
from fewdistricts.exhibits.results import Results, Row
from fewdistricts.exhibits.tables.common import contrast_cells, contrast_columns
from fewdistricts.exhibits.text.wording import Words


def truth(results: Results, words: Words) -> Figure | None:
    """Shares only, in percentage points; the table has means too. Nothing for real data or an unknown truth."""
    if not results.design.synthetic or results.headline.kind != "pooled":
        return None
    true = survey.read_truth(results.design)
    answers = results.answers(results.design.indicators)
    estimated = [(i, row, true[i.id]) for i, row in answers if i.id in true and row.bounded]
    shares = [each for each in estimated if each[1].unit == "share"]
    if not shares:
        return None
    canvas, (panel,) = style.canvas(0.65 + 0.2 * len(shares))
    for y, (indicator, row, value) in enumerate(shares):
        colour = style.INK if indicator.role == "primary" else style.GREY_INK
        label = words.text(indicator.label)
        interval_row(panel, y, row, colour, text=f"{label}: {in_full(words, row)}")
        given = words.difference(value, row.unit)
        hover(panel, value * 100, y, f"{label}, {words.label('words', 'truth')}: {given}")
    true_values = [value * 100 for *_, value in shares]
    seaborn.scatterplot(
        x=true_values,
        y=range(len(shares)),
        marker="D",
        s=26,
        color=style.COMPARISON,
        edgecolor="white",
        ax=panel,
        zorder=4,
    )
    zero_line(panel)
    indicators = [indicator for indicator, _, _ in shares]
    names = [fill(words.text(indicator.label), 60) for indicator in indicators]
    lines_of_differences(panel, words, indicators, names, (len(shares) - 0.4, -0.6))
    w = words.labels("words")
    rows: Rows = []
    sentences = []
    for indicator, row, value in estimated:
        label, shown = words.text(indicator.label), words.difference(value, row.unit)
        rows.append([label, shown, *contrast_cells(words, row), w["yes" if _covers(row, value) else "no"]])
        values = {"label": label, "truth": shown, **words.contrast_of(row)}
        sentences.append(words.label("figure", "truth", "sentence", **values))
    heads = [Column(w["indicator"]), Column(w["truth"], "decimal"), *contrast_columns(results, words, 0, 0)]
    heads.append(Column(w["covered"]))
    meaning = {
        "sentences": " ".join(sentences),
        "confidence": words.confidence(results.design),
        "covered": words.number(sum(_covers(row, value) for _, row, value in estimated)),
        "of": words.number(len(estimated)),
        "drawn": words.number(len(shares)),
        "means": len(estimated) > len(shares),
    }
    return Figure(canvas, Grid(heads, rows), meaning)


def _covers(row: Row, value: float) -> bool:
    return row.ci_low <= value <= row.ci_high
