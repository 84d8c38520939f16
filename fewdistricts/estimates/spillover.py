"""Displacement: the neighbouring districts together, against the comparison districts, as one estimate.

A programme may push what it fights over the border. The neighbours' mean change less that of the comparison districts,
by the headline rule as the numbers of neighbouring and comparison districts have it (`inference.rules`; one against
three or more: variance components; else sampling error alone). Neighbours are neither drawn by lot nor matched, so
neither permutation nor pairs lead here. Rows of the estimand `spillover`, district `neighbour`.
"""

from __future__ import annotations

from collections.abc import Iterator
from itertools import chain

from fewdistricts.design import District
from fewdistricts.estimates import contrasts, estimators
from fewdistricts.estimates.arms import provinces
from fewdistricts.estimates.estimate import Estimate
from fewdistricts.estimates.estimators import Contrast
from fewdistricts.estimates.headline import headline, wave_weights
from fewdistricts.estimates.measure import Measured, Survey
from fewdistricts.estimates.rows import row
from fewdistricts.inference import one_district, rules
from fewdistricts.inference.result import Inference


def neighbours(survey: Survey) -> list[District]:
    """The neighbouring districts that have a wave before the start and the headline's."""
    return [d for d in survey.districts if d.arm == "neighbour" and wave_weights(survey.design, d)]


def rows(measured: Measured) -> Iterator[Estimate]:
    """The one row of an item; nothing without neighbours or without a comparison group."""
    survey = measured.survey
    near, comparisons = neighbours(survey), contrasts.arms(survey)[1]
    if not near or not comparisons:
        return
    contrast = Contrast(measured, near, comparisons, contrasts.district_changes(measured, near, comparisons))
    estimator, inference = _by_counts(contrast)
    head = headline(survey.design)
    waves = sorted({wave for d in near for wave in wave_weights(survey.design, d)})
    status = measured.missing_because(*waves)
    key = {"district": "neighbour", "wave": head.wave, "baseline_wave": head.baseline_wave, "estimand": "spillover"}
    yield row(
        measured.item, survey.design, Inference(status=status) if status else inference, estimator=estimator, **key
    )


def _by_counts(contrast: Contrast) -> tuple[str, Inference]:
    """The estimator that the numbers of districts allow, and what it says."""
    near, comparisons = len(contrast.pilots), len(contrast.comparisons)
    if min(near, comparisons) > 1:
        clustered = provinces(contrast.districts) is not None
        rule = rules.OF_REASON[rules.reason(near, comparisons, clustered=clustered)]
        return rule, contrast.counted(estimators.by_rule(contrast, rule))
    if max(near, comparisons) >= one_district.FEWEST:
        for _, _, inference in estimators.variance_components(contrast):
            return "variance_components", inference
    nothing = ("main", "", Inference(status="no_data"))
    _, _, inference = next(chain(estimators.taylor(contrast), [nothing]))
    return "taylor", inference
