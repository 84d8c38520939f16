"""The district-change regression: one number a district, its change, compared between the arms.

Donald and Lang (2007, Review of Economics and Statistics 89): with few districts the number of districts is the
sample size. D_j is the change of district j (its level after less its level before), p_j its share of its arm (1/J,
or of the population):

    estimate = sum_pilot p_j D_j - sum_comparison p_j D_j.

The variance of D_j already holds the sampling error of the survey: it is never added to. Two forms:

    pooled: s^2 (sum_pilot p_j^2 + sum_comparison p_j^2), s^2 the mean of the arms' s_a^2 by degrees of freedom f_a, df
            their sum; for equal p_j the classical t test with G - 2 df. It assumes equal shock variance in both arms;
    welch:  sum over arms of s_a^2 sum p_j^2, with Satterthwaite df,

s_a^2 being the variance of the changes in an arm of J districts on f_a = J - 1 degrees of freedom; by population it is
judged from what does not move the arm's mean (`spread`), on J - 2. The rule (`rule`): pooled while an arm has fewer
than five districts, Welch from five on.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from math import inf, nan
from typing import Literal

import numpy as np

from fewdistricts.inference.result import Inference
from fewdistricts.inference.spread import spread_about
from fewdistricts.inference.t_test import t_test

Form = Literal["pooled", "welch"]
WELCH_FROM = 5


def rule(pilot: int, comparison: int) -> Form:
    """The headline form for so many districts in the arms."""
    return "welch" if min(pilot, comparison) >= WELCH_FROM else "pooled"


@dataclass(frozen=True)
class _Arm:
    districts: int
    mean: float
    variance: float  # of a district's change
    df: float
    shares: float  # sum p_j^2


def _arm(change: np.ndarray, weight: np.ndarray) -> _Arm:
    share = weight / weight.sum()
    variance, df = spread_about(change, share)
    return _Arm(len(change), float(share @ change), variance, df, float(share @ share))


def district_change(
    change: np.ndarray,
    pilot: np.ndarray,
    weight: np.ndarray | None = None,
    *,
    form: Form | None = None,
    confidence: float = 0.95,
) -> Inference:
    """Difference in mean change between the arms, with its t interval and test.

    `change` (G,) changes of the districts, nan for one without (left out); `pilot` (G,) bool; `weight` (G,)
    populations or None for districts counting equally; `form` None follows `rule`. `se_type` is the form, `p_type`
    "t". Status: `no_data` (an arm is empty), `too_few_districts` (no degrees of freedom: G < 3, or Welch with an arm
    of one), `no_variance` (no arm varies).
    """
    change, pilot = np.asarray(change, float), np.asarray(pilot, bool)
    weight = np.ones(len(change)) if weight is None else np.asarray(weight, float)
    known = np.isfinite(change) & (weight > 0)
    here, there = known & pilot, known & ~pilot
    districts = int(known.sum())
    if not here.any() or not there.any():
        return Inference(n_districts=districts, status="no_data")
    arms = (_arm(change[here], weight[here]), _arm(change[there], weight[there]))
    estimate = arms[0].mean - arms[1].mean
    form = form or rule(arms[0].districts, arms[1].districts)
    variance, df = _pooled(*arms) if form == "pooled" else _welch(*arms)
    undefined = Inference(estimate=estimate, se_type=form, n_districts=districts, status="too_few_districts")
    if not df >= 1:
        return undefined
    se = float(np.sqrt(variance))
    if se <= 1e-12 * float(np.abs(change[known]).max()):
        return replace(undefined, se=0.0, status="no_variance")
    return t_test(undefined, se, df, confidence)


def _pooled(a: _Arm, b: _Arm) -> tuple[float, float]:
    df = a.df + b.df
    if df < 1:
        return nan, 0.0
    return (a.variance * a.df + b.variance * b.df) / df * (a.shares + b.shares), df


def _welch(a: _Arm, b: _Arm) -> tuple[float, float]:
    if min(a.districts, b.districts) < 2:
        return nan, 0.0
    v = [arm.variance * arm.shares for arm in (a, b)]
    spread = v[0] ** 2 / a.df + v[1] ** 2 / b.df
    return sum(v), sum(v) ** 2 / spread if spread > 0 else inf
