"""What evaluators' files look like: each kind is read as it is meant, or one message says what to declare."""

from __future__ import annotations

import gzip
import shutil
import zipfile
from collections import Counter
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import openpyxl
import pandas as pd
import pyreadstat
import pytest
import workbooks
from small_survey import HEADER, ROWS, csv_text

from fewdistricts import design, paths, survey
from fewdistricts.errors import ConfigurationError, DataError
from fewdistricts.estimates.pipeline import estimates
from fewdistricts.survey.formats import FORMATS, Format
from fewdistricts.survey.nonanswers import missing_kind
from fewdistricts.survey.source import Source, of_cells

Declaration = dict[str, Any]
RIGHT = [1, 0, None, 1, 1, 0, 1, 0, 0]
"""`feels_safe` of the rows of the small survey: yes, no, refused, yes, yes; no, yes, no, no."""


@pytest.fixture
def built(home: Path, declare: Any, declaration: Declaration) -> Any:
    """Builds the small evaluation as it is declared now."""

    def build() -> pd.DataFrame:
        declare(declaration)
        survey.build(design.load("small"))
        return survey.load("small")

    return build


@pytest.fixture
def refused(home: Path, declare: Any, declaration: Declaration) -> Any:
    """The error that the small evaluation gives as it is declared now."""

    def build() -> str:
        declare(declaration)
        with pytest.raises((DataError, ConfigurationError)) as caught:
            survey.build(design.load("small"))
        return str(caught.value)

    return build


def write(text: str, name: str = "survey.csv", encoding: str = "utf-8") -> None:
    (paths.raw("small") / name).write_text(text, encoding=encoding)


def with_column(name: str, values: list[Any], rows: list[tuple[Any, ...]] = ROWS) -> str:
    """The small survey with one more column."""
    return csv_text([(*row, value) for row, value in zip(rows, values, strict=True)], [*HEADER, name])


def safe(frame: pd.DataFrame) -> list[float | None]:
    return [None if pd.isna(value) else value for value in frame["feels_safe"]]


def mean_of(declaration: Declaration, column: str, **more: Any) -> Declaration:
    """Declares a mean beside the other indicators."""
    indicator = {"id": column, "label": column, "column": column} | more
    declaration["indicators"].append(indicator)
    return indicator


QUOTED = ['"1,234"', "950", '"2,000"', "10", "20", '"1,000"', "7", "0", "5"]


def test_three_digits_after_every_mark_are_asked_about(built: Any, refused: Any, declaration: Declaration) -> None:
    write(with_column("income", QUOTED))
    mean_of(declaration, "income")
    for decimal in ({}, {"decimal": ","}):
        declaration["data"]["files"][0] = {"path": "survey.csv"} | decimal
        assert "such as '1,234', in which every ',' is followed by three digits" in refused()
    declaration["data"]["files"][0] = {"path": "survey.csv", "thousands": {"income": ","}}
    assert built()["income"].tolist() == [1234, 950, 2000, 10, 20, 1000, 7, 0, 5]
    declaration["data"]["files"][0] = {"path": "survey.csv", "decimal": {"income": ","}}
    assert built()["income"].tolist() == [1.234, 950, 2, 10, 20, 1, 7, 0, 5]


def test_a_point_is_no_decimal_under_a_comma(built: Any, refused: Any, declaration: Declaration) -> None:
    write(with_column("income", ["1.234", "950", '"1,5"', "10", "20", "1.000", "7", "0", "5"]))
    mean_of(declaration, "income")
    declaration["data"]["files"][0] |= {"decimal": ","}
    assert "found '1.234' under `decimal: ','`" in refused()
    declaration["data"]["files"][0] |= {"thousands": "."}
    assert built()["income"].tolist() == [1234, 950, 1.5, 10, 20, 1000, 7, 0, 5]


def test_texts_of_a_workbook_have_marks_too(built: Any, refused: Any, declaration: Declaration) -> None:
    workbook = openpyxl.Workbook()
    workbook.active.append(HEADER)
    for row in ROWS:
        cells = list(row)
        cells[2] = f"{row[2]},50"
        workbook.active.append([None if cell == "" else cell for cell in cells])
    workbook.save(paths.raw("small") / "survey.xlsx")
    declaration["data"]["files"] = [{"path": "survey.xlsx"}]
    assert "declare `decimal: {weight: ','}`" in refused()
    declaration["data"]["files"][0]["decimal"] = {"weight": ","}
    assert built()["weight"].tolist() == [row[2] + 0.5 for row in ROWS]


def test_names_differ_by_form_and_spaces_only(built: Any, declaration: Declaration) -> None:
    write(csv_text().replace("safe", "\u00a0opinio\u0301n\u200b", 1))
    declaration["indicators"][0]["column"] = "opinión"
    assert safe(built()) == RIGHT


def test_another_case_of_a_name_offers_rename(refused: Any) -> None:
    write(csv_text().replace("district", "District", 1))
    assert "declare `rename: {District: district}`" in refused().replace("Declare", "declare")


TOPS = {
    "hxl": ("#adm2,#date,#meta,#meta,#meta,#id,#x,#x,#x,#x\n", 1, "HXL tags", {"first_row": 3}),
    "words": ("Where,Wave,Weight,Stratum,Unit,Number,Safe?,Victim?,Trust,Sex\n", 1, "second row of", {"first_row": 3}),
    "title": ("Survey of 2005\n\n", 0, "'Survey of 2005' alone", {"header": 3}),
    "groups": ("Place,,Design,,,,Answers,,,\n", 0, "names of groups, such as 'Place'", {"header": 2}),
    "qualtrics": (
        "Where,When,W,S,P,I,Q,V,T,X\n" + ",".join(['"{""ImportId"":""QID1""}"'] * 10) + "\n", 1, "of Qualtrics",
        {"first_row": 4},
    ),
}  # fmt: skip


@pytest.mark.parametrize("kind", TOPS)
def test_rows_above_the_answers(kind: str, built: Any, refused: Any, declaration: Declaration) -> None:
    extra, after, what, declared = TOPS[kind]
    lines = csv_text().splitlines(keepends=True)
    write("".join([*lines[:after], extra, *lines[after:]]))
    message = refused()
    assert what in message and all(f"`{key}: {row}`" in message for key, row in declared.items())
    declaration["data"]["files"][0] |= declared
    assert safe(built()) == RIGHT


