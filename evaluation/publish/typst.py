"""A document as Typst markup and, through the `typst` wheel, as a tagged PDF/A-3a and PDF/UA-1.

Text reaches Typst only as string literals, so nothing in it can be markup; every other character here is ours.
"""

from __future__ import annotations

import datetime
import json
import os
import re
import tempfile
from collections.abc import Callable, Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

from evaluation.errors import PublishError
from evaluation.publish import equations, fonts, layout, svg
from evaluation.publish.model import (
    Block,
    Cell,
    Code,
    Document,
    Figure,
    Grid,
    Prose,
    Row,
    Table,
    Token,
    plain,
    text_of,
)

HOUSE = Path(__file__).with_name("house.typ")
STANDARDS = ("a-3a", "ua-1")
_LINE = 92  # characters of preformatted text on a line
_FEW = 14  # rows that are kept on one page
_TOP = 85.0  # the upper margin in points
_SUFFIX = {
    "image/svg+xml": "svg",
    "image/png": "png",
    "image/jpeg": "jpg",
    "image/gif": "gif",
    "image/webp": "webp",
}


def pdf(document: Document, standards: Sequence[str] = STANDARDS) -> bytes:
    """The PDF; the same document gives the same bytes.

    Raises PublishError when Typst refuses anything or only warns, naming the cell.
    """
    import typst

    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        (folder / "house.typ").write_bytes(HOUSE.read_bytes())
        (folder / "fonts").mkdir()
        for source in fonts.files():
            (folder / "fonts" / source.name).symlink_to(source)
        writer = _written(Writer(document), folder)
        try:
            compiler = typst.Compiler(
                str(folder / "main.typ"),
                root=str(folder),
                font_paths=[str(folder / "fonts")],
                ignore_system_fonts=True,
            )
            for _ in range(2):
                tighter = _stranded(compiler, document, writer.tighter)
                if not tighter:
                    break
                writer = _written(Writer(document, writer.tighter | tighter), folder)
            out, warnings = compiler.compile_with_warnings(
                format="pdf",
                pdf_standards=list(standards),  # type: ignore[arg-type]
                timestamp=_timestamp(document.cover.date),
            )
        except typst.TypstError as error:
            raise PublishError(writer.blame(error.message, error.diagnostic, name)) from None
        if warnings:
            raise PublishError("\n".join(writer.blame(w.message, w.diagnostic, name) for w in warnings))
        assert isinstance(out, bytes)
        return out


def _written(writer: Writer, folder: Path) -> Writer:
    """The writer, with its main file and all it refers to in the folder."""
    (folder / "main.typ").write_text(writer.main(), encoding="utf-8")
    for file, content in writer.files.items():
        (folder / file).write_bytes(content)
    return writer


def _stranded(compiler: Any, document: Document, known: Mapping[int, float]) -> dict[int, float]:
    """Tables of which only the note or a few rows stand on their last page, and how much tighter their rows must be.

    Points to take off each row, by table number; a table that cannot be helped so is left as it is.
    """
    tables = [t for t in document.tables if t.note and t.label and len(t.grid.rows) > _FEW and t.number not in known]
    if not tables:
        return {}
    ends = ", ".join(f"({t.number}, label({string(t.label)}), label({string(_end(t))}))" for t in tables)
    places = json.loads(
        compiler.eval(
            f"({ends},).map(((n, begin, end)) => "
            "(n, locate(begin).page(), locate(end).page(), locate(end).position().y.pt()))"
        )
    )
    tighter = {}
    rows = {t.number: len(t.grid.rows) for t in tables}
    for number, first, last, y in places:
        left = y - _TOP
        take = (left + 30) / (rows[number] - left / 14)
        if last > first and left < 110 and take <= 2.6:
            tighter[number] = round(take, 2)
    return tighter


def _end(table: Table) -> str:
    return f"end of {table.label}"


