"""Texts with a separator between cells, such as .csv: read by Arrow, looked at by Python's own reader."""

from __future__ import annotations

import codecs
import csv
from collections.abc import Iterator, Sequence
from itertools import islice
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.csv

from fewdistricts.design import File
from fewdistricts.errors import DataError, Problem
from fewdistricts.survey.headers import TOP, located, names
from fewdistricts.survey.source import Batch, Source, of_arrow

TABBED = (".tab", ".tsv")

BLOCK = 2 * 2**20
"""Bytes of a text that are parsed at once, which fit the cache of a processor; more where a line is longer."""

_ENDS = "\x1a\0"
"""What programs of old write behind the last row: Ctrl-Z, and the rest of a sector."""


def open_delimited(path: Path, where: str, file: File) -> Source:
    """A .csv file or another text with a separator."""
    encoding = codecs.lookup(file.encoding or "utf-8").name
    longest = _check_encoding(path, where, encoding, declared=file.encoding is not None)
    text = Text(path, "utf-8-sig" if encoding == "utf-8" else encoding, _separator(path, file), file.escape)
    csv.field_size_limit(2**31 - 1)
    top = list(islice(text.rows(), max(TOP, file.header or 0)))
    _check_separator(where, [row for row in top if row], text.separator)
    header, first_row = located(top, file, where)
    columns = names(top[header - 1]) if header <= len(top) else ()

    def batches(places: Sequence[int]) -> Iterator[Batch]:
        wanted = [str(place) for place in places]
        try:
            reader = pyarrow.csv.open_csv(
                path,
                read_options=pyarrow.csv.ReadOptions(
                    encoding=encoding,
                    block_size=max(BLOCK, 2 * longest),
                    column_names=[str(place) for place in range(len(columns))],
                    skip_rows_after_names=header,
                ),
                parse_options=pyarrow.csv.ParseOptions(
                    delimiter=text.separator,
                    newlines_in_values=True,
                    escape_char=file.escape or False,
                    invalid_row_handler=lambda row: "error" if row.text.strip(_ENDS) else "skip",
                ),
                convert_options=pyarrow.csv.ConvertOptions(
                    include_columns=wanted,
                    column_types={name: pa.dictionary(pa.int32(), pa.string()) for name in wanted},
                    strings_can_be_null=True,
                    null_values=[""],
                ),
            )
            for batch in reader:
                yield {place: of_arrow(batch.column(str(place))) for place in places}
        except pa.ArrowInvalid:
            _check_rows(text, where, len(columns), first_row)
            raise

    def empty_rows() -> list[int]:
        return [number for number, row in enumerate(text.rows(), start=1) if not row and number >= first_row]

    return Source(columns, batches, first_row, empty_rows=empty_rows)


class Text:
    """The rows of a text as lists of cells."""

    def __init__(self, path: Path, encoding: str, separator: str, escape: str | None) -> None:
        self.path, self.encoding, self.separator, self.escape = path, encoding, separator, escape

    def rows(self) -> Iterator[list[str]]:
        """Every row, also empty ones."""
        with self.path.open(encoding=self.encoding, newline="") as stream:
            yield from csv.reader(stream, delimiter=self.separator, escapechar=self.escape)


def _separator(path: Path, file: File) -> str:
    return file.separator or ("\t" if path.suffix.lower() in TABBED else ",")


def _check_separator(where: str, rows: Sequence[Sequence[str]], separator: str) -> None:
    """DataError where the first rows are one column, or hold quotation marks that a space before them makes letters."""
    header = rows[0] if rows else []
    if sum(cell.startswith(' "') and cell.endswith('"') for cell in header) >= 2:
        found = f"a space before the quotation mark of {header[1].strip()[:60]}"
        remedy = "take these spaces out of the file"
        raise DataError(Problem(where, found, f"quotation marks right behind {separator!r}", remedy))
    if len(header) != 1:
        return
    for other in ";\t|,":
        if other != separator and other in header[0]:
            found = f"one column, {header[0][:60]!r}"
            remedy = f"declare `separator: {other!r}` in data.files?"
            raise DataError(Problem(where, found, f"columns separated by {separator!r}", remedy))
    words = {len(row[0].split()) for row in rows if len(row) == 1}
    if all(len(row) == 1 for row in rows) and len(words) == 1 and words.pop() > 2:
        found = f"columns apart by spaces, {' '.join(header[0].split())[:60]!r}"
        raise DataError(Problem(where, found, f"columns separated by {separator!r}", "save it as .csv"))


