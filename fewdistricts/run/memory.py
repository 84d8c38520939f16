"""What was built from which content: a file that a build killed at any moment leaves right."""

from __future__ import annotations

import contextlib
import hashlib
import os
import sqlite3
import threading
from collections.abc import Iterator
from pathlib import Path
from types import TracebackType

from fewdistricts import paths
from fewdistricts.errors import EnvironmentProblem
from fewdistricts.provenance import origin
from fewdistricts.run.step import Step

NAME = ".built.sqlite"

TABLES = """
create table if not exists built (step text primary key, inputs text);
create table if not exists file (path text primary key, modified, changed, size, sha256);
"""


class Memory:
    """Which steps have been run on which inputs; safe to use from several threads.

    A step is forgotten before it runs and noted as soon as it has run, so that what is noted is always true of the
    files. A file's content counts; its times only save reading it again. The time of modification can be set by
    programs that copy files, the time of the inode's change cannot, so both are compared.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        self._lock = threading.RLock()
        self._inputs: dict[str, str] = {}
        with self._writing():
            self._connection = self._open()
            self._files = {row[0]: row[1:] for row in self._connection.execute("select * from file")}

    def _open(self) -> sqlite3.Connection:
        try:
            return self._connect()
        except sqlite3.DatabaseError as error:
            if isinstance(error, sqlite3.OperationalError):
                raise
            self._path.unlink()  # unreadable: everything runs again
            return self._connect()

    def _connect(self) -> sqlite3.Connection:
        connection = sqlite3.connect(self._path, check_same_thread=False, isolation_level=None)
        # survives the death of the process at any moment, not a power cut, after which steps run again
        connection.execute("pragma journal_mode=wal")
        connection.execute("pragma synchronous=off")
        connection.executescript(TABLES)
        return connection

    def is_current(self, step: Step) -> bool:
        """Whether the step has been run on what its inputs are now, and all that it wrote is there."""
        with self._writing():
            try:
                self._inputs[step.name] = self._hash_inputs(step)
            except FileNotFoundError:
                return False  # the step itself says what is missing
            row = self._connection.execute("select inputs from built where step = ?", (step.name,)).fetchone()
        return row == (self._inputs[step.name],) and all(path.exists() for path in step.writes)

    def forget(self, step: Step) -> None:
        """From here until it has run, what the step wrote counts as nothing."""
        with self._writing():
            self._connection.execute("delete from built where step = ?", (step.name,))

    def note(self, step: Step) -> None:
        """The step has run on the inputs that `is_current` saw."""
        with self._writing():
            inputs = self._inputs.get(step.name, "")
            self._connection.execute("insert or replace into built values (?, ?)", (step.name, inputs))

    def close(self) -> None:
        """Leave the file as one."""
        self._connection.close()

    def __enter__(self) -> Memory:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, _: TracebackType | None) -> None:
        self.close()

    def _hash_inputs(self, step: Step) -> str:
        lines = [f"{paths.shown(path)} {self._sha256(path)}" for path in sorted(step.reads)]
        return hashlib.sha256("\n".join([step.depends_on, *lines]).encode()).hexdigest()

    def _sha256(self, path: Path) -> str:
        """The hash of a file's content, read again only where its times or size are others than last time."""
        status = os.stat(path)  # noqa: PTH116 - called some hundred thousand times
        now = (status.st_mtime_ns, status.st_ctime_ns, status.st_size)
        known = self._files.get(str(path))
        if known is None or known[:3] != now:
            known = (*now, origin.sha256(path))
            self._files[str(path)] = known
            self._connection.execute("insert or replace into file values (?, ?, ?, ?, ?)", (str(path), *known))
        return str(known[3])

    @contextlib.contextmanager
    def _writing(self) -> Iterator[None]:
        with self._lock:
            try:
                yield
            except sqlite3.OperationalError as error:
                remedy = "make room on the disk and run the same command again"
                raise EnvironmentProblem(f"{paths.shown(self._path)} cannot be written: {error}; {remedy}") from error
