"""What a build says while it runs: a bar on a terminal, plain lines elsewhere, a summary at the end."""

from __future__ import annotations

import contextlib
import json
import sys
import threading
import time
from collections import defaultdict
from pathlib import Path
from typing import Any

from fewdistricts import files, paths, text
from fewdistricts.errors import EnvironmentProblem
from fewdistricts.run.outcome import Outcome

# failures told in full; many notebooks mostly fail for one reason
NAMED = 5
# running tasks named by the bar; a cluster runs hundreds
RUNNING = 3
# how long each task took when it last ran
DURATIONS = ".durations.json"


class Progress:
    """Lines and the bar; tasks report from several threads."""

    def __init__(self, quiet: bool, jobs: int = 1, durations: Path | None = None) -> None:
        """`jobs` tasks run at once; the file `durations` holds what they took before, for the time left."""
        self.quiet, self._jobs, self._file = quiet, jobs, durations
        self._lock = threading.Lock()
        self._began = time.monotonic()
        self._starts: dict[str, float] = {}
        self._waiting: dict[str, str] = {}  # tasks that have not ended, and their stages
        self._current = 0
        self._past = _remembered(durations)
        self.seconds: defaultdict[str, float] = defaultdict(float)
        self._bar: Any = None

    def expect(self, stages: dict[str, str]) -> None:
        """Say which tasks there are, each with its stage."""
        self.close()
        self._waiting, self._current = dict(stages), 0
        if not self.quiet and sys.stderr.isatty():
            from tqdm import tqdm

            form = "{n_fmt}/{total_fmt} |{bar}| {elapsed} {desc}"
            self._bar = tqdm(total=len(stages), leave=False, file=sys.stderr, dynamic_ncols=True, bar_format=form)

    def start(self, name: str) -> None:
        """A task begins."""
        with self._lock:
            self._starts[name] = time.monotonic()
            self._show()

    def end(self, name: str, stage: str, how: str) -> None:
        """A task has ended: `ran`, `current`, `failed` or `blocked`."""
        with self._lock:
            spent = time.monotonic() - self._starts.pop(name, time.monotonic())
            self.seconds[stage] += spent
            self._waiting.pop(name, None)
            self._current += how == "current"
            if how == "ran":
                self._past[name] = round(spent, 2)
            if self._bar is not None:
                self._bar.update()
                self._show()
            elif not self.quiet and how in ("ran", "failed"):
                print(f"{how:<6} {name} {spent:.1f} s", file=sys.stderr, flush=True)

    def _show(self) -> None:
        if self._bar is not None:
            self._bar.set_description_str(self.state())

    def state(self) -> str:
        """What runs, how many tasks were up to date, and how long the rest will take at most, as far as is known."""
        running = sorted(self._starts)
        named = text.some(running, RUNNING)
        said = [named or "looking for what has changed"]
        said += [f"{self._current} up to date"] if self._current else []
        left = self.left()
        return "; ".join(said + ([f"at most {_spoken(left)} left"] if left is not None else []))

    def left(self) -> float | None:
        """Seconds until all that has not ended would have run, from what tasks of its name or stage took before; None
        where a stage has never run.
        """
        typical: dict[str, list[float]] = defaultdict(list)
        for name, seconds in self._past.items():
            typical[name.partition(":")[0]].append(seconds)
        now, work, longest = time.monotonic(), 0.0, 0.0
        for name, stage in self._waiting.items():
            if name not in self._past and stage not in typical:
                return None
            took = self._past.get(name) or sum(typical[stage]) / len(typical[stage])
            rest = max(0.0, took - (now - self._starts.get(name, now)))
            work, longest = work + rest, max(longest, rest)
        return max(work / self._jobs, longest)

    def close(self) -> None:
        """Take the bar away."""
        if self._bar is not None:
            self._bar.close()
            self._bar = None

    def remember(self) -> None:
        """Keep what tasks took, for the next build's time left."""
        if self._file is not None and any(self.seconds.values()):
            # a comfort: for want of it no build fails
            with contextlib.suppress(EnvironmentProblem):
                files.write(self._file, json.dumps(self._past, sort_keys=True))

    def summary(self, evaluation: str, outcome: Outcome, product: str = "Report") -> None:
        """Name the failures, then say where the report or plan lies and how long each stage took."""
        errors = list(outcome.failed.values())
        for error in errors[:NAMED]:
            print(error, file=sys.stderr)
        if len(errors) > NAMED:
            folder = paths.shown(paths.processed(evaluation) / "failed")
            print(f"and {len(errors) - NAMED} more tasks that failed; see {folder}/", file=sys.stderr)
        if self.quiet:
            return
        counts = f"{len(outcome.ran)} tasks ran, {len(outcome.current)} were up to date"
        if outcome.failed:
            counts += f", {len(outcome.failed)} failed, {len(outcome.blocked)} waited for one that failed"
        stages = ", ".join(f"{stage} {spent:.1f} s" for stage, spent in self.seconds.items() if spent >= 0.05)
        total = f"{time.monotonic() - self._began:.1f} s" + (f" (work: {stages})" if stages else "")
        published = paths.shown(paths.reports(evaluation))
        if not outcome.failed:
            print(f"{product} in {published}/: {counts}; {total}", file=sys.stderr)
            return
        print(f"{product} unfinished: {counts}; {total}", file=sys.stderr)
        former = f"{published}/ is as it was" if paths.reports(evaluation).exists() else f"there is no {published}/ yet"
        print(f"{former}; what is finished lies in {paths.shown(paths.staged(evaluation))}/", file=sys.stderr)


def _remembered(durations: Path | None) -> dict[str, float]:
    try:
        return json.loads(durations.read_text(encoding="utf-8")) if durations else {}
    except (OSError, ValueError):
        return {}


def _spoken(seconds: float) -> str:
    """A time as a person says it: nothing of the last seconds of an hour is known."""
    if seconds < 60:
        return f"{seconds:.0f} s"
    return f"{seconds / 60:.0f} min" if seconds < 5400 else f"{seconds / 3600:.1f} h"
