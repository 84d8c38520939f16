"""From the files of a survey to one table a district and the counts of the sample; written whole or not at all."""

from __future__ import annotations

import json
import math
from collections.abc import Callable, Iterable, Iterator, Sequence
from functools import partial
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq

from fewdistricts import files, paths
from fewdistricts.design import DISTRICTS, LONGEST_NAME, Design, District
from fewdistricts.errors import DataError, Problem, nearest
from fewdistricts.survey import calibration, check, disclosure, stored, subgroups
from fewdistricts.survey.consistency import in_another_unit, inconsistencies, sampled, untouched_waves
from fewdistricts.survey.derived import derive, in_order
from fewdistricts.survey.indicators import (
    KINDS,
    NOT_ASKED,
    OUTSIDE,
    Reading,
    interpret,
    missing_codes,
    unlike_answers,
)
from fewdistricts.survey.lookup import looked_up, occurring
from fewdistricts.survey.marks import number
from fewdistricts.survey.places import Places, places_of
from fewdistricts.survey.read import read
from fewdistricts.survey.resolve import resolve
from fewdistricts.survey.table import Column, Table
from fewdistricts.survey.truth import read_truth

LEFT_OUT = "left_out"
"""Kind of sample.parquet's rows that count what `data.leave_out` names: no district, and `column=code` as indicator."""

PIECE = 100_000
"""Respondents of a district whose answers are held at once."""


def build(design: Design, folder: Path | None = None) -> None:
    """Writes survey/<district>.arrow, sample.parquet and suppressed.parquet; DataError with all problems at once.

    The bytes of a district's file depend on its rows and the declarations alone. `folder`: another than the one of
    the evaluation under data/processed.
    """
    if design.district_columns is not None:
        design = resolve(design)
    table = read(design)
    problems: list[Problem] = []
    places = places_of(design, table, problems)
    sampling = check.sampling(design, table, places, problems)
    if not problems:
        sampling = calibration.calibrated(design, table, places, sampling, problems)
    readings, counted = _readings(design, table, places, problems)
    covariates = _covariates(design, table, places, problems)
    members = subgroups.memberships(design, table, problems)
    covariates |= {name: partial(_labels, [*groups, None], column) for name, (column, groups) in members.items()}
    try:
        read_truth(design)
    except DataError as error:
        problems += error.problems
    if problems:
        raise DataError(dict.fromkeys(problems))
    folder = folder or paths.processed(design.evaluation)
    counts: list[Count] = [
        ("", each.wave, f"{each.column}={each.code}", LEFT_OUT, each.rows) for each in table.left_out
    ]
    order, rows_of = _by_district(design, places)
    table.rearrange(order)
    sampling, every_wave = sampling.rearranged(order), places.waves[order]
    for place, (district, rows) in enumerate(zip(design.districts, rows_of, strict=True)):
        waves = every_wave[rows]
        counts += _interviews(design, district, waves)
        fixed = {
            "district": _taken([district.id], np.zeros(len(waves), dtype=np.int8)),
            "wave": _taken([wave.id for wave in design.waves], waves),
            **_sampled(design, sampling, rows, waves, district.id),
            **{name: of(rows) for name, of in covariates.items()},
        }
        answers = [_Answers.of(design, reading, rows, waves) for reading in readings]
        stored.write(folder / "survey" / f"{district.id}{stored.SUFFIX}", _batches(fixed, answers, rows))
        for reading, n in zip(readings, counted, strict=True):
            counts += _missing(design, district, reading, n[place])
    _remove_others(folder / "survey", design)
    sample = pd.DataFrame(counts, columns=["district", "wave", "indicator", "kind", "n"])
    _write(pa.Table.from_pandas(sample, preserve_index=False), folder / "sample.parquet")
    hidden = disclosure.suppressed(design, sample)
    _write(disclosure.as_table(hidden), folder / "suppressed.parquet")
    if design.district_columns is not None:
        declared = [district.model_dump(mode="json", exclude_defaults=True) for district in design.districts]
        files.write(folder / DISTRICTS, json.dumps(declared, ensure_ascii=False, indent=1))


