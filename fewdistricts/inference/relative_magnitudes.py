"""What remains if trends part after the start as much as they did before: bounds of Rambachan and Roth (2023).

b = l'beta is the effect asked for, an average of event-study coefficients after the start, and d_s the steps between
consecutive coefficients before it (the base is zero), which are steps of the differential trend alone. If no step after
the start is larger than M times the largest before it,

    |b - theta| <= M k max_s |d_s|,   k = sum over steps of |sum of l from that step on|,

theta being the effect: the differential trend accumulates step by step. (In their notation Delta^RM(M); the effects at
other waves, free, are eliminated exactly, so two inequalities remain for each s and sign.) The confidence set for theta
is the union over s and sign of those not rejected in testing

    E[(b - theta) - M k (+-d_s)] <= 0   and   E[-(b - theta) - M k (+-d_s)] <= 0

by the hybrid of the least-favourable and the conditional test of Andrews, Roth and Pakes (2023, Review of Economic
Studies 90), first stage at a tenth of the size; its hull is reported. Asymptotic: normal, the covariance of the
coefficients (from district vectors, `district_changes.rule`) taken as known. Hence only from ten districts and three
waves before the start. *Measured*: coverage .96 to 1.00 at 95 % with 6 v 6, 3 v 9 and 20 v 20 districts (600 draws; M
.5, 1, 2; steps of 0, 1 and 4 shock sds); at M = 0 it is the normal interval, with few districts too narrow: there the
event study's own t is to be read.
"""

from __future__ import annotations

from dataclasses import dataclass
from math import inf, nan

import numpy as np
from scipy import special

from fewdistricts.inference.district_changes import rule
from fewdistricts.inference.group_time import Staggered

DISTRICTS, WAVES_BEFORE = 10, 3


@dataclass(frozen=True)
class Coefficients:
    """Event-study coefficients with their covariance: m before the base in order of time, then p after the start."""

    before: np.ndarray  # (m,)
    after: np.ndarray  # (p,)
    covariance: np.ndarray  # (m + p, m + p)


@dataclass(frozen=True)
class Bounds:
    """Confidence set for the effect when later steps are at most `magnitude` times the largest earlier one."""

    magnitude: float
    estimate: float = nan
    set_low: float = nan  # the bounds at the estimates, without their uncertainty
    set_high: float = nan
    ci_low: float = nan
    ci_high: float = nan
    status: str = ""


def district_coefficients(data: Staggered) -> Coefficients | None:
    """Coefficients of one cohort against never-treated districts complete in all waves, weighted alike.

    None with several cohorts, fewer than ten such districts, an arm of one, fewer than three waves before the start.
    """
    if len(data.cohorts) != 1 or data.cohorts[0] < WAVES_BEFORE:
        return None
    g = data.cohorts[0]
    used = ((data.cohort == g) | (data.cohort == -1)) & np.isfinite(data.level).all(axis=1)
    pilot = data.cohort[used] == g
    arms = [int(pilot.sum()), int((~pilot).sum())]
    if sum(arms) < DISTRICTS or min(arms) < 2:
        return None
    moved = np.delete(data.level[used] - data.level[used, [g - 1]][:, None], g - 1, axis=1)
    one, other = (np.cov(moved[arm].T, ddof=1) for arm in (pilot, ~pilot))
    if rule(*arms) == "pooled":
        one = other = ((arms[0] - 1) * one + (arms[1] - 1) * other) / (sum(arms) - 2)
    beta = moved[pilot].mean(axis=0) - moved[~pilot].mean(axis=0)
    return Coefficients(beta[: g - 1], beta[g - 1 :], one / arms[0] + other / arms[1])


@dataclass(frozen=True)
class _Target:
    """b with its k, the steps d (m,), and their covariances."""

    b: float
    k: float
    d: np.ndarray
    var_b: float
    var_d: np.ndarray
    cov: np.ndarray


