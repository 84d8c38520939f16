"""Where things lie: the only module that knows the folders of the project."""

from __future__ import annotations

import os
from functools import cache
from pathlib import Path

PROJECT = Path(__file__).resolve().parents[1]
NOTEBOOKS = PROJECT / "notebooks"
TEXTS = PROJECT / "fewdistricts" / "exhibits" / "text" / "texts"


def home() -> Path:
    """The folder that holds `data/` and `reports/`: the project, or `EVALUATION_HOME` (tests, `make verify`)."""
    return _resolved(Path.cwd() / (os.environ.get("EVALUATION_HOME") or PROJECT))


@cache
def _resolved(folder: Path) -> Path:
    """Asked of a thousand times in a build that has nothing to do."""
    return folder.resolve()


def raw(evaluation: str) -> Path:
    """Survey files and `evaluation.yaml` as they came."""
    return home() / "data" / "raw" / evaluation


def processed(evaluation: str) -> Path:
    """Everything that is built on the way; not committed."""
    return home() / "data" / "processed" / evaluation


def staged(evaluation: str) -> Path:
    """The files to be published, until all of them are there."""
    return processed(evaluation) / "set"


def reports(evaluation: str) -> Path:
    """What is published: one consistent set, exchanged as a whole."""
    return home() / "reports" / evaluation


def shown(path: Path) -> str:
    """A path as a message shows it: relative to the folder it belongs to, so that no host's layout leaks."""
    for base in (home(), PROJECT):
        if path.is_relative_to(base):
            return path.relative_to(base).as_posix()
    return path.name
