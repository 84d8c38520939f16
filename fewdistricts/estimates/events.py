"""Three waves or more: group-time effects, the event study and the pre-trend test, as rows of the estimates table."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

from fewdistricts.estimates.cohorts import cohort, staggered, uses_not_yet
from fewdistricts.estimates.estimate import Estimate
from fewdistricts.estimates.measure import Measured
from fewdistricts.estimates.rows import row
from fewdistricts.inference import group_time, relative_magnitudes, trends
from fewdistricts.inference.floor import FLOORED
from fewdistricts.inference.permutations import seed_of
from fewdistricts.inference.result import Inference

MAGNITUDES = (0.5, 1.0, 2.0)
"""Times the largest step before the start, as Rambachan and Roth (2023) tabulate."""


def rows(measured: Measured) -> Iterator[Estimate]:
    """`att_gt` of each cohort and wave, `event_study` by event time, and the pre-trend test (`placebo`).

    Without a comparison district, where starts differ, those that have not started yet are compared with. A cell that
    was not asked or not asked alike is a missing level.
    """
    design, item, survey = measured.survey.design, measured.item, measured.survey
    waves = [w.id for w in design.waves]
    districts = [d for d in survey.districts if d.arm == "comparison" or cohort(design, d) > 0]
    starts = {cohort(design, d) for d in districts} - {-1}
    compared = bool(design.comparisons) or (uses_not_yet(design) and len(starts) > 1)
    if len(waves) < 3 or not starts or not compared:
        return
    data = staggered(measured, districts)
    for effect in group_time.att_gt(data):
        key = {"wave": waves[effect.wave], "baseline_wave": waves[effect.cohort - 1], "cohort": waves[effect.cohort]}
        yield _row(measured, effect.inference, "att_gt", event_time=effect.event_time, **key)
    for time, inference in group_time.event_study(data):
        yield _row(measured, inference, "event_study", event_time=time, wave="")
    yield from _relative_magnitudes(measured, data)
    inference = trends.pretrend(data, seed=seed_of(design.evaluation, item.id))
    if inference.status != "no_data":
        yield _row(measured, replace(inference, se_type=""), "placebo", wave="", estimator="pretrend")


def _relative_magnitudes(measured: Measured, data: group_time.Staggered) -> Iterator[Estimate]:
    """The last effect when trends may part after the start by so many times as much as before it; asymptotic."""
    found = relative_magnitudes.district_coefficients(data)
    if found is None:
        return
    for magnitude in MAGNITUDES:
        held = relative_magnitudes.bounds(found, magnitude, confidence=data.confidence)
        inference = Inference(
            estimate=held.estimate, ci_low=held.ci_low, ci_high=held.ci_high, se_type="asymptotic", status=held.status
        )
        key = {"wave": "", "estimator": "relative_magnitudes", "variant": "magnitude", "variant_of": f"{magnitude:g}"}
        yield _row(measured, inference, "event_study", event_time=len(found.after) - 1, **key)


def _row(measured: Measured, inference: Inference, estimand: str, **key: Any) -> Estimate:
    # by the counts of districts: the standard error names the estimator
    named = dict.fromkeys(("pooled", "welch", "influence", "cr2"), "district_change").get(
        inference.se_type.removesuffix(FLOORED), inference.se_type
    )
    key = {"estimator": named or "district_change", **key}
    return row(measured.item, measured.survey.design, inference, district="pooled", estimand=estimand, **key)
