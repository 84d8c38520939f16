"""How districts are weighted within their arm, and estimates of districts as arrays."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import fields, replace
from math import isnan, nan

import numpy as np

from fewdistricts.design import Design, District
from fewdistricts.inference.group_time import Sampled
from fewdistricts.inference.linearization import Linear, combined
from fewdistricts.inference.result import Inference

NUMBERS = [field.name for field in fields(Linear) if field.name != "shared"]
"""What a `Linear` holds of each estimate."""


def arm_weights(design: Design, districts: Sequence[District]) -> np.ndarray:
    """Weights of districts within their arm, summing to 1: equal, within pairs, or the population declared."""
    weight = people(design, districts)
    if weight is None:
        return np.full(len(districts), 1 / len(districts))
    return weight / weight.sum()


def people(design: Design, districts: Sequence[District]) -> np.ndarray | None:
    """Populations of districts, or None where districts count equally.

    Both sides of a pair count alike, or the difference of the arms' means would not be that of the pairs: by the
    population of its pilot district, which several comparison districts divide as theirs is divided; where pairs count
    equally, they share the weight of one.
    """
    if design.inference.districts == "population":
        return np.array([_population(design, d) for d in districts], float)
    if not paired(design) or len(design.comparisons) == len(design.pilots):
        return None
    held = Counter(d.pair for d in design.comparisons)
    return np.array([1 / held[d.pair] if d.arm == "comparison" else 1.0 for d in districts])


def _population(design: Design, district: District) -> float | None:
    if district.arm != "comparison" or not paired(design):
        return district.population
    beside = sum(d.population or nan for d in design.comparisons if d.pair == district.pair)
    pilot = next(d.population for d in design.pilots if d.pair == district.pair)
    return (pilot or nan) * (district.population or nan) / beside


def counting(design: Design, districts: Sequence[District]) -> list[float]:
    """What districts count in a regression over districts: one, a part of their pair, or their population."""
    weight = people(design, districts)
    if weight is None:
        return [1.0] * len(districts)
    return [float(each) for each in np.where(np.isfinite(weight), weight, 1.0)]


def paired(design: Design) -> bool:
    """Whether all pilot and comparison districts stand in two pairs or more."""
    return len(design.pilots) > 1 and all(d.pair for d in (*design.pilots, *design.comparisons))


def pairs(districts: list[District]) -> np.ndarray | None:
    """Labels of matched pairs, or None unless every district has one."""
    return np.array([d.pair for d in districts]) if all(d.pair for d in districts) else None


def drawn_pairs(design: Design, districts: list[District]) -> np.ndarray | None:
    """Labels of pairs that a permutation stays within: the declared ones, unless lots were drawn in another way."""
    assignment = design.intervention.assignment
    if assignment.by == "lot" and assignment.within != "pair":
        return None
    return pairs(districts)


def strata(design: Design, districts: list[District]) -> np.ndarray | None:
    """Labels of the blocks within which lots were drawn, or None where they were not."""
    assignment = design.intervention.assignment
    if assignment.by != "lot" or assignment.within != "block":
        return None
    return np.array([d.block for d in districts])


def in_whole_pairs(design: Design, districts: Sequence[District]) -> list[District]:
    """Those with somebody on the other side of their pair, where the answer compares within two pairs or more; else
    all."""
    everyone = list(districts)
    if not paired(design) or drawn_pairs(design, everyone) is None:
        return everyone
    pilots, comparisons = ({d.pair for d in everyone if d.arm == arm} for arm in ("pilot", "comparison"))
    whole = pilots & comparisons
    return [d for d in everyone if d.pair in whole] if len(whole) > 1 else everyone


def provinces(districts: list[District]) -> np.ndarray | None:
    """Labels of clusters of districts, or None unless every district has one."""
    return np.array([d.cluster for d in districts]) if all(d.cluster for d in districts) else None


def take(linear: Linear, chosen: Sequence[int]) -> Linear:
    """Some of the estimates, in the order asked for."""
    places = np.asarray(chosen, dtype=int)
    numbers = {name: getattr(linear, name)[places] for name in NUMBERS}
    return replace(linear, shared=linear.shared and linear.shared.take(chosen), **numbers)


def joined(first: Linear, second: Linear) -> Linear:
    """The estimates of one and of another, both of one sample where districts share sampling units."""
    numbers = {name: np.concatenate([getattr(first, name), getattr(second, name)]) for name in NUMBERS}
    shared = first.shared.joined(second.shared) if first.shared and second.shared else None
    return Linear(shared=shared, **numbers)


def sampled(linear: Linear) -> Sampled:
    """The sampling variances of estimates of districts, their degrees of freedom, and covariances where districts
    share sampling units: the degrees of freedom then are those of the units together."""
    if linear.shared is None:
        return linear.variance, linear.df, None
    known = np.isfinite(linear.estimate)
    together = combined(linear, known.astype(float)[None, :])
    return linear.variance, np.full(len(known), together.df[0]), linear.covariance


def without_sampling(inference: Inference, design: Design) -> Inference:
    """District-level data have no sampling error: the estimate stands alone."""
    if design.data.level != "district":
        return inference
    status = "no_data" if isnan(inference.estimate) else ""
    return Inference(estimate=inference.estimate, n_districts=inference.n_districts, status=status)
