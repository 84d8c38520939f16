"""Cluster-robust variances CR0 to CR3 of one coefficient of a weighted regression, with Satterthwaite degrees of
freedom.

With A = (X'WX)^-1, residuals u, c the column of A asked for and v_g = W_g X_g c,

    se^2 = sum_g (q_g' u_g)^2,   q_g = A_g' v_g,   df = tr(K)^2 / ||K||_F^2,   K_gh = q_g' M_g M_h' q_h,

M_g being the rows of I - X A X'W that belong to cluster g. The adjustments are

    CR0 A_g = I;  CR1 A_g = sqrt(G / (G - 1));  CR1p sqrt(G / (G - k));  CR1S sqrt(G (N - 1) / ((G - 1) (N - k)));
    CR2 A_g = (M_g M_g')^{-1/2}, the symmetric root of the pseudo-inverse (eigenvalues up to 1e-10 count as zero);
    CR3 A_g = (I - X_g A X_g' W_g)^{-1}, the leave-one-cluster-out jackknife without centring.

Conventions, those of clubSandwich 0.5 for `lm(weights = )`: the working model is the identity (weights are sampling
weights, not inverse variances); N counts rows with a positive weight, k the columns of X. Stata's default and
`sandwich::vcovCL` HC1 are CR1S with G - 1 degrees of freedom; other software calls other things CR1 and CR3, so rows
name theirs.

Everything happens in the span of [X_g, W_g X_g], found by QR without the columns that are zero in the cluster: O(N
k^2), no N x N or n_g x n_g matrix. Sources: Bell and McCaffrey (2002), Survey Methodology 28; Pustejovsky and Tipton
(2018), JBES 36.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cached_property
from math import nan
from typing import Literal

import numpy as np
import pandas as pd
from scipy.sparse import csr_array

from fewdistricts.inference.result import Inference
from fewdistricts.inference.t_test import t_test

Kind = Literal["CR0", "CR1", "CR1p", "CR1S", "CR2", "CR3"]
ZERO = 1e-10
DENSE = 10_000
"""Elements of a matrix up to which it is not worth holding as sparse."""


@dataclass(frozen=True)
class Fit:
    """A weighted least-squares fit, rows in order of the clusters' labels. Shapes: N rows, k columns, G clusters."""

    x: np.ndarray  # (N, k)
    weight: np.ndarray  # (N,)
    residual: np.ndarray  # (N,)
    coefficients: np.ndarray  # (k,)
    bread: np.ndarray  # (k, k) A = (X'WX)^-1
    start: np.ndarray  # (G + 1,) first row of each cluster

    @property
    def clusters(self) -> int:
        """G."""
        return len(self.start) - 1

    @property
    def size(self) -> float:
        """Root mean square of y: the size of its numbers, for telling a zero variance from rounding."""
        y = self.residual + self.x @ self.coefficients
        return float(np.sqrt((self.weight * y**2).sum() / self.weight.sum()))


def answered(y: np.ndarray, weight: np.ndarray | None) -> np.ndarray:
    """Rows (N,) that count: y known and a positive weight."""
    known = np.isfinite(np.asarray(y, float))
    return known if weight is None else known & (np.asarray(weight, float) > 0)


def fit(y: np.ndarray, x: np.ndarray, cluster: np.ndarray, weight: np.ndarray | None = None) -> Fit | None:
    """Least squares of `y` (N,) on `x` (N, k) over rows with an answer and a weight; None if x has not full rank."""
    from statsmodels.regression.linear_model import WLS

    used = answered(y, weight)
    weight = np.ones(len(y)) if weight is None else weight
    code = pd.factorize(np.asarray(cluster)[used], sort=True)[0]
    order = np.argsort(code, kind="stable")
    y, x, weight = (np.asarray(a, float)[used][order] for a in (y, x, weight))
    start = np.searchsorted(code[order], np.arange(code.max(initial=-1) + 2))
    root = np.sqrt(weight / weight.mean()) if len(y) else weight
    diagonal = np.abs(np.diag(np.linalg.qr(x * root[:, None], mode="r")))
    if len(y) < x.shape[1] or not (diagonal > ZERO * diagonal.max(initial=0)).all():
        return None
    # weights of mean one keep the normal equations near one whatever the weights' unit
    fitted = WLS(y, x, weights=weight / weight.mean()).fit(method="qr")
    return Fit(
        x=x,
        weight=weight,
        residual=y - x @ fitted.params,
        coefficients=fitted.params,
        bread=fitted.normalized_cov_params / weight.mean(),
        start=start,
    )


