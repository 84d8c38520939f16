"""Kernels forked from a process that has the heavy imports done: a provisioner for jupyter_client, on Linux.

A kernelspec names it and the modules to import once:

    "metadata": {"kernel_provisioner": {"provisioner_name": "warmkernel", "config": {"preload": ["pandas"]}}}

papermill, nbclient and Jupyter use it unchanged. Elsewhere than on Linux, where a fork of an initialised process is not
safe, the same kernelspec starts ordinary kernels.
"""

from __future__ import annotations

import asyncio
import contextlib
import os
import pathlib
import subprocess
import tempfile
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from importlib.util import find_spec
from typing import IO, Any

from jupyter_client.connect import KernelConnectionInfo
from jupyter_client.provisioning.local_provisioner import LocalProvisioner
from traitlets import List, Unicode

from warmkernel import forks

ALWAYS = ["ipykernel.kernelapp", "ipykernel.ipkernel", "ipykernel.zmqshell", "ipykernel.debugger"]


class WarmProvisioner(LocalProvisioner):
    """Forks kernels where that is possible, and starts ordinary ones elsewhere."""

    preload = List(Unicode(), help="Modules imported once, before kernels are forked").tag(config=True)

    _sockets: tempfile.TemporaryDirectory[str] | None = None

    async def pre_launch(self, **kwargs: Any) -> dict[str, Any]:
        """Have kernel and client speak over files that only their user may open, where another way was not asked for.

        Over TCP any user of the machine could listen in, as ipykernel warns.
        """
        manager = self.parent
        if manager and forks.available() and not _is_configured(manager):
            self._sockets = tempfile.TemporaryDirectory(prefix="kernel-")
            manager.transport, manager.ip = "ipc", f"{self._sockets.name}/socket"
        return await super().pre_launch(**kwargs)

    async def cleanup(self, restart: bool = False) -> None:
        """Remove those files, unless the kernel comes back."""
        await super().cleanup(restart)
        if self._sockets and not restart:
            self._sockets.cleanup()

    async def launch_kernel(self, cmd: list[str], **kwargs: Any) -> KernelConnectionInfo:
        """Fork a kernel that behaves as `cmd` would."""
        if not forks.available() or "ipykernel_launcher" not in cmd:
            return await super().launch_kernel(cmd, **kwargs)
        python, arguments = cmd[: cmd.index("-m")], cmd[cmd.index("ipykernel_launcher") + 1 :]
        argv = [str(find_spec("ipykernel_launcher").origin), *arguments]  # type: ignore[union-attr]
        env, cwd = dict(kwargs.get("env") or os.environ), str(kwargs.get("cwd") or pathlib.Path.cwd())
        modules = [*ALWAYS, *self.preload]
        with _Streams(kwargs.get("stdout"), kwargs.get("stderr")) as streams:
            # the first kernel waits for the imports; whoever runs this loop must not. A thread of its own: those of a
            # loop that came here by a fork stayed where they were
            with ThreadPoolExecutor(1) as aside:
                asked = partial(forks.fork, python, modules, argv, env, cwd, *streams.numbers)
                kernel = await asyncio.get_running_loop().run_in_executor(aside, asked)
            kernel.stdout, kernel.stderr = streams.readers
        self.process = kernel  # type: ignore[assignment]
        self.pid = self.pgid = kernel.pid
        self.cwd = cwd
        return self.connection_info


def _is_configured(manager: Any) -> bool:
    """Whether somebody has chosen how kernel and client speak, or the kernel is started again."""
    chosen = any({"transport", "ip"} & set(section) for section in manager.config.values())
    return chosen or manager.transport != "tcp"


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
