"""Whether the same people, or the same places, were asked again: ids that come back from wave to wave."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise

import pandas as pd

from fewdistricts.draft.waves import Survey

ENOUGH = 0.3
"""Share of the ids of a wave that must come back in the next for the draft to take them for the same."""


@dataclass(frozen=True)
class Sampling:
    """How the waves were sampled, as far as ids tell."""

    kind: str
    """cross_section or panel."""
    because: str
    """What the ids showed; empty where there were none."""


def sampling(survey: Survey) -> Sampling:
    """Panel where respondents' ids come back; of PSUs whose ids do, a remark only, for every sample may number its own.

    An id counts within its district: numbers from 1 upwards in every district say nothing of other districts.
    """
    respondent, psu = survey.roles.get("respondent"), survey.roles.get("psu")
    if respondent is not None:
        share = returning(survey, respondent.column)
        if share is not None and share >= ENOUGH:
            return Sampling("panel", f"{share:.0%} of the ids in {respondent.column} come back in the next wave")
    share = returning(survey, psu.column) if psu is not None else None
    if psu is not None and share is not None and share >= ENOUGH:
        ids = f"{share:.0%} of the ids in {psu.column} come back in the next wave"
        return Sampling("cross_section", f"repeated_psu if these are the same places: {ids}")
    return Sampling("cross_section", "")


def returning(survey: Survey, column: str) -> float | None:
    """Share of the ids of each wave that are in the next one too, over all pairs of waves; None with a single wave."""
    rows = _ids(survey, column)
    waves = [wave for wave in dict.fromkeys(rows["wave"]) if wave]
    if len(waves) < 2:
        return None
    back = first = 0
    for earlier, later in pairwise(waves):
        before = set(rows.loc[rows["wave"] == earlier, "id"])
        after = set(rows.loc[rows["wave"] == later, "id"])
        back += len(before & after)
        first += len(before)
    return back / first if first else None


def _ids(survey: Survey, column: str) -> pd.DataFrame:
    """Wave, and district and id joined, of every row that has an id."""
    district, wave = survey.roles.get("district"), survey.roles.get("wave")
    by_file = survey.file_waves is not None or wave is None
    names = [column, *([district.column] if district else []), *([] if by_file or wave is None else [wave.column])]
    rows = survey.rows(list(dict.fromkeys(names)))
    joined = rows[column].astype(str)
    if district is not None:
        joined = rows[district.column].astype(str) + "/" + joined
    waves = rows[":wave"] if by_file or wave is None else rows[wave.column]
    table = pd.DataFrame({"wave": waves, "id": joined})
    return table[rows[column].astype(str) != ""]
