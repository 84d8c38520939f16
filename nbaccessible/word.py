"""A document as a Word file with real headings, captions, tables and cross-references, and styles to be changed."""

from __future__ import annotations

import copy
import datetime
import io
import itertools
import zipfile
from dataclasses import replace

from docx.document import Document as Package
from docx.opc.constants import RELATIONSHIP_TYPE

from nbaccessible import equations, layout, svg, workshop
from nbaccessible.model import Block, Cell, Code, Document, Figure, Grid, Prose, Row, Table, plain, walk
from nbaccessible.pdf import timestamp
from nbaccessible.word_styles import TABLE, package, style_ids
from nbaccessible.word_tokens import TEXT_WIDTH, Tokens, formula_key
from nbaccessible.word_xml import (
    Element,
    Look,
    clean,
    described_of,
    field,
    link_inside,
    paragraph,
    qualified,
    run,
    space_above,
    w,
)

PAPER = layout.Paper(layout.PORTRAIT, layout.LANDSCAPE, layout.SIZES)
LOGO = 37.0  # points that a logo is tall: 13 mm, as in the PDF
DOT = 0.75  # points of a pixel that says no size
TWIPS = 20  # in a point
WIDER = 1.15
GROUP = "F3F5F7"  # the ground of a row that names a group
AFTER_TABLE = 12  # points between a table and what follows it
EPOCH = (1980, 1, 1, 0, 0, 0)  # the first moment that a ZIP archive can name
SEQUENCES = {"figure": "Figure", "table": "Table"}  # names of Word's counters, which are not shown


def docx(document: Document, reference_doc: str | None = None) -> bytes:
    """The Word file; the same document gives the same bytes.

    `reference_doc` is a Word file of which the styles, page, header and footer are taken. Raises PublishError where it
    is none.
    """
    word = package(reference_doc)
    _describe(word, document)
    if not reference_doc:
        _header_and_footer(word, document)
    writer = Writer(document, word, _pictures(document))
    body = word.element.body
    end = body.sectPr
    for element in writer.whole():
        end.addprevious(element)
    writer.notes.write()
    out = io.BytesIO()
    word.save(out)
    return _packed(out.getvalue())


def _packed(content: bytes) -> bytes:
    """The archive without the clock."""
    out = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(content)) as source, zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as target:
        for name in source.namelist():
            entry = zipfile.ZipInfo(name, EPOCH)
            entry.compress_type = zipfile.ZIP_DEFLATED
            entry.external_attr = 0o644 << 16
            target.writestr(entry, source.read(name))
    return out.getvalue()


# ---- the file as a whole


def _describe(word: Package, document: Document) -> None:
    """Title, authors, date and language."""
    cover = document.cover
    properties = word.core_properties
    properties.title = clean(cover.title)[:255]
    properties.author = clean("; ".join(cover.authors))[:255]
    properties.subject = clean(cover.subtitle)[:255]
    properties.keywords = clean(", ".join(cover.keywords))[:255]
    properties.comments = clean(cover.stamp)[:255]
    language = f"{cover.lang}-{cover.region.upper()}" if cover.region else cover.lang
    properties.language = language
    moment = datetime.datetime.fromtimestamp(timestamp(cover.date), datetime.UTC).replace(tzinfo=None)
    properties.created = properties.modified = max(moment, datetime.datetime(1980, 1, 1))
    properties.last_modified_by = ""
    properties.revision = 1
    defaults = word.styles.element.find(qualified("docDefaults"))
    if defaults is None:
        defaults = w("docDefaults", w("rPrDefault", w("rPr")))
        word.styles.element.insert(0, defaults)
    for known in list(word.styles.element.iter(qualified("lang"))):
        known.getparent().remove(known)
    defaults.find(f"{qualified('rPrDefault')}/{qualified('rPr')}").append(w("lang", val=language, eastAsia=language))
    settings = word.settings.element
    for mode in settings.iter(qualified("compatSetting")):
        if mode.get(qualified("name")) == "compatibilityMode":
            mode.set(qualified("val"), "15")
    for theme in settings.iter(qualified("themeFontLang")):
        theme.set(qualified("val"), language)
    for key, relation in list(word.part.package.rels.items()):
        if relation.reltype == RELATIONSHIP_TYPE.THUMBNAIL:
            del word.part.package.rels[key]  # a picture of the empty page


