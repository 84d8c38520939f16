"""Permutation over districts against R's enumeration and coin, by hand, and as a property of any changes."""

from __future__ import annotations

from math import comb, inf

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from oracles import p_of_planted, rows, studentised, survey

from fewdistricts.inference import permutations as perm
from fewdistricts.inference.assignments import DRAWS_OF_MANY, Assignments, assignments, at_least, seed_of
from fewdistricts.inference.district_changes import district_change
from fewdistricts.inference.paired_changes import paired
from fewdistricts.inference.permutations import permutation

PILOT = np.arange(12) < 6


def changes(column: str) -> np.ndarray:
    """Weighted change of each of the twelve districts."""
    frame = survey()
    wy = (frame[column] * frame["weight"]).groupby([frame["district"], frame["post"]]).sum()
    level = (wy / frame.groupby(["district", "post"])["weight"].sum()).unstack()
    return (level[1] - level[0]).to_numpy()


def test_924_assignments_equal_r_and_coin():
    compared = 0
    for row in rows("E_ri"):
        got = permutation(changes(row.quantity.split("_")[0]), PILOT)
        # with arms of equal size |Welch t| orders the assignments as the difference in means does
        np.testing.assert_allclose(got.estimate, row.estimate, rtol=1e-8)
        np.testing.assert_allclose(got.p_value, row.p, rtol=1e-12)
        assert got.p_floor == 2 / 924
        if "exact924" in row.quantity:
            assert len(assignments(PILOT).pilot) == row.extra
        compared += 1
    assert compared == 3 * 2


def test_every_assignment_once_and_the_floors():
    every = assignments(PILOT)
    assert len(np.unique(every.pilot, axis=0)) == comb(12, 6) and (every.pilot.sum(axis=1) == 6).all()
    floors = {(3, 3): 2 / 20, (2, 4): 1 / 15, (1, 6): 1 / 7, (3, 9): 1 / 220}
    for (pilots, comparisons), floor in floors.items():
        assert assignments(np.arange(pilots + comparisons) < pilots).floor == pytest.approx(floor)


def test_one_pilot_is_the_rank_of_its_difference():
    # differences from the mean of the others: 9 - 2 = 7 for the pilot; 4 - 11/3, 2 - 13/3 and 0 - 5 for the others
    got = permutation(np.array([9.0, 4.0, 2.0, 0.0]), np.array([True, False, False, False]))
    assert (got.estimate, got.p_value, got.p_floor) == (9 - 2, 1 / 4, 1 / 4)
    assert (got.ci_low, got.ci_high) == (-inf, inf)  # .05 is below the floor: nothing can be rejected


def test_interval_of_two_v_two_by_hand():
    # difference in means of (4, 2 | 1, 0) is 2.5; at 60 % values with p <= 2/6 are out: the two that tie always
    change, pilot = np.array([4.0, 2.0, 1.0, 0.0]), np.array([True, True, False, False])
    every, once = assignments(pilot), Assignments(pilot[None, :], True, 1.0)
    ones = np.ones(4)
    test = perm.Inversion(
        every, perm.linear_path(every, change, ones, pilot), perm.linear_path(once, change, ones, pilot), 2.5
    )
    assert test.p_value() == 2 / 6
    low, high = test.interval(2.5, 0.4)
    # (4, 1 | 2, 0) gives 1.5 and (4, 0 | 2, 1) .5 at every c (one pilot stays), with their mirror images;
    # so |2.5 - c| <= 1.5
    assert (low, high) == pytest.approx((2.5 - 1.5, 2.5 + 1.5), abs=1e-8)


def test_pairs_swap_within_and_nothing_else():
    pair = np.array(["a", "b", "c", "a", "b", "c"])
    pilot = np.array([True, True, True, False, False, False])
    every = assignments(pilot, pair)
    assert len(every.pilot) == 2**3 and every.floor == 2 / 8
    assert (every.pilot[:, :3] ^ every.pilot[:, 3:]).all()
    # differences within pairs 3, 2, -1: |sum| >= 4 for (+ + -), (+ + +) and their opposites
    got = permutation(np.array([3.0, 2.0, 0.0, 0.0, 0.0, 1.0]), pilot, pair=pair)
    assert (got.estimate, got.p_value) == pytest.approx((4 / 3, 4 / 8))


def test_a_pair_that_lost_a_side_is_left_out_whole_as_in_the_paired_t():
    pair = np.array(["a", "b", "c", "a", "b", "c"])
    pilot = np.array([True, True, True, False, False, False])
    lost = np.array([3.0, 2.0, 1.0, 0.0, 0.0, np.nan])
    got = permutation(lost, pilot, pair=pair)
    assert got.estimate == pytest.approx(2.5) and got.p_floor == 1 / 2 and got.n_districts == 4
    assert got.estimate == paired(lost, pilot, pair).estimate


