"""The own design's simulation as rows: which there are, what they are drawn from, and that they hide what is hidden."""

from __future__ import annotations

import numpy as np
import pytest
from surveys import a_design, a_survey, one, peru, shares

from fewdistricts.estimates import contrasts, own_simulation, pipeline
from fewdistricts.estimates.estimate import frame
from fewdistricts.estimates.headline import headline
from fewdistricts.estimates.items import items
from fewdistricts.estimates.measure import Survey
from fewdistricts.inference import own_design

RATES = ["size", "coverage", "power"]
SIX = {f"d{k}": "pilot" if k < 3 else "comparison" for k in range(6)}
SAFE = {"id": "safe", "label": "Safe", "column": "safe", "yes": ["yes"], "better": "higher", "role": "primary"}
ANSWERS = shares(60, d0=(20, 31), d1=(25, 30), d2=(18, 33), d3=(22, 25), d4=(30, 29), d5=(27, 35))


def designed(districts=SIX, **changes):
    worthwhile = {"worthwhile": 0.1} | changes.pop("indicator", {})
    return a_design(districts, indicators=[SAFE | worthwhile], **changes)


def simulated(design, answers=ANSWERS, hidden=frozenset()):
    return frame(own_simulation.rows(Survey(design, a_survey(safe=answers)), hidden))


def test_every_primary_outcome_of_the_report_is_simulated_by_its_headline_and_the_checks():
    rows = peru().rows
    head = headline(peru().design)
    for indicator in peru().design.primary:
        own = rows[(rows["indicator"] == indicator.id) & rows["estimand"].isin(RATES)]
        answer = own[(own["estimator"] == head.estimator) & (own["variant"] == "main")]
        assert {"size", "coverage", "power"} == set(answer["estimand"])
        assert set(answer.loc[answer["estimand"] == "power", "variant_of"]) == {"1", "2"}
        assert {"permutation", "taylor"} <= set(own["estimator"])
        assert own["estimate"].between(0, 1).all()
        assert (own["se_type"] == "monte_carlo").all()
    others = {i.id for i in peru().design.indicators} - {i.id for i in peru().design.primary}
    assert rows[rows["indicator"].isin(others) & rows["estimand"].isin([*RATES, "shocks"])].empty


def test_the_answer_keeps_its_size_in_the_report_and_sampling_error_alone_does_not():
    rows = peru().rows
    size = rows[(rows["estimand"] == "size") & (rows["variant_of"] == "1") & (rows["variant"] == "main")]
    answers = size[size["estimator"] == headline(peru().design).estimator]
    assert (answers["estimate"] < 0.07).all()
    assert size.loc[size["estimator"] == "taylor", "estimate"].max() > 0.1


def test_it_is_drawn_from_the_districts_answers_and_spread_of_the_outcome():
    """By hand: as many answers everywhere, so the variances of changes are one; s2 is what is left of the spread."""
    survey = Survey(designed(), a_survey(safe=ANSWERS))
    measured = survey.measure(next(item for item in items(survey.design) if item.id == "safe"))
    contrast = contrasts.over_pilots(measured)
    own = own_simulation.of_contrast(contrast)
    assert own is not None
    p = np.array([[np.mean(ANSWERS[d, w]) for w in ("w1", "w2")] for d in SIX])
    variance = (p * (1 - p) / 59).sum(axis=1)
    np.testing.assert_allclose(own.variance, np.full(6, variance.mean()))
    change = p[:, 1] - p[:, 0]
    inside = sum(((change[arm] - change[arm].mean()) ** 2).sum() for arm in (own.pilot, ~own.pilot)) / 4
    assert own.shock_variance == pytest.approx(max(0.0, inside - variance.mean()))
    assert own.before == pytest.approx(0.5)
    rows = simulated(survey.design)
    assert one(rows, estimand="shocks")["estimate"] == pytest.approx(np.sqrt(own.shock_variance))
    made = {(r.quantity, r.estimator, r.variant, f"{r.times:g}"): r.value for r in own_design.rates(own, 0.1)}
    keys = rows[rows["estimand"] != "shocks"][["estimand", "estimator", "variant", "variant_of", "estimate"]]
    assert {tuple(row[:4]): row[4] for row in keys.itertuples(index=False)} == made


def test_hidden_answers_move_no_rate():
    hidden = frozenset({("d4", "w2", "safe")})
    other = ANSWERS | {("d4", "w2"): [1.0] * 60}
    design = designed()
    rows = simulated(design, hidden=hidden)
    assert (rows["n_districts"] == 5).all()
    assert rows.equals(simulated(design, other, hidden))
    without = {name: arm for name, arm in SIX.items() if name != "d4"}
    alone = {cell: answers for cell, answers in ANSWERS.items() if cell[0] != "d4"}
    assert rows["estimate"].tolist() == simulated(designed(without), alone)["estimate"].tolist()


