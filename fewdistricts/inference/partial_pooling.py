"""What all pilot districts together say of each one: partial pooling with everything that is not known.

The change D_j of a pilot district is the common change of the pilots, its own departure of variance tau^2, a shock of
variance s2 (as the comparison districts have) and sampling error v_j; h_j = s2 + v_j. Given tau^2

    w_j = 1 / (h_j + tau^2),  mu = sum w D / sum w,  B_j = tau^2 / (tau^2 + h_j)
    m_j = mu + B_j (D_j - mu),   V_j = B_j h_j + (1 - B_j)^2 / sum w         (as R's metafor: `rma(tau2 =)`, `blup`)

tau is not known from a handful of districts. So m_j and V_j are averaged over a grid of tau by its posterior, the
restricted likelihood times a half-Cauchy prior whose scale is the root of mean(h) (Gelman 2006, Bayesian Analysis 1):

    m_j = sum_tau q m_j(tau),   V_j = sum_tau q (V_j(tau) + m_j(tau)^2) - m_j^2.

The district's difference is m_j less the comparison districts' mean; they share it, and it has its own error,

    se_j^2 = V_j + sum p_k^2 (s2 + u_k),    interval by t with J + K - 2 degrees of freedom,

u_k the sampling variances of the comparison districts, on whose spread s2 rests. Leaving out the comparison mean and
the uncertainty of tau, as the usual empirical Bayes does, covers .79 to .89 (*measured*); this covers .93 to .97
(`benchmarks/simulation.py`). Sources: Morris (1983, JASA 78); DerSimonian and Laird (1986); the combination is ours.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from fewdistricts.inference.one_district import FEWEST, shock_variance
from fewdistricts.inference.result import Inference
from fewdistricts.inference.t_test import t_test

GRID = 400
"""Points of tau, evenly in the probability of the prior."""


@dataclass(frozen=True)
class Pooled:
    """Given tau^2: the J pilots' changes drawn together."""

    mean: float  # mu
    value: np.ndarray  # (J,) m_j
    variance: np.ndarray  # (J,) V_j
    kept: np.ndarray  # (J,) B_j
    log_likelihood: float  # restricted, up to a constant


def pooled_at(tau2: float, change: np.ndarray, variance: np.ndarray) -> Pooled:
    """Partial pooling of `change` (J,) with variances h (J,) at a given tau^2."""
    precision = 1 / (variance + tau2)
    total = precision.sum()
    mean = float(precision @ change / total)
    kept = tau2 / (tau2 + variance)
    squares = float(precision @ (change - mean) ** 2)
    likelihood = 0.5 * (float(np.log(precision).sum()) - float(np.log(total)) - squares)
    return Pooled(
        mean=mean,
        value=mean + kept * (change - mean),
        variance=kept * variance + (1 - kept) ** 2 / total,
        kept=kept,
        log_likelihood=likelihood,
    )


def partial_pooling(
    pilots: np.ndarray,
    variances: np.ndarray,
    comparisons: np.ndarray,
    comparison_variances: np.ndarray,
    weight: np.ndarray | None = None,
    *,
    confidence: float = 0.95,
) -> tuple[Inference, ...]:
    """The difference in change of each pilot district, partially pooled.

    Parameters
    ----------
    pilots, variances : ndarray (J,)
        Changes of the pilot districts and their sampling variances; nan leaves a district out.
    comparisons, comparison_variances : ndarray (K,)
        Of the comparison districts.
    weight : ndarray (K,), optional
        Populations of the comparison districts.

    Returns
    -------
    tuple of Inference (J,)
        `se_type` is `partial_pooling`. Status: `no_data` for a district left out, `too_few_districts` (J < 2 or
        K < 3), `no_variance` (no shocks and no sampling error).
    """
    d, v = np.asarray(pilots, float), np.asarray(variances, float)
    c, u = np.asarray(comparisons, float), np.asarray(comparison_variances, float)
    w = np.ones(len(c)) if weight is None else np.asarray(weight, float)
    known = np.isfinite(d) & np.isfinite(v)
    others = np.isfinite(c) & np.isfinite(u) & (w > 0)
    c, u, share = c[others], u[others], w[others] / w[others].sum() if others.any() else w[others]
    pilots_known, comparisons_known = int(known.sum()), len(c)
    count = pilots_known + comparisons_known
    if pilots_known < 2 or comparisons_known < FEWEST:
        return tuple(Inference(n_districts=count, status="too_few_districts") for _ in d)
    shocks = shock_variance(c, u)
    h = shocks + v[known]
    if not (h > 1e-24 * float(np.abs(d[known]).max()) ** 2).all():
        return tuple(Inference(n_districts=count, status="no_variance") for _ in d)
    value, variance = _averaged(d[known], h)
    base = float(share @ c)
    error = float(share**2 @ (shocks + u))
    out = [Inference(n_districts=count, status="no_data") for _ in d]
    for j, m, spread in zip(np.flatnonzero(known), value, variance, strict=True):
        said = Inference(estimate=float(m) - base, se_type="partial_pooling", n_districts=count)
        out[j] = t_test(said, float(np.sqrt(spread + error)), count - 2.0, confidence)
    return tuple(out)


def _averaged(change: np.ndarray, variance: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """m_j and V_j (J,) averaged over the posterior of tau."""
    scale = float(np.sqrt(variance.mean()))
    probability = (np.arange(GRID) + 0.5) / GRID
    taus = scale * np.tan(0.5 * np.pi * probability)
    each = [pooled_at(float(tau**2), change, variance) for tau in taus]
    log_weight = np.array([one.log_likelihood for one in each])
    posterior = np.exp(log_weight - log_weight.max())
    posterior /= posterior.sum()
    values = np.array([one.value for one in each])
    spreads = np.array([one.variance for one in each])
    mean = posterior @ values
    return mean, posterior @ (spreads + values**2) - mean**2
