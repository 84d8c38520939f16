"""One pilot district against K comparison districts: what can be said without any variance within the arm of one.

D_1 is the pilot's change with design variance v_1 and f_1 degrees of freedom, D_j and v_j those of the comparison
districts; where the v_j are smoothed, f_1 is that of the one mean they rest on (`smoothed_df`).
The estimate is D_1 - mean(D_j). Never here: cluster-robust variances and unrestricted wild bootstraps,
which reject a true null in 21 to 59 % of cases with one pilot district. With several pilots and one comparison district
the arms change places and D its sign.

    placebo rank         the place of |D_1 - mean of the others| among the same of all K + 1 districts, over K + 1;
                         exact if the pilot could have been any of them, never below 1 / (K + 1)
    variance components  every district's change is its own plus a shock of variance s2 plus sampling error:
                             s2   = max(0, var(D_j) - mean(v_j))
                             se^2 = s2 + v_1 + (K s2 + sum v_j) / K^2
                             df   = (K - 1) (se^2 / (var(D_j) (1 + 1/K)))^2, at least K - 1, at most max(K - 1, f_1);
                                    never above f_1 when v_1 > mean(v_j); f_1 when var(D_j) = 0
    Ferman-Pinto         with 19 comparison districts or more: their deviations e_j, rescaled to the pilot's variance

The variance components are the moment estimator of DerSimonian and Laird (1986) and Fay and Herriot (1979) with
Satterthwaite degrees of freedom; the combination is ours, and `benchmarks/simulation.py` shows its size. It assumes
that pilot and comparison districts have shocks of the same variance: with one pilot nothing can tell (simulated size
.01 to .05 at 5 %, but .09 where the pilot's shocks are twice as large). Placebo rank:
Conley and Taber (2011, Review of Economics and Statistics 93); Ferman and Pinto (2019, Review of Economics and
Statistics 101).
"""

from __future__ import annotations

from dataclasses import replace
from math import inf, nan, sqrt

import numpy as np
from scipy import special

from fewdistricts.inference.assignments import at_least
from fewdistricts.inference.permutations import permutation
from fewdistricts.inference.result import Inference
from fewdistricts.inference.sampling_error import quadratic
from fewdistricts.inference.spread import spread_of
from fewdistricts.inference.t_test import t_test

FEWEST = 3
FERMAN_PINTO_FROM = 19


def shock_variance(comparisons: np.ndarray, variances: np.ndarray, covariance: np.ndarray | None = None) -> float:
    """s2: the variance of the changes (K,) that their sampling variances (K,) do not explain; nan if K < 2.

    `covariance` (K, K): of sampling errors of districts that share sampling units.
    """
    k = len(comparisons)
    if k < 2:
        return nan
    if covariance is not None:
        explained = spread_of(covariance, np.full(k, 1 / k)) / (k - 1)
        return max(0.0, float(np.var(comparisons, ddof=1)) - explained)
    return max(0.0, float(np.var(comparisons, ddof=1) - np.mean(variances)))


def smoothed_together(covariance: np.ndarray, n: np.ndarray) -> np.ndarray:
    """Sampling covariances (G, G) of districts that share sampling units, smoothed as their variances are: the
    correlations stay."""
    variance = np.diag(covariance)
    with np.errstate(divide="ignore", invalid="ignore"):
        factor = np.sqrt(np.where(variance > 0, smoothed(variance, n) / variance, 0.0))
    return covariance * np.outer(factor, factor)


def smoothed(variance: np.ndarray, n: np.ndarray) -> np.ndarray:
    """Sampling variances (G,) by one design effect for all districts: mean(v n) / n_j.

    A variance from two PSUs a stratum is itself a guess, and one guess decides for the pilot: smoothed the size falls
    from .105 to .034 (*measured*, 1 v 6 with two PSUs). `variance` (G,), nan stays nan; `n` (G,) interviews of the
    change.
    """
    v, count = np.asarray(variance, float), np.asarray(n, float)
    known = np.isfinite(v) & (count > 0)
    if not known.any():
        return v.copy()
    with np.errstate(divide="ignore", invalid="ignore"):
        return np.where(known, float((v[known] * count[known]).mean()) / count, nan)


