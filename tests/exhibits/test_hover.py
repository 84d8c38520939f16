"""What a reader of the page sees on pointing at a mark: its name and its number, in every figure, without script."""

from __future__ import annotations

import re
import xml.etree.ElementTree as ET

import documents
import pytest
from bs4 import BeautifulSoup, Tag
from rendered import meanings

from fewdistricts.exhibits import display

LANGUAGES = pytest.mark.parametrize("language", documents.LANGUAGES)
NUMBER = re.compile(r"[+−]?\d+(?:,\d{3})*(?:\.\d+)?")
SAID_IN_IT = {"flow", "chain", "theory"}  # boxes of text
NO_NUMBERS = {"timeline", "design", "map-of-groups"}  # marks with names
SVG = "{http://www.w3.org/2000/svg}"


def titled(drawing: Tag) -> list[str]:
    return [title.get_text() for title in drawing.find_all("title")]


def figures(language: str) -> dict[str, tuple[Tag, dict]]:
    """Each drawing of the page with the data that its figure's output carries, by the figure's label."""
    soup = BeautifulSoup(documents.html(language), "html.parser")
    found = {}
    for kind in ("report", "annex"):
        for meaning, data in meanings(documents.notebook(f"{kind}-{language}"), "figure"):
            drawings = soup.find_all("svg", attrs={"aria-label": meaning["alt"]})
            assert drawings, meaning["label"]
            for number, drawing in enumerate(drawings):
                found[f"{meaning['label'].removeprefix('fig-')}{' narrow' * number}"] = (drawing, data)
    return found


@pytest.mark.slow
@LANGUAGES
def test_every_number_of_a_figure_is_said_on_pointing(language):
    shown = figures(language)
    assert len(shown) > 14
    for name, (drawing, data) in shown.items():
        base = name.removesuffix(" narrow")
        if base in SAID_IN_IT:
            continue
        said = titled(drawing)
        assert said, name
        rows = [row["cells"] for row in data[display.TABLE]["rows"] if "cells" in row]
        if base in NO_NUMBERS:
            assert len(said) >= len(rows), name
            continue
        numbers = {n for text in said for n in NUMBER.findall(text)}
        wanted = {n for row in rows for cell in row[1:] for n in NUMBER.findall(shown_text(cell))}
        assert wanted <= numbers | of_the_answer(base, rows), (name, sorted(wanted - numbers))


def shown_text(cell: object) -> str:
    return cell if isinstance(cell, str) else cell["text"]


def of_the_answer(name: str, rows: list) -> set[str]:
    """Numbers of a figure's table that stand in its drawing as text, or that it does not draw."""
    if name == "findings":  # the difference beside its bracket
        return {n for row in rows for n in NUMBER.findall(shown_text(row[-1]))}
    if name == "balance":  # drawn in standard deviations
        return {n for row in rows for n in NUMBER.findall(shown_text(row[1]))}
    if name == "truth":  # means are in the table alone
        return {n for row in rows for cell in row[1:4] for n in NUMBER.findall(shown_text(cell)) if "." in n}
    return set()


def marks(drawing: str) -> list[tuple[float, float, bool]]:
    """Marks of a drawing's panels with their places, and whether pointing at them says something."""
    root = ET.fromstring(drawing)
    found = []

    def walk(element: ET.Element, titled: bool) -> None:
        ident = element.attrib.get("id", "")
        if ident.startswith(("matplotlib.axis", "legend")):
            return
        titled = titled or ident.startswith("value:")
        if element.tag == f"{SVG}use":
            found.append((float(element.attrib["x"]), float(element.attrib["y"]), titled))
        for child in element:
            walk(child, titled)

    walk(root, False)
    return found


@pytest.mark.parametrize("document", ["report-en", "annex-en", "slides-en", "pilot-1-en"])
def test_every_mark_can_be_pointed_at(document):
    seen = 0
    for meaning, data in meanings(documents.notebook(document), "figure"):
        for mime in ("image/svg+xml", display.NARROW):
            drawn = marks(data[mime]) if mime in data else []
            places = [(x, y) for x, y, says in drawn if says]
            for x, y, says in drawn:
                near = says or any(abs(x - u) < 0.01 and abs(y - v) < 0.01 for u, v in places)
                assert near, (meaning["alt"][:80], mime, x, y)
            seen += len(places)
    assert seen > 10
