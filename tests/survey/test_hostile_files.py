"""Surveys as offices send them: each gives the right number or one clear message, in a draft as in a report."""

from __future__ import annotations

import json
import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import openpyxl
import pandas as pd
import pyreadstat
import pytest
from openpyxl.chart import BarChart, Reference
from surveys import at_home, one

from fewdistricts import design, survey
from fewdistricts.draft import draft
from fewdistricts.errors import DataError, EvaluationError
from fewdistricts.estimates import pipeline
from fewdistricts.survey.source import problems_of

PLACES = ("Norte", "Sur", "Este", "Oeste")
YES = {2019: (9, 6, 8, 7), 2021: (14, 12, 9, 6)}
"""Families with piped water among twenty, by wave."""
CHANGE = ((14 - 9) / 20 + (12 - 6) / 20) / 2 - ((9 - 8) / 20 + (6 - 7) / 20) / 2

Files = list[dict[str, Any]]


def families() -> pd.DataFrame:
    """A row a family."""
    rows = []
    for wave, counts in YES.items():
        for place, count in zip(PLACES, counts, strict=True):
            for k in range(20):
                rows.append((place, wave, f"{place[0]}{wave}-{k}", "yes" if k < count else "no", k % 7 + 1))
    return pd.DataFrame(rows, columns=["district", "wave", "id", "piped", "trust"])


def declaration(files: Files, **changes: Any) -> dict[str, Any]:
    """evaluation.yaml of these files."""
    arms = ("pilot", "pilot", "comparison", "comparison")
    given: dict[str, Any] = {
        "title": {"en": "Water"},
        "intervention": {"name": "Taps", "start": "2020-06", "description": "Taps were laid"},
        "data": {
            "kind": "synthetic",
            "source": "By hand",
            "files": files,
            "columns": {"district": "district", "wave": "wave"},
        },
        "waves": [
            {"id": "2019", "label": "2019", "fieldwork": ["2019-10", "2019-12"]},
            {"id": "2021", "label": "2021", "fieldwork": ["2021-03", "2021-03"]},
        ],
        "districts": [
            {"id": place.lower(), "value": place, "name": place, "arm": arm}
            for place, arm in zip(PLACES, arms, strict=True)
        ],
        "indicators": [
            {"id": "piped", "label": "Piped", "column": "piped", "yes": ["yes"], "no": ["no"], "role": "primary",
             "better": "higher"},
            {"id": "trust", "label": "Trust", "column": "trust", "scale": [1, 7]},
        ],
        "disclosure": {"minimum_cell": 0},
        "report": {"languages": ["en"], "date": "2022-01-01"},
    }  # fmt: skip
    return given | changes


@pytest.fixture
def folder(tmp_path):
    """The folder of an evaluation."""
    folder = tmp_path / "data" / "raw" / "water"
    folder.mkdir(parents=True)
    with at_home(tmp_path):
        yield folder


def answer(folder: Path, given: dict[str, Any] | str) -> float:
    """The difference in change."""
    text = given if isinstance(given, str) else json.dumps(given)
    (folder / "evaluation.yaml").write_text(text, encoding="utf-8")
    declared = design.load("water")
    survey.build(declared)
    rows = pipeline.estimates(declared, survey.load("water"))
    return float(one(rows, estimand="att", indicator="piped", variant="main", estimator="district_change")["estimate"])


def message(call: Callable[[], object]) -> str:
    with pytest.raises(EvaluationError) as raised:
        call()
    return str(raised.value)


def drafting(folder: Path) -> Callable[[], object]:
    (folder / "evaluation.yaml").unlink(missing_ok=True)
    return lambda: draft("water", [], None)


# --- surveys that are read right -------------------------------------------------------------------------------------


def categories(folder: Path) -> Files:
    frame = families().astype({"district": "category", "piped": "category", "trust": "category"})
    frame.to_parquet(folder / "survey.parquet")
    return [{"path": "survey.parquet"}]


def kinds_of_parquet(folder: Path) -> Files:
    frame = families().assign(
        roster=[[1, 2]] * 160, place=[{"lat": 1.0}] * 160, took=pd.Timedelta("3min"), raw=b"\x00\xff",
        at=pd.Timestamp("2021-01-01", tz="UTC"), id=[2**53 + 1 + k for k in range(160)],
    )  # fmt: skip
    frame.to_parquet(folder / "survey.parquet")
    return [{"path": "survey.parquet"}]


