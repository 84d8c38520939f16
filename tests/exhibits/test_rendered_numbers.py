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
from report_numbers import NUMBER, counted, declared, is_of, methods, numbers, published, rows
from surveys import at_home, peru

from fewdistricts.estimates import estimate
from fewdistricts.exhibits.results import Results
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
        told |= simulated(language)
    return frozenset(told)


def simulated(language: str) -> set[str]:
    """What the note of the simulation says of the designs drawn, and the power that smallest differences are for."""
    results, words = Results(peru().design, estimate.rounded(peru().rows), peru().sample), Words(language)
    values = simulation(results, words).values
    return {number for value in values.values() for number in numbers(str(value))} | {words.share(0.8, 0).rstrip("%")}


def linked(tag: Tag) -> str:
    """The row that the nearest link around a text leads to."""
    link = tag if tag.name == "a" else tag.find_parent("a")
    href = str(link.get("href", "")) if link else ""
    return href[1:] if href.startswith("#est-") else ""


def said(language: str) -> Iterator[tuple[str, str]]:
    """Each text of the prose with the row that it links to; own numbers of headings and references to them are none."""
    for block in page(language).find_all(PROSE):
        for text in block.find_all(string=True):
            around = [text.parent, *text.parent.parents]
            skip = any(
                tag.name in ("table", "pre", "code", "nav", "footer")
                or (tag.get("class") == ["number"] and tag.name == "span")
                or (tag.name == "a" and str(tag.get("href", ""))[:4] in ("#fig", "#tbl", "#sec"))
                for tag in around
            )
            if not skip:
                yield str(text), linked(text.parent)


@LANGUAGES
def test_every_number_of_the_page_s_prose_is_known(language):
    links, unknown = 0, set()
    for text, row in said(language):
        for number in (found.rstrip(",") for found in numbers(text)):
            if row:
                links += 1
                assert is_of(number, rows()[row]), (text, row)
            elif number.lstrip("−+") not in known(language):
                unknown.add((number, text))
    assert unknown == set()
    assert links > 100


@LANGUAGES
def test_every_linked_number_of_a_table_or_a_drawing_s_data_is_its_row_s(language):
    soup = BeautifulSoup(documents.html(language), "html.parser")
    cells = soup.select("td a[href^='#est-'], th a[href^='#est-']")
    assert len(cells) > 800
    for link in cells:
        assert all(is_of(number, rows()[link["href"][1:]]) for number in numbers(link.get_text())), link


@LANGUAGES
def test_where_a_link_leads_the_annex_says_the_same_number(language):
    """A reader who follows a link finds the number again, to the decimals of the annex."""
    soup = page(language)
    for link in soup.select("p a[href^='#est-'], li a[href^='#est-']"):
        place = soup.find(id=link["href"][1:])
        assert place is not None, link
        row = place.find_parent("tr") or place
        digits = {n.lstrip("−+<") for n in numbers(row.get_text(" "))}
        shown = [n.lstrip("−+<") for n in numbers(link.get_text())]
        assert any(n in digits for n in shown), (link, row.get_text(" "))


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
def test_the_pdf_links_as_often_as_the_page_and_into_the_annex(language):
    asked = BeautifulSoup(documents.html(language), "html.parser").select("main > :not(details) a[href^='#est-']")
    asked = [link for link in asked if not link.find_parent("details")]
    reader = pypdf.PdfReader(io.BytesIO(documents.pdf(f"report-{language}")))
    (first,) = {page for page, title in bookmarks(reader) if title in ("All estimates", "Todas las estimaciones")}
    with pikepdf.open(io.BytesIO(documents.pdf(f"report-{language}"))) as opened:
        number = {sheet.objgen: k for k, sheet in enumerate(opened.pages)}
        led = [
            number[annotation.Dest[0].objgen]
            for sheet in opened.pages
            for annotation in sheet.get("/Annots", [])
            if isinstance(annotation.get("/Dest"), pikepdf.Array)  # others are names of sections
        ]
    assert sum(target >= first for target in led) >= len(asked) > 800


def bookmarks(reader: pypdf.PdfReader) -> Iterator[tuple[int, str]]:
    """Page and title of every bookmark of the first level."""
    for entry in reader.outline:
        if not isinstance(entry, list):
            yield reader.get_destination_page_number(entry), re.sub(r"^[A-Z0-9.]+ ", "", entry.title)


@LANGUAGES
def test_the_pdf_carries_the_estimates_and_what_was_declared(language):
    with pikepdf.open(io.BytesIO(documents.pdf(f"report-{language}"))) as opened:
        carried = {name: file.get_file().read_bytes() for name, file in opened.attachments.items()}
        kinds = {str(file.obj.AFRelationship) for file in opened.attachments.values()}
    assert carried == {name: content for name, content, _, _ in documents.attached()}
    assert carried["estimates.csv"].count(b"\n") == len(rows()) + 1
    assert kinds == {"/Data"}
