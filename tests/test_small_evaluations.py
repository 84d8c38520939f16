"""The small evaluations of docs/examples, each built by the command that a user types."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pandas as pd
import pypdf
import pytest

from fewdistricts.paths import PROJECT

pytestmark = pytest.mark.slow

EXAMPLES = PROJECT / "docs" / "examples"
SHOWS = {  # the rows that make the example what it is
    "two-waves": {("att", "district_change")},
    "baseline-only": {("level", "taylor"), ("balance", "district_change")},
    "one-pilot": {("att", "variance_components"), ("att", "placebo_rank")},
    "staggered": {("att_gt", "variance_components"), ("event_study", "district_change")},
    "by-lot-in-pairs": {("att", "permutation")},
    "monthly-records": {("att", "variance_components"), ("event_study", "variance_components")},
}


def test_every_example_is_listed_and_drawn_by_the_script(tmp_path: Path) -> None:
    folders = {path.parent.name for path in EXAMPLES.glob("*/evaluation.yaml")}
    assert folders == SHOWS.keys()
    page = (EXAMPLES / "README.md").read_text(encoding="utf-8")
    assert all(f"[{name}]({name}/evaluation.yaml)" in page for name in folders)
    shutil.copy(EXAMPLES / "make.py", tmp_path / "make.py")
    subprocess.run([sys.executable, str(tmp_path / "make.py")], check=True)
    for name in folders:
        assert (tmp_path / name / "survey.csv").read_bytes() == (EXAMPLES / name / "survey.csv").read_bytes(), name
    assert (tmp_path / "two-waves" / "districts.geojson").read_bytes() == (
        EXAMPLES / "two-waves" / "districts.geojson"
    ).read_bytes()


@pytest.mark.parametrize("name", SHOWS)
def test_an_example_is_built(name: str, tmp_path: Path) -> None:
    shutil.copytree(EXAMPLES / name, tmp_path / "data" / "raw" / name)
    command = [sys.executable, "-m", "fewdistricts", "report", name, "--jobs", "2"]
    environment = {**os.environ, "EVALUATION_HOME": str(tmp_path)}
    done = subprocess.run(command, cwd=PROJECT, env=environment, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    folder = tmp_path / "reports" / name
    rows = pd.read_csv(folder / "estimates.csv")
    assert SHOWS[name] <= set(zip(rows["estimand"], rows["estimator"], strict=True))
    text = " ".join(page.extract_text() for page in pypdf.PdfReader(folder / "report-en.pdf").pages)
    assert "Synthetic data" in text
    if name == "two-waves":
        portuguese = " ".join(page.extract_text() for page in pypdf.PdfReader(folder / "report-pt.pdf").pages)
        assert "diferença entre as duas mudanças de +" in " ".join(portuguese.split())
        assert {path.name for path in folder.glob("*-pt.*")} >= {"report-pt.html", "annex-pt.pdf", "slides-pt.pdf"}
        assert (folder / "districts" / "aldea-pt.pdf").exists()
    if name == "baseline-only":
        assert not set(rows["estimand"]) & {"change", "did", "att"}
