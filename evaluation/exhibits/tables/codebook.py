"""The codebook: what was asked and what is counted."""

from __future__ import annotations

from evaluation.design import Indicator
from evaluation.exhibits import naming
from evaluation.exhibits.display import Cell, Column, Grid
from evaluation.exhibits.results import Results
from evaluation.exhibits.tables.common import Made
from evaluation.exhibits.wording import Words


def codebook(results: Results, words: Words) -> Made:
    """Every indicator: question, what is counted, family, role, direction."""
    w = words.labels("words")
    columns = [
        Column(w["indicator"], width=2.2),
        Column(w["question"], width=4),
        Column(w["answers_counted"], width=2.4),
        Column(w["role"], width=1.5),
        Column(words.label("outcome", "better"), width=1.1),
    ]
    rows: list[list[Cell] | str] = []
    for family, indicators in results.families():
        rows.append(words.family(results.design, family))
        for i in indicators:
            counted = (
                words.listed(naming.answer(words, i, code) for code in i.yes)
                if i.yes is not None
                else _scale_text(i, words)
            )
            if i.conditional:
                among = "; ".join(naming.domain(results.design, words, k, v) for k, v in i.among.items())
                counted = f"{counted} ({words.label('outcome', 'among', among=among)})"
            role, better = words.label("role", i.role), words.label("better_short", i.better)
            rows.append([words.text(i.label), words.text(i.question or i.label), counted, role, better])
    return Made(Grid(columns, rows), landscape=False)


def _scale_text(indicator: Indicator, words: Words) -> str:
    if indicator.scale is None:
        return words.label("words", "mean")
    low, high = (words.number(float(v)) for v in indicator.scale)
    return words.label("words", "mean_of", low=low, high=high)
