"""Whether a wave coded a scale the other way round, as 5 to 1 where the others have 1 to 5."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise

from fewdistricts.draft.survey import Survey
from fewdistricts.survey.marks import number
from fewdistricts.survey.suspects import are_turned


def remarks(survey: Survey, column: str, answers: Sequence[str]) -> list[str]:
    """What to say of waves whose answers look like those of the wave before turned round; answers are numbers."""
    points = sorted(answers, key=number)
    wave = survey.wave_column
    rows = survey.rows([column, wave])
    rows = rows[rows[column].isin(points)]
    counts = rows.groupby([wave, column], sort=False).size().unstack(fill_value=0).reindex(columns=points, fill_value=0)
    out = []
    for earlier, later in pairwise(counts.index):
        if are_turned(counts.loc[earlier].to_numpy(), counts.loc[later].to_numpy()):
            pairs = ", ".join(f"{one}: {other}" for one, other in zip(points, points[::-1], strict=True))
            out.append(
                f"the answers of {later} look like those of {earlier} turned round: if {points[0]} and {points[-1]} "
                f"changed places, give that wave a file of its own with `recode: {{{column}: {{{pairs}}}}}`"
            )
    return out
