"""The verdict on a row: against zero, against the smallest change that matters, jointly, and where there is none."""

from __future__ import annotations

from dataclasses import replace

import pandas as pd
import pytest
from surveys import a_design

from fewdistricts.design import Design
from fewdistricts.estimates import estimate
from fewdistricts.estimates.estimate import Estimate
from fewdistricts.estimates.verdicts import of_row, verdicts

NAN, INF = float("nan"), float("inf")
FOUR = {"a": "pilot", "b": "pilot", "c": "comparison", "d": "comparison"}


def a_row(low: float = NAN, high: float = NAN, **values) -> Estimate:
    """A row of the pooled difference in change of a share."""
    plain = {"evaluation": "small", "district": "pooled", "wave": "w2", "baseline_wave": "w1", "indicator": "safe"}
    key = {"estimand": "att", "estimator": "variance_components", "unit": "share", "role": "secondary"}
    size = {"estimate": (low + high) / 2, "ci_low": low, "ci_high": high}
    return Estimate(**{**plain, **key, **size, **values})


def declared(better="higher", worthwhile: float | None = 0.05, role="secondary", others: int = 0) -> Design:
    given = {"id": "safe", "label": "Safe", "column": "safe", "yes": ["yes"], "better": better, "role": role}
    given |= {} if worthwhile is None else {"worthwhile": worthwhile}
    return a_design(FOUR, indicators=[given, *({**given, "id": f"other_{k}"} for k in range(others))])


def kind(low, high, better="higher", worthwhile=0.05, **values) -> str:
    design = declared(better, worthwhile)
    return of_row(design, design.indicators[0], a_row(low, high, **values)).kind


VERDICTS = [  # interval of an indicator of which more is better, smallest change that matters .05
    (0.05, 0.10, "relevant_improvement"),
    (0.0499, 0.10, "uncertain_size"),
    (0.0001, 0.05, "uncertain_size"),
    (0.0001, 0.0499, "no_relevant_difference"),
    (0.0, 0.05, "inconclusive"),
    (0.0, 0.0499, "no_relevant_difference"),
    (-0.10, 0.0499, "harm_not_ruled_out"),
    (-0.0499, 0.0499, "no_relevant_difference"),
    (-0.10, 0.05, "inconclusive"),
    (-0.10, 0.0, "harm_not_ruled_out"),
    (-0.0499, -0.0001, "no_relevant_difference"),
    (-0.10, -0.0001, "worsening"),
]


@pytest.mark.parametrize(("low", "high", "expected"), VERDICTS)
def test_the_interval_is_read_against_zero_and_the_smallest_change_that_matters(low, high, expected):
    assert kind(low, high) == expected
    assert kind(-high, -low, better="lower") == expected


@pytest.mark.parametrize(
    ("low", "high", "expected"),
    [(0.0001, 0.1, "uncertain_size"), (0.0, 0.1, "inconclusive"), (-0.1, 0.0, "inconclusive"),
     (-0.1, -0.0001, "worsening"), (-INF, INF, "inconclusive")],
)  # fmt: skip
def test_without_a_smallest_change_it_is_read_against_zero(low, high, expected):
    assert kind(low, high, worthwhile=None, estimate=0.0) == expected
    assert kind(-high, -low, better="lower", worthwhile=None, estimate=0.0) == expected


def test_without_a_better_direction_nothing_improves():
    for low, high, expected in ((0.01, 0.1, "increase"), (0.0, 0.1, "inconclusive"), (-0.1, -0.01, "decrease")):
        assert kind(low, high, better="none", worthwhile=None) == expected


@pytest.mark.parametrize("estimand", ["did", "att"])
def test_sampling_error_alone_earns_no_verdict(estimand):
    assert kind(0.1, 0.2, estimator="taylor", estimand=estimand) == "sampling_only"
    assert kind(-0.2, -0.1, estimator="taylor", estimand=estimand) == "sampling_only"


def test_a_change_by_the_survey_s_own_variance_earns_one():
    assert kind(0.1, 0.2, estimator="taylor", estimand="change") == "relevant_improvement"


def test_nothing_is_read_where_there_is_nothing():
    design = declared()
    assert of_row(design, design.indicators[0], None).kind == "none"
    assert of_row(design, design.indicators[0], a_row()).kind == "none"
    assert kind(NAN, NAN, estimate=0.1) == "undetermined"


