"""One pilot district: ranks and t of R, the variance components by hand, heterogeneity over pilots."""

from __future__ import annotations

from math import inf, sqrt

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from oracles import rows, survey
from scipy import stats

from fewdistricts.inference.heterogeneity import heterogeneity
from fewdistricts.inference.one_district import (
    ferman_pinto,
    largest_shock_ratio,
    placebo_rank,
    shock_variance,
    smoothed,
    variance_components,
)
from fewdistricts.inference.partial_pooling import partial_pooling, pooled_at


def changes(column: str) -> np.ndarray:
    """Weighted change of each of the twelve districts."""
    frame = survey()
    wy = (frame[column] * frame["weight"]).groupby([frame["district"], frame["post"]]).sum()
    level = (wy / frame.groupby(["district", "post"])["weight"].sum()).unstack()
    return (level[1] - level[0]).to_numpy()


def test_rank_and_t_without_sampling_error_equal_r():
    compared = 0
    for row in rows("E_onetreated"):
        change = changes(row.quantity.removesuffix("_perm7"))
        pilot, others = change[int(row.group[1:]) - 1], change[6:]
        rank = placebo_rank(pilot, others)
        np.testing.assert_allclose([rank.estimate, rank.p_value, rank.p_floor], [row.estimate, row.extra, 1 / 7])
        got = variance_components(pilot, 0.0, inf, others, np.zeros(6))
        found = [got.estimate, got.se, got.df, got.ci_low, got.ci_high, got.p_value]
        np.testing.assert_allclose(found, [row.estimate, row.se, row.df, row.lo, row.hi, row.p], rtol=1e-8)
        compared += 1
    assert compared == 3 * 6


def test_variance_components_by_hand():
    comparisons, variances = np.array([0.1, 0.0, -0.1]), np.full(3, 0.002)
    assert shock_variance(comparisons, variances) == pytest.approx(0.01 - 0.002)
    got = variance_components(0.3, 0.003, 20, comparisons, variances)
    variance = 0.008 + 0.003 + (3 * 0.008 + 3 * 0.002) / 9
    df = 2 * (variance / (0.01 * (1 + 1 / 3))) ** 2
    assert (got.estimate, got.se, got.df) == pytest.approx((0.3, sqrt(variance), df))
    assert got.ci_high == pytest.approx(0.3 + stats.t.ppf(0.975, df) * sqrt(variance))
    assert got.p_value == pytest.approx(2 * stats.t.sf(0.3 / sqrt(variance), df))


def test_degrees_of_freedom_keep_their_bounds():
    d, v = np.array([0.01, 0.0, -0.01]), np.full(3, 0.0001)
    # var(D) = v: no shocks; a noisy pilot has its own design df, never more
    assert variance_components(0.1, 0.01, 12, d, v).df == 12
    assert variance_components(0.1, 0.01, 1.5, d, v).df == 1.5
    # a pilot measured as well as the others is held by K - 1 when its df are few
    assert variance_components(0.1, 0.0001, 1, d, v).df == 2
    # comparison districts that all changed alike say nothing of shocks
    assert variance_components(0.1, 0.0001, 9, np.full(3, 0.02), v).df == 9


def test_populations_weigh_the_comparison_districts():
    d, v, w = np.array([0.1, 0.0, -0.1]), np.full(3, 0.002), np.array([2.0, 1.0, 1.0])
    got = variance_components(0.3, 0.003, 20, d, v, w)
    assert got.estimate == pytest.approx(0.3 - (0.1 * 2 / 4 - 0.1 / 4))
    assert got.se == pytest.approx(sqrt(0.008 + 0.003 + (1 / 4 + 1 / 16 + 1 / 16) * 0.01))
    assert variance_components(0.3, 0.003, 20, d, v, 7 * w) == got


