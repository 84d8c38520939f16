"""Exact permutation over districts: how often would another choice of pilot districts show as large a difference?

Every assignment with the same number of pilot districts counts once (924 for six of twelve), or every swap within
declared pairs (2^pairs). With more than 200,000 assignments, 99,999 are drawn from a seed (9,999 above 100 districts).

    p = share of assignments with |t*| >= |t|;  (1 + count) / (1 + draws) where they are drawn

The observed assignment is one of them, so p is never below its floor (1/C, and 2/C where swapping the arms gives
another assignment of the set). Statistics of the district changes D_j:

    welch        both arms of two or more: difference in means over its Welch standard error, as
                 `district_change` with form "welch" (Chung and Romano 2013, Annals of Statistics 41: with it the
                 test stays valid for means when the variances of the arms differ, as the districts grow many)
    difference   an arm of one, and pairs, where it is equivalent to the paired t (the squares of the pair
                 differences are the same under every swap)
    adjusted     with district covariates Z: the coefficient of the arm T given 1 and Z, by Frisch-Waugh-Lovell
                 T'b / (T'MT), M = I - [1 Z]([1 Z]'[1 Z])^-1 [1 Z]', b = MD. Assignments collinear with Z
                 (T'MT = 0) say nothing and count as at least as large

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

import numpy as np

from fewdistricts.inference.assignments import Assignments, assignments, at_least, seed_of
from fewdistricts.inference.result import Inference

__all__ = ["Inversion", "Path", "inverted", "p_of_planted", "permutation", "seed_of"]


@dataclass(frozen=True)
class Path:
    """The statistic of each assignment after c is taken from the observed pilots' changes.

    (top[0] - c top[1]) / sqrt(bottom[0] + c bottom[1] + c^2 bottom[2]); shapes (2, C) and (3, C).
    """

    top: np.ndarray
    bottom: np.ndarray

    def size(self, c: float = 0.0) -> np.ndarray:
        """|statistic| (C,) at c; infinite where only the denominator is zero."""
        top = np.abs(self.top[0] - c * self.top[1])
        bottom = self.bottom[0] + c * self.bottom[1] + c * c * self.bottom[2]
        tiny = 1e-14 * (np.abs(self.bottom[0]).max() + c * c)
        zero = bottom <= tiny
        if not zero.any():
            return top / np.sqrt(bottom)
        out = top / np.sqrt(np.where(zero, 1.0, bottom))
        return np.where(zero, np.where(top**2 <= tiny, 0.0, inf), out)


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

    def p_value(self, c: float = 0.0) -> float:
        """p of the hypothesis that the change is c."""
        return float(self.every.share(at_least(self.path.size(c), self.observed.size(c)).sum()))

    def _at_infinity(self) -> float:
        forever = (self.path.bottom[2] == 0) & (np.abs(self.path.top[1]) >= 1 - 1e-12) | np.isinf(self.path.top[0])
        return float(self.every.share(forever.sum()))

    def interval(self, estimate: float, scale: float, alpha: float) -> tuple[float, float]:
        """All c around `estimate` with p(c) > alpha, to 1e-12 of `scale` (the first step outwards)."""
        if self._at_infinity() > alpha:
            return -inf, inf
        return self._end(estimate, -scale, alpha), self._end(estimate, scale, alpha)

    def _end(self, inside: float, step: float, alpha: float) -> float:
        outside, precision, farthest = inside + step, 1e-12 * abs(step), 1e12 * abs(step)
        while self.p_value(outside) > alpha:
            inside, step = outside, 2 * step
            outside = inside + step
            if abs(step) > farthest:
                return inf if step > 0 else -inf
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
    covariates: np.ndarray | None = None,
    seed: int = 0,
    confidence: float = 0.95,
    interval: bool = True,
) -> Inference:
    """The test and its inverted interval.

    `change` (G,), nan for a district without (left out, with any whose covariates are nan); `pilot` (G,) bool; `weight`
    (G,) populations or None; `pair` (G,) labels or None; `covariates` (G, q) or None (then `weight` is not used);
    `seed` as `seed_of` for drawn assignments. `p_type` is `permutation`, or `permutation_drawn`; No se, no df. Status:
    `no_data` (an arm is empty), `too_few_districts` (one assignment only), `no_variance` (changes do not vary),
    `not_identified` (the arm is collinear with the covariates).
    """
    said, inversion, scale = inverted(change, pilot, weight, pair, covariates, seed=seed)
    if inversion is None:
        return said
    p = inversion.p_value()
    ends = inversion.interval(said.estimate, scale, 1 - confidence) if interval else (nan, nan)
    return replace(said, p_value=p, ci_low=ends[0], ci_high=ends[1])


def p_of_planted(
    change: np.ndarray,
    pilot: np.ndarray,
    planted: float,
    weight: np.ndarray | None = None,
    *,
    pair: np.ndarray | None = None,
    covariates: np.ndarray | None = None,
    seed: int = 0,
) -> float:
    """p of the hypothesis that the difference is `planted`; nan where `permutation` gives a status."""
    _, inversion, _ = inverted(change, pilot, weight, pair, covariates, seed=seed)
    return nan if inversion is None else inversion.p_value(planted)


def inverted(
    change: np.ndarray,
    pilot: np.ndarray,
    weight: np.ndarray | None = None,
    pair: np.ndarray | None = None,
    covariates: np.ndarray | None = None,
    *,
    seed: int = 0,
    among: Assignments | None = None,
) -> tuple[Inference, Inversion | None, float]:
    """What `permutation` says but for p and interval, the test that gives them, and the size of the changes.

    Shapes as `permutation`; `among` are the assignments of all the districts, where they are made already: they serve
    where no district is left out. No test where there is a status.
    """
    d, arm = np.asarray(change, float), np.asarray(pilot, bool)
    w = np.ones(len(d)) if weight is None else np.asarray(weight, float)
    z = None if covariates is None else np.asarray(covariates, float).reshape(len(d), -1)
    known = np.isfinite(d) & (w > 0) & (True if z is None else np.isfinite(z).all(axis=1))
    d, arm, w, z = d[known], arm[known], w[known], None if z is None else z[known]
    pilots, comparisons = int(arm.sum()), int((~arm).sum())
    said = Inference(n_districts=pilots + comparisons)
    if min(pilots, comparisons) == 0:
        return replace(said, status="no_data"), None, nan
    if among is None or not known.all():
        among = assignments(arm, None if pair is None else np.asarray(pair)[known], seed=seed)
    every, once = among, Assignments(arm[None, :], True, 1.0)
    welch = pair is None and z is None and min(pilots, comparisons) >= 2
    if z is not None:
        path, observed = adjusted_path(every, d, z, arm), adjusted_path(once, d, z, arm)
    else:
        make = welch_path if welch else linear_path
        path, observed = make(every, d, w, arm), make(once, d, w, arm)
    estimate = float(observed.top[0, 0])
    if not np.isfinite(estimate):
        return replace(said, status="not_identified"), None, nan
    said = replace(said, estimate=estimate)
    if len(every.pilot) == 1:
        return replace(said, status="too_few_districts"), None, nan
    spread = float(np.abs(d - d.mean()).max())
    flat = welch and not observed.bottom[0, 0] > 1e-24 * float(np.abs(d).max()) ** 2
    if flat or spread <= 1e-12 * float(np.abs(d).max()):
        return replace(said, status="no_variance"), None, nan
    kind = "permutation" if every.exact else "permutation_drawn"
    floor = every.floor
    return replace(said, p_type=kind, p_floor=floor), Inversion(every, path, observed), spread
