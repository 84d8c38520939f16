"""The files of a survey as one table of coded columns: stacked first, interpreted afterwards, once."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

import numpy as np

from .. import paths
from ..design import Design, File, canonical, short
from ..errors import DataError, Problem, nearest
from .formats import Source, open_file, problems_of
from .spill import Codes, Piece, Spill, whole

MOST_NAMED = 5
"""Rows a message names before it only counts them."""


@dataclass(frozen=True)
class Column:
    """A column of the stacked files: every row as an index into the distinct codes, -1 where it is empty."""

    name: str
    held: Codes
    """The codes of the rows, in memory or in a file."""
    distinct: tuple[str, ...]
    """Canonical codes, in order of appearance."""
    labels: Mapping[str, frozenset[str]] = field(default_factory=dict)
    """Canonical code: its value labels, several where files label it differently."""
    user_missing: frozenset[str] = frozenset()
    """Codes the file itself calls missing."""

    @property
    def codes(self) -> np.ndarray:
        """The code of every row, read where it is in a file."""
        return whole(self.held)

    def some(self, rows: slice) -> np.ndarray:
        """The codes of some rows."""
        return self.held.read(rows) if isinstance(self.held, Piece) else self.held[rows]

    def rows_of(self) -> np.ndarray:
        """How many rows have each distinct code."""
        codes = self.codes
        return np.bincount(codes[codes >= 0], minlength=len(self.distinct))

    def matches(self, spelled: str) -> tuple[str, ...]:
        """Codes that a code or label in evaluation.yaml can mean."""
        known = spelled in self.distinct or spelled in self.labels
        codes = [spelled] if known else []
        codes += [code for code, labels in self.labels.items() if spelled in labels and code != spelled]
        return tuple(codes)

    def shown(self, code: str) -> str:
        """The label of a code, or the code."""
        return min(self.labels.get(code) or (code,))

    def spellings(self) -> list[str]:
        """Everything evaluation.yaml could call an answer of this column."""
        labels = [label for each in self.labels.values() for label in sorted(each)]
        return [*dict.fromkeys([*labels, *self.distinct])]

    def lookup(self, meaning: Mapping[str, int], otherwise: int = -1) -> np.ndarray:
        """A number for every code and, last, for the empty answer: indexing it by `codes` gives one for each row."""
        return np.array([meaning.get(code, otherwise) for code in self.distinct] + [otherwise])


@dataclass(frozen=True)
class LeftOut:
    """Rows that evaluation.yaml leaves out: how many, by the first declared code that they have."""

    column: str
    code: str
    wave: str
    """Id of the wave; empty where the row's wave is no declared one."""
    rows: int


@dataclass(frozen=True)
class Part:
    """The rows of one file in the table."""

    where: str
    file: File
    start: int
    rows: int
    first_row: int
    empty_rows: Callable[[], Sequence[int]] = tuple
    kept: np.ndarray | None = None
    """Which of the file's rows these are, where some were left out."""

    def numbers(self, rows: np.ndarray) -> list[int]:
        """The numbers a spreadsheet gives these rows of the table, empty ones counted."""
        own = rows - self.start
        numbers = (own if self.kept is None else self.kept[own]) + self.first_row
        for empty in sorted(self.empty_rows()):
            numbers = numbers + (numbers >= empty)
        return numbers.tolist()


@dataclass(frozen=True)
class Table:
    """All files of a survey, one below the other."""

    columns: dict[str, Column]
    parts: tuple[Part, ...]
    left_out: tuple[LeftOut, ...] = ()

    @property
    def rows(self) -> int:
        """Number of rows."""
        return sum(part.rows for part in self.parts)

    def rearrange(self, order: np.ndarray) -> None:
        """Puts the rows in another order, in place; they have no numbers then."""
        for column in self.columns.values():
            codes = column.codes[order]
            if isinstance(column.held, Piece):
                column.held.write(codes)
            else:
                column.held[:] = codes

    def problems(
        self, column: str, rows: np.ndarray, found: str, allowed: str = "", remedy: str = ""
    ) -> Iterator[Problem]:
        """One problem a file for these rows (a mask or indices), at most five of them by number."""
        indices = np.flatnonzero(rows) if rows.dtype == bool else np.sort(rows)
        for part in self.parts:
            low, high = np.searchsorted(indices, [part.start, part.start + part.rows])
            inside = indices[low:high]
            if len(inside):
                named = ", ".join(map(str, part.numbers(inside[:MOST_NAMED])))
                more = f" and {len(inside) - MOST_NAMED:,} more" if len(inside) > MOST_NAMED else ""
                original = {to: name for name, to in part.file.rename.items()}.get(column, column)
                place = f"{part.where}, column {original!r}" if column else part.where
                plural = "rows" if len(inside) > 1 else "row"
                yield Problem(f"{place}, {plural} {named}{more}", found, allowed, remedy)

    def where(self, column: str) -> str:
        """The files and the column, where a problem is no row's."""
        return f"{', '.join(dict.fromkeys(part.where for part in self.parts))}, column {column!r}"


