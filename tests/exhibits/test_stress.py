"""Thirty districts and forty indicators with long Spanish names, every text of the declaration a payload.

Nothing leaves its page, no caption is alone, and nothing of what was typed gets live in any file.
"""

from __future__ import annotations

import functools
import html
import io
import json
import re
import subprocess
import tempfile
from pathlib import Path

import nbformat
import numpy as np
import openpyxl
import pandas as pd
import pypdf
import pytest
import rendered
from bs4 import BeautifulSoup
from markup import live, squeezed
from surveys import at_home

from fewdistricts import design as declared
from fewdistricts import paths, survey
from fewdistricts.estimates import estimate
from fewdistricts.estimates import pipeline as plan
from fewdistricts.exhibits import spreadsheets
from fewdistricts.exhibits.documents.edition import whole
from nbaccessible.exporters import AccessibleHTMLExporter, AccessiblePDFExporter, AccessibleSlidesExporter

pytestmark = pytest.mark.slow
NAME, DISTRICTS, INDICATORS, EACH = "stress", 30, 40, 16
PAYLOAD = "=HYPERLINK(1) #panic() *b* <script>x</script> $y$ @fig-levels [l](javascript:1) {{ x }}"
LONG = "Institucionalización interdistrital de las responsabilidades de los ayuntamientos"
WORD = "Donaudampfschifffahrtselektrizitätenhauptbetriebswerkbauunter"  # a label without a place to break
MARGIN = 24.0  # points from the sides of a page that nothing comes into
FOOT = 3.0  # and from its top and bottom: the foot of a slide has room for a caution of three lines


def text(what: str) -> dict[str, str]:
    return {"en": f"{PAYLOAD} {what}", "es": f"{PAYLOAD} {what}"}


def named(number: int, first: str) -> dict[str, str]:
    """A payload, a name of one long word, and names of many words."""
    if number == 0:
        return text(first)
    name = WORD if number == 1 else f"{LONG} ({number})"
    return {"en": name, "es": name}


def declaration() -> dict:
    families = ["perception", "victimisation", "trust", "reporting"]
    return {
        "title": text("Title"),
        "intervention": {"name": text("Name"), "start": "2004-01", "description": text("Description")},
        "caution": text("Caution"),
        "data": {
            "kind": "synthetic",
            "source": text("Source"),
            "files": [{"path": "survey.csv"}],
            "columns": {"district": "district", "wave": "wave"},
        },
        "waves": [
            {"id": "2003", "label": text("First"), "fieldwork": ["2003-11", "2004-02"], "phase": "before"}
            | {"phase_reason": text("Reason")},
            {"id": "2005", "label": text("Second"), "fieldwork": ["2005-03", "2005-03"]},
        ],
        "districts": [
            {
                "id": f"d{k}",
                "name": named(k, "District"),
                "arm": "pilot" if k < DISTRICTS // 2 else "comparison",
            }
            for k in range(DISTRICTS)
        ],
        "indicators": [
            {
                "id": f"i{k}",
                "label": named(k, "Indicator"),
                "question": text("Question"),
                "column": f"i{k}",
                "yes": ["=1+1 <b>yes</b>"],
                "no": ["@no"],
                "better": "higher",
                "family": families[k % 4],
                "role": "primary" if k < 3 else "placebo" if k > 37 else "secondary",
            }
            for k in range(INDICATORS)
        ],
        "disclosure": {"minimum_cell": 5},
        "published": [
            {"place": PAYLOAD, "wave": wave, "indicator": "i0", "value": value, "source": PAYLOAD}
            for wave, value in (("2003", 0.36), ("2005", 0.49))
        ],
        "report": {"languages": ["en", "es"], "date": "2005-04-25", "authors": [PAYLOAD], "funder": text("Funder")},
    }


@functools.cache
def home() -> Path:
    """The evaluation with its survey built and its estimates made."""
    folder = Path(tempfile.mkdtemp())
    raw = folder / "data" / "raw" / NAME
    raw.mkdir(parents=True)
    rng = np.random.default_rng(4)
    answers = np.where(rng.random((DISTRICTS * 2 * EACH, INDICATORS)) < 0.4, "=1+1 <b>yes</b>", "@no")
    data = pd.DataFrame(answers, columns=[f"i{k}" for k in range(INDICATORS)])
    data.insert(0, "district", np.repeat([f"d{k}" for k in range(DISTRICTS)], 2 * EACH))
    data.insert(1, "wave", np.tile(np.repeat(["2003", "2005"], EACH), DISTRICTS))
    data.to_csv(raw / "survey.csv", index=False)
    (raw / "evaluation.yaml").write_text(json.dumps(declaration(), ensure_ascii=False), encoding="utf-8")
    with at_home(folder):
        design = declared.load(NAME)
        survey.build(design)
        rows = estimate.rounded(plan.estimates(design, survey.load(NAME)))
        rows.to_parquet(paths.processed(NAME) / "estimates.parquet", index=False)
    return folder


@functools.cache
def notebook(kind: str):
    more = {"district": "d0"} if kind == "district_brief" else {}
    with at_home(home()):
        return rendered.executed(NAME, "es", kind, **more)


