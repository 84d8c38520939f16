"""The rows of a table as data: a number is a number, and an interval has a column for each end."""

from __future__ import annotations

import csv
import io
import re

from nbaccessible.model import Cover, Grid

_FORMULA = ("=", "+", "-", "@", "\t", "\r")
"""How a cell begins that a spreadsheet would run."""
_NOTHING = ("-", "\u2013", "\u2014")


def as_csv(grid: Grid, cover: Cover) -> bytes:
    """A table as UTF-8 with a byte order mark, by which spreadsheets know it, and one line of headings.

    Numbers are printed with the decimal mark of the cover; they are written with ASCII signs and a point, and nothing
    parts their thousands. Where all numbers of a column are percentages, its heading says so once. A centred column
    of intervals is written as two, whose headings end as `low_end` and `high_end` of the cover's strings. A text that
    a spreadsheet would run begins with an apostrophe.
    """
    number = _number(cover.point)
    interval = re.compile(rf"({number.pattern}) \S+ ({number.pattern})")
    columns: list[list[str]] = []
    for place, align in enumerate(grid.align):
        heading = ": ".join(head.text for head in grid.heads(place) if head.text)
        cells = [row.cells[place].text if place < len(row.cells) else "" for row in grid.rows]
        ends = [interval.fullmatch(cell) for cell in cells]
        if align == "center" and any(ends):
            low = [found[1] if found else cell for found, cell in zip(ends, cells, strict=True)]
            high = [found[2] if found else "" for found in ends]
            columns.append(_column(f"{heading}: {cover.strings['low_end']}", low, number, cover.point))
            columns.append(_column(f"{heading}: {cover.strings['high_end']}", high, number, cover.point))
        else:
            columns.append(_column(heading, cells, number, cover.point))
    out = io.StringIO()
    csv.writer(out, lineterminator="\r\n").writerows(zip(*columns, strict=True))
    return out.getvalue().encode("utf-8-sig", "replace")


def _number(point: str) -> re.Pattern[str]:
    """A number as it is printed, with a percent sign or without."""
    group = "." if point == "," else ","
    thousands = rf"\d{{1,3}}(?:[{group}\u00a0\u202f]\d{{3}})+"
    return re.compile(rf"[+\u2212-]?(?:(?:{thousands}|\d+)(?:{re.escape(point)}\d+)?(?:[ \u00a0\u202f]?%)?|\u221e)")


def _column(heading: str, cells: list[str], number: re.Pattern[str], point: str) -> list[str]:
    """A heading and the cells below it, as they are written."""
    numbers = [cell for cell in cells if number.fullmatch(cell)]
    of_percent = bool(heading and numbers) and all(cell.endswith("%") for cell in numbers)
    written = [_inert(f"{heading} (%)" if of_percent else heading)]
    for cell in cells:
        if number.fullmatch(cell):
            plain = _plain(cell, point)
            written.append(plain.removesuffix("%") if of_percent else plain)
        else:
            written.append("" if cell in _NOTHING else _inert(cell))
    return written


def _plain(number: str, point: str) -> str:
    """A number as programs read it; its percent sign stays."""
    digits = "".join("." if sign == point else sign for sign in number if sign.isdigit() or sign in (point, "%"))
    return ("-" if number[0] in "-\u2212" else "") + (digits or "inf")


def _inert(text: str) -> str:
    return f"'{text}" if text.startswith(_FORMULA) else text
