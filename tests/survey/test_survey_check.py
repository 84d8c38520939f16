"""What is wrong between a survey and its declaration is named with column and row, all at once."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from small_survey import HEADER, ROWS, csv_text

from fewdistricts import design, files, paths, survey
from fewdistricts.errors import DataError, EnvironmentProblem

Rows = list[list[Any]]


def said(declare: Any, declaration: dict[str, Any], rows: Rows) -> list[str]:
    """The lines of the error that these rows give."""
    (paths.raw("small") / "survey.csv").write_text(csv_text([tuple(row) for row in rows]), encoding="utf-8")
    declare(declaration)
    with pytest.raises(DataError) as caught:
        survey.build(design.load("small"))
    assert not paths.processed("small").exists()
    return str(caught.value).splitlines()


def changed(row: int, column: str, value: Any) -> Rows:
    rows = [list(row) for row in ROWS]
    rows[row][HEADER.index(column)] = value
    return rows


ONE_CELL: dict[str, tuple[str, Any, str]] = {
    # column, value in file row 3: what is said
    "unknown district": (
        "district",
        "nroth",
        "row 3: found unknown district 'nroth'; allowed: north, south; did you mean",
    ),
    "no district": ("district", "", "row 3: found no district"),
    "unknown wave": ("wave", "2004", "row 3: found unknown wave '2004'; allowed: 2003, 2005"),
    "no wave": ("wave", "", "row 3: found no wave"),
    "negative weight": ("weight", "-1", "row 3: found a negative weight"),
    "missing weight": ("weight", "", "row 3: found an empty cell"),
    "weight of words": ("weight", "heavy", "row 3: found 'heavy', no finite number"),
    "infinite weight": ("weight", "inf", "row 3: found 'inf', no finite number"),
    "weight nan": ("weight", "nan", "row 3: found 'nan', no finite number"),
    "overflowing weight": ("weight", "1e999", "row 3: found '1e999', no finite number"),
    "huge weight": ("weight", "1e300", "row 3: found '1e300', more than 500 times the median weight of 1"),
    "no stratum": ("stratum", "", "row 3: found no stratum"),
    "stratum na": ("stratum", "NA", "row 3: found no stratum"),
    "declared missing psu": ("psu", "-9", "row 3: found no PSU"),
    "no psu": ("psu", "", "row 3: found no PSU"),
    "a psu that a program wrote for none": ("psu", "NaN", "row 3: found no PSU"),
    "psu in two strata": ("stratum", "rural", "row 3: found PSU 'p1' in two strata, 'urban' and 'rural'"),
    "near miss of yes": ("safe", "Yes ", "row 3: found 'Yes', nearly the declared 'yes'"),
    "undeclared negative code": ("safe", "-7", "row 3: found the undeclared code '-7' ('feels_safe')"),
    "no number": ("trust", "a lot", "row 3: found 'a lot', no number ('trust'); allowed: numbers from 1 to 7"),
    "outside the scale": ("trust", "8", "row 3: found '8', outside the scale ('trust')"),
    "infinite answer": ("trust", "inf", "row 3: found 'inf', no number"),
}


@pytest.mark.parametrize("name", ONE_CELL)
def test_one_wrong_cell(name: str, home: Path, declare: Any, declaration: dict[str, Any]) -> None:
    column, value, expected = ONE_CELL[name]
    lines = said(declare, declaration, changed(1, column, value))
    assert len(lines) == 1, lines
    assert lines[0].startswith(f"data/raw/small/survey.csv, column {column!r}" if "psu in" not in name else "data/raw")
    assert expected in lines[0]


def test_the_other_answers_listed_under_no_catch_every_other_code(home: Path, declare: Any, declaration: Any) -> None:
    declaration["indicators"][0]["no"] = ["no"]
    [line] = said(declare, declaration, changed(1, "safe", "maybe"))
    assert "row 3: found the undeclared answer 'maybe' ('feels_safe'); allowed: yes, no, -9" in line


def test_codes_set_apart_are_not_taken_for_a_no(home: Path, declare: Any, declaration: dict[str, Any]) -> None:
    declaration["indicators"].append({"id": "victim", "label": "Victim", "column": "victim", "yes": [1]})
    [line] = said(declare, declaration, changed(1, "victim", 9))
    assert "found the undeclared code '9' ('victim')" in line
    declaration["indicators"][2]["no"] = [0, 9]
    declare(declaration)
    survey.build(design.load("small"))  # declared as an answer it is one


def test_a_scale_that_reaches_nine_is_no_stray_code(home: Path, declare: Any, declaration: dict[str, Any]) -> None:
    rows = [[*row[:7], 8 - i, *row[8:]] for i, row in enumerate(ROWS)]
    (paths.raw("small") / "survey.csv").write_text(csv_text([tuple(row) for row in rows]))
    declaration["indicators"].append({"id": "v", "label": "V", "column": "victim", "yes": [6, 7], "better": "none"})
    declare(declaration)
    survey.build(design.load("small"))
    assert survey.load("small")["v"].sum() == 2


def test_yes_that_nobody_answered(home: Path, declare: Any, declaration: dict[str, Any]) -> None:
    declaration["indicators"][0]["yes"] = ["yess"]
    lines = said(declare, declaration, [list(row) for row in ROWS])
    assert "found no answer 'yess', which `yes` names; allowed: yes, no, -9; did you mean 'yes'?" in lines[0]


def test_a_domain_nobody_is_in(home: Path, declare: Any, declaration: dict[str, Any]) -> None:
    declaration["indicators"][1]["among"] = {"sex": ["x"]}
    [line] = said(declare, declaration, [list(row) for row in ROWS])
    assert "column 'sex': found no answer 'x', which `among.sex` names; allowed: f, m" in line


def test_a_declared_wave_and_district_without_rows(home: Path, declare: Any, declaration: dict[str, Any]) -> None:
    declaration["waves"].append({"id": "2007", "label": "2007", "fieldwork": ["2007-01", "2007-01"]})
    declaration["districts"].append({"id": "east", "name": "East", "arm": "comparison", "value": ["E", "Este"]})
    lines = said(declare, declaration, [list(row) for row in ROWS])
    assert any("no row of district 'east' (spelled 'E' or 'Este')" in line for line in lines)
    assert any("no row of wave '2007'" in line for line in lines)


def test_weights_that_sum_to_nothing(home: Path, declare: Any, declaration: dict[str, Any]) -> None:
    rows = [[*row[:2], 0 if row[:2] == ("south", "2005") else row[2], *row[3:]] for row in ROWS]
    [line] = said(declare, declaration, rows)
    assert "weights that are all 0 in district 'south', wave '2005'" in line


def test_a_single_weight_of_zero_is_no_error(home: Path, declare: Any, declaration: dict[str, Any]) -> None:
    (paths.raw("small") / "survey.csv").write_text(csv_text([tuple(row) for row in changed(1, "weight", 0)]))
    declare(declaration)
    survey.build(design.load("small"))
    assert survey.load("small")["weight"].min() == 0


@pytest.mark.parametrize("sampling", ["cross_section", "panel"])
def test_duplicate_respondents(sampling: str, home: Path, declare: Any, declaration: dict[str, Any]) -> None:
    declaration["data"]["sampling"] = sampling
    declaration["data"]["columns"]["respondent"] = "id"
    [line] = said(declare, declaration, [*map(list, ROWS), list(ROWS[3])])
    assert "column 'id', row 11: found a second row of respondent '1' in its wave" in line


def test_two_rows_of_a_district_and_wave_where_rows_are_districts(home: Path, declare: Any, declaration: Any) -> None:
    declaration["data"] |= {"level": "district", "columns": {"district": "district", "wave": "wave"}}
    [line] = said(declare, declaration, [list(row) for row in ROWS])
    assert "rows 3, 4, 6, 8, 10: found a second row of the same district and wave" in line


def test_at_most_five_rows_are_named(home: Path, declare: Any, declaration: dict[str, Any]) -> None:
    [line] = said(declare, declaration, [[*row[:2], -1, *row[3:]] for row in ROWS])
    assert "rows 2, 3, 4, 5, 6 and 4 more: found a negative weight" in line


def test_all_problems_of_a_file_at_once(home: Path, declare: Any, declaration: dict[str, Any]) -> None:
    rows = changed(1, "weight", "-1")
    rows[2][HEADER.index("trust")] = 70
    rows[4][HEADER.index("district")] = "nort"
    rows[5][HEADER.index("wave")] = "1905"
    rows[6][HEADER.index("safe")] = "YES"
    assert len(said(declare, declaration, rows)) == 5


def test_hundreds_of_missing_columns_are_counted_after_the_first(
    home: Path, declare: Any, declaration: dict[str, Any]
) -> None:
    first = declaration["indicators"][0]
    declaration["indicators"] = [first | {"id": f"i{k}", "column": f"absent{k}"} for k in range(300)]
    lines = said(declare, declaration, ROWS)
    assert len(lines) == 6 and "no column 'absent0'" in lines[0] and "295 further columns missing" in lines[5]


def test_an_endless_answer_is_no_covariate(home: Path, declare: Any, declaration: dict[str, Any]) -> None:
    declaration["covariates"] = ["safe"]
    declaration["indicators"] = [each for each in declaration["indicators"] if each["column"] != "safe"]
    lines = said(declare, declaration, changed(1, "safe", "x" * 301))
    assert len(lines) == 1 and "row 3: found a covariate's answer of 301 characters; allowed: at most 300" in lines[0]
    assert len(lines[0]) < 300


def test_an_answer_where_none_was_asked(home: Path, declare: Any, declaration: dict[str, Any]) -> None:
    declaration["indicators"][1]["waves"] = ["2003"]
    [line] = said(declare, declaration, [list(row) for row in ROWS])
    assert "rows 5, 6, 9: found an answer in a wave that did not ask ('trust')" in line


def test_a_wave_of_empty_cells_asks_to_be_declared(home: Path, declare: Any, declaration: dict[str, Any]) -> None:
    rows = [[*row[:8], "" if row[1] == "2005" else row[8], *row[9:]] for row in ROWS]
    [line] = said(declare, declaration, rows)
    assert "nothing but empty cells in wave '2005'" in line
    assert "declare `waves: [2003]`" in line


def test_nobody_answered(home: Path, declare: Any, declaration: dict[str, Any]) -> None:
    [line] = said(declare, declaration, [[*row[:8], -8, *row[9:]] for row in ROWS])
    assert "no answer at all" in line


Fpc = Callable[[int], Any]


@pytest.mark.parametrize(("value", "expected"), [("0.5", 0.5), ("0", 0.0), ("4", 0.25)])
def test_fpc_as_fraction_or_number_of_psus(value: str, expected: float, home: Path, declare: Any, declaration: Any):
    # one PSU is sampled in every stratum of a district and wave: 1 of 4 is a quarter
    (paths.raw("small") / "survey.csv").write_text(csv_text([(*row, value) for row in ROWS], [*HEADER, "fpc"]))
    declaration["data"]["columns"]["fpc"] = "fpc"
    declare(declaration)
    survey.build(design.load("small"))
    assert set(survey.load("small")["fpc"]) == {expected}


def test_fpc_and_population_must_be_one_a_stratum_and_district(home: Path, declare: Any, declaration: Any) -> None:
    header = [*HEADER, "fpc", "people"]
    rows = [(*row, 0.5 if i else 0.4, 1000 if i > 1 else -5) for i, row in enumerate(ROWS)]
    (paths.raw("small") / "survey.csv").write_text(csv_text(rows, header))
    declaration["data"]["columns"] |= {"fpc": "fpc", "population": "people"}
    declare(declaration)
    with pytest.raises(DataError) as caught:
        survey.build(design.load("small"))
    assert "column 'fpc', row 3: found two values in one stratum" in str(caught.value)
    assert "column 'people', rows 2, 3: found a population that is not above 0" in str(caught.value)
    assert "column 'people', row 4: found two populations of one district and wave" in str(caught.value)


def test_an_interrupted_write_leaves_the_old_file(home: Path, declare: Any, declaration: Any, monkeypatch: Any) -> None:
    declare(declaration)
    survey.build(design.load("small"))
    folder = paths.processed("small")
    before = {path: path.read_bytes() for path in folder.rglob("*") if path.is_file()}
    (paths.raw("small") / "survey.csv").write_text(csv_text([tuple(row) for row in changed(1, "trust", 4)]))

    def full_disk(*_: Any) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(files.os, "replace", full_disk)
    with pytest.raises(EnvironmentProblem, match="the disk is full"):
        survey.build(design.load("small"))
    assert {path: path.read_bytes() for path in folder.rglob("*") if path.is_file()} == before
