"""The headline rule on arrays: which interval answers, given how districts were assigned and how many there are.

    lot             permutation within the strata or pairs as drawn, where its floor allows a rejection
    pairs           paired t on the differences of pairs                                  (`paired_changes`)
    clusters        regression of changes on the arm, CR2 and Satterthwaite by cluster     (`clusters`)
    under five      variance components over both arms, several districts in each          (`shock_components`)
    from five on    Welch's t on the changes                                              (`district_changes`)

In this order; all but the permutation are floored at the sampling error (`floor`; the components are never below it).
`by_rule` computes one of them; which one is a matter of the design alone, so that leaving out a district, or a
district without an answer, never changes the form.
"""

from __future__ import annotations

from collections.abc import Hashable, Sequence
from dataclasses import replace
from datetime import date
from math import comb, inf
from typing import Literal

import numpy as np

from fewdistricts.inference.clusters import cluster_robust
from fewdistricts.inference.district_changes import district_change
from fewdistricts.inference.floor import floored
from fewdistricts.inference.paired_changes import pair_differences, paired
from fewdistricts.inference.permutations import permutation
from fewdistricts.inference.result import Inference
from fewdistricts.inference.sampling_error import design_error
from fewdistricts.inference.shock_components import BELOW, shock_components

Rule = Literal["permutation", "paired", "clustered", "variance_components", "district_change"]
Reason = Literal["lot", "pairs", "clusters", "few_districts", "several_districts"]
FIXED_ON = date(2026, 11, 27)
"""When this rule was last changed; the report prints it."""
OF_REASON: dict[Reason, Rule] = {
    "lot": "permutation",
    "pairs": "paired",
    "clusters": "clustered",
    "few_districts": "variance_components",
    "several_districts": "district_change",
}


def reason(
    pilots: int,
    comparisons: int,
    *,
    lot_floor: float = inf,
    pairs: int = 0,
    clustered: bool = False,
    alpha: float = 0.05,
) -> Reason:
    """Why the headline is what it is, with two districts or more in each arm.

    `lot_floor` is the smallest p that the permutation can give where pilots were drawn by lot, inf where they were
    not; `pairs` the number of declared pairs; `clustered` whether districts have declared clusters.
    """
    if lot_floor <= alpha:
        return "lot"
    if pairs >= 2:
        return "pairs"
    if clustered:
        return "clusters"
    return "few_districts" if min(pilots, comparisons) < BELOW else "several_districts"


def lot_floor(pilot: Sequence[bool], stratum: Sequence[Hashable] | None = None) -> float:
    """The smallest p of a permutation within strata: 1 / C, or 2 / C where swapping the arms is another draw.

    C is the product over strata of the ways to choose as many pilots; None for one drum.
    """
    labels = [None] * len(pilot) if stratum is None else list(stratum)
    ways, swaps = 1, True
    for label in dict.fromkeys(labels):
        inside = [is_pilot for is_pilot, other in zip(pilot, labels, strict=True) if other == label]
        ways *= comb(len(inside), sum(inside))
        swaps &= 2 * sum(inside) == len(inside)
    return (2 if swaps and ways > 1 else 1) / ways


def by_rule(
    rule: Rule,
    change: np.ndarray,
    pilot: np.ndarray,
    weight: np.ndarray | None = None,
    *,
    variance: np.ndarray | None = None,
    df: np.ndarray | None = None,
    covariance: np.ndarray | None = None,
    pair: np.ndarray | None = None,
    stratum: np.ndarray | None = None,
    cluster: np.ndarray | None = None,
    seed: int = 0,
    confidence: float = 0.95,
) -> Inference:
    """The difference in mean change by one form of the rule.

    Parameters
    ----------
    rule : Rule
    change : ndarray (G,)
        Changes of the districts, nan for one without.
    pilot : ndarray (G,) of bool
    weight : ndarray (G,), optional
        Populations.
    variance, df : ndarray (G,), optional
        Sampling variances of the changes and their degrees of freedom; None for data of districts.
    covariance : ndarray (G, G), optional
        Sampling covariances where districts share sampling units; `df` then is that of these units together.
    pair, stratum, cluster : ndarray (G,), optional
        Labels: `pair` for `paired` and `permutation`, `stratum` for `permutation`, `cluster` for `clustered`.
    seed : int
        Of a permutation with too many assignments to count.
    """
    change, pilot = np.asarray(change, float), np.asarray(pilot, bool)
    districts = len(change)
    variance = np.zeros(districts) if variance is None else np.where(np.isfinite(change), variance, 0.0)
    df = np.full(districts, inf) if df is None else np.asarray(df, float)
    if rule == "permutation":
        return permutation(change, pilot, weight, pair=pair, stratum=stratum, seed=seed, confidence=confidence)
    if rule == "variance_components":
        components = shock_components(change, variance, df, pilot, weight, covariance, confidence=confidence)
        return components.inference
    if rule == "paired":
        if pair is None:
            raise ValueError("paired without pairs")
        pairs = pair_differences(change, pilot, pair, weight)
        inference = paired(change, pilot, pair, weight, confidence=confidence)
        sampling, sampling_df = design_error(pairs.coefficient, variance, df, covariance)
        return floored(
            inference, sampling, fewest_df=len(pairs.label) - 1.0, sampling_df=sampling_df, confidence=confidence
        )
    share = shares(change, pilot, weight)
    sampling, sampling_df = design_error(np.where(pilot, share, -share), variance, df, covariance)
    if rule == "clustered":
        if cluster is None:
            raise ValueError("clustered without clusters")
        return _clustered(change, pilot, share, np.asarray(cluster), (sampling, sampling_df), confidence)
    inference = district_change(change, pilot, weight, form="welch", confidence=confidence)
    fewest = float(np.isfinite(change).sum() - 2)
    return floored(inference, sampling, fewest_df=fewest, sampling_df=sampling_df, confidence=confidence)


def shares(change: np.ndarray, pilot: np.ndarray, weight: np.ndarray | None) -> np.ndarray:
    """Each district's share of its arm (G,), 0 for one without a change."""
    weights = np.ones(len(change)) if weight is None else np.asarray(weight, float)
    known = np.isfinite(change) & (weights > 0)
    out = np.zeros(len(change))
    for arm in (known & pilot, known & ~pilot):
        if arm.any():
            out[arm] = weights[arm] / weights[arm].sum()
    return out


def _clustered(
    change: np.ndarray,
    pilot: np.ndarray,
    share: np.ndarray,
    cluster: np.ndarray,
    sampling: tuple[float, float],
    confidence: float,
) -> Inference:
    """CR2 by cluster of the changes on the arm; a cluster may hold districts of both arms."""
    known = share > 0
    districts = int(known.sum())
    if not (known & pilot).any() or not (known & ~pilot).any():
        return Inference(n_districts=districts, status="no_data")
    x = np.column_stack([np.ones(districts), pilot[known]])
    inference = cluster_robust(change[known], x.astype(float), cluster[known], 1, share[known], confidence=confidence)
    counted = replace(inference, n_districts=districts, n=None)
    clusters = len(np.unique(cluster[known]))
    if inference.status and clusters < 3:
        return replace(counted, status="too_few_districts")
    return floored(counted, sampling[0], fewest_df=clusters - 2.0, sampling_df=sampling[1], confidence=confidence)
