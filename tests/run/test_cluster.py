"""A build on a Dask cluster: scheduler and workers as processes of their own on loopback, the graph over stand-ins."""

from __future__ import annotations

import contextlib
import os
import re
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
import standin

from fewdistricts.run import cluster
from warmkernel import forks

pytest.importorskip("distributed")
pytestmark = pytest.mark.slow


@contextlib.contextmanager
def started(project: Path, *command: str) -> Iterator[subprocess.Popen]:
    """A program of dask in the project's folder, ended with all that it started."""
    environment = {**os.environ, "PYTHONPATH": str(project), "PYTHONDONTWRITEBYTECODE": "1"}
    environment.pop("EVALUATION_HOME", None)
    log = (project / f"{command[0]}-{time.monotonic_ns()}.log").open("w")
    dask = [sys.executable, "-m", "dask", *command]
    process = subprocess.Popen(dask, cwd=project, env=environment, stdout=log, stderr=log, start_new_session=True)
    try:
        yield process
    finally:
        log.close()
        with contextlib.suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)
        process.wait()


@contextlib.contextmanager
def scheduler(project: Path) -> Iterator[str]:
    """The address of a scheduler."""
    file = project / "scheduler.json"
    file.unlink(missing_ok=True)
    options = ["--host", "127.0.0.1", "--port", "0", "--no-dashboard", "--scheduler-file", str(file)]
    with started(project, "scheduler", *options):
        until = time.monotonic() + 60
        while not (file.exists() and (found := re.search(r"tcp://[\d.:]+", file.read_text()))):
            assert time.monotonic() < until
            time.sleep(0.1)
        yield found[0]


def worker(project: Path, address: str, threads: int = 1) -> contextlib.AbstractContextManager[subprocess.Popen]:
    options = [
        "--nthreads",
        str(threads),
        "--no-dashboard",
        "--no-nanny",
        "--local-directory",
        str(project / "scratch"),
    ]
    return started(project, "worker", address, *options)


@pytest.fixture(scope="module")
def project(tmp_path_factory) -> Path:
    return standin.write(tmp_path_factory.mktemp("cluster") / "project")


def files(project: Path) -> dict[str, bytes]:
    folder = project / "reports" / "small"
    return {path.relative_to(folder).as_posix(): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def test_a_cluster_makes_the_same_files_and_may_lose_a_worker(project, tmp_path):
    local = standin.write(tmp_path / "local")
    assert standin.report(local).returncode == 0
    notebook = project / "notebooks" / "district_wave.ipynb"
    kept = notebook.read_text()
    slow = "from fewdistricts.exhibits.small import answers, save\\n"
    assert slow in kept
    notebook.write_text(kept.replace(slow, slow + "import time; time.sleep(1)\\n"))
    with scheduler(project) as address, worker(project, address) as first, worker(project, address):
        build = standin.start(project, "--scheduler", address)
        while "district_wave" not in (line := build.stderr.readline()):
            assert line
        os.killpg(first.pid, signal.SIGKILL)
        said = build.communicate(timeout=120)[1]
        assert build.returncode == 0, said
        # the notebook is the local one again: its outputs are the same, so that only the tasks that read it run
        notebook.write_text(kept)
        done = standin.report(project, "--scheduler", address)
        assert done.returncode == 0, done.stderr
        assert {name.partition(":")[0] for name in standin.ran(done)} >= {"district_wave"}
        assert files(project) == files(local)
        assert standin.ran(standin.report(project)) == set()  # without the cluster nothing is left to do either


def test_what_fails_on_a_worker_is_said_as_at_home(project):
    notebook = project / "notebooks" / "pooled.ipynb"
    kept = notebook.read_text()
    notebook.write_text(kept.replace("small.save", "1 / 0\\nsmall.save"))
    try:
        with scheduler(project) as address, worker(project, address):
            done = standin.report(project, "--scheduler", address)
    finally:
        notebook.write_text(kept)
    assert done.returncode == 4
    assert "pooled: division by zero" in done.stderr
    assert "Traceback" not in done.stderr


def test_workers_that_are_not_this_project_are_refused(project, tmp_path):
    other = tmp_path / "other"
    shutil.copytree(project, other, ignore=shutil.ignore_patterns("scratch"))
    module = other / "fewdistricts" / "exhibits" / "small.py"
    module.write_text(module.read_text() + "\n# changed\n")
    with scheduler(project) as address:
        with worker(other, address):
            done = standin.report(project, "--scheduler", address)
        assert done.returncode == 7
        assert "1 of 1 Dask workers cannot be used" in done.stderr
        assert "has other code of the project than here" in done.stderr
        with worker(project, address, threads=2):
            done = standin.report(project, "--scheduler", address)
        assert done.returncode == 7
        assert re.search(r"need one thread each \(tcp://\S+ has 2\): start them with `--nthreads 1`", done.stderr)


def test_without_a_scheduler_there_is_one_sentence(project):
    done = standin.report(project, "--scheduler", "tcp://127.0.0.1:9")
    assert done.returncode == 7
    assert done.stderr.strip().splitlines()[-1].startswith("no Dask scheduler answers at tcp://127.0.0.1:9")
    assert "Traceback" not in done.stderr


class OneWorker:
    """A client of a cluster whose one worker is this process."""

    def nthreads(self) -> dict[str, int]:
        return {"tcp://one": 1}

    def run(self, function, *arguments, **_):
        return {"tcp://one": function(*arguments)}


@pytest.mark.parametrize("system", ["linux", "darwin"])
def test_workers_that_cannot_fork_kernels_are_said_to_use_ordinary_ones(system, monkeypatch, tmp_path, capsys):
    monkeypatch.setenv("EVALUATION_HOME", str(tmp_path))
    monkeypatch.delenv("EVALUATION_KERNELS", raising=False)
    monkeypatch.setattr(forks.sys, "platform", system)
    connected = object.__new__(cluster.Cluster)
    connected._client = OneWorker()
    connected._check()
    words = "Workers cannot fork kernels: notebooks run in ordinary ones, with the same results.\n"
    assert capsys.readouterr().err == (words if system == "darwin" else "")
