"""The estimates as files for a spreadsheet: the same bytes every time, and no cell that a spreadsheet would run."""

from __future__ import annotations

import csv
import hashlib
import io
import os
import subprocess
import sys
import zipfile
from datetime import datetime
from typing import Any

import numpy as np
import openpyxl
import pandas as pd
import pytest
from surveys import a_design, an_estimate, at_home, peru

from fewdistricts import paths
from fewdistricts.estimates import estimate
from fewdistricts.estimates.estimate import COUNTS, NUMBERS, frame
from fewdistricts.exhibits import spreadsheets
from fewdistricts.exhibits.results import Results
from fewdistricts.exhibits.sheets import as_number, results_sheets
from fewdistricts.exhibits.tables import TABLES
from fewdistricts.exhibits.text.wording import Words

DANGEROUS = ["=1+1", "+1", "-1", "@SUM(A1)", "\t=1", "\r=1"]


def rows(*changes: dict) -> pd.DataFrame:
    """Rows of a level, each with some columns changed."""
    return frame(an_estimate(**change) for change in changes)


def of_csv(content: bytes) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(content.decode("utf-8"), newline="")))


def of_excel(content: bytes) -> openpyxl.Workbook:
    return openpyxl.load_workbook(io.BytesIO(content))


def cells(content: bytes) -> list[list]:
    return [[cell.value for cell in row] for row in of_excel(content)["estimates"].iter_rows()]


# --- the same rows -------------------------------------------------------------------------------------------------


def test_columns_stand_in_their_order():
    content = spreadsheets.as_csv(rows({}))
    assert content.decode().splitlines()[0] == ",".join(estimate.COLUMNS)
    shuffled = rows({"estimate": 0.5})[estimate.COLUMNS[::-1]]
    assert spreadsheets.as_csv(shuffled) == spreadsheets.as_csv(rows({"estimate": 0.5}))
    assert cells(spreadsheets.as_excel(shuffled, a_design({"a": "pilot"})))[0] == estimate.COLUMNS


def test_numbers_come_back_as_they_were():
    values = [0.36, -0.00000001, 1e-8, 123456.78, 0.1 + 0.2, 5.0, -0.0, 1e20]
    content = spreadsheets.as_csv(rows(*({"estimate": value} for value in values)))
    assert [float(row["estimate"]) for row in of_csv(content)] == values
    assert [row["estimate"] for row in of_csv(content)][5] == "5"


def test_undefined_is_empty_and_unbounded_is_inf():
    given = rows({"ci_low": -np.inf, "ci_high": np.inf, "status": "no_df"})
    (row,) = of_csv(spreadsheets.as_csv(given))
    assert (row["ci_low"], row["ci_high"]) == ("-inf", "inf")
    assert (row["estimate"], row["n"], row["event_time"], row["cohort"]) == ("", "", "", "")
    header, content = cells(spreadsheets.as_excel(given, a_design({"a": "pilot"})))
    shown = dict(zip(header, content, strict=True))
    assert shown["ci_high"] == "inf"
    assert shown["ci_low"].lstrip("'") == "-inf"
    assert (shown["estimate"], shown["n"], shown["cohort"]) == (None, None, None)


def test_counts_are_whole_numbers():
    (row,) = of_csv(spreadsheets.as_csv(rows({"n": 4792, "n_districts": 12})))
    assert (row["n"], row["n_districts"], row["n_psu"]) == ("4792", "12", "")


def test_letters_of_any_language_and_signs_of_csv():
    name = 'Ñuñoa, "el \u00e1rea"\nnueva 中'
    given = rows({"district": name})
    assert of_csv(spreadsheets.as_csv(given))[0]["district"] == name
    assert cells(spreadsheets.as_excel(given, a_design({"a": "pilot"})))[1][estimate.COLUMNS.index("district")] == name


def test_excel_holds_what_the_csv_holds():
    built = peru()
    given = estimate.rounded(built.rows).iloc[::9]
    assert np.isinf(given["ci_high"]).any()
    text = of_csv(spreadsheets.as_csv(given))
    header, *content = cells(spreadsheets.as_excel(given, built.design))
    assert len(content) == len(text) == len(given)
    for of_sheet, of_text in zip(content, text, strict=True):
        for name, value in zip(header, of_sheet, strict=True):
            if name in NUMBERS + COUNTS and of_text[name] not in ("", "inf", "-inf"):
                assert value == float(of_text[name]), name
            else:
                assert (value or "").removeprefix("'") == of_text[name], name  # '-inf is a text


def test_a_sheet_says_what_every_column_holds():
    book = of_excel(spreadsheets.as_excel(rows({}), a_design({"a": "pilot"})))
    header, *records = [[cell.value for cell in row] for row in book["columns"].iter_rows()]
    assert [record[0] for record in records] == estimate.COLUMNS
    of_se = dict(zip(header, records[estimate.COLUMNS.index("se")], strict=True))
    assert of_se["meaning"] == "its standard error"
    assert of_se["rounding"] == "8 decimals of shares, else 8 significant digits"


