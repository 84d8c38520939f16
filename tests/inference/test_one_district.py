"""One pilot district: ranks and t of R, the variance components by hand, heterogeneity over pilots."""

from __future__ import annotations

from math import inf, sqrt

import numpy as np
import pytest
import statsmodels.api as sm
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
from fewdistricts.inference.partial_pooling import Drawn, Mixture, partial_pooling, pooled_at


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
    of_mean = (s2 + 0.001) / 19
    wider = sqrt((s2 + 0.004 + of_mean) / (s2 + 0.001 + of_mean))
    assert small.ci_high - 0.1 == pytest.approx((equal.ci_high - 0.1) * wider)


def test_ferman_pinto_takes_out_what_districts_share():
    """Units that lie in all districts move estimate and deviations not at all; those of some districts are by hand."""
    rng = np.random.default_rng(9)
    others, v = rng.normal(0, 0.05, 20), np.full(20, 0.001)
    alone = ferman_pinto(0.1, 0.001, others, v)
    everywhere = ferman_pinto(0.1, 0.003, others, v + 0.002, 0.002 + np.diag(np.full(21, 0.001)))
    assert (everywhere.ci_low, everywhere.p_value) == (pytest.approx(alone.ci_low), alone.p_value)
    covariance = shared_errors(21)
    got = ferman_pinto(0.1, covariance[0, 0], others, np.diag(covariance)[1:], covariance)
    inside = covariance[1:, 1:]
    s2 = max(0.0, np.var(others, ddof=1) - (np.trace(inside) - inside.sum() / 20) / 19)
    size = []
    for j in range(21):
        c = np.where(np.arange(21) == 0, float(j == 0), -1 / 20)
        c[j] += float(j > 0)
        size.append(c @ covariance @ c + s2 * c @ c)
    values = np.abs(others - others.mean()) * np.sqrt(size[0] / np.array(size[1:]))
    assert got.ci_high == pytest.approx(0.1 - others.mean() + values.max())


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


def together(*arms):
    """Districts of both arms: their numbers, and which are pilots."""
    return np.concatenate(arms), np.arange(sum(map(len, arms))) < len(arms[0])


def test_cochran_q_by_hand():
    # h = s2 + v = .008 + .002 = .01 for both pilots: M = .2, Q = (.1^2 + .1^2) / .01 = 2
    change, pilot = together(np.array([0.3, 0.1]), np.array([0.1, 0.0, -0.1]))
    got = heterogeneity(change, np.full(5, 0.002), pilot)
    assert (got.q, got.df) == (pytest.approx(2.0), (1, 2))
    assert got.p_value == pytest.approx(stats.f.sf(2.0, 1, 2))


def shared_errors(districts: int, seed: int = 5) -> np.ndarray:
    """Covariances of districts that share sampling units."""
    root = np.random.default_rng(seed).normal(0, 0.02, (districts, 30))
    return root @ root.T + np.diag(np.linspace(0.0004, 0.002, districts))


def test_cochran_q_over_shared_units_is_that_of_generalised_least_squares():
    """The whitened squares of statsmodels' GLS; leaving a district out leaves its covariances out."""
    rng = np.random.default_rng(3)
    change, pilot = together(rng.normal(0.05, 0.1, 5), rng.normal(0, 0.08, 7))
    covariance = shared_errors(12)
    others = covariance[5:, 5:]
    explained = (np.trace(others) - others.sum() / 7) / 6
    s2 = max(0.0, np.var(change[5:], ddof=1) - explained)
    fit = sm.GLS(change[:5], np.ones(5), sigma=covariance[:5, :5] + s2 * np.eye(5)).fit()
    got = heterogeneity(change, covariance, pilot)
    assert (got.q, got.df[0]) == (pytest.approx(float(fit.ssr)), 4)
    assert got.q != pytest.approx(heterogeneity(change, np.diag(covariance), pilot).q, rel=0.01)
    without = heterogeneity(np.where(np.arange(12) == 2, np.nan, change), covariance, pilot)
    kept = np.arange(12) != 2
    assert without == heterogeneity(change[kept], covariance[np.ix_(kept, kept)], pilot[kept])


def test_pilots_that_differ_less_than_shocks_do_not_differ():
    change, pilot = together(np.array([0.1, 0.11, np.nan]), np.array([0.2, 0.0, -0.2]))
    got = heterogeneity(change, np.full(6, 0.001), pilot)
    assert got.p_value > 0.5
    assert heterogeneity(np.arange(4.0), np.zeros(4), np.arange(4) < 1).status == "too_few_districts"


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
        got = pooled_at(np.array([float(row.quantity)]), np.zeros(1), Drawn.of(change, np.diag(variance)))
        k = int(row.group) - 1
        np.testing.assert_allclose([got.value[0, k], np.sqrt(got.variance[0, k])], [row.estimate, row.se], rtol=1e-7)
        compared += 1
    assert compared == 18


