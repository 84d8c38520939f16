"""Whatever survey is drafted and whatever of the draft is deleted or taken in, what stands is a declaration."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import openpyxl
import pandas as pd
import pytest
from drafts import answer, fill_in, offers, taken_in
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from ruamel.yaml import YAML

from fewdistricts import design, paths, survey
from fewdistricts.draft import draft

PLACES = ("Ancón", "Chilca", "El Tambo", "Jauja", "Pilcomayo", "Tarma")
OPTIONAL = (
    "no", "scale", "missing", "question", "answers", "better", "family", "role", "among", "waves", "blank",
)  # fmt: skip
"""Keys of an indicator that a reader of the draft may delete."""


@dataclass(frozen=True)
class Drawn:
    """What a generated survey has."""

    seed: int
    districts: int
    files: bool
    """A file for each wave, else one with a column of waves."""
    weights: bool
    psu: bool
    arms: bool
    labelled: bool
    """Answers that say there is none, and codes far from the others."""
    several: bool
    """A question with several answers in a cell, and ticks."""
    header: str
    """A second row of headers: none, hxl or questions."""
    total: bool
    form: str
    """The questionnaire: none, its own or another's."""


SURVEYS = st.builds(
    Drawn,
    seed=st.integers(0, 10_000), districts=st.integers(2, 6), files=st.booleans(), weights=st.booleans(),
    psu=st.booleans(), arms=st.booleans(), labelled=st.booleans(), several=st.booleans(),
    header=st.sampled_from(["none", "hxl", "questions"]), total=st.booleans(),
    form=st.sampled_from(["none", "own", "other"]),
)  # fmt: skip


