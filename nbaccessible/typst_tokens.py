"""Markdown, cells and tables as Typst markup.

Text reaches Typst only as string literals, so nothing in it can be markup; every other character here is ours.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from functools import cached_property

from nbaccessible import equations, fonts, layout, svg
from nbaccessible.model import Cell, Document, Grid, Row, Token, alt_of, check_box, in_place_of

_LINE = 86  # characters of preformatted text on a line
# points that a word of a heading may take, in the largest size that headings have
HEADING, HEADINGS = (400.0, 20.0), {"slides": (720.0, 30.0)}
PAPERS = {"brief": layout.BRIEF, "slides": layout.SLIDE}
SUFFIX = {
    "image/svg+xml": "svg",
    "image/png": "png",
    "image/jpeg": "jpg",
    "image/gif": "gif",
    "image/webp": "webp",
}


# what stands before and after the content of a token that has nothing else
AROUND = {
    "emphasis": ("#emph[", "];"),
    "strong": ("#strong[", "];"),
    "strikethrough": ("#strike[", "];"),
    "paragraph": ("", "\n\n"),
    "block_quote": ("#quote(block: true)[", "]\n\n"),
}


def string(text: str) -> str:
    """A Typst string literal of any text."""
    text = fonts.printable(text)
    text = text.replace("\\", "\\\\").replace('"', '\\"')
    return '"' + text.replace("\n", "\\n").replace("\t", "\\t") + '"'


def literal(text: str) -> str:
    """Text in markup: a string literal, ended so that nothing after it continues it."""
    return f"#{string(text)};" if text else ""


@dataclass(frozen=True)
class _Part:
    """Columns of a table that stand beside each other, as they are planned; the `first` part has the targets of links.

    Where rows of a group are held together on a page the table is written with one column more, which has no width: its
    cells span those rows.
    """

    grid: Grid
    plan: layout.Plan
    part: layout.Part
    first: bool

    @property
    def columns(self) -> tuple[int, ...]:
        return self.part.columns

    @property
    def widths(self) -> tuple[float, ...]:
        return self.part.widths

    @cached_property
    def whole(self) -> dict[int, int]:
        """The rows that are held together: the first of them, and how many they are."""
        return layout.whole_groups(self.grid, self.plan, self.part)

    @property
    def across(self) -> int:
        """Columns of the table as it is written."""
        return len(self.columns) + bool(self.whole)

    @cached_property
    def rooms(self) -> dict[int, tuple[float, float]]:
        """By column the points on a line and the size of the text."""
        inside = [width - 2 * self.plan.gap for width in self.widths]
        return {column: (room, self.plan.size) for column, room in zip(self.columns, inside, strict=True)}

    @cached_property
    def pads(self) -> dict[int, list[float]]:
        """By column the space right of each row's text, in em."""
        return {column: layout.decimals(self.grid, column) for column in self.columns}

    def opening(self, tighter: float) -> str:
        """How the table begins."""
        plan = self.plan
        widths = [f"{width:g}pt" for width in self.widths]
        aligns = [layout.side(self.grid.align[column]) for column in self.columns]
        if self.whole:
            widths.append("0pt")
            aligns.append("left")
        above, below = plan.above - tighter / 2, plan.below - tighter / 2
        return (
            f"#rows(whole: {boolean(plan.whole_rows)}, size: {plan.size:g}pt, "
            f"columns: ({', '.join(widths)},), align: ({', '.join(aligns)},), "
            f"inset: (x: {plan.gap:g}pt, top: {above:.2f}pt, bottom: {below:.2f}pt),"
        )


