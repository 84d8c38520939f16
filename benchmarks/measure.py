"""What a benchmark line is, how time is taken, and the table that is printed while it is taken."""

from __future__ import annotations

import os
import platform
import statistics
import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from importlib.metadata import distributions
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


def met(reached: bool) -> str:
    """How a line says whether it reached what was asked for."""
    return "met" if reached else "NOT MET"


def limit(what: str, ours: float, seconds: float, note: str = "") -> Line:
    """A line against the time that was asked for."""
    said = met(ours <= seconds)
    return Line(what, ours, "limit", seconds, f"{said}; {note}" if note else said, limit=True)


def cpu(call: Callable[[], T], *, repeats: int = 9, patience: float = 8.0, warm_up: bool = True) -> tuple[float, T]:
    """Median CPU seconds of this process (all threads) over `repeats` calls, fewer once `patience` seconds are over,
    and the result of the last. `warm_up`: one call before the clock starts.
    """
    if warm_up:
        call()
    taken: list[float] = []
    while True:
        before = time.process_time()
        result = call()
        taken.append(time.process_time() - before)
        if len(taken) == repeats or sum(taken) > patience:
            return statistics.median(taken), result


def circumstances(packages: Iterable[str]) -> str:
    """What the numbers depend on: versions, the processor's count, and whether others use it."""
    known = {name.lower(): distribution.version for distribution in distributions() if (name := distribution.name)}
    said = [f"{name} {known[name]}" for name in packages if name in known]
    said = [f"Python {platform.python_version()}", *said, f"{os.cpu_count()} processors"]
    load = os.getloadavg()[0]
    if load > 1:
        said.append(f"other work is running (load {load:.1f}): clock times are too long")
    return ", ".join(said)


def seconds(value: float) -> str:
    """A duration with three digits."""
    if isnan(value):
        return "-"
    return f"{value * 1000:.3g} ms" if value < 0.9995 else f"{value:.3g} s"


class Table:
    """Prints lines as they come, and at the end how many limits were kept."""

    def __init__(self) -> None:
        self.limits = self.met = 0

    def heading(self, section: str) -> None:
        """The head of a section."""
        print("\n" + self._row(section, "ours", "against", "theirs", "ratio", "note"))
        print("-" * (sum(WIDTHS) + 2 * len(WIDTHS) + 4), flush=True)

    def line(self, line: Line) -> None:
        """One measurement; ratio is theirs over ours."""
        self.limits += line.limit
        self.met += line.limit and line.ours <= line.theirs
        ratio = "-" if isnan(line.ratio) else f"{line.ratio:.3g}"
        print(
            self._row(line.what, seconds(line.ours), line.against, seconds(line.theirs), ratio, line.note), flush=True
        )

    def summary(self) -> None:
        """The last line."""
        print(f"\n{self.met} of {self.limits} limits met")

    @staticmethod
    def _row(what: str, ours: str, against: str, theirs: str, ratio: str, note: str) -> str:
        a, b, c, d, e = WIDTHS
        return f"{what:<{a}}  {ours:>{b}}  {against:<{c}}  {theirs:>{d}}  {ratio:>{e}}  {note}".rstrip()
