"""How the answers to the ordinal questions of primary outcomes were distributed before and after."""

from __future__ import annotations

from fewdistricts.design import Indicator
from fewdistricts.exhibits import annex_rows as listed
from fewdistricts.exhibits.annex_rows import Line
from fewdistricts.exhibits.display import Cell, Column, Grid
from fewdistricts.exhibits.results import Results
from fewdistricts.exhibits.tables.common import Made, level_cell
from fewdistricts.exhibits.text import names as naming
from fewdistricts.exhibits.text.wording import Words


def ordinal(results: Results) -> list[tuple[Indicator, dict[str, dict[str, Line]]]]:
    """Each indicator with a distribution, its answers in order, and the line of each arm."""
    found: dict[str, dict[str, dict[str, Line]]] = {}
    for line in listed.answers(results):
        found.setdefault(line.indicator, {}).setdefault(line.answer, {})[line.district] = line
    return [(results.design.indicator(name), lines) for name, lines in found.items()]


def distribution(results: Results, words: Words) -> Made | None:
    """The share of each answer, pilot and comparison districts, before and after."""
    found = ordinal(results)
    if not found:
        return None
    w = words.labels("words")
    arms = [arm for arm in listed.ARMS if any(arm in by for _, lines in found for by in lines.values())]
    columns, spanners = [Column(w["answer"], width=3)], []
    for arm in arms:
        spanners.append((words.label("arm", arm), len(columns), len(columns) + 1))
        columns += [Column(w["before"], "decimal"), Column(w["after"], "decimal")]
    rows: list[list[Cell] | str] = []
    for indicator, lines in found:
        rows.append(words.text(indicator.question or indicator.label))
        for given, by in lines.items():
            cells: list[Cell] = [naming.answer(words, indicator, given)]
            for line in (by[arm] for arm in arms):
                cells += [level_cell(words, line.before), level_cell(words, line.after)]
            rows.append(cells)
    return Made(Grid(columns, rows, spanners))
