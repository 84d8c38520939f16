"""What machines can say of the accessibility of peru-2005: veraPDF, the rules for Word, and axe in Chromium."""

from __future__ import annotations

import io
from pathlib import Path

import accessible
import documents
import docx
import pytest
import verapdf
import word_rules

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def failures() -> dict[str, dict[str, dict[str, int]]]:
    """What every PDF fails, all of them shown to one validator."""
    return verapdf.failures({name: documents.pdf(name) for name in documents.names()})


@pytest.mark.parametrize("name", documents.names())
def test_every_pdf_meets_its_standards(failures, name):
    assert failures[name] == {"PDF/UA-1": {}, "PDF/A-3a": {}}


@pytest.mark.parametrize("language", documents.LANGUAGES)
def test_an_accessibility_checker_of_word_finds_nothing(language):
    document = docx.Document(io.BytesIO(documents.word(f"report-{language}")))
    assert len(document.tables) >= 5 and len(document.inline_shapes) >= 10
    assert word_rules.faults(document) == []


@pytest.fixture(scope="module")
def pages(tmp_path_factory) -> dict[str, Path]:
    folder = tmp_path_factory.mktemp("pages")
    for language in documents.LANGUAGES:
        (folder / f"{language}.html").write_text(documents.html(language), encoding="utf-8")
    return {language: folder / f"{language}.html" for language in documents.LANGUAGES}


@accessible.needs_chromium
@pytest.mark.parametrize(
    ("language", "width", "scheme"),
    [("en", 1280, "light"), ("es", 360, "dark"), ("es", 1280, "dark"), ("en", 360, "light")],
)
def test_page_has_no_violation_no_overflow_and_no_request(browser, pages, language, width, scheme):
    page, asked = accessible.open_page(browser, pages[language], width, scheme)
    wider = accessible.overflow(page)
    violations = accessible.violations(page)
    page.context.close()
    assert asked == []
    assert wider <= 0
    assert violations == []


SIDEWAYS = """[...document.querySelectorAll("body *")]
    .filter(e => e.clientWidth && e.scrollWidth > e.clientWidth + 1 && getComputedStyle(e).overflowX != "visible")
    .filter(e => !(e.matches(".scroll[tabindex]") && e.querySelector("table")))
    .map(e => `${e.tagName}.${e.className} ${e.closest("figure")?.id}`)"""


@accessible.needs_chromium
@pytest.mark.parametrize("language", documents.LANGUAGES)
def test_nothing_but_a_wide_table_moves_sideways_on_a_phone(browser, pages, language):
    page, _ = accessible.open_page(browser, pages[language], 360, "light")
    page.evaluate("document.querySelectorAll('details').forEach(d => d.open = true)")
    found = page.evaluate(SIDEWAYS)
    drawn = page.locator(".narrow:visible").count()
    page.context.close()
    assert found == []
    assert drawn >= 15


@accessible.needs_chromium
def test_contents_stand_beside_the_text_and_below_the_answer_on_a_phone(browser, pages):
    context = browser.new_context(viewport={"width": 1280, "height": 900}, reduced_motion="reduce")
    page = context.new_page()
    page.goto(pages["en"].as_uri())
    contents, answer, body = (
        page.locator(at).bounding_box() for at in ("nav.contents", ".text >> nth=0", ".text >> nth=1")
    )
    assert contents["x"] + contents["width"] < min(answer["x"], body["x"])
    assert contents["y"] <= answer["y"] < body["y"]
    page.evaluate("window.scrollTo(0, 9000)")
    assert 0 <= page.locator("nav.contents").bounding_box()["y"] < 100
    page.set_viewport_size({"width": 360, "height": 740})
    contents, answer, body = (
        page.locator(at).bounding_box() for at in ("nav.contents", ".text >> nth=0", ".text >> nth=1")
    )
    assert answer["y"] < contents["y"] < body["y"]
    context.close()


@accessible.needs_chromium
def test_a_link_is_none_until_sources_are_asked_for_and_the_print_is_short(browser, pages, tmp_path):
    import pypdf

    context = browser.new_context(viewport={"width": 1280, "height": 900})
    page = context.new_page()
    page.goto(pages["en"].as_uri())
    page.evaluate("document.querySelectorAll('details').forEach(d => d.open = true)")
    assert page.locator("a.source:visible").count() == 0
    page.pdf(path=tmp_path / "print.pdf", prefer_css_page_size=True)
    context.close()
    assert len(pypdf.PdfReader(tmp_path / "print.pdf").pages) < 40
