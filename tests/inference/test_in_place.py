"""Population weights stay in place: by brute force, and its size."""

from __future__ import annotations

from itertools import combinations

import numpy as np
import pytest
from oracles import p_of_planted, studentised

from fewdistricts.inference.district_changes import district_change
from fewdistricts.inference.permutations import permutation


def by_brute_force(change, weight, pilots):
    """|t| of every choice of the pilots, the weights of the arms staying, the observed choice first."""
    everyone = range(len(change))
    pilot = np.arange(len(change)) < pilots
    sizes = []
    for chosen in combinations(everyone, pilots):
        rest = [k for k in everyone if k not in chosen]
        moved = np.empty(len(change))
        for places, members in ((range(pilots), chosen), (range(pilots, len(change)), rest)):
            by_size = sorted(members, key=lambda k: weight[k])
            for place, member in zip(sorted(places, key=lambda k: weight[k]), by_size, strict=True):
                moved[place] = change[member]
        sizes.append(studentised(moved, pilot, weight, pilots == 1))
    return np.array(sizes)


def test_every_choice_by_brute_force():
    rng = np.random.default_rng(1)
    change, weight, pilot = rng.normal(size=7), np.array([1.0, 5, 2, 1.5, 1.2, 8, 3]), np.arange(7) < 3
    sizes = by_brute_force(change, weight, 3)
    observed = district_change(change, pilot, weight, form="welch")
    p = np.mean(sizes >= sizes[0] * (1 - 1e-9))
    got = permutation(change, pilot, weight)
    assert got.p_value == pytest.approx(p)
    assert got.estimate == pytest.approx(observed.estimate)
    # the interval is where the planted value is rejected
    inside, outside = got.ci_high - 1e-6, got.ci_high + 1e-6
    assert p_of_planted(change, pilot, inside, weight) > 0.05 >= p_of_planted(change, pilot, outside, weight)


@pytest.mark.parametrize("seed", range(8))
def test_one_pilot_district_is_never_below_its_floor_and_agrees_with_its_interval(seed):
    rng = np.random.default_rng(seed)
    weight = np.array([137.0, 100, 174, 211])
    change, pilot = rng.normal(size=4), np.arange(4) == 0
    got = permutation(change, pilot, weight)
    assert got.p_value == pytest.approx(np.mean(by_brute_force(change, weight, 1) >= abs(got.estimate) - 1e-12))
    assert got.p_floor == 0.25 and got.p_value >= 0.25
    assert (got.ci_low, got.ci_high) == (-np.inf, np.inf)
    assert all(p_of_planted(change, pilot, c, weight) >= 0.25 for c in (-1e3, -5.0, 0.0, 5.0, 1e3))


@pytest.mark.parametrize("pilots", [1, 2, 4])
def test_what_the_interval_holds_is_not_rejected_on_either_side(pilots):
    rng = np.random.default_rng(4)
    for _ in range(20):
        change, weight = rng.normal(size=24 if pilots == 1 else 8), rng.uniform(1, 9, 24 if pilots == 1 else 8)
        pilot = np.arange(len(change)) < pilots
        got = permutation(change, pilot, weight)
        for end, outwards in ((got.ci_low, -1), (got.ci_high, 1)):
            if np.isinf(end):
                assert p_of_planted(change, pilot, outwards * 1e4, weight) > 0.05
            else:
                assert p_of_planted(change, pilot, end - outwards * 1e-6, weight) > 0.05
                assert p_of_planted(change, pilot, end + outwards * 1e-6, weight) <= 0.05


def test_equal_populations_are_the_ordinary_permutation():
    rng = np.random.default_rng(2)
    change, pilot = rng.normal(size=9), np.arange(9) < 4
    assert permutation(change, pilot, np.full(9, 7.0)).p_value == permutation(change, pilot).p_value


def test_it_keeps_its_size_where_the_arms_populations_differ():
    rng = np.random.default_rng(3)
    weight, pilot = np.array([10.0, 1, 1, 1, 1, 1, 1, 1]), np.arange(8) < 4
    rejected = [p_of_planted(rng.normal(size=8), pilot, 0.0, weight) <= 0.05 for _ in range(400)]
    assert np.mean(rejected) == pytest.approx(0.05, abs=0.035)