@dataclass(frozen=True)
class Cluster:
    """A cluster in coordinates of an orthonormal Q that spans X_g and W_g X_g; r of them, for the columns it uses."""

    columns: np.ndarray  # (k_g,) columns of X that are not zero in the cluster
    x: np.ndarray  # (r, k_g) Q'X_g
    wx: np.ndarray  # (r, k_g) Q'W_g X_g
    residual: np.ndarray  # (r,) Q'u_g


@dataclass(frozen=True)
class Alike:
    """Clusters of one shape, computed together: the arrays of m of them, as in `Cluster`, and their places among G."""

    places: np.ndarray  # (m,)
    columns: np.ndarray  # (m, k_g)
    x: np.ndarray  # (m, r, k_g)
    wx: np.ndarray  # (m, r, k_g)
    residual: np.ndarray  # (m, r)

    def of(self, square: np.ndarray) -> np.ndarray:
        """The part (m, k_g, k_g) of a matrix (k, k) that belongs to the columns of each."""
        return square[self.columns[:, :, None], self.columns[:, None, :]]


@dataclass(frozen=True)
class Regression:
    """All that inference by cluster needs of a regression: its size no longer depends on the number of rows."""

    coefficients: np.ndarray  # (k,)
    bread: np.ndarray  # (k, k) A
    clusters: tuple[Cluster, ...]  # G, in order of their labels
    n: int
    size: float  # root mean square of y: the size of its numbers, for telling a zero variance from rounding

    @cached_property
    def alike(self) -> tuple[Alike, ...]:
        """The clusters by shape."""
        places: dict[tuple[int, ...], list[int]] = {}
        for place, cluster in enumerate(self.clusters):
            places.setdefault(cluster.x.shape, []).append(place)
        return tuple(
            Alike(
                np.array(some),
                *(
                    np.stack([getattr(self.clusters[place], name) for place in some])
                    for name in ("columns", "x", "wx", "residual")
                ),
            )
            for some in places.values()
        )

    @cached_property
    def spread(self) -> np.ndarray:
        """A X'W W X A (k, k)."""
        # few columns a cluster: the middle is all but empty
        parts = [(each.columns, each.wx.mT @ each.wx) for each in self.alike]
        down = np.concatenate([np.repeat(columns, columns.shape[1], axis=1).ravel() for columns, _ in parts])
        along = np.concatenate([np.tile(columns, columns.shape[1]).ravel() for columns, _ in parts])
        values = np.concatenate([square.ravel() for _, square in parts])
        return (self.bread @ _matrix(values, down, along, self.bread.shape)) @ self.bread


def _matrix(values: np.ndarray, down: np.ndarray, along: np.ndarray, shape: tuple[int, int]) -> np.ndarray | csr_array:
    """A matrix that is zero but at some places, where values add up; held as sparse where it is large."""
    if shape[0] * shape[1] > DENSE:
        return csr_array((values, (down, along)), shape=shape)
    return np.bincount(down * shape[1] + along, values, shape[0] * shape[1]).reshape(shape)


def coordinates(columns: np.ndarray, x: np.ndarray, weight: np.ndarray, residual: np.ndarray) -> Cluster:
    """A cluster of n rows, `x` (n, k_g) of the columns it uses, `weight` and `residual` (n,)."""
    wx = x * weight[:, None]
    if len(x) == 1:  # a row alone is its own coordinate, but for the sign
        return Cluster(columns, x, wx, residual)
    q = np.linalg.qr(np.hstack([x, wx]))[0]
    return Cluster(columns, q.T @ x, q.T @ wx, q.T @ residual)


def regression(fitted: Fit) -> Regression:
    """A fit in coordinates of its clusters."""
    clusters = []
    for g in range(fitted.clusters):
        rows = slice(fitted.start[g], fitted.start[g + 1])
        columns = np.flatnonzero(fitted.x[rows].any(axis=0))
        clusters.append(coordinates(columns, fitted.x[rows, columns], fitted.weight[rows], fitted.residual[rows]))
    return Regression(fitted.coefficients, fitted.bread, tuple(clusters), len(fitted.x), fitted.size)


def _root(m: np.ndarray) -> np.ndarray:
    """Symmetric square roots (m, r, r) of the pseudo-inverses."""
    values, vectors = np.linalg.eigh((m + m.mT) / 2)
    kept = np.where(values > ZERO, values, np.inf)
    return (vectors * kept[:, None, :] ** -0.5) @ vectors.mT


