"""Which districts got the programme and when, where the names of the districts or columns of the data say so."""

from __future__ import annotations

import re
from dataclasses import dataclass, field, replace

from fewdistricts.draft import names
from fewdistricts.draft.look import Profile
from fewdistricts.draft.survey import Survey
from fewdistricts.survey.dates import span_of

NEVER = {"", "0", "0.0", "-1", "9999", "nunca", "never", "na", "nan", "none", "no", "inf", "ninguno"}
"""How files write that a district never started."""


@dataclass(frozen=True)
class Arms:
    """What the data say of districts."""

    sides: dict[str, str] = field(default_factory=dict)
    """Code of each district: pilot, comparison or neighbour; empty where the data do not say it of all."""
    starts: dict[str, str] = field(default_factory=dict)
    """Code of a pilot district: the month or day it began."""
    column: str = ""
    """The column that says the arm, where it is not the name of the district."""
    codes: dict[str, str] = field(default_factory=dict)
    """Code of that column: the arm it means."""
    start_column: str = ""
    """The column that says the start."""
    note: str = ""
    """Where it was found, for a remark beside the key."""


def arms(survey: Survey) -> Arms:
    """The arm and the start of every district, as far as the data say them."""
    district = survey.roles.get("district")
    if district is None:
        return Arms()
    profile = survey.columns[district.column]
    begun = _starts(survey, district.column)
    named = {code: names.side_of(profile.labels.get(code, code)) for code in profile.valid}
    if named and all(named.values()):
        sides = {code: side for code, side in named.items() if side}
        return replace(begun, sides=sides, note="by its name")
    guess = survey.roles.get("arm")
    candidates = [guess.column, *guess.others] if guess else []
    for column in candidates:
        found = _by_column(survey, district.column, column)
        if found is not None:
            sides, codes = found
            return replace(begun, sides=sides, column=column, codes=codes, note=f"by {column}")
    if begun.starts:
        sides = {code: "pilot" if code in begun.starts else "comparison" for code in profile.valid}
        return replace(begun, sides=sides, note="by the column of starts")
    return Arms()


def _by_column(survey: Survey, district: str, column: str) -> tuple[dict[str, str], dict[str, str]] | None:
    """District: arm, and code: arm, by a column that says one thing in all rows of a district.

    Or that turns from 0 to 1 from one wave to another: such districts are pilots.
    """
    codes = _meaning(survey.columns[column])
    if codes is None:
        return None
    rows = survey.rows(list(dict.fromkeys([district, survey.wave_column, column]))).drop_duplicates()
    rows = rows[(rows[district] != "") & (rows[column] != "")]
    if rows.duplicated([district, survey.wave_column]).any():
        return None
    pairs = rows.drop_duplicates([district, column])
    sides: dict[str, str] = {}
    for name, given in pairs.groupby(district)[column]:
        said = {codes.get(code) for code in given}
        if None in said:
            return None
        if said == {"pilot", "comparison"}:
            sides[str(name)] = "pilot"
        elif len(said) == 1:
            sides[str(name)] = str(said.pop())
        else:
            return None
    switches = pairs[district].duplicated().any()
    complete = set(survey.columns[district].valid) <= set(sides)
    if not complete or "pilot" not in sides.values():
        return None
    return sides, ({} if switches else codes)


def _meaning(profile: Profile) -> dict[str, str] | None:
    """Code: arm, of a column of arms; None where one of its codes says none.

    Of two codes the one beside a comparison is the pilots', and yes and no, T and C, 1 and 0 say it too.
    """
    said = {code: names.folded(profile.labels.get(code, code)) for code in profile.valid}
    sides = {code: names.side_of(text) or _short_side(text) for code, text in said.items()}
    if len(sides) == 2 and "comparison" in sides.values():
        sides = {code: side or "pilot" for code, side in sides.items()}
    return {code: side for code, side in sides.items() if side} if sides and all(sides.values()) else None


def _short_side(text: str) -> str | None:
    if re.search(rf"{names.YES}|^[1tp]$", text):
        return "pilot"
    return "comparison" if re.search(rf"{names.NO}|^[0c]$", text) else None


def _starts(survey: Survey, district: str) -> Arms:
    """When each district began, by a column that says one year, month or day in all rows of a district."""
    for column, profile in survey.columns.items():
        if not re.search(names.START, names.of_column(column)) or profile.many:
            continue
        months = {code: _month(code) for code in profile.counts}
        if not any(months.values()) or any(not month and not _is_never(code) for code, month in months.items()):
            continue
        pairs = survey.rows([district, column]).drop_duplicates([district, column])
        if pairs[district].duplicated().any():
            continue
        given = pairs[[district, column]].itertuples(index=False)
        return Arms(starts={place: months[code] for place, code in given if months.get(code)}, start_column=column)
    return Arms()


def _month(code: str) -> str:
    """`2004`, `2004-06`, `2004-06-15` as a month or day; empty where a code is none of them."""
    span = span_of(code) if re.match("19|20", code) else None
    if span is None:
        return ""
    first, last = span
    return first.isoformat() if first == last else f"{first:%Y-%m}"


def _is_never(code: str) -> bool:
    return code.strip().lower() in NEVER
