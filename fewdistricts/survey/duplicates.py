"""The same interview twice: files, rows and interview ids that occur again."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

import numpy as np
import pandas as pd

from fewdistricts.design import File, canonical
from fewdistricts.errors import Problem
from fewdistricts.spelling import folded
from fewdistricts.survey.source import Source
from fewdistricts.survey.table import Part
from fewdistricts.text import some

MOST_CELLS = 8_000_000
"""Cells of a file whose rows are compared as wholes; larger files have ids, or take too long."""

MOST_ALIKE = 0.05
"""Share of rows with a neighbour that differs in one column, above which rows are alike by chance."""

MOST_REPEATED = 0.5
"""Share of a file's rows that another may hold too."""

Rows = tuple[tuple[str, ...], np.ndarray, np.ndarray]
"""Names of the columns, a number a row that only equal rows share, and one that only rows of equal ids share."""

MANY_VALUES = 20
"""Equally frequent values of a column that two respondents share by chance too rarely to be compared."""

_INTERVIEW = {"uuid", "instanceid", "metainstanceid", "responseid", "interviewid", "submissionuuid"}
"""Names, folded, of the column in which a survey program identifies an interview."""

_DECIMAL = re.compile(r"-?\d+[.,]\d+")

KEEP = "take the copies out, or declare `duplicates: keep` with a `duplicates_reason:` in data"
MOST_NAMED = 5


def interview_columns(header: Sequence[str]) -> list[str]:
    """Columns in which the program that collected the survey identifies each interview."""
    return [name for name in header if folded(name) in _INTERVIEW and header.count(name) == 1]


def of_files(files: Sequence[tuple[Path, str, Mapping[str, int]]]) -> Iterator[Problem]:
    """Files of the same bytes from which the same columns are read."""
    known: dict[tuple[str, tuple[tuple[str, int], ...]], str] = {}
    sizes = [path.stat().st_size for path, _, _ in files]
    for (path, where, places), size in zip(files, sizes, strict=True):
        if sizes.count(size) < 2:
            continue
        with path.open("rb") as stream:
            digest = hashlib.file_digest(stream, "sha256").hexdigest()
        other = known.setdefault((digest, tuple(sorted(places.items()))), where)
        if other != where:
            yield Problem(where, f"the same file as {other}", "another file", "was the right one copied? " + KEEP)


def of_rows(where: str, file: File, source: Source, rows: int, earlier: dict[str, Rows]) -> Iterator[Problem]:
    """Rows that repeat another in every column, where chance cannot have made them, also one of the `earlier` files.

    Two respondents may answer alike. Where chance makes rows alike in all columns, it makes as many that differ in a
    single answer; copies do not. Columns of ids, in which no value occurs twice and none is a decimal number, do not
    tell rows apart.
    """
    if rows * len(source.header) > MOST_CELLS:
        return
    hashes, is_answer = _hashes(source)
    ids = hashes[:, np.logical_not(is_answer)].sum(axis=1, dtype=np.uint64)
    own = source.header, hashes.sum(axis=1, dtype=np.uint64), ids
    yield from _of_earlier(where, own, earlier)
    earlier[where] = own
    hashes = hashes[:, is_answer]
    if hashes.shape[1] < 2:
        return
    total = hashes.sum(axis=1, dtype=np.uint64)
    again = pd.Series(total).duplicated().to_numpy() & (total > 0)  # a row of empty cells is no interview
    if not again.any():
        return
    single = hashes[~again]
    near = np.zeros(len(single), dtype=bool)
    for column in single.T:
        shares = pd.Series(column).value_counts(normalize=True)
        if (shares**2).sum() > 1 / MANY_VALUES:
            near |= pd.Series(total[~again] - column).duplicated(keep=False).to_numpy()
    if near.sum() >= again.sum() or near.mean() > MOST_ALIKE:
        return
    copies = np.flatnonzero(again)
    part = Part(where, file, 0, rows, source.first_row, source.empty_rows)
    named = some([str(number) for number in part.numbers(copies)], MOST_NAMED)
    many = len(copies) > 1
    found = f"{len(copies):,} rows that repeat" if many else "a row that repeats"
    place = f"{where}, {'rows' if many else 'row'} {named}"
    yield Problem(place, f"{found} an earlier one in all {hashes.shape[1]} columns", "each interview once", KEEP)


def _of_earlier(where: str, own: Rows, earlier: Mapping[str, Rows]) -> Iterator[Problem]:
    """Most rows of another file once more, as where an export holds all interviews until its day.

    Only where rows of the other file hardly ever repeat each other, and rows of one id hardly ever differ, so that
    chance makes none alike: where ids begin again, some respondents of one id answer otherwise.
    """
    for other, (header, rows, ids) in earlier.items():
        distinct = pd.unique(rows)
        common = int(np.isin(distinct, own[1]).sum())
        least = (1 - MOST_ALIKE) * max(np.isin(ids, own[2]).sum(), len(rows) * MOST_REPEATED)
        if header == own[0] and len(distinct) >= (1 - MOST_ALIKE) * len(rows) and common > least:
            found = f"{common:,} of the {len(rows):,} rows of {other} once more"
            yield Problem(where, found, "each interview once", KEEP)


def _hashes(source: Source) -> tuple[np.ndarray, list[bool]]:
    """One number a cell, and which columns are no ids."""
    parts: list[np.ndarray] = []
    measured: set[int] = set()
    places = [place for place, name in enumerate(source.header) if name not in source.nested]
    for batch in source.batches(places):
        columns = []
        for place, (codes, values) in batch.items():
            texts = np.array([canonical(value) for value in values], dtype=object)
            columns.append((np.append(pd.util.hash_array(texts), np.uint64(0)) * np.uint64(2 * place + 1))[codes])
            if any(_DECIMAL.fullmatch(text) for text in texts[:MANY_VALUES]):
                measured.add(place)
        parts.append(np.column_stack(columns))
    hashes = np.concatenate(parts) if parts else np.empty((0, 0), dtype=np.uint64)
    answers = [
        place in measured or len(np.unique(column)) < len(column)
        for place, column in zip(places, hashes.T, strict=False)
    ]
    return hashes, answers
