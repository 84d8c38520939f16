"""Primaries together and the baseline-adjusted difference, against R (multcomp, lm), statsmodels and by hand."""

from __future__ import annotations

import numpy as np
import pytest
from oracles import rows, survey
from scipy import special, stats
from statsmodels.stats.multitest import multipletests

from fewdistricts.inference.baseline import FEWEST_DF, baseline_adjusted, standard_deviation
from fewdistricts.inference.joint import correlation, joint, reached
from fewdistricts.inference.paired_changes import paired

PILOT = np.arange(12) < 6
R = np.array([[1, 0.6, 0.2, -0.1], [0.6, 1, 0.3, 0], [0.2, 0.3, 1, 0.45], [-0.1, 0, 0.45, 1]])


def levels(column: str) -> np.ndarray:
    """Weighted levels (12, 2) before and after."""
    frame = survey()
    wy = (frame[column] * frame["weight"]).groupby([frame["district"], frame["post"]]).sum()
    return (wy / frame.groupby(["district", "post"])["weight"].sum()).unstack().to_numpy()


def test_step_down_and_joint_intervals_equal_multcomp():
    expected = list(rows("R_multcomp"))
    z = np.array([row.estimate for row in expected])
    got = joint(2 * special.ndtr(-np.abs(z)), z, np.ones(4), np.full(4, np.inf), R)
    np.testing.assert_allclose(got.p_adjusted, [row.p for row in expected], atol=3e-5)
    np.testing.assert_allclose(got.ci_low, [row.lo for row in expected], atol=3e-4)
    np.testing.assert_allclose(got.ci_high, [row.hi for row in expected], atol=3e-4)


def test_independent_primaries_are_sidaks_and_identical_ones_count_once():
    p = np.array([0.03, 0.01, 0.2])
    t = -special.stdtrit(8, p / 2)
    alone = joint(p, t, np.ones(3), np.full(3, 8.0), np.eye(3))
    np.testing.assert_allclose(alone.p_adjusted, multipletests(p, method="holm-sidak")[1], atol=1e-6)
    half = stats.t.ppf(1 - (1 - 0.95 ** (1 / 3)) / 2, 8)
    np.testing.assert_allclose(alone.ci_high, t + half, atol=1e-3)
    same = joint(np.full(3, 0.03), t, np.ones(3), np.full(3, 8.0), np.ones((3, 3)))
    np.testing.assert_allclose(same.p_adjusted, 0.03, atol=1e-4)
    np.testing.assert_allclose(same.ci_high, t + stats.t.ppf(0.975, 8), atol=1e-3)


def test_one_without_a_p_value_takes_no_part():
    got = joint(
        np.array([0.04, np.nan]), np.array([0.1, 0.2]), np.array([0.05, np.nan]), np.array([9.0, np.nan]), R[:2, :2]
    )
    assert got.p_adjusted[0] == pytest.approx(0.04)
    assert np.isnan([got.p_adjusted[1], got.ci_low[1]]).all()
    assert got.ci_high[0] == pytest.approx(0.1 + stats.t.ppf(0.975, 9) * 0.05)
    nobody = joint(np.full(2, np.nan), *[np.full(2, np.nan)] * 3, R[:2, :2])
    assert np.isnan(nobody.p_adjusted).all()


def test_the_probability_of_a_maximum_by_brute_force():
    rng = np.random.default_rng(2)
    drawn = np.abs(rng.multivariate_normal(np.zeros(4), R, 400_000)).max(axis=1)
    for size in (1.0, 2.0, 2.5):
        assert reached(size, R) == pytest.approx((drawn >= size).mean(), abs=0.0025)
    assert reached(2.0, R) == reached(2.0, R)


def test_correlations_are_shrunk_and_stay_correlations():
    rng = np.random.default_rng(4)
    residual = rng.normal(size=(10, 3))
    residual[:, 1] = residual[:, 0]
    residual[0, 2] = np.nan
    got = correlation(residual, df=10)
    assert got[0, 1] == pytest.approx(10 / 13, abs=1e-6)
    np.testing.assert_allclose(np.diag(got), 1)
    assert np.linalg.eigvalsh(got)[0] > 0


