"""The rules on many data sets at once equal the estimators, data set by data set."""

from __future__ import annotations

import numpy as np
import pytest
from oracles import p_of_planted

from benchmarks import pooling
from benchmarks.wild import wild_p
from fewdistricts.inference import (
    baseline,
    group_time,
    many,
    one_district,
    permutations,
    rules,
    wild,
    wild_draws,
    wild_scores,
)
from fewdistricts.inference.clusters import fit, regression
from fewdistricts.inference.district_changes import district_change
from fewdistricts.inference.partial_pooling import partial_pooling

SETS = 12
PLANTED = 0.03


def drawn(pilots: int, comparisons: int, seed: int = 1):
    """Changes, variances and degrees of freedom (N, G), baselines (N, G), and the arm (G,)."""
    rng = np.random.default_rng(seed)
    shape = SETS, pilots + comparisons
    variance = rng.uniform(0.0005, 0.003, shape)
    df = np.broadcast_to(rng.integers(3, 40, shape[1]).astype(float), shape)
    change = rng.normal(0, 0.05, shape)
    return change, variance, df, rng.uniform(0.2, 0.6, shape), np.arange(shape[1]) < pilots


def same(got: many.Tests, wanted: list) -> None:
    """Estimate, standard error, degrees of freedom and p of each data set."""
    for name in ("estimate", "se", "df"):
        np.testing.assert_allclose(getattr(got, name), [getattr(one, name) for one in wanted], rtol=1e-9)
    np.testing.assert_allclose(got.p(), [one.p_value for one in wanted], rtol=1e-8)


@pytest.mark.parametrize(("pilots", "comparisons"), [(2, 2), (3, 9), (6, 6)])
@pytest.mark.parametrize("by_population", [False, True])
def test_rules_over_districts(pilots, comparisons, by_population):
    change, variance, df, _, pilot = drawn(pilots, comparisons)
    weight = np.linspace(1, 5, len(pilot)) if by_population else None
    given = list(zip(change, variance, df, strict=True))
    error = many.design_error(change, variance, df, pilot, weight)
    floored = many.welch(change, pilot, weight).floored(error.se, error.df)
    same(floored, [rules.by_rule("district_change", d, pilot, weight, variance=v, df=f) for d, v, f in given])
    same(many.pooled(change, pilot, weight), [district_change(d, pilot, weight, form="pooled") for d in change])
    several = many.components(change, variance, df, pilot, weight)
    same(several, [rules.by_rule("variance_components", d, pilot, weight, variance=v, df=f) for d, v, f in given])


def test_pairs_and_their_floor():
    change, variance, df, before, pilot = drawn(4, 4)
    pair = np.tile(np.arange(4), 2)
    error = many.design_error(change, variance, df, pilot)
    got = many.paired(change, pilot, pair).floored(error.se, error.df)
    given = zip(change, variance, df, strict=True)
    same(got, [rules.by_rule("paired", d, pilot, variance=v, df=f, pair=pair) for d, v, f in given])
    adjusted = many.baseline_adjusted_of_pairs(change, before, pilot, pair)
    wanted = [baseline.baseline_adjusted(d, b, pilot, pair=pair) for d, b in zip(change, before, strict=True)]
    assert {one.status for one in wanted} == {"too_few_districts"}  # four pairs have less than two degrees of freedom
    assert np.isinf(adjusted.se).all() and (adjusted.p() == 1).all()
    np.testing.assert_allclose(adjusted.estimate, [one.estimate for one in wanted])


def test_pairs_at_the_same_baseline():
    change, _, _, before, pilot = drawn(8, 8)
    pair = np.tile(np.arange(8), 2)
    adjusted = many.baseline_adjusted_of_pairs(change, before, pilot, pair)
    same(adjusted, [baseline.baseline_adjusted(d, b, pilot, pair=pair) for d, b in zip(change, before, strict=True)])


