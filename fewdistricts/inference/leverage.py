"""How many clusters an estimate really rests on: leverage by cluster and the effective number of clusters.

For coefficient j of a weighted regression, c the column of A = (X'WX)^-1 and a_i = w_i x_i'c the weight of row i in it:

    leverage_g = tr(A X_g' W_g X_g)                  (sums to k, the columns of X; equal clusters have k / G each)
    partial_g  = sum_g a_i^2 / w_i / c_j             (of the column asked for, net of the others; sums to 1)
    gamma_g    = sum_{i,l in g} a_i Omega_il a_l     (what cluster g adds to the variance under a model of errors)
    effective  = G / (1 + var(gamma) / mean(gamma)^2)     (var with denominator G)

Omega_g is the identity (independent errors, `effective_independent`) or all ones (errors fully shared in the cluster,
`effective_shared`; undefined with cluster effects, which absorb such errors: nan). Unweighted these are Carter,
Schnepel and Steigerwald (2017, Review of Economics and Statistics 99) and MacKinnon, Nielsen and Webb (2023, Stata
Journal 23, summclust).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from fewdistricts.inference.clusters import Regression, answered, fit


@dataclass(frozen=True)
class Leverage:
    """Leverage of G clusters, in the order of their labels."""

    labels: tuple[str, ...]
    leverage: np.ndarray  # (G,)
    partial: np.ndarray  # (G,)
    effective_independent: float
    effective_shared: float


def _effective(gamma: np.ndarray) -> float:
    return float(len(gamma) / (1 + gamma.var() / gamma.mean() ** 2))


def effective_independent(model: Regression, column: int) -> float:
    """The effective number of clusters behind coefficient `column` under independent errors; as in `leverage`."""
    # Q'W_g X_g c has the length of W_g X_g c, the weights a of the cluster's rows
    c = model.bread[:, column]
    return _effective(np.array([np.square(each.wx @ c[each.columns]).sum() for each in model.clusters]))


def leverage(
    y: np.ndarray, x: np.ndarray, cluster: np.ndarray, column: int, weight: np.ndarray | None = None
) -> Leverage | None:
    """Leverage of the clusters for coefficient `column`; shapes as `clusters.cluster_robust`.

    `y` only tells which rows count. None if x has not full rank.
    """
    fitted = fit(y, x, cluster, weight)
    if fitted is None:
        return None
    c = fitted.bread[:, column]
    a = fitted.weight * (fitted.x @ c)
    at = fitted.start[:-1]
    rows = ((fitted.x @ fitted.bread) * fitted.x).sum(axis=1) * fitted.weight
    shared = np.add.reduceat(a, at) ** 2
    independent = np.add.reduceat(a**2, at)
    absorbed = shared.max() <= 1e-16 * np.add.reduceat(np.abs(a), at).max() ** 2
    names = pd.factorize(np.asarray(cluster)[answered(y, weight)], sort=True)[1]
    return Leverage(
        labels=tuple(str(name) for name in names),
        leverage=np.add.reduceat(rows, at),
        partial=np.add.reduceat(a**2 / fitted.weight, at) / c[column],
        effective_independent=_effective(independent),
        effective_shared=float("nan") if absorbed else _effective(shared),
    )
