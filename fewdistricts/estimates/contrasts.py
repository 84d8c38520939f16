"""The difference in change over all pilot districts, of one district, and before the start, as rows."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from itertools import chain
from math import isnan, nan
from typing import Any

import numpy as np

from fewdistricts.design import Design, District
from fewdistricts.estimates import catalogue, estimators
from fewdistricts.estimates.arms import arm_weights, in_whole_pairs, people, sampled, take
from fewdistricts.estimates.estimate import Estimate
from fewdistricts.estimates.estimators import Contrast
from fewdistricts.estimates.headline import headline, wave_weights
from fewdistricts.estimates.measure import Measured, Survey
from fewdistricts.estimates.rows import row
from fewdistricts.inference.baseline import standard_deviation
from fewdistricts.inference.district_changes import district_change
from fewdistricts.inference.group_time import by_counts
from fewdistricts.inference.linearization import Linear
from fewdistricts.inference.result import Inference


def pooled(measured: Measured) -> Iterator[Estimate]:
    """The difference in change over the pilot districts at the headline waves, by every estimator the design allows."""
    if headline(measured.survey.design).compares:
        contrast = over_pilots(measured)
        for name in catalogue.allowed(contrast):
            yield from _rows(contrast, name)
        yield from _lost_answer(contrast)


def answer(measured: Measured) -> Estimate | None:
    """The difference in change of an item by the headline rule alone; None where there is no comparison group."""
    head = headline(measured.survey.design)
    return by_estimator(measured, head.estimator) if head.compares else None


def by_estimator(measured: Measured, name: str) -> Estimate | None:
    """The main row of the difference in change of an item by one estimator; None where the design does not allow it."""
    contrast = over_pilots(measured)
    lost = _lost_answer(contrast) if name == headline(measured.survey.design).estimator else iter(())
    return next(chain(_rows(contrast, name), lost), None)  # the main row is the first


def over_pilots(measured: Measured) -> Contrast:
    """The contrast that the headline rests on."""
    pilots, comparisons = arms(measured.survey)
    return Contrast(measured, pilots, comparisons, district_changes(measured, pilots, comparisons))


def _rows(contrast: Contrast, name: str) -> Iterator[Estimate]:
    """The rows of an estimator over all pilot districts."""
    estimate = catalogue.ESTIMATORS[name].estimate
    if estimate is not None:
        for variant, variant_of, inference in estimate(contrast):
            yield _row(contrast, inference, estimator=name, variant=variant, variant_of=variant_of)


def _row(contrast: Contrast, inference: Inference, **key: Any) -> Estimate:
    measured = contrast.measured
    design = measured.survey.design
    head = headline(design)
    waves = sorted({wave for pilot in contrast.pilots for wave in wave_weights(design, pilot)})
    status = measured.missing_because(*waves)
    shown = Inference(status=status) if status else inference
    key |= {"district": "pooled", "wave": head.wave, "baseline_wave": head.baseline_wave, "estimand": "att"}
    return row(measured.item, design, shown, **key)


def _lost_answer(contrast: Contrast) -> Iterator[Estimate]:
    """Where too few of the districts declared have a change for the headline's estimator, its row with the reason."""
    name = headline(contrast.measured.survey.design).estimator
    if contrast.kind != "single" or list(_rows(contrast, name)):
        return
    _, _, alike = next(estimators.taylor(contrast))
    status = "no_data" if isnan(alike.estimate) else "too_few_districts"
    lost = Inference(
        estimate=alike.estimate, n=alike.n, n_psu=alike.n_psu, n_districts=alike.n_districts, status=status
    )
    yield _row(contrast, lost, estimator=name)


def of_district(design: Design, contrast: Contrast, status: str, **key: Any) -> Iterator[Estimate]:
    """The difference in change of one district by every estimator the design allows; `status`: why nothing is said."""
    for name, estimator in catalogue.allowed(contrast).items():
        assert estimator.estimate is not None
        for variant, variant_of, inference in estimator.estimate(contrast):
            shown = Inference(status=status) if status else inference
            kind = {"estimand": "did", "estimator": name, "variant": variant, "variant_of": variant_of}
            yield row(contrast.measured.item, design, shown, **kind, **key)


def arms(survey: Survey) -> tuple[list[District], list[District]]:
    """The pilot districts that the headline follows, and the comparison districts."""
    pilots = [d for d in survey.districts if d.arm == "pilot" and wave_weights(survey.design, d)]
    return pilots, [d for d in survey.districts if d.arm == "comparison"]


def district_changes(measured: Measured, pilots: list[District], comparisons: list[District]) -> Linear:
    """The headline change of each district (pilots first) with its sampling variance.

    A comparison district is followed over the waves of the pilots, averaged over them: then the difference of the arms'
    means is the mean of the pilots' own differences, whatever their starts.
    """
    weights = followed(measured.survey.design, pilots, comparisons)
    everyone = [*pilots, *comparisons]
    return measured.contrast([{measured.level(d.id, w): v for w, v in weights[d.id].items()} for d in everyone])


