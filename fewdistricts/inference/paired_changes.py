"""Matched pairs: the t test on the differences within pairs.

A pair holds one pilot district and one or more comparison districts matched to it. With D of the pilot and the mean
(weighted by population, where districts count by it) of D over its comparisons,

    d_p = D_pilot - mean(D_comparison),   estimate = sum q_p d_p
    se^2 = s2 sum q_p^2,   s2 = sum (d_p - estimate)^2 / (P - 1),   df = P - 1,

q_p being 1/P, which is the paired t test (`scipy.stats.ttest_rel`), or the pilot's share of the pilots' population:
then s2 and its degrees of freedom are those of `spread`. Fixed effects of pairs with errors clustered by district
reject a true null far too often; clustering by pair, which this is, does not (de Chaisemartin and Ramirez-Cuellar 2024,
AEJ: Applied 16). A pair without one of its sides is left out whole.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from fewdistricts.inference.result import Inference
from fewdistricts.inference.spread import spread_about
from fewdistricts.inference.t_test import t_test


@dataclass(frozen=True)
class Pairs:
    """The differences within P pairs."""

    label: np.ndarray  # (P,)
    difference: np.ndarray  # (P,)
    share: np.ndarray  # (P,) q_p
    coefficient: np.ndarray  # (G,) of each district's change in the estimate; 0 for one that is left out


def pair_differences(
    change: np.ndarray, pilot: np.ndarray, pair: np.ndarray, weight: np.ndarray | None = None
) -> Pairs:
    """The pairs that have a change on both sides.

    `change` (G,), nan for a district without; `pilot` (G,) bool; `pair` (G,) labels; `weight` (G,) populations or None.
    """
    change, pilot, pair = np.asarray(change, float), np.asarray(pilot, bool), np.asarray(pair)
    weights = np.ones(len(change)) if weight is None else np.asarray(weight, float)
    known = np.isfinite(change) & (weights > 0)
    complete = [
        label for label in dict.fromkeys(pair.tolist())
        if (known & pilot & (pair == label)).any() and (known & ~pilot & (pair == label)).any()
    ]  # fmt: skip
    coefficient = np.zeros(len(change))
    difference, size = np.zeros(len(complete)), np.zeros(len(complete))
    for k, label in enumerate(complete):
        inside = known & (pair == label)
        here, there = inside & pilot, inside & ~pilot
        coefficient[here] = weights[here] / weights[here].sum()
        coefficient[there] = -weights[there] / weights[there].sum()
        difference[k] = coefficient[inside] @ change[inside]
        size[k] = weights[here].sum()
    share = size / size.sum() if size.any() else size
    for k, label in enumerate(complete):
        coefficient[pair == label] *= share[k]
    return Pairs(np.array(complete), difference, share, coefficient)


def paired(
    change: np.ndarray,
    pilot: np.ndarray,
    pair: np.ndarray,
    weight: np.ndarray | None = None,
    *,
    confidence: float = 0.95,
) -> Inference:
    """The paired t interval and test; shapes as `pair_differences`.

    `n_districts` counts the districts of complete pairs, `se_type` is `paired`. Status: `no_data` (no complete pair),
    `too_few_districts` (one pair), `no_variance` (pairs differ alike).
    """
    pairs = pair_differences(change, pilot, pair, weight)
    count = len(pairs.difference)
    districts = int((pairs.coefficient != 0).sum())
    if count == 0:
        return Inference(se_type="paired", n_districts=districts, status="no_data")
    estimate = float(pairs.share @ pairs.difference)
    said = Inference(estimate=estimate, se_type="paired", n_districts=districts, status="too_few_districts")
    if count == 1:
        return said
    variance, df = spread_about(pairs.difference, pairs.share)
    se = float(np.sqrt(variance * (pairs.share @ pairs.share)))
    if se <= 1e-12 * float(np.abs(pairs.difference).max()):
        return Inference(estimate=estimate, se=0.0, se_type="paired", n_districts=districts, status="no_variance")
    return t_test(said, se, df, confidence)
