"""Small cells: the rule at its boundary, what depends on a hidden cell, and that nothing shown gives one away."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from surveys import a_design, a_survey, one, shares, yes

from fewdistricts.estimates import estimate
from fewdistricts.estimates import pipeline as plan
from fewdistricts.estimates.measure import Survey
from fewdistricts.inference import own_design
from fewdistricts.survey.disclosure import suppressed

FOUR = {"a": "pilot", "b": "pilot", "c": "comparison", "d": "comparison", "e": "comparison"}
OF = {"a": 40, "b": 30, "c": 20, "d": 50, "e": 60}


@pytest.fixture(autouse=True)
def few_sets(monkeypatch):
    """A moved answer moves a simulation of few data sets, too."""
    monkeypatch.setattr(own_design, "SETS", 100)
    monkeypatch.setattr(own_design, "FEWEST_SETS", 100)


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


def test_each_small_cell_is_hidden_and_no_other():
    assert hidden({("d", "w1"): 3}) == {("d", "w1", "safe")}
    assert hidden({("d", "w1"): 3, ("e", "w2"): 4}) == {("d", "w1", "safe"), ("e", "w2", "safe")}


def test_too_few_interviews_are_a_cell_of_their_own():
    declared = a_design(FOUR, disclosure={"minimum_cell": 10})
    interviews = pd.DataFrame(
        {"district": ["a", "b"], "wave": "w1", "indicator": "", "kind": "interviews", "n": [9, 10]}
    )
    assert suppressed(declared, interviews) == {("a", "w1", "")}


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


def test_what_needs_a_hidden_cell_is_suppressed_and_the_district_takes_no_part_in_the_rest():
    shown = rows_with([("d", "w2", "safe")])
    gone = shown["status"] == "suppressed"
    assert set(shown.loc[gone, "district"]) == {"d"}
    assert set(shown.loc[gone, "estimand"]) == {"level", "change"}
    assert shown.loc[gone, [*estimate.NUMBERS, "n", "n_psu"]].isna().all().all()
    assert one(shown, district="d", estimand="level", wave="w1")["status"] == ""
    without = plan.estimates(a_design({k: arm for k, arm in FOUR.items() if k != "d"}), a_survey(safe={
        cell: given for cell, given in ANSWERS.items() if cell[0] != "d"}))  # fmt: skip
    rest = shown[shown["district"] != "d"].reset_index(drop=True)
    # but for the family, which a member that is not known everywhere leaves
    adjusted = ["p_adjusted", "q_value"]
    pd.testing.assert_frame_equal(rest.drop(columns=adjusted), without.drop(columns=adjusted))
    # pilots (16 + 15) to (24 + 18) of 40 and 30, comparisons 10 to 11 of 20 and 30 to 33 of 60
    change = ((24 - 16) / 40 + (18 - 15) / 30) / 2 - ((11 - 10) / 20 + (33 - 30) / 60) / 2
    answer = one(shown, estimand="att", estimator="district_change", variant="main")
    assert (answer["estimate"], answer["n_districts"]) == (pytest.approx(change), 4)


def test_an_arm_of_which_nothing_is_left_is_suppressed():
    shown = rows_with([("a", "w2", "safe"), ("b", "w1", "safe")])
    said = one(shown, estimand="att", estimator="district_change", variant="main")
    assert said["status"] == "suppressed"
    assert one(shown, district="pilot", estimand="level", wave="w1")["status"] == "suppressed"
    assert one(shown, district="comparison", estimand="level", wave="w1")["status"] == ""


def test_a_district_s_own_notebook_hides_the_same():
    design, cells = a_design(FOUR), frozenset([("a", "w2", "safe"), ("d", "w1", "safe")])
    everyone = Survey(design, a_survey(safe=ANSWERS))
    own = plan.district_wave(everyone, design.district("a"), design.wave("w2"), cells)
    assert set(own["status"]) == {"suppressed"}
    data = a_survey(safe=ANSWERS)
    others = Survey(design, data[data["district"].isin(["c", "d", "e"])])
    own = Survey(design, data[data["district"] == "b"])
    other = plan.district_wave(own, design.district("b"), design.wave("w2"), cells, others)
    whole = plan.estimates(design, a_survey(safe=ANSWERS), cells)
    key = ["estimand", "estimator", "wave", "variant"]
    same = whole[
        (whole["district"] == "b") & (whole["wave"] == "w2") & whole["estimand"].isin(["level", "change", "did"])
    ]
    pd.testing.assert_frame_equal(
        other.sort_values(key).reset_index(drop=True), same.sort_values(key).reset_index(drop=True)
    )


# --- nothing shown depends on a hidden cell ------------------------------------------------------------------------

SIX = dict(zip("abcdef", ["pilot"] * 3 + ["comparison"] * 3, strict=True))
BOTH = [
    {"id": "safe", "label": "Feels safe", "column": "safe", "yes": ["yes"], "better": "higher", "role": "primary"},
    {"id": "trust", "label": "Trust", "column": "trust", "scale": [1, 7], "better": "higher"},
    {"id": "told", "label": "Told the police", "column": "told", "yes": ["yes"], "among": {"victim": ["1"]}},
]
DESIGNS = {
    "pooled": (SIX, 2, {}),
    "three waves": (SIX, 3, {}),
    "average": (SIX, 3, {"inference": {"headline": "average"}}),
    "by population": ({k: {"arm": arm, "population": 900 + ord(k)} for k, arm in SIX.items()}, 2,
                      {"inference": {"districts": "population"}}),
    "pairs": ({k: {"arm": arm, "pair": "xyz"["abcdef".index(k) % 3]} for k, arm in SIX.items()}, 2, {}),
    "staggered": (SIX | {"a": {"arm": "pilot", "start": "2004-01"}, "b": {"arm": "pilot", "start": "2005-01"},
                         "c": {"arm": "pilot", "start": "2005-01"}}, 4, {}),
    "one pilot": ({"a": "pilot", "d": "comparison", "e": "comparison", "f": "comparison", "g": "comparison"}, 2, {}),
    "one each": ({"a": "pilot", "d": "comparison"}, 2, {}),
    "no comparison": ({"a": "pilot", "b": "pilot", "c": "pilot"}, 2, {}),
    "neighbour": (SIX | {"g": "neighbour"}, 2, {}),
    "panel": (SIX, 2, {"data": {"sampling": "panel"}, "disclosure": {"minimum_cell": 10}}),
    "panel, one each": ({"a": "pilot", "d": "comparison"}, 2,
                        {"data": {"sampling": "panel"}, "disclosure": {"minimum_cell": 10}}),
}  # fmt: skip


def drawn(districts, waves: int, chance: np.random.Generator, small: dict[tuple[str, str], int]) -> dict[str, dict]:
    """Answers in every cell, few in the small ones."""
    cells = [(d, f"w{k}") for d in districts for k in range(1, waves + 1)]
    size = {cell: small.get(cell, 24) for cell in cells}
    return {
        "safe": {cell: chance.integers(0, 2, n).astype(float).tolist() for cell, n in size.items()},
        "trust": {cell: chance.integers(1, 8, n).astype(float).tolist() for cell, n in size.items()},
        "told": {cell: chance.integers(0, 2, min(n, 14)).astype(float).tolist() for cell, n in size.items()},
    }


def padded(answers: list[float]) -> list[float]:
    """Of 24 respondents these answered."""
    return answers + [float("nan")] * (24 - len(answers))


@pytest.mark.slow
@pytest.mark.parametrize("name", DESIGNS)
@pytest.mark.parametrize("seed", range(3))
def test_no_number_moves_when_hidden_answers_do(name, seed):
    """The strongest protection: whoever sees the table sees nothing that another hidden cell would have changed."""
    districts, waves, changes = DESIGNS[name]
    design = a_design(districts, waves, indicators=BOTH, covariates=["female"], **changes)
    chance = np.random.default_rng(seed)
    cells = [(d, f"w{k}") for d in districts for k in range(1, waves + 1)]
    small = [cells[k] for k in chance.choice(len(cells), seed + 1, replace=False)]
    answers = drawn(districts, waves, chance, dict.fromkeys(small, 6))
    hiding = ("safe", "told") if seed else ("trust",)
    cells = frozenset((*cell, name) for cell in small for name in hiding)
    tables = []
    for again in range(3):
        for cell in small if again else ():
            for name in hiding:
                few, most = int(chance.integers(1, 10)), 8 if name == "trust" else 2
                answers[name][cell] = chance.integers(most == 8, most, few).astype(float).tolist()
        every = {name: {cell: padded(given) for cell, given in of.items()} for name, of in answers.items()}
        data = a_survey(**every)
        data["told:missing"] = np.where(data["told"].isna(), "outside_domain", "")
        data["female"] = np.arange(len(data)) % 2
        data["respondent"] = data.groupby(["district", "wave"]).cumcount()
        tables.append(estimate.rounded(plan.estimates(design, data, cells)))
    assert (tables[0]["status"] == "suppressed").any()
    for other in tables[1:]:
        pd.testing.assert_frame_equal(tables[0], other)


def test_covariates_of_a_district_with_too_few_interviews_move_nothing():
    design = a_design(SIX, covariates=["female"])
    tables = []
    for female in (0, 1):
        data = a_survey(
            safe={(d, w): [0.0, 1.0] * (3 if (d, w) == ("a", "w2") else 12) for d in SIX for w in ("w1", "w2")}
        )
        few = (data["district"] == "a") & (data["wave"] == "w2")
        data["female"] = np.where(few, female, np.arange(len(data)) % 2)
        cells = frozenset([("a", "w2", "safe"), ("a", "w2", "")])
        tables.append(plan.estimates(design, data, cells))
    pd.testing.assert_frame_equal(*tables)


# --- a panel: those lost are everyone less those found again ------------------------------------------------------

PANEL = {"indicators": [BOTH[0]], "data": {"sampling": "panel"}, "disclosure": {"minimum_cell": 10}}


def a_panel(districts, lost: int) -> pd.DataFrame:
    """Forty respondents a district, of whom the last of the pilot district `a` are not found again."""
    safe = {(d, w): yes(24, 40 - lost * ((d, w) == ("a", "w2"))) for d in districts for w in ("w1", "w2")}
    data = a_survey(safe=safe)
    return data.assign(respondent=data.groupby(["district", "wave"]).cumcount())


@pytest.mark.parametrize("districts", [{"a": "pilot", "d": "comparison"}, SIX])
@pytest.mark.parametrize(("lost", "is_hidden"), [(0, False), (1, True), (9, True), (10, False)])
def test_few_lost_respondents_cannot_be_told_from_those_found_again(districts, lost, is_hidden):
    shown = plan.estimates(a_design(districts, **PANEL), a_panel(districts, lost))
    balanced = shown[shown["variant"] == "balanced"]
    assert set(balanced["estimand"]) >= {"attrition"} | ({"att"} if len(districts) > 2 else set())
    # nobody was lost in the comparison arm: its rows are everyone's and tell nothing
    complete = balanced["district"].isin([d for d, arm in districts.items() if arm == "comparison"] + ["comparison"])
    complete &= balanced["estimand"] == "change"
    told = balanced[~complete]
    assert ((told["status"] == "suppressed") == is_hidden).all()
    assert told[estimate.NUMBERS].isna().all().all() == is_hidden
    key = [column for column in estimate.KEY if column != "variant"]
    everyone = shown[shown["variant"] == "main"].set_index(key)
    found_again = balanced[complete].set_index(key)
    np.testing.assert_allclose(found_again["estimate"], everyone.loc[found_again.index, "estimate"], atol=1e-9)
    share = one(shown, district="pilot", estimand="attrition", variant="main")
    assert share["estimate"] == pytest.approx(lost / 40 / sum(arm == "pilot" for arm in districts.values()))


NEW = {"balanced", "response_weights", "lee_lower", "lee_upper"}


@pytest.mark.parametrize(("lost", "is_hidden"), [(0, False), (1, True), (5, True), (9, True), (10, False)])
@pytest.mark.parametrize("waves", [2, 3])
def test_no_answer_of_a_panel_tells_of_few_lost_people(waves, lost, is_hidden):
    """Each person lost at the end leaves an answer out in every other wave; it is the people that are counted."""
    cells = [(d, f"w{k}") for d in SIX for k in range(1, waves + 1)]
    data = a_survey(safe={cell: yes(24, 40 - lost * (cell == ("a", f"w{waves}"))) for cell in cells})
    data["respondent"] = data.groupby(["district", "wave"]).cumcount()
    data["female"] = data["respondent"] % 2
    design = a_design(SIX, waves, covariates=["female"], inference={"headline": "average"}, **PANEL)
    shown = plan.estimates(design, data)
    told = shown[(shown["estimand"] == "att") & shown["variant"].isin(NEW)]
    assert set(told["variant"]) == NEW
    assert ((told["status"] == "suppressed") == is_hidden).all()
    assert told["estimate"].isna().all() == is_hidden
    if is_hidden:
        assert told[[*estimate.NUMBERS, *estimate.COUNTS]].isna().all().all()


def test_a_suppressed_district_is_not_among_those_found_again():
    cells = frozenset([("a", "w2", "safe")])
    shown = plan.estimates(a_design(SIX, **PANEL), a_panel(SIX, 12), cells)
    again = one(shown, district="pilot", estimand="attrition", variant="balanced")
    assert (again["n"], again["n_districts"]) == (80, 2)
