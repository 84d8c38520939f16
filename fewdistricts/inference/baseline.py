"""Were the districts alike before the start, and what is left when they are compared at the same baseline?

`baseline_adjusted` is the analysis of covariance of districts: the changes D_j on 1, the arm T_j and the baseline level
B_j, weighted by population where districts count by it. With M what projects on the complement of 1 and B,

    estimate = T'MD / T'MT,

its standard error CR2 with every district a cluster of its own (HC2) and Satterthwaite degrees of freedom (`clusters`;
Imbens and Kolesar 2016, Review of Economics and Statistics 98): the classical one rejects a true null in .15 of cases
where the smaller arm has fewer interviews (*measured*, 3 v 9). With pairs the differences of the pairs' changes on 1
and the differences of their baselines. Neither the plain nor the adjusted difference is right by itself: where
arms differ at baseline for good reason, adjusting brings in regression to the mean that the plain difference does not
have; where they differ by chance it takes it out (Daw and Hatfield 2018, Health Services Research 53). So both are
shown, and where they disagree about zero the verdict is "suggestive".

With fewer than two degrees of freedom, which arms and baselines decide before any change is known, there is no
interval: nearly always with two districts in an arm or up to four pairs, seldom from three against four on. It would be
half as wide as all shares there are (*measured*: +-35 points in the median at 2 v 3 where the plain one has +-20, +-85
in one of ten), reject .004 of true nulls (2 v 10), and so "disagree" with whatever was found.

`standardised_difference` is (mean_P - mean_C) / sqrt((s_P^2 + s_C^2) / 2), s^2 the variance between respondents of an
arm; .1 is small, .25 large (Austin 2009, Statistics in Medicine 28).
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from fewdistricts.inference.clusters import cluster_robust
from fewdistricts.inference.paired_changes import pair_differences
from fewdistricts.inference.result import Inference

SE_TYPE = "ancova"
FEWEST_DF = 2.0
"""Degrees of freedom from which there is an interval."""


def baseline_adjusted(
    change: np.ndarray,
    baseline: np.ndarray,
    pilot: np.ndarray,
    weight: np.ndarray | None = None,
    *,
    pair: np.ndarray | None = None,
    confidence: float = 0.95,
) -> Inference:
    """Difference in change between districts of the same baseline level.

    Parameters
    ----------
    change, baseline : ndarray (G,)
        Changes and baseline levels of the districts; nan in either leaves a district out.
    pilot : ndarray (G,) of bool
    weight : ndarray (G,), optional
        Populations.
    pair : ndarray (G,), optional
        Labels of matched pairs: the regression is then over pairs.

    Returns
    -------
    Inference
        `se_type` is `ancova`. Status: `no_data` (an arm is empty), `too_few_districts` (fewer than two degrees of
        freedom), `not_identified` (the baseline tells the arms apart, or does not vary), `no_variance`.
    """
    change, baseline, pilot = np.asarray(change, float), np.asarray(baseline, float), np.asarray(pilot, bool)
    weights = np.ones(len(change)) if weight is None else np.asarray(weight, float)
    known = np.isfinite(change) & np.isfinite(baseline) & (weights > 0)
    if not (known & pilot).any() or not (known & ~pilot).any():
        return Inference(n_districts=int(known.sum()), se_type=SE_TYPE, status="no_data")
    if pair is None:
        x = np.column_stack([pilot, np.ones(len(pilot)), baseline])[known].astype(float)
        y, w, districts = change[known], weights[known], int(known.sum())
    else:
        apart = pair_differences(np.where(known, change, np.nan), pilot, pair, weights)
        before = pair_differences(np.where(known, baseline, np.nan), pilot, pair, weights)
        x = np.column_stack([np.ones(len(apart.label)), before.difference])
        y, w, districts = apart.difference, apart.share, int((apart.coefficient != 0).sum())
    return _coefficient(y, x, w, districts, confidence)


def _coefficient(y: np.ndarray, x: np.ndarray, weight: np.ndarray, districts: int, confidence: float) -> Inference:
    """The first coefficient of the regression, with its t interval."""
    said = Inference(n_districts=districts, se_type=SE_TYPE)
    df = len(y) - x.shape[1]
    if df < 1:
        return Inference(n_districts=districts, se_type=SE_TYPE, status="too_few_districts")
    varying = x[:, -1] - np.average(x[:, -1], weights=weight)
    flat = np.abs(varying).max() <= 1e-12 * max(1.0, float(np.abs(x[:, -1]).max()))
    if flat or np.linalg.matrix_rank(x) < x.shape[1]:
        return Inference(n_districts=districts, se_type=SE_TYPE, status="not_identified")
    inference = cluster_robust(y, x, np.arange(len(y)), 0, weight, confidence=confidence)
    alone = inference.status == "undefined"  # a district that alone decides a coefficient has no residual of its own
    if alone or inference.df < FEWEST_DF:
        return replace(said, estimate=inference.estimate, status="too_few_districts")
    return replace(inference, se_type=SE_TYPE, n_districts=districts, n=None)


def standard_deviation(variance: np.ndarray, pilot: np.ndarray, weight: np.ndarray | None = None) -> float:
    """The unit of standardised differences: sqrt((s_P^2 + s_C^2) / 2), s^2 the arm's mean variance between respondents.

    `variance` (G,) between the respondents of each district; `pilot` (G,) bool; `weight` (G,) populations or None; nan
    where an arm has none, or where nobody differs. Austin (2009), Statistics in Medicine 28.
    """
    variance, pilot = np.asarray(variance, float), np.asarray(pilot, bool)
    weights = np.ones(len(variance)) if weight is None else np.asarray(weight, float)
    known = np.isfinite(variance) & (weights > 0)
    spreads = []
    for arm in (known & pilot, known & ~pilot):
        if not arm.any():
            return float("nan")
        spreads.append(float(np.average(variance[arm], weights=weights[arm])))
    sd = float(np.sqrt(sum(spreads) / 2))
    return sd if sd > 0 else float("nan")
