"""The districts of a column: one under several spellings, and rows that are none."""

from __future__ import annotations

import re
from collections.abc import Sequence

from fewdistricts.draft import names
from fewdistricts.draft.look import Profile
from fewdistricts.draft.survey import Survey
from fewdistricts.spelling import folded, nearly, unpadded


def groups(profile: Profile) -> list[list[str]]:
    """The codes of each district, the most frequent spelling first; districts in the order of the column.

    Spellings of one place differ by case, accents, spaces, leading zeros of a code, or one letter of a long name.
    """
    found: list[list[str]] = []
    for code in profile.valid:
        name = profile.labels.get(code, code)
        if is_no_district(name):
            continue
        same = [group for group in found if _same(name, profile.labels.get(group[0], group[0]))]
        if same:
            same[0].append(code)
        else:
            found.append([code])
    return [sorted(group, key=lambda code: -profile.counts[code]) for group in found]


def written_best(spellings: Sequence[str]) -> str:
    """The spelling to print: the first that is neither all capitals nor all small letters, else the first."""
    mixed = [each for each in spellings if not each.isupper() and not each.islower()]
    return mixed[0] if mixed else spellings[0]


def left_out(survey: Survey) -> list[str]:
    """Codes of the district column that are totals or footnotes."""
    guess = survey.roles.get("district")
    if guess is None:
        return []
    profile = survey.columns[guess.column]
    return [code for code in profile.valid if is_no_district(profile.labels.get(code, code))]


def without_left_out(survey: Survey) -> dict[str, Profile]:
    """The columns without the cells of totals and footnotes: a sum is no answer. The district's column keeps them."""
    codes = left_out(survey)
    if not codes:
        return survey.columns
    district = survey.roles["district"].column
    rows = survey.rows(list(survey.columns))
    aside = rows[rows[district].isin(codes)]
    return {
        name: profile if name == district else profile.without(list(aside[name]))
        for name, profile in survey.columns.items()
    }


def is_no_district(name: str) -> bool:
    """Whether a name is that of a row of totals or of a footnote."""
    return bool(re.search(names.TOTAL, names.folded(name)) or re.match(names.FOOTNOTE, name, re.IGNORECASE))


def _same(one: str, other: str) -> bool:
    if one.isdigit() and other.isdigit():
        return unpadded(one) == unpadded(other)
    if re.sub(r"\D", "", one) != re.sub(r"\D", "", other):
        return False
    return folded(one) == folded(other) != "" or nearly(one, other)
