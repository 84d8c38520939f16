"""Survey files of every format as batches of raw columns; what a foreign parser says is put into our words.

Nothing is interpreted here: only an empty cell is missing, and no number is guessed from a text.
"""

from __future__ import annotations

import codecs
import csv
import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from itertools import islice
from pathlib import Path
from typing import Any
from zipfile import BadZipFile

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.csv
import pyarrow.parquet

from ..design import File, canonical, short
from ..errors import DataError, Problem, nearest

ROWS = 200_000
"""Rows a batch holds: the bound on memory while a file is read."""

_ROWS_DECODED = 16_000
"""Rows of a Parquet batch, which holds all its columns decoded."""

_TOP = 20
"""Rows looked at for the names of the columns."""

_EXTENDED = frozenset(f".{letter}" for letter in "abcdefghijklmnopqrstuvwxyz")

Batch = dict[str, tuple[np.ndarray, Sequence[Any]]]
"""Column: index of each row into the distinct values of this batch (-1 is empty), and those values."""


@dataclass(frozen=True)
class Source:
    """An opened file: what columns it has and how to read them."""

    header: tuple[str, ...]
    batches: Callable[[Sequence[str]], Iterator[Batch]]
    first_row: int
    """The number a person would give the first row of data: 2 below a header line."""
    empty_rows: Callable[[], Sequence[int]] = tuple
    """Numbers of the rows that hold nothing and are passed over: a spreadsheet counts them too."""
    texts: dict[str, str] = field(default_factory=dict)
    """Column: the question it holds, where the file says so."""
    labels: dict[str, dict[str, str]] = field(default_factory=dict)
    """Column: canonical code: label."""
    nested: frozenset[str] = frozenset()
    """Columns that hold lists or records, which are no answers."""
    user_missing: dict[str, Callable[[str], bool]] = field(default_factory=dict)
    """Column: whether the file itself calls a canonical code missing."""


def open_file(path: Path, where: str, file: File) -> Source:
    """The file by its suffix; DataError naming what is wrong with it."""
    opener = {".csv": _csv, ".xlsx": _xlsx, ".parquet": _parquet, ".dta": _statistical, ".sav": _statistical}
    suffix = path.suffix.lower()
    with problems_of(where, suffix):
        return opener[suffix](path, where, file)


class problems_of:  # noqa: N801 - reads as a clause of the with statement
    """Turns whatever a parser raises into one DataError.

    Each library has exceptions of its own for a truncated or foreign file, some of them bare; all mean the same here.
    """

    def __init__(self, where: str, suffix: str) -> None:
        self.where, self.suffix = where, suffix

    def __enter__(self) -> None:
        return None

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, _: object) -> None:
        if isinstance(error, DataError) or not isinstance(error, Exception):
            return
        if isinstance(error, MemoryError):
            return
        said = "no such workbook" if isinstance(error, BadZipFile) else " ".join(str(error).split())
        raise DataError(
            Problem(
                self.where,
                f"a file that cannot be read: {said[:200] or type(error).__name__}",
                f"a whole {self.suffix} file",
                "open it in the program it came from and save it again",
            )
        ) from error


def _csv(path: Path, where: str, file: File) -> Source:
    encoding = codecs.lookup(file.encoding or "utf-8").name
    _check_encoding(path, where, encoding, declared=file.encoding is not None)
    text = "utf-8-sig" if encoding == "utf-8" else encoding
    with path.open(encoding=text, newline="") as stream:
        csv.field_size_limit(2**31 - 1)
        top = list(islice(csv.reader(stream, delimiter=file.separator), _TOP))
    header = tuple(next((row for row in top if row), ()))
    if len(header) == 1:
        for separator in ";\t|,":
            if separator != file.separator and separator in header[0]:
                raise DataError(
                    Problem(
                        where,
                        f"one column, {header[0][:60]!r}",
                        f"columns separated by {file.separator!r}",
                        f"declare `separator: {separator!r}` in data.files?",
                    )
                )

    _check_header(where, top, next((row for row, cells in enumerate(top, start=1) if cells), 1))

    def batches(columns: Sequence[str]) -> Iterator[Batch]:
        reader = pyarrow.csv.open_csv(
            path,
            read_options=pyarrow.csv.ReadOptions(encoding=encoding, block_size=8 * 2**20),
            parse_options=pyarrow.csv.ParseOptions(delimiter=file.separator, newlines_in_values=True),
            convert_options=pyarrow.csv.ConvertOptions(
                include_columns=list(columns),
                column_types={name: pa.dictionary(pa.int32(), pa.string()) for name in columns},
                strings_can_be_null=True,
                null_values=[""],
            ),
        )
        for batch in reader:
            yield {name: _of_arrow(batch.column(name), file.decimal) for name in columns}

    def empty_rows() -> list[int]:
        with path.open(encoding=text, newline="") as stream:
            rows = csv.reader(stream, delimiter=file.separator)
            return [number for number, row in enumerate(rows, start=1) if not row]

    return Source(header, batches, first_row=2, empty_rows=empty_rows)


