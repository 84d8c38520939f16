"""One task of a build: what it runs, what it reads and writes, and what else its result depends on."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from fewdistricts import paths
from fewdistricts.run import layers


@dataclass(frozen=True)
class Step:
    """A function of `steps` with its arguments, and all that decides whether it has to run again."""

    name: str
    function: Callable[..., None]
    arguments: tuple[Any, ...]
    reads: frozenset[Path]
    """Files of the evaluation and notebooks; each counts by its content."""
    writes: tuple[Path, ...]
    code: str
    """The hash of the rooms that it runs."""
    settings: str = ""
    """The hash of the part of evaluation.yaml that it uses."""

    @property
    def stage(self) -> str:
        """The kind of task, for the summary."""
        return self.name.partition(":")[0]

    @property
    def depends_on(self) -> str:
        """All but the files that are read, as one hash: code, locked versions, settings, names of what is made."""
        names = [paths.shown(path) for path in self.writes]
        lines = [self.code, layers.lock(), self.settings, *names]
        return hashlib.sha256("\n".join(lines).encode()).hexdigest()