def test_covariates_give_the_regression_coefficient():
    rng = np.random.default_rng(5)
    change, covariate = rng.normal(size=12), rng.normal(size=(12, 2))
    x = np.column_stack([PILOT, np.ones(12), covariate])
    got = permutation(change, PILOT, covariates=covariate)
    assert got.estimate == pytest.approx(np.linalg.lstsq(x, change, rcond=None)[0][0])
    every = assignments(PILOT).pilot
    each = [np.linalg.lstsq(np.column_stack([t, x[:, 1:]]), change, rcond=None)[0][0] for t in every]
    assert got.p_value == pytest.approx(np.mean(at_least(np.abs(each), abs(got.estimate))))


def test_the_arm_collinear_with_a_covariate_is_not_identified():
    assert permutation(np.arange(6.0), np.arange(6) < 3, covariates=np.arange(6) < 3).status == "not_identified"


def test_weights_give_the_estimate_of_the_district_change():
    rng = np.random.default_rng(6)
    change, weight = rng.normal(size=12), rng.uniform(1, 9, 12)
    got = permutation(change, PILOT, weight)
    assert got.estimate == pytest.approx(district_change(change, PILOT, weight).estimate)
    path = perm.welch_path(assignments(PILOT), change, weight, PILOT)
    for k in (0, 100, 923):
        assert path.size()[k] == pytest.approx(studentised(change, assignments(PILOT).pilot[k], weight))


def test_welch_path_after_a_planted_change_is_welch_on_the_remainder():
    change = np.random.default_rng(7).normal(size=9)
    pilot = np.arange(9) < 3
    path = perm.welch_path(assignments(pilot), change, np.ones(9), pilot)
    for k in (1, 40, 83):
        one = district_change(change - 0.7 * pilot, assignments(pilot).pilot[k], form="welch")
        assert path.size(0.7)[k] == pytest.approx(abs(one.estimate / one.se))


def test_drawn_assignments_count_the_observed_one_and_follow_their_seed():
    pilot = np.arange(30) < 10
    change = np.random.default_rng(8).normal(size=30) + 0.9 * pilot
    a, b = (permutation(change, pilot, seed=seed_of("peru-2005", name), interval=False) for name in ("x", "y"))
    assert a.p_type == "permutation_drawn" and a.p_floor == 1 / 100_000
    assert a == permutation(change, pilot, seed=seed_of("peru-2005", "x"), interval=False) != b
    exact = district_change(change, pilot, form="welch").p_value
    assert a.p_value == pytest.approx(exact, abs=0.01)


def test_ties_by_last_digits_count():
    assert at_least(np.array([1 - 1e-12, 1 - 1e-8, 0.0]), 1.0).tolist() == [True, False, False]
    change = np.array([0.1, 0.2, 0.3, 0.3, 0.2, 0.1])  # the arms are mirror images: every assignment ties or exceeds
    assert permutation(change, np.arange(6) < 3).p_value == 1


def test_undefined_says_why():
    assert permutation(np.array([1.0, 2.0]), np.array([True, True])).status == "no_data"
    assert permutation(np.full(6, 0.2), np.arange(6) < 3).status == "no_variance"
    alone = np.array([np.nan, 1.0, 2.0, np.nan])
    pairs = np.array(["a", "b", "a", "b"])
    assert permutation(alone, np.array([True, True, False, False]), pair=pairs).status == "no_data"


finite = st.floats(-1, 1).map(lambda v: round(v, 6))


@settings(max_examples=40, deadline=None)
@given(st.lists(finite, min_size=9, max_size=9, unique=True), st.integers(3, 6), st.randoms(), st.floats(0, 1))
def test_order_labels_and_planted_values(values, pilots, random, where):
    change, pilot = np.array(values), np.arange(9) < pilots
    got = permutation(change, pilot)
    order = list(range(9))
    random.shuffle(order)
    again = permutation(change[order], pilot[order])
    assert 0 < got.p_floor <= got.p_value <= 1
    assert again.p_value == got.p_value
    assert permutation(change, ~pilot).p_value == got.p_value
    assert got.ci_low <= got.estimate <= got.ci_high
    low, high = max(got.ci_low, -10), min(got.ci_high, 10)
    assert p_of_planted(change, pilot, low + where * (high - low)) > 0.05
    assert (got.p_value > 0.05) == (got.ci_low <= 0 <= got.ci_high)


def test_many_districts_get_fewer_draws():
    pilot = np.arange(120) < 40
    assert len(assignments(pilot).pilot) == DRAWS_OF_MANY and (assignments(pilot).pilot.sum(axis=1) == 40).all()


def test_one_pilot_among_many_needs_no_matrix_of_pairs():
    every, values = assignments(np.arange(5) == 2), np.arange(10.0).reshape(5, 2)
    assert every.each and every.sums(values).tolist() == (every.pilot.astype(float) @ values).tolist()
    assert not assignments(np.arange(5) < 2).each
