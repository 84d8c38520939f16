"""Tasks on a Dask cluster: checked that its workers are this project on one file system, then handed out.

A worker has one thread, since notebooks change the working directory of their process; more workers are more tasks at
once. What a worker runs are the same functions as here, and what they write appears in the shared folder.
"""

from __future__ import annotations

import functools
import os
import platform
import secrets
import socket
import sys
from collections.abc import Callable
from concurrent.futures import CancelledError
from importlib.metadata import version
from pathlib import Path
from typing import Any

from fewdistricts import paths, threads
from fewdistricts.errors import EnvironmentProblem
from fewdistricts.provenance import origin
from fewdistricts.run import locks
from fewdistricts.text import some
from warmkernel import forks

PATIENCE = 10  # seconds that a scheduler may take to answer and to have a worker
NAMED = 3  # workers named in a message


class Cluster:
    """Runs functions on the workers of a scheduler; safe to call from several threads."""

    def __init__(self, scheduler: str, presence: Path | None = None) -> None:
        """Connect and check; EnvironmentProblem without scheduler or worker, or where workers differ from here."""
        self.scheduler, self._presence, self._alone = scheduler, presence, False
        self._client = _client(scheduler)
        try:
            self._wait_for_a_worker()
            self._check()
        except BaseException:
            self.close()
            raise

    def _wait_for_a_worker(self) -> None:
        try:
            self._client.wait_for_workers(1, timeout=PATIENCE)
        except TimeoutError:
            raise EnvironmentProblem(f"the Dask scheduler at {self.scheduler} has no workers: start some") from None

    @property
    def slots(self) -> int:
        """Tasks that can run at once: the workers."""
        return max(1, len(self._client.nthreads()))

    def run(self, function: Callable[..., None], *arguments: Any) -> None:
        """Call `function` on a worker and wait; one that is lost is replaced by another, three times."""
        from distributed import KilledWorker

        future = self._client.submit(_task, self._expected, self._presence, function, arguments, pure=False)
        while True:
            try:
                return future.result(timeout=PATIENCE)
            except TimeoutError:
                # the step's own, or of waiting: it may have ended in the meantime
                if future.status == "error":
                    raise
                self._say_if_alone()
            except KilledWorker:
                words = "the Dask workers that it ran on were lost, one after the other, perhaps for want of memory"
                raise EnvironmentProblem(words) from None
            except CancelledError:
                gone = f"the Dask scheduler at {self.scheduler} is gone: start it again"
                raise EnvironmentProblem(gone) from None

    def _say_if_alone(self) -> None:
        if not self._alone and not self._client.nthreads():
            self._alone = True
            print("No Dask worker is left; waiting for one (interrupt to stop).", file=sys.stderr, flush=True)

    def close(self) -> None:
        """Leave the cluster; what has not begun is dropped, what runs on a worker runs to its end."""
        self._client.close(timeout=5)

    def _check(self) -> None:
        """Every worker has one thread, this code, these packages and this folder."""
        several = [f"{worker} has {count}" for worker, count in self._client.nthreads().items() if count > 1]
        if several:
            raise EnvironmentProblem(
                f"Dask workers need one thread each ({some(several, NAMED)}): start them with `--nthreads 1`, "
                "and as many as there are processors"
            )
        self._expected = identity()
        folder = paths.home() / "data" / "processed"
        folder.mkdir(parents=True, exist_ok=True)
        probe = folder / f".shared-{secrets.token_hex(8)}"
        probe.write_text(self._expected, encoding="utf-8")
        try:
            answers = self._client.run(_look, str(probe), self._expected, on_error="return")
        finally:
            probe.unlink(missing_ok=True)
        wrong = [f"{worker}: {_words(answer)}" for worker, answer in sorted(answers.items()) if answer != ""]
        if wrong:
            listed = some(wrong, NAMED, "; ")
            raise EnvironmentProblem(f"{len(wrong)} of {len(answers)} Dask workers cannot be used ({listed})")
        if not all(self._client.run(forks.wanted).values()):
            print(
                "Workers cannot fork kernels: notebooks run in ordinary ones, with the same results.", file=sys.stderr
            )


def _client(scheduler: str) -> Any:
    """A client of the scheduler; EnvironmentProblem where none answers."""
    try:
        from distributed import Client
    except ImportError:
        needed = "SCHEDULER needs the packages of requirements-cluster.lock: `make report SCHEDULER=…` installs them"
        raise EnvironmentProblem(needed) from None
    try:
        return Client(scheduler, timeout=PATIENCE, set_as_default=False)
    except (OSError, ValueError, TimeoutError):
        silent = f"no Dask scheduler answers at {scheduler}: start one or leave SCHEDULER out"
        raise EnvironmentProblem(silent) from None


def _words(answer: Any) -> str:
    if isinstance(answer, ModuleNotFoundError):
        return f"{answer}: start it with the project's own environment, `.venv/bin/dask worker`"
    return str(answer)


@functools.cache
def identity() -> str:
    """What a process runs: Python, package code and locked packages, as found when first asked for.

    A worker lives longer than a build. What it has imported is the code of then, so that what it answered first is
    what it is.
    """
    code = (path for path in origin.code_files() if path.suffix != ".ipynb")
    return "\n".join(
        [
            f"Python {platform.python_version()} on {sys.platform} {platform.machine()}",
            f"code {origin.tree_sha256(code, paths.PROJECT)}",
            f"lock {origin.sha256(paths.PROJECT / 'requirements.lock')}",
            *sorted(f"{name} {_version(name)}" for name in origin.locked_versions()),
        ]
    )


def _version(name: str) -> str:
    try:
        return version(name)
    except ImportError:
        return "missing"


def _look(probe: str, expected: str) -> str:
    """On a worker: what keeps it from being used, or an empty text."""
    difference = _difference(expected)
    if difference:
        return difference
    try:
        seen = Path(probe).read_text(encoding="utf-8") == expected
    except OSError:
        seen = False
    return "" if seen else f"does not see {Path(probe).parent}: the project must lie on a file system that all share"


def _difference(expected: str) -> str:
    """How this worker differs from the driver, in the first thing that does."""
    ours = identity()
    if ours == expected:
        return ""
    pairs = zip(expected.splitlines(), ours.splitlines(), strict=False)
    wanted, found = next((pair for pair in pairs if pair[0] != pair[1]), (expected, ours))
    if wanted.startswith("code "):
        return "has other code of the project than here, or imported it before it was changed: restart the worker"
    if wanted.startswith("lock "):
        return "has another requirements.lock than here: set up its environment again and restart the worker"
    return f"has {found} where here is {wanted}: set up its environment again and restart the worker"


def _task(expected: str, presence: Path | None, function: Callable[..., None], arguments: tuple[Any, ...]) -> None:
    """On a worker: call a function of the pipeline; a worker that came later is checked here."""
    difference = _difference(expected)
    if difference:
        raise EnvironmentProblem(f"Dask worker on {socket.gethostname()} {difference}")
    os.environ.update(threads.SETTINGS)
    with locks.shared(presence):
        function(*arguments)
