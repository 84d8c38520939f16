"""Small cells: the rule at its boundary, what depends on a hidden cell, and that nothing shown gives one away."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from surveys import a_design, a_survey, one, shares

from evaluation.estimate import plan, table
from evaluation.survey.disclosure import suppressed

FOUR = {"a": "pilot", "b": "pilot", "c": "comparison", "d": "comparison", "e": "comparison"}
OF = {"a": 40, "b": 30, "c": 20, "d": 50, "e": 60}


def counts(design, changed=None, waves=("w1", "w2")) -> pd.DataFrame:
    """Answers to `safe` as sample.parquet counts them."""
    rows = [
        (d.id, w, "safe", "answered", (changed or {}).get((d.id, w), OF[d.id])) for d in design.districts for w in waves
    ]
    return pd.DataFrame(rows, columns=["district", "wave", "indicator", "kind", "n"])


def hidden(changed, districts=FOUR, **design):
    declared = a_design(districts, **{"disclosure": {"minimum_cell": 10}} | design)
    return suppressed(declared, counts(declared, changed))


# --- the rule ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("n", "is_hidden"), [(0, False), (1, True), (9, True), (10, False), (11, False)])
def test_a_cell_is_hidden_below_the_minimum_and_an_empty_one_has_nothing_to_hide(n, is_hidden):
    assert (("a", "w2", "safe") in hidden({("a", "w2"): n})) is is_hidden


def test_the_next_smallest_cell_of_the_arm_goes_with_a_single_one():
    assert hidden({("d", "w1"): 3}) == {("d", "w1", "safe"), ("c", "w1", "safe")}
    assert hidden({("a", "w2"): 9}) == {("a", "w2", "safe"), ("b", "w2", "safe")}


def test_two_small_cells_protect_each_other():
    assert hidden({("d", "w1"): 3, ("e", "w1"): 4}) == {("d", "w1", "safe"), ("e", "w1", "safe")}


def test_a_tie_goes_to_the_first_id():
    assert hidden({("e", "w1"): 3, ("c", "w1"): 25, ("d", "w1"): 25}) == {("e", "w1", "safe"), ("c", "w1", "safe")}


def test_an_empty_cell_protects_nobody():
    assert hidden({("e", "w1"): 3, ("c", "w1"): 0}) == {("e", "w1", "safe"), ("d", "w1", "safe")}


def test_an_arm_of_one_district_hides_alone():
    assert hidden({("a", "w1"): 3}, {"a": "pilot", "c": "comparison"}) == {("a", "w1", "safe")}


def test_a_neighbour_is_in_no_mean():
    assert hidden({("b", "w1"): 3}, FOUR | {"b": "neighbour"}) == {("b", "w1", "safe")}


def test_no_minimum_and_no_respondents_hide_nothing():
    assert hidden({("a", "w1"): 3}, disclosure={"minimum_cell": 0}) == frozenset()
    assert hidden({("a", "w1"): 3}, data={"level": "district"}) == frozenset()


# --- what depends on a hidden cell ---------------------------------------------------------------------------------

ANSWERS = {
    cell: answers
    for name, yes in {"a": (16, 24), "b": (15, 18), "c": (10, 11), "d": (22, 20), "e": (30, 33)}.items()
    for cell, answers in shares(OF[name], **{name: yes}).items()
}


def rows_with(cells) -> pd.DataFrame:
    return plan.estimates(a_design(FOUR), a_survey(safe=ANSWERS), frozenset(cells))


def test_everything_that_rests_on_a_hidden_pilot_is_suppressed_and_the_rest_stays():
    shown = rows_with([("a", "w2", "safe"), ("b", "w2", "safe")])
    plain = rows_with([])
    gone = shown["status"] == "suppressed"
    assert set(shown.loc[gone, "district"]) == {"a", "b", "pooled"}
    assert set(shown.loc[gone & (shown["district"] == "pooled"), "specification"]) == {"without:a", "without:b"}
    assert set(shown.loc[gone & (shown["district"] == "a"), "estimand"]) == {"level", "change", "did"}
    assert one(shown, district="a", estimand="level", wave="w1")["status"] == ""
    pd.testing.assert_frame_equal(shown[~gone], plain[~gone])
    assert shown.loc[gone, [*table.NUMBERS, "n", "n_psu"]].isna().all().all()


def test_a_did_against_a_hidden_comparison_district():
    shown = rows_with([("c", "w1", "safe"), ("d", "w1", "safe")])
    # the mean of three comparison districts tells neither of the two apart
    assert one(shown, district="a", estimand="did", estimator="taylor")["status"] == ""
    alone = rows_with([("c", "w1", "safe")])
    for key in ({"district": "a", "estimand": "did", "estimator": "taylor"}, {"district": "comparison", "wave": "w1"}):
        assert one(alone, **key)["status"] == "suppressed"
    assert set(alone.loc[alone["estimand"].isin(["att", "balance"]), "status"]) == {"suppressed"}


def test_a_district_s_own_notebook_hides_the_same():
    design, cells = a_design(FOUR), frozenset([("a", "w2", "safe"), ("b", "w2", "safe")])
    own = plan.district_wave(design, a_survey(safe=ANSWERS), design.district("a"), design.wave("w2"), cells)
    assert set(own["status"]) == {"suppressed"}
    assert set(own["estimand"]) == {"level", "change", "did"}


# --- nothing shown gives a hidden cell away ------------------------------------------------------------------------


def functional(row: pd.Series, design) -> dict[tuple[str, str], float]:
    """A row's estimate as a sum of coefficients times levels of cells."""
    arms = {arm: [d.id for d in design.districts if d.arm == arm] for arm in ("pilot", "comparison")}

    def mean(names: list[str], wave: str, sign: float) -> dict[tuple[str, str], float]:
        return {(name, wave): sign / len(names) for name in names}

    own = arms.get(row["district"], [row["district"]])
    if row["estimand"] == "level":
        return mean(own, row["wave"], 1)
    if row["estimand"] == "balance":
        return mean(arms["pilot"], row["wave"], 1) | mean(arms["comparison"], row["wave"], -1)
    change = mean(own, row["wave"], 1) | mean(own, row["baseline_wave"], -1)
    if row["estimand"] == "change":
        return change
    left_out = row["specification"].removeprefix("without:")
    kept = {arm: [name for name in names if name != left_out] for arm, names in arms.items()}
    pilots = own if row["estimand"] == "did" else kept["pilot"]
    change = mean(pilots, row["wave"], 1) | mean(pilots, row["baseline_wave"], -1)
    return change | mean(kept["comparison"], row["wave"], -1) | mean(kept["comparison"], row["baseline_wave"], 1)


