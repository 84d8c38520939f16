"""The graph for doit's own commands, e.g. `doit list --all`; `make report` runs it with workers and a progress bar."""

import os
from collections.abc import Iterator
from functools import partial
from typing import Any

from fewdistricts import design, paths
from fewdistricts.run import graph, tasks
from fewdistricts.run.memory import NAME, Memory
from fewdistricts.run.step import Step

EVALUATION = os.environ.get("EVALUATION", "peru-2005")
DOIT_CONFIG = {"dep_file": ":memory:", "backend": "sqlite3", "verbosity": 2}


def task_report() -> Iterator[dict[str, Any]]:
    """Every step of the evaluation's report."""
    declared = design.load(EVALUATION)
    steps = graph.steps_of(declared, declared.report.languages)
    needed = tasks.needs(steps)
    memory = Memory(paths.processed(EVALUATION) / NAME)
    for step in steps:
        before = [f"report:{name}" for name in needed[step.name]]
        yield tasks.as_task(step, before, memory, partial(_act, step, memory))


def _act(step: Step, memory: Memory) -> None:
    memory.forget(step)
    step.function(*step.arguments)
    memory.note(step)