def _by_district(design: Design, places: Places) -> tuple[np.ndarray, list[slice]]:
    """The order that puts the rows of a district together, and which are whose; within a district it is the files'."""
    count = len(design.districts)
    few = np.min_scalar_type(count)  # integers of few bits are sorted by counting
    order = np.argsort(places.districts.astype(few), kind="stable")
    bounds = np.searchsorted(places.districts[order], np.arange(count + 1)).tolist()
    return order, [slice(*ends) for ends in pairwise(bounds)]


def _remove_others(folder: Path, design: Design) -> None:
    """Remove what was written of districts that are no longer declared."""
    declared = {district.id for district in design.districts}
    for path in folder.glob(f"*{stored.SUFFIX}"):
        if path.stem not in declared:
            path.unlink()


def _readings(
    design: Design, table: Table, places: Places, problems: list[Problem]
) -> tuple[list[Reading], list[np.ndarray]]:
    """What every answer of every indicator means, in declared order, and how many rows of each district and wave have
    an answer of each kind; adds everything wrong with them."""
    by_id: dict[str, Reading] = {}
    counted: dict[str, np.ndarray] = {}
    districts, waves = len(design.districts) + 1, len(design.waves) + 1  # the last is unknown
    some_wave = bool((places.waves >= 0).any())
    cells = (places.districts % districts).astype(np.int64) * waves + places.waves % waves
    cells = cells.astype(np.min_scalar_type(districts * waves))
    untouched = untouched_waves(design, places)
    for indicator in in_order(design):
        if indicator.rule:
            reading = derive(design, indicator, by_id, table, places.waves, problems)
        else:
            reading = interpret(design, indicator, table, problems)
        if reading is None:
            continue
        by_id[indicator.id] = reading
        n = reading.counts(cells, districts * waves).reshape(districts, waves, len(KINDS), 2)
        if not indicator.rule and some_wave:
            problems += inconsistencies(design, reading, table, places, untouched, n.sum(axis=0))
        counted[indicator.id] = n.sum(axis=-1)[:-1, :-1]
    known = [indicator.id for indicator in design.indicators if indicator.id in by_id]
    return [by_id[name] for name in known], [counted[name] for name in known]


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
    tables = [stored.read(file, names) for file in built(evaluation, districts, folder)]
    return pa.concat_tables(tables).to_pandas()


def built(evaluation: str, districts: Sequence[str] | None = None, folder: Path | None = None) -> list[Path]:
    """The files of these districts (all when None), one each; DataError where there is none."""
    folder = (folder or paths.processed(evaluation)) / "survey"
    wanted = _known(folder) if districts is None else districts
    for district in wanted or [""]:
        if not (folder / f"{district}{stored.SUFFIX}").exists():
            raise DataError(_not_built(evaluation, folder, district))
    return [folder / f"{district}{stored.SUFFIX}" for district in wanted]


def counts(evaluation: str) -> pd.DataFrame:
    """How many of a built survey gave which kind of answer: district, wave, indicator, kind, n."""
    return pd.read_parquet(paths.processed(evaluation) / "sample.parquet")


def _known(folder: Path) -> list[str]:
    return sorted(path.stem for path in folder.glob(f"*{stored.SUFFIX}"))


def _not_built(evaluation: str, folder: Path, district: str) -> Problem:
    if known := _known(folder):
        allowed = ", ".join(known[:20])
        return Problem(paths.shown(folder), f"no district {district!r}", allowed, nearest(district, known))
    return Problem(paths.shown(folder), "no built survey", "", f"`make report EVALUATION={evaluation}`")


