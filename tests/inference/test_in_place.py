"""Population weights stay in place: by brute force, and its size."""

from __future__ import annotations

from itertools import permutations

import numpy as np
import pytest

from fewdistricts.inference.district_changes import district_change
from fewdistricts.inference.permutations import p_of_planted, permutation


def test_every_order_by_brute_force():
    rng = np.random.default_rng(1)
    change, weight, pilot = rng.normal(size=7), np.array([1.0, 5, 2, 1, 1, 8, 3]), np.arange(7) < 3
    sizes = []
    for order in permutations(range(7)):
        got = district_change(change[list(order)], pilot, weight, form="welch")
        sizes.append(abs(got.estimate / got.se))
    observed = district_change(change, pilot, weight, form="welch")
    p = np.mean(np.array(sizes) >= abs(observed.estimate / observed.se) * (1 - 1e-9))
    got = permutation(change, pilot, weight)
    assert got.p_value == pytest.approx(p)
    assert got.estimate == pytest.approx(observed.estimate)
    # the interval is where the planted value is rejected
    inside, outside = got.ci_high - 1e-6, got.ci_high + 1e-6
    assert p_of_planted(change, pilot, inside, weight) > 0.05 >= p_of_planted(change, pilot, outside, weight)


def test_equal_populations_are_the_ordinary_permutation():
    rng = np.random.default_rng(2)
    change, pilot = rng.normal(size=9), np.arange(9) < 4
    assert permutation(change, pilot, np.full(9, 7.0)).p_value == permutation(change, pilot).p_value


def test_it_keeps_its_size_where_the_arms_populations_differ():
    rng = np.random.default_rng(3)
    weight, pilot = np.array([10.0, 1, 1, 1, 1, 1, 1, 1]), np.arange(8) < 4
    rejected = [p_of_planted(rng.normal(size=8), pilot, 0.0, weight) <= 0.05 for _ in range(400)]
    assert np.mean(rejected) == pytest.approx(0.05, abs=0.035)
