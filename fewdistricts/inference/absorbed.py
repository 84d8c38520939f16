"""Least squares with an effect for each cluster, which is swept out first: thousands of them cost next to nothing.

statsmodels' WLS fits what is left of y and of the other columns.

By Frisch, Waugh and Lovell the coefficients of the other columns Z are those on Z less its weighted cluster means m_g.
With W_g the weight of cluster g and S = (Z~'W Z~)^-1 of the swept columns, A = (X'WX)^-1 of X = [effects, Z] is

    A_ZZ = S,   A_gZ = -m_g S,   A_gh = m_g S m_h' (+ 1 / W_g where g = h).
"""

from __future__ import annotations

import numpy as np

from fewdistricts.inference.clusters import ZERO


def solve(
    y: np.ndarray,
    z: np.ndarray,
    cluster: np.ndarray,
    weight: np.ndarray,
    within: tuple[np.ndarray, np.ndarray] | None = None,
) -> tuple[np.ndarray, np.ndarray] | None:
    """Coefficients (G + q,), the G effects first, and A of `y` (N,) on effects and `z` (N, q); None without full rank.

    `cluster` (N,) are codes 0 to G - 1, each there; `weight` (N,) is positive. `within` holds further rows of y and z
    with weight one that no effect reaches: where rows are means of cells, what a root of the squares about them gives.
    """
    from statsmodels.regression.linear_model import WLS

    total = np.bincount(cluster, weight)
    mean_z = np.column_stack([np.bincount(cluster, weight * column) for column in z.T]) / total[:, None]
    mean_y = np.bincount(cluster, weight * y) / total
    left, swept, squares = y - mean_y[cluster], z - mean_z[cluster], weight @ z**2
    if within is not None:
        left, swept = np.concatenate([left, within[0]]), np.vstack([swept, within[1]])
        weight = np.concatenate([weight, np.ones(len(within[0]))])
        squares = squares + (within[1] ** 2).sum(axis=0)
    if len(left) < len(total) + z.shape[1]:
        return None
    diagonal = np.diag(np.linalg.qr(swept * np.sqrt(weight)[:, None], mode="r"))
    if not (np.abs(diagonal) > ZERO * np.sqrt(squares)).all():
        return None
    # weights of mean one keep the normal equations near one whatever the weights' unit
    fitted = WLS(left, swept, weights=weight / weight.mean()).fit(method="qr")
    slopes = fitted.params
    s = fitted.normalized_cov_params / weight.mean()
    crossed = -mean_z @ s
    bread = np.block([[np.diag(1 / total) - crossed @ mean_z.T, crossed], [crossed.T, s]])
    return np.concatenate([mean_y - mean_z @ slopes, slopes]), bread