def _check_header(where: str, top: Sequence[Sequence[Any]], first: int = 1) -> None:
    """A title above the names of the columns is no header; `first` is the number of the row taken for it."""
    filled = [[cell for cell in row if cell not in (None, "")] for row in top[first - 1 :]]
    most = max(map(len, filled), default=0)
    if most >= 3 and len(filled[0]) <= 1:
        row = first + next(i for i, cells in enumerate(filled) if len(cells) == most)
        raise DataError(
            Problem(
                f"{where}, row {first}",
                f"{short(filled[0][0])} alone" if filled[0] else "nothing",
                "the names of the columns",
                f"are they in row {row}? Then delete the rows above it and save the file",
            )
        )


def _check_encoding(path: Path, where: str, encoding: str, declared: bool) -> None:
    """Decodes all of the file: a wrong encoding is a wrong answer, not an odd character."""
    decoder = codecs.getincrementaldecoder(encoding)()
    as_utf8 = codecs.getincrementaldecoder("utf-8")() if declared and encoding != "utf-8" else None
    beyond_ascii, line = False, 1
    with path.open("rb") as stream:
        while True:
            block = stream.read(2**20)
            try:
                decoder.decode(block, final=not block)
            except UnicodeDecodeError as error:
                line += error.object.count(b"\n", 0, error.start)
                raise DataError(
                    Problem(
                        f"{where}, line {line}",
                        f"bytes that are not {encoding}",
                        f"text in {encoding}",
                        "declare `encoding: latin-1` or `encoding: cp1252` in data.files, or save it as UTF-8",
                    )
                ) from None
            if as_utf8 is not None:
                beyond_ascii = beyond_ascii or not block.isascii()
                try:
                    as_utf8.decode(block, final=not block)
                except UnicodeDecodeError:
                    as_utf8 = None
            line += block.count(b"\n")
            if not block:
                break
    if as_utf8 is not None and beyond_ascii:
        remedy = "leave `encoding` out"
        raise DataError(Problem(where, f"UTF-8, when `encoding` says {encoding}", "the file's own encoding", remedy))


def _xlsx(path: Path, where: str, file: File) -> Source:
    import openpyxl  # here, so that those who read no such file need not wait for it

    workbook = openpyxl.load_workbook(path, read_only=True, data_only=True)
    names = workbook.sheetnames
    if isinstance(file.sheet, int) and 1 <= file.sheet <= len(names):
        name = names[file.sheet - 1]
    elif file.sheet is None:
        name = names[0]
    elif file.sheet in names:
        name = str(file.sheet)
    else:
        near = nearest(str(file.sheet), names)
        raise DataError(Problem(where, f"no sheet {file.sheet!r}", ", ".join(names) + ", or a number from 1", near))
    top = list(workbook[name].iter_rows(max_row=_TOP, values_only=True))
    _check_header(f"{where}, sheet {name!r}", top)
    header = next(iter(top), ())
    names_of_columns = tuple("" if cell is None else str(cell).strip() for cell in header)

    def batches(columns: Sequence[str]) -> Iterator[Batch]:
        places = [names_of_columns.index(column) for column in columns]
        rows: list[list[Any]] = []
        for cells in workbook[name].iter_rows(min_row=2, values_only=True):
            if any(cell is not None for cell in cells):
                rows.append([cells[place] if place < len(cells) else None for place in places])
            if len(rows) == ROWS:
                yield _of_rows(rows, columns)
                rows = []
        if rows:
            yield _of_rows(rows, columns)

    def empty_rows() -> list[int]:
        rows = workbook[name].iter_rows(values_only=True)
        return [number for number, cells in enumerate(rows, start=1) if all(cell is None for cell in cells)]

    return Source(names_of_columns, batches, first_row=2, empty_rows=empty_rows)


def _parquet(path: Path, where: str, file: File) -> Source:
    opened = pyarrow.parquet.ParquetFile(path)
    nested = {field.name: str(field.type) for field in opened.schema_arrow if pa.types.is_nested(field.type)}

    def batches(columns: Sequence[str]) -> Iterator[Batch]:
        for name in columns:
            if name in nested:
                found = f"several values in a cell ({nested[name]})"
                raise DataError(Problem(f"{where}, column {name!r}", found, "one value in a cell", "split the column"))
        for batch in opened.iter_batches(batch_size=_ROWS_DECODED, columns=list(columns)):
            yield {name: _of_arrow(batch.column(name)) for name in columns}

    return Source(tuple(opened.schema_arrow.names), batches, first_row=1, nested=frozenset(nested))


