"""The table against evaluation.yaml: districts, waves, weights, sampling; nothing is repaired, everything is named."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from fewdistricts.design import MISSING_KINDS, Design, Spelled, short
from fewdistricts.errors import Problem, nearest
from fewdistricts.spelling import unpadded
from fewdistricts.survey import duplicates, ids, marks
from fewdistricts.survey.dates import Dates, dates_of, span_of
from fewdistricts.survey.indicators import number
from fewdistricts.survey.nonanswers import NOTHING, is_total
from fewdistricts.survey.table import Column, Table
from fewdistricts.text import some

MOST_VALUES = 5
"""Wrong values of a column a message lists before it only counts them."""


LAST_ROWS = 5
"""Rows at the end of a file in which totals and notes stand."""


@dataclass(frozen=True)
class Places:
    """Where and when each row belongs: indices into design.districts and design.waves, -1 where unknown."""

    districts: np.ndarray
    waves: np.ndarray


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


def places(design: Design, table: Table) -> tuple[Places, list[Problem]]:
    """District and wave of every row."""
    column = table.columns[design.district_column]
    districts, problems = _members(column, design.districts, "district", table)
    if design.data.columns.wave is not None:
        waves, more = _members(table.columns[design.data.columns.wave], design.waves, "wave", table)
        problems += more
    else:
        ids = [wave.id for wave in design.waves]
        waves = np.concatenate([np.full(part.rows, ids.index(part.file.wave or "")) for part in table.parts])
    found = Places(districts, waves)
    members: tuple[tuple[str, Sequence[Spelled], np.ndarray], ...]
    members = ("district", design.districts, districts), ("wave", design.waves, waves)
    for what, items, present in members:
        if what == "wave" and _has_dates_of_no_wave(design, table, waves):
            continue  # the dates are why it has no row, and have their message
        absent = [item for i, item in enumerate(items) if not (present == i).any()]
        for item in absent[:MOST_VALUES]:
            where = ", ".join(dict.fromkeys(part.where for part in table.parts))
            spelled = " or ".join(short(spelling) for spelling in item.spellings)
            problems.append(
                Problem(
                    where,
                    f"no row of {what} {item.id!r} (spelled {spelled})",
                    f"rows of every declared {what}",
                    f"declare its spelling as `value:`, or leave the {what} out",
                )
            )
        if len(absent) > MOST_VALUES:
            problems.append(Problem("survey", f"no row of {len(absent) - MOST_VALUES} further {what}s"))
    if design.data.level == "district":
        problems += _one_row_a_cell(design, table, found)
    return found, problems


def _has_dates_of_no_wave(design: Design, table: Table, waves: np.ndarray) -> bool:
    if design.data.columns.wave is None:
        return False
    column = table.columns[design.data.columns.wave]
    unknown = [column.distinct[i] for i in np.unique(column.codes[waves < 0]).tolist() if i >= 0]
    return dates_of(unknown, [wave.fieldwork for wave in design.waves]) is not None


def _members(column: Column, items: Sequence[Spelled], what: str, table: Table) -> tuple[np.ndarray, list[Problem]]:
    """Index of each row's item, -1 where it is none, and what is wrong."""
    meaning: dict[str, int] = {}
    problems: list[Problem] = []
    for i, item in enumerate(items):
        for spelling in item.spellings:
            if column.is_ambiguous(spelling):
                found = f"{what} {short(spelling)}, which is {column.meaning_of(spelling)}"
                problems.append(Problem(table.where(column.name), found, "one code", "use codes"))
            for code in column.matches(spelling):
                if meaning.setdefault(code, i) != i:
                    other = items[meaning[code]].id
                    found = f"code {short(code)}, which is {item.id!r} and {other!r}"
                    problems.append(Problem(table.where(column.name), found, "one"))
    rows_of = column.rows_of()
    unknown = [code for i, code in enumerate(column.distinct) if code not in meaning and rows_of[i]]
    if what == "wave":
        by_date = _by_fieldwork(unknown, items)
        meaning |= by_date
        unknown = [code for code in unknown if code not in by_date]
    problems += _unknown(column, unknown, items, what, table)
    remedy = "are the cells merged? Fill them down in the file" if (column.codes < 0).mean() > 0.5 else ""
    problems += table.problems(column.name, column.codes < 0, f"no {what}", f"a {what} in every row", remedy)
    return column.lookup(meaning)[column.codes], problems


