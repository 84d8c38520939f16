"""What one process of a run of the tests has made is there for the others."""

from __future__ import annotations

import fcntl
import functools
import os
import pickle
import shutil
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeVar

FOLDER = "FEWDISTRICTS_TESTS"
Made = TypeVar("Made")


def open_folder() -> None:
    """A folder for this run; the processes that it starts find it by the environment."""
    os.environ[FOLDER] = tempfile.mkdtemp()


def remove_folder() -> None:
    shutil.rmtree(os.environ.pop(FOLDER))


def made_once(make: Callable[..., Made]) -> Callable[..., Made]:
    """Have a function called once a run for each of its arguments, whichever process asks first."""

    @functools.cache
    def taken(*arguments: Any) -> Made:
        file = Path(os.environ[FOLDER]) / "-".join([make.__name__, *arguments])
        with file.with_suffix(".lock").open("w") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            if not file.exists():
                file.write_bytes(pickle.dumps(make(*arguments)))
        return pickle.loads(file.read_bytes())

    return taken
