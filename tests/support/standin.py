"""A small project: the real `run`, `design`, `provenance` and `warmkernel`; the rest and the notebooks are stand-ins.

Its design has two pilots and one comparison district in two waves. Stand-ins write the answers themselves instead of
estimates, so that a test sees which tasks ran and what they read. With `kernels=False` the cells of a notebook are run
by `exec`, which takes milliseconds instead of seconds.
"""

from __future__ import annotations

import json
import os
import re
import shutil
import signal
import subprocess
import sys
from pathlib import Path

from small_notebooks import notebook

from fewdistricts.paths import PROJECT
from fewdistricts.provenance import origin

EVALUATION = "small"
DISTRICTS = ["a", "b", "c"]
WAVES = ["1", "2"]

YAML = """\
title: {en: Small, es: Pequeña}
intervention: {name: {en: P, es: P}, start: 2004-01, description: {en: D, es: D}}
data:
  kind: synthetic
  source: {en: S, es: S}
  files: [{path: survey.csv}]
  columns: {district: district, wave: wave}
waves:
  - {id: "1", label: {en: First, es: Primera}, fieldwork: [2003-01, 2003-01]}
  - {id: "2", label: {en: Second, es: Segunda}, fieldwork: [2005-01, 2005-01]}
districts:
  - {id: a, name: {en: A, es: A}, arm: pilot}
  - {id: b, name: {en: B, es: B}, arm: pilot}
  - {id: c, name: {en: C, es: C}, arm: comparison}
indicators:
  - {id: safe, label: {en: Safe, es: Seguro}, column: safe, yes: [1], better: higher}
report: {languages: [en, es], date: 2005-04-25, authors: [Somebody]}
"""

MODULES = {
    "fewdistricts/__init__.py": "",
    "fewdistricts/survey/__init__.py": """
        import csv
        from fewdistricts import paths
        def build(design):
            rows = list(csv.DictReader((paths.raw(design.evaluation) / "survey.csv").open()))
            for district in design.districts:
                own = [row["safe"] for row in rows if row["district"] == district.id]
                target = paths.processed(design.evaluation) / "survey" / f"{district.id}.arrow"
                target.parent.mkdir(parents=True, exist_ok=True)
                target.write_text("".join(own))
            (paths.processed(design.evaluation) / "sample.parquet").write_text(str(len(rows)))
            (paths.processed(design.evaluation) / "suppressed.parquet").write_text("none")
        """,
    "fewdistricts/estimates/__init__.py": "",
    "fewdistricts/estimates/cells.py": """
        from fewdistricts import paths
        def make(design, districts):
            folder = paths.processed(design.evaluation)
            (folder / "district_wave").mkdir(exist_ok=True)
            for district in districts:
                answers = (folder / "survey" / f"{district.id}.arrow").read_text()
                for wave in design.waves:
                    (folder / "district_wave" / f"{district.id}-{wave.id}.parquet").write_text(answers + wave.id)
        """,
    "fewdistricts/exhibits/__init__.py": "",
    "fewdistricts/exhibits/text/__init__.py": "",
    "fewdistricts/exhibits/documents/__init__.py": "",
    "fewdistricts/exhibits/documents/edition.py": """
        def whole(report, annex):
            return {"report": report, "annex": annex}
        """,
    "fewdistricts/exhibits/small.py": """
        from fewdistricts import paths
        def answers(evaluation, district):
            return (paths.processed(evaluation) / "survey" / f"{district}.arrow").read_text()
        def cell(evaluation, district, wave):
            return (paths.processed(evaluation) / "district_wave" / f"{district}-{wave}.parquet").read_text()
        def save(evaluation, name, content):
            target = paths.processed(evaluation) / name
            target.parent.mkdir(parents=True, exist_ok=True)
            target.write_text(content)
        """,
    "fewdistricts/exhibits/text/wording.py": """
        from pathlib import Path
        TEXTS = Path(__file__).parent / "texts"
        def words(language):
            return (TEXTS / language / "words.md").read_text()
        """,
    "fewdistricts/exhibits/text/texts/en/labels.yaml": "document: {mark: Synthetic}",
    "fewdistricts/exhibits/text/texts/es/labels.yaml": "document: {mark: Datos simulados}",
    "fewdistricts/exhibits/text/texts/en/words.md": "Safe",
    "fewdistricts/exhibits/text/texts/es/words.md": "Seguro",
    "nbaccessible/__init__.py": "",
    "nbaccessible/errors.py": """
        class PublishError(Exception):
            pass
        """,
    "nbaccessible/page.typ": "page",
    "nbaccessible/exporters.py": """
        from pathlib import Path
        class AccessiblePDFExporter:
            page = Path(__file__).with_name("page.typ")
            def from_filename(self, path, resources=None):
                return self.page.read_bytes() + Path(path).read_bytes(), {}
        class AccessibleHTMLExporter(AccessiblePDFExporter):
            pass
        class AccessibleSlidesExporter(AccessiblePDFExporter):
            pass
        """,
    "fewdistricts/exhibits/spreadsheets.py": """
        from fewdistricts import paths
        def write(evaluation, notebooks):
            content = (paths.processed(evaluation) / "estimates.parquet").read_text()
            paths.staged(evaluation).mkdir(parents=True, exist_ok=True)
            for ending in ("csv", "xlsx"):
                (paths.staged(evaluation) / f"estimates.{ending}").write_text(content)
        """,
    "fewdistricts/exhibits/citation.py": """
        from fewdistricts import paths
        def write(evaluation):
            (paths.staged(evaluation) / "CITATION.cff").write_text("Small")
        """,
}

