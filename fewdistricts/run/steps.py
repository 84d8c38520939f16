"""What the steps do, each in a worker process: build the survey, run a notebook, publish, export.

Each is given the folder that holds data/ and reports/, since a worker may be another process or machine. What a step
needs is imported when it runs: the driver, which only decides what has to run, starts faster without it.
"""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from pathlib import Path

from fewdistricts import files, paths
from fewdistricts.errors import PublishError
from fewdistricts.provenance.crate import Run

MIME_TYPES = {".csv": "text/csv", ".yaml": "application/yaml"}


def settle(home: Path) -> None:
    """Make this process see the same folder as the driver."""
    os.environ["EVALUATION_HOME"] = str(home)


def survey(home: Path, evaluation: str) -> None:
    """Read and check the survey files and write a part for each district."""
    settle(home)
    from fewdistricts import design, survey

    survey.build(design.load(evaluation))


def cells(home: Path, evaluation: str, districts: Sequence[str]) -> None:
    """Write the cells of districts that have no notebooks."""
    settle(home)
    from fewdistricts import design
    from fewdistricts.estimates import cells

    declared = design.load(evaluation)
    cells.make(declared, [declared.district(name) for name in districts])


def plan(home: Path, evaluation: str) -> None:
    """Compute what a follow-up wave could find from what is at hand before it, and record what is declared."""
    settle(home)
    from fewdistricts import design
    from fewdistricts.design import planned
    from fewdistricts.estimates import design_stage
    from fewdistricts.survey.baseline import baseline

    declared = design.load(evaluation)
    at_hand = baseline(declared)
    recorded = planned.record(declared, at_hand.followed)
    files.write(design_stage.file(evaluation), design_stage.text(design_stage.numbers(declared, at_hand)))
    files.write(paths.raw(evaluation) / planned.NAME, recorded)


def notebook(home: Path, source: Path, output: Path, parameters: Mapping[str, str], name: str) -> None:
    """Execute a notebook; a failed one is kept beside the evaluation's other files."""
    settle(home)
    from fewdistricts.run import notebooks

    failed = paths.processed(parameters["evaluation"]) / "failed"
    notebooks.execute(source, output, parameters, name=name, failed=failed)
    (failed / output.name).unlink(missing_ok=True)


def publish(home: Path, source: Path, output: Path, exporter: str, carried: Sequence[Path] = ()) -> None:
    """Turn an executed notebook into a document by an exporter of nbconvert; `carried` are files to go inside it."""
    settle(home)
    from fewdistricts.run import formats
    from nbaccessible import errors

    attachments = [(path.name, path.read_bytes(), MIME_TYPES[path.suffix], "") for path in carried]
    resources = {"attachments": attachments} if attachments else None
    try:
        content, _ = formats.exporter(exporter).from_filename(str(source), resources)
    except errors.PublishError as error:
        raise PublishError(str(error)) from error
    files.write(output, content)


def edition(home: Path, evaluation: str, language: str, report: Path, chapters: Path, output: Path) -> None:
    """Put the evaluation's own chapters into the executed report, and its sections into the order that it wants.

    `chapters` is the folder of its executed notebooks.
    """
    settle(home)
    import json

    from fewdistricts import design
    from fewdistricts.exhibits.documents.edition import edition

    declared = design.load(evaluation)
    names = [chapter.notebook for chapter in declared.chapters if chapter.notebook]
    executed = {name: json.loads((chapters / name).read_text(encoding="utf-8")) for name in names}
    whole = edition(json.loads(report.read_text(encoding="utf-8")), declared, language, executed)
    files.write(output, json.dumps(whole, ensure_ascii=False, indent=1) + "\n")


def whole(home: Path, report: Path, annex: Path, output: Path) -> None:
    """Put the chapters of the executed annex into the executed report."""
    settle(home)
    import json

    from fewdistricts.exhibits.documents.edition import whole

    parts = [json.loads(path.read_text(encoding="utf-8")) for path in (report, annex)]
    files.write(output, json.dumps(whole(*parts), ensure_ascii=False, indent=1) + "\n")


def export(home: Path, evaluation: str, notebooks: Sequence[Path]) -> None:
    """Write the estimates as CSV and Excel, and how to cite them; `notebooks` are executed documents, whose exhibits
    the rows name."""
    settle(home)
    from fewdistricts.exhibits import citation, spreadsheets

    spreadsheets.write(evaluation, notebooks)
    citation.write(evaluation)


def crate(home: Path, evaluation: str, runs: Sequence[Run]) -> None:
    """Write how the published files were made, for archives and programs."""
    settle(home)
    from fewdistricts.provenance import crate

    crate.write(evaluation, runs)


def manifest(home: Path, evaluation: str, languages: Sequence[str], published: Sequence[Path]) -> None:
    """Write the hashes of the published files and of what they were made from."""
    settle(home)
    from fewdistricts.provenance import manifest

    manifest.write(evaluation, languages, published)


def exchange(home: Path, evaluation: str, staged: Sequence[Path], complete: bool) -> None:
    """Put the new set in the place of the former one."""
    settle(home)
    from fewdistricts.run import published

    published.exchange(evaluation, staged, complete)
