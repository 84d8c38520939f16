"""Power: R's power.prop.test, the numbers of the design note, hand-checkable sample sizes and a simulation."""

from __future__ import annotations

from math import inf, isnan

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from oracles import rows
from scipy import stats

from fewdistricts.inference import power as pw
from fewdistricts.inference.power import needed_n

DESIGN = {"shock_sd": 0.03, "deff": 2.0}


def test_power_of_two_shares_equals_r():
    (row,) = rows("H_power")
    np.testing.assert_allclose(pw.power_of_two_shares(400, 0.35, 0.25), row.estimate, rtol=1e-8)


def test_six_pilots_one_pilot_and_the_formula_for_individuals():
    individuals = pw.standard_error(pw.sampling_variance(0.35, 300, 2), 6, 6)
    found = [
        pw.design_mde(0.35, 300, 6, 6, **DESIGN), pw.design_mde(0.35, 300, 1, 6, **DESIGN),
        pw.minimum_detectable(individuals, inf),
    ]  # fmt: skip
    assert np.round(found, 3).tolist() == [0.125, 0.264, 0.089]


def test_normal_mde_is_the_sum_of_the_quantiles():
    multiple = stats.norm.ppf(0.975) + stats.norm.ppf(0.8)
    assert pw.minimum_detectable(0.1, inf) == pytest.approx(0.1 * multiple, rel=1e-5)  # 2.8016, but for the far tail


def test_power_is_that_of_a_simulated_t_test():
    rng = np.random.default_rng(3)
    a, b = rng.normal(1.0, 1, (20_000, 4)), rng.normal(0, 1, (20_000, 5))
    rejected = (stats.ttest_ind(a, b, axis=1).pvalue < 0.05).mean()
    assert pw.power(1.0, pw.standard_error(1.0, 4, 5), 7) == pytest.approx(rejected, abs=0.01)


def test_the_test_rejects_no_effect_as_often_as_it_says():
    assert pw.power(0.0, 0.1, 5) == pytest.approx(0.05)
    assert pw.power(100.0, 0.1, 5) == 1


@settings(max_examples=25, deadline=None)
@given(st.floats(0.001, 10), st.integers(1, 60), st.sampled_from([0.5, 0.8, 0.9]), st.sampled_from([0.9, 0.95]))
def test_mde_is_found_with_its_power(se, df, at, confidence):
    found = pw.minimum_detectable(se, df, at=at, confidence=confidence)
    assert pw.power(found, se, df, confidence) == pytest.approx(at, abs=1e-6)
    assert found < pw.minimum_detectable(2 * se, df, at=at, confidence=confidence)


def test_no_test_no_mde():
    assert isnan(pw.minimum_detectable(0.0, 5)) and isnan(pw.design_mde(0.3, 100, 1, 1, **DESIGN))


def test_what_is_needed_is_the_smallest_that_suffices():
    each = pw.districts_needed(0.1, 0.35, 300, **DESIGN)
    mdes = [pw.design_mde(0.35, 300, k, k, **DESIGN) for k in (each - 1, each)]
    assert mdes[0] > 0.1 >= mdes[1]
    n = pw.interviews_needed(0.1, 0.35, 6, 6, **DESIGN)
    assert pw.design_mde(0.35, n - 1, 6, 6, **DESIGN) > 0.1 >= pw.design_mde(0.35, n, 6, 6, **DESIGN)


def test_no_number_of_interviews_makes_up_for_few_districts():
    # 2 x .03^2 (1 + 1/6): se .0458 from the shocks alone, times 3.51 (df 5): .161
    assert pw.interviews_needed(0.15, 0.35, 1, 6, **DESIGN) is None
    assert pw.interviews_needed(0.17, 0.35, 1, 6, **DESIGN) > 1000
    assert pw.districts_needed(0.0, 0.35, 300, **DESIGN) is None


def test_grid_is_the_design_mde_of_each_pair():
    grid = pw.mde_grid(0.35, [100, 300], [(6, 6), (1, 6), (2, 10)], **DESIGN)
    assert grid.shape == (3, 2)
    assert grid[1, 1] == pytest.approx(pw.design_mde(0.35, 300, 1, 6, **DESIGN))


def test_needed_n_by_hand():
    # (1.960 sqrt(2 x .425 x .575) + .8416 sqrt(.36 x .64 + .49 x .51))^2 / .13^2 = 225.8, as power.prop.test of R
    assert needed_n(0.36, 0.49) == 226
    assert needed_n(0.36, 0.49, deff=2) == 452
    assert needed_n(0.5, 0.5) is None
    assert needed_n(0.0, 1.0) == 2


@settings(max_examples=100, deadline=None)
@given(st.integers(0, 100), st.integers(0, 100), st.sampled_from([1.0, 1.5, 2.0]), st.sampled_from([0.9, 0.95, 0.99]))
def test_needed_n_is_where_the_power_is_first_reached(before, after, deff, confidence):
    a, b = before / 100, after / 100
    n = needed_n(a, b, deff, confidence)
    if n is None:
        assert before == after
        return
    assert n == needed_n(b, a, deff, confidence)
    assert pw.power_of_two_shares(n, a, b, deff, confidence) >= pw.POWER
    assert n == 2 or pw.power_of_two_shares(n - 1, a, b, deff, confidence) < pw.POWER


def test_a_minimum_detectable_effect_has_an_interval_of_its_own():
    low, high = pw.minimum_detectable_interval(0.04, 10.0)
    value = pw.minimum_detectable(0.04, 10.0)
    assert low == pytest.approx(value * np.sqrt(10 / stats.chi2.ppf(0.975, 10)))
    assert high == pytest.approx(value * np.sqrt(10 / stats.chi2.ppf(0.025, 10)))
    rng = np.random.default_rng(1)
    estimated = np.sqrt(rng.chisquare(10, 4_000) / 10) * 0.04
    ends = np.array([pw.minimum_detectable_interval(se, 10.0) for se in estimated])
    covered = (ends[:, 0] <= value) & (value <= ends[:, 1])
    assert covered.mean() == pytest.approx(0.95, abs=0.012)
    assert np.isnan(pw.minimum_detectable_interval(0.0, 10.0)).all()
    assert pw.minimum_detectable_interval(0.04, np.inf) == (pw.minimum_detectable(0.04, np.inf),) * 2
