"""All files of a survey, stacked first and interpreted afterwards, once."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import pandas as pd

from fewdistricts import paths
from fewdistricts.design import Design, File, short
from fewdistricts.errors import DataError, Problem, nearest
from fewdistricts.spelling import folded, plain
from fewdistricts.survey import contents, duplicates
from fewdistricts.survey.collect import Collector, Reading, windowed
from fewdistricts.survey.formats import open_file
from fewdistricts.survey.named_by_wave import in_wide_form
from fewdistricts.survey.source import Source, problems_of
from fewdistricts.survey.spill import Spill
from fewdistricts.survey.table import Column, LeftOut, Part, Table, codes_of
from fewdistricts.text import some

MOST_COLUMNS = 5
"""Columns that a file lacks and a message names one by one."""


@dataclass(frozen=True)
class _Opened:
    """A file of the declaration, its source and where each wanted column is."""

    file: File
    where: str
    path: Path
    source: Source
    places: dict[str, int]
    """Column: its place in the header."""


def needed(design: Design, file: File, only: set[str] | None = None) -> dict[str, str]:
    """Columns a file must have, each with the first key of evaluation.yaml that names it."""
    out: dict[str, str] = {}
    for name, key in _named_columns(design, file):
        if only is None or name in only or name in design.data.leave_out:
            out.setdefault(name, key)
    return out


def _named_columns(design: Design, file: File) -> Iterator[tuple[str, str]]:
    """Every column that evaluation.yaml names and a file has to have, and the key that names it; the district first."""
    yield design.district_column, "data.columns.district"
    for role in ("wave", "weight", "stratum", "psu", "respondent", "fpc", "population"):
        if name := getattr(design.data.columns, role):
            yield name, f"data.columns.{role}"
    for role in ("arm", "name", "start", "pair", "population"):
        if name := getattr(design.district_columns, role, None):
            yield name, f"districts.{role}"
    ids = {indicator.id for indicator in design.indicators}
    made = {indicator.id for indicator in design.indicators if indicator.rule}
    for i, indicator in enumerate(design.indicators):
        if file.wave is not None and not design.asked(indicator, file.wave):
            continue
        if indicator.column:
            yield indicator.column, f"indicators[{i}].column ({indicator.id})"
        for name in indicator.parts:
            if indicator.of_columns or name not in ids:
                yield name, f"indicators[{i}].{indicator.rule} ({indicator.id})"
        for name in indicator.among:
            if name not in made:
                yield name, f"indicators[{i}].among ({indicator.id})"
    for i, name in enumerate(design.covariates):
        yield name, f"covariates[{i}]"
    for name in design.data.weights.calibrate if design.data.weights else ():
        yield name, f"data.weights.calibrate.{name}"
    for i, subgroup in enumerate(design.subgroups):
        yield subgroup.column, f"subgroups[{i}].column"
    for name in design.data.leave_out:
        yield name, f"data.leave_out.{name}"


def read(design: Design, only: set[str] | None = None) -> Table:
    """Every file stacked, without the rows that `data.leave_out` names; DataError with all problems of all files.

    `only` restricts the columns, for a look at the districts before anything else.
    """
    problems: list[Problem] = []
    opened: list[_Opened] = []
    for file in design.data.files:
        try:
            opened.append(_open(design, file, only))
        except DataError as error:
            problems += error.problems
    no_twins = only is None and design.data.level == "respondent" and design.data.duplicates == "refuse"
    if no_twins:
        problems += duplicates.of_files([(each.path, each.where, each.places) for each in opened])
    table = _stacked(design, opened, no_twins, problems)
    if odd := list(_unprintable(table)):
        raise DataError(odd)
    kept = _without(design, table) if design.data.leave_out else table
    if again := list(_repeated_headers(opened, kept)):
        raise DataError(again)
    return kept


def _stacked(design: Design, opened: list[_Opened], no_twins: bool, problems: list[Problem]) -> Table:
    """The rows of all files one below the other; DataError with the `problems` so far and all that is wrong with them,
    `no_twins` also that two are alike."""
    names = list(dict.fromkeys(name for each in opened for name in (*each.places, *each.file.value)))
    spill = Spill(paths.processed(design.evaluation))
    collectors = {name: Collector(name, spill) for name in names}
    parts: list[Part] = []
    rows_of: dict[str, duplicates.Rows] = {}
    for each in opened:
        start = parts[-1].start + parts[-1].rows if parts else 0
        rows, first_row = 0, each.source.first_row
        try:
            with problems_of(each.where, each.path.suffix.lower()):
                rows, first_row, more = _collect(each, collectors)
                problems += more
                if no_twins and design.data.columns.respondent is None:
                    problems += duplicates.of_rows(each.where, each.file, each.source, rows, rows_of)
        except DataError as error:
            problems += error.problems
        else:
            if rows == 0:
                problems.append(Problem(each.where, "no rows below the header", "at least one respondent"))
        parts.append(Part(each.where, each.file, start, rows, first_row, each.source.empty_rows))
    if problems:
        raise DataError(problems)
    table = Table({name: collector.column() for name, collector in collectors.items()}, tuple(parts))
    empty = np.concatenate([_empty_at_the_end(table, part) for part in parts])
    return _of_rows(design, table, ~empty) if empty.any() else table


def _empty_at_the_end(table: Table, part: Part) -> np.ndarray:
    """Which rows of a file hold nothing and lie behind its last answer, as spreadsheets export formatted cells."""
    columns = [column for name, column in table.columns.items() if name not in part.file.value]
    empty = np.zeros(part.rows, dtype=bool)
    last = slice(part.start + part.rows - 1, part.start + part.rows)
    if part.rows and columns and all(column.some(last)[0] < 0 for column in columns):
        rows = slice(part.start, part.start + part.rows)
        filled = np.any([column.some(rows) >= 0 for column in columns], axis=0)
        empty[part.rows - int(np.argmax(filled[::-1])) :] = filled.any()
    return empty


def _repeated_headers(opened: list[_Opened], table: Table) -> Iterator[Problem]:
    """Rows that hold the names of the columns once more, as where several files were pasted into one."""
    for each, part in zip(opened, table.parts, strict=True):
        codes: dict[str, int] = {}
        # columns of few codes first: nearly always one of them settles it, and ids need not be looked through
        for name in sorted(each.places, key=lambda name: len(table.columns[name].distinct)):
            codes[name] = _named(table.columns[name], each.source.header[each.places[name]])
            if codes[name] < 0:
                break
        if len(codes) < 2 or -1 in codes.values():
            continue
        rows = slice(part.start, part.start + part.rows)
        repeats = np.all([table.columns[name].some(rows) == code for name, code in codes.items()], axis=0)
        first = next(iter(each.places))
        code = table.columns[first].distinct[codes[first]]
        found = "the names of the columns once more"
        remedy = f"delete such rows, or declare `leave_out: {{{first}: [{code}]}}` in data"
        yield from table.problems("", np.flatnonzero(repeats) + part.start, found, "answers", remedy)


def _named(column: Column, header: str) -> int:
    """Index of the code that is the name of the column; -1 where no row has it."""
    return next((i for i, code in enumerate(column.distinct) if plain(code) == header), -1)


def _unprintable(table: Table) -> Iterator[Problem]:
    """Answers with a character that neither XML nor a font can take."""
    for column in table.columns.values():
        for code, character in column.odd.items():
            found = f"the character {character} in {short(code, 30)}"
            remedy = "take it out of the file; was it read in the right `encoding`?"
            yield from table.problems_of(column, [code], found, "characters that can be printed", remedy)


def _open(design: Design, file: File, only: set[str] | None) -> _Opened:
    path = paths.raw(design.evaluation) / file.path
    where = paths.shown(path)
    try:
        _check_bytes(path, where, file)
        source = open_file(path, where, file)
    except OSError as error:
        found = f"a file that cannot be opened: {error.strerror}"
        raise DataError(Problem(where, found, "a readable file")) from None
    wanted = needed(design, file, only)
    if only is None:
        for name in duplicates.interview_columns(source.header):
            wanted.setdefault(name, "the interview's own id")
    return _Opened(file, where, path, source, _places(source, where, file, wanted))


def _without(design: Design, table: Table) -> Table:
    """The table without the rows that `data.leave_out` names, which are counted."""
    problems: list[Problem] = []
    reason = np.full(table.rows, -1)
    named = [(name, spelled) for name, codes in design.data.leave_out.items() for spelled in codes]
    for i, (name, spelled) in enumerate(named):
        column = table.columns[name]
        rows = column.rows(codes_of(column, [spelled], table.where(name), "data.leave_out", problems, must_occur=False))
        if not rows.any() and not column.is_ambiguous(spelled):
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
    aside = pd.DataFrame({"reason": reason, "wave": _wave_ids(design, table)})[~keep]
    counts = aside.groupby(["reason", "wave"], sort=False).size().reset_index(name="rows")
    left_out = tuple(LeftOut(*named[int(i)], str(wave), int(rows)) for i, wave, rows in counts.itertuples(index=False))
    return _of_rows(design, table, keep, left_out)


def _of_rows(design: Design, table: Table, keep: np.ndarray, left_out: tuple[LeftOut, ...] = ()) -> Table:
    """The table with some of its rows alone (a mask)."""
    parts: list[Part] = []
    for part in table.parts:
        kept = np.flatnonzero(keep[part.start : part.start + part.rows])
        start = parts[-1].start + parts[-1].rows if parts else 0
        parts.append(replace(part, start=start, rows=len(kept), kept=kept))
    spill = Spill(paths.processed(design.evaluation))
    columns = {name: replace(column, held=spill.keep(column.codes[keep])) for name, column in table.columns.items()}
    return Table(columns, tuple(parts), left_out)


def _wave_ids(design: Design, table: Table) -> np.ndarray:
    """The id of every row's wave, empty where it is none of the declared."""
    column = table.columns.get(design.data.columns.wave or "")
    if column is None:
        return np.repeat([part.file.wave or "" for part in table.parts], [part.rows for part in table.parts])
    ids = {code: wave.id for wave in design.waves for spelled in wave.spellings for code in column.matches(spelled)}
    return np.array([*(ids.get(code, "") for code in column.distinct), ""])[column.codes]


