"""What is counted as an answer and looks like none: codes by their labels, by what programs write, numbers far apart.

Beside them answers that look like another spelling of one, scales turned round, and weights that no sample has.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from math import isnan

import numpy as np

from fewdistricts.spelling import comparing, folded
from fewdistricts.survey.marks import number
from fewdistricts.survey.nonanswers import is_nothing, is_rarely_reserved, is_reserved, missing_kind
from fewdistricts.survey.table import Column

SPIKE = 5
"""How many times as frequent as its neighbours a code is that is none of them; also the fewest rows of one."""

FAR = 2
"""How many times as large as the largest answer a code is that cannot be one."""

LOW = 5
"""How many times as small as the smallest answer above 0 a code is that cannot be one."""

STEPS = 2
"""How many times as far as any other answer from the next a code lies that even one row makes doubtful."""

NINES = 95
"""Smallest of these codes: 96 to 99, 777 and the like."""

OLDEST = 120
YEARS = 1900, 2030
"""Numbers among ages, of up to `OLDEST` years, that are years of birth."""

MOST_WEIGHT = 500
"""How many times the median a weight may be: weights of household surveys reach some fifty times."""

MOST_OF_OTHERS = 5
"""How many times as large as all other weights 99 or 999 is where it is no weight."""

LEAST_MOVED = 0.25
"""Share of the answers that must have moved before a wave is looked at turned round."""

MUCH_NEARER = 3
"""How many times nearer to the wave before a wave turned round must be."""

MOST_UNEVEN = 0.1
"""Share of numbers that are no fives or tens up to which a question was answered in round numbers."""

FEWEST_UNEVEN = 3
"""Rows of a code, such as 99, from which it is none of these answers."""

NO = {"no", "nao", "non"}
"""A plain no, folded."""

_WORD = 3
"""Letters from which one is no initials, such as NE."""

FEWEST_ANSWERS = 30
"""Answers of a wave, of which fewer lie anyhow."""


def spoken(column: Column, codes: Iterable[str]) -> dict[str, str]:
    """Of these codes those that their label, or they themselves, call no answer, with the kind of missing."""
    kinds: dict[str, str] = {}
    nothing = empty(column.distinct)
    for code in codes:
        if code in nothing:
            kinds[code] = "unspecified"
        elif isnan(number(column.shown(code))):
            kind = missing_kind(column.shown(code))
            if kind is not None:
                kinds[code] = kind
    return kinds


def empty(codes: Iterable[str]) -> set[str]:
    """Of the answers to a question those by which an empty cell is written.

    A minus beside a plus is an answer, and so is `None` beside words of which none is a no, as of religions.
    """
    codes = set(codes)
    nothing = {code for code in codes if is_nothing(code)}
    words = {folded(code) for code in codes - nothing if isnan(number(code))}
    answers = {"-"} if "+" in codes else set()
    if len(words) > 1 and words.isdisjoint(NO | {"n"}):
        answers |= {"None", "none", "NONE"}
    return nothing - answers


def apart(counts: Mapping[float, int]) -> list[float]:
    """Of the numbers of a question those that questionnaires give to no answer and that lie apart from the others.

    Parameters
    ----------
    counts : mapping
        Number: rows that hold it.

    Examples
    --------
    >>> apart({0: 60, 1: 30, 2: 9, 3: 1, 99: 4})
    [99]
    >>> apart({0: 20, 1: 22, 2: 19, 3: 21, 4: 18, 5: 20, 8: 6, 9: 5})
    [8, 9]
    >>> answers = dict.fromkeys(range(90), 3)
    >>> apart(answers | {98: 1, 99: 2}), apart(dict.fromkeys(range(18, 71), 3) | {77: 1, 88: 1})
    ([98, 99], [])
    >>> apart({95: 2, 96: 1, 97: 1, 98: 1, 99: 1})
    []
    >>> incomes = {10 * n: 1 + 60 // n for n in range(6, 200)}
    >>> apart(incomes | {9: 12}), apart(dict.fromkeys(range(36), 4) | {94: 7, 95: 6})
    ([9], [94, 95])
    """
    reserved = [value for value in counts if is_reserved(f"{value:.15g}")]
    if {7, 8} <= counts.keys():
        reserved.remove(8)  # of a household, or on a scale to ten
    rarer = [value for value, n in counts.items() if n >= SPIKE and is_rarely_reserved(f"{value:.15g}")]
    others = {value: n for value, n in counts.items() if value not in (*reserved, *rarer)}
    if not others:
        return []
    high = max(others)
    others |= {value: counts[value] for value in rarer if value <= FAR * max(high, 1)}
    reserved += [value for value in rarer if value not in others]
    beyond_a_gap = _beyond_a_gap(list(counts), list(others))
    # a respondent of 77 or 88 years may be the oldest by far
    alone = {value for value in _beyond_a_gap(list(counts), list(others), STEPS) if value >= NINES}
    return sorted(v for v in reserved if v in alone or _is_apart(v, counts[v], others, v in beyond_a_gap))


def years(counts: Iterable[float]) -> list[float]:
    """Of the numbers of a question those that are years, as of birth, where all others are ages or the like.

    Examples
    --------
    >>> years([25, 1978, 61, 1964]), years([25, 2000, 61]), years([250, 1978, 1964]), years([1978, 1964])
    ([1964, 1978], [], [], [])
    """
    numbers = sorted(counts)
    others = [value for value in numbers if value <= OLDEST]
    dates = [value for value in numbers[len(others) :] if YEARS[0] <= value <= YEARS[1] and value % 1 == 0]
    return dates if others and len(dates) > 1 and len(others) + len(dates) == len(numbers) else []


def alike(answers: Mapping[str, int]) -> list[list[str]]:
    """Answers that seem to be one, spelled otherwise: the most frequent of each first.

    They differ by case, accents and signs alone, or one is the first letter of the other, a word, and of no third.

    Parameters
    ----------
    answers : mapping
        Answer: rows that hold it.

    Examples
    --------
    >>> alike({"f": 20, "F": 4, "Female": 9, "m": 30, "Rural": 5, "rural ": 7})
    [['f', 'Female', 'F'], ['rural ', 'Rural']]
    >>> alike(dict.fromkeys(["N", "NE", "A", "A+", "< 5 km", "> 5 km"], 9))
    []
    """
    groups: dict[str, list[str]] = {}
    for answer in answers:
        if isnan(number(answer)):
            groups.setdefault(folded(answer) + comparing(answer), []).append(answer)
    for letter in [group for group in groups if len(group) == 1]:
        longer = [group for group in groups if len(group) >= _WORD and group.startswith(letter)]
        if len(longer) == 1:
            groups[longer[0]] += groups.pop(letter)
    return [sorted(group, key=lambda answer: -answers[answer]) for group in groups.values() if len(group) > 1]


def are_turned(before: np.ndarray, after: np.ndarray) -> bool:
    """Whether the answers of a wave look like those of the wave before turned round, as 5 to 1 for 1 to 5.

    Parameters
    ----------
    before, after : ndarray (K,)
        How many gave each point of the scale, lowest first.

    Examples
    --------
    >>> are_turned(np.array([60, 30, 10]), np.array([12, 28, 60]))
    True
    >>> are_turned(np.array([60, 30, 10]), np.array([40, 30, 30]))
    False
    """
    if min(before.sum(), after.sum()) < FEWEST_ANSWERS:
        return False
    first, then = before / before.sum(), after / after.sum()
    moved, moved_if_turned = abs(then - first).sum() / 2, abs(then[::-1] - first).sum() / 2
    return bool(moved > LEAST_MOVED and moved_if_turned * MUCH_NEARER < moved)


def median_weight(weight: np.ndarray) -> float:
    """The median of the weights above 0; nan where there are none."""
    above = weight[weight > 0]
    return float(np.median(above)) if above.size else np.nan


def _beyond_a_gap(values: list[float], others: list[float], steps: float = 1) -> set[float]:
    """Numbers outside `others` that lie farther from all smaller or all larger ones than any of `others` from the next.

    `steps`: how many times as far. In a true count the numbers between hold answers too, when so many respondents gave
    the largest one.
    """
    step = float(np.diff(np.sort(others)).max(initial=1))
    above, below = np.sort([v for v in values if v >= max(others)]), -np.sort([-v for v in values if v <= min(others)])
    out: set[float] = set()
    for outwards in (above, below):
        wide = np.flatnonzero(np.abs(np.diff(outwards)) > steps * step)
        if wide.size:
            out |= set(outwards[wide[0] + 1 :].tolist())
    return out


def _is_apart(value: float, rows: int, others: Mapping[float, int], beyond_a_gap: bool) -> bool:
    low, high = min(others), max(others)
    spike = rows >= SPIKE
    if 0 < LOW * value < min((other for other in others if other > 0), default=0):
        return spike
    if abs(value) < 10:
        return spike and (beyond_a_gap or (value - high > 1 and rows > others[high]))
    uneven = {other: n for other, n in others.items() if other % 5}
    round_numbers = low >= 0 and sum(uneven.values()) <= MOST_UNEVEN * sum(others.values())
    if round_numbers and rows >= FEWEST_UNEVEN and rows > 2 * max(uneven.values(), default=0):
        return True
    if value > high:
        tail = {other: n for other, n in others.items() if other >= 0.75 * high}
        several = beyond_a_gap and rows >= max(3, 2 * max(tail.values()))
        most = max(SPIKE * float(np.median([*tail.values()])), 2 * max(uneven.get(each, 0) for each in tail))
        return value > FAR * max(high, 1) or several or (spike and rows >= most)
    if value < low:
        return value < FAR * min(low, -1) or (low >= 0 and value < 0)
    near = [n for other, n in others.items() if abs(other - value) <= 0.05 * abs(value)]
    # prices end in 9, and many numbers of months are whole years
    alike = [sum(n for other, n in others.items() if other % step == value % step) for step in (6, 7, 10)]
    return spike and rows >= SPIKE * max(near, default=0) and 2 * max(alike) < sum(others.values())