def test_rows_of_a_message_are_those_of_the_file(refused: Any, declaration: Declaration) -> None:
    lines = csv_text().replace("south,2005,1,rural", "suth,2005,1,rural").splitlines(keepends=True)
    write("".join([*lines[:1], "#a,#b,#c,#d,#e,#f,#g,#h,#i,#j\n", *lines[1:5], "\n", *lines[5:]]))
    declaration["data"]["files"][0] |= {"first_row": 3}
    assert "row 12: found unknown district 'suth'" in refused()


def test_a_total_and_a_note_below_the_answers(built: Any, refused: Any, declaration: Declaration) -> None:
    write(csv_text() + "TOTAL,,13,,,,,,,\n\nSource: the municipality,,,,,,,,,\n")
    message = refused()
    assert message.count("Declare `last_row: 10`") == 2  # the total and the note alike
    declaration["data"]["files"][0]["last_row"] = 10
    assert safe(built()) == RIGHT


def test_a_file_for_each_district(built: Any, declaration: Declaration) -> None:
    files = []
    for name in ("north", "south"):
        rows = [row[1:] for row in ROWS if row[0] == name]
        write(csv_text(rows, HEADER[1:]), f"{name}.csv")
        files.append({"path": f"{name}.csv", "value": {"district": name}})
    declaration["data"]["files"] = files
    assert safe(built()) == RIGHT


def test_a_panel_with_a_column_a_wave(built: Any, refused: Any, declaration: Declaration) -> None:
    write("id,district,safe_bl,safe_el\n1,north,yes,no\n2,north,no,yes\n3,south,no,no\n4,south,yes,no\n", "wide.csv")
    declaration["data"] |= {"sampling": "panel", "columns": {"district": "district", "respondent": "id"}}
    declaration["indicators"] = [declaration["indicators"][0]]
    declaration["data"]["files"] = [{"path": "wide.csv", "wave": "2003"}]
    assert "list the file once a wave" in refused()
    declaration["data"]["files"] = [
        {"path": "wide.csv", "wave": "2003", "rename": {"safe_bl": "safe"}},
        {"path": "wide.csv", "wave": "2005", "rename": {"safe_el": "safe"}},
    ]
    assert built().groupby(["district", "wave"])["feels_safe"].mean().tolist() == [0.5, 0.5, 0.5, 0]
    declaration["data"]["files"][1]["rename"] = {"safe_bl": "safe"}
    assert "'wide.csv' a second time" in refused()


@pytest.mark.parametrize("called", ["{}_2003", "{}1", "bl_{}"])
def test_columns_of_one_wave_are_renamed(called: str, built: Any, refused: Any, declaration: Declaration) -> None:
    files = []
    for wave in ("2003", "2005"):
        rows = [row for row in ROWS if row[1] == wave]
        header = [called.format(name) if name in ("safe", "trust") and wave == "2003" else name for name in HEADER]
        write(csv_text(rows, header), f"{wave}.csv")
        files.append({"path": f"{wave}.csv"})
    declaration["data"]["files"] = files
    wide = {called.format("safe"): "safe", called.format("trust"): "trust"}
    pairs = ", ".join(f"{own}: {name}" for own, name in wide.items())
    said = refused()
    assert f"if these are of a wave, declare `rename: {{{pairs}}}` in data.files" in said
    assert said.count("\n") == 0
    files[0]["rename"] = wide
    assert Counter(safe(built())) == Counter(RIGHT)


def test_labels_in_one_file_are_texts_in_another(built: Any, declaration: Declaration) -> None:
    first = pd.DataFrame([row for row in ROWS if row[1] == "2003"], columns=HEADER)
    first["safe"] = first["safe"].map({"yes": 1.0, "no": 2.0, -9: -9.0})
    first["district"] = first["district"].map({"north": 1.0, "south": 2.0})
    labels = {"safe": {1: "yes", 2: "no"}, "district": {1: "north", 2: "south"}}
    pyreadstat.write_dta(first, str(paths.raw("small") / "2003.dta"), variable_value_labels=labels)
    write(csv_text([row for row in ROWS if row[1] == "2005"]), "2005.csv")
    declaration["data"]["files"] = [{"path": "2003.dta"}, {"path": "2005.csv"}]
    declaration["indicators"][0]["no"] = ["no"]
    assert sorted(safe(built()), key=str) == sorted(RIGHT, key=str)


def test_a_code_that_files_label_otherwise(built: Any, refused: Any, declaration: Declaration) -> None:
    files = []
    for wave, labels in (("2003", {1: "yes", 2: "no"}), ("2005", {2: "yes", 1: "no"})):
        frame = pd.DataFrame([row for row in ROWS if row[1] == wave], columns=HEADER)
        codes = {label: float(code) for code, label in labels.items()}
        frame["safe"] = frame["safe"].map(codes | {-9: -9.0})
        path = paths.raw("small") / f"{wave}.dta"
        pyreadstat.write_dta(frame, str(path), variable_value_labels={"safe": labels})
        files.append({"path": path.name})
    declaration["data"]["files"] = files
    declaration["indicators"][0]["yes"] = [1]
    assert "code '1' labelled 'no', which is code '2' in data/raw/small/2003.dta" in refused()
    files[1]["recode"] = {"safe": {1: 2, 2: 1}}
    assert sorted(safe(built()), key=str) == sorted(RIGHT, key=str)


def test_recode_by_label_and_a_key_that_changes_nothing(built: Any, refused: Any, declaration: Declaration) -> None:
    declaration["data"]["files"][0]["recode"] = {"safe": {"yes": 1, "no": 0, "yess": 2}}
    declaration["indicators"][0]["yes"] = [1]
    assert "no answer 'yess', which `recode` names" in refused()
    del declaration["data"]["files"][0]["recode"]["safe"]["yess"]
    assert safe(built()) == RIGHT


def test_dates_belong_to_the_wave_of_their_fieldwork(built: Any, refused: Any, declaration: Declaration) -> None:
    write(csv_text().replace(",2003,", ",2003-11-17,").replace(",2005,", ",2005-03,"))
    assert safe(built()) == RIGHT
    write(csv_text().replace(",2003,", ",2004-06-01,"))
    assert "found dates such as '2004-06-01'; allowed: dates in the `fieldwork` of one wave" in refused()


