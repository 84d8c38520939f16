"""The district-change regression against R's t.test, leave-one-out and effective numbers of clusters by hand."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from oracles import PILOT, changes, rows
from scipy import stats

from fewdistricts.inference.clusters import fit, regression
from fewdistricts.inference.district_changes import district_change, rule
from fewdistricts.inference.leverage import effective_independent
from fewdistricts.inference.wls import did_model


def test_both_forms_equal_r():
    compared = 0
    for row in rows("E_donaldlang", "E_welch"):
        form = "pooled" if row.block == "E_donaldlang" else "welch"
        got = district_change(changes(row.quantity.removesuffix("_ttest_df10")), PILOT, form=form)
        found = [got.estimate, got.se, got.df, got.ci_low, got.ci_high, got.p_value]
        np.testing.assert_allclose(found, [row.estimate, row.se, row.df, row.lo, row.hi, row.p], rtol=1e-8)
        compared += 1
    assert compared == 3 + 3


def test_one_pilot_pooled_is_the_t_against_the_comparison_spread():
    compared = 0
    for row in rows("E_onetreated"):
        kept = np.append(int(row.group[1:]) - 1, np.arange(6, 12))
        change = changes(row.quantity.removesuffix("_perm7"))[kept]
        got = district_change(change, np.arange(7) == 0)
        assert got.se_type == "pooled"
        found = [got.estimate, got.se, got.df, got.ci_low, got.ci_high, got.p_value]
        np.testing.assert_allclose(found, [row.estimate, row.se, row.df, row.lo, row.hi, row.p], rtol=1e-8)
        compared += 1
    assert compared == 3 * 6


def test_the_form_changes_at_five_districts_in_the_smaller_arm():
    assert [rule(4, 40), rule(5, 5), rule(12, 4), rule(6, 6)] == ["pooled", "welch", "pooled", "welch"]
    rng = np.random.default_rng(1)
    assert district_change(rng.normal(size=9), np.arange(9) < 4).df == 9 - 2
    assert district_change(rng.normal(size=10), np.arange(10) < 5).se_type == "welch"


def test_populations_as_weights_by_hand():
    change, pilot = np.array([0.1, 0.3, 0.0, 0.2, 0.1]), np.array([True, True, False, False, False])
    got = district_change(change, pilot, np.array([3.0, 1, 2, 1, 1]))
    assert got.estimate == pytest.approx((0.75 * 0.1 + 0.25 * 0.3) - (0.5 * 0.0 + 0.25 * 0.2 + 0.25 * 0.1))
    # an arm of two keeps its squares about the weighted mean .15; of three there is left what the regression on the
    # shares leaves, half the squared difference of the two that count alike
    p1, p0 = 0.75**2 + 0.25**2, 0.5**2 + 2 * 0.25**2
    pilots = ((0.1 - 0.15) ** 2 + (0.3 - 0.15) ** 2) / (2 * p1)
    comparisons = (0.2 - 0.1) ** 2 / 2
    assert got.se == pytest.approx(np.sqrt((pilots + comparisons) / 2 * (p1 + p0)))
    assert (got.df, got.n_districts) == (2, 5)


def test_cases_without_an_answer_say_why():
    assert district_change(np.array([0.1, 0.2]), np.array([True, True])).status == "no_data"
    assert district_change(np.array([0.1, np.nan]), np.array([True, False])).status == "no_data"
    pair = district_change(np.array([0.1, 0.3]), np.array([True, False]))
    assert (pair.status, pair.estimate, pair.n_districts) == ("too_few_districts", pytest.approx(-0.2), 2)
    assert np.isnan([pair.se, pair.p_value]).all()
    alone = district_change(np.array([0.1, 0.3, 0.4]), np.array([True, False, False]), form="welch")
    assert alone.status == "too_few_districts"
    still = district_change(np.full(12, 0.1), PILOT)
    assert (still.status, still.se) == ("no_variance", 0.0)


def test_effective_clusters_of_a_comparison_of_means():
    # one row a district, 2 v 4: gamma is 1/2^2 in the pilot arm and 1/4^2 in the other
    x = np.column_stack([np.ones(6), np.arange(6) < 2])
    gamma = np.array([1 / 4] * 2 + [1 / 16] * 4)
    expected = 6 / (1 + gamma.var() / gamma.mean() ** 2)
    assert effective_independent(regression(fit(np.zeros(6), x, np.arange(6))), 1) == pytest.approx(expected)


def test_effective_clusters_with_district_effects():
    district, post = np.repeat(np.arange(8), 4), np.tile([0.0, 0, 1, 1], 8)
    x = np.column_stack([np.eye(8)[district], post, post * (district < 4)])
    names = np.array([f"d{j}" for j in district])
    assert effective_independent(regression(fit(np.zeros(32), x, names)), 9) == pytest.approx(8)
    weight = np.linspace(1, 3, 32)
    influence = weight * (x @ np.linalg.inv(x.T @ (weight[:, None] * x))[:, 9])
    gamma = np.bincount(district, influence**2)
    model = did_model(np.zeros(32), district, post, x[:, 9] > 0, weight)
    assert effective_independent(model, 9) == pytest.approx(8 / (1 + gamma.var() / gamma.mean() ** 2))


@settings(max_examples=80, deadline=None)
@given(st.integers(0, 10**6), st.integers(1, 7), st.integers(1, 7), st.booleans())
def test_order_and_scale_do_not_matter_and_the_test_agrees_with_the_interval(seed, pilots, comparisons, weighted):
    rng = np.random.default_rng(seed)
    change, pilot = rng.normal(size=pilots + comparisons), np.arange(pilots + comparisons) < pilots
    weight = rng.uniform(1, 9, len(change)) if weighted else None
    got = district_change(change, pilot, weight)
    order = rng.permutation(len(change))
    again = district_change(change[order], pilot[order], None if weight is None else weight[order] * 1000)
    for name in ("estimate", "se", "df", "ci_low", "p_value"):
        np.testing.assert_allclose(getattr(got, name), getattr(again, name), rtol=1e-9)
    if got.status:
        assert (got.status, len(change)) == ("too_few_districts", 2)
        return
    assert got.ci_low < got.estimate < got.ci_high
    assert 0 < got.p_value <= 1
    # a planted value inside the interval is not rejected, one outside is
    for planted, rejected in (
        (got.estimate + 0.99 * (got.ci_high - got.estimate), False),
        (2 * got.ci_high - got.estimate, True),
    ):
        shifted = district_change(change - planted * pilot, pilot, weight)
        assert (shifted.p_value < 0.05) == rejected
    if not weighted:
        other = stats.ttest_ind(change[pilot], change[~pilot], equal_var=got.se_type == "pooled")
        assert got.p_value == pytest.approx(other.pvalue)