def _sampled(design: Design, sampling: check.Sampling, rows: slice, waves: np.ndarray, district: str) -> dict[str, Any]:
    """Weight, and ids of stratum and PSU that are unique over the whole survey."""
    fresh = design.data.sampling == "cross_section"
    # units over districts: districts are no strata then
    cell = [wave.id if fresh else "all" for wave in design.waves]
    if not design.data.across_districts:
        cell = [f"{wave.id}/{district}" if fresh else district for wave in design.waves]
    stratum = whole = _Labels(cell, waves)
    if sampling.stratum is not None:
        stratum = whole.nested(_ids(sampling.stratum, rows))
    unit = sampling.psu
    if unit is None and not fresh:
        unit = sampling.respondent
    if unit is not None:
        # one unit over districts: its id says neither where it lies nor in which stratum
        psu = (whole if design.data.across_districts else stratum).nested(_ids(unit, rows))
    else:
        alone = f"{district}-row" if design.data.across_districts else "row"
        psu = stratum.nested(_Labels([f"{alone}-{i}" for i in range(1, len(waves) + 1)], np.arange(len(waves))))
    weight = np.ones(len(waves)) if sampling.weight is None else sampling.weight[rows]
    out = {"weight": pa.array(weight), "stratum": stratum.column(), "psu": psu.column()}
    if sampling.respondent is not None:
        out["respondent"] = _taken(sampling.respondent.distinct, sampling.respondent.some(rows))
    if sampling.fpc is not None:
        out["fpc"] = pa.array(sampling.fpc[rows])
    if sampling.population is not None:
        out["population"] = pa.array(sampling.population[rows])
    return out


class _Labels:
    """A text for each row: few texts, and which of them."""

    def __init__(self, texts: Sequence[str], codes: np.ndarray) -> None:
        self.texts, self.codes = texts, codes

    def nested(self, inner: _Labels) -> _Labels:
        """The texts of each row joined by a slash."""
        pairs = self.codes.astype(np.int64) * len(inner.texts) + inner.codes
        codes, present = pd.factorize(pairs, sort=True)
        places = (divmod(pair, len(inner.texts)) for pair in present.tolist())
        return _Labels([f"{self.texts[out]}/{inner.texts[within]}" for out, within in places], codes)

    def column(self) -> pa.Array:
        """The texts as a column."""
        return _taken(self.texts, self.codes)


def _ids(column: Column, rows: slice) -> _Labels:
    """Ids in which no slash stands, so that joined ids stay different."""
    codes, present = pd.factorize(column.some(rows), sort=True)
    texts = [column.distinct[code].replace("%", "%25").replace("/", "%2F") for code in present.tolist()]
    return _Labels(texts, codes)


def _covariates(
    design: Design, table: Table, places: Places, problems: list[Problem]
) -> dict[str, Callable[[slice], pa.Array]]:
    """Of each the values of some rows: numbers where every answer is one, else labels; null where missing."""
    return {name: _covariate(design, table, places, name, problems) for name in design.covariates}


def _covariate(
    design: Design, table: Table, places: Places, name: str, problems: list[Problem]
) -> Callable[[slice], pa.Array]:
    column = table.columns[name]
    missing = missing_codes(column, design.data.missing.by_kind, table.where(name), "data.missing", problems)
    valid = [code for code in column.distinct if code not in missing]
    problems += _too_long(column, valid, table)
    declared = design.labels[name].answers if name in design.labels else {}
    named = {code for spelled in declared for code in column.matches(spelled)}
    problems += unlike_answers(column, [code for code in valid if code not in named], name, table)
    # one number that is named, such as 99 of an age, makes no categories of the others
    labelled = 2 * len(named) > len(valid) or any(code in column.labels for code in valid)
    if not labelled and not np.isnan([number(code) for code in valid]).any():
        values = np.array([np.nan if code in missing else number(code) for code in column.distinct] + [np.nan])
        remedy = "correct the file of one of them, or take the covariate out"
        answers, what = pd.Series(values[column.codes[sampled(table)]]), f"covariate {name!r}"
        problems += in_another_unit(design, answers, table, places, name, what, remedy)
        return partial(_numbers, values, column)
    spelled = zip(column.distinct, _shown(column, declared), strict=True)
    shown = [None if code in missing else text for code, text in spelled]
    return partial(_labels, [*shown, None], column)


def _too_long(column: Column, codes: Iterable[str], table: Table) -> Iterator[Problem]:
    """Answers of a covariate that no table has room for."""
    for code in codes:
        if len(column.shown(code)) > LONGEST_NAME:
            found = f"a covariate's answer of {len(column.shown(code)):,} characters"
            allowed = f"at most {LONGEST_NAME}, for each is a line of a table"
            yield from table.problems_of(column, [code], found, allowed, "shorten it, or take the covariate out")


