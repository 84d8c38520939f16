"""How sure the answer is: kinds of inference side by side, families, placebo outcomes, robustness, breakdown value."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from math import inf, isnan

from fewdistricts.design import Indicator
from fewdistricts.estimates import catalogue
from fewdistricts.exhibits.display import Cell, Column, Grid, Rows, strong
from fewdistricts.exhibits.results import Results, Row
from fewdistricts.exhibits.tables.common import (
    Table,
    contrast_cells,
    contrast_columns,
    contrast_grid,
    contrast_name,
    magnitude_cell,
    method_values,
    p_cell,
)
from fewdistricts.exhibits.text.verdicts import counted_districts
from fewdistricts.exhibits.text.wording import NOTHING, Words
from fewdistricts.inference import power


def inference(results: Results, words: Words) -> Table | None:
    """The primary outcomes by every kind of inference that the design allows; the headline's first."""
    if not results.headline.compares:
        return None
    w = words.labels("words")
    columns = [
        Column(w["method"], width=3),
        *contrast_columns(results, words),
        Column(w["p_value"], "decimal"),
        Column(w["p_floor"], "decimal"),
    ]
    rows: Rows = []
    by_outcome = {i.id: side_by_side(results, i) for i in results.primary}
    shown = [row for members in by_outcome.values() for row in members if row.bounded or not isnan(row.p_value)]
    if not shown:
        return None
    for indicator in results.primary:
        rows.append(words.measured(indicator))
        for row in by_outcome[indicator.id]:
            cells: list[Cell] = [words.label("estimator", row.estimator), *contrast_cells(words, row)]
            rows.append([*cells, p_cell(words, row, row.p_value), p_cell(words, row, row.p_floor)])
    unbounded = any(inf in (abs(row.ci_low), abs(row.ci_high)) for row in shown)
    return Table(Grid(columns, rows), {"unbounded": unbounded})


def bracket(results: Results, words: Words) -> Table | None:
    """The contrast of the primary outcomes as it is, and with levels before the start held constant."""
    columns = [Column(words.label("words", "indicator"), width=2.4)]
    columns += contrast_columns(results, words, 1.2) * 2
    rows: Rows = []
    for indicator in results.primary:
        plain, adjusted = results.answer(indicator), results.variant(indicator, "baseline_adjusted")
        if plain is not None and plain.defined and adjusted is not None and adjusted.defined:
            cells = [*contrast_cells(words, plain), *contrast_cells(words, adjusted)]
            rows.append([words.measured(indicator), *cells])
    if not rows:
        return None
    heads = [words.label("table", "bracket", key) for key in ("unadjusted", "adjusted")]
    spanners = [(heads[0], 1, 2), (heads[1], 3, 4)]
    return Table(Grid(columns, rows, spanners))


def side_by_side(results: Results, indicator: Indicator) -> list[Row]:
    """The rows of one indicator by every kind of inference there is, the headline's first."""
    first = results.headline.estimator
    names = [first, *(name for name in catalogue.side_by_side() if name != first)]
    answers = [results.answer(indicator, name) for name in names]
    rows = [row for row in answers if row is not None]
    if results.design.data.level == "district":  # nothing was sampled
        rows = [row for row in rows if not catalogue.ESTIMATORS[row.estimator].needs_sample] or rows
    return rows


def families(results: Results, words: Words) -> Table | None:
    """Each family: its index, its indicators with p, adjusted p, q and the smallest difference that could be found.

    A column that would be empty is left out; nothing where all are, nor for a single indicator.
    """
    indicators = results.design.indicators
    if not results.headline.compares or len(indicators) < 2:
        return None
    defined = [row for _, row in results.answers(indicators)]
    kinds = [kind for kind in ("p_value", "p_adjusted", "q_value") if any(not isnan(getattr(r, kind)) for r in defined)]
    detectable = {row.indicator: row for row in results.of("mde") if row.defined}
    if not kinds and not detectable:
        return None
    w = words.labels("words")
    columns = [Column(w["indicator"], width=3), Column(contrast_name(results, words), "decimal")]
    columns += [Column(w[kind], "decimal") for kind in kinds]
    if detectable:
        columns.append(Column(w["detectable"], "decimal", 1.3))
    indices = {row.indicator: row for row in results.of("index")}
    rows: Rows = []
    for family, members in results.families():
        rows.append(words.family(results.design, family))
        lines = [_member(results, words, indicator, kinds, detectable) for indicator in members]
        index = indices.get(f"index_{family}")
        if index is not None:
            name = strong(w["index_alike" if index.variant_of else "index"])
            lines.append([name, contrast_cells(words, index)[0], p_cell(words, index, index.p_value)])
        rows += [[*line, *[NOTHING] * (len(columns) - len(line))] for line in lines]
    values = {"power": words.share(power.POWER, 0), "family_p": "p_adjusted" in kinds, "q": "q_value" in kinds}
    primary = sum(indicator.role == "primary" for indicator in indicators)
    return Table(Grid(columns, rows), values | {"indices": bool(indices), "primary": primary})