def times_of_a_zone(folder: Path) -> Files:
    frame = families()
    days = {2019: "2019-12-31 23:30", 2021: "2021-03-01 00:10"}  # in UTC of another month
    frame["wave"] = pd.to_datetime(frame["wave"].map(days)).dt.tz_localize("America/Lima")
    frame.to_parquet(folder / "survey.parquet")
    return [{"path": "survey.parquet"}]


def invisible_characters(folder: Path) -> Files:
    frame = families()
    frame.loc[::3, "district"] += "\u200b"
    frame.loc[1::3, "piped"] = "\ufeff" + frame.loc[1::3, "piped"]
    frame.loc[2::3, "piped"] += "\u00a0"
    frame.to_csv(folder / "survey.csv", index=False)
    return [{"path": "survey.csv"}]


def bom_and_semicolons(folder: Path) -> Files:
    families().to_csv(folder / "survey.csv", index=False, sep=";", encoding="utf-8-sig")
    return [{"path": "survey.csv", "separator": ";"}]


def utf_16(folder: Path) -> Files:
    families().to_csv(folder / "survey.csv", index=False, encoding="utf-16")
    return [{"path": "survey.csv", "encoding": "utf-16"}]


def carriage_returns(folder: Path) -> Files:
    families().to_csv(folder / "survey.csv", index=False, lineterminator="\r")
    return [{"path": "survey.csv"}]


def blank_columns(folder: Path) -> Files:
    frame = families()
    frame.insert(1, "   ", "")
    frame.assign(vacia="  ").to_csv(folder / "survey.csv", index=False)
    return [{"path": "survey.csv"}]


def chart_sheet_first(folder: Path) -> Files:
    book = openpyxl.Workbook()
    sheet = book.active
    for row in [list(families().columns), *families().itertuples(index=False)]:
        sheet.append(row)
    chart = BarChart()
    chart.add_data(Reference(sheet, min_col=5, min_row=1, max_row=20))
    book.create_chartsheet("Grafico", 0).add_chart(chart)
    book.save(folder / "survey.xlsx")
    return [{"path": "survey.xlsx", "sheet": "Sheet"}]


@pytest.mark.parametrize(
    "written",
    [categories, kinds_of_parquet, times_of_a_zone, invisible_characters, bom_and_semicolons, utf_16, carriage_returns,
     blank_columns, chart_sheet_first],
)  # fmt: skip
def test_the_number_is_right_and_a_draft_is_made(folder, written):
    files = written(folder)
    assert answer(folder, declaration(files)) == pytest.approx(CHANGE)
    drafting(folder)()
    assert "district" in (folder / "evaluation.yaml").read_text(encoding="utf-8")


def spss_in_latin_1(folder: Path) -> None:
    """A file that states UTF-8 and holds Latin-1, as where an old program rewrote it."""
    frame = families().assign(piped=lambda each: (each["piped"] == "yes").astype(float))
    frame["district"] = frame["district"].map({place: float(k) for k, place in enumerate(PLACES, 1)})
    labels = {"piped": {1.0: "Sí", 0.0: "No"}, "district": {1.0: "Ñuñoa", 2.0: "Maipú", 3.0: "Chillán", 4.0: "Talca"}}
    pyreadstat.write_sav(frame, folder / "survey.sav", variable_value_labels=labels)
    held = (folder / "survey.sav").read_bytes()
    for label in ("Sí", "Ñuñoa", "Maipú", "Chillán"):
        utf_8 = label.encode()
        held = held.replace(utf_8, label.encode("latin-1").ljust(len(utf_8)))
    (folder / "survey.sav").write_bytes(held)


def test_spss_texts_in_another_encoding_than_stated(folder):
    spss_in_latin_1(folder)
    drafting(folder)()
    drafted = (folder / "evaluation.yaml").read_text(encoding="utf-8")
    assert "encoding: cp1252" in drafted
    assert "Ñuñoa" in drafted
    given = declaration([{"path": "survey.sav"}])
    given["districts"] = [each | {"value": k} for k, each in enumerate(given["districts"], 1)]
    given["indicators"][0] |= {"yes": [1], "no": [0]}
    said = message(lambda: answer(folder, given))
    assert said.count("\n") == 0
    assert "declare `encoding: latin-1` or `encoding: cp1252`" in said
    given["data"]["files"][0]["encoding"] = "latin-1"
    assert answer(folder, given) == pytest.approx(CHANGE)


# --- what is no survey -----------------------------------------------------------------------------------------------


def a_folder(path: Path) -> None:
    path.mkdir()


def a_loop(path: Path) -> None:
    path.symlink_to(path.with_name("other"))
    path.with_name("other").symlink_to(path)


def a_dangling_link(path: Path) -> None:
    path.symlink_to(path.with_name("gone"))


