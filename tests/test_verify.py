"""`make verify`: the same bytes pass, and what differs is named with its first difference."""

import json
import os
import subprocess
import sys

import pytest
import standin

from evaluation.run.verify import first_difference


def verify(project):
    code = "import sys; from evaluation.__main__ import main; sys.exit(main(['verify', 'small']))"
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


def test_the_first_difference_is_a_line_in_text_and_a_byte_elsewhere():
    assert first_difference(b"a\nb,1\n", b"a\nb,2\n") == "differs in line 2: published 'b,1', rebuilt 'b,2'"
    assert first_difference(b"\xff\x00", b"\xff\x01") == "differs from byte 2 of 2"
    assert first_difference(b"ab", b"abc") == "one is longer: 2 bytes published, 3 rebuilt"
