"""The analysis notebooks: every design to its end, the same by hand and in the pipeline, readable and bounded."""

from __future__ import annotations

import json
import re
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


def test_by_hand_and_in_the_pipeline_the_same_notebook(tmp_path):
    """nbconvert and papermill by hand write what the pipeline writes, but for what `notebooks.text` takes away."""
    import papermill
    from nbconvert.preprocessors import ExecutePreprocessor

    with at_home(tmp_path):
        build(tmp_path, "panel")
        run(tmp_path, "district_wave", district="p1", wave="2003")
        source = paths.NOTEBOOKS / "district_wave.ipynb"
        by_papermill = tmp_path / "papermill.ipynb"
        given = {"evaluation": EVALUATION, "district": "p1", "wave": "2003"}
        papermill.execute_notebook(source, by_papermill, given, progress_bar=False, cwd=paths.NOTEBOOKS)
        by_hand = nbformat.read(source, as_version=4)
        tagged = next(cell for cell in by_hand.cells if "parameters" in cell.metadata.get("tags", []))
        tagged.source = "\n".join(f"{name} = {json.dumps(value)}" for name, value in given.items())
        ExecutePreprocessor().preprocess(by_hand, {"metadata": {"path": str(paths.NOTEBOOKS)}})
        nbformat.write(by_hand, tmp_path / "by_hand.ipynb")
        pipeline = (tmp_path / "district_wave-p1-2003.ipynb").read_text(encoding="utf-8")
        assert notebooks.text(by_papermill) == pipeline
        shown = [cell["outputs"] for cell in json.loads(pipeline)["cells"] if cell.get("outputs")]
        again = json.loads(notebooks.text(tmp_path / "by_hand.ipynb"))
        numbered = re.compile(r'"execution_count": \d+')
        for mine, theirs in zip(shown, [c["outputs"] for c in again["cells"] if c.get("outputs")], strict=True):
            assert numbered.sub("", json.dumps(mine)) == numbered.sub("", json.dumps(theirs))


def test_no_row_of_a_respondent_is_shown(tmp_path):
    with at_home(tmp_path):
        build(tmp_path, "panel")
        notebook = run(tmp_path, "district_wave", district="p1", wave="2003")
        people = survey.load(EVALUATION, ["p1"], columns=["respondent"])["respondent"].astype(str)
    shown = json.dumps(notebook)
    assert not [person for person in people if f'"{person}"' in shown or f">{person}<" in shown]
