"""Levels and answers by group of respondents, and the difference between the groups."""

from __future__ import annotations

from math import nan

from fewdistricts.design import Indicator, Subgroup
from fewdistricts.exhibits.display import Cell, Column, Grid, Rows
from fewdistricts.exhibits.results import Results
from fewdistricts.exhibits.tables.common import (
    Table,
    contrast_cells,
    contrast_columns,
    contrast_name,
    level_cell,
    p_cell,
)
from fewdistricts.exhibits.text import subgroups as groups
from fewdistricts.exhibits.text.wording import NOTHING, Words


def subgroups(results: Results, words: Words) -> Table | None:
    """For each primary outcome its levels before and after by group; nothing where no groups are declared."""
    if not results.design.subgroups:
        return None
    head, w = results.headline, words.labels("words")
    waves = [head.baseline_wave, head.wave] if results.changes else [head.wave]
    arms = ["pilot", "comparison"] if results.design.comparisons else ["pilot"]
    columns, spanners = [Column(w["group"], width=2.6)], []
    for arm in arms:
        spanners.append((words.label("arm", arm), len(columns), len(columns) + len(waves) - 1))
        columns += [Column(w["before"] if wave != head.wave else w["after"], "decimal") for wave in waves]
    if not results.changes:
        columns = [columns[0], *(Column(words.label("arm", arm), "decimal") for arm in arms)]
        spanners = []
    else:
        columns += contrast_columns(results, words, 1.2, 1.9)
        columns.append(Column(words.label("subgroup", "p"), "decimal"))
    rows: Rows = []
    for indicator in results.primary:
        for subgroup in results.design.subgroups:
            heading = words.label("category", name=words.text(indicator.label), category=words.text(subgroup.label))
            rows += [heading, *_levels(results, words, indicator, subgroup, arms, waves)]
            if results.changes:
                rows += _differences(results, words, indicator, subgroup, len(arms) * len(waves))
    values = {
        "contrast": contrast_name(results, words).lower(),
        "changes": results.changes,
        "planned": any(each.row.role == "primary" for each in groups.comparisons(results)),
    }
    return Table(Grid(columns, rows, spanners), values, dense=True)


def _levels(
    results: Results, words: Words, indicator: Indicator, subgroup: Subgroup, arms: list[str], waves: list[str]
) -> Rows:
    rows: Rows = []
    for group in subgroup.members:
        cells: list[Cell] = [groups.name(words, subgroup, group)]
        for arm in arms:
            for wave in waves:
                cells.append(level_cell(words, groups.level(results, arm, wave, indicator, subgroup, group)))
        if results.changes:
            row = groups.answer(results, indicator, subgroup, group)
            cells += [*contrast_cells(words, row), p_cell(words, row, row.p_adjusted if row else nan)]
        rows.append(cells)
    return rows


def _differences(results: Results, words: Words, indicator: Indicator, subgroup: Subgroup, empty: int) -> Rows:
    rows: Rows = []
    first = groups.name(words, subgroup, subgroup.members[0])
    for other in subgroup.members[1:]:
        row = groups.difference(results, indicator, subgroup, other)
        label = words.label("subgroup", "less", of=first, less=groups.name(words, subgroup, other))
        cells: list[Cell] = [label, *[NOTHING] * empty, *contrast_cells(words, row)]
        cells.append(p_cell(words, row, row.p_adjusted if row else nan))
        rows.append(cells)
    return rows
