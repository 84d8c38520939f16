"""An interrupt at any moment of `make report` ends it without a traceback and leaves the former set as it was."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from fewdistricts import paths
from fewdistricts.__main__ import UNREAD

EXAMPLE = "one-pilot"
MOMENTS = [0.05 + 5.95 * k / 29 for k in range(30)]  # seconds after the command


def make(home: Path) -> subprocess.Popen[str]:
    return subprocess.Popen(
        ["make", "report", f"EVALUATION={EXAMPLE}", "LANGUAGES=en"],
        cwd=paths.PROJECT,
        env={**os.environ, "EVALUATION_HOME": str(home)},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        start_new_session=True,
        # a test runner in the background of a shell ignores interrupts, and so would what it starts
        preexec_fn=lambda: signal.signal(signal.SIGINT, signal.SIG_DFL),
    )


def published(home: Path) -> dict[Path, bytes]:
    return {path: path.read_bytes() for path in (home / "reports").rglob("*") if path.is_file()}


@pytest.mark.slow
def test_an_interrupt_at_any_moment_ends_make_report_without_a_traceback(tmp_path):
    folder = tmp_path / "data/raw" / EXAMPLE
    shutil.copytree(paths.PROJECT / "docs/examples" / EXAMPLE, folder)
    first = make(tmp_path)
    printed, _ = first.communicate(timeout=600)
    assert first.returncode == 0, printed
    former = published(tmp_path)
    survey = folder / "survey.csv"
    lines = survey.read_text(encoding="utf-8").splitlines()

    stopped = 0
    for k, moment in enumerate(MOMENTS):
        # another respondent is left out each time, so that there is work to do
        survey.write_text("\n".join([*lines[: k + 1], *lines[k + 2 :]]) + "\n", encoding="utf-8")
        build = make(tmp_path)
        time.sleep(moment)
        os.killpg(build.pid, signal.SIGINT)
        printed, _ = build.communicate(timeout=60)
        assert build.returncode != 0, (moment, printed)
        assert "Traceback" not in printed, (moment, printed)
        assert published(tmp_path) == former, moment
        stopped += "Stopped. The same command goes on from here." in printed
    assert stopped > len(MOMENTS) / 2


def test_a_reader_that_has_seen_enough_ends_a_command_quietly():
    pipe = subprocess.PIPE
    command = [sys.executable, "-m", "fewdistricts", "schema"]
    with subprocess.Popen(command, cwd=paths.PROJECT, stdout=pipe, stderr=pipe) as shown:
        assert shown.stdout is not None and shown.stderr is not None
        assert shown.stdout.readline() == b"{\n"
        shown.stdout.close()
        assert shown.stderr.read() == b""
    assert shown.returncode == UNREAD
