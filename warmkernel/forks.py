"""The owner's side of warm processes: one for each set of modules, and the kernels that are forked from it."""

from __future__ import annotations

import atexit
import contextlib
import functools
import json
import os
import select
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Mapping, Sequence
from importlib.metadata import entry_points
from pathlib import Path
from types import MappingProxyType
from typing import IO, Any

NAME = "warmkernel"

# the interpreter that kernels are copies of, and what it imports unless it is asked for more
PYTHON = [sys.executable, "-Xfrozen_modules=off"]
PRELOADED = [
    "warmkernel.cells",
    # what its kernel and the first cells would import, once more in every copy
    "IPython.core.completerlib",
    "IPython.core.debugger",
    "IPython.core.logger",
    "IPython.core.oinspect",
    "IPython.core.pylabtools",
    "IPython.extensions.storemagic",
    "tornado.platform.asyncio",
]

# place, source and whether it may fail, for each
Cells = Sequence[tuple[int, str, bool]] | None

PROGRAM = Path(__file__).with_name("zygote.py")
KILLED = -int(getattr(signal, "SIGKILL", 9))


def available() -> bool:
    """Whether kernels can be forked here and jupyter_client knows how."""
    return sys.platform == "linux" and _installed()


@functools.cache
def _installed() -> bool:
    return bool(entry_points(group="jupyter_client.kernel_provisioners", name=NAME))


def wanted() -> bool:
    """Whether the pipeline forks kernels; `EVALUATION_KERNELS=ordinary` starts each anew, with the same results."""
    return os.environ.get("EVALUATION_KERNELS") != "ordinary" and available()


class Zygote:
    """The owner's side of a warm process."""

    def __init__(self, control: socket.socket, process: subprocess.Popen[bytes] | None = None) -> None:
        """`control` asks for kernels; who has started `process` gives it, who only uses it does not."""
        self.control, self._process, self._lost = control, process, False

    @classmethod
    def start(cls, python: Sequence[str], modules: Sequence[str], settings: Mapping[str, str]) -> Zygote:
        """A new one; `settings` are further environment variables, which its kernels do not inherit."""
        control, theirs = socket.socketpair()
        with theirs:
            process = subprocess.Popen(
                [*python, str(PROGRAM), str(theirs.fileno()), *modules],
                pass_fds=[theirs.fileno()],
                env={**os.environ, **settings},
                stdin=subprocess.DEVNULL,
                start_new_session=True,  # an interrupt at the terminal is the owner's affair
            )
        return cls(control, process)

    @property
    def alive(self) -> bool:
        """Whether it can still fork, as far as is known."""
        return not self._lost and (self._process is None or self._process.poll() is None)

    def fork(
        self, argv: list[str], env: dict[str, str], cwd: str, out: int, err: int, cells: Cells = None
    ) -> ForkedKernel:
        """A new kernel, or a process that only runs these cells; OSError when the warm process is gone."""
        ours, theirs = socket.socketpair()
        wanted = json.dumps({"argv": argv, "env": env, "cwd": cwd, "cells": cells}).encode() + b"\n"
        try:
            with theirs:
                socket.send_fds(self.control, [b"k"], [theirs.fileno(), out, err])
            # what is long must be read while it is sent
            ours.sendall(wanted)
            return ForkedKernel(ours)
        except OSError:
            ours.close()
            self._lost = True
            raise

    def close(self) -> None:
        """End it, and with it every kernel that is left, unless others use it."""
        self.control.close()
        if self._process is not None:
            with contextlib.suppress(subprocess.TimeoutExpired):
                self._process.wait(timeout=2)


class ForkedKernel:
    """A forked kernel, with the names of `subprocess.Popen` that jupyter_client uses."""

    stdin: IO[bytes] | None = None
    stdout: IO[bytes] | None = None
    stderr: IO[bytes] | None = None

    def __init__(self, channel: socket.socket) -> None:
        self.returncode: int | None = None
        self._channel, self._heard = channel, b""
        self._lock = threading.Lock()
        first = self._line()
        if first is None:
            raise ConnectionError("the warm process ended before it could fork a kernel")
        self.pid = first

    def _line(self) -> int | None:
        """The next number on the channel, waiting for it; None when the other side is gone."""
        while b"\n" not in self._heard:
            piece = self._channel.recv(64)
            if not piece:
                return None
            self._heard += piece
        line, _, self._heard = self._heard.partition(b"\n")
        return int(line)

    def poll(self) -> int | None:
        """The exit status, or None while it runs."""
        with self._lock:
            if self.returncode is None:
                self._channel.setblocking(False)
                with contextlib.suppress(BlockingIOError):
                    status = self._line()
                    # without its zygote it would end by itself in a second
                    self.returncode = KILLED if status is None else status
                    if status is None:
                        self._signal(signal.SIGKILL)
                    self._channel.close()
            return self.returncode

    def wait(self, timeout: float | None = None) -> int:
        """Wait for the end and return the exit status."""
        until = None if timeout is None else time.monotonic() + timeout
        while self.poll() is None:
            left = None if until is None else until - time.monotonic()
            if left is not None and left < 0:
                raise subprocess.TimeoutExpired("kernel", timeout or 0)
            select.select([self._channel], [], [], left)
        assert self.returncode is not None
        return self.returncode

    def send_signal(self, number: int) -> None:
        """Send a signal, unless it has ended."""
        if self.poll() is None:
            self._signal(number)

    def _signal(self, number: int) -> None:
        with contextlib.suppress(ProcessLookupError):
            os.kill(self.pid, number)

    def terminate(self) -> None:
        """Ask it to end."""
        self.send_signal(signal.SIGTERM)

    def kill(self) -> None:
        """End it."""
        self.send_signal(signal.SIGKILL)

    def kill_all(self) -> None:
        """End it and what it has started, and wait until it is gone."""
        self.kill()  # it may have no group of its own yet
        with contextlib.suppress(ProcessLookupError):
            os.killpg(self.pid, signal.SIGKILL)
        self.wait()

    def fileno(self) -> int:
        """A file that can be read when it has ended."""
        return self._channel.fileno()


_zygotes: dict[tuple[object, ...], Zygote] = {}
_lock = threading.Lock()


def zygote(python: Sequence[str], modules: Sequence[str], settings: Mapping[str, str] = MappingProxyType({})) -> Zygote:
    """This process's warm copy of an interpreter, started when first asked for and again if it has died.

    `settings` are environment variables that the modules look at when they are imported.
    """
    key = _key(python, modules)
    with _lock:
        if key not in _zygotes or not _zygotes[key].alive:
            _zygotes[key] = Zygote.start(python, modules, settings)
            atexit.register(_zygotes[key].close)
        return _zygotes[key]


def adopt(control: socket.socket, modules: Sequence[str]) -> None:
    """Let this process use another's warm process with these modules instead of starting its own."""
    _zygotes[_key(PYTHON, modules)] = Zygote(control)


def _key(python: Sequence[str], modules: Sequence[str]) -> tuple[object, ...]:
    # what Python and the numerical libraries read when they start; a copy in another process is not ours to use
    settings = tuple(sorted(item for item in os.environ.items() if item[0].startswith(("PYTHON", "OPENBLAS_", "OMP_"))))
    return (os.getpid(), tuple(python), tuple(modules), settings)


def fork(python: Sequence[str], modules: Sequence[str], *how: Any) -> ForkedKernel:
    """A copy of the interpreter with these modules imported; `how` is what `Zygote.fork` takes."""
    try:
        return zygote(python, modules).fork(*how)
    except OSError:
        # it died since it was last asked
        return zygote(python, modules).fork(*how)