def _by_fieldwork(codes: Sequence[str], waves: Sequence[Any]) -> dict[str, int]:
    """Dates and periods: the wave in whose fieldwork each lies."""
    out: dict[str, int] = {}
    for code in codes:
        span = span_of(code)
        if span is None:
            continue
        inside = [i for i, wave in enumerate(waves) if wave.fieldwork[0] <= span[1] and span[0] <= wave.fieldwork[1]]
        if len(inside) == 1:
            out[code] = inside[0]
    return out


def _unknown(column: Column, codes: Sequence[str], items: Sequence[Any], what: str, table: Table) -> Iterator[Problem]:
    """Spellings of no declared item: variants of one together, with what to add to its `value`; others after them."""
    spellings = {spelling: item for item in items for spelling in item.spellings}
    allowed = some([spelling[:60] for spelling in spellings], 20)
    variants: dict[str, list[str]] = {}
    others: list[str] = []
    for code in codes:
        shown = column.shown(code)
        same = [spelling for spelling in spellings if unpadded(spelling) == unpadded(shown)]
        if same:
            variants.setdefault(spellings[same[0]].id, []).append(code)
        else:
            others.append(code)
    if len(variants) > MOST_VALUES:
        yield from _variants_together(column, variants, what, table)
    else:
        for item in items:
            for code in variants.get(item.id, []):
                shown = column.shown(code)
                found = f"unknown {what} {short(shown)}"
                yield from table.problems(
                    column.name, _rows_with(column, [code]), found, allowed, _add(item, [shown], spellings)
                )
    dates = dates_of(others, [item.fieldwork for item in items]) if what == "wave" else None
    if dates is not None:
        yield from _dates_of_no_wave(column, dates, table)
        others = [code for code in others if code not in dates.codes]
    found_below = {code: _tail(column, code, table) for code in others}
    tails = {code: tail for code, tail in found_below.items() if tail is not None}
    totals = [code for code in others if is_total(column.shown(code))]
    if any(code not in tails for code in totals):
        named = some([short(column.shown(code)) for code in totals], MOST_VALUES)
        listed = ", ".join(column.shown(code) for code in totals)
        remedy = f"are they totals? Then declare `leave_out: {{{column.name}: [{listed}]}}` in data"
        yield from table.problems(column.name, _rows_with(column, totals), f"{named}, no {what}", allowed, remedy)
        others = [code for code in others if code not in totals]
    for code in others[:MOST_VALUES]:
        shown = column.shown(code)
        remedy = nearest(shown, spellings)
        if code in tails and (not remedy or code in totals):
            file, _ = tails[code]
            last = min(row for where, row in tails.values() if where == file)
            remedy = f"is it a total or a note below the answers? Declare `last_row: {last}` in data.files"
        remedy = remedy or f"declare the {what}, or name it in data.leave_out"
        found = f"unknown {what} {short(shown)}"
        yield from table.problems(column.name, _rows_with(column, [code]), found, allowed, remedy)
    if len(others) > MOST_VALUES:
        rows = _rows_with(column, others[MOST_VALUES:])
        found = f"{len(others) - MOST_VALUES} further unknown {what}s"
        yield from table.problems(column.name, rows, found, "the declared ones")


def _dates_of_no_wave(column: Column, dates: Dates, table: Table) -> Iterator[Problem]:
    """One problem for all dates that are written as no date is read, or that no wave's fieldwork holds."""
    first = short(column.shown(dates.codes[0]))
    found = f"{dates.what} such as {first}"
    yield from table.problems(column.name, _rows_with(column, dates.codes), found, dates.allowed, dates.remedy)


def _tail(column: Column, code: str, table: Table) -> tuple[str, int] | None:
    """Where a spelling stands in the last rows of a file only, as totals and notes do: the file, and the row above."""
    rows = np.flatnonzero(_rows_with(column, [code]))
    for part in table.parts:
        end = part.start + part.rows
        if part.rows > 2 * LAST_ROWS and end - LAST_ROWS <= rows[0] and rows[-1] < end:
            return part.where, part.numbers(np.array([rows[0] - 1]))[0]
    return None


def _add(item: Spelled, shown: Sequence[str], spellings: Iterable[str]) -> str:
    """What `value` would have to be for these spellings to be an item's."""
    values = [*item.spellings, *shown]
    quoted = [value if np.isnan(number(value)) else f'"{value}"' for value in values]
    near = nearest(shown[0], spellings)
    zeros = " (in quotes, for YAML takes the zero away)" if any(value.startswith("0") for value in shown) else ""
    declared = f"declare `value: [{', '.join(quoted)}]`{zeros} for {item.id!r}, or `recode` the column"
    return f"{near} Then {declared}" if near else declared


