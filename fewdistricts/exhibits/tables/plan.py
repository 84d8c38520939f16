"""The tables of the plan: what would be found, what finding it takes, what is declared. Nothing is computed here."""

from __future__ import annotations

from collections.abc import Sequence
from math import isnan

from fewdistricts.design import Design
from fewdistricts.estimates.design_stage import Basis, Numbers
from fewdistricts.exhibits.display import Cell, Column, Grid, Rows, strong
from fewdistricts.exhibits.tables.codebook import counted_text
from fewdistricts.exhibits.tables.common import Table
from fewdistricts.exhibits.text.deviations import value
from fewdistricts.exhibits.text.wording import NOTHING, Words


def differences(design: Design, numbers: Numbers, words: Words) -> Table:
    """Minimum detectable difference of each indicator, a column for each size of shock; bold where it is no larger
    than the smallest change worth having."""
    w = words.labels("words")
    columns = [
        Column(w["indicator"], width=3),
        Column(words.label("plan", "level"), "decimal", 1),
        Column(w["interviews"], "right", 1.2),
        Column(w["deff"], "decimal", 0.8),
        Column(words.label("plan", "worth"), "decimal", 1.3),
        *(Column(shock_text(words, s), "decimal", 1) for s in numbers.shocks),
    ]
    rows: Rows = []
    worth = {i.id: i.worthwhile for i in design.indicators}
    names = {i.id: words.text(i.label) for i in design.indicators}
    family = {i.id: words.family(design, i.family) for i in design.indicators}
    order = list(dict.fromkeys(family.values()))
    pairs = sorted(
        zip(numbers.bases, numbers.mde, strict=True),
        key=lambda pair: order.index(family.get(pair[0].indicator, order[0])),
    )
    heading = ""
    for basis, sizes in pairs:
        if basis.indicator and family[basis.indicator] != heading:
            heading = family[basis.indicator]
            rows.append(heading)
        least = worth.get(basis.indicator)
        cells: list[Cell] = [_name(words, basis, names), _level(words, basis), words.number(basis.n)]
        cells += [words.number(basis.deff, 1), magnitude(words, least, basis.unit)]
        rows.append(cells + detectable_cells(words, sizes, basis.unit, least))
    first = len(columns) - len(numbers.shocks)
    spanner = (words.label("plan", "spanner"), first, len(columns) - 1)
    return Table(Grid(columns, rows, [spanner]), {"power": words.share(numbers.power, 0)}, dense=True)


def _name(words: Words, basis: Basis, names: dict[str, str]) -> str:
    if basis.indicator:
        label = names[basis.indicator]
        return words.label("plan", "assumed", label=label) if basis.assumed else label
    if basis.unit == "sd":
        return words.label("plan", "any_mean")
    return words.label("plan", "any_share", share=words.share(basis.level, 0))


def _level(words: Words, basis: Basis) -> str:
    return words.level(basis.level, basis.unit)


def magnitude(words: Words, size: float | None, unit: str) -> str:
    """A size without unit: percentage points for shares, else two decimals."""
    if size is None or isnan(size):
        return NOTHING
    return words.magnitude(size, unit)


def detectable_cells(words: Words, sizes: Sequence[float], unit: str, worthwhile: float | None) -> list[Cell]:
    """Differences that could be detected, in bold where no larger than the smallest change worth having."""
    cells: list[Cell] = []
    for size in sizes:
        text = magnitude(words, size, unit)
        enough = worthwhile is not None and unit != "sd" and size <= worthwhile
        cells.append(strong(text) if enough else text)
    return cells


def shock_text(words: Words, shock: float) -> str:
    """A size of shock, in percentage points."""
    if not shock:
        return words.label("plan", "no_shock")
    number = shock_number(words, shock)
    return words.label("plan", "points", number=number, one=words.is_one(number))


def shock_number(words: Words, shock: float) -> str:
    """A size of shock without its unit, with a decimal where it needs one."""
    return words.number(shock * 100, 0 if round(shock * 1000) % 10 == 0 else 1)


def needed(design: Design, numbers: Numbers, words: Words) -> Table | None:
    """Districts and interviews that finding the smallest change worth having would take."""
    if not numbers.needed:
        return None
    columns = [
        Column(words.label("plan", "shock"), width=2.6),
        Column(words.label("plan", "found"), "decimal", 1.5),
        Column(words.label("plan", "districts_each"), "right", 1.8),
        Column(words.label("plan", "interviews_each", **_arms(numbers, words)), "right", 1.8),
    ]
    rows: Rows = []
    heading = ""
    for row in numbers.needed:
        indicator = design.indicator(row.indicator)
        if row.indicator != heading:
            heading = row.indicator
            size = words.size(row.effect, indicator.unit_of, of=indicator)
            rows.append(words.label("plan", "target", label=words.text(indicator.label), size=size))
        none = words.label("plan", "nothing_suffices")
        counts = [words.number(k) if k is not None else none for k in (row.districts, row.interviews)]
        rows.append([shock_text(words, row.shock), magnitude(words, row.mde, indicator.unit_of), *counts])
    return Table(Grid(columns, rows), {"power": words.share(numbers.power, 0), **_arms(numbers, words)})


def _arms(numbers: Numbers, words: Words) -> dict[str, str]:
    return {"pilots": words.number(numbers.pilots), "comparisons": words.number(numbers.comparisons)}


def declared(design: Design, _: Numbers, words: Words) -> Table:
    """Every indicator by family: answers counted, role, direction, smallest change worth having."""
    w = words.labels("words")
    columns = [
        Column(w["indicator"], width=3),
        Column(w["answers_counted"], width=3),
        Column(w["role"], width=1.5),
        Column(words.label("outcome", "better"), width=1.1),
        Column(words.label("plan", "worth"), "decimal", 1.4),
    ]
    rows: Rows = []
    for family in dict.fromkeys(i.family for i in design.indicators):
        rows.append(words.family(design, family))
        for i in (i for i in design.indicators if i.family == family):
            worth = magnitude(words, i.worthwhile, i.unit_of)
            role, better = words.label("role", i.role), words.label("better_short", i.better)
            rows.append([words.text(i.label), counted_text(design, i, words), role, better, worth])
    return Table(Grid(columns, rows))


def choices(design: Design, _: Numbers, words: Words) -> Table:
    """What is chosen of the inference."""
    rows: Rows = [
        [words.label("plan", "key", key).capitalize(), value(design, words, key, given)]
        for key, given in design.inference.model_dump(mode="json").items()
    ]
    return Table(
        Grid([Column(words.label("plan", "choice"), width=2), Column(words.label("words", "value"), width=3)], rows)
    )
