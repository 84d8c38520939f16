"""Where no change may be stated: levels of both groups, and what a follow-up could detect."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np

from fewdistricts.estimates.design_stage import Basis, interviews
from fewdistricts.exhibits.display import Cell, Column, Grid, Rows
from fewdistricts.exhibits.follow_up import clustered, detectable_of_primaries, plans_a_follow_up
from fewdistricts.exhibits.results import Results
from fewdistricts.exhibits.tables.common import Table, contrast_cells, level_cell
from fewdistricts.exhibits.tables.plan import detectable_cells, magnitude, shock_text
from fewdistricts.exhibits.text.wording import NOTHING, Words
from fewdistricts.inference.power import POWER


def levels(results: Results, words: Words) -> Table | None:
    """Every indicator by family: the level of each group, its interval, and the difference between the groups."""
    if results.changes:
        return None
    design, wave = results.design, results.headline.wave
    interval = words.interval_name(design)
    arms = ["pilot", "comparison"] if design.comparisons else ["pilot"]
    differences = {row.indicator: row for row in results.of("balance", wave=wave, variant="main")}
    columns = [Column(words.label("words", "indicator"), width=2.7)]
    for arm in arms:
        columns += [Column(words.label("arm", arm), "decimal", 1), Column(interval, "center", 1.9)]
    if differences:
        columns += [Column(words.label("words", "difference"), "decimal", 1.1), Column(interval, "center", 1.9)]
    rows: Rows = []
    for family, indicators in results.families():
        rows.append(words.family(design, family))
        for indicator in indicators:
            cells: list[Cell] = [words.measured(indicator)]
            for arm in arms:
                row = results.level(arm, wave, indicator)
                cells.append(level_cell(words, row))
                bounded = row is not None and row.bounded
                cells.append(row.cell(words.level_interval(*row.ends, row.unit)) if row and bounded else NOTHING)
            if differences:
                cells += contrast_cells(words, differences.get(indicator.id))
            rows.append(cells)
    values = {"wave": words.text(design.wave(wave).label), "compares": bool(differences)}
    return Table(Grid(columns, rows), values)


def needed_baseline(results: Results, words: Words) -> Table | None:
    """What a follow-up could detect of each primary outcome, and with how many interviews; a column a size of shock.

    Levels, design effects and interviews are those of the wave at hand; nothing without comparison districts, nor where
    all waves lie after the start.
    """
    design = results.design
    if not plans_a_follow_up(results):
        return None
    shocks = sorted(design.plan.shocks)
    columns = [
        Column(words.label("words", "indicator"), width=3),
        Column(words.label("words", "needed_interviews"), "right", 1.3),
        Column(words.label("words", "deff"), "decimal", 0.8),
        Column(words.label("plan", "worth"), "decimal", 1.3),
        *(Column(shock_text(words, shock), "decimal", 1) for shock in shocks),
    ]
    differences: Rows = []
    interviews_of: Rows = []
    for indicator, basis, sizes in detectable_of_primaries(results):
        cells: list[Cell] = [words.measured(indicator), words.number(basis.n), words.number(basis.deff, 1)]
        cells.append(magnitude(words, indicator.worthwhile, basis.unit))
        differences.append(cells + detectable_cells(words, sizes, basis.unit, indicator.worthwhile))
        if clustered(results) and indicator.worthwhile is not None and np.isfinite(basis.n):
            interviews_of.append([*cells, *_interviews(results, words, basis, indicator.worthwhile, shocks)])
    if not differences:
        return None
    rows: Rows = [words.label("plan", "found"), *differences]
    if interviews_of:
        rows += [words.label("plan", "interviews_found"), *interviews_of]
    first = len(columns) - len(shocks)
    spanner = (words.label("plan", "shock"), first, len(columns) - 1)
    return Table(Grid(columns, rows, [spanner]), {"power": words.share(POWER, 0), "interviews": bool(interviews_of)})


def _interviews(
    results: Results, words: Words, basis: Basis, worthwhile: float, shocks: Sequence[float]
) -> Iterator[str]:
    """Interviews a district and survey that find the smallest change worth having, by size of shock."""
    pilots, comparisons = len(results.design.pilots), len(results.design.comparisons)
    for shock in shocks:
        needed = interviews(basis, worthwhile, pilots, comparisons, shock, results.design.inference.confidence)
        yield words.number(needed) if needed is not None else words.label("plan", "nothing_suffices")
