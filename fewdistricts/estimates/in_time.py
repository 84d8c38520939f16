"""Placebo in time: the headline's answer as if the programme had begun one wave earlier, when nothing had begun.

The last wave before the start stands for the waves after it, and the wave before that one, or with averages all of
them, for those before. No wave after the start enters.
"""

from __future__ import annotations

from collections.abc import Iterator

from fewdistricts.design import Design, District
from fewdistricts.estimates import catalogue, contrasts
from fewdistricts.estimates.arm_rows import of_districts
from fewdistricts.estimates.arms import arm_weights
from fewdistricts.estimates.cohorts import cohort, staggered
from fewdistricts.estimates.estimate import Estimate
from fewdistricts.estimates.estimators import Contrast
from fewdistricts.estimates.headline import headline
from fewdistricts.estimates.measure import Measured
from fewdistricts.estimates.rows import row
from fewdistricts.inference import group_time, intervals
from fewdistricts.inference import linearization as lin
from fewdistricts.inference.result import Inference


def rows(measured: Measured) -> Iterator[Estimate]:
    """The one row (`placebo` by the headline's estimator); none where no pilot district has two waves before its start.

    With several starts every pilot district is moved by one wave of its own, so the row names no wave.
    """
    design, item = measured.survey.design, measured.item
    head = headline(design)
    pilots, comparisons = contrasts.arms(measured.survey)
    starts = {cohort(design, d) for d in pilots}
    if head.kind == "levels" or max(starts, default=0) < 2 or (len(starts) > 1 and not head.compares):
        return
    key = {"district": head.district, "estimand": "placebo", "estimator": head.estimator}
    if len(starts) > 1:
        data = staggered(measured, [*pilots, *comparisons])
        inference = group_time.one_wave_early(data, averaged=head.wave == "after" and not data.not_yet)
        yield row(item, design, inference, wave="", **key)
        return
    weights = wave_weights(design, pilots[0])
    status = measured.missing_because(*sorted(weights))
    if status:
        inference = Inference(status=status)
    elif head.compares:
        inference = _of_arms(measured, pilots, comparisons, weights)
    else:
        inference = _of_pilots(measured, pilots, weights)
    wave = next(wave for wave, value in weights.items() if value > 0)
    earlier = [wave for wave, value in weights.items() if value < 0]
    base = earlier[0] if len(earlier) == 1 else "before"
    yield row(item, design, inference, wave=wave, baseline_wave=base, **key)


def wave_weights(design: Design, pilot: District) -> dict[str, float]:
    """Coefficients on the levels before the start: `headline.wave_weights` of a start one wave earlier."""
    before = [wave.id for wave in design.waves[: cohort(design, pilot)]]
    *earlier, last = before if headline(design).wave == "after" else before[-2:]
    return {wave: -1 / len(earlier) for wave in earlier} | {last: 1.0}


def _of_arms(
    measured: Measured, pilots: list[District], comparisons: list[District], weights: dict[str, float]
) -> Inference:
    everyone = [*pilots, *comparisons]
    terms = [{measured.level(d.id, wave): value for wave, value in weights.items()} for d in everyone]
    contrast = Contrast(measured, pilots, comparisons, measured.contrast(terms))
    estimate = catalogue.ESTIMATORS[headline(measured.survey.design).estimator].estimate
    assert estimate is not None  # it is the headline's
    main = next(estimate(contrast), None)
    return Inference(status="too_few_districts") if main is None else main[2]


def _of_pilots(measured: Measured, pilots: list[District], weights: dict[str, float]) -> Inference:
    design = measured.survey.design
    terms = [{measured.level(d.id, wave): value for wave, value in weights.items()} for d in pilots]
    mean = lin.combined(measured.contrast(terms), arm_weights(design, pilots)[None, :])
    inference = intervals.difference_rows(mean, confidence=design.inference.confidence)[0]
    return of_districts(inference, len(pilots), design)