def _check_bytes(path: Path, where: str, file: File) -> None:
    contents.require(path, where, "a file beside evaluation.yaml")
    if file.sha256 is not None:
        with path.open("rb") as stream:
            digest = hashlib.file_digest(stream, "sha256").hexdigest()
        if digest != file.sha256:
            remedy = "the file has changed: get the right one, or declare the new sha256 and say why in SOURCE.md"
            raise DataError(Problem(where, f"sha256 {digest}", f"{file.sha256}, as data.files declares", remedy))


def _places(source: Source, where: str, file: File, wanted: dict[str, str]) -> dict[str, int]:
    """Where each wanted column is in the file."""
    header = list(source.header)
    problems = list(_undeclared_keys(where, file, header, wanted))
    missing: dict[str, str] = {}
    places: dict[str, int] = {}
    for name, key in wanted.items():
        inside = next((own for own, to in file.rename.items() if to == name and own in header), name)
        is_here = inside in header and file.rename.get(inside, name) == name
        if found := _not_one(name, inside, file, header):
            problems.append(Problem(where, *found))
        elif is_here:
            places[name] = header.index(inside)
        elif name not in (*file.value, *file.rename.values()):  # else `rename` has its problem already
            missing[name] = key
    problems += _absent(source, where, file, wanted, missing)
    if problems:
        raise DataError(problems)
    return places