@pytest.mark.parametrize(("pilots", "comparisons"), [(4, 5), (6, 6)])
def test_the_same_baseline(pilots, comparisons):
    change, _, _, before, pilot = drawn(pilots, comparisons)
    wanted = [baseline.baseline_adjusted(d, b, pilot) for d, b in zip(change, before, strict=True)]
    got = many.baseline_adjusted(change, before, pilot)
    bounded = np.array([one.status == "" for one in wanted])
    assert bounded.sum() > len(wanted) / 2 and (np.isinf(got.se) == ~bounded).all()
    said = many.Tests(got.estimate[bounded], got.se[bounded], got.df[bounded])
    same(said, [one for one in wanted if one.status == ""])


def test_one_pilot_district():
    change, variance, df, _, pilot = drawn(1, 20)
    n = np.linspace(100, 400, 21)
    v = many.smoothed(variance, n)
    np.testing.assert_allclose(v, [one_district.smoothed(row, n) for row in variance])
    freedom = many.smoothed_df(variance, df, n)
    np.testing.assert_allclose(freedom, [one_district.smoothed_df(row, df[0], n) for row in variance])
    wanted = [
        one_district.variance_components(d[0], u[0], f[0], d[1:], u[1:]) for d, u, f in zip(change, v, df, strict=True)
    ]
    same(many.one_district(change, v, df[:, 0]), wanted)
    weight = np.linspace(1, 5, 20)
    wanted = [
        one_district.variance_components(d[0], u[0], f[0], d[1:], u[1:], weight)
        for d, u, f in zip(change, v, df, strict=True)
    ]
    same(many.one_district(change, v, df[:, 0], weight), wanted)
    for planted in (0.0, PLANTED):
        ranks = [p_of_planted(d, pilot, planted) for d in change]
        np.testing.assert_allclose(many.placebo_p(change, planted), ranks)
        rescaled = [
            one_district.ferman_pinto(d[0] - planted, u[0], d[1:], u[1:]).p_value
            for d, u in zip(change, v, strict=True)
        ]
        np.testing.assert_allclose(many.ferman_pinto_p(change, v, planted), rescaled)


@pytest.mark.parametrize("by_population", [False, True])
def test_pairs_of_one_and_several(by_population):
    change, _, _, _, pilot = drawn(3, 5)
    pair = np.array(["a", "b", "c", "a", "a", "b", "c", "c"])
    weight = np.linspace(1, 5, 8) if by_population else np.array([1, 1, 1, 0.5, 0.5, 1, 0.5, 0.5])
    got = many.paired(change, pilot, pair, weight)
    same(got, [rules.by_rule("paired", d, pilot, weight, pair=pair) for d in change])


@pytest.mark.parametrize("by_population", [False, True])
def test_clusters_and_their_floor(by_population):
    change, variance, df, _, pilot = drawn(6, 6)
    cluster = np.arange(12) // 3
    weight = np.linspace(1, 5, 12) if by_population else None
    error = many.design_error(change, variance, df, pilot, weight)
    got = many.clustered(change, pilot, cluster, weight).floored(error.se, error.df)
    given = zip(change, variance, df, strict=True)
    same(got, [rules.by_rule("clustered", d, pilot, weight, variance=v, df=f, cluster=cluster) for d, v, f in given])


@pytest.mark.parametrize("planted", [0.0, PLANTED])
@pytest.mark.parametrize("by_population", [False, True])
@pytest.mark.parametrize("kind", ["plain", "pair", "stratum"])
def test_permutations(kind, by_population, planted):
    change, _, _, _, pilot = drawn(4, 4)
    labels = {"pair": np.tile(np.arange(4), 2), "stratum": np.array([0, 0, 1, 1, 0, 0, 0, 1])}
    within = {name: labels[name] for name in labels if name == kind}
    weight = np.array([1.0, 2, 4, 3, 1, 5, 2, 7]) if by_population else None
    every = many.assigned(pilot, labels.get(kind))
    got = many.permutation_p(change, pilot, every, planted, weight=weight, **within)
    tests = [permutations.permutation_test(d, pilot, weight, **within)[1] for d in change]
    np.testing.assert_allclose(got, [test.p_value(planted) for test in tests])