def followed(
    design: Design, pilots: list[District], comparisons: list[District], side: int = 0
) -> dict[str, dict[str, float]]:
    """The coefficients on each district's levels: its own for a pilot, their mean for a comparison district.

    With `side` 1 or -1 the mean of those after the start, or before it, alone: where starts differ one wave may be both
    to a comparison district.
    """
    own = {d.id: wave_weights(design, d) for d in pilots}
    mean: dict[str, float] = {}
    for share, weights in zip(arm_weights(design, pilots), own.values(), strict=True):
        for wave, value in weights.items():
            if value * side >= 0:
                mean[wave] = mean.get(wave, 0.0) + share * value
    return own | {d.id: mean for d in comparisons}


def behind(measured: Measured) -> tuple[dict[str, list[District]], dict[str, dict[str, float]]]:
    """The districts of each arm that the headline rests on, and their coefficients on the waves.

    The neighbouring districts are an arm of their own. A district without an answer in one of its waves is left out,
    and with it its pair, if nobody else is on its side of it; where that leaves nobody (an item not asked then), or no
    pilot district is followed, all of the arm.
    """
    survey = measured.survey
    followed_pilots, comparisons = arms(survey)
    everyone = [d for d in survey.districts if d.arm == "pilot"]

    def answered(d: District, weights: dict[str, dict[str, float]]) -> bool:
        return all(measured.levels.n[measured.level(d.id, wave)] > 0 for wave in weights.get(d.id, {}))

    own = {d.id: wave_weights(survey.design, d) for d in followed_pilots}
    pilots = [d for d in followed_pilots if answered(d, own)] or followed_pilots or everyone
    weights = followed(survey.design, pilots, comparisons)
    kept = [d for d in comparisons if answered(d, weights)] or comparisons
    together = {d.id for d in in_whole_pairs(survey.design, [*pilots, *kept])}
    pilots, kept = ([d for d in arm if d.id in together] for arm in (pilots, kept))
    near = [d for d in survey.districts if d.arm == "neighbour"]
    if headline(survey.design).kind != "levels":
        near = [d for d in near if wave_weights(survey.design, d)]
    weights |= {d.id: wave_weights(survey.design, d) for d in near}
    near = [d for d in near if answered(d, weights)] or near
    return {"pilot": pilots, "comparison": kept, "neighbour": near}, weights


def balance(measured: Measured) -> Iterator[Estimate]:
    """Pilot less comparison districts at the last wave before the start, before the first start where there are
    several: nobody had the programme then; and the same in standard deviations of the respondents (`sd`)."""
    design, item, survey = measured.survey.design, measured.item, measured.survey
    pilots, comparisons = arms(survey)
    pilots = pilots or [d for d in survey.districts if d.arm == "pilot"]
    bases = design.baselines(pilots)
    if not bases or not comparisons:
        return
    wave = bases[0].id
    everyone = [*pilots, *comparisons]
    levels = take(measured.levels, [measured.level(d.id, wave) for d in everyone])
    pilot, weight = np.arange(len(everyone)) < len(pilots), people(design, everyone)
    of_levels = sampled(levels) if design.data.level == "respondent" else None
    several = min(len(pilots), len(comparisons)) >= 2
    if several:
        inference = by_counts(levels.estimate, pilot, weight, of_levels, confidence=design.inference.confidence)
    else:
        inference = district_change(levels.estimate, pilot, weight, confidence=design.inference.confidence)
    status = measured.missing_because(wave)
    inference = Inference(status=status) if status else replace(inference, n=int(levels.n.sum()))
    key = {"district": "pooled", "wave": wave, "estimand": "balance", "estimator": "district_change"}
    yield row(item, design, inference, **key)
    between = levels.variance_srs * levels.n
    if of_levels is None:  # nobody but the districts themselves
        between = np.where(pilot, _spread(levels.estimate[pilot]), _spread(levels.estimate[~pilot]))
    yield row(item, design, _in_units(inference, standard_deviation(between, pilot, weight)), **(key | STANDARDISED))


STANDARDISED = {"variant": "sd", "unit": "sd"}


def _spread(values: np.ndarray) -> float:
    known = values[np.isfinite(values)]
    return float(np.var(known, ddof=1)) if len(known) > 1 else nan


def _in_units(inference: Inference, unit: float) -> Inference:
    """A difference in another unit, without the test that it does not change; status `no_variance` without a unit."""
    if inference.status and isnan(inference.estimate):
        return Inference(status=inference.status)
    if isnan(unit):
        return Inference(status="no_variance")
    return Inference(
        estimate=inference.estimate / unit,
        se=inference.se / unit,
        se_type=inference.se_type,
        df=inference.df,
        ci_low=inference.ci_low / unit,
        ci_high=inference.ci_high / unit,
        n=inference.n,
        n_districts=inference.n_districts,
        status=inference.status,
    )
