"""Bring an evaluation's files up to date: run the steps that are not, in workers, and say what happened."""

from __future__ import annotations

import os
import signal
import sys
import traceback
from collections.abc import Callable, Sequence
from pathlib import Path

from doit.exceptions import TaskFailed

from fewdistricts import design as declared
from fewdistricts import files, paths, threads
from fewdistricts.errors import ConfigurationError, EvaluationError, NotebookError, Problem
from fewdistricts.run import graph, locks, memory, published, tasks
from fewdistricts.run.outcome import Outcome
from fewdistricts.run.progress import DURATIONS, Progress
from fewdistricts.run.step import Step
from fewdistricts.run.turns import Turns
from fewdistricts.run.workers import Workers

StepsOf = Callable[[declared.Design, Sequence[str]], list[Step]]


def build(
    evaluation: str,
    languages: Sequence[str] | None = None,
    *,
    jobs: int | None = None,
    scheduler: str | None = None,
    quiet: bool = False,
    steps_of: StepsOf = graph.steps_of,
    product: str = "Report",
) -> Outcome:
    """Build the report of an evaluation; the first failing step does not keep independent ones from running.

    Parameters
    ----------
    evaluation : str
        Folder under data/raw/.
    languages : sequence of str, optional
        Of the report; by default those that evaluation.yaml declares.
    jobs : int, optional
        Steps at once; by default one a processor, or one a worker of the cluster.
    scheduler : str, optional
        Address of a Dask scheduler; by default steps run in local processes.
    quiet : bool
        Say nothing but errors.
    steps_of : callable
        The steps; by default those of the report.
    product : str
        What they make, as the last line calls it.

    Returns
    -------
    Outcome
        What each step did.

    Raises
    ------
    ConfigurationError, DataError, EnvironmentProblem
        Where the build cannot begin.
    """
    threads.limit()
    design = declared.load(evaluation)
    languages = tuple(languages or design.report.languages)
    _check_languages(design, languages)
    with locks.alone(evaluation):
        for folder in (paths.reports(evaluation), paths.processed(evaluation)):
            files.sweep(folder)
        published.recover(evaluation)
        workers = Workers(jobs, scheduler, locks.presence(evaluation), evaluation)
        progress = Progress(quiet, workers.jobs, paths.processed(evaluation) / DURATIONS)
        finished = False
        try:
            outcome = _build(design, languages, steps_of, workers, progress)
            progress.remember()
            finished = True
        finally:
            progress.close()
            workers.close(now=not finished)
    progress.summary(evaluation, outcome, product)
    return outcome


def _check_languages(design: declared.Design, languages: Sequence[str]) -> None:
    """Nothing is built for a language in which the evaluation says nothing."""
    declared_in = design.report.languages
    wanting = [language for language in languages if language not in declared_in]
    if wanting:
        found = f"{', '.join(map(repr, wanting))}, in which this evaluation is not declared"
        remedy = "ask for those, or add the language to report.languages and every text in it"
        raise ConfigurationError(Problem("--languages", found, ", ".join(declared_in), remedy))


def _build(
    design: declared.Design, languages: Sequence[str], steps_of: StepsOf, workers: Workers, progress: Progress
) -> Outcome:
    """Run the steps; where the districts are in the data, the survey first, which finds them."""
    outcome = Outcome()
    with memory.Memory(paths.processed(design.evaluation) / memory.NAME) as built:
        if design.district_columns and steps_of is graph.steps_of:
            outcome = _run([graph.survey(design)], built, workers, progress)
            design = declared.load(design.evaluation)
        if outcome.failed:
            return outcome
        return _run(steps_of(design, languages), built, workers, progress).after(outcome)


def _run(steps: Sequence[Step], built: memory.Memory, workers: Workers, progress: Progress) -> Outcome:
    """Run the steps that are not up to date."""
    failures: dict[str, Exception] = {}
    ranks = {step.name: rank for rank, step in enumerate(steps)}
    turns = Turns(workers.jobs)

    def act(step: Step) -> TaskFailed | None:
        # interrupts are for the main thread; the processes that this thread starts inherit that they are not for them
        if hasattr(signal, "pthread_sigmask"):
            signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
        with turns.take(ranks[step.name]):
            progress.start(step.name)
            try:
                _run_step(step, built, workers)
            except Exception as error:
                failures[step.name] = error if isinstance(error, EvaluationError) else _unexpected(step.name, error)
                return TaskFailed(str(failures[step.name]))
        return None

    reporter = tasks.Reporter(progress, steps, failures)
    tasks.run(steps, built, act, reporter, workers.jobs)
    ended = reporter.ended
    return Outcome(tuple(ended["ran"]), tuple(ended["current"]), failures, tuple(ended["blocked"]))


def _run_step(step: Step, built: memory.Memory, workers: Workers) -> None:
    built.forget(step)
    workers.run(step.function, *step.arguments)
    missing = [paths.shown(path) for path in step.writes if not path.exists()]
    if missing:
        raise NotebookError(f"{step.name}: ended without writing {', '.join(missing)}")
    built.note(step)


def _unexpected(name: str, error: Exception) -> EvaluationError:
    """An error nobody foresaw: said in one sentence; its traceback is for whoever looks into it."""
    if isinstance(error, OSError) and error.errno in files.FULL:
        return files.trouble(error, Path(error.filename or name))
    if "EVALUATION_DEBUG" in os.environ:
        traceback.print_exception(error, file=sys.stderr)
    lines = str(error).strip().splitlines() or ["no message"]
    return EvaluationError(f"{name}: {type(error).__name__}: {lines[-1]} (EVALUATION_DEBUG=1 shows where)")
