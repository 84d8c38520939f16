"""The design at hand on data sets with a known truth: how often its rule and the checks beside it are wrong.

A data set has of each district a level before the start and a change,

    B_j = l_j + x_j + e_j,      D_j = effect (in pilot districts) + y_j + f_j - x_j - e_j,

with l_j what lasts of its level, x_j and y_j its shocks and e_j and f_j its sampling error before and after; all are
normal. x_j and y_j have together the variance s2 of a shock in the change, e_j and f_j the sampling variance v_j of the
change, each divided in the same way: the part `before` for x_j and e_j. Half of the shocks' variance is shared within
declared pairs and clusters, as in `benchmarks/worlds.py`. Sampling variances are estimated, v_j chi2(f_j) / f_j, and
smoothed where the rule smooths them. Everything is computed by `many`, which a test holds against the estimators.

    size      share of the data sets without an effect in which one is found
    coverage  share of the data sets with an effect whose interval holds it
    power     share of the same in which an effect is found

The Monte Carlo error is sqrt(r (1 - r) / N). What this leaves out, skewed shares and shocks of another form among them,
is in the committed simulation (`benchmarks/simulation.py`), whose rates for the same design it repeats (test).
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from math import sqrt
from typing import Protocol

import numpy as np

from fewdistricts.inference import many
from fewdistricts.inference.one_district import FERMAN_PINTO_FROM, FEWEST
from fewdistricts.inference.shock_components import BELOW

SEED = 2026
SETS, FEWEST_SETS, CHANGES = 2_000, 250, 400_000
"""Data sets; where districts are many, as few as keep the changes drawn below `CHANGES`, but never below the second."""
CHUNK = 250
MOST_ASSIGNMENTS, OF_MANY, MANY = 400, 200, 20
"""Assignments of a permutation beyond which as many are drawn; fewer above `MANY` districts."""
MOST_CLUSTERED = 40
"""Districts beyond which the form of a clustered variance takes too long to find."""
ADJUSTED_ARM, ADJUSTED_PAIRS = 3, 5
"""Districts an arm, or pairs, from which the difference at the same baseline mostly has an interval (`baseline`)."""
SHARED = 0.5
UNEQUAL = 2.0
"""The pilot districts' shocks as a multiple of the others', of the second size."""

Method = tuple[str, str]
"""Estimator and variant."""
Test = Callable[[float], np.ndarray]
"""p (N,) of a planted difference."""


@dataclass(frozen=True)
class OwnDesign:
    """What a design is drawn from; all arrays (G,). One district against others stands first."""

    rule: str
    """The estimator of the headline."""
    pilot: np.ndarray
    variance: np.ndarray
    """Sampling variance of each district's change; 0 without sampling."""
    df: np.ndarray
    """Its degrees of freedom; infinite without sampling."""
    n: np.ndarray
    """Answers behind it."""
    shock_variance: float
    """Of a change, beyond sampling."""
    lasting_variance: float
    """Of the levels before the start, beyond shocks and sampling."""
    before: float
    """Part of the variance of a change that comes from the waves before the start."""
    weight: np.ndarray | None = None
    pair: np.ndarray | None = None
    stratum: np.ndarray | None = None
    cluster: np.ndarray | None = None

    @property
    def single(self) -> bool:
        """Whether an arm has one district."""
        return min(self.pilot.sum(), (~self.pilot).sum()) == 1

    @property
    def pairs(self) -> int:
        """Pairs with a district in each arm."""
        if self.pair is None:
            return 0
        return len(set(self.pair[self.pilot].tolist()) & set(self.pair[~self.pilot].tolist()))

    @property
    def sets(self) -> int:
        """How many data sets are drawn for each effect."""
        return sets_of(len(self.pilot))

    def drawn(
        self, effect: float, rng: np.random.Generator, sets: int, *, unequal: float = 1.0
    ) -> Iterator[tuple[Method, Test]]:
        """The tests of so many data sets; the pilot districts' shocks have `unequal` times the sd of the others'."""
        return tests(self, draw(self, effect, rng, sets, unequal=unequal))