def test_without_a_smallest_change_only_the_size_is_there():
    rows = simulated(designed(indicator={"worthwhile": None}))
    assert set(rows["estimand"]) == {"shocks", "size"}


@pytest.mark.parametrize(
    ("districts", "changes"),
    [
        ({"d0": "pilot", "d3": "comparison"}, {}),
        ({"d0": "pilot", "d1": "pilot"}, {}),
        (SIX, {"start": None}),
    ],
)
def test_where_nothing_is_compared_nothing_is_simulated(districts, changes):
    design = a_design(districts, **({"indicators": [SAFE]} | changes))
    answers = {cell: given for cell, given in ANSWERS.items() if cell[0] in districts}
    assert own_simulation.rows(Survey(design, a_survey(safe=answers))) == []


@pytest.mark.parametrize("arms", [(1, 5), (5, 1), (2, 4)])
def test_a_single_district_or_few_in_an_arm(arms):
    districts = {f"d{k}": "pilot" if k < arms[0] else "comparison" for k in range(6)}
    rows = simulated(designed(districts))
    answer = rows[(rows["estimator"] == "variance_components") & rows["estimand"].isin(RATES)]
    assert set(answer["estimand"]) == set(RATES)
    power = answer[answer["estimand"] == "power"].set_index("variant_of")["estimate"]
    assert power["2"] > power["1"]


def test_the_pipeline_holds_the_rows():
    rows = pipeline.estimates(designed(), a_survey(safe=ANSWERS))
    assert {"shocks", *RATES} <= set(rows["estimand"])


STARTS = {"d0": "2005-01", "d1": "2005-01", "d2": "2006-01"}
IN_TURN = {f"d{k}": {"arm": "pilot", "start": STARTS[f"d{k}"]} if k < 3 else "comparison" for k in range(8)}


def in_turn(waves=4, **changes):
    rng = np.random.default_rng(3)
    answers = shares(60, **{d: tuple(int(x) for x in rng.integers(20, 34, waves)) for d in IN_TURN})
    return designed(IN_TURN, waves=waves, **changes), answers


@pytest.mark.parametrize("headline_wave", ["last", "average"])
@pytest.mark.parametrize("comparisons", ["never", "not_yet"])
def test_starts_in_turn_are_simulated_by_the_answer_and_sampling_error(headline_wave, comparisons):
    design, answers = in_turn(inference={"headline": headline_wave, "comparisons": comparisons})
    rows = simulated(design, answers)
    rates = rows[rows["estimand"].isin(RATES)]
    assert set(rates["estimator"]) == {"district_change", "taylor"} and set(rates["estimand"]) == set(RATES)
    size = rates[(rates["estimand"] == "size") & (rates["variant_of"] == "1")].set_index("estimator")["estimate"]
    assert size["district_change"] < 0.075 and (rows["n_districts"] == 8).all()
    made = pipeline.estimates(design, a_survey(safe=answers))
    assert one(made, estimand="size", estimator="taylor", variant_of="1")["estimate"] == size["taylor"]


def test_starts_in_turn_have_the_shocks_that_explain_the_spread_of_changes():
    """By hand, `headline: last`: two levels of a pilot, of the others 1, 2/3 and 1/3 by the share of each start."""
    design, answers = in_turn(inference={"headline": "last"})
    survey = Survey(design, a_survey(safe=answers))
    contrast = contrasts.over_pilots(survey.measure(next(item for item in items(design) if item.id == "safe")))
    own = own_simulation.of_contrast(contrast)
    squares = np.where(own.exposed.any(axis=1), 2.0, 1 + 4 / 9 + 1 / 9)
    change, pilot = contrast.changes.estimate, contrast.pilot
    np.testing.assert_allclose(squares * own.variance[0, 0], (squares * own.variance.mean(axis=1)))
    inside = np.where(pilot, 2 / 3, 4 / 5)
    total = sum(((change[arm] - change[arm].mean()) ** 2).sum() for arm in (pilot, ~pilot))
    wanted = max(0.0, (total - inside @ (squares * own.variance[0, 0])) / (inside @ squares))
    assert own.shock_variance == pytest.approx(wanted)
    assert (squares * own.variance[0, 0]).sum() == pytest.approx(contrast.changes.variance.sum())


def test_two_pilots_with_different_starts_have_no_test_and_no_simulation():
    districts = {name: each for name, each in IN_TURN.items() if name != "d0"}
    _, answers = in_turn()
    answers = {cell: given for cell, given in answers.items() if cell[0] != "d0"}
    assert own_simulation.rows(Survey(designed(districts, waves=4), a_survey(safe=answers))) == []
