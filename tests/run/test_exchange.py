"""The published folder is one consistent set at any moment, also when the exchange is killed at any of its steps."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

from fewdistricts import paths
from fewdistricts.errors import EnvironmentProblem
from fewdistricts.provenance.origin import sha256
from fewdistricts.run import published

NAMES = ("report-en.pdf", "districts/a-en.pdf", "estimates.csv")


def stage(home: Path, content: str, names: tuple[str, ...] = NAMES) -> list[Path]:
    """Files of a set, each with this content, and their manifest."""
    folder = home / "data/processed/small/set"
    files = [folder / name for name in names]
    for file in files:
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(f"{content} {file.name}")
    listed = {file.relative_to(folder).as_posix(): sha256(file) for file in files}
    (folder / "manifest.json").write_text(json.dumps({"published": listed}))
    return [*files, folder / "manifest.json"]


def contents(home: Path) -> dict[str, str]:
    folder = home / "reports/small"
    return {path.relative_to(folder).as_posix(): path.read_text() for path in folder.rglob("*") if path.is_file()}


@pytest.fixture(params=[True, False], ids=["in one step", "by two renames"])
def at_home(request, tmp_path, monkeypatch) -> Path:
    """A folder with a published set; where folders can be exchanged in one step, and where they cannot."""
    monkeypatch.setenv("EVALUATION_HOME", str(tmp_path))
    if not request.param:
        monkeypatch.setattr(published, "_exchange_names", lambda one, other: False)
    published.exchange("small", stage(tmp_path, "former"))
    return tmp_path


def test_a_new_set_takes_the_place_of_the_former_and_leaves_nothing_aside(at_home):
    published.exchange("small", stage(at_home, "new", NAMES[:2]))
    assert set(contents(at_home)) == {*NAMES[:2], "manifest.json"}
    assert contents(at_home)["report-en.pdf"] == "new report-en.pdf"
    assert [path.name for path in (at_home / "reports").iterdir()] == ["small"]


def test_what_others_put_there_or_changed_stays(at_home):
    folder = at_home / "reports/small"
    (folder / "notes.txt").write_text("by hand")
    (folder / "estimates.csv").write_text("corrected by hand")
    published.exchange("small", stage(at_home, "new", NAMES[:2]))
    assert set(contents(at_home)) == {*NAMES, "notes.txt", "manifest.json"}
    assert contents(at_home)["estimates.csv"] == "corrected by hand"


def test_pages_of_a_plan_are_added_to_a_set(at_home):
    plan = paths.staged("small") / "plan-en.pdf"
    plan.write_text("plan")
    before = contents(at_home)
    published.exchange("small", [plan], complete=False)
    assert contents(at_home) == before | {"plan-en.pdf": "plan"}


def test_a_full_disk_leaves_the_former_set(at_home, monkeypatch):
    before = contents(at_home)

    def full(*_):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(published, "_copy", full)
    with pytest.raises(EnvironmentProblem, match="the disk is full"):
        published.exchange("small", stage(at_home, "new"))
    assert contents(at_home) == before


KILLED = """
import os, sys
from pathlib import Path
sys.path.insert(0, {tests!r})
import test_exchange
from fewdistricts.run import published
if {two_renames}:
    published._exchange_names = lambda one, other: False
files = test_exchange.stage(Path({home!r}), "new")
left = {step}
def count(event, arguments):
    global left
    if event.startswith(("os.", "shutil.")):
        left -= 1
        if left < 0:
            os._exit(9)
sys.addaudithook(count)
published.exchange("small", files)
"""


@pytest.mark.slow
@pytest.mark.parametrize("two_renames", [False, True], ids=["in one step", "by two renames"])
def test_a_kill_before_any_step_of_the_exchange_leaves_a_whole_set(two_renames, tmp_path, monkeypatch):
    monkeypatch.setenv("EVALUATION_HOME", str(tmp_path))
    seen = set()
    step = 0
    while True:
        published.exchange("small", stage(tmp_path, "former"))
        code = KILLED.format(tests=str(Path(__file__).parent), home=str(tmp_path), two_renames=two_renames, step=step)
        status = subprocess.run([sys.executable, "-c", code]).returncode
        if two_renames:
            published.recover("small")  # as the next command does before anything else
        found = contents(tmp_path)
        listed = json.loads(found.pop("manifest.json"))["published"]
        assert {name: sha256(tmp_path / "reports/small" / name) for name in found} == listed
        seen.add(found["report-en.pdf"].split()[0])
        if status == 0:
            break
        assert status == 9
        step += 1
    assert step > 10
    assert seen == {"former", "new"}
