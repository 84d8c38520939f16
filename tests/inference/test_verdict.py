"""The verdict's rules by cases, its probabilities by simulation."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

from fewdistricts.inference.verdict import equivalence, exaggeration, verdict

CASES = [
    # estimate, low, high, smallest, verdict
    (0.12, 0.06, 0.18, 0.05, "relevant_improvement"),
    (0.12, 0.02, 0.22, 0.05, "uncertain_size"),
    (0.12, 0.02, 0.22, None, "uncertain_size"),
    (0.01, -0.03, 0.04, 0.05, "no_relevant_difference"),
    (0.02, 0.01, 0.04, 0.05, "no_relevant_difference"),
    (-0.02, -0.08, 0.04, 0.05, "harm_not_ruled_out"),
    (0.03, -0.03, 0.09, 0.05, "inconclusive"),
    (0.00, -0.10, 0.10, 0.05, "inconclusive"),
    (0.00, -0.10, 0.10, None, "inconclusive"),
    (-0.08, -0.15, -0.01, 0.05, "worsening"),
    (np.nan, np.nan, np.nan, 0.05, "undetermined"),
]


@pytest.mark.parametrize(("estimate", "low", "high", "smallest", "kind"), CASES)
def test_both_sides_of_the_interval_are_read(estimate, low, high, smallest, kind):
    assert verdict(estimate, low, high, better="higher", smallest=smallest).kind == kind
    mirrored = verdict(-estimate, -high, -low, better="lower", smallest=smallest)
    assert mirrored.kind == kind


def test_directions_and_flags():
    got = verdict(0.02, 0.01, 0.04, better="higher", smallest=0.05)
    assert got.direction == "better"
    none = verdict(0.02, 0.01, 0.09, better="none", smallest=0.05)
    assert (none.kind, none.direction) == ("increase", "up")
    assert verdict(-0.08, -0.15, -0.01, better="none").kind == "decrease"
    half = verdict(0.08, 0.01, np.inf, better="higher", smallest=0.05)
    assert half.kind == "uncertain_size"


def test_suggestive_where_the_adjusted_difference_disagrees_about_zero():
    one = {"better": "higher", "smallest": 0.05}
    assert verdict(0.08, 0.01, 0.15, adjusted=(-0.01, 0.12), **one).suggestive
    assert not verdict(0.08, 0.01, 0.15, adjusted=(0.02, 0.12), **one).suggestive
    assert verdict(0.04, -0.01, 0.09, adjusted=(0.01, 0.12), **one).suggestive
    assert not verdict(0.04, -0.01, 0.09, adjusted=(np.nan, np.nan), **one).suggestive


def test_equivalence_is_two_one_sided_t_tests():
    rng = np.random.default_rng(1)
    x = rng.normal(0.01, 0.05, 20)
    se, df = stats.sem(x), 19.0
    below = stats.ttest_1samp(x, -0.05, alternative="greater").pvalue
    above = stats.ttest_1samp(x, 0.05, alternative="less").pvalue
    assert equivalence(x.mean(), se, df, 0.05) == pytest.approx(max(below, above))
    # with standard error and df the interval of 90 % decides, not that of 95 %
    got = verdict(0.01, 0.01 - 2.1 * 0.02, 0.01 + 2.1 * 0.02, better="higher", smallest=0.05, se=0.02, df=18)
    assert got.kind == "no_relevant_difference"


def test_the_winners_curse_by_simulation():
    rng = np.random.default_rng(3)
    for effect, se, df in ((0.05, 0.04, 8.0), (0.08, 0.06, 4.0), (0.05, 0.01, 30.0)):
        drawn = effect + se * rng.standard_t(df, 400_000)
        found = np.abs(drawn) > stats.t.ppf(0.975, df) * se
        assert exaggeration(effect, se, df) == pytest.approx(np.abs(drawn[found]).mean() / effect, rel=0.02)
    assert exaggeration(0.05, 0.001, 10.0) == pytest.approx(1, abs=1e-6)
    assert np.isnan(exaggeration(0.05, 0.01, 1.0))
    assert exaggeration(0.05, 0.04, np.inf) == pytest.approx(exaggeration(0.05, 0.04, 1e7), rel=1e-4)


@given(st.floats(-1, 1), st.floats(1e-3, 1), st.floats(2, 50), st.floats(1e-3, 1), st.sampled_from(["higher", "lower"]))
def test_every_interval_has_one_verdict_and_its_mirror_the_same(estimate, se, df, smallest, better):
    half = stats.t.ppf(0.975, df) * se
    one = {"smallest": smallest, "se": se, "df": df}
    got = verdict(estimate, estimate - half, estimate + half, better=better, **one)
    other = {"higher": "lower", "lower": "higher"}[better]
    assert verdict(-estimate, -estimate - half, -estimate + half, better=other, **one) == got
    if got.kind == "relevant_improvement":
        assert got.direction == "better"
    if got.kind == "worsening":
        assert got.direction == "worse"
    assert 0.049 < got.power <= 1
