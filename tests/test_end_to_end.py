"""From a survey file to pages, by the command that a user types: a small real survey, the same called synthetic, and
the Andean survey where it lies beside the project."""

from __future__ import annotations

import base64
import csv
import hashlib
import html
import json
import os
import re
import shutil
import subprocess
import sys
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import nbformat
import openpyxl
import pandas as pd
import pypdf
import pytest
import stamps
import towns

from fewdistricts.estimates import estimate
from fewdistricts.exhibits.documents.document import NOT_OF_DATA
from fewdistricts.exhibits.text.wording import Words
from fewdistricts.paths import PROJECT

pytestmark = pytest.mark.slow
LANGUAGES = ("en", "es")
PUBLISHED = [f"report-{language}.{ending}" for language in LANGUAGES for ending in ("pdf", "html")]
PUBLISHED += ["estimates.csv", "estimates.xlsx", "CITATION.cff"]
SYNTHETIC = re.compile(r"synthetic|sintétic", re.IGNORECASE)
CASE = PROJECT.parent / "shared" / "cases" / "lapop-andes"


@dataclass
class Run:
    """An evaluation built by the command, with what the command said."""

    home: Path
    name: str
    done: subprocess.CompletedProcess[str]
    texts: dict[str, list[str]] = field(default_factory=dict)

    @property
    def reports(self) -> Path:
        return self.home / "reports" / self.name

    @property
    def processed(self) -> Path:
        return self.home / "data" / "processed" / self.name

    def pages(self, language: str) -> list[str]:
        """The text of each page of the PDF."""
        if language not in self.texts:
            reader = pypdf.PdfReader(self.reports / f"report-{language}.pdf")
            self.texts[language] = [" ".join(page.extract_text().split()) for page in reader.pages]
        return self.texts[language]

    def html(self, language: str) -> str:
        return (self.reports / f"report-{language}.html").read_text(encoding="utf-8")

    def rows(self) -> list[dict[str, str]]:
        """The rows of estimates.csv as texts."""
        return list(csv.DictReader((self.reports / "estimates.csv").read_text(encoding="utf-8").splitlines()))

    def files(self) -> dict[str, bytes]:
        """What is published, by name."""
        found = (path for path in self.reports.rglob("*") if path.is_file())
        return {path.relative_to(self.reports).as_posix(): path.read_bytes() for path in found}

    def again(self, *options: str) -> subprocess.CompletedProcess[str]:
        return report(self.home, self.name, *options)


def report(home: Path, name: str, *options: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "fewdistricts", "report", name, "--jobs", "2", *options]
    environment = {**os.environ, "EVALUATION_HOME": str(home)}
    return subprocess.run(command, cwd=PROJECT, env=environment, capture_output=True, text=True, timeout=600)


def built(home: Path, kind: str) -> Run:
    folder = home / "data" / "raw" / "towns"
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "evaluation.yaml").write_text(towns.YAML.replace("KIND", kind), encoding="utf-8")
    if not (folder / "survey.csv").exists():
        towns.survey().to_csv(folder / "survey.csv", index=False)
    done = report(home, "towns")
    assert done.returncode == 0, done.stderr
    return Run(home, "towns", done)


@pytest.fixture(scope="module")
def real(tmp_path_factory) -> Run:
    return built(tmp_path_factory.mktemp("real"), "real")


@pytest.fixture(scope="module")
def synthetic(tmp_path_factory, real) -> Run:
    home = tmp_path_factory.mktemp("synthetic")
    shutil.copytree(real.home, home, dirs_exist_ok=True)
    return built(home, "synthetic")


# --- a real survey -------------------------------------------------------------------------------------------------


def test_all_files_are_there_and_the_manifest_knows_them(real):
    there = real.files()
    assert {*PUBLISHED, "manifest.json"} <= there.keys()
    listed = json.loads(there.pop("manifest.json"))["published"]
    assert listed == {name: hashlib.sha256(content).hexdigest() for name, content in there.items()}


def test_executed_notebooks_are_kept_with_their_outputs(real):
    notebooks = sorted(path.relative_to(real.processed).as_posix() for path in real.processed.rglob("*.ipynb"))
    waves = [f"district_wave/{name}-{year}.ipynb" for name in ("north", "south") for year in ("2003", "2005")]
    assert {*waves, "pooled.ipynb", "report/report-en.ipynb", "report/report-es.ipynb"} <= set(notebooks)
    assert not [name for name in notebooks if name.startswith("district_wave/") and name not in waves]
    for name in notebooks:
        notebook = nbformat.read(real.processed / name, as_version=4)
        nbformat.validate(notebook)
        code = [cell for cell in notebook.cells if cell.cell_type == "code"]
        assert any(cell.outputs for cell in code)
        assert not [output for cell in code for output in cell.outputs if output.output_type == "error"]


