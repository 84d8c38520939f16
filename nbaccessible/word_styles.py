"""What a Word document looks like: the house's styles, or those of a reference document that somebody restyled.

A style that the reference document lacks is added to it; what it has is left as it is.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import docx
from docx.document import Document as Package
from docx.enum.style import WD_STYLE_TYPE
from docx.opc.constants import RELATIONSHIP_TYPE
from docx.opc.exceptions import PackageNotFoundError
from docx.shared import Mm, Pt, RGBColor

from nbaccessible.errors import PublishError
from nbaccessible.word_xml import Element, qualified, w

ACCENT, WARNING, MUTED = "12436D", "8A2B00", "555555"
FONT, MONOSPACED = "Calibri", "Consolas"  # on every computer that has Word
MARGIN = Mm(25)
A4 = (Mm(210), Mm(297))
TABLE = "Exhibit"
DEEPEST = 5  # levels of headings and lists


@dataclass(frozen=True)
class Style:
    """A style of the house: sizes and spaces in points."""

    size: float = 11
    bold: bool = False
    italic: bool = False
    colour: str = ""
    before: float = 0
    after: float = 0
    keep: bool = False  # with the paragraph that follows
    based_on: str = "Normal"
    font: str = ""
    indent: float = 0


PARAGRAPHS = {
    "Normal": Style(after=7, based_on=""),
    "Title": Style(26, bold=True, colour=ACCENT, after=8),
    "Subtitle": Style(14, after=8),
    "Heading 1": Style(18, bold=True, colour=ACCENT, before=24, after=8, keep=True),
    "Heading 2": Style(14, bold=True, colour=ACCENT, before=18, after=6, keep=True),
    "Heading 3": Style(12, bold=True, colour=ACCENT, before=14, after=5, keep=True),
    "Heading 4": Style(11, bold=True, colour=ACCENT, before=12, after=4, keep=True),
    "Heading 5": Style(11, italic=True, colour=ACCENT, before=10, after=4, keep=True),
    "TOC Heading": Style(16, bold=True, colour=ACCENT, before=18, after=6, keep=True),
    "toc 1": Style(11, bold=True, before=4),
    "toc 2": Style(11, indent=14),
    "table of figures": Style(10, after=2),
    "Byline": Style(11, colour=MUTED, after=6),
    "Stamp": Style(11, bold=True, colour=WARNING, after=8),
    "Caption": Style(10, bold=True, before=12, after=4, keep=True),
    "Exhibit Text": Style(9, before=1, after=1),
    "Exhibit Note": Style(9, colour=MUTED, before=4, after=12),
    "Picture": Style(after=4),
    "Quote": Style(indent=18, after=7),
    "Code": Style(8.5, font=MONOSPACED, after=7),
    "List Paragraph": Style(after=3),
    "footnote text": Style(9, after=2),
    "Header": Style(9),
    "Footer": Style(9, colour=MUTED),
}
CHARACTERS = {
    "Hyperlink": Style(0, colour=ACCENT, based_on=""),
    "Code Text": Style(0, font=MONOSPACED, based_on=""),
    "Stamp Text": Style(9, colour=WARNING, based_on=""),
    "Exhibit Number": Style(0, colour=ACCENT, based_on=""),
}


OF_TEXT = (RELATIONSHIP_TYPE.FOOTNOTES, RELATIONSHIP_TYPE.IMAGE, RELATIONSHIP_TYPE.HYPERLINK)
"""What the text of a reference document brings with it, and goes with it: a second part of notes makes a file that Word
has to repair."""


def package(reference: str | None) -> Package:
    """An empty Word document with every style that is used; PublishError where the reference document is none."""
    if reference:
        package = _emptied(Path(reference))
    else:
        package = docx.Document()
        _page(package)
    known = {entry.name.casefold(): entry for entry in package.styles if entry.name}
    for name, style in PARAGRAPHS.items():
        _add(package, known.get(name.casefold()), name, style, WD_STYLE_TYPE.PARAGRAPH, again=not reference)
    for name, style in CHARACTERS.items():
        _add(package, known.get(name.casefold()), name, style, WD_STYLE_TYPE.CHARACTER, again=not reference)
    _footnote_reference(package)
    _table_style(package)
    return package


def _emptied(path: Path) -> Package:
    """The reference document with its styles, page and headers, without its text."""
    try:
        package = docx.Document(str(path))
    except (PackageNotFoundError, KeyError, ValueError, OSError) as error:
        raise PublishError(f"reference_doc {path} is no Word document; save one as .docx with its styles") from error
    body = package.element.body
    for child in list(body):
        if child is not body.sectPr:
            body.remove(child)
    for name, relation in list(package.part.rels.items()):
        if relation.reltype in OF_TEXT:
            package.part.drop_rel(name)
    return package


def _page(package: Package) -> None:
    section = package.sections[0]
    section.page_width, section.page_height = A4
    section.left_margin = section.right_margin = MARGIN
    section.top_margin, section.bottom_margin = Mm(24), Mm(22)


def _add(package: Package, entry: Any, name: str, style: Style, kind: WD_STYLE_TYPE, again: bool) -> None:
    """A style; `entry` is the one that is there already, which is set `again` only in a document of our own."""
    if entry is None:
        entry = package.styles.add_style(name, kind)
    elif not again:
        return
    if style.based_on and name != style.based_on:
        entry.base_style = package.styles[style.based_on]
    _letters(entry, style, FONT if kind == WD_STYLE_TYPE.PARAGRAPH else "")
    if name == "Hyperlink":
        entry.font.underline = True
    if kind == WD_STYLE_TYPE.PARAGRAPH:
        _lines(entry, style)
    entry.quick_style = True
    entry.hidden = False


def _letters(entry: Any, style: Style, font: str) -> None:
    """Size, weight and colour, and nothing that the entry had before."""
    properties = entry.element.get_or_add_rPr()
    for child in list(properties):
        properties.remove(child)
    _font(entry, style.font or font)
    entry.font.size = Pt(style.size) if style.size else None
    entry.font.bold = style.bold or None
    entry.font.italic = style.italic or None
    if style.colour:
        entry.font.color.rgb = RGBColor.from_string(style.colour)


def _lines(entry: Any, style: Style) -> None:
    """Space around and between the lines, without borders."""
    properties = entry.element.get_or_add_pPr()
    for border in properties.findall(qualified("pBdr")):
        properties.remove(border)
    spacing = entry.paragraph_format
    spacing.space_before, spacing.space_after = Pt(style.before), Pt(style.after)
    spacing.left_indent = Pt(style.indent)
    spacing.line_spacing = 1.15 if style.size >= 11 else 1.0
    spacing.keep_with_next = style.keep


def _font(style: Any, name: str) -> None:
    """One font for all scripts, in the place of the theme's."""
    if not name:
        return
    style.font.name = name
    fonts = style.element.rPr.rFonts
    for kind in ("eastAsia", "cs"):
        fonts.set(qualified(kind), name)


