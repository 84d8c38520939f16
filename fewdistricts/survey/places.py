"""The district and wave of every row, against those that are declared: nothing is repaired, everything is named."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from functools import cached_property
from typing import Literal

import numpy as np

from fewdistricts.design import Design, Spelled, short
from fewdistricts.errors import Problem, nearest
from fewdistricts.spelling import folded, unpadded
from fewdistricts.survey.dates import Dates, Span, dates_of, days_of, span_of
from fewdistricts.survey.marks import number
from fewdistricts.survey.nonanswers import is_total
from fewdistricts.survey.table import Column, Table, again, owners
from fewdistricts.text import count, some

MOST_VALUES = 5
"""Wrong values of a column a message lists before it only counts them."""

MOSTLY_EMPTY = 0.5
"""Share of empty cells of a district or wave from which the file has it in the first row of each alone."""

LAST_ROWS = 5
"""Rows at the end of a file in which totals and notes stand."""


@dataclass(frozen=True)
class Places:
    """Where and when each row belongs: indices into design.districts and design.waves, -1 where unknown."""

    districts: np.ndarray
    waves: np.ndarray

    def cells(self, design: Design) -> np.ndarray:
        """A number for the district and wave of each row."""
        return self.districts.astype(np.int64) * len(design.waves) + self.waves


@dataclass(frozen=True)
class _Naming:
    """A column that names the district or the wave of a row, and the declared ones."""

    table: Table
    column: Column
    what: Literal["district", "wave"]
    items: Sequence[Spelled]
    fieldwork: Sequence[Span] = ()
    """First and last day of each wave; none for districts."""

    @cached_property
    def spellings(self) -> dict[str, Spelled]:
        """What each declared spelling means."""
        return {spelling: item for item in self.items for spelling in item.spellings}

    @cached_property
    def days(self) -> dict[str, date]:
        """The codes that are days, where the column is that of the waves."""
        return days_of(self.column.distinct) if self.fieldwork else {}

    @property
    def allowed(self) -> str:
        """The declared spellings, as a message lists them."""
        return some([spelling[:60] for spelling in self.spellings], 20)

    def shown(self, codes: Sequence[str]) -> list[str]:
        """The codes as the file's labels name them, short enough for a message."""
        return [short(self.column.shown(code)) for code in codes]

    def problems(self, codes: Sequence[str], found: str, allowed: str, remedy: str = "") -> Iterator[Problem]:
        """One problem of the rows with these codes."""
        return self.table.problems_of(self.column, codes, found, allowed, remedy)


def places_of(design: Design, table: Table, problems: list[Problem]) -> Places:
    """District and wave of every row; adds what is wrong with them."""
    column = table.columns[design.district_column]
    districts = _members(_Naming(table, column, "district", design.districts), problems)
    dates = None
    if design.data.columns.wave is None:
        ids = [wave.id for wave in design.waves]
        waves = np.concatenate([np.full(part.rows, ids.index(part.file.wave or "")) for part in table.parts])
    else:
        column = table.columns[design.data.columns.wave]
        fieldwork = [wave.fieldwork for wave in design.waves]
        naming = _Naming(table, column, "wave", design.waves, fieldwork)
        waves = _members(naming, problems)
        dates = dates_of(column.codes_in(waves < 0), fieldwork, naming.days)
    problems += _without_rows(table, "district", design.districts, districts)
    if dates is None:  # otherwise the dates are why a wave has no row, and have their message
        problems += _without_rows(table, "wave", design.waves, waves)
    found = Places(districts, waves)
    if not problems:
        problems += _never_again(design, table, found)
    if design.data.level == "district":
        problems += _one_row_a_cell(design, table, found)
    return found


def _without_rows(table: Table, what: str, items: Sequence[Spelled], present: np.ndarray) -> Iterator[Problem]:
    """Declared districts or waves that no row belongs to."""
    absent = [item for i, item in enumerate(items) if not (present == i).any()]
    where = ", ".join(dict.fromkeys(part.where for part in table.parts))
    for item in absent[:MOST_VALUES]:
        spelled = " or ".join(short(spelling) for spelling in item.spellings)
        found = f"no row of {what} {item.id!r} (spelled {spelled})"
        remedy = f"declare its spelling as `value:`, or leave the {what} out"
        yield Problem(where, found, f"rows of every declared {what}", remedy)
    if len(absent) > MOST_VALUES:
        yield Problem("survey", f"no row of {len(absent) - MOST_VALUES} further {what}s")