def test_undefined_says_why():
    d, v = np.array([0.1, 0.0]), np.full(2, 0.002)
    few = variance_components(0.3, 0.003, 20, d, v)
    assert (few.status, few.estimate) == ("too_few_districts", pytest.approx(0.25))
    missing = variance_components(0.3, 0.003, 20, np.append(d, np.nan), np.append(v, 0.002))
    assert missing == few
    assert variance_components(np.nan, 0.003, 20, d, v).status == "no_data"
    d, v = np.array([0.1, 0.0, -0.1]), np.full(3, 0.002)
    assert variance_components(0.3, np.nan, np.nan, d, v).status == "no_df"
    assert variance_components(0.3, 0.0, inf, np.full(3, 0.2), np.zeros(3)).status == "no_variance"


def test_the_rank_cannot_go_below_its_floor():
    got = placebo_rank(9.0, np.array([0.1, 0.2, 0.3, np.nan]))
    assert (got.p_value, got.p_floor, got.n_districts) == (1 / 4, 1 / 4, 4)
    assert (got.ci_low, got.ci_high) == (-inf, inf)


def test_ferman_pinto_with_equal_variances_ranks_the_deviations():
    others = np.linspace(-0.9, 0.9, 19)
    zero = np.zeros(19)
    got = ferman_pinto(2.0, 0.0, others, zero)
    assert (got.p_value, got.p_floor) == (1 / 20, 1 / 20)
    assert got.ci_high == pytest.approx(2.0 + 0.9 * sqrt(20 / 18))
    assert ferman_pinto(0.5, 0.0, others, zero).p_value == pytest.approx((1 + 2 * 5) / 20)  # .9 .8 .7 .6 .5, both signs
    assert ferman_pinto(2.0, 0.0, others[1:], zero[1:]).status == "too_few_districts"


def test_ferman_pinto_widens_for_a_small_pilot_sample():
    others = np.linspace(-0.09, 0.09, 19)
    equal, small = (ferman_pinto(0.1, v, others, np.full(19, 0.001)) for v in (0.001, 0.004))
    s2 = shock_variance(others, np.full(19, 0.001))
    assert small.ci_high - 0.1 == pytest.approx((equal.ci_high - 0.1) * sqrt((s2 + 0.004) / (s2 + 0.001)))


numbers = st.floats(-1, 1).map(lambda v: round(v, 6))
variances_ = st.floats(0.0001, 0.01)


@settings(max_examples=60, deadline=None)
@given(
    numbers,
    variances_,
    st.floats(1, 60),
    st.lists(st.tuples(numbers, variances_), min_size=3, max_size=9, unique_by=lambda pair: pair[0]),
    st.randoms(),
)
def test_intervals_hold_the_estimate_and_no_order_matters(pilot, variance, df, others, random):
    d, v = np.array(others).T
    got = variance_components(pilot, variance, df, d, v)
    assert got.ci_low < got.estimate < got.ci_high and 0 <= got.p_value <= 1
    assert (got.p_value > 0.05) == (got.ci_low < 0 < got.ci_high)
    order = list(range(len(d)))
    random.shuffle(order)
    again = variance_components(pilot, variance, df, d[order], v[order])
    assert [again.ci_low, again.df] == pytest.approx([got.ci_low, got.df], rel=1e-9)
    assert placebo_rank(pilot, d[order]).p_value == placebo_rank(pilot, d).p_value
    mirrored = variance_components(-pilot, variance, df, -d, v)
    assert (mirrored.estimate, mirrored.ci_low) == pytest.approx((-got.estimate, -got.ci_high))


def test_cochran_q_by_hand():
    # h = s2 + v = .008 + .002 = .01 for both pilots: M = .2, Q = (.1^2 + .1^2) / .01 = 2, tau2 = (2 - 1) / (200 - 100)
    comparisons, variances = np.array([0.1, 0.0, -0.1]), np.full(3, 0.002)
    got = heterogeneity(np.array([0.3, 0.1]), np.full(2, 0.002), comparisons, variances)
    assert (got.q, got.df, got.mean) == (pytest.approx(2.0), (1, 2), pytest.approx(0.2))
    assert got.p_value == pytest.approx(stats.f.sf(2.0, 1, 2))
    assert got.tau**2 == pytest.approx(0.01)
    np.testing.assert_allclose(got.pooled, [0.25, 0.15])
    np.testing.assert_allclose(got.se, sqrt(0.5 * 0.01 + 0.25 * 0.01))


