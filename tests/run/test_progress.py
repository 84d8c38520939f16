"""What a build says while it runs."""

from __future__ import annotations

import json
import os
import pty
import re
import subprocess
import sys
import termios

import pytest
import standin

from fewdistricts.run import progress
from fewdistricts.run.progress import Progress

STAGES = {"survey": "survey", "district_wave:a-1": "district_wave", "district_wave:a-2": "district_wave"}


@pytest.fixture
def clock(monkeypatch):
    """Seconds that a test lets pass."""
    now = [100.0]
    monkeypatch.setattr(progress.time, "monotonic", lambda: now[0])
    return now


def test_the_time_left_is_what_the_tasks_took_before(clock, tmp_path):
    past = tmp_path / "durations.json"
    past.write_text(json.dumps({"survey": 10, "district_wave:a-1": 4, "district_wave:b-1": 8}))
    said = Progress(True, jobs=2, durations=past)
    said.expect(STAGES)
    # a-2 never ran: it is taken for a mean notebook (6); two at once, but no task takes less than itself
    assert said.left() == max((10 + 4 + 6) / 2, 10)
    said.start("survey")
    clock[0] += 3
    assert said.left() == max((7 + 4 + 6) / 2, 7)
    assert said.state() == "survey; at most 8 s left"
    clock[0] += 20
    said.end("survey", "survey", "ran")
    said.end("district_wave:a-1", "district_wave", "current")
    said.start("district_wave:a-2")
    assert said.state() == "district_wave:a-2; 1 up to date; at most 6 s left"
    said.remember()
    assert json.loads(past.read_text())["survey"] == 23
    assert json.loads(past.read_text())["district_wave:a-1"] == 4


def test_of_a_stage_that_never_ran_no_time_is_promised(tmp_path):
    (tmp_path / "durations.json").write_text("no json")
    said = Progress(True, durations=tmp_path / "durations.json")
    said.expect(STAGES)
    assert said.left() is None
    assert said.state() == "looking for what has changed"


def test_of_hundreds_of_running_tasks_a_few_are_named(clock):
    said = Progress(True, jobs=300)
    said.expect({f"brief:{k}": "brief" for k in range(300)})
    for k in range(300):
        said.start(f"brief:{k}")
    assert said.state() == "brief:0, brief:1, brief:10 and 297 more"


@pytest.mark.parametrize(("seconds", "words"), [(59.4, "59 s"), (90, "2 min"), (5399, "90 min"), (7200, "2.0 h")])
def test_a_time_is_said_as_one_says_it(seconds, words):
    assert progress._spoken(seconds) == words


@pytest.mark.slow
def test_a_terminal_shows_a_bar_and_the_second_time_how_long_it_takes(tmp_path):
    folder = standin.write(tmp_path / "project")
    environment = {**os.environ, "PYTHONPATH": str(folder)}
    environment.pop("EVALUATION_HOME", None)
    command = [sys.executable, "-m", "fewdistricts", "report", standin.EVALUATION, "--jobs", "2"]
    shown = []
    for answers in ("01", "11"):
        standin.answers(folder, a=answers, b="10", c="00")
        ours, theirs = pty.openpty()
        termios.tcsetwinsize(theirs, (24, 160))
        build = subprocess.Popen(command, cwd=folder, env=environment, stderr=theirs)
        os.close(theirs)
        text = b""
        while True:
            try:
                piece = os.read(ours, 4096)
            except OSError:  # Linux says so when the other side is closed
                break
            if not piece:
                break
            text += piece
        os.close(ours)
        assert build.wait() == 0
        shown.append(text.decode())
    first, second = shown
    assert re.search(r"\d+/\d+ \|.*survey", first)
    assert "ran  " not in first
    assert re.search(r"up to date; at most \d+ s left", second)
    assert re.search(r"Report in reports/small/: \d+ tasks ran, \d+ were up to date; [\d.]+ s \(work: ", second)
