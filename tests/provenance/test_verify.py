"""`make verify`: the same bytes pass, and what differs is named with its first difference."""

import io
import json
import os
import subprocess
import sys
import zipfile

import pytest
import standin

from fewdistricts.provenance import differences
from fewdistricts.provenance.verify import _origins


def verify(project):
    code = "import sys; from fewdistricts.__main__ import main; sys.exit(main(['verify', 'small']))"
    variables = {k: v for k, v in os.environ.items() if k != "EVALUATION_HOME"}
    return subprocess.run(
        [sys.executable, "-c", code],
        cwd=project,
        env={**variables, "PYTHONPATH": str(project)},
        capture_output=True,
        text=True,
    )


@pytest.fixture(scope="module")
def published(tmp_path_factory):
    project = standin.write(tmp_path_factory.mktemp("published"))
    standin.answers(project, a="11", b="10", c="00")
    assert standin.report(project).returncode == 0
    return project


def test_the_same_bytes_pass_and_the_platform_is_said(published):
    done = verify(published)
    assert done.returncode == 0, done.stderr
    assert "are the same, byte for byte" in done.stdout
    assert sys.platform in done.stdout


def test_what_the_rebuild_is_made_from_is_held_against_the_manifest():
    made_from = {"code": "c", "configuration": "y", "lock": "l"}
    before = made_from | {"data": {"kept.csv": "1", "changed.csv": "1", "gone.csv": "1"}}
    now = made_from | {"data": {"kept.csv": "1", "changed.csv": "2", "plan.json": "1"}}
    assert list(_origins({"made_from": before}, now)) == [
        "the data file changed.csv is not that which the manifest was made from",
        "the data file gone.csv that the manifest was made from is not here",
        "the data file plan.json was not there when the manifest was made",
    ]


def test_a_changed_answer_is_named_with_the_files_that_differ(published):
    manifest = published / "reports" / "small" / "manifest.json"
    before = manifest.read_bytes()
    standin.answers(published, a="01", b="10", c="00")
    done = verify(published)
    assert done.returncode == 6
    assert "the data file survey.csv is not that which the manifest was made from" in done.stderr
    assert "estimates.csv: differs in line 1" in done.stderr
    assert manifest.read_bytes() == before
    standin.answers(published, a="11", b="10", c="00")


def test_a_manifest_from_elsewhere_says_so(published):
    path = published / "reports" / "small" / "manifest.json"
    kept = path.read_text()
    changed = json.loads(kept) | {"platform": "plan9 vax"}
    changed["made_from"]["lock"] = "0" * 64
    path.write_text(json.dumps(changed))
    done = verify(published)
    assert done.returncode == 6
    assert "manifest made on plan9 vax" in done.stderr
    assert "the lock is not that which the manifest was made from" in done.stderr
    path.write_text(kept)


def test_no_manifest_is_one_sentence(tmp_path):
    done = verify(standin.write(tmp_path / "project"))
    assert done.returncode == 6
    assert done.stderr.count("\n") == 1
    assert "manifest.json" in done.stderr


def test_a_file_changed_by_hand_and_a_manifest_that_is_none_are_told(published):
    page, manifest = (published / "reports" / "small" / name for name in ("report-en.html", "manifest.json"))
    kept, was = page.read_bytes(), manifest.read_text()
    page.write_bytes(kept + b" ")
    done = verify(published)
    assert done.returncode == 6
    assert "reports/small/report-en.html: has been changed since the manifest was made" in done.stderr
    assert "were rebuilt as they are in the manifest all the same" in done.stderr
    page.write_bytes(kept)
    for broken in ("{", "[]", "{}"):
        manifest.write_text(broken)
        done = verify(published)
        assert done.returncode == 6
        assert done.stderr.startswith("reports/small/manifest.json: is no manifest; `make report")
    manifest.write_text(was)


def test_changed_code_and_data_that_are_gone_are_told_even_if_nothing_can_be_built(published):
    module, data = published / "fewdistricts/exhibits/small.py", published / "data/raw/small/survey.csv"
    kept, was = module.read_text(), data.read_text()
    module.write_text(kept + "raise ValueError('new')\n")
    data.unlink()
    done = verify(published)
    assert done.returncode == 6
    assert "the code is not that which the manifest was made from" in done.stderr
    assert "the data file survey.csv that the manifest was made from is not here" in done.stderr
    assert "it could not be built again: survey" in done.stderr
    assert done.stderr.count("survey.csv'") == 1, "a reason is said once"
    assert "Traceback" not in done.stderr
    module.write_text(kept)
    data.write_text(was)


def test_the_first_difference_is_a_line_in_text_and_a_byte_elsewhere():
    first = differences.first
    assert first("a.html", b"a\nb,1\n", b"a\nb,2\n") == "differs in line 2: published 'b,1', rebuilt 'b,2'"
    assert first("a.pdf", b"\xff\x00", b"\xff\x01") == "differs from byte 2 of 2"
    assert first("a.html", b"ab", b"abc") == "one is longer: 2 bytes published, 3 rebuilt"


def test_a_workbook_differs_in_one_of_its_members():
    books = []
    for word in (b"<v>1</v>", b"<v>2</v>"):
        with zipfile.ZipFile(book := io.BytesIO(), "w") as archive:
            archive.writestr("xl/sheet1.xml", word)
        books.append(book.getvalue())
    assert differences.first("estimates.xlsx", *books).startswith(
        "xl/sheet1.xml in it differs in line 1: published '<v>1"
    )


def test_numbers_that_differ_are_told_by_how_much():
    old = "estimate,se,unit\n0.5,2,share\n100,inf,mean\n"
    noise = "estimate,se,unit\n0.5,2.00000002,share\n100,inf,mean\n"
    assert (
        differences.numeric(old, noise)
        == "1 of 9 cells are other numbers, by at most 1.0e-08 of their size (se of line 2)"
    )
    assert differences.numeric(old, old.replace("mean", "sum")) == "1 cells are other words"
    assert "differs in line 2" in differences.first("estimates.csv", old.encode(), noise.encode())
    assert "by at most 1.0e-08" in differences.first("estimates.csv", old.encode(), noise.encode())