def _not_one(name: str, inside: str, file: File, header: list[str]) -> tuple[str, ...]:
    """What is found, what allowed and what to do where a name stands for several columns; else nothing."""
    if name in file.value:
        if inside in header:
            return f"a column {short(name)}, of which `value` says that the file lacks it", "a column or a `value`"
    elif inside != name and name in header and name not in file.rename:
        return f"a column {short(name)} beside {short(inside)}, which is renamed to it", "one column of a name"
    elif header.count(inside) > 1 and file.rename.get(inside, name) == name:
        numbers = ", ".join(str(i + 1) for i, each in enumerate(header) if each == inside)
        found = f"{header.count(inside)} columns named {short(inside)} (columns {numbers})"
        return found, "one column of a name", "give them different names in the file"
    return ()


def _absent(
    source: Source, where: str, file: File, wanted: dict[str, str], missing: dict[str, str]
) -> Iterator[Problem]:
    """One problem for all missing columns that have one reason, else one each."""
    header = [file.rename.get(each, each) for each in source.header]
    named = [short(name) for name in missing]
    elsewhere = {source.elsewhere(name) for name in missing}
    if len(missing) > 1 and len(elsewhere) == 1 and "" not in elsewhere:
        found = f"none of the columns {some(named, MOST_COLUMNS)}"
        yield Problem(where, found, "the columns that evaluation.yaml names", elsewhere.pop())
        return
    wide = in_wide_form(list(missing), source.header)
    if not wide and "" in elsewhere and _is_another_table(list(missing), wanted, source.header):
        found = f"none of {len(missing)} columns that evaluation.yaml names, such as {named[0]}"
        remedy = (
            "is it another table, such as that of a repeat group? Take it out of data.files, or `rename` its columns"
        )
        yield Problem(where, found, f"columns {_shown(header)}", remedy)
        return
    if wide:
        yield _rename(where, wide)
    rest = {name: key for name, key in missing.items() if name not in wide}
    for name, key in list(rest.items())[:MOST_COLUMNS]:
        yield _no_column(where, name, key, header, source)
    if len(rest) > MOST_COLUMNS:
        others = ", ".join(short(name) for name in list(rest)[MOST_COLUMNS : MOST_COLUMNS + 10])
        yield Problem(where, f"{len(rest) - MOST_COLUMNS} further columns missing: {others}")


