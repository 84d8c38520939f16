"""Which kernel a notebook of the pipeline runs in: always the interpreter that runs the pipeline."""

from __future__ import annotations

import os
import shutil
import subprocess
import tempfile
from functools import cached_property
from pathlib import Path
from typing import Any

from ipykernel.kernelspec import get_kernel_dict
from jupyter_client.kernelspec import KernelSpec
from jupyter_client.manager import AsyncKernelManager

from warmkernel import forks

# an address of a local socket may have about 100 bytes on every system
LONGEST = 80


class PipelineKernelManager(AsyncKernelManager):
    """Starts the running interpreter, whatever kernels and IPython settings its user has."""

    @property
    def kernel_spec(self) -> KernelSpec:
        """The specification of this interpreter's own ipykernel."""
        return self._own_spec

    @cached_property
    def _own_spec(self) -> KernelSpec:
        return KernelSpec(**get_kernel_dict(python_arguments=forks.PYTHON[1:]))

    @cached_property
    def _folder(self) -> Path:
        return Path(tempfile.mkdtemp(prefix="kernel-"))

    async def _async_pre_start_kernel(self, **kw: Any) -> tuple[list[str], dict[str, Any]]:
        if os.name == "posix" and len(str(self._folder)) < LONGEST:
            # local sockets: no port can be taken by another kernel in between, and nobody listens in
            self.transport, self.ip = "ipc", str(self._folder / "socket")
        env = dict(kw.pop("env", None) or os.environ)
        # startup files and history of the user would make two machines differ, and parallel kernels wait for each other
        env["IPYTHONDIR"] = str(self._folder / "ipython")
        # what a kernel says outside its messages is for nobody; prints and warnings of cells are messages
        kw |= {"env": env, "stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL}
        return await super()._async_pre_start_kernel(**kw)

    pre_start_kernel = _async_pre_start_kernel

    async def _async_cleanup_resources(self, restart: bool = False) -> None:
        await super()._async_cleanup_resources(restart=restart)
        if not restart:
            shutil.rmtree(self._folder, ignore_errors=True)

    cleanup_resources = _async_cleanup_resources
