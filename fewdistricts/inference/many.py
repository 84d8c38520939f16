"""The rules over districts on thousands of data sets at once, for simulation: the same numbers, array by array.

Each function is the estimator of the module that its docstring names, with one more axis in front: N data sets of G
districts. Nothing may be missing, every variance is known. A test holds each against its module, data set by data set.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from math import comb, prod

import numpy as np
from scipy import special

from fewdistricts.inference.assignments import assignments, at_least
from fewdistricts.inference.baseline import FEWEST_DF
from fewdistricts.inference.clusters import cluster_robust
from fewdistricts.inference.floor import governing_df
from fewdistricts.inference.group_time import LinearForm
from fewdistricts.inference.paired_changes import pair_differences
from fewdistricts.inference.shock_components import components_df
from fewdistricts.inference.spread import spread_form, spread_over_arms

AT_ONCE = 32
"""Data sets permuted at a time: their statistics over a thousand assignments fit the processor's cache."""


@dataclass(frozen=True)
class Tests:
    """t statistics of N data sets."""

    estimate: np.ndarray  # (N,)
    se: np.ndarray  # (N,)
    df: np.ndarray  # (N,)

    def p(self, planted: float = 0.0) -> np.ndarray:
        """Two-sided p (N,) of the hypothesis that the difference is `planted`."""
        with np.errstate(divide="ignore", invalid="ignore"):
            return 2 * special.stdtr(self.df, -np.abs(self.estimate - planted) / self.se)

    def floored(self, sampling: np.ndarray, sampling_df: np.ndarray | None = None) -> Tests:
        """`floor.floored`: never below the sampling error (N,), which brings its degrees of freedom."""
        df = self.df
        if sampling_df is not None:
            governed = governing_df(df, sampling / np.maximum(self.se, 1e-300), sampling_df)
            df = np.where(self.se < sampling, governed, df)
        return Tests(self.estimate, np.maximum(self.se, sampling), df)


def shares(pilot: np.ndarray, weight: np.ndarray | None = None) -> np.ndarray:
    """Share of each district in its arm (G,)."""
    w = np.ones(len(pilot)) if weight is None else np.asarray(weight, float)
    return np.where(pilot, w / w[pilot].sum(), w / w[~pilot].sum())


def sampling(
    change: np.ndarray, variance: np.ndarray, df: np.ndarray, pilot: np.ndarray, weight: np.ndarray | None = None
) -> Tests:
    """Sampling error only, with Satterthwaite's degrees of freedom (`sampling_error`)."""
    share = shares(pilot, weight)
    parts = share**2 * variance
    total = parts.sum(axis=1)
    with np.errstate(divide="ignore", invalid="ignore"):
        degrees = np.where(total > 0, total**2 / (parts**2 / df).sum(axis=1), np.inf)
    return Tests(change @ np.where(pilot, share, -share), np.sqrt(total), degrees)


def design_error(
    change: np.ndarray, variance: np.ndarray, df: np.ndarray, pilot: np.ndarray, weight: np.ndarray | None = None
) -> Tests:
    """Sampling error only of several districts in both arms, with the survey's degrees of freedom."""
    error = sampling(change, variance, df, pilot, weight)
    return Tests(error.estimate, error.se, np.where(variance > 0, df, 0.0).sum(axis=1))


def _arms(
    change: np.ndarray, pilot: np.ndarray, weight: np.ndarray | None
) -> list[tuple[np.ndarray, np.ndarray, float, float]]:
    """Of each arm: mean (N,), variance of a district (N,), its degrees of freedom, sum of squared shares."""
    share = shares(pilot, weight)
    arms = []
    for arm in (pilot, ~pilot):
        p, d = share[arm], change[:, arm]
        form, df = spread_form(p)
        arms.append((d @ p, ((d @ form) * d).sum(axis=1), df, float(p @ p)))
    return arms


def welch(change: np.ndarray, pilot: np.ndarray, weight: np.ndarray | None = None) -> Tests:
    """`district_changes` by Welch's form."""
    (mean, one, df, share), (other, another, free, shared) = _arms(change, pilot, weight)
    a, b = one * share, another * shared
    return Tests(mean - other, np.sqrt(a + b), (a + b) ** 2 / (a**2 / df + b**2 / free))