def test_assignments_that_are_drawn_hold_the_actual_one():
    pilot = np.arange(24) < 12
    every = many.assigned(pilot, most=500)
    assert every.shape == (500, 24)
    assert (every.sum(axis=1) == 12).all()
    assert (every[0] == pilot).all()
    within = np.arange(24) % 3
    every = many.assigned(pilot, within, most=50)
    assert (every[0] == pilot).all()
    for label in range(3):
        assert (every[:, within == label].sum(axis=1) == 4).all()


@pytest.mark.parametrize(("pilots", "comparisons"), [(2, 3), (5, 5)])
@pytest.mark.parametrize("restricted", [True, False])
def test_the_wild_bootstrap_of_respondents_is_one_of_changes(pilots, comparisons, restricted):
    """Webb's points up to seven districts, Rademacher's beyond; cells weigh alike."""
    change, _, _, _, pilot = drawn(pilots, comparisons)
    g = len(pilot)
    later = np.tile([0.0, 1.0], g)
    x = np.column_stack([np.repeat(np.eye(g), 2, axis=0), later, later * np.repeat(pilot, 2)])
    star = wild_draws.draws(g, wild_draws.weights_for(g))
    for planted in (0.0, PLANTED):
        wanted = []
        for d in change:
            fitted = fit(np.column_stack([np.zeros(g), d]).ravel(), x, np.repeat(np.arange(g), 2))
            assert fitted is not None
            sums = wild_scores.scores(regression(fitted), x.shape[1] - 1)
            polynomials = wild_scores.polynomials(sums, star)
            wanted.append(wild.p_value(sums, polynomials, planted, restricted=restricted))
        np.testing.assert_allclose(wild_p(change, pilot, planted, restricted=restricted), wanted)


def test_partial_pooling():
    change, variance, _, _, pilot = drawn(4, 6)
    got = pooling.partial_pooling(change, variance, pilot)
    p = got.p(0.02)
    for k, (d, v) in enumerate(zip(change, variance, strict=True)):
        for j, one in enumerate(partial_pooling(d, v, pilot)):
            assert (got.estimate[k, j], got.se[k, j]) == (pytest.approx(one.estimate), pytest.approx(one.se))
            assert (p[k, j] > 0.05) == (one.ci_low < 0.02 < one.ci_high)


@pytest.mark.parametrize("wave", [None, 3], ids=["all_waves", "one_wave"])
@pytest.mark.parametrize("not_yet", [False, True], ids=["never_treated", "not_yet_treated"])
def test_starts_in_turn(not_yet, wave):
    """Three cohorts of unequal populations, one level of a comparison district missing in the middle."""
    rng = np.random.default_rng(4)
    cohort = np.array([1, 1, 2, 2, 3, 3] + [-1] * 6)
    level, variance = rng.normal(size=(5, 12, 4)), rng.uniform(0.05, 0.8, (5, 12, 4))
    df, people = rng.uniform(5, 40, (12, 4)), rng.uniform(1, 3, 12)
    level[:, 7, 1] = np.nan

    def of(k):
        def sampling(contrast):
            total = (contrast**2 * np.where(contrast != 0, variance[k], 0.0)).sum(axis=1)
            return total, np.where(contrast != 0, df, 0.0).sum(axis=1), None

        return group_time.staggered(level[k], cohort, people, sampling, not_yet=not_yet)

    form = group_time.linear_form(of(0), wave)
    got = many.by_starts(np.nan_to_num(level), variance, df, form)
    for k in range(5):
        one = group_time.headline(of(k), wave)
        assert (got.estimate[k], got.se[k], got.df[k]) == (
            pytest.approx(one.estimate), pytest.approx(one.se), pytest.approx(one.df)
        )  # fmt: skip


def test_starts_in_turn_of_two_pilots_have_no_form():
    level, cohort = np.zeros((6, 4)), np.array([1, 2, -1, -1, -1, -1])
    assert group_time.linear_form(group_time.staggered(level, cohort), None) is None
    assert group_time.linear_form(group_time.staggered(level, np.array([2, 2, 2, -1, -1, -1])), None) is None