def needed(design: Design, file: File, only: set[str] | None = None) -> dict[str, str]:
    """Columns a file must have, each with the key of evaluation.yaml that names it."""
    columns = design.data.columns
    out = {design.district_column: "data.columns.district"}
    for role in ("wave", "weight", "stratum", "psu", "respondent", "fpc", "population"):
        if name := getattr(columns, role):
            out.setdefault(name, f"data.columns.{role}")
    if declared := design.district_columns:
        for role in ("arm", "name", "start", "pair", "population"):
            if name := getattr(declared, role):
                out.setdefault(name, f"districts.{role}")
    ids = {indicator.id for indicator in design.indicators}
    made = {indicator.id for indicator in design.indicators if indicator.rule}
    for i, indicator in enumerate(design.indicators):
        if file.wave is None or design.asked(indicator, file.wave):
            if indicator.column:
                out.setdefault(indicator.column, f"indicators[{i}].column ({indicator.id})")
            for name in indicator.parts:
                if indicator.of_columns or name not in ids:
                    out.setdefault(name, f"indicators[{i}].{indicator.rule} ({indicator.id})")
            for name in indicator.among:
                if name not in made:
                    out.setdefault(name, f"indicators[{i}].among ({indicator.id})")
    for i, name in enumerate(design.covariates):
        out.setdefault(name, f"covariates[{i}]")
    for name in design.data.leave_out:
        out.setdefault(name, f"data.leave_out.{name}")
    if only is not None:
        out = {name: key for name, key in out.items() if name in only or name in design.data.leave_out}
    return out


def read(design: Design, only: set[str] | None = None) -> Table:
    """Every file stacked, without the rows that `data.leave_out` names; DataError with all problems of all files.

    `only` restricts the columns, for a look at the districts before anything else.
    """
    problems: list[Problem] = []
    opened: list[tuple[File, str, Source, dict[str, str]]] = []
    for file in design.data.files:
        path = paths.raw(design.evaluation) / file.path
        where = paths.shown(path)
        try:
            _check_bytes(path, where, file)
            source = open_file(path, where, file)
            opened.append((file, where, source, _names(source, where, file, needed(design, file, only))))
        except DataError as error:
            problems += [problem for problem in error.problems if isinstance(problem, Problem)]
        except OSError as error:
            problems.append(Problem(where, f"a file that cannot be opened: {error.strerror}", "a readable file"))
    names = list(dict.fromkeys(name for *_, own in opened for name in own))
    spill = Spill(paths.processed(design.evaluation))
    collectors = {name: _Collector(name, spill) for name in names}
    parts: list[Part] = []
    for file, where, source, own in opened:
        start = parts[-1].start + parts[-1].rows if parts else 0
        try:
            with problems_of(where, Path(file.path).suffix.lower()):
                rows = _collect(source, file, own, collectors)
        except DataError as error:
            problems += [problem for problem in error.problems if isinstance(problem, Problem)]
            rows = 0
        else:
            if rows == 0:
                problems.append(Problem(where, "no rows below the header", "at least one respondent"))
        parts.append(Part(where, file, start, rows, source.first_row, source.empty_rows))
    if problems:
        raise DataError(problems)
    table = Table({name: collector.column() for name, collector in collectors.items()}, tuple(parts))
    return _without(design, table) if design.data.leave_out else table


def _without(design: Design, table: Table) -> Table:
    """The table without the rows that `data.leave_out` names, which are counted."""
    problems: list[Problem] = []
    reason = np.full(table.rows, -1)
    named = [(name, spelled) for name, codes in design.data.leave_out.items() for spelled in codes]
    for i, (name, spelled) in enumerate(named):
        column = table.columns[name]
        codes = column.matches(spelled)
        rows = np.isin(column.codes, [column.distinct.index(code) for code in codes if code in column.distinct])
        if len(codes) > 1:
            meant = " or ".join(f"code {short(code)}" for code in codes)
            problems.append(Problem(table.where(name), f"{short(spelled)}, which is {meant}", "one code", "use codes"))
        elif not rows.any():
            near = nearest(spelled, column.spellings()) or "take it out of data.leave_out"
            found = f"no row with {short(spelled)}, which data.leave_out names"
            problems.append(Problem(table.where(name), found, "codes or labels of the column", near))
        reason[rows & (reason < 0)] = i
    keep = reason < 0
    if not problems and not keep.any():
        found = "no row left"
        problems.append(Problem("data.leave_out", found, "some rows to evaluate", "leave out fewer codes"))
    if problems:
        raise DataError(problems)
    waves = _wave_ids(design, table)
    counts: dict[tuple[str, str, str], int] = {}
    for row in np.flatnonzero(~keep).tolist():
        key = (*named[reason[row]], waves[row])
        counts[key] = counts.get(key, 0) + 1
    parts: list[Part] = []
    for part in table.parts:
        kept = np.flatnonzero(keep[part.start : part.start + part.rows])
        start = parts[-1].start + parts[-1].rows if parts else 0
        parts.append(replace(part, start=start, rows=len(kept), kept=kept))
    spill = Spill(paths.processed(design.evaluation))
    columns = {name: replace(column, held=spill.keep(column.codes[keep])) for name, column in table.columns.items()}
    return Table(columns, tuple(parts), tuple(LeftOut(*key, rows) for key, rows in counts.items()))


