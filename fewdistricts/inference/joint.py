"""Primary outcomes together: p-values and intervals that hold for all of them at once.

Each primary k has its own t statistic on df_k degrees of freedom by the headline rule, whatever that is (Welch,
variance components, pairs). Its p-value becomes a normal score z_k = Phi^-1(1 - p_k / 2), and with R the correlation of
the primaries over districts (their changes less the mean of the arm, or the differences of pairs), shrunk for the few
districts there are, the step-down maxT of Hothorn, Bretz and Westfall (2008, Biometrical Journal 50) is

    p_(i) = P(max over i, i+1, ... of |Z| >= z_(i)),   Z ~ N(0, R),   made monotone,

with the primaries in order of z_(1) >= z_(2) >= ...; the joint interval of k is estimate +- t_(df_k)(q) se_k, where
q = Phi(c) and c solves P(max |Z| <= c) = confidence. The transformation keeps every margin at its own t distribution:
for independent primaries the result is Sidak's, for identical ones no adjustment at all. With normal statistics it
equals R's `multcomp` (`adjusted("free")`, `confint`).

Shrinkage: R = (n r + m B) / (n + m), n the degrees of freedom that the sample correlations r rest on (G - 2), m the
number of questions that the primaries are made of and B = r within a question, 0 between questions. It errs towards
Sidak over questions, while two primaries of one question count once: their correlation is no accident of few districts.
"""

from __future__ import annotations

from collections.abc import Hashable, Sequence
from dataclasses import dataclass
from functools import cache

import numpy as np
from scipy import special

SEED = 20_050_425
"""Of the lattice of the normal integrals: two calls give the same digits."""


@dataclass(frozen=True)
class Joint:
    """m primaries, in the order given; nan for one without a p-value."""

    p_adjusted: np.ndarray  # (m,) step-down
    ci_low: np.ndarray  # (m,)
    ci_high: np.ndarray  # (m,)


def correlation(residual: np.ndarray, df: float, question: Sequence[Hashable] | None = None) -> np.ndarray:
    """Shrunken correlations (m, m) of primaries over districts.

    `residual` (G, m): changes less the mean of their arm, nan where a district has none; `df` degrees of freedom of
    the residuals; `question` (m,) labels, each primary's own by default. Correlations are over the districts that have
    both.
    """
    residual = np.asarray(residual, float)
    primaries = residual.shape[1]
    raw = np.eye(primaries)
    for i in range(primaries):
        for j in range(i):
            both = np.isfinite(residual[:, i]) & np.isfinite(residual[:, j])
            a, b = residual[both, i], residual[both, j]
            size = np.sqrt((a @ a) * (b @ b))
            raw[i, j] = raw[j, i] = a @ b / size if size > 0 else 0.0
    values, vectors = np.linalg.eigh(raw)
    raw = (vectors * np.maximum(values, 0.0)) @ vectors.T  # pairs of districts differ by pair of primaries
    scale = np.sqrt(np.diag(raw))
    raw = raw / np.outer(scale, scale)
    labels = list(range(primaries)) if question is None else list(question)
    same = np.array([[one == other for other in labels] for one in labels])
    weight, questions = max(df, 0.0), len(set(labels))
    return (weight * raw + questions * np.where(same, raw, 0.0)) / (weight + questions)


def reached(size: float, correlations: np.ndarray) -> float:
    """P(max |Z| >= size) of Z ~ N(0, R)."""
    if len(correlations) == 1:
        return float(2 * special.ndtr(-size))
    if not np.isfinite(size):
        return 0.0
    from scipy.stats import multivariate_normal

    limit = np.full(len(correlations), size)
    rng = np.random.default_rng(SEED)
    inside = multivariate_normal.cdf(
        limit, cov=correlations, lower_limit=-limit, allow_singular=True, abseps=1e-6, maxpts=100_000, rng=rng
    )
    return float(np.clip(1 - inside, 2 * special.ndtr(-size), min(1.0, len(limit) * 2 * special.ndtr(-size))))


def joint(
    p_value: np.ndarray,
    estimate: np.ndarray,
    se: np.ndarray,
    df: np.ndarray,
    correlations: np.ndarray,
    *,
    confidence: float = 0.95,
) -> Joint:
    """Adjusted p-values and joint intervals.

    Parameters
    ----------
    p_value, estimate, se, df : ndarray (m,)
        Of the headline of each primary; one without a p-value takes no part.
    correlations : ndarray (m, m)
        Of `correlation`.
    """
    p_value, estimate, se, df = (np.asarray(a, float) for a in (p_value, estimate, se, df))
    known = np.isfinite(p_value)
    nothing = np.full(len(p_value), np.nan)
    if not known.any():
        return Joint(nothing, nothing.copy(), nothing.copy())
    among = correlations[np.ix_(known, known)]
    z = -special.ndtri(p_value[known] / 2)
    order = np.argsort(-z, kind="stable")
    stepped = np.zeros(len(order))
    for place, k in enumerate(order):
        rest = order[place:]
        stepped[k] = reached(float(z[k]), among[np.ix_(rest, rest)])
    made_monotone = np.maximum.accumulate(stepped[order])
    adjusted = nothing.copy()
    adjusted[np.flatnonzero(known)[order]] = np.maximum(made_monotone, p_value[known][order])
    critical = _critical(among, 1 - confidence)
    half = -special.stdtrit(df, special.ndtr(-critical)) * se
    low, high = nothing.copy(), nothing.copy()
    low[known], high[known] = (estimate - half)[known], (estimate + half)[known]
    return Joint(adjusted, low, high)


def _critical(correlations: np.ndarray, alpha: float) -> float:
    """c with P(max |Z| >= c) = alpha; between no adjustment and Bonferroni's."""
    from scipy import optimize

    single = -float(special.ndtri(alpha / 2))
    most = -float(special.ndtri(alpha / 2 / len(correlations)))

    @cache
    def excess(c: float) -> float:
        return reached(c, correlations) - alpha

    if len(correlations) == 1 or excess(single) <= 0:
        return single
    return float(optimize.brentq(excess, single, most + 1e-6, xtol=1e-7))
