"""Whether a wave coded a scale the other way round, as 5 to 1 where the others have 1 to 5."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise

from fewdistricts.draft.survey import Survey
from fewdistricts.survey.indicators import number

LEAST_MOVED = 0.25
"""Share of the answers that must have moved before a wave is looked at turned round."""

MUCH_NEARER = 3
"""How many times nearer to the wave before a wave turned round must be."""


def remarks(survey: Survey, column: str, answers: Sequence[str]) -> list[str]:
    """What to say of waves whose answers look like those of the wave before turned round; answers are numbers."""
    points = sorted(answers, key=number)
    wave = survey.wave_column
    rows = survey.rows([column, wave])
    rows = rows[rows[column].isin(points)]
    counts = rows.groupby([wave, column], sort=False).size().unstack(fill_value=0).reindex(columns=points, fill_value=0)
    shares = counts.div(counts.sum(axis="columns"), axis="index")
    out = []
    for earlier, later in pairwise(shares.index):
        before, after = shares.loc[earlier].to_numpy(), shares.loc[later].to_numpy()
        moved, moved_if_turned = abs(after - before).sum() / 2, abs(after[::-1] - before).sum() / 2
        if moved > LEAST_MOVED and moved_if_turned * MUCH_NEARER < moved:
            pairs = ", ".join(f"{one}: {other}" for one, other in zip(points, points[::-1], strict=True))
            out.append(
                f"the answers of {later} look like those of {earlier} turned round: if {points[0]} and {points[-1]} "
                f"changed places, give that wave a file of its own with `recode: {{{column}: {{{pairs}}}}}`"
            )
    return out
