"""Indicators made of others, worked out by hand for seven respondents."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from fewdistricts import design, survey
from fewdistricts.errors import ConfigurationError, DataError
from fewdistricts.estimates import pipeline
from fewdistricts.estimates.estimate import COLUMNS

# `-9` refused, `-8` does not know; items 1 to 5; ticks are X; media holds several answers in a cell
FILE = """\
district,wave,robbed,burgled,item_a,item_b,item_c,tick_a,tick_b,media,hours
north,2003,yes,no,5,1,3,X,,tv radio,12
north,2003,no,no,4,2,,,,radio,3
north,2005,-9,yes,1,5,2,,X,tv,24
north,2005,-9,no,2,4,-8,X,X,,18
south,2003,no,no,3,3,3,,,none,0
south,2003,yes,yes,1,1,-8,X,,tv,11
south,2005,no,-8,5,5,5,,X,radio tv,13
"""
NO = float("nan")
SHARES = [
    {"id": "robbery", "label": "Robbed", "column": "robbed", "yes": ["yes"], "no": ["no"]},
    {"id": "burglary", "label": "Burgled", "column": "burgled", "yes": ["yes"], "no": ["no"]},
]
ITEMS = [{"id": f"i_{x}", "label": f"Item {x}", "column": f"item_{x}", "scale": [1, 5]} for x in "abc"]

Built = Callable[..., dict[str, list[float]]]


@pytest.fixture
def built(home: Path, declare: Any, declaration: dict[str, Any]) -> Built:
    """Values of every respondent in the order of the file, by indicator."""

    def build(*indicators: dict[str, Any], text: str = FILE) -> dict[str, list[float]]:
        (home / "data" / "raw" / "small" / "survey.csv").write_text(text, encoding="utf-8")
        declaration["data"]["columns"] = {"district": "district", "wave": "wave"}
        declaration["indicators"] = [{"label": "Made", **indicator} for indicator in indicators]
        declare(declaration)
        survey.build(design.load("small"))
        given = survey.load("small")
        return {each["id"]: given[each["id"]].tolist() for each in indicators}

    return build


def same(given: list[float], expected: list[float]) -> bool:
    return bool(np.array_equal(given, expected, equal_nan=True))


def test_any_counts_where_all_parts_were_answered(built: Built):
    given = built(*SHARES, {"id": "crime", "any_of": ["robbery", "burglary"]})
    assert same(given["crime"], [1, 0, NO, NO, 0, 1, NO])


def test_with_enough_answers_a_part_without_one_adds_nothing(built: Built):
    given = built(*SHARES, {"id": "crime", "any_of": ["robbery", "burglary"], "answered": 1})
    assert same(given["crime"], [1, 0, 1, 0, 0, 1, 0])


def test_all_and_how_many(built: Built):
    both = {"id": "both", "all_of": ["robbery", "burglary"]}
    crimes = {"id": "crimes", "count_of": ["robbery", "burglary"], "unit": "crimes", "answered": 1}
    given = built(*SHARES, both, crimes)
    assert same(given["both"], [0, 0, NO, NO, 0, 1, NO])
    assert same(given["crimes"], [1, 0, 1, 0, 0, 2, 0])


def test_parts_are_columns_where_yes_says_what_counts(built: Built):
    given = built({"id": "crime", "any_of": ["robbed", "burgled"], "yes": ["yes"], "no": ["no"]})
    assert same(given["crime"], [1, 0, NO, NO, 0, 1, NO])


def test_a_mean_of_items_with_one_turned_round(built: Built):
    score = {"id": "score", "mean_of": ["i_a", "i_b", "i_c"], "reversed": ["i_b"], "scale": [1, 5], "answered": 2}
    given = built(*ITEMS, score)
    # item b turned round is 6 - b: 5, 4, 1, 2, 3, 5, 1
    expected = [(5 + 5 + 3) / 3, (4 + 4) / 2, (1 + 1 + 2) / 3, (2 + 2) / 2, 3, (1 + 5) / 2, (5 + 1 + 5) / 3]
    assert given["score"] == pytest.approx(expected)


def test_a_sum_of_columns_needs_all_of_them(built: Built):
    given = built({"id": "total", "sum_of": ["item_a", "item_c"], "unit": "points"})
    assert same(given["total"], [8, NO, 3, NO, 6, NO, 10])


def test_several_columns_are_one_question_whose_blanks_mean_no(built: Built):
    given = built({"id": "ticked", "column": ["tick_a", "tick_b"], "yes": ["X"], "blank": "no"})
    assert same(given["ticked"], [1, 0, 1, 1, 0, 1, 1])


def test_a_single_column_of_ticks(built: Built):
    given = built({"id": "ticked", "column": "tick_b", "yes": ["X"], "blank": "no", "waves": ["2005"]})
    assert same(given["ticked"], [NO, NO, 1, 1, NO, NO, 1])


def test_one_answer_among_several_in_a_cell(built: Built):
    given = built({"id": "tv", "column": "media", "contains": ["tv"]})
    assert same(given["tv"], [1, 0, 1, NO, 0, 1, 1])


def test_numbers_in_a_band(built: Built):
    enough = {"id": "enough", "column": "hours", "band": "12+"}
    some = {"id": "some", "column": "hours", "band": "3-12"}
    few = {"id": "few", "column": "hours", "band": "<12"}
    given = built(enough, some, few)
    assert same(given["enough"], [1, 0, 1, 1, 0, 0, 1])
    assert same(given["some"], [1, 1, 0, 0, 0, 1, 0])
    assert same(given["few"], [0, 1, 0, 0, 1, 1, 0])


def test_what_is_made_may_be_made_of_what_is_made_and_be_a_domain(built: Built):
    crime = {"id": "crime", "any_of": ["robbery", "burglary"], "answered": 1}
    either = {"id": "either", "any_of": ["crime", "tv"]}
    tv = {"id": "tv", "column": "media", "contains": "tv"}
    victims = {"id": "victims_hours", "column": "hours", "unit": "hours", "among": {"crime": ["yes"]}}
    given = built(victims, either, crime, *SHARES, tv)
    assert same(given["either"], [1, 0, 1, NO, 0, 1, 1])
    assert same(given["victims_hours"], [12, NO, 24, NO, NO, 11, NO])


def test_whom_a_part_was_not_put_counts_as_no_where_blank_is_no(built: Built):
    conditional = {**SHARES[1], "among": {"robbed": ["yes"]}}
    given = built(SHARES[0], conditional, {"id": "both", "any_of": ["burglary"], "blank": "no"})
    assert same(given["both"], [0, 0, 0, 0, 0, 1, 0])


def test_its_estimates_are_those_of_a_column_with_the_same_values(home: Path, declare: Any, declaration: Any):
    """Levels, intervals and all else follow from the respondents, as if the interviewer had written it down."""
    lines = FILE.splitlines()
    values = ["1", "0", "1", "0", "0", "1", "0"]
    text = "\n".join([lines[0] + ",said", *(f"{line},{x}" for line, x in zip(lines[1:], values, strict=True))])
    (home / "data" / "raw" / "small" / "survey.csv").write_text(text + "\n", encoding="utf-8")
    declaration["data"]["columns"] = {"district": "district", "wave": "wave"}
    declaration["disclosure"] = {"minimum_cell": 0}
    made = {"id": "crime", "label": "Made", "any_of": ["robbery", "burglary"], "answered": 1}
    written = {"id": "said", "label": "Said", "column": "said", "yes": [1], "no": [0]}
    declaration["indicators"] = [*SHARES, made, written]
    declare(declaration)
    loaded = design.load("small")
    survey.build(loaded)
    rows = pipeline.estimates(loaded, survey.load("small"))
    names = [name for name in COLUMNS if name not in ("indicator", "row_id", "p_adjusted", "q_value")]
    of_made = rows[rows["indicator"] == "crime"][names].reset_index(drop=True)
    of_written = rows[rows["indicator"] == "said"][names].reset_index(drop=True)
    assert len(of_made) > 8
    assert of_made.equals(of_written)


@pytest.mark.parametrize(
    ("indicators", "where", "said"),
    [
        ([{"id": "a", "any_of": ["b"]}, {"id": "b", "any_of": ["a"]}], "indicators[0].any_of", "a <- b <- a"),
        ([*SHARES, {"id": "c", "any_of": ["robery"]}], "indicators[2].any_of[0]", "did you mean 'robbery'?"),
        ([*ITEMS, {"id": "c", "any_of": ["i_a"]}], "indicators[3].any_of[0]", "sum_of or mean_of"),
        ([{**SHARES[0], "waves": ["2005"]}, {"id": "c", "any_of": ["robbery"]}], "[1].any_of", "`waves: [2005]`"),
        ([{"id": "c", "any_of": ["robbed"], "yes": "yes", "answered": 2}], "[0].answered", "from 1 to 1"),
        ([{"id": "c", "any_of": ["robbed"], "column": "robbed", "yes": "yes"}], "[0].any_of", "beside `column`"),
        ([{"id": "c"}], "[0].column", "any_of"),
        ([{"id": "c", "sum_of": ["item_a"], "reversed": ["item_a"]}], "[0].reversed[0]", "whose scale is not known"),
        ([{"id": "c", "column": "hours", "band": "12 to 14"}], "[0].band", "45+"),
        ([{"id": "c", "column": "hours", "yes": [1], "band": "1-2"}], "[0].band", "beside `yes`"),
        ([{"id": "robbed", "any_of": ["robbed"], "yes": "yes"}], "[0].id", "a column too"),
        ([{"id": "c", "column": "hours", "answered": 1}], "[0].answered", "single column"),
    ],
)
def test_what_cannot_be_made_is_one_clear_error(built: Built, indicators, where, said):
    with pytest.raises(ConfigurationError) as error:
        built(*indicators)
    assert len(error.value.problems) <= 2
    assert where in str(error.value)
    assert said in str(error.value)


@pytest.mark.parametrize(
    ("indicator", "said"),
    [
        ({"id": "c", "sum_of": ["item_a", "item_d"]}, "no column 'item_d', which indicators[0].sum_of"),
        ({"id": "c", "column": ["tick_a", "tick_b"], "yes": [1], "blank": "no"}, "'1' in any of the columns"),
        ({"id": "c", "column": "media", "contains": ["telly"]}, "no answer 'telly'"),
        ({"id": "c", "any_of": ["robbed"], "yes": ["yes"], "no": ["nope"]}, "undeclared answer 'no'"),
    ],
)
def test_what_the_file_does_not_hold_is_named(built: Built, indicator, said):
    with pytest.raises(DataError) as error:
        built(indicator)
    assert said in str(error.value)


def test_a_wave_in_which_nothing_was_ticked_was_not_asked(built: Built):
    ticks = {"id": "c", "column": ["tick_c"], "yes": ["X"], "blank": "no"}
    lines = FILE.splitlines()
    text = "\n".join([lines[0] + ",tick_c", *(f"{line},{'X' if '2003' in line else ''}" for line in lines[1:])]) + "\n"
    with pytest.raises(DataError, match="nothing but empty cells in wave '2005'"):
        built(ticks, text=text)
