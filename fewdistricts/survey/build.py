"""From the files of a survey to one table a district and the counts of the sample; written whole or not at all."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq

from .. import files, paths
from ..design import DISTRICTS, LONGEST_NAME, Design, District
from ..errors import DataError, Problem, nearest
from . import calibration, check, disclosure, subgroups
from .derived import derive, in_order
from .indicators import KINDS, Reading, asked_in, interpret, missing_codes, number, unlike_answers
from .read import read
from .resolve import resolve
from .table import Column, Table
from .truth import read_truth

LEFT_OUT = "left_out"
"""Kind of sample.parquet's rows that count what `data.leave_out` names: no district, and `column=code` as indicator."""

_STORED = {"compression": "zstd", "write_statistics": False, "store_schema": False}
"""Without Arrow's schema, what is written as a dictionary is read as texts."""

PIECE = 10_000
"""Respondents of a district that are held with all their answers at once: a row group of its file."""


def build(design: Design, folder: Path | None = None) -> None:
    """Writes survey/<district>.parquet, sample.parquet and suppressed.parquet; DataError with all problems at once.

    The bytes of a district's file depend on its rows and the declarations alone. `folder`: another than the one of
    the evaluation under data/processed.
    """
    if design.district_columns is not None:
        design = resolve(design)
    table = read(design)
    places, problems = check.places(design, table)
    sampling, more = check.sampling(design, table, places)
    problems += more
    if not problems:
        sampling, more = calibration.calibrated(design, table, places, sampling)
        problems += more
    readings, more = _readings(design, table, places.waves)
    problems += more
    covariates, more = _covariates(design, table)
    problems += more
    members, more = subgroups.memberships(design, table)
    problems += more
    covariates |= {name: partial(_labels, [*groups, None], column) for name, (column, groups) in members.items()}
    try:
        read_truth(design)
    except DataError as error:
        problems += [problem for problem in error.problems if isinstance(problem, Problem)]
    if problems:
        raise DataError(dict.fromkeys(problems))
    folder = folder or paths.processed(design.evaluation)
    counts: list[Count] = [
        ("", each.wave, f"{each.column}={each.code}", LEFT_OUT, each.rows) for each in table.left_out
    ]
    order = np.argsort(places.districts, kind="stable")  # keeps the order of rows within a district
    bounds = np.searchsorted(places.districts[order], np.arange(len(design.districts) + 1)).tolist()
    table.rearrange(order)
    sampling, every_wave = sampling.rearranged(order), places.waves[order]
    for district, start, end in zip(design.districts, bounds, bounds[1:], strict=False):
        rows = slice(start, end)
        waves = every_wave[rows]
        counts += _interviews(design, district, waves)
        sampled = pa.table(_sampled(design, sampling, rows, waves, district.id))
        answers = np.zeros((len(readings), len(design.waves), len(KINDS)), dtype=np.int64)
        with _row_groups(folder / "survey" / f"{district.id}.parquet") as file:
            for first in range(0, len(waves), PIECE):
                at = waves[first : first + PIECE]
                some = slice(start + first, start + first + len(at))
                columns = {"district": _taken([district.id], np.zeros(len(at), dtype=np.int8))}
                columns["wave"] = _taken([wave.id for wave in design.waves], at)
                columns |= dict(zip(sampled.column_names, sampled.slice(first, PIECE).columns, strict=True))
                columns |= {name: of(some) for name, of in covariates.items()}
                for reading, n in zip(readings, answers, strict=True):
                    value, kind = reading.answers(some, asked_in(design, reading.indicator, at))
                    columns |= _answered(reading, some, value, kind)
                    n += np.bincount(at * len(KINDS) + kind, minlength=n.size).reshape(n.shape)
                file.add(pa.table(columns))
        for reading, n in zip(readings, answers, strict=True):
            counts += _missing(design, district, reading, n)
    declared = {district.id for district in design.districts}
    for stale in (folder / "survey").glob("*.parquet"):
        if stale.stem not in declared:
            stale.unlink()
    names = ["district", "wave", "indicator", "kind", "n"]
    sample = pa.table(dict(zip(names, map(list, zip(*counts, strict=True)), strict=True)))
    _write(sample, folder / "sample.parquet")
    hidden = disclosure.suppressed(design, sample.to_pandas())
    _write(disclosure.as_table(hidden), folder / "suppressed.parquet")
    if design.district_columns is not None:
        rows_of = [district.model_dump(mode="json", exclude_defaults=True) for district in design.districts]
        files.write(folder / DISTRICTS, json.dumps(rows_of, ensure_ascii=False, indent=1))


