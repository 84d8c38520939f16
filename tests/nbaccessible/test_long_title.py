"""A title of one long word stays on the page in every format."""

from __future__ import annotations

import html
import re
import shutil
import subprocess

import accessible
import pytest
import sample_notebook as sample

from nbaccessible.exporters import (
    AccessibleDocxExporter,
    AccessibleHTMLExporter,
    AccessiblePDFExporter,
    AccessibleSlidesExporter,
)

OFFICE = shutil.which("soffice") or shutil.which("libreoffice")
WORD = "Donaudampfschifffahrtselektrizitätenhauptbetriebswerkbauunterbeamten"
MARGIN = 20.0  # points from the sides of a page that no letter comes into


def titled(layout: str = "report"):
    return sample.notebook(
        sample.cell(sample.cover(title=WORD, layout=layout, logo="")),
        sample.cell(sample.prose(f"# {WORD} {{#sec-long}}\n\nText under the word.")),
    )


def beyond(path) -> list[str]:
    """Words of a PDF file that come into the margins or leave the page."""
    shown = subprocess.run(["pdftotext", "-bbox", str(path), "-"], capture_output=True, text=True, check=True).stdout
    outside = []
    for page in shown.split("<page ")[1:]:
        width = float(re.findall(r'width="([\d.]+)"', page)[0])
        for left, right, word in re.findall(r'xMin="(.*?)" .*? xMax="(.*?)" .*?>(.*?)</word>', page):
            if float(left) < MARGIN or float(right) > width - MARGIN:
                outside.append(html.unescape(word))
    return outside


def letters(path) -> str:
    """All text of a PDF file without spaces, hyphens and soft hyphens."""
    shown = subprocess.run(["pdftotext", str(path), "-"], capture_output=True, text=True, check=True).stdout
    return re.sub("[\\s\u00ad\u2010\u200b-]", "", shown)


@pytest.mark.parametrize("layout", ["report", "article", "brief", "slides"])
def test_in_every_pdf(layout, tmp_path):
    exporter = AccessibleSlidesExporter if layout == "slides" else AccessiblePDFExporter
    path = tmp_path / "a.pdf"
    path.write_bytes(exporter().from_notebook_node(titled(layout))[0])
    assert beyond(path) == []
    assert WORD in letters(path)  # whole, whatever its lines


@accessible.needs_chromium
@pytest.mark.slow
@pytest.mark.parametrize("width", [360, 1280])
def test_in_a_browser(browser, width, tmp_path):
    page = tmp_path / "a.html"
    page.write_text(AccessibleHTMLExporter().from_notebook_node(titled())[0], encoding="utf-8")
    opened, _ = accessible.open_page(browser, page, width, "light")
    wider = accessible.overflow(opened)
    cut = opened.evaluate(
        "[...document.querySelectorAll('h1, h2, a, title')].filter(e => e.scrollWidth > innerWidth).length"
    )
    opened.context.close()
    assert wider <= 0
    assert cut == 0


@pytest.mark.slow
@pytest.mark.skipif(not OFFICE, reason="LibreOffice is not installed: apt-get install libreoffice-writer-nogui")
def test_in_word(tmp_path):
    (tmp_path / "a.docx").write_bytes(AccessibleDocxExporter().from_notebook_node(titled())[0])
    command = [OFFICE, f"-env:UserInstallation=file://{tmp_path}/home", "--headless", "--convert-to", "pdf"]
    subprocess.run([*command, "--outdir", str(tmp_path), str(tmp_path / "a.docx")], check=True, capture_output=True)
    assert beyond(tmp_path / "a.pdf") == []
    assert WORD in letters(tmp_path / "a.pdf")
