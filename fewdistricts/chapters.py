"""Chapters of the evaluators' own: read from the evaluation's folder, checked before anything runs, made into cells.

Nothing outside the folder of the evaluation is read; raw HTML is text; every picture says what it shows.
"""

from __future__ import annotations

import base64
import json
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from fewdistricts import paths
from fewdistricts.design import Chapter, Design
from fewdistricts.errors import ConfigurationError, Problem
from nbaccessible import markdown
from nbaccessible.model import Token, text_of, walk

Cell = dict[str, Any]

PICTURES = {".svg": "image/svg+xml", ".png": "image/png", ".jpg": "image/jpeg", ".jpeg": "image/jpeg"}
HEADING = "`# Heading {#sec-label}` as its first line"


def check(design: Design) -> None:
    """ConfigurationError with all that is wrong with the chapters, the logo and the map of an evaluation."""
    problems = [problem for chapter in design.chapters for problem in _problems(design, chapter)]
    if design.map is not None:
        from fewdistricts import geography

        problems += geography.problems(design)
    logo = design.report.logo
    if logo and not (_folder(design) / logo).is_file():
        problems.append(_missing(_folder(design) / logo))
    if problems:
        raise ConfigurationError(problems)


def files(design: Design, language: str | None = None) -> list[Path]:
    """What evaluation.yaml names for the reader, with the pictures in it: what documents depend on beside the data."""
    folder = _folder(design)
    pictures = [design.report.logo, design.map.file if design.map else None]
    named = [folder / name for name in pictures if name]
    for chapter in design.chapters:
        sources = list(_sources(design, chapter, language))
        named += sources
        for source in sources:
            for text in _texts(source):
                named += [folder / token["attrs"]["url"] for token in _images(text)]
    return [path for path in dict.fromkeys(named) if path.is_file()]


def notebooks(design: Design) -> list[Path]:
    """The notebooks among the chapters, as they are written."""
    return [_folder(design) / chapter.notebook for chapter in design.chapters if chapter.notebook]


def label(cells: Sequence[Mapping[str, Any]]) -> str:
    """The label of the chapter's heading, without `sec-`."""
    for cell in cells:
        if cell["cell_type"] == "markdown":
            heading = _heading("".join(cell["source"]))
            if heading:
                return section(heading)
    return ""


def begins(source: Path) -> str:
    """The section that a chapter's file begins, without `sec-`; empty where the file is no chapter."""
    texts = _texts(source)
    heading = _heading(texts[0]) if texts else None
    return section(heading) if heading and heading["attrs"]["id"] else ""


def section(heading: Token) -> str:
    """The name of the section that a heading of level 1 begins."""
    return str(heading["attrs"]["id"]).removeprefix("sec-")


def cells(design: Design, chapter: Chapter, language: str, executed: Mapping[str, Any] | None) -> list[Cell]:
    """The cells of a chapter in a language, its pictures inside; `executed` is its notebook after it has run.

    ConfigurationError where a picture that the notebook shows has no alt text.
    """
    if chapter.file is not None:
        source = _folder(design) / chapter.file[language]
        return [_markdown(design, source.read_text(encoding="utf-8"))]
    assert executed is not None and chapter.notebook is not None
    where = paths.shown(_folder(design) / chapter.notebook)
    found = []
    for number, cell in enumerate(executed["cells"], 1):
        if cell["cell_type"] == "markdown":
            found.append(_markdown(design, "".join(cell["source"])))
        elif "parameters" not in " ".join(cell["metadata"].get("tags", [])):
            _check_outputs(cell, f"{where}, cell {number}")
            found.append(dict(cell))
    return found


def _folder(design: Design) -> Path:
    return paths.raw(design.evaluation)


def _sources(design: Design, chapter: Chapter, language: str | None) -> Iterator[Path]:
    """The files of a chapter: of one language, or of all."""
    folder = _folder(design)
    if chapter.notebook is not None:
        yield folder / chapter.notebook
    for name in design.report.languages:
        if chapter.file is not None and language in (None, name):
            yield folder / chapter.file[name]


