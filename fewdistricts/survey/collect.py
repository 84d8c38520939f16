"""Cells of files as codes of columns: numbers by their marks, ids by their digits, answers as `recode` says."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from math import isfinite
from typing import Any

import numpy as np

from fewdistricts.design import File, canonical, short
from fewdistricts.errors import Problem, nearest
from fewdistricts.spelling import folded, plain, unprintable
from fewdistricts.survey.lookup import looked_up
from fewdistricts.survey.marks import Marks, number
from fewdistricts.survey.nonanswers import is_negative, missing_kind
from fewdistricts.survey.source import Batch, Source
from fewdistricts.survey.spill import Codes, Spill
from fewdistricts.survey.table import Column

Spelled = tuple[np.ndarray, list[str]]
"""Index of each row into codes, -1 where empty, and the codes."""


@dataclass
class Reading:
    """How one file's cells of one column become codes."""

    where: str
    column: str
    recode: dict[str, str]
    digits: int
    marks: Marks
    labels: dict[str, str]
    """Canonical code of the file: its label."""
    seen: set[str] = field(default_factory=set)
    """Codes of the file, before `recode`."""
    odd: dict[str, str] = field(default_factory=dict)
    """Code: the character in it that no document can carry."""

    @classmethod
    def of(cls, where: str, file: File, source: Source, column: str, inside: str) -> Reading:
        """The declarations of a file for a column, which the file calls `inside`."""
        labels = dict(source.labels.get(inside, {}))
        recode, digits = file.recode.get(column, {}), file.pad.get(column, 0)
        return cls(where, column, recode, digits, Marks.of(file, column), labels)

    def code(self, value: Any) -> str:
        """The code that evaluation.yaml uses for a cell."""
        if isinstance(value, str):
            value = self.marks.read(plain(value))
            if not value.isprintable() and (character := unprintable(value)):
                self.odd[self.recoded(canonical(value))] = character
        code = canonical(value)
        if self.digits and code.isdigit():
            code = code.zfill(self.digits)
        self.seen.add(code)
        return self.recoded(code)

    def recoded(self, code: str) -> str:
        """A code of the file as the rest of evaluation.yaml calls it; `recode` may name it by its label."""
        if code in self.recode:
            return self.recode[code]
        return self.recode.get(self.labels.get(code, ""), code)

    def problems(self) -> Iterator[Problem]:
        """Keys of `recode` that change nothing."""
        spellings = [*self.labels.values(), *self.labels, *self.seen]
        unused = [key for key in self.recode if key not in spellings]
        if unused:
            named = ", ".join(short(key) for key in unused[:5])
            allowed = ", ".join(name[:60] for name in dict.fromkeys(spellings) if name) or "answers of the column"
            place, found = f"{self.where}, column {self.column!r}", f"no answer {named}, which `recode` names"
            yield Problem(place, found, allowed[:400], nearest(unused[0], spellings))


