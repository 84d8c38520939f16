"""How the rows were sampled, against evaluation.yaml: nothing is repaired, everything wrong is named."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace

import numpy as np
import pandas as pd

from fewdistricts.design import Design, short
from fewdistricts.errors import Problem
from fewdistricts.survey import duplicates, ids, marks, suspects
from fewdistricts.survey.marks import number
from fewdistricts.survey.nonanswers import is_nothing, is_reserved
from fewdistricts.survey.places import MOST_VALUES, Places
from fewdistricts.survey.table import Column, Table
from fewdistricts.text import some


@dataclass(frozen=True)
class Sampling:
    """How each row was sampled; arrays over rows, None where evaluation.yaml names no column."""

    weight: np.ndarray | None
    stratum: Column | None
    psu: Column | None
    respondent: Column | None
    fpc: np.ndarray | None
    population: np.ndarray | None

    def rearranged(self, order: np.ndarray) -> Sampling:
        """The same of rows in another order, into which the table's were put."""
        arrays = {name: getattr(self, name) for name in ("weight", "fpc", "population")}
        return replace(self, **{name: values[order] for name, values in arrays.items() if values is not None})


def sampling(design: Design, table: Table, where: Places, problems: list[Problem]) -> Sampling:
    """Weights, strata, PSUs, respondents, sampling fractions and populations of the rows; adds what is wrong."""
    columns = design.data.columns
    weight = _weights(design, table, where, problems)
    names = (columns.stratum, columns.psu, columns.respondent)
    stratum, psu, respondent = (table.columns.get(name or "") for name in names)
    if design.data.level == "district":
        respondent = None
    needed = ((stratum, "stratum", "stratum"), (psu, "PSU", "psu"), (respondent, "respondent id", "respondent"))
    for each, what, key in needed:
        if each is not None:
            remedy = f"fill it in, or take `{key}` out of data.columns"
            problems += table.problems(each.name, _absent(design, each), f"no {what}", f"a {what} in every row", remedy)
    if stratum is not None and psu is not None:
        problems += _psu_in_two_strata(design, table, where, stratum, psu)
    problems += _ids(design, table, where, psu, respondent)
    if stratum is not None and design.data.sampling != "cross_section":
        problems += ids.over_waves(design, table, stratum, "stratum id", where.waves)
    fpc = _fractions(design, table, where, stratum, psu, problems)
    population = _numbers(table, columns.population, "a number above 0", problems)
    if population is not None and columns.population:
        problems += table.problems(columns.population, population <= 0, "a population that is not above 0", "people")
        differs = population != _first_of(population, where.cells(design))
        found = "two populations of one district and wave"
        problems += table.problems(columns.population, differs, found, "one in every row")
    return Sampling(weight, stratum, psu, respondent, fpc, population)


def _ids(
    design: Design, table: Table, where: Places, psu: Column | None, respondent: Column | None
) -> Iterator[Problem]:
    """Ids that occur twice, in two districts, or in one wave only."""
    if respondent is not None:
        yield from ids.respondents_again(design, table, respondent, where.districts, where.waves)
    names = {each.name for each in (psu, respondent) if each is not None}
    if design.data.duplicates == "refuse":
        for name in duplicates.interview_columns(list(table.columns)):
            if name not in names:
                yield from ids.interviews_again(table, table.columns[name], where.waves)
    repeated = psu if design.data.sampling == "repeated_psu" else respondent
    what = "PSU" if design.data.sampling == "repeated_psu" else "respondent"
    if repeated is not None and design.data.sampling != "cross_section":
        yield from ids.over_waves(design, table, repeated, what, where.waves)
    if respondent is not None and design.data.sampling == "cross_section":
        yield from ids.of_a_panel(design, table, respondent, where)
    units = [(psu, "PSU")]
    if design.data.sampling == "panel":
        units.append((respondent, "respondent"))
    for unit, name in units:
        if unit is not None and design.data.across_districts is None:
            districts = np.where(_absent(design, unit), -1, where.districts)
            yield from ids.over_districts(design, table, unit, name, districts, where.waves)


def _absent(design: Design, column: Column) -> np.ndarray:
    """Rows without an id: empty, declared missing, or in the words by which programs write an empty cell.

    A code of digits alone is an id all the same: where 9 is no answer, there still is a ninth unit.
    """
    declared = {code for codes in design.data.missing.by_kind.values() for code in codes if not code.isdigit()}
    codes = [code for code in column.distinct if code in declared or is_nothing(code)]
    return column.rows(codes) | (column.codes < 0)


def _weights(design: Design, table: Table, where: Places, problems: list[Problem]) -> np.ndarray | None:
    name, before = design.data.columns.weight, len(problems)
    weight = _numbers(table, name, "a finite weight of 0 or more", problems)
    if weight is None or name is None:
        return None
    remedy = "correct the file; is it the column of weights?"
    problems += table.problems(name, weight < 0, "a negative weight", "a finite weight of 0 or more", remedy)
    known = (where.districts >= 0) & (where.waves >= 0)
    problems += _too_heavy(table, name, weight, known)
    if len(problems) == before:
        cell = where.cells(design)[known]
        size = len(design.districts) * len(design.waves)
        sums = np.bincount(cell, weights=weight[known], minlength=size)
        present = np.bincount(cell, minlength=size) > 0
        weightless = [divmod(i, len(design.waves)) for i in np.flatnonzero(present & (sums == 0))]
        if weightless:
            cells = [f"district {design.districts[d].id!r}, wave {design.waves[w].id!r}" for d, w in weightless]
            found = f"weights that are all 0 in {some(cells, MOST_VALUES, '; ')}"
            allowed = "a weight above 0 in every district and wave"
            remedy = "is it the column of weights? Without one all count alike"
            problems.append(Problem(table.where(name), found, allowed, remedy))
    return weight