def _readings(design: Design, table: Table, waves: np.ndarray) -> tuple[list[Reading], list[Problem]]:
    """What every answer of every indicator means, in declared order, and everything wrong with them."""
    by_id: dict[str, Reading] = {}
    problems: list[Problem] = []
    for indicator in in_order(design):
        if indicator.rule:
            reading, more = derive(design, indicator, by_id, table, waves)
        else:
            reading, more = interpret(design, indicator, table, waves)
        problems += more
        if reading is not None:
            by_id[indicator.id] = reading
    return [by_id[indicator.id] for indicator in design.indicators if indicator.id in by_id], problems


def load(
    evaluation: str,
    districts: Sequence[str] | None = None,
    columns: Sequence[str] | None = None,
    folder: Path | None = None,
) -> pd.DataFrame:
    """One row a respondent of these districts (all when None), only these columns (all when None).

    Columns as in the contract of `build`: district, wave, weight, stratum, psu, where declared respondent, fpc and
    population, covariates, `subgroup:<id>` (null: in no group), then for each indicator `<id>`
    (float, nan when missing), `<id>:answer` (shares) and `<id>:missing` ("" when answered, else the kind).
    """
    names = None if columns is None else list(columns)
    tables = [pq.ParquetFile(file).read(columns=names) for file in built(evaluation, districts, folder)]
    return pa.concat_tables(tables).to_pandas()


def built(evaluation: str, districts: Sequence[str] | None = None, folder: Path | None = None) -> list[Path]:
    """The files of these districts (all when None), one each; DataError where there is none."""
    folder = (folder or paths.processed(evaluation)) / "survey"
    wanted = _known(folder) if districts is None else districts
    for district in wanted or [""]:
        if not (folder / f"{district}.parquet").exists():
            raise DataError(_not_built(evaluation, folder, district))
    return [folder / f"{district}.parquet" for district in wanted]


def _known(folder: Path) -> list[str]:
    return sorted(path.stem for path in folder.glob("*.parquet"))


def _not_built(evaluation: str, folder: Path, district: str) -> Problem:
    if known := _known(folder):
        return Problem(
            paths.shown(folder), f"no district {district!r}", ", ".join(known[:20]), nearest(district, known)
        )
    return Problem(paths.shown(folder), "no built survey", "", f"`make report EVALUATION={evaluation}`")


def _sampled(design: Design, sampling: check.Sampling, rows: slice, waves: np.ndarray, district: str) -> dict[str, Any]:
    """Weight, and ids of stratum and PSU that are unique over the whole survey."""
    fresh = design.data.sampling == "cross_section"
    cell = [f"{wave.id}/{district}" if fresh else district for wave in design.waves]
    stratum = [cell[wave] for wave in waves.tolist()]
    if sampling.stratum is not None:
        stratum = _nested(stratum, _ids(sampling.stratum, rows))
    if sampling.psu is not None and design.data.across_districts:
        # one unit over districts: its id does not say where it lies
        outer = [wave.id if fresh else "all" for wave in design.waves]
        psu = _nested([outer[wave] for wave in waves.tolist()], _ids(sampling.psu, rows))
    elif sampling.psu is not None:
        psu = _nested(stratum, _ids(sampling.psu, rows))
    elif sampling.respondent is not None and not fresh:
        psu = _nested(stratum, _ids(sampling.respondent, rows))
    else:
        psu = _nested(stratum, [f"row-{i}" for i in range(1, len(waves) + 1)])
    weight = np.ones(len(waves)) if sampling.weight is None else sampling.weight[rows]
    out = {"weight": pa.array(weight), "stratum": pa.array(stratum, pa.string()), "psu": pa.array(psu, pa.string())}
    if sampling.respondent is not None:
        out["respondent"] = _taken(sampling.respondent.distinct, sampling.respondent.some(rows))
    if sampling.fpc is not None:
        out["fpc"] = pa.array(sampling.fpc[rows])
    if sampling.population is not None:
        out["population"] = pa.array(sampling.population[rows])
    return out


def _ids(column: Column, rows: slice) -> list[str]:
    """Ids in which no slash stands, so that joined ids stay different."""
    given = (column.distinct[code] for code in column.some(rows).tolist())
    return [name.replace("%", "%25").replace("/", "%2F") for name in given]


def _nested(outer: list[str], inner: list[str]) -> list[str]:
    return [f"{out}/{within}" for out, within in zip(outer, inner, strict=True)]


