"""A forked kernel that is given all its cells at once, and tells what they show as lines on a pipe: no sockets.

It is ipykernel's own kernel, with its shell, its streams and its messages. What is left out is how a client finds it
and talks to it: five sockets, their threads and the heartbeat, which take longer than most of our cells.
"""

from __future__ import annotations

import contextlib
import os
import sys
import threading
from collections.abc import Iterator, Sequence
from typing import Any

from ipykernel.inprocess.socket import DummySocket
from ipykernel.iostream import IOPubThread
from ipykernel.ipkernel import IPythonKernel
from ipykernel.kernelapp import IPKernelApp
from jupyter_client.session import Session
from tornado.ioloop import IOLoop
from traitlets import default


class LineSession(Session):
    """Writes each message as one line of JSON."""

    def __init__(self, target: int, **traits: Any) -> None:
        """`target` is an open file."""
        super().__init__(key=b"", **traits)
        self._target = target
        self._renew()
        # a copy made while another thread writes would wait for that thread for ever
        os.register_at_fork(after_in_child=self._renew)

    def _renew(self) -> None:
        self._writing = threading.Lock()

    def send(self, stream: Any, msg_or_type: Any, content: Any = None, parent: Any = None, *_: Any, **__: Any) -> Any:
        """Write a message; what only sockets need is ignored."""
        message = msg_or_type if isinstance(msg_or_type, dict) else self.msg(msg_or_type, content, parent)
        kept = {name: message[name] for name in ("header", "msg_type", "parent_header", "content")}
        line = self.pack(kept) + b"\n"
        with self._writing:
            while line:
                line = line[os.write(self._target, line) :]
        return message


class CellsKernel(IPythonKernel):
    """A kernel without queues of requests."""

    def _abort_queues(self, subshell_id: str | None = None) -> None:
        pass


class CellsApp(IPKernelApp):
    """Runs its cells and ends."""

    cells: Sequence[tuple[int, str, bool]] = ()
    target = 1

    @default("session")
    def _default_session(self) -> Session:
        return LineSession(self.target, parent=self)

    def _nothing(self, **_: Any) -> None:
        """Nobody connects."""

    init_connection_file = write_connection_file = log_connection_info = init_heartbeat = _nothing

    def init_sockets(self) -> None:
        """Only the thread that keeps what is printed in order."""
        self.iopub_thread = IOPubThread(DummySocket(), session=self.session)
        self.iopub_thread.start()
        self.iopub_socket = self.iopub_thread.background_socket

    def init_kernel(self) -> None:
        """The kernel, without channels to listen to."""
        own = {"parent": self, "session": self.session, "log": self.log}
        own |= {"iopub_thread": self.iopub_thread, "iopub_socket": self.iopub_socket}
        # nobody will look for these cells in a history, and nobody can step through them
        self.config.HistoryManager.enabled = False
        with _missing("debugpy"):
            self.kernel = CellsKernel.instance(**own, profile_dir=self.profile_dir, user_ns=self.user_ns)
        # it asks which thread runs the cells
        self.kernel.shell_channel_thread = _Here()
        self.displayhook.get_execution_count = lambda: self.kernel.execution_count

    def start(self) -> None:
        """Run the cells, up to the first that fails and must not."""
        if self.poller is not None:
            self.poller.start()
        self.kernel.io_loop = IOLoop.current()
        self.kernel.io_loop.run_sync(self._run)

    async def _run(self) -> None:
        kernel = self.kernel
        self.session.send(None, "kernel_info_reply", {"language_info": kernel.language_info})
        for place, code, may_fail in self.cells:
            request = self.session.msg("execute_request", {"code": code, "allow_stdin": False})
            request["header"]["msg_id"] = request["msg_id"] = str(place)
            kernel.set_parent([], request)
            kernel.pre_handler_hook()
            await kernel.execute_request(None, [], request)
            kernel.post_handler_hook()
            kernel._publish_status("idle", "shell", parent=request)
            if kernel.shell.exit_now or (kernel.shell._last_traceback and not may_fail):
                break
        # all of it ends with the process: looking for what could be freed took a fiftieth of a build
        kernel.shell.displayhook.do_full_cache = False


@contextlib.contextmanager
def _missing(module: str) -> Iterator[None]:
    """As if a module that has not been imported were not installed."""
    hidden = module not in sys.modules
    if hidden:
        sys.modules[module] = None  # type: ignore[assignment]
    try:
        yield
    finally:
        if hidden:
            del sys.modules[module]


class _Here:
    """The thread that would pass requests on."""

    def __init__(self) -> None:
        self.parent_thread = threading.current_thread()


def run(argv: Sequence[str], cells: Sequence[tuple[int, str, bool]]) -> None:
    """Run the cells in this process, which was forked to do so; messages go where its stdout goes, and nothing else."""
    CellsApp.cells, CellsApp.target = cells, os.dup(1)
    os.dup2(2, 1)
    CellsApp.launch_instance(list(argv), parent_handle=os.getppid())
