"""One district against a weighted mean of the others that moved as it did before the start: a check, never the answer.

With L_jt the levels, m_j the mean of a district before the start and T0 the waves before it,

    w    minimises sum over t before of (L_1t - m_1 - sum_j w_j (L_jt - m_j))^2,   w_j >= 0, sum of w_j = 1
    g_1t = L_1t - m_1 - sum_j w_j (L_jt - m_j);   the estimate is the mean of g_1t over the waves after the start.

Abadie, Diamond and Hainmueller (2010, Journal of the American Statistical Association 105), with each district's own
mean taken out as Ferman and Pinto (2021, Quantitative Economics 12) propose: a weighted mean of others seldom has a
district's level, and without it the estimate is biased by what is left of the levels. The number judged is the ratio

    r_1 = mean of g_1t^2 after / mean of g_1t^2 before.

Every district is taken for the pilot in turn, the pilot among those it is made of, and p is the share of districts with
a ratio at least as large: exact if the pilot could have been any of them, never below 1 / (K + 1). There is no
standard error and no interval. The least squares are one non-negative least squares (Lawson and Hanson 1974, chapter
23): with A the others less the one, of u >= 0 that minimise |A u|^2 + (sum of u - 1)^2, u / sum(u) are the weights.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from fewdistricts.inference.assignments import at_least
from fewdistricts.inference.result import Inference

FEWEST_WAVES = 10
FEWEST_DISTRICTS = 5
"""Waves before the start, and comparison districts, from which it is offered."""
EXACT = 1e-9
"""What is left before the start, over the spread of the levels, below which the weights are not unique."""


@dataclass(frozen=True)
class Gaps:
    """What the synthetic control of each district misses, the district of the programme first.

    `before` (G, T0) and `after` (G, T1); `exposure` (G,): by how much a unit of the programme's effect moves `after`:
    1 for the first, for each other less the weight of the first in its synthetic control.
    """

    before: np.ndarray
    after: np.ndarray
    exposure: np.ndarray

    def p(self, planted: float = 0.0) -> float:
        """p of the hypothesis that the programme moves every wave after its start by `planted`."""
        after = self.after - planted * self.exposure[:, None]
        with np.errstate(divide="ignore", invalid="ignore"):
            ratio = (after**2).mean(axis=1) / (self.before**2).mean(axis=1)
        ratio = np.nan_to_num(ratio, nan=0.0, posinf=np.finfo(float).max)
        return float(at_least(ratio, ratio[0]).mean())


def weights(one: np.ndarray, others: np.ndarray) -> np.ndarray:
    """Shares (K,) of the others (K, T0) that come nearest to the one (T0,)."""
    from scipy import optimize

    apart = (others - one).T
    size = float(np.abs(apart).max())
    equations = np.vstack([apart / size if size > 0 else apart, np.ones(len(others))])
    found, _ = optimize.nnls(equations, np.append(np.zeros(len(one)), 1.0))
    return found / found.sum()


def gaps(level: np.ndarray, before: np.ndarray, after: np.ndarray) -> Gaps:
    """The gaps of levels (G, T), none missing; `before` and `after` (T,) bool."""
    moved = level - level[:, before].mean(axis=1, keepdims=True)
    left = np.empty_like(moved)
    exposure = np.ones(len(level))
    for j in range(len(level)):
        others = np.arange(len(level)) != j
        share = weights(moved[j, before], moved[others][:, before])
        left[j] = moved[j] - share @ moved[others]
        if j > 0:
            exposure[j] = -share[0]
    return Gaps(left[:, before], left[:, after], exposure)


def synthetic_control(level: np.ndarray, before: np.ndarray, after: np.ndarray) -> Inference:
    """The estimate and the rank of the module's formulas.

    Parameters
    ----------
    level : (1 + K, T) float
        Levels, the district of the programme first; another one with a missing level is left out.
    before, after : (T,) bool
        Waves that the weights are fitted on, and waves that the estimate is the mean of.

    Returns
    -------
    Inference
        Without a standard error or an interval. Status: `no_data` (the district of the programme lacks a level),
        `too_few_districts` (K < 2), `not_identified` (others move exactly as the one before the start: many weights
        do as well).
    """
    level = np.asarray(level, float)
    before, after = np.asarray(before, bool), np.asarray(after, bool)
    whole = np.isfinite(level[:, before | after]).all(axis=1)
    districts = int(whole.sum())
    if not whole[0]:
        return Inference(n_districts=districts, status="no_data")
    if districts < 3:
        return Inference(n_districts=districts, status="too_few_districts")
    found = gaps(level[whole], before, after)
    spread = float(np.std(level[whole][:, before]))
    if np.sqrt((found.before[0] ** 2).mean()) <= EXACT * spread:
        return Inference(n_districts=districts, status="not_identified")
    return Inference(
        estimate=float(found.after[0].mean()),
        p_value=found.p(),
        p_type="placebo_rank",
        p_floor=1 / districts,
        n_districts=districts,
    )