DATES = {
    "day first": ("%d/%m/%Y", "found dates such as '01/01/2004'", "widen the `fieldwork` of the wave"),
    "month and year": ("%m/%Y", "found dates such as '11/2003'", "write them in the file as year-month-day"),
    "serial": ("", "found days as spreadsheets count them, such as '37942'", "give the column the format of a date"),
}


@pytest.mark.parametrize("kind", DATES)
def test_dates_of_no_wave_are_one_message(kind: str, refused: Any) -> None:
    form, found, remedy = DATES[kind]
    days = [date(2003, 11, 17) + timedelta(days=45 * i) for i in range(5)]
    days += [date(2005, 3, 1) + timedelta(days=45 * i) for i in range(4)]
    written = [day.strftime(form) if form else str((day - date(1899, 12, 30)).days) for day in days]
    write(csv_text([(row[0], day, *row[2:]) for row, day in zip(ROWS, written, strict=True)]))
    message = refused()
    assert message.count("data/raw/small") == 1
    assert found in message and remedy in message and "unknown wave" not in message


def test_a_number_of_five_digits_is_a_date_only_where_a_wave_has_it(refused: Any) -> None:
    write(csv_text().replace(",2003,", ",20031,"))
    assert "unknown wave '20031'" in refused()


@pytest.mark.parametrize("encoding", ["utf-16", "utf-32"])
@pytest.mark.parametrize("declared", [None, "latin-1"])
def test_a_byte_order_mark_tells_the_encoding(
    encoding: str, declared: str | None, built: Any, refused: Any, declaration: Declaration
) -> None:
    write(csv_text(), encoding=encoding)
    declaration["data"]["files"][0] |= {"encoding": declared} if declared else {}
    message = refused()
    assert f"found the first bytes of a file in {encoding}" in message
    assert f"declare `encoding: {encoding}` in data.files" in message and "cp1252" not in message
    declaration["data"]["files"][0]["encoding"] = encoding
    assert safe(built()) == RIGHT


@pytest.mark.parametrize(("form", "first", "second"), [("%tm", 526.0, 542.0), ("%tq", 175.0, 180.0)])
def test_months_and_quarters_of_stata(form: str, first: float, second: float, built: Any, declaration: Declaration):
    frame = pd.DataFrame(ROWS, columns=HEADER).astype({"safe": str, "trust": str})
    frame["wave"] = frame["wave"].map({"2003": first, "2005": second})
    path = paths.raw("small") / "s.dta"
    pyreadstat.write_dta(frame, str(path), variable_format={"wave": form})
    declaration["data"]["files"] = [{"path": "s.dta"}]
    assert safe(built()) == RIGHT


def packed(name: str) -> None:
    path = paths.raw("small") / name
    if path.suffix == ".gz":
        path.write_bytes(gzip.compress(csv_text().encode()))
    elif path.suffix == ".zip":
        with zipfile.ZipFile(path, "w") as archive:
            archive.writestr("inside/survey.csv", csv_text())
    elif path.suffix == ".xls":
        shutil.copy(Path(workbooks.__file__).parent / "small.xls", path)
    elif path.suffix == ".xlsb":
        workbooks.write_xlsb(path, [HEADER, *ROWS])
    elif path.suffix == ".ods":
        workbooks.write_ods(path, [HEADER, *ROWS])
    elif path.suffix == ".tab":
        path.write_text(csv_text().replace(",", "\t"))
    else:
        frame = pd.DataFrame(ROWS, columns=HEADER).astype({"safe": str, "trust": str, "wave": str})
        if path.suffix == ".xpt":
            pyreadstat.write_xport(frame, str(path), file_format_version=8)
        elif path.suffix == ".por":
            pyreadstat.write_por(frame.rename(columns=str.upper), str(path))
        else:
            pyreadstat.write_sav(frame, str(path), compress=True)


FURTHER = ["survey.csv.gz", "survey.zip", "survey.tab", "s.xpt", "s.zsav", "s.por", "s.xls", "s.xlsb", "s.ods"]


@pytest.mark.parametrize("name", FURTHER)
def test_further_formats(name: str, built: Any, declaration: Declaration) -> None:
    packed(name)
    rename = {column.upper(): column for column in HEADER} if name.endswith(".por") else {}
    declaration["data"]["files"] = [{"path": name, "rename": rename}]
    assert safe(built()) == RIGHT


def test_a_format_that_is_not_read_says_what_to_do(refused: Any, declaration: Declaration) -> None:
    write("RDX", "survey.rds")
    declaration["data"]["files"] = [{"path": "survey.rds"}]
    assert 'in R: `haven::write_sav(readRDS("survey.rds"), "survey.sav")`' in refused()


def test_a_new_format_is_one_entry(monkeypatch: pytest.MonkeyPatch, built: Any, declaration: Declaration) -> None:
    def open_rows(path: Path, where: str, file: design.File) -> Source:
        rows = [line.split("|") for line in path.read_text().splitlines()]
        return Source(tuple(rows[0]), lambda places: iter([of_cells(rows[1:], places)]), first_row=2)

    monkeypatch.setitem(FORMATS, ".piped", Format(open_rows))
    write(csv_text().replace(",", "|"), "survey.piped")
    declaration["data"]["files"] = [{"path": "survey.piped"}]
    assert safe(built()) == RIGHT


def test_an_interview_twice_by_the_id_of_its_program(built: Any, refused: Any, declaration: Declaration) -> None:
    ids = [f"uuid:{i}" for i in range(8)] + ["uuid:7"]
    write(with_column("_uuid", ids))
    assert "column '_uuid', row 10: found 1 interview a second time, such as 'uuid:7'" in refused()
    declaration["data"] |= {"duplicates": "keep"}
    assert "add `duplicates_reason:`" in refused()
    declaration["data"] |= {"duplicates_reason": "Two interviewers shared a device"}
    assert safe(built()) == RIGHT


def test_rows_that_repeat(refused: Any) -> None:
    columns = [f"q{i}" for i in range(12)]
    rows = [(*row, *((k * (i + 3)) % 5 for i in range(12))) for k, row in enumerate(ROWS)]
    header = [name for name in [*HEADER, *columns] if name != "id"]
    bare = [tuple(cell for name, cell in zip([*HEADER, *columns], row, strict=True) if name != "id") for row in rows]
    write(csv_text([*bare, bare[3]], header))
    assert "row 11: found a row that repeats an earlier one in all" in refused()


