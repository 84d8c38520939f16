"""The headline as if the programme had begun one wave earlier, and a synthetic control, as rows."""

from __future__ import annotations

import numpy as np
import pytest
from surveys import a_design, a_survey, monthly, one, shares

from fewdistricts.estimates import pipeline as plan
from fewdistricts.inference.synthetic_control import synthetic_control

THREE_AND_THREE = dict.fromkeys("abc", "pilot") | dict.fromkeys("def", "comparison")


def rows_by_month(*shape, **changes):
    return plan.estimates(*monthly(*shape, **changes))


def drawn(districts: int, waves: int, seed: int = 1) -> np.ndarray:
    return 20 + np.random.default_rng(seed).normal(size=(districts, waves)).cumsum(axis=1)


def test_one_pilot_with_ten_months_before_has_a_synthetic_control():
    level = drawn(7, 14)
    rows = rows_by_month(1, 6, 10, level)
    row = one(rows, estimand="att", estimator="synthetic_control")
    expected = synthetic_control(level, np.arange(14) < 10, np.arange(14) >= 10)
    assert row["estimate"] == pytest.approx(expected.estimate)
    assert row["p_value"] == pytest.approx(expected.p_value)
    assert row["p_floor"] == pytest.approx(1 / 7)
    assert (row["n_districts"], row["wave"], row["baseline_wave"]) == (7, "after", "before")
    assert np.isnan(row["ci_low"]) and np.isnan(row["se"])
    assert set(rows.query("estimator == 'synthetic_control'")["estimand"]) == {"att"}


def test_a_declared_headline_wave_is_what_the_synthetic_control_is_asked_at():
    level = drawn(7, 14)
    rows = rows_by_month(1, 6, 10, level, inference={"headline": "last"})
    expected = synthetic_control(level, np.arange(14) < 10, np.arange(14) == 13)
    row = one(rows, estimand="att", estimator="synthetic_control")
    assert row["estimate"] == pytest.approx(expected.estimate)


@pytest.mark.parametrize(("pilots", "comparisons", "before"), [(1, 6, 9), (1, 4, 10), (2, 6, 10), (6, 1, 10)])
def test_other_designs_have_none(pilots, comparisons, before):
    rows = rows_by_month(pilots, comparisons, before, drawn(pilots + comparisons, 14))
    assert "synthetic_control" not in set(rows["estimator"])


def test_a_comparison_district_with_a_missing_month_is_left_out_of_the_synthetic_control():
    level = drawn(8, 14)
    level[7, 3] = np.nan
    row = one(rows_by_month(1, 7, 10, level), estimand="att", estimator="synthetic_control")
    expected = synthetic_control(level[:7], np.arange(14) < 10, np.arange(14) >= 10)
    assert row["estimate"] == pytest.approx(expected.estimate)
    assert row["n_districts"] == 7


# --- placebo in time -----------------------------------------------------------------------------------------------


def placebo(rows):
    """The row by the headline's estimator, beside which stands the test of trends."""
    return one(rows[rows["estimator"] != "pretrend"], estimand="placebo")


def test_the_last_wave_before_the_start_against_the_one_before_it_by_hand():
    cells = shares(20, a=(8, 10, 16), b=(8, 11, 15), c=(9, 10, 14), d=(10, 9, 10), e=(9, 9, 9), f=(8, 10, 11))
    rows = plan.estimates(a_design(THREE_AND_THREE, waves=3, start="2005-01"), a_survey(safe=cells))
    row = placebo(rows)
    assert row["estimate"] == pytest.approx((2 + 3 + 1) / 60 - (-1 + 0 + 2) / 60)
    assert (row["estimator"], row["wave"], row["baseline_wave"]) == ("variance_components", "w2", "w1")
    # what happened after the start changes nothing
    later = cells | shares(20, a=(8, 10, 0), f=(8, 10, 20))
    again = placebo(plan.estimates(a_design(THREE_AND_THREE, waves=3, start="2005-01"), a_survey(safe=later)))
    assert (again["estimate"], again["se"], again["p_value"]) == (row["estimate"], row["se"], row["p_value"])
    # the same numbers answered for two waves and an earlier start are an answer of their own
    two = {cell: answers for cell, answers in cells.items() if cell[1] != "w3"}
    earlier = plan.estimates(a_design(THREE_AND_THREE, waves=2), a_survey(safe=two))
    answer = one(earlier, estimand="att", estimator="variance_components", variant="main")
    for number in ("estimate", "se", "df", "ci_low", "ci_high", "p_value"):
        assert row[number] == pytest.approx(answer[number]), number


