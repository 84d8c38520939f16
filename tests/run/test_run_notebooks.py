"""Notebooks run by papermill: parameters checked, outputs kept whole, failures in a sentence, the same bytes always."""

from __future__ import annotations

import errno
import json
import sys
import time
from pathlib import Path

import nbformat
import pytest
import standin

from fewdistricts import files
from fewdistricts.errors import ConfigurationError, EnvironmentProblem, NotebookError
from fewdistricts.run import notebooks, parameters

PARAMETERS = 'evaluation = "e"\ndistrict = "a"'
TALKATIVE = """\
import os, sys, warnings
from IPython.display import display, Markdown
print(evaluation, district, os.path.basename(os.getcwd()))
print(sys.executable)
warnings.warn("look out")
display(Markdown("**strong**"), metadata={"evaluation": {"kind": "prose"}})
object()
"""


@pytest.fixture
def notebook(tmp_path):
    return standin.notebook(tmp_path / "notebooks" / "n.ipynb", PARAMETERS, TALKATIVE)


def outputs(path) -> list[dict]:
    cells = nbformat.read(path, as_version=4).cells
    return [output for cell in cells if cell.cell_type == "code" for output in cell.outputs]


def test_parameters_are_filled_in_and_every_output_is_kept(notebook, tmp_path):
    notebooks.execute(notebook, tmp_path / "out.ipynb", {"evaluation": "e", "district": "b"}, name="n b")
    printed, warned, shown, result = outputs(tmp_path / "out.ipynb")
    assert printed.text.splitlines() == ["e b notebooks", "python/bin/" + Path(sys.executable).name]
    assert warned.text == '<cell>:5: UserWarning: look out\n  warnings.warn("look out")\n'
    assert shown.data["text/markdown"] == "**strong**"
    assert shown.metadata == {"evaluation": {"kind": "prose"}}
    assert result.data["text/plain"] == "<object at 0x0>"


def test_an_executed_notebook_is_valid_for_jupyter(notebook, tmp_path):
    notebooks.execute(notebook, tmp_path / "out.ipynb", {"evaluation": "e", "district": "b"}, name="n b")
    node = nbformat.read(tmp_path / "out.ipynb", as_version=4)
    nbformat.validate(node)
    assert node.metadata.kernelspec.name == "python3"
    assert [cell.execution_count for cell in node.cells] == [1, 2, 3]


def test_two_runs_in_two_places_give_the_same_bytes(notebook, tmp_path, monkeypatch):
    written = []
    for place, zone in (("one", "UTC"), ("another", "Asia/Tokyo")):
        monkeypatch.setenv("TZ", zone)
        monkeypatch.setenv("EVALUATION_HOME", str(tmp_path / place))
        moved = standin.notebook(tmp_path / place / "notebooks" / "n.ipynb", PARAMETERS, TALKATIVE + "\nos.getcwd()")
        out = tmp_path / place / "out.ipynb"
        notebooks.execute(moved, out, {"evaluation": "e", "district": "b"}, name="n b")
        written.append(out.read_bytes())
    assert written[0] == written[1]
    assert b"'./notebooks'" in written[0]


@pytest.mark.parametrize(
    ("given", "sentences"),
    [
        (
            {"evaluation": "e", "distric": "b"},
            ["'distric'.*did you mean 'district'", "no value for parameter 'district'"],
        ),
        ({"evaluation": "e"}, ["no value for parameter 'district'"]),
        ({"evaluation": "e", "district": "b", "zzz": "1"}, ["parameter 'zzz'; allowed: evaluation, district$"]),
    ],
)
def test_parameters_must_be_those_of_the_parameters_cell(notebook, tmp_path, given, sentences):
    with pytest.raises(ConfigurationError) as raised:
        notebooks.execute(notebook, tmp_path / "out.ipynb", given, name="n b")
    assert len(raised.value.problems) == len(sentences)
    for sentence in sentences:
        assert raised.match(sentence)
    assert not (tmp_path / "out.ipynb").exists()


def test_a_failed_cell_is_named_and_its_notebook_kept(tmp_path):
    broken = standin.notebook(tmp_path / "n.ipynb", PARAMETERS, "print('so far')", "1 /\\\n 0", "never")
    (tmp_path / "out.ipynb").write_text("of the last good run")
    with pytest.raises(NotebookError, match=r"^n b: cell 4: ZeroDivisionError: division by zero") as raised:
        notebooks.execute(
            broken, tmp_path / "out.ipynb", {"evaluation": "e", "district": "b"}, name="n b", failed=tmp_path / "failed"
        )
    assert "out.ipynb)" in str(raised.value)
    assert (tmp_path / "out.ipynb").read_text() == "of the last good run"
    kept = outputs(tmp_path / "failed" / "out.ipynb")
    assert kept[0].text == "so far\n"
    assert kept[1].ename == "ZeroDivisionError"


