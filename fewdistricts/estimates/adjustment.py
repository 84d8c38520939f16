"""Many outcomes: p values and q values of the headline rows, within each family and over all that is primary."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
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

Outcome = tuple[str, str, str]
"""Indicator, subgroup and the group that it is compared with; the last two are empty for everyone."""


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
    """The rows with `p_adjusted` and `q_value` of the headline ones filled in, within families.

    `changes` (G,) of each item, pilots first. By step-down maxT and sharpened q, only where several districts in both
    arms can be permuted. A suppressed or undefined headline takes no part.
    """
    rows, head = list(rows), headline(design)
    answers = {row.indicator: row for row in rows if is_answer(row, head) and not isnan(row.p_value)}
    everyone = [*pilots, *comparisons]
    pilot = np.arange(len(everyone)) < len(pilots)
    values: dict[str, dict[str, float]] = {}
    if head.kind == "pooled" and one_start(design, pilots):
        values = _within_families(design, answers, changes, everyone, pilot)
    return [
        replace(row, **cast("Any", values[row.indicator]))
        if answers.get(row.indicator) is row and row.indicator in values
        else row
        for row in rows
    ]


def outcome(row: Estimate) -> Outcome:
    """What a primary row is an answer to."""
    return row.indicator, row.subgroup, row.variant_of


def read_jointly(design: Design) -> bool:
    """Whether more than one answer is primary: several outcomes, or the comparison of groups in one."""
    declared = any(indicator.role == "primary" for indicator in design.indicators)
    in_groups = any(subgroup.role == "primary" for subgroup in design.subgroups)
    return len(design.primary) > 1 or (declared and in_groups)


def primaries_together(
    design: Design,
    rows: Iterable[Estimate],
    changes: Mapping[Outcome, np.ndarray],
    pilots: list[District],
    comparisons: list[District],
) -> list[Estimate]:
    """The rows with `p_adjusted` and joint intervals of all that is primary, across families.

    By the headline's own statistics, which the verdicts follow: the primary outcomes, and between the groups of a
    primary subgroup their differences. `changes` (G,) of each, pilots first.
    """
    rows, head = list(rows), headline(design)
    answers = [
        row for row in rows
        if row.role == "primary" and not isnan(row.p_value)
        and ((is_answer(row, head) and not row.subgroup) or row.estimand == "subgroup_difference")
    ]  # fmt: skip
    if not answers or not head.compares:
        return rows
    everyone = [*pilots, *comparisons]
    pilot = np.arange(len(everyone)) < len(pilots)
    stacked = np.column_stack([changes[outcome(answer)] for answer in answers])
    if head.estimator == "permutation":
        values = _of_primaries_by_lot(design, answers, stacked, everyone, pilot)
    else:
        values = _of_primaries(design, answers, stacked, pilot)
    found = {id(answer): value for answer, value in zip(answers, values, strict=True)}
    return [replace(row, **cast("Any", found[id(row)])) if id(row) in found else row for row in rows]


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
    design: Design, primary: list[Estimate], stacked: np.ndarray, pilot: np.ndarray
) -> list[dict[str, float]]:
    """Step-down p-values and joint intervals over all that is primary; `stacked` (G, m) are its changes."""
    confidence = design.inference.confidence
    residual = stacked.copy()
    for arm in (pilot, ~pilot):
        with np.errstate(invalid="ignore"):
            residual[arm] -= np.nanmean(residual[arm], axis=0)
    together = joint.joint(
        np.array([answer.p_value for answer in primary]),
        np.array([answer.estimate for answer in primary]),
        np.array([answer.se for answer in primary]),
        np.array([answer.df for answer in primary]),
        joint.correlation(residual, len(pilot) - 2.0, [_question(design, answer) for answer in primary]),
        confidence=confidence,
    )
    return [
        {"p_adjusted": float(p), "ci_low_joint": float(low), "ci_high_joint": float(high)}
        for p, low, high in zip(together.p_adjusted, together.ci_low, together.ci_high, strict=True)
    ]


def _of_primaries_by_lot(
    design: Design, primary: list[Estimate], stacked: np.ndarray, everyone: list[District], pilot: np.ndarray
) -> list[dict[str, float]]:
    """By the lot itself: step-down maxT over the draws, intervals inverted at Bonferroni's level over questions."""
    weight, pair, stratum = people(design, everyone), drawn_pairs(design, everyone), strata(design, everyone)
    stepped = multiple_testing.step_down(
        stacked, pilot, weight, pair=pair, stratum=stratum, seed=seed_of(design.evaluation, "primary")
    )
    questions = {_question(design, answer) for answer in primary}
    shared = 1 - (1 - design.inference.confidence) / len(questions)
    values = []
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
        values.append(
            {
                "p_adjusted": float(stepped.p_adjusted[k]),
                "ci_low_joint": interval.ci_low,
                "ci_high_joint": interval.ci_high,
            }
        )
    return values


def _question(design: Design, answer: Estimate) -> str:
    """What an outcome is made of: its columns, or itself where it is worked out from other indicators.

    Whether groups differ is another question than whether there is a difference at all.
    """
    indicator = design.indicator(answer.indicator)
    asked = str(indicator.column) if indicator.column else indicator.id
    return f"{asked} by {answer.subgroup}" if answer.subgroup else asked
