"""Indicators made of others: any, all, how many, sum or mean of indicators or columns, worked out per respondent.

The value is worked out in every row, so that variances, missing answers and domains of the result follow from its own
rows as they do for a single question.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from fewdistricts.design import Design, Indicator, canonical, short
from fewdistricts.errors import Problem, nearest
from fewdistricts.survey.indicators import KINDS, Reading, domain_of, interpret
from fewdistricts.survey.table import Column, Table

_OUTSIDE = KINDS.index("outside_domain")


@dataclass
class _Sum:
    """What the parts add up to, row by row."""

    total: np.ndarray
    answered: np.ndarray
    """How many parts were."""
    reason: np.ndarray
    """Kind of missing of the first part that was not answered; 0 where all were."""

    @classmethod
    def of(cls, rows: int) -> _Sum:
        """Nothing yet."""
        return cls(np.zeros(rows), np.zeros(rows, dtype=np.int16), np.zeros(rows, dtype=np.int8))

    def add(self, value: np.ndarray, kind: np.ndarray) -> None:
        """Takes a part in: its values, and why there is none (0 where there is one)."""
        given = kind == 0
        self.total[given] += value[given]
        self.answered += given
        self.reason = np.where((self.reason == 0) & ~given, kind, self.reason)


def derive(
    design: Design,
    indicator: Indicator,
    readings: Mapping[str, Reading],
    table: Table,
    waves: np.ndarray,
    problems: list[Problem],
) -> Reading | None:
    """The reading of an indicator that is made of others; None where a part could not be read.

    Parameters
    ----------
    design, indicator
        The evaluation, and the indicator with its rule.
    readings
        Of the indicators that it is made of, by id.
    table
        The stacked files; the values are added to it as a column of the indicator's id.
    waves
        Each row's index into design.waves, -1 where it is unknown.
    problems
        Everything wrong with the parts is added to them.
    """
    known = len(problems)
    parts = _parts(design, indicator, readings, table, waves, problems)
    if parts is None or len(problems) > known:
        return None
    sums = _Sum.of(table.rows)
    for name, reading in parts.items():
        kind = reading.kinds(slice(None))
        value = reading.value[reading.column.codes]
        if indicator.blank == "no":
            value = np.where(kind == _OUTSIDE, 0.0, value)
            kind = np.where(kind == _OUTSIDE, np.int8(0), kind)
        if name in indicator.reversed:
            low, high = reading.indicator.scale or (0.0, 0.0)
            value = low + high - value
        sums.add(value, kind)
    value = _whole(indicator.rule, sums)
    enough = sums.answered >= (indicator.answered or len(parts))
    column, meaning, kinds = _column(indicator, value, np.where(enough, 0, sums.reason))
    table.columns[indicator.id] = column
    domain = domain_of(indicator, table, problems)
    reading = Reading(indicator, column, meaning, kinds, domain)
    if len(problems) == known and not (reading.kinds(slice(None)) == 0).any():
        allowed = "an answer of at least one respondent"
        problems.append(Problem(f"indicator {indicator.id!r}", "no answer at all", allowed, "look at its parts"))
    return None if len(problems) > known else reading


def in_order(design: Design) -> list[Indicator]:
    """The indicators, each after those that it is made of or asked among."""
    by_id = {indicator.id: indicator for indicator in design.indicators}
    ordered: dict[str, Indicator] = {}

    def visit(indicator: Indicator) -> None:
        if indicator.id not in ordered:
            before = [*indicator.parts, *indicator.among]
            for name in before:
                if name in by_id and name != indicator.id and (by_id[name].rule or name in indicator.parts):
                    visit(by_id[name])
            ordered[indicator.id] = indicator

    for indicator in design.indicators:
        visit(indicator)
    return list(ordered.values())


def _parts(
    design: Design,
    indicator: Indicator,
    readings: Mapping[str, Reading],
    table: Table,
    waves: np.ndarray,
    problems: list[Problem],
) -> dict[str, Reading] | None:
    """The reading of each part; None where one has no reading, for a reason that was said before."""
    ids = {each.id for each in design.indicators}
    parts: dict[str, Reading] = {}
    for name in indicator.parts:
        if name in ids and not indicator.of_columns:
            reading = readings.get(name)
        else:
            reading = interpret(design, _of_column(indicator, name), table, problems, part=True)
        if reading is not None:
            parts[name] = reading
    if len(parts) < len(set(indicator.parts)):
        return None
    if indicator.of_columns:
        problems += _never_given(indicator, parts)
        problems += _all_blank(design, indicator, parts, waves)
    return parts


def _of_column(indicator: Indicator, name: str) -> Indicator:
    """A part that is a column, as an indicator by itself."""
    changes = dict.fromkeys(("any_of", "all_of", "count_of", "sum_of", "mean_of", "answered"))
    scale = indicator.scale if indicator.rule == "mean_of" else None
    return indicator.model_copy(update={**changes, "column": name, "reversed": (), "among": {}, "scale": scale})


def _never_given(indicator: Indicator, parts: Mapping[str, Reading]) -> list[Problem]:
    """Answers of `yes` that no column has: a slip, or the wrong columns."""
    problems = []
    for spelled in indicator.yes or ():
        if not any(reading.column.matches(spelled) for reading in parts.values()):
            known = list(dict.fromkeys(name for each in parts.values() for name in each.column.spellings()))
            found = f"no answer {short(spelled)} in any of the columns, which `yes` names"
            allowed = ", ".join(known[:12]) or "an answer of the columns"
            problems.append(Problem(f"indicator {indicator.id!r}", found, allowed, nearest(spelled, known)))
    return problems


def _all_blank(design: Design, indicator: Indicator, parts: Mapping[str, Reading], waves: np.ndarray) -> list[Problem]:
    """Waves in which nothing was ticked at all: the question was not asked, and blank is not no."""
    problems = []
    for i, wave in enumerate(design.waves):
        here = waves == i
        asked = design.asked(indicator, wave) and here.any()
        if asked and all((reading.column.codes[here] < 0).all() for reading in parts.values()):
            found = f"nothing but empty cells in wave {wave.id!r} in {', '.join(parts)}"
            others = [each.id for each in design.waves if design.asked(indicator, each) and each is not wave]
            remedy = f"was it not asked? Then declare `waves: [{', '.join(others)}]`"
            problems.append(Problem(f"indicator {indicator.id!r}", found, "answers in every wave that asked", remedy))
    return problems


def _whole(rule: str, sums: _Sum) -> np.ndarray:
    """The value of the whole; of no meaning where nothing was answered."""
    if rule == "any_of":
        return (sums.total > 0).astype(float)
    if rule == "all_of":
        return (sums.total == sums.answered).astype(float)
    if rule == "mean_of":
        return sums.total / np.maximum(sums.answered, 1)
    return sums.total


def _column(indicator: Indicator, value: np.ndarray, kind: np.ndarray) -> tuple[Column, np.ndarray, np.ndarray]:
    """The values as a column of codes, and what each code means: its value, and its kind of missing."""
    given = kind == 0
    values, places = np.unique(value[given], return_inverse=True)
    names = [canonical(number) for number in values.tolist()]
    if indicator.is_share:
        names = ["yes" if number else "no" for number in values.tolist()]
    kinds, reasons = np.unique(kind[~given], return_inverse=True)
    codes = np.empty(len(value), dtype=np.int32)
    codes[given] = places
    codes[~given] = len(values) + reasons
    distinct = [*names, *(f"({KINDS[each]})" for each in kinds.tolist())]
    meaning = np.concatenate([values, np.full(len(kinds) + 1, np.nan)])  # the last is the empty cell: there is none
    of_code = np.concatenate([np.zeros(len(values)), kinds, [KINDS.index("unspecified")]]).astype(np.int8)
    return Column(indicator.id, codes, tuple(distinct)), meaning, of_code
