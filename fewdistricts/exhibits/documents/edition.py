"""The report as one evaluation wants it: its own chapters in their places, its sections in its order, and as one page
with its annex."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from fewdistricts import chapters
from fewdistricts.design import Design
from fewdistricts.errors import ConfigurationError, Problem, nearest
from fewdistricts.exhibits import display
from nbaccessible import markdown
from nbaccessible.model import Token, text_of

META, TABLE = "nbaccessible", "application/vnd.nbaccessible.table+json"
REFERENCES = "references"
ALWAYS = ("limits", "provenance")
"""Sections that no evaluation can leave out; the stamp is no section and stands on every page."""

Cell = dict[str, Any]


@dataclass(frozen=True)
class Section:
    """Cells from a heading of level 1 to the next; `name` is its label without `sec-`, empty for what comes first."""

    name: str
    cells: tuple[Cell, ...]
    appendix: bool = False
    front: bool = False


def edition(
    report: Mapping[str, Any], design: Design, language: str, executed: Mapping[str, Mapping[str, Any]]
) -> dict[str, Any]:
    """The executed report with the evaluation's chapters, in its order; `executed` are its notebooks by file.

    References to what is left out keep its title. ConfigurationError for a section or a chapter's place that is none.
    """
    first, *sections = split(report["cells"])
    kept = _chosen(sections, design)
    for number, chapter in enumerate(design.chapters):
        own = chapters.cells(design, chapter, language, executed.get(chapter.notebook or ""))
        place = [section.name for section in kept]
        if chapter.after not in place:
            raise ConfigurationError(
                Problem(
                    f"evaluation.yaml, chapters[{number}].after",
                    repr(chapter.after),
                    ", ".join(place),
                    nearest(chapter.after, place),
                )
            )
        at = place.index(chapter.after)
        before = kept[at]
        kept.insert(at + 1, Section(chapters.label(own), tuple(own), before.appendix))
    kept = _with_appendices(kept)
    names = {section.name for section in kept}
    left_out: dict[str, str] = {}
    for section in sections:
        if section.name not in names:
            left_out |= _labels(section.cells)
    metadata = dict(report["metadata"])
    if left_out:
        metadata[META] = {**metadata.get(META, {}), "left_out": left_out}
    cells = [cell for section in (first, *kept) for cell in section.cells]
    return {**report, "cells": [_with_id(cell, number) for number, cell in enumerate(cells)], "metadata": metadata}


def whole(report: Mapping[str, Any], annex: Mapping[str, Any]) -> dict[str, Any]:
    """The executed report with the chapters of its annex before its own appendices; both list their references in one.

    What the annex opens with is kept as far as it makes the notebook run: its parameters are the report's.
    """
    first, *sections = split(report["cells"])
    opening, *further = split(annex["cells"])
    names = {section.name for section in sections}
    body = [section for section in sections if not section.appendix]
    added = [replace(section, appendix=True) for section in further if section.name not in names]
    last = [section for section in sections if section.appendix]
    lists = [section for section in further if section.name == REFERENCES and section.name in names]
    last = [_with_entries(section, lists) if section.name == REFERENCES else section for section in last]
    ordered = _with_appendices([*body, *added, *last])
    opens = [cell for cell in opening.cells if cell["cell_type"] == "code" and not _is_shown(cell)]
    cells = [*first.cells, *opens, *(cell for section in ordered for cell in section.cells)]
    return {**report, "cells": [_with_id(cell, number) for number, cell in enumerate(cells)]}


def _is_shown(cell: Cell) -> bool:
    """Whether a cell shows something, or is the one that parameters are given in."""
    return bool(cell.get("outputs") or cell["metadata"].get("tags"))


def _with_entries(section: Section, others: Sequence[Section]) -> Section:
    """The list of references with the entries of further ones, in order."""
    entries = {line for other in (section, *others) for line in _prose(other).splitlines() if line.startswith("- ")}
    before = _prose(section).splitlines()
    places = [number for number, line in enumerate(before) if line.startswith("- ")]
    if not places:
        return section
    lines = [*before[: places[0]], *sorted(entries), *before[places[-1] + 1 :]]
    return _rewritten(section, lambda _: "\n".join(lines))


def _prose(section: Section) -> str:
    """The Markdown that the first cell of a section shows."""
    shown = (output.get("data", {}) for output in section.cells[0].get("outputs", ()))
    return next(("".join(data["text/markdown"]) for data in shown if "text/markdown" in data), "")


def split(cells: Sequence[Cell]) -> list[Section]:
    """The cells of a report by section; first what stands before all of them."""
    sections = [Section("", ())]
    appendix = False
    for cell in cells:
        heading, front = _opening(cell)
        if heading is not None and heading["attrs"]["id"]:
            appendix = appendix or "appendix" in heading["attrs"]["classes"]
            sections.append(Section(chapters.section(heading), (), appendix, front))
        last = sections[-1]
        sections[-1] = replace(last, cells=(*last.cells, cell))
    return sections


def _opening(cell: Cell) -> tuple[Token | None, bool]:
    """The heading of level 1 that a cell begins with, and whether it stands in front of the contents."""
    for output in cell.get("outputs", ()):
        meaning = output.get("metadata", {}).get(META, {})
        if meaning.get("kind") == "prose":
            tokens = markdown.parse("".join(output["data"]["text/markdown"]))
            if tokens and tokens[0]["type"] == "heading" and tokens[0]["attrs"]["level"] == 1:
                return tokens[0], bool(meaning.get("front"))
        return None, False
    return None, False


def _chosen(sections: Sequence[Section], design: Design) -> list[Section]:
    """The sections that `report.sections` names, in its order; those that it may not leave out where they stood."""
    wanted = design.report.sections
    if wanted is None:
        return list(sections)
    by_name = {section.name: section for section in sections}
    problems = [
        Problem("evaluation.yaml, report.sections", repr(name), ", ".join(by_name), nearest(name, by_name))
        for name in wanted
        if name not in by_name and name not in ALWAYS
    ]
    if problems:
        raise ConfigurationError(problems)
    always = [name for name in ALWAYS if name in by_name and name not in wanted]
    return [by_name[name] for name in (*wanted, *always) if name in by_name]


def _with_appendices(sections: Sequence[Section]) -> list[Section]:
    """Appendices after everything else, lettered from the first of them on."""
    ordered = [s for s in sections if not s.appendix] + [s for s in sections if s.appendix]
    first = next((place for place, section in enumerate(ordered) if section.appendix), None)
    if first is not None:
        ordered[first] = _marked(ordered[first])
    return ordered


def _marked(section: Section) -> Section:
    """The section with `.appendix` at its heading."""
    pattern = re.compile(rf"\{{#sec-{re.escape(section.name)}(?![^}}]*\.appendix)([^}}]*)\}}")
    marked = rf"{{#sec-{section.name} .appendix\1}}"
    return _rewritten(section, lambda text: pattern.sub(marked, text))


def _rewritten(section: Section, change: Callable[[str], str]) -> Section:
    """The section with its Markdown changed, written or shown."""
    cells = []
    for cell in section.cells:
        if cell["cell_type"] == "markdown":
            cell = {**cell, "source": change("".join(cell["source"]))}
        outputs = []
        for output in cell.get("outputs", ()):
            data = output.get("data", {})
            if "text/markdown" in data:
                others = {mime: content for mime, content in data.items() if mime != "text/html"}
                changed = display.prose(change("".join(data["text/markdown"]))).data
                output = {**output, "data": {**others, **changed}}
            outputs.append(output)
        cells.append({**cell, "outputs": outputs} if outputs else cell)
    return replace(section, cells=tuple(cells))


def _labels(cells: Sequence[Cell]) -> dict[str, str]:
    """What can be referred to in these cells, with the title that a reference reads as."""
    labels: dict[str, str] = {}
    for cell in cells:
        for output in cell.get("outputs", ()):
            meaning, data = output.get("metadata", {}).get(META, {}), output.get("data", {})
            if meaning.get("label"):
                labels[meaning["label"]] = meaning["caption"]
            if meaning.get("kind") == "prose":
                for token in markdown.parse("".join(data["text/markdown"])):
                    if token["type"] == "heading" and token["attrs"]["id"]:
                        labels[token["attrs"]["id"]] = " ".join(text_of(token["children"]).split())
            for row in data.get(TABLE, {}).get("rows", ()):
                places = [row, *(place for place in row.get("cells", ()) if isinstance(place, dict))]
                labels |= {place["id"]: "" for place in places if place.get("id")}
    return labels


def _with_id(cell: Cell, number: int) -> Cell:
    """The cell under an id that is no other's: those of chapters come from other files."""
    return {**cell, "id": f"cell-{number}"}