def test_rows_that_differ_in_a_measured_number_do_not_repeat(built: Any) -> None:
    """No value of it occurs twice, as of an id; but ids have no decimals."""
    columns = [f"q{i}" for i in range(12)]
    rows = [(*row[:-1], k + 0.25, *((k * (i + 3)) % 5 for i in range(12))) for k, row in enumerate(ROWS)]
    again = (*rows[3][: len(HEADER) - 1], 99.5, *rows[3][len(HEADER) :])
    write(csv_text([*rows, again], [*HEADER[:-1], "hours", *columns]))
    assert len(built()) == len(rows) + 1


def test_the_same_file_for_both_waves(refused: Any, declaration: Declaration) -> None:
    rows = csv_text([row for row in ROWS if row[1] == "2003"])
    declaration["data"]["columns"].pop("wave")
    declaration["data"]["files"] = []
    for wave in ("2003", "2005"):
        write(rows, f"{wave}.csv")
        declaration["data"]["files"].append({"path": f"{wave}.csv", "wave": wave})
    assert "2005.csv: found the same file as data/raw/small/2003.csv" in refused()


NO_ANSWERS = {
    "don't know by name": ("No sabe", "declare `missing: {dont_know: [No sabe]}`"),
    "a word for nothing": ("NA", "declare `missing: {unspecified: [NA]}`"),
}


@pytest.mark.parametrize("kind", NO_ANSWERS)
def test_answers_of_a_share_that_are_none(kind: str, refused: Any) -> None:
    word, remedy = NO_ANSWERS[kind]
    write(csv_text().replace(",no,", f",{word},", 1))
    assert f"found '{word}' in 1 row, counted as an answer ('feels_safe')" in (message := refused())
    assert remedy in message


def test_a_labelled_point_of_a_scale_that_is_none(refused: Any, declaration: Declaration) -> None:
    frame = pd.DataFrame(ROWS, columns=HEADER).astype({"safe": str})
    frame["trust"] = pd.to_numeric(frame["trust"]).replace(-8, 0)
    pyreadstat.write_sav(frame, str(paths.raw("small") / "s.sav"), variable_value_labels={"trust": {0: "Missing"}})
    declaration["data"]["files"] = [{"path": "s.sav"}]
    declaration["indicators"][1]["scale"] = [0, 7]
    assert "found '0' labelled 'Missing' in 1 row, counted as an answer ('trust')" in refused()


def test_a_number_far_from_the_others(built: Any, refused: Any, declaration: Declaration) -> None:
    write(with_column("times", [0, 1, 0, 2, 99, 0, 1, 0, 99]))
    times = mean_of(declaration, "times")
    assert "found '99' in 2 rows, far from the other answers ('times')" in refused()
    times["scale"] = [0, 99]
    assert built()["times"].max() == 99
    del times["scale"]
    declaration["data"]["missing"]["dont_know"].append(99)
    assert built()["times"].mean() == pytest.approx((0 + 1 + 0 + 2 + 0 + 1 + 0) / 7)


SPIKES = {  # number: rows, and the codes that are no answers
    "as frequent as the answers": ({0: 9, 1: 9, 2: 9, 3: 9, 4: 9, 5: 9, 8: 7, 9: 6}, [8, 9]),
    "two answers": ({0: 30, 1: 20, 9: 5}, [9]),
    "a true count": ({0: 60, 1: 30, 2: 15, 3: 9, 4: 7, 5: 6, 6: 6, 7: 5, 8: 5, 9: 5}, []),
    "a count whose largest is rare": ({0: 60, 1: 30, 2: 15, 3: 5, 4: 2, 8: 1, 9: 1}, []),
    "a scale to eight": ({1: 9, 2: 9, 3: 9, 4: 9, 5: 9, 6: 9, 7: 9, 8: 9}, []),
    "pairs": ({0: 20, 2: 15, 4: 10, 6: 8, 8: 6}, []),
    "a working day": ({0: 20, 2: 3, 4: 15, 5: 4, 8: 40, 10: 6, 12: 5}, []),
}


@pytest.mark.parametrize("kind", SPIKES)
def test_eight_and_nine_beyond_a_gap(kind: str, built: Any, refused: Any, declaration: Declaration) -> None:
    rows_of, none = SPIKES[kind]
    values = [value for value, rows in rows_of.items() for _ in range(rows)]
    rows = [(*ROWS[i % len(ROWS)][:5], i, *ROWS[i % len(ROWS)][6:]) for i in range(len(values))]
    write(with_column("times", values, rows))
    mean_of(declaration, "times")
    if not none:
        assert built()["times"].mean() == pytest.approx(sum(values) / len(values))
        return
    message = refused()
    for code in none:
        assert f"found '{code}' in {rows_of[code]} rows, far from the other answers ('times')" in message
    assert message.count("far from the other answers") == len(none)


def test_negative_codes_beyond_a_gap(refused: Any, declaration: Declaration) -> None:
    declaration["data"]["missing"] = {"refused": ["-99"]}
    values = [*range(6), -9] * 6
    rows = [(*ROWS[i % 9][:5], i, "yes", *ROWS[i % 9][7:8], 1, "f") for i in range(len(values))]
    write(with_column("balance", values, rows))
    mean_of(declaration, "balance")["non_negative"] = False
    assert "found '-9' in 6 rows, far from the other answers ('balance')" in refused()


def test_a_covariate_with_a_code_for_nothing(refused: Any, declaration: Declaration) -> None:
    write(with_column("age", [30, 41, 22, 65, 999, 18, 50, 33, 999]))
    declaration["covariates"] = ["age"]
    assert "found '999' in 2 rows, far from the other answers (covariate 'age')" in refused()


def test_ticks_without_a_no(built: Any, refused: Any, declaration: Declaration) -> None:
    write(with_column("light", ["X", "", "X", "", "X", "", "X", "", ""]))
    declaration["indicators"].append({"id": "light", "label": "Light", "column": "light", "yes": ["X"]})
    assert "found nothing but 'X' and 5 empty cells ('light')" in refused()
    declaration["indicators"][-1]["blank"] = "no"
    assert built()["light"].tolist() == [1, 0, 1, 0, 1, 0, 1, 0, 0]


def test_losses_are_declared(built: Any, refused: Any, declaration: Declaration) -> None:
    values = [-495, 200, -335, 10, -344, 0, 100, -20, 5]
    write(with_column("profit", values))
    profit = mean_of(declaration, "profit")
    assert "'-495', '-335', '-344' and 1 further answer, negative ('profit')" in (message := refused())
    assert "declare `non_negative: false`" in message
    profit["non_negative"] = False
    assert built()["profit"].tolist() == values


