"""What tables share: cells of levels and differences, and the grid of a contrast."""

from __future__ import annotations

from dataclasses import dataclass, field
from math import isnan
from typing import Any

from fewdistricts.design import Indicator
from fewdistricts.exhibits.display import Cell, Column, Grid, Rows
from fewdistricts.exhibits.results import Results, Row
from fewdistricts.exhibits.text.verdicts import reading
from fewdistricts.exhibits.text.wording import NOTHING, Words


@dataclass(frozen=True)
class Table:
    """A table with the values that its caption and note ask for."""

    grid: Grid
    values: dict[str, Any] = field(default_factory=dict)
    dense: bool = False
    """An annex to look things up in: set small."""


def contrast_grid(results: Results, words: Words, groups: list[tuple[str, list[Indicator]]]) -> Grid:
    """Levels of the arms before and after, the contrast, its interval and its reading, by groups of indicators."""
    head = results.headline
    w = words.labels("words")
    arms = ["pilot", "comparison"] if head.compares else ["pilot"]
    columns = [Column(w["indicator"], width=2.9)]
    spanners = []
    for arm in arms:
        spanners.append((words.label("arm", arm), len(columns), len(columns) + 1))
        columns += [Column(w["before"], "decimal", 0.8), Column(w["after"], "decimal", 0.8)]
    columns += [*contrast_columns(results, words, 1.1, 1.9), Column(w["verdict"], "left", 3.3)]
    rows: Rows = []
    for name, indicators in groups:
        if name:
            rows.append(name)
        for indicator in indicators:
            row = results.answer(indicator)
            cells: list[Cell] = [words.measured(indicator)]
            for arm in arms:
                for wave in (head.baseline_wave, head.wave):
                    cells.append(level_cell(words, results.level(arm, wave, indicator)))
            cells += contrast_cells(words, row)
            cells.append(reading(words, results, indicator).short)
            rows.append(cells)
    return Grid(columns, rows, spanners)


def level_cell(words: Words, row: Row | None) -> Cell:
    """A level, or why there is none."""
    if row is None:
        return NOTHING
    return row.cell(words.level(row.estimate, row.unit)) if row.defined else words.status(row.status)


def contrast_columns(results: Results, words: Words, difference: float = 1.0, interval: float = 1.7) -> list[Column]:
    """The heads of `contrast_cells`, in these widths."""
    return [
        Column(contrast_name(results, words), "decimal", difference),
        Column(words.interval_name(results.design), "center", interval),
    ]


def contrast_cells(words: Words, row: Row | None) -> list[Cell]:
    """A difference and its interval, or why there is none."""
    if row is None:
        return [NOTHING, NOTHING]
    if not row.defined:
        return [words.status(row.status), NOTHING]
    interval: Cell = words.status(row.status)
    if row.bounded:
        interval = row.cell(words.interval_of(row))
    return [row.cell(words.difference_of(row)), interval]


def magnitude_cell(words: Words, row: Row | None) -> Cell:
    """A size without sign or unit: percentage points for shares, else in the item's unit."""
    return row.cell(words.magnitude(row.estimate, row.unit)) if row is not None and row.defined else NOTHING


def p_cell(words: Words, row: Row | None, value: float) -> Cell:
    """A p-value, or another probability, of a row."""
    return row.cell(words.p(value)) if row is not None and not isnan(value) else NOTHING


def contrast_name(results: Results, words: Words) -> str:
    """What the contrast of this design is called."""
    return words.label("contrast", "did" if results.headline.compares else "change")


def method_note(results: Results, words: Words) -> str:
    """How the headline intervals were made, read from the rows themselves."""
    head = results.headline
    rows = [row for _, row in results.answers(results.design.indicators) if row.bounded]
    if not rows:
        return words.label("method", "none")
    if head.estimator == "district_change":
        if all(r.se_type == "pooled" for r in rows) and len({r.df for r in rows}) == 1:
            return words.label("method", "district_change", df=words.number(rows[0].df))
        by_start = all(r.se_type.startswith(("cr2", "influence")) for r in rows)
        return words.label("method", "district_change_by_start" if by_start else "district_change_welch")
    return method_of(results, words, head.estimator)


def method_of(results: Results, words: Words, estimator: str) -> str:
    """How intervals of one against several districts, or of sampling error, were made; records have the first only."""
    if results.design.data.level == "district":
        estimator = {"variance_components": "records", "taylor": "none"}.get(estimator, estimator)
    return words.label("method", estimator)


def method_values(results: Results, words: Words) -> dict[str, Any]:
    """The values that captions and notes of a contrast ask for."""
    staggered = results.headline.compares and len({results.design.start_of(d) for d in results.design.pilots}) > 1
    return {
        "contrast": contrast_name(results, words).lower(),
        "method": method_note(results, words),
        "staggered": staggered,
    }
