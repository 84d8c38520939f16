"""How the pages of the shipped report are filled: its length, its room, and the size of its smallest letters."""

from __future__ import annotations

import functools
import io
import re
import subprocess
import tempfile
from pathlib import Path

import documents
import pypdf
import pytest

pytestmark = pytest.mark.slow
REPORTS = [f"report-{language}" for language in documents.LANGUAGES]
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


@pytest.mark.parametrize("document", REPORTS)
def test_the_report_is_short_and_its_pages_are_full(document):
    filled, opened = lowest(document), opening(document)
    assert 12 <= len(filled) <= 14
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
