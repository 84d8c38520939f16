"""Many outcomes: p values and q values of the headline rows, adjusted within each family."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from math import isnan
from typing import Any, cast

import numpy as np

from fewdistricts.design import Design, District
from fewdistricts.estimates.arms import drawn_pairs, people, strata
from fewdistricts.estimates.estimate import Estimate
from fewdistricts.estimates.headline import Headline, headline, one_start
from fewdistricts.inference import joint, multiple_testing
from fewdistricts.inference.permutations import permutation, seed_of


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
    """The rows with `p_adjusted` and `q_value` of the headline ones filled in, and joint intervals of the primaries.

    `changes` (G,) of each item, pilots first. Within families by step-down maxT and sharpened q, only where several
    districts in both arms can be permuted; the primaries together, across families, by the headline's own statistics,
    which their verdicts follow. A suppressed or undefined headline takes no part.
    """
    rows, head = list(rows), headline(design)
    answers = {row.indicator: row for row in rows if is_answer(row, head) and not isnan(row.p_value)}
    everyone = [*pilots, *comparisons]
    pilot = np.arange(len(everyone)) < len(pilots)
    values: dict[str, dict[str, float]] = {}
    if head.kind == "pooled" and one_start(design, pilots):
        values = _within_families(design, answers, changes, everyone, pilot)
    primary = [answer for answer in answers.values() if answer.role == "primary"]
    if primary and head.compares:
        for indicator, joint_values in _of_primaries(design, primary, changes, everyone, pilot).items():
            values[indicator] = values.get(indicator, {}) | joint_values
    return [
        replace(row, **cast("Any", values[row.indicator]))
        if answers.get(row.indicator) is row and row.indicator in values
        else row
        for row in rows
    ]


def _within_families(
    design: Design,
    answers: dict[str, Estimate],
    changes: dict[str, np.ndarray],
    everyone: list[District],
    pilot: np.ndarray,
) -> dict[str, dict[str, float]]:
    members: dict[str, list[str]] = {}
    for indicator, answer in answers.items():
        members.setdefault(answer.family, []).append(indicator)
    values: dict[str, dict[str, float]] = {}
    for family, indicators in members.items():
        stepped = multiple_testing.step_down(
            np.column_stack([changes[indicator] for indicator in indicators]),
            pilot,
            people(design, everyone),
            pair=drawn_pairs(design, everyone),
            stratum=strata(design, everyone),
            seed=seed_of(design.evaluation, family),
        )
        q_values = multiple_testing.sharpened_q([answers[indicator].p_value for indicator in indicators])
        for indicator, p, q in zip(indicators, stepped.p_adjusted, q_values, strict=True):
            # sharpening estimates how many nulls are true, and may so fall below p: it is then no correction
            values[indicator] = {"p_adjusted": float(p), "q_value": max(float(q), answers[indicator].p_value)}
    return values


def _of_primaries(
    design: Design, primary: list[Estimate], changes: dict[str, np.ndarray], everyone: list[District], pilot: np.ndarray
) -> dict[str, dict[str, float]]:
    """Step-down p-values and joint intervals over all primary outcomes."""
    confidence = design.inference.confidence
    stacked = np.column_stack([changes[answer.indicator] for answer in primary])
    if headline(design).estimator == "permutation":
        return _of_primaries_by_lot(design, primary, stacked, everyone, pilot)
    residual = stacked.copy()
    for arm in (pilot, ~pilot):
        with np.errstate(invalid="ignore"):
            residual[arm] -= np.nanmean(residual[arm], axis=0)
    together = joint.joint(
        np.array([answer.p_value for answer in primary]),
        np.array([answer.estimate for answer in primary]),
        np.array([answer.se for answer in primary]),
        np.array([answer.df for answer in primary]),
        joint.correlation(residual, len(everyone) - 2.0, [_question(design, answer) for answer in primary]),
        confidence=confidence,
    )
    return {
        answer.indicator: {
            "p_adjusted": float(together.p_adjusted[k]),
            "ci_low_joint": float(together.ci_low[k]),
            "ci_high_joint": float(together.ci_high[k]),
        }
        for k, answer in enumerate(primary)
    }


def _of_primaries_by_lot(
    design: Design, primary: list[Estimate], stacked: np.ndarray, everyone: list[District], pilot: np.ndarray
) -> dict[str, dict[str, float]]:
    """By the lot itself: step-down maxT over the draws, intervals inverted at Bonferroni's level over questions."""
    weight, pair, stratum = people(design, everyone), drawn_pairs(design, everyone), strata(design, everyone)
    stepped = multiple_testing.step_down(
        stacked, pilot, weight, pair=pair, stratum=stratum, seed=seed_of(design.evaluation, "primary")
    )
    questions = {_question(design, answer) for answer in primary}
    shared = 1 - (1 - design.inference.confidence) / len(questions)
    values = {}
    for k, answer in enumerate(primary):
        interval = permutation(
            stacked[:, k],
            pilot,
            weight,
            pair=pair,
            stratum=stratum,
            seed=seed_of(design.evaluation, answer.indicator),
            confidence=shared,
        )
        values[answer.indicator] = {
            "p_adjusted": float(stepped.p_adjusted[k]),
            "ci_low_joint": interval.ci_low,
            "ci_high_joint": interval.ci_high,
        }
    return values


def _question(design: Design, answer: Estimate) -> str:
    """What an outcome is made of: its columns, or itself where it is worked out from other indicators."""
    indicator = design.indicator(answer.indicator)
    return str(indicator.column) if indicator.column else indicator.id