def test_one_question_coded_twice(refused: Any, declaration: Declaration) -> None:
    rows = [(*row, 1 + row[7] if row[1] == "2003" else row[7]) for row in ROWS]
    declaration["data"]["files"] = []
    for wave in ("2003", "2005"):
        write(csv_text([row for row in rows if row[1] == wave], [*HEADER, "asked"]), f"{wave}.csv")
        declaration["data"]["files"].append({"path": f"{wave}.csv"})
    mean_of(declaration, "asked")
    assert "declare `recode: {asked: {2: 0}}`" in refused()


def test_units_that_lost_their_zeros(built: Any, refused: Any, declaration: Declaration) -> None:
    declaration["data"] |= {"sampling": "repeated_psu", "files": [], "across_districts": False}
    for wave, zeros in (("2003", "0"), ("2005", "")):
        rows = [tuple(f"{zeros}10{cell[1]}" if cell in ("p1", "p2") else cell for cell in row) for row in ROWS]
        write(csv_text([row for row in rows if row[1] == wave]), f"{wave}.csv")
        declaration["data"]["files"].append({"path": f"{wave}.csv"})
    assert "declare `pad: {psu: 4}`" in (message := refused())
    assert "found 2 PSUs spelled otherwise than in another wave, such as '101' and '0101'" in message
    declaration["data"]["files"][1]["pad"] = {"psu": 4}
    assert built()["psu"].nunique() == 4


def test_a_panel_whose_people_never_meet(refused: Any, declaration: Declaration) -> None:
    rows = [(*row[:5], row[5] if row[1] == "2003" else f"b{row[5]}", *row[6:]) for row in ROWS]
    write(csv_text(rows))
    declaration["data"] |= {"sampling": "panel"}
    declaration["data"]["columns"]["respondent"] = "id"
    assert "found 0 of 4 respondents of wave '2005' in any other wave" in refused()


def test_units_over_districts_are_declared(built: Any, refused: Any, declaration: Declaration) -> None:
    villages = [(*row[:4], f"v{500 + 7 * k}", *row[5:]) for k in range(40) for row in ROWS]
    apart = [
        (*row[:4], f"w{k % 3}" if row[0] == "south" and k > 8 else row[4], *row[5:]) for k, row in enumerate(villages)
    ]
    write(csv_text([(*row[:5], k, *row[6:]) for k, row in enumerate(apart)]))
    declaration["data"]["columns"] |= {"stratum": None, "respondent": "id"}
    assert "2 PSUs in two districts, such as 'v500' in 'north' and 'south'" in refused()
    declaration["data"]["across_districts"] = True
    frame = built()
    assert {"2003/v500", "2003/w0"} < set(frame["psu"])
    assert set(frame["stratum"]) == {"2003", "2005"}  # districts through which a unit runs are no strata
    rows = estimates(design.load("small"), frame)
    assert (rows["estimand"] == "level").any()
    declaration["data"]["across_districts"] = False
    assert built().query("psu.str.endswith('v500')")["psu"].nunique() == 4


def test_people_who_move_between_districts_are_declared(built: Any, refused: Any, declaration: Declaration) -> None:
    rows = [
        (district, wave, 1, "urban", "p", 700 + 3 * k if wave == "2003" or k % 2 else 2000 + 3 * k, "yes", 1, 5, "f")
        for district, first in (("north", 0), ("south", 40))
        for wave in ("2003", "2005")
        for k in range(first, first + 40)
    ]
    moved = [(*row[:5], 703, *row[6:]) if row[5] == 823 and row[1] == "2005" else row for row in rows]
    write(csv_text([row for row in moved if not (row[0] == "north" and row[1] == "2005" and row[5] == 703)]))
    declaration["data"] |= {"sampling": "panel", "missing": {}}
    declaration["data"]["columns"] = {"district": "district", "wave": "wave", "respondent": "id"}
    assert "1 respondents in two districts, such as '703' in 'north' and 'south'" in refused()
    declaration["data"]["across_districts"] = True
    assert built().query("respondent == '703'")["psu"].unique().tolist() == ["all/703"]


def test_strata_of_a_panel_that_are_called_otherwise(refused: Any, declaration: Declaration) -> None:
    write(csv_text([(*row[:3], f"{row[3]}-{row[1]}", *row[4:]) for row in ROWS]))
    declaration["data"] |= {"sampling": "panel"}
    declaration["data"]["columns"] |= {"psu": None, "respondent": "id"}
    assert "found 0 of 2 stratum ids of wave '2005' in any other wave" in refused()


def test_signs_in_numbers_and_merged_cells(refused: Any, declaration: Declaration) -> None:
    write(with_column("share", ["21%", "35%", "14%", "1%", "2%", "3%", "4%", "5%", "6%"]))
    mean_of(declaration, "share")
    assert "take signs such as %" in refused()
    declaration["indicators"].pop()
    write(csv_text([("" if k not in (0, 5) else row[0], *row[1:]) for k, row in enumerate(ROWS)]))
    assert "are the cells merged, or filled in once a respondent? Fill them down" in refused()


def test_formulas_that_were_never_calculated_are_said_so(refused: Any, declaration: Declaration) -> None:
    """Scripts write formulas without values; a spreadsheet fills them in when it opens and saves the file."""
    book = openpyxl.Workbook()
    book.active.append([*HEADER, "double"])
    for i, row in enumerate(ROWS):
        book.active.append([*row, f"=A{i + 2}*2"])
    book.save(paths.raw("small") / "survey.xlsx")
    declaration["data"]["files"] = [{"path": "survey.xlsx"}]
    mean_of(declaration, "double")
    said = refused()
    assert "formulas" in said and "double" in said and "save" in said


def test_no_message_quotes_a_row(refused: Any) -> None:
    write(csv_text() + "north,2003,1,urban,p1,9,yes,1,5,f,a secret\n")
    assert "row 11: found 11 cells; allowed: 10 cells" in (message := refused())
    assert "secret" not in message


def test_backslashes_before_quotes(built: Any, refused: Any, declaration: Declaration) -> None:
    words = ['"said \\"nothing\\", and left"', *["ok"] * 8]
    write(with_column("comment", words))
    assert "declare `escape:" in refused()
    declaration["data"]["files"][0]["escape"] = "\\"
    assert safe(built()) == RIGHT


