"""What the tasks of the graph do, each in a worker process: build the survey, run a notebook, publish, export.

Each is given the folder that holds `data/` and `reports/`, since a worker may be another process or machine.
"""

from __future__ import annotations

import importlib
import os
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from fewdistricts import files, paths
from fewdistricts.errors import PublishError

EXPORTERS = {
    "pdf": "AccessiblePDFExporter",
    "html": "AccessibleHTMLExporter",
    "slides": "AccessibleSlidesExporter",
}
MIME_TYPES = {".csv": "text/csv", ".yaml": "application/yaml"}


def settle(home: str) -> None:
    """Make this process see the same folder as the driver."""
    os.environ["EVALUATION_HOME"] = home


def survey(home: str, evaluation: str) -> None:
    """Read and check the survey files and write a part for each district."""
    settle(home)
    from fewdistricts import design, survey

    survey.build(design.load(evaluation))


def comparisons(home: str, evaluation: str) -> None:
    """Write the changes of the comparison districts, which the notebooks of the others read."""
    settle(home)
    # by name, so that the other steps do not depend on it
    importlib.import_module("fewdistricts.estimates.comparisons").write(evaluation)


def plan(home: str, evaluation: str) -> None:
    """Compute what a follow-up wave could find from what is at hand before it, and record what is declared."""
    settle(home)
    from fewdistricts import design
    from fewdistricts.design import planned

    # by name, so that the other steps do not depend on them
    baseline = importlib.import_module("fewdistricts.survey.baseline")
    design_stage = importlib.import_module("fewdistricts.estimates.design_stage")
    declared = design.load(evaluation)
    at_hand = baseline.baseline(declared)
    recorded = planned.record(declared, at_hand.followed)
    files.write(design_stage.file(evaluation), design_stage.text(design_stage.numbers(declared, at_hand)))
    files.write(paths.raw(evaluation) / planned.NAME, recorded)


def notebook(home: str, source: str, output: str, parameters: Mapping[str, str], name: str) -> None:
    """Execute a notebook; a failed one is kept beside the evaluation's other files."""
    settle(home)
    from fewdistricts.run import notebooks

    failed = paths.processed(parameters["evaluation"]) / "failed"
    notebooks.execute(Path(source), Path(output), parameters, name=name, failed=failed)
    (failed / Path(output).name).unlink(missing_ok=True)


def publish(home: str, source: str, output: str, attached: Sequence[str] = (), exporter: str = "") -> None:
    """Turn an executed notebook into a document, by default the one that the ending of `output` names.

    `attached` are files to go inside it.
    """
    settle(home)
    exporters = importlib.import_module("nbaccessible.exporters")
    unpublishable = importlib.import_module("nbaccessible.errors").PublishError
    make = getattr(exporters, EXPORTERS[exporter or Path(output).suffix[1:]])
    carried = [(path.name, path.read_bytes(), MIME_TYPES[path.suffix], "") for path in map(Path, attached)]
    try:
        content, _ = make().from_filename(source, {"attachments": carried} if carried else None)
    except unpublishable as error:
        raise PublishError(str(error)) from error
    files.write(Path(output), content)


def export(home: str, evaluation: str) -> None:
    """Write the estimates as CSV and Excel."""
    settle(home)
    # by name, so that the other steps do not depend on it
    importlib.import_module("fewdistricts.exhibits.spreadsheets").write(evaluation)


def crate(home: str, evaluation: str, runs: Sequence[Any]) -> None:
    """Write how the published files were made, for archives and programs."""
    settle(home)
    # by name, so that the other steps do not depend on it
    importlib.import_module("fewdistricts.provenance.crate").write(evaluation, runs)


def manifest(home: str, evaluation: str, published: list[str]) -> None:
    """Write the hashes of the published files and of what they were made from."""
    settle(home)
    from fewdistricts.provenance import manifest

    manifest.write(evaluation, [Path(path) for path in published])