class Drawable(Protocol):
    """A design that data sets are drawn from: `OwnDesign`, or `own_starts.OwnStarts` with starts in turn."""

    @property
    def sets(self) -> int:
        """How many data sets are drawn for each effect."""

    @property
    def shock_variance(self) -> float:
        """0 where there are no shocks."""

    def drawn(
        self, effect: float, rng: np.random.Generator, sets: int, *, unequal: float = 1.0
    ) -> Iterator[tuple[Method, Test]]:
        """The tests of so many data sets."""


@dataclass(frozen=True)
class Draws:
    """N data sets, all arrays (N, G)."""

    change: np.ndarray
    variance: np.ndarray
    baseline: np.ndarray


@dataclass(frozen=True)
class Rate:
    """One number of the simulation."""

    quantity: str
    """size, coverage or power"""
    estimator: str
    variant: str
    times: float
    """The effect as a multiple of the smallest change that matters; of a size the pilots' shocks over the others'."""
    value: float
    error: float
    """Its Monte Carlo standard error."""


def sets_of(districts: int) -> int:
    """How many data sets of so many districts are drawn for each effect."""
    return max(FEWEST_SETS, min(SETS, CHANGES // districts))


def draw(own: OwnDesign, effect: float, rng: np.random.Generator, sets: int, *, unequal: float = 1.0) -> Draws:
    """So many data sets; the pilot districts' shocks have `unequal` times the sd of the others'."""
    shape = sets, len(own.pilot)
    size = np.sqrt(own.shock_variance) * np.where(own.pilot, unequal, 1.0)
    together = own.pair if own.pair is not None else own.cluster

    def shock() -> np.ndarray:
        return size * shocks(rng, sets, len(own.pilot), together)

    error = np.sqrt(own.variance)
    earlier = sqrt(own.before) * (shock() + error * rng.normal(size=shape))
    later = sqrt(1 - own.before) * (shock() + error * rng.normal(size=shape))
    baseline = sqrt(own.lasting_variance) * rng.normal(size=shape) + earlier
    estimated = estimated_variances(rng, sets, own.variance, own.df)
    return Draws(later - earlier + effect * own.pilot, estimated, baseline)


def shocks(rng: np.random.Generator, sets: int, districts: int, together: np.ndarray | None) -> np.ndarray:
    """Shocks of variance 1 (N, G), half of it shared by districts with one label."""
    alone = rng.normal(size=(sets, districts))
    if together is None:
        return alone
    label = np.unique(together, return_inverse=True)[1]
    shared = rng.normal(size=(sets, int(label.max()) + 1))[:, label]
    return sqrt(SHARED) * shared + sqrt(1 - SHARED) * alone


def estimated_variances(rng: np.random.Generator, sets: int, variance: np.ndarray, df: np.ndarray) -> np.ndarray:
    """Variances (N, C) as samples estimate them, from the true ones (C,) and their degrees of freedom."""
    out = np.zeros((sets, len(variance)))
    sampled = np.isfinite(df) & (variance > 0)
    if sampled.any():
        out[:, sampled] = variance[sampled] * rng.chisquare(df[sampled], size=(sets, int(sampled.sum()))) / df[sampled]
    return out


def tests(own: OwnDesign, data: Draws) -> Iterator[tuple[Method, Test]]:
    """The headline rule first, then the checks that the report puts beside it, then sampling error only."""
    made = dict(_single(own, data) if own.single else _several(own, data))
    of = many.sampling if own.single else many.design_error
    error = of(data.change, data.variance, np.broadcast_to(own.df, data.change.shape), own.pilot, own.weight)
    if own.variance.any():
        made["taylor", "main"] = error.p
    answer = (own.rule, "main")
    if answer in made:
        yield answer, made.pop(answer)
    yield from made.items()


def _several(own: OwnDesign, data: Draws) -> Iterator[tuple[Method, Test]]:
    d, pilot, weight = data.change, own.pilot, own.weight
    df = np.broadcast_to(own.df, d.shape)
    error = many.design_error(d, data.variance, df, pilot, weight)
    if own.rule == "paired" and own.pair is not None and own.pairs >= 2:
        yield ("paired", "main"), many.paired(d, pilot, own.pair, weight).floored(error.se, error.df).p
    if own.rule == "clustered" and own.cluster is not None and len(pilot) <= MOST_CLUSTERED:
        yield ("clustered", "main"), many.clustered(d, pilot, own.cluster, weight).floored(error.se, error.df).p
    if min(pilot.sum(), (~pilot).sum()) < BELOW:
        yield ("variance_components", "main"), many.components(d, data.variance, df, pilot, weight).p
    yield ("district_change", "main"), many.welch(d, pilot, weight).floored(error.se, error.df).p
    if weight is None and own.lasting_variance + own.before > 0:
        if own.pair is not None and own.pairs == pilot.sum() == (~pilot).sum() >= ADJUSTED_PAIRS:
            adjusted = many.baseline_adjusted_of_pairs(d, data.baseline, pilot, own.pair)
            yield ("district_change", "baseline_adjusted"), adjusted.floored(error.se, error.df).p
        elif own.pair is None and min(pilot.sum(), (~pilot).sum()) >= ADJUSTED_ARM:
            adjusted = many.baseline_adjusted(d, data.baseline, pilot)
            yield ("district_change", "baseline_adjusted"), adjusted.floored(error.se, error.df).p
    most = MOST_ASSIGNMENTS if len(pilot) <= MANY else OF_MANY
    within = own.pair if own.pair is not None else own.stratum
    every = many.assigned(pilot, within, most=most, seed=SEED)

    def permuted(planted: float) -> np.ndarray:
        return many.permutation_p(d, pilot, every, planted, weight=weight, pair=own.pair, stratum=own.stratum)

    if len(every) > 1:
        yield ("permutation", "main"), permuted


def _single(own: OwnDesign, data: Draws) -> Iterator[tuple[Method, Test]]:
    sign = 1.0 if own.pilot[0] else -1.0
    d, others = sign * data.change, len(own.pilot) - 1
    v, df = data.variance, np.full(len(d), np.inf)
    if own.variance.any():
        v = many.smoothed(data.variance, own.n)
        df = many.smoothed_df(data.variance, own.df, own.n)
    if others >= FEWEST:
        weight = None if own.weight is None else own.weight[1:]
        components = many.one_district(d, v, df, weight)
        raw = many.sampling(d, data.variance, np.broadcast_to(own.df, d.shape), own.pilot, own.weight)
        yield ("variance_components", "main"), components.floored(raw.se).p
    if own.weight is not None:
        return
    if others >= 2:
        yield ("placebo_rank", "main"), lambda planted: many.placebo_p(d, planted)
    if others >= FERMAN_PINTO_FROM:
        yield ("ferman_pinto", "main"), lambda planted: many.ferman_pinto_p(d, v, planted)


def rates(own: Drawable, effect: float | None, *, alpha: float = 0.05, seed: int = SEED) -> list[Rate]:
    """Size, coverage and power of every method at `effect` and twice as much; None: the size alone.

    The size is given again with the pilot districts' shocks `UNEQUAL` times as large, where there are any.
    """
    rng = np.random.default_rng(seed)
    counts: dict[tuple[str, Method, float], int] = {}
    worlds = [(0.0, 1.0)]
    if own.shock_variance > 0:
        worlds.append((0.0, UNEQUAL))
    if effect is not None:
        worlds += [(1.0, 1.0), (2.0, 1.0)]
    for at in range(0, own.sets, CHUNK):
        sets = min(CHUNK, own.sets - at)
        for times, unequal in worlds:
            planted = times * (effect or 0.0)
            for method, p in own.drawn(planted, rng, sets, unequal=unequal):
                found = int((p(0.0) <= alpha).sum())
                key = ("power", method, times) if times else ("size", method, unequal)
                counts[key] = counts.get(key, 0) + found
                if times == 1.0:
                    held = int((p(planted) > alpha).sum())
                    counts["coverage", method, times] = counts.get(("coverage", method, times), 0) + held
    return [_rate(*key, count / own.sets, own.sets) for key, count in counts.items()]


def _rate(quantity: str, method: Method, times: float, value: float, sets: int) -> Rate:
    return Rate(quantity, *method, times, value, sqrt(value * (1 - value) / sets))
