"""What a benchmark line is, how time is taken, and the table that is printed while it is taken."""

from __future__ import annotations

import statistics
import time
from collections.abc import Callable
from dataclasses import dataclass
from math import isnan, nan
from typing import TypeVar

T = TypeVar("T")
WIDTHS = (62, 8, 33, 8, 8)


@dataclass(frozen=True)
class Line:
    """Our seconds beside those of a peer, or beside a limit; nan where a peer could not be measured."""

    what: str
    ours: float
    against: str
    theirs: float = nan
    note: str = ""
    limit: bool = False

    @property
    def ratio(self) -> float:
        """Theirs over ours: how many times ours fits into it."""
        return self.theirs / self.ours


def limit(what: str, ours: float, seconds: float, note: str = "") -> Line:
    """A line against the time that was asked for."""
    said = "met" if ours <= seconds else "NOT MET"
    return Line(what, ours, "limit", seconds, f"{said}; {note}" if note else said, limit=True)


def cpu(call: Callable[[], T], *, repeats: int = 9, patience: float = 8.0, warm_up: bool = True) -> tuple[float, T]:
    """Median CPU seconds of this process (all threads) over `repeats` calls, fewer once `patience` seconds are over,
    and the result of the last. `warm_up`: one call before the clock starts.
    """
    return _median(call, time.process_time, repeats, patience, warm_up)


def wall(call: Callable[[], T], *, repeats: int = 3, patience: float = 20.0, warm_up: bool = True) -> tuple[float, T]:
    """The same by the clock, for work that leaves this process."""
    return _median(call, time.perf_counter, repeats, patience, warm_up)


def _median(
    call: Callable[[], T], clock: Callable[[], float], repeats: int, patience: float, warm_up: bool
) -> tuple[float, T]:
    if warm_up:
        call()
    taken: list[float] = []
    while True:
        before = clock()
        result = call()
        taken.append(clock() - before)
        if len(taken) == repeats or sum(taken) > patience:
            return statistics.median(taken), result


def seconds(value: float) -> str:
    """A duration with three digits."""
    if isnan(value):
        return "-"
    return f"{value * 1000:.3g} ms" if value < 0.9995 else f"{value:.3g} s"


class Table:
    """Prints lines as they come; `reached` says whether every limit was kept."""

    def __init__(self) -> None:
        self.reached = True

    def heading(self, section: str) -> None:
        """The head of a section."""
        print("\n" + self._row(section, "ours", "against", "theirs", "ratio", "note"))
        print("-" * (sum(WIDTHS) + 2 * len(WIDTHS) + 4), flush=True)

    def line(self, line: Line) -> None:
        """One measurement; ratio is theirs over ours."""
        self.reached &= not line.limit or line.ours <= line.theirs
        ratio = "-" if isnan(line.ratio) else f"{line.ratio:.3g}"
        print(
            self._row(line.what, seconds(line.ours), line.against, seconds(line.theirs), ratio, line.note), flush=True
        )

    @staticmethod
    def _row(what: str, ours: str, against: str, theirs: str, ratio: str, note: str) -> str:
        a, b, c, d, e = WIDTHS
        return f"{what:<{a}}  {ours:>{b}}  {against:<{c}}  {theirs:>{d}}  {ratio:>{e}}  {note}".rstrip()
