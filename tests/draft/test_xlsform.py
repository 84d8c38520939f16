"""XLSForm questionnaires: labels and choices in their languages, as KoBo, ODK and SurveyCTO write them."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import openpyxl
import pytest
from ruamel.yaml import YAML

from fewdistricts.draft import draft, names
from fewdistricts.errors import DataError
from fewdistricts.survey import xlsform

SURVEY: list[tuple[Any, ...]] = [
    ("type", "name", "label::English (en)", "label::Español (es)", "relevant"),
    ("start", "start", None, None, None),
    ("begin_group", "safety", "Safety", "Seguridad", None),
    ("select_one yesno", "robbed", "In the last **twelve months**, were you robbed?",
     "En los últimos doce meses, ¿le robaron?", None),
    ("select_one scale4 or_other", "safe", "How safe do you feel in ${district}?", "¿Qué tan seguro se siente?", None),
    ("end_group", None, None, None, None),
    ("select_multiple crimes", "seen", "Which of these have you seen?", "¿Cuáles ha visto?", None),
    ("integer", "times", "How often?", "¿Cuántas veces?", "${robbed} = 1"),
    ("note", "thanks", "Thank you", "Gracias", None),
]  # fmt: skip
CHOICES: list[tuple[Any, ...]] = [
    ("list name", "name", "label::English (en)", "label::Español (es)"),
    ("yesno", 1, "Yes", "Sí"),
    ("yesno", 0, "No", "No"),
    ("yesno", 98, "Don't know", "No sabe"),
    ("scale4", "very", "Very safe", "Muy seguro"),
    ("scale4", "bit", "A bit unsafe", "Algo inseguro"),
    ("crimes", "theft", "Theft", "Hurto"),
    ("crimes", "drugs", "Drug sale", "Venta de drogas"),
]


VILLAGE = ("select_one_external village", "village", "Village", "Centro poblado")


def write(path: Path, survey: list[tuple[Any, ...]] = SURVEY, choices: Any = CHOICES, settings: Any = None) -> Path:
    workbook = openpyxl.Workbook()
    first = workbook.active
    assert first is not None
    first.title = "survey"
    for row in survey:
        first.append(row)
    for name, rows in {"choices": choices, "settings": settings}.items():
        if rows:
            sheet = workbook.create_sheet(name)
            for row in rows:
                sheet.append(row)
    workbook.save(path)
    return path


def test_two_languages(tmp_path: Path) -> None:
    form = xlsform.read(write(tmp_path / "q.xlsx"))
    assert form.languages == ("en", "es")
    robbed, safe, seen, times = form.questions
    assert robbed.texts["en"] == "In the last twelve months, were you robbed?"
    assert safe.texts["en"] == "How safe do you feel in …?"
    assert [question.kind for question in form.questions] == ["one", "one", "several", "number"]
    code, texts = [*safe.choices.items()][-1]
    assert (code, texts["en"], texts["es"], texts["fr"]) == ("other", "Other", "Otro", "Autre")
    assert robbed.choices["98"] == {"en": "Don't know", "es": "No sabe"}
    assert (robbed.path, seen.path) == ("safety/robbed", "seen")
    assert times.texts["es"] == "¿Cuántas veces?"


def test_the_question_of_a_column(tmp_path: Path) -> None:
    form = xlsform.read(write(tmp_path / "q.xlsx"))
    for column in ("robbed", "safety/robbed", "safety-robbed", "data/safety/robbed"):
        assert form.of(column) == (form.questions[0], "")
    for column in ("seen/theft", "seen_theft", "seen.theft"):  # KoBo, SurveyCTO, others
        assert form.of(column) == (form.questions[2], "theft")
    assert form.of("unknown") is None


PLAIN = {  # how a platform heads its columns: headings of survey, of choices, default language, language found
    "plain": (("type", "name", "label"), ("list_name", "name", "label"), None, ""),
    "default": (("type", "name", "label"), ("list_name", "name", "label"), "Spanish (es)", "es"),
    "surveycto": (("type", "name", "label:spanish"), ("list_name", "value", "label:spanish"), None, "es"),
    "spaces": (("Type", "Name", "Label :: Español"), ("list name", "name", "label :: Español"), None, "es"),
    "code": (("type", "name", "label::es"), ("list_name", "name", "label::es"), None, "es"),
}


@pytest.mark.parametrize("name", PLAIN)
def test_headings(name: str, tmp_path: Path) -> None:
    of_survey, of_choices, default, language = PLAIN[name]
    rows = [of_survey, ("select one from yesno", "robbed", "¿Le robaron?")]
    choices = [of_choices, ("yesno", "1", "Sí"), ("yesno", "0", "No")]
    settings = [("form_title", "default_language"), ("Encuesta", default)] if default else None
    form = xlsform.read(write(tmp_path / "q.xlsx", rows, choices, settings))
    assert form.questions[0].texts == {language: "¿Le robaron?"}
    assert form.questions[0].choices == {"1": {language: "Sí"}, "0": {language: "No"}}
    assert form.title == ("Encuesta" if default else "")


def test_choices_that_lie_elsewhere_and_types_without_an_outcome(tmp_path: Path) -> None:
    rows = [
        *SURVEY,
        ("select_one_external village", "village", "Village", "Centro poblado"),
        ("select_one_from_file schools.csv", "school", "School", None),
        ("select_multiple from file crops.csv", "crops", "Crops", None),
        *[(kind, kind, "X", "X") for kind in ("image", "audio", "barcode", "xml-external", "start-geopoint", "audit")],
    ]
    form = xlsform.read(write(tmp_path / "q.xlsx", rows))
    assert [(each.name, each.kind, dict(each.choices)) for each in form.questions[4:7]] == [
        ("village", "one", {}), ("school", "one", {}), ("crops", "several", {}),
    ]  # fmt: skip
    assert form.questions[5].texts == {"en": "School"}


BAD: dict[str, tuple[list[tuple[Any, ...]], Any, str]] = {
    "list": ([*SURVEY, ("select_one yesnoo", "x", "X", "X")], CHOICES,
             "sheet 'survey', row 10: found the list 'yesnoo', which sheet `choices` does not hold; allowed: yesno,"
             " scale4, crimes; did you mean 'yesno'?"),
    "choices": (SURVEY, None, "the list 'yesno', which sheet `choices` does not hold; allowed: a sheet `choices`"),
    "name": ([*SURVEY, ("integer", None, "X", "X")], CHOICES, "row 10: found no name for a question of type 'integer'"),
    "type": ([*SURVEY, ("select_on yesno", "x", "X", "X")], CHOICES, "row 10: found the type 'select_on yesno'"),
    "end": ([*SURVEY, ("end group", None, None, None)], CHOICES, "row 10: found 'end group'; allowed: an end for"),
    "heading": ([("typ", "name", "label"), ("integer", "x", "X")], CHOICES, "found no column 'type' among"),
    "nothing": ([("type", "name", "label"), ("note", "x", "X")], CHOICES, "sheet 'survey': found no question"),
}  # fmt: skip


@pytest.mark.parametrize("name", BAD)
def test_what_is_wrong_with_a_form(name: str, tmp_path: Path) -> None:
    survey, choices, said = BAD[name]
    with pytest.raises(DataError) as caught:
        xlsform.read(write(tmp_path / "q.xlsx", survey, choices))
    assert said in str(caught.value)


def test_all_problems_of_a_form_at_once(tmp_path: Path) -> None:
    rows = [*SURVEY, ("select_one a", "x", "X", "X"), ("integer", None, "X", "X")]
    with pytest.raises(DataError) as caught:
        xlsform.read(write(tmp_path / "q.xlsx", rows))
    assert len(caught.value.problems) == 2


@pytest.mark.parametrize("name", ["q.xls", "gone.xlsx", "text.xlsx", "sheets.xlsx"])
def test_what_is_no_form(name: str, tmp_path: Path) -> None:
    (tmp_path / "q.xls").write_bytes(b"\xd0\xcf\x11\xe0")
    (tmp_path / "text.xlsx").write_text("type,name\n", encoding="utf-8")
    openpyxl.Workbook().save(tmp_path / "sheets.xlsx")
    said = {
        "q.xls": "found a .xls file; allowed: .xlsx; save it as .xlsx",
        "gone.xlsx": "found no such file",
        "text.xlsx": "found a file that cannot be read",
        "sheets.xlsx": "found sheets sheet; allowed: a sheet `survey`",
    }
    with pytest.raises(DataError) as caught:
        xlsform.read(tmp_path / name)
    assert said[name] in str(caught.value)


def test_a_draft_takes_texts_and_choices_from_the_form(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("EVALUATION_HOME", str(tmp_path / "home"))
    header = "_uuid,district,year,safety/robbed,safety/safe,seen,seen/theft,times,village"
    rows = [
        f"u{k},{'ab'[k % 2]},{2003 + 2 * (k // 20)},{(1, 0, 98)[k % 3]},{('very', 'bit')[k % 2]},theft,{k % 2},{k % 5},"
        f"v{k % 3}"
        for k in range(40)
    ]
    (tmp_path / "kobo.csv").write_text("\n".join([header, *rows]) + "\n", encoding="utf-8")
    path = draft("kobo", [tmp_path / "kobo.csv"], write(tmp_path / "q.xlsx", [*SURVEY, VILLAGE])).path
    given = YAML(typ="safe", pure=True).load(path.read_text(encoding="utf-8"))
    assert given["report"]["languages"] == ["en", "es"]
    assert given["title"] == {"en": "???", "es": "???"}
    robbed, safe, theft, times, village = given["indicators"]
    assert robbed["label"] == {"en": "In the last twelve months, were you robbed?",
                               "es": "En los últimos doce meses, ¿le robaron?"}  # fmt: skip
    assert (robbed["yes"], robbed["no"], robbed["missing"]) == ([1], [0], {"dont_know": [98]})
    assert robbed["answers"] == {1: {"en": "Yes", "es": "Sí"}, 0: {"en": "No", "es": "No"}}
    assert safe["yes"] == "???"
    assert [*safe["answers"]] == ["very", "bit", "other"]
    assert (theft["label"], theft["yes"]) == ({"en": "Theft", "es": "Hurto"}, [1])
    assert times["label"] == {"en": "How often?", "es": "¿Cuántas veces?"}
    assert "scale" not in times  # asked for a number, so it is a count
    assert times["among"] == {"safety/robbed": [1]}  # the form asks only them
    assert given["labels"] == {"safety/robbed": {"label": robbed["label"], "answers": robbed["answers"]}}
    assert village["yes"] == "???"
    assert (path.parent / "q.xlsx").exists()


def test_a_form_in_a_language_without_wording_is_said(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("EVALUATION_HOME", str(tmp_path / "home"))
    survey = [("type", "name", "label::Français (fr)"), ("select_one on", "vol", "Vous a-t-on volé quelque chose ?")]
    choices = [("list_name", "name", "label::Français (fr)"), ("on", 1, "Oui"), ("on", 0, "Non")]
    rows = [f"{'ab'[k % 2]},{2003 + 2 * (k // 20)},{k % 2}" for k in range(40)]
    (tmp_path / "kobo.csv").write_text("\n".join(["district,year,vol", *rows]) + "\n", encoding="utf-8")
    drafted = draft("kobo", [tmp_path / "kobo.csv"], write(tmp_path / "q.xlsx", survey, choices))
    assert drafted.without_wording == ("fr",)
    assert "the questionnaire is in fr as well, in which no report can be written (only in en, es, pt)" in str(drafted)
    portuguese = [("type", "name", "label::Português (pt)"), *survey[1:]]
    assert xlsform.read(write(tmp_path / "p.xlsx", portuguese, choices)).languages == ("pt",)


def test_points_named_by_their_number_are_a_scale(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("EVALUATION_HOME", str(tmp_path / "home"))
    rows = [f"{'ab'[k % 2]},{2003 + 2 * (k // 20)},{1 + k % 7},{1 + k % 2}" for k in range(40)]
    (tmp_path / "trust.csv").write_text("\n".join(["district,year,trust,sex", *rows]) + "\n", encoding="utf-8")
    asked = [SURVEY[0], ("select_one seven", "trust", "Trust (1 to 7)", "Confianza (1 a 7)"),
             ("select_one sex", "sex", "Sex", "Sexo")]  # fmt: skip
    ends = {1: ("None", "Nada"), 7: ("A lot", "Mucha")}
    choices = [CHOICES[0], *(("seven", k, *ends.get(k, (k, k))) for k in range(1, 8)),
               ("sex", 1, "Man", "Hombre"), ("sex", 2, "Woman", "Mujer")]  # fmt: skip
    path = draft("trust", [tmp_path / "trust.csv"], write(tmp_path / "q.xlsx", asked, choices)).path
    given = YAML(typ="safe", pure=True).load(path.read_text(encoding="utf-8"))
    (trust,) = given["indicators"]
    assert (trust["scale"], "yes" in trust) == ([1, 7], False)
    assert trust["answers"] == {1: {"en": "None", "es": "Nada"}, 7: {"en": "A lot", "es": "Mucha"}}
    assert given["covariates"] == ["sex"]
    assert given["labels"]["sex"]["answers"] == {1: {"en": "Man", "es": "Hombre"}, 2: {"en": "Woman", "es": "Mujer"}}


@pytest.mark.parametrize(("condition", "among"), [
    ("${robbed} = 1", ("robbed", "1")), ("${robbed}='1'", ("robbed", "1")),
    ("selected(${robbed}, 'yes')", ("robbed", "yes")),
    ("${robbed} != 1", None), ("${age} > 18", None), ("${robbed} = 1 or ${seen} = 1", None),
    ("not(selected(${robbed}, 'yes'))", None), (None, None),
])  # fmt: skip
def test_who_was_asked_where_one_answer_decides(condition: str | None, among: tuple[str, str] | None, tmp_path: Path):
    rows = [SURVEY[0], ("integer", "times", "How often?", "¿Cuántas veces?", condition)]
    assert xlsform.read(write(tmp_path / "q.xlsx", rows, None)).questions[0].among == among


@pytest.mark.parametrize(
    ("texts", "language"),
    [
        (["Você se sente seguro no seu distrito?", "sim", "não"], "pt"),
        (["¿Se siente seguro en su distrito?", "sí", "no"], "es"),
        (["Sí", "No", "No sabe", "Hombre", "Mujer"], "es"),
        (["Sim", "Não", "Não sabe", "Homem", "Mulher"], "pt"),
        (["How safe do you feel in your district?"], "en"),
        ([], "en"),
    ],
)
def test_the_language_of_questions_without_a_form(texts: list[str], language: str) -> None:
    assert names.language(texts) == language
