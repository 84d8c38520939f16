"""The analysis notebooks: every design to its end, the same by hand and in the pipeline, readable and bounded."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from pathlib import Path

import nbformat
import pytest
from designs import DESIGNS
from surveys import at_home

from fewdistricts import design as declared
from fewdistricts import paths, survey
from fewdistricts.estimates import cells
from fewdistricts.run import notebooks

pytestmark = pytest.mark.slow
SEVERAL = ["asked_in_some_waves", "panel", "injury", "sixty_months"]  # several districts an arm, which start together
EVALUATION = "small"


def build(home: Path, name: str) -> None:
    """Data, declaration and built survey of a design."""
    data, declaration = DESIGNS[name]()
    folder = home / "data" / "raw" / EVALUATION
    folder.mkdir(parents=True)
    data.to_csv(folder / "data.csv", index=False)
    (folder / "evaluation.yaml").write_text(json.dumps(declaration), encoding="utf-8")
    design = declared.load(EVALUATION)
    survey.build(design)
    design = declared.load(EVALUATION)
    cells.make(design, design.districts)


def run(home: Path, notebook: str, **parameters: str) -> nbformat.NotebookNode:
    """A notebook as the pipeline executes it."""
    output = home / f"{'-'.join([notebook, *parameters.values()])}.ipynb"
    given = {"evaluation": EVALUATION, **parameters}
    notebooks.execute(paths.NOTEBOOKS / f"{notebook}.ipynb", output, given, name=notebook)
    return nbformat.read(output, as_version=4)


def outputs(notebook: nbformat.NotebookNode) -> list[nbformat.NotebookNode]:
    return [output for cell in notebook.cells if cell.cell_type == "code" for output in cell.outputs]


def text(notebook: nbformat.NotebookNode) -> str:
    return "\n".join(output["data"].get("text/plain", "") for output in outputs(notebook) if "data" in output)


def figures(notebook: nbformat.NotebookNode) -> list[nbformat.NotebookNode]:
    return [output for output in outputs(notebook) if "image/svg+xml" in output.get("data", {})]


@pytest.mark.parametrize("name", DESIGNS)
def test_both_notebooks_run_on_every_design(tmp_path, name):
    with at_home(tmp_path):
        build(tmp_path, name)
        design = declared.load(EVALUATION)
        pilot = next((d for d in design.pilots if design.followups(d)), design.districts[0])
        last = run(tmp_path, "district_wave", district=pilot.id, wave=design.waves[-1].id)
        first = run(tmp_path, "district_wave", district=design.districts[-1].id, wave=design.waves[0].id)
        pooled = run(tmp_path, "pooled")
        saved = paths.processed(EVALUATION)
        assert (saved / "estimates.parquet").exists()
        assert (saved / "district_wave" / f"{pilot.id}-{design.waves[-1].id}.parquet").exists()
    for notebook in (last, first, pooled):
        streams = [output for output in outputs(notebook) if output["output_type"] == "stream"]
        assert not streams, streams[0]["text"]
        for figure in figures(notebook):
            assert len(figure["metadata"]["nbaccessible"]["alt"]) > 20
            assert len(figure["data"]["image/svg+xml"]) < 400_000
        assert len(json.dumps(notebook)) < 3_000_000
    assert figures(pooled)
    assert ("several districts" not in text(pooled)) == (name in SEVERAL)
    assert "after before" not in " ".join(text(pooled).split())  # a head of the columns that reads as one of them
    for row in text(last).splitlines():  # two rows of an outcome say by which method each is
        assert not ("inf" in row and "NaN" in row) or "placebo rank" in row


def test_a_survey_too_small_to_be_shown_ends_in_estimates(home, declare, declaration):
    declare(declaration)
    design = declared.load(EVALUATION)
    survey.build(design)
    cells.make(design, design.districts)
    district = run(home, "district_wave", district="north", wave="2005")
    pooled = run(home, "pooled")
    assert "too small to be shown" in text(pooled)
    assert not figures(district) and not figures(pooled)
    assert (paths.processed(EVALUATION) / "estimates.parquet").exists()


BY_HAND = [
    ("panel", "district_wave", {"district": "p1", "wave": "2003"}),
    ("panel", "pooled", {}),
    ("before_after", "district_wave", {"district": "p1", "wave": "2003"}),
    ("organ_donations", "pooled", {}),
]


def command(*words: str | Path) -> None:
    """A command as it is typed, in a process of its own."""
    done = subprocess.run([sys.executable, "-m", *map(str, words)], capture_output=True, text=True, timeout=600)
    assert done.returncode == 0, done.stderr[-2000:]


def shown(notebook: str) -> list[str]:
    """The outputs of the cells of an executed notebook, without the number of their execution."""
    cells = [cell["outputs"] for cell in json.loads(notebook)["cells"] if cell.get("outputs")]
    return [re.sub(r'"execution_count": \d+', "", json.dumps(outputs)) for outputs in cells]


@pytest.mark.parametrize(("name", "notebook", "given"), BY_HAND)
def test_by_hand_and_in_the_pipeline_the_same_notebook(tmp_path, name, notebook, given):
    """The commands of papermill and nbconvert, with ordinary kernels, show what the pipeline shows."""
    source, parameters = paths.NOTEBOOKS / f"{notebook}.ipynb", {"evaluation": EVALUATION, **given}
    with at_home(tmp_path):
        build(tmp_path, name)
        run(tmp_path, notebook, **given)
        executed = "-".join([notebook, *given.values()])
        pipeline = (tmp_path / f"{executed}.ipynb").read_text(encoding="utf-8")
        raw, typed, by_hand = (tmp_path / f"{way}.ipynb" for way in ("raw", "typed", "by_hand"))
        for flag, output in (("-r", raw), ("-p", typed)):
            words = [word for item in parameters.items() for word in (flag, *item)]
            command("papermill", source, output, *words, "--cwd", paths.NOTEBOOKS, "--no-progress-bar")
        defaults = nbformat.read(source, as_version=4)
        tagged = next(cell for cell in defaults.cells if "parameters" in cell.metadata.get("tags", []))
        tagged.source = "\n".join(f"{key} = {json.dumps(value)}" for key, value in parameters.items())
        nbformat.write(defaults, tmp_path / "defaults.ipynb")
        command("nbconvert", "--to", "notebook", "--execute", tmp_path / "defaults.ipynb", "--output", by_hand)
        assert notebooks.text(raw) == pipeline
        assert len(shown(pipeline)) > 5
        assert shown(notebooks.text(typed)) == shown(notebooks.text(by_hand)) == shown(pipeline)


def test_no_row_of_a_respondent_is_shown(tmp_path):
    with at_home(tmp_path):
        build(tmp_path, "panel")
        notebook = run(tmp_path, "district_wave", district="p1", wave="2003")
        people = survey.load(EVALUATION, ["p1"], columns=["respondent"])["respondent"].astype(str)
    shown = json.dumps(notebook)
    assert not [person for person in people if f'"{person}"' in shown or f">{person}<" in shown]
