"""Kinds of files that people hold, and what `make new` makes of each: small surveys written by hand."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import openpyxl
import pandas as pd
import pyreadstat
import pytest
from drafts import fill_in
from ruamel.yaml import YAML

from fewdistricts import design, paths, survey
from fewdistricts.draft import draft
from fewdistricts.draft.places import is_no_district
from fewdistricts.errors import DataError
from fewdistricts.spelling import nearly

PLACES = ("Ancón", "Chilca", "El Tambo", "Jauja")
SAFE = {1: "Sí", 2: "No"}
HEADER = ["distrito", "ola", "upm", "pond", "villid", "seguro", "veces"]


def rows(years: tuple[int, ...] = (2003, 2005)) -> list[list[Any]]:
    """Twelve interviews a district and wave."""
    out: list[list[Any]] = []
    for year in years:
        for d, place in enumerate(PLACES):
            for k in range(12):
                weight = 1 + (k % 5) / 4 + 0.01
                safe = "Sí" if (k + d + year) % 3 else "No"
                out.append([place, year, f"0{d + 1}{k // 4:02}", weight, 1000 + 50 * d + k, safe, k % 4])
    return out


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("EVALUATION_HOME", str(tmp_path / "home"))
    return tmp_path


def csv(path: Path, header: list[str], lines: list[list[Any]]) -> Path:
    text = "\n".join(",".join(str(cell) for cell in line) for line in [header, *lines]) + "\n"
    path.write_text(text, encoding="utf-8")
    return path


def drafted(*files: Path, form: Path | None = None) -> tuple[str, dict[str, Any]]:
    path = draft("new", files, form).path
    text = path.read_text(encoding="utf-8")
    return text, YAML(typ="safe", pure=True).load(text)


def build(given: dict[str, Any]) -> pd.DataFrame:
    """The survey of a draft that is filled in as it asks."""
    fill_in(given)
    for k, district in enumerate(given["districts"]):
        district["arm"] = ("pilot", "comparison")[k % 2]
    with (paths.raw("new") / "evaluation.yaml").open("w", encoding="utf-8") as stream:
        YAML(typ="safe", pure=True).dump(given, stream)
    survey.build(design.load("new"))
    return survey.load("new")


def ids(given: dict[str, Any]) -> list[str]:
    return [each["id"] for each in given["indicators"]]


def test_ids_are_no_indicators_and_pond_is_the_weight(home: Path) -> None:
    text, given = drafted(csv(home / "s.csv", HEADER, rows()))
    assert given["data"]["columns"]["weight"] == "pond"
    assert ids(given) == ["seguro", "veces"]
    assert "villid (looks like an id)" in text


def test_the_same_district_in_several_spellings_is_one(home: Path) -> None:
    lines = rows()
    for i, spelled in ((0, "ANCON"), (1, " ancón"), (13, "Chílca")):
        lines[i][0] = spelled
    _, given = drafted(csv(home / "s.csv", HEADER, lines))
    assert [each["id"] for each in given["districts"]] == ["ancon", "chilca", "el-tambo", "jauja"]
    assert set(given["districts"][0]["value"]) == {"Ancón", "ANCON", "ancón"}


@pytest.mark.parametrize(
    ("one", "other"), [("Escola Municipal A", "Escola Municipal B"), ("Zona Norte II", "Zona Norte III")]
)
def test_a_letter_or_a_roman_numeral_that_stands_alone_is_no_slip(one: str, other: str) -> None:
    assert not nearly(one, other)
    assert nearly(one, one.replace("o", "", 1))


def test_a_name_with_its_code_is_the_same_district(home: Path) -> None:
    lines = [[f"{150101 + PLACES.index(place)} - {place}" if year == 2005 else place, year, *rest]
             for place, year, *rest in rows()]  # fmt: skip
    _, given = drafted(csv(home / "s.csv", HEADER, lines))
    assert [(each["id"], each["name"]) for each in given["districts"]] == [
        ("ancon", "Ancón"), ("chilca", "Chilca"), ("el-tambo", "El Tambo"), ("jauja", "Jauja"),
    ]  # fmt: skip
    assert build(given).groupby("district")["wave"].nunique().tolist() == [2, 2, 2, 2]


def test_districts_that_no_other_wave_has_are_said(home: Path) -> None:
    arabic = dict(zip(PLACES, ["أنكون", "تشيلكا", "تامبو", "خاوخا"], strict=True))
    lines = [[arabic[place] if year == 2005 else place, year, *rest] for place, year, *rest in rows()]
    text, given = drafted(csv(home / "s.csv", HEADER, lines))
    assert "# check: only in 2003: Ancón, Chilca, El Tambo, Jauja; only in 2005: أنكون, تامبو," in text
    with pytest.raises(DataError, match="found no district with rows in two waves") as raised:
        build(given)
    assert "only in 2005: district-5, district-6, district-7, district-8" in str(raised.value)
    for district in given["districts"][:4]:
        district["value"] = [district["name"], arabic[district["name"]]]
    del given["districts"][4:]
    assert build(given).groupby("district")["wave"].nunique().tolist() == [2, 2, 2, 2]


def test_a_district_in_capitals_in_one_file_is_named_as_in_the_other(home: Path) -> None:
    lines = rows()
    for line in lines[::2]:
        line[0] = line[0].upper()
    _, given = drafted(csv(home / "s.csv", HEADER, lines))
    assert [each["name"] for each in given["districts"]] == ["Ancón", "Chilca", "El Tambo", "Jauja"]


def test_totals_and_footnotes_are_left_out(home: Path) -> None:
    lines = [*rows(), ["TOTAL", "", "", 120, "", "", 9], ["Fuente: municipalidad", "", "", "", "", "", ""]]
    _, given = drafted(csv(home / "s.csv", HEADER, lines))
    assert given["data"]["leave_out"] == {"distrito": ["Fuente: municipalidad", "TOTAL"]}
    assert len(given["districts"]) == 4


def test_a_sign_in_the_place_of_a_district_is_none(home: Path) -> None:
    lines = rows()
    lines[3][0] = lines[60][0] = "-"
    _, given = drafted(csv(home / "s.csv", HEADER, lines))
    assert [each["id"] for each in given["districts"]] == ["ancon", "chilca", "el-tambo", "jauja"]
    assert given["data"]["leave_out"] == {"distrito": ["-"]}
    assert len(build(given)) == len(lines) - 2


def test_signs_that_say_no_answer_are_drafted_as_missing(home: Path) -> None:
    lines = rows()
    lines[3][5], lines[9][5], lines[60][6] = "-", "#DIV/0!", "?"
    _, given = drafted(csv(home / "s.csv", HEADER, lines))
    assert given["data"]["missing"] == {"unspecified": ["#DIV/0!", "-", "?"]}
    frame = build(given)
    answers = [line[5] for line in lines if line[5] in ("Sí", "No")]
    assert frame["seguro"].mean() == pytest.approx(answers.count("Sí") / len(answers), abs=0.05)


def test_places_that_are_called_like_a_footnote_are_places() -> None:
    assert [name for name in ("Fuente", "Media Luna", "Nota Grande") if is_no_district(name)] == []
    assert is_no_district("Total general")
    assert is_no_district("Promedio nacional")
    assert is_no_district("Nota: datos preliminares")


@pytest.mark.parametrize(
    ("above", "below", "keys"),
    [
        ([["Encuesta de seguridad"], []], [], {"header": 3}),
        ([["Identificación", "", "", "", "Seguridad", "", ""]], [], {"header": 2}),
        ([], [["#adm3", "#date", "#loc", "#meta", "#id", "#indicator", "#indicator"]], {"first_row": 3}),
        (
            [],
            [["Distrito", "Ola", "UPM", "Peso", "Vivienda", "¿Seguro?", "Veces"], ['{"ImportId":"Q1"}'] * 7],
            {"first_row": 4},
        ),
    ],
)
def test_names_and_answers_are_found_among_other_rows(home: Path, above, below, keys) -> None:
    path = home / "s.xlsx"
    book = openpyxl.Workbook()
    for line in [*above, HEADER, *below, *rows()]:
        book.active.append([cell if cell != "" else None for cell in line])
    book.save(path)
    _, given = drafted(path)
    (file,) = given["data"]["files"]
    assert {key: file[key] for key in ("header", "first_row") if key in file} == keys
    assert ids(given) == ["seguro", "veces"]


def test_codes_far_from_all_answers_are_no_answers(home: Path) -> None:
    lines = rows()
    for i in (3, 20, 40):
        lines[i][-1] = 99
    _, given = drafted(csv(home / "s.csv", HEADER, lines))
    assert given["indicators"][1]["missing"] == {"unspecified": [99]}


def test_what_the_survey_would_refuse_or_ask_about_is_drafted(home: Path) -> None:
    lines = rows()
    sexes, hours = ("f", "m", "f", "F", "Female", "m"), [*range(0, 90), 99]
    more = [[999 if k % 20 == 7 else 18 + k % 60, sexes[k % 6], hours[k % len(hours)], k] for k in range(len(lines))]
    header = [*HEADER, "edad", "sexo", "horas", "hogar"]
    lines[5][3] = 99999
    text, given = drafted(csv(home / "s.csv", header, [[*a, *b] for a, b in zip(lines, more, strict=True)]))
    assert given["data"]["missing"] == {"unspecified": [999]}
    assert given["data"]["files"][0]["recode"] == {"sexo": {"F": "f", "Female": "f"}}
    assert given["covariates"] == ["edad", "sexo"]
    assert next(each for each in given["indicators"] if each["id"] == "horas")["missing"] == {"unspecified": [999, 99]}
    assert "weight: pond  # check: 99,999 is more than 500 times the median: a code, or a lost decimal mark?" in text
    given["data"]["leave_out"] = {"pond": [99999]}
    frame = build(given)
    assert sorted(frame["sexo"].unique()) == ["f", "m"]
    assert frame["edad"].max() == 77


def test_a_code_of_a_covariate_that_is_an_answer_elsewhere_is_recoded(home: Path) -> None:
    lines = rows()
    more = [[98 if k % 20 == 7 else k % 40, 80 + k % 20] for k in range(len(lines))]
    header = [*HEADER, "edad", "puntos"]
    text, given = drafted(csv(home / "s.csv", header, [[*a, *b] for a, b in zip(lines, more, strict=True)]))
    assert "missing" not in given["data"]
    assert "`recode: {edad: {98: -98}}` in data.files" in " ".join(text.replace("\n# ", " ").split())


def test_a_file_for_each_district_and_wave(home: Path) -> None:
    files = []
    for year in (2003, 2005):
        for place in PLACES:
            lines = [line[2:] for line in rows((year,)) if line[0] == place]
            files.append(csv(home / f"{place.lower().replace(' ', '-')}_{year}.csv", HEADER[2:], lines))
    _, given = drafted(*files)
    assert [each["id"] for each in given["waves"]] == ["2003", "2005"]
    assert [each["id"] for each in given["districts"]] == ["ancon", "chilca", "el-tambo", "jauja"]
    assert given["data"]["files"][0]["value"] == {"district": "ancón"}
    assert given["data"]["columns"]["district"] == "district"


def test_a_panel_with_columns_for_each_wave(home: Path) -> None:
    header = ["id", "distrito", "pond", "seguro_bl", "seguro_el", "veces_bl", "veces_el"]
    lines = [[f"H{i:03}", line[0], line[3], line[5], "Sí", line[6], 1] for i, line in enumerate(rows((2003,)))]
    _, given = drafted(csv(home / "panel.csv", header, lines))
    assert [file["wave"] for file in given["data"]["files"]] == ["bl", "el"]
    assert given["data"]["files"][1]["rename"] == {"seguro_el": "seguro", "veces_el": "veces"}
    assert (given["data"]["sampling"], given["data"]["columns"]["respondent"]) == ("panel", "id")
    assert ids(given) == ["seguro", "veces"]


def test_a_panel_with_the_wave_before_its_columns(home: Path) -> None:
    header = ["id", "distrito", "bl_seguro", "bl_veces", "el_seguro", "el_veces"]
    lines = [[f"H{i:03}", line[0], line[5], line[6], "Sí", 1] for i, line in enumerate(rows((2003,)))]
    _, given = drafted(csv(home / "panel.csv", header, lines))
    assert given["data"]["files"][1]["rename"] == {"el_seguro": "seguro", "el_veces": "veces"}
    assert ids(given) == ["seguro", "veces"]


@pytest.mark.parametrize("is_turned", [True, False])
def test_a_scale_that_a_wave_turned_round_is_said(home: Path, is_turned: bool) -> None:
    answers = [1, 1, 1, 2, 2, 3, 4, 1, 2, 5]
    lines = []
    for i, line in enumerate(rows()):
        answer = answers[i * 7 % 10]
        lines.append([*line, 6 - answer if is_turned and line[1] == 2005 else answer])
    text, _ = drafted(csv(home / "s.csv", [*HEADER, "confia"], lines))
    assert ("# check: the answers of 2005 look like those of 2003 turned round" in text) == is_turned
    assert ("`recode: {confia: {1: 5, 2: 4, 3: 3, 4: 2, 5: 1}}`" in text) == is_turned


def test_days_whose_month_is_not_clear_are_no_answers(home: Path) -> None:
    lines = [[*line, f"{i % 12 + 1}/{i % 11 + 1}/2003"] for i, line in enumerate(rows())]
    text, given = drafted(csv(home / "s.csv", [*HEADER, "visita"], lines))
    assert ids(given) == ["seguro", "veces"]
    assert "visita (dates; as year-month-day they could tell the waves" in " ".join(text.replace("#", " ").split())


def test_a_format_of_r_names_the_way_out(home: Path) -> None:
    (home / "s.rds").write_bytes(b"x")
    with pytest.raises(DataError, match=r"haven::write_sav\(readRDS"):
        draft("new", [home / "s.rds"], None)


def test_numbers_with_a_sign_are_said_to_be_numbers(home: Path) -> None:
    text, _ = drafted(csv(home / "s.csv", [*HEADER, "gasto"], [[*line, f"{i}%"] for i, line in enumerate(rows())]))
    assert "gasto (numbers with a sign, as '0%': a mean, once the file has them without)" in " ".join(
        text.replace("#", " ").split()
    )


def test_the_table_of_a_repeat_group_is_left_out(home: Path) -> None:
    survey_csv = csv(home / "survey.csv", [*HEADER, "KEY"], [[*line, f"uuid:{i}"] for i, line in enumerate(rows())])
    members = csv(home / "members.csv", ["age", "PARENT_KEY", "KEY"], [[i % 70, f"uuid:{i}", i] for i in range(96)])
    text, given = drafted(survey_csv, members)
    assert [file["path"] for file in given["data"]["files"]] == ["survey.csv"]
    assert "# check: members.csv: not read, for no column says the district" in text
    given["data"]["files"].append({"path": "members.csv"})
    with pytest.raises(DataError) as raised:
        build(given)
    assert str(raised.value).startswith("data/raw/new/members.csv: found none of 6 columns")
    assert "\n" not in str(raised.value)


def test_a_file_for_each_district_with_a_column_of_waves(home: Path) -> None:
    files = []
    for i, place in enumerate(PLACES):
        header = [*HEADER[1:], *(["sexo", "otra"] if i else [])]
        lines = [[*line[1:], *([k % 2 + 1, k % 3] if i else [])] for k, line in enumerate(rows()) if line[0] == place]
        files.append(csv(home / f"{place}.csv", header, lines))
    text, given = drafted(*files)
    assert [each["name"] for each in given["districts"]] == list(PLACES)
    assert text.count("# check: from the name of the file") == 4
    assert "sexo (no such column in Ancón.csv)" in text
    assert build(given).groupby(["district", "wave"]).size().tolist() == [12] * 8


def test_two_respondents_of_a_household_are_no_copies(home: Path) -> None:
    lines = [[*line, i % 48 // 2] for i, line in enumerate(rows())]
    text, given = drafted(csv(home / "s.csv", [*HEADER, "hhid"], lines))
    assert given["data"]["sampling"] == "cross_section"
    assert "respondent: null  # check: not hhid, which has several rows a wave, as a household has" in text
    given["data"] |= {"sampling": "panel", "columns": {**given["data"]["columns"], "respondent": "hhid"}}
    with pytest.raises(DataError, match="is it the id of a household\\? Then name it as `psu`"):
        build(given)
    given["data"] |= {"sampling": "cross_section"}
    given["data"]["columns"] |= {"psu": "hhid", "respondent": None}
    assert len(build(given)) == 96


def test_files_of_a_wave_each_whose_columns_say_so(home: Path) -> None:
    files = []
    for year in (2003, 2005):
        header = [*HEADER[:1], *HEADER[2:5], f"seguro_{year}", f"veces_{year}", "nivel"]
        lines = [[line[0], *line[2:], "alto"] for line in rows((year,))]
        files.append(csv(home / f"ola{year}.csv", header, lines))
    _, given = drafted(*files)
    assert given["data"]["files"][1]["rename"] == {"seguro_2005": "seguro", "veces_2005": "veces"}
    assert ids(given) == ["seguro", "veces"]
    assert build(given)["seguro"].notna().all()


def test_numbers_behind_names_that_may_be_waves_are_said(home: Path) -> None:
    header = ["id", "distrito", "seguro1", "veces1", "seguro2", "veces2"]
    lines = [[f"H{i:03}", line[0], line[5], line[6], "Sí", 1] for i, line in enumerate(rows((2003,)))]
    text, _ = drafted(csv(home / "panel.csv", header, lines))
    assert (
        "# check: seguro1 and seguro2, veces1 and veces2: if the numbers are waves, list the file once a wave" in text
    )
    assert "`rename: {seguro1: seguro, …}`" in text


def test_arms_and_starts_that_the_data_say(home: Path) -> None:
    header = [*HEADER, "treated", "treat_year"]
    starts = {"Ancón": 2004, "Chilca": 2005, "El Tambo": 0, "Jauja": 0}
    lines = [[*line, int(line[1] >= starts[line[0]] > 0), starts[line[0]]] for line in rows((2003, 2004, 2005))]
    _, given = drafted(csv(home / "s.csv", header, lines))
    assert [each["arm"] for each in given["districts"]] == ["pilot", "pilot", "comparison", "comparison"]
    assert [each.get("start") for each in given["districts"]] == ["2004-01", "2005-01", None, None]
    assert given["intervention"]["start"] == "2004-01"


@pytest.mark.parametrize(
    ("codes", "said"),
    [
        (("T", "C"), "treatment"),
        (("Sim", "Não"), "tratado"),
        (("PES", "control"), "group"),
        (("pilot", "comparison"), "x"),
    ],
)
def test_arms_are_known_by_what_stands_beside_a_comparison(home: Path, codes: tuple[str, str], said: str) -> None:
    lines = [[*line, codes[PLACES.index(line[0]) > 1]] for line in rows()]
    _, given = drafted(csv(home / "s.csv", [*HEADER, said], lines))
    assert [each["arm"] for each in given["districts"]] == ["pilot", "pilot", "comparison", "comparison"]
    assert said not in [each["column"] for each in given["indicators"]]


def test_who_took_part_is_no_arm_of_a_district(home: Path) -> None:
    lines = [[*line, k % 2] for k, line in enumerate(rows())]
    _, given = drafted(csv(home / "s.csv", [*HEADER, "treated"], lines))
    assert {each["arm"] for each in given["districts"]} == {"???"}


@pytest.mark.parametrize(("column", "beside"), [("ejido", "k"), ("village", "distrito")])
def test_districts_are_what_has_one_arm_each(home: Path, column: str, beside: str) -> None:
    """Whatever they are called, and rather than what is called a district but has both arms."""
    lines = [[*line[:3], f"Norte {k % 3}", int(line[0] in PLACES[:2])] for k, line in enumerate(rows())]
    _, given = drafted(csv(home / "s.csv", [column, "ola", "upm", beside, "treated"], lines))
    assert given["data"]["columns"]["district"] == column
    assert [each["arm"] for each in given["districts"]] == ["pilot", "pilot", "comparison", "comparison"]


@pytest.mark.parametrize(
    ("column", "words"),
    [
        ("escola", {"pt": {"one": "escola", "many": "escolas", "gender": "f"}}),
        ("cod_aldeia", {"pt": {"one": "aldeia", "many": "aldeias", "gender": "f"}}),
        ("ward", None),
    ],
)
def test_portuguese_is_spoken(home: Path, column: str, words: dict[str, Any] | None) -> None:
    """Names of columns, yes and no, and what districts are called."""
    header = [column, "onda", "upa", "fator", "matricula", "vai_a_aula", "vezes", "idade_do_chefe"]
    lines = [
        [f"Povo {'ABCD'[PLACES.index(line[0])]}", *line[1:5], "Sim" if line[5] == "Sí" else "Não", line[6], 20 + k % 40]
        for k, line in enumerate(rows())
    ]
    _, given = drafted(csv(home / "s.csv", header, lines))
    assert given["report"]["languages"] == ["pt"]
    assert len(given["districts"]) == 4
    assert list(given["data"]["columns"].values()) == [column, "onda", "fator", None, "upa", "matricula"]
    assert [each.get("yes") for each in given["indicators"]] == [["Sim"], None]
    assert given["covariates"] == ["idade_do_chefe"]
    assert given.get("words", {}).get("district") == words


def test_losses_are_numbers_of_a_mean_and_no_marks(home: Path) -> None:
    lines = [[*line, -30 if k % 24 == 0 else round(40 * (k % 7) - 90.5, 1)] for k, line in enumerate(rows())]
    text, given = drafted(csv(home / "s.csv", [*HEADER, "ganancia"], lines))
    assert given["indicators"][-1]["non_negative"] is False
    assert "missing" not in given["data"] and "missing" not in given["indicators"][-1]
    assert "# check: some answers are below 0" in text
    assert build(given)["ganancia"].mean() == pytest.approx(pd.read_csv(home / "s.csv")["ganancia"].mean())


@pytest.mark.parametrize(
    ("years", "labels", "first"),
    [
        ({2003: 1, 2005: 2}, ["Ola 1", "Ola 2"], "???"),
        ({2003: "2003-10", 2005: "2005-02"}, ["Octubre de 2003", "Febrero de 2005"], "2003-10-01"),
        ({2003: "2003T4", 2005: "2005T1"}, ["2003T4", "2005T1"], "2003-10-01"),
    ],
)
def test_waves_are_labelled_in_the_language_of_the_report(home: Path, years, labels, first: str) -> None:
    lines = [[line[0], years[line[1]], *line[2:]] for line in rows()]
    _, given = drafted(csv(home / "s.csv", HEADER, lines))
    assert given["report"]["languages"] == ["es"]
    assert [each["label"] for each in given["waves"]] == labels
    begun = given["waves"][0]["fieldwork"]
    assert str(begun if first == "???" else begun[0]) == first


def test_several_answers_in_a_cell(home: Path) -> None:
    media = ["tv radio", "tv", "radio", "internet", "tv internet radio", "radio internet", "tv internet"]
    lines = [[*line, media[i % 7]] for i, line in enumerate(rows())]
    text, given = drafted(csv(home / "s.csv", [*HEADER, "medios"], lines))
    assert given["indicators"][2] == given["indicators"][2] | {"column": "medios", "contains": "???"}
    assert "# several answers in a cell: internet; radio; tv" in text


@pytest.mark.parametrize("mark", [", ", ";"])
def test_several_answers_as_forms_of_the_web_join_them(home: Path, mark: str) -> None:
    media = [["Cell phone", "TV"], ["TV"], ["Cell phone"], ["Radio"], ["TV", "Cell phone", "Radio"], ["TV", "Radio"]]
    lines = [[*line, f'"{mark.join(media[i % 6])}"'] for i, line in enumerate(rows())]
    text, given = drafted(csv(home / "s.csv", [*HEADER, "medios"], lines))
    assert given["indicators"][2]["contains"] == "???"
    assert "# several answers in a cell: Cell phone; Radio; TV" in text


def test_phrases_are_no_lists(home: Path) -> None:
    phrases = ["muy seguro", "algo seguro", "algo inseguro", "muy inseguro"]
    lines = [[*line, phrases[i % 4]] for i, line in enumerate(rows())]
    _, given = drafted(csv(home / "s.csv", [*HEADER, "percepcion"], lines))
    assert given["indicators"][2]["yes"] == "???"


def test_waves_that_are_months_have_their_fieldwork(home: Path) -> None:
    lines = [[line[0], {2003: "2003-11", 2005: "2005-03"}[line[1]], *line[2:]] for line in rows()]
    header = ["distrito", "mes", *HEADER[2:]]
    _, given = drafted(csv(home / "s.csv", header, lines))
    assert [[str(day) for day in wave["fieldwork"]] for wave in given["waves"]] == [
        ["2003-11-01", "2003-11-30"],
        ["2005-03-01", "2005-03-31"],
    ]


DAYS = {
    "year first": "{year}-{month:02}-{day:02}T10:20:30.123-05:00",
    "day first": "{day}/{month}/{year} 10:20:30",
    "month first": "{month}/{day}/{year} 10:20:30",
    "month in letters": "{letters} {day}, {year} 9:00:00 AM",
    "slashes": "{year}/{month}/{day} 2:05:00 PM GMT-5",
}


@pytest.mark.parametrize("written", DAYS.values(), ids=DAYS)
def test_days_of_interviews_that_lie_apart_are_waves(home: Path, written: str) -> None:
    lines = []
    for i, (place, year, *answers) in enumerate(rows()):
        month, letters = {2003: (11, "Nov"), 2005: (3, "Mar")}[year]
        day = written.format(year=year, month=month, day=i % 28 + 1, letters=letters)
        lines.append([place, f'"{day}"', *answers])
    text, given = drafted(csv(home / "s.csv", ["distrito", "fecha", *HEADER[2:]], lines))
    assert [wave["id"] for wave in given["waves"]] == ["2003", "2005"]
    assert "wave: fecha  # check: days" in text
    assert build(given)["wave"].value_counts().to_dict() == {"2003": 48, "2005": 48}


def test_other_codes_in_another_file_are_said_beside_the_indicator(home: Path) -> None:
    files = []
    for year, codes in ((2003, (1, 2)), (2005, (1, 0))):
        lines = [[*line[:5], codes[0] if line[5] == "Sí" else codes[1], line[6]] for line in rows((year,))]
        files.append(csv(home / f"ola{year}.csv", HEADER, lines))
    text, _ = drafted(*files)
    assert "# check: 1, 2 in the files before and 0, 1 in ola2005.csv: other codes" in text
    assert text.count("other codes") == 1


def test_doubled_columns_repeated_interviews_and_other_sheets_are_said(home: Path) -> None:
    book = openpyxl.Workbook()
    book.active.title = "hogar"
    for i, line in enumerate([[*HEADER, "seguro", "_uuid"], *rows()]):
        book.active.append([*line, "x", f"u{i // 2}"] if i else line)
    roster = book.create_sheet("miembros")
    for i in range(400):
        roster.append(["nombre", "edad", "sexo"] if i == 0 else [f"M{i}", i % 80, i % 2])
    path = home / "s.xlsx"
    book.save(path)
    text, given = drafted(path)
    assert given["data"]["files"][0]["sheet"] == "hogar"
    assert "the other sheets are not read: miembros" in text
    assert "several columns are called 'seguro'" in text
    assert "rows repeat an interview (the ids in '_uuid')" in text


def form(path: Path, *questions: tuple[str, str, str]) -> Path:
    book = openpyxl.Workbook()
    book.active.title = "survey"
    for line in [("type", "name", "label::Español (es)"), *questions]:
        book.active.append(line)
    choices = book.create_sheet("choices")
    listed = [("si_no", "1", "Sí"), ("si_no", "0", "No"), ("medio", "tv", "Televisión"), ("medio", "radio", "Radio")]
    for line in [("list_name", "name", "label::Español (es)"), *listed]:
        choices.append(line)
    book.save(path)
    return path


def test_headers_that_are_the_questions_are_found_in_the_questionnaire(home: Path) -> None:
    questions = ("select_one si_no", "seg", "¿Se siente seguro?"), ("select_multiple medio", "med", "¿Qué medios usa?")
    header = ["distrito", "ola", "¿Se siente seguro?", "¿Qué medios usa?/Televisión", "¿Qué medios usa?/Radio"]
    lines = [[line[0], line[1], line[5], i % 2, (i + 1) % 2] for i, line in enumerate(rows())]
    path = csv(home / "s.csv", header, lines)
    text, given = drafted(path, form=form(home / "q.xlsx", *questions))
    safe, tv, radio = given["indicators"]
    assert (safe["label"], safe["yes"], safe["no"]) == ("¿Se siente seguro?", ["Sí"], ["No"])
    assert (tv["label"], radio["label"]) == ("Televisión", "Radio")
    assert "columns is a question" not in text


def test_a_questionnaire_of_another_survey_is_said(home: Path) -> None:
    path = form(home / "q.xlsx", ("select_one si_no", "agua", "¿Tiene agua?"))
    text, _ = drafted(csv(home / "s.csv", HEADER, rows()), form=path)
    assert "# check: none of the 7 columns is a question of the questionnaire" in text


def test_what_is_drafted_may_be_pruned(home: Path) -> None:
    """Labels of a covariate that was deleted are no error."""
    _, given = drafted(csv(home / "s.csv", [*HEADER, "sexo"], [[*line, "M"] for line in rows()]))
    given["covariates"] = []
    given["labels"] = {"sexo": {"label": "Sexo"}}
    assert len(build(given)) == 96


def test_a_text_that_is_the_label_of_a_code_is_one_answer(home: Path) -> None:
    """One file holds 1 labelled Sí, the other the text Sí, as after an export without value labels."""
    first = pd.DataFrame(rows((2003,)), columns=HEADER)
    first["seguro"] = (first["seguro"] == "No") + 1.0
    pyreadstat.write_dta(first.drop(columns="ola"), str(home / "2003.dta"), variable_value_labels={"seguro": SAFE})
    second = pd.DataFrame(rows((2005,)), columns=HEADER)
    second.drop(columns="ola").to_csv(home / "2005.csv", index=False)
    _, given = drafted(home / "2003.dta", home / "2005.csv")
    assert (given["indicators"][0]["yes"], given["indicators"][0]["no"]) == (["Sí"], ["No"])
    by_district = pd.DataFrame(rows(), columns=HEADER).sort_values("distrito", kind="stable")
    assert build(given)["seguro"].tolist() == [float(answer == "Sí") for answer in by_district["seguro"]]


def test_empty_cells_after_a_no_are_said_with_who_answered(home: Path) -> None:
    lines = [[*line, "Sí" if line[6] == 3 else "No" if line[6] == 2 else ""] for line in rows()]
    lines = [[*line, "Sí" if line[7] else "No", (i // 2 % 3) if i % 2 else ""] for i, line in enumerate(lines)]
    text, _ = drafted(csv(home / "s.csv", [*HEADER, "denuncio", "victima", "agua"], lines))
    said = "48 of 96 cells are empty"
    assert text.count(said) == 2
    assert f"{said}; only rows with Sí in victima have an answer: `among: {{victima: [Sí]}}`, or `blank: no`" in text
    assert f"{said}: where an empty cell means no, or none, declare `blank: no`" in text


def test_units_whose_zeros_one_file_lost_are_said_to_come_back(home: Path) -> None:
    frame = pd.DataFrame(rows(), columns=HEADER)
    frame[frame["ola"] == 2003].drop(columns="ola").to_csv(home / "2003.csv", index=False)
    later = frame[frame["ola"] == 2005].drop(columns="ola")
    later["upm"] = later["upm"].astype(float)
    pyreadstat.write_dta(later, str(home / "2005.dta"))
    text, _ = drafted(home / "2003.csv", home / "2005.dta")
    line = next(line for line in text.splitlines() if line.startswith("  sampling:"))
    assert "100% of the ids in upm come back in the next wave without their zeros in front" in line
    assert "declare `pad: {upm: 4}`" in line


def test_how_districts_were_picked_and_what_codes_mean_is_asked(home: Path) -> None:
    text, given = drafted(csv(home / "s.csv", [*HEADER, "sexo"], [[*line, 1 + i % 2] for i, line in enumerate(rows())]))
    assert given["intervention"]["assignment"] == {"by": "unknown"}
    assert given["covariates"] == ["sexo"]
    remark = " ".join(line.removeprefix("# ") for line in text.split("covariates:")[1].splitlines()[1:3])
    assert "{sexo: {label: …, answers: {1: …, 2: …}}}" in remark


def test_one_mark_and_empty_cells_are_ticks(home: Path) -> None:
    lines = [[*line, "X" if i % 3 == 0 else "", "Perú"] for i, line in enumerate(rows())]
    text, given = drafted(csv(home / "s.csv", [*HEADER, "agua", "pais"], lines))
    water = given["indicators"][-1]
    assert (water["column"], water["yes"], water["blank"]) == ("agua", ["X"], "no")
    assert "cells are empty" not in text
    assert "pais (the same answer in every row)" in text
    assert build(given)["agua"].mean() == pytest.approx(1 / 3)


def test_villages_within_districts_may_be_sampling_units(home: Path) -> None:
    header = [*HEADER[:2], *HEADER[3:], "aldea"]  # without the units of the survey
    lines = [[*line[:2], *line[3:], f"{line[0]}-{i % 6}"] for i, line in enumerate(rows())]
    text, given = drafted(csv(home / "s.csv", header, lines))
    assert given["data"]["columns"]["district"] == "distrito"
    assert "psu: null  # check: none found, unless aldea was drawn first" in text


def test_events_of_redcap_are_waves(home: Path) -> None:
    events = ("baseline_arm_1", "followup_arm_1")
    lines = [[place, event, k % 2] for event in events for place in ("Ancon", "Lince", "Ate") for k in range(9)]
    _, given = drafted(csv(home / "survey.csv", ["district", "redcap_event_name", "safe"], lines))
    assert given["data"]["columns"]["wave"] == "redcap_event_name"
