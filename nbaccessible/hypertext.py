"""HTML that a library put into an output, read as tables and text: nothing of it is passed on as markup."""

from __future__ import annotations

from dataclasses import dataclass, field
from html.parser import HTMLParser

from nbaccessible.model import Cell, Grid, Row, plain

_BLOCKS = frozenset(
    """p div br li tr h1 h2 h3 h4 h5 h6 section article header footer ul ol pre hr dt dd""".split()  # noqa: SIM905
)
_SILENT = frozenset(["script", "style", "template", "head", "noscript", "svg"])


@dataclass
class _Cell:
    text: str = ""
    head: bool = False
    colspan: int = 1
    rowspan: int = 1
    align: str = ""


@dataclass
class _Table:
    rows: list[list[_Cell]] = field(default_factory=list)
    head_rows: int = 0
    in_head: bool = False


class _Reader(HTMLParser):
    """Gathers tables and the text between them."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.parts: list[_Table | str] = []
        self.table: _Table | None = None
        self.depth = 0
        self.cell: _Cell | None = None
        self.silent = 0

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = {key: value or "" for key, value in attrs}
        if tag in _SILENT:
            self.silent += 1
        elif tag == "table":
            self.depth += 1
            if self.depth == 1:
                self.table = _Table()
                self.parts.append(self.table)
        elif self.table is not None and self.depth == 1:
            self._inside(self.table, tag, given)
        elif tag in _BLOCKS:
            self._say("\n")

    def _inside(self, table: _Table, tag: str, given: dict[str, str]) -> None:
        if tag == "thead":
            table.in_head = True
        elif tag == "tr":
            table.rows.append([])
            table.head_rows += table.in_head
            self.cell = None
        elif tag in ("td", "th"):
            if not table.rows:
                table.rows.append([])
            align = "right" if "right" in given.get("style", "") + given.get("align", "") else ""
            self.cell = _Cell("", tag == "th", _count(given.get("colspan")), _count(given.get("rowspan")), align)
            table.rows[-1].append(self.cell)
        elif tag in _BLOCKS:
            self._say("\n")

    def handle_endtag(self, tag: str) -> None:
        if tag in _SILENT:
            self.silent = max(self.silent - 1, 0)
        elif tag == "table":
            self.depth = max(self.depth - 1, 0)
            if self.depth == 0:
                self.table = self.cell = None
        elif self.table is not None and self.depth == 1 and tag in ("td", "th"):
            self.cell = None
        elif self.table is not None and tag == "thead":
            self.table.in_head = False
        elif tag in _BLOCKS:
            self._say("\n")

    def handle_data(self, data: str) -> None:
        if not self.silent:
            self._say(data)

    def _say(self, data: str) -> None:
        if self.table is not None:
            if self.cell is not None:
                self.cell.text += data
            elif data.strip():  # text in a table but in no cell, a caption say, stands before it
                self.parts.insert(len(self.parts) - 1, data)
        elif self.parts and isinstance(self.parts[-1], str):
            self.parts[-1] += data
        else:
            self.parts.append(data)


def _count(value: str | None) -> int:
    return min(int(value), 100) if value and value.isascii() and value.isdigit() and int(value) > 0 else 1


def read(source: str) -> list[Grid | str]:
    """Tables and texts of an HTML output in order; empty when it has nothing to read (a script, a widget)."""
    reader = _Reader()
    reader.feed(source)
    reader.close()
    out: list[Grid | str] = []
    for part in reader.parts:
        if isinstance(part, str):
            lines = [" ".join(line.split()) for line in part.splitlines()]
            text = "\n".join(line for line in lines if line)
            if text:
                out.append(text)
        else:
            grid = _grid(part)
            if grid:
                out.append(grid)
    return out


def _grid(table: _Table) -> Grid | None:
    """A rectangular grid: spans over rows leave empty cells below, upper heading rows keep their column spans."""
    rows: list[list[_Cell | None]] = []
    hanging: dict[int, int] = {}
    for source in table.rows:
        row: list[_Cell | None] = []
        pending = list(source)
        while pending or any(column >= len(row) for column in hanging):
            column = len(row)
            if hanging.get(column, 0) > 0:
                hanging[column] -= 1
                row.append(_Cell(head=bool(pending and pending[0].head)))
                if not hanging[column]:
                    del hanging[column]
                continue
            if not pending:
                row.append(_Cell())
                continue
            cell = pending.pop(0)
            row.append(cell)
            row.extend([None] * (cell.colspan - 1))
            if cell.rowspan > 1:
                for offset in range(cell.colspan):
                    hanging[column + offset] = cell.rowspan - 1
        if row:
            rows.append(row)
    if not rows or not any(cell and cell.text.strip() for row in rows for cell in row):
        return None
    columns = max(len(row) for row in rows)
    for row in rows:
        row.extend(_Cell() for _ in range(columns - len(row)))
    head = table.head_rows or int(all(cell is None or cell.head for cell in rows[0]) and len(rows) > 1)
    body = rows[head:]
    names = 0
    while names < columns and body and all(row[names] is not None and row[names].head for row in body):  # type: ignore[union-attr]
        names += 1
    align = tuple("left" if column < names else _alignment(body, column) for column in range(columns))
    return Grid(
        align=align,
        width=(None,) * columns,
        head=tuple(_cells(row, spans=i < head - 1) for i, row in enumerate(rows[:head])),
        rows=tuple(Row(_cells(row, spans=False)) for row in body),
        row_headers=names,
    )


def _alignment(body: list[list[_Cell | None]], column: int) -> str:
    texts = [cell.text.strip() for row in body if (cell := row[column]) is not None and cell.text.strip()]
    numbers = sum(_is_number(text) for text in texts)
    return "decimal" if texts and numbers * 2 > len(texts) else "left"


def _is_number(text: str) -> bool:
    try:
        float(text.replace(",", "").replace("\u2212", "-").rstrip("%*"))
    except ValueError:
        return text.lower() in ("nan", "none", "<na>", "-")
    return True


def _cells(row: list[_Cell | None], spans: bool) -> tuple[Cell, ...]:
    out: list[Cell] = []
    for cell in row:
        if cell is None:
            if spans:
                out[-1] = Cell(out[-1].tokens, out[-1].span + 1)
                continue
            cell = _Cell()
        text = "\n".join(" ".join(line.split()) for line in cell.text.strip().splitlines())
        out.append(Cell(plain(text)))
    return tuple(out)
