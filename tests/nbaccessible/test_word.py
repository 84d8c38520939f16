"""The Word file: what Word, a screen reader and a ministry's template find in it."""

from __future__ import annotations

import base64
import functools
import io
import re
import shutil
import subprocess
import time
import zipfile

import docx
import pypdf
import pytest
import sample_notebook as sample
from docx.oxml.ns import qn
from docx.shared import Mm, RGBColor
from lxml import etree
from nbformat.v4 import new_markdown_cell
from word_rules import bookmarks, faults, instructions

from nbaccessible.errors import PublishError
from nbaccessible.exporters import AccessibleDocxExporter

OFFICE = shutil.which("soffice") or shutil.which("libreoffice")
PAYLOADS = ["<w:t>x</w:t>", "]]>", "&amp;", 'a" b', "{ PAGE }", "\x0b\ud800 end"]


def made(nb, **traits) -> bytes:
    return AccessibleDocxExporter(**traits).from_notebook_node(nb)[0]


def opened(nb, **traits):
    return docx.Document(io.BytesIO(made(nb, **traits)))


def report(*shown, **cover):
    return sample.notebook(sample.cell(sample.cover(**cover)), *(sample.cell(s) for s in shown))


def texts(document, style: str) -> list[str]:
    return [" ".join(p.text.split()) for p in document.paragraphs if p.style.name == style]


@functools.cache
def report_in_spanish() -> bytes:
    return made(sample.report("es"))


@pytest.fixture
def spanish():
    return docx.Document(io.BytesIO(report_in_spanish()))


@pytest.mark.parametrize("nb", [sample.report("en"), sample.plain()], ids=["en", "plain"])
def test_an_accessibility_checker_finds_nothing(nb):
    assert faults(opened(nb)) == []


def test_an_accessibility_checker_finds_nothing_in_spanish(spanish):
    assert faults(spanish) == []


def _floating(bad):
    drawing = next(bad.element.body.iter(qn("wp:inline")))
    drawing.tag = qn("wp:anchor")


def _bare_table(bad):
    row = bad.tables[0]._tbl.tr_lst[0]
    row.trPr.remove(row.trPr.find(qn("w:tblHeader")))


def _merged(bad):
    bad.tables[0].rows[1].cells[0].merge(bad.tables[0].rows[1].cells[1])


def _faint(bad):
    bad.styles["Normal"].font.color.rgb = RGBColor.from_string("999999")


def _heading_skipped(bad):
    bad.paragraphs[-1].style = bad.styles["Heading 5"]


def _bare_address(bad):
    link = next(e for e in bad.element.body.iter(qn("w:hyperlink")) if not e.get(qn("w:anchor")))
    next(link.iter(qn("w:t"))).text = "https://example.org"


WRONG = {
    "no title": lambda bad: setattr(bad.core_properties, "title", ""),
    "no language": lambda bad: setattr(bad.core_properties, "language", ""),
    "no alternative text": lambda bad: next(bad.element.body.iter(qn("wp:docPr"))).set("descr", ""),
    "its name for alternative text": lambda bad: next(bad.element.body.iter(qn("wp:docPr"))).set("descr", "map.png"),
    "not in line": _floating,
    "no header row": _bare_table,
    "merged cells": _merged,
    "is blank": lambda bad: bad.add_paragraph(""),
    "spaces or tabs": lambda bad: bad.add_paragraph("one    two"),
    "by its sign only": lambda bad: bad.add_paragraph("- one"),
    "words say nothing": _bare_address,
    "heading 5": _heading_skipped,
    "contrast of 2.8": _faint,
}


@pytest.mark.parametrize("fault", WRONG)
def test_the_checker_finds_what_is_wrong(fault, spanish):
    """Control: each rule is broken once."""
    WRONG[fault](spanish)
    assert any(fault in each for each in faults(spanish)), faults(spanish)


def test_a_second_line_of_heads_is_said_with_each_column_and_parts_of_a_table_name_it():
    wide = sample.grid([f"Column number {k}" for k in range(60)], [[f"value {k}" for k in range(60)]], ["left"] * 60)
    before = {"text": "Before", "start": 1, "end": 2}
    two = sample.grid(["Indicator", "Pilot", "Comparison"], [["a", "2", "3"]], spanners=[before])
    document = opened(report(sample.table(two, "tbl-a", "Two lines"), sample.table(wide, "tbl-b", "Wide")))
    assert [c.text for c in document.tables[0].rows[0].cells] == ["Indicator", "Before: Pilot", "Before: Comparison"]
    assert "Wide (continued)" in [p.text for p in document.paragraphs]
    assert faults(document) == []