def test_characters_no_document_can_carry(refused: Any, declaration: Declaration) -> None:
    declaration["indicators"][0]["label"] = "Safe \ufffe"
    assert "found the character U+FFFE at 'label'" in refused()
    declaration["indicators"][0]["label"] = "Safe \U0001f693"
    assert "indicators[0].label" in (message := refused()) and "found the character U+1F693" in message
    declaration["indicators"][0]["label"] = "Safe \u2013 \u03b1"
    write(csv_text().replace("yes", "ye\uffff", 1))
    assert "row 2: found the character U+FFFF" in refused()


def test_a_carriage_return_is_a_line_break(declare: Any, declaration: Declaration) -> None:
    declaration["data"]["source"] = "One\r\nTwo\rThree"
    declare(declaration)
    assert design.load("small").data.source["en"] == "One\nTwo\nThree"


def test_latin_1_of_stata(built: Any, declaration: Declaration) -> None:
    frame = pd.DataFrame(ROWS, columns=HEADER).astype({"safe": str, "trust": str})
    path = paths.raw("small") / "s.dta"
    pyreadstat.write_dta(frame.replace({"safe": {"yes": "sX"}}), str(path), version=8)
    path.write_bytes(path.read_bytes().replace(b"sX", b"s\xed"))
    declaration["data"]["files"] = [{"path": "s.dta", "encoding": "latin-1"}]
    declaration["indicators"][0]["yes"] = ["sí"]
    assert safe(built()) == RIGHT


def test_districts_followed_over_time_need_no_respondent(declare: Any, declaration: Declaration) -> None:
    declaration["data"] |= {"level": "district", "sampling": "panel"}
    declaration["data"]["columns"] = {"district": "district", "wave": "wave"}
    declare(declaration)
    assert design.load("small").data.sampling == "panel"


def test_a_covariate_is_shown_by_its_declared_answers(built: Any, declaration: Declaration) -> None:
    write(with_column("sexo", [1, 2, 1, 1, 2, 2, 1, 2, 1]))
    declaration["covariates"] = ["sexo"]
    declaration["labels"] = {"sexo": {"label": "Sex", "answers": {1: "Men", 2: "Women"}}}
    assert sorted(set(built()["sexo"])) == ["1", "2"]  # answers, which tables call as `labels` declares


def test_a_blank_number_is_zero_where_it_means_no(built: Any, declaration: Declaration) -> None:
    write(with_column("times", ["", 3, "", 1, "", "", 2, "", ""]))
    mean_of(declaration, "times", blank="no")
    assert built()["times"].tolist() == [0, 3, 0, 1, 0, 0, 2, 0, 0]


def test_columns_of_another_sheet_are_one_message(refused: Any, declaration: Declaration) -> None:
    with pd.ExcelWriter(paths.raw("small") / "survey.xlsx") as workbook:
        pd.DataFrame({"household": [1, 2], "rooms": [3, 4]}).to_excel(workbook, sheet_name="households", index=False)
        pd.DataFrame(ROWS, columns=HEADER).to_excel(workbook, sheet_name="members", index=False)
    declaration["data"]["files"] = [{"path": "survey.xlsx"}]
    message = refused()
    assert len(message.splitlines()) == 1
    assert "none of the columns 'district'" in message
    assert "sheet 'members' has it" in message


def test_a_second_sheet_of_respondents_is_named(built: Any, refused: Any, declaration: Declaration) -> None:
    rows = pd.DataFrame(ROWS, columns=HEADER)
    with pd.ExcelWriter(paths.raw("small") / "survey.xlsx") as workbook:
        rows[:6].to_excel(workbook, sheet_name="north", index=False)
        rows[6:].to_excel(workbook, sheet_name="south", index=False)
        pd.DataFrame().to_excel(workbook, sheet_name="Sheet3", index=False)
    declaration["data"]["files"] = [{"path": "survey.xlsx"}]
    assert "found the columns of sheet 'north' in 'south', too" in refused()
    declaration["data"]["files"] = [{"path": "survey.xlsx", "sheet": name} for name in ("north", "south")]
    assert safe(built()) == RIGHT


@pytest.mark.parametrize("encoding", ["utf-16-le", "utf-16-be"])
def test_utf_16_without_a_mark(encoding: str, built: Any, refused: Any, declaration: Declaration) -> None:
    write(csv_text(), encoding=encoding)
    assert f"declare `encoding: {encoding}` in data.files" in refused()
    declaration["data"]["files"][0]["encoding"] = encoding
    assert safe(built()) == RIGHT


def test_totals_between_the_answers_are_left_out(built: Any, refused: Any, declaration: Declaration) -> None:
    rows = [list(row) for row in ROWS]
    totals = [["Total north", *rows[0][1:]], ["Total south", *rows[5][1:]]]
    write(csv_text([*rows[:5], totals[0], *rows[5:], totals[1]]))
    message = refused()
    assert "are they totals? Then declare `leave_out: {district: [Total north, Total south]}` in data" in message
    assert "did you mean" not in message
    declaration["data"]["leave_out"] = {"district": ["Total north", "Total south"]}
    assert safe(built()) == RIGHT


def test_weights_in_percent_and_weights_of_nothing(refused: Any) -> None:
    write(csv_text([(*row[:2], f"{row[2]}%", *row[3:]) for row in ROWS]))
    assert "take signs such as % out of the file" in refused()
    write(csv_text([(*row[:2], 0, *row[3:]) for row in ROWS]))
    message = refused()
    assert len(message.splitlines()) == 1
    assert "all 0 in district 'north', wave '2003'; district 'north', wave '2005'" in message


def test_answers_of_another_kind_name_the_declared_ones(refused: Any, declaration: Declaration) -> None:
    frame = pd.DataFrame(ROWS, columns=HEADER).astype({"safe": str, "trust": str})
    frame["safe"] = frame["safe"] == "yes"
    frame.to_parquet(paths.raw("small") / "survey.parquet")
    declaration["data"]["files"] = [{"path": "survey.parquet"}]
    declaration["indicators"][0] |= {"yes": [1], "no": [0]}
    assert "found the undeclared answers 'true', 'false' ('feels_safe'); allowed: 1, 0" in refused()