def _never_again(design: Design, table: Table, found: Places) -> Iterator[Problem]:
    """That every district has rows in one wave only, although some waves come before a start and others after it."""
    present = np.zeros((len(design.districts), len(design.waves)), dtype=bool)
    present[found.districts, found.waves] = True
    phases = {design.phase(district, wave) for district in design.districts for wave in design.waves}
    if len(phases) < 2 or present.sum(axis=1).max() > 1:
        return
    ids = np.array([district.id for district in design.districts])
    listed = [
        f"only in {wave.id}: {some(ids[here].tolist(), MOST_VALUES)}"
        for wave, here in zip(design.waves, present.T, strict=True)
    ]
    yield Problem(
        table.where(design.district_column),
        f"no district with rows in two waves ({'; '.join(listed)})",
        "districts that were surveyed before and after",
        "are two of them one place under another name? Then declare one district with `value: [one name, the other]`",
    )


def _members(naming: _Naming, problems: list[Problem]) -> np.ndarray:
    """Index of each row's item (n,), -1 where it is none; adds what is wrong."""
    column, what = naming.column, naming.what
    spelled = {item.id: item.spellings for item in naming.items}
    owner = owners(column, spelled, naming.table.where(column.name), f"{what}s", problems, must_occur=False)
    places = {item.id: i for i, item in enumerate(naming.items)}
    meaning = {code: places[name] for code, name in owner.items()}
    rows_of = column.rows_of()
    unknown = [code for i, code in enumerate(column.distinct) if code not in meaning and rows_of[i]]
    by_date = _by_fieldwork(unknown, naming.fieldwork, naming.days)
    meaning |= by_date
    problems += _unknown(naming, [code for code in unknown if code not in by_date])
    many = (column.codes < 0).mean() >= MOSTLY_EMPTY
    remedy = "are the cells merged, or filled in once a respondent? Fill them down in the file" if many else ""
    problems += naming.table.problems(column.name, column.codes < 0, f"no {what}", f"a {what} in every row", remedy)
    return column.lookup(meaning)[column.codes]


def _by_fieldwork(codes: Sequence[str], fieldwork: Sequence[Span], days: Mapping[str, date]) -> dict[str, int]:
    """Dates and periods: the wave in whose fieldwork each lies."""
    out: dict[str, int] = {}
    for code in codes:
        span = (days[code], days[code]) if code in days else span_of(code)
        if span is None:
            continue
        inside = [i for i, (first, last) in enumerate(fieldwork) if first <= span[1] and span[0] <= last]
        if len(inside) == 1:
            out[code] = inside[0]
    return out


def _unknown(naming: _Naming, codes: Sequence[str]) -> Iterator[Problem]:
    """Codes of no declared item: the first rule that can explain one gives its message."""
    variants = _other_spellings(naming, codes)
    yield from _variants(naming, variants)
    explained = {code for each in variants.values() for code in each}

    left = [code for code in codes if code not in explained]
    dates = dates_of(left, naming.fieldwork, naming.days) if naming.fieldwork else None
    if dates is not None:
        yield from _dates_of_no_wave(naming, dates)
        explained.update(dates.codes)

    left = [code for code in codes if code not in explained]
    last_rows = _last_rows(naming, left)
    sums = [code for code in left if is_total(naming.column.shown(code))]
    if any(code not in last_rows for code in sums):
        yield from totals(naming.table, naming.column, sums, naming.what, naming.allowed)
        left = [code for code in left if code not in sums]
    yield from _strangers(naming, left, last_rows)


def _other_spellings(naming: _Naming, codes: Sequence[str]) -> dict[str, list[str]]:
    """Codes that are an item's but for zeros, case and the like, by the item's id in the declared order."""
    found: dict[str, list[str]] = {}
    for code in codes:
        shown = unpadded(naming.column.shown(code))
        same = [item for spelling, item in naming.spellings.items() if unpadded(spelling) == shown]
        if same:
            found.setdefault(same[0].id, []).append(code)
    return {item.id: found[item.id] for item in naming.items if item.id in found}


def _variants(naming: _Naming, variants: dict[str, list[str]]) -> Iterator[Problem]:
    """What to add to each item's `value`; in one message where there are many."""
    if len(variants) > MOST_VALUES:
        yield from _many_variants(naming, variants)
        return
    items = {item.id: item for item in naming.items}
    for name, codes in variants.items():
        for code in codes:
            shown = naming.column.shown(code)
            found = f"unknown {naming.what} {short(shown)}"
            yield from naming.problems([code], found, naming.allowed, _add(naming, items[name], shown))


