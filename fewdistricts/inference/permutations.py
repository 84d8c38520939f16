"""Exact permutation over districts: how often would another choice of pilot districts show as large a difference?

Every assignment with the same number of pilot districts counts once (924 for six of twelve); where they were drawn
within strata, every one with the same number in each stratum; or every swap within declared pairs (2^pairs). With more
than 200,000 assignments, 99,999 are drawn from a seed (9,999 above 100 districts).

    p = share of assignments with |t*| >= |t|;  (1 + count) / (1 + draws) where they are drawn

The observed assignment is one of them, so p is never below its floor (1/C, and 2/C where swapping the arms gives
another assignment of the set). Statistics of the district changes D_j:

    welch        both arms of two or more: difference in means over its Welch standard error, as
                 `district_change` with form "welch" (Chung and Romano 2013, Annals of Statistics 41: with it the
                 test stays valid for means when the variances of the arms differ, as the districts grow many)
    difference   an arm of one, and pairs, where it is equivalent to the paired t (the squares of the pair
                 differences are the same under every swap)
    weighted     populations stay with the arms while the districts move (`in_place`)
    adjusted     with district covariates Z (the dummies of strata among them): the coefficient of the arm T given 1
                 and Z, by Frisch-Waugh-Lovell T'b / (T'MT), M = I - [1 Z]([1 Z]'[1 Z])^-1 [1 Z]', b = MD.
                 Assignments collinear with Z (T'MT = 0) say nothing and count as at least as large

Ties count with the tolerance `at_least`, because equal statistics differ in their last digits. The interval inverts
the test: c belongs to it if the changes less c in the pilot districts are not rejected (p > 1 - confidence).
Where 1 - confidence is below the floor it is unbounded. The values not rejected form an interval with `difference`;
with `welch` they had no hole in 300 draws each of 3 v 9, 4 v 4, 5 v 8 and 6 v 6, and one in 5 % of draws of 2 v 10:
then the ends are two of the boundaries. Sources: Fisher (1935); Young (2019, QJE 134); Hess (2017, Stata Journal 17).
Pilots that were not drawn by lot make it a comparison, not a design-based test.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from math import inf, nan
from typing import Literal

import numpy as np

from fewdistricts.inference.assignments import Assignments, assignments, at_least, seed_of
from fewdistricts.inference.in_place import coefficients as in_place_coefficients
from fewdistricts.inference.paired_changes import pair_differences
from fewdistricts.inference.result import Inference

__all__ = ["Inversion", "Path", "permutation", "permutation_test", "seed_of"]


FAR = 1e6
"""Times the spread of the changes: as good as infinity, and near enough to tell a tie from a difference."""


@dataclass(frozen=True)
class Path:
    """The statistic of each assignment after c is taken from the observed pilots' changes.

    (top[0] - c top[1]) / sqrt(bottom[0] + c bottom[1] + c^2 bottom[2]); shapes (2, C) and (3, C).
    """

    top: np.ndarray
    bottom: np.ndarray

    def value(self, c: float = 0.0) -> np.ndarray:
        """The statistic (C,) at c; infinite where only the denominator is zero."""
        top = self.top[0] - c * self.top[1]
        bottom = self.bottom[0] + c * self.bottom[1] + c * c * self.bottom[2]
        tiny = 1e-14 * (np.abs(self.bottom[0]).max() + c * c)
        zero = bottom <= tiny
        if not zero.any():
            return top / np.sqrt(bottom)
        out = top / np.sqrt(np.where(zero, 1.0, bottom))
        out[zero] = np.where(top[zero] ** 2 <= tiny, 0.0, np.copysign(inf, top[zero]))
        return out

    def size(self, c: float = 0.0) -> np.ndarray:
        """|statistic| (C,) at c."""
        return np.abs(self.value(c))


def welch_path(every: Assignments, change: np.ndarray, weight: np.ndarray, pilot: np.ndarray) -> Path:
    """Weighted Welch t of every assignment of `change` (G,), formulas of `district_change`."""
    d, p = change - np.average(change, weights=weight), pilot.astype(float)
    w = weight / weight.sum()
    values = np.column_stack([np.ones_like(d), w, w * w, w * d, w * p, d, p, d * d, d * p])
    inside = every.sums(values)
    top, bottom = np.zeros((2, len(inside))), np.zeros((3, len(inside)))
    for sign, sums in ((1.0, inside), (-1.0, values.sum(axis=0) - inside)):
        j, w1, w2, wd, wp, d1, p1, dd, dp = sums.T
        m, q, shares = wd / w1, wp / w1, w2 / w1**2
        factor = shares / (j - 2 + j * shares)
        top += sign * np.array([m, q])
        # squares of the deviations of D - c P from their arm's mean m - c q, in powers of c (P^2 = P)
        bottom += factor * np.array(
            [dd - 2 * m * d1 + j * m * m, -2 * (dp - m * p1 - q * d1 + j * m * q), p1 - 2 * q * p1 + j * q * q]
        )
    flat = np.abs(bottom[2]) < 1e-12
    bottom[1:, flat] = 0.0
    return Path(top, bottom)


def linear_path(every: Assignments, change: np.ndarray, weight: np.ndarray, pilot: np.ndarray) -> Path:
    """Weighted difference in means of every assignment."""
    w = weight / weight.sum()
    values = np.column_stack([w, w * change, w * pilot])
    inside = every.sums(values)
    outside = values.sum(axis=0) - inside
    return _coefficients(*(inside[:, [1, 2]] / inside[:, [0]] - outside[:, [1, 2]] / outside[:, [0]]).T)


def adjusted_path(every: Assignments, change: np.ndarray, covariates: np.ndarray, pilot: np.ndarray) -> Path:
    """Coefficient of the arm given 1 and `covariates` (G, q), unweighted."""
    basis = np.linalg.qr(np.column_stack([np.ones(len(change)), covariates]))[0]
    maker = np.eye(len(change)) - basis @ basis.T
    sums = every.sums(np.column_stack([maker @ change, maker @ pilot, maker]))
    own = (sums[:, 2:] * every.pilot).sum(axis=1)
    with np.errstate(divide="ignore", invalid="ignore"):
        top, slope = (np.where(own > 1e-9, sums[:, k] / own, fill) for k, fill in ((0, inf), (1, 0.0)))
    return _coefficients(top, slope)


def _coefficients(top: np.ndarray, slope: np.ndarray) -> Path:
    one, none = np.ones_like(top), np.zeros_like(top)
    return Path(np.array([top, slope]), np.array([one, none, none]))


@dataclass(frozen=True)
class Inversion:
    """A test as a function of the planted c: p(c) from the paths of every and of the observed assignment."""

    every: Assignments
    path: Path
    observed: Path
    scale: float
    """Size of the changes: the first step outwards in search of an interval's ends."""

    def p_value(self, c: float = 0.0) -> float:
        """p of the hypothesis that the change is c."""
        return float(self.every.share(at_least(self.path.size(c), self.observed.size(c)).sum()))

    def interval(self, estimate: float, alpha: float) -> tuple[float, float]:
        """All c around `estimate` with p(c) > alpha, to 1e-12 of `scale`; infinite where no c is rejected."""
        return self._end(estimate, -self.scale, alpha), self._end(estimate, self.scale, alpha)

    def inference(self, known: Inference, confidence: float) -> Inference:
        """The estimate with the p-value of no difference and the inverted interval."""
        low, high = self.interval(known.estimate, 1 - confidence)
        return replace(known, p_value=self.p_value(), ci_low=low, ci_high=high)

    def _end(self, inside: float, step: float, alpha: float) -> float:
        if self.p_value(inside + FAR * step) > alpha:
            return inf if step > 0 else -inf
        outside, precision = inside + step, 1e-12 * abs(step)
        while self.p_value(outside) > alpha:
            inside, step = outside, 2 * step
            outside = inside + step
        while abs(outside - inside) > max(precision, 4e-16 * abs(inside)):
            middle = (inside + outside) / 2
            if middle in (inside, outside):
                break
            inside, outside = (middle, outside) if self.p_value(middle) > alpha else (inside, middle)
        return inside


