"""Files that appear whole or not at all, whatever happens to the process that writes them.

Every file that the package writes goes through here, so that `sweep` finds all that a killed writer has left.
"""

from __future__ import annotations

import contextlib
import errno
import os
import tempfile
from collections.abc import Iterator
from pathlib import Path

from fewdistricts import paths
from fewdistricts.errors import EnvironmentProblem

FULL = {errno.ENOSPC, errno.EDQUOT}
"""Errors of the operating system that mean a full disk or a used-up quota."""

UNFINISHED = ".part"
"""Ending of a file that is still being written; its name begins with a dot."""


def write(path: Path, content: bytes | str) -> None:
    """Put `content` at `path` in one step.

    Parameters
    ----------
    path : Path
        Where the file appears; missing folders are made.
    content : bytes or str
        Text is written as UTF-8.

    Raises
    ------
    EnvironmentProblem
        Where the disk is full or the folder cannot be written.
    """
    data = content.encode() if isinstance(content, str) else content
    with replacing(path) as part:
        part.write_bytes(data)


@contextlib.contextmanager
def replacing(path: Path) -> Iterator[Path]:
    """A file beside `path` to write to; when the block ends without an error it takes the place of `path`.

    Raises
    ------
    EnvironmentProblem
        Where the disk is full or the folder cannot be written.
    """
    part: Path | None = None
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        descriptor, name = tempfile.mkstemp(prefix=f".{path.name}.", suffix=UNFINISHED, dir=path.parent)
        os.close(descriptor)
        part = Path(name)
        yield part
        # mkstemp keeps others out; published files are as readable as any file made here
        part.chmod(0o666 & ~_umask())
        os.replace(part, path)  # noqa: PTH105 - a test stands in for it
    except OSError as error:
        if error.filename is not None and Path(error.filename) not in (part, path, path.parent):
            raise  # of another file, met while this one was written
        raise trouble(error, path) from error
    finally:
        if part is not None:
            part.unlink(missing_ok=True)


def sweep(folder: Path) -> None:
    """Remove what killed writers have left under a folder; only while nobody writes there."""
    for left in folder.rglob(f".*{UNFINISHED}"):
        left.unlink(missing_ok=True)


def trouble(error: OSError, path: Path) -> EnvironmentProblem:
    """What an operating system's refusal means for the user."""
    where = paths.shown(path)
    if error.errno in FULL:
        return EnvironmentProblem(f"{where}: the disk is full; make room and run the same command again")
    return EnvironmentProblem(f"{where} cannot be written: {(error.strerror or str(error)).lower()}")


def _umask() -> int:
    current = os.umask(0)
    os.umask(current)
    return current