# --- nothing that runs ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize("text", DANGEROUS)
def test_no_text_starts_a_formula(text):
    given = rows({"district": text})
    shown = of_csv(spreadsheets.as_csv(given))[0]["district"]
    assert shown == "'" + text
    sheet = of_excel(spreadsheets.as_excel(given, a_design({"a": "pilot"})))["estimates"]
    cell = sheet.cell(2, estimate.COLUMNS.index("district") + 1)
    assert cell.data_type == "s"
    assert not str(cell.value).startswith(tuple("=+-@\t\r"))


@pytest.mark.parametrize("text", ["https://example.org", "mailto:a@b.c", "1e5", "a=b", "TRUE", "", "x-1"])
def test_a_harmless_text_stays_as_it_is(text):
    given = rows({"district": text})
    assert of_csv(spreadsheets.as_csv(given))[0]["district"] == text
    sheet = of_excel(spreadsheets.as_excel(given, a_design({"a": "pilot"})))["estimates"]
    cell = sheet.cell(2, estimate.COLUMNS.index("district") + 1)
    assert (cell.value or "") == text
    assert cell.hyperlink is None


def test_a_negative_number_is_a_number_and_no_text():
    given = rows({"estimate": -0.25})
    assert of_csv(spreadsheets.as_csv(given))[0]["estimate"] == "-0.25"
    assert cells(spreadsheets.as_excel(given, a_design({"a": "pilot"})))[1][estimate.COLUMNS.index("estimate")] == -0.25


def test_a_title_that_looks_like_a_formula():
    design = a_design({"a": "pilot"}, title="=HYPERLINK(0)")
    book = of_excel(spreadsheets.as_excel(rows({}), design))
    assert book["about"]["A1"].value == "'=HYPERLINK(0)"


# --- the same bytes ------------------------------------------------------------------------------------------------


def test_the_workbook_is_dated_by_the_report_and_stored():
    content = spreadsheets.as_excel(rows({"estimate": 0.5}), a_design({"a": "pilot"}, report={"date": "2005-04-25"}))
    assert of_excel(content).properties.created == datetime(2005, 4, 25)
    with zipfile.ZipFile(io.BytesIO(content)) as file:
        assert {item.compress_type for item in file.infolist()} == {zipfile.ZIP_STORED}
        assert {item.date_time for item in file.infolist()} == {(1980, 1, 1, 0, 0, 0)}
        assert file.testzip() is None


def test_the_same_rows_give_the_same_bytes_in_another_process(tmp_path):
    built = peru()
    estimates = paths.PROJECT / "tests"
    code = (
        "import sys, hashlib, pandas as pd; from fewdistricts import design;"
        "from fewdistricts.exhibits import spreadsheets;"
        "rows = pd.read_parquet(sys.argv[1]); d = design.load('peru-2005');"
        "print(hashlib.sha256(spreadsheets.as_csv(rows)).hexdigest(),"
        " hashlib.sha256(spreadsheets.as_excel(rows, d)).hexdigest())"
    )
    with at_home(built.home):
        file = paths.processed("peru-2005") / "estimates.parquet"
        other = {**os.environ, "TZ": "Asia/Tokyo", "PYTHONHASHSEED": "7", "LC_ALL": "C"}
        done = subprocess.run(
            [sys.executable, "-c", code, str(file)],
            env=other,
            cwd=estimates,
            capture_output=True,
            text=True,
            check=True,
        )
        given = pd.read_parquet(file)
        here = (spreadsheets.as_csv(given), spreadsheets.as_excel(given, built.design))
    assert done.stdout.split() == [hashlib.sha256(content).hexdigest() for content in here]


@pytest.mark.parametrize("kind", ["synthetic", "real"])
def test_every_row_and_the_workbook_say_what_the_data_are(kind):
    design = a_design({"a": "pilot"}, data={"kind": kind})
    given = rows({"data_kind": kind})
    assert of_csv(spreadsheets.as_csv(given))[0]["data_kind"] == kind
    about = of_excel(spreadsheets.as_excel(given, design))["about"]
    texts = [cell.value for row in about.iter_rows() for cell in row]
    assert any(kind in text for text in texts)
    other = {"synthetic": "real", "real": "synthetic"}[kind]
    assert not any(other in text for text in texts)


def test_files_are_written_whole(monkeypatch):
    built = peru()
    monkeypatch.setenv("EVALUATION_HOME", str(built.home))
    spreadsheets.write("peru-2005")
    folder = paths.staged("peru-2005")
    assert sorted(path.name for path in folder.iterdir()) == ["estimates.csv", "estimates.xlsx"]
    assert (folder / "estimates.csv").read_bytes() == spreadsheets.as_csv(estimate.rounded(built.rows))


