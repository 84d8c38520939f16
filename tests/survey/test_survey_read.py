"""Survey files of every format give the same table; a file that cannot be read is one clear error."""

from __future__ import annotations

import hashlib
import sys
from pathlib import Path
from typing import Any

import numpy as np
import openpyxl
import pandas as pd
import pyreadstat
import pytest
from small_survey import HEADER, ROWS, csv_text

from fewdistricts import design, paths, survey
from fewdistricts.errors import DataError
from fewdistricts.survey import consistency, respondents, spill
from fewdistricts.survey.read import read


def build(declare: Any, declaration: dict[str, Any]) -> pd.DataFrame:
    declare(declaration)
    survey.build(design.load("small"))
    return survey.load("small")


def message(declare: Any, declaration: dict[str, Any]) -> str:
    declare(declaration)
    with pytest.raises(DataError) as caught:
        survey.build(design.load("small"))
    assert not (paths.processed("small") / "survey").exists()  # nothing half-written
    return str(caught.value)


def frame() -> pd.DataFrame:
    """The small survey as Stata and SPSS users hold it: numbers with value labels, None where a cell is empty."""
    out = pd.DataFrame(ROWS, columns=HEADER)
    out["safe"] = out["safe"].map({"yes": 1.0, "no": 2.0, -9: -9.0})
    out["trust"] = pd.to_numeric(out["trust"])
    return out


LABELS = {"safe": {1: "yes", 2: "no", -9: "Refused"}, "trust": {-8: "Don't know"}}


def write_xlsx(path: Path, rows: list[tuple[Any, ...]] = ROWS) -> None:
    workbook = openpyxl.Workbook()
    sheet = workbook.active
    assert sheet is not None
    sheet.append(HEADER)
    for row in rows:
        sheet.append([None if cell == "" else cell for cell in row])
    workbook.create_sheet("notes").append(["nothing here"])
    workbook.save(path)


def write(path: Path) -> None:
    """The small survey in the format of the suffix."""
    match path.suffix:
        case ".csv":
            path.write_text(csv_text(), encoding="utf-8")
        case ".xlsx":
            write_xlsx(path)
        case ".parquet":
            frame().to_parquet(path, index=False)
        case ".dta":
            pyreadstat.write_dta(frame(), str(path), variable_value_labels=LABELS)
        case ".sav":
            pyreadstat.write_sav(frame(), str(path), variable_value_labels=LABELS)


@pytest.mark.parametrize("suffix", [".csv", ".xlsx", ".parquet", ".dta", ".sav"])
def test_every_format_gives_the_same_indicators(suffix: str, home: Path, declare: Any, declaration: dict[str, Any]):
    expected = build(declare, declaration)
    write(paths.raw("small") / f"again{suffix}")
    declaration["data"]["files"] = [{"path": f"again{suffix}"}]
    if suffix == ".parquet":  # it knows no labels
        declaration["indicators"][0]["yes"] = [1]
    given = build(declare, declaration)
    common = [name for name in expected if name != "feels_safe:answer"]
    pd.testing.assert_frame_equal(given[common], expected[common])
    if suffix != ".parquet":  # labels are the answers a reader sees
        assert given["feels_safe:answer"].tolist() == expected["feels_safe:answer"].tolist()


def test_the_frame_by_hand(home: Path, declare: Any, declaration: dict[str, Any]) -> None:
    given = build(declare, declaration)
    assert given["district"].tolist() == ["north"] * 5 + ["south"] * 4
    assert given["weight"].tolist() == [1, 3, 1, 2, 2, 1, 1, 1, 1]
    assert given["feels_safe"].tolist()[:2] == [1, 0]
    assert given["feels_safe"].isna().tolist() == [False, False, True, *[False] * 6]
    assert given["feels_safe:missing"].tolist()[2] == "refused"
    assert given["trust:missing"].tolist() == ["", "", "dont_know", "", "", "", "", "", "unspecified"]
    assert given["psu"].iloc[0] == "2003/north/urban/p1"
    assert given["psu"].nunique() == 8  # two PSUs in each of four district-waves
    assert given["stratum"].nunique() == 8


