"""Districts taken from columns of the data, where there are too many to write down."""

from __future__ import annotations

from typing import Any

import numpy as np
from pydantic import ValidationError

from fewdistricts.design import ARMS, Design, District, short, with_districts
from fewdistricts.errors import DataError, Problem, nearest
from fewdistricts.survey.marks import number
from fewdistricts.survey.nonanswers import is_total
from fewdistricts.survey.places import totals
from fewdistricts.survey.read import read
from fewdistricts.survey.table import Column, Table
from fewdistricts.text import slug


def resolve(design: Design) -> Design:
    """The design with its districts, where `districts` names columns; else the design as it is.

    Arm, name, start, pair and population must be the same in all rows of a district; DataError names those that differ.
    """
    declared = design.district_columns
    if declared is None:
        return design
    roles = {role: name for role, name in declared.model_dump().items() if name is not None}
    table = read(design, only=set(roles.values()))
    column = table.columns[declared.column]
    rows_of = column.counts
    problems = list(table.problems(column.name, column.codes < 0, "no district", "a district in every row"))
    sums = [code for code, rows in rows_of.items() if rows and is_total(column.shown(code))]
    if sums:
        problems += totals(table, column, sums, "district", "names of districts")
    texts = {
        role: _constant(table, column, table.columns[name], role, problems)
        for role, name in roles.items()
        if role != "column"
    }
    districts: list[District] = []
    ids: dict[str, str] = {}
    for i, code in enumerate(column.distinct):
        if not rows_of[code] or code in sums:
            continue
        shown = column.shown(code)
        name = slug(shown)
        if name in ids or not name:
            other = f"as {short(ids[name])} does" if name in ids else "without a letter or digit of a-z"
            found = f"{short(shown)}, which gives the id {short(name)} {other}"
            problems.append(Problem(table.where(column.name), found, "names that give different ids"))
            continue
        ids[name] = shown
        row = {role: values[i] for role, values in texts.items() if values[i]}
        arm = row.get("arm", "")
        if arm not in ARMS:
            found = f"arm {short(arm)} of district {short(shown)}"
            problems.append(Problem(table.where(declared.arm), found, ", ".join(ARMS), nearest(arm, ARMS)))
            continue
        stated = {"name": shown, **_values(row), "id": name, "value": [code]}
        try:
            districts.append(District.model_validate(stated, context={"languages": design.report.languages}))
        except ValidationError as error:
            for each in error.errors():
                role = str(each["loc"][0])
                allowed = each.get("ctx", {}).get("allowed") or each["msg"]
                where = table.where(roles.get(role, declared.column))
                problems.append(Problem(where, f"{short(stated.get(role))} for district {short(shown)}", str(allowed)))
    if problems:
        raise DataError(problems)
    return with_districts(design, sorted(districts, key=lambda district: district.id))


def _values(row: dict[str, str]) -> dict[str, Any]:
    """The texts of a district's columns as `districts` of evaluation.yaml would have them."""
    values: dict[str, Any] = dict(row)
    if "population" in row:
        values["population"] = number(row["population"])
    for role in ("pair", "block", "cluster"):
        if role in row:
            values[role] = slug(row[role])
    return values


def _constant(table: Table, districts: Column, column: Column, role: str, problems: list[Problem]) -> list[str]:
    """The one text a column holds for every district, empty where it is empty."""
    places = districts.codes
    known = places >= 0
    first = np.full(len(districts.distinct), -1)
    order = np.flatnonzero(known)[::-1]
    first[places[order]] = order  # the earliest row wins, being written last
    differs = known & (column.codes != column.codes[first[places]])
    problems += table.problems(column.name, differs, f"another {role} than the district's first row", "one a district")
    shown, codes = [*(column.shown(code) for code in column.distinct), ""], column.codes
    return [shown[codes[row]] if row >= 0 else "" for row in first]
