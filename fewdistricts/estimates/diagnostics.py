"""What is asked of the answer once it is there: how far it is from breaking, what could be found, how districts vary.

Each reads district changes or the headline row; none changes an estimate.
"""

from __future__ import annotations

from collections.abc import Iterator
from math import isnan
from typing import Any

import numpy as np

from fewdistricts.estimates import contrasts, estimators, individual
from fewdistricts.estimates.estimate import Estimate
from fewdistricts.estimates.estimators import Contrast
from fewdistricts.estimates.headline import headline
from fewdistricts.estimates.measure import Measured
from fewdistricts.estimates.rows import row
from fewdistricts.inference import heterogeneity, one_district, partial_pooling, power, trends
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
    yield from shock_ratio(measured, answer)


def detectable(measured: Measured, answer: Estimate) -> Rows:
    """The smallest difference that the test of the answer would find, with the interval that its standard error has."""
    design = measured.survey.design
    se, df, se_type = answer.se, answer.df, answer.se_type
    if isnan(se) and answer.estimator == "permutation":  # a lot has no standard error: that of the changes
        changes = estimators.by_rule(contrasts.over_pilots(measured), "district_change")
        se, df, se_type = changes.se, changes.df, changes.se_type
    confidence = design.inference.confidence
    least = power.minimum_detectable(se, df, confidence=confidence)
    low, high = power.minimum_detectable_interval(se, df, confidence=confidence)
    status = answer.status or ("no_df" if isnan(least) else "")
    inference = Inference(estimate=least, se=se, se_type=se_type, df=df, ci_low=low, ci_high=high, status=status)
    key = _key(answer, "district", "wave", "baseline_wave", "estimator")
    yield row(measured.item, design, inference, estimand="mde", **key)


def effective_districts(contrast: Contrast, answer: Estimate) -> Rows:
    """The effective number of districts behind the individual regression."""
    measured = contrast.measured
    inference = individual.effective_districts(contrast.cells)
    key = _key(answer, "district", "wave", "baseline_wave") | {"unit": "districts"}
    yield row(measured.item, measured.survey.design, inference, estimand="leverage", estimator="cr2", **key)


def between_pilots(contrast: Contrast, answer: Estimate) -> Rows:
    """Whether the pilot districts differ (Cochran's Q), and their differences pulled towards the common one.

    Tested on the pilots' changes: their differences to the comparison districts share those districts.
    """
    design, item, changes = contrast.measured.survey.design, contrast.measured.item, contrast.changes
    errors = np.zeros(len(contrast.districts))
    if contrast.samples:
        errors = changes.variance if changes.covariance is None else changes.covariance
    tested = heterogeneity.heterogeneity(changes.estimate, errors, contrast.pilot)
    first = len(contrast.pilots)
    inference = Inference(
        estimate=tested.q, df=tested.df[0], p_value=tested.p_value, p_type="f", n_districts=first, status=tested.status
    )
    key = _key(answer, "wave", "baseline_wave") | {"estimand": "heterogeneity"}
    yield row(item, design, inference, district="pooled", estimator="cochran_q", **(key | {"unit": "q"}))
    pooled = partial_pooling.partial_pooling(
        changes.estimate, errors, contrast.pilot, contrast.weight, confidence=contrast.confidence
    )
    for district, each in zip(contrast.pilots, pooled, strict=True):
        if each.status not in ("too_few_districts", "no_variance"):
            yield row(item, design, each, district=district.id, estimator="partial_pooling", **key)


def shock_ratio(measured: Measured, answer: Estimate) -> Rows:
    """One district in an arm: how much larger its shocks may be than the others' before the interval reaches zero."""
    if answer.estimator != "variance_components" or headline(measured.survey.design).reason != "one_district":
        return
    single = contrasts.over_pilots(measured).single
    signed, variance = single.signed, single.variance
    weight = None if single.weight is None else single.weight[1:]
    confidence = measured.survey.design.inference.confidence
    ratio = one_district.largest_shock_ratio(
        signed[0], variance[0], signed[1:], variance[1:], answer.df, weight, single.covariance, confidence=confidence
    )
    status = (answer.status or "no_interval") if isnan(ratio) else ""
    inference = Inference(estimate=ratio, n_districts=_whole(answer.n_districts), status=status)
    key = _key(answer, "district", "wave", "baseline_wave", "estimator") | {"unit": "ratio"}
    yield row(measured.item, measured.survey.design, inference, estimand="breakdown", variant="shock_ratio", **key)


def _key(answer: Estimate, *names: str) -> dict[str, Any]:
    """The columns that a row has in common with the answer."""
    return {name: getattr(answer, name) for name in names}


def _whole(count: float) -> int | None:
    return None if isnan(count) else int(count)
