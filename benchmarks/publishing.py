"""From the executed notebook of the report to PDF, HTML and Word, beside the roads of nbconvert, pandoc and Quarto.

Clock time of the first export in a fresh process (`exporting` says what is left out), the median of three, because
the browser and TeX work in processes of their own; the CPU seconds of ours stand beside it. nbconvert's `html` lays
nothing out and shows what the notebook holds for Jupyter: the floor that any exporter pays.
"""

from __future__ import annotations

import importlib
import importlib.util
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from benchmarks.measure import Line, limit
from fewdistricts import paths

EVALUATION, LANGUAGE = "peru-2005", "en"
SHORT_LIMIT, REPEATS = 10.0, 3
OURS = "nbaccessible.exporters.Accessible{}Exporter"


@dataclass(frozen=True)
class Peer:
    """Another road to the same kind of file: an exporter of nbconvert, or a command (`{source}`, `{target}`).

    `needs` are the programs that it cannot do without, one of each.
    """

    name: str
    exporter: str = ""
    command: tuple[str, ...] = ()
    needs: tuple[tuple[str, ...], ...] = ()

    @property
    def lacking(self) -> list[str]:
        """What it needs and is not installed."""
        return [programs[0] for programs in self.needs if not any(map(where_is, programs))]


def where_is(program: str) -> str | None:
    """The file of a program; pandoc is that of its wheel where none is installed."""
    found = shutil.which(program)
    if found is None and program == "pandoc" and importlib.util.find_spec("pypandoc"):
        return str(Path(importlib.import_module("pypandoc").__file__ or "").with_name("files") / "pandoc")
    return found


@dataclass(frozen=True)
class Kind:
    """A kind of file: our exporter, the seconds allowed for it, the notebook that it is made from, and its peers."""

    name: str
    exporter: str
    limit: float
    notebook: str
    ending: str
    peers: tuple[Peer, ...]


BROWSERS = ("chromium", "chromium-browser", "google-chrome")
WEBPDF = Peer("nbconvert --to webpdf", exporter="benchmarks.exporting.SystemWebPDFExporter", needs=(BROWSERS,))
XELATEX = Peer("nbconvert --to pdf (xelatex)", exporter="pdf", needs=(("xelatex",), ("pandoc",)))
QUARTO = Peer(
    "quarto --to typst",
    command=("quarto", "render", "{source}", "--to", "typst", "--no-execute", "--output", "{target}"),
    needs=(("quarto",),),
)
PANDOC = Peer("pandoc --to docx", command=("pandoc", "{source}", "--output", "{target}"), needs=(("pandoc",),))
KINDS = (
    Kind("PDF", OURS.format("PDF"), 3.0, "report", "pdf", (WEBPDF, XELATEX, QUARTO)),
    Kind("HTML", OURS.format("HTML"), 1.5, "whole", "html", (Peer("nbconvert --to html", exporter="html"),)),
    Kind("Word", OURS.format("Docx"), 3.0, "report", "docx", (PANDOC,)),
)


def lines() -> Iterator[Line]:
    """The section."""
    for kind in KINDS:
        notebook = executed(kind.notebook)
        held = "report with its annex" if kind.notebook == "whole" else "report"
        what = f"{held} of {EVALUATION} to {kind.name}"
        seconds, used, size = _export((kind.exporter, notebook))
        yield limit(what, seconds, kind.limit, f"{used:.2f} s of CPU; {size / 1e6:.2f} MB")
        for peer in kind.peers:
            yield _against(peer, what, seconds, notebook, kind.ending)
    folder = paths.processed(EVALUATION)
    short = [(OURS.format("PDF"), path) for path in sorted((folder / "district_brief").glob("*.ipynb"))]
    short += [(OURS.format("Slides"), path) for path in sorted((folder / "slides").glob("*.ipynb"))]
    seconds, used, size = _export(*short)
    note = f"{used:.2f} s of CPU; {size / 1e6:.2f} MB"
    yield limit(f"{len(short)} briefs and slides, every language, one after another", seconds, SHORT_LIMIT, note)


def _against(peer: Peer, what: str, ours: float, notebook: Path, ending: str) -> Line:
    """A peer's line; one that is not installed or fails is named without a time."""
    if peer.lacking:
        return Line(what, ours, peer.name, note=f"left out: {' and '.join(peer.lacking)} not installed")
    try:
        if peer.command:
            theirs, size = _command(peer.command, notebook, ending)
        else:
            theirs, _, size = _export((peer.exporter, notebook))
    except RuntimeError as error:
        return Line(what, ours, peer.name, note=f"failed: {error}")
    return Line(what, ours, peer.name, theirs, f"{size / 1e6:.2f} MB")


def _command(command: tuple[str, ...], notebook: Path, ending: str) -> tuple[float, int]:
    """Median clock seconds of a program of its own on a copy of the notebook, and the bytes of its file."""
    taken = []
    for _ in range(REPEATS):
        with tempfile.TemporaryDirectory() as folder:
            source = Path(shutil.copy(notebook, folder))
            target = f"result.{ending}"
            words = [where_is(command[0]) or command[0]]
            words += [word.format(source=source.name, target=target) for word in command[1:]]
            before = time.perf_counter()
            done = subprocess.run(words, cwd=folder, capture_output=True, text=True)
            taken.append(time.perf_counter() - before)
            made = Path(folder) / target
            if done.returncode or not made.exists():
                raise RuntimeError((done.stderr.strip().splitlines() or ["no output"])[-1])
            size = made.stat().st_size
    return statistics.median(taken), size


def executed(folder: str) -> Path:
    """The report's executed notebook, without or with its annex; the evaluation is built where it is missing."""
    path = paths.processed(EVALUATION) / folder / f"report-{LANGUAGE}.ipynb"
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
