"""The documents of an evaluation and the formats that each is published in: one entry a format."""

from __future__ import annotations

import functools
from collections.abc import Callable
from dataclasses import dataclass
from importlib.metadata import entry_points
from typing import Any

from fewdistricts.design import Design
from fewdistricts.errors import EnvironmentProblem


@dataclass(frozen=True)
class Format:
    """A kind of file that a document is published as."""

    document: str
    """The notebook's name: one of notebooks/."""
    ending: str
    """Of the published file."""
    exporter: str
    """The name that the exporter has in `jupyter nbconvert --to`."""
    carries_data: bool = False
    """Whether estimates.csv and evaluation.yaml travel inside."""
    with_annex: bool = False
    """Whether the chapters of the annex stand on the same page."""
    wanted: Callable[[Design], bool] = lambda _: True
    """Whether an evaluation asks for it."""


FORMATS = (
    Format("report", "pdf", "accessible_pdf", carries_data=True),
    Format("report", "html", "accessible_html", with_annex=True),
    Format("report", "docx", "accessible_docx", wanted=lambda design: design.report.word),
    Format("annex", "pdf", "accessible_pdf"),
    Format("slides", "pdf", "accessible_slides"),
    Format("district_brief", "pdf", "accessible_pdf"),
    Format("plan", "pdf", "accessible_pdf"),
)


def formats_of(document: str, design: Design) -> list[Format]:
    """The formats that an evaluation wants of a document, in the order of the table."""
    return [entry for entry in FORMATS if entry.document == document and entry.wanted(design)]


def exporter(name: str) -> Any:
    """An exporter of nbconvert by its registered name, without the import of all others."""
    return _exporter_class(name)()


@functools.cache
def _exporter_class(name: str) -> Any:
    """Found by reading what every installed package says of itself."""
    registered = entry_points(group="nbconvert.exporters", name=name)
    if not registered:
        raise EnvironmentProblem(f"no exporter {name!r} is installed: run `make set-up`")
    return next(iter(registered)).load()
