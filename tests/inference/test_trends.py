"""Trends: breakdown by hand, event studies and group-time effects against diff-diff on packaged data."""

from __future__ import annotations

import warnings
from math import inf, isnan

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from fewdistricts.inference.district_changes import district_change
from fewdistricts.inference.group_time import aggregate, att_gt, by_counts, event_study, staggered
from fewdistricts.inference.one_district import variance_components
from fewdistricts.inference.rules import by_rule
from fewdistricts.inference.shock_components import shock_components
from fewdistricts.inference.trends import breakdown, pretrend


def overall(data):
    """The mean effect over all pilot districts and waves after their starts, each district and wave counting once."""
    return aggregate(data, [(g, t) for g in data.cohorts for t in range(g, data.level.shape[1])])


def test_breakdown_by_hand():
    # deviations from the mean of the other two: .1 - (-.05), 0 - 0, -.1 - .05
    got = breakdown(-0.40, 0.10, np.array([0.1, 0.0, -0.1]))
    assert got.value == pytest.approx(0.40 - 0.10)
    assert got.ratio == pytest.approx(0.30 / 0.15)
    assert got.sd == pytest.approx(0.30 / np.std([0.15, 0.0, -0.15], ddof=1))


def test_an_interval_that_holds_zero_breaks_down_at_once():
    got = breakdown(0.05, 0.10, np.array([0.1, 0.0, np.nan]))
    assert (got.value, got.sd, got.ratio) == (0, 0, 0)


def test_breakdown_without_deviations():
    assert breakdown(0.4, 0.1, np.array([0.1])).status == "too_few_districts"
    assert breakdown(0.4, 0.1, np.array([0.1, 0.1, 0.1])).ratio == inf
    assert breakdown(0.05, 0.1, np.array([0.1, 0.1, 0.1])).status == "no_variance"  # 0 over 0 says why it is empty
    assert breakdown(0.4, np.nan, np.arange(3.0)).status == "no_interval"


def test_counts_choose_the_estimator():
    change = np.array([0.3, 0.1, 0.0, -0.1, 0.05, 0.2])
    variance, df = np.full(6, 0.001), np.full(6, 20.0)
    several = by_counts(change, np.arange(6) < 2, None, (variance, df, None))
    assert several == shock_components(change, variance, df, np.arange(6) < 2).inference
    many = np.linspace(0, 0.3, 12)
    assert by_counts(many, np.arange(12) < 6) == district_change(many, np.arange(12) < 6, form="welch")
    one = by_counts(change, np.arange(6) < 1, None, (variance, df, None))
    assert one == variance_components(0.3, 0.001, 20, change[1:], variance[1:])
    swapped = by_counts(change, np.arange(6) < 5, None, (variance, df, None))
    assert swapped.estimate == pytest.approx(change[:5].mean() - 0.2) and swapped.se_type == "variance_components"
    two = by_counts(change[:3], np.arange(3) < 1, None, (variance[:3], df[:3], None))
    assert two.status == "too_few_districts" and two.estimate == pytest.approx(0.3 - 0.05)
    each = by_counts(change[:2], np.arange(2) < 1, None, (variance[:2], df[:2], None))
    assert (each.estimate, each.se, each.df) == (pytest.approx(0.2), pytest.approx(np.sqrt(0.002)), pytest.approx(40))
    assert each.se_type == "taylor" and np.isnan(each.p_value)


def same(a, b):
    """Two inferences up to the last digits."""
    numbers = ["estimate", "se", "df", "ci_low", "ci_high", "p_value"]
    assert [getattr(a, n) for n in numbers] == pytest.approx([getattr(b, n) for n in numbers], rel=1e-9)
    return (a.status, a.n_districts) == (b.status, b.n_districts)


