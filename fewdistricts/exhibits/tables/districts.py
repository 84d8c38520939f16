"""The pilot districts one by one."""

from __future__ import annotations

from math import nan

from fewdistricts.design import District
from fewdistricts.exhibits.display import Cell, Column, Grid, Rows
from fewdistricts.exhibits.results import MOST, Results
from fewdistricts.exhibits.tables.common import (
    Table,
    contrast_cells,
    contrast_columns,
    contrast_name,
    level_cell,
    method_of,
    p_cell,
)
from fewdistricts.exhibits.text.wording import Words


def districts(results: Results, words: Words) -> Table | None:
    """Every pilot (and neighbouring) district's own contrast on the primary outcomes."""
    members = [d for d in (*results.design.pilots, *results.design.neighbours) if results.design.followups(d)]
    if not members or len(members) > MOST:
        return None
    w = words.labels("words")
    columns = [Column(w["district"], width=3), *contrast_columns(results, words, interval=1.8)]
    rank = results.headline.compares and any(r.estimator == "placebo_rank" for r in results.of("did"))
    columns += [Column(words.label("words", "rank_p"), "decimal"), Column(w["p_floor"], "decimal")] if rank else []
    rows: Rows = []
    for indicator in results.primary:
        rows.append(words.measured(indicator))
        for d in members:
            cells: list[Cell] = [words.name_of(d), *contrast_cells(words, results.own(d, indicator))]
            if rank:
                placed = results.did(d, results.design.followups(d)[-1], indicator, "placebo_rank")
                p, floor = (placed.p_value, placed.p_floor) if placed else (nan, nan)
                cells += [p_cell(words, placed, p), p_cell(words, placed, floor)]
            rows.append(cells)
    method = method_of(results, words, results.own_estimator if results.headline.compares else "taylor")
    values = {"contrast": contrast_name(results, words), "method": method, "ranked": rank}
    return Table(Grid(columns, rows), values, dense=True)


def one_district(results: Results, words: Words, district: District) -> Table:
    """All indicators of one district: level before, level after, its own contrast with interval."""
    design = results.design
    wave, base = design.followups(district)[-1], design.baseline(district)
    assert base is not None
    w = words.labels("words")
    columns = [
        Column(w["indicator"], width=3),
        Column(w["before"], "decimal"),
        Column(w["after"], "decimal"),
        *contrast_columns(results, words, 1.5),
    ]
    rows: Rows = []
    for family, indicators in results.families():
        rows.append(words.family(design, family))
        for i in indicators:
            levels = [level_cell(words, results.level(district.id, at.id, i)) for at in (base, wave)]
            rows.append([words.measured(i), *levels, *contrast_cells(words, results.own(district, i))])
    method = method_of(results, words, results.own_estimator if results.headline.compares else "taylor")
    values = {
        "district": words.name_of(district),
        "contrast": contrast_name(results, words).lower(),
        "method": method,
    }
    return Table(Grid(columns, rows), values, dense=True)
