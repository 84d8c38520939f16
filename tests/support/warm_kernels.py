"""Kernels of this interpreter, forked and ordinary, as clients use them; and whether processes are still there."""

from __future__ import annotations

import sys
import time
from pathlib import Path

import nbformat
from jupyter_client.kernelspec import KernelSpec
from jupyter_client.manager import AsyncKernelManager, KernelManager
from nbclient import NotebookClient

from warmkernel import forks

PRELOADED = ["numpy"]
COMMAND = [sys.executable, "-Xfrozen_modules=off", "-m", "ipykernel_launcher", "-f", "{connection_file}"]
WAIT = 60


class WarmManager(KernelManager):
    """Starts forked kernels without a kernelspec on disk."""

    @property
    def kernel_spec(self) -> KernelSpec:
        config = {"provisioner_name": forks.NAME, "config": {"preload": PRELOADED}}
        return KernelSpec(argv=COMMAND, language="python", metadata={"kernel_provisioner": config})


class OrdinaryManager(KernelManager):
    """Starts ordinary kernels of this interpreter."""

    @property
    def kernel_spec(self) -> KernelSpec:
        return KernelSpec(argv=COMMAND, language="python")


class Kernel:
    """A started kernel that runs code and gives back what it prints, or the name of the error."""

    def __init__(self, manager: KernelManager, **how) -> None:
        self.manager = manager
        manager.start_kernel(**how)
        self.client = manager.client()
        self.client.start_channels()
        self.client.wait_for_ready(timeout=WAIT)

    def run(self, code: str) -> str:
        said = []
        reply = self.client.execute_interactive(code, timeout=WAIT, output_hook=said.append, allow_stdin=False)
        if reply["content"]["status"] == "error":
            return reply["content"]["ename"]
        return "".join(message["content"].get("text", "") for message in said).strip()

    @property
    def process(self):
        return self.manager.provisioner.process

    def __enter__(self) -> Kernel:
        return self

    def __exit__(self, *_) -> None:
        self.client.stop_channels()
        if self.manager.has_kernel:
            self.manager.shutdown_kernel(now=True)


def client(*cells: str, **options) -> NotebookClient:
    node = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(cell) for cell in cells])
    return NotebookClient(node, kernel_manager_class=WarmAsyncManager, **options)


class WarmAsyncManager(AsyncKernelManager):
    """As nbclient wants it."""

    kernel_spec = WarmManager.kernel_spec


def alive(pid: int) -> bool:
    try:
        state = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0]
    except OSError:
        return False
    return state != "Z"


def gone(*pids: int, within: float = 10) -> bool:
    """Whether all these processes end soon."""
    until = time.monotonic() + within
    while any(alive(pid) for pid in pids):
        if time.monotonic() > until:
            return False
        time.sleep(0.05)
    return True
