"""How the headline rule and its checks behave in this very design, by simulation: rows of the primary outcomes.

The districts in their arms, the answers and design effects behind each change and the districts' own movement are
those of the outcome; what is drawn from them is in `inference.own_design`. A district with a suppressed cell takes no
part. `shocks` is the standard deviation of the districts' own movement in a change, `size`, `coverage` and `power` are
shares of the data sets drawn, their standard error is that of the simulation.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from math import nan, sqrt

import numpy as np

from fewdistricts.design import District
from fewdistricts.estimates import cohorts, contrasts
from fewdistricts.estimates.arms import drawn_pairs, pairs, people, provinces, strata
from fewdistricts.estimates.estimate import Estimate
from fewdistricts.estimates.estimators import Contrast
from fewdistricts.estimates.headline import headline, wave_weights
from fewdistricts.estimates.items import items
from fewdistricts.estimates.measure import Measured, Survey
from fewdistricts.estimates.rows import row
from fewdistricts.inference import group_time, one_district, own_design
from fewdistricts.inference.own_design import OwnDesign
from fewdistricts.inference.own_starts import OwnStarts
from fewdistricts.inference.result import Inference
from fewdistricts.inference.rules import shares
from fewdistricts.inference.sampling_error import quadratic
from fewdistricts.inference.shock_components import shock_components
from fewdistricts.survey.disclosure import Cell, suppressed_in

MOST = 4
"""Primary outcomes that are simulated, in order of declaration."""


def rows(survey: Survey, hidden: frozenset[Cell] = frozenset()) -> list[Estimate]:
    """All rows; nothing without a comparison group. `hidden`: as in `pipeline.of_survey`."""
    design = survey.design
    if not headline(design).compares:
        return []
    primary = [indicator.id for indicator in design.primary][:MOST]
    out: list[Estimate] = []
    for item in items(design):
        if item.id in primary:
            out += _of_item(survey.measure(item, suppressed_in(hidden, item.id)))
    return out


def _of_item(measured: Measured) -> Iterator[Estimate]:
    design, item = measured.survey.design, measured.item
    contrast = contrasts.over_pilots(measured)
    own = of_contrast(contrast)
    if own is None:
        return
    head = headline(design)
    key = {"district": "pooled", "wave": head.wave, "baseline_wave": head.baseline_wave}
    districts = int(contrast.known.sum())
    answers = int(contrast.changes.n[contrast.known].sum())
    spread = Inference(estimate=sqrt(_of_a_change(own, contrast)), n_districts=districts, n=answers)
    if contrast.samples:
        spread = replace(spread, deff=_design_effect(contrast))
    yield row(item, design, spread, estimand="shocks", estimator="variance_components", **key)
    for rate in own_design.rates(own, item_worthwhile(measured), alpha=1 - contrast.confidence):
        made = Inference(estimate=rate.value, se=rate.error, se_type="monte_carlo", n_districts=districts)
        name = {"estimand": rate.quantity, "estimator": rate.estimator, "variant": rate.variant, "unit": "share"}
        yield row(item, design, made, variant_of=f"{rate.times:g}", **key, **name)


def item_worthwhile(measured: Measured) -> float | None:
    """The smallest change that matters of an outcome, where one is declared."""
    declared = {indicator.id: indicator.worthwhile for indicator in measured.survey.design.indicators}
    return declared.get(measured.item.id)


def of_contrast(contrast: Contrast) -> OwnDesign | OwnStarts | None:
    """What the design is drawn from; None where two districts do not show how others move, or where nothing varies."""
    return _of_starts(contrast) if contrast.kind == "staggered" else _of_one_start(contrast)


def _of_starts(contrast: Contrast) -> OwnStarts | None:
    """Starts in turn; None too where they allow no test.

    The shocks of a level have the variance that, by the squares of the coefficients, explains how the districts'
    changes spread about the means of their arms beyond sampling.
    """
    order = np.flatnonzero(contrast.known)
    pilot = contrast.pilot[order]
    if not pilot.any() or pilot.all() or len(order) < 3:
        return None
    districts = [contrast.districts[k] for k in order]
    measured = contrast.measured
    data = cohorts.staggered(measured, districts)
    head = headline(measured.survey.design)
    waves = [wave.id for wave in measured.survey.design.waves]
    form = group_time.linear_form(data, None if head.wave == "after" else waves.index(head.wave))
    if form is None:
        return None
    weights = contrasts.followed(measured.survey.design, contrast.pilots, contrast.comparisons)
    squares = np.array([[weights[d.id].get(wave, 0.0) ** 2 for wave in waves] for d in districts])
    variance, df = np.zeros(squares.shape), np.full(squares.shape, np.inf)
    change, of_changes = contrast.changes.estimate[order], np.zeros(len(order))
    if contrast.samples:
        of_changes, of_levels = _sampling(contrast)[order], _smoothed_levels(measured, districts, waves)
        degrees = contrast.changes.df[order]
        if not (np.isfinite(of_changes).all() and (degrees >= 1).all()):
            return None
        # waves that share respondents or units vary less together than their levels apart
        variance = of_levels * (of_changes.sum() / float((squares * of_levels).sum()))
        of_changes = (squares * variance).sum(axis=1)
        df = np.broadcast_to((degrees / (squares > 0).sum(axis=1))[:, None], squares.shape)
    apart = change - np.where(pilot, change[pilot].mean(), change[~pilot].mean())
    inside = 1 - 1 / np.where(pilot, pilot.sum(), (~pilot).sum())
    shocks = max(0.0, float(apart @ apart - inside @ of_changes) / float(inside @ squares.sum(axis=1)))
    if not (shocks > 0 or variance.any()):
        return None
    exposed = (data.cohort[:, None] >= 0) & (np.arange(len(waves)) >= data.cohort[:, None])
    together = pairs(districts) if pairs(districts) is not None else provinces(districts)
    return OwnStarts(form, exposed, variance, df, shocks, together)


def _smoothed_levels(measured: Measured, districts: list[District], waves: list[str]) -> np.ndarray:
    """Sampling variances of levels (G, T) by one design effect, 0 where nothing was asked."""
    places = np.array([[measured.level(d.id, wave) for wave in waves] for d in districts])
    smoothed = one_district.smoothed(measured.levels.variance[places].ravel(), measured.levels.n[places].ravel())
    return np.nan_to_num(smoothed).reshape(places.shape)


def _of_a_change(own: OwnDesign | OwnStarts, contrast: Contrast) -> float:
    """The variance of a district's shocks in its change: with starts in turn the mean over districts."""
    if isinstance(own, OwnDesign):
        return own.shock_variance
    weights = contrasts.followed(contrast.measured.survey.design, contrast.pilots, contrast.comparisons)
    squares = [sum(value**2 for value in weights[d.id].values()) for d in contrast.districts]
    return own.shock_variance * float(np.array(squares)[contrast.known].mean())


