"""HTML that a library put into an output, read as tables and text: nothing of it is passed on as markup."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from bs4 import BeautifulSoup, Tag
from bs4.element import NavigableString

from nbaccessible.model import Cell, Grid, Row, plain

BLOCKS = ["p", "div", "br", "li", "tr", "h1", "h2", "h3", "h4", "h5", "h6", "section", "article", "header", "footer"]
BLOCKS += ["ul", "ol", "pre", "hr", "dt", "dd"]
SILENT = ["script", "style", "template", "head", "noscript", "svg"]
LEFT = re.compile(r"text-align:\s*left")
WIDEST = 100  # columns or rows that one cell may span: more is a slip, and would fill the memory


@dataclass(frozen=True)
class HtmlTable:
    """A table of an HTML output; `caption` is empty where it has none."""

    grid: Grid
    caption: str = ""


@dataclass(frozen=True)
class _Place:
    """What stands in one place of a table: `continues` where a cell from the left runs on."""

    text: str = ""
    head: bool = False
    continues: bool = False
    left: bool = False


def read(source: str) -> list[HtmlTable | str]:
    """Tables and texts of an HTML output in order; empty when it has nothing to read (a script, a widget)."""
    soup = BeautifulSoup(source, "lxml")
    for element in soup(SILENT):
        element.decompose()
    for block in soup(BLOCKS):
        block.insert_before("\n")
        block.insert_after("\n")
    parts: list[HtmlTable | str] = []
    text = ""
    for part in _parts(soup):
        if isinstance(part, str):
            text += part
            continue
        caption = _caption(part)
        grid = _grid(part)
        text += _outside_cells(part)
        if grid:
            parts += [*_lines(text), HtmlTable(grid, caption)]
            text = ""
        else:
            text += f"\n{caption}\n"
    return parts + _lines(text)


def _parts(element: Tag) -> Iterator[Tag | str]:
    """Outer tables and the texts around them."""
    for child in element.children:
        if isinstance(child, Tag):
            if child.name == "table":
                yield child
            else:
                yield from _parts(child)
        elif type(child) is NavigableString:  # its subclasses are comments and declarations
            yield str(child)


def _lines(text: str) -> list[HtmlTable | str]:
    lines = [" ".join(line.split()) for line in text.splitlines()]
    joined = "\n".join(line for line in lines if line)
    return [joined] if joined else []


def _caption(table: Tag) -> str:
    """A table's caption in one line, which is taken out of it."""
    captions = [caption for caption in table("caption") if caption.find_parent(["table", "td", "th"]) is table]
    return " ".join(" ".join(caption.extract().get_text(" ").split()) for caption in captions)


def _outside_cells(table: Tag) -> str:
    """Text of a table that stands neither in a cell nor in the caption: a slip of whoever wrote it."""
    texts = (text for text in table.find_all(string=True) if type(text) is NavigableString and text.strip())
    return "\n".join(text for text in texts if text.find_parent(["td", "th"]) is None)


def _grid(table: Tag) -> Grid | None:
    """A rectangular grid: what spans rows leaves empty cells below, upper heading rows keep their column spans."""
    sources = [row for row in table("tr") if row.find_parent("table") is table]
    rows = _places(sources)
    if not any(place.text for row in rows for place in row):
        return None
    columns = len(rows[0])
    heads = sum(row.find_parent("thead") is not None for row in sources)
    if heads == 0 and len(rows) > 1 and all(place.head for place in rows[0]):
        heads = 1
    body = rows[heads:]
    names = 0
    while names < columns and body and all(row[names].head for row in body):
        names += 1
    align = ["left"] * names + [_alignment([row[column] for row in body]) for column in range(names, columns)]
    return Grid(
        align=tuple(align),
        width=(None,) * columns,
        head=tuple(_cells(row, spans=number < heads) for number, row in enumerate(rows[:heads], 1)),
        rows=tuple(Row(_cells(row, spans=False)) for row in body),
        row_headers=names,
    )


def _places(rows: list[Tag]) -> list[list[_Place]]:
    """What stands where, in rows of the same length."""
    places: dict[tuple[int, int], _Place] = {}
    columns = 0
    for y, row in enumerate(rows):
        x = 0
        for cell in row.find_all(["td", "th"], recursive=False):
            while (y, x) in places:
                x += 1
            wide = _span(cell, "colspan")
            tall = min(_span(cell, "rowspan"), len(rows) - y)
            head = cell.name == "th"
            for down in range(tall):
                for right in range(wide):
                    places[y + down, x + right] = _Place("", head, continues=right > 0 and down == 0)
            left = LEFT.search(str(cell.get("style") or "")) is not None
            places[y, x] = _Place(_text(cell), head, left=left)
            x += wide
        columns = max([columns, x, *(1 + place for line, place in places if line == y)])
    return [[places.get((y, x), _Place()) for x in range(columns)] for y in range(len(rows))]


def _span(cell: Tag, name: str) -> int:
    value = str(cell.get(name) or "")
    if not (value.isascii() and value.isdigit()):
        return 1
    return min(max(int(value), 1), WIDEST)


def _text(cell: Tag) -> str:
    lines = cell.get_text().strip().splitlines()
    return "\n".join(" ".join(line.split()) for line in lines)


def _alignment(column: list[_Place]) -> str:
    """`decimal` where most of a column's texts are numbers and its style does not say otherwise."""
    if all(place.left for place in column):
        return "left"
    filled = [place.text for place in column if place.text]
    numbers = sum(_is_number(text) for text in filled)
    return "decimal" if numbers * 2 > len(filled) else "left"


def _is_number(text: str) -> bool:
    try:
        float(text.replace(",", "").replace("\u2212", "-").rstrip("%*"))
    except ValueError:
        return text.lower() in ("nan", "none", "<na>", "-")
    return True


def _cells(row: list[_Place], spans: bool) -> tuple[Cell, ...]:
    cells: list[Cell] = []
    for place in row:
        if spans and place.continues:
            cells[-1] = Cell(cells[-1].tokens, cells[-1].span + 1)
        else:
            cells.append(Cell(plain(place.text)))
    return tuple(cells)