def printed_as(cell: Any) -> str:
    """What a spreadsheet shows of a cell, in English."""
    if cell.data_type == "s":
        return cell.value
    above, *others = cell.number_format.split(";")
    pattern = above if cell.value > 0 or not others else others[0 if cell.value < 0 else 1]
    percent = pattern.endswith("%")
    decimals = len(pattern.rstrip("%").partition(".")[2])
    sign = {"+": "+", '"': "−"}.get(pattern[0], "")
    return f"{sign}{abs(cell.value) * (100 if percent else 1):,.{decimals}f}{'%' if percent else ''}"


@pytest.mark.parametrize(
    ("text", "locale", "value", "pattern"),
    [
        ("38.8%", "en", 0.388, "#,##0.0%"),
        ("38,8%", "pt_BR", 0.388, "#,##0.0%"),
        ("1.234,50", "pt_BR", 1234.5, "#,##0.00"),
        ("12", "en", 12, "#,##0"),
        ("−0.13", "en", -0.13, '+#,##0.00;"−"#,##0.00;#,##0.00'),
        ("+1,234", "en", 1234, '+#,##0;"−"#,##0;#,##0'),
        ("0.7%", "en", 0.007, "#,##0.0%"),
    ],
)
def test_a_printed_number_is_a_number_that_prints_so(text, locale, value, pattern):
    assert as_number(text, locale) == (value, pattern)


@pytest.mark.parametrize("text", ["–", "inconclusive", "<0.001", "−∞", "", "3 of 4", "not estimated"])
def test_words_are_no_numbers(text):
    assert as_number(text, "en") is None


def test_no_number_is_shown_as_a_power_or_with_fifteen_digits():
    given = rows({"estimate": 0.00000001, "n": 4792, "df": 5.0, "se": 0.12345678})
    sheet = of_excel(spreadsheets.as_excel(given, a_design({"a": "pilot"})))["estimates"]
    formats = {sheet.cell(1, k).value: sheet.cell(2, k).number_format for k in range(1, sheet.max_column + 1)}
    assert [formats[name] for name in ("estimate", "se", "n", "df")] == ["0.0#######", "0.0#######", "0", "0"]


def test_every_sheet_is_ready_to_be_read_and_printed():
    publisher = {"publisher": "House", "contact": "ask@example.org", "license": "MIT", "date": "2005-04-25"}
    book = of_excel(spreadsheets.as_excel(rows({"estimate": 0.5}), a_design({"a": "pilot"}, report=publisher)))
    for name in ("estimates", "columns"):
        sheet = book[name]
        assert (sheet.page_setup.orientation, sheet.print_title_rows) == ("landscape", "$1:$1")
        widths = {place: d.width for d in sheet.column_dimensions.values() for place in range(d.min, d.max + 1)}
        for cell in sheet[1]:
            assert widths[cell.column] >= len(cell.value), cell.value
    assert not [cell.value for row in book["columns"].iter_rows() for cell in row if "`" in str(cell.value)]
    about = [row[0].value for row in book["about"].iter_rows()]
    assert about[1:5] == ["data: synthetic", "date: 2005-04-25", "publisher: House", "contact: ask@example.org"]
    assert about[5:] == ["license: MIT", f"{about[0]} [Synthetic data] (2005). House."]


# --- the sheet for people ------------------------------------------------------------------------------------------


def test_the_first_sheets_hold_the_results_as_the_report_prints_them():
    built = peru()
    results = Results(built.design, estimate.rounded(built.rows), built.sample)
    book = of_excel(spreadsheets.as_excel(estimate.rounded(built.rows), built.design, results_sheets(results)))
    assert book.sheetnames[:3] == ["results en", "results es", "estimates"]
    for language in built.design.report.languages:
        page = book[f"results {language}"]
        words = Words(language)
        made = TABLES["results"](results, words)
        assert made is not None
        printed = [line.split("\t") for line in made.grid.as_text().splitlines()[1:]]
        join = {"en": " to ", "es": " a "}[language]
        rows_of_sheet = [
            [printed_as(cell) for cell in row if cell.value is not None] for row in page.iter_rows(min_row=6)
        ]
        shown = [row if len(row) < 9 else [*row[:6], join.join(row[6:8]), row[8]] for row in rows_of_sheet]
        assert shown[: len(printed)] == printed
        numbers = [cell for row in page.iter_rows(6, 5 + len(printed), 2, 8) for cell in row if cell.value is not None]
        assert len(numbers) > 150
        assert {cell.data_type for cell in numbers} == {"n"}
        assert page.oddHeader.right.text == words.label("document", "stamp")
        assert page["A1"].value == built.design.title[language]
        assert page["A3"].value == words.label("document", "stamp")
        assert (page.page_setup.orientation, page.sheet_properties.pageSetUpPr.fitToPage) == ("landscape", True)
        assert page.freeze_panes == "B6"
