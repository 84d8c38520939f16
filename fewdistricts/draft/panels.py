"""Whether the same people, or the same places, were asked again: ids that come back from wave to wave."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise

import pandas as pd

from fewdistricts.draft.survey import Survey
from fewdistricts.spelling import unpadded
from fewdistricts.survey.ids import MANY

ENOUGH = 0.3
"""Share of the ids of a wave that must come back in the next for the draft to take them for the same."""


@dataclass(frozen=True)
class Sampling:
    """How the waves were sampled, as far as ids tell."""

    kind: str
    """cross_section or panel."""
    because: str
    """What the ids showed; empty where there were none."""
    households: bool = False
    """Whether the ids of respondents are those of households, of which several members answered in a wave."""


def sampling(survey: Survey) -> Sampling:
    """Panel where respondents' ids come back; of PSUs whose ids do, a remark only, for every sample may number its own.

    An id counts within its district: numbers from 1 upwards in every district say nothing of other districts.
    """
    respondent, psu = survey.roles.get("respondent"), survey.roles.get("psu")
    households = respondent is not None and _several_a_wave(survey, respondent.column)
    if respondent is not None and not households and (ids := _returning(survey, respondent.column)):
        return Sampling("panel", ids)
    ids = _returning(survey, psu.column) if psu is not None else ""
    return Sampling("cross_section", f"repeated_psu if these are the same places: {ids}" if ids else "", households)


def _several_a_wave(survey: Survey, column: str) -> bool:
    """Whether many ids have several rows in a wave; copies of interviews are few."""
    rows = _ids(survey, column)
    return float(rows.duplicated(["wave", "id"]).mean()) > MANY if len(rows) else False


def _returning(survey: Survey, column: str) -> str:
    """That enough ids of a column come back, as they stand or without their zeros in front; empty where few do."""
    share = returning(survey, column)
    if share >= ENOUGH:
        return f"{share:.0%} of the ids in {column} come back in the next wave"
    share = returning(survey, column, zeros=False)
    if share < ENOUGH:
        return ""
    digits = _ids(survey, column)["own"].str.len().max()
    remedy = f"declare `pad: {{{column}: {digits}}}` for the file that lost them"
    return f"{share:.0%} of the ids in {column} come back in the next wave without their zeros in front: {remedy}"


def returning(survey: Survey, column: str, zeros: bool = True) -> float:
    """Share of the ids of each wave that are in the next one too, over all pairs of waves; 0 with a single wave.

    Without `zeros`, ids that differ in zeros in front only are the same.
    """
    rows = _ids(survey, column)
    if not zeros:
        rows["id"] = rows["district"] + "/" + rows["own"].map(unpadded)
    waves = [wave for wave in dict.fromkeys(rows["wave"]) if wave]
    if survey.wave_of_day:
        waves.sort()
    ids = [set(rows.loc[rows["wave"] == wave, "id"]) for wave in waves]
    back = sum(len(before & after) for before, after in pairwise(ids))
    return back / max(1, sum(map(len, ids[:-1])))


def _ids(survey: Survey, column: str) -> pd.DataFrame:
    """Wave, district, own id, and both joined, of every row that has an id."""
    district = survey.roles.get("district")
    wave = survey.wave_column
    names = [column, wave, *([district.column] if district else [])]
    rows = survey.rows(list(dict.fromkeys(names)))
    own = rows[column].astype(str)
    places = rows[district.column].astype(str) if district is not None else ""
    table = pd.DataFrame({"wave": rows[wave], "district": places, "own": own})
    table["id"] = table["district"] + "/" + table["own"]
    return table[rows[column].astype(str) != ""]
