"""Families: R's maxT, Holm's p and sharpened q; the index by hand and as a property."""

from __future__ import annotations

import gc
from itertools import combinations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from oracles import rows, survey
from scipy import stats
from statsmodels.stats.multitest import multipletests

from fewdistricts.inference import assignments, multiple_testing, permutations
from fewdistricts.inference.district_changes import district_change
from fewdistricts.inference.index import index
from fewdistricts.inference.multiple_testing import holm, sharpened_q, step_down
from fewdistricts.inference.permutations import permutation

PILOT = np.arange(12) < 6


def changes(*columns: str) -> np.ndarray:
    """Weighted changes (12, m) of the districts."""
    frame = survey()
    by = [frame["district"], frame["post"]]
    out = []
    for column in columns:
        level = ((frame[column] * frame["weight"]).groupby(by).sum() / frame.groupby(by)["weight"].sum()).unstack()
        out.append((level[1] - level[0]).to_numpy())
    return np.column_stack(out)


def test_step_down_maxt_equals_r():
    names = ["victim", "trust", "female"]
    got = step_down(changes(*names), PILOT)
    compared = 0
    for row in rows("F_wy"):
        k = names.index(row.group)
        np.testing.assert_allclose([got.p_adjusted[k], got.single_step[k]], [row.p, row.extra], rtol=1e-10)
        one = district_change(changes(row.group)[:, 0], PILOT, form="pooled")  # its t, with arms of one size Welch's
        np.testing.assert_allclose(one.estimate / one.se, row.estimate, rtol=1e-8)
        compared += 1
    assert compared == 3


def test_holm_and_sharpened_q_equal_r():
    compared = 0
    for method, function in (("holm", holm), ("anderson_bky_sharpened", sharpened_q)):
        expected = [row for row in rows("F_padjust") if row.quantity == method]
        got = function([row.estimate for row in expected])
        np.testing.assert_allclose(got, [row.p for row in expected], rtol=1e-8)
        compared += len(expected)
    assert compared == 2 * 10


def test_holm_equals_statsmodels(monkeypatch):
    monkeypatch.setattr(gc, "collect", lambda: 0)  # multipletests calls it, which takes seconds beside other tests
    rng = np.random.default_rng(1)
    for _ in range(50):
        p = rng.uniform(size=rng.integers(1, 13)).round(rng.integers(1, 9))  # with few decimals some are equal
        np.testing.assert_allclose(holm(p), multipletests(p, method="holm")[1], rtol=1e-12)


def test_holm_leaves_out_what_is_unknown():
    np.testing.assert_allclose(holm([0.04, np.nan, 0.01]), [0.04, np.nan, 0.02])
    assert np.isnan(holm([np.nan])).all()


def test_step_down_by_enumeration_in_words():
    d = np.random.default_rng(2).normal(size=(6, 3))
    pilot = np.arange(6) < 3

    def t(column, chosen):
        return abs(stats.ttest_ind(column[list(chosen)], np.delete(column, list(chosen)), equal_var=False).statistic)

    drawn = np.array([[t(d[:, k], chosen) for k in range(3)] for chosen in combinations(range(6), 3)])
    order = np.argsort(-drawn[0])
    p = [np.mean(drawn[:, order[i:]].max(axis=1) >= drawn[0, order[i]] - 1e-9) for i in range(3)]
    np.testing.assert_allclose(step_down(d, pilot).p_adjusted[order], np.maximum.accumulate(p))


def test_a_member_missing_in_a_district_leaves_and_keeps_its_own_p():
    d = np.random.default_rng(3).normal(size=(10, 3))
    d[4, 1] = np.nan
    pilot = np.arange(10) < 5
    got, without = step_down(d, pilot), step_down(d[:, [0, 2]], pilot)
    assert np.isnan(got.p_adjusted).tolist() == [False, True, False]
    np.testing.assert_array_equal(got.p_adjusted[[0, 2]], without.p_adjusted)
    assert got.p_value[1] == permutation(d[:, 1], pilot, interval=False).p_value


def test_one_pilot_has_no_adjusted_p():
    got = step_down(np.random.default_rng(4).normal(size=(7, 2)), np.arange(7) == 0)
    assert got.status == "too_few_districts" and np.isnan(got.p_adjusted).all() and (got.p_value >= 1 / 7).all()


def test_pairs_use_the_paired_t():
    d = np.random.default_rng(5).normal(size=(8, 2))
    pilot, pair = np.arange(8) < 4, np.tile(["a", "b", "c", "d"], 2)
    got = step_down(d, pilot, pair=pair)
    signs = np.array([[1 if k >> j & 1 else -1 for j in range(4)] for k in range(16)])
    differences = signs[:, :, None] * (d[:4] - d[4:])
    t = np.abs(differences.mean(1) / (differences.std(1, ddof=1) / 2))
    observed = t[15]
    largest = np.argmax(observed)
    assert got.p_adjusted[largest] == np.mean(t.max(axis=1) >= observed.max() - 1e-9)