def permutation(
    change: np.ndarray,
    pilot: np.ndarray,
    weight: np.ndarray | None = None,
    *,
    pair: np.ndarray | None = None,
    stratum: np.ndarray | None = None,
    covariates: np.ndarray | None = None,
    seed: int = 0,
    confidence: float = 0.95,
    interval: bool = True,
) -> Inference:
    """The test and its inverted interval.

    Parameters
    ----------
    change : ndarray (G,)
        Changes of the districts; one that is nan is left out.
    pilot : ndarray (G,) of bool
    weight : ndarray (G,), optional
        Populations; not used with covariates.
    pair, stratum : ndarray (G,), optional
        Labels within which the pilots are assigned; a pair without a change on both sides is left out.
    covariates : ndarray (G, q), optional
        Of the districts; one without a value is left out.
    seed : int
        As `seed_of`, for assignments that are drawn.
    interval : bool
        Whether the test is inverted; it takes most of the time.

    Returns
    -------
    Inference
        Without se and df; `p_type` is `permutation` or `permutation_drawn`. Status: `no_data` (an arm is empty),
        `too_few_districts` (one assignment only), `no_variance` (changes do not vary), `not_identified` (the arm is
        collinear with the covariates).
    """
    known, test = permutation_test(change, pilot, weight, pair, stratum, covariates, seed=seed)
    if test is None:
        return known
    return test.inference(known, confidence) if interval else replace(known, p_value=test.p_value())