def _check_rows(text: Text, where: str, width: int, first_row: int) -> None:
    """Names the first row that has more or fewer cells than the header, or is too long, without its answers."""
    for number, row in enumerate(text.rows(), start=1):
        if number < first_row or not row:
            continue
        size = sum(len(cell.encode()) for cell in row)
        if len(row) == width and size > BLOCK:
            remedy = "does a quotation mark open a cell that nothing closes? Else shorten the text, or save it as .xlsx"
            found = f"{size:,} bytes over several lines"
            raise DataError(Problem(f"{where}, row {number}", found, f"at most {BLOCK:,}", remedy)) from None
        if len(row) == width:
            continue
        remedy = f"put quotation marks around cells that hold {text.separator!r}, and save the file again"
        if number == first_row and all(
            len(each) == width + 1 for each in islice(text.rows(), first_row - 1, TOP) if each
        ):
            remedy = "every row has one: give its column a name in the header, in front where they are numbers of rows"
        if len(row) < width and any("\n" in cell for cell in row):
            remedy = "close the quotation mark that opens one of its cells"
        if text.escape is None and any("\\" in cell for cell in row):
            remedy = 'declare `escape: "\\\\"` in data.files, if a backslash stands before quotation marks in cells'
        raise DataError(
            Problem(f"{where}, row {number}", f"{len(row)} cells", f"{width} cells, as the header has", remedy)
        ) from None


def marked(path: Path) -> str:
    """The encoding that the first bytes of a file tell, by a byte order mark or by their zeros; empty where none do."""
    with path.open("rb") as stream:
        first = stream.read(4)
    # the mark of utf-32 begins with that of utf-16
    marks = {codecs.BOM_UTF32_LE: "utf-32", codecs.BOM_UTF32_BE: "utf-32"}
    marks |= {codecs.BOM_UTF16_LE: "utf-16", codecs.BOM_UTF16_BE: "utf-16"}
    # without a mark, Western letters leave every second byte empty
    zeros = {b"\1\0\1\0": "utf-16-le", b"\0\1\0\1": "utf-16-be"}
    unmarked = zeros.get(bytes(byte > 0 for byte in first), "")
    return next((encoding for mark, encoding in marks.items() if first.startswith(mark)), unmarked)


def _check_encoding(path: Path, where: str, encoding: str, declared: bool) -> int:
    """Decodes all of the file: a wrong encoding is a wrong answer, not an odd character. The bytes of its longest line
    of those that go from one decoded block to another."""
    own = marked(path)
    if own and not encoding.startswith(own):
        remedy = f"declare `encoding: {own}` in data.files, or save it as UTF-8"
        raise DataError(Problem(where, f"the first bytes of a file in {own}", f"text in {encoding}", remedy))
    decoder = codecs.getincrementaldecoder(encoding)()
    as_utf8: Any = codecs.getincrementaldecoder("utf-8")() if declared and encoding != "utf-8" else None
    beyond_ascii, line = False, 1
    since, longest = 0, 0  # bytes since the last end of a line, and the most
    with path.open("rb") as stream:
        while True:
            block = stream.read(2**20)
            try:
                decoder.decode(block, final=not block)
            except UnicodeDecodeError as error:
                line += error.object.count(b"\n", 0, error.start)
                remedy = "declare `encoding: latin-1` or `encoding: cp1252` in data.files, or save it as UTF-8"
                problem = Problem(
                    f"{where}, line {line}", f"bytes that are not {encoding}", f"text in {encoding}", remedy
                )
                raise DataError(problem) from None
            if as_utf8 is not None:
                beyond_ascii = beyond_ascii or not block.isascii()
                try:
                    as_utf8.decode(block, final=not block)
                except UnicodeDecodeError:
                    as_utf8 = None
            line += block.count(b"\n")
            first = block.find(b"\n")
            longest = max(longest, since + (first if first >= 0 else len(block)))
            since = len(block) - block.rfind(b"\n") - 1 if first >= 0 else since + len(block)
            if not block:
                break
    if as_utf8 is not None and beyond_ascii:
        remedy = "leave `encoding` out"
        raise DataError(Problem(where, f"UTF-8, when `encoding` says {encoding}", "the file's own encoding", remedy))
    return longest