def frame_of(drawn: Drawn) -> pd.DataFrame:
    """Twenty interviews a district and wave."""
    rng = np.random.default_rng(drawn.seed)
    places, each = PLACES[: drawn.districts], 20
    rows = pd.DataFrame(
        [(place, year, k) for year in (2003, 2005) for place in places for k in range(each)],
        columns=["distrito", "ola", "k"],
    )
    n = len(rows)
    if drawn.weights:
        rows["factor"] = rng.uniform(0.5, 2, n).round(2)
    if drawn.psu:
        rows["upm"] = [
            f"{1 + places.index(place):02}{k // 5:02}" for place, k in zip(rows.distrito, rows.k, strict=True)
        ]
    if drawn.arms:
        rows["tratamiento"] = rows["distrito"].isin(places[: drawn.districts // 2]).astype(int)
    rows["sexo"] = rng.choice(["Hombre", "Mujer"], n)
    rows["edad"] = rng.integers(18, 80, n)
    rows["seguro"] = rng.choice(["Sí", "No", *(["No sabe"] if drawn.labelled else [])], n)
    rows["confia"] = rng.choice([1, 2, 3, 4, 5, 6, 7, *([99] if drawn.labelled else [])], n)
    rows["veces"] = rng.poisson(1.5, n)
    if drawn.several:
        heard = rng.random((n, 3)) < 0.5
        words = np.array(["tv", "radio", "web"])
        rows["medios"] = [" ".join(words[each]) or "tv" for each in heard]
        rows["agua"] = np.where(rng.random(n) < 0.5, "X", "")
    rows["horas"] = rng.uniform(0, 40, n).round(3)
    return rows.drop(columns="k")


def written(drawn: Drawn, folder: Path) -> list[Path]:
    """The files, with the rows that people put above and below answers."""
    rows = frame_of(drawn)
    parts = {"survey": rows}
    if drawn.files:
        parts = {str(year): part.drop(columns="ola") for year, part in rows.groupby("ola")}
    paths_of = []
    for name, part in parts.items():
        lines = [list(part.columns)]
        if drawn.header == "hxl":
            lines.append([f"#x+{column}" for column in part.columns])
        elif drawn.header == "questions":
            lines.append([f"¿Cuál es la respuesta a {column} en este hogar?" for column in part.columns])
        lines += part.astype(str).to_numpy().tolist()
        if drawn.total:
            lines.append(["TOTAL", *[""] * (len(part.columns) - 2), str(len(part))])
        path = folder / f"{name}.csv"
        path.write_text("".join(",".join(line) + "\n" for line in lines), encoding="utf-8")
        paths_of.append(path)
    return paths_of


def questionnaire(path: Path, own: bool) -> Path:
    book = openpyxl.Workbook()
    book.active.title = "survey"
    book.active.append(("type", "name", "label::Español (es)"))
    for kind, name, label in [
        ("text", "distrito", "Distrito"), ("select_one si_no", "seguro", "¿Se siente seguro?"),
        ("integer", "veces", "¿Cuántas veces?"), ("integer", "confia", "¿Cuánto confía, de 1 a 7?"),
        ("select_one sexo", "sexo", "Sexo"), ("integer", "edad", "Edad"),
    ]:  # fmt: skip
        book.active.append((kind, name, label) if own else (kind, f"otra_{name}", f"{label} (otra encuesta)"))
    choices = book.create_sheet("choices")
    choices.append(("list_name", "name", "label::Español (es)"))
    for listed, code in (("si_no", "Sí"), ("si_no", "No"), ("sexo", "Hombre"), ("sexo", "Mujer")):
        choices.append((listed, code, code))
    book.save(path)
    return path


def fill(given: Any, rows: pd.DataFrame) -> dict[str, Any]:
    """A draft as somebody fills it in."""
    fill_in(given)
    for k, district in enumerate(given["districts"]):
        if district["arm"] == "???":
            district["arm"] = ("pilot", "comparison")[k % 2]
    for indicator in given["indicators"]:
        for key in ("yes", "contains"):
            if indicator.get(key) == "???":
                indicator[key] = [str(rows[indicator["column"]].iloc[0]).split(" ")[0]]
    return dict(given)


def loaded(given: dict[str, Any]) -> design.Design:
    (paths.raw("new") / "evaluation.yaml").write_text(json.dumps(given, ensure_ascii=False), encoding="utf-8")
    return design.load("new")


def remarks(text: str) -> list[tuple[str, str]]:
    """Remarks on lines of their own, each with the key or the item that it stands in."""
    out, item = [], ""
    for line in text.splitlines():
        if re.match(r"\s*- (path|id): |\w+:", line):
            item = line
        if re.match(r"\s*# check: ", line):
            out.append((item, line.strip()))
    return out


@settings(
    max_examples=20,
    deadline=None,
    phases=[Phase.explicit, Phase.reuse, Phase.generate],
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
@given(drawn=SURVEYS, data=st.data())
def test_what_is_left_of_a_draft_loads(
    drawn: Drawn, data: st.DataObject, tmp_path_factory: pytest.TempPathFactory
) -> None:
    home = tmp_path_factory.mktemp("home")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("EVALUATION_HOME", str(home))
        files = written(drawn, home)
        form = questionnaire(home / "form.xlsx", drawn.form == "own") if drawn.form != "none" else None
        text = draft("new", files, form).path.read_text(encoding="utf-8")
        assert len(set(remarks(text))) == len(remarks(text))
        is_other = "questionnaire; is it that of this survey?" in text.replace("\n# ", " ")
        assert is_other == (drawn.form == "other")
        rows = frame_of(drawn)
        whole = fill(YAML(typ="safe", pure=True).load(text), rows)
        survey.build(loaded(whole))
        built = survey.load("new")
        assert len(built) == len(rows)
        no_answer = (rows["seguro"] == "No sabe").sum()
        assert built["seguro"].sum() == (rows["seguro"] == "Sí").sum()
        assert built["seguro"].count() == len(rows) - no_answer
        taken = data.draw(st.sets(st.sampled_from(offers(text))), label="offers")
        more = fill(YAML(typ="safe", pure=True).load(taken_in(text, taken)), rows)
        for each in more["indicators"]:
            each["better"] = "higher"
        loaded(answer(more))
        count = len(whole["indicators"])
        kept = data.draw(st.sets(st.integers(0, count - 1), min_size=1), label="indicators")
        whole["indicators"] = [each for i, each in enumerate(whole["indicators"]) if i in kept]
        for each in whole["indicators"]:
            for key in data.draw(st.sets(st.sampled_from(OPTIONAL)), label="keys"):
                each.pop(key, None)
        for key in data.draw(st.sets(st.sampled_from(["covariates", "labels"])), label="sections"):
            whole.pop(key, None)
        for key in data.draw(st.sets(st.sampled_from(["weight", "stratum", "psu", "respondent"])), label="columns"):
            whole["data"]["columns"].pop(key, None)
        loaded(whole)
