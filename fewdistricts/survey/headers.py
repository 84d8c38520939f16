"""Where a table of cells begins: titles above the names of the columns, and rows below them that are no answers."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from math import isnan
from typing import Any

from fewdistricts.design import File, short
from fewdistricts.errors import DataError, Problem
from fewdistricts.spelling import plain
from fewdistricts.survey.marks import number
from fewdistricts.survey.nonanswers import is_nothing

TOP = 20
"""Rows looked at."""


@dataclass(frozen=True)
class Top:
    """The rows that a table of cells seems to begin with, numbered as a spreadsheet numbers them."""

    header: int
    """Row that holds the names of the columns."""
    first_row: int
    """Row of the first answers."""
    what: str = ""
    """What stands above or between them; empty where nothing does."""


def names(cells: Sequence[Any]) -> tuple[str, ...]:
    """Cells of a header as names of columns."""
    return tuple("" if cell is None else plain(str(cell)) for cell in cells)


def begin(rows: Sequence[Sequence[Any]]) -> Top:
    """Header and first row of answers, by what the first rows hold.

    Passed over are empty rows, a title alone in its row, merged names of groups above the names of the columns, HXL
    tags, the questions and import ids of Qualtrics, and a second header of words above columns of numbers.
    """
    filled = [_filled(row) for row in rows]
    header = next((i for i, cells in enumerate(filled) if cells), 0)
    what = ""
    most = max((len(cells) for cells in filled[header:]), default=0)
    while header + 1 < len(filled) and _is_comment(filled[header], most):
        what = f"a comment, {short(filled[header][0])}"
        header += 1
    if filled and most >= 3 and len(filled[header]) <= 1:
        what = f"{short(filled[header][0])} alone" if filled[header] else "nothing"
        header = next(i for i in range(header, len(filled)) if len(filled[i]) == most)
    elif _are_groups(rows, header):
        what = f"names of groups, such as {short(filled[header][0])}"
        header += 1
    first = header + 1
    while first < len(rows) and not filled[first]:
        first += 1
    extra = _no_answers(rows, header, first)
    if extra:
        what = what or extra[1]
        first = extra[0]
    return Top(header + 1, first + 1, what)


def located(rows: Sequence[Sequence[Any]], file: File, where: str) -> tuple[int, int]:
    """Rows of the header and of the first answers; DataError where `data.files` has to say them."""
    guess = begin(rows)
    filled = [bool(_filled(row)) for row in rows]
    header = file.header or (filled.index(True) + 1 if True in filled else 1)
    first_row = file.first_row or header + 1
    if file.header is None and guess.header != header:
        remedy = f"are they in row {guess.header}? Declare `header: {guess.header}`{_and_first(guess)} in data.files"
        raise DataError(Problem(f"{where}, row {header}", guess.what, "the names of the columns", remedy))
    if file.first_row is None and guess.header == header and guess.first_row > first_row and guess.what:
        remedy = f"do they begin in row {guess.first_row}? Declare `first_row: {guess.first_row}` in data.files"
        allowed = "answers below the names of the columns"
        raise DataError(Problem(f"{where}, row {first_row}", guess.what, allowed, remedy))
    return header, header + 1


def _and_first(guess: Top) -> str:
    return f" and `first_row: {guess.first_row}`" if guess.first_row > guess.header + 1 else ""


def _is_comment(cells: Sequence[Any], most: int) -> bool:
    """Whether a row is one of those by which programs say what made a file: a sign before it, and few commas in it."""
    return not cells or (2 * len(cells) <= most and re.match(r"(#|//|\*)\s*\w", str(cells[0])) is not None)


def _filled(row: Sequence[Any]) -> list[Any]:
    return [cell for cell in row if cell is not None and str(cell).strip() != ""]


def _are_groups(rows: Sequence[Sequence[Any]], header: int) -> bool:
    """Whether a row names groups of columns: gaps where the next row has a name for every column."""
    if header + 2 >= len(rows):
        return False
    above, below = _filled(rows[header]), _filled(rows[header + 1])
    sparse = len(above) <= len(below) / 2 or (not rows[header][0] and len(above) < len(below))
    words = all(isinstance(cell, str) and _is_word(cell) for cell in below)
    return len(below) >= 3 and sparse and words and len(set(below)) == len(below)


def _no_answers(rows: Sequence[Sequence[Any]], header: int, first: int) -> tuple[int, str] | None:
    """Index of the first row of answers, and what the rows above it hold."""
    for i in range(first, min(first + 3, len(rows))):
        cells = [str(cell).strip() for cell in _filled(rows[i])]
        if any(cell.startswith('{"ImportId"') for cell in cells):
            return i + 1, "questions and import ids of Qualtrics"
    if first >= len(rows):
        return None
    cells = [str(cell).strip() for cell in _filled(rows[first])]
    tags = [cell for cell in cells if cell.startswith("#") and cell[1:2].isalpha()]
    if cells and len(tags) > len(cells) / 2 and len(tags) >= 2:
        return first + 1, f"HXL tags, such as {short(tags[0])}"
    if _is_words_above_numbers(rows[header], rows[first], rows[first + 1 :]):
        return first + 1, f"a second row of names, such as {short(cells[0])}"
    return None


def _is_words_above_numbers(header: Sequence[Any], row: Sequence[Any], below: Sequence[Sequence[Any]]) -> bool:
    """Whether all columns that hold numbers further down hold a word here; at least two do."""
    numeric = []
    for place in range(min(len(header), len(row))):
        answers = [each[place] for each in below if place < len(each)]
        answers = [cell for cell in answers if not _is_empty(cell)]
        if len(answers) >= 3 and not any(_is_word(cell) for cell in answers):
            numeric.append(place)
    words = [row[place] for place in numeric]
    return len(words) >= 2 and all(isinstance(word, str) and not _is_empty(word) and _is_word(word) for word in words)


def _is_empty(cell: Any) -> bool:
    text = "" if cell is None else str(cell).strip()
    return text == "" or is_nothing(text)


def _is_word(cell: Any) -> bool:
    return isnan(number(str(cell).replace(",", ".")))
