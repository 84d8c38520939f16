"""Restricted wild cluster bootstrap (WCR) of one coefficient of a weighted regression, with inverted confidence
interval.

Cameron, Gelbach and Miller (2008); Roodman, MacKinnon, Nielsen and Webb (2019, Stata Journal 19); Webb (2023) for six
points. Rows scaled by sqrt(w), A = (X'X)^-1, c its column j, a = X c, delta = b - r for the null r. By
Frisch-Waugh-Lovell the restricted residuals are u + delta a / A_jj, so all that a bootstrap needs of the data are the
G x k cluster sums

    H_g = sum_g a x',   S_g = sum_g u x',
    s(delta) = S c + delta H c / A_jj,   J(delta) = diag(s) - H A (S + delta H / A_jj)',

and a draw v of one weight a cluster gives t*(v) = v's / sqrt(k ||J v||^2), to compare with t = delta / se. Numerator
and denominator are polynomials in delta with five coefficients a draw: the interval inverts the test at the cost of a
few passes over the draws, and never goes back to the data.

Conventions: se is CR1S, k = G (N - 1) / ((G - 1) (N - columns)). Draws: up to 7 clusters all 6^G of Webb's six
points; 8 to 16 all 2^G Rademacher; above that the identity and 99,999 seeded Rademacher draws. v and -v give the same
|t*|, so half of a full enumeration is computed. p is the share of draws with |t*| >= |t| (1 - 1e-9) - 1e-12: the
identity always ties, so p > 0. The interval holds the nulls with p > 1 - confidence; a side without end is infinite.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import lru_cache
from math import inf, nan
from typing import Literal

import numpy as np

from evaluation.estimate.clusters import Regression, answered, fit, regression
from evaluation.estimate.table import Inference

Weights = Literal["webb", "rademacher", "sampled"]
POINTS = np.sqrt([0.5, 1.0, 1.5])  # of Webb, with both signs
WEBB_UP_TO, ENUMERATED_UP_TO, DRAWS = 7, 16, 99_999
DISTRICTS_AN_ARM = 3


def seed(evaluation: str, indicator: str) -> int:
    """The seed of sampled draws: the first 8 bytes of a sha256 of evaluation and indicator."""
    return int.from_bytes(hashlib.sha256(f"{evaluation}\n{indicator}".encode()).digest()[:8], "big")


def weights_for(clusters: int) -> Weights:
    """Which draws so many clusters get."""
    return "webb" if clusters <= WEBB_UP_TO else "rademacher" if clusters <= ENUMERATED_UP_TO else "sampled"


@lru_cache(maxsize=4)
def draws(clusters: int, weights: Weights, count: int = DRAWS, seed: int = 0) -> np.ndarray:
    """Bootstrap weights (clusters, draws), read-only: one of v and -v each; sampled ones begin with the identity."""
    if weights == "sampled":
        words = np.random.PCG64(seed).random_raw(-(-clusters * count // 64)).astype("<u8")
        bits = np.unpackbits(words.view(np.uint8))[: clusters * count].reshape(clusters, count)
        out = np.concatenate([np.ones((clusters, 1)), 1.0 - 2.0 * bits], axis=1)
    elif weights == "rademacher":
        code = np.arange(2 ** (clusters - 1))
        out = 1.0 - 2.0 * ((code >> np.arange(clusters)[:, None]) & 1)
    else:
        code = np.arange(3 * 6 ** (clusters - 1))
        digits = code // 6 ** np.arange(clusters)[::-1, None] % 6
        out = np.concatenate([POINTS, -POINTS])[digits]
    out.flags.writeable = False
    return out


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
        block = v[:, at : at + 4096]
        sums = columns @ block
        fixed = data.s[:, None] * block - data.left @ sums[:m]
        slope = data.s_slope[:, None] * block - data.left @ sums[m:]
        rows = slice(at, at + block.shape[1])
        out[:2, rows] = numerator @ block
        for row, (left, right) in zip((2, 3, 4), ((fixed, fixed), (fixed, slope), (slope, slope)), strict=True):
            out[row, rows] = np.einsum("gb,gb->b", left, right)
    out[2:] *= data.correction
    return Polynomials(*out)


def _bar(delta: float, se: float) -> float:
    """|t| less the tolerance for ties."""
    return max(0.0, abs(delta) / se * (1 - 1e-9) - 1e-12)


def p_value(data: Scores, draw: Polynomials, null: float = 0.0, *, restricted: bool = True) -> float:
    """Share of the draws at least as extreme as the estimate under the null; unless `restricted`, WCU (to compare)."""
    delta = data.estimate - null
    bar = _bar(delta, data.se)
    return float(draw.at_least(delta, bar).mean() if restricted else (draw.p**2 >= bar * bar * draw.a).mean())


def interval(data: Scores, draw: Polynomials, confidence: float = 0.95) -> tuple[float, float]:
    """The nulls whose p-value exceeds 1 - confidence, to 1e-9 standard errors; infinite where they do not end."""
    upward = -_end(data, draw, -1.0, 1 - confidence)
    downward = -_end(data, draw, 1.0, 1 - confidence)
    return data.estimate + downward, data.estimate + upward


def _end(data: Scores, draw: Polynomials, side: float, alpha: float) -> float:
    """The delta on one side where p falls to alpha: bisection over the draws that still change their mind."""
    se, total = data.se, len(draw.p)

    def votes(some: Polynomials, delta: float) -> np.ndarray:
        return some.at_least(delta, _bar(delta, se))

    inside, outside = 0.0, side * 2 * se
    at_inside = np.ones(total, dtype=bool)
    while (at_outside := votes(draw, outside)).sum() > alpha * total:
        inside, at_inside, outside = outside, at_outside, outside * 2
        if abs(outside) > 1e7 * se:
            return side * inf
    first = _narrow(draw, votes, inside, at_inside, outside, at_outside, alpha * total, 1e-9 * se)
    if votes(draw, first[0]).sum() > alpha * total >= votes(draw, first[1]).sum():
        return first[0]
    while abs(outside - inside) > 1e-9 * se:  # a draw changed its mind twice within the bracket: ask all of them
        middle = (inside + outside) / 2
        inside, outside = (middle, outside) if votes(draw, middle).sum() > alpha * total else (inside, middle)
    return inside


def _narrow(
    draw: Polynomials,
    votes: Callable[[Polynomials, float], np.ndarray],
    inside: float,
    at_inside: np.ndarray,
    outside: float,
    at_outside: np.ndarray,
    needed: float,
    width: float,
) -> tuple[float, float]:
    """Bisect, at each step keeping only the draws that vote differently at the two ends."""
    settled = 0
    while abs(outside - inside) > width:
        undecided = at_inside != at_outside
        settled += int((at_inside & ~undecided).sum())
        draw, at_inside, at_outside = draw.only(undecided), at_inside[undecided], at_outside[undecided]
        middle = (inside + outside) / 2
        at_middle = votes(draw, middle)
        if settled + at_middle.sum() > needed:
            inside, at_inside = middle, at_middle
        else:
            outside, at_outside = middle, at_middle
    return inside, outside


def bootstrap(
    model: Regression,
    column: int,
    *,
    seed: int = 0,
    weights: Weights | None = None,
    count: int = DRAWS,
    confidence: float = 0.95,
) -> Inference:
    """p-value of no effect and inverted interval of coefficient `column`.

    A cluster is a pilot if `column` is not zero in all of its rows. With fewer than three districts in an arm nothing
    but the estimate is reported (`too_few_districts`): the test then hardly rejects, or rejects by chance. `weights`
    None follows `weights_for`; `seed` and `count` matter for sampled draws only. `p_floor` is the share of draws that
    tie by construction.
    """
    clusters, data = len(model.clusters), scores(model, column)
    known = Inference(estimate=data.estimate, se_type="cr1s", n=data.n, n_districts=clusters)
    if min(data.pilots, clusters - data.pilots) < DISTRICTS_AN_ARM:
        return replace(known, status="too_few_districts")
    if not data.se > 1e-12 * max(data.size, abs(data.estimate)):
        return replace(known, se=0.0, status="no_variance")
    weights = weights or weights_for(clusters)
    v = draws(clusters, weights, *((count, seed) if weights == "sampled" else ()))
    draw = polynomials(data, v)
    low, high = interval(data, draw, confidence)
    return replace(
        known,
        se=data.se,
        ci_low=low,
        ci_high=high,
        p_value=p_value(data, draw),
        p_type=f"wcr_{weights}",
        p_floor=(3 if weights == "webb" else 1) / v.shape[1],
    )


def wild_bootstrap(
    y: np.ndarray,
    x: np.ndarray,
    cluster: np.ndarray,
    column: int,
    weight: np.ndarray | None = None,
    *,
    seed: int = 0,
    weights: Weights | None = None,
    count: int = DRAWS,
    confidence: float = 0.95,
) -> Inference:
    """`bootstrap` of rows; shapes as `clusters.cluster_robust`. Status `not_identified`: x has not full rank."""
    fitted = fit(y, x, cluster, weight)
    if fitted is None:
        return Inference(se_type="cr1s", n=int(answered(y, weight).sum()), status="not_identified")
    return bootstrap(regression(fitted), column, seed=seed, weights=weights, count=count, confidence=confidence)
