"""An opened survey file: its columns, its questions and labels, and its rows in batches.

Nothing is interpreted here: only an empty cell is missing, and no number is guessed from a text.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any
from zipfile import BadZipFile

import numpy as np
import pandas as pd
import pyarrow as pa

from fewdistricts.design import canonical
from fewdistricts.errors import DataError, Problem
from fewdistricts.survey.lookup import encoded

ROWS = 200_000
"""Rows a batch holds: the bound on memory while a file is read."""

Batch = dict[int, tuple[np.ndarray, Sequence[Any]]]
"""Place of a column: index of each row into the distinct values of this batch (-1 is empty), and those values.

Values that are texts in the file are `str`; numbers and dates of typed files are not."""


def nothing_to_say(_: object) -> str:
    """An empty text."""
    return ""


@dataclass(frozen=True)
class Source:
    """An opened file: what columns it has and how to read them."""

    header: tuple[str, ...]
    """Names of the columns as `spelling.plain` gives them; empty where a column has none."""
    batches: Callable[[Sequence[int]], Iterator[Batch]]
    """Rows of the columns at these places of the header."""
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
    elsewhere: Callable[[str], str] = nothing_to_say
    """What to say of a column that is not here: the sheet of the same file that has it, or an empty text."""
    why_empty: Callable[[int], str] = nothing_to_say
    """Why a column without any answer might hold none, such as formulas without values; else an empty text."""
    by_column: bool = False
    """Whether columns are read one by one as fast as together."""
    held: object = None
    """What must live as long as the source: a folder of unpacked files."""


class EncodingError(DataError):
    """A file's texts are not in the encoding that the file states."""


@contextmanager
def problems_of(where: str, suffix: str) -> Iterator[None]:
    """Turns whatever a parser raises into one DataError, without the row that the parser quotes.

    Each library has exceptions of its own for a truncated or foreign file, some of them bare; all mean the same here.
    """
    try:
        yield
    except (DataError, MemoryError):
        raise
    except BaseException as error:
        if not isinstance(error, Exception) and not _is_panic(error):
            raise
        if "requested encoding" in str(error):  # as ReadStat says it
            found = "texts that are not in the encoding the file states"
            remedy = "declare `encoding: latin-1` or `encoding: cp1252` in data.files"
            raise EncodingError(Problem(where, found, "texts in that encoding", remedy)) from error
        found = f"a file that cannot be read: {_reason(error)}"
        remedy = "open it in the program it came from and save it again"
        raise DataError(Problem(where, found, f"a whole {suffix} file", remedy)) from error


def _is_panic(error: BaseException) -> bool:
    """Whether a reader written in Rust gave up, which Python sees as no ordinary exception."""
    return type(error).__name__ == "PanicException"


def _reason(error: BaseException) -> str:
    if isinstance(error, BadZipFile):
        return "no such workbook"
    if _is_panic(error):
        return "its reader gave up"
    words = " ".join(str(error).split())
    if isinstance(error, pa.ArrowInvalid):
        # Arrow quotes the row it could not read, with all of its answers
        counts = re.match(r"CSV parse error: (Row #\d+: )?Expected \d+ columns, got \d+", words)
        words = counts[0] if counts else words.partition(":")[0]
    return words[:200] or type(error).__name__


def of_cells(rows: Sequence[Sequence[Any]], places: Sequence[int]) -> Batch:
    """A batch of rows of cells; None and empty texts are empty."""
    batch: Batch = {}
    for place in places:
        cells = np.empty(len(rows), dtype=object)
        cells[:] = [_cell(row[place]) if place < len(row) else None for row in rows]
        batch[place] = factorized(cells)
    return batch


def _cell(value: Any) -> Any:
    """A cell by a value that no other kind of cell equals: True is 1 in Python."""
    if isinstance(value, bool):
        return canonical(value)
    return None if value == "" else value


def factorized(cells: np.ndarray) -> tuple[np.ndarray, Sequence[Any]]:
    """Cells as indices into their distinct values, -1 where empty; a number and a text are never the same."""
    codes, values = pd.factorize(cells, use_na_sentinel=True)
    return codes, list(values)


def of_arrow(array: pa.Array) -> tuple[np.ndarray, Sequence[Any]]:
    """An Arrow column as indices into its distinct values, -1 where empty."""
    codes, values = encoded(array)
    return codes, values.to_pylist()
