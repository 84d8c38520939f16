"""A first look at survey files nobody has described yet: how they are written, and what each column holds."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from math import isnan
from pathlib import Path

import numpy as np
import pandas as pd

from fewdistricts.design import File, canonical
from fewdistricts.draft import names, sniff
from fewdistricts.errors import DataError, Problem
from fewdistricts.provenance.origin import sha256
from fewdistricts.survey import contents
from fewdistricts.survey.collect import spelled
from fewdistricts.survey.duplicates import interview_columns
from fewdistricts.survey.formats import open_file, require_known
from fewdistricts.survey.marks import number
from fewdistricts.survey.nonanswers import is_nothing
from fewdistricts.survey.source import EncodingError, Source, problems_of

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
        numbers = {code: number(code) for code in self.counts if code not in self.user_missing}
        texts = sorted(code for code, value in numbers.items() if isnan(value))
        return [*sorted(numbers.keys() - texts, key=lambda code: (numbers[code], code)), *texts]

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
                self._measure(value)

    def _measure(self, value: str) -> None:
        """Takes an answer into what is known of all: whether they are numbers, whole ones, and from where to where."""
        if value in self.user_missing or is_nothing(value):
            return
        as_number = number(value)
        self.numeric = self.numeric and not np.isnan(as_number)
        self.whole = self.whole and (np.isnan(as_number) or float(as_number).is_integer())
        self.low, self.high = np.fmin(self.low, as_number), np.fmax(self.high, as_number)

    def without(self, cells: Sequence[str]) -> Profile:
        """The column without these cells of it; the column itself where it has more answers than are kept apart."""
        if self.many:
            return self
        less = Counter(cells)
        counts = dict(Counter(self.counts) - less)
        rest = Profile(
            self.name, self.text, self.rows - len(cells), self.empty - less[""], counts, self.labels, self.user_missing
        )
        for code in counts:
            rest._measure(code)
        return rest

    def recoded(self, changes: Mapping[str, str]) -> Profile:
        """The column with other codes for some of its answers."""
        counts: Counter[str] = Counter()
        for code, count in self.counts.items():
            counts[changes.get(code, code)] += count
        labels = {changes.get(code, code): label for code, label in self.labels.items()}
        user_missing = {changes.get(code, code) for code in self.user_missing}
        return replace(self, counts=dict(counts), labels=labels, user_missing=user_missing)

    def joined(self, other: Profile) -> Profile:
        """Both, as one column."""
        return replace(
            self,
            text=self.text or other.text,
            rows=self.rows + other.rows,
            empty=self.empty + other.empty,
            counts=dict(Counter(self.counts) + Counter(other.counts)),
            labels=other.labels | self.labels,
            user_missing=self.user_missing | other.user_missing,
            numeric=self.numeric and other.numeric,
            whole=self.whole and other.whole,
            low=min(self.low, other.low),
            high=max(self.high, other.high),
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
    remarks: tuple[str, ...] = ()
    """What somebody has to know of the file: columns of one name, other sheets, repeated interviews."""
    renamed: tuple[tuple[str, str], ...] = ()
    """The file's name of a column, and the name the draft uses."""
    wave: str = ""
    """The wave whose columns these are, where a file has columns for each wave."""

    @property
    def rows(self) -> int:
        """Number of rows."""
        return max((profile.rows for profile in self.columns.values()), default=0)

    @property
    def stem(self) -> str:
        """What tells this file or sheet from the others."""
        return self.wave or str(self.file.sheet or self.path.stem)

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
    """The file at a path, a workbook by its sheets; DataError where it is none of ours or cannot be read."""
    where, suffix = path.name, path.suffix.lower()
    contents.require(path, where, "a survey file")
    require_known(path, where)
    file = File(path=where, sha256=sha256(path))
    if suffix in sniff.SPREADSHEETS:
        contents.check(path, where, is_binary=True)
        return _sheets(path, where, file)
    looked = _in_its_encoding(path, where, file)
    if looked.rows == 0:
        raise DataError(Problem(where, "no rows below the header", "at least one respondent"))
    return [looked]


def agreed(looked: Sequence[Looked]) -> list[Looked]:
    """The files, each read again whose marks another contradicts.

    A mark that all numbers of a small file have before three digits seems to part thousands; where another file shows
    that it parts the decimals of that column, it does so in both.
    """
    out = []
    for each in looked:
        thousands = each.file.thousands if isinstance(each.file.thousands, dict) else {}
        decimals = {
            name: mark for name, mark in thousands.items()
            if each.file.decimal_of(name) is None and any(_has_decimals(other, name, mark) for other in looked)
        }  # fmt: skip
        if decimals:
            keys = {key: getattr(each.file, key) for key in each.guessed} | {
                "thousands": {name: mark for name, mark in thousands.items() if name not in decimals} or None,
                "decimal": decimals | (each.file.decimal if isinstance(each.file.decimal, dict) else {}),
            }
            given = File(path=each.file.path, sha256=each.file.sha256)
            each = _profiled(each.path, each.path.name, given, {key: value for key, value in keys.items() if value})
        out.append(each)
    return out


