"""What machines can say of accessibility of any notebook's documents: veraPDF, axe in Chromium, a walk by keyboard.

Each check has a control that must fail.
"""

from __future__ import annotations

import io
from pathlib import Path

import accessible
import pikepdf
import pytest
import sample_notebook as sample
import verapdf

from nbaccessible.exporters import AccessibleHTMLExporter, AccessiblePDFExporter, AccessibleSlidesExporter

pytestmark = pytest.mark.slow
ATTACHED = [("estimates.csv", b"a,b\r\n1,2\r\n", "text/csv", "Every estimate")]
EXPORTERS = (AccessiblePDFExporter, AccessibleSlidesExporter)
PDFS = {f"{which} {exporter.__name__}": (which, exporter) for which in ("sample", "plain") for exporter in EXPORTERS}
LOGO = "data:image/svg+xml;base64,PHN2ZyB4bWxucz0iaHR0cDovL3d3dy53My5vcmcvMjAwMC9zdmciIHdpZHRoPSI5IiBoZWlnaHQ9IjkiLz4="
LINKS = [
    {"text": "Español", "href": "report-es.html", "kind": "language", "lang": "es"},
    {"text": "PDF", "href": "report-en.pdf", "kind": "pdf"},
    {"text": "District 1", "href": "districts/1-en.pdf", "kind": "brief"},
]
COVER = {"logo": LOGO, "logo_alt": "Arms", "publisher": "Ministry", "contact": "m@example.org", "citation": "A. T."}


def notebook(which: str, lang: str = "es"):
    if which == "plain":
        return sample.plain()
    nb = sample.report(lang)
    nb.cells[1] = sample.cell(sample.cover(lang, links=LINKS, **COVER))
    return nb


def wrong() -> bytes:
    """A page without its tags and metadata."""
    with pikepdf.open(io.BytesIO(AccessiblePDFExporter().from_notebook_node(sample.plain())[0])) as pdf:
        del pdf.Root.StructTreeRoot, pdf.Root.Metadata
        out = io.BytesIO()
        pdf.save(out)
    return out.getvalue()


@pytest.fixture(scope="module")
def failures() -> dict[str, dict[str, dict[str, int]]]:
    """What every PDF fails, all of them shown to one validator."""
    made = {}
    for name, (which, exporter) in PDFS.items():
        made[name] = exporter().from_notebook_node(notebook(which), {"attachments": ATTACHED})[0]
    return verapdf.failures(made | {"wrong": wrong()})


@pytest.mark.parametrize("name", PDFS)
def test_every_pdf_meets_its_standards(failures, name):
    assert failures[name] == {"PDF/UA-1": {}, "PDF/A-3a": {}}


def test_the_validator_finds_what_is_wrong(failures):
    """Control: the same page without its tags must fail both."""
    assert failures["wrong"].keys() == {"PDF/UA-1", "PDF/A-3a"}
    assert all(failures["wrong"].values())


@pytest.fixture(scope="module")
def pages(tmp_path_factory) -> dict[str, Path]:
    folder = tmp_path_factory.mktemp("pages")
    made = {}
    for which in ("sample", "plain"):
        html, _ = AccessibleHTMLExporter().from_notebook_node(notebook(which, "en"))
        made[which] = folder / f"{which}.html"
        made[which].write_text(html, encoding="utf-8")
    return made


@accessible.needs_chromium
@pytest.mark.parametrize(("width", "scheme"), accessible.SIZES)
@pytest.mark.parametrize("name", ["sample", "plain"])
def test_page_has_no_violation_no_overflow_and_no_request(browser, pages, name, width, scheme):
    page, asked = accessible.open_page(browser, pages[name], width, scheme)
    wider = accessible.overflow(page)
    violations = accessible.violations(page)
    page.context.close()
    assert asked == []
    assert wider <= 0
    assert violations == []


@accessible.needs_chromium
def test_axe_finds_what_is_wrong(browser, pages, tmp_path):
    """Control: a picture without alternative text and pale text must be found."""
    bad = pages["sample"].read_text(encoding="utf-8")
    bad = bad.replace("<main", '<img src="data:,"><p style="color:#ddd;background:#fff">pale</p><main', 1)
    (tmp_path / "bad.html").write_text(bad, encoding="utf-8")
    page, _ = accessible.open_page(browser, tmp_path / "bad.html", 1280, "light")
    found = " ".join(accessible.violations(page))
    page.context.close()
    assert "image-alt" in found
    assert "color-contrast" in found