def _of_one_start(contrast: Contrast) -> OwnDesign | None:
    known = contrast.known
    order = np.flatnonzero(known)
    pilot = contrast.pilot[order]
    if not pilot.any() or pilot.all() or len(order) < 3:
        return None
    single = contrast.kind == "single" or min(pilot.sum(), (~pilot).sum()) == 1
    if single and (~pilot).sum() == 1 < pilot.sum():
        order, pilot = np.roll(order, 1), np.roll(pilot, 1)
    design = contrast.measured.survey.design
    districts = [contrast.districts[k] for k in order]
    change, weight = contrast.changes.estimate[order], people(design, districts)
    variance, df = np.zeros(len(order)), np.full(len(order), np.inf)
    if contrast.samples:
        variance, df = _sampling(contrast)[order], contrast.changes.df[order]
        if not (np.isfinite(variance).all() and (df >= 1).all()):
            return None
    n = contrast.changes.n[order].astype(float)
    drawn = one_district.smoothed(variance, n) if contrast.samples else variance
    if single:
        shocks = one_district.shock_variance(change[1:], drawn[1:])
    else:
        shocks = shock_components(change, drawn, df, pilot, weight).shock_variance
    if not (shocks > 0 or drawn.any()):
        return None
    before, lasting = _before(contrast, districts, pilot, shocks, drawn)
    return OwnDesign(
        rule=headline(design).estimator,
        pilot=pilot,
        variance=drawn,
        df=df,
        n=n,
        shock_variance=shocks,
        lasting_variance=lasting,
        before=before,
        weight=weight,
        pair=drawn_pairs(design, districts) if headline(design).estimator == "permutation" else pairs(districts),
        stratum=strata(design, districts),
        cluster=provinces(districts),
    )


def _sampling(contrast: Contrast) -> np.ndarray:
    """Sampling variances of the changes (G,); where districts share sampling units all are scaled alike, so that they
    add up to the variance of the difference."""
    variance, _, covariance = contrast.sampled
    if covariance is None:
        return variance
    share = shares(contrast.changes.estimate, contrast.pilot, contrast.weight)
    apart = float(share**2 @ np.where(share > 0, variance, 0.0))
    return variance * (quadratic(np.where(contrast.pilot, share, -share), covariance) / apart if apart > 0 else 1.0)


def _before(
    contrast: Contrast, districts: list[District], pilot: np.ndarray, shocks: float, variance: np.ndarray
) -> tuple[float, float]:
    """The part of a change's variance that the waves before the start have; the variance of what lasts of levels."""
    measured = contrast.measured
    weights = wave_weights(measured.survey.design, contrast.pilots[0])
    earlier = {wave: -value for wave, value in weights.items() if value < 0}
    squares = sum(value**2 for value in earlier.values())
    before = squares / sum(value**2 for value in weights.values())
    terms = [{measured.level(d.id, wave): value for wave, value in earlier.items()} for d in districts]
    level = measured.contrast(terms).estimate
    arms = [level[arm] for arm in (pilot, ~pilot) if arm.sum() > 1]
    spread = sum(float(((values - values.mean()) ** 2).sum()) for values in arms)
    freedom = sum(len(values) - 1 for values in arms)
    lasting = spread / freedom - before * (shocks + float(variance.mean())) if freedom else 0.0
    return before, max(0.0, lasting)


def _design_effect(contrast: Contrast) -> float:
    """The median design effect of the districts' levels."""
    measured = contrast.measured
    waves = {wave for pilot in contrast.pilots for wave in wave_weights(measured.survey.design, pilot)}
    places = [measured.level(d.id, wave) for d in contrast.districts for wave in sorted(waves)]
    deff = measured.levels.deff[places]
    known = deff[np.isfinite(deff)]
    return float(np.median(known)) if len(known) else nan