def test_a_far_answer_of_a_covariate_is_declared_as_one(built: Any, refused: Any, declaration: Declaration) -> None:
    write(with_column("region", [1, 2, 1, 2, 1, 2, 1, 2, 99]))
    declaration["covariates"] = ["region"]
    assert "or `labels: {region: {answers: {99: …}}}` if it is an answer" in refused()
    answers = {"1": "Coast", "2": "Hills", "99": "Abroad"}
    declaration["labels"] = {"region": {"label": "Region", "answers": answers}}
    assert len(built()) == len(ROWS)


@pytest.mark.parametrize(
    ("label", "kind"),
    [
        ("No precisa", "dont_know"),
        ("No opina", "dont_know"),
        ("Não sabe", "dont_know"),
        ("Can't remember", "dont_know"),
        ("Recusou-se a responder", "refused"),
        ("Não respondeu", "refused"),
        ("Não se aplica", "not_applicable"),
        ("Ignorado", "unspecified"),
        ("No indica", "unspecified"),
        ("No precisa ayuda", None),
        ("Não", None),
    ],
)
def test_what_labels_say_of_no_answer(label: str, kind: str | None) -> None:
    assert missing_kind(label) == kind


def test_a_number_outside_the_scale_is_no_matter_of_signs(refused: Any) -> None:
    write(csv_text().replace("urban,p1,1,yes,1,5,f", "urban,p1,1,yes,1,0,f"))
    assert "name it under `missing:`, or declare the `scale:` that was asked" in refused()


@pytest.mark.parametrize("answers", [{"yes": ["yes"], "no": ["no"]}, {"yes": ["yes"]}])
def test_no_answer_by_its_name_is_never_taken_for_a_no(answers: Any, refused: Any, declaration: Declaration) -> None:
    write(csv_text().replace(",no,", ",None,", 1))
    declaration["indicators"][0] |= answers
    assert "declare `missing: {unspecified: [None]}`" in (message := refused())
    assert "did you mean" not in message


def as_workbook(path: Path) -> None:
    workbook = openpyxl.Workbook()
    for row in [HEADER, *ROWS]:
        workbook.active.append(row)
    with path.open("wb") as stream:
        workbook.save(stream)


def as_old_workbook(path: Path) -> None:
    shutil.copy(Path(workbooks.__file__).parent / "small.xls", path)


def as_open_document(path: Path) -> None:
    workbooks.write_ods(path, [HEADER, *ROWS])


def as_text(path: Path) -> None:
    path.write_text(csv_text())


def as_text_of_excel(path: Path) -> None:
    path.write_text(csv_text(), encoding="utf-16")


def as_page(path: Path) -> None:
    path.write_text("\n<html><body><table><tr><td>district</td></tr></table></body></html>")


def as_spss(path: Path) -> None:
    pyreadstat.write_sav(pd.DataFrame({"district": ["north"]}), str(path))


def as_stata(path: Path) -> None:
    pyreadstat.write_dta(pd.DataFrame({"district": ["north"]}), str(path))


OTHERS = [
    (as_workbook, "survey.csv", "found an Excel workbook (.xlsx); allowed: a .csv file; rename it to survey.xlsx"),
    (as_workbook, "survey.xls", "found an Excel workbook (.xlsx); allowed: a .xls file; rename it to survey.xlsx"),
    (as_old_workbook, "survey.xlsx", "rename it to survey.xls, or take the password out"),
    (as_open_document, "survey.xlsx", "found an OpenDocument spreadsheet (.ods)"),
    (as_text, "survey.xlsx", "found text, such as that of a .csv file; allowed: a .xlsx file; rename it to survey.csv"),
    (as_text_of_excel, "survey.xls", "rename it to survey.csv, and declare that `path` in data.files"),
    (as_page, "survey.xls", "found a web page (HTML); allowed: a .xls file; open it in a spreadsheet program and save"),
    (as_page, "survey.csv", "found a web page (HTML); allowed: a .csv file"),
    (as_spss, "survey.dta", "found an SPSS file (.sav); allowed: a .dta file; rename it to survey.sav"),
    (as_stata, "survey.csv", "found a Stata file (.dta); allowed: a .csv file; rename it to survey.dta"),
]


@pytest.mark.parametrize(("write_as", "name", "said"), OTHERS)
def test_a_file_of_another_kind_than_its_name_says(
    write_as: Any, name: str, said: str, refused: Any, declaration: Declaration
) -> None:
    write_as(paths.raw("small") / name)
    declaration["data"]["files"] = [{"path": name}]
    assert said in (message := refused())
    assert message.count("data/raw/small") == 1


def test_a_header_within_the_answers_is_one_message(built: Any, refused: Any, declaration: Declaration) -> None:
    write(csv_text([*ROWS[:5], tuple(HEADER), *ROWS[5:]]))
    message = refused()
    assert "survey.csv, row 7: found the names of the columns once more" in message
    assert "declare `leave_out: {district: [district]}` in data" in message
    assert message.count("data/raw/small") == 1
    declaration["data"]["leave_out"] = {"district": ["district"]}
    assert safe(built()) == RIGHT


def test_points_between_labelled_ends_are_answers(built: Any, refused: Any, declaration: Declaration) -> None:
    frame = pd.DataFrame(ROWS, columns=HEADER).assign(agree=[1.0, 2, 3, 4, 5, 2, 3, 5, 1])
    frame["trust"] = pd.to_numeric(frame["trust"]).replace(-8, 1)
    pyreadstat.write_sav(frame, str(paths.raw("small") / "s.sav"), variable_value_labels={"agree": {1: "No", 5: "Yes"}})
    declaration["data"]["files"] = [{"path": "s.sav"}]
    declaration["indicators"][1:] = [{"id": "agree", "label": "Agree", "column": "agree", "yes": [4, 5]}]
    assert built()["agree"].tolist() == [0, 0, 0, 1, 1, 0, 0, 1, 0]
    frame["agree"] = [1.0, 5, 6, 1, 5, 1, 5, 1, 5]
    pyreadstat.write_sav(frame, str(paths.raw("small") / "s.sav"), variable_value_labels={"agree": {1: "No", 5: "Yes"}})
    declaration["indicators"][1]["yes"] = [5]
    assert "the undeclared code '6' ('agree')" in refused()