def test_a_second_run_runs_nothing(real):
    before = real.files()
    done = real.again()
    assert done.returncode == 0
    assert "0 tasks ran" in done.stderr
    assert real.files() == before


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_real_survey_is_called_synthetic_nowhere(real, language):
    assert not SYNTHETIC.search(" ".join(real.pages(language)))
    assert not SYNTHETIC.search(real.html(language))
    assert not SYNTHETIC.search((real.reports / "estimates.csv").read_text())
    book = openpyxl.load_workbook(real.reports / "estimates.xlsx")
    cells = [str(cell.value) for sheet in book for row in sheet.iter_rows() for cell in row]
    cells = [cell.replace("synthetic_control", "") for cell in cells]  # the estimator, in its closed list
    kinds = [cell for cell in cells if SYNTHETIC.search(cell)]
    assert kinds == ["synthetic or real"]  # the dictionary of columns, of `data_kind`


@pytest.mark.parametrize("language", LANGUAGES)
def test_pages_are_numbered_and_say_what_they_are(real, language):
    reader = pypdf.PdfReader(real.reports / f"report-{language}.pdf")
    assert reader.trailer["/Root"]["/Lang"].startswith(language)
    assert reader.metadata.title.startswith({"en": "Night patrols", "es": "Patrullas nocturnas"}[language])
    assert len(reader.outline) > 8
    annex = pypdf.PdfReader(real.reports / f"annex-{language}.pdf")
    assert 5 <= len(reader.pages) <= 12 and len(reader.pages) + len(annex.pages) > 10
    assert all(len(text) > 40 for text in real.pages(language))


@pytest.mark.parametrize("language", LANGUAGES)
def test_no_text_of_the_configuration_becomes_markup(real, language):
    said = {"en": "Patrols & walks, <by night> #every *day*.", "es": "Patrullas y rondas, <de noche> #cada *día*."}
    place = {"en": "North $x$", "es": "Norte $x$"}[language]
    whole = " ".join(real.pages(language))
    plain = html.unescape(re.sub(r"<[^>]*>", "", real.html(language)))
    for text in (said[language], place):
        assert text in whole
        assert text in " ".join(plain.split())


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_answer_on_the_page_is_the_row_of_the_table(real, language):
    rows = real.rows()
    (answer,) = [
        row
        for row in rows
        if (row["indicator"], row["estimand"], row["estimator"], row["variant"])
        == ("safe", "att", "variance_components", "main")
    ]
    words = Words(language)
    interval = words.interval(float(answer["ci_low"]), float(answer["ci_high"]), "share")
    size = words.short(words.difference(float(answer["estimate"]), "share"), "share")
    whole = " ".join(real.pages(language))
    shown = re.sub(r'<span class="source">[^<]*</span>', "", real.html(language))  # behind a switch
    plain = " ".join(html.unescape(re.sub(r"<[^>]*>", "", shown)).split())
    for text in (interval, size):
        assert text in whole
        assert text in plain


def test_the_exports_hold_the_rows_of_the_notebooks(real):
    whole = pd.read_parquet(real.processed / "estimates.parquet")
    rows = real.rows()
    assert len(rows) == len(whole)
    assert list(rows[0]) == estimate.COLUMNS
    assert {row["data_kind"] for row in rows} == {"real"}
    cell = pd.read_parquet(real.processed / "district_wave" / "north-2005.parquet").query("kind == 'indicator'")
    levels = whole.query("district == 'north' and wave == '2005' and estimand == 'level'")
    joined = levels.merge(cell, on="indicator", suffixes=("", "_of_cell"))
    assert len(joined) == len(cell) > 0
    assert joined["estimate"].tolist() == pytest.approx(joined["mean"].tolist(), rel=5e-8)  # eight digits
    assert joined["n"].tolist() == joined["n_of_cell"].tolist()


@pytest.mark.parametrize("language", LANGUAGES)
def test_pages_hold_nothing_of_the_machine(real, language):
    for text in (real.html(language), " ".join(real.pages(language))):
        assert str(real.home) not in text
        assert str(PROJECT) not in text
        assert not re.search(r"\bnan\b|\bNone\b|<NA>|\{\{", text)
    assert "<script" not in real.html(language)