def test_a_kernel_that_dies_is_told_with_its_cell(tmp_path):
    deadly = standin.notebook(tmp_path / "n.ipynb", PARAMETERS, "print('so far')", "import os; os.kill(os.getpid(), 9)")
    parameters = {"evaluation": "e", "district": "b"}
    with pytest.raises(NotebookError, match=r"^n b: cell 4: its kernel died"):
        notebooks.execute(deadly, tmp_path / "out.ipynb", parameters, name="n b", failed=tmp_path / "failed")
    assert outputs(tmp_path / "failed" / "out.ipynb")[0].text == "so far\n"


def test_the_kernel_is_this_interpreter_whatever_the_user_has_installed(notebook, tmp_path, monkeypatch):
    other = tmp_path / "jupyter" / "kernels" / "python3"
    other.mkdir(parents=True)
    (other / "kernel.json").write_text('{"argv": ["/bin/false", "{connection_file}"], "language": "python"}')
    monkeypatch.setenv("JUPYTER_PATH", str(tmp_path / "jupyter"))
    monkeypatch.setenv("JUPYTER_PREFER_ENV_PATH", "0")
    monkeypatch.setenv("JUPYTER_DATA_DIR", str(tmp_path / "jupyter"))
    startup = tmp_path / "ipython" / "profile_default" / "startup"
    startup.mkdir(parents=True)
    (startup / "0.py").write_text("district = 'from the startup file'; print('hello')")
    monkeypatch.setenv("IPYTHONDIR", str(tmp_path / "ipython"))
    notebooks.execute(notebook, tmp_path / "out.ipynb", {"evaluation": "e", "district": "b"}, name="n b")
    assert outputs(tmp_path / "out.ipynb")[0].text.startswith("e b notebooks\n")


def test_pieces_of_a_stream_become_one_and_times_go_away(tmp_path):
    piece = {"output_type": "stream", "name": "stdout", "text": ["a\n"]}
    warned = {"output_type": "stream", "name": "stderr", "text": "w\n"}
    cell = {
        "cell_type": "code", "id": "x7", "source": [], "execution_count": 1,
        "outputs": [piece, warned, piece | {"text": "b\n"}],
        "metadata": {"papermill": {"duration": time.time()}, "execution": {"iopub.status.busy": "now"}, "tags": []},
    }  # fmt: skip
    file = tmp_path / "n.ipynb"
    file.write_text(json.dumps({"cells": [cell], "metadata": {"papermill": {}}, "nbformat": 4, "nbformat_minor": 4}))
    made = json.loads(notebooks.text(file))
    assert made["cells"][0]["outputs"] == [piece | {"text": "a\nb\n"}, warned]
    assert made["cells"][0]["metadata"] == {"tags": []}
    assert made["cells"][0]["id"] == "cell-1"
    assert list(made["metadata"]) == ["kernelspec"]


def test_long_outputs_are_cleaned_in_linear_time():
    long = "x" * 2_000_000 + " ipykernel_1 " + "/tmp/ipykernel_12/345.py:6 " + "y" * 2_000_000
    began = time.process_time()
    cleaned = notebooks._cleaned([long], notebooks._folders())[0]
    assert time.process_time() - began < 2
    assert cleaned == long.replace("/tmp/ipykernel_12/345.py", "<cell>")


def test_a_full_disk_leaves_the_old_file_and_says_so(tmp_path, monkeypatch):
    target = tmp_path / "report.pdf"
    files.write(target, b"old")

    def full(*_):
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(files.os, "replace", full)
    with pytest.raises(EnvironmentProblem, match=r"report\.pdf: the disk is full; make room"):
        files.write(target, b"new")
    assert target.read_bytes() == b"old"
    assert list(tmp_path.iterdir()) == [target]


def test_published_files_are_readable_as_any_file_made_here(tmp_path):
    files.write(tmp_path / "a", "x")
    (tmp_path / "b").write_text("x")
    assert (tmp_path / "a").stat().st_mode == (tmp_path / "b").stat().st_mode


def test_what_is_no_notebook_is_refused(tmp_path):
    (tmp_path / "n.ipynb").write_text("{}")
    with pytest.raises(NotebookError, match="is no notebook of format 4"):
        parameters.parameters(tmp_path / "n.ipynb")
    with pytest.raises(NotebookError, match="there is no such notebook"):
        parameters.parameters(tmp_path / "other.ipynb")


@pytest.mark.slow
def test_a_whole_small_report_is_built_by_kernels_and_the_same_anywhere(tmp_path):
    made = []
    for place in ("one", "another/place"):
        project = standin.write(tmp_path / place, kernels=True)
        done = standin.report(project, "--languages", "en")
        assert done.returncode == 0, done.stderr
        written = [*project.glob("reports/small/**/*"), *project.glob("data/processed/small/**/*.ipynb")]
        made.append({path.relative_to(project): path.read_bytes() for path in written if path.is_file()})
    assert made[0] == made[1]
    published = {path.as_posix().removeprefix("reports/small/") for path in made[0] if path.parts[0] == "reports"}
    notebooks_run = {path.stem for path in made[0] if path.suffix == ".ipynb"}
    assert {"report-en.pdf", "report-en.html", "slides-en.pdf", "estimates.csv", "estimates.xlsx"} <= published
    assert {"pooled", "report-en", *(f"{d}-{w}" for d in "abc" for w in "12")} <= notebooks_run