def castle():
    import causaldata

    data = causaldata.castle.load_pandas().data
    first = data[data["post"] == 1].groupby("sid")["year"].min()
    data["first"] = data["sid"].map(first).fillna(0).astype(int)
    level = data.pivot_table(index="sid", columns="year", values="l_homicide")
    years = list(level.columns)
    starts = data.groupby("sid")["first"].first().loc[level.index]
    return data, level.to_numpy(float), np.array([years.index(y) if y else -1 for y in starts]), years


@pytest.mark.parametrize("not_yet", [False, True])
def test_group_time_effects_are_those_of_diff_diff(not_yet):
    from diff_diff import CallawaySantAnna

    data, level, cohort, years = castle()
    control = "not_yet_treated" if not_yet else "never_treated"
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        theirs = CallawaySantAnna(control_group=control, base_period="universal", estimation_method="reg").fit(
            data, outcome="l_homicide", unit="sid", time="year", first_treat="first", aggregate="all"
        )
    ours = staggered(level, cohort, not_yet=not_yet)
    compared = 0
    for got in att_gt(ours):
        effect = theirs.group_time_effects[years[got.cohort], years[got.wave]]["effect"]
        assert got.inference.estimate == pytest.approx(effect, abs=1e-7)  # the packaged data are in single precision
        compared += 1
    assert compared == 5 * 10
    for event_time, got in event_study(ours):
        assert got.estimate == pytest.approx(theirs.event_study_effects[event_time]["effect"], abs=1e-7)
    assert overall(ours).estimate == pytest.approx(theirs.overall_att, abs=1e-7)


def test_one_start_is_the_district_change():
    level = np.random.default_rng(1).normal(size=(10, 4))
    cohort = np.where(np.arange(10) < 4, 2, -1)
    got = dict(event_study(staggered(level, cohort)))
    assert sorted(got) == [-2, 0, 1]
    assert same(got[1], district_change(level[:, 3] - level[:, 1], cohort == 2))
    assert same(got[-2], district_change(level[:, 0] - level[:, 1], cohort == 2))


def test_sampling_error_is_asked_of_the_contrast():
    level = np.random.default_rng(2).normal(size=(5, 3))
    cohort = np.array([1, -1, -1, -1, -1])
    asked = []

    def sampling(contrast):
        asked.append(contrast)
        return 0.01 * (contrast**2).sum(axis=1), np.full(5, 30.0), None

    got = dict(event_study(staggered(level, cohort, sampling=sampling)))
    change = level[:, 2] - level[:, 0]
    assert same(got[1], variance_components(change[0], 0.02, 30, change[1:], np.full(4, 0.02)))
    assert (asked[0] == [-1, 1, 0]).all()


def test_two_cohorts_against_never_treated_is_cr2_on_one_number_a_district():
    level = np.random.default_rng(3).normal(size=(10, 4))
    cohort = np.array([1, 1, 2, -1, -1, -1, -1, -1, -1, -1])
    got = dict(event_study(staggered(level, cohort)))[0]
    early, late = level[:, 1] - level[:, 0], level[:, 2] - level[:, 1]
    early, late = early - early[3:].mean(), late - late[3:].mean()  # cleared of the common shocks of their waves
    change = np.concatenate([early[:2], late[2:3], 2 / 3 * early[3:] + 1 / 3 * late[3:]])
    assert same(got, by_rule("clustered", change, np.arange(10) < 3, cluster=np.arange(10)))


def test_two_pilots_with_different_starts_get_no_test():
    level = np.random.default_rng(4).normal(size=(8, 4))
    cohort = np.array([1, 2, -1, -1, -1, -1, -1, -1])
    got = overall(staggered(level, cohort))
    assert got.status == "too_few_districts" and np.isfinite(got.estimate) and isnan(got.p_value)