ARMS = [
    FOUR,
    {"a": "pilot", "b": "pilot", "c": "comparison", "d": "comparison"},
    {"a": "pilot", "c": "comparison", "d": "comparison", "e": "comparison"},
    {"a": "pilot", "b": "pilot", "e": "comparison"},
    {"a": "pilot", "c": "comparison", "d": "comparison", "e": "neighbour"},
    {"a": "pilot", "b": "pilot"},
]
CELL = st.tuples(st.sampled_from("abcde"), st.sampled_from(["w1", "w2"]))


def linear(rows: pd.DataFrame) -> pd.DataFrame:
    """Rows that are sums of levels; the other estimators repeat the estimates of these."""
    sums = rows["estimand"].isin(["level", "change", "did", "att", "balance"])
    return rows[sums & rows["estimator"].isin(["taylor", "district_change"]) & (rows["status"] == "")]


@settings(max_examples=60, deadline=None)
@given(districts=st.sampled_from(ARMS), small=st.dictionaries(CELL, st.integers(0, 9), max_size=5))
def test_no_hidden_level_follows_from_what_is_shown(districts, small):
    design = a_design(districts, disclosure={"minimum_cell": 10})
    cells = suppressed(design, counts(design, small))
    answers = {cell: given for cell, given in ANSWERS.items() if cell[0] in districts}
    shown = linear(plan.estimates(design, a_survey(safe=answers), cells))
    sums = np.array([[functional(row, design).get(cell, 0.0) for cell in answers] for _, row in shown.iterrows()])
    rank = np.linalg.matrix_rank(sums) if len(sums) else 0
    for cell in cells:
        unit = np.eye(len(answers))[list(answers).index(cell[:2])]
        more = np.linalg.matrix_rank(np.vstack([*sums, unit]))
        assert more > rank, f"{cell} follows from the table"


@pytest.mark.parametrize("districts", ARMS)
def test_the_sums_are_those_of_the_table(districts):
    design = a_design(districts)
    answers = {cell: given for cell, given in ANSWERS.items() if cell[0] in districts}
    shown = linear(plan.estimates(design, a_survey(safe=answers)))
    for _, row in shown.iterrows():
        made = sum(value * np.mean(answers[cell]) for cell, value in functional(row, design).items())
        assert made == pytest.approx(row["estimate"]), row["specification"]