def pooled(change: np.ndarray, pilot: np.ndarray, weight: np.ndarray | None = None) -> Tests:
    """`district_changes` by the pooled form."""
    (mean, one, df, share), (other, another, free, shared) = _arms(change, pilot, weight)
    variance = (one * df + another * free) / (df + free) * (share + shared)
    return Tests(mean - other, np.sqrt(variance), np.full(len(change), df + free))


def components(
    change: np.ndarray, variance: np.ndarray, df: np.ndarray, pilot: np.ndarray, weight: np.ndarray | None = None
) -> Tests:
    """`shock_components`: several districts in both arms."""
    share = shares(pilot, weight)
    together = float(share @ share)
    form, fewest = spread_over_arms(share, pilot)
    mean_square = ((change @ form) * change).sum(axis=1)
    error = sampling(change, variance, df, pilot, weight)
    shocks = np.maximum(0.0, mean_square - variance @ np.diag(form))
    total = shocks * together + error.se**2
    degrees = components_df(fewest, total, mean_square * together, shocks, error.df)
    return Tests(error.estimate, np.sqrt(total), degrees)


def one_district(change: np.ndarray, variance: np.ndarray, df: np.ndarray, weight: np.ndarray | None = None) -> Tests:
    """`one_district.variance_components`; the one is the first, `variance` (N, G) smoothed, `df` (N,) the one's.

    `weight` (G - 1,) are populations of the others. With two others it is the same formula, which the package does not
    offer.
    """
    others, v = change[:, 1:], variance[:, 1:]
    k = others.shape[1]
    share = np.full(k, 1 / k) if weight is None else weight / weight.sum()
    together = float(share @ share)
    spread = others.var(axis=1, ddof=1)
    shocks = np.maximum(0.0, spread - v.mean(axis=1))
    total = shocks + variance[:, 0] + shocks * together + v @ share**2
    with np.errstate(divide="ignore"):
        degrees = np.maximum(k - 1.0, (k - 1) * (total / (spread * (1 + together))) ** 2)
    degrees = np.minimum(degrees, np.maximum(k - 1.0, df))
    noisier = variance[:, 0] > v.mean(axis=1) * (1 + 1e-9)
    degrees = np.where(noisier, np.minimum(degrees, df), degrees)
    return Tests(change[:, 0] - others @ share, np.sqrt(total), degrees)


def smoothed(variance: np.ndarray, n: np.ndarray) -> np.ndarray:
    """`one_district.smoothed`."""
    return (variance * n).mean(axis=1)[:, None] / n


def smoothed_df(variance: np.ndarray, df: np.ndarray, n: np.ndarray) -> np.ndarray:
    """`one_district.smoothed_df` (N,)."""
    parts = variance * n
    with np.errstate(divide="ignore", invalid="ignore"):
        squares = np.where(parts > 0, parts**2 / df, 0.0).sum(axis=1)
        return np.where(squares > 0, parts.sum(axis=1) ** 2 / squares, np.inf)


def placebo_p(change: np.ndarray, planted: float = 0.0) -> np.ndarray:
    """`one_district.placebo_rank`: p (N,) of a planted value; the one is the first."""
    d = change.copy()
    d[:, 0] -= planted
    g = d.shape[1]
    apart = np.abs(d - (d.sum(axis=1, keepdims=True) - d) / (g - 1))
    return at_least(apart, apart[:, :1]).mean(axis=1)


def ferman_pinto_p(change: np.ndarray, variance: np.ndarray, planted: float = 0.0) -> np.ndarray:
    """`one_district.ferman_pinto`: p (N,) of a planted value."""
    others, v = change[:, 1:], variance[:, 1:]
    k = others.shape[1]
    mean = others.mean(axis=1, keepdims=True)
    shocks = np.maximum(0.0, others.var(axis=1, ddof=1) - v.mean(axis=1))[:, None]
    of_mean = (shocks + v.mean(axis=1, keepdims=True)) / k
    scale = np.sqrt((shocks + variance[:, :1] + of_mean) / ((shocks + v) * (1 - 2 / k) + of_mean))
    estimate = np.abs(change[:, :1] - mean - planted)
    return (1 + at_least(np.abs(others - mean) * scale, estimate).sum(axis=1)) / (k + 1)