def _member(
    results: Results, words: Words, indicator: Indicator, kinds: Sequence[str], detectable: Mapping[str, Row]
) -> list[Cell]:
    """The cells of an indicator, as far as there are any: its difference, its p of these kinds, what could be found."""
    row = results.answer(indicator)
    if row is None or not row.defined:
        return [words.text(indicator.label), words.status(row.status if row else "")]
    cells = [words.measured(indicator), contrast_cells(words, row)[0]]
    cells += [p_cell(words, row, getattr(row, kind)) for kind in kinds]
    if detectable:
        cells.append(magnitude_cell(words, detectable.get(indicator.id)))
    return cells


def placebo(results: Results, words: Words) -> Table | None:
    """Outcomes that the programme should not move."""
    if not results.placebos:
        return None
    return Table(contrast_grid(results, words, [("", results.placebos)]), method_values(results, words))


def robustness(results: Results, words: Words) -> Table | None:
    """The primary outcomes by other weights and another model, and before the start."""
    if not results.headline.compares:
        return None
    checks = [(results.headline.estimator, "main"), *catalogue.robustness()]
    w = words.labels("words")
    columns = [
        Column(w["method"], width=3),
        *contrast_columns(results, words),
    ]
    rows: Rows = []
    if all(results.answer(i, *check) is None for i in results.primary for check in checks[1:]):
        return None
    baseline = in_time = False
    for indicator in results.primary:
        rows.append(words.measured(indicator))
        checked = [results.answer(indicator, *check) for check in checks]
        adjusted = results.variant(indicator, "baseline_adjusted")
        if adjusted is not None and not any(row and row.variant == "baseline_adjusted" for row in checked):
            checked.append(adjusted)
        for row in filter(None, checked):
            name = words.label("estimator", row.estimator)
            if row.variant != "main":
                name = words.label("category", name=name, category=words.variant(results.design, row))
            rows.append([name, *contrast_cells(words, row)])
        baseline = baseline or adjusted is not None
        earlier = results.in_time(indicator)
        if earlier is not None:
            in_time = True
            rows.append([words.label("estimand", "placebo"), *contrast_cells(words, earlier)])
    return Table(Grid(columns, rows), {"baseline": baseline, "in_time": in_time})


def breakdown(results: Results, words: Words) -> Table | None:
    """How far the trends would have to part for the interval to reach no difference."""
    if not results.headline.compares:
        return None
    w = words.labels("words")
    primary = {i.id for i in results.primary}
    rows_of = [row for row in results.of("breakdown") if row.defined and row.indicator in primary]
    sizes: dict[tuple[str, str], Row] = {(row.indicator, row.variant): row for row in rows_of}
    shown = [key for key in ("pp", "sd", "ratio") if any(kind == key for _, kind in sizes)]
    if not shown:
        return None
    columns = [Column(w["indicator"], width=3), Column(contrast_name(results, words), "decimal")]
    columns += [Column(words.label("breakdown", key), "decimal", 1.4) for key in shown]
    rows: Rows = []
    counts = set()
    for i in results.primary:
        answer = results.answer(i)
        cells: list[Cell] = [words.measured(i), contrast_cells(words, answer)[0]]
        rows.append([*cells, *(magnitude_cell(words, sizes.get((i.id, key))) for key in shown)])
        if answer is not None and answer.defined:
            counts.add(counted_districts(results, answer)[1])
    # nothing is said of a number that is not the same for every outcome
    comparisons = words.in_words(counts.pop()) if len(counts) == 1 else ""
    values = {"comparisons": comparisons, "spread": "sd" in shown or "ratio" in shown}
    return Table(Grid(columns, rows), values | {"many": results.many_in_each_arm})
