"""Many indicators: p-values that hold for a family together.

Step-down maxT (Westfall and Young 1993, algorithm 4.1): with the members in order of |t_1| >= |t_2| >= ...,

    p_(i) = share of assignments with max over members i, i+1, ... of |t*| >= |t_i|,   then made monotone,

over the same assignments of districts for every member, so that their dependence counts. |t| is Welch's (the paired t
with pairs): members differ in scale. One pilot district has no t, so no adjusted p. Sharpened q-values: the two-stage
procedure of Benjamini, Krieger and Yekutieli (2006, Biometrika 93) by Anderson's grid (2008), as his
`fdr_sharpened_qvalues`.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from fewdistricts.inference.assignments import Assignments, assignments, at_least
from fewdistricts.inference.permutations import Inversion, Path, permutation_test


@dataclass(frozen=True)
class Adjusted:
    """A family of m indicators, in the order given."""

    p_value: np.ndarray  # (m,) each by itself, over the same assignments
    p_adjusted: np.ndarray  # (m,) step-down; nan for one left out
    single_step: np.ndarray  # (m,) against the maximum over all members
    p_floor: float
    status: str = ""


def step_down(
    changes: np.ndarray,
    pilot: np.ndarray,
    weight: np.ndarray | None = None,
    *,
    pair: np.ndarray | None = None,
    stratum: np.ndarray | None = None,
    seed: int = 0,
) -> Adjusted:
    """Adjusted p-values of a family.

    Parameters
    ----------
    changes : ndarray (G, m)
        Of the districts by indicator. An indicator that is nan in any district, or does not vary, leaves the family
        and keeps the p-value of its own districts.
    pilot, weight, pair, stratum, seed
        As `permutations.permutation`.

    Returns
    -------
    Adjusted
        Status: `too_few_districts` with one district in an arm, `no_data` when no indicator is left.
    """
    d, arm = np.asarray(changes, float), np.asarray(pilot, bool)
    w = np.ones(len(d)) if weight is None else np.asarray(weight, float)
    counted = w > 0
    d, arm, w = d[counted], arm[counted], w[counted]
    pairs = None if pair is None else np.asarray(pair)[counted]
    strata = None if stratum is None else np.asarray(stratum)[counted]
    weights = None if weight is None else w
    # drawn once: thousands of districts and dozens of waves share them
    every = None
    if min(arm.sum(), (~arm).sum()) >= 2:
        every = assignments(arm, strata if pairs is None else pairs, seed=seed)
    nothing = np.full(d.shape[1], np.nan)
    p_value, member = nothing.copy(), np.zeros(d.shape[1], bool)
    drawn: list[np.ndarray] = []
    observed: list[np.ndarray] = []
    counted_by = every
    for k, column in enumerate(d.T):
        _, test = permutation_test(column, arm, weights, pairs, strata, seed=seed, among=every)
        if test is None:
            continue
        p_value[k] = test.p_value()
        member[k] = np.isfinite(column).all()
        if member[k] and every is not None:
            sizes, size = _sizes(test, every, arm, column, pairs, strata)
            drawn.append(sizes)
            counted_by = test.every  # with populations as weights these are orders of the changes
            observed.append(size)
    if every is None or counted_by is None:
        return Adjusted(p_value, nothing, nothing, np.nan, "too_few_districts")
    if not member.any():
        return Adjusted(p_value, nothing, nothing, np.nan, "no_data")
    sizes, size = np.column_stack(drawn), np.concatenate(observed)
    adjusted, single = nothing.copy(), nothing.copy()
    adjusted[member] = _step_down(sizes, size, counted_by)
    single[member] = counted_by.share(at_least(sizes.max(axis=1)[:, None], size).sum(axis=0))
    return Adjusted(p_value, adjusted, single, counted_by.floor)


def _sizes(
    test: Inversion,
    every: Assignments,
    arm: np.ndarray,
    change: np.ndarray,
    pairs: np.ndarray | None,
    strata: np.ndarray | None,
) -> tuple[np.ndarray, np.ndarray]:
    """|t| of every assignment (C,) and of the observed one (1,), in a scale that members share."""
    if pairs is not None:
        once = Assignments(arm[None, :], True, 1.0)
        return _paired(every, change, pairs).size(), _paired(once, change, pairs).size()
    if strata is not None:
        # a difference within strata has no t of its own: its standard deviation over the assignments is its scale
        scale = float(np.sqrt((test.path.value() ** 2).mean()))
        return test.path.size() / scale, test.observed.size() / scale
    return test.path.size(), test.observed.size()


def _step_down(drawn: np.ndarray, observed: np.ndarray, every: Assignments) -> np.ndarray:
    """Adjusted p (m,) of |t| in every assignment, `drawn` (C, m), and in the observed one, `observed` (m,)."""
    largest_first = np.argsort(-observed, kind="stable")
    adjusted = np.empty(len(observed))
    smallest_allowed = 0.0
    for place, k in enumerate(largest_first):
        largest = drawn[:, largest_first[place:]].max(axis=1)
        p = float(every.share(at_least(largest, observed[k]).sum()))
        smallest_allowed = max(smallest_allowed, p)
        adjusted[k] = smallest_allowed
    return adjusted


def _paired(every: Assignments, change: np.ndarray, pair: np.ndarray) -> Path:
    """The paired t of every assignment."""
    signed = np.where(every.pilot, 1.0, -1.0)
    # difference of each pair, as the assignment has it: pilot less comparison
    differences = np.column_stack([signed[:, pair == label] @ change[pair == label] for label in np.unique(pair)])
    pairs = differences.shape[1]
    mean = differences.mean(axis=1)
    variance = np.maximum((differences**2).mean(axis=1) - mean**2, 0.0)
    none = np.zeros_like(mean)
    return Path(np.array([mean, none]), np.array([variance / max(pairs - 1, 1), none, none]))


def sharpened_q(p: Sequence[float] | np.ndarray) -> np.ndarray:
    """Sharpened q-values (m,) of p-values (m,) on the grid .999, .998, ..., 0; nan stays nan and does not count."""
    p = np.asarray(p, float)
    out = np.full(len(p), np.nan)
    known = np.isfinite(p)
    values = p[known]
    m = len(values)
    rank = np.empty(m)
    rank[np.argsort(values, kind="stable")] = np.arange(1, m + 1)
    level = np.arange(999, -1, -1)[:, None] / 1000
    first = level / (1 + level)
    rejected = _largest(rank, first * rank / m >= values)
    # all rejected at the first stage: any p passes the second
    second = np.divide(first * m, m - rejected, out=np.full(first.shape, np.inf), where=rejected < m)
    reached = _largest(rank, second * rank / m >= values)
    q = np.where(rank <= reached, level, 1.0).min(axis=0)
    out[known] = q
    return out


def _largest(rank: np.ndarray, rejected: np.ndarray) -> np.ndarray:
    """The largest rank (m,) that each level rejects (L, 1), 0 for none; `rejected` (L, m)."""
    return np.where(rejected, rank, 0.0).max(axis=1, initial=0.0, keepdims=True)


def holm(p: Sequence[float] | np.ndarray) -> np.ndarray:
    """Holm's step-down p-values (m,) of p-values (m,); nan stays nan and does not count.

    In rising order p_(i) becomes the largest of (m - k + 1) p_(k) for k up to i, at most one. Written out because
    statsmodels' `multipletests`, with which it agrees, clears the memory of the whole process at each call.

    Source: Holm (1979), Scandinavian Journal of Statistics 6.
    """
    p = np.asarray(p, float)
    order = np.argsort(p, kind="stable")[: np.isfinite(p).sum()]
    stepped = np.maximum.accumulate(np.arange(len(order), 0, -1) * p[order])
    out = np.full(len(p), np.nan)
    out[order] = np.minimum(stepped, 1.0)
    return out