def smoothed_df(variance: np.ndarray, df: np.ndarray, n: np.ndarray) -> float:
    """Degrees of freedom of the smoothed variances, all of which rest on one mean of v n (Satterthwaite)."""
    v, count = np.asarray(variance, float), np.asarray(n, float)
    known = (v > 0) & (count > 0)  # without sampling error there is nothing to be uncertain of
    parts = v[known] * count[known]
    with np.errstate(divide="ignore"):
        squares = float((parts**2 / np.asarray(df, float)[known]).sum())
    return float(parts.sum()) ** 2 / squares if squares > 0 else inf


def largest_shock_ratio(
    pilot: float,
    pilot_variance: float,
    comparisons: np.ndarray,
    variances: np.ndarray,
    df: float,
    weight: np.ndarray | None = None,
    covariance: np.ndarray | None = None,
    *,
    confidence: float = 0.95,
) -> float:
    """How many times as large the pilot's shock sd may be as the others' before the interval reaches zero.

    With the pilot's shock variance r^2 s2 in place of s2, r at which |estimate| = t_df se(r); nan where the interval
    holds zero already at r = 1, infinite where the comparison districts show no shocks. One pilot district cannot show
    its own shock variance (Hagemann 2025; Alvarez, Ferman and Wüthrich 2025): the reader judges the ratio. Shapes as
    `variance_components`, `df` its degrees of freedom.
    """
    d, v, share, known = _counted(comparisons, variances, weight)
    if len(d) < FEWEST or not (np.isfinite(pilot) and np.isfinite(pilot_variance) and df >= 1):
        return nan
    covariance = _of_known(covariance, known)
    shocks = shock_variance(d, v, None if covariance is None else covariance[1:, 1:])
    bound = float(special.stdtrit(df, (1 + confidence) / 2))
    sampled = pilot_variance + float(share**2 @ v)
    if covariance is not None:
        sampled = quadratic(np.concatenate([[1.0], -share]), covariance)
    room = ((pilot - float(share @ d)) / bound) ** 2 - sampled - shocks * float(share @ share)
    if room < shocks:
        return nan
    return sqrt(room / shocks) if shocks > 0 else inf


def placebo_rank(
    pilot: float, comparisons: np.ndarray, weight: np.ndarray | None = None, *, confidence: float = 0.95
) -> Inference:
    """The pilot's place among all districts, each taken as pilot in turn.

    `comparisons` (K,), nan for a district without a change (left out); `weight` (K + 1,) populations, the pilot's
    first, or None. The interval inverts the rank: unbounded below 19 comparison districts at 95 %. Status as
    `permutation`.
    """
    change = np.concatenate([[pilot], np.asarray(comparisons, float)])
    said = permutation(change, np.arange(len(change)) == 0, weight, confidence=confidence)
    return replace(said, p_type="placebo_rank" if said.p_type else "")


def variance_components(
    pilot: float,
    pilot_variance: float,
    pilot_df: float,
    comparisons: np.ndarray,
    variances: np.ndarray,
    weight: np.ndarray | None = None,
    covariance: np.ndarray | None = None,
    *,
    confidence: float = 0.95,
) -> Inference:
    """The interval and test of the module's formula.

    `comparisons` and `variances` (K,), nan for a district without (left out); `weight` (K,) populations or None (then
    1/K above becomes the sum of squared shares). Where districts share sampling units give the `covariance`
    (K + 1, K + 1) of their sampling errors, the pilot's first: the sampling part of se^2 is c' V c, c = (1, -1/K, ...),
    and in place of mean(v_j) stands what V adds to var(D_j). Without sampling error give variances of 0 and an infinite
    `pilot_df`.
    Status: `no_data`, `too_few_districts` (K < 3), `no_df` (the pilot's change has no sampling variance or degrees of
    freedom), `no_variance`.
    """
    d, v, share, known = _counted(comparisons, variances, weight)
    k = len(d)
    if k == 0 or not np.isfinite(pilot):
        return Inference(n_districts=k + int(np.isfinite(pilot)), status="no_data")
    said = Inference(
        estimate=float(pilot - share @ d), se_type="variance_components", n_districts=k + 1, status="too_few_districts"
    )
    if k < FEWEST:
        return said
    if not (np.isfinite(pilot_variance) and pilot_df >= 1):
        return replace(said, status="no_df")
    covariance = _of_known(covariance, known)
    spread, s2 = float(np.var(d, ddof=1)), shock_variance(d, v, None if covariance is None else covariance[1:, 1:])
    variance = s2 + pilot_variance + float(share**2 @ (s2 + v))
    if covariance is not None:
        variance = s2 * (1 + float(share @ share)) + quadratic(np.concatenate([[1.0], -share]), covariance)
    se = float(np.sqrt(variance))
    if se <= 1e-12 * max(abs(pilot), float(np.abs(d).max())):
        return replace(said, se=0.0, status="no_variance")
    noisier = pilot_variance > v.mean() * (1 + 1e-9)  # smoothed variances are often all equal, but for the last digit
    df = _freedom(variance, spread * (1 + float(share @ share)), k, pilot_df, noisier)
    return t_test(said, se, df, confidence)


