"""Bounds of Rambachan and Roth: limits by hand, the identified set by linear programming, and the sets' logic."""

from __future__ import annotations

from math import sqrt

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import optimize, stats

from fewdistricts.inference.district_changes import district_change
from fewdistricts.inference.group_time import staggered
from fewdistricts.inference.relative_magnitudes import (
    Coefficients,
    _largest_of_two,
    bounds,
    district_coefficients,
)


def coefficients(seed: int, before: int = 3, after: int = 2, scale: float = 0.1) -> Coefficients:
    rng = np.random.default_rng(seed)
    root = rng.normal(size=(before + after, before + after))
    covariance = scale**2 * (root @ root.T / (before + after) + 0.2 * np.eye(before + after))
    return Coefficients(rng.normal(size=before) * 0.3, rng.normal(size=after) * 0.3 + 1, covariance)


def test_no_trend_after_the_start_is_the_ordinary_interval():
    found = coefficients(1)
    got = bounds(found, 0.0, np.array([1.0, 0.0]))
    half = 1.959964 * sqrt(found.covariance[3, 3])
    # the first stage costs a hair: the hybrid test has size .05 in all
    assert [got.ci_low, got.ci_high] == pytest.approx([found.after[0] - half, found.after[0] + half], rel=1e-3)
    assert got.set_low == got.set_high == found.after[0]


@pytest.mark.parametrize("weights", [[1, 0, 0], [0, 0, 1], [1 / 3, 1 / 3, 1 / 3], [1, -1, 0]])
def test_the_set_without_uncertainty_is_the_linear_program(weights):
    found, weights = coefficients(2, after=3), np.array(weights, float)
    largest = np.abs(np.diff([*found.before, 0.0])).max()
    step = np.eye(3) - np.eye(3, k=-1)
    ends = [
        optimize.linprog(
            sign * weights, np.vstack([step, -step]), np.full(6, 0.7 * largest), bounds=[(None, None)] * 3
        ).fun
        for sign in (1, -1)
    ]
    got = bounds(found, 0.7, weights)
    centre = weights @ found.after
    assert [got.set_low, got.set_high] == pytest.approx([centre + ends[0], centre - ends[1]])


def test_precise_coefficients_give_the_set_itself():
    found = coefficients(3, scale=1e-7)
    got = bounds(found, 1.5)
    assert [got.ci_low, got.ci_high] == pytest.approx([got.set_low, got.set_high], abs=1e-5)


def test_the_larger_of_two_normals():
    same, opposite, none = _largest_of_two(np.array([1.0, -1.0, 0.0]), 0.95)
    assert [same, opposite, none] == pytest.approx(
        [stats.norm.ppf(0.95), stats.norm.ppf(0.975), stats.norm.ppf(sqrt(0.95))]
    )


@settings(max_examples=15, deadline=None)
@given(st.integers(0, 10**6), st.floats(0.05, 3))
def test_sets_hold_their_centre_mirror_and_scale(seed, magnitude):
    found = coefficients(seed)
    got = bounds(found, magnitude)
    assert got.ci_low < got.set_low <= got.estimate <= got.set_high < got.ci_high
    mirror = bounds(Coefficients(-found.before, -found.after, found.covariance), magnitude)
    assert [mirror.ci_low, mirror.ci_high] == pytest.approx([-got.ci_high, -got.ci_low], rel=1e-6)
    scaled = bounds(Coefficients(10 * found.before, 10 * found.after, 100 * found.covariance), magnitude)
    assert scaled.ci_high == pytest.approx(10 * got.ci_high, rel=1e-6)


def test_coefficients_of_districts_are_the_event_study():
    level = np.random.default_rng(5).normal(size=(12, 6))
    cohort = np.where(np.arange(12) < 5, 4, -1)
    found = district_coefficients(staggered(level, cohort))
    assert (len(found.before), len(found.after)) == (3, 2)
    for k, wave in enumerate([0, 1, 2, 4, 5]):
        one = district_change(level[:, wave] - level[:, 3], cohort == 4)
        assert [*found.before, *found.after][k] == pytest.approx(one.estimate)
        assert found.covariance[k, k] == pytest.approx(one.se**2)


def test_too_few_districts_or_waves_have_no_bounds():
    level = np.random.default_rng(6).normal(size=(12, 5))
    assert district_coefficients(staggered(level[:9], np.where(np.arange(9) < 4, 3, -1))) is None
    assert district_coefficients(staggered(level, np.where(np.arange(12) < 5, 2, -1))) is None
    assert district_coefficients(staggered(level, np.where(np.arange(12) < 1, 3, -1))) is None
    assert district_coefficients(staggered(level, np.array([3, 3, 3, 4, 4, 4] + [-1] * 6))) is None