class Collector:
    """Gathers one column over batches and files."""

    def __init__(self, name: str, spill: Spill) -> None:
        self.name, self.spill = name, spill
        self.index: dict[str, int] = {}
        self.pieces: list[Codes] = []
        self.labels: dict[str, set[str]] = {}
        self.labels_of_files: dict[str, dict[str, str]] = {}
        """File: label by the code it gives to rows, after `recode`."""
        self.doubled: set[str] = set()
        self.user_missing: set[str] = set()
        self.doubts: list[Problem] = []
        self.odd: dict[str, str] = {}

    def add(self, codes: np.ndarray, values: list[str]) -> None:
        """Rows as indices into values, -1 where empty."""
        places = [self.index.setdefault(value, len(self.index)) if value else -1 for value in values]
        small = np.int8 if len(self.index) < 127 else (np.int16 if len(self.index) < 32_767 else np.int32)
        self.pieces.append(self.spill.keep(looked_up(np.array([*places, -1], dtype=small), codes)))

    def add_constant(self, rows: int, value: str = "") -> None:
        """Rows that all hold one value, or nothing."""
        self.add(np.zeros(rows, dtype=np.int8), [value])

    def finish(self, reading: Reading) -> Iterator[Problem]:
        """Takes over a file's labels once all its rows are read."""
        named: dict[str, str] = {}
        for code, label in reading.labels.items():
            recoded = reading.recoded(code)
            if recoded != code and recoded not in reading.labels:
                continue  # the answer is what `recode` calls it now
            if recoded == code:
                self.labels.setdefault(code, set()).add(label)
                if code in reading.seen:
                    named[code] = label
        for code, label in named.items():
            if any(other != code and text == label for other, text in named.items()):
                self.doubled.add(label)
        yield from self._clashes(reading, named)
        self.labels_of_files[reading.where] = named
        doubt = reading.marks.doubt(reading.where)
        if doubt:
            self.doubts.append(doubt)
        self.odd |= reading.odd
        yield from reading.problems()

    def _clashes(self, reading: Reading, named: dict[str, str]) -> Iterator[Problem]:
        """A code that two files label differently, where the label of one is another code's in the other."""
        for where, others in self.labels_of_files.items():
            elsewhere = {folded(label): code for code, label in others.items()}
            for code, label in named.items():
                other = others.get(code)
                moved = elsewhere.get(folded(label))
                if other is None or folded(other) == folded(label) or moved in (None, code):
                    continue
                found = f"code {short(code)} labelled {short(label)}, which is code {short(moved)} in {where}"
                remedy = f"declare `recode: {{{self.name}: {{{code}: {moved}, …}}}}` for one of the files"
                place = f"{reading.where}, column {self.name!r}"
                yield Problem(place, found, "one code for one answer in all files", remedy)
                return
            yield from self._turned(reading, named, where, others)

    def _turned(self, reading: Reading, own: dict[str, str], where: str, others: dict[str, str]) -> Iterator[Problem]:
        """A scale of which two files name the lower end at opposite ends, in other words."""
        answers = [code for code in own.keys() & others if isfinite(number(code))]
        answers = [code for code in answers if not missing_kind(own[code]) and not missing_kind(others[code])]
        if len(answers) < 2:
            return
        low, high = min(answers, key=number), max(answers, key=number)
        ends = [(is_negative(labels[low]), is_negative(labels[high])) for labels in (own, others)]
        if ends in ([(True, False), (False, True)], [(False, True), (True, False)]):
            found = f"code {short(low)} labelled {short(own[low])}, and {short(others[low])} in {where}"
            turned = f"{low}: {high}, {high}: {low}" if len(answers) == 2 else f"{low}: {high}, …, {high}: {low}"
            remedy = f"is the scale turned round? Declare `recode: {{{self.name}: {{{turned}}}}}` for one of the files"
            place = f"{reading.where}, column {self.name!r}"
            yield Problem(place, found, "one direction in all files", f"{remedy}, or correct its labels")

    def column(self) -> Column:
        """The column over all files."""
        codes = self.spill.together(self.pieces)
        self.pieces.clear()  # else all columns are held twice
        return Column(
            self.name,
            codes,
            tuple(self.index),
            {code: frozenset(labels) for code, labels in self.labels.items()},
            frozenset(self.user_missing),
            frozenset(self.doubled),
            tuple(self.doubts),
            self.odd,
        )


def windowed(source: Source, file: File, places: list[int]) -> Iterator[tuple[Batch, int]]:
    """Batches of the columns at these places, and their rows, from `first_row` to `last_row` of `data.files`."""
    window, position = _window(file, source), 0
    for batch in source.batches(list(dict.fromkeys(places)) or [0]):
        size = len(next(iter(batch.values()))[0])
        first, last = max(0, window.start - position), min(size, window.stop - position)
        position += size
        if first < last:
            yield {place: (codes[first:last], values) for place, (codes, values) in batch.items()}, last - first


def spelled(where: str, source: Source, file: File, names: Sequence[str]) -> Iterator[dict[str, Spelled]]:
    """Batches of columns as indices into codes, -1 where empty, as `data.files` spells them."""
    readings = {name: Reading.of(where, file, source, name, name) for name in names}
    places = {name: source.header.index(name) for name in names}
    for batch, _ in windowed(source, file, list(places.values())):
        out: dict[str, Spelled] = {}
        for name, place in places.items():
            codes, values = batch[place]
            out[name] = codes, [readings[name].code(value) for value in values]
        yield out


def _window(file: File, source: Source) -> range:
    """Which of the rows that are not empty lie between `first_row` and `last_row`."""
    start, stop = 0, 2**62
    if file.first_row is None and file.last_row is None:
        return range(start, stop)
    empty = [row for row in source.empty_rows() if row >= source.first_row]
    if file.first_row is not None:
        start = file.first_row - source.first_row - sum(row < file.first_row for row in empty)
    if file.last_row is not None:
        stop = file.last_row + 1 - source.first_row - sum(row <= file.last_row for row in empty)
    return range(max(0, start), max(0, stop))