def _counted(
    comparisons: np.ndarray, variances: np.ndarray, weight: np.ndarray | None = None
) -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]:
    """Changes, sampling variances and shares of the districts that count, and which (K,) of the others these are."""
    d, v = np.asarray(comparisons, float), np.asarray(variances, float)
    w = np.ones(len(d)) if weight is None else np.asarray(weight, float)
    known = np.isfinite(d) & np.isfinite(v) & (w > 0)
    return d[known], v[known], w[known] / w[known].sum(), known


def _of_known(covariance: np.ndarray | None, known: np.ndarray) -> np.ndarray | None:
    """Covariances of the one district, which comes first, and of the others (K,) that count."""
    if covariance is None:
        return None
    places = np.concatenate([[0], 1 + np.flatnonzero(known)])
    return covariance[np.ix_(places, places)]


def _freedom(variance: float, from_spread: float, k: int, pilot_df: float, noisier: bool) -> float:
    if from_spread <= 1e-24 * variance:
        return pilot_df
    df = min(max(k - 1.0, (k - 1) * (variance / from_spread) ** 2), max(k - 1.0, pilot_df))
    return min(df, pilot_df) if noisier else df


def ferman_pinto(
    pilot: float,
    pilot_variance: float,
    comparisons: np.ndarray,
    variances: np.ndarray,
    covariance: np.ndarray | None = None,
    *,
    confidence: float = 0.95,
) -> Inference:
    """The pilot's difference among the comparison districts' deviations, rescaled to its own variance.

    With H = s2 I + V, V the sampling covariances of all K + 1 districts, the K reference values are the deviations
    e_j = D_j - mean(D), each times sqrt(c'H c / c_j'H c_j), c being the coefficients of the estimate and c_j those of
    e_j: where all variances are alike the root of (K + 1) / (K - 1). p = (1 + those at least as large) / (K + 1); the
    interval inverts it: estimate +- the m-th largest, m = the whole part of (1 - confidence)(K + 1). Shapes as
    `variance_components`; no weights. Status: `no_data`, `too_few_districts` (K < 19), `no_df`, `no_variance`.
    """
    d, v, _, known = _counted(comparisons, variances)
    k = len(d)
    if k == 0 or not np.isfinite(pilot):
        return Inference(n_districts=k + int(np.isfinite(pilot)), status="no_data")
    said = Inference(estimate=float(pilot - d.mean()), n_districts=k + 1, status="too_few_districts")
    if k < FERMAN_PINTO_FROM:
        return said
    if not np.isfinite(pilot_variance):
        return replace(said, status="no_df")
    errors = _of_known(covariance, known)
    if errors is None:
        s2 = shock_variance(d, v)
        of_mean = (v + s2).sum() / k**2
        of_deviations = (v + s2) * (1 - 2 / k) + of_mean
        of_estimate = pilot_variance + s2 + of_mean
    else:
        s2 = shock_variance(d, v, errors[1:, 1:])
        errors = errors + s2 * np.eye(k + 1)
        others = errors[1:, 1:]
        of_deviations = np.diag(others) - 2 * others.mean(axis=1) + others.mean()
        of_estimate = quadratic(np.concatenate([[1.0], np.full(k, -1 / k)]), errors)
    if not (of_deviations > 0).all():
        return replace(said, status="no_variance")
    size = np.abs(d - d.mean()) * np.sqrt(of_estimate / of_deviations)
    rank = int((1 - confidence) * (k + 1) + 1e-9)
    half = float(np.sort(size)[-rank]) if rank >= 1 else inf
    count = int(at_least(size, abs(said.estimate)).sum())
    return replace(
        said,
        ci_low=said.estimate - half,
        ci_high=said.estimate + half,
        p_value=(1 + count) / (k + 1),
        p_type="ferman_pinto",
        p_floor=1 / (k + 1),
        status="",
    )