def _add(naming: _Naming, item: Spelled, shown: str) -> str:
    """What `value` would have to be for this spelling to be the item's."""
    quoted = [value if np.isnan(number(value)) else f'"{value}"' for value in (*item.spellings, shown)]
    zeros = " (in quotes, for YAML takes the zero away)" if shown.startswith("0") else ""
    declare = f"declare `value: [{', '.join(quoted)}]`{zeros} for {item.id!r}, or `recode` the column"
    near = nearest(shown, naming.spellings)
    return f"{near} Then {declare}" if near else declare


def _many_variants(naming: _Naming, variants: dict[str, list[str]]) -> Iterator[Problem]:
    what = naming.what
    codes = [code for each in variants.values() for code in each]
    listed = [f"{name}: {', '.join(naming.shown(each))}" for name, each in variants.items()]
    found = f"{len(codes)} other spellings of {len(variants)} {what}s: {some(listed, 8, '; ')}"
    remedy = f"add them to each {what}'s `value:`, or `recode` the column in data.files"
    if all(code.isdigit() for code in codes):
        remedy = (
            f'write `value:` in quotes with its zeros, as "{max(codes, key=len)}", and declare '
            f"`pad: {{{naming.column.name}: {max(map(len, codes))}}}` in data.files for files that lost them"
        )
    yield from naming.problems(codes, found, f"one spelling of each {what}", remedy)


def _dates_of_no_wave(naming: _Naming, dates: Dates) -> Iterator[Problem]:
    """One problem for all dates that are written as no date is read, or that no wave's fieldwork holds."""
    first = short(naming.column.shown(dates.codes[0]))
    yield from naming.problems(dates.codes, f"{dates.what} such as {first}", dates.allowed, dates.remedy)


def _last_rows(naming: _Naming, codes: Sequence[str]) -> dict[str, tuple[str, int]]:
    """Codes in the last rows of a file only, as of totals and notes: the file, and the row above the code's first."""
    out: dict[str, tuple[str, int]] = {}
    for code in codes:
        rows = np.flatnonzero(naming.column.rows([code]))
        for part in naming.table.parts:
            end = part.start + part.rows
            if part.rows > 2 * LAST_ROWS and end - LAST_ROWS <= rows[0] and rows[-1] < end:
                out[code] = part.where, part.numbers(np.array([rows[0] - 1]))[0]
    return out


def totals(table: Table, column: Column, codes: Sequence[str], what: str, allowed: str) -> Iterator[Problem]:
    """Sums over others between the answers."""
    listed = ", ".join(column.shown(code) for code in codes)
    remedy = f"are they totals? Then declare `leave_out: {{{column.name}: [{listed}]}}` in data"
    found = f"{some([short(column.shown(code)) for code in codes], MOST_VALUES)}, no {what}"
    yield from table.problems_of(column, codes, found, allowed, remedy)


def _strangers(naming: _Naming, codes: Sequence[str], last_rows: dict[str, tuple[str, int]]) -> Iterator[Problem]:
    """Codes that nothing explains, but perhaps a slip of the pen or the end of a file."""
    what = naming.what
    for code in codes[:MOST_VALUES]:
        shown = naming.column.shown(code)
        remedy = nearest(shown, naming.spellings)
        if code in last_rows and (not remedy or is_total(shown)):
            file, _ = last_rows[code]
            last = min(row for where, row in last_rows.values() if where == file)
            remedy = f"is it a total or a note below the answers? Declare `last_row: {last}` in data.files"
        joined = _joined(shown, naming.spellings)
        if len(joined) > 1:
            remedy = f"is it both together? Then declare one {what} with `value: [{', '.join([*joined, shown])}]`"
        remedy = remedy or f"declare the {what}, or name it in data.leave_out"
        yield from naming.problems([code], f"unknown {what} {short(shown)}", naming.allowed, remedy)
    further = codes[MOST_VALUES:]
    if further:
        yield from naming.problems(further, count(len(further), f"further unknown {what}"), "the declared ones")


def _joined(name: str, spellings: Iterable[str]) -> list[str]:
    """The spellings of which a name is made, as `Encina-Fuente` of two districts that were merged."""
    inside = {folded(each): each for each in spellings if len(folded(each)) > 2 and folded(each) in folded(name)}
    return [each for word, each in inside.items() if not any(word in other for other in inside if other != word)]


def _one_row_a_cell(design: Design, table: Table, found: Places) -> Iterator[Problem]:
    twice = again((found.districts >= 0) & (found.waves >= 0), found.districts, found.waves)
    found_twice = "a second row of the same district and wave"
    yield from table.problems(design.district_column, twice, found_twice, "one row each, as level is district")
