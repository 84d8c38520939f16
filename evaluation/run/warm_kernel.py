"""Kernels forked from a process that has the heavy imports done: a provisioner for jupyter_client, on Linux.

A kernelspec names it and the modules to import once:

    "metadata": {"kernel_provisioner": {"provisioner_name": "evaluation-warm", "config": {"preload": ["pandas"]}}}

papermill, nbclient and Jupyter use it unchanged. Elsewhere than on Linux, where a fork of an initialised process is not
safe, the same kernelspec starts ordinary kernels.
"""

from __future__ import annotations

import asyncio
import atexit
import contextlib
import json
import os
import pathlib
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Sequence
from importlib.metadata import entry_points
from importlib.util import find_spec
from pathlib import Path
from typing import IO, Any

from jupyter_client.connect import KernelConnectionInfo
from jupyter_client.provisioning import LocalProvisioner
from traitlets import List, Unicode

NAME = "evaluation-warm"
ALWAYS = ["ipykernel.kernelapp", "ipykernel.ipkernel", "ipykernel.zmqshell", "ipykernel.debugger"]
PROGRAM = Path(__file__).with_name("zygote.py")
KILLED = -int(getattr(signal, "SIGKILL", 9))


def available() -> bool:
    """Whether kernels can be forked here and the provisioner is installed."""
    installed = entry_points(group="jupyter_client.kernel_provisioners", name=NAME)
    return sys.platform == "linux" and bool(installed)


class Zygote:
    """The owner's side of a warm process."""

    def __init__(self, python: Sequence[str], modules: Sequence[str]) -> None:
        self._control, theirs = socket.socketpair()
        with theirs:
            self._process = subprocess.Popen(
                [*python, str(PROGRAM), str(theirs.fileno()), *modules],
                pass_fds=[theirs.fileno()],
                stdin=subprocess.DEVNULL,
                start_new_session=True,  # an interrupt at the terminal is the owner's affair
            )

    @property
    def alive(self) -> bool:
        """Whether it can still fork."""
        return self._process.poll() is None

    def fork(self, argv: list[str], env: dict[str, str], cwd: str, out: int, err: int) -> ForkedKernel:
        """A new kernel; OSError when the process is gone."""
        ours, theirs = socket.socketpair()
        with theirs:
            ours.sendall(json.dumps({"argv": argv, "env": env, "cwd": cwd}).encode() + b"\n")
            socket.send_fds(self._control, [b"k"], [theirs.fileno(), out, err])
        return ForkedKernel(ours)

    def close(self) -> None:
        """End it, and with it every kernel that is left."""
        self._control.close()
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
            if until is not None and time.monotonic() > until:
                raise subprocess.TimeoutExpired("kernel", timeout or 0)
            time.sleep(0.01)
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


_zygotes: dict[tuple[object, ...], Zygote] = {}
_lock = threading.Lock()


def zygote(python: Sequence[str], modules: Sequence[str]) -> Zygote:
    """This process's warm copy of an interpreter, started when first asked for and again if it has died."""
    # what Python and the numerical libraries read when they start; a copy in another process is not ours to use
    settings = tuple(sorted(item for item in os.environ.items() if item[0].startswith(("PYTHON", "OPENBLAS_", "OMP_"))))
    key = (os.getpid(), tuple(python), tuple(modules), settings)
    with _lock:
        if key not in _zygotes or not _zygotes[key].alive:
            _zygotes[key] = Zygote(python, modules)
            atexit.register(_zygotes[key].close)
        return _zygotes[key]


def _fork(what: tuple[Any, ...], how: tuple[Any, ...]) -> ForkedKernel:
    try:
        return zygote(*what).fork(*how)
    except OSError:
        # it died since it was last asked
        return zygote(*what).fork(*how)


class WarmProvisioner(LocalProvisioner):
    """Forks kernels where that is possible, and starts ordinary ones elsewhere."""

    preload = List(Unicode(), help="Modules imported once, before kernels are forked").tag(config=True)

    async def launch_kernel(self, cmd: list[str], **kwargs: Any) -> KernelConnectionInfo:
        """Fork a kernel that behaves as `cmd` would."""
        if not available() or "ipykernel_launcher" not in cmd:
            return await super().launch_kernel(cmd, **kwargs)
        python, arguments = cmd[: cmd.index("-m")], cmd[cmd.index("ipykernel_launcher") + 1 :]
        argv = [str(find_spec("ipykernel_launcher").origin), *arguments]  # type: ignore[union-attr]
        env, cwd = dict(kwargs.get("env") or os.environ), str(kwargs.get("cwd") or pathlib.Path.cwd())
        modules = [*ALWAYS, *self.preload]
        with _Streams(kwargs.get("stdout"), kwargs.get("stderr")) as streams:
            # the first kernel waits for the imports; whoever runs this loop must not
            kernel = await asyncio.to_thread(_fork, (python, modules), (argv, env, cwd, *streams.numbers))
            kernel.stdout, kernel.stderr = streams.readers
        self.process = kernel  # type: ignore[assignment]
        self.pid = self.pgid = kernel.pid
        self.cwd = cwd
        return self.connection_info


class _Streams(contextlib.ExitStack):
    """What `subprocess.Popen` accepts for stdout and stderr, as open files to hand over."""

    def __init__(self, *wanted: Any) -> None:
        super().__init__()
        self.numbers: list[int] = []
        self.readers: list[IO[bytes] | None] = []
        for default, stream in enumerate(wanted, start=1):
            number, reader = self._open(stream, default)
            self.numbers.append(number)
            self.readers.append(reader)

    def _open(self, stream: Any, default: int) -> tuple[int, IO[bytes] | None]:
        if stream is None:
            return default, None
        if stream == subprocess.PIPE:
            read, write = os.pipe()
            self.callback(os.close, write)
            return write, os.fdopen(read, "rb")
        if stream == subprocess.DEVNULL:
            nothing = os.open(os.devnull, os.O_WRONLY)
            self.callback(os.close, nothing)
            return nothing, None
        if stream == subprocess.STDOUT:
            return self.numbers[0], None
        return (stream if isinstance(stream, int) else stream.fileno()), None
