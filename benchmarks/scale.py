"""What a district and wave costs as districts and interviews grow, on a Dask cluster of this machine.

    python -m benchmarks.scale                                             # 24, 240 and 1,874 districts, 20 and 400
    python -m benchmarks.scale 24 240 --interviews 400 --notebooks 48      # interviews a district and wave

Scheduler and workers are processes of their own on loopback. For each size a generated evaluation (`districts`), whose
respondents are drawn without sampling units, is built without district notebooks (survey, cells, pooled models,
report); then `NOTEBOOKS` of its district notebooks run, spread over pilot and comparison districts. `cells` is the map,
`pooled` the reduce: their seconds by the clock. CPU seconds are those of the workers, their warm processes and kernels;
memory is the largest seen in the first and the last third of the time: resident of the driver, proportional (shared
pages counted once) of a worker and all it started.
"""

from __future__ import annotations

import argparse
import contextlib
import os
import re
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import psutil

from benchmarks import districts
from fewdistricts import paths
from fewdistricts.design import Design
from fewdistricts.run import graph

SIZES, INTERVIEWS, NOTEBOOKS, WORKERS = (24, 240, 1874), (20, 400), 96, 2
EVERY = 0.5  # seconds between looks at the memory


@dataclass(frozen=True)
class Highest:
    """The most bytes of memory in the first third of the time, and in the last: what does not grow has them equal."""

    first: int
    last: int

    @classmethod
    def of(cls, seen: Sequence[int]) -> Highest:
        """Of all that was seen, in order."""
        third = -(-len(seen) // 3)
        return cls(max(seen[:third], default=0), max(seen[-third:], default=0))

    def __str__(self) -> str:
        return f"{self.first / 1e6:.0f}-{self.last / 1e6:.0f}"


@dataclass(frozen=True)
class Cost:
    """What a build took: seconds and memory."""

    clock: float
    cpu: float  # of the workers and all they started
    driver: Highest
    workers: Highest
    tasks: int
    stages: dict[str, float]
    """Seconds of each kind of step, by the clock."""


@contextlib.contextmanager
def cluster(workers: int = WORKERS) -> Iterator[tuple[str, list[psutil.Process]]]:
    """The address of a scheduler on loopback, and the processes of its workers."""
    with tempfile.TemporaryDirectory() as folder, contextlib.ExitStack() as stack:
        file, dask = Path(folder) / "scheduler.json", [sys.executable, "-m", "dask"]
        quiet = {"stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL, "cwd": paths.PROJECT}
        host = ["--host", "127.0.0.1", "--port", "0", "--no-dashboard", "--scheduler-file", str(file)]
        started = [subprocess.Popen([*dask, "scheduler", *host], **quiet)]  # type: ignore[call-overload]
        stack.callback(_end, started)
        while not (file.exists() and (found := re.search(r"tcp://[\d.:]+", file.read_text()))):
            time.sleep(0.1)
        options = ["--nthreads", "1", "--no-nanny", "--no-dashboard", "--local-directory", folder]
        for _ in range(workers):
            started.append(subprocess.Popen([*dask, "worker", found[0], *options], **quiet))  # type: ignore[call-overload]
        yield found[0], [psutil.Process(process.pid) for process in started[1:]]


def _end(processes: list[subprocess.Popen[bytes]]) -> None:
    for process in reversed(processes):
        process.terminate()
        try:
            process.wait(10)
        except subprocess.TimeoutExpired:
            process.kill()


def build(home: Path, evaluation: str, address: str, workers: list[psutil.Process], notebooks: int = 0) -> Cost:
    """Build an evaluation, or so many of its district notebooks; RuntimeError when it fails."""
    command = [sys.executable, "-m", "fewdistricts", "report", evaluation, "--scheduler", address]
    if notebooks:
        command = [sys.executable, "-m", "benchmarks.scale", "--only", str(notebooks), evaluation, address]
    environment = {**os.environ, "EVALUATION_HOME": str(home), "OPENBLAS_NUM_THREADS": "1"}
    before, began = sum(map(_cpu, workers)), time.monotonic()
    looks: list[tuple[int, int]] = []
    with tempfile.TemporaryFile("w+") as said:
        building = subprocess.Popen(command, cwd=paths.PROJECT, env=environment, stderr=said)
        seen = psutil.Process(building.pid)
        while building.poll() is None:
            with contextlib.suppress(psutil.Error):
                looks.append((seen.memory_info().rss, max(map(_memory, workers))))
            time.sleep(EVERY)
        said.seek(0)
        text = said.read()
    if building.returncode:
        raise RuntimeError(text[-2000:])
    counted = re.search(r"(\d+) tasks ran.*\(work: (.*)\)$", text.strip())
    assert counted
    stages = {name: float(seconds) for name, seconds in re.findall(r"(\w+) ([\d.]+) s", counted[2])}
    used = sum(map(_cpu, workers)) - before
    driver, each = (Highest.of(column) for column in zip(*looks, strict=True))
    return Cost(time.monotonic() - began, used, driver, each, int(counted[1]), stages)


def _family(worker: psutil.Process) -> list[psutil.Process]:
    return [worker, *worker.children(recursive=True)]


def _cpu(worker: psutil.Process) -> float:
    """CPU seconds of a worker, its warm process and its kernels, those that have ended too."""
    total = 0.0
    for process in _family(worker):
        with contextlib.suppress(psutil.Error):
            total += sum(process.cpu_times()[:4])
    return total


def _memory(worker: psutil.Process) -> int:
    """Resident bytes of a worker and all it started, shared pages counted once (proportional set size)."""
    total = 0
    for process in _family(worker):
        with contextlib.suppress(psutil.Error):
            total += process.memory_full_info().pss
    return total


def chosen(notebooks: int) -> Callable[[Design, Sequence[str]], list[graph.Step]]:
    """Steps: so many district notebooks, evenly out of all."""

    def steps(design: Design, _: Sequence[str]) -> list[graph.Step]:
        everything = list(graph.district_waves(design))
        # a step that meets pilot and comparison districts, first and second waves in their proportions
        picked = {k * len(everything) // notebooks for k in range(min(notebooks, len(everything)))}
        return [step for k, step in enumerate(everything) if k in picked]

    return steps


def measure(size: int, interviews: int, notebooks: int) -> tuple[Cost, Cost]:
    """The build without district notebooks, and that of some of them, whose comparison districts' cells it made."""
    with tempfile.TemporaryDirectory() as folder:
        home = Path(folder)
        with cluster() as (address, workers):
            evaluation = districts.write(home, size, notebooks="none", interviews=interviews, units=False)
            rest = build(home, evaluation, address, workers)
        with cluster() as (address, workers):
            districts.declare(home, size, notebooks="all", units=False)
            build(home, evaluation, address, workers, notebooks=2)  # the warm processes start
            return rest, build(home, evaluation, address, workers, notebooks)


def main(arguments: Sequence[str]) -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("sizes", nargs="*", type=int, default=SIZES)
    parser.add_argument("--interviews", nargs="*", type=int, default=INTERVIEWS)
    parser.add_argument("--notebooks", type=int, default=NOTEBOOKS)
    options = parser.parse_args(arguments)
    print("districts interviews | survey s  cells s pooled s   CPU s  driver MB  worker MB |", end="")
    print(" notebooks CPU s each clock s each  driver MB  worker MB")
    for size in options.sizes:
        for interviews in options.interviews:
            print(_line(size, interviews, *measure(size, interviews, options.notebooks)), flush=True)
    return 0


def _line(size: int, interviews: int, rest: Cost, some: Cost) -> str:
    survey, cells, pooled = (rest.stages.get(stage, 0.0) for stage in ("survey", "cells", "pooled"))
    first = f"{size:>9} {interviews:>10} | {survey:>8.1f} {cells:>8.1f} {pooled:>8.1f} {rest.cpu:>7.1f}"
    first += f" {rest.driver!s:>10} {rest.workers!s:>10} |"
    each, clock = some.cpu / some.tasks, some.clock / some.tasks
    return first + f" {some.tasks:>9} {each:>10.2f} {clock:>12.2f} {some.driver!s:>10} {some.workers!s:>10}"


if __name__ == "__main__":
    if sys.argv[1:2] == ["--only"]:
        from fewdistricts.run.build import build as run

        count, name, where = sys.argv[2:]
        sys.exit(run(name, scheduler=where, steps_of=chosen(int(count))).exit_code)
    sys.exit(main(sys.argv[1:]))
