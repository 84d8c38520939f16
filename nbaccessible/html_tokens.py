"""Markdown, cells and tables as HTML. Every text is escaped; the only tags are those written here."""

from __future__ import annotations

import base64
import re
from collections.abc import Callable, Iterable
from html import escape

from nbaccessible import equations, layout, svg
from nbaccessible.model import (
    Cell,
    Document,
    Grid,
    Row,
    Token,
    alt_of,
    check_box,
    in_one_line,
    in_place_of,
    leads_outside,
    text_of,
)

_WHOLE = re.compile(r"[\u2212+<(]?\d[^\n]{0,19}")  # a number or an interval
_LONG = 40  # characters from which a column is one of prose


# what stands before and after the content of a token that has nothing else
AROUND = {
    "emphasis": ("<em>", "</em>"),
    "strong": ("<strong>", "</strong>"),
    "strikethrough": ("<s>", "</s>"),
    "paragraph": ("<p>", "</p>\n"),
    "block_quote": ("<blockquote>", "</blockquote>\n"),
}


def text(value: str) -> str:
    """Text as HTML; never markup."""
    return escape(value, quote=True)


class Tokens:
    """Writes tokens and grids of one document; `notes` are the footnotes met on the way."""

    def __init__(self, document: Document) -> None:
        self.document = document
        self.strings = document.cover.strings
        self.notes: list[str] = []
        self.backs: dict[str, int] = {}
        self.block = 0
        self.in_table = False
        self.carded = False
        self.sourced = False  # whether any number says where it comes from
        self.rows = _rows(document)

    def tokens(self, tokens: Iterable[Token]) -> str:
        """The HTML of any tokens."""
        return "".join(self._token(token) for token in tokens)

    def _token(self, token: Token) -> str:
        method: Callable[[Token], str] | None = getattr(self, f"_t_{token['type']}", None)
        if method:
            return method(token)
        if "children" not in token:
            return text(token.get("raw", ""))
        before, after = AROUND.get(token["type"], ("", ""))
        return f"{before}{self.tokens(token['children'])}{after}"

    def _t_text(self, token: Token) -> str:
        raw = token["raw"]
        if self.in_table:  # identifiers may break after an underscore or a stop
            return "<wbr>".join(text(piece) for piece in layout.pieces(raw))
        return text(raw)

    def _t_softbreak(self, _: Token) -> str:
        return "\n"

    def _t_linebreak(self, _: Token) -> str:
        return "<br>"

    def _t_codespan(self, token: Token) -> str:
        return f"<code>{text(token['raw'])}</code>"

    def _t_link(self, token: Token) -> str:
        url = token["attrs"]["url"]
        body = self.tokens(token["children"]) or text(url)
        words = text_of(token["children"])
        if url[1:] in self.rows and any(c.isdigit() for c in words):
            # a number: its source is a link of its own, which is hidden until it is asked for
            self.sourced = True
            name = f"{self.strings['source']} {words}"
            return f'{body}<a class="source" href="{text(url)}" aria-label="{text(name)}"></a>'
        return f'<a href="{text(url)}">{body}</a>'

    def _t_language(self, token: Token) -> str:
        return f'<span lang="{text(token["attrs"]["lang"])}">{self.tokens(token["children"])}</span>'

    def _t_sourced(self, token: Token) -> str:
        self.sourced = True
        row = text(token["attrs"]["row"])
        return f'{self.tokens(token["children"])}<span class="source"> {row}</span>'

    def _t_anchor(self, token: Token) -> str:
        return f'<span id="{text(token["attrs"]["id"])}"></span>'

    def _t_image(self, token: Token) -> str:
        url = token["attrs"]["url"]
        if url in self.document.pictures:
            content, mime = self.document.pictures[url]
            return f'<span class="card">{img(content, mime, alt_of(token))}</span>'
        if leads_outside(url):  # nothing is loaded from outside; the reader may follow it
            return f'<a href="{text(url)}">{text(alt_of(token))}</a>'
        return text(in_place_of(token))

    def _t_inline_math(self, token: Token) -> str:
        return equations.mathml(token["raw"], False) or f"<code>{text(token['raw'])}</code>"

    def _t_block_math(self, token: Token) -> str:
        formula = equations.mathml(token["raw"], True)
        if formula is None:
            return preformatted(token["raw"], "text")
        name = text(" ".join(token["raw"].split()))
        return f'<div class="equation" tabindex="0" role="group" aria-label="{name}">{formula}</div>'

    def _t_footnote(self, token: Token) -> str:
        key = f"{self.block}-{token['attrs']['key']}"
        if token["children"]:
            self.notes.append("")  # keeps its place while its own text is written
            self.backs[key] = len(self.notes)
            number = len(self.notes)
            back = f'<a href="#fnref-{number}" aria-label="{text(self.strings["back"])} {number}">\u21a9</a>'
            self.notes[number - 1] = f"{self.tokens(token['children'])} {back}"
            place = f' id="fnref-{number}"'
        elif key in self.backs:
            number, place = self.backs[key], ""
        else:
            return ""
        name = f"{text(self.strings['footnotes'])} {number}"
        return f'<sup{place}><a href="#fn-{number}" role="doc-noteref" aria-label="{name}">{number}</a></sup>'

    def _t_heading(self, token: Token) -> str:
        attrs = token["attrs"]
        if "number" not in attrs:  # inside a list or a quotation
            return f"<p><strong>{self.tokens(token['children'])}</strong></p>"
        tag = f"h{min(attrs['level'] + 1, 6)}"
        number = f'<span class="number">{attrs["number"]}</span> ' if attrs["number"] else ""
        ident = text(attrs["id"])
        permalink = ""
        if attrs["level"] <= 2:
            name = text(f"{self.strings['permalink']}: {in_one_line(token['children'])}")
            permalink = f'<a class="permalink" href="#{ident}" aria-label="{name}"></a>'
        return f'<{tag} id="{ident}">{number}{self.tokens(token["children"])}{permalink}</{tag}>\n'

    def _t_thematic_break(self, _: Token) -> str:
        return "<hr>\n"

    def _t_block_code(self, token: Token) -> str:
        return preformatted(token["raw"].rstrip("\n"), "code")

    def _t_list(self, token: Token) -> str:
        tag, start = "ul", ""
        if token["attrs"].get("ordered"):
            tag = "ol"
            start = f' start="{int(token["attrs"].get("start", 1))}"' if token["attrs"].get("start", 1) != 1 else ""
        return f"<{tag}{start}>{self.tokens(token['children'])}</{tag}>\n"

    def _t_list_item(self, token: Token) -> str:
        return f"<li>{check_box(token)}{self.tokens(token['children'])}</li>"

    def _t_table(self, token: Token) -> str:
        return self.scroll(layout.table_of(token), self.strings["table"], False) + "\n"

    # ---- tables

    def scroll(self, grid: Grid, name: str, by_id: bool, carded: bool = False) -> str:
        """A table that scrolls on its own when the window is narrow, reachable by keyboard.

        `carded`: on a phone each row is a card, which needs the name of its column at each number.
        """
        self.carded = carded
        label = f'aria-{"labelledby" if by_id else "label"}="{text(name)}"'
        return f'<div class="scroll" tabindex="0" role="group" {label}>{self._grid(grid, label)}</div>'

    def _grid(self, grid: Grid, label: str) -> str:
        pads = [layout.decimals(grid, column) for column in range(len(grid.align))]
        out = [f"<table {label}>"]
        if any(grid.width):
            given = [w or 1.0 for w in grid.width]
            out.append("<colgroup>")
            out += [f'<col style="width:{100 * w / sum(given):.1f}%">' for w in given]
            out.append("</colgroup>")
        if grid.head:
            rows = [self._head_row(grid, row, i == len(grid.head) - 1) for i, row in enumerate(grid.head)]
            out.append(f"<thead>{''.join(rows)}</thead>")
        prose = {c for c in range(len(grid.align)) if any(_is_long(row, c) for row in grid.rows)}
        body: list[str] = []
        for i, row in enumerate(grid.rows):
            if row.group and body:
                out.append(f"<tbody>{''.join(body)}</tbody>")
                body = []
            body.append(self._row(grid, row, [column[i] for column in pads], prose))
        out.append(f"<tbody>{''.join(body)}</tbody></table>")
        return "".join(out)

    def _head_row(self, grid: Grid, row: tuple[Cell, ...], last: bool) -> str:
        out, column = [], 0
        for cell in row:
            kind = "spanner" if cell.span > 1 else _class(grid.align[column])
            span = f' colspan="{cell.span}"' if cell.span > 1 else ""
            inside = self._cell(cell)
            scope = "col" if last else "colgroup"
            if cell.text.strip():
                out.append(f'<th scope="{scope}"{span} class="{kind}">{inside}</th>')
            else:
                out.append(f"<td{span}></td>")
            column += cell.span
        return f"<tr>{''.join(out)}</tr>"

    def _row(self, grid: Grid, row: Row, pads: list[float], prose: set[int]) -> str:
        ident = f' id="{text(row.id)}"' if row.id else ""
        if row.group:
            inside = self._cell(row.cells[0])
            return f'<tr{ident} class="group"><th scope="rowgroup" colspan="{len(grid.align)}">{inside}</th></tr>'
        out = []
        for column, cell in enumerate(row.cells):
            pad = f' style="padding-right:calc(.5rem + {pads[column]:g}em)"' if pads[column] else ""
            tag, scope = ("th", ' scope="row"') if column < grid.row_headers and cell.text.strip() else ("td", "")
            kind = _class(grid.align[column]) + " prose" * (column in prose)
            kind += " whole" * bool(kind != "number" and _WHOLE.fullmatch(cell.text))
            named = ""
            if tag == "td" and self.carded:
                named = _named(grid, column)
            out.append(f'<{tag}{scope} class="{kind}"{named}{pad}>{self._cell(cell)}</{tag}>')
        return f"<tr{ident}>{''.join(out)}</tr>"

    def _cell(self, cell: Cell) -> str:
        self.in_table = True
        try:
            return self.tokens(cell.tokens)
        finally:
            self.in_table = False


