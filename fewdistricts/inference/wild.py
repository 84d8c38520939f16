"""Restricted wild cluster bootstrap (WCR) of one coefficient of a weighted regression, with inverted confidence
interval.

Each of the `wild_draws` gives a t* under the null r, a ratio of polynomials in delta = b - r (`wild_scores`), to
compare with t = delta / se: the interval inverts the test at the cost of a few passes over the draws, and never goes
back to the data. Sources: Cameron, Gelbach and Miller (2008); Roodman, MacKinnon, Nielsen and Webb (2019, Stata
Journal 19).

Conventions: se is CR1S, k = G (N - 1) / ((G - 1) (N - columns)). p is the share of draws with
|t*| >= |t| (1 - 1e-9) - 1e-12: the identity always ties, so p > 0. The interval holds the nulls with
p > 1 - confidence; a side without end is infinite.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from dataclasses import dataclass, replace
from math import inf

import numpy as np

from fewdistricts.inference.clusters import Regression
from fewdistricts.inference.result import Inference
from fewdistricts.inference.wild_draws import (
    Weights,
    count_for,
    draws,
    weights_for,
)
from fewdistricts.inference.wild_scores import Polynomials, Scores, polynomials, scores

DISTRICTS_AN_ARM = 5  # from three on it rejects a true null in .087 of cases (3 v 3), *measured*

FARTHEST, WIDTH = 1e7, 1e-9  # standard errors: an interval that goes farther has no end, and how exact an end is


def seed(evaluation: str, indicator: str) -> int:
    """The seed of sampled draws: the first 8 bytes of a sha256 of evaluation and indicator."""
    return int.from_bytes(hashlib.sha256(f"{evaluation}\n{indicator}".encode()).digest()[:8], "big")


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
    se, needed = data.se, alpha * len(draw.p)

    def votes(some: Polynomials, delta: float) -> np.ndarray:
        return some.at_least(delta, _bar(delta, se))

    def is_inside(delta: float) -> bool:
        return bool(votes(draw, delta).sum() > needed)

    inside, at_inside = 0.0, np.ones(len(draw.p), dtype=bool)
    outside = side * 2 * se
    at_outside = votes(draw, outside)
    while at_outside.sum() > needed:
        inside, at_inside = outside, at_outside
        outside *= 2
        if abs(outside) > FARTHEST * se:
            return side * inf
        at_outside = votes(draw, outside)
    low, high = _narrow(draw, votes, inside, at_inside, outside, at_outside, needed, WIDTH * se)
    if is_inside(low) and not is_inside(high):
        return low
    # a draw changed its mind twice within the bracket: ask all of them
    while abs(outside - inside) > WIDTH * se:
        middle = (inside + outside) / 2
        if is_inside(middle):
            inside = middle
        else:
            outside = middle
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


@dataclass(frozen=True)
class Test:
    """A bootstrap test of one coefficient: its cluster sums and its draws."""

    data: Scores
    draw: Polynomials
    weights: Weights

    def p_value(self, null: float = 0.0) -> float:
        """p of the hypothesis that the coefficient is `null`."""
        return p_value(self.data, self.draw, null)

    def interval(self, confidence: float) -> tuple[float, float]:
        """The nulls that are not rejected."""
        return interval(self.data, self.draw, confidence)

    def inference(self, known: Inference, confidence: float) -> Inference:
        """The estimate with the p-value of no effect and the inverted interval."""
        low, high = self.interval(confidence)
        return replace(known, ci_low=low, ci_high=high, p_value=self.p_value())

    @property
    def t(self) -> float:
        """The observed t statistic of no effect."""
        return self.data.estimate / self.data.se

    @property
    def statistics(self) -> np.ndarray:
        """t* of every draw under no effect; each draw v stands for -v too, whose t* has the other sign."""
        half = self.draw.t(self.data.estimate)
        return half if self.weights == "sampled" else np.concatenate([half, -half])


def bootstrap_test(
    model: Regression,
    column: int,
    *,
    seed: int = 0,
    weights: Weights | None = None,
    count: int | None = None,
) -> tuple[Inference, Test | None]:
    """The estimate, and the test of it where there can be one; parameters and statuses as `bootstrap`."""
    clusters = len(model.clusters)
    data = scores(model, column)
    known = Inference(estimate=data.estimate, se_type="cr1s", n=data.n, n_districts=clusters)
    in_some_only = data.pilots < clusters
    if clusters < 2 or (in_some_only and min(data.pilots, clusters - data.pilots) < DISTRICTS_AN_ARM):
        return replace(known, status="too_few_districts"), None
    if not data.se > 1e-12 * max(data.size, abs(data.estimate)):
        return replace(known, se=0.0, status="no_variance"), None
    weights = weights or weights_for(clusters)
    if weights == "sampled":
        v = draws(clusters, weights, count or count_for(clusters), seed)
    else:
        v = draws(clusters, weights)
    known = replace(known, se=data.se, p_type=f"wcr_{weights}", p_floor=(3 if weights == "webb" else 1) / v.shape[1])
    return known, Test(data, polynomials(data, v), weights)


def bootstrap(
    model: Regression,
    column: int,
    *,
    seed: int = 0,
    weights: Weights | None = None,
    count: int | None = None,
    confidence: float = 0.95,
) -> Inference:
    """p-value of no effect and inverted interval of coefficient `column`.

    Parameters
    ----------
    model : Regression
    column : int
        A cluster is a pilot if this column is not zero in all of its rows. Where some clusters are pilots and fewer
        than `DISTRICTS_AN_ARM` are, or are not, nothing but the estimate is reported (`too_few_districts`): the test
        then hardly rejects, or rejects by chance.
    seed, count : int
        Of draws that are sampled; `count` None follows `count_for`.
    weights : {"webb", "rademacher", "sampled"}, optional
        None follows `weights_for`.

    Returns
    -------
    Inference
        `p_floor` is the share of draws that tie by construction. Status `too_few_districts` or `no_variance`.
    """
    known, test = bootstrap_test(model, column, seed=seed, weights=weights, count=count)
    return known if test is None else test.inference(known, confidence)
