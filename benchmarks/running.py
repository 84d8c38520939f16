"""The district_wave notebooks of peru-2005, two workers: beside the papermill command in a loop, ordinary kernels and
the same functions without any notebook; then the whole report of few districts and of many, clean and after one changed
answer.

Each way is a process of its own that runs all 24 notebooks on the same built survey. Clock time is compared, and in the
note the CPU seconds of the process and all it started: other work on the machine lengthens the clock, hardly the CPU.
What only the comparison needs is imported where it is used, or every way would be timed with it.
"""

from __future__ import annotations

import contextlib
import ctypes
import hashlib
import io
import itertools
import multiprocessing
import os
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from multiprocessing import forkserver
from pathlib import Path
from typing import Any

from benchmarks import measure
from benchmarks.measure import Line, met
from fewdistricts import design, paths
from fewdistricts.run import steps
from fewdistricts.run.parameters import code_cells

EVALUATION, NOTEBOOK, WORKERS = "peru-2005", paths.NOTEBOOKS / "district_wave.ipynb", 2
MANY = 240  # districts
COLD = 45  # seconds that a whole report of few districts may take on two processors
SUBREAPER = 36  # Linux: processes whose parent has ended become children of this one
# way, what the table calls it, how many times ours it should take at least or (the limit) at most
WAYS = {
    "loop": ("the papermill command in a loop", 5.0),
    "ordinary": ("ordinary kernels, as many workers", 4.0),
    "functions": ("functions in two forked processes", -2.0),
}


def lines(limit: int | None = None) -> Iterator[Line]:
    """The section; `limit`: only so many notebooks."""
    with tempfile.TemporaryDirectory() as folder:
        home = Path(folder)
        shutil.copytree(paths.PROJECT / "data" / "raw" / EVALUATION, home / "data" / "raw" / EVALUATION)
        _timed("survey", home, limit)
        ours, our_cpu = _timed("warm", home, limit)
        what = f"{limit or len(_runs())} district_wave notebooks, {WORKERS} workers"
        for way, (name, wanted) in WAYS.items():
            seconds, cpu = _timed(way, home, limit)
            note = f"CPU {our_cpu:.3g} s and {cpu:.3g} s: {cpu / our_cpu:.2g}"
            reached = seconds >= wanted * ours if wanted > 0 else ours <= -wanted * seconds
            asked = f"at least {wanted:g}" if wanted > 0 else f"at least {1 / -wanted:g}"
            yield Line(what, ours, name, seconds, f"{met(reached)}: {asked}; {note}")
        if limit is None:
            yield from report_lines(home)


def report_lines(home: Path) -> Iterator[Line]:
    """The whole report, and what it takes when nothing, or one answer in one district, has changed: of few districts,
    and of many, where most of the work is theirs.
    """
    from benchmarks import districts

    shutil.rmtree(home / "data" / "processed", ignore_errors=True)
    few = EVALUATION, ("comparison-1", "pilot-1")
    many = districts.write(home, MANY), ("district-0002", "district-0001")
    for evaluation, changed in (few, many):
        cold, cold_cpu = _timed("report", home, None, evaluation)
        again, again_cpu = _timed("report", home, None, evaluation)
        asked = f"{met(again <= 1)}: at most 1 s; " if evaluation == EVALUATION else ""
        note = f"{asked}CPU {again_cpu:.3g} s and {cold_cpu:.3g} s"
        if evaluation == EVALUATION:
            yield measure.limit(f"{evaluation}, the whole report", cold, COLD, f"CPU {cold_cpu:.3g} s")
        yield Line(f"{evaluation}, nothing changed", again, "clean", cold, note)
        for district in changed:
            change(home, evaluation, district)
            seconds, cpu = _timed("report", home, None, evaluation)
            note = (
                f"{seconds / cold:.0%} of the clock, {cpu / cold_cpu:.0%} of the CPU ({cpu:.3g} s and {cold_cpu:.3g} s)"
            )
            what = f"{evaluation}, an answer of {district} changed"
            yield Line(what, seconds, "clean", cold, f"{met(seconds < cold / 4)}: under 25 %; {note}")


def change(home: Path, evaluation: str, district: str) -> None:
    """Another answer of one respondent in the follow-up wave, and the declared hash of the file as it is then."""
    import pandas as pd

    raw = home / "data" / "raw" / evaluation
    if (survey := raw / "survey.parquet").exists():
        frame = pd.read_parquet(survey)
        first = frame.index[(frame["district"] == district) & (frame["wave"] == "2005")][0]
        frame.loc[first, "safe"] = 1 - frame.loc[first, "safe"]
        frame.to_parquet(survey, index=False)
        return
    survey, declared = raw / "survey.csv", raw / "evaluation.yaml"
    text = survey.read_text(encoding="utf-8")
    before = hashlib.sha256(text.encode()).hexdigest()
    line = next(k for k in text.splitlines() if k.startswith(f"{district},2005,") and "more or less safe" in k)
    text = text.replace(line, line.replace("more or less safe", "very insecure"), 1)
    survey.write_text(text, encoding="utf-8")
    said = declared.read_text(encoding="utf-8").replace(before, hashlib.sha256(text.encode()).hexdigest())
    declared.write_text(said, encoding="utf-8")