def a_pipe(path: Path) -> None:
    os.mkfifo(path)


def nothing(path: Path) -> None:
    path.write_bytes(b"")


def a_web_page(path: Path) -> None:
    path.write_text(f"<html><body>{families().to_html(index=False)}</body></html>", encoding="utf-8")


def text(path: Path) -> None:
    families().to_csv(path, index=False)


def a_workbook(path: Path) -> None:
    families().to_excel(path.with_suffix(".xlsx"), index=False)
    path.with_suffix(".xlsx").rename(path)


def a_workbook_with_a_password(path: Path) -> None:
    """The beginning of the container that Excel puts an encrypted workbook in."""
    path.write_bytes(
        bytes.fromhex("d0cf11e0a1b11ae1") + bytes(16) + bytes.fromhex("3e000300feff09000600") + bytes(4000)
    )


def a_workbook_of_zeros(path: Path) -> None:
    """The header of an old workbook, and then sectors that each lead to the first."""
    path.write_bytes(bytes.fromhex("d0cf11e0a1b11ae1") + bytes(16) + bytes.fromhex("3e000300feff0900") + bytes(4000))


def a_workbook_cut_behind_its_header(path: Path) -> None:
    a_workbook_of_zeros(path)
    path.write_bytes(path.read_bytes()[:512])


def a_workbook_without_a_table(path: Path) -> None:
    """Its header says that no sector holds the table of sectors, and that is all."""
    header = bytes.fromhex("d0cf11e0a1b11ae1") + bytes(16) + bytes.fromhex("3e000300feff09000600") + bytes(22)
    path.write_bytes(header + b"\xfe\xff\xff\xff" * 120 + bytes(4000))


@pytest.mark.parametrize(
    ("name", "made", "found"),
    [
        ("survey.xls", a_workbook_without_a_table, "found a damaged workbook"),
        ("survey.xls", a_workbook_of_zeros, "found a damaged workbook"),
        ("survey.xls", a_workbook_cut_behind_its_header, "found a damaged workbook"),
        ("survey.csv", a_folder, "found a folder"),
        ("survey.csv", a_loop, "found a link that leads to no file"),
        ("survey.csv", a_dangling_link, "found a link that leads to no file"),
        ("survey.csv", a_pipe, "found something that is no file"),
        ("survey.csv", nothing, "found an empty file"),
        ("survey.sav", nothing, "found an empty file"),
        ("survey.xlsx", nothing, "found an empty file"),
        ("survey.xls", a_web_page, "found a web page (HTML); allowed: a .xls file; open it in a spreadsheet program"),
        ("survey.xlsx", text, "rename it to survey.csv"),
        ("survey.csv", a_workbook, "rename it to survey.xlsx"),
        ("survey.xlsx", a_workbook_with_a_password, "take the password out"),
    ],
)
def test_one_message_says_what_it_is(folder, name, made, found):
    made(folder / name)
    said = message(lambda: answer(folder, declaration([{"path": name}])))
    assert found in said
    assert said.count("\n") == 0
    assert "did you mean" not in said
    (folder / "evaluation.yaml").unlink()
    (folder / "other").unlink(missing_ok=True)
    assert found in message(lambda: draft("water", [folder / name], None))


def test_a_reader_that_gives_up_is_one_sentence():
    class PanicException(BaseException):
        """As readers written in Rust raise it."""

    said = "a file that cannot be read: its reader gave up; allowed: a whole .xlsb file"
    with pytest.raises(DataError, match=said), problems_of("survey.xlsb", ".xlsb"):
        raise PanicException("index out of bounds")


def test_a_word_of_yaml_that_is_a_column_is_put_in_quotes(folder):
    names = {"piped": "true", "trust": "null"}
    families().rename(columns=names).to_csv(folder / "survey.csv", index=False)
    given = declaration([{"path": "survey.csv"}])
    for indicator in given["indicators"]:
        indicator["column"] = names[indicator["id"]]
    assert answer(folder, given) == pytest.approx(CHANGE)
    unquoted = json.dumps(given).replace('"column": "true"', '"column": true').replace(': "null"', ": null")
    said = message(lambda: answer(folder, unquoted))
    assert "found true; allowed: a text; put it in quotes" in said
    assert "found null; allowed: a text; put it in quotes" in said


def test_tabs_in_yaml_are_to_be_spaces(folder):
    families().to_csv(folder / "survey.csv", index=False)
    assert "indent with spaces, not tabs" in message(lambda: answer(folder, "title:\n\ten: Water\n"))


