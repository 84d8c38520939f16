"""The answer and all results: levels, the contrast, its interval, its reading; and what was declared beforehand."""

from __future__ import annotations

from fewdistricts.exhibits.display import Column, Grid, Rows
from fewdistricts.exhibits.results import Results
from fewdistricts.exhibits.tables.common import Table, contrast_grid, method_values
from fewdistricts.exhibits.text.wording import NOTHING, Words


def results(results: Results, words: Words) -> Table | None:
    """Every indicator by family: levels before and after in both arms, the contrast, its interval, its reading.

    Nothing where no change may be stated.
    """
    if not results.changes:
        return None
    groups = [(words.family(results.design, f), indicators) for f, indicators in results.families()]
    return Table(contrast_grid(results, words, groups), method_values(results, words))


def outcomes(results: Results, words: Words) -> Table:
    """The primary outcomes: question, what counts, which direction is better, the smallest change worth having."""
    w = words.labels("words")
    columns = [
        Column(w["indicator"], width=2),
        Column(w["question"], width=4),
        Column(words.label("outcome", "better"), width=2),
        Column(words.label("outcome", "worthwhile"), width=2),
    ]
    rows: Rows = []
    for i in results.primary:
        worthwhile = NOTHING if i.worthwhile is None else words.size(i.worthwhile, i.unit_of, of=i)
        rows.append(
            [words.text(i.label), words.text(i.question or i.label), words.label("better_short", i.better), worthwhile]
        )
    return Table(Grid(columns, rows))
