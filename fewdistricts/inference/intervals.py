"""Confidence intervals of design-based levels and changes, and their rows of the estimates table.

The rule for shares: a logit interval `expit(logit m ± t_df se / (m (1 - m)))` if 0 < m < 1, V > 0 and n* min(m, 1 -
m) >= 5; else Clopper-Pearson on n* m of n* (Korn and Graubard 1998, Survey Methodology 24), with the effective sample
size `n* = m (1 - m) / V (t_{n-1} / t_df)^2`, or at V = 0 `n* = n / max(1, median design effect of the indicator)`.
Means, changes and differences: `m ± t_df se`. With df < 1 there is no interval. Equal to R's `svyciprop` methods
logit and beta, and `confint`.
"""

from __future__ import annotations

from math import nan

import numpy as np
from scipy import special

from fewdistricts.inference.linearization import Linear
from fewdistricts.inference.result import Inference


def quantile(df: np.ndarray, confidence: float = 0.95) -> np.ndarray:
    """Two-sided t quantile; nan where df < 1."""
    df = np.asarray(df, float)
    with np.errstate(invalid="ignore"):
        return np.where(df >= 1, -special.stdtrit(np.where(df >= 1, df, 1.0), (1 - confidence) / 2), nan)


def t_interval(
    estimate: np.ndarray, variance: np.ndarray, df: np.ndarray, confidence: float = 0.95
) -> tuple[np.ndarray, np.ndarray]:
    """`m ± t_df se`."""
    half = quantile(df, confidence) * np.sqrt(variance)
    return estimate - half, estimate + half


def logit_interval(
    share: np.ndarray, variance: np.ndarray, df: np.ndarray, confidence: float = 0.95
) -> tuple[np.ndarray, np.ndarray]:
    """Wald interval of the log odds, transformed back; for 0 < share < 1."""
    with np.errstate(divide="ignore", invalid="ignore"):
        logit = np.log(share / (1 - share))
        half = quantile(df, confidence) * np.sqrt(variance) / (share * (1 - share))
        return 1 / (1 + np.exp(half - logit)), 1 / (1 + np.exp(-half - logit))


def effective_n(
    share: np.ndarray,
    variance: np.ndarray,
    df: np.ndarray,
    n: np.ndarray,
    median_deff: float = 1.0,
    confidence: float = 0.95,
) -> np.ndarray:
    """n* of Korn and Graubard; at V = 0 the answered rows over the indicator's median design effect, if above 1."""
    deff = max(1.0, median_deff) if np.isfinite(median_deff) else 1.0
    with np.errstate(divide="ignore", invalid="ignore"):
        ratio = quantile(np.asarray(n, float) - 1, confidence) / quantile(df, confidence)
        return np.where(variance > 0, share * (1 - share) / variance * ratio**2, n / deff)


def beta_interval(share: np.ndarray, n_star: np.ndarray, confidence: float = 0.95) -> tuple[np.ndarray, np.ndarray]:
    """Clopper-Pearson limits for `n_star * share` yes of `n_star`, not integers; 0 and 1 give one-sided ends."""
    tail = (1 - confidence) / 2
    yes, no = n_star * share, n_star * (1 - share)
    with np.errstate(invalid="ignore"):
        low = np.where(share > 0, special.betaincinv(np.where(yes > 0, yes, 1.0), no + 1, tail), 0.0)
        high = np.where(share < 1, special.betainccinv(yes + 1, np.where(no > 0, no, 1.0), tail), 1.0)
    undefined = ~np.isfinite(n_star)
    return np.where(undefined, nan, low), np.where(undefined, nan, high)


def share_interval(
    share: np.ndarray,
    variance: np.ndarray,
    df: np.ndarray,
    n: np.ndarray,
    median_deff: float = 1.0,
    confidence: float = 0.95,
) -> tuple[np.ndarray, np.ndarray]:
    """The rule of this module, elementwise; nan where df < 1."""
    share, variance, df = (np.asarray(a, float) for a in (share, variance, df))
    n_star = effective_n(share, variance, df, n, median_deff, confidence)
    with np.errstate(invalid="ignore"):
        inside = (share > 0) & (share < 1) & (variance > 0) & (n_star * np.minimum(share, 1 - share) >= 5)
    low, high = logit_interval(share, variance, df, confidence)
    if not inside.all():
        beta = beta_interval(share, n_star, confidence)
        low, high = np.where(inside, low, beta[0]), np.where(inside, high, beta[1])
    return np.where(df >= 1, low, nan), np.where(df >= 1, high, nan)


def median_deff(levels: Linear) -> float:
    """Median design effect of an indicator over its cells with one, 1 if none has."""
    known = levels.deff[np.isfinite(levels.deff) & (levels.variance > 0)]
    return float(np.median(known)) if known.size else 1.0


def level_rows(levels: Linear, *, share: bool, deff: float = 1.0, confidence: float = 0.95) -> list[Inference]:
    """Levels as rows; `deff` is the indicator's median design effect. Status: `no_data`, `no_df`, `no_variance`."""
    if share:
        low, high = share_interval(levels.estimate, levels.variance, levels.df, levels.n, deff, confidence)
    else:
        low, high = t_interval(levels.estimate, levels.variance, levels.df, confidence)
        low, high = (np.where(levels.variance > 0, limit, nan) for limit in (low, high))
    return _rows(levels, low, high, zero_ok=share)


def difference_rows(differences: Linear, *, confidence: float = 0.95) -> list[Inference]:
    """Changes, or a design-based `did`, as rows with t intervals.

    A variance of zero (nobody, or everybody, said yes at both ends) is no certainty: no interval, status `no_variance`.
    """
    low, high = t_interval(differences.estimate, differences.variance, differences.df, confidence)
    low, high = (np.where(differences.variance > 0, limit, nan) for limit in (low, high))
    return _rows(differences, low, high, zero_ok=False)


def _rows(linear: Linear, low: np.ndarray, high: np.ndarray, *, zero_ok: bool) -> list[Inference]:
    deff = linear.deff
    rows = []
    for k in range(len(linear.estimate)):
        estimate, variance, df = float(linear.estimate[k]), float(linear.variance[k]), float(linear.df[k])
        status = ""
        if np.isnan(estimate):
            status = "no_data"
        elif df < 1:
            status = "no_df"
        elif variance == 0 and not zero_ok:
            status = "no_variance"
        se = float(np.sqrt(variance)) if df >= 1 else nan
        rows.append(
            Inference(
                estimate=estimate,
                se=se,
                se_type="taylor",
                df=df if status != "no_data" else nan,
                ci_low=float(low[k]) if df >= 1 else nan,
                ci_high=float(high[k]) if df >= 1 else nan,
                n=int(linear.n[k]),
                n_psu=int(linear.n_psu[k]),
                deff=float(deff[k]) if df >= 1 else nan,
                status=status,
            )
        )
    return rows
