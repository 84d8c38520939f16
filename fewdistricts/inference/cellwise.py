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
from fewdistricts.inference.cell_sums import CellSums, cell_sums
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
    return regress_sums(cell_sums(y, w, cell, len(z)), z, cluster)


def regress_sums(sums: CellSums, z: np.ndarray, cluster: np.ndarray) -> Regression | None:
    """`regress_cells` from the sums of its cells."""
    held = np.flatnonzero(sums.n)
    labels, code = np.unique(np.asarray(cluster)[held], return_inverse=True)
    sums, z = sums.take(held), z[held]
    solved = solve(sums.mean, z, code, sums.weight)
    if solved is None:
        return None
    coefficients, bread = solved
    fitted = coefficients[code] + z @ coefficients[len(labels) :]
    root = np.sqrt(sums.n)
    mean_weight = sums.weight / sums.n
    spread = np.sqrt(sums.weight_squares)
    spread[spread <= 1e-10 * mean_weight * root] = 0.0
    uneven = spread > 0
    u_even = (sums.total - sums.n * fitted) / root
    # the weights less their mean sum to zero, so that the fitted value of the cell drops out
    u_lean = np.divide(sums.weight_total, spread, out=np.zeros(len(held)), where=uneven)
    order = np.argsort(code, kind="stable")
    clusters = []
    for k, cells in enumerate(np.split(order, np.cumsum(np.bincount(code))[:-1])):
        columns = np.flatnonzero(z[cells].any(axis=0))
        x = np.column_stack([np.ones(len(cells)), z[np.ix_(cells, columns)]])
        lean = uneven[cells]
        clusters.append(
            Cluster(
                columns=np.concatenate([[k], len(labels) + columns]),
                x=np.vstack([root[cells, None] * x, np.zeros((lean.sum(), x.shape[1]))]),
                wx=np.vstack([(root * mean_weight)[cells, None] * x, (spread[cells, None] * x)[lean]]),
                residual=np.concatenate([u_even[cells], u_lean[cells][lean]]),
            )
        )
    size = float(np.sqrt((sums.squares + sums.weight * sums.mean**2).sum() / sums.weight.sum()))
    return Regression(coefficients, bread, tuple(clusters), int(sums.n.sum()), size)