def _timed(way: str, home: Path, limit: int | None, evaluation: str = EVALUATION) -> tuple[float, float]:
    """Clock and CPU seconds of one way in a process of its own."""
    environment = {**os.environ, "EVALUATION_HOME": str(home), "EVALUATION_KERNELS": way}
    environment |= dict.fromkeys(("OPENBLAS_NUM_THREADS", "OMP_NUM_THREADS", "MKL_NUM_THREADS"), "1")
    command = [sys.executable, "-m", "benchmarks.running", way, str(limit or ""), evaluation]
    began = time.perf_counter()
    process = subprocess.Popen(command, cwd=paths.PROJECT, env=environment, stdout=sys.stderr)
    _, status, used = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode:
        raise RuntimeError(f"{' '.join(command[2:])} failed")
    return time.perf_counter() - began, used.ru_utime + used.ru_stime


def _runs(limit: int | None = None) -> list[dict[str, str]]:
    """Parameters of each run."""
    declared = design.load(EVALUATION)
    pairs = itertools.product(declared.districts, declared.waves)
    return [{"evaluation": EVALUATION, "district": d.id, "wave": w.id} for d, w in pairs][:limit]


def _output(parameters: dict[str, str], way: str) -> Path:
    return paths.processed(EVALUATION) / way / f"{parameters['district']}-{parameters['wave']}.ipynb"


def run_pipeline(runs: list[dict[str, str]]) -> None:
    """As the pipeline does: workers that last, kernels as EVALUATION_KERNELS says."""
    from fewdistricts.run.workers import Workers

    ctypes.CDLL(None).prctl(SUBREAPER, 1)
    workers, way = Workers(WORKERS, evaluation=EVALUATION), os.environ["EVALUATION_KERNELS"]

    def one(parameters: dict[str, str]) -> None:
        workers.run(steps.notebook, paths.home(), NOTEBOOK, _output(parameters, way), parameters, "benchmark")

    with ThreadPoolExecutor(WORKERS) as threads:
        list(threads.map(one, runs))
    workers.close()
    _wait_for_all()


def run_report(evaluation: str) -> None:
    """As `make report` does."""
    from fewdistricts.run.build import build

    ctypes.CDLL(None).prctl(SUBREAPER, 1)
    if build(evaluation, jobs=WORKERS, quiet=True).failed:
        sys.exit(1)
    _wait_for_all()


def _wait_for_all() -> None:
    forkserver._forkserver._stop()  # type: ignore[attr-defined]
    # warm processes outlive their workers for a moment; what is not waited for has no CPU seconds
    until = time.monotonic() + 1
    with contextlib.suppress(ChildProcessError):
        while time.monotonic() < until:
            if os.waitpid(-1, os.WNOHANG)[0] == 0:
                time.sleep(0.02)


def run_loop(runs: list[dict[str, str]]) -> None:
    """The papermill command, one after the other."""
    for parameters in runs:
        output = _output(parameters, "loop")
        output.parent.mkdir(parents=True, exist_ok=True)
        given = [word for name, value in parameters.items() for word in ("-r", name, value)]
        command = ["papermill", "-k", "python3", "--no-progress-bar", str(NOTEBOOK), str(output), *given]
        subprocess.run([sys.executable, "-m", *command], check=True, stderr=subprocess.DEVNULL)


def run_forked(runs: list[dict[str, str]], one: Any) -> None:
    """A function of the parameters in forked processes that share the imports, a new one for each run."""
    import fewdistricts.exhibits.documents.report
    import fewdistricts.study  # noqa: F401

    with multiprocessing.get_context("fork").Pool(WORKERS, maxtasksperchild=1) as pool:
        pool.map(one, runs, chunksize=1)


def call_functions(parameters: dict[str, str]) -> None:
    """The notebook's cells as plain code; what they show goes nowhere."""
    with contextlib.redirect_stdout(io.StringIO()):
        names: dict[str, Any] = {"display": lambda *_: None}
        for source, tags in code_cells(NOTEBOOK):
            exec(source, names)
            if "parameters" in tags:
                names.update(parameters)


if __name__ == "__main__":
    asked, count = sys.argv[1], int(sys.argv[2]) if sys.argv[2:] and sys.argv[2] else None
    if asked == "survey":
        steps.survey(paths.home(), EVALUATION)
        compared = [district.id for district in design.load(EVALUATION).comparisons]
        steps.cells(paths.home(), EVALUATION, compared)
    elif asked == "report":
        run_report(sys.argv[3])
    elif asked == "loop":
        run_loop(_runs(count))
    elif asked in ("warm", "ordinary"):
        run_pipeline(_runs(count))
    else:
        run_forked(_runs(count), call_functions)