def test_of_a_placebo_only_whether_it_moved_is_read():
    design = declared(role="placebo", worthwhile=None)
    for low, high, expected in ((0.01, 0.2, "moved"), (-0.2, -0.01, "moved"), (-0.01, 0.2, "unmoved")):
        assert of_row(design, design.indicators[0], a_row(low, high)).kind == expected


# --- several primary outcomes ---------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("joint", "p", "expected"),
    [
        ((0.001, 0.119), 0.04, "uncertain_size"),
        ((-0.001, 0.121), 0.06, "inconclusive"),
        ((-0.001, 0.121), 0.04, "uncertain_size"),  # the step-down test rejects where the interval just does not
        ((0.055, 0.065), 0.001, "relevant_improvement"),
    ],
)
def test_several_primaries_are_read_jointly(joint, p, expected):
    single = {"p_adjusted": p, "ci_low_joint": joint[0], "ci_high_joint": joint[1], "role": "primary"}
    row = a_row(0.01, 0.11, **single)
    several, one = declared(role="primary", others=1), declared(role="primary")
    assert of_row(several, several.indicators[0], row).kind == expected
    assert of_row(one, one.indicators[0], row).kind == "uncertain_size"  # by its own interval
    turned = replace(row, estimate=-0.06, ci_low=-0.11, ci_high=-0.01, ci_low_joint=-joint[1], ci_high_joint=-joint[0])
    lower = declared("lower", role="primary", others=1)
    assert of_row(lower, lower.indicators[0], turned).kind == expected


def test_equivalence_of_one_outcome_is_two_one_sided_tests_and_of_several_the_joint_interval():
    # t = 1.86 on 8 df: the interval of 90 % lies inside .05, that of 95 % does not
    row = a_row(-2.306 * 0.025, 2.306 * 0.025, se=0.025, df=8.0, role="primary")
    one, several = declared(role="primary"), declared(role="primary", others=1)
    assert of_row(one, one.indicators[0], row).kind == "no_relevant_difference"
    joint = replace(row, p_adjusted=1.0, ci_low_joint=row.ci_low, ci_high_joint=row.ci_high)
    assert of_row(several, several.indicators[0], joint).kind == "inconclusive"


# --- from the table -------------------------------------------------------------------------------------------------


def test_it_is_suggestive_where_the_baseline_adjusted_difference_disagrees_about_zero():
    design = declared(role="primary")
    answer = a_row(0.01, 0.11, se=0.02, df=8.0, role="primary")
    agrees = replace(answer, estimator="district_change", variant="baseline_adjusted", ci_low=0.005)
    for other, suggestive in ((agrees, False), (replace(agrees, ci_low=-0.005), True)):
        assert verdicts(design, estimate.frame([answer, other]))["safe"].suggestive is suggestive


def test_every_indicator_has_one_and_a_lot_borrows_the_power_of_its_changes():
    design = declared(role="primary", others=1)
    answer = a_row(0.01, 0.11, role="primary")
    spread = replace(answer, estimand="mde", se=0.02, df=8.0)
    found = verdicts(design, estimate.frame([answer, spread]))
    assert set(found) == {"safe", "other_0"} and found["other_0"].kind == "none"
    assert 0 < found["safe"].power < 1 < found["safe"].exaggeration
    assert pd.isna(verdicts(design, estimate.frame([answer]))["safe"].power)


def test_power_is_that_of_the_simulation_of_the_design_where_there_is_one():
    design = declared(role="primary", others=1)
    answer = a_row(0.01, 0.11, se=0.02, df=8.0, role="primary")
    rows = [answer, replace(answer, estimand="mde")]
    formula = verdicts(design, estimate.frame(rows))["safe"]
    drawn = replace(answer, estimand="power", variant_of="1", estimate=formula.power / 2, se=0.01)
    other = replace(drawn, variant_of="2", estimate=0.99)
    found = verdicts(design, estimate.frame([*rows, drawn, other]))["safe"]
    assert found.power == formula.power / 2
    assert found.exaggeration > formula.exaggeration  # what is found more rarely looks larger when it is
    assert found.kind == formula.kind
    same = replace(drawn, estimate=formula.power)
    again = verdicts(design, estimate.frame([*rows, same]))["safe"]
    assert again.exaggeration == pytest.approx(formula.exaggeration, rel=1e-6)
