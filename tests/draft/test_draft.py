"""`make new`: what is guessed from files nobody has described, what is left open, and that the draft can be used."""

from __future__ import annotations

import datetime as dt
import random
import re
from pathlib import Path
from typing import Any

import numpy as np
import openpyxl
import pandas as pd
import pyreadstat
import pytest
from ruamel.yaml import YAML

from fewdistricts import design, paths, survey
from fewdistricts.commands import run as main
from fewdistricts.draft import draft, names
from fewdistricts.errors import ConfigurationError, DataError, EvaluationError

FILLED = {  # what a placeholder asks for: an answer
    "what is evaluated": "A draft",
    "the name of": "Patrols",
    "the month or day it began": "2004-06",
    "what was done": "Patrols by night",
    "who interviewed": "Made by a test",
    "the day of the report": "2006-12-31",
    "the same in": "Lo mismo",
}


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("EVALUATION_HOME", str(tmp_path / "home"))
    return tmp_path


def drafted(*files: Path, form: Path | None = None) -> tuple[str, dict[str, Any]]:
    """The draft as text and as YAML."""
    path = draft("new", files, form).path
    text = path.read_text(encoding="utf-8")
    return text, YAML(typ="safe", pure=True).load(text)


def fill(text: str, **answers: str) -> str:
    """The draft with every placeholder filled; `yes` by the first of the answers listed above it."""
    arms, months = iter(["pilot", "comparison"] * 50), iter(range(1, 13))
    listed = ""
    lines = []
    for line in text.splitlines():
        if "# answers: " in line:
            listed = line.split("# answers: ")[1].split("; ")[0].split(" (")[0]
        if "???  # fill in:" in line and not line.lstrip().startswith("# "):
            asked = line.split("# fill in: ")[1]
            value = next((value for start, value in FILLED.items() if asked.startswith(start)), None)
            if asked.startswith("pilot, comparison"):
                value = next(arms)
            elif asked.startswith("first and last"):
                year = re.search(r"\[(\d{4})", asked)
                assert year
                month = next(months)
                value = f"[{year[1]}-{month:02}, {year[1]}-{month:02}]"
            elif asked.startswith("those of the answers"):
                value = f"[{listed}]"
            key = line.split(":")[0].strip()
            value = answers.get(key, value)
            assert value is not None, line
            line = line.replace("???", value)
        lines.append(line)
    return "\n".join(lines)


def built(text: str, **answers: str) -> pd.DataFrame:
    """The survey that the filled draft describes."""
    (paths.raw("new") / "evaluation.yaml").write_text(fill(text, **answers), encoding="utf-8")
    survey.build(design.load("new"))
    return survey.load("new")