NOTEBOOKS = {
    "district_wave": (
        'evaluation = "small"\ndistrict = "a"\nwave = "1"',
        """
        from fewdistricts.exhibits.small import answers, save
        save(evaluation, f"district_wave/{district}-{wave}.parquet", answers(evaluation, district) + wave)
        answers(evaluation, district)
        """,
    ),
    "pooled": (
        'evaluation = "small"',
        """
        from fewdistricts.exhibits import small
        small.save(evaluation, "estimates.parquet", "".join(small.cell(evaluation, d, w) for d in "abc" for w in "12"))
        """,
    ),
    "report": (
        'evaluation = "small"\nlanguage = "en"\nlanguages = ""',
        """
        from fewdistricts.exhibits.text.wording import words
        from fewdistricts import paths
        said = words(language) + (paths.processed(evaluation) / "estimates.parquet").read_text()
        said
        """,
    ),
}
NOTEBOOKS["slides"] = NOTEBOOKS["annex"] = ('evaluation = "small"\nlanguage = "en"', NOTEBOOKS["report"][1])
NOTEBOOKS["district_brief"] = (
    'evaluation = "small"\ndistrict = "a"\nlanguage = "en"',
    NOTEBOOKS["report"][1].replace("words(language)", "district + words(language)"),
)


EXEC = """
        import json
        from fewdistricts import files
        from fewdistricts.run import parameters as parameters_of
        from fewdistricts.errors import NotebookError
        PRELOADED = []
        def execute(notebook, output, parameters, *, name, failed=None):
            names = {}
            for source, tags in parameters_of.code_cells(notebook):
                try:
                    exec(source, names)
                except Exception as error:
                    raise NotebookError(f"{name}: {error}") from None
                if "parameters" in tags:
                    names.update(parameters)
            files.write(output, json.dumps({k: v for k, v in names.items() if isinstance(v, str)} | {"cells": []}))
        """


def lines(text: str) -> str:
    """A block of this file without its indentation."""
    return "\n".join(line[8:] if line.startswith(" " * 8) else line for line in text.strip("\n").splitlines()) + "\n"