def _too_heavy(table: Table, name: str, weight: np.ndarray, known: np.ndarray) -> Iterator[Problem]:
    """Weights beside which no other row counts: a code for no weight, or a number that lost its decimal mark.

    Rows of no `known` place, such as totals, have a problem of their own.
    """
    column = table.columns[name]
    median = suspects.median_weight(weight)
    large = column.codes_in((weight / suspects.MOST_OF_OTHERS > median) & known)
    of_codes = column.rows([code for code in large if is_reserved(code)]) & known
    most = weight[known & ~of_codes].max(initial=0)
    too_heavy = (weight > suspects.MOST_WEIGHT * median) & known
    rows = too_heavy | (of_codes & (weight / suspects.MOST_OF_OTHERS > most) & (most > 0))
    meant = {code for part in table.parts for code in part.file.recode.get(name, {}).values()}
    heavy = [code for code in column.codes_in(rows) if code not in meant]
    if heavy:
        named = some([short(code) for code in heavy], MOST_VALUES)
        found = f"{named}, more than {suspects.MOST_WEIGHT} times the median weight of {median:g}"
        if not too_heavy.any():
            found = f"{named}, far above the other weights, of which the largest is {most:g}"
        remedy = (
            f"is it a code, or a lost decimal mark? Correct the file, trim it by `recode` in data.files (to itself, as "
            f"`{{{name}: {{{heavy[0]}: {heavy[0]}}}}}`, where it is right), or declare "
            f"`leave_out: {{{name}: [{', '.join(heavy[:MOST_VALUES])}]}}` in data, and the rows are counted as left out"
        )
        yield from table.problems(name, rows & column.rows(heavy), found, "weights closer to each other", remedy)


def _numbers(table: Table, name: str | None, allowed: str, problems: list[Problem]) -> np.ndarray | None:
    if name is None:
        return None
    column = table.columns[name]
    problems += column.doubts
    if column.doubts:
        return None
    values = np.array([*map(number, column.distinct), np.nan])[column.codes]
    remedy = "fill it in, or take these rows out of the file"
    problems += table.problems(name, column.codes < 0, "an empty cell", allowed, remedy)
    odd = np.isnan(values) & (column.codes >= 0)
    if odd.any():
        shown = list(dict.fromkeys(column.distinct[code] for code in column.codes[odd]))
        named = ", ".join(short(value) for value in shown[:MOST_VALUES])
        signs = "take signs such as % out of the file" if any("%" in value for value in shown) else ""
        remedy = marks.remedy(shown, name) or signs
        problems += table.problems(name, odd, f"{named}, no finite number", allowed, remedy)
    return values


def nest(design: Design, where: Places) -> np.ndarray:
    """The cell within which stratum and PSU ids have their meaning: district, and wave where samples are fresh."""
    if design.data.sampling == "cross_section":
        return where.cells(design)
    return where.districts.astype(np.int64)


def _first_of(values: np.ndarray, units: np.ndarray) -> np.ndarray:
    """For each row the value in the first row of its unit."""
    return pd.Series(values).groupby(units).transform("first").to_numpy()


def _psu_in_two_strata(design: Design, table: Table, where: Places, stratum: Column, psu: Column) -> Iterator[Problem]:
    unit = nest(design, where) * (len(psu.distinct) + 1) + psu.codes
    first = _first_of(np.arange(table.rows), unit)
    known = ~_absent(design, stratum) & ~_absent(design, psu)
    other = (stratum.codes != stratum.codes[first]) & known & known[first]
    for code in np.unique(psu.codes[other])[:MOST_VALUES]:
        rows = other & (psu.codes == code)
        row = np.flatnonzero(rows)[0]
        one, another = (short(stratum.distinct[stratum.codes[each]]) for each in (first[row], row))
        found = f"PSU {short(psu.distinct[code])} in two strata, {one} and {another}"
        remedy = "if PSU numbers begin again in every stratum, make a column that joins both"
        yield from table.problems(psu.name, rows, found, "each PSU in one stratum of its district", remedy)
    further = len(np.unique(psu.codes[other])) - MOST_VALUES
    if further > 0:
        yield Problem(table.where(psu.name), f"{further:,} further PSUs in two strata", "each PSU in one stratum")


def _fractions(
    design: Design,
    table: Table,
    where: Places,
    stratum: Column | None,
    psu: Column | None,
    problems: list[Problem],
) -> np.ndarray | None:
    """Sampling fractions of PSUs: given as such up to 1, else the sampled number over the given number."""
    name, before = design.data.columns.fpc, len(problems)
    fpc = _numbers(table, name, "a sampling fraction from 0 to 1, or a number of PSUs above 1", problems)
    if fpc is None or name is None or len(problems) > before:
        return fpc
    problems += table.problems(name, fpc < 0, "a negative number", "a sampling fraction or a number of PSUs")
    cells = nest(design, where)
    if stratum is not None:
        cells = cells * (len(stratum.distinct) + 1) + stratum.codes
    problems += table.problems(name, fpc != _first_of(fpc, cells), "two values in one stratum", "one value a stratum")
    units = np.arange(len(fpc)) if psu is None else psu.codes
    sampled = pd.Series(units).groupby(cells).transform("nunique").to_numpy()
    fraction = np.where(fpc > 1, sampled / np.where(fpc > 1, fpc, 1), fpc)
    found = "fewer PSUs than the sample of the stratum holds"
    problems += table.problems(name, fraction > 1, found, "the stratum's PSUs in the population")
    return fraction
