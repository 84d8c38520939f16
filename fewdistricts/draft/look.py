"""A first look at survey files nobody has described yet: how they are written, and what each column holds."""

from __future__ import annotations

import codecs
import hashlib
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import openpyxl
import pandas as pd

from fewdistricts.design import File, canonical
from fewdistricts.errors import DataError, Problem, nearest
from fewdistricts.survey.collect import spelled
from fewdistricts.survey.formats import SUFFIXES, open_file
from fewdistricts.survey.indicators import number
from fewdistricts.survey.nonanswers import NOTHING
from fewdistricts.survey.source import Source, problems_of

MOST_DISTINCT = 5_000
"""Different answers a profile keeps apart; a column with more is a measurement, an id or free text."""


@dataclass
class Profile:
    """What a column holds, over one file or several."""

    name: str
    text: str = ""
    """The question, where the file says it."""
    rows: int = 0
    empty: int = 0
    counts: dict[str, int] = field(default_factory=dict)
    """Canonical code: rows; cut off at MOST_DISTINCT."""
    labels: dict[str, str] = field(default_factory=dict)
    user_missing: set[str] = field(default_factory=set)
    numeric: bool = True
    """Whether all answers are numbers, the words for an empty cell aside."""
    whole: bool = True
    low: float = np.inf
    high: float = -np.inf

    @property
    def many(self) -> bool:
        """Whether there are more different answers than the profile keeps."""
        return len(self.counts) > MOST_DISTINCT

    @property
    def valid(self) -> list[str]:
        """Codes the file does not itself call missing: numbers in their order, then texts."""
        codes = [code for code in self.counts if code not in self.user_missing]
        return sorted(codes, key=lambda code: (np.isnan(number(code)), np.nan_to_num(number(code)), code))

    def add(self, codes: np.ndarray, values: Iterable[str]) -> None:
        """Counts the rows of a batch: an index into the values for each, -1 where it is empty."""
        values = [canonical(value) for value in values]
        counted = np.bincount(codes[codes >= 0], minlength=len(values))
        self.rows += len(codes)
        self.empty += int((codes < 0).sum())
        for value, count in zip(values, counted.tolist(), strict=True):
            if not value:
                self.empty += count
            elif count:
                if not self.many or value in self.counts:
                    self.counts[value] = self.counts.get(value, 0) + count
                if value not in self.user_missing and value.lower() not in NOTHING:
                    as_number = number(value)
                    self.numeric = self.numeric and not np.isnan(as_number)
                    self.whole = self.whole and (np.isnan(as_number) or float(as_number).is_integer())
                    self.low, self.high = np.fmin(self.low, as_number), np.fmax(self.high, as_number)

    def joined(self, other: Profile) -> Profile:
        """Both, as one column."""
        counts = dict(self.counts)
        for code, count in other.counts.items():
            counts[code] = counts.get(code, 0) + count
        return Profile(
            self.name,
            self.text or other.text,
            self.rows + other.rows,
            self.empty + other.empty,
            counts,
            {**other.labels, **self.labels},
            self.user_missing | other.user_missing,
            self.numeric and other.numeric,
            self.whole and other.whole,
            min(self.low, other.low),
            max(self.high, other.high),
        )


@dataclass(frozen=True)
class Looked:
    """A survey file as found: how to read it, and its columns."""

    path: Path
    file: File
    guessed: tuple[str, ...]
    """Keys of `file` that are guesses."""
    source: Source
    columns: dict[str, Profile]

    @property
    def rows(self) -> int:
        """Number of rows."""
        return max((profile.rows for profile in self.columns.values()), default=0)

    @property
    def stem(self) -> str:
        """What tells this file or sheet from the others."""
        return str(self.file.sheet or self.path.stem)

    def values(self, names: Sequence[str]) -> pd.DataFrame:
        """These columns row by row, as canonical codes, empty where a cell is."""
        parts = []
        for batch in spelled(self.path.name, self.source, self.file, names):
            part = {}
            for name in names:
                codes, values = batch[name]
                part[name] = np.array([*values, ""], dtype=object)[codes]
            parts.append(pd.DataFrame(part, dtype=object))
        return pd.concat(parts, ignore_index=True) if parts else pd.DataFrame(columns=list(names), dtype=object)