def _variants_together(column: Column, variants: dict[str, list[str]], what: str, table: Table) -> Iterator[Problem]:
    codes = [code for each in variants.values() for code in each]
    listed = [f"{name}: {', '.join(short(column.shown(code)) for code in each)}" for name, each in variants.items()]
    found = f"{len(codes)} other spellings of {len(variants)} {what}s: {some(listed, 8, '; ')}"
    remedy = f"add them to each {what}'s `value:`, or `recode` the column in data.files"
    if all(code.isdigit() for code in codes):
        remedy = (
            f'write `value:` in quotes with its zeros, as "{max(codes, key=len)}", and declare '
            f"`pad: {{{column.name}: {max(map(len, codes))}}}` in data.files for files that lost them"
        )
    yield from table.problems(column.name, _rows_with(column, codes), found, f"one spelling of each {what}", remedy)


def _rows_with(column: Column, codes: Sequence[str]) -> np.ndarray:
    return np.isin(column.codes, [column.distinct.index(code) for code in codes])


def _one_row_a_cell(design: Design, table: Table, found: Places) -> Iterator[Problem]:
    known = np.flatnonzero((found.districts >= 0) & (found.waves >= 0))
    cell = found.districts[known] * len(design.waves) + found.waves[known]
    _, first = np.unique(cell, return_index=True)
    again = np.delete(known, first)
    yield from table.problems(
        design.district_column,
        again,
        "a second row of the same district and wave",
        "one row each, as level is district",
    )


def sampling(design: Design, table: Table, where: Places) -> tuple[Sampling, list[Problem]]:
    """Weights, strata, PSUs, respondents, sampling fractions and populations of the rows."""
    columns = design.data.columns
    problems: list[Problem] = []

    def column(name: str | None) -> Column | None:
        return table.columns[name] if name is not None else None

    weight, more = _weights(design, table, where)
    problems += more
    stratum, psu, respondent = column(columns.stratum), column(columns.psu), column(columns.respondent)
    if design.data.level == "district":
        respondent = None
    for each, what in ((stratum, "stratum"), (psu, "PSU"), (respondent, "respondent id")):
        if each is not None:
            problems += table.problems(each.name, _absent(design, each), f"no {what}", f"a {what} in every row")
    if stratum is not None and psu is not None:
        problems += _psu_in_two_strata(design, table, where, stratum, psu)
    problems += _ids(design, table, where, psu, respondent)
    if stratum is not None and design.data.sampling != "cross_section":
        problems += ids.over_waves(design, table, stratum, "stratum id", where.waves)
    fpc, more = _numbers(table, columns.fpc, "a sampling fraction from 0 to 1, or a number of PSUs above 1")
    problems += more
    if fpc is not None and not more:
        fpc, more = _fractions(design, table, where, fpc, stratum, psu)
        problems += more
    population, more = _numbers(table, columns.population, "a number above 0")
    problems += more
    if population is not None and columns.population:
        problems += table.problems(columns.population, population <= 0, "a population that is not above 0", "people")
        problems += _constant(design, table, where, columns.population, population)
    return Sampling(weight, stratum, psu, respondent, fpc, population), problems


def _ids(
    design: Design, table: Table, where: Places, psu: Column | None, respondent: Column | None
) -> Iterator[Problem]:
    """Ids that occur twice, in two districts, or in one wave only."""
    if respondent is not None:
        yield from ids.again(design, table, respondent, where.districts, where.waves)
    names = {each.name for each in (psu, respondent) if each is not None}
    if design.data.duplicates == "refuse":
        for name in duplicates.interview_columns(list(table.columns)):
            if name not in names:
                yield from ids.interviews_again(table, table.columns[name], where.waves)
    repeated = psu if design.data.sampling == "repeated_psu" else respondent
    what = "PSU" if design.data.sampling == "repeated_psu" else "respondent"
    if repeated is not None and design.data.sampling != "cross_section":
        yield from ids.over_waves(design, table, repeated, what, where.waves)
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
    missing = {code for kind in MISSING_KINDS for code in getattr(design.data.missing, kind)}
    declared = {code for code in missing if not code.isdigit()}
    codes = [code for code in column.distinct if code in declared or code.lower() in NOTHING]
    return column.lookup(dict.fromkeys(codes, 1), 0).astype(bool)[column.codes] | (column.codes < 0)


