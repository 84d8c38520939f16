"""Difference-in-differences of one district, over all pilot districts, and before the start: which estimators
are allowed.

The rules are those of the design, never of the result: one pilot district never meets a cluster-robust variance,
several never meet sampling error alone.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import numpy as np

from fewdistricts.design import Design, District
from fewdistricts.estimates import individual
from fewdistricts.estimates.adjustment import is_answer
from fewdistricts.estimates.cohorts import staggered
from fewdistricts.estimates.estimate import Estimate
from fewdistricts.estimates.headline import headline, one_start, wave_weights
from fewdistricts.estimates.measure import Measured, Survey
from fewdistricts.estimates.rows import arm_weights, pairs, people, row, take, without_sampling
from fewdistricts.inference import group_time, intervals, one_district, permutations
from fewdistricts.inference import linearization as lin
from fewdistricts.inference.district_changes import district_change, leave_one_out
from fewdistricts.inference.linearization import Linear
from fewdistricts.inference.result import Inference
from fewdistricts.inference.sampling import combinations


def one_against(
    design: Design, districts: list[District], changes: Linear, sign: float = 1.0
) -> Iterator[tuple[str, Inference]]:
    """The first of `districts` against the rest; `sign` -1 where the one is the comparison district.

    A district of the rest without a change is left out. Never a cluster-robust variance: with one district in an arm it
    rejects a true null in four samples of ten.
    """
    known = [0, *(1 + np.flatnonzero(np.isfinite(changes.estimate[1:]))).tolist()]
    changes, districts = take(changes, known), [districts[k] for k in known]
    confidence, rest = design.inference.confidence, len(districts) - 1
    if rest == 0:
        yield "taylor", Inference(status="no_data")
        return
    weights = arm_weights(design, districts[1:])
    did = lin.independent(changes, sign * np.concatenate([[1.0], -weights])[None, :], df="satterthwaite")
    counts: dict[str, Any] = {"n_districts": rest + 1, "n": int(did.n[0]), "n_psu": int(did.n_psu[0])}
    said = without_sampling(intervals.difference_rows(did, confidence=confidence)[0], design)
    yield "taylor", replace(said, n_districts=rest + 1)
    respondents = design.data.level == "respondent"
    variance = changes.variance if respondents else np.zeros(rest + 1)
    df = float(changes.df[0]) if respondents else np.inf
    d = sign * changes.estimate
    if rest >= 2:
        rank = one_district.placebo_rank(d[0], d[1:], people(design, districts), confidence=confidence)
        yield "placebo_rank", replace(rank, **counts)
    if rest >= 3:
        many = people(design, districts[1:])
        said = one_district.variance_components(d[0], variance[0], df, d[1:], variance[1:], many, confidence=confidence)
        yield "variance_components", replace(said, **counts)
    if rest >= one_district.FERMAN_PINTO_FROM and many is None:
        said = one_district.ferman_pinto(d[0], variance[0], d[1:], variance[1:], confidence=confidence)
        yield "ferman_pinto", replace(said, **counts)


def pooled(measured: Measured) -> Iterator[Estimate]:
    """The difference in change over the pilot districts at the headline waves, by every estimator the design allows."""
    design, item, survey = measured.survey.design, measured.item, measured.survey
    head = headline(design)
    if not head.compares:
        return
    pilots, comparisons = arms(survey)
    waves = sorted({w for d in pilots for w in wave_weights(design, d)})
    key = {"district": "pooled", "wave": head.wave, "baseline_wave": head.baseline_wave, "estimand": "att"}
    status = measured.missing_because(*waves)
    for estimator, variant, variant_of, said in _pooled(measured, pilots, comparisons):
        shown = Inference(status=status) if status else said
        yield row(item, design, shown, estimator=estimator, variant=variant, variant_of=variant_of, **key)


def answer(measured: Measured) -> Estimate | None:
    """The difference in change of an item by the headline rule alone; None where there is no comparison group."""
    head = headline(measured.survey.design)
    return next((row for row in pooled(measured) if is_answer(row, head)), None)


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


def followed(design: Design, pilots: list[District], comparisons: list[District]) -> dict[str, dict[str, float]]:
    """The coefficients on each district's levels: its own for a pilot, their mean for a comparison district."""
    own = {d.id: wave_weights(design, d) for d in pilots}
    mean: dict[str, float] = {}
    for share, weights in zip(arm_weights(design, pilots), own.values(), strict=True):
        for wave, value in weights.items():
            mean[wave] = mean.get(wave, 0.0) + share * value
    return own | {d.id: mean for d in comparisons}


