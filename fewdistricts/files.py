"""Files that appear whole or not at all, whatever happens to the process that writes them."""

from __future__ import annotations

import errno
import os
import tempfile
from pathlib import Path

from fewdistricts import paths
from fewdistricts.errors import EnvironmentProblem

FULL = {errno.ENOSPC, errno.EDQUOT}


def write(path: Path, content: bytes | str) -> None:
    """Put `content` at `path` in one step; EnvironmentProblem when the disk is full or the folder cannot be written."""
    data = content.encode() if isinstance(content, str) else content
    part = None
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        descriptor, part = tempfile.mkstemp(prefix=f".{path.name}.", suffix=".part", dir=path.parent)
        with os.fdopen(descriptor, "wb") as file:
            file.write(data)
        # mkstemp keeps others out; published files are as readable as any file made here
        os.chmod(part, 0o666 & ~_umask())  # noqa: PTH101
        os.replace(part, path)  # noqa: PTH105
        part = None
    except OSError as error:
        raise trouble(error, path) from error
    finally:
        if part is not None:
            Path(part).unlink(missing_ok=True)


def sweep(folder: Path) -> None:
    """Remove what writers that were killed have left under a folder; only while nobody writes there."""
    for left in folder.rglob(".*.part"):
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
