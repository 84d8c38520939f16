"""Ids of sampling units and respondents over waves and districts: whether they meet, move or occur twice."""

from __future__ import annotations

import re
from collections.abc import Iterator

import numpy as np
import pandas as pd

from fewdistricts.design import Design, short
from fewdistricts.errors import Problem
from fewdistricts.spelling import unpadded
from fewdistricts.survey.duplicates import KEEP
from fewdistricts.survey.places import Places
from fewdistricts.survey.table import Column, Table, again
from fewdistricts.text import count

LEAST_SHARED = 0.1
"""Share of a wave's ids that must occur in some other wave where the units are said to be the same."""

MOSTLY = 0.8
"""Share of a wave's respondents who were asked before, from which a new sample looks like a panel."""

FEWEST_AGAIN = 10
"""How many they are at least."""

FEW_UNITS = 30
"""PSUs of a district up to which ids that occur in most districts are taken to begin again in each."""

MOST_NAMED = 5
MANY = 0.1
"""Share of the rows that repeat an id above which they are no copies, but members of households."""


def over_waves(design: Design, table: Table, column: Column, what: str, waves: np.ndarray) -> Iterator[Problem]:
    """Ids of repeated units that meet in no other wave, or only once their spelling is made the same."""
    codes, everywhere = column.codes, range(len(design.waves))
    present = [set(np.unique(codes[(waves == i) & (codes >= 0)]).tolist()) for i in everywhere]
    stems = [unpadded(code) for code in column.distinct]
    for i in everywhere[1:]:
        others = set().union(*(present[j] for j in everywhere if j != i))
        if not present[i] or not others:
            continue
        alone = present[i] - others
        twins = {stems[code]: code for code in others - present[i]}
        alike = [(code, twins[stems[code]]) for code in sorted(alone) if stems[code] in twins]
        if alike:
            yield _misspelled(table, column, what, waves == i, alike)
        elif len(alone) > (1 - LEAST_SHARED) * len(present[i]):
            met = len(present[i]) - len(alone)
            found = f"{met:,} of {len(present[i]):,} {what}s of wave {design.waves[i].id!r} in any other wave"
            allowed = f"the same {what}s again, as sampling is {design.data.sampling}"
            remedy = (
                "are the ids spelled alike? Where each wave has units of its own, declare `sampling: cross_section`"
            )
            yield from table.problems(column.name, (waves == i) & np.isin(codes, sorted(alone)), found, allowed, remedy)


def of_a_panel(design: Design, table: Table, column: Column, places: Places) -> Iterator[Problem]:
    """Respondents of a new sample who are nearly all those of another wave, unless ids begin again in each."""
    unit = places.districts.astype(np.int64) * (len(column.distinct) + 1) + column.codes
    for i, wave in enumerate(design.waves):
        inside = (places.waves == i) & (places.districts >= 0) & (column.codes >= 0)
        earlier = (places.waves >= 0) & (places.waves < i) & (places.districts >= 0)
        if not inside.any() or not earlier.any():
            continue
        again = inside & np.isin(unit, np.unique(unit[earlier]))
        if again.sum() < max(FEWEST_AGAIN, MOSTLY * inside.sum()):
            continue
        codes, districts = column.codes[inside], places.districts[inside]
        if not (_numbered(column, districts, codes) or _numbered(column, np.zeros_like(codes), codes)):
            found = f"{again.sum():,} of {inside.sum():,} respondents of wave {wave.id!r} in an earlier wave"
            remedy = (
                "are they the same people? Declare `sampling: panel`; if not, leave `respondent` out of data.columns"
            )
            yield from table.problems(
                column.name, again, found, "new respondents, as sampling is cross_section", remedy
            )


def _numbered(column: Column, places: np.ndarray, codes: np.ndarray) -> bool:
    """Whether ids are numbers from 1 without large gaps in most of the `places`."""
    filled = []
    for place in np.unique(places):
        units = np.unique(codes[places == place])
        numbers = [re.search(r"\d+$", column.distinct[code]) for code in units]
        if not all(numbers):
            return False
        filled.append(len(numbers) / max(1, *(int(number[0]) for number in numbers if number)))
    return bool(filled) and float(np.median(filled)) > 0.8


