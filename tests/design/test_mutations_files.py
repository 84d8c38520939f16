"""The same faults of the data in every file format: each is one clear error, or levels that pandas finds too."""

from __future__ import annotations

import copy
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pyreadstat
import pytest
from small_survey import DECLARATION
from surveys import one

from fewdistricts import design, paths, survey
from fewdistricts.errors import DataError, Problem
from fewdistricts.estimates import pipeline as plan
from fewdistricts.survey import disclosure

FORMATS = {
    "csv": lambda frame, path: frame.to_csv(path, index=False),
    "xlsx": lambda frame, path: frame.to_excel(path, index=False),
    "parquet": lambda frame, path: frame.to_parquet(path, index=False),
    "dta": lambda frame, path: pyreadstat.write_dta(frame, str(path)),
    "sav": lambda frame, path: pyreadstat.write_sav(frame, str(path)),
}
EXOTIC = "né\u0301 \u202bשלום\u202c 👩‍👩‍👧 \u200b\ufeffZ\u0300\u0301\u0302"


def valid() -> pd.DataFrame:
    """Two districts and waves of sixteen interviews."""
    rng = np.random.default_rng(3)
    size = 64
    return pd.DataFrame({
        "district": np.repeat(["north", "south"], 32),
        "wave": np.tile(np.repeat(["2003", "2005"], 16), 2),
        "weight": rng.uniform(0.5, 2, size).round(3),
        "stratum": np.tile(["urban", "rural"], 32),
        "psu": [f"p{k % 2}{k % 16 // 4}" for k in range(size)],
        "safe": rng.choice(["yes", "no"], size),
        "trust": rng.integers(1, 8, size).astype(float),
    })  # fmt: skip


def put(column: str, value: Any, rows: Any = 2) -> Callable[[pd.DataFrame], pd.DataFrame]:
    """These rows of a column, given another value."""

    def change(frame: pd.DataFrame) -> pd.DataFrame:
        if isinstance(value, str) and frame[column].dtype == float:
            frame = frame.assign(**{column: frame[column].astype(object)})
        frame.loc[rows, column] = value
        return frame

    return change


def in_cell(frame: pd.DataFrame) -> pd.Series:
    return (frame["district"] == "north") & (frame["wave"] == "2005")


GOOD: dict[str, Callable[[pd.DataFrame], pd.DataFrame]] = {
    "as it is": lambda f: f,
    "an empty answer": put("safe", None),
    "an empty number": put("trust", np.nan),
    "a weight of nothing": put("weight", 0.0),
    "a tiny and a large weight": lambda f: put("weight", 600.0, 3)(put("weight", 1e-9)(f)),
    "a constant outcome": lambda f: f.assign(safe="yes"),
    "a constant outcome in a cell": lambda f: f.assign(safe=f["safe"].where(~in_cell(f), "no")),
    "one respondent in a cell": lambda f: f[~in_cell(f) | (f.groupby(["district", "wave"]).cumcount() == 0)],
    "a stratum with one unit": lambda f: f.assign(psu=f["psu"].where(f["stratum"] == "urban", "r1")),
    "no answer in a cell": lambda f: f.assign(safe=f["safe"].where(~in_cell(f), None)),
    "rows in another order": lambda f: f.sample(frac=1, random_state=1),
    "all rows twice": lambda f: pd.concat([f, f]),
    "columns in another order": lambda f: f[f.columns[::-1]],
    "columns nobody declared": lambda f: f.assign(name=EXOTIC, other=1e300, more=np.inf),
    "another answer of exotic letters": put("safe", EXOTIC),
}
BAD: dict[str, tuple[Callable[[pd.DataFrame], pd.DataFrame], str]] = {
    "an infinite weight": (put("weight", np.inf), "no finite number"),
    "an empty weight": (put("weight", np.nan), "found an empty cell"),
    "a negative weight": (put("weight", -1.0), "found a negative weight"),
    "weights of nothing": (lambda f: f.assign(weight=f["weight"].where(~in_cell(f), 0)), "weights that are all 0"),
    "a huge answer": (put("trust", 1e308), "outside the scale"),
    "an infinite answer": (put("trust", np.inf), "no number"),
    "an undeclared code": (put("trust", 99.0), "99', outside the scale"),
    "no district": (put("district", ""), "found no district"),
    "an unknown district": (put("district", "nrth"), "did you mean 'north'?"),
    "a district of exotic letters": (put("district", EXOTIC), "found unknown district"),
    "a wave without rows": (lambda f: f[f["wave"] == "2003"], "no row of wave '2005'"),
    "a district without rows": (lambda f: f[f["district"] == "north"], "no row of district 'south'"),
    "no column": (lambda f: f.drop(columns="trust"), "no column 'trust'"),
    "a column called otherwise": (lambda f: f.rename(columns={"weight": "weigth"}), "did you mean 'weigth'?"),
    "no rows": (lambda f: f[:0], "no rows below the header"),
    "an indicator without answers": (lambda f: f.assign(trust=np.nan), "found no answer at all"),
    "a unit in two strata": (lambda f: f.assign(psu="p1"), "PSU 'p1' in two strata"),
    "all rows twice": (lambda f: pd.concat([f, f]), "64 rows that repeat an earlier one in all 7 columns"),
    "an answer nearly declared": (put("safe", "Yes "), "nearly the declared 'yes'"),
}


