"""A document as the main file of a Typst project; `house.typ` holds how it looks."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import replace
from itertools import zip_longest

from nbaccessible import fonts, layout, svg
from nbaccessible.model import Block, Code, Document, Figure, Prose, Table, Token, plain, text_of
from nbaccessible.slide_room import SlideRoom, beside
from nbaccessible.typst_tokens import SUFFIX, Tokens, boolean, folded, literal, string

LINE, LEAD = 95, 14.6  # characters and points of a line of text
LEADING = 6  # lines of a chapter that do no more than lead to its table
CHAPTER = 60.0  # points of a chapter's heading and a table's caption
SHORT = 300  # characters of a paragraph that is alone without the figure it leads to
BELOW_EACH_OTHER = 22  # figures and tables whose lists need not stand side by side
ON_A_PAGE = 30  # entries from which on the contents have a page to themselves
SMALL = 0.9
TITLE = (420.0, 27.0)  # points that a word of the title may take, in its largest size
RUNNING = (200.0, 11.0)  # and at the head or foot of a page
THE_END = "end of the document"
FRONT_END = "end of the front"
# points of the text before a report's contents, the largest at which it fits the first page
FRONT_SIZES = (9.7, 9.4, 9.1, 8.8, 8.5)
LINE_GAP, CLOSE_LINE_GAP = 0.66, 0.6  # of a report's lines, in ems
HEADS = {
    "report": "#title-block(meta)\n#abstract(meta)\n",
    "slides": "#title-slide(meta)\n#pagebreak(weak: true)\n",
}
HEAD = "#title-block(meta)\n"


class Writer(Tokens):
    """Writes one document.

    `tighter` are points to take off each row of a table, by the table's number; `scale` shrinks text, gaps and
    pictures of a brief; `front` is the size in points of the text before a report's contents; `ahead` are numbers of
    figures that stand at the head of the next page, while what follows them fills the page; `leading` is the room
    between a report's lines.
    """

    def __init__(
        self,
        document: Document,
        tighter: Mapping[int, float] | None = None,
        scale: float = 1.0,
        front: float = FRONT_SIZES[0],
        ahead: frozenset[int] = frozenset(),
        leading: float = LINE_GAP,
    ) -> None:
        super().__init__(document)
        self.ahead = ahead
        self.leading = leading
        self.scale = scale
        self.front = front
        if scale < SMALL:  # where the text is small, tables are too
            self.paper = replace(self.paper, sizes=tuple(round(size * scale / SMALL, 2) for size in self.paper.sizes))
        self.slide = SlideRoom() if document.cover.layout == "slides" else None
        self.tighter = dict(tighter or {})
        self.breaking: dict[str, Table] = {}  # by label, those that may break over pages; known once they are written
        self.parts: list[str] = []  # of main.typ, as far as it is written
        self.cells: list[int] = []  # the notebook cell of each of its lines, 0 for ours

    # ---- the whole

    def main(self) -> str:
        """The main file; house.typ and `files` belong beside it."""
        cover = self.document.cover
        self.files["meta.json"] = json.dumps(self._meta(), ensure_ascii=False).encode()
        self.parts, self.cells = [], []
        style = "slides" if cover.layout == "slides" else "house"
        imports = dict.fromkeys(("house", style))  # what slides.typ has too takes the place of the house's
        self._add("".join(f'#import "{name}.typ": *\n' for name in imports))
        self._add(f'#let meta = json("meta.json")\n#show: {style}.with(meta)\n')
        self._attach()
        front, body = self.document.front, self.document.body
        self._add(HEAD if front else HEADS.get(cover.layout, HEAD))
        self._front(front)
        self._contents(on_new_page=bool(front))
        self._blocks(body)
        if cover.layout in ("report", "article") and not self._is_cited():
            self._add("#imprint(meta)\n")
        if cover.layout == "brief":
            self._add(f"#metadata(none)#label({string(THE_END)})\n")
        return "".join(self.parts)

    def _meta(self) -> dict[str, object]:
        """What house.typ asks of the cover."""
        cover = self.document.cover
        return {
            "title": fonts.printable(cover.title),
            "subtitle": fonts.printable(cover.subtitle),
            "authors": [fonts.printable(a) for a in cover.authors],
            "date": cover.date,
            "date_text": fonts.printable(cover.date_text or cover.date),
            "lang": cover.lang,
            "region": cover.region.upper(),
            "abstract": fonts.printable(cover.abstract),
            "keywords": list(cover.keywords),
            "stamp": fonts.printable(cover.stamp),
            "strings": {k: fonts.printable(v) for k, v in cover.strings.items()},
            "layout": cover.layout,
            "scale": self.scale,
            "leading": self.leading,
            "title_shown": fonts.printable(layout.breakable(cover.title, *TITLE)),
            "title_running": fonts.printable(layout.breakable(cover.title, *RUNNING)),
            "published": [fonts.printable(part) for part in cover.published],
            "citation": fonts.printable(cover.citation),
            "licence": fonts.printable(cover.licence),
            "logo": self._logo(),
            "logo_alt": fonts.printable(cover.logo_alt),
        }

    def _attach(self) -> None:
        """The files that travel inside the PDF."""
        for number, attachment in enumerate(self.document.attachments):
            self.files[f"attachment-{number}"] = attachment.content
            self._add(
                f'#pdf.attach({string(attachment.name)}, read("attachment-{number}", encoding: none), '
                f'relationship: "data", mime-type: {string(attachment.mime)}, '
                f"description: {string(attachment.description or attachment.name)})\n"
            )

    def _contents(self, *, on_new_page: bool) -> None:
        """The contents: of a report with its figures and tables, of an article with many headings without."""
        document = self.document
        if document.cover.layout == "article" and len(document.headings) >= 8:
            self._add("#contents(meta, figures: false, tables: false)\n")
        if document.cover.layout != "report":
            return
        exhibits = len(document.figures) + len(document.tables)
        kind = "contents-page" if len(document.headings) + exhibits > ON_A_PAGE else "contents"
        lists = (
            f"figures: {boolean(document.figures)}, tables: {boolean(document.tables)}, "
            f"beside: {boolean(exhibits > BELOW_EACH_OTHER)}"
        )
        new_page = "#pagebreak(weak: true)\n" if on_new_page else ""
        self._add(f"{new_page}#{kind}(meta, {lists})\n")

    def _is_cited(self) -> bool:
        """Whether the text itself says how to cite it."""
        citation = self.document.cover.citation
        prose = (text_of(block.tokens) for block in self.document.blocks if isinstance(block, Prose))
        return bool(citation) and any(citation in text for text in prose)

    def _logo(self) -> str:
        """The name of the logo's file, or nothing."""
        if "logo" not in self.document.pictures:
            return ""
        content, mime = self.document.pictures["logo"]
        name = f"logo.{SUFFIX[mime]}"
        if mime == "image/svg+xml":
            content = svg.drawable(content, 0)
        self.files[name] = content
        return name

    def _front(self, blocks: list[Block]) -> None:
        """What comes before the contents, set a little closer: a first page holds more than another."""
        if not blocks:
            return
        self._add(f"#[\n#set text(size: {self.front:g}pt)\n#set par(leading: 0.56em, spacing: 0.78em)\n")
        self._blocks(blocks)
        self._add(f"]\n#metadata(none)#label({string(FRONT_END)})\n")

    def _add(self, text: str, cell: int = 0) -> None:
        """Go on with main.typ."""
        self.parts.append(text)
        self.cells += [cell] * text.count("\n")

    def _blocks(self, blocks: Sequence[Block]) -> None:
        turned = False
        for block, then in zip_longest(blocks, blocks[1:]):
            self.block += 1
            text, wants_turn = self._block(block)
            if isinstance(block, Prose) and self._stays(then):
                text = self._led(block)
            if isinstance(block, Prose) and isinstance(then, Table) and self.document.cover.layout == "report":
                text = self._opening(block, then) + text
            if self.slide and not isinstance(block, Prose):
                self.slide.other()
            if wants_turn and not turned:
                self._add("#page(flipped: true)[\n")
            elif turned and not wants_turn:
                self._add("]\n")
            turned = wants_turn
            self._add(text + "\n", block.cell)
        if turned:
            self._add("]\n")

    def _stays(self, block: Block | None) -> bool:
        """Whether a block stands on one page: a figure, or a table of few rows."""
        if self.slide:
            return False
        if isinstance(block, Table):
            return layout.stays(block.grid, self._planned(block))
        return isinstance(block, Figure)

    def _led(self, block: Prose) -> str:
        """Prose before what stands on one page: a last paragraph of few lines stays with it."""
        if not block.tokens or block.tokens[-1]["type"] != "paragraph":
            return self._prose(block)
        *before, last = self._marked(block.tokens)
        paragraph = self.tokens([last]).strip()
        if len(paragraph) > SHORT:
            return self._prose(block)
        return f"{self.tokens(before)}#block(sticky: true)[{paragraph}]\n"

    def _opening(self, block: Prose, then: Table) -> str:
        """Before a chapter of a few lines and a table: it opens the next page where no rows would fit below it."""
        first, *others = block.tokens or ({"type": "nothing"},)
        if first["type"] != "heading" or first["attrs"].get("level") != 1 or first["attrs"]["appendix"]:
            return ""
        lines = sum(len(text_of([token])) // LINE + 1.5 for token in others)
        if lines > LEADING:
            return ""
        plan = self._planned(then)
        if layout.stays(then.grid, plan):
            return ""
        least = layout.least(then.grid, plan)
        return f"#chapter-needs({CHAPTER + LEAD * lines + least:.0f}pt)\n"

    def _prose(self, block: Prose) -> str:
        return self.tokens(self._marked(block.tokens))

    def _marked(self, tokens: Sequence[Token]) -> list[Token]:
        """The tokens of a report's prose with a mark where the last text of them ends."""
        marked = list(tokens)
        if not marked or self.document.cover.layout != "report":
            return marked
        last = marked[-1]
        if last["type"] in ("paragraph", "block_text"):
            marked[-1] = {**last, "children": [*last["children"], {"type": "end_mark"}]}
        elif last["type"] in ("list", "list_item"):
            marked[-1] = {**last, "children": self._marked(last["children"])}
        return marked

    def blame(self, message: str, diagnostic: str, folder: str) -> str:
        """What Typst says, with the notebook's cell for its line and without the temporary folder."""
        message = message.replace(folder + "/", "").replace(folder, "")
        match = re.search(r"main\.typ:(\d+)", diagnostic or "")
        cell = self.cells[int(match[1]) - 1] if match and int(match[1]) <= len(self.cells) else 0
        return f"cell {cell}: the PDF cannot hold this: {message}" if cell else f"the PDF cannot be made: {message}"

    # ---- blocks

    def _block(self, block: Block) -> tuple[str, bool]:
        """The block's markup and whether it stands on a landscape page."""
        if isinstance(block, Prose):
            if self.slide:
                self.slide.prose(block.tokens)
            return self._prose(block), False
        if isinstance(block, Figure):
            return self._figure(block), False
        if isinstance(block, Table):
            return self._table(block)
        if isinstance(block, Code):
            return f"#code(raw({string(folded(block.text))}, block: true))\n", False
        colour = ", colour: warning" if block.kind in ("error", "stderr") else ""
        return f"#output(raw({string(folded(block.text))}, block: true){colour})\n", False

    def _figure(self, figure: Figure) -> str:
        share = f", share: {figure.width * self.scale:g}" if figure.width else ""
        start, room = self._room_on_slide(figure)
        picture = f"#picture({self.image(figure.content, figure.mime, figure.alt, figure.cell)}{share}{room})"
        if not figure.number:
            return start + self._together(f"{picture}\n{self._note(figure.note)}".rstrip()) + "\n"
        inside = f"{picture}\n{self._note(figure.note)}"
        shown = self._together(self._captioned("image", "figure", figure, inside))
        if figure.number in self.ahead:
            shown = f"#ahead[{shown}]"
        return start + shown + "\n"

    def _room_on_slide(self, figure: Figure) -> tuple[str, str]:
        """A mark before the first picture of a slide and, for the picture, how to find the room that is left to it.

        Only the first: the place of a second depends on the size of the first, and Typst would not settle.
        """
        if not (self.slide and self.slide.fresh):
            return "", ""
        self.slide.fresh = False
        mark = f"label({string(f'before picture {self.images + 1}')})"
        caption = f"{figure.caption} {self.document.stamp_of(figure)}" if figure.number else ""
        rest = beside(caption, figure.note) if figure.number or figure.note else 0
        return f"#metadata(none)#{mark}\n", f", after: {mark}, beside: {rest:g}pt"

    def _together(self, inside: str) -> str:
        room = f"(room: {10 * self.scale:g}pt)" if self.document.cover.layout == "brief" else ""
        return f"#together{room}[{inside}]"

    def _captioned(self, kind: str, word: str, block: Figure | Table, inside: str) -> str:
        label = f"#label({string(block.label)})" if block.label else ""
        supplement = literal(self.document.cover.strings[word])
        listed = "" if block.listed else "outlined: false, "
        return (
            f'#figure(kind: {kind}, supplement: [{supplement}], numbering: "1", {listed}'
            f"caption: [{self.tokens(plain(block.caption))}{self._stamp(block)}], exhibit[\n{inside}]){label}"
        )

    def _stamp(self, block: Figure | Table) -> str:
        stamp = self.document.stamp_of(block)
        return f"#caption-stamp({string(stamp)});" if stamp else ""

    def _note(self, text: str) -> str:
        if not text:
            return ""
        mark = "#end-mark;" if self.document.cover.layout == "report" else ""
        return f"#note[{literal(self.document.cover.strings['note'])}][{self.tokens(plain(text))}{mark}]\n"

    def _planned(self, table: Table) -> layout.Plan:
        paper = layout.small(self.paper) if table.dense else self.paper
        if self.slide:
            room = self.slide.table(f"{table.caption} {self.document.stamp_of(table)}", table.note)
            return layout.on_one(table.grid, paper, room)
        return layout.plan(table.grid, table.landscape, paper=paper)

    def _table(self, table: Table) -> tuple[str, bool]:
        plan = self._planned(table)
        note = self._note(table.note)
        if note and table.label:
            note = f"{note.rstrip()}#label({string(end_of(table))})\n"
        inside = self.grid(table.grid, plan, self.tighter.get(table.number, 0.0)) + note
        shown = self._captioned("table", "table", table, inside) if table.number else f"#block[\n{inside}]"
        stays = self.document.cover.layout == "brief" or layout.stays(table.grid, plan)
        if table.label and not stays:
            self.breaking[table.label] = table
        if plan.landscape or self.slide:
            pass
        elif stays:
            shown = self._together(shown)
        elif self.document.cover.layout == "report" and not layout.whole_groups(table.grid, plan, plan.parts[0]):
            # a long table begins where some of its rows fit
            shown = f"#need(60mm, above: 18pt)\n#[#show figure: set block(above: 0pt)\n{shown}\n]"
        return shown + "\n", plan.landscape


def end_of(table: Table) -> str:
    """The label of what closes a table."""
    return f"end of {table.label}"
