"""How the answers to an ordinal question are distributed: which of them there are, each measured as a share."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from fewdistricts.design import Design, Indicator
from fewdistricts.estimates.items import Item
from fewdistricts.survey import Data

FEWEST = 3  # answers: of two, the indicator itself says all
MOST_POINTS = 11  # of a scale


def answers(design: Design, data: Data) -> Iterator[Item]:
    """Each answer of each primary outcome with ordered answers, as a share; one outcome a survey question.

    Ordered are the `answers` declared of a share (three or more) and the points of a scale that was answered in whole
    numbers. In order of the spelling, so that the rows do not depend on the order of labels.
    """
    if design.data.level == "district":
        return
    seen: set[str] = set()
    for indicator in design.primary:
        given = _given(indicator, data)
        question = indicator.column or indicator.id
        if len(given) >= FEWEST and question not in seen:
            seen.add(question)
            column = f"{indicator.id}:answer" if indicator.is_share else indicator.id
            for answer in given:
                yield Item(indicator.id, column, "share", indicator.family, indicator.role, answer, indicator)


def _given(indicator: Indicator, data: Data) -> list[str]:
    if indicator.is_share:
        return sorted(indicator.answers) if f"{indicator.id}:answer" in data else []
    if indicator.scale is None or indicator.scale[1] - indicator.scale[0] >= MOST_POINTS:
        return []
    values = data[indicator.id].to_numpy(float)
    if (values[np.isfinite(values)] % 1).any() or indicator.scale[0] % 1:
        return []
    return [str(point) for point in range(int(indicator.scale[0]), int(indicator.scale[1]) + 1)]
