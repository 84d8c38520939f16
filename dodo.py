"""The graph for doit's own commands, e.g. `doit list --all`; `make report` runs it with workers and a progress bar."""

import os

from fewdistricts import design, paths
from fewdistricts.run import graph

EVALUATION = os.environ.get("EVALUATION", "peru-2005")
DOIT_CONFIG = {"dep_file": str(paths.processed(EVALUATION) / ".doit-by-hand.db"), "backend": "sqlite3", "verbosity": 2}


def task_report():
    """Every step of the evaluation's report."""
    from doit.tools import config_changed

    declared = design.load(EVALUATION)
    for step in graph.steps_of(declared, declared.report.languages):
        yield {
            "name": step.name,
            "actions": [(step.function, step.arguments)],
            "file_dep": sorted(map(str, step.data)),
            "targets": list(map(str, step.writes)),
            "uptodate": [config_changed(step.depends_on)],
        }