def _header_and_footer(word: Package, document: Document) -> None:
    """The stamp above and the page's number below."""
    cover, section = document.cover, word.sections[0]
    if cover.stamp:
        head = section.header.paragraphs[0]
        head._p.append(run(cover.stamp, Look(style=style_ids(word)["stamp text"])))
    foot = section.footer.paragraphs[0]
    foot.alignment = 1
    page, of = cover.strings["page"], cover.strings["of"]
    number, total = field("PAGE", [run("1")]), field("NUMPAGES", [run("1")])
    foot._p.extend([run(f"{page} "), *number, run(f" {of} "), *total])


def _pictures(document: Document) -> dict[str, tuple[bytes, float]]:
    """Every picture as Word can show it, with its natural width in points; drawings are made into dots at once.

    A drawing's letters are in the house's font, which the reader's computer may lack: as dots they stay where they are.
    """
    drawings: dict[str, bytes] = {}
    ready: dict[str, tuple[bytes, float]] = {}
    for number, block in enumerate([*document.front, *document.body], 1):
        if isinstance(block, Figure):
            if block.mime == "image/svg+xml":
                drawings[f"figure {number}"] = svg.drawable(block.content, block.cell)
            else:
                ready[f"figure {number}"] = _readable(block.content, block.mime)
    for url, (content, mime) in document.pictures.items():
        if mime == "image/svg+xml":
            drawings[url] = svg.drawable(content, 0)
        else:
            ready[url] = _readable(content, mime)
    drawings |= _formulas(document)
    for key, image in zip(drawings, workshop.rasters(list(drawings.values())), strict=True):
        ready[key] = (image, _width(image) * 72 / workshop.DOTS)
    return ready


def _readable(content: bytes, mime: str) -> tuple[bytes, float]:
    """An image in a format that every Word knows."""
    from PIL import Image

    if mime == "image/webp":
        out = io.BytesIO()
        Image.open(io.BytesIO(content)).save(out, "PNG")
        content = out.getvalue()
    return content, _width(content) * DOT


def _width(content: bytes) -> int:
    from PIL import Image

    return int(Image.open(io.BytesIO(content)).width)


def _formulas(document: Document) -> dict[str, bytes]:
    """Formulas as drawings; one that cannot be set is left out and shown as it was written."""
    wanted: dict[str, tuple[str, bool]] = {}
    for block in document.blocks:
        for token in walk(block.tokens) if isinstance(block, Prose) else ():
            if token["type"] in ("inline_math", "block_math"):
                displayed = token["type"] == "block_math"
                formula = equations.typst(token["raw"])
                if formula is not None:
                    wanted[formula_key(token["raw"], displayed)] = (formula, displayed)
    return dict(zip(wanted, workshop.formulas(list(wanted.values())), strict=True))


# ---- its blocks


