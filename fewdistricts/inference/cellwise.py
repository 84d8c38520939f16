"""Regressions with an effect for each cluster and columns that are constant within district and wave, from a few sums
by cell: their cost forgets the rows.

With E the membership of a cluster's rows in its cells, X_g = E C_g, and [X_g, W_g X_g] lies in the span of E and W_g E.
An orthonormal basis of it is known beforehand, two columns a cell c with n_c rows:

    e_c / sqrt(n_c)    and    (w - wbar_c) e_c / |(w - wbar_c) e_c|    (absent where the cell's weights are equal),

in which X_g is sqrt(n_c) and 0 times C_g, W_g X_g is sqrt(n_c) wbar_c and |w - wbar_c| times C_g, and the residuals
need their sum and their product with the weights only. So variances that look at individual rows (CR2 with weights that
differ within a cell) come out exactly, with hundreds of districts and millions of rows.
"""

from __future__ import annotations

import numpy as np

from fewdistricts.inference.absorbed import solve
from fewdistricts.inference.clusters import Cluster, Regression, answered


def regress_cells(
    y: np.ndarray, weight: np.ndarray | None, cell: np.ndarray, z: np.ndarray, cluster: np.ndarray
) -> Regression | None:
    """Weighted least squares of `y` (N,) on an effect for each cluster and the columns `z` (C, q) of its cells `cell`
    (N,), clustered by `cluster` (C,); the effects come first.

    The same as `regression(fit(y, x[cell], cluster[cell], weight))` with dummies of the clusters before z. None if the
    answered cells leave them without full rank.
    """
    used = answered(y, weight)
    y, cell = np.asarray(y, float)[used], np.asarray(cell)[used]
    w = np.ones(len(y)) if weight is None else np.asarray(weight, float)[used]

    def by_cell(values: np.ndarray | None = None) -> np.ndarray:
        return np.bincount(cell, values, minlength=len(z))

    n, sum_w = by_cell(), by_cell(w)
    held = np.flatnonzero(n)
    with np.errstate(divide="ignore", invalid="ignore"):
        share, mean_w = by_cell(w * y) / sum_w, sum_w / n
    labels, code = np.unique(np.asarray(cluster)[held], return_inverse=True)
    solved = solve(share[held], z[held], code, sum_w[held])
    if solved is None:
        return None
    coefficients, bread = solved
    fitted = np.zeros(len(z))
    fitted[held] = coefficients[code] + z[held] @ coefficients[len(labels) :]
    lean = w - mean_w[cell]
    residual = y - fitted[cell]
    spread = np.sqrt(by_cell(lean**2))
    spread[spread <= 1e-10 * mean_w * np.sqrt(n)] = 0.0
    with np.errstate(divide="ignore", invalid="ignore"):
        u_even = by_cell(residual) / np.sqrt(n)
        u_lean = np.where(spread > 0, by_cell(lean * residual) / spread, 0.0)
    root = np.sqrt(n)
    order = np.argsort(code, kind="stable")
    clusters = []
    for k, c in enumerate(np.split(held[order], np.cumsum(np.bincount(code))[:-1])):
        columns = np.flatnonzero(z[c].any(axis=0))
        x_c = np.column_stack([np.ones(len(c)), z[np.ix_(c, columns)]])
        uneven = spread[c] > 0
        clusters.append(
            Cluster(
                columns=np.concatenate([[k], len(labels) + columns]),
                x=np.vstack([root[c, None] * x_c, np.zeros((uneven.sum(), x_c.shape[1]))]),
                wx=np.vstack([(root * mean_w)[c, None] * x_c, (spread[c, None] * x_c)[uneven]]),
                residual=np.concatenate([u_even[c], u_lean[c][uneven]]),
            )
        )
    size = float(np.sqrt((w * y**2).sum() / w.sum()))
    return Regression(coefficients, bread, tuple(clusters), len(y), size)