def test_partial_pooling_over_shared_units_solves_the_mixed_model_equations():
    """Henderson's equations for mu and the departures, with the errors' covariances as they are."""
    rng = np.random.default_rng(6)
    change, errors, s2, tau2 = rng.normal(0.05, 0.1, 5), shared_errors(5), 0.002, 0.003
    inverse = np.linalg.inv(errors + s2 * np.eye(5))
    one = np.ones((5, 1))
    left = np.block([[one.T @ inverse @ one, one.T @ inverse], [inverse @ one, inverse + np.eye(5) / tau2]])
    solved = np.linalg.solve(left, np.concatenate([one.T @ inverse @ change, inverse @ change]))
    take = np.column_stack([np.ones(5), np.eye(5)])  # mu + departure
    with_other = rng.normal(0, 0.001, 5)

    def pooled(values):
        return pooled_at(np.array([tau2]), np.array([s2]), Drawn.of(values, errors), with_other)

    got = pooled(change)
    np.testing.assert_allclose(got.value[0], take @ solved)
    np.testing.assert_allclose(got.variance[0], np.diag(take @ np.linalg.inv(left) @ take.T))
    linear = np.column_stack([pooled(unit).value[0] for unit in np.eye(5)])  # m = A D
    np.testing.assert_allclose(got.covariance[0], linear @ with_other)


def test_what_pilots_and_comparisons_share_narrows_the_pooled_difference():
    rng = np.random.default_rng(7)
    change, pilot = together(rng.normal(0.05, 0.05, 4), rng.normal(0, 0.05, 6))
    apart = np.full(10, 0.004)
    shared = 0.0035 + np.diag(np.full(10, 0.0005))  # the same units in all districts: what they share cancels out
    wide, narrow = partial_pooling(change, apart, pilot), partial_pooling(change, shared, pilot)
    for one, other in zip(wide, narrow, strict=True):
        assert other.ci_high - other.ci_low < one.ci_high - one.ci_low
    alone = partial_pooling(change, np.diag(apart), pilot)
    assert [one.se for one in alone] == pytest.approx([one.se for one in wide])


def test_the_pooled_interval_lies_between_the_quantiles_and_agrees_with_p():
    rng = np.random.default_rng(8)
    for _ in range(20):
        change, pilot = together(rng.normal(0.08, 0.08, 3), rng.normal(0, 0.05, 4))
        for one in partial_pooling(change, np.full(7, 0.001), pilot):
            assert one.ci_low < one.estimate < one.ci_high
            assert (one.p_value > 0.05) == (one.ci_low < 0 < one.ci_high)
    said = Mixture(np.array([0.5, 0.5]), np.array([[-1.0], [1.0]]), np.array([[1.0], [4.0]]))
    low = said.quantile(0.025)
    assert said.below(low) == pytest.approx([0.025])
    assert 0.5 * stats.norm.cdf(low[0], -1, 1) + 0.5 * stats.norm.cdf(low[0], 1, 2) == pytest.approx(0.025)
    assert (said.estimate[0], said.se[0] ** 2) == (pytest.approx(0.0), pytest.approx(3.5))


@pytest.mark.slow
def test_partial_pooling_covers():
    rng = np.random.default_rng(2)
    for tau in (0.0, 0.04):
        covered = []
        for _ in range(400):
            own = tau * rng.normal(size=6)
            change, pilot = together(own + rng.normal(0, 0.05, 6), rng.normal(0, 0.05, 6))
            got = partial_pooling(change, np.full(12, 0.001), pilot)
            covered += [one.ci_low <= true <= one.ci_high for one, true in zip(got, own, strict=True)]
        assert 0.91 <= np.mean(covered) <= 0.97  # of departures nearly as large as what hides them a little less


def test_partial_pooling_says_why_it_cannot():
    def said(pilots, comparisons):
        change, pilot = together(np.array(pilots, float), np.array(comparisons, float))
        return [one.status for one in partial_pooling(change, np.zeros(len(change)), pilot)]

    assert said([0], [0, 0, 0]) == ["too_few_districts"]
    assert said([0, 0, 0], [0, 0]) == ["too_few_districts"] * 3
    assert said([0, 0, 0], [0, 0, 0]) == ["no_variance"] * 3
    assert said([0.1, np.nan, 0.2], [0.1, 0.2, 0.3]) == ["", "no_data", ""]
