"""What a build says while it runs: a bar on a terminal, plain lines elsewhere, a summary at the end."""

from __future__ import annotations

import sys
import threading
import time
from collections import defaultdict
from typing import TYPE_CHECKING, Any

from doit.exceptions import UnmetDependency

from evaluation import paths
from evaluation.errors import NotebookError

if TYPE_CHECKING:
    from evaluation.run.build import Outcome

# failures told in full; many notebooks mostly fail for one reason
NAMED = 5


class Progress:
    """Lines and the bar; tasks report from several threads."""

    def __init__(self, quiet: bool) -> None:
        self.quiet = quiet
        self._lock = threading.Lock()
        self._began = time.monotonic()
        self._starts: dict[str, float] = {}
        self.seconds: defaultdict[str, float] = defaultdict(float)
        self._bar: Any = None

    def expect(self, tasks: int) -> None:
        """Say how many tasks there are."""
        self.close()
        if not self.quiet and sys.stderr.isatty():
            from tqdm import tqdm

            self._bar = tqdm(total=tasks, unit="task", leave=False, file=sys.stderr, dynamic_ncols=True)

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
            if self._bar is not None:
                self._bar.update()
                self._show()
            elif not self.quiet and how in ("ran", "failed"):
                print(f"{how:<6} {name} {spent:.1f} s", file=sys.stderr, flush=True)

    def _show(self) -> None:
        if self._bar is not None:
            self._bar.set_description_str(", ".join(sorted(self._starts)) or "done")

    def close(self) -> None:
        """Take the bar away."""
        if self._bar is not None:
            self._bar.close()
            self._bar = None

    def summary(self, evaluation: str, outcome: Outcome) -> None:
        """Name the failures, then say where the report lies and how long each stage took."""
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
        where = "unfinished" if outcome.failed else f"in {paths.shown(paths.reports(evaluation))}/"
        print(f"Report {where}: {counts}; {total}", file=sys.stderr)


class Reporter:
    """Tells doit's events to a Progress and remembers how each task ended."""

    def __init__(self, progress: Progress, stages: dict[str, str], failures: dict[str, Exception]) -> None:
        self._progress, self._stages, self._failures = progress, stages, failures
        self.ran: list[str] = []
        self.current: list[str] = []
        self.failed: list[str] = []
        self.blocked: list[str] = []

    def _end(self, task: Any, how: str) -> None:
        getattr(self, how).append(task.name)
        self._progress.end(task.name, self._stages[task.name], how)

    def initialize(self, tasks: dict[str, Any], selected: list[str]) -> None:
        """Before the first task."""
        self._progress.expect(len(tasks))

    def get_status(self, task: Any) -> None:
        """Before a task's dependencies are looked at."""

    def execute_task(self, task: Any) -> None:
        """A task begins."""
        self._progress.start(task.name)

    def add_success(self, task: Any) -> None:
        """A task has run."""
        self._end(task, "ran")

    def add_failure(self, task: Any, fail: Any) -> None:
        """A task failed, or one that it needs has."""
        if isinstance(fail, UnmetDependency):
            self._end(task, "blocked")
            return
        # a task whose inputs are not there fails before it is executed, and nobody else has said so
        self._failures.setdefault(task.name, NotebookError(f"{task.name}: {fail.message.rpartition(': ')[2]}"))
        self._end(task, "failed")

    def skip_uptodate(self, task: Any) -> None:
        """A task has nothing to do."""
        self._end(task, "current")

    def skip_ignore(self, task: Any) -> None:
        """Nothing is ever ignored here."""

    def teardown_task(self, task: Any) -> None:
        """Nothing is torn down here."""

    def cleanup_error(self, exception: Any) -> None:
        """Nothing is torn down here."""

    def runtime_error(self, msg: str) -> None:
        """An error of the graph itself."""
        raise NotebookError(msg)

    def complete_run(self) -> None:
        """After the last task."""
