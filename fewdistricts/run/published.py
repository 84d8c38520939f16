"""reports/<evaluation>/ as one consistent set: made aside and exchanged as a whole.

The new set is a complete folder beside the former one before anything of the former changes. On Linux both folders
then change names in one step (`renameat2` with RENAME_EXCHANGE). Where the system or the file system cannot do that,
the former set is renamed away and the new one renamed to its place; a build killed between these two renames leaves
both sets complete, and `recover` puts the former back.
"""

from __future__ import annotations

import ctypes
import errno
import json
import os
import shutil
import sys
from collections.abc import Sequence
from pathlib import Path

from fewdistricts import files, paths
from fewdistricts.provenance import manifest, origin

CANNOT = {errno.ENOSYS, errno.EINVAL, errno.ENOTSUP, errno.EOPNOTSUPP}
"""Errors that mean that folders cannot be exchanged here."""


def exchange(evaluation: str, staged: Sequence[Path], complete: bool = True) -> None:
    """Make the staged files the published set.

    Parameters
    ----------
    evaluation : str
        Folder under data/raw/.
    staged : sequence of Path
        Files under `paths.staged(evaluation)`.
    complete : bool
        Whether these files are all that is published. Then files that the last manifest lists are left out, unless
        somebody has changed them. What others have put into the folder stays in any case.
    """
    target, aside = paths.reports(evaluation), _aside(evaluation)
    recover(evaluation)
    try:
        shutil.rmtree(aside, ignore_errors=True)
        aside.mkdir(parents=True)
        for path in staged:
            _copy(path, aside / path.relative_to(paths.staged(evaluation)))
        for path in _of_others(target) if complete else _files(target):
            inside = aside / path.relative_to(target)
            if not inside.exists():
                _copy(path, inside)
        _put_in_place(aside, target, _former(evaluation))
    except OSError as error:
        raise files.trouble(error, Path(error.filename or target)) from error


def recover(evaluation: str) -> None:
    """Put the former set back where a build was killed between its two renames, and remove what is left aside."""
    target, former = paths.reports(evaluation), _former(evaluation)
    if former.exists() and not target.exists():
        former.rename(target)
    for left in (former, _aside(evaluation)):
        shutil.rmtree(left, ignore_errors=True)


def _aside(evaluation: str) -> Path:
    return paths.reports(evaluation).with_name(f".{evaluation}.new")


def _former(evaluation: str) -> Path:
    return paths.reports(evaluation).with_name(f".{evaluation}.former")


def _copy(source: Path, target: Path) -> None:
    target.parent.mkdir(parents=True, exist_ok=True)
    shutil.copy2(source, target)


def _of_others(folder: Path) -> list[Path]:
    """Files of the folder that the last build did not publish as they are now."""
    published = _listed(folder / manifest.NAME)
    others = [path for path in _files(folder) if path.name != manifest.NAME]
    return [path for path in others if published.get(path.relative_to(folder).as_posix()) != origin.sha256(path)]


def _files(folder: Path) -> list[Path]:
    return [path for path in sorted(folder.rglob("*")) if path.is_file()]


def _listed(file: Path) -> dict[str, str]:
    try:
        published = json.loads(file.read_text(encoding="utf-8"))["published"]
    except (OSError, ValueError, KeyError):
        return {}
    return {str(name): str(digest) for name, digest in published.items()}


def _put_in_place(new: Path, target: Path, former: Path) -> None:
    """Let `new` take the place of `target`, which is removed."""
    if not target.exists():
        new.rename(target)
        return
    if _exchange_names(new, target):
        shutil.rmtree(new, ignore_errors=True)
        return
    target.rename(former)
    new.rename(target)
    shutil.rmtree(former, ignore_errors=True)


def _exchange_names(one: Path, other: Path) -> bool:
    """Exchange the names of two folders in one step; False where that is not possible."""
    if sys.platform != "linux":
        return False
    library = ctypes.CDLL(None, use_errno=True)
    try:
        renameat2 = library.renameat2
    except AttributeError:  # of a C library older than 2018
        return False
    here, exchange = -100, 2  # AT_FDCWD of fcntl.h, RENAME_EXCHANGE of linux/fs.h
    if renameat2(here, os.fsencode(one), here, os.fsencode(other), exchange) == 0:
        return True
    number = ctypes.get_errno()
    if number in CANNOT:
        return False
    raise OSError(number, os.strerror(number), str(other))
