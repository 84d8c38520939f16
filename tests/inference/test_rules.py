"""The rule by reasons, its forms against the functions that they are, and the floor as a property of all of them."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats

from fewdistricts.inference.district_changes import district_change
from fewdistricts.inference.permutations import permutation
from fewdistricts.inference.rules import by_rule, lot_floor, reason, shares


def test_the_reason_is_one_of_the_design():
    assert reason(6, 6) == "several_districts"
    assert reason(4, 40) == "few_districts"
    assert reason(6, 6, pairs=6) == "pairs"
    assert reason(6, 6, pairs=1, clustered=True) == "clusters"
    assert reason(6, 6, lot_floor=2 / 924, pairs=6) == "lot"
    # three against three cannot reject at 5 % by lot: the next rule answers
    assert reason(3, 3, lot_floor=0.1) == "few_districts"


def test_the_floor_of_a_lot():
    assert lot_floor([True] * 3 + [False] * 3) == 2 / 20
    assert lot_floor([True] * 2 + [False] * 4) == 1 / 15
    assert lot_floor([True, False] * 5, list("aabbccddee")) == 2 / 32
    assert lot_floor([True, False, False] * 3, list("aaabbbccc")) == 1 / 27
    assert lot_floor([True, True]) == 1


def data(seed: int, pilots: int, comparisons: int):
    rng = np.random.default_rng(seed)
    count = pilots + comparisons
    return (
        rng.normal(0, 0.03, count),
        np.arange(count) < pilots,
        rng.uniform(1e-5, 1e-3, count),
        rng.uniform(5, 60, count),
    )


def test_from_five_on_it_is_welch_floored():
    change, pilot, _, df = data(1, 6, 6)
    got = by_rule("district_change", change, pilot)
    other = stats.ttest_ind(change[pilot], change[~pilot], equal_var=False)
    assert got.p_value == pytest.approx(other.pvalue)
    assert got.se_type == "welch"
    floored = by_rule("district_change", change, pilot, variance=np.full(12, 0.01), df=df)
    assert floored.se == pytest.approx(np.sqrt(12 * 0.01 / 36))
    # the survey's degrees of freedom where its error governs, as in the row of sampling error only
    assert (floored.se_type, floored.df) == ("welch_floored", df.sum())


def test_the_form_does_not_change_where_a_district_is_left_out():
    change, pilot, variance, df = data(2, 5, 5)
    change[0] = np.nan
    assert by_rule("district_change", change, pilot, variance=variance, df=df).se_type.startswith("welch")


def test_the_permutation_is_passed_on():
    change, pilot, *_ = data(3, 4, 5)
    assert by_rule("permutation", change, pilot) == permutation(change, pilot)


def test_clusters_of_one_district_each_are_welch_and_shared_ones_its_test_on_their_means():
    change, pilot, *_ = data(4, 6, 6)
    alone = by_rule("clustered", change, pilot, cluster=np.arange(12))
    welch = district_change(change, pilot, form="welch")
    # Satterthwaite under equal variances: G - 2 for arms of one size, whatever the data
    assert (alone.se, alone.df) == (pytest.approx(welch.se), pytest.approx(10))
    twos = np.repeat(np.arange(6), 2)
    shared = by_rule("clustered", change, pilot, cluster=twos)
    means = change.reshape(6, 2).mean(axis=1)
    over_means = district_change(means, np.arange(6) < 3, form="welch")
    assert (shared.se, shared.df) == (pytest.approx(over_means.se), pytest.approx(4))
    assert (shared.se_type, shared.n_districts) == ("cr2", 12)


def test_a_cluster_may_hold_both_arms():
    # a province's shock is common to its pilot and its comparison district and drops out
    rng = np.random.default_rng(5)
    shock = np.repeat(rng.normal(0, 1.0, 6), 2)
    pilot = np.tile([True, False], 6)
    change = shock + 0.1 * pilot + rng.normal(0, 0.01, 12)
    got = by_rule("clustered", change, pilot, cluster=np.repeat(np.arange(6), 2))
    paired = stats.ttest_rel(change[pilot], change[~pilot])
    assert got.p_value == pytest.approx(paired.pvalue)


@settings(max_examples=120, deadline=None)
@given(
    st.integers(0, 10**6),
    st.integers(2, 7),
    st.integers(2, 7),
    st.booleans(),
    st.sampled_from(["district_change", "variance_components", "paired", "clustered"]),
)
def test_no_headline_is_narrower_than_the_sampling_error(seed, pilots, comparisons, weighted, rule):
    if rule == "paired":
        comparisons = pilots
    change, pilot, variance, df = data(seed, pilots, comparisons)
    change = change / 100  # districts that moved all but alike
    weight = np.random.default_rng(seed).uniform(1, 9, len(change)) if weighted and rule != "paired" else None
    pair, cluster = np.tile(np.arange(pilots), 2) if rule == "paired" else None, np.arange(len(change)) // 2
    got = by_rule(rule, change, pilot, weight, variance=variance, df=df, pair=pair, cluster=cluster)
    if got.status:
        assert got.status in ("too_few_districts", "not_identified")
        return
    share = shares(change, pilot, weight)
    sampling = np.sqrt(share**2 @ variance)
    assert got.se >= sampling * (1 - 1e-9)
    # nor is its interval inside that of the sampling error, whose degrees of freedom are more
    half = stats.norm.ppf(0.975) * sampling
    assert got.ci_high - got.ci_low >= 2 * half * (1 - 1e-9)