def _rows(document: Document) -> set[str]:
    """Ids of rows and of places within tables: what a number may refer to."""
    ids: set[str] = set()
    for block in document.blocks:
        for grid in (getattr(block, "grid", None), getattr(block, "data", None)):
            for row in grid.rows if grid else ():
                ids.add(row.id)
                for cell in row.cells:
                    ids.update(token["attrs"]["id"] for token in cell.tokens if token["type"] == "anchor")
    return ids - {""}


def _named(grid: Grid, column: int) -> str:
    """The attribute of a cell that says what its column is called, with the heading above several."""
    name = " ".join(head.text for head in grid.heads(column) if head.text.strip()).strip()
    return f' data-name="{text(name)}"' if name else ""


def _is_long(row: Row, column: int) -> bool:
    return not row.group and column < len(row.cells) and len(row.cells[column].text) >= _LONG


def _class(align: str) -> str:
    return "number" if align == "decimal" else align


def preformatted(value: str, kind: str) -> str:
    """Text as it stands, reachable by keyboard where it must scroll."""
    return f'<pre class="{kind}" tabindex="0"><code>{text(value)}</code></pre>'


def img(content: bytes, mime: str, alt: str) -> str:
    """An image inside the page."""
    if mime == "image/svg+xml":
        content = svg.serialised(svg.clean(content.decode("utf-8", "replace"), 0)).encode()
    data = base64.b64encode(content).decode()
    return f'<img src="data:{mime};base64,{data}" alt="{text(alt)}">'
