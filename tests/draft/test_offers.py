"""What a draft offers: every key that an evaluator should consider, and each loads once its `# ` is deleted."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import openpyxl
import pandas as pd
import pytest
from drafts import answer, fill_in, keys, offers, taken_in
from ruamel.yaml import YAML

from fewdistricts import chapters, design, paths, survey
from fewdistricts.draft import draft

PLACES = ("Ancón", "Chilca", "Jauja", "Tarma")
MEDIA = {"tv": "Televisión", "radio": "Radio", "none": "Ninguno"}
KEYS = {
    "delivery", "cost", "theory", "words", "response", "weights", "worthwhile", "recall_months", "watch", "any_of",
    "subgroups", "families", "inference", "disclosure", "plan", "caution", "published", "map", "chapters", "publisher",
    "funder", "contact", "license", "citation", "logo", "logo_alt", "colours", "ethics", "qualitative",
    "recommendations", "word",
}  # fmt: skip


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("EVALUATION_HOME", str(tmp_path / "home"))
    return tmp_path


def answers(home: Path) -> Path:
    """Two waves of four districts: who answered, two questions, and one that allows several answers."""
    rng = np.random.default_rng(5)
    rows = pd.DataFrame([(place, year) for year in (2003, 2005) for place in PLACES for _ in range(30)])
    rows.columns = pd.Index(["distrito", "ano"])
    n = len(rows)
    rows["sexo"] = rng.choice(["Hombre", "Mujer"], n)
    rows["edad"] = rng.integers(18, 80, n)
    rows["seguro"] = rng.choice(["Sí", "No"], n)
    rows["veces"] = rng.poisson(1.5, n)
    rows["medios"] = ""
    for medium in MEDIA:
        rows[f"medios/{medium}"] = rng.integers(0, 2, n)
    path = home / "encuesta.csv"
    rows.to_csv(path, index=False)
    return path


def questionnaire(home: Path, *languages: str) -> Path:
    """The questions, in each language the same words."""
    book = openpyxl.Workbook()
    labels = [f"label::{language}" for language in languages]
    book.active.title = "survey"
    book.active.append(("type", "name", *labels))
    for kind, name, label in [
        ("select_one sex", "sexo", "Sexo"), ("integer", "edad", "Edad"), ("select_one si_no", "seguro", "¿Seguro?"),
        ("integer", "veces", "¿Cuántas veces?"), ("select_multiple media", "medios", "¿Por qué medios?"),
    ]:  # fmt: skip
        book.active.append((kind, name, *[label] * len(labels)))
    choices = book.create_sheet("choices")
    choices.append(("list_name", "name", *labels))
    for listed, code, label in [
        ("sex", "Hombre", "Hombres"), ("sex", "Mujer", "Mujeres"), ("si_no", "Sí", "Sí"), ("si_no", "No", "No"),
        *(("media", code, label) for code, label in MEDIA.items()),
    ]:  # fmt: skip
        choices.append((listed, code, *[label] * len(labels)))
    book.save(home / "form.xlsx")
    return home / "form.xlsx"


def read(text: str) -> dict[str, Any]:
    return YAML(typ="safe", pure=True).load(text)


def filled(text: str) -> dict[str, Any]:
    """The draft as somebody fills it in, with a direction of every indicator."""
    given = read(text)
    languages = given["report"]["languages"]
    fill_in(given)
    for key, value in (("title", "Prueba"), ("source", "Hecha a mano"), ("name", "Patrullas")):
        holder = {"title": given, "source": given["data"], "name": given["intervention"]}[key]
        holder[key] = dict.fromkeys(languages, value)
    given["intervention"]["description"] = dict.fromkeys(languages, "Patrullas de noche")
    for k, district in enumerate(given["districts"]):
        district["arm"] = ("pilot", "comparison")[k % 2]
    for indicator in given["indicators"]:
        indicator["better"] = "higher"
    return answer(given)


def load(given: dict[str, Any]) -> design.Design:
    (paths.raw("new") / "evaluation.yaml").write_text(json.dumps(given, ensure_ascii=False), encoding="utf-8")
    return design.load("new")


@pytest.mark.parametrize("languages", [(), ("Español (es)",), ("English (en)", "Español (es)")], ids=len)
def test_each_offer_loads_alone_and_all_together(home: Path, languages: tuple[str, ...]) -> None:
    form = questionnaire(home, *languages) if languages else None
    text = draft("new", [answers(home)], form).path.read_text(encoding="utf-8")
    found = offers(text)
    load(filled(text))
    for lines in found:
        given = filled(taken_in(text, [lines]))
        assert given != filled(text)
        load(given)
    everything = filled(taken_in(text, found))
    assert set(keys(everything)) >= KEYS
    declared = load(everything)
    everything.pop("chapters"), everything["report"].pop("logo")  # no such files lie there
    survey.build(load(everything))
    assert [(group.id, group.members) for group in declared.subgroups] == [
        ("sex", ("hombres", "mujeres") if languages else ("hombre", "mujer")),
        ("age", ("<30", "30-44", "45-59", "60+")),
    ]
    made = next(each for each in declared.indicators if each.rule)
    of_media = [each.id for each in declared.indicators if each.column in ("medios/tv", "medios/radio")]
    assert (made.id, list(made.parts)) == ("any_medios", of_media)  # `none` is no medium
    assert survey.load("new")["any_medios"].notna().all()


def test_districts_as_the_unit_have_no_respondents_to_group(home: Path) -> None:
    path = home / "records.csv"
    rows = [(place, year, k + year) for k, place in enumerate(PLACES) for year in (2003, 2005)]
    pd.DataFrame(rows, columns=["district", "year", "robberies"]).to_csv(path, index=False)
    text = draft("new", [path]).path.read_text(encoding="utf-8")
    assert "level: district" in text
    everything = filled(taken_in(text, offers(text)))
    load(everything)
    assert not {"subgroups", "weights", "response"} & set(keys(everything))


def square(number: int, **properties: Any) -> dict[str, Any]:
    x, y = number % 2, number // 2
    ring = [[x, y], [x + 1, y], [x + 1, y + 1], [x, y + 1], [x, y]]
    return {"type": "Feature", "properties": properties, "geometry": {"type": "Polygon", "coordinates": [ring]}}


def test_a_map_beside_the_survey_is_taken_with_its_spellings(home: Path) -> None:
    drawn = [square(k, code=k, nombre=place.upper()) for k, place in enumerate([*PLACES, "Lima"])]
    (home / "other.geojson").write_text(json.dumps({"type": "FeatureCollection", "features": drawn[1:]}))
    (home / "peru.geojson").write_text(json.dumps({"type": "FeatureCollection", "features": drawn}))
    text = draft("new", [answers(home)]).path.read_text(encoding="utf-8")
    assert read(text)["map"] == {"file": "peru.geojson", "key": "nombre"}
    declared = load(filled(text))
    chapters.check(declared)  # the file lies in the folder, and has every district
    assert declared.districts[0].spellings == ("Ancón", "ANCÓN")
    survey.build(declared)
    assert set(survey.load("new")["district"]) == {"ancon", "chilca", "jauja", "tarma"}


def test_chapters_and_a_logo_in_the_folder_are_taken(home: Path) -> None:
    folder = paths.raw("new")
    folder.mkdir(parents=True)
    for name in ("lugar.es.md", "metodo.md", "README.md"):
        label = "" if name == "README.md" else " {#sec-own}"
        (folder / name).write_text(f"# Título{label}\n\nTexto.\n", encoding="utf-8")
    (folder / "logo.svg").write_text('<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 1 1"/>')
    cell = {"cell_type": "markdown", "metadata": {}, "source": "# Cuadros {#sec-cuadros}"}
    notebook = {"cells": [cell], "metadata": {}, "nbformat": 4, "nbformat_minor": 5}
    (folder / "cuadros.ipynb").write_text(json.dumps(notebook))
    text = draft("new", [answers(home)], questionnaire(home, "English (en)", "Español (es)")).path.read_text("utf-8")
    given = read(text)
    assert given["chapters"] == [
        {"file": {"en": "???", "es": "lugar.es.md"}, "after": "programme"},
        {"file": {"en": "metodo.md", "es": "metodo.md"}, "after": "programme"},
        {"notebook": "cuadros.ipynb", "after": "results"},
    ]
    assert (given["report"]["logo"], given["report"]["logo_alt"]) == ("logo.svg", {"en": "???", "es": "???"})
