"""Footnotes of a Word document: a part of their own, which python-docx does not know."""

from __future__ import annotations

from docx.document import Document as Package
from docx.opc.constants import CONTENT_TYPE, RELATIONSHIP_TYPE
from docx.opc.packuri import PackURI
from docx.opc.part import Part
from lxml import etree

from nbaccessible.word_xml import Element, R, W, paragraph, w


class Footnotes:
    """The footnotes met on the way; `write` puts the part into the package."""

    def __init__(self, package: Package, text: str, reference: str) -> None:
        """`text` and `reference` are the identifiers of the styles of a note and of its number."""
        self.styles = text, reference
        self.root = etree.Element(f"{{{W}}}footnotes", nsmap={"w": W, "r": R})
        for number, kind in ((-1, "separator"), (0, "continuationSeparator")):
            rule = paragraph([w("r", w(kind))])
            self.root.append(w("footnote", rule, id=str(number), type=kind))
        name = PackURI("/word/footnotes.xml")
        self.part = Part(name, CONTENT_TYPE.WML_FOOTNOTES, b"", package.part.package)
        package.part.relate_to(self.part, RELATIONSHIP_TYPE.FOOTNOTES)

    @property
    def count(self) -> int:
        """How many notes there are."""
        return len(self.root) - 2

    def add(self) -> tuple[Element, Element]:
        """An empty note to be filled with runs, and the run that refers to it."""
        number = self.count + 1
        text, reference = self.styles
        mark = w("r", w("rPr", w("rStyle", val=reference)), w("footnoteRef"))
        note = paragraph([mark], text)
        self.root.append(w("footnote", note, id=str(number)))
        refers = w("r", w("rPr", w("rStyle", val=reference)), w("footnoteReference", id=str(number)))
        return note, refers

    def write(self) -> None:
        """Put the notes into their part."""
        self.part._blob = etree.tostring(self.root, xml_declaration=True, encoding="UTF-8", standalone=True)