def _has_decimals(looked: Looked, column: str, mark: str) -> bool:
    """Whether a file's column holds decimals behind this mark."""
    profile = looked.columns.get(column)
    if profile is None or not profile.numeric or profile.whole or looked.file.thousands_of(column) == mark:
        return False
    return (looked.file.decimal_of(column) or ".") == mark


def _in_its_encoding(path: Path, where: str, file: File) -> Looked:
    """A file of texts, Stata, SPSS or SAS; where it does not hold the encoding that it states, in a usual one."""
    for guessed in ({}, {"encoding": "cp1252"}):
        try:
            return _with_marks(path, where, file, dict(guessed))
        except EncodingError:
            continue
    return _with_marks(path, where, file, {"encoding": "latin-1"})  # which knows every byte


def _sheets(path: Path, where: str, file: File) -> list[Looked]:
    """The largest sheet, and those that hold most of its columns too: waves are often sheets of one file.

    A roster can be larger than the sheet of the interviews: sheets with a column of districts come first.
    """
    with problems_of(where, path.suffix.lower()):
        sheets = sniff.sheets(path)
    looked: dict[str, Looked] = {}
    problems: list[Problem] = []
    for name, cells in sheets.items():
        guessed: dict[str, object] = {"sheet": name} if len(sheets) > 1 else {}
        if not cells:
            continue
        try:
            each = _with_marks(path, where, file, guessed)
        except DataError as error:
            problems += error.problems
            continue
        if each.rows:
            looked[name] = each
    if not looked:
        nothing = Problem(where, "no rows below the header", "at least one respondent")
        raise DataError(problems or nothing)
    first = max(looked, key=lambda name: (_has_district(looked[name]), sheets[name]))
    columns = looked[first].columns.keys()
    kept = [name for name, each in looked.items() if len(columns & each.columns.keys()) > len(columns) / 2]
    aside = [name for name in sheets if name not in kept]
    remark = f"the other sheets are not read: {', '.join(aside)}" if aside else ""
    return [_remarked(looked[name], remark if name == first else "") for name in kept]


def _has_district(looked: Looked) -> bool:
    return any(names.rank("district", name) is not None for name in looked.columns)


def _remarked(looked: Looked, remark: str) -> Looked:
    return replace(looked, remarks=(*looked.remarks, remark)) if remark else looked


def _with_marks(path: Path, where: str, file: File, guessed: dict[str, object]) -> Looked:
    """A file or sheet, read with what its first rows and its numbers tell of how it is written."""
    with problems_of(where, path.suffix.lower()):
        guessed = guessed | sniff.layout(path, file.model_copy(update=guessed))
    looked = _profiled(path, where, file, guessed)
    codes = {name: list(profile.counts) for name, profile in looked.columns.items()}
    marks = sniff.marks(codes, looked.file.separator)
    return _profiled(path, where, file, guessed | marks) if marks else looked


def _profiled(path: Path, where: str, file: File, guessed: dict[str, object]) -> Looked:
    file = file.model_copy(update=guessed)
    source = open_file(path, where, file)
    once = [name for name in source.header if name and source.header.count(name) == 1 and name not in source.nested]
    columns = {name: Profile(name, source.texts.get(name, "")) for name in once}
    for name, profile in columns.items():
        profile.labels |= source.labels.get(name, {})
    with problems_of(where, path.suffix.lower()):
        for batch in spelled(where, source, file, once):
            for name, (codes, values) in batch.items():
                is_missing = source.user_missing.get(name)
                if is_missing is not None:
                    columns[name].user_missing |= {code for code in values if code and is_missing(code)}
                columns[name].add(codes, values)
    return Looked(path, file, tuple(guessed), source, columns, tuple(_remarks(source, columns)))


def _remarks(source: Source, columns: dict[str, Profile]) -> Iterator[str]:
    """What somebody has to know of a file before the draft is right."""
    doubled = [name for name in dict.fromkeys(source.header) if name and source.header.count(name) > 1]
    if doubled:
        yield f"several columns are called {', '.join(map(repr, doubled))}: none of them is read; rename all but one"
    unnamed = sum(not name for name in source.header)
    if unnamed:
        yield f"{unnamed} columns without a name are not read"
    for place, name in enumerate(source.header):
        if name in columns and columns[name].empty == columns[name].rows:
            why = source.why_empty(place)
            if why:
                yield f"column {name!r} reads as empty: {why}"
    for name in interview_columns(source.header):
        if name in columns:
            counts = columns[name].counts
            again = sum(counts.values()) - len(counts)
            if again:
                yield f"{again} rows repeat an interview (the ids in {name!r}): `duplicates: keep` would keep them"