def test_repeated_psus_keep_their_name_over_waves(home: Path, declare: Any, declaration: dict[str, Any]) -> None:
    declaration["data"]["sampling"] = "repeated_psu"
    assert set(build(declare, declaration)["psu"]) == {
        "north/urban/p1", "north/rural/p2", "south/urban/p1", "south/rural/p2",
    }  # fmt: skip


def test_without_design_columns_each_respondent_is_a_psu_of_weight_one(home: Path, declare: Any, declaration: Any):
    for role in ("weight", "stratum", "psu"):
        declaration["data"]["columns"].pop(role)
    given = build(declare, declaration)
    assert given["weight"].tolist() == [1.0] * 9
    assert given["psu"].nunique() == 9
    assert set(given["stratum"]) == {"2003/north", "2005/north", "2003/south", "2005/south"}


def test_panels_keep_respondents_and_their_own_psus(home: Path, declare: Any, declaration: dict[str, Any]) -> None:
    declaration["data"]["sampling"] = "panel"
    declaration["data"]["columns"] |= {"respondent": "id", "psu": None}
    given = build(declare, declaration)
    assert given["respondent"].tolist() == ["1", "2", "3", "1", "3", "4", "5", "4", "5"]
    assert given.loc[given["respondent"] == "1", "psu"].tolist() == ["north/urban/1"] * 2


def test_one_file_a_wave_with_other_names_and_codes(home: Path, declare: Any, declaration: dict[str, Any]) -> None:
    expected = build(declare, declaration)
    folder = paths.raw("small")
    first = [row for row in ROWS if row[1] == "2003"]
    second = [tuple({"yes": 1, "no": 2}.get(str(cell), cell) for cell in row) for row in ROWS if row[1] == "2005"]
    (folder / "a.csv").write_text(csv_text(first))
    (folder / "b.csv").write_text(csv_text(second, [{"safe": "q12"}.get(name, name) for name in HEADER]))
    declaration["data"]["files"] = [
        {"path": "a.csv", "wave": "2003"},
        {"path": "b.csv", "wave": "2005", "rename": {"q12": "safe"}, "recode": {"safe": {"1": "yes", "2": "no"}}},
    ]
    declaration["data"]["columns"].pop("wave")
    pd.testing.assert_frame_equal(build(declare, declaration), expected)


def test_a_wave_that_did_not_ask_needs_no_column(home: Path, declare: Any, declaration: dict[str, Any]) -> None:
    folder = paths.raw("small")
    (folder / "a.csv").write_text(csv_text([row for row in ROWS if row[1] == "2003"]))
    late = [row[:8] + row[9:] for row in ROWS if row[1] == "2005"]
    (folder / "b.csv").write_text(csv_text(late, HEADER[:8] + HEADER[9:]))  # without trust
    declaration["data"]["files"] = [{"path": "a.csv", "wave": "2003"}, {"path": "b.csv", "wave": "2005"}]
    declaration["data"]["columns"].pop("wave")
    assert "no column 'trust', which indicators[1].column (trust) names" in message(declare, declaration)
    declaration["indicators"][1]["waves"] = ["2003"]
    given = build(declare, declaration)
    assert set(given.loc[given["wave"] == "2005", "trust:missing"]) == {"not_asked"}


