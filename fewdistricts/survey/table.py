"""The files of a survey as one table of coded columns, one file below the other."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from fewdistricts.design import File, short
from fewdistricts.errors import Problem, nearest
from fewdistricts.survey.spill import Codes, Piece, whole
from fewdistricts.text import some

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
    doubled: frozenset[str] = frozenset()
    """Labels that one file gives to several codes."""
    doubts: tuple[Problem, ...] = ()
    """Why the column cannot be numbers before more is declared."""
    odd: Mapping[str, str] = field(default_factory=dict)
    """Code: the character in it that no document can carry."""

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

    @property
    def counts(self) -> dict[str, int]:
        """How many rows have each code."""
        return dict(zip(self.distinct, self.rows_of().tolist(), strict=True))

    def codes_in(self, rows: np.ndarray) -> list[str]:
        """The codes that some rows (a mask) hold, in the order of `distinct`."""
        return [self.distinct[i] for i in np.unique(self.codes[rows]).tolist() if i >= 0]

    def rows(self, codes: Iterable[str]) -> np.ndarray:
        """Which rows have one of these codes."""
        return self.lookup(dict.fromkeys(codes, 1), 0).astype(bool)[self.codes]

    def matches(self, spelled: str) -> tuple[str, ...]:
        """Codes that a code or label in evaluation.yaml means: one file may hold its label, another its code."""
        known = spelled in self.distinct or spelled in self.labels
        codes = [spelled] if known else []
        codes += [code for code, labels in self.labels.items() if spelled in labels and code != spelled]
        return tuple(codes)

    def is_ambiguous(self, spelled: str) -> bool:
        """Whether a spelling is the label of one code and itself a code that is labelled otherwise."""
        codes = self.matches(spelled)
        if len(codes) < 2:
            return False
        if spelled in self.doubled:
            return True
        labels = self.labels.get(spelled, frozenset())
        is_number = spelled.lstrip("-").isdigit()
        return spelled in codes and spelled not in labels and (bool(labels) or is_number)

    def meaning_of(self, spelled: str) -> str:
        """What an ambiguous spelling could mean, as messages say it."""
        return " or ".join(f"code {short(code)}" for code in self.matches(spelled))

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


def codes_of(
    column: Column, spelled_codes: Iterable[str], where: str, key: str, problems: list[Problem], must_occur: bool = True
) -> list[str]:
    """Codes that the spelled ones of a key mean; adds what is wrong with these to the problems."""
    out: list[str] = []
    for spelled in spelled_codes:
        codes = column.matches(spelled)
        if column.is_ambiguous(spelled):
            found = f"{short(spelled)} in `{key}`, which is {column.meaning_of(spelled)}"
            problems.append(Problem(where, found, "a code or label with one meaning", "use codes"))
        elif not codes and must_occur:
            problems.append(no_answer(where, spelled, key, column.spellings()))
        out += codes
    return out


def owners(
    column: Column,
    spelled: Mapping[str, Iterable[str]],
    where: str,
    key: str,
    problems: list[Problem],
    must_occur: bool = True,
) -> dict[str, str]:
    """Code: which name of a key, such as a group or a kind of missing answer, lists it; no code has two."""
    owner: dict[str, str] = {}
    for name, codes in spelled.items():
        for code in codes_of(column, codes, where, f"{key}.{name}", problems, must_occur):
            if owner.setdefault(code, name) != name:
                found = f"{short(code)} in `{key}.{name}` and in `{key}.{owner[code]}`"
                problems.append(Problem(where, found, "each answer in one of them"))
    return owner


def no_answer(where: str, spelled: str, key: str, known: Sequence[str]) -> Problem:
    """That a key names an answer which the column does not have."""
    allowed = some([name[:60] for name in known], 12)
    return Problem(where, f"no answer {short(spelled)}, which `{key}` names", allowed, nearest(spelled, known))


def again(rows: np.ndarray, *keys: np.ndarray) -> np.ndarray:
    """Those of some rows (a mask) of which an earlier one has the same of each key (n,), as indices."""
    known = np.flatnonzero(rows)
    repeats = pd.DataFrame({i: key[known] for i, key in enumerate(keys)}).duplicated()
    return known[repeats.to_numpy()]


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
        for empty in sorted(row for row in self.empty_rows() if row >= self.first_row):
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
        places = pa.array(order.astype(np.min_scalar_type(len(order))))
        for column in self.columns.values():
            codes = pc.take(pa.array(column.codes), places, boundscheck=False).to_numpy()
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

    def problems_of(
        self, column: Column, codes: Iterable[str], found: str, allowed: str = "", remedy: str = ""
    ) -> Iterator[Problem]:
        """The same for the rows with these codes of a column."""
        return self.problems(column.name, column.rows(codes), found, allowed, remedy)

    def where(self, column: str) -> str:
        """The files and the column, where a problem is no row's."""
        return f"{', '.join(dict.fromkeys(part.where for part in self.parts))}, column {column!r}"
