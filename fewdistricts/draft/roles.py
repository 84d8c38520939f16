"""Which column holds what: by its name first, then by whether its values could be that."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from math import isnan

import numpy as np

from fewdistricts.draft import names
from fewdistricts.draft.look import Looked, Profile
from fewdistricts.survey.dates import are_days, days_of
from fewdistricts.survey.marks import number

FEWEST_RESPONDENTS = 0.15
"""Different ids a row: in a panel each comes back in every wave, up to six of them."""

MOST_ARMS = 6
"""Codes of a column of arms."""

FEWEST_UNTICKED = 0.2
"""Share of empty cells from which the one answer of a column is a tick."""

_SIGNED = re.compile(r"\D{0,4}-?\d[\d.,]*\D{0,4}")
"""A number with a sign such as % or S/ beside it."""


@dataclass(frozen=True)
class Guess:
    """A column for a role, and the others that might be it."""

    column: str
    others: tuple[str, ...] = ()


def roles(looked: Looked) -> dict[str, Guess]:
    """The likeliest column of a file for each role that one could be found for; no column has two."""
    out: dict[str, Guess] = {}
    for role in ("wave", "weight", "stratum", "psu", "respondent", "date", "population", "arm", "district"):
        taken = {guess.column for guess in out.values()}
        free = {name: profile for name, profile in looked.columns.items() if name not in taken}
        ranked = [
            (rank, place, name)
            for place, (name, profile) in enumerate(free.items())
            if (rank := names.rank(role, name)) is not None and _could_be(role, profile)
        ]
        ordered = [name for *_, name in sorted(ranked)]
        if role == "arm":
            ordered += [name for name, profile in free.items() if name not in ordered and _has_arms(profile)]
        if role == "district" and "arm" in out:
            ordered = _of_arms(looked, out, ordered, free)
        if ordered:
            out[role] = Guess(ordered[0], tuple(ordered[1:4]))
    return out


def _has_arms(profile: Profile) -> bool:
    """Whether the answers of a column are pilots and comparisons."""
    sides = {names.side_of(profile.labels.get(code, code)) for code in profile.valid[:MOST_ARMS]}
    return len(profile.valid) <= MOST_ARMS and {"pilot", "comparison"} <= sides and None not in sides


def _of_arms(looked: Looked, out: Mapping[str, Guess], ordered: list[str], free: Mapping[str, Profile]) -> list[str]:
    """The columns of districts, that of the units that have one arm each in a wave first.

    Where none is called like a district, the column with the fewest such units.
    """
    arm = out["arm"].column
    wave = [out["wave"].column] if "wave" in out else []

    def has_one_arm_each(name: str) -> bool:
        rows = looked.values([name, *wave, arm]).drop_duplicates()
        return not rows[(rows[name] != "") & (rows[arm] != "")].duplicated([name, *wave]).any()

    fitting = next((name for name in ordered if has_one_arm_each(name)), None)
    if fitting is not None:
        return [fitting, *(name for name in ordered if name != fitting)]
    arms = len(looked.columns[arm].counts)
    units = [name for name, each in free.items() if _could_be("district", each) and len(each.counts) > arms]
    units.sort(key=lambda name: len(free[name].counts))
    return ordered or [name for name in units if name != arm and has_one_arm_each(name)][:1]


def _could_be(role: str, profile: Profile) -> bool:
    filled = profile.rows - profile.empty
    distinct = len(profile.counts)
    if filled == 0 or (role not in ("date", "population", "arm") and profile.empty > 0.2 * profile.rows):
        return False
    measured = profile.numeric and (profile.many or not profile.whole)
    match role:
        case "district":
            other = re.search(r"civil|marital|salud|health", names.of_column(profile.name))
            if other or profile.many or distinct > 3_000:
                return False
            coded = profile.numeric and not profile.labels
            few = filled / distinct >= 5 or distinct <= 12 or distinct == filled  # one row each is a table of districts
            return not measured and (few or not coded)
        case "wave":
            return not measured and distinct <= 60 and (not profile.numeric or profile.high < 10**7)
        case "weight":
            return profile.numeric and profile.low >= 0 and profile.high > 0 and not profile.labels
        case "stratum":
            return not measured and distinct <= max(2, filled / 2)
        case "psu":
            return not measured
        case "respondent":
            return profile.many or distinct >= max(13, FEWEST_RESPONDENTS * filled)
        case "date":
            return profile.many or len(days_of(profile.counts)) >= 0.9 * distinct
        case "arm":
            return 1 <= distinct <= MOST_ARMS
        case "population":
            return profile.numeric and profile.low > 0
    return True


def days(codes: np.ndarray) -> tuple[str, str] | None:
    """First and last day among cells, None where most hold none or it is not clear which number is the month."""
    read = days_of(codes.tolist())
    held = [read[cell] for cell in codes.tolist() if cell in read]
    if not held or len(held) < 0.9 * len(codes):
        return None
    return min(held).isoformat(), max(held).isoformat()


def is_question(profile: Profile) -> str | None:
    """Why a column is no question for an indicator; None where it may be one."""
    plain = names.of_column(profile.name)
    first = profile.name.split("/")[0]
    if first.startswith("_") or re.search(names.TECHNICAL, plain) or plain.startswith("meta "):
        return "about the interview"
    if re.search(names.PERSONAL, plain):
        return "may tell who someone is"
    if len(profile.valid) == 0:
        return "empty"
    if len(profile.valid) == 1 and not profile.many and not is_tick(profile):
        return "the same answer in every row"
    if _is_identifier(profile, plain):
        return "looks like an id"
    if not profile.numeric and are_days(profile.valid):
        unclear = "; as year-month-day they could tell the waves: day or month may stand first"
        return f"dates{'' if days_of(profile.valid) else unclear}"
    if not profile.numeric and len(profile.valid) > 25:
        if all(_SIGNED.fullmatch(code) for code in profile.valid):
            signed = next(code for code in profile.valid if isnan(number(code)))
            return f"numbers with a sign, as {signed!r}: a mean, once the file has them without"
        return "open answers"
    if profile.numeric and profile.whole and profile.many and not profile.text:
        return "looks like an id"
    return None


def is_tick(profile: Profile) -> bool:
    """Whether a column holds one mark and empty cells, as where only what applied was ticked."""
    return len(profile.valid) == 1 and profile.empty >= FEWEST_UNTICKED * profile.rows


def _is_identifier(profile: Profile, plain: str) -> bool:
    """Whether a column numbers people, households or places: by its name, and by values that are no answers."""
    if profile.labels or not re.search(names.IDENTIFIER, plain) or names.is_covariate(profile.name, ""):
        return False
    distinct = len(profile.valid)
    return distinct > 12 and (not profile.numeric or profile.whole)