def paired(change: np.ndarray, pilot: np.ndarray, pair: np.ndarray, weight: np.ndarray | None = None) -> Tests:
    """`paired_changes`; `weight` (G,) populations, or the shares of several comparison districts of a pair."""
    pairs = pair_differences(np.zeros(len(pilot)), pilot, pair, weight)
    inside = pairs.label[:, None] == pair  # (P, G)
    apart = change @ np.where(inside, pairs.coefficient / pairs.share[:, None], 0.0).T
    together = float(pairs.share @ pairs.share)
    estimate = apart @ pairs.share
    form, df = spread_form(pairs.share)
    variance = ((apart @ form) * apart).sum(axis=1)
    return Tests(estimate, np.sqrt(np.maximum(variance, 0.0) * together), np.full(len(change), df))


def clustered(change: np.ndarray, pilot: np.ndarray, cluster: np.ndarray, weight: np.ndarray | None = None) -> Tests:
    """CR2 by cluster of the changes on the arm (`rules`)."""
    x = np.column_stack([np.ones(len(pilot)), pilot]).astype(float)
    share = shares(pilot, weight)

    def of(y: np.ndarray) -> tuple[float, float]:
        said = cluster_robust(y, x, cluster, 1, share)
        return said.se, said.df

    return by_form(change, pilot, of, weight)


def by_district(change: np.ndarray, pilot: np.ndarray, weight: np.ndarray) -> Tests:
    """CR2 with every district a cluster (`rules`, `clustered`), in closed form; a weight of 0 leaves a district out."""
    difference, variance, trace, squares = np.zeros(len(change)), np.zeros(len(change)), 0.0, 0.0
    for sign, arm in ((1.0, pilot & (weight > 0)), (-1.0, ~pilot & (weight > 0))):
        share = weight[arm] / weight[arm].sum()
        mean = change[:, arm] @ share
        centred = np.eye(len(share)) - share  # residuals of the arm's changes
        adjusted = share / np.sqrt((centred**2).sum(axis=1))
        difference += sign * mean
        variance += ((change[:, arm] - mean[:, None]) ** 2) @ adjusted**2
        products = (adjusted[:, None] * centred) @ (adjusted[:, None] * centred).T
        trace, squares = trace + np.trace(products), squares + (products**2).sum()
    return Tests(difference, np.sqrt(variance), np.full(len(change), trace**2 / squares))


def by_starts(level: np.ndarray, variance: np.ndarray, df: np.ndarray, form: LinearForm) -> Tests:
    """`group_time.headline`: levels and their sampling variances (N, G, T), degrees of freedom of these (G, T)."""
    error = sampling_of_starts(level, variance, df, form)
    if form.number is not None and form.pilot is not None and form.weight is not None:
        said = by_district(_of_levels(level, form.number), form.pilot, form.weight)
        return Tests(error.estimate, said.se, said.df).floored(error.se, error.df)
    assert form.own is not None and form.other is not None  # a form is one or the other
    own, other = _of_levels(level, form.own), _of_levels(level, form.other)
    parts = np.stack([(own**2).sum(axis=1), (other**2).sum(axis=1)], axis=1)
    freedom = parts.sum(axis=1) ** 2 / (parts**2 / form.freedom).sum(axis=1)
    said = Tests(error.estimate, np.sqrt(((own + other) ** 2).sum(axis=1)), freedom)
    return said.floored(error.se, error.df)


def sampling_of_starts(level: np.ndarray, variance: np.ndarray, df: np.ndarray, form: LinearForm) -> Tests:
    """Sampling error only of the same answer, with the degrees of freedom of all levels in it."""
    se = np.sqrt(np.einsum("ngt,gt->n", variance, form.estimate**2))
    counted = np.where((form.estimate != 0) & (variance > 0), df, 0.0).sum(axis=(1, 2))
    return Tests(np.einsum("ngt,gt->n", level, form.estimate), se, counted)


