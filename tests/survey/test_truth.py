"""The true effects that an evaluation of invented data declares."""

from __future__ import annotations

import pytest
from surveys import a_design, at_home

from fewdistricts.errors import DataError
from fewdistricts.survey import read_truth

DISTRICTS = {"a": "pilot", "b": "comparison"}


def truth_of(home, text: str | None) -> dict[str, float]:
    folder = home / "data" / "raw" / "small"
    folder.mkdir(parents=True)
    if text is not None:
        (folder / "truth.csv").write_text(text, encoding="utf-8")
    with at_home(home):
        return read_truth(a_design(DISTRICTS, data={"truth": "truth.csv"}))


def test_true_effects_are_read_by_indicator(tmp_path):
    assert truth_of(tmp_path, "indicator,effect\nsafe,-0.08\n\n") == {"safe": -0.08}


def test_without_a_file_nothing_is_known_to_be_true():
    assert read_truth(a_design(DISTRICTS)) == {}


@pytest.mark.parametrize(
    ("text", "where", "found"),
    [
        (None, "truth.csv", "no such file"),
        ("id,effect\nsafe,1\n", "row 1", "id,effect"),
        ("indicator,effect\nsave,0.1\n", "row 2", "did you mean 'safe'?"),
        ("indicator,effect\nsafe,much\n", "row 2", "much"),
        ("indicator,effect\nsafe,0.1\nsafe,0.2\n", "row 3", "a second time"),
        ("indicator,effect\nsafe\n", "row 2", "1 cells"),
    ],
)
def test_what_is_wrong_with_the_file_is_said_with_its_row(tmp_path, text, where, found):
    with pytest.raises(DataError) as error:
        truth_of(tmp_path, text)
    assert where in str(error.value)
    assert found in str(error.value)