@functools.cache
def document(kind: str) -> bytes:
    exporter = AccessibleSlidesExporter if kind == "slides" else AccessiblePDFExporter
    return exporter().from_notebook_node(notebook(kind))[0]


def words(pdf: bytes) -> list[tuple[int, float, float, list[tuple[float, float, float, float, str]]]]:
    """Of each page its number, size and words with their boxes in points, as poppler sees them."""
    with tempfile.TemporaryDirectory() as name:
        (Path(name) / "a.pdf").write_bytes(pdf)
        command = ["pdftotext", "-bbox", str(Path(name) / "a.pdf"), "-"]
        done = subprocess.run(command, capture_output=True, text=True, check=True)
    pages = []
    for number, sheet in enumerate(done.stdout.split("<page ")[1:], 1):
        width, height = (float(value) for value in re.findall(r'(?:width|height)="([\d.]+)"', sheet)[:2])
        found = re.findall(r'xMin="(.*?)" yMin="(.*?)" xMax="(.*?)" yMax="(.*?)">(.*?)</word>', sheet)
        pages.append((number, width, height, [(*map(float, box[:4]), html.unescape(box[4])) for box in found]))
    return pages


@pytest.mark.parametrize("kind", ["report", "annex", "district_brief", "slides"])
def test_no_word_leaves_its_page_and_no_two_lie_on_each_other(kind):
    pages = words(document(kind))
    outside, covered = [], []
    for number, width, height, found in pages:
        for x0, y0, x1, y1, word in found:
            if x0 < MARGIN or x1 > width - MARGIN or y0 < FOOT or y1 > height - FOOT:
                outside.append((number, word))
        ordered = sorted(found)
        for k, (x0, y0, x1, y1, word) in enumerate(ordered):
            for u0, v0, u1, v1, other in ordered[k + 1 :]:
                if u0 >= x1:
                    break
                shared = (min(x1, u1) - max(x0, u0)) * (min(y1, v1) - max(y0, v0))
                least = min((x1 - x0) * (y1 - y0), (u1 - u0) * (v1 - v0))
                if min(y1, v1) > max(y0, v0) and shared > 0.4 * least > 0:
                    covered.append((number, word, other))
    assert not outside, outside[:10]  # a few: pytest would be long at the difference of long lists
    assert not covered, covered[:10]
    assert kind != "district_brief" or len(pages) == 1


def test_no_caption_is_alone_at_the_foot_of_a_page():
    captions = 0
    for number, _, height, found in (*words(document("report")), *words(document("annex"))):
        lines = sorted({round(y0) for _, y0, _, _, _ in found})
        for x0, y0, _, _, word in found:
            if word in ("Cuadro", "Gráfico") and x0 < 80 and y0 < height - 70:
                same = [w for u0, v0, _, _, w in found if abs(v0 - y0) < 2 and u0 > x0]
                if same and re.fullmatch(r"\d+\.", same[0]):
                    captions += 1
                    below = [line for line in lines if y0 + 2 < line < height - 70]
                    assert len(below) >= 3, (number, same[:8])
    assert captions > 20


@pytest.mark.parametrize("kind", ["report", "district_brief", "slides"])
def test_texts_of_the_declaration_are_text_in_every_pdf(kind):
    whole = squeezed(" ".join(word for *_, found in words(document(kind)) for *_, word in found))
    assert whole.count(squeezed("#panic() *b* <script>x</script> $y$ @fig-levels")) >= 3
    uris = [
        str(annotation.get_object().get("/A", {}).get("/URI", ""))
        for page in pypdf.PdfReader(io.BytesIO(document(kind))).pages
        for annotation in page.get("/Annots", [])
    ]
    assert not [uri for uri in uris if "javascript" in uri.lower()]


def test_texts_of_the_declaration_are_text_in_the_page():
    both = nbformat.from_dict(whole(notebook("report"), notebook("annex")))
    page, _ = AccessibleHTMLExporter().from_notebook_node(both)
    soup = BeautifulSoup(page, "html.parser")
    assert live(soup) == []
    shown = " ".join(soup.get_text().split())
    for what in ("Title", "Name", "Description", "Source", "Reason", "Question", "Indicator", "District", "Funder"):
        assert f"{PAYLOAD} {what}" in shown, what
    assert "=1+1 <b>yes</b>" in shown


def test_no_cell_of_the_spreadsheets_is_a_formula():
    with at_home(home()):
        rows = pd.read_parquet(paths.processed(NAME) / "estimates.parquet")
        book = openpyxl.load_workbook(io.BytesIO(spreadsheets.as_excel(rows, declared.load(NAME))))
        lines = spreadsheets.as_csv(rows).decode().splitlines()
    cells = [cell for sheet in book for row in sheet.iter_rows() for cell in row]
    assert not [cell.coordinate for cell in cells if cell.data_type == "f"]
    assert any(str(cell.value).startswith("'=HYPERLINK") for cell in cells)
    fields = [field for line in lines for field in line.split(",")]
    assert not [field for field in fields if re.match(r"""^"?[=@+\t]|^"?-(?!inf$|[0-9])""", field)]
