"""Every kind of design to its PDF in both languages: small invented surveys, and real data of installed packages.

The notebooks run without a kernel; the rest is what `make report` does. Each report must name no exhibit that its
design lacks (that is an error of the exporter), say what its design allows and nothing that belongs to another.
"""

from __future__ import annotations

import io
import json
import re
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pypdf
import pytest
from designs import DESIGNS
from rendered import executed
from surveys import at_home

from fewdistricts import design as declared
from fewdistricts import paths, survey
from fewdistricts.estimates import estimate
from fewdistricts.estimates import pipeline as plan
from nbaccessible.exporters import AccessiblePDFExporter

pytestmark = pytest.mark.slow
EFFECT = re.compile(r"\b(?:effects?|efectos?)\b", re.IGNORECASE)
ALLOWED = re.compile(r"design effects?|efectos? (?:de|del) diseño|effects in early|effects? \(deff\)", re.IGNORECASE)
BIBLIOGRAPHY = re.compile(r"(?:References|Referencias)[^•.]* • .*")


@dataclass(frozen=True)
class Report:
    """The estimates of a design, and the texts of its report and annex by language."""

    rows: pd.DataFrame
    report: dict[str, str]
    annex: dict[str, str]

    @property
    def texts(self) -> list[str]:
        return [*self.report.values(), *self.annex.values()]

    def row(self, **key: Any) -> pd.Series:
        found = self.rows[np.logical_and.reduce([self.rows[k] == v for k, v in key.items()])]
        assert len(found) == 1, f"{len(found)} rows with {key}"
        return found.iloc[0]


@pytest.fixture(scope="module")
def reports(tmp_path_factory) -> Callable[[str], Report]:
    made: dict[str, Report] = {}

    def of(name: str) -> Report:
        if name not in made:
            made[name] = _report(tmp_path_factory.mktemp(name), name)
        return made[name]

    return of


def _report(home: Path, name: str) -> Report:
    data, declaration = DESIGNS[name]()
    folder, evaluation = home / "data" / "raw" / "small", "small"
    folder.mkdir(parents=True)
    data.to_csv(folder / "data.csv", index=False)
    (folder / "evaluation.yaml").write_text(json.dumps(declaration), encoding="utf-8")
    with at_home(home):
        survey.build(declared.load(evaluation))
        rows = estimate.rounded(plan.estimates(declared.load(evaluation), survey.load(evaluation)))
        rows.to_parquet(paths.processed(evaluation) / "estimates.parquet", index=False)
        report, annex = ({language: _text(language, kind) for language in ("en", "es")} for kind in ("report", "annex"))
    return Report(rows, report, annex)


def _text(language: str, notebook: str) -> str:
    content, _ = AccessiblePDFExporter().from_notebook_node(executed("small", language, notebook))
    pages = pypdf.PdfReader(io.BytesIO(content)).pages
    return " ".join(" ".join(page.extract_text() for page in pages).replace("-\n", "").split())


@pytest.mark.parametrize("name", DESIGNS)
def test_the_report_is_whole_and_fits_its_design(reports, name):
    made, (_, declaration) = reports(name), DESIGNS[name]()
    respondents = declaration["data"].get("level") != "district"
    for text in made.texts:
        assert len(text) > 8_000
        assert not re.search(r"\bnan\b|\bNone\b|\{\{|\(\s*\)", text)
    first = made.report["en"].partition("Contents")[0], made.report["es"].partition("Contenido")[0]
    if respondents:
        assert "interviews were held" in first[0]
        assert re.search(r"Se hicieron [\d,]+ entrevistas", first[1])
    else:
        for text in (made.report["en"], made.annex["en"]):
            for word in ("interviews in", "Residents", "shocks and sampling error", "Taylor"):
                assert word not in text, word
        assert "nobody was interviewed" in first[0]
        assert "no se entrevistó a nadie" in first[1]


@pytest.mark.parametrize("name", ["before_after", "kielmc", "snow"])
def test_the_word_effect_stands_nowhere_without_a_design_for_it(reports, name):
    for text in reports(name).texts:
        chapters = BIBLIOGRAPHY.sub("", text)  # titles of other people
        assert len(chapters) < len(text)
        assert not EFFECT.search(ALLOWED.sub("", chapters))


def test_without_comparison_districts_the_report_is_level_two(reports):
    made = reports("before_after")
    assert "this is level 2: before and after, no comparison group" in made.report["en"]
    assert "este diseño corresponde al nivel 2: antes y después, sin grupo de comparación" in made.report["es"]
    assert set(made.rows["estimand"]) <= {"level", "change"}