def behind(measured: Measured) -> tuple[dict[str, list[District]], dict[str, dict[str, float]]]:
    """The districts of each arm that the headline rests on, and their coefficients on the waves.

    A district without an answer in one of its waves is left out; where that leaves nobody (an item not asked then), or
    no pilot district is followed, all of the arm.
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
    return {"pilot": pilots, "comparison": kept}, weights


def _pooled(
    measured: Measured, pilots: list[District], comparisons: list[District]
) -> Iterator[tuple[str, str, str, Inference]]:
    design = measured.survey.design
    changes = district_changes(measured, pilots, comparisons)
    everyone = [*pilots, *comparisons]
    if min(len(pilots), len(comparisons)) == 1:
        # the single district first; a single comparison district swaps the arms
        alone = 0 if len(pilots) == 1 else len(everyone) - 1
        order = [alone, *(k for k in range(len(everyone)) if k != alone)]
        sign = 1.0 if len(pilots) == 1 else -1.0
        found = dict(one_against(design, [everyone[k] for k in order], take(changes, order), sign))
        if (answer := headline(design).estimator) not in found:
            # too few of the districts declared have a change: the answer still has its row, with the reason
            alike, known = found["taylor"], np.isfinite(found["taylor"].estimate)
            status = "too_few_districts" if known else "no_data"
            found[answer] = Inference(
                estimate=alike.estimate, n=alike.n, n_psu=alike.n_psu, n_districts=alike.n_districts, status=status
            )
        yield from ((estimator, "main", "", said) for estimator, said in found.items())
        if design.data.level == "respondent" and one_start(design, pilots):
            yield "taylor", "raw_weights", "", _respondents_pooled(measured, pilots, comparisons)
        return
    if not one_start(design, pilots):
        yield "district_change", "main", "", _over_cohorts(measured, everyone)
        return
    confidence, weight = design.inference.confidence, people(design, everyone)
    pilot = np.arange(len(everyone)) < len(pilots)
    known = np.isfinite(changes.estimate)
    counts: dict[str, Any] = {"n": int(changes.n[known].sum()), "n_psu": int(changes.n_psu[known].sum())}
    said = district_change(changes.estimate, pilot, weight, confidence=confidence)
    yield "district_change", "main", "", replace(said, **counts)
    seed = permutations.seed_of(design.evaluation, measured.item.id)
    said = permutations.permutation(
        changes.estimate, pilot, weight, pair=pairs(everyone), seed=seed, confidence=confidence
    )
    yield "permutation", "main", "", replace(said, **counts)
    for left_out in leave_one_out(changes.estimate, pilot, weight, confidence=confidence):
        yield "district_change", "without", everyone[left_out.position].id, left_out.inference
    if (pilot & known).any() and (~pilot & known).any():
        share = np.ones(len(everyone)) if weight is None else weight
        signed = np.where(pilot, share / share[pilot & known].sum(), -share / share[~pilot & known].sum())
        did = lin.independent(take(changes, np.flatnonzero(known).tolist()), signed[known][None, :])
        said = without_sampling(intervals.difference_rows(did, confidence=confidence)[0], design)
        yield "taylor", "main", "", replace(said, n_districts=int(known.sum()))
    used = [d for d, k in zip(everyone, known, strict=True) if k]
    for estimator, variant, said in individual.inferences(measured, used, wave_weights(design, pilots[0])):
        yield estimator, variant, "", said


def _respondents_pooled(measured: Measured, pilots: list[District], comparisons: list[District]) -> Inference:
    """Respondents of an arm pooled by their raw weights, whatever their district: the coefficient of R's
    `svyglm(y ~ pilot * after)`, with its design-based variance."""
    survey, waves = measured.survey, wave_weights(measured.survey.design, pilots[0])
    place = np.full(survey.size + 1, 4)  # 4: in none of the four means
    used = set()
    for district in (*pilots, *comparisons):
        for wave, value in waves.items():
            if measured.levels.n[measured.level(district.id, wave)] > 0:
                used.add(district.id)
            place[survey.cell(district.id, wave)] = 2 * (district.arm == "pilot") + (value > 0)
    pooled = replace(survey.sample, pair_cell=place[survey.sample.pair_cell], cells=4)
    cells = lin.means(pooled, measured.values, survey.weight)
    did = lin.linear(pooled, combinations(pooled, [{3: 1.0, 2: -1.0, 1: -1.0, 0: 1.0}]), cells)
    said = intervals.difference_rows(did, confidence=survey.design.inference.confidence)[0]
    return replace(said, n_districts=len(used))


def _over_cohorts(measured: Measured, districts: list[District]) -> Inference:
    """Staggered starts: each pilot's change cleared of what moved its comparison districts over the same waves."""
    design = measured.survey.design
    data = staggered(measured, districts)
    waves = [w.id for w in design.waves]
    head = headline(design)
    if head.wave == "after":
        return group_time.overall(data)
    return group_time.aggregate(data, [(g, waves.index(head.wave)) for g in data.cohorts])


def balance(measured: Measured) -> Iterator[Estimate]:
    """Pilot less comparison districts at the last wave before the start, before the first start where there are
    several: nobody had the programme then."""
    design, item, survey = measured.survey.design, measured.item, measured.survey
    pilots, comparisons = arms(survey)
    pilots = pilots or [d for d in survey.districts if d.arm == "pilot"]
    bases = {b.id for d in pilots if (b := design.baseline(d))}
    if not bases or not comparisons:
        return
    wave = next(w.id for w in design.waves if w.id in bases)
    everyone = [*pilots, *comparisons]
    levels = take(measured.levels, [measured.level(d.id, wave) for d in everyone])
    pilot, weight = np.arange(len(everyone)) < len(pilots), people(design, everyone)
    said = district_change(levels.estimate, pilot, weight, confidence=design.inference.confidence)
    status = measured.missing_because(wave)
    key = {"district": "pooled", "wave": wave, "estimand": "balance", "estimator": "district_change"}
    yield row(item, design, Inference(status=status) if status else replace(said, n=int(levels.n.sum())), **key)
