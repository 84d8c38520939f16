"""How the pages of the shipped report are filled: its length, its room, and the size of its smallest letters."""

from __future__ import annotations

import functools
import io
import itertools
import re
import subprocess
import tempfile
from pathlib import Path

import documents
import pypdf
import pytest

pytestmark = pytest.mark.slow
REPORTS = [f"report-{language}" for language in documents.LANGUAGES]
ANNEXES = [f"annex-{language}" for language in documents.LANGUAGES]
HEAD, FOOT = 74.0, 785.0  # points from the top: where a page's text begins, and where it ends
FULL = 0.75


@functools.cache
def lowest(document: str) -> list[float]:
    """How far down each page is filled, as a share of its room."""
    with tempfile.TemporaryDirectory() as folder:
        (Path(folder) / "a.pdf").write_bytes(documents.pdf(document))
        command = ["pdftotext", "-bbox", str(Path(folder) / "a.pdf"), "-"]
        shown = subprocess.run(command, capture_output=True, text=True, check=True).stdout
    pages = []
    for page in shown.split("<page ")[1:]:
        ends = [float(end) for end in re.findall(r'yMax="([\d.]+)"', page)]
        pages.append((max(end for end in ends if end <= FOOT) - HEAD) / (FOOT - HEAD))
    return pages


def opening(document: str) -> set[int]:
    """Pages that a chapter opens, from 0: it stays with its first figure."""
    reader = pypdf.PdfReader(io.BytesIO(documents.pdf(document)))
    marks = [mark for mark in reader.outline if not isinstance(mark, list)]
    return {reader.get_destination_page_number(mark) for mark in marks if mark.top > 714}


def groups(document: str) -> list[tuple[str, set[int]]]:
    """The groups of rows in the document's tables, and the pages that their rows stand on."""
    reader = pypdf.PdfReader(io.BytesIO(documents.pdf(document)))
    numbers = {page.indirect_reference.idnum: number for number, page in enumerate(reader.pages, 1)}

    def under(element, kind):
        if isinstance(element, list):
            return [each for child in element for each in under(child.get_object(), kind)]
        if not isinstance(element, dict):
            return []
        if element.get("/S") == kind:
            return [element]
        return under(element.get("/K"), kind)

    def pages(element, page=None):
        """Of all that is drawn for an element of the structure."""
        if isinstance(element, list):
            return set().union(*(pages(child.get_object(), page) for child in element))
        if not isinstance(element, dict):
            return {page} if isinstance(element, int) else set()
        if "/Pg" in element:
            page = numbers[element.raw_get("/Pg").idnum]
        return pages(element.get("/K"), page)

    found = []
    for number, table in enumerate(under(reader.trailer["/Root"]["/StructTreeRoot"]["/K"], "/Table"), 1):
        bodies = under(table, "/TBody")
        if len(bodies) > 1:  # each group has a head and a body of its own
            found += [(f"table {number}, group {place}", pages(body)) for place, body in enumerate(bodies, 1)]
    return found


@pytest.mark.parametrize("document", ANNEXES)
def test_no_table_parts_within_a_group(document):
    of_groups = groups(document)
    assert len(of_groups) > 50
    assert [(name, pages) for name, pages in of_groups if len(pages) != 1] == []


@pytest.mark.parametrize("document", [*REPORTS, *ANNEXES])
def test_each_note_stands_under_its_own_exhibit(document):
    captions, notes = r"(?:Figure|Table|Gráfico|Cuadro) \d+\. ", r"(?:Note|Nota): "
    for number, page in enumerate(pypdf.PdfReader(io.BytesIO(documents.pdf(document))).pages, 1):
        found = re.findall(rf"^({captions}|{notes})", page.extract_text(), re.MULTILINE)
        follow = [pair for pair in itertools.pairwise(found) if all(re.match(notes, each) for each in pair)]
        assert not follow, f"page {number}: {found}"


@pytest.mark.parametrize("document", [*REPORTS, *ANNEXES])
def test_the_documents_are_short_and_their_pages_are_full(document):
    filled, opened = lowest(document), opening(document)
    assert len(filled) <= (14 if document in REPORTS else 22)
    assert filled[-1] > 0.25, "a page of a few lines at the end"
    wanting = [n + 1 for n, share in enumerate(filled[:-1]) if share < FULL and n + 1 not in opened]
    assert wanting == [], filled


@pytest.mark.parametrize("document", [*REPORTS, "annex-en", "annex-es", "pilot-1-en", "pilot-1-es"])
def test_no_letter_is_smaller_than_eight_and_a_half_points(document):
    sizes: dict[float, str] = {}

    def visit(text, current, matrix, _, size):
        if len(text.strip()) > 1:
            scale = abs(current[3] * matrix[3]) or abs(current[0] * matrix[0])
            sizes.setdefault(round(size * scale, 1), text)

    for page in pypdf.PdfReader(io.BytesIO(documents.pdf(document))).pages:
        page.extract_text(visitor_text=visit)
    smallest = min(sizes)
    assert smallest >= 8.5, (smallest, sizes[smallest])