def test_what_was_not_asked_is_no_change(reports):
    made = reports("asked_in_some_waves")
    assert "Not asked in every survey: “Hours outside”" in made.report["en"]
    assert "No se preguntaron en todas las encuestas: «Hours outside (es)»" in made.report["es"]
    assert made.row(district="pilot", wave="2002", indicator="hours", estimand="level")["status"] == "not_asked"
    assert "neither weights nor strata nor sampling units" in made.report["en"]
    assert "no tiene factores de expansión, estratos ni unidades de muestreo" in made.report["es"]


def test_a_panel_counts_whom_it_lost(reports):
    made = reports("panel")
    lost = {arm: made.row(district=arm, estimand="attrition", indicator="attrition") for arm in ("pilot", "comparison")}
    assert (lost["pilot"]["estimate"], lost["comparison"]["estimate"]) == (0.4, 0.1)
    difference = made.row(district="pooled", estimand="attrition", indicator="attrition")
    assert (difference["estimate"], difference["n_districts"]) == (pytest.approx(0.3), 6)
    found = made.row(district="pilot", estimand="attrition", indicator="safe", variant="balanced")
    assert found["n"] == 3 * 24
    assert "Members of the panel who were not found again" in made.annex["en"]
    assert "Miembros del panel a quienes no se volvió a encontrar" in made.annex["es"]
    assert "balanced panel" in made.annex["en"]


@pytest.mark.parametrize("name", ["staggered_respondents", "castle"])
def test_staggered_starts_are_compared_from_before_the_first(reports, name):
    made = reports(name)
    first = {"staggered_respondents": "2001", "castle": "2005"}[name]
    assert set(made.rows.loc[made.rows["estimand"] == "balance", "wave"]) == {first}
    assert "did not start together" in made.report["en"]
    assert "no comenzaron a la vez" in made.report["es"]


def test_castle_is_the_mean_over_its_cohorts(reports):
    """Each state's mean after its law less its mean before it, against the states that never had one: what the levels
    beside it add up to."""
    made, (data, _) = reports("castle"), DESIGNS["castle"]()
    level = data.pivot_table(index="sid", columns="year", values="l_homicide")
    start = data.groupby("sid")["start"].first().str[:4]
    never = level[(start == "").reindex(level.index)].mean()
    gaps = []
    for state in level.index[start.reindex(level.index) != ""]:
        gap, after = level.loc[state] - never, level.columns >= int(start[state])
        gaps.append(gap[after].mean() - gap[~after].mean())
    answer = made.row(estimand="att", variant="main")["estimate"]
    assert answer == pytest.approx(np.mean(gaps), abs=1e-7)
    change = {
        arm: made.row(estimand="change", district=arm, wave="after")["estimate"] for arm in ("pilot", "comparison")
    }
    assert answer == pytest.approx(change["pilot"] - change["comparison"], abs=1e-7)


def test_sixty_months_stay_readable(reports):
    made = reports("sixty_months")
    assert "60 times from January 2001 to December 2005" in made.report["en"]
    assert "Pilot districts (12)" in made.annex["en"]  # drawn by arm
    assert re.search(r"a difference of [+−]0\.\d+ a person between the two changes", made.report["en"])
    assert all(len(text) < 50_000 for text in made.texts)  # about 15 pages


def test_kielmc_and_injury_are_the_published_numbers(reports):
    """Wooldridge (2020): -11,863.90 dollars; .1906 in Kentucky and .1920 in Michigan, the mean of both in pairs."""
    assert reports("kielmc").row(estimand="att", variant="main")["estimate"] == pytest.approx(-11863.90, abs=0.005)
    rows = reports("injury").rows.query("estimand == 'change'").set_index("district")["estimate"]
    own = [rows[f"{state}-high"] - rows[f"{state}-low"] for state in ("ky", "mi")]
    assert own == pytest.approx([0.1906, 0.1920], abs=5e-5)
    answer = reports("injury").row(estimand="att", estimator="district_change", variant="main")
    assert answer["estimate"] == pytest.approx(np.mean(own), abs=1e-7)
    assert "The districts are matched in pairs" in reports("injury").report["en"]


def test_one_figure_each_has_no_interval(reports):
    made = reports("snow")
    answer = made.row(estimand="att", variant="main")
    assert answer["estimate"] == pytest.approx(84.9 - 130.1 - (146.6 - 134.9), abs=1e-4)
    assert pd.isna(answer["ci_low"])
    assert "no uncertainty can be stated" in made.report["en"]
