"""Bring an evaluation's files up to date: hand the steps to doit, run them in workers, say what happened."""

from __future__ import annotations

import os
import sqlite3
import sys
import traceback
from collections.abc import Callable, Sequence
from pathlib import Path

from doit.control import TaskControl
from doit.dependency import DatabaseException
from doit.exceptions import TaskFailed
from doit.task import Task
from doit.tools import config_changed

from fewdistricts import design as declared
from fewdistricts import files, paths
from fewdistricts.errors import EnvironmentProblem, EvaluationError, NotebookError
from fewdistricts.run import graph, locks, sources
from fewdistricts.run.journal import JournalledRunner, OrderedDispatcher, open_journal
from fewdistricts.run.outcome import Outcome
from fewdistricts.run.progress import DURATIONS, Progress, Reporter
from fewdistricts.run.workers import Workers


def build(
    evaluation: str,
    languages: Sequence[str] | None = None,
    *,
    jobs: int | None = None,
    scheduler: str | None = None,
    quiet: bool = False,
    steps_of: Callable[[declared.Design, Sequence[str]], list[graph.Step]] = graph.steps_of,
) -> Outcome:
    """Build the report of an evaluation; the first failing task does not keep independent ones from running.

    `steps_of`: the tasks, those of the report unless others are asked for.
    ConfigurationError, DataError or EnvironmentProblem when the build cannot begin.
    """
    # sums keep one order, and notebooks that run side by side do not wait for each other's threads
    for variable in ("OPENBLAS_NUM_THREADS", "OMP_NUM_THREADS", "MKL_NUM_THREADS"):
        os.environ.setdefault(variable, "1")
    # workers are forked, and Arrow's allocator would start a thread before
    os.environ.setdefault("JE_ARROW_MALLOC_CONF", "background_thread:false")
    design = declared.load(evaluation)
    languages = tuple(languages or design.report.languages)
    with locks.alone(evaluation):
        files.sweep(paths.reports(evaluation))
        files.sweep(paths.processed(evaluation))
        workers = Workers(jobs, scheduler, locks.presence(evaluation))
        progress = Progress(quiet, workers.jobs, paths.processed(evaluation) / DURATIONS)
        done = False
        try:
            outcome = Outcome()
            if design.district_columns and steps_of is graph.steps_of:
                # the districts are in the data: they are known once the survey is
                outcome = _run(evaluation, graph.steps_of(design, languages)[:1], workers, progress)
                design = declared.load(evaluation)
            if not outcome.failed:
                outcome = _run(evaluation, steps_of(design, languages), workers, progress).after(outcome)
            sources.remember()
            progress.remember()
            done = True
        finally:
            progress.close()
            workers.close(now=not done)
    progress.summary(evaluation, outcome)
    return outcome


def _run(evaluation: str, steps: Sequence[graph.Step], workers: Workers, progress: Progress) -> Outcome:
    """Let doit run what is not up to date."""
    failures: dict[str, Exception] = {}
    reporter = Reporter(progress, {step.name: step.stage for step in steps}, failures)
    control = TaskControl([_task(step, workers, failures) for step in steps])
    control.process(None)
    memory = paths.processed(evaluation) / ".doit.db"
    try:
        runner = JournalledRunner(open_journal(str(memory)), reporter, continue_=True, num_process=workers.jobs)
        runner.run_all(OrderedDispatcher(control))
    except (sqlite3.OperationalError, DatabaseException) as error:
        words = str(error).rpartition("Original error: ")[2]
        remedy = "make room on the disk and run the same command again"
        raise EnvironmentProblem(f"{paths.shown(memory)} cannot be written: {words}; {remedy}") from error
    return Outcome(tuple(reporter.ran), tuple(reporter.current), failures, tuple(reporter.blocked))


def _task(step: graph.Step, workers: Workers, failures: dict[str, Exception]) -> Task:
    def act() -> TaskFailed | None:
        try:
            workers.run(step.function, *step.arguments)
            missing = [paths.shown(path) for path in step.writes if not path.exists()]
            if missing:
                raise NotebookError(f"{step.name}: ended without writing {', '.join(missing)}")
        except Exception as error:
            failures[step.name] = error if isinstance(error, EvaluationError) else _unexpected(step.name, error)
            return TaskFailed(str(failures[step.name]))
        return None

    return Task(
        step.name,
        actions=[act],
        file_dep=sorted(str(path) for path in step.data),
        targets=[str(path) for path in step.writes],
        uptodate=[config_changed(step.depends_on)],
        # doit would put its own stream in the place of the process's, one for each thread
        io={"capture": False},
    )


def _unexpected(name: str, error: Exception) -> EvaluationError:
    """An error nobody foresaw: said in one sentence; its traceback is for whoever looks into it."""
    if isinstance(error, OSError) and error.errno in files.FULL:
        return files.trouble(error, Path(error.filename or name))
    if "EVALUATION_DEBUG" in os.environ:
        traceback.print_exception(error, file=sys.stderr)
    words = (str(error).strip().splitlines() or ["no message"])[-1]
    return EvaluationError(f"{name}: {type(error).__name__}: {words} (EVALUATION_DEBUG=1 shows where)")