def write(folder: Path, kernels: bool = False) -> Path:
    """Make the project in a folder."""
    package = folder / "fewdistricts"
    ignore = shutil.ignore_patterns("__pycache__")
    for name in ["fewdistricts/run", "fewdistricts/design", "fewdistricts/provenance", "warmkernel"]:
        shutil.copytree(PROJECT / name, folder / name, ignore=ignore)
    for name in ("needs", "followed_waves"):  # what decides which cells a step reads
        (package / "estimates").mkdir(exist_ok=True)
        shutil.copy(PROJECT / "fewdistricts" / "estimates" / f"{name}.py", package / "estimates")
    (folder / "nbaccessible").mkdir()
    for path in (PROJECT / "nbaccessible").glob("*.py"):  # what own chapters are read with; exporters are stand-ins
        shutil.copy(path, folder / "nbaccessible" / path.name)
    for path in (PROJECT / "fewdistricts").glob("*.py"):
        shutil.copy(path, package / path.name)
    for name, content in MODULES.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(lines(content))
    for name, (parameters, cell) in NOTEBOOKS.items():
        notebook(folder / "notebooks" / f"{name}.ipynb", lines(parameters).strip(), lines(cell))
    if not kernels:
        (package / "run" / "notebooks.py").write_text(lines(EXEC))
        for module in (package / "run" / "workers.py", folder / "warmkernel" / "forks.py"):
            text = module.read_text(encoding="utf-8")
            module.write_text(re.sub(r"^PRELOADED = \[.*?\]$", "PRELOADED = []", text, flags=re.MULTILINE | re.DOTALL))
    (folder / "requirements.lock").write_text("one==1\n")
    raw = folder / "data" / "raw" / EVALUATION
    raw.mkdir(parents=True)
    (raw / "evaluation.yaml").write_text(YAML)
    answers(folder, a="01", b="10", c="00")
    return folder


def answers(folder: Path, **districts: str) -> None:
    """Write the survey: one digit an answer."""
    rows = [f"{district},{answer}" for district, digits in districts.items() for answer in digits]
    (folder / "data" / "raw" / EVALUATION / "survey.csv").write_text("\n".join(["district,safe", *rows]) + "\n")


FINDING = """
        import json
        from fewdistricts.design import DISTRICTS, District
        build_declared = build
        def build(design):
            arms = dict(a="pilot", b="pilot", c="comparison")
            found = [dict(id=d, name={"en": d, "es": d}, arm=arm) for d, arm in arms.items()]
            target = paths.processed(design.evaluation) / DISTRICTS
            target.parent.mkdir(parents=True, exist_ok=True)
            target.write_text(json.dumps(found))
            build_declared(design.model_copy(update={"districts": tuple(map(District.model_validate, found))}))
        """


def find_districts(folder: Path) -> None:
    """Let the survey find the districts in the data instead of in evaluation.yaml."""
    module = folder / "fewdistricts" / "survey" / "__init__.py"
    module.write_text(module.read_text() + lines(FINDING))


def start(folder: Path, *options: str, **variables: str) -> subprocess.Popen[str]:
    """Start `python -m fewdistricts report small` in the project."""
    environment = {**os.environ, "PYTHONPATH": str(folder), "PYTHONDONTWRITEBYTECODE": "1", **variables}
    environment.pop("EVALUATION_HOME", None)
    command = [sys.executable, "-m", "fewdistricts", "report", EVALUATION, "--jobs", "2", *options]
    pipe = subprocess.PIPE
    return subprocess.Popen(
        command, cwd=folder, env=environment, stdout=pipe, stderr=pipe, text=True, start_new_session=True,
        # a suite that runs in the background of a script ignores interrupts, and what it starts would too
        preexec_fn=lambda: signal.signal(signal.SIGINT, signal.SIG_DFL),
    )  # fmt: skip


def report(folder: Path, *options: str, **variables: str) -> subprocess.CompletedProcess[str]:
    """Run it to its end."""
    with start(folder, *options, **variables) as build:
        out, err = build.communicate(timeout=300)
    return subprocess.CompletedProcess(build.args, build.returncode, out, err)


def ran(done: subprocess.CompletedProcess[str]) -> set[str]:
    """The names of the tasks that ran."""
    return set(re.findall(r"^ran +(\S+)", done.stderr, re.MULTILINE))


def assert_manifest_holds(project: Path) -> None:
    """The published files are those of the manifest, none more and none less, each with its hash."""
    folder = project / "reports" / EVALUATION
    published = json.loads((folder / "manifest.json").read_text())["published"]
    files = {path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.is_file()}
    assert files == {*published, "manifest.json"}
    assert {name: origin.sha256(folder / name) for name in published} == published
