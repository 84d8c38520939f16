"""A table that is saved as data: pandas reads its numbers, and a spreadsheet runs none of its texts."""

from __future__ import annotations

import io
from dataclasses import replace

import pandas as pd
import pytest
import sample_notebook as sample

from nbaccessible import outputs
from nbaccessible.csv_files import as_csv
from nbaccessible.model import STRINGS, Cover

ENGLISH = Cover("A title", strings=STRINGS)
PORTUGUESE = replace(ENGLISH, point=",", strings={**STRINGS, "low_end": "de", "high_end": "até"})


def column(cover: Cover, *cells: str, heading: str = "x", align: str = "decimal") -> pd.DataFrame:
    """The columns that a column of these cells becomes."""
    content = {
        "columns": [{"text": "n"}, {"text": heading, "align": align}],
        "rows": [{"cells": [str(n), cell]} for n, cell in enumerate(cells)],
    }
    return pd.read_csv(io.BytesIO(as_csv(outputs.grid(content, 1), cover)), index_col=0)


@pytest.mark.parametrize(
    ("cover", "cells", "values"),
    [
        (ENGLISH, ["+4.25", "\u22121.5", "-2", "1,234,567.5", "\u2013"], [4.25, -1.5, -2, 1234567.5, None]),
        (PORTUGUESE, ["+4,25", "\u22121,5", "1.234", "1\u202f234,5"], [4.25, -1.5, 1234, 1234.5]),
        (ENGLISH, ["\u2212\u221e", "+\u221e", "0"], [-float("inf"), float("inf"), 0]),
    ],
)
def test_numbers_are_read_as_numbers(cover, cells, values):
    frame = column(cover, *cells)
    pd.testing.assert_series_equal(frame["x"], pd.Series(values, name="x", dtype=float), check_index=False)


def test_a_column_of_percentages_says_so_in_its_heading():
    assert column(ENGLISH, "36%", "8.5 %", "none").columns.tolist() == ["x (%)"]
    assert column(ENGLISH, "36%", "8.5 %")["x (%)"].tolist() == [36, 8.5]
    # hours of water stand below shares: without their signs all would look alike
    assert column(ENGLISH, "36%", "\u22122.5%", "14.2")["x"].tolist() == ["36%", "-2.5%", "14.2"]


def test_an_interval_has_a_column_for_each_end():
    cells = ("\u22124.1 to +2.0", "suppressed", "\u2212\u221e to 3.5")
    english = column(ENGLISH, *cells, heading="90% interval", align="center")
    assert english.columns.tolist() == ["90% interval: from", "90% interval: to"]
    assert english["90% interval: from"].tolist() == ["-4.1", "suppressed", "-inf"]
    assert english["90% interval: to"].tolist() == pytest.approx([2, float("nan"), 3.5], nan_ok=True)
    portuguese = column(PORTUGUESE, "\u22124,1 a +2,0", align="center")
    assert portuguese.iloc[0].to_dict() == {"x: de": -4.1, "x: até": 2}
    # only a centred column holds intervals
    assert column(ENGLISH, "18 to 29", align="left")["x"].tolist() == ["18 to 29"]


def test_no_text_is_a_formula():
    grid = outputs.grid(sample.grid(["=1+1", "n"], [["@x", "\u22121.5"], ["-2+3*cmd", "+3%"], ["-x", "a"]]), 1)
    lines = as_csv(grid, ENGLISH).decode("utf-8-sig").splitlines()
    assert lines == ["'=1+1,n", "'@x,-1.5", "'-2+3*cmd,3%", "'-x,a"]
