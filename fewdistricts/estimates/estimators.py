"""Every estimator of a difference in change: what it takes from the contrast, and when the design allows it.

The rules are those of the design, never of the result: one pilot district never meets a cluster-robust variance,
several never meet sampling error alone. The formulas are in `fewdistricts.inference`.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Literal

import numpy as np

from fewdistricts.design import District
from fewdistricts.estimates import cohorts, individual
from fewdistricts.estimates.arms import drawn_pairs, pairs, people, provinces, sampled, strata, take, without_sampling
from fewdistricts.estimates.headline import headline, one_start, wave_weights
from fewdistricts.estimates.individual import Answers, Cells
from fewdistricts.estimates.measure import Measured
from fewdistricts.inference import (
    baseline,
    group_time,
    intervals,
    linearization,
    logit,
    one_district,
    permutations,
    rules,
    series,
    shock_components,
    synthetic_control,
    wild,
    wls,
)
from fewdistricts.inference.clusters import Regression
from fewdistricts.inference.floor import floored
from fewdistricts.inference.group_time import Sampled
from fewdistricts.inference.linearization import Linear
from fewdistricts.inference.result import Inference
from fewdistricts.inference.rules import Rule
from fewdistricts.inference.sampling_error import design_error

Kind = Literal["several", "staggered", "single"]
"""Several districts in both arms, the same with other starts, or one district in an arm."""
Result = tuple[str, str, Inference]
"""Variant, what it is a variant of, and the estimate."""


@dataclass(frozen=True)
class Contrast:
    """The pilot districts' mean change less that of the comparison districts, of one item.

    `changes` of the districts, pilots first; `over_pilots`: the answer over all pilot districts, not the difference of
    a single one.
    """

    measured: Measured
    pilots: list[District]
    comparisons: list[District]
    changes: Linear
    over_pilots: bool = True

    @property
    def districts(self) -> list[District]:
        """The districts in the order of the changes."""
        return [*self.pilots, *self.comparisons]

    @property
    def pilot(self) -> np.ndarray:
        """Which districts (G,) are pilots."""
        return np.arange(len(self.districts)) < len(self.pilots)

    @property
    def known(self) -> np.ndarray:
        """Which districts (G,) have a change."""
        return np.isfinite(self.changes.estimate)

    @property
    def kind(self) -> Kind:
        """What the design has: this decides which estimators are allowed."""
        if min(len(self.pilots), len(self.comparisons)) == 1:
            return "single"
        return "several" if one_start(self.measured.survey.design, self.pilots) else "staggered"

    @property
    def weight(self) -> np.ndarray | None:
        """Populations (G,), or None where districts count equally."""
        return people(self.measured.survey.design, self.districts)

    @property
    def confidence(self) -> float:
        """Level of the intervals."""
        return self.measured.survey.design.inference.confidence

    @property
    def samples(self) -> bool:
        """Whether respondents were sampled."""
        return self.measured.survey.design.data.level == "respondent"

    def counted(self, inference: Inference) -> Inference:
        """With the answers and sampling units of the districts that have a change."""
        n, n_psu = take(self.changes, np.flatnonzero(self.known).tolist()).counts
        return replace(inference, n=n, n_psu=n_psu)

    @cached_property
    def sampled(self) -> Sampled:
        """The sampling variances of the changes, their degrees of freedom and covariances (`arms.sampled`)."""
        return sampled(self.changes)

    @cached_property
    def single(self) -> Single:
        """The same as one district against the others."""
        return Single.of(self)

    @property
    def is_panel(self) -> bool:
        """Whether the same respondents were asked in every wave."""
        return self.measured.survey.design.data.sampling == "panel"

    @property
    def _used(self) -> list[District]:
        return [d for d, is_known in zip(self.districts, self.known, strict=True) if is_known]

    @cached_property
    def cells(self) -> Cells:
        """The cells of the districts that have a change."""
        return Cells(self.measured, self._used, wave_weights(self.measured.survey.design, self.pilots[0]))

    @cached_property
    def answers(self) -> Answers:
        """The answers of the same districts, of the respondents."""
        return Answers(self.measured, self._used, wave_weights(self.measured.survey.design, self.pilots[0]))

    @cached_property
    def regression(self) -> Regression | None:
        """The regression of the answers, weights summing to one in each district and wave."""
        return self.cells.regression(self.cells.normalised)


@dataclass(frozen=True)
class Single:
    """One district against the others that have a change.

    `sign` is -1 where the one is the comparison district. `changes` (1 + K,), the one first; `variance`, `df` and
    `covariance` (where districts share sampling units) are those of its sampling, 0 and infinite where nothing was.
    """

    sign: float
    districts: list[District]
    changes: Linear
    variance: np.ndarray
    df: float
    covariance: np.ndarray | None
    weight: np.ndarray | None

    @classmethod
    def of(cls, contrast: Contrast) -> Single:
        """The one district first; districts among the others without a change are left out."""
        if len(contrast.pilots) == 1:
            one, sign = 0, 1.0
        else:
            one, sign = len(contrast.districts) - 1, -1.0
        others = [k for k in range(len(contrast.districts)) if k != one and contrast.known[k]]
        order = [one, *others]
        districts = [contrast.districts[k] for k in order]
        changes = take(contrast.changes, order)
        variance, df, covariance = np.zeros(len(order)), np.inf, None
        if contrast.samples:
            _, degrees, covariance = sampled(changes)
            variance = one_district.smoothed(changes.variance, changes.n)
            if covariance is None:
                df = one_district.smoothed_df(changes.variance, degrees, changes.n)
            else:
                df = float(degrees[0])
                covariance = one_district.smoothed_together(covariance, changes.n)
        weight = people(contrast.measured.survey.design, districts)
        return cls(sign, districts, changes, variance, df, covariance, weight)

    @property
    def others(self) -> int:
        """Districts that the one is held against."""
        return len(self.districts) - 1

    @property
    def coefficients(self) -> np.ndarray:
        """Of each change (1 + K,) in the difference: the one's own, and less the mean of the others."""
        share = np.ones(self.others) if self.weight is None else self.weight[1:]
        return self.sign * np.concatenate([[1.0], -share / share.sum()])

    @property
    def signed(self) -> np.ndarray:
        """Changes (1 + K,), turned so that the first less the mean of the others is the difference in change."""
        return self.sign * self.changes.estimate

    def counted(self, inference: Inference) -> Inference:
        """With the districts, answers and sampling units behind it."""
        n, n_psu = self.changes.counts
        return replace(inference, n_districts=len(self.districts), n=n, n_psu=n_psu)


