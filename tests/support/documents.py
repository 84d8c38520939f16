"""Every document of peru-2005 as `make report` publishes it, made once a run."""

from __future__ import annotations

import nbformat
import rendered
from shared import made_once
from surveys import at_home, peru

from fewdistricts import paths
from fewdistricts.estimates import estimate
from fewdistricts.exhibits import spreadsheets
from fewdistricts.exhibits.documents.edition import whole
from nbaccessible.exporters import (
    AccessibleDocxExporter,
    AccessibleHTMLExporter,
    AccessiblePDFExporter,
    AccessibleSlidesExporter,
)

NAME, LANGUAGES = "peru-2005", ("en", "es")


def names() -> list[str]:
    """`report-en`, `annex-en`, `slides-en`, `pilot-1-en` and so on."""
    districts = [f"pilot-{k}" for k in range(1, 7)]
    return [f"{kind}-{language}" for kind in ("report", "annex", "slides", *districts) for language in LANGUAGES]


@made_once
def notebook(name: str):
    """The executed notebook of a document."""
    kind, _, language = name.rpartition("-")
    with at_home(peru().home):
        if kind in ("report", "annex", "slides"):
            return rendered.executed(NAME, language, kind)
        return rendered.executed(NAME, language, "district_brief", district=kind)


@made_once
def attached() -> tuple[tuple[str, bytes, str, str], ...]:
    """What the report's PDF carries."""
    declared = (paths.PROJECT / "data" / "raw" / NAME / "evaluation.yaml").read_bytes()
    rows = spreadsheets.as_csv(estimate.rounded(peru().rows))
    return (("estimates.csv", rows, "text/csv", ""), ("evaluation.yaml", declared, "application/yaml", ""))


@made_once
def pdf(name: str) -> bytes:
    """A document as PDF."""
    exporter = AccessibleSlidesExporter if name.startswith("slides") else AccessiblePDFExporter
    resources = {"attachments": list(attached())} if name.startswith("report") else None
    return exporter().from_notebook_node(notebook(name), resources)[0]


@made_once
def word(name: str) -> bytes:
    """A document as a Word file."""
    return AccessibleDocxExporter().from_notebook_node(notebook(name))[0]


@made_once
def html(language: str) -> str:
    """The report with its annex as one page."""
    resources = {"metadata": {"name": f"report-{language}"}}
    both = nbformat.from_dict(whole(notebook(f"report-{language}"), notebook(f"annex-{language}")))
    return AccessibleHTMLExporter().from_notebook_node(both, resources)[0]