def _statistical(path: Path, where: str, file: File) -> Source:
    import pyreadstat  # as above

    read = pyreadstat.read_dta if path.suffix.lower() == ".dta" else pyreadstat.read_sav
    options: dict[str, Any] = {"user_missing": True, "disable_datetime_conversion": True, "encoding": file.encoding}
    _, meta = read(str(path), metadataonly=True, **options)
    numeric = {name for name, kind in meta.readstat_variable_types.items() if kind != "string"}

    clocks = {
        column: clock
        for column, form in meta.original_variable_types.items()
        if column in numeric and column not in meta.missing_ranges and (clock := _clock(form))
    }

    def code(column: str, value: Any) -> str:
        # a letter in a numeric column is one of Stata's extended missing values
        if isinstance(value, str) and column in numeric:
            return f".{value}"
        return _moment(value, clocks[column]) if column in clocks else canonical(value)

    labels = {
        column: {code(column, value): canonical(label) for value, label in mapping.items()}
        for column, mapping in meta.variable_value_labels.items()
    }
    user_missing: dict[str, Callable[[str], bool]] = dict.fromkeys(numeric, _EXTENDED.__contains__)
    for column, ranges in meta.missing_ranges.items():
        user_missing[column] = _within(ranges)

    def batches(columns: Sequence[str]) -> Iterator[Batch]:
        offset = 0
        while True:
            frame, _ = read(str(path), usecols=list(columns), row_offset=offset, row_limit=ROWS, **options)
            if len(frame) == 0:
                return
            batch: Batch = {}
            for name in columns:
                codes, values = pd.factorize(frame[name].to_numpy(dtype=object), use_na_sentinel=True)
                batch[name] = codes, [code(name, value) for value in values]
            yield batch
            offset += len(frame)

    texts = {name: text for name, text in meta.column_names_to_labels.items() if text}
    return Source(
        tuple(name or "" for name in meta.column_names),
        batches,
        1,
        labels=labels,
        user_missing=user_missing,
        texts=texts,
    )


def _clock(form: str) -> tuple[datetime, timedelta] | None:
    """What a number counts from and in which unit, where a Stata or SPSS format says that it is a date."""
    stata = re.match(r"%-?t?([dcC])", form)
    if stata and form != "%c":
        return datetime(1960, 1, 1), timedelta(days=1) if stata[1] == "d" else timedelta(milliseconds=1)
    if re.match(r"(A|E|S|J)?DATE\d|DATETIME|YMDHMS", form):
        return datetime(1582, 10, 14), timedelta(seconds=1)
    return None


def _moment(value: Any, clock: tuple[datetime, timedelta]) -> str:
    """A date as ISO writes it, with its time where it has one; the number itself where no calendar has it."""
    try:
        moment = clock[0] + float(value) * clock[1]
    except (OverflowError, TypeError, ValueError):
        return canonical(value)
    whole_day = (moment.hour, moment.minute, moment.second, moment.microsecond) == (0, 0, 0, 0)
    return moment.date().isoformat() if whole_day else moment.isoformat(" ", "seconds")


def _within(ranges: Sequence[Any]) -> Callable[[str], bool]:
    """Whether a code lies in the ranges an SPSS file declares missing."""

    def inside(code: str) -> bool:
        for each in ranges:
            if code in (canonical(each["lo"]), canonical(each["hi"])):
                return True
            try:
                if float(each["lo"]) <= float(code) <= float(each["hi"]):
                    return True
            except ValueError:
                continue
        return False

    return inside


def _of_arrow(array: pa.Array, decimal: str = ".") -> tuple[np.ndarray, Sequence[Any]]:
    if not pa.types.is_dictionary(array.type):
        array = array.dictionary_encode()
    codes = array.indices.cast(pa.int32()).fill_null(-1).to_numpy(zero_copy_only=False)
    values = array.dictionary.to_pylist()
    if decimal == ",":
        values = [_with_point(value) for value in values]
    return codes, values


def _with_point(value: str) -> str:
    whole, comma, fraction = value.partition(",")
    number = comma and whole.removeprefix("-").isdigit() and fraction.isdigit()
    return f"{whole}.{fraction}" if number else value


def _of_rows(rows: list[list[Any]], columns: Sequence[str]) -> Batch:
    batch: Batch = {}
    for place, name in enumerate(columns):
        cells = np.empty(len(rows), dtype=object)
        cells[:] = [canonical(row[place]) or None for row in rows]
        codes, values = pd.factorize(cells, use_na_sentinel=True)
        batch[name] = codes, list(values)
    return batch