def test_title_author_date_and_language(spanish):
    properties = spanish.core_properties
    assert properties.title == "Police-citizen cooperation in six pilot districts"
    assert properties.author == "A. Evaluator; B. Statistician"
    assert properties.language == "es-PE"
    assert properties.created.date().isoformat() == "2005-04-25"


def test_headings_are_numbered_by_word(spanish):
    assert texts(spanish, "Heading 1")[:3] == ["The answer in one page", "What was done", "How sure"]
    listed = [p for p in spanish.paragraphs if p._p.pPr is not None and p._p.pPr.numPr is not None]
    numbered = {p.text: p._p.pPr.numPr.numId.val for p in listed}
    assert numbered["What was done"] == numbered["How sure"]
    assert numbered["Codebook"] != numbered["How sure"]
    assert "The answer in one page" not in numbered


def test_captions_count_themselves_and_references_are_fields(spanish):
    found = instructions(spanish)
    assert found.count("SEQ Table \\* ARABIC") == 5
    assert found.count("SEQ Figure \\* ARABIC") == 1
    assert "REF fig_levels \\h" in found
    assert "REF sec_sure \\r \\h" in found
    assert {"fig_levels", "tbl_headline", "sec_sure", "est_safe"} <= bookmarks(spanish)
    captions = texts(spanish, "Caption")
    assert captions[0] == f"Cuadro 1. Primary outcomes {sample.STAMP['es']}"


def test_contents_are_a_field_with_its_entries(spanish):
    assert 'TOC \\o "1-2" \\h \\z \\u' in instructions(spanish)
    assert texts(spanish, "TOC Heading") == ["Índice", "Gráficos", "Cuadros"]
    entries = [p.text for p in spanish.paragraphs if p.style.name == "toc 1"]
    assert "1 What was done" in entries


def test_tables_have_header_rows_groups_and_numbers_in_line(spanish):
    table = spanish.tables[0]
    heads = [row for row in table._tbl.tr_lst if row.find(f"{qn('w:trPr')}/{qn('w:tblHeader')}") is not None]
    assert heads == [table.rows[0]._tr]
    assert table.rows[1].cells[0].text == "Perception"
    assert [cell.text for cell in table.rows[2].cells][3] == "13.2"
    wide = [section for section in spanish.sections if section.page_width > section.page_height]
    assert len(wide) == 1


def test_footnotes_are_words_own():
    content = made(sample.report())
    with zipfile.ZipFile(io.BytesIO(content)) as packed:
        notes = etree.fromstring(packed.read("word/footnotes.xml"))
    assert "By decree; again in" in "".join(notes.itertext())
    twice = opened(sample.notebook(new_markdown_cell("a[^n] b[^n]\n\n[^n]: *The* note")))
    assert len(list(twice.element.body.iter(qn("w:footnoteReference")))) == 1
    assert any(i.startswith("NOTEREF") for i in instructions(twice))


def test_lists_formulas_and_pictures():
    text = "- a\n  - b\n\n1. c\n2. d\n\ntext\n\n3. e\n\n$x^2$ and $\\nosuch{x}$"
    document = opened(sample.notebook(new_markdown_cell(text)))
    items = [(p.text, p._p.pPr.numPr.numId.val) for p in document.paragraphs if p.style.name == "List Paragraph"]
    assert [text for text, _ in items] == ["a", "b", "c", "d", "e"]
    assert items[2][1] == items[3][1] != items[4][1]
    assert [d.get("descr") for d in document.element.body.iter(qn("wp:docPr"))] == ["x^2"]
    assert "\\nosuch{x}" in document.paragraphs[-1].text


@pytest.mark.parametrize("payload", PAYLOADS)
def test_text_is_never_markup(payload):
    nb = report(
        sample.table(sample.grid([payload, "n"], [{"group": payload}, [payload, "1"]]), "tbl-a", payload, note=payload),
        sample.figure("fig-a", payload, payload, note=payload),
        title=payload,
        stamp=payload,
        authors=[payload],
    )
    document = opened(nb)
    words = " ".join("".join(e.itertext()) for e in document.element.body)
    shown = re.sub(r"[\x0b\ud800]", "\ufffd", payload)
    assert words.count(shown.split("\n")[0]) >= 6
    assert faults(document) == []