def _texts(source: Path) -> list[str]:
    """The Markdown of a file or of the cells of a notebook; nothing where it cannot be read."""
    try:
        text = source.read_text(encoding="utf-8")
        if source.suffix == ".ipynb":
            return ["".join(c["source"]) for c in json.loads(text)["cells"] if c["cell_type"] == "markdown"]
    except (OSError, ValueError, KeyError, TypeError):
        return []
    return [text]


def _images(text: str) -> list[Token]:
    """Pictures that a text names, in order; those inside a data address are there already."""
    tokens = walk(markdown.parse(text))
    return [t for t in tokens if t["type"] == "image" and not t["attrs"]["url"].startswith(("data:", "attachment:"))]


def _heading(text: str) -> Token | None:
    """The heading of level 1 that a text begins with."""
    tokens = markdown.parse(text)
    if tokens and tokens[0]["type"] == "heading" and tokens[0]["attrs"]["level"] == 1:
        return tokens[0]
    return None


def _missing(path: Path) -> Problem:
    return Problem(paths.shown(path), "no such file", "a file in the evaluation's folder", "copy it there")


def _problems(design: Design, chapter: Chapter) -> Iterator[Problem]:
    for source in _sources(design, chapter, None):
        where = paths.shown(source)
        if not source.is_file():
            yield _missing(source)
            continue
        texts = _texts(source)
        if not texts:
            yield Problem(
                where, "no text", "Markdown in UTF-8" if source.suffix == ".md" else "a notebook with Markdown"
            )
            continue
        heading = _heading(texts[0])
        if heading is None or not heading["attrs"]["id"]:
            yield Problem(where, repr(texts[0].strip().split("\n")[0][:60]), HEADING)
        for text in texts:
            yield from _picture_problems(design, where, text)


def _picture_problems(design: Design, where: str, text: str) -> Iterator[Problem]:
    folder = _folder(design)
    for token in _images(text):
        url = token["attrs"]["url"]
        line = text[: max(text.find(url), 0)].count("\n") + 1
        place = f"{where}, line {line}"
        path = (folder / url).resolve()
        if ":" in url or not path.is_relative_to(folder.resolve()):
            yield Problem(place, f"the picture {url}", "a file in the evaluation's folder", "copy it there")
        elif not path.is_file():
            yield Problem(place, f"the picture {url}, which is not there", "a file in the evaluation's folder")
        elif path.suffix.lower() not in PICTURES:
            yield Problem(place, f"the picture {url}", f"a file that ends in {', '.join(PICTURES)}")
        if not text_of(token.get("children", ())).strip():
            yield Problem(place, f"the picture {url} without alt text", f"![what it shows]({url})")


def _markdown(design: Design, text: str) -> Cell:
    """A cell of Markdown that carries its pictures."""
    attached = {}
    for token in _images(text):
        url = token["attrs"]["url"]
        path = _folder(design) / url
        name = url.replace("/", "-")
        content = base64.b64encode(path.read_bytes()).decode()
        attached[name] = {PICTURES[path.suffix.lower()]: content}
        text = text.replace(f"]({url}", f"](attachment:{name}")
    cell: Cell = {"cell_type": "markdown", "metadata": {}, "source": text}
    return {**cell, "attachments": attached} if attached else cell


def _check_outputs(cell: Mapping[str, Any], where: str) -> None:
    source = "".join(cell["source"])
    for output in cell.get("outputs", ()):
        metadata = output.get("metadata", {})
        pictures = [mime for mime in output.get("data", {}) if mime.startswith("image/")]
        described = metadata.get("nbaccessible") or metadata.get("alt") or "#| fig-alt:" in source
        if pictures and not described:
            raise ConfigurationError(
                Problem(where, "a picture without alt text", "`#| fig-alt: what it shows` as the cell's first line")
            )