def test_rows_of_separators_behind_the_answers_are_no_rows(built: Any, refused: Any, declaration: Declaration) -> None:
    lines = [line + ",," for line in csv_text().splitlines()]
    write("\n".join([*lines, "," * 11, "," * 11, "," * 11]) + "\n")
    assert built()["feels_safe"].sum() == 4
    declaration["data"]["leave_out"] = {"district": ["south"]}
    del declaration["districts"][1]
    assert len(built()) == 5
    write("\n".join([*lines[:3], "," * 11, *lines[3:]]) + "\n")
    assert "row 4: found no district" in refused()


@pytest.mark.parametrize("named", [("survey_2005.csv", "survey_2003.csv"), ("endline.csv", "baseline (2).csv")])
def test_files_exchanged_between_waves_are_said(
    named: tuple[str, str], built: Any, refused: Any, declaration: Declaration
) -> None:
    for name, year in zip(named, ("2003", "2005"), strict=True):
        write(csv_text([row for row in ROWS if row[1] == year]), name)
    declaration["data"]["columns"]["wave"] = None
    waves = declaration["waves"]
    waves[0]["label"], waves[1]["label"] = {"en": "Baseline 2003"}, {"en": "Endline survey"}
    first, then = named
    declaration["data"]["files"] = [{"path": first, "wave": "2003"}, {"path": then, "wave": "2005"}]
    assert f"found '{first}' as wave '2003' and '{then}' as '2005'; allowed: each file as the wave" in refused()
    declaration["data"]["files"] = [{"path": first, "wave": "2005"}, {"path": then, "wave": "2003"}]
    assert len(built()) == len(ROWS)


def test_files_named_by_a_year_of_release_are_of_any_wave(built: Any, declaration: Declaration) -> None:
    names = {"2003": "release 2005.csv", "2005": "release 2006 of 2005.csv"}
    for year, name in names.items():
        write(csv_text([row for row in ROWS if row[1] == year]), name)
    declaration["data"]["columns"]["wave"] = None
    declaration["data"]["files"] = [{"path": name, "wave": year} for year, name in names.items()]
    assert len(built()) == len(ROWS)


def test_a_district_made_of_two_is_said_to_be_both(built: Any, refused: Any, declaration: Declaration) -> None:
    merged = [("north/south" if row[1] == "2005" and row[0] == "south" else row[0], *row[1:]) for row in ROWS]
    write(csv_text(merged))
    message = refused()
    assert "found unknown district 'north/south'" in message
    assert "is it both together? Then declare one district with `value: [north, south, north/south]`" in message
    declaration["districts"] = [{**declaration["districts"][0], "value": ["north", "south", "north/south"]}]
    assert len(built()) == len(ROWS)


def test_people_of_a_new_sample_who_were_all_asked_before(built: Any, refused: Any, declaration: Declaration) -> None:
    """Not where ids are numbered from 1 in each wave."""
    declaration["data"]["columns"] = {"district": "district", "wave": "wave", "respondent": "id"}
    ids = [51_437, 60_318, 63_011, 77_204, 80_951]
    places = [(place, wave, number) for wave in ("2003", "2005") for place in ("north", "south") for number in ids]
    lines = [
        (place, wave, 1, "urban", "p", f"{place}{n}", ("yes", "no")[n % 2], 1, 5, "f") for place, wave, n in places
    ]
    write(csv_text(lines))
    assert "found 10 of 10 respondents of wave '2005' in an earlier wave" in refused()
    assert "are they the same people? Declare `sampling: panel`" in refused()
    declaration["data"]["sampling"] = "panel"
    assert len(built()) == 20
    declaration["data"]["sampling"] = "cross_section"
    write(csv_text([(*line[:5], ids.index(int(line[5][5:])) + 1, *line[6:]) for line in lines]))
    assert len(built()) == 20


def test_a_code_among_weights(built: Any, refused: Any, declaration: Declaration) -> None:
    write(csv_text([(*row[:2], 99 if k == 3 else row[2], *row[3:]) for k, row in enumerate(ROWS)]))
    assert "row 5: found 99, far above the other weights, of which the largest is 3" in refused().replace("'", "")
    declaration["data"]["files"][0]["recode"] = {"weight": {99: 99}}
    assert built()["weight"].max() == 99


REWORDED = [
    ({1: "Very safe", 2: "Safe", 3: "Unsafe"}, {1: "Not safe at all", 2: "So so", 3: "Completely safe"}),
    ({1: "Nada", 3: "Mucho"}, {1: "Siempre", 3: "Nunca"}),
]


@pytest.mark.parametrize(("first", "then"), REWORDED)
def test_a_scale_that_other_words_turn_round(
    first: dict[int, str], then: dict[int, str], built: Any, refused: Any, declaration: Declaration
) -> None:
    for year, labels in (("2003", first), ("2005", then)):
        rows = [row for row in ROWS if row[1] == year]
        frame = pd.DataFrame(rows, columns=HEADER).assign(trust=[1 + 2 * (k % 2) for k in range(len(rows))])
        pyreadstat.write_dta(frame, str(paths.raw("small") / f"{year}.dta"), variable_value_labels={"trust": labels})
    declaration["data"]["files"] = [{"path": "2003.dta"}, {"path": "2005.dta"}]
    declaration["indicators"][1]["scale"] = [1, 3]
    message = refused()
    assert f"found code '1' labelled '{then[1]}', and '{first[1]}' in data/raw/small/2003.dta" in message
    assert "is the scale turned round? Declare `recode: {trust: {1: 3, 3: 1}}` for one of the files" in message
    declaration["data"]["files"][1]["recode"] = {"trust": {1: 3, 3: 1}}
    assert built().groupby("wave")["trust"].mean().round(2).tolist() == [1.8, 2]


def test_a_scale_in_other_words_of_one_direction_is_one(built: Any, declaration: Declaration) -> None:
    words = {"2003": {1: "Muy inseguro", 3: "Muy seguro", -8: "No sabe"}, "2005": {1: "Not at all", 3: "Yes, very"}}
    for year, labels in words.items():
        frame = pd.DataFrame([row for row in ROWS if row[1] == year], columns=HEADER).assign(
            trust=[1, 3, 1, 3, 3][:4] + [3] * (year == "2003")
        )
        pyreadstat.write_dta(frame, str(paths.raw("small") / f"{year}.dta"), variable_value_labels={"trust": labels})
    declaration["data"]["files"] = [{"path": "2003.dta"}, {"path": "2005.dta"}]
    assert len(built()) == len(ROWS)