def test_spellings_of_districts_and_waves(home: Path, declare: Any, declaration: dict[str, Any]) -> None:
    declaration["districts"][0] |= {"id": "norte", "value": ["north"]}
    declaration["waves"][1] |= {"id": "late", "value": 2005}
    given = build(declare, declaration)
    assert set(given["district"]) == {"norte", "south"}
    assert set(given["wave"]) == {"2003", "late"}


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "latin-1", "utf-16", "cp1252"])
def test_encodings(encoding: str, home: Path, declare: Any, declaration: dict[str, Any]) -> None:
    text = csv_text().replace("yes", "sí, señor").replace("sí, señor", '"sí, señor"')
    (paths.raw("small") / "survey.csv").write_bytes(text.encode(encoding))
    if encoding not in ("utf-8", "utf-8-sig"):
        declaration["data"]["files"][0]["encoding"] = encoding
    declaration["indicators"][0]["yes"] = ["sí, señor"]
    assert build(declare, declaration)["feels_safe"].sum() == 4


def test_separators_and_decimal_commas(home: Path, declare: Any, declaration: dict[str, Any]) -> None:
    rows = [(*row[:2], "2,25", *row[3:]) for row in ROWS]
    (paths.raw("small") / "survey.csv").write_text(
        csv_text(rows, HEADER).replace("2,25", "2#25").replace(",", ";").replace("#", ",")
    )
    assert "declare `separator: ';'`" in message(declare, declaration)
    declaration["data"]["files"][0] |= {"separator": ";"}
    assert "declare `decimal: {weight: ','}`" in message(declare, declaration)
    declaration["data"]["files"][0] |= {"decimal": ","}
    assert build(declare, declaration)["weight"].tolist() == [2.25] * 9


def test_sheets_by_name_and_number(home: Path, declare: Any, declaration: dict[str, Any]) -> None:
    write_xlsx(paths.raw("small") / "s.xlsx")
    for sheet in ("Sheet", 1):
        declaration["data"]["files"] = [{"path": "s.xlsx", "sheet": sheet}]
        assert len(build(declare, declaration)) == 9


def test_user_missing_of_the_file_is_counted_without_being_declared(home: Path, declare: Any, declaration: Any):
    folder = paths.raw("small")
    pyreadstat.write_sav(frame(), str(folder / "s.sav"), variable_value_labels=LABELS, missing_ranges={"safe": [-9]})
    declaration["data"]["files"] = [{"path": "s.sav"}]
    declaration["data"]["missing"] = {"dont_know": ["Don't know"]}
    given = build(declare, declaration)
    assert given["feels_safe:missing"].iloc[2] == "unspecified"
    assert given["trust:missing"].iloc[2] == "dont_know"  # by its label
    stata = frame()
    stata["safe"] = stata["safe"].astype(object).replace(-9.0, "r")
    pyreadstat.write_dta(
        stata,
        str(folder / "s.dta"),
        variable_value_labels={"safe": {1: "yes", 2: "no"}},
        missing_user_values={"safe": ["r"]},
    )
    declaration["data"]["files"] = [{"path": "s.dta"}]
    declaration["data"]["missing"] = {"dont_know": [-8]}
    assert build(declare, declaration)["feels_safe:missing"].iloc[2] == "unspecified"
    declaration["data"]["missing"]["refused"] = [".r"]
    assert build(declare, declaration)["feels_safe:missing"].iloc[2] == "refused"