def test_influence_of_disjoint_arms_is_welch():
    level = np.random.default_rng(5).normal(size=(9, 5))
    cohort = np.array([1, 1, 1, 3, 3, 3, -1, -1, -1])
    data = staggered(level, cohort, not_yet=True)
    # at wave 1 the cohort of wave 3 is a comparison and no pilot: nobody changes sides
    got = aggregate(data, [(1, 1)])
    assert same(got, district_change(level[:, 1] - level[:, 0], cohort == 1))
    mixed = aggregate(data, [(1, 1), (3, 3)])
    assert mixed.se_type == "influence" and mixed.ci_low < mixed.estimate < mixed.ci_high


def test_without_untreated_districts_only_cells_with_comparisons_count():
    level = np.random.default_rng(6).normal(size=(6, 3))
    cohort = np.array([1, 1, 1, 2, 2, 2])
    assert overall(staggered(level, cohort)).status == "no_data"
    got = overall(staggered(level, cohort, not_yet=True))
    assert got.estimate == pytest.approx(
        (level[:3, 1] - level[:3, 0]).mean() - (level[3:, 1] - level[3:, 0]).mean()
    )  # at wave 2 everyone has started


def test_a_missing_level_costs_the_contrasts_that_need_it():
    level = np.random.default_rng(7).normal(size=(8, 3))
    level[7, 2] = np.nan
    cohort = np.where(np.arange(8) < 3, 1, -1)
    got = dict(event_study(staggered(level, cohort)))
    assert (got[0].n_districts, got[1].n_districts) == (8, 7)


def test_pretrend_is_the_largest_t_among_all_assignments():
    level = np.random.default_rng(8).normal(size=(8, 4))
    cohort = np.where(np.arange(8) < 4, 3, -1)
    got = pretrend(staggered(level, cohort))
    assert got.p_type == "permutation_max" and got.p_floor == 2 / 70
    assert 2 / 70 <= got.p_value <= 1
    level[:4, 0] += 9  # far apart long before: only the mirror image is as extreme
    assert pretrend(staggered(level, cohort)).p_value == pytest.approx(2 / 70)


def test_pretrend_of_one_pilot_is_a_rank():
    level = np.zeros((5, 4))
    level[:, 0] = [3, 1, 0, -1, -2]
    got = pretrend(staggered(level, np.array([3, -1, -1, -1, -1])))
    # from the mean .2: 2.8, .8, .2, 1.2, 2.2; the estimate is 3 - (-.5)
    assert (got.estimate, got.p_value, got.p_floor) == (pytest.approx(3.5), 1 / 5, 1 / 5)


def test_pretrend_of_several_cohorts_and_of_two_waves():
    level = np.random.default_rng(9).normal(size=(12, 5))
    cohort = np.array([2, 2, 2, 3, 3, 3] + [-1] * 6)
    data = staggered(level, cohort)
    before = [said.p_value for e, said in event_study(data) if e < -1]
    got = pretrend(data)
    assert got.p_type == "bonferroni" and got.p_value == pytest.approx(min(1, min(before) * len(before)))
    assert pretrend(staggered(level[:, :2], np.where(np.arange(12) < 6, 1, -1))).status == "no_data"


@settings(max_examples=25, deadline=None)
@given(st.integers(0, 10**6), st.booleans(), st.floats(-5, 5))
def test_common_shocks_and_order_do_not_matter(seed, not_yet, shock):
    rng = np.random.default_rng(seed)
    level = rng.normal(size=(11, 4))
    cohort = np.array([1, 1, 1, 2, 2, 3, -1, -1, -1, -1, -1])
    got = overall(staggered(level, cohort, not_yet=not_yet))
    moved = overall(staggered(level + shock * rng.normal(size=4) + rng.normal(size=(11, 1)), cohort, not_yet=not_yet))
    order = rng.permutation(11)
    shuffled = overall(staggered(level[order], cohort[order], not_yet=not_yet))
    for other in (moved, shuffled):
        assert [other.estimate, other.se, other.df] == pytest.approx([got.estimate, got.se, got.df], rel=1e-8)
    assert got.ci_low < got.estimate < got.ci_high and 0 < got.p_value <= 1
