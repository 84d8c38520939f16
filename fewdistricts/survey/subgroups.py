"""Who belongs to which group of respondents: the columns of `subgroups`, read as `groups` or as `bands`."""

from __future__ import annotations

import math

from fewdistricts.design import Design, Limits, Subgroup, limits, short
from fewdistricts.errors import Problem
from fewdistricts.survey.indicators import codes_of, missing_codes
from fewdistricts.survey.marks import number
from fewdistricts.survey.table import Column, Table


def column_of(subgroup: Subgroup) -> str:
    """The column of the built survey that holds the group of each respondent, null for one in no group."""
    return f"subgroup:{subgroup.id}"


def memberships(design: Design, table: Table) -> tuple[dict[str, tuple[Column, list[str | None]]], list[Problem]]:
    """Of each subgroup its column and the group of every code, None for one in no group; and what is wrong."""
    found: dict[str, tuple[Column, list[str | None]]] = {}
    problems: list[Problem] = []
    for subgroup in design.subgroups:
        column = table.columns[subgroup.column]
        where = table.where(subgroup.column) + f" (subgroup {subgroup.id!r})"
        missing, more = missing_codes(column, design.data.missing.by_kind, where, "data.missing")
        problems += more
        if subgroup.groups:
            group_of, more = _by_answer(subgroup, column, where)
        else:
            group_of, more = _by_band(subgroup, column, missing, where, table)
        problems += more
        known = {code: group for code, group in group_of.items() if code not in missing}
        found[column_of(subgroup)] = column, [known.get(code) for code in column.distinct]
    return found, problems


def _by_answer(subgroup: Subgroup, column: Column, where: str) -> tuple[dict[str, str], list[Problem]]:
    group_of: dict[str, str] = {}
    problems: list[Problem] = []
    for group, answers in subgroup.groups.items():
        codes, more = codes_of(column, answers, where, f"groups.{group}", must_occur=True)
        problems += more
        for code in codes:
            if group_of.setdefault(code, group) != group:
                found = f"{short(code)} in `groups.{group}` and in `groups.{group_of[code]}`"
                problems.append(Problem(where, found, "each answer in one group"))
    return group_of, problems


def _by_band(
    subgroup: Subgroup, column: Column, missing: dict[str, str], where: str, table: Table
) -> tuple[dict[str, str], list[Problem]]:
    group_of: dict[str, str] = {}
    problems: list[Problem] = []
    bands: dict[str, Limits] = {text: band for text in subgroup.bands if (band := limits(text)) is not None}
    for position, code in enumerate(column.distinct):
        if code in missing:
            continue
        value = number(code)
        if math.isnan(value):
            allowed = "numbers, or answers declared under `data.missing`"
            remedy = "declare `groups` in place of `bands` where the answers are words"
            problems += table.problems(column.name, column.codes == position, short(code), allowed, remedy)
            continue
        for text, band in bands.items():
            if band.holds(value):
                group_of[code] = text
    if not problems:
        for text in bands:
            if text not in group_of.values():
                problems.append(Problem(where, f"nobody in the band {text}", "bands that hold somebody"))
    return group_of, problems