def _target(found: Coefficients, weights: np.ndarray) -> _Target:
    m, p = len(found.before), len(found.after)
    step = np.zeros((m, m + p))
    step[np.arange(m), np.arange(m)] = -1
    step[np.arange(m - 1), np.arange(1, m)] = 1
    chosen = np.concatenate([np.zeros(m), weights])
    beta = np.concatenate([found.before, found.after])
    return _Target(
        b=float(chosen @ beta),
        k=float(np.abs(np.cumsum(weights[::-1])).sum()),
        d=step @ beta,
        var_b=float(chosen @ found.covariance @ chosen),
        var_d=np.einsum("ij,jk,ik->i", step, found.covariance, step),
        cov=step @ found.covariance @ chosen,
    )


def _largest_of_two(rho: np.ndarray, level: float) -> np.ndarray:
    """The quantile at `level` of the larger of two standard normals with correlation `rho`, by bisection."""
    low, high = np.zeros_like(rho), np.full_like(rho, 10.0)
    slope = np.sqrt(np.clip((1 - rho) / np.maximum(1 + rho, 1e-300), 0, 1e300))
    for _ in range(60):
        middle = (low + high) / 2
        below = special.ndtr(middle) - 2 * special.owens_t(middle, slope) < level
        low, high = np.where(below, middle, low), np.where(below, high, middle)
    return high


def _truncated_quantile(low: np.ndarray, high: np.ndarray, level: float) -> np.ndarray:
    """The quantile of a standard normal held between `low` and `high`, by the smaller tail."""
    right = special.ndtr(-low) - level * (special.ndtr(-low) - special.ndtr(-high))
    left = special.ndtr(low) + level * (special.ndtr(high) - special.ndtr(low))
    return np.where(low > 0, -special.ndtri(right), special.ndtri(left))


def _held(target: _Target, magnitude: float, theta: np.ndarray, alpha: float) -> np.ndarray:
    """Whether each theta (n,) is held by the test of some step and sign."""
    a = magnitude * target.k * np.array([1.0, -1.0])[:, None]  # (sign, step)
    first, second = (target.var_b - s * 2 * a * target.cov + a**2 * target.var_d for s in (1, -1))
    rho = np.clip((a**2 * target.var_d - target.var_b) / np.sqrt(first * second), -1, 1 - 1e-12)
    away = target.b - theta[:, None, None]
    z = np.array([(away - a * target.d) / np.sqrt(first), (-away - a * target.d) / np.sqrt(second)])
    largest, other = z.max(axis=0), z.min(axis=0)
    below = (other - rho * largest) / (1 - rho)
    stage = alpha / 10
    ceiling = np.broadcast_to(_largest_of_two(rho, 1 - stage), largest.shape)
    inside = np.minimum(below, ceiling)
    critical = _truncated_quantile(inside, ceiling, 1 - (alpha - stage) / (1 - stage))
    return ((largest <= ceiling) & (largest <= np.maximum(0.0, critical))).any(axis=(1, 2))


def bounds(
    found: Coefficients, magnitude: float, weights: np.ndarray | None = None, *, confidence: float = 0.95
) -> Bounds:
    """The confidence set at one M; `weights` (p,) of the coefficients after the start, None for the last of them."""
    weights = np.eye(len(found.after))[-1] if weights is None else np.asarray(weights, float)
    target = _target(found, weights)
    scale = float(np.sqrt(target.var_b))
    if not scale > 0:
        return Bounds(magnitude, target.b, status="no_variance")
    half = magnitude * target.k * float(np.abs(target.d).max())
    reach = half + 8 * magnitude * target.k * float(np.sqrt(target.var_d.max())) + 8 * scale
    theta = target.b + np.linspace(-reach, reach, 1001)
    alpha = 1 - confidence
    held = np.flatnonzero(_held(target, magnitude, theta, alpha))

    def end(inside: int, outside: int) -> float:
        if not 0 <= outside < len(theta):
            return inf if outside > 0 else -inf
        yes, no = theta[inside], theta[outside]
        for _ in range(40):
            middle = (yes + no) / 2
            yes, no = (middle, no) if _held(target, magnitude, np.array([middle]), alpha)[0] else (yes, middle)
        return float(yes)

    low, high = end(held[0], held[0] - 1), end(held[-1], held[-1] + 1)
    return Bounds(magnitude, target.b, target.b - half, target.b + half, low, high)
