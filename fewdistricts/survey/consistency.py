"""Answers of a wave or a district held against those of the others: not asked, turned round, in another unit."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import pairwise

import numpy as np
import pandas as pd

from fewdistricts.design import Design, canonical, short
from fewdistricts.errors import Problem
from fewdistricts.survey import suspects
from fewdistricts.survey.indicators import MOST_POINTS, OUTSIDE, QUOTED, Reading, asked_in
from fewdistricts.survey.lookup import looked_up
from fewdistricts.survey.marks import number
from fewdistricts.survey.places import Places
from fewdistricts.survey.table import Table
from fewdistricts.text import some

_FEWEST = 10
"""Answers from which those of a wave or a district are compared with others."""
_MANY = 0.2
"""Share of empty cells from which they may stand for no."""
_SAMPLE = 20_000
"""Rows among which an answer that counts is looked for before all are."""
_SAMPLE_OF_NUMBERS = 200_000
"""Rows whose median is looked at."""
_TIMES = 20
"""How many times as large the answers of a wave are that seem to be in another unit."""
_SUMMED = 5
"""Numbers of a district and wave, of which more are needed before one is taken for their sum or mean."""
_TIMES_OF_DISTRICTS = 50
"""The same of a district, which may differ from the others, or be changed by the programme."""


def inconsistencies(
    design: Design, reading: Reading, table: Table, places: Places, untouched: np.ndarray, n: np.ndarray
) -> Iterator[Problem]:
    """What is doubtful of the answers to an indicator in a wave or a district beside those in the others.

    `untouched` are the `untouched_waves`; `n` the `counts` of the reading by wave, of which the last is unknown.
    """
    indicator = reading.indicator
    yield from _unasked(design, reading, table, places.waves, n)
    yield from _turned_round(design, reading, table, untouched)
    if not (indicator.is_share or indicator.scale or design.data.level == "district"):
        few = sampled(table)
        answers = np.where(reading.kinds(few) == 0, reading.value[reading.column.codes[few]], np.nan)
        remedy = "correct the file of one of them; where both are right, declare the `scale:` of the answers"
        what = repr(indicator.id)
        yield from in_another_unit(design, pd.Series(answers), table, places, indicator.column, what, remedy)
    wave_ids, district_ids = [wave.id for wave in design.waves], [district.id for district in design.districts]
    for what, names, place in (("wave", wave_ids, places.waves), ("district", district_ids, places.districts)):
        yield from _unshared(design, reading, table, what, names, place)
        yield from _left_blank(design, reading, table, what, names, place)
        yield from _in_fractions(reading, table, what, names, place)
    if design.data.level == "respondent":
        yield from _summaries(design, reading, table, places)


def _unasked(design: Design, reading: Reading, table: Table, waves: np.ndarray, n: np.ndarray) -> Iterator[Problem]:
    """Answers where no question was put, and questions that nobody was put."""
    indicator = reading.indicator
    where = table.where(indicator.column) + f" (indicator {indicator.id!r})"
    asking = [design.asked(indicator, wave) for wave in design.waves]
    answered = n[:-1, 0].sum(axis=1)
    written = n[:-1, 0, 0]
    if written[np.logical_not(asking)].any():
        asked = asked_in(design, indicator, waves)
        unasked = (reading.kinds(slice(None)) == 0) & (reading.column.codes >= 0) & ~asked & (waves >= 0)
        found = f"an answer in a wave that did not ask ({indicator.id!r})"
        allowed = f"answers in {', '.join(indicator.waves or ())}, as `waves` declares"
        yield from table.problems(indicator.column, unasked, found, allowed)
    if not answered[asking].any():
        yield Problem(where, "no answer at all", "an answer of at least one respondent", "is it the right column?")
        return
    filled, empty = np.delete(n[:-1], OUTSIDE, axis=1).sum(axis=1).T
    yield from _only_ticks(reading, table, int(empty[asking].sum()))
    for i, wave in enumerate(design.waves):
        if asking[i] and empty[i] and not filled[i]:
            others = ", ".join(other.id for other in design.waves if design.asked(indicator, other) and other != wave)
            found = f"nothing but empty cells in wave {wave.id!r}"
            remedy = f"was it not asked? Then declare `waves: [{others}]`"
            yield Problem(where, found, "answers in every wave that asked", remedy)


def _only_ticks(reading: Reading, table: Table, empty: int) -> Iterator[Problem]:
    """A share of which every answer counts, where a cell that is not ticked was left empty."""
    indicator, column = reading.indicator, reading.column
    answers = reading.value[:-1][reading.kind[:-1] == 0]
    whole = len(answers) == len(column.distinct) and bool((answers == 1).all())
    if not empty or not whole or indicator.yes is None or indicator.others is not None or indicator.blank:
        return
    yield _blank_for_no(reading, table, np.arange(len(column.distinct)), empty, "")


def _blank_for_no(reading: Reading, table: Table, ticked: np.ndarray, empty: int, where: str) -> Problem:
    """The problem of a column, or of a wave or a district of it, that has these answers (indices) and empty cells."""
    column = reading.column
    ticks = some([short(column.distinct[i]) for i in ticked], QUOTED)
    found = f"nothing but {ticks} and {empty:,} empty cells{where} ({reading.indicator.id!r})"
    remedy = "declare `blank: no` if an empty cell means no, `blank: missing` if it is no answer"
    return Problem(table.where(column.name), found, "answers that do not count, too", remedy)


def _left_blank(
    design: Design, reading: Reading, table: Table, what: str, names: Sequence[str], places: np.ndarray
) -> Iterator[Problem]:
    """A wave or a district where every answer to a share counts and many cells are empty, unlike in the others.

    `places` says for each row which of the `names` it belongs to, -1 for none.
    """
    indicator = reading.indicator
    if indicator.yes is None or indicator.blank or design.data.level == "district":
        return
    answers = reading.kind[:-1] == 0
    no = answers & (reading.value[:-1] == 0)
    n = _by_place(reading, table, places, len(names), no)
    if n is None:
        return
    n_empty, n = n[:, -1], n[:, :-2] * answers
    given, noes = n.sum(axis=1), n[:, no].sum(axis=1)
    asked = given + n_empty
    for place, name in enumerate(names):
        elsewhere = np.arange(len(names)) != place
        share = n_empty[place] / max(1, asked[place])
        if given[place] < _FEWEST or noes[place] or share < _MANY or not noes[elsewhere].any():
            continue
        if n_empty[elsewhere].sum() < asked[elsewhere].sum() * share / 2:
            yield _blank_for_no(reading, table, np.flatnonzero(n[place]), int(n_empty[place]), f" in {what} {name!r}")


def _in_fractions(
    reading: Reading, table: Table, what: str, names: Sequence[str], places: np.ndarray
) -> Iterator[Problem]:
    """A wave or a district with numbers from 0 to 1 only, some of them fractions, where the others have percentages.

    `places` says for each row which of the `names` it belongs to, -1 for none. Means without a scale are held against
    each other by their medians.
    """
    indicator, column = reading.indicator, reading.column
    if not (indicator.band or (indicator.scale and not indicator.answers)):
        return
    numbers = np.array([*map(number, column.distinct)])
    within = (numbers >= 0) & (numbers <= 1)
    fractions = within & (numbers % 1 > 0)
    if not fractions.any():
        return
    answers = reading.kind[:-1] == 0
    n = _by_place(reading, table, places, len(names), answers & ~within)
    if n is None:
        return
    n = n[:, :-2] * answers
    for name, own, others in zip(names, n, n.sum(axis=0) - n, strict=True):
        if own.sum() < _FEWEST or own[~within].any() or not own[fractions].any():
            continue
        if 2 * others[numbers >= _TIMES].sum() > others.sum() and numbers[others > 0].max() <= 100:
            found = f"numbers from 0 to 1 in {what} {name!r}, and most others from {_TIMES} ({indicator.id!r})"
            named = "; if they are right, name points of the scale under `answers:`" if indicator.scale else ""
            remedy = f"are they fractions where the others are percentages? Multiply them by 100 in the file{named}"
            yield Problem(table.where(column.name), found, "numbers of one unit", remedy)


def _summaries(design: Design, reading: Reading, table: Table, places: Places) -> Iterator[Problem]:
    """Numbers that are each the sum or the mean of all others of their district and wave, as rows below them hold."""
    column = reading.column
    if table.rows > _SAMPLE:
        return
    numbers = np.array([*map(number, column.distinct), np.nan])
    if not (numbers[:-1].max(initial=0) > _SUMMED or (numbers % 1 > 0).any()):
        return
    cells = np.where(places.waves < 0, -1, places.cells(design))
    rows = np.flatnonzero((reading.kinds(slice(None)) == 0) & (cells >= 0) & (column.codes >= 0))
    cell, own = cells[rows], numbers[column.codes[rows]]
    if not (own >= 0).all():
        return
    n, above = np.bincount(cell)[cell], np.bincount(cell, own > 0)[cell]
    others = np.bincount(cell, own)[cell] - own
    broken = own % 1 > 0
    only = broken & (np.bincount(cell, broken)[cell] == 1)
    sums = np.isclose(own, others) & (above > _SUMMED)
    means = np.isclose(own, others / np.maximum(n - 1, 1), atol=0.005) & only & (n > _SUMMED)
    for what, found in (("sum", sums), ("mean", means)):
        if len(np.unique(cell[found])) > max(2, len(np.unique(cell[above > _SUMMED])) / 2):
            fault = f"numbers that are each the {what} of all others in their district and wave"
            remedy = "do these rows sum up others? Take them out of the file"
            yield from table.problems(
                column.name, rows[found], f"{fault} ({reading.indicator.id!r})", "answers", remedy
            )


def _turned_round(design: Design, reading: Reading, table: Table, waves: np.ndarray) -> Iterator[Problem]:
    """A scale whose points nothing names, and that a wave seems to have coded the other way round.

    A share of some of its points is one, too: `yes: [4, 5]` of 1 to 5.
    """
    indicator, column = reading.indicator, reading.column
    answers = [number(code) for code, kind in zip(column.distinct, reading.kind.tolist(), strict=False) if not kind]
    if indicator.scale is None and (indicator.yes is None or not all(each.is_integer() for each in answers)):
        return
    low, high = indicator.scale or (min(answers, default=0), max(answers, default=0))
    if high - low >= MOST_POINTS:
        return
    codes = [canonical(point) for point in np.arange(low, high + 1).tolist()]
    if len(codes) < 3 or indicator.answers or any(code in column.labels for code in codes):
        return
    size = len(codes) + 1  # the last: none of the points
    point = column.lookup({code: i for i, code in enumerate(codes)}, size - 1).astype(np.int8)
    small = np.min_scalar_type(-size * (len(design.waves) + 1))
    cells = (waves + 1).astype(small) * small.type(size) + looked_up(point, column.codes)
    counts = np.bincount(cells, minlength=(len(design.waves) + 1) * size).reshape(-1, size)[1:, :-1]
    asked = [(wave.id, n) for wave, n in zip(design.waves, counts, strict=True) if n.any()]
    for (earlier, before), (later, after) in pairwise(asked):
        if suspects.are_turned(before, after):
            pairs = ", ".join(f"{one}: {other}" for one, other in zip(codes, codes[::-1], strict=True))
            found = f"{after.sum():,} answers of wave {later!r} that look like those of {earlier!r} turned round"
            remedy = (
                f"if they are, give that wave a file of its own with `recode: {{{column.name}: {{{pairs}}}}}` in "
                "data.files; if not, say under `answers:` of the indicator what its points mean"
            )
            allowed = "points of one meaning in all waves"
            yield Problem(table.where(column.name), f"{found} ({indicator.id!r})", allowed, remedy)


def _unshared(
    design: Design, reading: Reading, table: Table, what: str, names: Sequence[str], places: np.ndarray
) -> Iterator[Problem]:
    """A wave or a district whose answers to a share are none of the others', and none that counts.

    `places` says for each row which of the `names` it belongs to, -1 for none.
    """
    indicator, column = reading.indicator, reading.column
    if indicator.yes is None or indicator.others is not None or design.data.level == "district":
        return
    counted = reading.value[:-1] == 1
    n = _by_place(reading, table, places, len(names), counted)
    if n is None:
        return
    n = n[:, :-2] * (reading.kind[:-1] == 0)
    for name, own, others in zip(names, n, n.sum(axis=0) - n, strict=True):
        if own.sum() < _FEWEST or not others.any() or own[counted].any() or (others[own > 0] > 0).any():
            continue
        codes = [code for code, rows in zip(column.distinct, own, strict=True) if rows]
        found = f"{some([short(column.shown(code)) for code in codes], QUOTED)} in {what} {name!r} ({indicator.id!r})"
        allowed = f"answers that another {what} has too, or that count"
        remedy = "name those that count under `yes:`, too, and the others under `no:`"
        yield Problem(table.where(column.name), found, allowed, remedy)


def _by_place(reading: Reading, table: Table, places: np.ndarray, size: int, sought: np.ndarray) -> np.ndarray | None:
    """How many rows of each wave or district hold each code; the last two columns: outside the domain, empty.

    None where every place has a row with one of the `sought` codes: nearly always seen before all rows are counted.
    """
    sought = np.append(sought, [False, False])
    few = _some_of(table, _SAMPLE)
    having = places[few][sought[reading.codes(few)]]
    if len(np.unique(having[having >= 0])) == size:
        return None
    inside = places >= 0
    cells = places[inside].astype(np.int64) * len(sought) + reading.codes(slice(None))[inside] % len(sought)
    return np.bincount(cells, minlength=size * len(sought)).reshape(size, -1)


def in_another_unit(
    design: Design, answers: pd.Series, table: Table, places: Places, column: str, what: str, remedy: str
) -> Iterator[Problem]:
    """Numbers whose median in a wave, or in a district, is many times that in the others, as of cents beside soles.

    `answers` are a number for each of the `sampled` rows, with gaps. Losses count by their size: the median of gains
    and losses may lie near 0 anywhere.
    """
    few = sampled(table)
    numbers = pd.DataFrame({"answer": answers.abs(), "district": places.districts[few], "wave": places.waves[few]})
    numbers = numbers[(numbers["district"] >= 0) & (numbers["wave"] >= 0)].dropna()
    within = numbers[_untouched(design, numbers["district"].to_numpy())]
    for (one, before), (other, after) in pairwise(_medians(within, "wave").items()):
        if max(before, after) >= _TIMES * min(before, after):
            earlier, later = design.waves[one].id, design.waves[other].id
            found = f"a median of {after:,g} in wave {later!r} and of {before:,g} in {earlier!r} ({what})"
            yield Problem(table.where(column), found, "numbers of one unit in all waves", remedy)
    for i, wave in enumerate(design.waves):
        medians = _medians(numbers[numbers["wave"] == i], "district")
        for district in sorted(medians, key=lambda district: medians[district])[:: max(1, len(medians) - 1)]:
            others = float(np.median([median for each, median in medians.items() if each != district] or np.nan))
            if max(medians[district], others) >= _TIMES_OF_DISTRICTS * min(medians[district], others):
                place = f"district {design.districts[district].id!r}, wave {wave.id!r}"
                found = f"a median of {medians[district]:,g} in {place}, and of {others:,g} in the others ({what})"
                yield Problem(table.where(column), found, "numbers of one unit in all districts", remedy)
                return


def _medians(numbers: pd.DataFrame, by: str) -> dict[int, float]:
    """The median of each district or wave with enough answers, where it is above 0."""
    medians = numbers.groupby(by)["answer"].agg(["median", "size"])
    medians = medians[(medians["size"] >= _FEWEST) & (medians["median"] > 0)]
    return dict(zip(medians.index.tolist(), medians["median"].tolist(), strict=True))


def sampled(table: Table) -> slice:
    """The rows whose numbers are compared: all, or of large surveys some."""
    return _some_of(table, _SAMPLE_OF_NUMBERS)


def _some_of(table: Table, most: int) -> slice:
    """Rows at equal distances, about `most` of a survey that has more."""
    return slice(None, None, 1 + table.rows // most)


def untouched_waves(design: Design, places: Places) -> np.ndarray:
    """The wave of each row in a district that the programme cannot have changed, -1 of the others."""
    return np.where(_untouched(design, places.districts), places.waves, -1)


def _untouched(design: Design, districts: np.ndarray) -> np.ndarray:
    """Which rows lie in districts that the programme cannot have changed; all where every district is a pilot."""
    untouched = np.array([*(district.arm != "pilot" for district in design.districts), False])
    return untouched[districts] if untouched.any() else np.ones(len(districts), dtype=bool)