class Writer(Tokens):
    """Writes one document's blocks."""

    def whole(self) -> list[Element]:
        """Everything in the body, in order."""
        self._cover()
        for block in self.document.front:
            self._write(block)
        if self.document.cover.layout in ("report", "article") and len(self.document.headings) >= 8:
            self._contents()
        for block in self.document.body:
            self._write(block)
        self._room_below_tables()
        return self.body

    def _room_below_tables(self) -> None:
        """Space above a paragraph that follows a table at once: a blank one would be read aloud as such."""
        for table, following in itertools.pairwise(self.body):
            styled = following.find(f"{qualified('pPr')}/{qualified('pStyle')}")
            if table.tag == qualified("tbl") and following.tag == qualified("p") and styled is None:
                space_above(following, AFTER_TABLE)

    def _say(self, text: str, style: str, *properties: Element) -> None:
        if text:
            self.body.append(paragraph([run(text)], self.style(style), *properties))

    def _cover(self) -> None:
        cover = self.document.cover
        if cover.logo:
            self.body.append(paragraph([self.picture("logo", cover.logo_alt, tallest=LOGO)], self.style("Picture")))
        self._say(cover.title, "Title")
        self._say(cover.subtitle, "Subtitle")
        byline = [", ".join(cover.authors), cover.date_text or cover.date]
        self._say(" \u00b7 ".join(part for part in byline if part), "Byline")
        self._say(" \u00b7 ".join(cover.published), "Byline")
        self._say(cover.stamp, "Stamp")
        if cover.abstract and not any(block.front for block in self.document.blocks):
            self._say(cover.abstract, "Normal")

    def _contents(self) -> None:
        """Contents and lists of figures and tables as fields: Word adds the pages when it is asked to (F9)."""
        entries = []
        for heading in self.document.headings:
            if heading.level <= 2:
                text = f"{heading.number} {heading.title}" if heading.number else heading.title
                entries.append((f"toc {heading.level}", heading.id, text))
        self._listed("contents", 'TOC \\o "1-2" \\h \\z \\u', entries)
        for word, blocks in (("figure", self.document.figures), ("table", self.document.tables)):
            entries = []
            for block in blocks:
                if block.listed and block.label:
                    text = f"{self.strings[word]} {block.number}. {block.caption}"
                    entries.append(("table of figures", block.label, text))
            self._listed(f"{word}s", f'TOC \\h \\z \\c "{SEQUENCES[word]}"', entries)

    def _listed(self, word: str, instruction: str, entries: list[tuple[str, str, str]]) -> None:
        if not entries:
            return
        self._say(self.strings[word], "TOC Heading", w("outlineLvl", val="9"))
        links = []
        for style, target, text in entries:
            links.append((style, link_inside(self.bookmarks.name(target), [run(text)])))
        first, *rest = field(instruction, [link for _, link in links])
        # the field runs over paragraphs: it begins in the first and ends in the last
        opening, closing = [first, *rest[:2]], rest[-1]
        for place, (style, link) in enumerate(links):
            before = opening if place == 0 else []
            after = [closing] if place == len(links) - 1 else []
            self.body.append(paragraph([*before, link, *after], self.style(style)))

    def _write(self, block: Block) -> None:
        self.block += 1
        if isinstance(block, Prose):
            self.paragraphs(block.tokens)
        elif isinstance(block, Figure):
            self._figure(block)
        elif isinstance(block, Table):
            self._exhibit(block)
        elif isinstance(block, Code):
            self._say(block.text, "Code")
        else:
            self._say(block.text.rstrip("\n"), "Code")

    def _figure(self, figure: Figure) -> None:
        if figure.number:
            self._caption("figure", figure)
        width = figure.width * TEXT_WIDTH if figure.width else 0
        keep = [w("keepNext")] if figure.note else []
        shown = self.picture(f"figure {self.block}", figure.alt, width)
        self.body.append(paragraph([shown], self.style("Picture"), *keep))
        self._note(figure.note)

    def _exhibit(self, table: Table) -> None:
        grid = _in_one_line(table.grid)
        plan = layout.plan(grid, table.landscape, paper=layout.small(PAPER) if table.dense else PAPER)
        if plan.landscape:
            self._end_section(turned=False)
        if table.number:
            self._caption("table", table)
        self._grid(grid, plan, table.caption, table.note)
        self._note(table.note)
        if plan.landscape:
            self._end_section(turned=True)

    def _caption(self, word: str, block: Figure | Table) -> None:
        name = f"{self.strings[word]} "
        look = Look(style=self.style("Exhibit Number"))
        counter = field(f"SEQ {SEQUENCES[word]} \\* ARABIC", [run(str(block.number), look)], look)
        label = [run(name, look), *counter]
        marked = self.bookmarks.around(block.label, *label) if block.label else label
        stamp = self.document.stamp_of(block)
        stamped = [run(f" {stamp}", Look(style=self.style("Stamp Text")))] if stamp else []
        self.body.append(
            paragraph([*marked, run(". ", look), *self.runs(plain(block.caption)), *stamped], self.style("Caption"))
        )

    def _note(self, note: str) -> None:
        if note:
            label = run(f"{self.strings['note']} ", Look(italic=True))
            self.body.append(paragraph([label, *self.runs(plain(note))], self.style("Exhibit Note")))

    def _end_section(self, turned: bool) -> None:
        """What stands before this, since the last such end, is on upright or turned pages."""
        properties = copy.deepcopy(self.package.element.body.sectPr)
        for kind in properties.findall(qualified("type")):
            properties.remove(kind)
        size = properties.find(qualified("pgSz"))
        if turned and size is not None:
            wide, tall = (size.get(qualified(key)) for key in ("w", "h"))
            properties.replace(size, w("pgSz", w=tall, h=wide, orient="landscape"))
        if not self.body or self.body[-1].tag != qualified("p"):
            self.body.append(paragraph())
        described_of(self.body[-1]).append(properties)

    # ---- tables

    def table(self, grid: Grid) -> None:
        """A table that Markdown holds."""
        grid = _in_one_line(grid)
        self._grid(grid, layout.plan(grid, may_turn=False, paper=PAPER), self.strings["table"], "")

    def _grid(self, grid: Grid, plan: layout.Plan, title: str, description: str) -> None:
        """The table, in parts below each other where it is wider than a page."""
        pads = [layout.decimals(grid, column) for column in range(len(grid.align))]
        for number, part in enumerate(plan.parts):
            if number:
                again = run(f"{title} ({self.strings['continued']})", Look(italic=True))
                self.body.append(paragraph([again], self.style("Exhibit Note"), w("keepNext")))
            self.body.append(self._part(grid, plan, part, pads, title, description, first=number == 0))

    def _part(
        self,
        grid: Grid,
        plan: layout.Plan,
        part: layout.Part,
        pads: list[list[float]],
        title: str,
        description: str,
        first: bool,
    ) -> Element:
        room = layout.LANDSCAPE if plan.landscape else layout.PORTRAIT
        # measured in the house's font: Word may set a wider one in its place
        wider = max(min(WIDER, room / sum(part.widths)), 1.0)
        part = replace(part, widths=tuple(width * wider for width in part.widths))
        total = sum(part.widths)
        properties = w(
            "tblPr",
            w("tblStyle", val=self.style(TABLE)),
            w("tblW", w=_twips(total), type="dxa"),
            w("tblLayout", type="fixed"),
            w("tblLook", val="0420", firstRow="1" if grid.head else "0", lastRow="0", firstColumn="0", noVBand="1"),
            w("tblCaption", val=clean(title)),
        )
        if description:
            properties.append(w("tblDescription", val=clean(description)))
        columns = w("tblGrid", *(w("gridCol", w=_twips(width)) for width in part.widths))
        table = w("tbl", properties, columns)
        look = Look(size=plan.size if plan.size != layout.SIZES[0] else 0)
        if grid.head:
            table.append(self._head(grid, part, look))
        for number, row in enumerate(grid.rows):
            values = [column[number] * plan.size for column in pads]
            table.append(self._row(grid, row, part, look, values, first))
        return table

    def _head(self, grid: Grid, part: layout.Part, look: Look) -> Element:
        row = w("tr", w("trPr", w("cantSplit"), w("tblHeader")))
        for column, width in zip(part.columns, part.widths, strict=True):
            inside = self.runs(grid.head[0][column].tokens, Look(bold=True, size=look.size))
            row.append(self._cell(inside, width, layout.side(grid.align[column]), keep=True))
        return row

    def _row(self, grid: Grid, row: Row, part: layout.Part, look: Look, pads: list[float], first: bool) -> Element:
        line = w("tr", w("trPr", w("cantSplit")))
        mark = self.bookmarks.around(row.id) if row.id and first else []
        if row.group:
            inside = [*mark, *self.runs(row.cells[0].tokens, Look(bold=True, size=look.size))]
            for width in part.widths:
                line.append(self._cell(inside, width, "left", keep=True, shade=GROUP))
                inside = []
            return line
        for column, width in zip(part.columns, part.widths, strict=True):
            inside = [*mark, *self.runs(row.cells[column].tokens, look)]
            mark = []
            line.append(self._cell(inside, width, layout.side(grid.align[column]), pad=pads[column]))
        return line

    def _cell(
        self,
        inside: list[Element],
        width: float,
        align: str,
        keep: bool = False,
        shade: str = "",
        pad: float = 0,
    ) -> Element:
        properties = w("tcPr", w("tcW", w=_twips(width), type="dxa"))
        if shade:
            properties.append(w("shd", val="clear", color="auto", fill=shade))
        described = []
        if keep:
            described.append(w("keepNext"))
        if pad:
            described.append(w("ind", right=_twips(pad)))
        if align != "left":
            described.append(w("jc", val=align))
        return w("tc", properties, paragraph(inside, self.style("Exhibit Text"), *described))


def _in_one_line(grid: Grid) -> Grid:
    """The table with one row of heads, each in full: screen readers know one such row, and no merged cell."""
    heads = []
    for column in range(len(grid.align)):
        named = [head.tokens for head in grid.heads(column) if head.text.strip()]
        tokens = list(named[0]) if named else []
        for further in named[1:]:
            tokens += [*plain(": "), *further]
        heads.append(Cell(tuple(tokens)))
    return replace(grid, head=(tuple(heads),) if heads else ())


def _twips(points: float) -> str:
    return str(round(points * TWIPS))