def permutation_test(
    change: np.ndarray,
    pilot: np.ndarray,
    weight: np.ndarray | None = None,
    pair: np.ndarray | None = None,
    stratum: np.ndarray | None = None,
    covariates: np.ndarray | None = None,
    *,
    seed: int = 0,
    among: Assignments | None = None,
) -> tuple[Inference, Inversion | None]:
    """The estimate, and the test of it where there can be one.

    Parameters and statuses as `permutation`; `among` are the assignments of all the districts, where they are made
    already: they serve where no district is left out.
    """
    d, arm = np.asarray(change, float), np.asarray(pilot, bool)
    w = np.ones(len(d)) if weight is None else np.asarray(weight, float)
    z = None if covariates is None else np.asarray(covariates, float).reshape(len(d), -1)
    known = _known(d, arm, w, pair, z)
    d, arm, w = d[known], arm[known], w[known]
    nothing = Inference(n_districts=len(d))
    if arm.all() or not arm.any():
        return replace(nothing, status="no_data"), None
    within = pair if pair is not None else stratum
    labels = None if within is None else np.asarray(within)[known]
    z = None if z is None else z[known]
    if stratum is not None and labels is not None and weight is None:
        dummies = _dummies(labels)
        z = dummies if z is None else np.column_stack([z, dummies])
    statistic = _Statistic.chosen(d, w, arm, labels, z)
    every = among if among is not None and known.all() else assignments(arm, labels, seed=seed)
    if statistic.name == "weighted" and every.exact:
        # arms that change places keep their weights: not the same difference
        every = replace(every, floor=1 / len(every.pilot))
    path, own = statistic.path(every), statistic.path(Assignments(arm[None, :], True, 1.0))
    estimate = float(own.top[0, 0])
    if not np.isfinite(estimate):
        return replace(nothing, status="not_identified"), None
    nothing = replace(nothing, estimate=estimate)
    if len(path.top[0]) == 1:
        return replace(nothing, status="too_few_districts"), None
    largest = float(np.abs(d).max())
    spread = float(np.abs(d - d.mean()).max())
    if spread <= 1e-12 * largest or not own.bottom[0, 0] > 1e-24 * largest**2:
        return replace(nothing, status="no_variance"), None
    kind = "permutation" if every.exact else "permutation_drawn"
    return replace(nothing, p_type=kind, p_floor=every.floor), Inversion(every, path, own, spread)


def _known(
    d: np.ndarray, arm: np.ndarray, w: np.ndarray, pair: np.ndarray | None, covariates: np.ndarray | None
) -> np.ndarray:
    """Which districts (G,) have a change, a weight and covariates; of a pair that lost a side neither counts."""
    known = np.isfinite(d) & (w > 0)
    if covariates is not None:
        known &= np.isfinite(covariates).all(axis=1)
    if pair is not None:  # as in the paired t
        known &= pair_differences(np.where(known, d, nan), arm, pair, w).coefficient != 0
    return known


@dataclass(frozen=True)
class _Statistic:
    """One of the statistics of this module's head, of the changes (G,) with their weights and covariates."""

    name: Literal["welch", "difference", "weighted", "adjusted"]
    change: np.ndarray
    weight: np.ndarray
    pilot: np.ndarray
    covariates: np.ndarray | None

    @classmethod
    def chosen(
        cls,
        change: np.ndarray,
        weight: np.ndarray,
        pilot: np.ndarray,
        labels: np.ndarray | None,
        covariates: np.ndarray | None,
    ) -> _Statistic:
        """The statistic that the design calls for; `labels` are the pairs or strata."""
        if covariates is not None:
            return cls("adjusted", change, weight, pilot, covariates)
        if labels is None and float(np.ptp(weight)) > 1e-12 * float(weight.max()):
            return cls("weighted", change, weight, pilot, None)
        both_arms = min(pilot.sum(), (~pilot).sum()) >= 2
        return cls("welch" if labels is None and both_arms else "difference", change, weight, pilot, None)

    def path(self, every: Assignments) -> Path:
        """The statistic of each assignment."""
        if self.covariates is not None:
            return adjusted_path(every, self.change, self.covariates, self.pilot)
        if self.name == "weighted":
            return Path(*in_place_coefficients(every.pilot, self.change, self.weight, self.pilot))
        of_name = welch_path if self.name == "welch" else linear_path
        return of_name(every, self.change, self.weight, self.pilot)


def _dummies(labels: np.ndarray) -> np.ndarray:
    """A column for each label but the first (G, S - 1)."""
    return (labels[:, None] == np.unique(labels)[None, 1:]).astype(float)