def _timestamp(date: str) -> int:
    """The report's date, else SOURCE_DATE_EPOCH, else 1970: never the clock."""
    if not date:
        return int(os.environ.get("SOURCE_DATE_EPOCH") or 0)
    try:
        day = datetime.date.fromisoformat(date)
    except ValueError as error:
        raise PublishError(f"the cover's date {date!r} is no date; write it as 2005-04-25") from error
    return int(datetime.datetime(day.year, day.month, day.day, tzinfo=datetime.UTC).timestamp())


def string(text: str) -> str:
    """A Typst string literal of any text."""
    text = fonts.printable(text)
    text = text.replace("\\", "\\\\").replace('"', '\\"')
    return '"' + text.replace("\n", "\\n").replace("\t", "\\t") + '"'


def literal(text: str) -> str:
    """Text in markup: a string literal, ended so that nothing after it continues it."""
    return f"#{string(text)};" if text else ""


class Writer:
    """Writes one document; `files` are what it refers to, by name."""

    def __init__(self, document: Document, tighter: Mapping[int, float] | None = None) -> None:
        self.document = document
        self.tighter = dict(tighter or {})  # points to take off each row, by table number
        self.files: dict[str, bytes] = {}
        self.cells: list[int] = []  # the notebook cell of each line of main.typ, 0 for ours
        self.notes: set[str] = set()
        self.room: tuple[float, float] | None = None  # inside a table: points on a line and text size
        self.images = 0
        self.block = 0

    # ---- the whole

    def main(self) -> str:
        """The main file; house.typ and `files` belong beside it."""
        cover = self.document.cover
        meta = {
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
        }
        self.files["meta.json"] = json.dumps(meta, ensure_ascii=False).encode()
        out: list[str] = []
        self._add(out, '#import "house.typ": *\n#let meta = json("meta.json")\n#show: house.with(meta)\n', 0)
        for number, attachment in enumerate(self.document.attachments):
            self.files[f"attachment-{number}"] = attachment.content
            self._add(
                out,
                f'#pdf.attach({string(attachment.name)}, read("attachment-{number}", encoding: none), '
                f'relationship: "data", mime-type: {string(attachment.mime)}, '
                f"description: {string(attachment.description or attachment.name)})\n",
                0,
            )
        front = [b for b in self.document.blocks if b.front]
        body = [b for b in self.document.blocks if not b.front]
        report = cover.layout == "report"
        self._add(out, "#title-page(meta)\n#pagebreak()\n" if report else "#title-block(meta)\n", 0)
        self._blocks(out, front)
        contents = f"#contents(meta, figures: {_bool(self.document.figures)}, tables: {_bool(self.document.tables)})\n"
        if report:
            self._add(out, ("#pagebreak(weak: true)\n" if front else "") + contents, 0)
        elif cover.layout == "article" and len(self.document.headings) >= 8:
            self._add(out, "#contents(meta, figures: false, tables: false)\n", 0)
        self._blocks(out, body)
        return "".join(out)

    def _add(self, out: list[str], text: str, cell: int) -> None:
        out.append(text)
        self.cells += [cell] * text.count("\n")

    def _blocks(self, out: list[str], blocks: Iterable[Block]) -> None:
        turned = False
        for block in blocks:
            self.block += 1
            text, wants_turn = self._block(block)
            if wants_turn and not turned:
                self._add(out, "#page(flipped: true)[\n", 0)
            elif turned and not wants_turn:
                self._add(out, "]\n", 0)
            turned = wants_turn
            self._add(out, text + "\n", block.cell)
        if turned:
            self._add(out, "]\n", 0)

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
            return self.tokens(block.tokens), False
        if isinstance(block, Figure):
            return self._figure(block), False
        if isinstance(block, Table):
            return self._table(block)
        if isinstance(block, Code):
            return f"#code(raw({string(_folded(block.text))}, block: true))\n", False
        colour = ", colour: warning" if block.kind in ("error", "stderr") else ""
        return f"#output(raw({string(_folded(block.text))}, block: true){colour})\n", False

    def _figure(self, figure: Figure) -> str:
        share = f", share: {figure.width:g}" if figure.width else ""
        picture = f"#picture({self._image(figure.content, figure.mime, figure.alt, figure.cell)}{share})"
        if not figure.number:
            return f"#together[{picture}]\n"
        inside = f"{picture}\n{self._note(figure.note)}"
        return f"#together[{self._captioned('image', 'figure', figure, inside)}]\n"

    def _captioned(self, kind: str, word: str, block: Figure | Table, inside: str) -> str:
        label = f"#label({string(block.label)})" if block.label else ""
        supplement = literal(self.document.cover.strings[word])
        return (
            f'#figure(kind: {kind}, supplement: [{supplement}], numbering: "1", '
            f"caption: [{self.tokens(plain(block.caption))}{self._stamp(block)}], [\n{inside}]){label}"
        )

    def _stamp(self, block: Figure | Table) -> str:
        stamp = self.document.cover.stamp if block.stamp is None else block.stamp
        return f"#caption-stamp({string(stamp)});" if stamp else ""

    def _note(self, text: str) -> str:
        if not text:
            return ""
        return f"#note[{literal(self.document.cover.strings['note'])}][{self.tokens(plain(text))}]\n"

    def _table(self, table: Table) -> tuple[str, bool]:
        plan = layout.plan(table.grid, table.landscape)
        note = self._note(table.note)
        if note and table.label:
            note = f"{note.rstrip()}#label({string(_end(table))})\n"
        inside = self._grid(table.grid, plan, self.tighter.get(table.number, 0.0)) + note
        shown = self._captioned("table", "table", table, inside) if table.number else f"#block[\n{inside}]"
        if len(table.grid.rows) <= _FEW and not plan.landscape:
            shown = f"#together[{shown}]"
        return shown + "\n", plan.landscape

    def _image(self, content: bytes, mime: str, alt: str, cell: int) -> str:
        """A function that makes the image at a given width; made here so that an error points at this line."""
        self.images += 1
        name = f"image-{self.images}.{_SUFFIX[mime]}"
        if mime == "image/svg+xml":
            drawing = svg.clean(content.decode("utf-8", "replace"), cell, fonts.printable)
            content = svg.serialised(drawing).encode()
        self.files[name] = content
        return f"(..size) => image({string(name)}, alt: {string(alt)}, ..size)"

    # ---- tables

    def _grid(self, grid: Grid, plan: layout.Plan, tighter: float = 0.0) -> str:
        parts = (self._part(grid, plan, part, i == 0, tighter) for i, part in enumerate(plan.parts))
        return "#v(8pt)\n".join(parts)

    def _part(self, grid: Grid, plan: layout.Plan, part: layout.Part, first: bool, tighter: float) -> str:
        gap = plan.gap
        above, below = 0.9 * gap - tighter / 2, 1.05 * gap - tighter / 2
        lines = [
            f"#text(size: {plan.size:g}pt, table(columns: ({', '.join(f'{w:g}pt' for w in part.widths)},), "
            f"align: ({', '.join(_align(grid.align[c]) for c in part.columns)},), "
            f"inset: (x: {gap:g}pt, top: {above:.2f}pt, bottom: {below:.2f}pt),"
        ]
        rooms = {c: (w - 2 * gap, plan.size) for c, w in zip(part.columns, part.widths, strict=True)}
        if grid.head:
            lines.append("table.header(table.hline(stroke: 0.9pt),")
            for i, names in enumerate(grid.head):
                lines.append(self._head_row(grid, names, part, rooms, last=i == len(grid.head) - 1))
            lines.append("table.hline(stroke: 0.6pt)),")
        else:
            lines.append("table.hline(stroke: 0.9pt),")
        pads = {column: layout.decimals(grid, column) for column in part.columns}
        whole = ", breakable: false" if plan.whole_rows else ""
        for i, row in enumerate(grid.rows):
            target = f"#metadata(none)#label({string(row.id)});" if row.id and first else ""
            if row.group:
                lines.append(self._group(grid, row, part, target, sum(part.widths) - 2 * gap, plan.size))
                continue
            for column in part.columns:
                text = target + self._cell_text(row.cells[column], rooms[column])
                target = ""
                pad = pads[column][i]
                lines.append(f"table.cell([{f'#pad(right: {pad:g}em)[{text}]' if pad else text}]{whole}),")
            lines.append("table.hline(stroke: 0.3pt + rule),")
        lines.append("table.hline(stroke: 0.9pt)))")
        return "\n".join(lines) + "\n"

    def _head_row(
        self, grid: Grid, row: tuple[Cell, ...], part: layout.Part, rooms: dict[int, tuple[float, float]], last: bool
    ) -> str:
        owners = [cell for cell in row for _ in range(cell.span)]
        spans: list[tuple[Cell, list[int]]] = []
        for column in part.columns:
            if spans and spans[-1][0] is owners[column] and owners[column].span > 1:
                spans[-1][1].append(column)
            else:
                spans.append((owners[column], [column]))
        cells, rules, at = "", "", 0
        for cell, columns in spans:
            align = "center" if cell.span > 1 else _align(grid.align[columns[0]])
            room = (sum(rooms[c][0] for c in columns), rooms[columns[0]][1])
            text = self._cell_text(cell, room)
            body = f"#strong[{text}]" if text else ""
            cells += f"table.cell(colspan: {len(columns)}, align: {align} + bottom)[{body}],"
            if not last and cell.span > 1 and text:
                rules += f"table.hline(start: {at}, end: {at + len(columns)}, stroke: 0.4pt),"
            at += len(columns)
        return cells + rules

    def _group(self, grid: Grid, row: Row, part: layout.Part, target: str, room: float, size: float) -> str:
        """A heading inside the table, repeated where its rows go on over the page."""
        body = self._cell_text(row.cells[0], (room, size))
        cell = (
            f"table.cell(colspan: {len(part.columns)}, align: left, fill: luma(243))"
            f'[{target}#text(fill: accent, weight: "semibold")[{body}]]'
        )
        return f"table.header(level: {2 if grid.head else 1}, repeat: true, {cell}),"

    def _cell_text(self, cell: Cell, room: tuple[float, float]) -> str:
        self.room = room
        try:
            markup = self.tokens(cell.tokens)
        finally:
            self.room = None
        return f"#text(hyphenate: true)[{markup}]" if layout.hyphens(cell.text, *room) else markup

    # ---- Markdown

    def tokens(self, tokens: Iterable[Token]) -> str:
        """The markup of any tokens."""
        return "".join(self._token(token) for token in tokens)

    def _token(self, token: Token) -> str:
        method: Callable[[Token], str] | None = getattr(self, f"_t_{token['type']}", None)
        if method:
            return method(token)
        return self.tokens(token["children"]) if "children" in token else literal(token.get("raw", ""))

    def _t_text(self, token: Token) -> str:
        text = re.sub(r"[ \t\r\n]+", " ", token["raw"])
        if self.room:
            text = layout.breakable(text, *self.room)
        return literal(text)

    def _t_softbreak(self, _: Token) -> str:
        return literal(" ")

    def _t_linebreak(self, _: Token) -> str:
        return "#linebreak();"

    def _t_emphasis(self, token: Token) -> str:
        return f"#emph[{self.tokens(token['children'])}];"

    def _t_strong(self, token: Token) -> str:
        return f"#strong[{self.tokens(token['children'])}];"

    def _t_strikethrough(self, token: Token) -> str:
        return f"#strike[{self.tokens(token['children'])}];"

    def _t_codespan(self, token: Token) -> str:
        text = token["raw"].replace("\n", " ")
        text = layout.breakable(text, self.room[0], self.room[1]) if self.room else layout.breakable(text, 200, 11)
        return f"#raw({string(text)});"

    def _t_link(self, token: Token) -> str:
        url = token["attrs"]["url"]
        target = f"label({string(url[1:])})" if url.startswith("#") else string(url)
        body = self.tokens(token["children"])
        return f"#link({target})[{body}];" if body else literal(url)

    def _t_image(self, token: Token) -> str:
        url = token["attrs"]["url"]
        alt = text_of(token.get("children", ())) or Path(url).name[:60]
        if url not in self.document.pictures:
            return literal(f"[{alt}]" if url.startswith("data:") else f"[{alt}: {url}]")
        content, mime = self.document.pictures[url]
        return f"#box(picture({self._image(content, mime, alt, 0)}));"

    def _t_inline_math(self, token: Token) -> str:
        return self._math(token["raw"], block=False)

    def _t_block_math(self, token: Token) -> str:
        return self._math(token["raw"], block=True) + "\n"

    def _math(self, tex: str, block: bool) -> str:
        converted = equations.typst(tex)
        if converted is None:  # shown as it was written rather than lost
            return f"#raw({string(_folded(tex) if block else ' '.join(tex.split()))}, block: {_bool(block)});"
        space = " " if block else ""
        return f"#math.equation(block: {_bool(block)}, alt: {string(tex.strip())}, ${space}{converted}{space}$);"

    def _t_footnote(self, token: Token) -> str:
        key = f"fn-{self.block}-{token['attrs']['key']}"
        if not token["children"]:
            return f"#footnote(label({string(key)}));" if key in self.notes else ""
        self.notes.add(key)
        return f"#footnote[{self.tokens(token['children'])}]#label({string(key)});"

    def _t_paragraph(self, token: Token) -> str:
        return self.tokens(token["children"]) + "\n\n"

    def _t_block_text(self, token: Token) -> str:
        return self.tokens(token["children"])

    def _t_heading(self, token: Token) -> str:
        attrs = token["attrs"]
        body = "".join(
            f"#text(size: 0.7em)[ ({self.tokens(t['children'])})];" if t["type"] == "footnote" else self._token(t)
            for t in token["children"]
        )
        if "number" not in attrs:  # inside a list or a quotation
            return f"#strong[{body}];#parbreak()\n"
        start = "#show: appendices.with(meta)\n" if attrs["appendix"] else ""
        numbering = "" if attrs["number"] or self.document.cover.layout != "report" else ", numbering: none"
        label = f"#label({string(attrs['id'])})"
        return f"{start}#heading(level: {attrs['level']}{numbering})[{body}]{label}\n\n"

    def _t_thematic_break(self, _: Token) -> str:
        return "#line(length: 100%, stroke: 0.4pt + rule)\n\n"

    def _t_block_code(self, token: Token) -> str:
        return f"#code(raw({string(_folded(token['raw'].rstrip()))}, block: true))\n\n"

    def _t_block_quote(self, token: Token) -> str:
        return f"#quote(block: true)[{self.tokens(token['children'])}]\n\n"

    def _t_list(self, token: Token) -> str:
        items = ", ".join(self._item(item) for item in token["children"])
        tight = f"tight: {_bool(token.get('tight', True))}"
        if token["attrs"].get("ordered"):
            return f"#enum(start: {token['attrs'].get('start', 1)}, {tight}, {items})\n\n"
        return f"#list({tight}, {items})\n\n"

    def _item(self, item: Token) -> str:
        box = ""
        if "checked" in item.get("attrs", {}):
            box = literal("\u2611 " if item["attrs"]["checked"] else "\u2610 ")
        return f"[{box}{self.tokens(item['children'])}]"

    def _t_table(self, token: Token) -> str:
        grid = table_of(token)
        return f"#block[\n{self._grid(grid, layout.plan(grid, may_turn=False))}]\n\n" if grid else ""


def table_of(token: Token) -> Grid:
    """A Markdown table as a grid."""
    head, *bodies = token["children"]
    align = tuple(cell["attrs"].get("align") or "left" for cell in head["children"])
    rows = [row for body in bodies for row in body["children"]]
    return Grid(
        align=align,
        width=(None,) * len(align),
        head=(tuple(Cell(tuple(cell["children"])) for cell in head["children"]),),
        rows=tuple(Row(tuple(Cell(tuple(cell["children"])) for cell in row["children"])) for row in rows),
        row_headers=0,
    )


def _align(align: str) -> str:
    return "right" if align == "decimal" else align


def _bool(value: object) -> str:
    return "true" if value else "false"


def _folded(text: str) -> str:
    """Preformatted text with no line longer than the page is wide."""
    lines = []
    for line in text.expandtabs(4).split("\n"):
        lines += [line[i : i + _LINE] for i in range(0, len(line), _LINE)] or [""]
    return "\n".join(lines).rstrip("\n")