class Tokens:
    """Writes tokens and grids of one document; `files` are the images they refer to, by name."""

    def __init__(self, document: Document) -> None:
        self.document = document
        self.paper = PAPERS.get(document.cover.layout, layout.A4)
        self.files: dict[str, bytes] = {}
        self.notes: set[str] = set()
        self.room: tuple[float, float] | None = None  # inside a table: points on a line and text size
        self.room_of_heading: tuple[float, float] | None = None  # inside a heading
        self.images = 0
        self.block = 0

    def tokens(self, tokens: Iterable[Token]) -> str:
        """The markup of any tokens."""
        return "".join(self._token(token) for token in tokens)

    def _token(self, token: Token) -> str:
        method: Callable[[Token], str] | None = getattr(self, f"_t_{token['type']}", None)
        if method:
            return method(token)
        if "children" not in token:
            return literal(token.get("raw", ""))
        before, after = AROUND.get(token["type"], ("", ""))
        return f"{before}{self.tokens(token['children'])}{after}"

    def _t_text(self, token: Token) -> str:
        text = re.sub(r"[ \t\r\n]+", " ", token["raw"])
        room = self.room or self.room_of_heading
        if room:
            text = layout.breakable(text, *room)
        return literal(text)

    def _t_softbreak(self, _: Token) -> str:
        return literal(" ")

    def _t_linebreak(self, _: Token) -> str:
        return "#linebreak();"

    def _t_language(self, token: Token) -> str:
        return f"#text(lang: {string(token['attrs']['lang'].split('-')[0].lower())})[{self.tokens(token['children'])}];"

    def _t_codespan(self, token: Token) -> str:
        text = token["raw"].replace("\n", " ")
        text = layout.breakable(text, self.room[0], self.room[1]) if self.room else layout.breakable(text, 200, 11)
        return f"#raw({string(text)});"

    def _t_link(self, token: Token) -> str:
        url = token["attrs"]["url"]
        inside = url.startswith("#")
        target = f"label({string(url[1:])})" if inside else string(url)
        # in a table, where every number is one, a link looks like text
        word = "web" if not inside else "link" if self.room else "refer"
        body = self.tokens(token["children"])
        page = f"{literal(', ')}#page-of(meta, {target});" if token["attrs"].get("page") else ""
        return f"#{word}({target})[{body}{page}];" if body else literal(url)

    def _t_anchor(self, token: Token) -> str:
        return f"#metadata(none)#label({string(token['attrs']['id'])});"

    def _t_end_mark(self, _: Token) -> str:
        return "#end-mark;"

    def _t_image(self, token: Token) -> str:
        url = token["attrs"]["url"]
        if url not in self.document.pictures:
            return literal(in_place_of(token))
        content, mime = self.document.pictures[url]
        return f"#box(picture({self.image(content, mime, alt_of(token), 0)}));"

    def _t_inline_math(self, token: Token) -> str:
        return self._math(token["raw"], block=False)

    def _t_block_math(self, token: Token) -> str:
        return self._math(token["raw"], block=True) + "\n"

    def _math(self, tex: str, block: bool) -> str:
        converted = equations.typst(tex)
        if converted is None:  # shown as it was written rather than lost
            return f"#raw({string(folded(tex) if block else ' '.join(tex.split()))}, block: {boolean(block)});"
        space = " " if block else ""
        return f"#math.equation(block: {boolean(block)}, alt: {string(tex.strip())}, ${space}{converted}{space}$);"

    def _t_footnote(self, token: Token) -> str:
        key = f"fn-{self.block}-{token['attrs']['key']}"
        if not token["children"]:
            return f"#footnote(label({string(key)}));" if key in self.notes else ""
        self.notes.add(key)
        return f"#footnote[{self.tokens(token['children'])}]#label({string(key)});"

    def _t_heading(self, token: Token) -> str:
        attrs = token["attrs"]
        self.room_of_heading = HEADINGS.get(self.document.cover.layout, HEADING)
        body = "".join(
            f"#text(size: 0.7em)[ ({self.tokens(t['children'])})];" if t["type"] == "footnote" else self._token(t)
            for t in token["children"]
        )
        self.room_of_heading = None
        if "number" not in attrs:  # inside a list or a quotation
            return f"#strong[{body}];#parbreak()\n"
        # after the heading, with which it moves to the next page
        mark = f"#chapter-mark({boolean(not attrs['unstamped'])})"
        if self.document.cover.layout == "slides":
            heading = f"#heading(level: {attrs['level']})[{body}]#label({string(attrs['id'])})"
            if attrs["written"] <= 2:
                heading += mark
            return f"#slide[{body}]\n{heading}\n\n" if attrs["written"] <= 2 else f"#within[{heading}]\n\n"
        start = "#show: appendices.with(meta)\n" if attrs["appendix"] else ""
        start += "#pagebreak(weak: true)\n" if attrs.get("fresh") and self.document.cover.layout == "report" else ""
        numbering = "" if attrs["number"] or self.document.cover.layout != "report" else ", numbering: none"
        label = f"#label({string(attrs['id'])})"
        if attrs["level"] > 1:
            mark = ""
        return f"{start}#heading(level: {attrs['level']}{numbering})[{body}]{label}{mark}\n\n"

    def _t_thematic_break(self, _: Token) -> str:
        return "#line(length: 100%, stroke: 0.4pt + rule)\n\n"

    def _t_block_code(self, token: Token) -> str:
        return f"#code(raw({string(folded(token['raw'].rstrip()))}, block: true))\n\n"

    def _t_list(self, token: Token) -> str:
        items = ", ".join(self._item(item) for item in token["children"])
        tight = f"tight: {boolean(token.get('tight', True))}"
        if token["attrs"].get("ordered"):
            return f"#enum(start: {token['attrs'].get('start', 1)}, {tight}, {items})\n\n"
        return f"#list({tight}, {items})\n\n"

    def _item(self, item: Token) -> str:
        return f"[{literal(check_box(item))}{self.tokens(item['children'])}]"

    def _t_table(self, token: Token) -> str:
        grid = layout.table_of(token)
        return f"#block[\n{self.grid(grid, layout.plan(grid, may_turn=False, paper=self.paper))}]\n\n" if grid else ""

    def image(self, content: bytes, mime: str, alt: str, cell: int) -> str:
        """A function that makes the image at a given width; made here so that an error points at this line."""
        self.images += 1
        name = f"image-{self.images}.{SUFFIX[mime]}"
        if mime == "image/svg+xml":
            content = svg.drawable(content, cell)
        self.files[name] = content
        return f"(..size) => image({string(name)}, alt: {string(alt)}, ..size)"

    # ---- tables

    def grid(self, grid: Grid, plan: layout.Plan, tighter: float = 0.0) -> str:
        """A table as planned; `tighter` points are taken off each row."""
        parts = (_Part(grid, plan, part, first=number == 0) for number, part in enumerate(plan.parts))
        return "#v(8pt)\n".join(self._part(part, tighter) for part in parts)

    def _part(self, part: _Part, tighter: float) -> str:
        grid, plan = part.grid, part.plan
        lines = [part.opening(tighter)]
        if grid.head:
            lines.append("table.header(table.hline(stroke: 0.9pt),")
            *over, names = grid.head
            lines += [self._head_row(part, row, last=False) for row in over]
            lines.append(self._head_row(part, names, last=True))
            lines.append("table.hline(stroke: 0.6pt)),")
        else:
            lines.append("table.hline(stroke: 0.9pt),")
        held = {row for start, count in part.whole.items() for row in range(start, start + count)}
        for number, row in enumerate(grid.rows):
            target = f"#metadata(none)#label({string(row.id)});" if row.id and part.first else ""
            if row.group:
                lines.append(self._group(part, row, target))
                continue
            lines += self._cells(part, number, target)
            if number in part.whole:
                lines.append(f"table.cell(rowspan: {part.whole[number]}, breakable: false, inset: 0pt)[],")
            elif part.whole and number not in held:
                # a row of a group too tall to be held together fills that column itself
                lines.append("table.cell(inset: 0pt)[],")
            if not plan.close:
                lines.append("table.hline(stroke: 0.3pt + rule),")
        lines.append("table.hline(stroke: 0.9pt))")
        return "\n".join(lines) + "\n"

    def _cells(self, part: _Part, number: int, target: str) -> list[str]:
        """The cells of a row, the first of them with a `target` of links."""
        grid, plan = part.grid, part.plan
        cells = []
        for column, pads in part.pads.items():
            cell = grid.rows[number].cells[column]
            text = target + self._cell_text(cell, part.rooms[column])
            target = ""
            room, size = part.rooms[column]
            if plan.close and column < grid.row_headers and fonts.width(cell.text) * size > room:
                text = f"#par(hanging-indent: 1em)[{text}]"  # further lines of a name, for want of rules
            pad = pads[number]
            # a cell of its own only where it has to be: each one takes the compiler time
            cells.append(f"at({plan.gap + pad * size:.2f}pt)[{text}]," if pad else f"[{text}],")
        return cells

    def _head_row(self, part: _Part, row: tuple[Cell, ...], last: bool) -> str:
        gap, close = part.plan.gap, part.plan.close
        air = f", inset: (x: {gap:g}pt, y: 2pt)" if close else ""  # from the rules that only a head has
        owners = [cell for cell in row for _ in range(cell.span)]
        spans: list[tuple[Cell, list[int]]] = []
        for column in part.columns:
            if spans and spans[-1][0] is owners[column] and owners[column].span > 1:
                spans[-1][1].append(column)
            else:
                spans.append((owners[column], [column]))
        cells, rules, at = "", "", 0
        for cell, columns in spans:
            align = "center" if cell.span > 1 else layout.side(part.grid.align[columns[0]])
            room = sum(part.rooms[column][0] for column in columns)
            text = self._cell_text(cell, (room, part.plan.size))
            body = f"#strong[{text}]" if text else ""
            width = len(columns)
            if columns[-1] == part.columns[-1]:
                width = part.across - at
            cells += f"table.cell(colspan: {width}, align: {align} + bottom{air})[{body}],"
            if not last and cell.span > 1 and text:
                rules += f"table.hline(start: {at}, end: {at + len(columns)}, stroke: 0.4pt),"
            at += len(columns)
        return cells + rules

    def _group(self, part: _Part, row: Row, target: str) -> str:
        """A heading inside the table, repeated where its rows go on over the page."""
        room = sum(part.widths) - 2 * part.plan.gap
        body = self._cell_text(row.cells[0], (room, part.plan.size))
        cell = (
            f"table.cell(colspan: {part.across}, align: left, fill: luma(243))"
            f'[{target}#text(fill: accent, weight: "semibold")[{body}]]'
        )
        return f"table.header(level: {2 if part.grid.head else 1}, repeat: true, {cell}),"

    def _cell_text(self, cell: Cell, room: tuple[float, float]) -> str:
        self.room = room
        try:
            markup = self.tokens(cell.tokens)
        finally:
            self.room = None
        return f"#text(hyphenate: true)[{markup}]" if layout.hyphens(cell.text, *room) else markup


def boolean(value: object) -> str:
    """Typst's word for whether something holds."""
    return "true" if value else "false"


def folded(text: str) -> str:
    """Preformatted text with no line longer than the page is wide."""
    lines = []
    for line in text.expandtabs(4).split("\n"):
        lines += [line[i : i + _LINE] for i in range(0, len(line), _LINE)] or [""]
    return "\n".join(lines).rstrip("\n")