def test_infinite_answers_are_named_by_their_rows(folder):
    frame = families().astype({"trust": float})
    frame.loc[7, "trust"] = np.inf
    frame.to_parquet(folder / "survey.parquet")
    said = message(lambda: answer(folder, declaration([{"path": "survey.parquet"}])))
    assert "column 'trust', row 8: found 'inf', no number" in said


def test_strata_that_one_wave_lacks_are_filled_in_or_left_out(folder):
    frame = families()
    frame["stratum"] = np.where(frame["wave"] == 2019, "", "urban")
    frame.to_csv(folder / "survey.csv", index=False)
    given = declaration([{"path": "survey.csv"}])
    given["data"]["columns"]["stratum"] = "stratum"
    said = message(lambda: answer(folder, given))
    assert (
        "found no stratum; allowed: a stratum in every row; fill it in, or take `stratum` out of data.columns" in said
    )
    del given["data"]["columns"]["stratum"]
    assert answer(folder, given) == pytest.approx(CHANGE)


def lines_of_families() -> list[str]:
    return families().to_csv(index=False).splitlines()


def test_comments_above_the_header_are_passed_over(folder):
    comments = ["# Exported 2021-04-01 by SurveyTool, v2", "# do not edit"]
    (folder / "survey.csv").write_text("\n".join([*comments, *lines_of_families()]) + "\n")
    said = message(lambda: answer(folder, declaration([{"path": "survey.csv"}])))
    assert "are they in row 3? Declare `header: 3` in data.files" in said
    assert answer(folder, declaration([{"path": "survey.csv", "header": 3}])) == pytest.approx(CHANGE)
    drafting(folder)()
    assert "header: 3" in (folder / "evaluation.yaml").read_text(encoding="utf-8")


SHAPES = {
    "an end in every row": (
        lambda lines: [lines[0], *(f"{line}," for line in lines[1:])],
        "every row has one: give its",
    ),
    "row names of R": (
        lambda lines: [lines[0], *(f"{k},{line}" for k, line in enumerate(lines[1:]))],
        "numbers of rows",
    ),
    "spaces before quotation marks": (
        lambda lines: [", ".join(f'"{cell}"' for cell in line.split(",")) for line in lines],
        'found a space before the quotation mark of "wave"',
    ),
    "columns apart by spaces": (
        lambda lines: [line.replace(",", "   ") for line in lines],
        "found columns apart by spaces",
    ),
}


@pytest.mark.parametrize("shape", SHAPES)
def test_a_text_of_another_shape_is_one_message(folder, shape):
    written, found = SHAPES[shape]
    (folder / "survey.csv").write_text("\n".join(written(lines_of_families())) + "\n")
    assert found in (said := message(lambda: answer(folder, declaration([{"path": "survey.csv"}]))))
    assert said.count("\n") == 0
    assert found in message(drafting(folder))


def test_an_export_that_holds_the_earlier_one_too_is_said(folder):
    frame = families().drop(columns="id").assign(minutes=lambda each: np.arange(len(each)) * 7919 % 997)
    frame[frame["wave"] == 2019].to_csv(folder / "first.csv", index=False)
    frame.to_csv(folder / "second.csv", index=False)
    said = message(lambda: answer(folder, declaration([{"path": "first.csv"}, {"path": "second.csv"}])))
    assert "second.csv: found 80 of the 80 rows of data/raw/water/first.csv once more" in said
    assert answer(folder, declaration([{"path": "second.csv"}])) == pytest.approx(CHANGE)


@pytest.mark.parametrize("numbered", [False, True])
def test_two_waves_of_few_questions_are_no_copies(folder, numbered):
    frame = families().drop(columns="id")
    for wave, own in frame.groupby("wave"):
        if numbered:  # from 1 in each wave, so that many rows are alike
            own = own.assign(number=range(1, len(own) + 1))
        own.drop(columns="wave").to_csv(folder / f"{wave}.csv", index=False)
    given = declaration([{"path": f"{wave}.csv", "wave": f"{wave}"} for wave in (2019, 2021)])
    del given["data"]["columns"]["wave"]
    assert answer(folder, given) == pytest.approx(CHANGE)


def test_a_wave_in_two_spellings_is_drafted_as_one(folder):
    frame = families()
    frame["wave"] = frame["wave"].map({2019: "r1", 2021: "r2"})
    frame.loc[::9, "wave"] = frame["wave"].str.upper()
    frame.to_csv(folder / "survey.csv", index=False)
    assert drafting(folder)().waves == 2
    assert "value: [r1, R1]" in (folder / "evaluation.yaml").read_text(encoding="utf-8").replace("[R1, r1]", "[r1, R1]")
