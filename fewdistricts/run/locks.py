"""Builds of one evaluation take turns; a build that was killed is waited for until its workers have ended too."""

from __future__ import annotations

import contextlib
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import IO

from fewdistricts import files, paths

try:
    import fcntl
except ImportError:  # Windows has no such locks: builds there must be kept apart by hand
    fcntl = None  # type: ignore[assignment]

# files that stay open, and locked, until the process ends
_held: list[IO[str]] = []


def presence(evaluation: str) -> Path:
    """The file that workers of an evaluation's build hold."""
    return paths.processed(evaluation) / ".workers"


def share(path: Path) -> None:
    """Hold a file together with others until this process ends."""
    if fcntl is not None:
        file = path.open("w")
        _held.append(file)
        fcntl.flock(file, fcntl.LOCK_SH)


@contextlib.contextmanager
def shared(path: Path | None) -> Iterator[None]:
    """Hold a file together with others for a while, where the file system can; None is nothing to hold."""
    if fcntl is None or path is None:
        yield
        return
    with path.open("w") as file:
        with contextlib.suppress(OSError):
            fcntl.flock(file, fcntl.LOCK_SH)
        yield


@contextlib.contextmanager
def alone(evaluation: str) -> Iterator[None]:
    """Hold an evaluation; a second build says that it waits for the first."""
    folder = paths.processed(evaluation)
    try:
        folder.mkdir(parents=True, exist_ok=True)
        own, others = (folder / ".lock").open("w"), presence(evaluation).open("w")
    except OSError as error:
        raise files.trouble(error, folder) from error
    with own:
        if fcntl is not None:
            try:
                fcntl.flock(own, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except OSError:
                print(f"Another build of {evaluation} is running; waiting for it to end.", file=sys.stderr, flush=True)
                fcntl.flock(own, fcntl.LOCK_EX)
            with others:
                # workers of a killed build end within seconds, and might still write
                fcntl.flock(others, fcntl.LOCK_EX)
        yield
