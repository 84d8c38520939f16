"""Sheets for people: a table of the report in a workbook, in its words and units, ready to be printed."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from fewdistricts.design import Design
from fewdistricts.exhibits.display import Cell, Grid
from fewdistricts.exhibits.results import Results
from fewdistricts.exhibits.tables import TABLES
from fewdistricts.exhibits.text.wording import Words

SHOWN = "results"
"""The table that the first sheet holds: every indicator with its levels, difference, interval and reading."""
LEVELS = "levels"
"""The same where no change may be stated."""
_WIDTH = 13
"""Characters of a column of relative width 1."""


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
        sheets.append(Sheet(name, design.title[language], _stamp(design, words), caption, table.grid, note))
    return sheets


def _stamp(design: Design, words: Words) -> str:
    return words.label("document", "stamp") if design.synthetic else ""


def write(book: Any, sheet: Sheet) -> None:
    """Adds the sheet to a workbook of xlsxwriter."""
    page = book.add_worksheet(sheet.name)
    bold = book.add_format({"bold": True, "text_wrap": True, "valign": "top"})
    large = book.add_format({"bold": True, "font_size": 14})
    head = book.add_format({"bold": True, "text_wrap": True, "valign": "bottom", "bottom": 1})
    over = book.add_format({"bold": True, "align": "center", "bottom": 1})
    small = book.add_format({"italic": True, "text_wrap": True, "valign": "top"})
    plain = {side: book.add_format({"text_wrap": True, "valign": "top", "align": side}) for side in ("left", "right")}
    columns = sheet.grid.columns
    last = len(columns) - 1
    for place, column in enumerate(columns):
        page.set_column(place, place, _WIDTH * (column.width or 1))
    page.write_string(0, 0, sheet.title, large)
    page.write_string(1, 0, sheet.caption, bold)
    page.write_string(2, 0, sheet.stamp, bold)
    for text, start, end in sheet.grid.spanners:
        page.merge_range(3, start, 3, end, text, over)
    for place, column in enumerate(columns):
        page.write_string(4, place, column.text, head)
    row = 5
    for cells in sheet.grid.rows:
        if isinstance(cells, str):
            page.write_string(row, 0, cells, bold)
        else:
            for place, cell in enumerate(cells):
                side = "left" if columns[place].align == "left" else "right"
                page.write_string(row, place, _text(cell), plain[side])
        row += 1
    page.merge_range(row + 1, 0, row + 1, last, sheet.note, small)
    page.set_row(row + 1, 60)
    page.freeze_panes(5, 1)
    page.set_landscape()
    page.set_paper(9)  # A4
    page.fit_to_pages(1, 0)
    page.repeat_rows(3, 4)
    page.print_area(0, 0, row + 1, last)
    page.set_footer("&L&A&R&P / &N")


def _text(cell: Cell) -> str:
    return cell if isinstance(cell, str) else str(cell["text"])
