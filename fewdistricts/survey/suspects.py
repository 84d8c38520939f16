"""Codes that are counted as answers and look like none: what a label says, what programs write, numbers far apart."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

import numpy as np

from .nonanswers import is_nothing, is_reserved, missing_kind
from .table import Column

SPIKE = 5
"""How many times as frequent as its neighbours a code is that is none of them; also the fewest rows of one."""

FAR = 2
"""How many times as large as the largest answer a code is that cannot be one."""


def spoken(column: Column, codes: Iterable[str]) -> dict[str, str]:
    """Of these codes those that their label, or they themselves, call no answer, with the kind of missing."""
    kinds: dict[str, str] = {}
    for code in codes:
        if is_nothing(code):
            kinds[code] = "unspecified"
        elif not _is_number(column.shown(code)):
            kind = missing_kind(column.shown(code))
            if kind is not None:
                kinds[code] = kind
    return kinds


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
    >>> apart({95: 2, 96: 1, 97: 1, 98: 1, 99: 1})
    []
    """
    reserved = [value for value in counts if is_reserved(f"{value:g}")]
    others = {value: n for value, n in counts.items() if value not in reserved}
    if not others:
        return []
    return sorted(value for value in reserved if _is_apart(value, counts[value], others))


def _is_apart(value: float, rows: int, others: Mapping[float, int]) -> bool:
    low, high = min(others), max(others)
    spike = rows >= SPIKE
    if abs(value) < 10:
        return value - high > 1 and spike and rows > others[high]
    if value > high:
        tail = [n for other, n in others.items() if other >= 0.75 * high]
        return value > FAR * max(high, 1) or (spike and rows >= SPIKE * float(np.median(tail)))
    if value < low:
        return value < FAR * min(low, -1) or (low >= 0 and value < 0)
    if abs(value) < 100:
        return False
    near = [n for other, n in others.items() if abs(other - value) <= 0.05 * abs(value)]
    return spike and rows >= SPIKE * max(near, default=0)


def _is_number(text: str) -> bool:
    try:
        float(text)
    except ValueError:
        return False
    return not is_nothing(text)