def _covariates(design: Design, table: Table) -> tuple[dict[str, Callable[[slice], pa.Array]], list[Problem]]:
    """Of each the values of some rows: numbers where every answer is one, else labels; null where missing."""
    out: dict[str, Callable[[slice], pa.Array]] = {}
    problems: list[Problem] = []
    common = {kind: getattr(design.data.missing, kind) for kind in type(design.data.missing).model_fields}
    for name in design.covariates:
        column = table.columns[name]
        missing, more = missing_codes(column, common, table.where(name), "data.missing")
        problems += more
        valid = [code for code in column.distinct if code not in missing]
        for code in valid:
            if len(column.shown(code)) > LONGEST_NAME:
                rows = column.codes == column.distinct.index(code)
                found = f"a covariate's answer of {len(column.shown(code)):,} characters"
                allowed = f"at most {LONGEST_NAME}, for each is a line of a table"
                problems += table.problems(name, rows, found, allowed, "shorten it, or take the covariate out")
        problems += unlike_answers(column, valid, name, table)
        declared = design.labels[name].answers if name in design.labels else ()
        labelled = bool(declared) or any(code in column.labels for code in valid)
        if not labelled and not np.isnan([number(code) for code in valid]).any():
            values = np.array([np.nan if code in missing else number(code) for code in column.distinct] + [np.nan])
            out[name] = partial(_numbers, values, column)
        else:
            spelled = zip(column.distinct, _shown(column, declared), strict=True)
            shown = [None if code in missing else text for code, text in spelled]
            out[name] = partial(_labels, [*shown, None], column)
    return out, problems


def _numbers(values: np.ndarray, column: Column, rows: slice) -> pa.Array:
    return pa.array(values[column.some(rows)], from_pandas=True)


def _labels(values: Sequence[str | None], column: Column, rows: slice) -> pa.Array:
    codes = column.some(rows)
    return _taken(values, np.where(codes < 0, len(values) - 1, codes))


def _answered(reading: Reading, rows: slice, value: np.ndarray, kind: np.ndarray) -> dict[str, pa.Array]:
    name, column = reading.indicator.id, reading.column
    out = {name: pa.array(value)}
    if reading.indicator.is_share:
        # an empty cell is shown only where it is an answer, which is `blank: no`
        shown = [*_shown(column, reading.indicator.answers), "no", ""]
        given = column.some(rows)
        codes = np.where(given < 0, len(shown) - 2, given)
        codes = np.where(kind != 0, len(shown) - 1, codes)
        out[f"{name}:answer"] = _taken(shown, codes)
    out[f"{name}:missing"] = _taken(KINDS, kind)
    return out


def _shown(column: Column, declared: Iterable[str]) -> list[str]:
    """Each code of a column as `answers` declares it, else as its label or itself."""
    spelled = {code: answer for answer in declared for code in column.matches(answer)}
    return [spelled.get(code) or column.shown(code) for code in column.distinct]


def _taken(values: Sequence[str | None], codes: np.ndarray) -> pa.Array:
    """Texts by their codes, as a dictionary of those that occur in alphabetical order, whoever else answered."""
    n = np.bincount(codes, minlength=len(values))
    present = np.flatnonzero(n).tolist()
    texts = sorted({text for code in present if (text := values[code]) is not None})
    place: dict[str | None, int] = {text: i for i, text in enumerate(texts)}
    place[None] = -1
    lookup = np.zeros(len(values), dtype=np.int32)
    lookup[present] = [place[values[code]] for code in present]
    indices = lookup[codes]
    return pa.DictionaryArray.from_arrays(pa.array(indices, mask=indices < 0), pa.array(texts, pa.string()))


Count = tuple[str, str, str, str, int]
"""District, wave, indicator, kind, number of respondents."""


def _interviews(design: Design, district: District, waves: np.ndarray) -> list[Count]:
    n = np.bincount(waves, minlength=len(design.waves))
    return [(district.id, wave.id, "", "interviews", int(n[i])) for i, wave in enumerate(design.waves)]


def _missing(design: Design, district: District, reading: Reading, n: np.ndarray) -> list[Count]:
    """How many answered and how many did not, of `n` by wave and kind in a district."""
    names = ["answered", *KINDS[1:]]
    return [
        (district.id, wave.id, reading.indicator.id, name, int(count))
        for wave, counts in zip(design.waves, n, strict=True)
        for name, count in zip(names, counts, strict=True)
        if count or name == "answered"
    ]


class _RowGroups:
    """A Parquet file with a row group a table."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.writer: pq.ParquetWriter | None = None

    def add(self, table: pa.Table) -> None:
        if self.writer is None:
            self.writer = pq.ParquetWriter(self.path, table.schema, **_STORED)
        self.writer.write_table(table)

    def close(self) -> None:
        if self.writer is not None:
            self.writer.close()


@contextmanager
def _row_groups(path: Path) -> Iterator[_RowGroups]:
    """A Parquet file to add tables to; it appears whole or not at all."""
    with files.replacing(path) as part:
        groups = _RowGroups(part)
        try:
            yield groups
        finally:
            groups.close()


def _write(table: pa.Table, path: Path) -> None:
    with _row_groups(path) as file:
        file.add(table.replace_schema_metadata(None))
