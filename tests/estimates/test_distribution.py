"""The distribution of ordinal answers: shares by hand, which questions have one, in which order it is shown."""

from __future__ import annotations

from typing import Any

import pandas as pd
import pytest
from small_survey import csv_text
from surveys import a_design, a_survey, one, peru

from fewdistricts import design, survey
from fewdistricts.errors import DataError
from fewdistricts.estimates import estimate
from fewdistricts.estimates import pipeline as plan
from fewdistricts.exhibits.results import Results
from fewdistricts.exhibits.tables.distribution import distribution
from fewdistricts.exhibits.text.wording import Words

ARMS = {"a": "pilot", "b": "pilot", "c": "comparison", "d": "comparison"}
WORDS = {"very": "Very safe", "bit": "A bit safe", "not": "Not safe"}
SAFE = {"id": "safe", "label": "Safe", "column": "safe", "yes": ["very"], "answers": WORDS, "role": "primary"}
TRUST = {"id": "trust", "label": "Trust", "column": "trust", "scale": [1, 4], "role": "primary"}
CELLS = [(d, w) for d in ARMS for w in ("w1", "w2")]


def rows_of(indicators: list[dict[str, Any]], data: pd.DataFrame, hidden=frozenset()) -> pd.DataFrame:
    rows = plan.estimates(a_design(ARMS, indicators=indicators), data, hidden)
    return rows[rows["estimand"] == "distribution"]


def answered() -> pd.DataFrame:
    """Ten answers in each cell; in `a` before the start six very, three a bit, one not; elsewhere two, five, three."""
    data = a_survey(safe={cell: [1.0] * 10 for cell in CELLS}, trust={cell: [1, 1, 2, 2, 2, 4] for cell in CELLS})
    usual = ["very"] * 2 + ["bit"] * 5 + ["not"] * 3
    first = ["very"] * 6 + ["bit"] * 3 + ["not"]
    data["safe:answer"] = [
        (first if (d, w) == ("a", "w1") else usual)[k % 10]
        for k, (d, w) in enumerate(zip(data["district"], data["wave"], strict=True))
    ]
    return data


def test_shares_by_hand():
    rows = rows_of([SAFE], answered())
    for answer, a, b in (("very", 0.6, 0.2), ("bit", 0.3, 0.5), ("not", 0.1, 0.3)):
        row = one(rows, district="pilot", wave="w1", variant_of=answer)
        assert row["estimate"] == pytest.approx((a + b) / 2)
        assert one(rows, district="comparison", wave="w2", variant_of=answer)["estimate"] == b
    assert set(rows["indicator"]) == {"safe"} and set(rows["unit"]) == {"share"} and set(rows["n"]) == {20}
    assert not rows.duplicated(estimate.KEY).any()


def test_the_points_of_a_scale_are_answers_too():
    rows = rows_of([TRUST], answered())
    shares = rows.query("district == 'pilot' and wave == 'w1'").set_index("variant_of")["estimate"]
    # each cell repeats one, one, two, two, two, four over ten respondents
    expected = {"1": 4 / 10, "2": 5 / 10, "3": 0, "4": 1 / 10}
    assert shares.to_dict() == pytest.approx(expected)


def test_two_answers_other_roles_and_a_second_indicator_of_the_question_have_none():
    binary = {**SAFE, "answers": {"very": "Yes", "not": "No"}}
    second = {**SAFE, "id": "unsafe", "yes": ["not"]}
    data = answered().assign(unsafe=0.0, **{"unsafe:answer": "not"})
    assert rows_of([binary], data).empty
    assert rows_of([{**SAFE, "role": "secondary"}, {**TRUST, "column": "other"}], data)["indicator"].unique() == "trust"
    assert set(rows_of([SAFE, second], data)["indicator"]) == {"safe"}
    halves = data.assign(trust=data["trust"] + 0.5)
    assert rows_of([TRUST], halves).empty


def test_a_district_with_a_hidden_cell_is_not_in_the_distribution():
    rows = rows_of([SAFE], answered(), frozenset({("a", "w1", "safe")}))
    shown = rows.query("district == 'pilot' and wave == 'w1'").set_index("variant_of")["estimate"]
    assert shown.to_dict() == pytest.approx({"very": 0.2, "bit": 0.5, "not": 0.3})
    alone = rows_of([SAFE], answered(), frozenset({("a", "w1", "safe"), ("b", "w2", "safe")}))
    hidden = alone.query("status == 'suppressed'")
    assert set(hidden["district"]) == {"pilot"} and hidden["estimate"].isna().all()


def test_answers_stand_in_the_order_of_the_question_under_their_labels():
    plan_of = a_design(ARMS, indicators=[SAFE])
    rows = estimate.rounded(plan.estimates(plan_of, answered()))
    results = Results(plan_of, rows, pd.DataFrame({"indicator": [], "kind": [], "n": []}))
    made = distribution(results, Words("en"))
    assert [row if isinstance(row, str) else row[0] for row in made.grid.rows] == ["Safe", *WORDS.values()]
    shown = [cell["text"] for cell in made.grid.rows[1][1:]]
    assert shown == ["40.0%", "20.0%", "20.0%", "20.0%"]


def test_peru_has_one_for_each_ordinal_question_and_it_adds_up():
    rows = estimate.rounded(peru().rows.query("estimand == 'distribution'"))
    sums = rows.groupby(["indicator", "district", "wave"])["estimate"].sum()
    assert set(rows["indicator"]) == {"feels_safe", "trust_police"}
    assert (sums - 1).abs().max() < 1e-6
    level = peru().rows.query(
        "estimand == 'level' and indicator == 'very_insecure' and district == 'pilot' and subgroup == ''"
    )
    same = rows.query("variant_of == 'very insecure' and district == 'pilot'")
    assert same["estimate"].tolist() == pytest.approx(level["estimate"].tolist(), abs=1e-8)


def test_answers_are_kept_as_declared_and_no_other_is_taken(home, declare: Any, declaration: dict[str, Any]):
    declaration["indicators"][0]["answers"] = {"no": "No", "yes": "Yes"}
    declaration["covariates"] = ["sex"]
    declaration["labels"] = {"sex": {"label": "Sex", "answers": {"f": "Women"}}}
    declare(declaration)
    survey.build(design.load("small"))
    assert set(survey.load("small")["feels_safe:answer"]) == {"yes", "no", ""}
    assert set(survey.load("small")["sex"]) == {"f", "m"}
    (home / "data/raw/small/survey.csv").write_text(csv_text().replace(",no,", ",perhaps,"), encoding="utf-8")
    with pytest.raises(DataError, match="undeclared answer 'perhaps'"):
        survey.build(design.load("small"))
