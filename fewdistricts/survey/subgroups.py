"""Who belongs to which group of respondents: the columns of `subgroups`, read as `groups` or as `bands`."""

from __future__ import annotations

import math

from fewdistricts.design import Design, Limits, Subgroup, limits, short
from fewdistricts.errors import Problem
from fewdistricts.survey.indicators import missing_codes
from fewdistricts.survey.marks import number
from fewdistricts.survey.table import Column, Table, owners


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
        else:
            group_of = _by_band(subgroup, column, missing, where, table, problems)
        known = {code: group for code, group in group_of.items() if code not in missing}
        groups[column_of(subgroup)] = column, [known.get(code) for code in column.distinct]
    return groups


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
    return group_of
