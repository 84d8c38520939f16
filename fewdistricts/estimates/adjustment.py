"""Many outcomes: p values and q values of the headline rows, adjusted within each family."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from math import isnan
from typing import Any

import numpy as np

from fewdistricts.design import Design, District
from fewdistricts.estimates.arms import pairs, people
from fewdistricts.estimates.estimate import Estimate
from fewdistricts.estimates.headline import Headline, headline, one_start
from fewdistricts.inference import multiple_testing
from fewdistricts.inference.permutations import seed_of


def is_answer(row: Estimate, head: Headline) -> bool:
    """Whether a row answers for its indicator by the headline rule."""
    return (
        row.estimand == head.estimand
        and row.estimator == head.estimator
        and row.district == head.district
        and row.variant == "main"
        and row.wave == head.wave
    )


def adjusted(
    design: Design,
    rows: Iterable[Estimate],
    changes: dict[str, np.ndarray],
    pilots: list[District],
    comparisons: list[District],
) -> list[Estimate]:
    """The rows with `p_adjusted` and `q_value` of the headline ones filled in, family by family.

    `changes` (G,) of each item, pilots first. Only where several districts in both arms can be permuted; a suppressed
    or undefined headline takes no part.
    """
    rows, head = list(rows), headline(design)
    if head.kind != "pooled" or not one_start(design, pilots):
        return rows
    answers = {row.indicator: row for row in rows if is_answer(row, head) and not isnan(row.p_value)}
    members: dict[str, list[str]] = {}
    for indicator, answer in answers.items():
        members.setdefault(answer.family, []).append(indicator)
    everyone = [*pilots, *comparisons]
    pilot = np.arange(len(everyone)) < len(pilots)
    values: dict[str, Any] = {}
    for family, indicators in members.items():
        stacked = np.column_stack([changes[indicator] for indicator in indicators])
        seed = seed_of(design.evaluation, family)
        stepped = multiple_testing.step_down(stacked, pilot, people(design, everyone), pair=pairs(everyone), seed=seed)
        q_values = multiple_testing.sharpened_q([answers[indicator].p_value for indicator in indicators])
        for indicator, p, q in zip(indicators, stepped.p_adjusted, q_values, strict=True):
            values[indicator] = {"p_adjusted": float(p), "q_value": float(q)}
    return [replace(row, **values[row.indicator]) if answers.get(row.indicator) is row else row for row in rows]