def _numbers(values: np.ndarray, column: Column, rows: slice) -> pa.Array:
    return pa.array(values[column.some(rows)], from_pandas=True)


def _labels(values: Sequence[str | None], column: Column, rows: slice) -> pa.Array:
    codes = column.some(rows)
    return _taken(values, np.where(codes < 0, len(values) - 1, codes))


class _Answers:
    """The answers of a district to an indicator as codes of what they mean, and these meanings once."""

    def __init__(self, reading: Reading, place: np.ndarray, unasked: np.ndarray | None, dictionary: pa.Array) -> None:
        self.reading, self.place, self.unasked, self.dictionary = reading, place, unasked, dictionary

    @classmethod
    def of(cls, design: Design, reading: Reading, rows: slice, waves: np.ndarray) -> _Answers:
        """Of the rows of a district: only meanings that occur, in an order of their own, whoever else answered."""
        each = [*_meanings(reading), stored.Meaning(KINDS[NOT_ASKED], "", math.nan)]
        # the meaning of a code stands at the code, that of an empty cell last but for the wave that did not ask
        asked = np.array([design.asked(reading.indicator, wave) for wave in design.waves])
        unasked = None if asked.all() else ~asked[waves]
        codes = reading.codes(rows)
        answered = codes if unasked is None else codes[~unasked]
        present = {each[code if code >= 0 else -2] for code in occurring(answered)}
        if unasked is not None and unasked.any():
            present.add(each[-1])
        ordered = sorted(present, key=lambda meaning: (meaning.kind, meaning.answer, str(meaning.value)))
        place = {meaning: i for i, meaning in enumerate(ordered)}
        kind = np.int8 if len(ordered) < 128 else np.int32
        lookup = np.array([place.get(meaning, 0) for meaning in each], dtype=kind)
        return cls(reading, lookup, unasked, stored.meanings(ordered, reading.indicator.is_share))

    def some(self, rows: slice, within: slice) -> pa.Array:
        """Those of some rows of the table, which are those `within` the district."""
        codes = looked_up(self.place[:-1], self.reading.codes(rows))
        if self.unasked is not None:
            codes = np.where(self.unasked[within], self.place[-1], codes)
        return stored.coded(codes, self.dictionary)


def _meanings(reading: Reading) -> list[stored.Meaning]:
    """Of every code of the column, then of a respondent outside the domain, then of the empty cell."""
    # an empty cell is shown only where it is an answer, which is `blank: no`
    shown = [*_shown(reading.column, reading.indicator.answers), "no"] if reading.indicator.is_share else None
    out = []
    for place, (kind, value) in enumerate(zip(reading.kind.tolist(), reading.value.tolist(), strict=True)):
        if kind:
            out.append(stored.Meaning(KINDS[kind], "", math.nan))
        else:
            out.append(stored.Meaning("", shown[place] if shown else "", value))
    return [*out[:-1], stored.Meaning(KINDS[OUTSIDE], "", math.nan), out[-1]]


def _batches(fixed: dict[str, pa.Array], answers: Sequence[_Answers], rows: slice) -> Iterator[pa.RecordBatch]:
    """The respondents of a district, `PIECE` at a time."""
    for first in range(0, rows.stop - rows.start, PIECE):
        last = min(first + PIECE, rows.stop - rows.start)
        some, within = slice(rows.start + first, rows.start + last), slice(first, last)
        columns = {name: column.slice(first, last - first) for name, column in fixed.items()}
        columns |= {each.reading.indicator.id: each.some(some, within) for each in answers}
        yield pa.RecordBatch.from_pydict(columns)


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


def _write(table: pa.Table, path: Path) -> None:
    """A table as Parquet, whole or not at all."""
    with files.replacing(path) as part:
        pq.write_table(
            table.replace_schema_metadata(None), part, compression="zstd", write_statistics=False, store_schema=False
        )
