"""Who belongs to which group of respondents: the columns of `subgroups`, read as `groups` or as `bands`."""

from __future__ import annotations

import math
from collections.abc import Iterator

from fewdistricts.design import Design, Limits, Subgroup, limits, short
from fewdistricts.errors import Problem
from fewdistricts.survey import suspects
from fewdistricts.survey.indicators import missing_codes, of_two_sexes, other_coding, taken_for_dates, years_among
from fewdistricts.survey.marks import number
from fewdistricts.survey.table import Column, Table, owners
from fewdistricts.text import count


def column_of(subgroup: Subgroup) -> str:
    """The column of the built survey that holds the group of each respondent, null for one in no group."""
    return f"subgroup:{subgroup.id}"


def memberships(design: Design, table: Table, problems: list[Problem]) -> dict[str, tuple[Column, list[str | None]]]:
    """Of each subgroup its column and the group of every code, None for one in no group; adds what is wrong."""
    groups: dict[str, tuple[Column, list[str | None]]] = {}
    for subgroup in design.subgroups:
        column = table.columns[subgroup.column]
        where = table.where(subgroup.column) + f" (subgroup {subgroup.id!r})"
        missing = missing_codes(column, design.data.missing.by_kind, where, "data.missing", problems)
        if subgroup.groups:
            group_of = owners(column, subgroup.groups, where, "groups", problems)
            problems += _in_no_group(subgroup, column, group_of, missing, table)
        else:
            group_of = _by_band(subgroup, column, missing, where, table, problems)
        known = {code: group for code, group in group_of.items() if code not in missing}
        groups[column_of(subgroup)] = column, [known.get(code) for code in column.distinct]
    return groups


def _in_no_group(
    subgroup: Subgroup, column: Column, group_of: dict[str, str], missing: dict[str, str], table: Table
) -> Iterator[Problem]:
    """Answers in no group that seem to be one of a group's, spelled or coded otherwise."""
    what = f"subgroup {subgroup.id!r}"
    codes = {column.shown(code): code for code, rows in column.counts.items() if rows and code not in missing}
    for alike in suspects.alike({answer: column.counts[code] for answer, code in codes.items()}):
        inside = [answer for answer in alike if codes[answer] in group_of]
        outside = [answer for answer in alike if answer not in inside]
        if inside and outside:
            found = f"{' and '.join(map(short, outside))} in no group ({what})"
            group = group_of[codes[inside[0]]]
            remedy = f"is it {short(inside[0])}? Then name it in `groups.{group}` too, or `recode` it in data.files"
            rows_of = [codes[answer] for answer in outside]
            yield from table.problems_of(column, rows_of, found, "one spelling of each answer", remedy)
    yield from of_two_sexes(column, codes.values(), table, what)
    yield from taken_for_dates(column, codes.values(), table, what)
    yield from other_coding(column, list(group_of), table, what)


def _by_band(
    subgroup: Subgroup, column: Column, missing: dict[str, str], where: str, table: Table, problems: list[Problem]
) -> dict[str, str]:
    known = len(problems)
    numbers = {code: number(code) for code in column.distinct if code not in missing}
    for code, value in numbers.items():
        if math.isnan(value):
            allowed = "numbers, or answers declared under `data.missing`"
            remedy = "declare `groups` in place of `bands` where the answers are words"
            problems += table.problems_of(column, [code], short(code), allowed, remedy)
    bands: dict[str, Limits] = {text: band for text in subgroup.bands if (band := limits(text)) is not None}
    group_of = {code: text for code, value in numbers.items() for text, band in bands.items() if band.holds(value)}
    empty = [text for text in bands if text not in group_of.values()] if len(problems) == known else []
    problems += [Problem(where, f"nobody in the band {text}", "bands that hold somebody") for text in empty]
    numbers_of = {number(code): rows for code, rows in column.counts.items() if rows and code in group_of}
    codes = {number(code): code for code in group_of}
    what = f"subgroup {subgroup.id!r}"
    problems += years_among(column, codes, table, what, ", or end the last band below them")
    for value in suspects.apart(numbers_of):
        code = codes[value]
        found = f"{short(code)} in {count(column.counts[code], 'row')}, far from the others ({group_of[code]})"
        remedy = f"declare `missing: {{dont_know: [{code}]}}` in data, or end the last band below it"
        problems += table.problems_of(column, [code], found, "numbers like the others", remedy)
    return group_of
