"""The exporters as nbconvert sees them: by name, from the command line, the same bytes every time."""

from __future__ import annotations

import hashlib
import os
import subprocess
import sys

import nbconvert
import nbformat
import pytest
import sample_notebook as sample
from nbformat.v4 import new_markdown_cell
from traitlets.config import Config

from nbaccessible.errors import PublishError

NAMES = {
    "accessible_pdf": "application/pdf",
    "accessible_slides": "application/pdf",
    "accessible_html": "text/html",
    "accessible_docx": "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
}
ENDINGS = dict(zip(NAMES, (".pdf", ".pdf", ".html", ".docx"), strict=True))


@pytest.mark.parametrize("name", NAMES)
def test_nbconvert_knows_the_exporter(name):
    exporter = nbconvert.get_exporter(name)()
    assert exporter.output_mimetype == NAMES[name]
    assert exporter.file_extension == ENDINGS[name]
    assert exporter.export_from_notebook


@pytest.mark.parametrize("name", NAMES)
def test_from_file_and_from_node_agree(name, tmp_path):
    path = sample.written(sample.report(), tmp_path / "n.ipynb")
    exporter = nbconvert.get_exporter(name)()
    by_file, resources = exporter.from_filename(str(path))
    by_node, _ = exporter.from_notebook_node(nbformat.read(path, as_version=4), {"metadata": {"name": "n"}})
    assert by_file == by_node
    assert resources["output_extension"] == exporter.file_extension


def test_the_notebook_is_left_as_it_was():
    nb = sample.plain()
    before = nbformat.writes(nb)
    for name in NAMES:
        nbconvert.get_exporter(name)().from_notebook_node(nb)
    assert nbformat.writes(nb) == before


def test_preprocessors_that_are_switched_on_change_what_is_read():
    nb = sample.plain()
    nb.cells.append(new_markdown_cell("Only for us.", metadata={"tags": ["internal"]}))
    named = {"TagRemovePreprocessor": {"enabled": True, "remove_cell_tags": ["internal"]}}
    exporter = nbconvert.get_exporter("accessible_html")
    for config, there in (({}, True), (named, False)):
        shown = exporter(config=Config(config)).from_notebook_node(nb)[0]
        assert ("Only for us." in shown) == there


def test_code_can_be_asked_for_and_left_out():
    exporter = nbconvert.get_exporter("accessible_html")
    shown = [exporter(show_code=wish).from_notebook_node(sample.report())[0].count("show()") for wish in (False, None)]
    assert shown == [0, 6]  # of each figure and table of the report, in one place
    assert exporter(show_code=True).from_notebook_node(sample.report())[0].count("show()") > 6
    assert "print(" not in exporter(show_code=False).from_notebook_node(sample.plain())[0]


@pytest.mark.parametrize(("wish", "attribute"), [(False, ""), (True, " open")])
def test_code_can_be_shown_unfolded(wish, attribute):
    exporter = nbconvert.get_exporter("accessible_html")(unfold_code=wish)
    assert f'<details class="code"{attribute}>' in exporter.from_notebook_node(sample.plain())[0]


def test_an_unpublishable_notebook_says_why():
    nb = sample.notebook(sample.cell(sample.cover()), sample.cell(sample.figure("fig-a", "A", "")))
    for name in NAMES:
        with pytest.raises(PublishError, match="cell 2: figure fig-a has no alt text"):
            nbconvert.get_exporter(name)().from_notebook_node(nb)


def test_importing_the_exporters_is_light():
    code = (
        "import sys, nbaccessible.exporters; "
        "heavy = {'typst', 'docx', 'fontTools', 'matplotlib', 'pandas', 'numpy', 'tex2typst'}; "
        "heavy.add('nbaccessible.document'); "
        "print(sorted(heavy & set(sys.modules)))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


@pytest.mark.slow
@pytest.mark.parametrize("name", NAMES)
def test_the_command_line_gives_the_same_bytes_whatever_the_clock_zone_hash_and_folder(name, tmp_path):
    digests = set()
    for seed, zone, folder in (("1", "UTC", "a"), ("4242", "America/Lima", "another/place")):
        (tmp_path / folder).mkdir(parents=True)
        path = sample.written(sample.report("es"), tmp_path / folder / "report.ipynb")
        environment = os.environ | {"PYTHONHASHSEED": seed, "TZ": zone, "LC_ALL": "C"}
        command = [sys.executable, "-m", "jupyter", "nbconvert", "--to", name, str(path)]
        done = subprocess.run(command, capture_output=True, text=True, env=environment, check=False)
        assert done.returncode == 0, done.stderr
        (out,) = [p for p in path.parent.iterdir() if p.suffix == ENDINGS[name]]
        content = out.read_bytes()
        assert str(tmp_path).encode() not in content
        digests.add(hashlib.sha256(content).hexdigest())
    assert len(digests) == 1