def _undeclared_keys(where: str, file: File, header: list[str], wanted: dict[str, str]) -> Iterator[Problem]:
    """Columns that a key of `data.files` names and neither the file nor evaluation.yaml has."""
    for name in file.rename:
        if name not in header:
            yield _no_column(where, name, "data.files.rename", header)
    known = [*(file.rename.get(each, each) for each in header), *wanted]
    for key in ("recode", "pad", "decimal", "thousands"):
        by_column = getattr(file, key)
        for name in by_column if isinstance(by_column, dict) else ():
            if name not in known:
                found = f"no column {short(name)}, which data.files.{key} names"
                yield Problem(where, found, "columns of the file, after `rename`", nearest(name, known))


def _is_another_table(missing: list[str], wanted: dict[str, str], header: Iterable[str]) -> bool:
    """Whether a file lacks most of what it must have, the first of which is the district, in any spelling."""
    spellings = {folded(each) for each in header}
    most = len(missing) > max(1, len(wanted) / 2)
    return most and next(iter(wanted)) in missing and not any(folded(name) in spellings for name in missing)


def _rename(where: str, wide: dict[str, list[str]]) -> Problem:
    """One problem for all columns that a file has by wave."""
    pairs = ", ".join(f"{columns[0]}: {name}" for name, columns in list(wide.items())[:MOST_COLUMNS])
    more = ", …" if len(wide) > MOST_COLUMNS else ""
    first = [short(name) for name in next(iter(wide.values()))]
    several = "list the file once a wave, each with `wave:` and " if len(first) > 1 else "declare "
    found = f"no column {some([short(name) for name in wide], MOST_COLUMNS)}, but {some(first, 3)}"
    remedy = f"if these are of a wave, {several}`rename: {{{pairs}{more}}}` in data.files"
    return Problem(where, found, "the columns that evaluation.yaml names", remedy)


def _no_column(where: str, name: str, key: str, header: list[str], source: Source | None = None) -> Problem:
    remedy = source.elsewhere(name) if source else ""
    alike = [each for each in header if folded(each) == folded(name)]
    if not remedy and alike and key != "data.files.rename":
        remedy = f"did you mean {alike[0]!r}? Declare `rename: {{{alike[0]}: {name}}}` in data.files, or use that name"
    found = f"no column {short(name)}, which {key} names"
    return Problem(where, found, f"columns {_shown(header)}", remedy or nearest(name, header))


def _shown(header: list[str]) -> str:
    """The columns of a file, as a message lists them."""
    return some([name[:60] for name in header if name], 30)


def _collect(opened: _Opened, collectors: dict[str, Collector]) -> tuple[int, int, list[Problem]]:
    """Adds a file's rows to the columns; returns their number, the row of the first, and what is wrong with them."""
    file, source, where = opened.file, opened.source, opened.where
    readings = {
        name: Reading.of(where, file, source, name, source.header[place]) for name, place in opened.places.items()
    }
    empty = set(opened.places)
    rows = 0
    together = [[name] for name in readings] if source.by_column else [list(readings)]
    for names in together or [[]]:
        rows = 0
        for batch, size in windowed(source, file, [opened.places[name] for name in names]):
            rows += size
            for name in names:
                reading, collector = readings[name], collectors[name]
                codes, values = batch[opened.places[name]]
                spelled = [reading.code(value) for value in values]
                is_missing = source.user_missing.get(source.header[opened.places[name]])
                if is_missing is not None:
                    collector.user_missing |= {reading.recoded(code) for code in reading.seen if is_missing(code)}
                collector.add(codes, spelled)
                if any(spelled):
                    empty.discard(name)
    for name, collector in collectors.items():
        if name not in readings:
            collector.add_constant(rows, file.value.get(name, ""))
    problems: list[Problem] = []
    for name, reading in readings.items():
        problems += collectors[name].finish(reading)
    for name in sorted(empty if rows else ()):
        why = source.why_empty(opened.places[name])
        if why:
            problems.append(Problem(f"{where}, column {name!r}", "nothing but empty cells", "answers", why))
    return rows, file.first_row or source.first_row, problems
