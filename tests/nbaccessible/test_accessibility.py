"""What machines can say of accessibility: veraPDF on the PDF, axe in Chromium on the page, with failing controls."""

from __future__ import annotations

import io
import os
import shutil
from pathlib import Path

import documents
import pikepdf
import pytest
import sample_notebook as sample
import verapdf

from nbaccessible.exporters import AccessibleHTMLExporter, AccessiblePDFExporter, AccessibleSlidesExporter

CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser") or ""
needs_chromium = pytest.mark.skipif(
    not CHROMIUM and not os.environ.get("CI"), reason="chromium is not installed (in CI its absence is a failure)"
)


ATTACHED = [("estimates.csv", b"a,b\r\n1,2\r\n", "text/csv", "Every estimate")]
EXPORTERS = (AccessiblePDFExporter, AccessibleSlidesExporter)
ANY = {f"{which} {exporter.__name__}": (which, exporter) for which in ("sample", "plain") for exporter in EXPORTERS}


def of_any_notebook(which: str, exporter) -> bytes:
    nb = sample.plain() if which == "plain" else sample.report("es")
    return exporter().from_notebook_node(nb, {"attachments": ATTACHED})[0]


def wrong() -> bytes:
    """A page without its tags and metadata."""
    with pikepdf.open(io.BytesIO(AccessiblePDFExporter().from_notebook_node(sample.plain())[0])) as pdf:
        del pdf.Root.StructTreeRoot, pdf.Root.Metadata
        out = io.BytesIO()
        pdf.save(out)
    return out.getvalue()


@pytest.fixture(scope="module")
def found() -> dict[str, dict[str, dict[str, int]]]:
    """What every PDF fails, all of them shown to one validator."""
    published = {name: documents.pdf(name) for name in documents.names()}
    others = {name: of_any_notebook(*which) for name, which in ANY.items()}
    return verapdf.failures(published | others | {"wrong": wrong()})


@pytest.mark.slow
@pytest.mark.parametrize("name", [*documents.names(), *ANY])
def test_every_pdf_meets_its_standards(found, name):
    assert found[name] == {"PDF/UA-1": {}, "PDF/A-3a": {}}


@pytest.mark.slow
def test_the_validator_finds_what_is_wrong(found):
    """Control: the same page without its tags must fail both."""
    assert found["wrong"].keys() == {"PDF/UA-1", "PDF/A-3a"}
    assert all(found["wrong"].values())


@pytest.fixture(scope="module")
def browser():
    from playwright.sync_api import sync_playwright

    assert CHROMIUM, "CI must have chromium"
    with sync_playwright() as playwright:
        chromium = playwright.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
        yield chromium
        chromium.close()


def axe_script() -> str:
    import axe_playwright_python

    return next(Path(axe_playwright_python.__file__).parent.rglob("axe.min.js")).read_text(encoding="utf-8")


def violations(page) -> list[str]:
    # the rows of a table are made alike: axe, which takes minutes for fifteen thousand elements, sees the first eight
    page.evaluate("document.querySelectorAll('tbody').forEach(b => [...b.rows].slice(8).forEach(r => r.remove()))")
    page.evaluate("document.querySelectorAll('table').forEach(t => [...t.tBodies].slice(3).forEach(b => b.remove()))")
    page.evaluate(axe_script())
    result = page.evaluate("async () => await axe.run(document, {resultTypes: ['violations']})")
    return [f"{v['id']} ({v['impact']}): {v['nodes'][0]['html'][:200]}" for v in result["violations"]]


@pytest.fixture(scope="module")
def pages(tmp_path_factory) -> dict[str, Path]:
    folder = tmp_path_factory.mktemp("pages")
    made = {f"report-{language}": documents.html(language) for language in documents.LANGUAGES}
    for name, nb in (("sample", sample.report("es")), ("plain", sample.plain())):
        made[name], _ = AccessibleHTMLExporter().from_notebook_node(nb)
    for name, html in made.items():
        (folder / f"{name}.html").write_text(html, encoding="utf-8")
    return {name: folder / f"{name}.html" for name in made}