def test_partial_pooling_stays_between_own_change_and_mean():
    rng = np.random.default_rng(4)
    pilots, variances = rng.normal(0, 0.3, 6), rng.uniform(0.001, 0.02, 6)
    got = heterogeneity(pilots, variances, rng.normal(0, 0.05, 6), np.full(6, 0.001))
    assert ((np.minimum(pilots, got.mean) <= got.pooled) & (got.pooled <= np.maximum(pilots, got.mean))).all()
    assert (np.diff(got.kept[np.argsort(variances)]) < 0).all()  # the less is known, the more the mean counts


def test_pilots_that_differ_less_than_shocks_are_pooled_fully():
    got = heterogeneity(np.array([0.1, 0.11, np.nan]), np.full(3, 0.001), np.array([0.2, 0.0, -0.2]), np.full(3, 0.001))
    assert got.tau == 0 and got.p_value > 0.5
    np.testing.assert_allclose(got.pooled, [0.105, 0.105, np.nan])
    assert heterogeneity(np.array([0.1]), np.zeros(1), np.arange(3.0), np.zeros(3)).status == "too_few_districts"


def test_sampling_variances_are_smoothed_by_one_design_effect():
    got = smoothed(np.array([0.002, 0.001, np.nan]), np.array([100.0, 400, 200]))
    np.testing.assert_allclose(got, [0.3 / 100, 0.3 / 400, np.nan])
    assert np.isnan(smoothed(np.full(2, np.nan), np.ones(2))).all()


def test_the_largest_shock_ratio_is_where_the_interval_reaches_zero():
    rng = np.random.default_rng(8)
    comparisons, variances = rng.normal(0, 0.05, 8), np.full(8, 0.0005)
    got = variance_components(0.4, 0.0006, 40.0, comparisons, variances)
    ratio = largest_shock_ratio(0.4, 0.0006, comparisons, variances, got.df)
    shocks = shock_variance(comparisons, variances)
    se = sqrt(ratio**2 * shocks + 0.0006 + (8 * shocks + variances.sum()) / 64)
    assert stats.t.ppf(0.975, got.df) * se == pytest.approx(got.estimate)
    assert ratio > 1
    assert np.isnan(largest_shock_ratio(0.01, 0.0006, comparisons, variances, got.df))
    assert largest_shock_ratio(0.4, 0.0006, np.full(3, 0.1), np.full(3, 1e-4), 9.0) == inf


def test_partial_pooling_at_a_given_variance_equals_metafor():
    change = np.array([0.10, 0.02, -0.03, 0.07, 0.15, 0.05])
    variance = np.array([0.0009, 0.0012, 0.0020, 0.0009, 0.0015, 0.0011])
    compared = 0
    for row in rows("R_blup"):
        got = pooled_at(float(row.quantity), change, variance)
        k = int(row.group) - 1
        np.testing.assert_allclose([got.value[k], np.sqrt(got.variance[k])], [row.estimate, row.se], rtol=1e-7)
        compared += 1
    assert compared == 18


@pytest.mark.slow
def test_partial_pooling_covers():
    rng = np.random.default_rng(2)
    for tau in (0.0, 0.04):
        covered = []
        for _ in range(400):
            own = tau * rng.normal(size=6)
            change, others = own + rng.normal(0, 0.05, 6), rng.normal(0, 0.05, 6)
            got = partial_pooling(change, np.full(6, 0.001), others, np.full(6, 0.001))
            covered += [one.ci_low <= true <= one.ci_high for one, true in zip(got, own, strict=True)]
        assert 0.91 <= np.mean(covered) <= 0.97  # of departures nearly as large as what hides them a little less


def test_partial_pooling_says_why_it_cannot():
    three, none = np.zeros(3), np.zeros(3)
    assert partial_pooling(three[:1], none[:1], three, none)[0].status == "too_few_districts"
    assert partial_pooling(three, none, three[:2], none[:2])[0].status == "too_few_districts"
    assert partial_pooling(three, none, three, none)[0].status == "no_variance"
    left_out = partial_pooling(np.array([0.1, np.nan, 0.2]), none, np.array([0.1, 0.2, 0.3]), none)
    assert [one.status for one in left_out] == ["", "no_data", ""]
