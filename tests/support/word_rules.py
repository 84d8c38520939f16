"""What an accessibility checker of Word files complains of.

The rules are those that Microsoft publishes for the checker of Word ("Rules for the Accessibility Checker", errors,
warnings and tips) as far as a file can break them, and of WCAG 2.2 as applied to documents: 1.1.1 alternative texts,
1.3.1 headings, lists and tables by structure, 1.4.3 contrast, 2.4.2 title, 2.4.4 purpose of links, 2.4.6 headings,
3.1.1 language.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

import matplotlib.colors
from docx.oxml.ns import qn

LEAST_CONTRAST = 4.5
PAPER = "FFFFFF"
LONG = 20  # paragraphs from which a document needs headings
MEANINGLESS = re.compile(r"https?://|www\.|(click )?here|link|more|aquí|más|aqui|mais|\d*", re.IGNORECASE)
TYPED_MARK = re.compile(r"\s*([•‣▪–*-]|\(?\d{1,2}[.)])\s+\S")
FILE_NAME = re.compile(r".*\.(png|jpe?g|svg|gif|webp)|image ?\d*|picture ?\d*", re.IGNORECASE)


def faults(document: Any) -> list[str]:
    """Every fault of a document that python-docx has opened, in words; none where it keeps the rules."""
    checks = (_of_the_file, _headings, _pictures, _tables, _paragraphs, _links, _references, _contrast)
    return [fault for check in checks for fault in check(document)]


def instructions(document: Any) -> list[str]:
    """What the fields of the body ask Word to compute."""
    return [" ".join(e.text.split()) for e in document.element.body.iter(qn("w:instrText"))]


def bookmarks(document: Any) -> set[str]:
    """Names of places that links and fields lead to."""
    return {e.get(qn("w:name")) for e in document.element.body.iter(qn("w:bookmarkStart"))}


def _of_the_file(document: Any) -> Iterator[str]:
    if not document.core_properties.title:
        yield "no title"
    languages = {e.get(qn("w:val")) for e in document.styles.element.iter(qn("w:lang"))}
    if len(languages) != 1 or not document.core_properties.language:
        yield "no language"
    if next(document.settings.element.iter(qn("w:documentProtection")), None) is not None:
        yield "access is restricted"


def _headings(document: Any) -> Iterator[str]:
    headings = [p for p in document.paragraphs if re.fullmatch(r"Heading \d", p.style.name)]
    if not headings and len(document.paragraphs) > LONG:
        yield "no headings"
    levels = [int(heading.style.name[-1]) for heading in headings]
    for before, after in zip([0, *levels], levels, strict=False):
        if after > before + 1:
            yield f"heading {after} after {before}"
    for heading in headings:
        if not heading.text.strip():
            yield "a heading without words"


def _pictures(document: Any) -> Iterator[str]:
    body = document.element.body
    for drawing in body.iter(qn("wp:docPr")):
        words = (drawing.get("descr") or "").strip()
        if not words:
            yield f"{drawing.get('name')} has no alternative text"
        elif FILE_NAME.fullmatch(words):
            yield f"{drawing.get('name')} has its name for alternative text"
    for floating in ("wp:anchor", "w:pict", "w:object", "w:txbxContent", "w:framePr"):
        if next(body.iter(qn(floating)), None) is not None:
            yield f"an object that is not in line with the text ({floating})"


def _tables(document: Any) -> Iterator[str]:
    for number, table in enumerate(document.tables, 1):
        rows = table._tbl.tr_lst
        look = table._tbl.tblPr.find(qn("w:tblLook"))
        marked = [row.find(f"{qn('w:trPr')}/{qn('w:tblHeader')}") is not None for row in rows]
        if look.get(qn("w:firstRow")) == "1" and not marked[0]:
            yield f"table {number} has no header row"
        if any(marked[1:]):
            yield f"table {number} has a header row that is not its first"
        if table._tbl.tblPr.find(qn("w:tblCaption")) is None:
            yield f"table {number} has no name"
        for merged in ("w:vMerge", "w:hMerge", "w:gridSpan"):
            if next(table._tbl.iter(qn(merged)), None) is not None:
                yield f"table {number} has merged cells ({merged})"
        if next(table._tbl.iterdescendants(qn("w:tbl")), None) is not None:
            yield f"table {number} holds a table"
        if any(not "".join(row.itertext()).strip() for row in rows):
            yield f"table {number} has a blank row"
        if len({len(row.tc_lst) for row in rows}) > 1:
            yield f"table {number} has split cells"


def _paragraphs(document: Any) -> Iterator[str]:
    for place, paragraph in enumerate(document.paragraphs, 1):
        element = paragraph._p
        # a section that ends after a table has its mark in a paragraph of its own: Word knows no other place
        kinds = ("w:drawing", "w:fldChar", "w:pBdr", "w:sectPr")
        shows = any(next(element.iter(qn(kind)), None) is not None for kind in kinds)
        if not paragraph.text.strip() and not shows:
            yield f"paragraph {place} is blank"
        if paragraph.style.name in ("Code", "Code Text"):
            continue
        if re.search(r" {3}|\t\t", paragraph.text):
            yield f"paragraph {place} is laid out by spaces or tabs"
        body_text = paragraph.style.name in ("Normal", "List Paragraph", "Quote")
        listed = element.pPr is not None and element.pPr.numPr is not None
        if body_text and not listed and TYPED_MARK.match(paragraph.text):
            yield f"paragraph {place} is an item of a list by its sign only: {paragraph.text[:40]}"


def _links(document: Any) -> Iterator[str]:
    known = bookmarks(document)
    for link in document.element.body.iter(qn("w:hyperlink")):
        anchor = link.get(qn("w:anchor"))
        words = "".join(text.text or "" for text in link.iter(qn("w:t"))).strip()
        if anchor and anchor not in known:
            yield f"{anchor} leads nowhere"
        if not words:
            yield "a link without words"
        elif not anchor and (MEANINGLESS.fullmatch(words) or ("://" in words)):
            yield f"a link whose words say nothing: {words[:60]}"


def _references(document: Any) -> Iterator[str]:
    known = bookmarks(document)
    for instruction in instructions(document):
        if instruction.startswith(("REF", "NOTEREF")) and instruction.split()[1] not in known:
            yield f"{instruction} refers to nothing"


def _contrast(document: Any) -> Iterator[str]:
    """Of every style on paper, and of the styles of shaded cells on their shade."""
    grounds = {name: {PAPER} for name in _used(document)}
    for cell in document.element.body.iter(qn("w:tc")):
        shade = cell.tcPr.find(qn("w:shd"))
        if shade is not None:
            for style in cell.iter(qn("w:pStyle")):
                grounds[_names(document)[style.get(qn("w:val"))]].add(shade.get(qn("w:fill")))
    for style in document.styles:
        colour = _colour(style)
        for ground in sorted(grounds.get(style.name, ())):
            ratio = contrast(colour, ground)
            if ratio < LEAST_CONTRAST:
                yield f"style {style.name}: {colour} on {ground} has a contrast of {ratio:.1f}"
    own = {e.get(qn("w:val")) for e in document.element.body.iter(qn("w:color"))} - {"auto"}
    for colour in sorted(own):
        if contrast(colour, PAPER) < LEAST_CONTRAST:
            yield f"text of the colour {colour} is too pale"


def _names(document: Any) -> dict[str, str]:
    """The name of each style by its identifier."""
    return {style.style_id: style.name for style in document.styles}


def _used(document: Any) -> set[str]:
    """Names of the styles of paragraphs and runs that the body, its tables and the page's head and foot use."""
    section = document.sections[0]
    identifiers = {
        element.get(qn("w:val"))
        for part in (document.element.body, section.header._element, section.footer._element)
        for kind in ("w:pStyle", "w:rStyle")
        for element in part.iter(qn(kind))
    }
    return {_names(document)[identifier] for identifier in identifiers} | {"Normal"}


def _colour(style: Any) -> str:
    """The colour of a style's letters, its own or that of the style that it rests on."""
    while style is not None:
        properties = style.element.find(qn("w:rPr"))
        colour = properties.find(qn("w:color")) if properties is not None else None
        if colour is not None and colour.get(qn("w:val")) != "auto":
            return str(colour.get(qn("w:val")))
        style = getattr(style, "base_style", None)
    return "000000"


def contrast(one: str, other: str) -> float:
    """Contrast of two colours in hexadecimal, as WCAG 2 counts it."""
    low, high = sorted(_luminance(colour) for colour in (one, other))
    return (high + 0.05) / (low + 0.05)


def _luminance(colour: str) -> float:
    light = []
    for encoded in matplotlib.colors.to_rgb(f"#{colour}"):
        light.append(encoded / 12.92 if encoded <= 0.04045 else ((encoded + 0.055) / 1.055) ** 2.4)
    return 0.2126 * light[0] + 0.7152 * light[1] + 0.0722 * light[2]