def taylor(contrast: Contrast) -> Iterator[Result]:
    """Sampling error only; and respondents pooled by their raw weights, where one district stands alone."""
    if contrast.kind == "single":
        yield "main", "", _sampling_of_single(contrast)
        design = contrast.measured.survey.design
        if contrast.over_pilots and contrast.samples and one_start(design, contrast.pilots):
            yield (
                "raw_weights",
                "",
                individual.pooled_respondents(contrast.measured, contrast.pilots, contrast.comparisons),
            )
    elif (contrast.pilot & contrast.known).any() and (~contrast.pilot & contrast.known).any():
        yield "main", "", _sampling_of_several(contrast)


def _sampling_of_single(contrast: Contrast) -> Inference:
    design, single = contrast.measured.survey.design, contrast.single
    if single.others == 0:
        return Inference(status="no_data")
    did = linearization.combined(single.changes, single.coefficients[None, :], df="satterthwaite")
    inference = intervals.difference_rows(did, confidence=contrast.confidence)[0]
    return replace(without_sampling(inference, design), n_districts=len(single.districts))


def _sampling_of_several(contrast: Contrast) -> Inference:
    pilot, known = contrast.pilot, contrast.known
    share = np.ones(len(pilot)) if contrast.weight is None else contrast.weight
    coefficients = np.where(pilot, share / share[pilot & known].sum(), -share / share[~pilot & known].sum())
    changes = take(contrast.changes, np.flatnonzero(known).tolist())
    did = linearization.combined(changes, coefficients[known][None, :])
    inference = intervals.difference_rows(did, confidence=contrast.confidence)[0]
    return replace(without_sampling(inference, contrast.measured.survey.design), n_districts=int(known.sum()))


def by_rule(contrast: Contrast, rule: Rule, changes: np.ndarray | None = None) -> Inference:
    """The arms' mean changes compared by one form of the headline rule; `changes` (G,) in place of the contrast's."""
    design = contrast.measured.survey.design
    variance, df, covariance = contrast.sampled if contrast.samples else (None, None, None)
    return rules.by_rule(
        rule,
        contrast.changes.estimate if changes is None else changes,
        contrast.pilot,
        contrast.weight,
        variance=variance,
        df=df,
        covariance=covariance,
        pair=drawn_pairs(design, contrast.districts) if rule == "permutation" else pairs(contrast.districts),
        stratum=strata(design, contrast.districts),
        cluster=provinces(contrast.districts),
        seed=permutations.seed_of(design.evaluation, contrast.measured.item.id),
        confidence=contrast.confidence,
    )


