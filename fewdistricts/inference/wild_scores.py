"""What a wild cluster bootstrap needs of a weighted regression, and the statistic of every draw as a polynomial.

Rows scaled by sqrt(w), A = (X'X)^-1, c its column j, a = X c, delta = b - r for the null r. By Frisch-Waugh-Lovell
the restricted residuals are u + delta a / A_jj, so all that a bootstrap needs of the data are the G x k cluster sums

    H_g = sum_g a x',   S_g = sum_g u x',
    s(delta) = S c + delta H c / A_jj,   J(delta) = diag(s) - H A (S + delta H / A_jj)',

and a draw v of one weight a cluster gives t*(v) = v's / sqrt(k ||J v||^2), k = G (N - 1) / ((G - 1) (N - columns)).
Numerator and denominator are polynomials in delta with five coefficients a draw. Source: Roodman, MacKinnon, Nielsen
and Webb (2019), Stata Journal 19.
"""

from __future__ import annotations

from dataclasses import dataclass
from math import nan

import numpy as np

from fewdistricts.inference.clusters import Regression


@dataclass(frozen=True)
class Scores:
    """A regression as its bootstrap sees it. Shapes: G clusters."""

    estimate: float
    se: float  # CR1S
    correction: float  # k
    s: np.ndarray  # (G,) S c
    s_slope: np.ndarray  # (G,) H c / A_jj
    left: np.ndarray  # (G, m) H A, for the m columns in which S or H is not zero: few, with cluster effects
    right: np.ndarray  # (G, m) S
    right_slope: np.ndarray  # (G, m) H / A_jj
    n: int
    size: float  # root mean square of y
    pilots: int  # clusters whose column j is not zero throughout


def _sizes(columns: np.ndarray) -> np.ndarray:
    return np.sqrt((columns**2).sum(axis=0))


def scores(model: Regression, column: int) -> Scores:
    """Cluster sums of a regression for its coefficient `column`."""
    n, k, g = model.n, len(model.bread), len(model.clusters)
    c = model.bread[:, column]
    a_jj = c[column]
    h, score = np.zeros((g, k)), np.zeros((g, k))
    for row, cluster in enumerate(model.clusters):
        h[row, cluster.columns] = cluster.wx.T @ (cluster.x @ c[cluster.columns])
        score[row, cluster.columns] = cluster.wx.T @ cluster.residual
    # cluster effects leave residual sums of zero, but for rounding
    needed = (_sizes(h) > 1e-12 * _sizes(h).max()) | (_sizes(score) > 1e-12 * _sizes(score).max())
    s, s_slope = score @ c, h @ c / a_jj
    correction = g * (n - 1) / ((g - 1) * (n - k)) if g > 1 and n > k else nan
    return Scores(
        estimate=float(model.coefficients[column]),
        se=float(np.sqrt(correction * (s**2).sum())),
        correction=correction,
        s=s,
        s_slope=s_slope,
        left=(h @ model.bread)[:, needed],
        right=score[:, needed],
        right_slope=h[:, needed] / a_jj,
        n=n,
        size=model.size,
        pilots=sum(bool(cluster.x[:, cluster.columns == column].any()) for cluster in model.clusters),
    )


@dataclass(frozen=True)
class Polynomials:
    """t* of every draw as a function of delta: (p + delta q) / sqrt(a + 2 delta b + delta^2 c). Shapes: (draws,)."""

    p: np.ndarray
    q: np.ndarray
    a: np.ndarray
    b: np.ndarray
    c: np.ndarray

    def t(self, delta: float) -> np.ndarray:
        """t* of the draws (draws,) under the null `delta` below the estimate; 0 where a draw has no variance."""
        top = self.p + delta * self.q
        below = self.a + delta * (2 * self.b + delta * self.c)
        positive = below > 0
        return np.where(positive, top / np.sqrt(np.where(positive, below, 1.0)), 0.0)

    def at_least(self, delta: float, t: float) -> np.ndarray:
        """Draws with |t*(delta)| >= t."""
        return (self.p + delta * self.q) ** 2 >= t * t * (self.a + delta * (2 * self.b + delta * self.c))

    def only(self, kept: np.ndarray) -> Polynomials:
        """The polynomials of some draws."""
        return Polynomials(self.p[kept], self.q[kept], self.a[kept], self.b[kept], self.c[kept])


def polynomials(data: Scores, v: np.ndarray) -> Polynomials:
    """The five coefficients of each draw, `v` (G, draws), in blocks that stay in the cache."""
    out = np.empty((5, v.shape[1]))
    numerator = np.vstack([data.s, data.s_slope])
    columns = np.hstack([data.right, data.right_slope]).T
    m = data.left.shape[1]
    for at in range(0, v.shape[1], 4096):
        block = v[:, at : at + 4096].astype(float, copy=False)
        sums = columns @ block
        fixed = data.s[:, None] * block - data.left @ sums[:m]
        slope = data.s_slope[:, None] * block - data.left @ sums[m:]
        rows = slice(at, at + block.shape[1])
        out[:2, rows] = numerator @ block
        for row, (left, right) in zip((2, 3, 4), ((fixed, fixed), (fixed, slope), (slope, slope)), strict=True):
            out[row, rows] = np.einsum("gb,gb->b", left, right)
    out[2:] *= data.correction
    return Polynomials(*out)
