"""The error that sampling leaves in a linear combination sum c_j D_j of numbers of districts.

Districts are drawn apart, and with v_j and f_j the sampling variance and degrees of freedom of D_j

    V = sum c_j^2 v_j,      df = V^2 / sum((c_j^2 v_j)^2 / f_j)    (Satterthwaite);

where they share sampling units, with Cov the covariances of their errors, V = c' Cov c and df is that of the units
together.
"""

from __future__ import annotations

from math import inf

import numpy as np


def sampling_variance(
    coefficient: np.ndarray, variance: np.ndarray, df: np.ndarray, covariance: np.ndarray | None = None
) -> tuple[float, float]:
    """V and df of the module's formulas; 0 and infinite where nothing was sampled.

    Parameters
    ----------
    coefficient, variance, df : ndarray (G,)
    covariance : ndarray (G, G), optional
        Where districts share sampling units; `df` then is that of these units together.
    """
    if covariance is not None:
        total = quadratic(coefficient, covariance)
        return total, float(df[coefficient != 0].min(initial=inf)) if total > 0 else inf
    parts = coefficient**2 * variance
    total = float(parts.sum())
    counted = parts > 0
    if not counted.any():
        return 0.0, inf
    squares = float((parts[counted] ** 2 / df[counted]).sum())
    return total, total**2 / squares if squares > 0 else inf


def sampling_error(
    coefficient: np.ndarray, variance: np.ndarray, df: np.ndarray, covariance: np.ndarray | None = None
) -> tuple[float, float]:
    """The design-based standard error, the root of `sampling_variance`, with its degrees of freedom."""
    total, degrees = sampling_variance(coefficient, variance, df, covariance)
    return float(np.sqrt(total)), degrees


def design_error(
    coefficient: np.ndarray, variance: np.ndarray, df: np.ndarray, covariance: np.ndarray | None = None
) -> tuple[float, float]:
    """The design-based standard error of arms of several districts, with its degrees of freedom as the survey counts
    them: the sum of the districts', as in the row of sampling error only."""
    total, degrees = sampling_variance(coefficient, variance, df, covariance)
    if covariance is None:
        counted = coefficient**2 * variance > 0
        degrees = float(df[counted].sum()) if counted.any() else inf
    return float(np.sqrt(total)), degrees


def quadratic(coefficient: np.ndarray, covariance: np.ndarray) -> float:
    """c' Cov c of the districts (G,) that count: never below 0."""
    used = coefficient != 0
    return max(0.0, float(coefficient[used] @ covariance[np.ix_(used, used)] @ coefficient[used]))