def test_a_reference_document_gives_its_styles_page_and_header(tmp_path):
    template = docx.Document()
    template.styles["Heading 1"].font.name = "Georgia"
    template.sections[0].header.paragraphs[0].text = "Ministry"
    template.add_paragraph("Text of the template")
    template.save(tmp_path / "ministry.docx")
    document = opened(sample.report(), reference_doc=str(tmp_path / "ministry.docx"))
    assert document.styles["Heading 1"].font.name == "Georgia"
    assert document.sections[0].header.paragraphs[0].text == "Ministry"
    assert "Text of the template" not in [p.text for p in document.paragraphs]
    assert [fault for fault in faults(document) if "contrast" not in fault] == []  # its colours are the ministry's
    (tmp_path / "no.docx").write_text("none")
    with pytest.raises(PublishError, match=r"no\.docx is no Word document; save one as \.docx"):
        made(sample.report(), reference_doc=str(tmp_path / "no.docx"))


def test_a_report_that_somebody_restyled_is_a_reference_document(tmp_path):
    report = docx.Document(io.BytesIO(made(sample.report())))
    report.styles["Heading 1"].font.color.rgb = RGBColor(0xB0, 0x00, 0x20)
    report.save(str(tmp_path / "restyled.docx"))
    content = made(sample.report(), reference_doc=str(tmp_path / "restyled.docx"))
    first, second = (zipfile.ZipFile(io.BytesIO(each)).namelist() for each in (made(sample.report()), content))
    assert sorted(second) == sorted(first)  # nothing of the former text is carried along, and no part comes twice
    document = docx.Document(io.BytesIO(content))
    assert document.styles["Heading 1"].font.color.rgb == RGBColor(0xB0, 0x00, 0x20)
    assert [fault for fault in faults(document) if "contrast" not in fault] == []


def test_the_same_notebook_gives_the_same_bytes_in_time():
    first = made(sample.report())
    begun = time.process_time()
    assert made(sample.report()) == first
    assert time.process_time() - begun < 3


@pytest.mark.slow
@pytest.mark.skipif(not OFFICE, reason="LibreOffice is not installed: apt-get install libreoffice-writer-nogui")
@pytest.mark.parametrize("which", ["report", "plain"])
def test_it_opens_and_prints(which, tmp_path):
    (tmp_path / "a.docx").write_bytes(made(getattr(sample, which)()))
    command = [OFFICE, f"-env:UserInstallation=file://{tmp_path}/home", "--headless", "--convert-to", "pdf"]
    subprocess.run([*command, "--outdir", str(tmp_path), str(tmp_path / "a.docx")], check=True, capture_output=True)
    pages = pypdf.PdfReader(tmp_path / "a.pdf").pages
    whole = " ".join(" ".join(page.extract_text().split()) for page in pages)
    if which == "report":
        assert "1 What was done" in whole
        assert "A Codebook" in whole
        assert "Table 2. Every indicator" in whole
        assert any(page.mediabox.width > page.mediabox.height for page in pages)
    else:
        assert "A plain notebook" in whole
        assert "22.25" in whole


def test_a_tall_logo_is_as_small_as_in_the_pdf_and_the_publisher_is_named():
    drawing = '<svg xmlns="http://www.w3.org/2000/svg" width="90" height="180"><rect width="90" height="180"/></svg>'
    logo = "data:image/svg+xml;base64," + base64.b64encode(drawing.encode()).decode()
    document = opened(report(logo=logo, logo_alt="Emblem", publisher="The Press", contact="press@example.org"))
    (extent,) = document.element.body.iter(qn("wp:extent"))
    assert int(extent.get("cy")) == pytest.approx(Mm(13), rel=0.01)
    assert int(extent.get("cx")) == pytest.approx(Mm(6.5), rel=0.01)
    assert "Published by The Press · Contact: press@example.org" in [p.text for p in document.paragraphs]


def test_the_number_of_a_caption_keeps_its_look_when_word_computes_it_anew():
    document = opened(report(sample.table(sample.grid(["x"], [["1"]]), "tbl-a", "Levels")))
    (caption,) = (p for p in document.paragraphs if p.style.name == "Caption")
    (code,) = (r for r in caption._p.iter(qn("w:r")) if r.find(qn("w:instrText")) is not None)
    assert code.find(f"{qn('w:rPr')}/{qn('w:rStyle')}").get(qn("w:val")) == caption.runs[0].style.style_id


def test_words_of_another_language_say_so():
    document = opened(report(sample.prose("# Uno\n\nUn [title in *English*]{lang=en} citado."), lang="es"))
    runs = [run for paragraph in document.paragraphs for run in paragraph.runs]
    known = {run.text.strip(): run._r.find(f".//{qn('w:lang')}") for run in runs}
    assert known["English"].get(qn("w:val")) == "en"
    assert known["citado."] is None
