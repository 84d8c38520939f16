"""Markdown as paragraphs and runs of a Word document."""

from __future__ import annotations

import io
from collections.abc import Callable, Iterable
from dataclasses import replace
from functools import cached_property
from typing import Any

from docx.document import Document as Package
from docx.opc.constants import RELATIONSHIP_TYPE
from docx.opc.part import Part
from docx.oxml.shape import CT_Inline
from docx.shared import Emu, Pt

from nbaccessible import layout
from nbaccessible.model import Document, Grid, Token, alt_of, check_box, in_place_of, text_of
from nbaccessible.word_notes import Footnotes
from nbaccessible.word_styles import DEEPEST, Numbering, style_ids
from nbaccessible.word_xml import (
    PLAIN,
    Bookmarks,
    Element,
    Look,
    clean,
    field,
    link_inside,
    link_outside,
    numbered,
    paragraph,
    run,
    w,
)

LOOKS: dict[str, dict[str, Any]] = {
    "emphasis": {"italic": True},
    "strong": {"bold": True},
    "strikethrough": {"strike": True},
}
TEXT_WIDTH, TEXT_HEIGHT = layout.PORTRAIT, 640.0  # points that a picture may take


class Tokens:
    """Writes tokens of one document into `body`; pictures come ready from `pictures`."""

    def __init__(self, document: Document, package: Package, pictures: dict[str, tuple[bytes, float]]) -> None:
        """`pictures` holds PNG, JPEG or GIF bytes and a natural width in points by key."""
        self.document = document
        self.strings = document.cover.strings
        self.package = package
        self.pictures = pictures
        self.bookmarks = Bookmarks()
        self.numbering = Numbering(package)
        self.notes = Footnotes(package, self.style("footnote text"), self.style("footnote reference"))
        self.part: Part = package.part  # that links and pictures belong to: a footnote's are in another
        self.note_marks: dict[str, str] = {}
        self.drawings = 0
        self.block = 0
        self.body: list[Element] = []

    @cached_property
    def _styles(self) -> dict[str, str]:
        return style_ids(self.package)

    def style(self, name: str) -> str:
        """The identifier of a style by its name."""
        return self._styles[name.casefold()]

    @cached_property
    def _numbers(self) -> dict[str, str]:
        """Numbers of headings by their label."""
        return {heading.id: heading.number for heading in self.document.headings}

    # ---- paragraphs

    def paragraphs(self, tokens: Iterable[Token], style: str = "", *properties: Element) -> None:
        """Block tokens, each as what it is; `style` and `properties` are for its plain paragraphs."""
        for token in tokens:
            kind = token["type"]
            if kind in ("paragraph", "block_text"):
                # a property belongs to one element: the first paragraph of an item has the number
                self.body.append(paragraph(self.runs(token["children"]), style, *properties))
                properties = ()
            else:
                method: Callable[[Token], None] | None = getattr(self, f"_p_{kind}", None)
                if method:
                    method(token)
                else:
                    self.body.append(paragraph(self.runs([token]), style))

    def _p_heading(self, token: Token) -> None:
        attrs = token["attrs"]
        inside = self.runs(token["children"])
        if "number" not in attrs:  # inside a list or a quotation
            self.body.append(paragraph(self.runs(token["children"], Look(bold=True))))
            return
        properties = []
        number = attrs["number"]
        if number:
            letters = number[:1].isalpha()
            kind = self.numbering.appendices if letters else self.numbering.headings
            properties.append(numbered(attrs["level"] - 1, kind))
        style = self.style(f"Heading {min(attrs['level'], DEEPEST)}")
        self.body.append(paragraph(self.bookmarks.around(attrs["id"], *inside), style, *properties))

    def _p_list(self, token: Token, level: int = 0) -> None:
        attrs = token["attrs"]
        number = self.numbering.bullets
        if attrs.get("ordered"):
            number = self.numbering.ordered(int(attrs.get("start", 1)))
        for item in token["children"]:
            self._item(item, level, number)

    def _item(self, item: Token, level: int, number: int) -> None:
        style = self.style("List Paragraph")
        properties = [numbered(min(level, DEEPEST - 1), number)]
        box = check_box(item)
        prefix = [{"type": "text", "raw": box}] if box else []
        for child in item["children"]:
            if child["type"] == "list":
                self._p_list(child, level + 1)
            elif child["type"] in ("paragraph", "block_text"):
                runs = self.runs([*prefix, *child["children"]])
                self.body.append(paragraph(runs, style, *properties))
                indent = w("ind", left=str(360 * (level + 1)))
                properties, prefix = [indent], []
            else:
                self.paragraphs([child])

    def _p_block_quote(self, token: Token) -> None:
        self.paragraphs(token["children"], self.style("Quote"))

    def _p_block_code(self, token: Token) -> None:
        self.body.append(paragraph([run(token["raw"].rstrip("\n"))], self.style("Code")))

    def _p_block_math(self, token: Token) -> None:
        self.body.append(paragraph(self._formula(token["raw"], True), self.style("Picture")))

    def _p_thematic_break(self, _: Token) -> None:
        rule = w("pBdr", w("bottom", val="single", sz="4", space="1", color="BEBEBE"))
        self.body.append(paragraph([], "", rule))

    def _p_table(self, token: Token) -> None:
        self.table(layout.table_of(token))

    def table(self, grid: Grid) -> None:
        """A table that Markdown holds; the subclass knows tables."""
        raise NotImplementedError

    # ---- runs

    def runs(self, tokens: Iterable[Token], look: Look = PLAIN) -> list[Element]:
        """Inline tokens as runs, links and fields."""
        return [element for token in tokens for element in self._inline(token, look)]

    def _inline(self, token: Token, look: Look) -> list[Element]:
        kind = token["type"]
        method: Callable[[Token, Look], list[Element]] | None = getattr(self, f"_r_{kind}", None)
        if method:
            return method(token, look)
        if "children" in token:
            return self.runs(token["children"], replace(look, **LOOKS.get(kind, {})))
        raw = " ".join(token.get("raw", "").split("\n"))
        return [run(raw, look)] if raw else []

    def _r_softbreak(self, _: Token, look: Look) -> list[Element]:
        return [run(" ", look)]

    def _r_linebreak(self, _: Token, look: Look) -> list[Element]:
        return [run("\n", look)]

    def _r_language(self, token: Token, look: Look) -> list[Element]:
        return self.runs(token["children"], replace(look, lang=token["attrs"]["lang"]))

    def _r_codespan(self, token: Token, look: Look) -> list[Element]:
        return [run(token["raw"].replace("\n", " "), replace(look, style=self.style("Code Text")))]

    def _r_anchor(self, token: Token, _: Look) -> list[Element]:
        return self.bookmarks.around(token["attrs"]["id"])

    def _r_link(self, token: Token, look: Look) -> list[Element]:
        url = token["attrs"]["url"]
        if not url.startswith("#"):
            words = token["children"] or [{"type": "text", "raw": url}]
            inside = self.runs(words, replace(look, style=self.style("Hyperlink")))
            relation = self.part.relate_to(clean(url), RELATIONSHIP_TYPE.HYPERLINK, is_external=True)
            return [link_outside(relation, inside)]
        label = url[1:]
        bookmark = self.bookmarks.name(label)
        if "target" not in token["attrs"]:
            return [link_inside(bookmark, self.runs(token["children"], look))]
        number = self._numbers.get(label, "")
        if number:  # "Section 2.1": the word is text, the number a field
            word = text_of(token["children"]).removesuffix(number)
            return [run(word, look), *field(f"REF {bookmark} \\r \\h", [run(number, look)], look)]
        return field(f"REF {bookmark} \\h", self.runs(token["children"], look), look)

    def _r_footnote(self, token: Token, _: Look) -> list[Element]:
        key = f"{self.block}-{token['attrs']['key']}"
        if not token["children"]:
            if key not in self.note_marks:
                return []
            mark = Look(style=self.style("footnote reference"))
            number = run(self.note_marks[key], mark)
            return field(f"NOTEREF {self.bookmarks.name(f'note-{key}')} \\f \\h", [number])
        note, refers = self.notes.add()
        self.note_marks[key] = str(self.notes.count)
        part, self.part = self.part, self.notes.part
        note.extend([run(" "), *self.runs(token["children"])])
        self.part = part
        return self.bookmarks.around(f"note-{key}", refers)

    def _r_inline_math(self, token: Token, _: Look) -> list[Element]:
        return self._formula(token["raw"], False)

    def _r_block_math(self, token: Token, _: Look) -> list[Element]:
        return self._formula(token["raw"], True)

    def _formula(self, tex: str, block: bool) -> list[Element]:
        """A formula as a picture with its TeX source as alternative text; as text where it cannot be set."""
        key = formula_key(tex, block)
        if key not in self.pictures or self.part is not self.package.part:
            return [run(" ".join(tex.split()), Look(style=self.style("Code Text")))]
        return [self.picture(key, tex.strip())]

    def _r_image(self, token: Token, look: Look) -> list[Element]:
        url = token["attrs"]["url"]
        if url in self.pictures and self.part is self.package.part:
            return [self.picture(url, alt_of(token))]
        return [run(in_place_of(token), look)]

    # ---- pictures

    def picture(self, key: str, alt: str, width: float = 0, tallest: float = TEXT_HEIGHT) -> Element:
        """A run with a picture of `width` points (0: its natural one), no larger than the page and at most so tall."""
        content, natural = self.pictures[key]
        relation, image = self.package.part.get_or_add_image(io.BytesIO(content))
        wide = min(width or natural, TEXT_WIDTH)
        tall = wide * image.px_height / image.px_width
        if tall > tallest:
            wide, tall = wide * tallest / tall, tallest
        self.drawings += 1
        inline = CT_Inline.new_pic_inline(
            self.drawings, relation, f"image{self.drawings}", Emu(Pt(wide)), Emu(Pt(tall))
        )
        inline.docPr.set("descr", clean(alt))
        return w("r", w("drawing", inline))


def formula_key(tex: str, block: bool) -> str:
    """Under which a formula's picture is kept."""
    return f"formula {block} {tex.strip()}"
