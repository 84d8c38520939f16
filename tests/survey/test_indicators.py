"""Answers become indicators: what counts, what is missing and why, who is in the domain."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pyreadstat
import pytest
from small_survey import HEADER, ROWS, csv_text

from fewdistricts import design, paths, survey
from fewdistricts.errors import DataError


def build(declare: Any, declaration: dict[str, Any]) -> pd.DataFrame:
    declare(declaration)
    survey.build(design.load("small"))
    return survey.load("small")


def sample() -> pd.DataFrame:
    return pd.read_parquet(paths.processed("small") / "sample.parquet")


def counts(indicator: str, district: str, wave: str) -> dict[str, int]:
    rows = sample().query("indicator == @indicator and district == @district and wave == @wave")
    return dict(zip(rows["kind"], rows["n"], strict=True))


def labelled(labels: dict[float, str], **extra: Any) -> None:
    """The small survey as SPSS file with these labels for column safe."""
    frame = pd.DataFrame(ROWS, columns=HEADER)
    frame["safe"] = frame["safe"].map({"yes": 1.0, "no": 2.0, -9: -9.0})
    frame["trust"] = pd.to_numeric(frame["trust"])
    frame = frame.assign(**extra)
    pyreadstat.write_sav(frame, str(paths.raw("small") / "s.sav"), variable_value_labels={"safe": labels})


def test_a_domain_keeps_respondents_but_not_their_answers(home: Path, declare: Any, declaration: dict[str, Any]):
    declaration["indicators"][0]["among"] = {"victim": [1]}
    given = build(declare, declaration)
    assert len(given) == 9
    # victims are rows 1, 3, 5, 6, 7, 9 of the file; row 3 refused
    assert given["feels_safe"].fillna(-1).tolist() == [1, -1, -1, -1, 1, 0, 1, -1, 0]
    outside = given["feels_safe:missing"] == "outside_domain"
    assert outside.tolist() == [False, True, False, True, False, False, False, True, False]
    assert set(given.loc[outside, "feels_safe:answer"]) == {""}


def test_two_domains_must_both_hold(home: Path, declare: Any, declaration: dict[str, Any]) -> None:
    declaration["indicators"][0]["among"] = {"victim": 1, "sex": "f"}
    given = build(declare, declaration)
    assert given["feels_safe"].notna().sum() == 3  # women who were victims, without the one who refused


def test_every_interview_is_counted_once_for_every_indicator(home: Path, declare: Any, declaration: dict[str, Any]):
    declaration["indicators"][0]["among"] = {"victim": [1]}
    build(declare, declaration)
    assert counts("feels_safe", "north", "2003") == {"answered": 1, "refused": 1, "outside_domain": 1}
    assert counts("trust", "north", "2003") == {"answered": 2, "dont_know": 1}
    assert counts("trust", "south", "2005") == {"answered": 1, "unspecified": 1}
    assert counts("", "north", "2003") == {"interviews": 3}
    table = sample()
    interviews = table[table["indicator"] == ""].set_index(["district", "wave"])["n"]
    for _, rows in table[table["indicator"] != ""].groupby("indicator"):
        assert rows.groupby(["district", "wave"])["n"].sum().to_dict() == interviews.to_dict()


def test_an_indicators_own_missing_codes(home: Path, declare: Any, declaration: dict[str, Any]) -> None:
    declaration["indicators"][1] |= {"scale": [-8, 7], "missing": {"dont_know": []}}  # -8 is an answer here
    given = build(declare, declaration)
    assert given["trust"].iloc[2] == -8
    assert given["feels_safe:missing"].iloc[2] == "refused"  # still common to all others


def test_kinds_of_missing(home: Path, declare: Any, declaration: dict[str, Any]) -> None:
    declaration["data"]["missing"] = {"not_applicable": [-9], "not_asked": ["-8"]}
    given = build(declare, declaration)
    assert given["feels_safe:missing"].iloc[2] == "not_applicable"
    assert given["trust:missing"].iloc[2] == "not_asked"


def test_the_text_na_is_asked_about(home: Path, declare: Any, declaration: dict[str, Any]) -> None:
    rows = [tuple("NA" if cell == -9 else cell for cell in row) for row in ROWS]
    (paths.raw("small") / "survey.csv").write_text(csv_text(rows))
    declaration["indicators"][0]["no"] = ["no", "NA"]
    assert build(declare, declaration)["feels_safe:answer"].iloc[2] == "NA"  # an answer by its declaration
    del declaration["indicators"][0]["no"]
    assert "declare `missing: {unspecified: [NA]}`" in refusal(declare, declaration)
    declaration["data"]["missing"]["unspecified"] = ["NA"]
    given = build(declare, declaration)
    assert given["feels_safe:missing"].iloc[2] == "unspecified"
    assert np.isnan(given["feels_safe"].iloc[2])


def test_the_same_column_may_serve_two_indicators(home: Path, declare: Any, declaration: dict[str, Any]) -> None:
    declaration["indicators"].append({"id": "high_trust", "label": "High trust", "column": "trust", "yes": [5, 7]})
    given = build(declare, declaration)
    assert given["high_trust"].sum() == 2
    assert given["high_trust"].isna().tolist() == given["trust"].isna().tolist()


def test_codes_and_labels_mean_the_same(home: Path, declare: Any, declaration: dict[str, Any]) -> None:
    labelled({1: "yes", 2: "no", -9: "Refused"})
    declaration["data"]["files"] = [{"path": "s.sav"}]
    by_label = build(declare, declaration)
    declaration["indicators"][0]["yes"] = [1]
    declaration["data"]["missing"]["refused"] = ["Refused"]
    pd.testing.assert_frame_equal(build(declare, declaration), by_label)
    assert by_label["feels_safe:answer"].tolist()[:3] == ["yes", "no", ""]


def refusal(declare: Any, declaration: dict[str, Any]) -> str:
    declare(declaration)
    with pytest.raises(DataError) as caught:
        survey.build(design.load("small"))
    return str(caught.value)


def test_a_label_that_is_also_another_code_is_ambiguous(home: Path, declare: Any, declaration: dict[str, Any]) -> None:
    labelled({1: "2", 2: "1", -9: "Refused"})
    declaration["data"]["files"] = [{"path": "s.sav"}]
    declaration["indicators"][0]["yes"] = [1]
    assert "'1' in `yes`, which is code '1' or code '2'" in refusal(declare, declaration)


def test_a_label_of_two_codes_is_ambiguous(home: Path, declare: Any, declaration: dict[str, Any]) -> None:
    labelled({1: "yes", 2: "yes"})
    declaration["data"]["files"] = [{"path": "s.sav"}]
    assert "'yes' in `yes`, which is code '1' or code '2'" in refusal(declare, declaration)


def test_an_ambiguous_code_left_out_is_one_problem(home: Path, declare: Any, declaration: dict[str, Any]) -> None:
    labelled({1: "yes", 2: "no", -9: "Refused", 3: "4", 4: "skipped"})
    declaration["data"]["files"] = [{"path": "s.sav"}]
    declaration["data"]["leave_out"] = {"safe": [4]}
    said = refusal(declare, declaration)
    assert "'4' in `data.leave_out`, which is code '4' or code '3'" in said
    assert "no row" not in said


def test_a_code_without_label_among_labelled_ones_is_undeclared(home: Path, declare: Any, declaration: Any) -> None:
    labelled({1: "yes", 2: "no", -9: "Refused"}, safe=[1.0, 2, -9, 1, 1, 2, 1, 2, 5])
    declaration["data"]["files"] = [{"path": "s.sav"}]
    assert "row 9: found the undeclared code '5' ('feels_safe')" in refusal(declare, declaration)


def test_covariates_are_numbers_where_they_can_be(home: Path, declare: Any, declaration: dict[str, Any]) -> None:
    declaration["covariates"] = ["victim", "sex"]
    given = build(declare, declaration)
    assert given["victim"].tolist() == [1, 0, 1, 0, 1, 1, 1, 0, 1]
    assert given["victim"].dtype == float
    assert given["sex"].tolist() == ["f", "m", "f", "f", "m", "m", "f", "m", "f"]


def test_level_district_data(home: Path, declare: Any, declaration: dict[str, Any]) -> None:
    text = "district,wave,rate\nnorth,2003,-1.5\nnorth,2005,2\nsouth,2003,3\nsouth,2005,\n"
    (paths.raw("small") / "survey.csv").write_text(text)
    declaration["data"] |= {"level": "district", "columns": {"district": "district", "wave": "wave"}}
    declaration["indicators"] = [{"id": "rate", "label": "Rate", "column": "rate", "unit": "per 1,000"}]
    given = build(declare, declaration)
    assert given["rate"].fillna(-99).tolist() == [-1.5, 2, 3, -99]
    assert given["rate:missing"].tolist() == ["", "", "", "unspecified"]


@pytest.mark.parametrize("text", ["🙂 sí", "a" * 5000, "=1+1", '"quoted"', "ｙｅｓ"])
def test_exotic_answers_come_through_as_given(text: str, home: Path, declare: Any, declaration: dict[str, Any]) -> None:
    quoted = '"' + text.replace('"', '""') + '"'
    (paths.raw("small") / "survey.csv").write_text(csv_text().replace("yes", quoted), encoding="utf-8")
    declaration["indicators"][0]["yes"] = [text]
    given = build(declare, declaration)
    assert given.loc[given["feels_safe"] == 1, "feels_safe:answer"].unique().tolist() == [text]