def uncovered(path: Path) -> Iterator[bytes]:
    """Everything a file holds: its bytes, what a zip or PDF packs, and what text carries as base64."""
    content = path.read_bytes()
    yield content
    if path.suffix == ".xlsx":
        book = zipfile.ZipFile(path)
        yield from (book.read(name) for name in book.namelist())
    if path.suffix == ".pdf":
        reader = pypdf.PdfReader(path)
        yield "".join(page.extract_text() for page in reader.pages).encode()
        for number in range(1, int(reader.trailer["/Size"])):
            held = reader.get_object(number)
            if isinstance(held, pypdf.generic.StreamObject):
                yield held.get_data()
    for packed in re.findall(rb"[A-Za-z0-9+/]{200,}={0,2}", content) if path.suffix in (".html", ".ipynb") else ():
        yield base64.b64decode(packed + b"=" * (-len(packed) % 4))


def test_nothing_published_and_no_notebook_names_a_respondent_or_a_place_of_interviews(real):
    ids = re.compile(rb"RESP7Q|BLK9Z", re.IGNORECASE)
    source = real.home / "data" / "raw" / "towns" / "survey.csv"
    assert ids.search(source.read_bytes())
    files = [path for path in real.reports.rglob("*") if path.is_file()] + [*real.processed.rglob("*.ipynb")]
    assert {path.suffix for path in files} >= {".pdf", ".html", ".csv", ".xlsx", ".json", ".ipynb"}
    assert "ro-crate-metadata.json" in {path.name for path in files}
    for path in files:
        assert not any(ids.search(held) for held in uncovered(path)), path.name
    holding = {path.relative_to(real.home).as_posix() for path in real.home.rglob("*.parquet")}
    cells = [f"district_wave/{town}-{year}" for town in ("north", "south", "east", "west") for year in (2003, 2005)]
    assert {name for name in holding if "/survey/" not in name} == {
        f"data/processed/towns/{name}.parquet" for name in ("estimates", "sample", "suppressed", *cells)
    }


def test_git_passes_over_survey_files_and_what_is_built_unless_told_otherwise():
    def ignored(name: str) -> bool:
        command = ["git", "check-ignore", "--no-index", "-q", name]
        return subprocess.run(command, cwd=PROJECT, check=False).returncode == 0

    if not (PROJECT / ".git").exists():
        pytest.skip("not a git clone")
    kept_out = ["wave1.dta", "b.sav", "c.csv", "d.xlsx", "e.parquet", "form.xlsx", "notes.txt", "folder/wave2.dta"]
    assert [name for name in kept_out if not ignored(f"data/raw/mine/{name}")] == []
    assert ignored("data/processed/mine/survey/north.arrow") and ignored("reports/mine/report-en.pdf")
    for name in ("data/raw/mine/evaluation.yaml", "data/raw/mine/SOURCE.md", "data/raw/mine/plan.json"):
        assert not ignored(name)


# --- the same, called synthetic ------------------------------------------------------------------------------------


@pytest.mark.parametrize("language", LANGUAGES)
def test_synthetic_data_are_stamped_on_every_page_of_data_figure_and_table(synthetic, language):
    stamp = Words(language).label("document", "stamp")
    due = stamps.holds_data(synthetic.reports / f"report-{language}.pdf", language)
    assert [stamp in text for text in synthetic.pages(language)] == due
    assert sum(due) >= 3
    page = html.unescape(synthetic.html(language))
    exhibits = re.findall(r'<figure id="(fig|tbl)-([\w-]+)"(.*?)</figure>', page, flags=re.DOTALL)
    exhibits = [(kind, shown) for kind, name, shown in exhibits if name.replace("-", "_") not in NOT_OF_DATA]
    assert {kind for kind, _ in exhibits} == {"fig", "tbl"} and len(exhibits) > 8
    within = {"fig": stamp, "tbl": Words(language).label("document", "mark")}  # a picture may travel alone
    assert all(within[kind] in shown for kind, shown in exhibits)
    drawn = "".join(shown for kind, shown in exhibits if kind == "fig")
    folded = re.findall(r'<details class="data">(.*?)</details>', drawn, flags=re.DOTALL)
    assert folded and all(within["tbl"] in table for table in folded)