@settings(max_examples=25, deadline=None)
@given(st.integers(0, 10**6), st.integers(1, 4), st.randoms())
def test_adjusted_is_between_raw_and_single_step_in_any_order(seed, m, random):
    d = np.random.default_rng(seed).normal(size=(8, m))
    pilot = np.arange(8) < 4
    got = step_down(d, pilot)
    assert (got.p_value <= got.p_adjusted).all() and (got.p_adjusted <= got.single_step).all()
    assert (got.p_adjusted <= 1).all() and (got.p_adjusted >= got.p_floor).all()
    order = list(range(m))
    random.shuffle(order)
    np.testing.assert_array_equal(step_down(d[:, order], pilot).p_adjusted, got.p_adjusted[order])
    scaled = step_down(d * np.arange(1, m + 1), pilot)
    np.testing.assert_array_equal(scaled.p_adjusted, got.p_adjusted)


@settings(max_examples=25, deadline=None)
@given(st.lists(st.floats(0.0001, 1), min_size=1, max_size=12))
def test_sharpened_q_rises_with_p(p):
    q = sharpened_q(p)
    assert (np.diff(q[np.argsort(p)]) >= 0).all() and ((q >= 0) & (q <= 1)).all()
    np.testing.assert_array_equal(sharpened_q([*p, np.nan])[:-1], q)


def test_index_of_two_uncorrelated_items_is_their_mean_in_standard_deviations_by_hand():
    # reference rows: means 1 and 1, sd 1 and 1, covariance 0; the second item is turned
    answers = np.array([[0.0, 0], [0, 2], [2, 0], [2, 2], [3, 0], [np.nan, 0], [np.nan, np.nan]])
    reference = np.arange(7) < 4
    got = index(answers, ["higher", "lower"], np.ones(7), reference)
    np.testing.assert_allclose(got.weight, [0.5, 0.5])
    # the means 0, -1, 1, 0 of the reference rows have the standard deviation sqrt(1 / 2)
    np.testing.assert_allclose(got.values, np.sqrt(2) * np.array([0, -1, 1, 0, (2 + 1) / 2, 1, np.nan]))


def test_an_item_that_repeats_another_shares_its_weight():
    rng = np.random.default_rng(6)
    a, b = rng.normal(size=(2, 4000))
    twin = np.column_stack([a + 0.3 * rng.normal(size=4000), a + 0.3 * rng.normal(size=4000), b])
    got = index(twin, ["higher"] * 3, np.ones(4000), np.ones(4000, bool))
    covariance = np.cov(((twin - got.mean) / got.sd).T, ddof=0)
    expected = np.linalg.solve(covariance, np.ones(3))
    np.testing.assert_allclose(got.weight, expected / expected.sum(), rtol=1e-6)
    assert got.weight[2] > 1.7 * got.weight[0] and not got.equal


def test_a_negative_weight_makes_all_items_count_alike():
    rng = np.random.default_rng(7)
    a, b = rng.normal(size=(2, 500))
    got = index(np.column_stack([a, 3 * a + b, 3 * a - b + 0.5 * b]), ["higher"] * 3, np.ones(500), np.ones(500, bool))
    assert got.equal and got.weight.tolist() == pytest.approx([1 / 3] * 3)


def test_items_without_a_direction_or_variation_are_left_out():
    answers = np.random.default_rng(8).normal(size=(50, 4))
    answers[:, 3] = 1.0
    got = index(answers, ["higher", "none", "lower", "higher"], np.ones(50), np.arange(50) < 30)
    assert (got.weight > 0).tolist() == [True, False, True, False]
    assert index(answers, ["higher", "none", "none", "none"], np.ones(50), np.arange(50) < 30).status == "no_data"


@settings(max_examples=25, deadline=None)
@given(st.integers(0, 10**6), st.floats(0.1, 50), st.floats(0.1, 9), st.randoms())
def test_index_ignores_scale_of_items_and_weights_and_order_of_rows(seed, weights, scale, random):
    rng = np.random.default_rng(seed)
    answers = rng.normal(size=(40, 3))
    answers[rng.random((40, 3)) < 0.1] = np.nan
    weight, reference = rng.uniform(0.5, 2, 40), np.arange(40) < 25
    got = index(answers, ["higher", "lower", "higher"], weight, reference)
    again = index(answers * [scale, 1, 1] + [0, 3, 0], ["higher", "lower", "higher"], weight * weights, reference)
    np.testing.assert_allclose(again.values, got.values, atol=1e-8)
    order = rng.permutation(40)
    shuffled = index(answers[order], ["higher", "lower", "higher"], weight[order], reference[order])
    np.testing.assert_allclose(shuffled.values, got.values[order], atol=1e-8)


def test_one_set_of_draws_serves_all_members(monkeypatch):
    """Each indicator by itself, over the draws that the family shares, has the p-value it has alone."""
    drawn = []
    real = assignments.assignments

    def counted(*given, **named):
        drawn.append(1)
        return real(*given, **named)

    monkeypatch.setattr(multiple_testing, "assignments", counted)
    monkeypatch.setattr(permutations, "assignments", counted)
    rng = np.random.default_rng(3)
    moved, pilot = rng.normal(size=(120, 4)), np.arange(120) < 30
    moved[5, 3] = np.nan
    got = step_down(moved, pilot, seed=8)
    assert len(drawn) == 2  # once more for the indicator that lacks a district
    assert np.isnan(got.p_adjusted).tolist() == [False, False, False, True]
    alone = [permutation(c, pilot, seed=8, interval=False).p_value for c in moved.T]
    assert got.p_value.tolist() == alone