def _rows_by_rule(contrast: Contrast, rule: Rule) -> Iterator[Result]:
    """The main row of a form of the rule; where it is the headline, without each district, or each pair, in turn."""
    yield "main", "", contrast.counted(by_rule(contrast, rule))
    if headline(contrast.measured.survey.design).estimator != rule:
        return
    for name, places in _left_out(contrast, rule):
        changes = contrast.changes.estimate.copy()
        changes[places] = np.nan
        yield "without", name, by_rule(contrast, rule, changes)


def _left_out(contrast: Contrast, rule: Rule) -> Iterator[tuple[str, list[int]]]:
    """The districts that are left out in turn, with their places; a pair by its pilot district."""
    for place in np.flatnonzero(contrast.known):
        district = contrast.districts[place]
        if rule != "paired":
            yield district.id, [int(place)]
        elif district.arm == "pilot":
            yield district.id, [k for k, other in enumerate(contrast.districts) if other.pair == district.pair]


def district_change(contrast: Contrast) -> Iterator[Result]:
    """Welch on the arms' changes; at the same baseline; long series without their trends and seasons."""
    if contrast.kind == "staggered":
        yield "main", "", _over_cohorts(contrast)
        return
    yield from _rows_by_rule(contrast, "district_change")
    yield "baseline_adjusted", "", contrast.counted(_at_the_same_baseline(contrast))
    yield from _long_series(contrast)


def _at_the_same_baseline(contrast: Contrast) -> Inference:
    """The changes given the levels before the start (see `inference.baseline`)."""
    measured = contrast.measured
    weights = wave_weights(measured.survey.design, contrast.pilots[0])
    earlier = {wave: -value for wave, value in weights.items() if value < 0}
    terms = [{measured.level(d.id, wave): value for wave, value in earlier.items()} for d in contrast.districts]
    level = measured.contrast(terms).estimate
    pair = pairs(contrast.districts)
    inference = baseline.baseline_adjusted(
        contrast.changes.estimate, level, contrast.pilot, contrast.weight, pair=pair, confidence=contrast.confidence
    )
    share = rules.shares(contrast.changes.estimate, contrast.pilot, contrast.weight)
    sampling, sampling_df = 0.0, np.inf
    if contrast.samples:
        variance, df, covariance = contrast.sampled
        coefficient, variance = np.where(contrast.pilot, share, -share), np.where(contrast.known, variance, 0.0)
        sampling, sampling_df = design_error(coefficient, variance, df, covariance)
    fewest = contrast.known.sum() - 3.0
    return floored(inference, sampling, fewest_df=fewest, sampling_df=sampling_df, confidence=contrast.confidence)


def _long_series(contrast: Contrast) -> Iterator[Result]:
    """`average` without each district's own line, and without its seasons, where the waves before the start allow."""
    design = contrast.measured.survey.design
    if headline(design).wave != "after":
        return
    later = {wave.id for wave in design.followups(contrast.pilots[0])}
    after = [wave.id in later for wave in design.waves]
    middle = [(wave.fieldwork[0].toordinal() + wave.fieldwork[1].toordinal()) / 2 for wave in design.waves]
    months = [wave.fieldwork[0].month for wave in design.waves]
    seasons = months if len(set(months)) < len(months) else None
    for variant, trend, season in (("detrended", True, None), ("seasonal", True, seasons)):
        if variant == "seasonal" and (season is None or len(set(months)) == 1):
            continue
        coefficients = series.wave_coefficients(after, middle, trend=trend, season=season)
        if coefficients is None:
            continue
        terms = [
            {
                contrast.measured.level(d.id, wave.id): float(c)
                for wave, c in zip(design.waves, coefficients, strict=True)
            }
            for d in contrast.districts
        ]
        other = replace(contrast, changes=contrast.measured.contrast(terms))
        yield variant, "", other.counted(by_rule(other, "district_change"))


def paired(contrast: Contrast) -> Iterator[Result]:
    """The paired t over declared pairs."""
    if pairs(contrast.districts) is not None and len(contrast.pilots) > 1:
        yield from _rows_by_rule(contrast, "paired")


def clustered(contrast: Contrast) -> Iterator[Result]:
    """CR2 over declared clusters of districts."""
    if provinces(contrast.districts) is not None:
        yield from _rows_by_rule(contrast, "clustered")


def _over_cohorts(contrast: Contrast) -> Inference:
    """Staggered starts: each pilot's change cleared of what moved its comparison districts over the same waves."""
    design = contrast.measured.survey.design
    data = cohorts.staggered(contrast.measured, contrast.districts)
    head = headline(design)
    wave = None if head.wave == "after" else [w.id for w in design.waves].index(head.wave)
    return group_time.headline(data, wave)


def permutation(contrast: Contrast) -> Iterator[Result]:
    """Every assignment of as many pilot districts, within strata or pairs as drawn."""
    yield from _rows_by_rule(contrast, "permutation")


