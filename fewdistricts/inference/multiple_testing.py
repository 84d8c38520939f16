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
from typing import Literal

import numpy as np
from statsmodels.stats.multitest import multipletests

from fewdistricts.inference.assignments import Assignments, assignments, at_least
from fewdistricts.inference.permutations import Path, inverted

Method = Literal["bonferroni", "holm", "hochberg", "hommel", "BH", "BY"]
_METHODS = {"hochberg": "simes-hochberg", "BH": "fdr_bh", "BY": "fdr_by"}


@dataclass(frozen=True)
class Adjusted:
    """A family of m indicators, in the order given."""

    p_value: np.ndarray  # (m,) each by itself, over the same assignments
    p_adjusted: np.ndarray  # (m,) step-down; nan for one left out
    single_step: np.ndarray  # (m,) against the maximum over all members
    member: np.ndarray  # (m,) bool: false for an indicator without a change in some district
    p_floor: float
    status: str = ""


def step_down(
    changes: np.ndarray,
    pilot: np.ndarray,
    weight: np.ndarray | None = None,
    *,
    pair: np.ndarray | None = None,
    seed: int = 0,
) -> Adjusted:
    """Adjusted p-values of a family.

    `changes` (G, m) of the district by indicator; `pilot`, `weight`, `pair` (G,) and `seed` as `permutation`. An
    indicator that is nan in any district, or does not vary, leaves the family and keeps the p-value of its own
    districts. Status: `too_few_districts` with one district in an arm, `no_data` when no indicator is left.
    """
    d, arm = np.asarray(changes, float), np.asarray(pilot, bool)
    w = np.ones(len(d)) if weight is None else np.asarray(weight, float)
    counted = w > 0
    d, arm, w = d[counted], arm[counted], w[counted]
    pairs = None if pair is None else np.asarray(pair)[counted]
    few = min(arm.sum(), (~arm).sum()) < 2
    # drawn once: thousands of districts and dozens of waves share them
    every = None if few else assignments(arm, pairs, seed=seed)
    nothing = np.full(d.shape[1], np.nan)
    p_value, member = nothing.copy(), np.zeros(d.shape[1], bool)
    drawn: list[np.ndarray] = []
    observed: list[np.ndarray] = []
    for k, column in enumerate(d.T):
        _, test, _ = inverted(column, arm, w, pairs, seed=seed, among=every)
        if test is None:
            continue
        p_value[k], member[k] = test.p_value(), np.isfinite(column).all()
        if member[k] and every is not None:
            once = Assignments(arm[None, :], True, 1.0)
            path, own = (test.path, test.observed)
            if pairs is not None:
                path, own = (_paired(among, column, pairs) for among in (every, once))
            drawn.append(path.size())
            observed.append(own.size())
    if every is None:
        return Adjusted(p_value, nothing, nothing, member, np.nan, "too_few_districts")
    if not member.any():
        return Adjusted(p_value, nothing, nothing, member, np.nan, "no_data")
    sizes, size = np.column_stack(drawn), np.concatenate(observed)
    adjusted, single = nothing.copy(), nothing.copy()
    adjusted[member] = _step_down(sizes, size, every)
    single[member] = every.share(at_least(sizes.max(axis=1)[:, None], size).sum(axis=0))
    return Adjusted(p_value, adjusted, single, member, every.floor)


def _step_down(drawn: np.ndarray, observed: np.ndarray, every: Assignments) -> np.ndarray:
    order = np.argsort(-observed, kind="stable")
    largest = np.maximum.accumulate(drawn[:, order[::-1]], axis=1)[:, ::-1]
    p = every.share(at_least(largest, observed[order]).sum(axis=0))
    out = np.empty(len(order))
    out[order] = np.maximum.accumulate(p)
    return out


def _paired(every: Assignments, change: np.ndarray, pair: np.ndarray) -> Path:
    """The paired t of every assignment."""
    # difference of each pair, as the assignment has it: pilot less comparison
    label, code = np.unique(pair, return_inverse=True)
    signed = np.where(every.pilot, 1.0, -1.0)
    differences = np.column_stack([signed[:, code == k] @ change[code == k] for k in range(len(label))])
    mean, pairs = differences.mean(axis=1), len(label)
    variance = (differences**2).mean(axis=1) - mean**2
    none = np.zeros_like(mean)
    return Path(np.array([mean, none]), np.array([np.maximum(variance, 0.0) / max(pairs - 1, 1), none, none]))


def sharpened_q(p: Sequence[float] | np.ndarray) -> np.ndarray:
    """Sharpened q-values (m,) of p-values (m,) on the grid .999, .998, ..., 0; nan stays nan and does not count."""
    p = np.asarray(p, float)
    out = np.full(len(p), np.nan)
    known = np.isfinite(p)
    values = p[known]
    m = len(values)
    rank = np.empty(m)
    rank[np.argsort(values, kind="stable")] = np.arange(1, m + 1)
    q = np.ones(m)
    for step in range(999, -1, -1):
        level = step / 1000
        first = level / (1 + level)
        rejected = rank[first * rank / m >= values].max(initial=0)
        # all rejected at the first stage: any p passes the second
        second = first * m / (m - rejected) if rejected < m else np.inf
        reached = rank[second * rank / m >= values].max(initial=0)
        q[rank <= reached] = level
    out[known] = q
    return out


def p_adjust(p: Sequence[float] | np.ndarray, method: Method) -> np.ndarray:
    """Adjusted p-values (m,) by R's name of the method; nan stays nan and does not count."""
    p = np.asarray(p, float)
    out = np.full(len(p), np.nan)
    known = np.isfinite(p)
    if known.any():
        out[known] = multipletests(p[known], method=_METHODS.get(method, method))[1]
    return out
