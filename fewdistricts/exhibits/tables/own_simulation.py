"""This very design, simulated: how often the answer and the checks beside it are wrong, and what they find."""

from __future__ import annotations

from fewdistricts.design import Indicator
from fewdistricts.exhibits.display import Cell, Column, Grid, Rows
from fewdistricts.exhibits.results import Results, Row
from fewdistricts.exhibits.tables.common import Table
from fewdistricts.exhibits.text.wording import NOTHING, Words
from fewdistricts.inference.own_design import SEED, UNEQUAL, sets_of

# estimand and how many times, as the columns stand
COLUMNS = {
    "size": ("size", 1.0),
    "unequal": ("size", UNEQUAL),
    "coverage": ("coverage", 1.0),
    "smallest": ("power", 1.0),
    "twice": ("power", 2.0),
}


def own_simulation(results: Results, words: Words) -> Table | None:
    """Each primary outcome by each method, the answer first; a column that would be empty is left out."""
    by_outcome = {indicator.id: of_outcome(results, indicator) for indicator in results.primary}
    rows = [row for members in by_outcome.values() for row in members]
    if not rows:
        return None
    simulated = {_place(row) for row in rows}
    shown = {name: place for name, place in COLUMNS.items() if place in simulated}
    columns = [Column(words.label("words", "method"), width=3)]
    columns += [Column(words.label("own_simulation", name), "decimal", 1.3) for name in shown]
    body: Rows = []
    for indicator in results.primary:
        members = by_outcome[indicator.id]
        if not members:
            continue
        body.append(words.text(indicator.label))
        for method in dict.fromkeys((row.estimator, row.variant) for row in members):
            own = {_place(row): row for row in members if (row.estimator, row.variant) == method}
            cells: list[Cell] = []
            for place in shown.values():
                row = own.get(place)
                cells.append(NOTHING if row is None else row.cell(words.share(row.estimate)))
            body.append([_name(words, *method), *cells])
    alpha = 1 - results.design.inference.confidence
    values = {
        "sets": words.number(sets_of(int(rows[0].n_districts))),
        "seed": str(SEED),
        "nominal": words.share(alpha, 0),
        "error": words.number(100 * max(row.se for row in rows), 1),
        "floored": results.design.data.level == "respondent" and results.headline.estimator != "permutation",
    }
    return Table(Grid(columns, body), values)


def of_outcome(results: Results, indicator: Indicator) -> list[Row]:
    """The simulated rates of an outcome."""
    return [row for name in ("size", "coverage", "power") for row in results.of(name, indicator=indicator.id)]


def _place(row: Row) -> tuple[str, float]:
    return row.estimand, float(row.variant_of)


def _name(words: Words, estimator: str, variant: str) -> str:
    if variant == "main":
        return words.label("estimator", estimator)
    return words.label("simulation", "method", variant)