def test_primaries_of_one_question_count_once():
    rng = np.random.default_rng(5)
    residual = rng.normal(size=(10, 3))
    residual[:, 1] = -residual[:, 0]  # more who are safe, fewer who are not
    got = correlation(residual, df=8, question=["safety", "safety", "robbery"])
    assert got[0, 1] == pytest.approx(-1)
    between = residual[:, 0] @ residual[:, 2] / np.sqrt((residual[:, 0] ** 2).sum() * (residual[:, 2] ** 2).sum())
    assert got[0, 2] == pytest.approx(8 / (8 + 2) * between)  # two questions
    p, t = np.array([0.03, 0.03]), np.full(2, 2.5)
    once = joint(p, t, np.ones(2), np.full(2, 8.0), got[:2, :2])
    np.testing.assert_allclose(once.p_adjusted, p, atol=1e-4)


def test_analysis_of_covariance_equals_lm_with_clubsandwich():
    compared = 0
    for row in rows("R_ancova"):
        level = levels(row.quantity)
        got = baseline_adjusted(level[:, 1] - level[:, 0], level[:, 0], PILOT)
        found = [got.estimate, got.se, got.df, got.p_value]
        np.testing.assert_allclose(found, [row.estimate, row.se, row.df, row.p], rtol=1e-8)
        compared += 1
    assert compared == 2


def test_pairs_equal_t_test_paired():
    compared = 0
    for row in rows("R_pairs"):
        level = levels(row.quantity)
        got = paired(level[:, 1] - level[:, 0], PILOT, np.tile(np.arange(6), 2))
        found = [got.estimate, got.se, got.df, got.ci_low, got.ci_high, got.p_value]
        np.testing.assert_allclose(found, [row.estimate, row.se, row.df, row.lo, row.hi, row.p], rtol=1e-8)
        compared += 1
    assert compared == 2


def test_pairs_are_adjusted_by_their_own_baselines():
    rng = np.random.default_rng(6)
    baseline, pair = rng.normal(size=10), np.tile(np.arange(5), 2)
    pilot = np.arange(10) < 5
    change = 0.3 * pilot - 0.5 * baseline
    noisy = change + rng.normal(0, 0.01, 10)
    assert baseline_adjusted(noisy, baseline, pilot, pair=pair).estimate == pytest.approx(0.3, abs=0.03)
    assert 1 < baseline_adjusted(noisy, baseline, pilot, pair=pair).df <= 3
    assert baseline_adjusted(change, baseline, pilot, pair=pair).status == "no_variance"


def test_adjusting_says_why_it_cannot():
    change, pilot = np.array([0.1, 0.2, 0.3, 0.1]), np.arange(4) < 2
    assert baseline_adjusted(change, np.full(4, 0.3), pilot).status == "not_identified"
    assert baseline_adjusted(change, pilot.astype(float), pilot).status == "not_identified"
    assert baseline_adjusted(change[:3], change[:3], pilot[:3]).status == "too_few_districts"
    assert baseline_adjusted(change, change, np.ones(4, bool)).status == "no_data"


def test_with_under_two_degrees_of_freedom_there_is_no_adjusted_interval():
    """Two against three would be some hundred points wide; arms and baselines decide it, not the changes."""
    rng = np.random.default_rng(1)
    baseline, pilot = np.array([0.42, 0.35, 0.40, 0.31, 0.38]), np.arange(5) < 2
    for change in rng.normal(0, 0.1, (5, 5)):
        got = baseline_adjusted(change, baseline, pilot)
        assert got.status == "too_few_districts" and np.isfinite(got.estimate) and np.isnan(got.ci_low)
    six = np.append(baseline, [0.36, 0.44])
    got = baseline_adjusted(rng.normal(0, 0.1, 7), six, np.arange(7) < 3)
    assert got.status == "" and got.df >= FEWEST_DF


def test_the_unit_of_standardised_differences_by_hand():
    variance, pilot = np.array([0.25, 0.21, 0.24, 0.24]), np.arange(4) < 2
    assert standard_deviation(variance, pilot) == pytest.approx(np.sqrt((0.23 + 0.24) / 2))
    assert standard_deviation(variance, pilot, np.array([3.0, 1, 1, 1])) == pytest.approx(np.sqrt((0.24 + 0.24) / 2))
    assert np.isnan(standard_deviation(np.zeros(4), pilot))