def test_a_district_written_in_pieces_is_read_as_one(
    home: Path, declare: Any, declaration: dict[str, Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    whole = build(declare, declaration)
    counted = (paths.processed("small") / "sample.parquet").read_bytes()
    monkeypatch.setattr(sys.modules["fewdistricts.survey.build"], "PIECE", 2)
    pd.testing.assert_frame_equal(build(declare, declaration), whole)
    assert (paths.processed("small") / "sample.parquet").read_bytes() == counted


def test_codes_in_a_file_give_the_same_bytes_as_codes_in_memory(
    home: Path, declare: Any, declaration: dict[str, Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    declare(declaration)
    survey.build(design.load("small"))
    folder = paths.processed("small")
    made = {file.relative_to(folder): file.read_bytes() for file in folder.rglob("*") if file.is_file()}
    assert isinstance(read(design.load("small")).columns["safe"].held, np.ndarray)
    monkeypatch.setattr(spill, "IN_MEMORY", 20)
    for sample in ("_SAMPLE", "_SAMPLE_OF_NUMBERS"):  # of so many rows some are looked at: every second
        monkeypatch.setattr(consistency, sample, 3)
    held = [column.held for column in read(design.load("small")).columns.values()]
    assert any(isinstance(codes, spill.Piece) for codes in held)
    survey.build(design.load("small"), folder / "again")
    assert made == {file: (folder / "again" / file).read_bytes() for file in made}
    assert not [
        file for file in folder.rglob("*") if file.is_file() and file.suffix not in (".arrow", ".parquet", ".json")
    ]


def test_columns_read_when_asked_for_are_those_of_the_whole_table(
    home: Path, declare: Any, declaration: dict[str, Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    declare(declaration)
    survey.build(design.load("small"))
    every = survey.opened("small")
    pd.testing.assert_frame_equal(every, survey.load("small"))
    monkeypatch.setattr(respondents, "AT_ONCE", 1)
    few = survey.opened("small")
    assert isinstance(few, respondents.Respondents) and len(few) == len(every) and "nothing" not in few
    for name in [*reversed(every.columns), *every.columns]:
        pd.testing.assert_series_equal(few[name].astype(every[name].dtype), every[name])
        assert len(few._held) <= 2
    more = few.assign(row=np.arange(len(every)))[["district", "row"]]
    assert more["row"].tolist() == list(range(len(every))) and "row" not in few


def test_the_bytes_of_a_district_depend_on_its_rows_alone(home: Path, declare: Any, declaration: dict[str, Any]):
    build(declare, declaration)
    folder = paths.processed("small") / "survey"
    before = {path.name: path.read_bytes() for path in folder.iterdir()}
    assert set(before) == {"north.arrow", "south.arrow"}
    changed = [(*ROWS[0][:6], "no", *ROWS[0][7:]), *ROWS[1:]]
    (paths.raw("small") / "survey.csv").write_text(csv_text([*changed[5:], *changed[:5]]))  # south first, too
    build(declare, declaration)
    after = {path.name: path.read_bytes() for path in folder.iterdir()}
    assert after["south.arrow"] == before["south.arrow"]
    assert after["north.arrow"] != before["north.arrow"]


def test_a_district_no_longer_declared_leaves_no_file(home: Path, declare: Any, declaration: dict[str, Any]) -> None:
    build(declare, declaration)
    (paths.raw("small") / "survey.csv").write_text(csv_text([row for row in ROWS if row[0] == "north"]))
    declaration["districts"].pop()
    assert set(build(declare, declaration)["district"]) == {"north"}


def test_load_takes_some_districts_and_columns(home: Path, declare: Any, declaration: dict[str, Any]) -> None:
    build(declare, declaration)
    given = survey.load("small", ["south"], ["wave", "trust"])
    assert list(given.columns) == ["wave", "trust"]
    assert len(given) == 4
    with pytest.raises(DataError, match="did you mean 'south'"):
        survey.load("small", ["sout"])
    with pytest.raises(DataError, match="no built survey"):
        survey.load("other")


def test_districts_from_the_data(home: Path, declare: Any, declaration: dict[str, Any]) -> None:
    declaration["districts"] = {"column": "district", "arm": "arm", "name": "name", "start": "start"}
    declaration["data"]["columns"].pop("district")
    extra = {"north": ("pilot", "Norte Ñ", "2004-05"), "south": ("comparison", "Sur", "")}
    (paths.raw("small") / "survey.csv").write_text(
        csv_text([row + extra[row[0]] for row in ROWS], [*HEADER, "arm", "name", "start"]), encoding="utf-8"
    )
    declare(declaration)
    resolved = survey.resolve(design.load("small"))
    assert [(d.id, d.arm, d.name["en"]) for d in resolved.districts] == [
        ("north", "pilot", "Norte Ñ"), ("south", "comparison", "Sur"),
    ]  # fmt: skip
    survey.build(design.load("small"))
    assert [d.id for d in design.load("small").districts] == ["north", "south"]  # known from now on
    assert str(design.load("small").start_of("north")) == "2004-05-01"
    text = (paths.raw("small") / "survey.csv").read_text()
    (paths.raw("small") / "survey.csv").write_text(text.replace("pilot", "piloto", 1))
    with pytest.raises(DataError, match="another arm than the district's first row"):
        survey.resolve(design.load("small"))


BROKEN_FILES: dict[str, tuple[str, bytes, str]] = {
    "empty": ("survey.csv", b"", "an empty file"),
    "header only": ("survey.csv", (",".join(HEADER) + "\n").encode(), "no rows below the header"),
    "latin-1": (
        "survey.csv",
        csv_text().replace("yes", "sí").encode("latin-1"),
        "survey.csv, line 2: found bytes that",
    ),
    "binary": ("survey.csv", b"\x89PNG\r\n\x1a\n\x00\xff", "bytes that are not utf-8"),
    "short row": (
        "survey.csv",
        (csv_text() + "north,2003\n").encode(),
        "survey.csv, row 11: found 2 cells; allowed: 10 cells",
    ),
    "two columns of a name": ("survey.csv", csv_text().replace("victim", "safe", 1).encode(), "2 columns named 'safe'"),
    "truncated dta": ("s.dta", b"<stata_dta><header><release>118</release>", "cannot be read"),
    "text as dta": ("s.dta", b"hello", "found text, such as that of a .csv file"),
    "text as sav": ("s.sav", b"hello", "found text, such as that of a .csv file"),
    "text as xlsx": ("s.xlsx", b"hello", "found text, such as that of a .csv file"),
    "text as parquet": ("s.parquet", b"hello", "found text, such as that of a .csv file"),
}


@pytest.mark.parametrize("name", BROKEN_FILES)
def test_a_broken_file_is_one_clear_error(name: str, home: Path, declare: Any, declaration: dict[str, Any]) -> None:
    file, content, expected = BROKEN_FILES[name]
    (paths.raw("small") / file).write_bytes(content)
    declaration["data"]["files"] = [{"path": file}]
    said = message(declare, declaration)
    assert expected in said
    assert f"data/raw/small/{file}" in said
    assert str(home) not in said  # no path of the machine


@pytest.mark.parametrize("suffix", [".xlsx", ".parquet", ".dta", ".sav"])
def test_truncated_files(suffix: str, home: Path, declare: Any, declaration: dict[str, Any]) -> None:
    path = paths.raw("small") / f"cut{suffix}"
    write(path)
    path.write_bytes(path.read_bytes()[: path.stat().st_size // 2])
    declaration["data"]["files"] = [{"path": path.name}]
    assert f"data/raw/small/cut{suffix}" in message(declare, declaration)


def test_wrong_encoding_declared_the_other_way_round(home: Path, declare: Any, declaration: dict[str, Any]) -> None:
    (paths.raw("small") / "survey.csv").write_text(csv_text().replace("yes", "sí"), encoding="utf-8")
    declaration["data"]["files"][0]["encoding"] = "latin-1"
    assert "found UTF-8, when `encoding` says iso8859-1" in message(declare, declaration)


def test_sha256(home: Path, declare: Any, declaration: dict[str, Any]) -> None:
    digest = hashlib.sha256((paths.raw("small") / "survey.csv").read_bytes()).hexdigest()
    declaration["data"]["files"][0]["sha256"] = digest.upper()
    assert len(build(declare, declaration)) == 9
    (paths.raw("small") / "survey.csv").write_text(csv_text().replace("yes", "no", 1))
    declare(declaration)
    with pytest.raises(DataError, match=f"allowed: {digest}"):
        survey.build(design.load("small"))


def test_problems_of_all_files_come_together(home: Path, declare: Any, declaration: dict[str, Any]) -> None:
    (paths.raw("small") / "b.csv").write_text("x\n1\n")
    declaration["data"]["files"] = [
        {"path": "surve.csv"},
        {"path": "b.csv"},
        {"path": "survey.csv", "sha256": "0" * 64},
    ]
    said = message(declare, declaration)
    assert "did you mean 'survey.csv'" in said
    assert "b.csv: found none of 7 columns that evaluation.yaml names, such as 'district'" in said
    assert "sha256" in said
    assert len(said.splitlines()) == 3


def test_a_missing_column_names_the_nearest(home: Path, declare: Any, declaration: dict[str, Any]) -> None:
    declaration["indicators"][0]["column"] = "saef"
    declaration["data"]["files"][0]["rename"] = {"q1": "q2"}
    said = message(declare, declaration)
    assert "did you mean 'safe'?" in said
    assert "no column 'q1', which data.files.rename names" in said


@pytest.mark.parametrize("suffix", [".csv", ".xlsx"])
def test_empty_rows_count_in_the_numbers_of_rows(suffix: str, home: Path, declare: Any, declaration: dict[str, Any]):
    """A spreadsheet counts empty rows, and a cell with a line break as one row."""
    rows: list[Any] = [*ROWS]
    rows[2] = (*ROWS[2][:9], "f\ng")  # row 4
    rows[6] = (*ROWS[6][:8], 8, "f")  # trust is a scale from 1 to 7: row 8, or 10 below two empty ones
    path = home / f"data/raw/small/survey{suffix}"
    if suffix == ".csv":
        text = csv_text([tuple(f'"{cell}"' if "\n" in str(cell) else cell for cell in row) for row in rows])
        path.write_text("\n" + text.replace("\nnorth,2005,2,rural", "\n\nnorth,2005,2,rural"), encoding="utf-8")
    else:
        empty: Any = (None,) * len(HEADER)
        write_xlsx(path, [*rows[:3], empty, empty, *rows[3:]])
    declaration["data"]["files"] = [{"path": path.name}]
    assert "column 'trust', row 10: found '8', outside the scale" in message(declare, declaration)


def test_rows_left_out_are_counted(home: Path, declare: Any, declaration: dict[str, Any]) -> None:
    declaration["data"]["leave_out"] = {"district": ["south"], "sex": ["m"]}
    declaration["districts"] = declaration["districts"][:1]
    frame = build(declare, declaration)
    assert frame.groupby("wave").size().to_dict() == {"2003": 2, "2005": 1}  # the women of north
    sample = pd.read_parquet(paths.processed("small") / "sample.parquet")
    left_out = sample[sample["kind"] == "left_out"]
    assert left_out[["district", "wave", "indicator", "n"]].to_numpy().tolist() == [
        ["", "2003", "sex=m", 1],
        ["", "2005", "sex=m", 1],
        ["", "2003", "district=south", 2],
        ["", "2005", "district=south", 2],
    ]


def test_numbers_of_rows_stand_when_others_are_left_out(home: Path, declare: Any, declaration: dict[str, Any]) -> None:
    declaration["data"]["leave_out"] = {"sex": ["m"]}
    changed = [*ROWS]
    changed[6] = (*ROWS[6][:8], 8, "f")
    (home / "data/raw/small/survey.csv").write_text(csv_text(changed), encoding="utf-8")
    assert "row 8: found '8', outside the scale" in message(declare, declaration)


def test_leaving_out_what_is_not_there(home: Path, declare: Any, declaration: dict[str, Any]) -> None:
    declaration["data"]["leave_out"] = {"district": ["souht"]}
    said = message(declare, declaration)
    assert "column 'district': found no row with 'souht', which data.leave_out names" in said
    assert "did you mean 'south'?" in said