def test_with_averages_the_last_wave_before_stands_against_the_mean_of_the_others():
    level = drawn(6, 8)
    row = placebo(rows_by_month(3, 3, 5, level))
    moved = level[:, 4] - level[:, :4].mean(axis=1)
    assert row["estimate"] == pytest.approx(moved[:3].mean() - moved[3:].mean())
    assert (row["wave"], row["baseline_wave"]) == ("w5", "before")


def test_one_pilot_has_it_by_variance_components():
    level = drawn(5, 3)
    row = placebo(rows_by_month(1, 4, 2, level))
    moved = level[:, 1] - level[:, 0]
    assert row["estimate"] == pytest.approx(moved[0] - moved[1:].mean())
    assert row["se"] == pytest.approx(np.sqrt(moved[1:].var(ddof=1) * (1 + 1 / 4)))


def test_staggered_starts_move_each_pilot_by_a_wave_of_its_own():
    districts = {
        "a": {"arm": "pilot", "start": "2005-01"}, "b": {"arm": "pilot", "start": "2005-01"},
        "c": {"arm": "pilot", "start": "2006-01"}, "d": "comparison", "e": "comparison", "f": "comparison",
    }  # fmt: skip
    cells = shares(
        20, a=(8, 10, 16, 15), b=(8, 11, 15, 15), c=(9, 10, 13, 17), d=(10, 9, 10, 9), e=(9, 9, 9, 9), f=(8, 10, 11, 9)
    )
    design = a_design(districts, waves=4, inference={"headline": "last"})
    row = placebo(plan.estimates(design, a_survey(safe=cells)))
    first, second = (-1 + 0 + 2) / 3, (1 + 0 + 1) / 3
    assert row["estimate"] == pytest.approx(((2 - first) + (3 - first) + (3 - second)) / 3 / 20)
    assert row["wave"] == ""


def test_without_a_comparison_it_is_the_change_before_the_start():
    cells = shares(20, a=(8, 10, 16), b=(8, 11, 15))
    rows = plan.estimates(a_design(dict.fromkeys("ab", "pilot"), waves=3, start="2005-01"), a_survey(safe=cells))
    row = placebo(rows)
    assert row["estimate"] == pytest.approx((2 + 3) / 40)
    assert (row["estimator"], row["district"]) == ("taylor", "pilot")


def test_one_wave_before_the_start_allows_none():
    cells = shares(20, a=(8, 10, 16), b=(8, 11, 15), d=(10, 9, 10), e=(9, 9, 9))
    districts = {"a": "pilot", "b": "pilot", "d": "comparison", "e": "comparison"}
    rows = plan.estimates(a_design(districts, waves=3), a_survey(safe=cells))
    assert "placebo" not in set(rows["estimand"])


def test_where_all_districts_start_those_that_have_not_are_compared_with_and_the_answer_stays_the_change():
    starts = {"a": "2004-01", "b": "2004-01", "c": "2006-01", "d": "2006-01"}
    districts = {name: {"arm": "pilot", "start": start} for name, start in starts.items()}
    cells = shares(20, a=(8, 12, 12, 13), b=(8, 14, 14, 12), c=(9, 10, 10, 15), d=(10, 9, 9, 14))
    design = a_design(districts, waves=4, inference={"headline": "last"})
    rows = plan.estimates(design, a_survey(safe=cells))
    first = one(rows, estimand="att_gt", cohort="w2", wave="w2")
    assert first["estimate"] == pytest.approx((4 + 6) / 2 / 20 - (1 - 1) / 2 / 20)
    # when the last have started nobody is left
    for cohort in ("w2", "w4"):
        assert one(rows, estimand="att_gt", cohort=cohort, wave="w4")["status"] == "no_data"
    assert "att" not in set(rows["estimand"])
    answer = one(rows, district="pilot", estimand="change", wave="w4", baseline_wave="before")
    assert answer["estimate"] == pytest.approx((5 + 4 + 5 + 5) / 4 / 20)
