"""The districts of a column: one under several spellings, and rows that are none."""

from __future__ import annotations

import re
from collections.abc import Sequence

from fewdistricts.draft import names
from fewdistricts.draft.look import Profile
from fewdistricts.draft.survey import Survey
from fewdistricts.spelling import folded, nearly, unpadded
from fewdistricts.survey.nonanswers import is_total

_CODE_BESIDE = re.compile(r"^\W*\d{2,}\W+|\W+\d{3,}$|\s*[\[(]\w{1,10}[\])]$")
"""The code that stands before or behind a place's name."""


def groups(profile: Profile) -> list[list[str]]:
    """The codes of each district, the most frequent spelling first; districts in the order of the column.

    Spellings of one place differ by case, accents, spaces, leading zeros of a code, one letter of a long name, or by a
    code beside the name.
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
    found = _with_codes(found, profile)
    return [sorted(group, key=lambda code: -profile.counts[code]) for group in found]


def _with_codes(found: list[list[str]], profile: Profile) -> list[list[str]]:
    """The groups with the names that others have beside a code joined to these: `Ancón` to `150102 - Ancón`."""
    named: dict[str, list[list[str]]] = {}
    bare: dict[str, list[str]] = {}
    for group in found:
        name = profile.labels.get(group[0], group[0])
        without = _CODE_BESIDE.sub("", name)
        if without != name and re.search(r"[^\W\d_]", without):
            named.setdefault(folded(without), []).append(group)
        else:
            bare[folded(name)] = group
    joined = {name: group for name, group in bare.items() if len(named.get(name, ())) == 1}
    for name, group in joined.items():
        named[name][0].extend(group)
    return [group for group in found if not any(group is each for each in joined.values())]


def written_best(spellings: Sequence[str]) -> str:
    """The spelling to print: the first without a code that is neither all capitals nor all small, else the first."""
    mixed = [each for each in spellings if not each.isupper() and not each.islower()]
    return min(mixed, key=lambda each: bool(_CODE_BESIDE.search(each))) if mixed else spellings[0]


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
    """Whether a name is that of a row of totals or of a footnote, or signs alone."""
    return is_total(name) or bool(re.fullmatch(r"\W+", name) or re.match(names.FOOTNOTE, name, re.IGNORECASE))


def _same(one: str, other: str) -> bool:
    if one.isdigit() and other.isdigit():
        return unpadded(one) == unpadded(other)
    if re.sub(r"\D", "", one) != re.sub(r"\D", "", other):
        return False
    return folded(one) == folded(other) != "" or nearly(one, other)


def in_one_wave(survey: Survey) -> dict[str, list[str]]:
    """Wave: the districts that occur in it and in no other; empty where all waves have the same districts."""
    guess = survey.roles.get("district")
    if guess is None or len(survey.waves) < 2:
        return {}
    profile = survey.columns[guess.column]
    wave = survey.wave_column
    rows = survey.rows([guess.column, wave])
    of_code = {code: group[0] for group in groups(profile) for code in group}
    met = rows.assign(place=rows[guess.column].map(of_code)).dropna().groupby("place")[wave].unique()
    alone: dict[str, list[str]] = {}
    for place, waves in met.items():
        if len(waves) == 1:
            alone.setdefault(waves[0], []).append(profile.labels.get(str(place), str(place)))
    return alone
