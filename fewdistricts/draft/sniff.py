"""How a file is written: encoding, separator, where its table begins and ends, which marks its numbers have."""

from __future__ import annotations

import codecs
import re
from collections.abc import Iterator, Mapping, Sequence
from itertools import islice
from pathlib import Path
from typing import Any

from fewdistricts.design import File
from fewdistricts.survey.delimited import TABBED, Text, marked
from fewdistricts.survey.formats import FORMATS
from fewdistricts.survey.headers import TOP, begin
from fewdistricts.survey.marks import marks_of

SPREADSHEETS = tuple(suffix for suffix, form in FORMATS.items() if "sheet" in form.keys)
TEXTS = tuple(suffix for suffix, form in FORMATS.items() if "separator" in form.keys)


def sheets(path: Path) -> dict[str, int]:
    """The sheets of a workbook, each with its number of filled cells."""
    import python_calamine

    workbook = python_calamine.CalamineWorkbook.from_path(str(path))
    return {name: _filled(workbook.get_sheet_by_name(name).iter_rows()) for name in workbook.sheet_names}


def _filled(rows: Iterator[Sequence[Any]]) -> int:
    return sum(cell != "" for cells in rows for cell in cells)


def layout(path: Path, file: File) -> dict[str, object]:
    """Keys of `data.files` that say where names and answers begin, and for a text how it is written."""
    suffix = path.suffix.lower()
    keys: dict[str, object] = {}
    if suffix in TEXTS:
        keys |= _written(path, suffix)
        escape = str(keys["escape"]) if "escape" in keys else None
        text = Text(path, str(keys.get("encoding", "utf-8-sig")), _separator_of(suffix, keys), escape)
        rows: list[Any] = list(islice(text.rows(), TOP))
    elif suffix in SPREADSHEETS:
        rows = list(islice(_cells(path, file.sheet), TOP))
    else:
        return keys
    top = begin(rows)
    first_filled = next((i for i, row in enumerate(rows, start=1) if any(str(cell).strip() for cell in row)), 1)
    if top.header != first_filled:
        keys["header"] = top.header
    if top.what and top.first_row > top.header + 1:
        keys["first_row"] = top.first_row
    return keys


def _cells(path: Path, sheet: str | int | None) -> Iterator[Sequence[Any]]:
    import python_calamine

    workbook = python_calamine.CalamineWorkbook.from_path(str(path))
    name = sheet if isinstance(sheet, str) else workbook.sheet_names[0]
    return workbook.get_sheet_by_name(name).iter_rows()


def marks(columns: Mapping[str, Sequence[str]], separator: str | None) -> dict[str, object]:
    """`decimal` and `thousands` of the columns whose texts are numbers with marks.

    A mark that is followed by three digits in every number is taken to part thousands, a comma in a file with
    semicolons for decimals, though: such files come from programs that write commas before decimals.
    """
    clear = True
    decimal: dict[str, str] = {}
    thousands: dict[str, str] = {}
    for name, codes in columns.items():
        parting, fraction = marks_of(codes)
        if parting == "," and not fraction and separator == ";":
            parting, fraction, clear = "", ",", False
        if parting:
            thousands[name] = parting
        if fraction == ",":
            decimal[name] = fraction
    if decimal and not thousands and clear:
        return {"decimal": ","}
    keys: dict[str, object] = {}
    if decimal:
        keys["decimal"] = decimal
    if thousands:
        keys["thousands"] = thousands
    return keys


def _written(path: Path, suffix: str) -> dict[str, object]:
    """Encoding and separator of a text, where they are not the default."""
    keys: dict[str, object] = {}
    if encoding := _encoding(path):
        keys["encoding"] = encoding
    with path.open(encoding=encoding or "utf-8-sig", newline="") as stream:
        header = next((line for line in stream if line.strip()), "")
    if _escapes(path, encoding or "utf-8-sig"):
        keys["escape"] = "\\"
    outside = re.sub(r'"[^"]*"', "", header)
    separator = max(",;\t|", key=outside.count)
    if outside.count(separator) and separator != _separator_of(suffix, {}):
        keys["separator"] = separator
    return keys


def _escapes(path: Path, encoding: str) -> bool:
    """Whether a backslash stands before the quotation marks within cells, and none is doubled."""
    with path.open(encoding=encoding, newline="") as stream:
        lines = [line for line in islice(stream, 1000) if '"' in line]
    escaped = any(re.search(r'[^\\]\\"[^,;\t\r\n]', line) for line in lines)
    return escaped and not any(re.search(r'[^,;\t]""[^,;\t\r\n]', line) for line in lines)


def _separator_of(suffix: str, keys: Mapping[str, object]) -> str:
    return str(keys.get("separator", "\t" if suffix in TABBED else ","))


def _encoding(path: Path) -> str | None:
    """None for UTF-8; cp1252 is what programs on Windows write, latin-1 what holds every byte."""
    own = marked(path)
    if own:
        return own
    for encoding in ("utf-8", "cp1252"):
        decoder = codecs.getincrementaldecoder(encoding)()
        try:
            with path.open("rb") as stream:
                while block := stream.read(2**20):
                    decoder.decode(block)
                decoder.decode(b"", final=True)
        except UnicodeDecodeError:
            continue
        return None if encoding == "utf-8" else encoding
    return "latin-1"
