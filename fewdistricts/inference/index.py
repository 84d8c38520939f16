"""One number for a family: the inverse-covariance index of Anderson (2008, JASA 103), a respondent at a time.

Items x_k are turned so that more is better and standardised by the comparison districts at baseline,

    z_k = turn_k (x_k - mean_k) / sd_k,     index_i = sum_k a_k z_ik / sum_k a_k    over the items i answered,

with a = S^-1 1, S the covariance of the z there: an item that repeats others counts for less. Where an a_k is negative
or S has no inverse all items count alike. Means, standard deviations and covariances are weighted, covariances over the
respondents who answered both items. The index is divided by its own standard deviation there: that is its unit.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

TURN = {"higher": 1.0, "lower": -1.0, "none": 0.0}


@dataclass(frozen=True)
class Index:
    """The index of N respondents and how the m items enter it."""

    values: np.ndarray  # (N,) nan for a respondent without any item
    weight: np.ndarray  # (m,) a_k summing to 1; 0 for an item left out
    mean: np.ndarray  # (m,) at the reference
    sd: np.ndarray  # (m,)
    equal: bool  # items count alike because the covariance allows nothing else
    status: str = ""


def index(answers: np.ndarray, better: Sequence[str], weight: np.ndarray, reference: np.ndarray) -> Index:
    """The index of `answers` (N, m), nan where missing.

    `better` (m,): higher, lower or none (left out); `weight` (N,) sampling weights, divided by their sum in each
    district and wave if districts are to count equally; `reference` (N,) bool: respondents of comparison districts at
    baseline. An item that does not vary there is left out. Status: `no_data` when fewer than two items remain.
    """
    x, w = np.asarray(answers, float), np.asarray(weight, float)
    turn = np.array([TURN[name] for name in better])
    base, v = x[reference], w[reference]
    answered = np.isfinite(base)
    total = answered.T @ v
    with np.errstate(invalid="ignore", divide="ignore"):
        mean = (np.where(answered, base, 0.0).T @ v) / total
        centred = np.where(answered, base - mean, 0.0)
        sd = np.sqrt((centred**2).T @ v / total)
        used = (turn != 0) & (total > 0) & (sd > 1e-12 * np.maximum(1.0, np.abs(mean)))
    if used.sum() < 2:
        return Index(np.full(len(x), np.nan), np.zeros(x.shape[1]), mean, sd, True, "no_data")
    z = turn[used] * (x[:, used] - mean[used]) / sd[used]
    shares, equal = _inverse_covariance(z[reference], v)
    known = np.isfinite(z)
    held = known @ shares
    with np.errstate(invalid="ignore", divide="ignore"):
        values = np.where(held > 0, np.where(known, z, 0.0) @ shares / held, np.nan)
    spread = _standard_deviation(values[reference], v)
    if not spread > 0:
        return Index(np.full(len(x), np.nan), np.zeros(x.shape[1]), mean, sd, equal, "no_data")
    values = values / spread
    counted = np.zeros(x.shape[1])
    counted[used] = shares
    return Index(values, counted, mean, sd, equal)


def _standard_deviation(values: np.ndarray, weight: np.ndarray) -> float:
    """Weighted standard deviation of the values that are there."""
    known = np.isfinite(values)
    mean = np.average(values[known], weights=weight[known])
    return float(np.sqrt(np.average((values[known] - mean) ** 2, weights=weight[known])))


def _inverse_covariance(z: np.ndarray, weight: np.ndarray) -> tuple[np.ndarray, bool]:
    """Shares of the items, and whether they are equal for want of better ones."""
    known = np.isfinite(z)
    filled = np.where(known, z, 0.0)
    each = known.astype(float)
    both = (each * weight[:, None]).T @ each
    m = z.shape[1]
    alike = np.full(m, 1 / m)
    if not (both > 0).all():
        return alike, True
    products = (filled * weight[:, None]).T @ filled / both
    # means over the respondents who answered both; z has mean 0 only over those who answered one
    means = (filled * weight[:, None]).T @ each / both
    covariance = products - means * means.T
    if np.linalg.eigvalsh(covariance)[0] < 1e-8:
        return alike, True
    shares = np.linalg.solve(covariance, np.ones(m))
    return (alike, True) if (shares < 0).any() else (shares / shares.sum(), False)