NOT_IN_STATA = ("an infinite weight", "a huge answer", "an infinite answer", "columns nobody declared")
"""Stata has no number above 8.9e307."""


def each(faults: Any) -> list[tuple[str, str]]:
    return [(name, end) for name in faults for end in FORMATS if end != "dta" or name not in NOT_IN_STATA]


@pytest.fixture
def written(home: Path, declare: Any) -> Callable[..., design.Design]:
    """Writes a table in a format and declares it."""

    def write(frame: pd.DataFrame, ending: str, duplicates: str = "refuse") -> design.Design:
        declaration = copy.deepcopy(DECLARATION) | {"disclosure": {"minimum_cell": 0}}
        declaration["data"] |= {"duplicates": duplicates, "duplicates_reason": "Made by a test"}
        declaration["data"]["files"] = [{"path": f"survey.{ending}"}]
        declare(declaration)
        FORMATS[ending](frame.reset_index(drop=True), paths.raw("small") / f"survey.{ending}")
        return design.load("small")

    return write


@pytest.mark.parametrize(("name", "ending"), each(GOOD))
def test_levels_are_those_of_pandas(name: str, ending: str, written: Any) -> None:
    frame = GOOD[name](valid())
    declared = written(frame, ending, "keep" if name == "all rows twice" else "refuse")
    survey.build(declared)
    rows = plan.estimates(declared, survey.load("small"), disclosure.load("small"))
    for (district, wave), cell in frame.groupby(["district", "wave"]):
        for indicator, value in (("feels_safe", (cell["safe"] == "yes").where(cell["safe"].notna())),
                                 ("trust", cell["trust"])):  # fmt: skip
            known = value.notna() & (cell["weight"] > 0)  # a weight of nothing is nobody's answer
            level = one(rows, indicator=indicator, district=district, wave=wave, estimand="level")
            assert level["n"] == (known.sum() or pytest.approx(0, nan_ok=True))
            if known.any():
                expected = np.average(value[known].astype(float), weights=cell["weight"][known])
                assert level["estimate"] == pytest.approx(expected, rel=1e-10)
            else:
                assert level["status"] == "no_data"


@pytest.mark.parametrize(("name", "ending"), each(BAD))
def test_what_is_wrong_is_said(name: str, ending: str, written: Any, home: Path) -> None:
    change, said = BAD[name]
    declared = written(change(valid()), ending)
    with pytest.raises(DataError) as caught:
        survey.build(declared)
    assert all(isinstance(problem, Problem) for problem in caught.value.problems)
    assert said in str(caught.value) or (said == "found no district" and "no row of" in str(caught.value))
    assert f"survey.{ending}" in str(caught.value) and str(home) not in str(caught.value)
    assert not paths.processed("small").exists()


@pytest.mark.parametrize("ending", FORMATS)
def test_all_faults_of_a_file_are_said_at_once(ending: str, written: Any) -> None:
    frame = put("weight", -1.0)(put("trust", 99.0, 5)(put("district", "nrth", 9)(put("safe", "Yes ", 11)(valid()))))
    with pytest.raises(DataError) as caught:
        survey.build(written(frame, ending))
    for said in ("a negative weight", "outside the scale", "unknown district", "nearly the declared"):
        assert said in str(caught.value)


@pytest.mark.parametrize("ending", FORMATS)
@pytest.mark.parametrize("part", [0.1, 0.5, 0.9])
def test_half_a_file_is_no_file(ending: str, part: float, written: Any) -> None:
    declared = written(valid(), ending)
    path = paths.raw("small") / f"survey.{ending}"
    path.write_bytes(path.read_bytes()[: int(part * path.stat().st_size)])
    with pytest.raises(DataError) as caught:
        survey.build(declared)
    assert f"survey.{ending}" in str(caught.value)
    path.write_bytes(bytes(range(256)) * 40)
    with pytest.raises(DataError):
        survey.build(declared)