def cr2(contrast: Contrast) -> Iterator[Result]:
    """The individual regression with CR2, and with other weights, covariates or the balanced respondents of a panel."""
    cells, confidence = contrast.cells, contrast.confidence
    yield "main", "", wls.of_model(contrast.regression, cells.n, confidence=confidence)
    if contrast.samples:
        for variant, sums in (("raw_weights", cells.raw), ("unweighted", cells.raw.unweighted())):
            model = cells.regression(sums)
            yield variant, "", wls.of_model(model, int(sums.n.sum()), confidence=confidence)
        if contrast.measured.survey.design.covariates:
            adjusted = cells.adjusted()
            if adjusted is not None:
                yield "adjusted", "", wls.of_model(*adjusted, confidence=confidence)
    if contrast.is_panel:
        yield "balanced", "", contrast.answers.balanced_regression()


def cr1(contrast: Contrast) -> Iterator[Result]:
    """The individual regression with CR1; of shares, the logit's mean difference as well."""
    cells, confidence = contrast.cells, contrast.confidence
    yield "main", "", wls.of_model(contrast.regression, cells.n, kind="CR1S", df="clusters", confidence=confidence)
    if contrast.measured.item.unit == "share":
        answer = logit.logit_did(cells.normalised, cells.district, cells.wave, cells.exposed, confidence=confidence)
        yield "logit", "", answer


def wcr(contrast: Contrast) -> Iterator[Result]:
    """The individual regression with the restricted wild cluster bootstrap."""
    seed = wild.seed(contrast.measured.survey.design.evaluation, contrast.measured.item.id)
    model, n = contrast.regression, contrast.cells.n
    yield "main", "", wls.wild_of_model(model, n, seed=seed, confidence=contrast.confidence)


def placebo_rank(contrast: Contrast) -> Iterator[Result]:
    """The rank of the one district among all, from two others on."""
    single = contrast.single
    if single.others >= 2:
        d = single.signed
        inference = one_district.placebo_rank(d[0], d[1:], single.weight, confidence=contrast.confidence)
        yield "main", "", single.counted(inference)


def variance_components(contrast: Contrast) -> Iterator[Result]:
    """Sampling error and the shocks that the other districts show: of one district from three others on, of several
    where an arm has fewer than five."""
    if contrast.kind == "several":
        if min(len(contrast.pilots), len(contrast.comparisons)) < shock_components.BELOW:
            yield from _rows_by_rule(contrast, "variance_components")
        return
    single = contrast.single
    if single.others >= one_district.FEWEST:
        d, v = single.signed, single.variance
        weight = None if single.weight is None else single.weight[1:]
        inference = one_district.variance_components(
            d[0], v[0], single.df, d[1:], v[1:], weight, single.covariance, confidence=contrast.confidence
        )
        yield "main", "", single.counted(_floored_single(contrast, inference))


def _floored_single(contrast: Contrast, inference: Inference) -> Inference:
    """Never below the sampling error as it is measured: the variances behind the estimate are smoothed."""
    if not contrast.samples:
        return inference
    single = contrast.single
    sampling = linearization.combined(single.changes, single.coefficients[None, :])
    fewest = single.others - 1.0
    return floored(inference, float(np.sqrt(sampling.variance[0])), fewest_df=fewest, confidence=contrast.confidence)


def ferman_pinto(contrast: Contrast) -> Iterator[Result]:
    """The other districts' residuals as the distribution of the one's, where there are many and all count equally."""
    single = contrast.single
    if single.others >= one_district.FERMAN_PINTO_FROM and single.weight is None:
        d, v = single.signed, single.variance
        inference = one_district.ferman_pinto(
            d[0], v[0], d[1:], v[1:], single.covariance, confidence=contrast.confidence
        )
        yield "main", "", single.counted(inference)


def synthetic(contrast: Contrast) -> Iterator[Result]:
    """The one pilot district against a weighted mean of the others, from ten waves of records before its start on."""
    design, single = contrast.measured.survey.design, contrast.single
    if contrast.samples or len(contrast.pilots) > 1 or not contrast.over_pilots:
        return
    head = wave_weights(design, contrast.pilots[0])
    later = {wave.id for wave in design.followups(contrast.pilots[0])}
    before = np.array([wave.id not in later for wave in design.waves])
    after = np.array([head.get(wave.id, 0.0) > 0 for wave in design.waves])
    if before.sum() < synthetic_control.FEWEST_WAVES or single.others < synthetic_control.FEWEST_DISTRICTS:
        return
    level = cohorts.staggered(contrast.measured, single.districts).level
    yield "main", "", single.counted(synthetic_control.synthetic_control(level, before, after))