@needs_chromium
@pytest.mark.slow
@pytest.mark.parametrize(
    ("name", "width", "scheme"),
    [
        ("report-en", 1280, "light"),
        ("report-es", 360, "dark"),
        ("sample", 1280, "light"),
        ("sample", 360, "dark"),
        ("plain", 1280, "dark"),
        ("plain", 360, "light"),
    ],
)
def test_page_has_no_violation_no_overflow_and_no_request(browser, pages, name, width, scheme):
    context = browser.new_context(viewport={"width": width, "height": 900}, color_scheme=scheme, bypass_csp=True)
    page = context.new_page()
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    page.goto(pages[name].as_uri())
    page.evaluate("document.querySelectorAll('details').forEach(d => d.open = true)")
    page.evaluate("document.fonts.ready")
    outside = [url for url in asked if not url.startswith(("data:", pages[name].as_uri()))]
    overflow = page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
    found = violations(page)
    context.close()
    assert outside == []
    assert overflow <= 0
    assert found == []


@needs_chromium
@pytest.mark.slow
def test_axe_finds_what_is_wrong(browser, pages, tmp_path):
    """Control: a picture without alternative text and pale text must be found."""
    bad = pages["sample"].read_text(encoding="utf-8")
    bad = bad.replace("<main", '<img src="data:,"><p style="color:#ddd;background:#fff">pale</p><main', 1)
    (tmp_path / "bad.html").write_text(bad, encoding="utf-8")
    context = browser.new_context(bypass_csp=True)
    page = context.new_page()
    page.goto((tmp_path / "bad.html").as_uri())
    found = " ".join(violations(page))
    context.close()
    assert "image-alt" in found
    assert "color-contrast" in found


@needs_chromium
@pytest.mark.slow
def test_page_needs_no_script_and_keeps_its_policy(browser, pages, tmp_path):
    """With scripts off everything is there; with them on, the page's own policy keeps an injected one from running."""
    context = browser.new_context(java_script_enabled=False)
    page = context.new_page()
    page.goto(pages["report-en"].as_uri())
    assert page.locator("main figure").count() > 30
    assert page.locator("svg[role=img]").first.bounding_box()["width"] > 300
    with page.expect_download() as download:
        page.get_by_role("link", name="The notebook of this page").click()
    assert download.value.suggested_filename == "report-en.ipynb"
    assert "report.cover()" in Path(download.value.path()).read_text(encoding="utf-8")
    context.close()
    live = (
        pages["sample"].read_text(encoding="utf-8").replace("</main>", "<script>document.title='run'</script></main>")
    )
    (tmp_path / "live.html").write_text(live, encoding="utf-8")
    context = browser.new_context()
    page = context.new_page()
    page.goto((tmp_path / "live.html").as_uri())
    assert page.title() != "run"
    context.close()


@needs_chromium
@pytest.mark.slow
def test_page_uses_the_font_it_carries(browser, pages):
    context = browser.new_context(bypass_csp=True)
    page = context.new_page()
    page.goto(pages["report-es"].as_uri())
    page.evaluate("document.fonts.ready")
    loaded = page.evaluate("[...document.fonts].filter(f => f.status === 'loaded').map(f => f.family)")
    context.close()
    assert any("Source Sans Pro" in family for family in loaded)


@needs_chromium
@pytest.mark.slow
def test_contents_stand_beside_the_text_and_print_leaves_them_out(browser, pages):
    context = browser.new_context(viewport={"width": 1280, "height": 900})
    page = context.new_page()
    page.goto(pages["report-en"].as_uri())
    contents, answer, body = (
        page.locator(at).bounding_box() for at in ("nav.contents", ".text >> nth=0", ".text >> nth=1")
    )
    assert contents["x"] + contents["width"] < min(answer["x"], body["x"])
    assert contents["y"] <= answer["y"] < body["y"]
    page.evaluate("window.scrollTo(0, 20000)")
    assert 0 <= page.locator("nav.contents").bounding_box()["y"] < 100
    page.set_viewport_size({"width": 360, "height": 740})  # on a phone the answer comes first
    contents, answer, body = (
        page.locator(at).bounding_box() for at in ("nav.contents", ".text >> nth=0", ".text >> nth=1")
    )
    assert answer["y"] < contents["y"] < body["y"]
    page.emulate_media(media="print", color_scheme="dark")
    assert not page.locator("nav.contents").is_visible()
    assert not page.locator("main details").first.is_visible()
    assert page.evaluate("getComputedStyle(document.body).backgroundColor") == "rgb(255, 255, 255)"
    assert page.evaluate("getComputedStyle(document.querySelector('figure .card')).filter") == "none"
    context.close()