def _weights(design: Design, table: Table, where: Places) -> tuple[np.ndarray | None, list[Problem]]:
    name = design.data.columns.weight
    weight, problems = _numbers(table, name, "a finite weight of 0 or more")
    if weight is None or name is None:
        return weight, problems
    problems += table.problems(
        name,
        weight < 0,
        "a negative weight",
        "a finite weight of 0 or more",
        "correct the file; is it the column of weights?",
    )
    problems += table.problems(name, weight > 1e15, "a weight above 1e15", "a finite weight of 0 or more")
    if not problems:
        known = (where.districts >= 0) & (where.waves >= 0)
        cell = (where.districts * len(design.waves) + where.waves)[known]
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
    return weight, problems


def _numbers(table: Table, name: str | None, allowed: str) -> tuple[np.ndarray | None, list[Problem]]:
    if name is None:
        return None, []
    column = table.columns[name]
    if column.doubts:
        return None, list(column.doubts)
    values = np.array([*map(number, column.distinct), np.nan])[column.codes]
    problems = list(table.problems(name, column.codes < 0, "an empty cell", allowed))
    odd = np.isnan(values) & (column.codes >= 0)
    if odd.any():
        shown = list(dict.fromkeys(column.distinct[code] for code in column.codes[odd]))
        named = ", ".join(short(value) for value in shown[:MOST_VALUES])
        signs = "take signs such as % out of the file" if any("%" in value for value in shown) else ""
        remedy = marks.remedy(shown, name) or signs
        problems += table.problems(name, odd, f"{named}, no finite number", allowed, remedy)
    return values, problems


def nest(design: Design, where: Places) -> np.ndarray:
    """The cell within which stratum and PSU ids have their meaning: district, and wave where samples are fresh."""
    if design.data.sampling == "cross_section":
        return where.districts.astype(np.int64) * len(design.waves) + where.waves
    return where.districts.astype(np.int64)


def _psu_in_two_strata(design: Design, table: Table, where: Places, stratum: Column, psu: Column) -> Iterator[Problem]:
    unit = nest(design, where) * (len(psu.distinct) + 1) + psu.codes
    _, first, inverse = np.unique(unit, return_index=True, return_inverse=True)
    known = ~_absent(design, stratum) & ~_absent(design, psu)
    other = (stratum.codes != stratum.codes[first][inverse]) & known & known[first][inverse]
    for code in np.unique(psu.codes[other])[:MOST_VALUES]:
        rows = other & (psu.codes == code)
        row = np.flatnonzero(rows)[0]
        strata = (stratum.distinct[stratum.codes[first[inverse[row]]]], stratum.distinct[stratum.codes[row]])
        yield from table.problems(
            psu.name,
            rows,
            f"PSU {short(psu.distinct[code])} in two strata, {short(strata[0])} and {short(strata[1])}",
            "each PSU in one stratum of its district",
            "if PSU numbers begin again in every stratum, make a column that joins both",
        )
    further = len(np.unique(psu.codes[other])) - MOST_VALUES
    if further > 0:
        yield Problem(table.where(psu.name), f"{further:,} further PSUs in two strata", "each PSU in one stratum")


def _fractions(
    design: Design, table: Table, where: Places, fpc: np.ndarray, stratum: Column | None, psu: Column | None
) -> tuple[np.ndarray, list[Problem]]:
    """Sampling fractions of PSUs: given as such up to 1, else the sampled number over the given number."""
    name = str(design.data.columns.fpc)
    problems = list(table.problems(name, fpc < 0, "a negative number", "a sampling fraction or a number of PSUs"))
    cells = nest(design, where)
    if stratum is not None:
        cells = cells * (len(stratum.distinct) + 1) + stratum.codes
    _, first, inverse = np.unique(cells, return_index=True, return_inverse=True)
    problems += table.problems(name, fpc != fpc[first][inverse], "two values in one stratum", "one value a stratum")
    units = np.arange(len(fpc)) if psu is None else psu.codes
    pairs = np.unique(np.column_stack([inverse, units]), axis=0)
    sampled = np.bincount(pairs[:, 0])[inverse]
    fraction = np.where(fpc > 1, sampled / np.where(fpc > 1, fpc, 1), fpc)
    found = "fewer PSUs than the sample of the stratum holds"
    problems += table.problems(name, fraction > 1, found, "the stratum's PSUs in the population")
    return fraction, problems


def _constant(design: Design, table: Table, where: Places, name: str, values: np.ndarray) -> Iterator[Problem]:
    cell = where.districts.astype(np.int64) * len(design.waves) + where.waves
    _, first, inverse = np.unique(cell, return_index=True, return_inverse=True)
    yield from table.problems(
        name, values != values[first][inverse], "two populations of one district and wave", "one in every row"
    )
