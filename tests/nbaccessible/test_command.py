"""The command: a document, or one sentence without a traceback; and what every format refuses alike."""

from __future__ import annotations

import base64
import os
import subprocess
import sys

import nbconvert
import pytest
import sample_notebook as sample
from nbformat.v4 import new_code_cell, new_markdown_cell

from nbaccessible.__main__ import EXPORTERS, main
from nbaccessible.errors import PublishError

PIXEL = sample.plain().cells[2].outputs[0].data["image/png"]
BROKEN = {
    "an image that is cut off": {"image/png": base64.b64encode(base64.b64decode(PIXEL)[:40]).decode()},
    "an image that is none": {"image/png": base64.b64encode(b"hello").decode()},
    "an image that is not base64": {"image/png": "%%%"},
    "a drawing that is no XML": {"image/svg+xml": "<svg><g></svg>"},
    "a drawing that is none": {"image/svg+xml": "<p>x</p>"},
    "a drawing with entities": {"image/svg+xml": "<!DOCTYPE svg [<!ENTITY a 'b'>]><svg>&a;</svg>"},
}
FORMATS = ("accessible_pdf", "accessible_html", "accessible_slides", "accessible_docx")


@pytest.mark.parametrize(
    ("kind", "name", "begins"),
    [
        ("pdf", "n.pdf", b"%PDF"),
        ("html", "n.html", b"<!DOCTYPE"),
        ("slides", "n-slides.pdf", b"%PDF"),
        ("docx", "n.docx", b"PK"),
    ],
)
def test_it_writes_the_document_beside_the_notebook(kind, name, begins, tmp_path, capsys):
    path = sample.written(sample.plain(), tmp_path / "n.ipynb")
    assert main([f"to-{kind}", str(path)]) == 0
    assert capsys.readouterr().out.strip() == str(tmp_path / name)
    assert (tmp_path / name).read_bytes().lstrip().startswith(begins)
    assert sorted(p.name for p in tmp_path.iterdir()) == sorted(["n.ipynb", name])


def test_the_formats_are_those_that_nbconvert_knows():
    assert {f"accessible_{kind}" for kind in EXPORTERS} == set(FORMATS)


@pytest.mark.parametrize("data", BROKEN.values(), ids=list(BROKEN))
def test_what_one_format_refuses_all_refuse_with_the_same_words(data):
    nb = sample.notebook(new_code_cell("show()", outputs=[sample.output(data)]))
    said = set()
    for name in FORMATS:
        with pytest.raises(PublishError, match=r"^cell 1: ") as refusal:
            nbconvert.get_exporter(name)().from_notebook_node(nb)
        said.add(str(refusal.value))
    assert len(said) == 1
    assert "/tmp" not in said.pop()


def test_a_refusal_is_one_sentence_and_no_file_is_left(tmp_path):
    nb = sample.notebook(new_code_cell("show()", outputs=[sample.output(BROKEN["an image that is none"])]))
    path = sample.written(nb, tmp_path / "n.ipynb")
    command = [sys.executable, "-m", "nbaccessible", "to-pdf", str(path)]
    done = subprocess.run(command, capture_output=True, text=True, check=False, env=os.environ)
    assert done.returncode == 1
    assert done.stderr.startswith(f"{path}: cell 1: an image said to be image/png is none")
    assert "Traceback" not in done.stderr
    assert len(done.stderr.strip().splitlines()) == 1
    assert [p.name for p in tmp_path.iterdir()] == ["n.ipynb"]


@pytest.mark.parametrize("content", ["", "{}", "[]", "not json", '{"cells": [{}], "nbformat": 4, "nbformat_minor": 5}'])
def test_a_file_that_is_no_notebook_is_said_to_be_none(content, tmp_path, capsys):
    (tmp_path / "n.ipynb").write_text(content)
    assert main(["to-html", str(tmp_path / "n.ipynb")]) == 1
    assert "this is no Jupyter notebook" in capsys.readouterr().err


def test_a_missing_file_a_missing_attachment_and_a_folder_that_is_none(tmp_path, capsys):
    path = sample.written(sample.notebook(new_markdown_cell("# T")), tmp_path / "n.ipynb")
    assert main(["to-pdf", str(tmp_path / "no.ipynb")]) == 1
    assert "cannot be read (No such file or directory)" in capsys.readouterr().err
    assert main(["to-pdf", str(path), "--attach", str(tmp_path / "no.csv")]) == 1
    assert "the attachment" in capsys.readouterr().err
    assert main(["to-pdf", str(path), "-o", str(tmp_path / "no" / "n.pdf")]) == 1
    assert "cannot be written" in capsys.readouterr().err


def test_it_is_usable_where_fewdistricts_is_not(tmp_path):
    """Everything runs with the domain package made impossible to import."""
    path = sample.written(sample.plain(), tmp_path / "n.ipynb")
    block = "import sys; sys.modules['fewdistricts'] = None; from nbaccessible.__main__ import main; "
    for kind in EXPORTERS:
        code = f"{block} sys.exit(main(['to-{kind}', {str(path)!r}]))"
        done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
        assert done.returncode == 0, done.stderr