def two_waves() -> list[pd.DataFrame]:
    """Two waves of a survey as Stata users hold it."""
    rng = np.random.default_rng(1)
    waves = []
    for year in (2003, 2005):
        n = 120
        waves.append(
            pd.DataFrame({
                "year": np.full(n, float(year)),
                "distrito": np.repeat([1.0, 2.0, 3.0, 4.0], n // 4),
                "pondera": rng.uniform(0.5, 2, n).round(3),
                "estrato": np.arange(n) // 6 % 2 + 1.0,
                "upm": np.arange(n) // 6 + 1.0,
                "sexo": rng.integers(1, 3, n).astype(float),
                "p1": rng.choice([1.0, 2.0, 8.0], n, p=[0.4, 0.5, 0.1]),
                "p2": rng.choice([1.0, 2.0, 3.0, 4.0, 99.0], n),
                "p3": rng.choice([1.0, 2.0, 3.0, 4.0, 5.0, 6.0, 7.0], n),
                "p4": rng.choice([0.0, 1.0, 2.0, 3.0, 14.0], n),
            })
        )  # fmt: skip
    return waves


TEXTS = {
    "p1": "En los últimos doce meses, ¿fue víctima de un robo en la calle?",
    "p2": "¿Qué tan seguro se siente?",
    "p3": "Confianza en la policía",
    "p4": "Número de delitos",
}
LABELS: dict[str, dict[int, str]] = {
    "distrito": {1: "Chilca", 2: "El Tambo", 3: "Huancán", 4: "Pilcomayo"},
    "sexo": {1: "Mujer", 2: "Hombre"},
    "p1": {1: "Sí", 2: "No", 8: "No sabe"},
    "p2": {1: "Muy seguro", 2: "Algo seguro", 3: "Algo inseguro", 4: "Muy inseguro", 99: "No responde"},
    "p3": {1: "Nada", 7: "Mucho"},
}


def write_dta(path: Path, frame: pd.DataFrame, labels: Any = LABELS, texts: Any = TEXTS) -> Path:
    own = {column: each for column, each in labels.items() if column in frame}
    pyreadstat.write_dta(frame, str(path), column_labels=texts, variable_value_labels=own)
    return path


def test_two_stata_files(home: Path) -> None:
    first, second = two_waves()
    files = [write_dta(home / "ola-2005.dta", second), write_dta(home / "ola-2003.dta", first)]
    text, given = drafted(*files)
    assert given["data"]["columns"] == {
        "district": "distrito", "wave": None, "weight": "pondera",
        "stratum": "estrato", "psu": "upm", "respondent": None,
    }  # fmt: skip
    assert [(f["path"], f["wave"]) for f in given["data"]["files"]] == [
        ("ola-2003.dta", "2003"),
        ("ola-2005.dta", "2005"),
    ]
    assert given["data"]["missing"] == {"dont_know": ["No sabe"], "refused": ["No responde"]}
    assert [(d["id"], d["name"], d["value"]) for d in given["districts"]] == [
        ("chilca", "Chilca", 1), ("el-tambo", "El Tambo", 2), ("huancan", "Huancán", 3), ("pilcomayo", "Pilcomayo", 4),
    ]  # fmt: skip
    robbed, safe, trust, crimes = given["indicators"]
    assert (robbed["yes"], robbed["no"], robbed["question"]) == (["Sí"], ["No"], TEXTS["p1"])
    assert len(robbed["label"]) < 62
    assert (safe["yes"], safe["label"]) == ("???", TEXTS["p2"])
    assert "# answers: Muy seguro; Algo seguro; Algo inseguro; Muy inseguro" in text
    assert trust["scale"] == [1, 7]
    assert "yes" not in crimes and "scale" not in crimes
    assert given["covariates"] == ["sexo"]
    assert given["report"]["languages"] == ["es"]
    frame = built(text)
    share = (first["p1"] == 1)[(first["distrito"] == 1) & (first["p1"] != 8)].mean()
    chilca = frame[(frame["district"] == "chilca") & (frame["wave"] == "2003")]
    assert chilca["p1"].mean() == pytest.approx(share)
    assert set(chilca["p2:missing"]) <= {"", "refused"}


def test_the_same_survey_gives_the_same_draft(home: Path) -> None:
    files = [write_dta(home / f"w{i}.dta", wave) for i, wave in enumerate(two_waves(), start=1)]
    text, _ = drafted(*files)
    assert draft("other", files).path.read_text(encoding="utf-8").replace("=other", "=new") == text


def test_files_in_the_folder_are_given_by_their_names_or_not_at_all(home: Path) -> None:
    texts = {}
    for name, given in {"named": [Path("w1.csv"), Path("w2.csv")], "found": []}.items():
        folder = paths.raw(name)
        folder.mkdir(parents=True)
        for number, wave in enumerate(two_waves(), start=1):
            wave.to_csv(folder / f"w{number}.csv", index=False)
        texts[name] = draft(name, given).path.read_text(encoding="utf-8")
    assert "from w1.csv, w2.csv" in texts["named"]
    assert texts["named"].replace("=named", "=found") == texts["found"]


def test_what_is_open_is_refused_all_at_once(home: Path, capsys: pytest.CaptureFixture[str]) -> None:
    files = [write_dta(home / f"ola-{year}.dta", wave) for year, wave in zip((2003, 2005), two_waves(), strict=True)]
    text, _ = drafted(*files)
    with pytest.raises(ConfigurationError) as caught:
        design.load("new")
    keys = [str(problem).split(": ")[1].split(" (")[0] for problem in caught.value.problems]
    assert keys == [
        "title", "intervention.name", "intervention.start", "intervention.description", "data.source",
        "waves[].fieldwork", "waves[].fieldwork", "districts[].arm", "indicators[].yes", "report.date",
    ]  # fmt: skip
    arms = next(str(problem) for problem in caught.value.problems if "arm" in str(problem))
    lines = [i for i, line in enumerate(text.splitlines(), start=1) if "arm: ???" in line]
    assert f"(lines {', '.join(map(str, lines))}): found the placeholder ???; fill in: pilot, comparison" in arms
    assert main(["report", "new"]) == 2
    assert "report.date" in capsys.readouterr().err


def test_a_placeholder_hides_no_other_problem(home: Path) -> None:
    files = [write_dta(home / f"ola-{year}.dta", wave) for year, wave in zip((2003, 2005), two_waves(), strict=True)]
    text, _ = drafted(*files)
    broken = text.replace("kind: real", "kind: rael").replace("better: none", "beter: none", 1)
    (paths.raw("new") / "evaluation.yaml").write_text(broken, encoding="utf-8")
    with pytest.raises(ConfigurationError) as caught:
        design.load("new")
    said = str(caught.value)
    assert "data.kind" in said and "did you mean 'real'?" in said
    assert "unknown key 'beter'" in said
    assert "intervention.start" in said


def test_other_names_and_codes_in_the_second_wave(home: Path) -> None:
    first, second = two_waves()
    second = second.rename(columns={"distrito": "cod_distrito", "p2": "q7", "p4": "P4"}).drop(columns="p3")
    second["q7"] = second["q7"].map({1: 4.0, 2: 3.0, 3: 2.0, 4: 1.0, 99: 99.0})
    turned = {1: "Muy inseguro", 2: "Algo inseguro", 3: "Algo seguro", 4: "Muy seguro", 99: "No responde"}
    files = [
        write_dta(home / "ola-2003.dta", first),
        write_dta(home / "ola-2005.dta", second, LABELS | {"q7": turned, "cod_distrito": LABELS["distrito"]},
                  TEXTS | {"q7": TEXTS["p2"]}),
    ]  # fmt: skip
    text, given = drafted(*files)
    again = given["data"]["files"][1]
    assert again["rename"] == {"cod_distrito": "distrito", "q7": "p2", "P4": "p4"}
    assert again["recode"] == {"p2": {1: 4, 2: 3, 3: 2, 4: 1}}
    assert [indicator.get("waves") for indicator in given["indicators"]] == [None, None, ["2003"], None]
    frame = built(text)
    assert frame.groupby("wave")["p3"].count().to_dict() == {"2003": 120, "2005": 0}
    second_wave = frame[frame["wave"] == "2005"]
    assert set(second_wave["p2:answer"]) == {"Muy seguro", "Algo seguro", "Algo inseguro", "Muy inseguro", ""}
    assert second_wave["p2"].sum() == (second["q7"] == 4).sum()


def test_nothing_but_the_labels_tells_the_columns_of_the_second_wave(home: Path) -> None:
    first, second = two_waves()
    renamed = {"distrito": "ubigeo", "p2": "q7", "estrato": "estr"}
    first = first.rename(columns={"distrito": "cod_dist"})
    said = {"No sabe": "NS", "No responde": "NR"}
    texts = {code: said.get(text, text.upper()) for code, text in LABELS["p2"].items()}
    labels = LABELS | {"q7": texts, "ubigeo": LABELS["distrito"], "cod_dist": LABELS["distrito"]}
    files = [
        write_dta(home / "ola-2003.dta", first, labels, {}),
        write_dta(home / "ola-2005.dta", second.rename(columns=renamed), labels, {}),
    ]
    _, given = drafted(*files)
    assert given["data"]["columns"]["district"] == "cod_dist"
    assert given["data"]["files"][1]["rename"] == {"estr": "estrato", "ubigeo": "cod_dist", "q7": "p2"}
    assert "recode" not in given["data"]["files"][1]
    assert given["data"]["missing"] == {"dont_know": ["No sabe"], "refused": ["No responde"]}


def test_labels_that_two_columns_share_tell_neither(home: Path) -> None:
    first, second = two_waves()
    first = first.assign(p5=first["p2"], p6=first["p2"])
    second = second.assign(q5=second["p2"], q6=second["p2"])
    labels = LABELS | dict.fromkeys(["p5", "p6", "q5", "q6"], LABELS["p2"])
    files = [write_dta(home / f"ola-{year}.dta", f, labels, {}) for year, f in ((2003, first), (2005, second))]
    _, given = drafted(*files)
    assert "rename" not in given["data"]["files"][1]


@pytest.mark.parametrize("suffix", ["dta", "sav", "csv"])
def test_dates_of_the_interviews(suffix: str, home: Path) -> None:
    frame = pd.concat(two_waves(), ignore_index=True)
    frame["fecha"] = [dt.date(int(year), 10, 1) + dt.timedelta(days=k % 31) for k, year in enumerate(frame["year"])]
    path = home / f"survey.{suffix}"
    if suffix == "csv":
        frame["fecha"] = [day.strftime("%d/%m/%Y") for day in frame["fecha"]]
        frame.to_csv(path, index=False)
    else:
        (pyreadstat.write_dta if suffix == "dta" else pyreadstat.write_sav)(frame, str(path))
    _, given = drafted(path)
    days = [[str(day) for day in wave["fieldwork"]] for wave in given["waves"]]
    assert days == [["2003-10-01", "2003-10-31"], ["2005-10-01", "2005-10-31"]]


def test_waves_in_the_sheets_of_one_workbook(home: Path) -> None:
    first, second = two_waves()
    with pd.ExcelWriter(home / "libro.xlsx") as book:
        pd.DataFrame({"variable": ["p1"], "pregunta": ["¿Fue víctima?"]}).to_excel(book, sheet_name="Variables")
        second.drop(columns="year").to_excel(book, sheet_name="Base 2005", index=False)
        first.drop(columns="year").to_excel(book, sheet_name="Base 2003", index=False)
    _, given = drafted(home / "libro.xlsx")
    files = [(file["path"], file["sheet"], file["wave"]) for file in given["data"]["files"]]
    assert files == [("libro.xlsx", "Base 2003", "2003"), ("libro.xlsx", "Base 2005", "2005")]


def test_a_file_name_with_blanks_that_make_has_parted(home: Path) -> None:
    first, second = two_waves()
    first.drop(columns="year").to_csv(home / "encuesta vecinal 2003.csv", index=False)
    second.drop(columns="year").to_csv(home / "encuesta.csv", index=False)
    _, given = drafted(home / "encuesta.csv", home / "encuesta", Path("vecinal"), Path("2003.csv"))
    assert sorted(file["path"] for file in given["data"]["files"]) == ["encuesta vecinal 2003.csv", "encuesta.csv"]


def test_headers_that_are_questions_as_online_forms_export_them(home: Path) -> None:
    n = np.arange(80)
    frame = pd.DataFrame({
        "N°": n + 1, "Distrito (nombre)": np.array(list("abcd"))[n % 4], "Año": 2003 + 2 * (n // 40),
        "1) Sexo (1=H, 2=M)": 1 + n % 2, "P1. ¿Tiene agua todos los días?": np.where(n % 3, "Sí", "No"),
        "P2. minutos a la fuente (m/d)": n % 30, "P3. Gasto en agua (S/.)": [f"S/. {k + 0.5}" for k in n],
    })  # fmt: skip
    frame.to_csv(home / "formulario.csv", index=False)
    text, given = drafted(home / "formulario.csv")
    assert [(each["label"], each["id"]) for each in given["indicators"]] == [
        ("¿Tiene agua todos los días?", "p1_tiene_agua_todos_los_dias"),
        ("Minutos a la fuente (m/d)", "p2_minutos_a_la_fuente_m_d"),
    ]
    assert given["covariates"] == ["1) Sexo (1=H, 2=M)"]
    assert "# Not drafted: N° (looks like an id); P3. Gasto en agua (S/.) (numbers with a sign, as 'S/. 0.5'" in text


def test_waves_by_what_they_are_called(home: Path) -> None:
    rows = [f"{'abcd'[k % 4]},{('post', 'pre')[k // 40]},{k % 2}" for k in range(80)]
    (home / "survey.csv").write_text("\n".join(["district,wave,safe", *rows]) + "\n", encoding="utf-8")
    _, given = drafted(home / "survey.csv")
    assert [wave["id"] for wave in given["waves"]] == ["pre", "post"]


def test_a_column_of_lists_is_passed_over(home: Path) -> None:
    frame = pd.DataFrame({"district": list("ab") * 20, "year": [2003, 2005] * 20, "safe": [1, 0] * 20})
    frame.assign(tags=[["x", "y"]] * 40).to_parquet(home / "survey.parquet")
    _, given = drafted(home / "survey.parquet")
    assert [indicator["column"] for indicator in given["indicators"]] == ["safe"]


@pytest.mark.parametrize("mark", [".", ","])
def test_a_mark_that_one_file_leaves_open_is_what_another_shows_it_to_be(mark: str, home: Path) -> None:
    for year, hours in ((2003, ["1.255", "7.125"]), (2005, ["1.5", "7.125"])):
        rows = [f"{'ab'[k % 2]}\t{hours[k % 3 % 2]}\t2.{101 + 10 * k}" for k in range(40)]
        text = "\n".join(["district\thours\tpaid", *rows]).replace(".", mark)
        (home / f"{year}.tsv").write_text(text + "\n", encoding="utf-8")
    _, given = drafted(home / "2003.tsv", home / "2005.tsv")
    files = [{key: file.get(key) for key in ("decimal", "thousands")} for file in given["data"]["files"]]
    assert files[0] == {"decimal": {"hours": mark}, "thousands": {"paid": mark}}
    assert files[1] == {"decimal": {"hours": ","} if mark == "," else None, "thousands": {"paid": mark}}


def test_one_spanish_csv_with_commas_in_latin_1(home: Path) -> None:
    rows = ["Municipio;Año;Factor_expansión;Ganó más;Seguridad;Fecha"]
    for year in (2003, 2005):
        for k in range(40):
            place, safe = ("Ñuñoa", "Maipú")[k % 2], ("Sí", "No", "NS/NR")[k % 3]
            rows.append(
                f"{place};{year};{1 + k / 8:.3f};{k % 5};{safe};{year}-0{3 + k % 2}-1{k % 10}".replace(".", ",")
            )
    path = home / "encuesta.csv"
    path.write_text("\n".join(rows) + "\n", encoding="latin-1")
    text, given = drafted(path)
    file = given["data"]["files"][0]
    assert (file["encoding"], file["separator"]) == ("cp1252", ";")
    assert file["decimal"] == {"Factor_expansión": ","}  # three digits after every comma: said by column
    assert given["data"]["columns"] | {} == {
        "district": "Municipio", "wave": "Año", "weight": "Factor_expansión",
        "stratum": None, "psu": None, "respondent": None,
    }  # fmt: skip
    assert [d["id"] for d in given["districts"]] == ["maipu", "nunoa"]
    assert [str(day) for day in given["waves"][0]["fieldwork"]] == ["2003-03-10", "2003-04-19"]
    assert given["data"]["missing"] == {"dont_know": ["NS/NR"]}
    earned, safe = given["indicators"]
    assert (earned["id"], safe["yes"], safe["no"]) == ("gano_mas", ["Sí"], ["No"])
    assert len(built(text)) == 80


def test_spss_with_user_missing_and_a_panel(home: Path) -> None:
    frame = two_waves()[0].assign(id=[f"h{i:03}" for i in range(120)])
    pyreadstat.write_sav(
        frame, str(home / "survey.sav"), column_labels=TEXTS, variable_value_labels=LABELS,
        missing_ranges={"p1": [8], "p2": [99]},
    )  # fmt: skip
    text, given = drafted(home / "survey.sav")
    assert given["data"]["missing"] == {"dont_know": ["No sabe"], "refused": ["No responde"]}
    assert "respondent: null  # check: id for a panel" in text
    assert given["indicators"][0]["yes"] == ["Sí"]


def test_excel_with_arms_in_a_column(home: Path) -> None:
    workbook = openpyxl.Workbook()
    sheet = workbook.active
    assert sheet is not None
    sheet.append(["village", "round", "treated", "safe", "telefono", "comments"])
    for k in range(60):
        sheet.append([f"V{k % 6}", f"Round {1 + k // 30}", int(k % 6 < 3), ("yes", "no")[k % 2], 900 + k, "text"])
    workbook.save(home / "survey.xlsx")
    text, given = drafted(home / "survey.xlsx")
    assert [d["arm"] for d in given["districts"]] == ["pilot"] * 3 + ["comparison"] * 3
    assert [(w["id"], w.get("value")) for w in given["waves"]] == [("round-1", "Round 1"), ("round-2", "Round 2")]
    assert [indicator["id"] for indicator in given["indicators"]] == ["safe"]
    assert "telefono (may tell who someone is)" in text


def test_records_of_districts(home: Path) -> None:
    rows = [f"{place},{year},{k * 3 + year % 7}" for year in range(2000, 2004) for k, place in enumerate("abcd")]
    (home / "police.csv").write_text("\n".join(["district,year,robberies", *rows]) + "\n", encoding="utf-8")
    text, given = drafted(home / "police.csv")
    assert given["data"]["level"] == "district"
    assert len(given["waves"]) == 4
    assert "of what is counted, like [2000-01, 2000-12]" in text
    assert set(built(text, start="2002-01")["robberies"]) >= {2001 % 7}


def test_most_questions_are_put_aside_in_comments(home: Path) -> None:
    frame = pd.DataFrame({"district": list("ab") * 30, "year": [2003, 2005] * 30})
    for k in range(30):
        frame[f"q{k}"] = np.arange(60) % 2
    frame.to_csv(home / "survey.csv", index=False)
    text, given = drafted(home / "survey.csv")
    assert len(given["indicators"]) == 20
    start = text.index("# 10 further questions")
    restored = text[:start] + re.sub(r"(?m)^# ?", "", text[start:].split("\n", 1)[1])
    assert len(YAML(typ="safe", pure=True).load(restored)["indicators"]) == 30


def test_nothing_is_replaced(home: Path) -> None:
    path = write_dta(home / "a.dta", two_waves()[0])
    drafted(path)
    assert (paths.raw("new") / "a.dta").read_bytes() == path.read_bytes()
    assert "sha256" in (paths.raw("new") / "SOURCE.md").read_text(encoding="utf-8")
    with pytest.raises(ConfigurationError, match="found an evaluation of this name"):
        draft("new", [path])
    (paths.raw("new") / "evaluation.yaml").unlink()
    draft("new", [])  # the files already there
    (paths.raw("new") / "evaluation.yaml").unlink()
    (paths.raw("new") / "a.dta").write_bytes(b"other")
    with pytest.raises(DataError, match="another file than"):
        draft("new", [path])


BAD = {
    "../x": (["a.csv"], "evaluation: found '../x'"),
    "missing": (["b.csv"], "b.csv: found no such file; allowed: a survey file; did you mean 'a.csv'?"),
    "format": (["a.doc"], "found a .doc file; allowed: .csv, .tab"),
    "empty": (["empty.csv"], "empty.csv: found an empty file"),
    "header": (["header.csv"], "header.csv: found no rows below the header"),
    "broken": (["broken.dta"], "broken.dta: found text, such as that of a .csv file"),
    "several": (["a.doc", "b.csv"], "b.csv: found no such file"),
}


@pytest.mark.parametrize("name", BAD)
def test_what_cannot_be_drafted(name: str, home: Path) -> None:
    for file, text in {
        "a.csv": "x,y\n1,2\n",
        "a.doc": "x",
        "empty.csv": "",
        "header.csv": "x,y\n",
        "broken.dta": "x",
        "title.csv": "Encuesta\n\na,b,c\n1,2,3\n",
    }.items():
        (home / file).write_text(text, encoding="utf-8")
    files, said = BAD[name]
    with pytest.raises(EvaluationError) as caught:
        draft(name, [home / file for file in files])
    assert said in str(caught.value)
    assert not (home / "home").exists()  # nothing half-made


def test_a_file_without_any_role(home: Path) -> None:
    (home / "a.csv").write_text("x,y\n1,2\n2,1\n1,1\n", encoding="utf-8")
    _, given = drafted(home / "a.csv")
    assert (given["waves"], given["districts"], given["data"]["columns"]["district"]) == ("???", "???", "???")
    with pytest.raises(ConfigurationError) as caught:
        design.load("new")
    assert all("fill in: " in str(problem) for problem in caught.value.problems)


def test_strange_texts_stay_texts(home: Path) -> None:
    texts = {
        "p1": 'A "quoted": text # with {every} [sign], & more \\ than enough',
        "p2": "yes: no",
        "p3": "- 1",
        "p4": "null",
    }
    labels = LABELS | {
        "p1": {1: "no: yes #1", 2: "[No]", 8: "{x}"},
        "distrito": {1: "null", 2: "1e3", 3: "# x", 4: "Ñ, o"},
    }
    _, given = drafted(write_dta(home / "w.dta", two_waves()[0], labels, texts))
    assert [i.get("question", i["label"]) for i in given["indicators"]] == [*texts.values()]
    assert [d["name"] for d in given["districts"]] == ["null", "1e3", "# x", "Ñ, o"]


NAMES = [
    "year", "peso", "estrato", "upm", "id", "fecha", "treat", "sexo", "edad", "q1", "p 3", "p:4", "=x", "ñ", "a/b",
    "a.b", "true", "null", "1", "#", "'", '"', "x,y", "population", "name", "_id", "psu", "Respondent", "level",
]  # fmt: skip
VALUES = [
    ["1", "2"], ["yes", "no"], ["Sí", "No", "NS/NR"], ["1", "2", "3", "4", "99"], ["", "NA", "5"], ["a"], [""],
    ["2003", "2005"], ["1.5", "2.5", "-1"], ["-9", "1", "2"], ["x" * 5000, "y"], ["null", "true"], ["\x01", "b"],
    ["1e309", "nan", "inf"], ["2003-01-02", "2005-03-04"], ["Pilot 1", "Control 2"], ["\U0001f642", "\u202e"],
    ["1,5", "2,5"], ["pilot", "before"], ["#1", "- x", ": y", "{z}"], ["  a ", "b\nc"], ["01", "1"], ["0.1", "1000000"],
]  # fmt: skip


@pytest.mark.parametrize("seed", range(40))
def test_any_table_gives_a_draft_that_only_wants_filling(seed: int, home: Path) -> None:
    chance = random.Random(seed)
    files = []
    for i in range(chance.choice([1, 1, 2, 3])):
        columns = {name: chance.choice(VALUES) for name in chance.sample(NAMES, chance.randint(1, 10))}
        if chance.random() < 0.7:
            columns |= {"district": ["A", "B", "C", "D"], "wave": ["2003", "2005"]}
        frame = pd.DataFrame({name: chance.choices(values, k=40) for name, values in columns.items()})
        files.append(home / f"survey-{2003 + i}.csv")
        frame.to_csv(files[-1], index=False)
    try:
        draft("new", files)
    except EvaluationError as error:  # a table of nothing but empty cells
        assert str(error)
        return
    with pytest.raises(ConfigurationError) as caught:
        design.load("new")
    assert [problem for problem in map(str, caught.value.problems) if "found the placeholder ???" not in problem] == []


def test_the_command(home: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = write_dta(home / "a.dta", two_waves()[0])
    assert main(["new", "new", str(path)]) == 0
    said = capsys.readouterr().out
    assert "data/raw/new/evaluation.yaml: 1 wave, 4 districts and 4 indicators drafted; " in said
    assert main(["new", "new", str(path)]) == 2


@pytest.mark.parametrize(("column", "question", "said"), [
    ("sexo", "", True), ("c207", "Sexo", True), ("p4", "Edad del entrevistado/a", True), ("q2", "Age in years", True),
    ("p9", "¿A qué edad le robaron?", False), ("p3", "Confianza en la policía", False), ("p1", "", False),
])  # fmt: skip
def test_a_covariate_is_known_by_its_name_or_by_its_whole_question(column: str, question: str, said: bool) -> None:
    assert names.is_covariate(column, question) is said