def test_synthetic_data_are_called_so_in_every_file(synthetic):
    rows = synthetic.rows()
    assert {row["data_kind"] for row in rows} == {"synthetic"}
    book = openpyxl.load_workbook(synthetic.reports / "estimates.xlsx")
    assert any("synthetic" in str(cell.value) for row in book["about"].iter_rows() for cell in row)


def test_what_is_called_synthetic_has_the_same_numbers(real, synthetic):
    both = [pd.read_parquet(run.processed / "estimates.parquet").drop(columns="data_kind") for run in (real, synthetic)]
    pd.testing.assert_frame_equal(*both)


# --- real survey data ----------------------------------------------------------------------------------------------

COUNTRY = {"8": "colombia", "9": "ecuador", "10": "bolivia", "11": "peru"}


@pytest.fixture(scope="module")
def andes(tmp_path_factory) -> Run:
    if not (CASE / "andean_2018_2023.csv").exists():
        pytest.skip("the Andean survey is not beside the project; data/raw/lapop-andes/SOURCE.md says how to obtain it")
    home = tmp_path_factory.mktemp("andes")
    folder = home / "data" / "raw" / "lapop-andes"
    shutil.copytree(PROJECT / "data" / "raw" / "lapop-andes", folder)
    shutil.copy(CASE / "andean_2018_2023.csv", folder)
    done = report(home, "lapop-andes")
    assert done.returncode == 0, done.stderr
    return Run(home, "lapop-andes", done)


@pytest.fixture(scope="module")
def by_r() -> dict:
    return json.loads((CASE / "expected.json").read_text())


def test_the_andean_report_is_there_in_both_languages(andes):
    assert {*PUBLISHED, "manifest.json"} <= andes.files().keys()


def test_andean_levels_are_those_of_r(andes, by_r):
    rows = pd.read_parquet(andes.processed / "estimates.parquet").query("estimand == 'level'")
    rows = rows[rows["indicator"] == "trust_police"].set_index(["district", "wave"])
    assert len(by_r["means"]) == 8
    for cell, expected in by_r["means"].items():
        country, wave = cell.split("_")
        row = rows.loc[(COUNTRY[country], wave)]
        assert (row["estimate"], row["se"]) == pytest.approx(tuple(expected), abs=1e-6), cell


def test_the_andean_difference_follows_from_the_levels_of_r(andes, by_r):
    """Countries count equally here; in the raw_weights row by their answers, as in R's regression."""
    share = {"11": 1, "8": -1 / 3, "9": -1 / 3, "10": -1 / 3}
    levels = by_r["means"]
    estimate = sum(c * (levels[f"{code}_2023"][0] - levels[f"{code}_2018"][0]) for code, c in share.items())
    variance = sum(c**2 * levels[f"{code}_{wave}"][1] ** 2 for code, c in share.items() for wave in ("2018", "2023"))
    rows = pd.read_parquet(andes.processed / "estimates.parquet").query("estimand == 'att' and estimator == 'taylor'")
    row = rows[rows["variant"] == "main"].set_index("indicator").loc["trust_police"]
    assert (row["estimate"], row["se"]) == pytest.approx((estimate, variance**0.5), abs=1e-6)


@pytest.mark.parametrize(
    ("indicator", "expected"),
    [("trust_police", "did_peru_vs_co_ec_bo"), ("trust_armed_forces", "placebo_trust_armed_forces")],
)
def test_andean_respondents_pooled_by_raw_weights_give_the_regression_of_r(andes, by_r, indicator, expected):
    rows = pd.read_parquet(andes.processed / "estimates.parquet").query("variant == 'raw_weights'")
    row = rows.set_index("indicator").loc[indicator]
    assert (row["estimate"], row["se"]) == pytest.approx((by_r[expected]["est"], by_r[expected]["design_se"]), abs=1e-6)


def test_the_andean_notebooks_have_no_cluster_robust_row(andes):
    rows = pd.read_parquet(andes.processed / "estimates.parquet")
    assert set(rows.loc[rows["estimand"] == "att", "estimator"]) == {"taylor", "placebo_rank", "variance_components"}


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_caution_stands_on_every_andean_page_of_data(andes, language):
    caution = {"en": "A technical comparison, no causal claim", "es": "Comparación técnica, sin afirmación causal"}
    due = stamps.holds_data(andes.reports / f"report-{language}.pdf", language)
    assert [caution[language] in text for text in andes.pages(language)] == due
    assert sum(due) >= 3
    assert caution[language] in html.unescape(andes.html(language))
    assert not SYNTHETIC.search(" ".join(andes.pages(language)) + andes.html(language))