def _misspelled(table: Table, column: Column, what: str, inside: np.ndarray, alike: list[tuple[int, int]]) -> Problem:
    here, there = (column.distinct[code] for code in alike[0])
    rows = inside & np.isin(column.codes, [code for code, _ in alike])
    longer = max(here, there, key=len)
    remedy = "write the ids alike in all files"
    if here.isdigit() and there.isdigit():
        remedy = f"declare `pad: {{{column.name}: {len(longer)}}}` for the file that lost the zeros, in data.files"
    elif here.strip("0").removesuffix(".0") != there:
        remedy += f", or declare `recode: {{{column.name}: {{{here}: {there}, …}}}}` for one of them"
    found = (
        f"{count(len(alike), what)} spelled otherwise than in another wave, such as {short(here)} and {short(there)}"
    )
    return next(table.problems(column.name, rows, found, f"one spelling of a {what} in all waves", remedy))


def respondents_again(
    design: Design, table: Table, column: Column, districts: np.ndarray, waves: np.ndarray
) -> Iterator[Problem]:
    """Respondents with two rows in a wave of a district."""
    if design.data.duplicates == "keep":
        return
    known = (column.codes >= 0) & (waves >= 0)
    twice = again(known, districts, waves, column.codes)
    if len(twice):
        distinct = list(dict.fromkeys(column.distinct[code] for code in column.codes[twice]))
        named = ", ".join(short(value) for value in distinct[:MOST_NAMED])
        found = f"a second row of respondent {named} in its wave"
        remedy = (
            f"is it the id of a household? Then name it as `psu`; else {KEEP}"
            if len(twice) > MANY * known.sum()
            else KEEP
        )
        yield from table.problems(column.name, twice, found, "each respondent once a wave", remedy)


def interviews_again(table: Table, column: Column, waves: np.ndarray) -> Iterator[Problem]:
    """Interviews that the collecting program identifies as one and the file holds twice in a wave."""
    twice = again((column.codes >= 0) & (waves >= 0), waves, column.codes)
    if len(twice):
        named = ", ".join(short(column.distinct[code]) for code in column.codes[twice[:MOST_NAMED]])
        found = f"{count(len(twice), 'interview')} a second time, such as {named}"
        yield from table.problems(column.name, twice, found, "each interview once", KEEP)


def over_districts(
    design: Design, table: Table, column: Column, what: str, districts: np.ndarray, waves: np.ndarray
) -> Iterator[Problem]:
    """Units with rows in two districts, unless ids simply begin again in each.

    Ids begin again where nearly every district numbers its units from 1 without large gaps, or where most ids of a few
    units occur in most districts.
    """
    known = (column.codes >= 0) & (districts >= 0) & (waves >= 0)
    if design.data.sampling == "cross_section":
        cell = waves.astype(np.int64) * (len(column.distinct) + 1) + column.codes
    else:
        cell = column.codes.astype(np.int64)
    size = len(design.districts)
    pairs = np.sort(pd.unique(cell[known] * size + districts[known]))
    units, n = np.unique(pairs // size, return_counts=True)
    several = units[n > 1]
    if not len(several) or _begin_again(column, districts, n):
        return
    rows = known & np.isin(cell, several)
    first = int(np.flatnonzero(rows)[0])
    own = districts[known & (cell == cell[first])]
    names = " and ".join(repr(design.districts[i].id) for i in np.unique(own)[:2])
    found = (
        f"{len(several):,} {what}s in two districts, such as {short(column.distinct[column.codes[first]])} in {names}"
    )
    remedy = (
        "declare `across_districts: true` in data, and they are taken for one unit; "
        "`across_districts: false` where ids begin again in each district"
    )
    yield from table.problems(column.name, rows, found, f"each {what} in one district", remedy)


def _begin_again(column: Column, districts: np.ndarray, n: np.ndarray) -> bool:
    codes = column.codes
    everywhere = np.flatnonzero(np.bincount(districts[districts >= 0]))
    present = [np.sort(pd.unique(codes[(districts == i) & (codes >= 0)])) for i in everywhere]
    few = max(map(len, present)) <= FEW_UNITS
    if np.median(n) > len(present) / 2 and (few or len(present) > 2):
        return True
    rows = (codes >= 0) & (districts >= 0)
    return _numbered(column, districts[rows], codes[rows])
