"""Every number that a reader sees, taken out of the finished pages, is a row, a count, published or declared.

`test_numbers` says so of the notebook's outputs; here it is the HTML and the PDF themselves.
"""

from __future__ import annotations

import functools
import io
import re
from collections.abc import Iterator

import documents
import pikepdf
import pypdf
import pytest
from bs4 import BeautifulSoup, Tag
from bs4.element import PageElement
from report_numbers import (
    NUMBER,
    counted,
    declared,
    diverged,
    is_of,
    methods,
    numbers,
    of_groups,
    of_placebos,
    of_truth,
    published,
    rows,
)
from surveys import at_home, peru

from fewdistricts.estimates import estimate
from fewdistricts.estimates.simulation import LEVEL, coverage_where_unequal
from fewdistricts.exhibits.results import Results
from fewdistricts.exhibits.tables.own_simulation import own_simulation
from fewdistricts.exhibits.tables.reading import simulation
from fewdistricts.exhibits.text.wording import Words

pytestmark = pytest.mark.slow
LANGUAGES = pytest.mark.parametrize("language", documents.LANGUAGES)
PROSE = ["p", "li", "figcaption", "h1", "h2", "h3", "h4", "h5", "h6"]
RUNNING = 70  # points of the page's head and foot


@functools.cache
def page(language: str) -> BeautifulSoup:
    soup = BeautifulSoup(documents.html(language), "html.parser")
    for tag in soup.find_all(["script", "style", "svg", "details"]):
        tag.decompose()
    return soup


@functools.cache
def known(language: str) -> frozenset[str]:
    with at_home(peru().home):
        told = declared(peru().design.model_dump()) | counted(language) | published(language) | methods(language)
        told |= simulated(language) | diverged(language) | of_groups(language) | of_placebos(language)
        told |= of_truth(language)
    return frozenset(told)


def simulated(language: str) -> set[str]:
    """What the notes of the simulations say of the designs drawn, and the power that smallest differences are for."""
    results, words = Results(peru().design, estimate.rounded(peru().rows), peru().sample), Words(language)
    values = simulation(results, words).values | own_simulation(results, words).values
    rates = (0.8, 1 - LEVEL, *coverage_where_unequal("partial_pooling"))
    told = {number for value in values.values() for number in numbers(str(value))}
    return told | {words.share(rate, 0).rstrip("%") for rate in rates}


def linked(text: PageElement) -> str:
    """The row that is named after a number, for readers who ask for sources."""
    beside = text.next_sibling
    return beside.get_text().strip() if isinstance(beside, Tag) and "source" in beside.get("class", []) else ""


def said(language: str) -> Iterator[tuple[str, str]]:
    """Each text of the prose with the row that it links to; own numbers of headings and references to them are none."""
    for block in page(language).find_all(PROSE):
        for text in block.find_all(string=True):
            around = [text.parent, *text.parent.parents]
            skip = any(
                tag.name in ("table", "pre", "code", "nav", "footer")
                or set(tag.get("class", [])) & {"number", "source", "files"}
                or (tag.name == "a" and str(tag.get("href", ""))[:4] in ("#fig", "#tbl", "#sec"))
                for tag in around
            )
            if not skip:
                yield str(text), linked(text)


@LANGUAGES
def test_every_number_of_the_page_s_prose_is_known(language):
    links, unknown = 0, set()
    for text, row in said(language):
        of_text = [number.rstrip(",") for number in numbers(text)]
        if row:  # it stands after the number that it is of; words before that may hold numbers of their own
            links += 1
            assert of_text and is_of(of_text[-1], rows()[row]), (text, row)
        for number in of_text:
            if not (row and is_of(number, rows()[row])) and number.lstrip("−+") not in known(language):
                unknown.add((number, text))
    assert unknown == set()
    assert links > 60


@LANGUAGES
def test_every_linked_number_of_a_table_or_a_drawing_s_data_is_its_row_s(language):
    soup = BeautifulSoup(documents.html(language), "html.parser")
    sources = soup.select("td span.source, th span.source")
    assert len(sources) > 100
    for source in sources:
        number = str(source.previous_sibling or "")
        assert all(is_of(each, rows()[source.get_text().strip()]) for each in numbers(number)), source


def inside(pages: pypdf.PdfReader) -> Iterator[str]:
    """The text of each page without its running head and foot."""
    for sheet in pages.pages:
        low, high = RUNNING, float(sheet.mediabox.height) - RUNNING
        parts: list[str] = []

        def visit(text, cm, tm, font, size, low=low, high=high, parts=parts):
            y = cm[1] * tm[4] + cm[3] * tm[5] + cm[5]
            if low <= y <= high:
                parts.append(text)

        sheet.extract_text(visitor_text=visit)
        yield " ".join("".join(parts).split())


@LANGUAGES
def test_the_pdf_says_the_numbers_of_the_page_and_of_its_own_pages_only(language):
    """Both are made of one reading: a number in one and not in the other would be of neither."""
    soup = BeautifulSoup(documents.html(language), "html.parser")
    for tag in soup.find_all(["script", "style"]):
        tag.decompose()
    on_page = {number.rstrip(",") for number in NUMBER.findall(soup.get_text(" "))}
    reader = pypdf.PdfReader(io.BytesIO(documents.pdf(f"report-{language}")))
    pages = {str(k + 1) for k in range(len(reader.pages))}
    whole = re.compile(r"\b[0-9a-f]{8,}\b")  # hashes break over lines
    unknown = set()
    for text in inside(reader):
        found = {number.rstrip(",") for number in NUMBER.findall(whole.sub(" ", text))}
        unknown |= found - on_page - pages
    assert unknown == set()


@LANGUAGES
def test_the_pdf_carries_the_estimates_and_what_was_declared(language):
    with pikepdf.open(io.BytesIO(documents.pdf(f"report-{language}"))) as opened:
        carried = {name: file.get_file().read_bytes() for name, file in opened.attachments.items()}
        kinds = {str(file.obj.AFRelationship) for file in opened.attachments.values()}
    assert carried == {name: content for name, content, _, _ in documents.attached()}
    assert carried["estimates.csv"].count(b"\n") == len(rows()) + 1
    assert kinds == {"/Data"}
