"""The steps as tasks of doit, through its public interface: a loader of tasks and a reporter of what happens to them.

doit holds the graph and the threads that wait for workers. Which steps are up to date is said by `Memory`: doit's own
memory is written when a build ends, so that a build killed at any moment would begin again from the start.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from functools import partial
from typing import Any

from doit.api import run_tasks
from doit.cmd_base import TaskLoader2
from doit.exceptions import TaskFailed, UnmetDependency
from doit.task import dict_to_task

from fewdistricts.errors import NotebookError
from fewdistricts.run.memory import Memory
from fewdistricts.run.progress import Progress
from fewdistricts.run.step import Step

MOST_WAITING = 200
"""Steps that are ready and wait for a worker, each in a thread."""


def as_task(step: Step, needed: Iterable[str], memory: Memory, act: Callable[[], TaskFailed | None]) -> dict[str, Any]:
    """A step as doit describes a task."""
    return {
        "name": step.name,
        "actions": [act],
        "task_dep": list(needed),
        "uptodate": [lambda: memory.is_current(step)],
        # doit would put its own stream in the place of the process's, one for each thread
        "io": {"capture": False},
    }


def needs(steps: Sequence[Step]) -> dict[str, list[str]]:
    """For each step the names of those that write what it reads."""
    writers = {path: step.name for step in steps for path in step.writes}
    return {step.name: sorted({writers[path] for path in step.reads if path in writers}) for step in steps}


def run(
    steps: Sequence[Step], memory: Memory, act: Callable[[Step], TaskFailed | None], reporter: Reporter, at_once: int
) -> None:
    """Let doit run the steps that are not up to date.

    Parameters
    ----------
    steps : sequence of Step
        In the order of preference.
    memory : Memory
        Says which steps are up to date.
    act : callable
        Runs a step; called in threads.
    reporter : Reporter
        Told what happens.
    at_once : int
        Steps that run at the same time.
    """
    needed = needs(steps)
    described = [as_task(step, needed[step.name], memory, partial(act, step)) for step in steps]
    loader = _Loader(described, reporter, min(at_once + MOST_WAITING, len(steps)))
    run_tasks(loader, {step.name: None for step in steps})


class _Loader(TaskLoader2):
    """Gives doit its configuration and its tasks."""

    def __init__(self, described: Sequence[dict[str, Any]], reporter: Reporter, threads: int) -> None:
        super().__init__()
        self._described, self._reporter, self._threads = described, reporter, threads

    def load_doit_config(self) -> dict[str, Any]:
        """How to run the tasks."""
        return {
            "backend": "sqlite3",
            "dep_file": ":memory:",
            "reporter": self._reporter,
            "num_process": self._threads,
            "par_type": "thread",
            "continue": True,
            "verbosity": 0,
        }

    def load_tasks(self, cmd: Any, pos_args: Any) -> list[Any]:
        """The tasks."""
        return [dict_to_task(task) for task in self._described]


class Reporter:
    """Tells doit's events to a Progress and remembers how each task ended."""

    def __init__(self, progress: Progress, steps: Sequence[Step], failures: dict[str, Exception]) -> None:
        self._progress, self._failures = progress, failures
        self._stages = {step.name: step.stage for step in steps}
        self.ended: dict[str, list[str]] = {"ran": [], "current": [], "failed": [], "blocked": []}

    def _end(self, task: Any, how: str) -> None:
        self.ended[how].append(task.name)
        self._progress.end(task.name, self._stages[task.name], how)

    def initialize(self, tasks: dict[str, Any], selected: list[str]) -> None:
        """Before the first task."""
        self._progress.expect(self._stages)

    def add_success(self, task: Any) -> None:
        """A task has run."""
        self._end(task, "ran")

    def skip_uptodate(self, task: Any) -> None:
        """A task has nothing to do."""
        self._end(task, "current")

    def add_failure(self, task: Any, fail: Any) -> None:
        """A task failed, or one that it needs has."""
        if isinstance(fail, UnmetDependency):
            self._end(task, "blocked")
            return
        self._failures.setdefault(task.name, NotebookError(f"{task.name}: {fail.message}"))
        self._end(task, "failed")

    def runtime_error(self, message: str) -> None:
        """An error of the graph itself."""
        raise NotebookError(message)

    def _nothing(self, *_: Any) -> None:
        """Nothing to say."""

    get_status = execute_task = skip_ignore = teardown_task = cleanup_error = complete_run = _nothing
