"""Sheets for people: a table of the report in a workbook, in its words and units, ready to be printed.

A number is a number: it has the value that is printed and a format that shows it so. An interval has a column for each
end.
"""

from __future__ import annotations

import math
import re
from dataclasses import dataclass
from typing import Any

from babel.numbers import get_decimal_symbol, get_group_symbol

from fewdistricts.design import Design
from fewdistricts.exhibits.display import Cell, Column, Grid, Rows, text_of
from fewdistricts.exhibits.results import Results
from fewdistricts.exhibits.tables import TABLES
from fewdistricts.exhibits.text.wording import NOTHING, Words

SHOWN = "results"
"""The table that the first sheet holds: every indicator with its levels, difference, interval and reading."""
LEVELS = "levels"
"""The same where no change may be stated."""
A4 = 9
"""The paper, as the format counts its kinds."""
_WIDTH = 13
"""Characters of a column of relative width 1."""
_LINE = 15
"""Points from line to line."""


@dataclass(frozen=True)
class Sheet:
    """A table with everything that is printed around it."""

    name: str
    title: str
    stamp: str
    """What is said of invented data; empty where they are real."""
    caption: str
    grid: Grid
    note: str
    locale: str
    """How its numbers are written."""


def results_sheets(results: Results) -> list[Sheet]:
    """The table of all indicators, once in each language of the report."""
    design = results.design
    shown = SHOWN if results.changes else LEVELS
    sheets = []
    for language in design.report.languages:
        words = Words(language, design.words)
        table = TABLES[shown](results, words)
        if table is None:
            continue
        caption, note = (words.label("table", shown, key, **table.values) for key in ("caption", "note"))
        name = SHOWN if len(design.report.languages) == 1 else f"{SHOWN} {language}"
        grid = _with_ends(table.grid, words)
        sheets.append(Sheet(name, design.title[language], _stamp(design, words), caption, grid, note, words.locale))
    return sheets


def _stamp(design: Design, words: Words) -> str:
    return words.label("document", "stamp") if design.synthetic else ""


def _with_ends(grid: Grid, words: Words) -> Grid:
    """The table with two columns in place of each that holds intervals, below the head that these had."""
    heads = [words.label("document", end) for end in ("low_end", "high_end")]
    columns: list[Column] = []
    place_of: list[int] = []
    spanners: list[tuple[str, int, int]] = []
    for column in grid.columns:
        place_of.append(len(columns))
        if column.align == "center":
            spanners.append((column.text, len(columns), len(columns) + 1))
            columns += [Column(head, "decimal", 0.9) for head in heads]
        else:
            columns.append(column)
    place_of.append(len(columns))
    spanners += [(text, place_of[start], place_of[end + 1] - 1) for text, start, end in grid.spanners]
    rows: Rows = []
    for row in grid.rows:
        if isinstance(row, str):
            rows.append(row)
            continue
        cells: list[Cell] = []
        for column, cell in zip(grid.columns, row, strict=True):
            cells += _ends(text_of(cell), words) if column.align == "center" else [cell]
        rows.append(cells)
    return Grid(columns, rows, sorted(spanners, key=lambda spanner: spanner[1]))


def _ends(text: str, words: Words) -> list[Cell]:
    """The ends of an interval as it is printed; where it is none, what is said in its place and nothing."""
    around = re.split("0|1", words.label("interval", low="0", high="1"))
    interval = re.fullmatch("(.+)".join(map(re.escape, around)), text)
    return [interval[1], interval[2]] if interval and text != NOTHING else [text, ""]


def write(book: Any, sheet: Sheet) -> None:
    """Adds the sheet to a workbook of xlsxwriter."""
    page = book.add_worksheet(sheet.name)
    bold = book.add_format({"bold": True})
    large = book.add_format({"bold": True, "font_size": 14})
    over = book.add_format({"bold": True, "align": "center", "bottom": 1, "text_wrap": True})
    small = book.add_format({"italic": True, "text_wrap": True, "valign": "top"})
    columns = sheet.grid.columns
    sides = ["left" if column.align == "left" else "right" for column in columns]
    widths = [_WIDTH * (column.width or 1) for column in columns]
    last = len(columns) - 1
    for place, width in enumerate(widths):
        page.set_column(place, place, width)
    page.write_string(0, 0, sheet.title, large)
    page.write_string(1, 0, sheet.caption, bold)
    page.write_string(2, 0, sheet.stamp, bold)
    for text, start, end in sheet.grid.spanners:
        page.merge_range(3, start, 3, end, text, over)
    for place, column in enumerate(columns):
        head = {"bold": True, "text_wrap": True, "valign": "bottom", "bottom": 1, "align": sides[place]}
        head["indent"] = int(sides[place] == "left" and place > 0)
        page.write_string(4, place, column.text, book.add_format(head))
    row = 5
    for cells in sheet.grid.rows:
        if isinstance(cells, str):
            page.write_string(row, 0, cells, bold)
        else:
            for place, cell in enumerate(cells):
                _write(book, page, row, place, text_of(cell), sides[place], sheet.locale)
        row += 1
    page.merge_range(row + 1, 0, row + 1, last, sheet.note, small)
    page.set_row(row + 1, _LINE * math.ceil(1.2 * len(sheet.note) / sum(widths)))
    page.freeze_panes(5, 1)
    page.set_landscape()
    page.set_paper(A4)
    page.fit_to_pages(1, 0)
    page.repeat_rows(3, 4)
    page.print_area(0, 0, row + 1, last)
    if sheet.stamp:
        page.set_header(f"&R{sheet.stamp.replace('&', '&&')}")
    page.set_footer("&L&A&R&P / &N")


def _write(book: Any, page: Any, row: int, column: int, text: str, side: str, locale: str) -> None:
    """A cell: what is printed, as a number where it is one."""
    style = {"text_wrap": True, "valign": "top", "align": side, "indent": int(side == "left" and column > 0)}
    number = as_number(text, locale)
    if number is None:
        page.write_string(row, column, text, book.add_format(style))
    else:
        value, pattern = number
        page.write_number(row, column, value, book.add_format({**style, "num_format": pattern}))


def as_number(text: str, locale: str) -> tuple[float, str] | None:
    """The value of a number as it is printed, and the format in which a spreadsheet prints it so; None for words.

    Examples
    --------
    >>> as_number("+1,234.50", "en")
    (1234.5, '+#,##0.00;"−"#,##0.00;#,##0.00')
    >>> as_number("38,8 %", "fr")
    (0.388, '#,##0.0%')
    >>> as_number("inconclusive", "en")
    """
    group, point = re.escape(get_group_symbol(locale)), re.escape(get_decimal_symbol(locale))
    number = re.fullmatch(rf"([+−]?)(\d[\d{group}]*)(?:{point}(\d+))?(\s*%)?", text)
    if number is None:
        return None
    sign, whole, decimals, percent = number.groups()
    value = float(re.sub(r"\D", "", whole) + "." + (decimals or "0"))
    if percent:
        value = round(value / 100, len(decimals or "") + 2)
    pattern = "#,##0" + (f".{'0' * len(decimals)}" if decimals else "") + ("%" if percent else "")
    if sign:
        pattern = f'+{pattern};"−"{pattern};{pattern}'
    return (-value if sign == "−" else value), pattern