def _wave_ids(design: Design, table: Table) -> list[str]:
    """The id of every row's wave, empty where it is none of the declared."""
    column = table.columns.get(design.data.columns.wave or "")
    if column is None:
        return [part.file.wave or "" for part in table.parts for _ in range(part.rows)]
    ids = {code: wave.id for wave in design.waves for spelled in wave.spellings for code in column.matches(spelled)}
    return [ids.get(code, "") for code in (column.distinct[i] if i >= 0 else "" for i in column.codes.tolist())]


def _check_bytes(path: Path, where: str, file: File) -> None:
    if not path.is_file():
        beside = [p.relative_to(path.parent).as_posix() for p in path.parent.glob("*")] if path.parent.is_dir() else []
        raise DataError(Problem(where, "no such file", "a file beside evaluation.yaml", nearest(path.name, beside)))
    if path.stat().st_size == 0:
        raise DataError(Problem(where, "an empty file", "a header and rows"))
    if file.sha256 is not None:
        with path.open("rb") as stream:
            digest = hashlib.file_digest(stream, "sha256").hexdigest()
        if digest != file.sha256:
            raise DataError(
                Problem(
                    where,
                    f"sha256 {digest}",
                    f"{file.sha256}, as data.files declares",
                    "the file has changed: get the right one, or declare the new sha256 and say why in SOURCE.md",
                )
            )


def _names(source: Source, where: str, file: File, wanted: dict[str, str]) -> dict[str, str]:
    """Wanted column: its name in the file."""
    problems: list[Problem] = []
    header = list(source.header)
    for name in file.rename:
        if name not in header:
            problems.append(_no_column(where, name, "data.files.rename", header))
    original = {to: name for name, to in file.rename.items() if name in header}
    out: dict[str, str] = {}
    for name, key in wanted.items():
        inside = original.get(name, name)
        if name in original and name in header and name not in file.rename:
            problems.append(
                Problem(
                    where,
                    f"a column {short(name)} beside {short(inside)}, which is renamed to it",
                    "one column of a name",
                )
            )
        elif inside not in header or (inside in file.rename and file.rename[inside] != name):
            if name not in file.rename.values():  # else its absence is a problem of `rename` already
                problems.append(_no_column(where, name, key, [file.rename.get(each, each) for each in header]))
        elif header.count(inside) > 1:
            problems.append(
                Problem(where, f"{header.count(inside)} columns named {short(inside)}", "one column of a name")
            )
        else:
            out[name] = inside
    if problems:
        raise DataError(problems)
    return out


def _no_column(where: str, name: str, key: str, header: list[str]) -> Problem:
    shown = ", ".join(name[:60] for name in header[:30]) + (f" and {len(header) - 30} more" if len(header) > 30 else "")
    return Problem(where, f"no column {short(name)}, which {key} names", f"columns {shown}", nearest(name, header))


class _Collector:
    """Gathers one column over batches and files."""

    def __init__(self, name: str, spill: Spill) -> None:
        self.name, self.spill = name, spill
        self.index: dict[str, int] = {}
        self.pieces: list[Codes] = []
        self.labels: dict[str, set[str]] = {}
        self.user_missing: set[str] = set()

    def add(self, codes: np.ndarray, values: list[str]) -> None:
        places = [self.index.setdefault(value, len(self.index)) if value else -1 for value in values]
        small = np.int8 if len(self.index) < 127 else (np.int16 if len(self.index) < 32_767 else np.int32)
        self.pieces.append(self.spill.keep(np.array([*places, -1], dtype=small)[codes]))

    def add_empty(self, rows: int) -> None:
        self.pieces.append(self.spill.keep(np.full(rows, -1, dtype=np.int8)))

    def column(self) -> Column:
        codes = self.spill.together(self.pieces)
        self.pieces.clear()  # else all columns are held twice
        labels = {code: frozenset(labels) for code, labels in self.labels.items()}
        return Column(self.name, codes, tuple(self.index), labels, frozenset(self.user_missing))


def _collect(source: Source, file: File, own: dict[str, str], collectors: dict[str, _Collector]) -> int:
    """Adds a file's rows to the columns, in the codes evaluation.yaml uses; returns their number."""
    for name, inside in own.items():
        recode = file.recode.get(name, {})
        for code, label in source.labels.get(inside, {}).items():
            collectors[name].labels.setdefault(recode.get(code, code), set()).add(label)
    rows = 0
    for batch in source.batches(list(dict.fromkeys(own.values()))):
        size = len(next(iter(batch.values()))[0])
        for name, collector in collectors.items():
            if name not in own:
                collector.add_empty(size)
                continue
            codes, values = batch[own[name]]
            spelled = [canonical(value) for value in values]
            is_missing = source.user_missing.get(own[name])
            recode = file.recode.get(name, {})
            if is_missing is not None:
                collector.user_missing |= {recode.get(code, code) for code in spelled if is_missing(code)}
            collector.add(codes, [recode.get(code, code) for code in spelled])
        rows += size
    return rows
