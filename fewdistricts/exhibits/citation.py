"""CITATION.cff: who answers for a report and how to cite it, as archives and programs read it.

A report is no software: the file describes the set of its data and names the report as what is to be cited.
Source: S. Druskat et al., Citation File Format 1.2.0, https://doi.org/10.5281/zenodo.5171937
"""

from __future__ import annotations

import json
import re
from typing import Any

from fewdistricts import design as declared
from fewdistricts import files, paths
from fewdistricts.design import Design
from fewdistricts.design.citation import how_to_cite, mail_address

NAME = "CITATION.cff"
VERSION = "1.2.0"
SPDX = re.compile(r"[A-Za-z0-9][A-Za-z0-9.+-]*")
"""How identifiers of licences are written; a sentence is none."""


def write(evaluation: str) -> None:
    """Write the citation of an evaluation's report beside its other files."""
    files.write(paths.staged(evaluation) / NAME, text(declared.load(evaluation)))


def text(design: Design) -> str:
    """The file, in the first language of the report; values are quoted as JSON, which YAML reads."""
    return "".join(_lines(_content(design), ""))


def _content(design: Design) -> dict[str, Any]:
    report, language = design.report, design.report.languages[0]
    publisher = report.publisher[language] if report.publisher else ""
    funder = report.funder[language] if report.funder else ""
    title = design.title[language]
    # the format asks for an author; without one it is who answers for the report
    authors = [{"name": name} for name in report.authors or [publisher or funder or title]]
    common: dict[str, Any] = {"title": title, "authors": authors, **_licence(report.license)}
    if report.contact:
        address = mail_address(report.contact)
        person = {"name": publisher or authors[0]["name"], "email": address}
        common["contact"] = [person if address else {"name": report.contact}]
    cited: dict[str, Any] = {"type": "report", **common, "year": report.date.year, "month": report.date.month}
    if publisher:
        cited["publisher"] = {"name": publisher}
    cited["languages"] = list(report.languages)
    return {
        "cff-version": VERSION,
        "message": how_to_cite(design, language),
        "type": "dataset",
        **common,
        "date-released": report.date.isoformat(),
        "preferred-citation": cited,
    }


def _licence(name: str | None) -> dict[str, str]:
    """A licence by its identifier or its address; one that is put in words stands in the report only."""
    if name and name.startswith("https://"):
        return {"license-url": name}
    return {"license": name} if name and SPDX.fullmatch(name) else {}


def _lines(content: dict[str, Any], pad: str) -> list[str]:
    """A mapping as YAML, one key a line."""
    lines: list[str] = []
    for key, value in content.items():
        if isinstance(value, dict):
            lines += [f"{pad}{key}:\n", *_lines(value, pad + "  ")]
        else:
            lines.append(f"{pad}{key}: {json.dumps(value, ensure_ascii=False)}\n")
    return lines