def _of_levels(level: np.ndarray, linear: np.ndarray) -> np.ndarray:
    """Numbers of districts (N, G) from levels (N, G, T) by forms of them (G, G, T)."""
    return level.reshape(len(level), -1) @ linear.reshape(len(linear), -1).T


def by_form(
    change: np.ndarray,
    pilot: np.ndarray,
    of: Callable[[np.ndarray], tuple[float, float]],
    weight: np.ndarray | None = None,
) -> Tests:
    """Tests whose variance is the same quadratic form of the changes in every data set.

    `of` gives the standard error and degrees of freedom of one data set (G,); asked often enough it gives the form.
    """
    g = change.shape[1]
    rng = np.random.default_rng(1)
    asked = rng.normal(size=(g * (g + 1) // 2 + 10, g))
    upper = np.triu_indices(g)
    products = np.array([np.outer(d, d)[upper] for d in asked])
    said = np.array([of(d) for d in asked])
    form, *_ = np.linalg.lstsq(products, said[:, 0] ** 2, rcond=None)
    squares = (change[:, upper[0]] * change[:, upper[1]]) @ form
    share = shares(pilot, weight)
    estimate = change @ np.where(pilot, share, -share)
    return Tests(estimate, np.sqrt(np.maximum(squares, 0.0)), np.full(len(change), said[:, 1].mean()))


def baseline_adjusted(change: np.ndarray, baseline: np.ndarray, pilot: np.ndarray) -> Tests:
    """`baseline`: the arm's coefficient given the baseline level, CR2 by district with Satterthwaite's df."""
    x = np.stack([np.broadcast_to(pilot.astype(float), change.shape), np.ones(change.shape), baseline], axis=2)
    return _cr2(change, x)


def baseline_adjusted_of_pairs(change: np.ndarray, baseline: np.ndarray, pilot: np.ndarray, pair: np.ndarray) -> Tests:
    """The same on the differences of pairs."""
    sign = np.where(pilot, 1.0, -1.0)
    labels = np.unique(pair)
    columns = [
        np.column_stack([values[:, pair == label] @ sign[pair == label] for label in labels])
        for values in (change, baseline)
    ]
    return _cr2(columns[0], np.stack([np.ones(columns[0].shape), columns[1]], axis=2))


def _cr2(y: np.ndarray, x: np.ndarray) -> Tests:
    """First coefficient of y (N, G) on x (N, G, k) with every district a cluster (HC2); se is inf without interval."""
    inverse = np.linalg.inv(np.einsum("ngk,ngl->nkl", x, x))
    leads = np.einsum("nkl,ngl->ngk", inverse, x)
    leverage = np.einsum("ngk,ngk->ng", x, leads)
    residual = y - np.einsum("ngk,nk->ng", x, np.einsum("ngk,ng->nk", leads, y))
    coefficient = leads[:, :, 0]
    adjusted = coefficient**2 / np.maximum(1 - leverage, 1e-12)
    # PP' of the residual maker M = I - H, which is its own square: p_i p_j M_ij
    trace = (adjusted * (1 - leverage)).sum(axis=1)
    squares = (adjusted**2 * (1 - 2 * leverage)).sum(axis=1)
    rows = np.einsum("ng,ngk,ngl->nkl", adjusted, x, x)
    columns = np.einsum("ng,ngk,ngl->nkl", adjusted, leads, leads)
    squares += (rows * columns).sum(axis=(1, 2))
    se = np.sqrt((adjusted * residual**2).sum(axis=1))
    df = trace**2 / np.maximum(squares, 1e-300)
    return Tests((coefficient * y).sum(axis=1), np.where(df < FEWEST_DF, np.inf, se), df)


def assigned(pilot: np.ndarray, within: np.ndarray | None = None, *, most: int = 5_000, seed: int = 0) -> np.ndarray:
    """Assignments (C, G) with as many pilots, in every pair or stratum; drawn where there are more than `most`.

    Drawn ones begin with the actual one, so that p is never 0.
    """
    code = np.zeros(len(pilot), int) if within is None else np.unique(within, return_inverse=True)[1]
    ways = prod(comb(int((code == k).sum()), int(pilot[code == k].sum())) for k in range(code.max() + 1))
    if ways <= most:
        return assignments(pilot, code).pilot
    rng = np.random.default_rng(seed)
    drawn = np.tile(pilot, (most, 1))
    for k in range(code.max() + 1):
        inside = code == k
        drawn[1:, inside] = rng.permuted(drawn[1:, inside], axis=1)
    return drawn


def permutation_p(
    change: np.ndarray,
    pilot: np.ndarray,
    every: np.ndarray,
    planted: float = 0.0,
    *,
    weight: np.ndarray | None = None,
    pair: np.ndarray | None = None,
    stratum: np.ndarray | None = None,
) -> np.ndarray:
    """`permutations`: p (N,) of a planted value over the assignments `every` (C, G).

    Welch's |t|; by population the same with weights in place; within pairs the difference; within strata the
    coefficient given the strata, by population the difference.
    """
    ones = np.ones(len(pilot))

    def size(d: np.ndarray, which: np.ndarray) -> np.ndarray:
        if pair is not None or (stratum is not None and weight is not None):
            return _difference(d, which, ones if weight is None else weight)
        if stratum is not None:
            return _given_strata(d, which, stratum)
        return _size(d, which) if weight is None else _size_in_place(d, which, weight, pilot)

    p = np.empty(len(change))
    for first in range(0, len(change), AT_ONCE):
        d = change[first : first + AT_ONCE] - planted * pilot
        p[first : first + AT_ONCE] = at_least(size(d, every), size(d, pilot[None, :])).mean(axis=1)
    return p


def _size(d: np.ndarray, which: np.ndarray) -> np.ndarray:
    """|t| of Welch (N, C); with as many districts in either arm the difference, with which it rises."""
    arm = which.astype(float).T
    j, k = arm[:, 0].sum(), len(arm) - arm[:, 0].sum()
    inside = d @ arm
    outside = d.sum(axis=1, keepdims=True) - inside
    apart = inside / j - outside / k
    if j == k:
        # what is not between the arms is within them: t^2 is apart^2 over a constant less apart^2
        return np.abs(apart)
    squares = d**2 @ arm
    others = (d**2).sum(axis=1, keepdims=True) - squares
    variance = (squares - inside**2 / j) / (j - 1) / j + (others - outside**2 / k) / (k - 1) / k
    with np.errstate(divide="ignore", invalid="ignore"):
        return np.abs(apart) / np.sqrt(np.maximum(variance, 0.0))


def _difference(d: np.ndarray, which: np.ndarray, weight: np.ndarray) -> np.ndarray:
    """|difference of the arms' weighted means| (N, C)."""
    arm = which.astype(float).T
    inside, held = (d * weight) @ arm, weight @ arm
    return np.abs(inside / held - ((d @ weight)[:, None] - inside) / (weight.sum() - held))


def _given_strata(d: np.ndarray, which: np.ndarray, stratum: np.ndarray) -> np.ndarray:
    """|coefficient of the arm given the strata| (N, C)."""
    arm = which.astype(float).T
    dummies = (stratum[:, None] == np.unique(stratum)).astype(float)
    apart = arm - dummies @ ((dummies.T @ arm) / dummies.sum(axis=0)[:, None])
    return np.abs(d @ apart) / (apart * arm).sum(axis=0)


def _size_in_place(d: np.ndarray, which: np.ndarray, weight: np.ndarray, pilot: np.ndarray) -> np.ndarray:
    """|t| (N, C) of districts that change places while the weights stay (`in_place`)."""
    by_size = np.argsort(weight, kind="stable")
    among = which[:, by_size]
    apart, variance = np.zeros((len(d), len(which))), np.zeros((len(d), len(which)))
    for sign, arm, chosen in ((1.0, pilot, among), (-1.0, ~pilot, ~among)):
        count = int(arm.sum())
        share = np.sort(weight[arm]) / weight[arm].sum()
        places = by_size[np.nonzero(chosen)[1]].reshape(-1, count)
        values = d[:, places]
        mean = values @ share
        together = float(share @ share)
        apart += sign * mean
        squares = ((values - mean[:, :, None]) ** 2).sum(axis=2)
        variance += together / (count - 2 + count * together) * squares
    return np.abs(apart) / np.sqrt(variance)