def _adjusted(model: Regression, kind: Kind, column: int) -> list[np.ndarray] | None:
    """q_g (m, r) in the coordinates of the clusters of each shape; None where CR3 does not exist."""
    out = []
    for each in model.alike:
        inner, c = each.of(model.bread), model.bread[each.columns, column][:, :, None]
        q = each.wx @ c
        if kind == "CR2":
            cross = each.x @ inner @ each.wx.mT
            made = np.eye(q.shape[1]) - cross - cross.mT + each.x @ each.of(model.spread) @ each.x.mT
            q = _root(made) @ q
        elif kind == "CR3":
            gram = each.x.mT @ each.wx
            held = np.eye(c.shape[1]) - inner @ gram
            if np.linalg.svd(held, compute_uv=False)[:, -1].min() < 1e-8:
                return None
            q = q + each.wx @ np.linalg.solve(held, inner @ (gram @ c))
        out.append(q[:, :, 0])
    return out


def _side(model: Regression, adjusted: list[np.ndarray], name: Literal["x", "wx"]) -> np.ndarray | csr_array:
    """X_g'q_g, or (W_g X_g)'q_g, of each cluster (G, k)."""
    # a cluster uses few of the columns: its own effect and those of all
    values = [(q[:, None, :] @ getattr(each, name)).ravel() for each, q in zip(model.alike, adjusted, strict=True)]
    down = [np.repeat(each.places, each.columns.shape[1]) for each in model.alike]
    along = [each.columns.ravel() for each in model.alike]
    shape = len(model.clusters), len(model.bread)
    return _matrix(np.concatenate(values), np.concatenate(down), np.concatenate(along), shape)


def _satterthwaite(model: Regression, adjusted: list[np.ndarray]) -> float:
    """tr(K)^2 / ||K||_F^2."""
    left, right = _side(model, adjusted, "x"), _side(model, adjusted, "wx")
    own = np.zeros(len(model.clusters))
    for each, q in zip(model.alike, adjusted, strict=True):
        own[each.places] = (q**2).sum(axis=1)
    cross = (left @ model.bread) @ right.T
    k = np.diag(own) - cross - cross.T + (left @ model.spread) @ left.T
    return float(np.trace(k) ** 2 / (k**2).sum())


def _scale(clusters: int, n: int, k: int, kind: Kind) -> float:
    """The constant of CR1, CR1p and CR1S on the variance; nan where it does not exist."""
    if kind == "CR1":
        return clusters / (clusters - 1) if clusters > 1 else nan
    if kind == "CR1p":
        return clusters / (clusters - k) if clusters > k else nan
    if kind == "CR1S":
        return clusters * (n - 1) / ((clusters - 1) * (n - k)) if clusters > 1 and n > k else nan
    return 1.0


def inference(
    model: Regression,
    column: int,
    *,
    kind: Kind = "CR2",
    df: Literal["satterthwaite", "clusters"] = "satterthwaite",
    confidence: float = 0.95,
) -> Inference:
    """Coefficient `column` with a t interval and test; df: Satterthwaite's, or G - 1.

    Status: `too_few_districts` (fewer than two clusters), `undefined` (CR1p with k >= G, CR3 with cluster effects),
    `no_variance` (a perfect fit).
    """
    estimate, clusters = float(model.coefficients[column]), len(model.clusters)
    known = Inference(estimate=estimate, se_type=kind.lower(), n=model.n, n_districts=clusters)
    if clusters < 2:
        return replace(known, status="too_few_districts")
    adjusted = _adjusted(model, kind, column)
    scale = _scale(clusters, model.n, len(model.bread), kind)
    if adjusted is None or np.isnan(scale):
        return replace(known, status="undefined")
    scores = [(q * each.residual).sum(axis=1) for q, each in zip(adjusted, model.alike, strict=True)]
    se = float(np.sqrt(scale * np.square(np.concatenate(scores)).sum()))
    if se <= 1e-12 * max(model.size, abs(estimate)):
        return replace(known, se=0.0, status="no_variance")
    degrees = _satterthwaite(model, adjusted) if df == "satterthwaite" else clusters - 1.0
    return t_test(known, se, degrees, confidence)


def cluster_robust(
    y: np.ndarray,
    x: np.ndarray,
    cluster: np.ndarray,
    column: int,
    weight: np.ndarray | None = None,
    *,
    kind: Kind = "CR2",
    df: Literal["satterthwaite", "clusters"] = "satterthwaite",
    confidence: float = 0.95,
) -> Inference:
    """Coefficient `column` of `y` (N,) on `x` (N, k), clusters by any code (N,): `inference` of rows.

    Rows with nan y or without a positive weight are left out. Status `not_identified`: x has not full rank.
    """
    fitted = fit(y, x, cluster, weight)
    if fitted is None:
        return Inference(se_type=kind.lower(), n=int(answered(y, weight).sum()), status="not_identified")
    return inference(regression(fitted), column, kind=kind, df=df, confidence=confidence)
