"""A papermill engine that runs cells in a forked process without a client's protocol, for the pipeline's notebooks.

papermill fills in the parameters and writes the notebook, nbclient turns messages into outputs, and the messages are
those of ipykernel: the executed notebook is that of a kernel.
"""

from __future__ import annotations

import contextlib
import json
import os
import select
import subprocess
import tempfile
import time
from collections.abc import Iterator, Sequence
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from nbclient.exceptions import CellExecutionComplete, CellExecutionError, CellTimeoutError, DeadKernelError
from papermill.clientwrap import PapermillNotebookClient
from papermill.engines import Engine, NotebookExecutionManager, papermill_engines

from warmkernel import forks

NAME = "warmkernel-cells"
# seconds that a process may take to end when its cells are done
GRACE = 10


class CellsEngine(Engine):
    """Runs the cells of a notebook in a process forked for them."""

    @classmethod
    def execute_managed_notebook(
        cls,
        nb_man: NotebookExecutionManager,
        kernel_name: str,
        *,
        execution_timeout: int | None = None,
        preload: Sequence[str] = (),
        **_: Any,
    ) -> None:
        """Fill in the outputs; CellTimeoutError after so many seconds in a cell, DeadKernelError when it dies.

        `preload` names the modules that the warm process imports before it forks.
        """
        # papermill would save before and after every cell, and at the end twice
        path, nb_man.output_path = nb_man.output_path, None
        try:
            CellsClient(nb_man, preload, timeout=execution_timeout, record_timing=False).execute()
        except BaseException:
            nb_man.output_path = path  # what stopped is kept as far as it came
            raise


class CellsClient(PapermillNotebookClient):
    """papermill's client of a kernel, whose kernel is the forked process."""

    def __init__(self, nb_man: NotebookExecutionManager, preload: Sequence[str] = (), **traits: Any) -> None:
        """`preload` names the modules that the warm process has imported."""
        super().__init__(nb_man, **traits)
        self._preload = [*preload, *forks.PRELOADED]

    def execute(self, **_: Any) -> Any:
        """Run the cells up to the first error."""
        self.reset_execution_trackers()
        cells = [(place, cell.source, self._may_fail(cell)) for place, cell in enumerate(self.nb.cells) if _runs(cell)]
        with _process(cells, self._preload) as self._process:
            info = self._process.next(self.startup_timeout)
            self.papermill_execute_cells()
            self.nb.metadata["language_info"] = info["content"]["language_info"]
            self.set_widgets_metadata()
        return self.nb

    def execute_cell(self, cell: Any, cell_index: int, **_: Any) -> Any:
        """Fill in the outputs of a cell."""
        if not _runs(cell):
            return cell
        cell.outputs, self.clear_before_next_output, reply = [], False, {"status": "aborted"}
        until = time.monotonic() + self.timeout if self.timeout else None
        with contextlib.suppress(CellExecutionComplete):
            while True:
                message = self._process.next(None if until is None else until - time.monotonic())
                if message is None:
                    raise CellTimeoutError.error_from_timeout_and_cell("Cell execution timed out", self.timeout, cell)
                if message["parent_header"].get("msg_id") != str(cell_index):
                    continue  # from a thread of an earlier cell
                if message["msg_type"] == "execute_reply":
                    reply = message["content"]
                else:
                    self.process_message(message, cell, cell_index)
        if reply["status"] == "error" and not self._may_fail(cell):
            raise CellExecutionError.from_cell_and_msg(cell, reply)
        return cell

    def _may_fail(self, cell: Any) -> bool:
        return "raises-exception" in cell.metadata.get("tags", ())


def _runs(cell: Any) -> bool:
    skipped = "skip-execution" in cell.metadata.get("tags", ())
    return cell.cell_type == "code" and bool(cell.source.strip()) and not skipped


class _Process:
    """The forked process and what it tells."""

    def __init__(self, process: forks.ForkedKernel, reader: int) -> None:
        self.process, self._reader, self._heard = process, reader, bytearray()

    def next(self, seconds: float | None) -> Any:
        """The next message, or None when there is none in time."""
        end = self._heard.find(b"\n")
        until = None if seconds is None else time.monotonic() + seconds
        while end < 0:
            left = None if until is None else max(0.0, until - time.monotonic())
            ready, _, _ = select.select([self._reader, self.process.fileno()], [], [], left)
            if not ready:
                return None
            piece = os.read(self._reader, 1 << 20) if self._reader in ready else b""
            if not piece:
                raise DeadKernelError("Kernel died")
            end = piece.find(b"\n")
            end += len(self._heard) if end >= 0 else 0
            self._heard += piece
        line = bytes(self._heard[:end])
        del self._heard[: end + 1]
        return json.loads(line)


@contextlib.contextmanager
def _process(cells: list[tuple[int, str, bool]], modules: list[str]) -> Iterator[_Process]:
    """A process for these cells; when the block is left by an error, it is killed, with all that it has started."""
    # the file that starts an ordinary kernel: cells may ask for their program's name
    argv = [str(find_spec("ipykernel_launcher").origin), "-f", "kernel.json"]  # type: ignore[union-attr]
    with contextlib.ExitStack() as stack:
        folder = stack.enter_context(tempfile.TemporaryDirectory(prefix="kernel-"))
        env = {**os.environ, "IPYTHONDIR": f"{folder}/ipython"}
        nothing = stack.enter_context(Path(os.devnull).open("w"))
        reader, writer = os.pipe()
        stack.callback(os.close, reader)
        try:
            how = (argv, env, str(Path.cwd()), writer, nothing.fileno(), cells)
            forked = forks.fork(forks.PYTHON, modules, *how)
        finally:
            os.close(writer)
        try:
            yield _Process(forked, reader)
            with contextlib.suppress(subprocess.TimeoutExpired):
                forked.wait(GRACE)
        finally:
            forked.kill_all()


papermill_engines.register(NAME, CellsEngine)
