"""The headline's pieces, variance components over both arms, floor and matched pairs, by hand and against scipy."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats

from fewdistricts.inference.floor import floored
from fewdistricts.inference.one_district import variance_components
from fewdistricts.inference.paired_changes import pair_differences, paired
from fewdistricts.inference.result import Inference
from fewdistricts.inference.shock_components import shock_components


def test_components_by_hand():
    # 2 v 3: means .2 and .1; SS = 2 (.1^2) + (.1^2 + 0 + .1^2) = .04; ms = .04 / 3
    change = np.array([0.1, 0.3, 0.0, 0.1, 0.2])
    variance = np.array([0.002, 0.004, 0.001, 0.001, 0.004])
    df = np.array([10.0, 20, 30, 30, 5])
    pilot = np.array([True, True, False, False, False])
    got = shock_components(change, variance, df, pilot)
    mean_square = 0.04 / 3
    expected = (0.006 / 2 + 0.006 * 2 / 3) / 3
    shocks = mean_square - expected
    sampling = 0.006 / 4 + 0.006 / 9
    se2 = shocks * (1 / 2 + 1 / 3) + sampling
    assert got.shock_variance == pytest.approx(shocks)
    assert got.sampling_variance == pytest.approx(sampling)
    assert got.inference.estimate == pytest.approx(0.1)
    assert got.inference.se == pytest.approx(np.sqrt(se2))
    parts = np.array([0.002 / 4, 0.004 / 4, 0.001 / 9, 0.001 / 9, 0.004 / 9])
    fs = sampling**2 / (parts**2 / df).sum()
    wanted = min(max(3 * (se2 / (mean_square * 5 / 6)) ** 2, 3.0), max(3.0, fs))
    assert got.inference.df == pytest.approx(wanted)


def test_without_sampling_error_it_is_the_pooled_t_test():
    rng = np.random.default_rng(1)
    change, pilot = rng.normal(size=9), np.arange(9) < 3
    got = shock_components(change, np.zeros(9), np.full(9, np.inf), pilot).inference
    other = stats.ttest_ind(change[pilot], change[~pilot], equal_var=True)
    low, high = other.confidence_interval()
    np.testing.assert_allclose([got.p_value, got.df, got.ci_low, got.ci_high], [other.pvalue, 7, low, high])


@settings(max_examples=60, deadline=None)
@given(st.integers(0, 10**6), st.integers(3, 9))
def test_one_pilot_is_the_formula_of_one_district(seed, comparisons):
    rng = np.random.default_rng(seed)
    change = rng.normal(0, 0.05, comparisons + 1)
    variance = np.full(comparisons + 1, 0.0007)
    df = np.full(comparisons + 1, 40.0)
    pilot = np.arange(comparisons + 1) == 0
    got = shock_components(change, variance, df, pilot)
    other = variance_components(change[0], variance[0], df[0], change[1:], variance[1:])
    assert got.inference.estimate == pytest.approx(other.estimate)
    assert got.inference.se == pytest.approx(other.se)
    assert got.shock_variance == pytest.approx(max(0, change[1:].var(ddof=1) - 0.0007))


@settings(max_examples=100, deadline=None)
@given(st.integers(0, 10**6), st.integers(2, 7), st.integers(2, 7), st.booleans())
def test_no_standard_error_is_below_the_sampling_error(seed, pilots, comparisons, weighted):
    rng = np.random.default_rng(seed)
    count = pilots + comparisons
    change, variance = rng.normal(0, 0.02, count), rng.uniform(1e-5, 2e-3, count)
    pilot, df = np.arange(count) < pilots, rng.uniform(2, 60, count)
    weight = rng.uniform(1, 9, count) if weighted else np.ones(count)
    share = np.where(pilot, weight / weight[pilot].sum(), weight / weight[~pilot].sum())
    sampling = np.sqrt(share**2 @ variance)
    got = shock_components(change, variance, df, pilot, weight)
    assert got.inference.se >= sampling * (1 - 1e-12)
    assert got.inference.df >= min(count - 3, df.min())
    # order and scale of the weights do not matter
    order = rng.permutation(count)
    again = shock_components(change[order], variance[order], df[order], pilot[order], weight[order] * 7)
    np.testing.assert_allclose(again.inference.ci_low, got.inference.ci_low, rtol=1e-9)
    welch = stats.ttest_ind(change[pilot], change[~pilot], equal_var=False)
    unfloored = Inference(
        estimate=0.01, se=abs((change[pilot].mean() - change[~pilot].mean()) / welch.statistic), df=welch.df
    )
    assert floored(unfloored, float(sampling), fewest_df=count - 2.0).se >= sampling * (1 - 1e-12)


def test_the_expected_mean_square_is_that_of_sampling_error_alone():
    # with unequal populations too: the average of s2 before truncation is the shock variance
    rng = np.random.default_rng(3)
    pilot = np.arange(8) < 3
    variance, weight = np.linspace(1, 4, 8), np.linspace(1, 3, 8)
    found = []
    for _ in range(5_000):
        change = rng.normal(0, np.sqrt(9.0 + variance))
        found.append(shock_components(change, variance, np.full(8, 50.0), pilot, weight).shock_variance)
    assert np.mean(found) == pytest.approx(9.0, rel=0.06)  # truncation at zero lifts it a little


def test_components_say_why_there_is_no_answer():
    two = np.array([0.1, 0.2])
    assert shock_components(two, two, two, np.array([True, True])).inference.status == "no_data"
    assert shock_components(two, two, two, np.array([True, False])).inference.status == "too_few_districts"
    three, pilot = np.full(3, 0.1), np.arange(3) < 1
    assert shock_components(three, np.zeros(3), np.full(3, np.inf), pilot).inference.status == "no_variance"
    assert shock_components(three, three, np.zeros(3), pilot).inference.status == "no_df"


def test_the_floor_by_hand():
    below = Inference(estimate=0.05, se=0.01, df=8.0, se_type="welch")
    got = floored(below, 0.02, fewest_df=10)
    assert (got.se, got.df, got.se_type) == (0.02, 8.0, "welch_floored")
    assert got.ci_high == pytest.approx(0.05 + stats.t.ppf(0.975, 8) * 0.02)
    assert got.p_value == pytest.approx(2 * stats.t.sf(2.5, 8))
    assert floored(got, 0.02, fewest_df=10) == got
    assert floored(below, 0.02, fewest_df=10, sampling_df=60).df == 60
    assert floored(below, 0.02, fewest_df=10, sampling_df=5).df == 8
    few, one = replace(below, df=2.0), replace(below, df=1.0)
    assert floored(few, 0.015, fewest_df=2, sampling_df=60).df == pytest.approx(2 * 1.5**4)
    assert floored(few, 0.05, fewest_df=2, sampling_df=60).df == 60
    assert floored(one, 0.05, fewest_df=1, sampling_df=60).df == 1
    above = Inference(estimate=0.05, se=0.03, df=8.0, se_type="welch")
    assert floored(above, 0.02, fewest_df=10) is above
    assert floored(above, np.nan, fewest_df=10) is above
    alike = Inference(estimate=0.05, se=0.0, se_type="welch", status="no_variance")
    assert floored(alike, 0.02, fewest_df=10).df == 10
    empty = Inference(status="no_data")
    assert floored(empty, 0.02, fewest_df=10) is empty


def test_pairs_are_scipys_paired_t():
    rng = np.random.default_rng(5)
    change, pilot, pair = rng.normal(size=12), np.arange(12) < 6, np.tile(np.arange(6), 2)
    got = paired(change, pilot, pair)
    other = stats.ttest_rel(change[:6], change[6:])
    low, high = other.confidence_interval()
    np.testing.assert_allclose([got.p_value, got.df, got.ci_low, got.ci_high], [other.pvalue, 5, low, high])
    assert (got.se_type, got.n_districts) == ("paired", 12)


def test_several_comparisons_of_a_pair_are_averaged_and_half_pairs_left_out():
    change = np.array([0.5, 0.1, 0.3, 0.4, 0.2, 0.9, np.nan])
    pilot = np.array([True, False, False, True, False, True, False])
    pair = np.array(["a", "a", "a", "b", "b", "c", "c"])
    pairs = pair_differences(change, pilot, pair)
    np.testing.assert_allclose(pairs.difference, [0.5 - 0.2, 0.4 - 0.2])
    np.testing.assert_allclose(pairs.coefficient, [0.5, -0.25, -0.25, 0.5, -0.5, 0, 0])
    got = paired(change, pilot, pair)
    assert got.estimate == pytest.approx(0.25)
    assert (got.df, got.n_districts) == (1, 5)
    weighted = pair_differences(change, pilot, pair, np.array([3.0, 1, 3, 1, 5, 2, 2]))
    np.testing.assert_allclose(weighted.difference, [0.5 - 0.25, 0.2])
    np.testing.assert_allclose(weighted.share, [0.75, 0.25])


def test_pairs_say_why_there_is_no_answer():
    pilot = np.array([True, False, True, False])
    assert paired(np.array([0.1, np.nan, np.nan, 0.2]), pilot, np.array([1, 1, 2, 2])).status == "no_data"
    assert paired(np.array([0.1, 0.2, np.nan, 0.2]), pilot, np.array([1, 1, 2, 2])).status == "too_few_districts"
    assert paired(np.array([0.1, 0.2, 0.1, 0.2]), pilot, np.array([1, 1, 2, 2])).status == "no_variance"
