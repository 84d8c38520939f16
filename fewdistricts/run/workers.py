"""Where tasks run: local worker processes, started when the first task needs one, or a Dask cluster."""

from __future__ import annotations

import gc
import multiprocessing
import os
import signal
import socket
import sys
import threading
from collections.abc import Callable
from concurrent.futures import Executor, ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from pathlib import Path
from typing import TYPE_CHECKING, Any

from fewdistricts.design import preloaded
from fewdistricts.errors import EnvironmentProblem
from fewdistricts.run import locks, notebooks
from warmkernel import forks

if TYPE_CHECKING:
    from fewdistricts.run.cluster import Cluster

# imported once, before workers are forked; a missing one is ignored
PRELOADED = ["fewdistricts.design", "papermill", "warmkernel.engine", "fewdistricts.survey"]

# seconds that a worker may take to shut its kernel down when the build is stopped
GRACE = 3.0


def cores() -> int:
    """The processors that this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


class Workers:
    """Runs functions elsewhere and waits for them; safe to call from several threads."""

    def __init__(
        self,
        jobs: int | None = None,
        scheduler: str | None = None,
        presence: Path | None = None,
        evaluation: str = "",
    ) -> None:
        """`jobs` tasks at once, by default one a processor or one a worker of the cluster; `presence` is a file that
        each worker holds a shared lock on while it writes; `evaluation` is read before kernels are forked.
        """
        self._presence, self._evaluation = presence, evaluation
        self._cluster = _cluster(scheduler, presence) if scheduler else None
        self.jobs = jobs or (self._cluster.slots if self._cluster else cores())
        self._lock = threading.Lock()
        self._executor: Executor | None = None  # runs all tasks until a worker is killed
        self._open: set[Executor] = set()
        self._closed = False

    def run(self, function: Callable[..., None], *arguments: Any) -> None:
        """Call `function` in a worker; what it raises is raised here.

        When a worker is killed, what the others were doing ends with it: each is done again in a worker of its own, so
        that only the one that kills its worker a second time has failed.
        """
        if self._cluster is not None:
            self._cluster.run(function, *arguments)
            return
        try:
            self._once(function, arguments)
        except BrokenProcessPool:
            try:
                self._alone(function, arguments)
            except BrokenProcessPool:
                words = "a worker process was killed twice, perhaps for want of memory: try JOBS=1"
                raise EnvironmentProblem(words) from None

    def _once(self, function: Callable[..., None], arguments: tuple[Any, ...]) -> None:
        executor = self._get()
        try:
            executor.submit(function, *arguments).result()
        except BrokenProcessPool:
            self._drop(executor)
            raise

    def _alone(self, function: Callable[..., None], arguments: tuple[Any, ...]) -> None:
        with self._lock:
            executor = self._start(1)
        with executor:
            executor.submit(function, *arguments).result()
        self._open.discard(executor)

    def _get(self) -> Executor:
        with self._lock:
            if self._executor is None:
                self._executor = self._start(self.jobs)
            return self._executor

    def _start(self, jobs: int) -> Executor:
        """Worker processes, unless the build is ending: the threads that still wait then must not start any more."""
        if self._closed:
            raise RuntimeError("the workers are closed")
        executor = self._processes(jobs)
        self._open.add(executor)
        return executor

    def _drop(self, broken: Executor) -> None:
        with self._lock:
            if self._executor is broken:
                self._executor = None
                self._open.discard(broken)

    def _processes(self, jobs: int) -> Executor:
        if not forks.available():
            slower = "notebooks run in ordinary kernels, with the same results, more slowly"
            print(f"Kernels cannot be forked on this system ({sys.platform}): {slower}.", file=sys.stderr)
        # forked from a process that is single-threaded and has the heavy imports done; spawned where there is no fork
        way = "forkserver" if "forkserver" in multiprocessing.get_all_start_methods() else "spawn"
        context = multiprocessing.get_context(way)
        if way == "forkserver":
            context.set_forkserver_preload(PRELOADED)
        # one warm process for all workers; it gets ready while the survey is built
        warm = None
        if forks.wanted():
            modules = [*notebooks.PRELOADED, *forks.PRELOADED]
            warm = forks.zygote(forks.PYTHON, modules, {preloaded.VARIABLE: self._evaluation}).control
        return ProcessPoolExecutor(jobs, mp_context=context, initializer=_prepare, initargs=(self._presence, warm))

    def close(self, now: bool = False) -> None:
        """Let the workers end; `now` without waiting for what they do."""
        if self._cluster is not None:
            self._cluster.close()
        with self._lock:
            self._closed, self._executor = True, None
            executors = list(self._open)
        for executor in executors:
            processes = getattr(executor, "_processes", None) or {}
            executor.shutdown(wait=not now, cancel_futures=now)
            if now:  # a worker that was being started meanwhile is among them
                for process in list(processes.values()):
                    process.terminate()


def _cluster(scheduler: str, presence: Path | None) -> Cluster:
    # its package is there only where a cluster is used
    from fewdistricts.run.cluster import Cluster

    return Cluster(scheduler, presence)


def _prepare(presence: Path | None, warm: socket.socket | None) -> None:
    """Make a worker end when it is told to or when the driver is gone, and leave interrupts to the driver."""
    gc.freeze()  # what the imports have made stays: going through it again took a tenth of an HTML page's time
    gc.set_threshold(100_000, 20, 100)
    if warm is not None:
        forks.adopt(warm, [*notebooks.PRELOADED, *forks.PRELOADED])
    if presence is not None:
        locks.share(presence)
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    threading.Thread(target=_end_with_driver, daemon=True).start()
    # last: until here there is nothing to shut down, and the signal's own way of ending a process says nothing
    signal.signal(signal.SIGTERM, _end)


def _end(*_: object) -> None:
    # the pool takes the exit of a task for a result; finally clauses have run by then, kernels are shut down
    last = threading.Timer(GRACE, os._exit, (1,))
    last.daemon = True
    last.start()
    sys.exit(1)


def _end_with_driver() -> None:
    driver = multiprocessing.parent_process()
    if driver is not None:
        driver.join()
        os.kill(os.getpid(), signal.SIGTERM)
