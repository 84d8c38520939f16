"""From the executed notebook of the full report to PDF and HTML, beside nbconvert's routes by Chromium and by xelatex.

Clock time of the first export in a fresh process (`exporting` says what is left out), the median of three, because
the browser and TeX work in processes of their own; the CPU seconds of ours stand beside it. nbconvert's `html` lays
nothing out and shows what the notebook holds for Jupyter: the floor that any exporter pays.
"""

from __future__ import annotations

import shutil
import statistics
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

from benchmarks.measure import Line, limit
from fewdistricts import paths

EVALUATION, LANGUAGE = "peru-2005", "en"
LIMIT, SHORT_LIMIT, REPEATS = 3.0, 10.0, 3
OURS = "nbaccessible.exporters.Evaluation{}Exporter"
# name, exporter, programs needed (one of each)
PEERS = {
    "PDF": (
        (
            "nbconvert --to webpdf",
            "benchmarks.exporting.SystemWebPDFExporter",
            (("chromium", "chromium-browser", "google-chrome"),),
        ),
        ("nbconvert --to pdf (xelatex)", "pdf", (("xelatex",), ("pandoc",))),
    ),
    "HTML": (("nbconvert --to html", "html", ()),),
}


def lines() -> Iterator[Line]:
    """The section."""
    notebook = executed()
    for kind, peers in PEERS.items():
        what = f"full report of {EVALUATION} to {kind}"
        seconds, used, size = _export((OURS.format(kind), notebook))
        yield limit(what, seconds, LIMIT, f"{used:.2f} s of CPU; {size / 1e6:.2f} MB")
        for name, exporter, needs in peers:
            if lacking := [programs[0] for programs in needs if not any(map(shutil.which, programs))]:
                yield Line(what, seconds, name, note=f"left out: {' and '.join(lacking)} not installed")
                continue
            try:
                theirs, _, size = _export((exporter, notebook))
            except RuntimeError as error:
                yield Line(what, seconds, name, note=f"failed: {error}")
                continue
            yield Line(what, seconds, name, theirs, f"{size / 1e6:.2f} MB")
    folder = paths.processed(EVALUATION)
    short = [(OURS.format("PDF"), path) for path in sorted((folder / "district_brief").glob("*.ipynb"))]
    short += [(OURS.format("Slides"), path) for path in sorted((folder / "slides").glob("*.ipynb"))]
    seconds, used, size = _export(*short)
    note = f"{used:.2f} s of CPU; {size / 1e6:.2f} MB"
    yield limit(f"{len(short)} briefs and slides, every language, one after another", seconds, SHORT_LIMIT, note)


def executed() -> Path:
    """The report's executed notebook; the evaluation is built where it is missing."""
    path = paths.processed(EVALUATION) / "report" / f"report-{LANGUAGE}.ipynb"
    if not path.exists():
        command = [sys.executable, "-m", "fewdistricts", "report", EVALUATION]
        subprocess.run(command, cwd=paths.PROJECT, check=True, stdout=sys.stderr)  # the table has stdout to itself
    return path


def _export(*each: tuple[str, Path]) -> tuple[float, float, int]:
    """Median clock and CPU seconds of exports, all in one fresh process, and the bytes of the results."""
    taken = []
    with tempfile.TemporaryDirectory() as folder:
        results = [Path(folder) / f"result-{k}" for k in range(len(each))]
        command = [sys.executable, "-m", "benchmarks.exporting"]
        for (exporter, notebook), result in zip(each, results, strict=True):
            command += [exporter, str(notebook), str(result)]
        for _ in range(REPEATS):
            done = subprocess.run(command, cwd=paths.PROJECT, capture_output=True, text=True)
            if done.returncode:
                raise RuntimeError((done.stderr.strip().splitlines() or ["no output"])[-1])
            taken.append([float(word) for word in done.stdout.split()[-2:]])
        clock, used = (statistics.median(column) for column in zip(*taken, strict=True))
        return clock, used, sum(result.stat().st_size for result in results)
