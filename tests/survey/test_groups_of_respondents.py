"""Groups of respondents: from `subgroups` of evaluation.yaml to a column of the built survey, or one clear error."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pandas as pd
import pytest

from fewdistricts import design, survey
from fewdistricts.errors import ConfigurationError, DataError

SEX = {"id": "sex", "label": "Sex", "column": "sex", "groups": {"women": ["f"], "men": ["m"]}}
TRUST = {"id": "trust", "label": "Trust", "column": "trust", "bands": ["<3", "3-4", "5+"]}


def build(declare: Any, declaration: dict[str, Any], *subgroups: dict[str, Any]) -> pd.DataFrame:
    declare(declaration | {"subgroups": list(subgroups)})
    survey.build(design.load("small"))
    return survey.load("small")


def problem(error: type[Exception], declare: Any, declaration: dict[str, Any], *subgroups: dict[str, Any]) -> str:
    with pytest.raises(error) as raised:
        build(declare, declaration, *subgroups)
    return str(raised.value)


def test_each_respondent_has_the_group_of_the_answer(home: Path, declare: Any, declaration: dict[str, Any]) -> None:
    given = build(declare, declaration, SEX, TRUST)
    assert given["subgroup:sex"].tolist() == [{"f": "women", "m": "men"}[s] for s in "fmffmmfmf"]
    # 5 3 -8 7 1 4 4 2 and an empty cell; -8 is declared as no answer
    wanted = ["5+", "3-4", None, "5+", "<3", "3-4", "3-4", "<3", None]
    assert given["subgroup:trust"].astype(object).where(given["subgroup:trust"].notna(), None).tolist() == wanted


def test_what_the_data_do_not_hold_is_named(home: Path, declare: Any, declaration: dict[str, Any]) -> None:
    unknown = problem(DataError, declare, declaration, SEX | {"groups": {"women": ["f"], "men": ["male"]}})
    assert "no answer 'male', which `groups.men` names" in unknown
    assert "subgroup 'sex'" in unknown
    words = problem(DataError, declare, declaration, TRUST | {"column": "sex"})
    assert "'f'" in words
    assert "declare `groups` in place of `bands`" in words
    empty = problem(DataError, declare, declaration, TRUST | {"bands": ["1-4", "20+"]})
    assert "nobody in the band 20+" in empty


@pytest.mark.parametrize(
    ("subgroup", "said"),
    [
        (SEX | {"groups": {"women": ["f"]}}, "1 groups"),
        (SEX | {"bands": ["1-2", "3+"]}, "`bands` beside `groups`"),
        (SEX | {"groups": {"women": ["f"], "men": ["m", "f"]}}, "'f', which is in 'women' too"),
        (TRUST | {"bands": ["1-4", "4+"]}, "'4+', which overlaps '1-4'"),
        (SEX | {"names": {"girls": "Girls"}}, "'girls', which is no group"),
        (SEX | {"kind": "x"}, "unknown key 'kind'"),
    ],
)
def test_contradictions_are_refused(
    home: Path, declare: Any, declaration: dict[str, Any], subgroup: dict[str, Any], said: str
) -> None:
    assert said in problem(ConfigurationError, declare, declaration, subgroup)


def test_each_id_stands_once_and_districts_have_no_subgroups(
    home: Path, declare: Any, declaration: dict[str, Any]
) -> None:
    assert "a second time" in problem(ConfigurationError, declare, declaration, SEX, SEX)
    declaration["data"]["level"] = "district"
    assert "subgroups of data of districts" in problem(ConfigurationError, declare, declaration, SEX)