def look(path: Path) -> list[Looked]:
    """The file at a path, an Excel file by its sheets; DataError where it is none of ours or cannot be read."""
    where, suffix = path.name, path.suffix.lower()
    if not path.is_file():
        near = [each.name for each in path.parent.glob("*")] if path.parent.is_dir() else []
        raise DataError(Problem(str(path), "no such file", "a survey file", nearest(path.name, near)))
    if suffix not in SUFFIXES:
        found = f"a {suffix} file" if suffix else "a file without an ending"
        raise DataError(Problem(where, found, ", ".join(SUFFIXES), "save it as one of these"))
    if path.stat().st_size == 0:
        raise DataError(Problem(where, "an empty file", "a header and rows"))
    file = File(path=where, sha256=_sha256(path))
    guessed: tuple[str, ...] = ()
    if suffix == ".csv":
        with problems_of(where, suffix):
            file, guessed = _sniffed(path, file)
    if suffix == ".xlsx":
        return _sheets(path, where, file)
    looked = _profiled(path, where, file, guessed)
    if suffix == ".csv" and any(_decimal_commas(profile) for profile in looked.columns.values()):
        file = file.model_copy(update={"decimal": ","})
        looked = _profiled(path, where, file, (*guessed, "decimal"))
    if looked.rows == 0:
        raise DataError(Problem(where, "no rows below the header", "at least one respondent"))
    return [looked]


def _sheets(path: Path, where: str, file: File) -> list[Looked]:
    """The largest sheet, and those that hold most of its columns too: waves are often sheets of one file."""
    with problems_of(where, ".xlsx"):
        workbook = openpyxl.load_workbook(path, read_only=True)
        size = {sheet.title: _size(sheet) for sheet in workbook.worksheets}
        workbook.close()
    largest = max(size, key=lambda name: size[name])
    looked: dict[str, Looked] = {}
    for name, (cells, _) in size.items():
        own = file if len(size) == 1 else file.model_copy(update={"sheet": name})
        try:
            if name == largest or cells:
                looked[name] = _profiled(path, where, own, ("sheet",) if own.sheet else ())
        except DataError:
            if name == largest:
                raise
    if looked[largest].rows == 0:
        raise DataError(Problem(where, "no rows below the header", "at least one respondent"))
    columns = looked[largest].columns.keys()
    return [
        each
        for name, each in looked.items()
        if name == largest or (each.rows and len(columns & each.columns.keys()) > len(columns) / 2)
    ]


def _size(sheet: Any) -> tuple[int, int]:
    """How many cells a sheet holds, and in how many rows."""
    rows = [sum(cell is not None for cell in cells) for cells in sheet.iter_rows(values_only=True)]
    return sum(rows), len(rows)


def _profiled(path: Path, where: str, file: File, guessed: tuple[str, ...]) -> Looked:
    source = open_file(path, where, file)
    names = [name for name in source.header if name and source.header.count(name) == 1 and name not in source.nested]
    columns = {name: Profile(name, source.texts.get(name, "")) for name in names}
    for name, profile in columns.items():
        profile.labels |= source.labels.get(name, {})
    with problems_of(where, path.suffix.lower()):
        for batch in spelled(where, source, file, names):
            for name, (codes, values) in batch.items():
                is_missing = source.user_missing.get(name)
                if is_missing is not None:
                    columns[name].user_missing |= {code for code in values if code and is_missing(code)}
                columns[name].add(codes, values)
    return Looked(path, file, guessed, source, columns)


def _sha256(path: Path) -> str:
    with path.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()


def _sniffed(path: Path, file: File) -> tuple[File, tuple[str, ...]]:
    """Encoding and separator of a CSV file."""
    guessed: dict[str, str] = {}
    if encoding := _encoding(path):
        guessed["encoding"] = encoding
    with path.open(encoding=encoding or "utf-8-sig", newline="") as stream:
        header = next((line for line in stream if line.strip()), "")
    outside = re.sub(r'"[^"]*"', "", header)
    separator = max(",;\t|", key=outside.count)
    if separator != "," and outside.count(separator):
        guessed["separator"] = separator
    return file.model_copy(update=guessed), tuple(guessed)


def _encoding(path: Path) -> str | None:
    """None for UTF-8; cp1252 is what programs on Windows write, latin-1 what holds every byte."""
    with path.open("rb") as stream:
        begin = stream.read(4)
    if begin.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        return "utf-16"
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


def _decimal_commas(profile: Profile) -> bool:
    codes = list(profile.counts)
    return any("," in code for code in codes) and all(re.fullmatch(r"-?\d+(,\d+)?", code) for code in codes)
