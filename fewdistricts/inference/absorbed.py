"""Least squares with an effect for each cluster, which is swept out first: thousands of them cost next to nothing.

statsmodels' WLS fits what is left of y and of the other columns.

By Frisch, Waugh and Lovell the coefficients of the other columns Z are those on Z less its weighted cluster means m_g.
With W_g the weight of cluster g and S = (Z~'W Z~)^-1 of the swept columns, A = (X'WX)^-1 of X = [effects, Z] is

    A_ZZ = S,   A_gZ = -m_g S,   A_gh = m_g S m_h' (+ 1 / W_g where g = h).
"""

from __future__ import annotations

import numpy as np
from statsmodels.regression.linear_model import WLS

from fewdistricts.inference.clusters import ZERO, Regression, answered, coordinates


def solve(
    y: np.ndarray, z: np.ndarray, cluster: np.ndarray, weight: np.ndarray
) -> tuple[np.ndarray, np.ndarray] | None:
    """Coefficients (G + q,), the G effects first, and A of `y` (N,) on effects and `z` (N, q); None without full rank.

    `cluster` (N,) are codes 0 to G - 1, each there; `weight` (N,) is positive.
    """
    total = np.bincount(cluster, weight)
    mean_z = np.column_stack([np.bincount(cluster, weight * column) for column in z.T]) / total[:, None]
    mean_y = np.bincount(cluster, weight * y) / total
    if len(y) < len(total) + z.shape[1]:
        return None
    swept = z - mean_z[cluster]
    diagonal = np.diag(np.linalg.qr(swept * np.sqrt(weight)[:, None], mode="r"))
    if not (np.abs(diagonal) > ZERO * np.sqrt(weight @ z**2)).all():
        return None
    # weights of mean one keep the normal equations near one whatever the weights' unit
    fitted = WLS(y - mean_y[cluster], swept, weights=weight / weight.mean()).fit(method="qr")
    slopes = fitted.params
    s = fitted.normalized_cov_params / weight.mean()
    crossed = -mean_z @ s
    bread = np.block([[np.diag(1 / total) - crossed @ mean_z.T, crossed], [crossed.T, s]])
    return np.concatenate([mean_y - mean_z @ slopes, slopes]), bread


def regress_rows(
    y: np.ndarray, z: np.ndarray, cluster: np.ndarray, weight: np.ndarray | None = None
) -> Regression | None:
    """Weighted least squares of `y` (N,) on an effect for each `cluster` (N,) and on `z` (N, q), clustered by the same.

    The same as `clusters.regression(clusters.fit(...))` with a dummy for each cluster before z.
    """
    used = answered(y, weight)
    labels, code = np.unique(np.asarray(cluster)[used], return_inverse=True)
    order = np.argsort(code, kind="stable")
    code, y, z = code[order], np.asarray(y, float)[used][order], np.asarray(z, float)[used][order]
    w = np.ones(len(y)) if weight is None else np.asarray(weight, float)[used][order]
    solved = solve(y, z, code, w)
    if solved is None:
        return None
    coefficients, bread = solved
    g, start = len(labels), np.searchsorted(code, np.arange(len(labels) + 1))
    residual = y - coefficients[code] - z @ coefficients[g:]
    clusters = []
    for k in range(g):
        rows = slice(start[k], start[k + 1])
        columns = np.flatnonzero(z[rows].any(axis=0))
        x = np.column_stack([np.ones(start[k + 1] - start[k]), z[rows][:, columns]])
        clusters.append(coordinates(np.concatenate([[k], g + columns]), x, w[rows], residual[rows]))
    return Regression(coefficients, bread, tuple(clusters), len(y), float(np.sqrt((w * y**2).sum() / w.sum())))