@accessible.needs_chromium
def test_a_keyboard_reaches_everything_in_order_and_sees_where_it_is(browser, pages):
    context = browser.new_context(viewport={"width": 1280, "height": 900}, reduced_motion="reduce")
    page = context.new_page()
    page.goto(pages["sample"].as_uri())
    stops = accessible.walked(page, 400)
    names = [stop["name"] for stop in stops]
    assert names[:4] == ["Skip to main content", "Español", "PDF", "District briefs"]
    assert names[4] == "Show where each number comes from"
    assert len(stops) < 400, "the walk comes to an end"
    assert all(stop["name"] for stop in stops)
    assert [stop["name"] for stop in stops if stop["outline"] == "none"] == []
    assert [stop["name"] for stop in stops if not stop["seen"]] == []
    assert not any(stop["source"] for stop in stops), "sources are no stops until they are asked for"
    order = [names.index(name) for name in ("Figure 1, CSV", "Figure 1, SVG", "Table 2, CSV")]
    assert order == sorted(order)
    page.reload()
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    assert page.evaluate("document.activeElement.id") == "main"
    page.focus("#show-sources")
    page.keyboard.press("Space")
    assert page.locator("a.source").first.is_visible()
    assert sum(stop["source"] for stop in accessible.walked(page, 400)) == 1
    context.close()


@accessible.needs_chromium
def test_page_needs_no_script_and_keeps_its_policy(browser, pages, tmp_path):
    """With scripts off everything is there; with them on, the page's own policy keeps an injected one from running."""
    context = browser.new_context(java_script_enabled=False)
    page = context.new_page()
    page.goto(pages["sample"].as_uri())
    assert page.locator("a.source").first.is_hidden()
    page.check("#show-sources")
    assert page.locator("a.source").first.is_visible()
    for name, file in (("Figure 1, CSV", "fig-levels.csv"), ("Figure 1, SVG", "fig-levels.svg")):
        with page.expect_download() as download:
            page.get_by_role("link", name=name).click()
        assert download.value.suggested_filename == file
    context.close()
    live = pages["sample"].read_text(encoding="utf-8")
    live = live.replace("</main>", "<script>document.title='run'</script></main>")
    (tmp_path / "live.html").write_text(live, encoding="utf-8")
    context = browser.new_context()
    page = context.new_page()
    page.goto((tmp_path / "live.html").as_uri())
    assert page.title() != "run"
    context.close()


@accessible.needs_chromium
def test_dark_paper_turns_drawings_dark_and_print_turns_them_back(browser, pages):
    context = browser.new_context(viewport={"width": 1280, "height": 900}, color_scheme="dark", bypass_csp=True)
    page = context.new_page()
    page.goto(pages["sample"].as_uri())
    ink = "getComputedStyle(document.documentElement).getPropertyValue('--c12436d').trim()"
    assert page.evaluate(ink) == "#8bbdee"
    page.emulate_media(media="print", color_scheme="dark")
    assert page.evaluate(ink) == "#12436d"
    assert page.evaluate("getComputedStyle(document.body).backgroundColor") == "rgb(255, 255, 255)"
    for hidden in ("nav.contents", ".bar", ".files", "main details"):
        assert not page.locator(hidden).first.is_visible()
    context.close()


@accessible.needs_chromium
def test_a_phone_shows_the_answer_as_cards_and_a_legible_drawing_that_scrolls_in_its_own_frame(browser, pages):
    context = browser.new_context(viewport={"width": 360, "height": 740}, bypass_csp=True)
    page = context.new_page()
    page.goto(pages["sample"].as_uri())
    cell = page.locator("#tbl-headline tbody td").first
    box = cell.bounding_box()
    assert box["x"] >= 0 and box["x"] + box["width"] <= 360
    shown = cell.evaluate("e => getComputedStyle(e, '::before').content")
    assert shown == '"Six pilot districts Before"'
    drawing = page.locator("#fig-levels svg").first.bounding_box()
    assert drawing["width"] >= 29 * 16  # narrower, its letters could not be read
    frame = page.locator("#fig-levels .card").first.bounding_box()
    assert frame["x"] >= 0 and frame["x"] + frame["width"] <= 360
    assert page.locator("#fig-levels .card").first.evaluate("e => getComputedStyle(e).overflowX") == "auto"
    assert accessible.overflow(page) <= 0
    context.close()


@accessible.needs_chromium
def test_the_contents_mark_the_section_in_view(browser, pages):
    context = browser.new_context(viewport={"width": 1280, "height": 900}, reduced_motion="reduce", bypass_csp=True)
    page = context.new_page()
    page.goto(pages["sample"].as_uri())
    if not page.evaluate("CSS.supports('selector(:target-current)')"):
        pytest.skip("this Chromium does not know :target-current yet; the contents are unmarked there")
    page.evaluate("document.getElementById('sec-sure').scrollIntoView()")
    page.wait_for_timeout(200)
    marked = page.evaluate("[...document.querySelectorAll('.contents a:target-current')].map(a => a.hash)")
    context.close()
    assert marked == ["#sec-sure"]


@accessible.needs_chromium
def test_page_uses_the_font_it_carries(browser, pages):
    page, _ = accessible.open_page(browser, pages["sample"], 1280, "light")
    loaded = page.evaluate("[...document.fonts].filter(f => f.status === 'loaded').map(f => f.family)")
    page.context.close()
    assert any("Source Sans Pro" in family for family in loaded)