def _footnote_reference(package: Package) -> None:
    if "footnote reference" in {s.name for s in package.styles}:
        return
    entry = package.styles.add_style("footnote reference", WD_STYLE_TYPE.CHARACTER)
    entry.font.superscript = True


def _table_style(package: Package) -> None:
    """Rules above and below, the heading rows bold over a rule, a thin one under each row."""
    if TABLE in {s.name for s in package.styles}:
        return
    entry = package.styles.add_style(TABLE, WD_STYLE_TYPE.TABLE).element
    rule, thin = {"val": "single", "color": "000000"}, {"val": "single", "color": "BEBEBE"}
    entry.append(
        w(
            "tblPr",
            w(
                "tblBorders",
                w("top", sz="8", **rule),
                w("bottom", sz="8", **rule),
                w("insideH", sz="2", **thin),
            ),
            w("tblCellMar", w("left", w="72", type="dxa"), w("right", w="72", type="dxa")),
        )
    )
    head = w("tblStylePr", w("rPr", w("b")), w("tcPr", w("tcBorders", w("bottom", sz="6", **rule))), type="firstRow")
    entry.append(head)


def style_ids(package: Package) -> dict[str, str]:
    """The identifiers of the styles by their names in lower case."""
    return {style.name.casefold(): str(style.style_id) for style in package.styles if style.name}


# ---- numbers of headings and lists

BULLETS = ("\u2022", "\u2013", "\u2022", "\u2013", "\u2022")


class Numbering:
    """Definitions of numbers in the document's numbering part: headings, appendices, bullets, each ordered list."""

    def __init__(self, package: Package) -> None:
        self._root = package.part.numbering_part.element
        self._abstract = 1 + max((int(e.get(qualified("abstractNumId"))) for e in self._all("abstractNum")), default=-1)
        self.bullets = self._define([(BULLETS[level], "bullet") for level in range(DEEPEST)])
        self.headings = self._define([(self._parts(level), "decimal") for level in range(DEEPEST)], indented=False)
        kinds = ["upperLetter"] + ["decimal"] * (DEEPEST - 1)
        self.appendices = self._define([(self._parts(level), kind) for level, kind in enumerate(kinds)], indented=False)

    def ordered(self, start: int) -> int:
        """A list of numbers that begins anew."""
        return self._define([(f"%{level + 1}.", "decimal") for level in range(DEEPEST)], start=start)

    def _all(self, name: str) -> list[Element]:
        return list(self._root.iterchildren(qualified(name)))

    @staticmethod
    def _parts(level: int) -> str:
        return ".".join(f"%{part}" for part in range(1, level + 2))

    def _define(self, levels: list[tuple[str, str]], indented: bool = True, start: int = 1) -> int:
        """A definition of one text and kind a level; its number."""
        identifier = str(self._abstract)
        self._abstract += 1
        entry = w("abstractNum", w("multiLevelType", val="multilevel"), abstractNumId=identifier)
        for level, (text, kind) in enumerate(levels):
            left = 360 * (level + 1) if indented else 0
            indent = w("ind", left=str(left), hanging="360") if indented else w("ind", left="0", firstLine="0")
            entry.append(
                w(
                    "lvl",
                    w("start", val=str(start if level == 0 else 1)),
                    w("numFmt", val=kind),
                    w("suff", val="tab" if indented else "space"),
                    w("lvlText", val=text),
                    w("lvlJc", val="left"),
                    w("pPr", indent),
                    ilvl=str(level),
                )
            )
        first_number = next(iter(self._all("num")), None)
        if first_number is None:
            self._root.append(entry)
        else:
            first_number.addprevious(entry)  # the schema has all definitions before the numbers
        number = 1 + max((int(e.get(qualified("numId"))) for e in self._all("num")), default=0)
        self._root.append(w("num", w("abstractNumId", val=identifier), numId=str(number)))
        return number
