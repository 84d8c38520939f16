"""What is asked of the answer once it is there: how far it is from breaking, what could be found, how districts vary.

Each reads district changes or the headline row; none changes an estimate.
"""

from __future__ import annotations

from collections.abc import Iterator
from math import isnan
from typing import Any

import numpy as np

from fewdistricts.design import District
from fewdistricts.estimates import individual
from fewdistricts.estimates.arms import people
from fewdistricts.estimates.estimate import Estimate
from fewdistricts.estimates.estimators import Contrast
from fewdistricts.estimates.measure import Measured
from fewdistricts.estimates.rows import row
from fewdistricts.inference import heterogeneity, one_district, power, trends
from fewdistricts.inference.linearization import Linear
from fewdistricts.inference.result import Inference

Rows = Iterator[Estimate]


def breakdown(measured: Measured, answer: Estimate, comparisons: np.ndarray) -> Rows:
    """The differential trend at which the interval reaches zero; `comparisons` (K,) are changes without the
    programme."""
    design, item = measured.survey.design, measured.item
    half = (answer.ci_high - answer.ci_low) / 2
    broken = trends.breakdown(answer.estimate, half, comparisons)
    values = {"pp": (broken.value, item.unit), "sd": (broken.sd, "sd"), "ratio": (broken.ratio, "ratio")}
    for variant, (value, unit) in values.items():
        status = (answer.status or broken.status) if isnan(value) else ""
        inference = Inference(estimate=value, n_districts=_whole(answer.n_districts), status=status)
        key = _key(answer, "district", "wave", "baseline_wave", "estimator")
        yield row(item, design, inference, estimand="breakdown", variant=variant, **(key | {"unit": unit}))


def detectable(measured: Measured, answer: Estimate) -> Rows:
    """The smallest difference that the test of the answer would find."""
    design = measured.survey.design
    least = power.minimum_detectable(answer.se, answer.df, confidence=design.inference.confidence)
    status = answer.status or ("no_df" if isnan(least) else "")
    inference = Inference(estimate=least, se=answer.se, se_type=answer.se_type, df=answer.df, status=status)
    key = _key(answer, "district", "wave", "baseline_wave", "estimator")
    yield row(measured.item, design, inference, estimand="mde", **key)


def effective_districts(contrast: Contrast, answer: Estimate) -> Rows:
    """The effective number of districts behind the individual regression."""
    measured = contrast.measured
    inference = individual.effective_districts(contrast.answers)
    key = _key(answer, "district", "wave", "baseline_wave") | {"unit": "districts"}
    yield row(measured.item, measured.survey.design, inference, estimand="leverage", estimator="cr2", **key)


def variance_ratio(measured: Measured, answer: Estimate, changes: Linear, pilots: int) -> Rows:
    """How much more a change varies in the smaller arm than in the larger one, as far as interviews make it.

    The ratio (s2 + mean(v) of the smaller arm) / (s2 + mean(v) of the larger), s2 the larger arm's shock variance. The
    pooled form takes it for 1. *Measured* at 5 %: from 1.5 on it rejects a true null in .07 (3 v 9) to .10 (2 v 20) of
    cases, at 3 in .13 to .21; below 1 the interval is too wide. Welch's form, and arms of one size, need no such row.
    """
    known = np.isfinite(changes.estimate)
    is_pilot = np.arange(len(known)) < pilots
    small, large = sorted([known & is_pilot, known & ~is_pilot], key=lambda arm: int(arm.sum()))
    respondents = measured.survey.design.data.level == "respondent"
    if answer.se_type != "pooled" or small.sum() == large.sum() or not respondents:
        return
    shocks = one_district.shock_variance(changes.estimate[large], changes.variance[large])
    of_larger = shocks + float(changes.variance[large].mean())
    of_smaller = shocks + float(changes.variance[small].mean())
    if of_larger > 0:
        inference = Inference(estimate=of_smaller / of_larger, n_districts=int(known.sum()))
    else:
        inference = Inference(n_districts=int(known.sum()), status="no_variance")
    key = _key(answer, "district", "wave", "baseline_wave", "estimator") | {"unit": "ratio"}
    yield row(measured.item, measured.survey.design, inference, estimand="variance_ratio", **key)


def between_pilots(measured: Measured, pilots: list[District], answer: Estimate, changes: Linear) -> Rows:
    """Whether the pilot districts differ (Cochran's Q), and their differences pulled towards the common one.

    `changes` of the districts, pilots first. Tested on the pilots' changes: their differences to the comparison
    districts share those districts.
    """
    design, item, first = measured.survey.design, measured.item, len(pilots)
    respondents = design.data.level == "respondent"
    d, v = changes.estimate, changes.variance if respondents else np.zeros(len(changes.variance))
    tested = heterogeneity.heterogeneity(d[:first], v[:first], d[first:], v[first:])
    inference = Inference(
        estimate=tested.q, df=tested.df[0], p_value=tested.p_value, p_type="f", n_districts=first, status=tested.status
    )
    key = _key(answer, "wave", "baseline_wave") | {"estimand": "heterogeneity"}
    yield row(item, design, inference, district="pooled", estimator="cochran_q", **(key | {"unit": "q"}))
    if tested.pooled is None or tested.se is None:
        return
    share = people(design, [x for x in measured.survey.districts if x.arm == "comparison"])
    known = np.isfinite(d[first:])
    base = float(np.average(d[first:][known], weights=None if share is None else share[known]))
    for district, value, se in zip(pilots, tested.pooled, tested.se, strict=True):
        inference = Inference(estimate=float(value) - base, se=float(se), se_type="partial_pooling", n_districts=first)
        yield row(item, design, inference, district=district.id, estimator="partial_pooling", **key)


def _key(answer: Estimate, *names: str) -> dict[str, Any]:
    """The columns that a row has in common with the answer."""
    return {name: getattr(answer, name) for name in names}


def _whole(count: float) -> int | None:
    return None if isnan(count) else int(count)
