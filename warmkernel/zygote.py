"""A process with the heavy imports done, whose copies become kernels; a program: `zygote.py SOCKET MODULE...`.

One byte on the control socket, with three open files, asks for a kernel: its own channel, its stdout and its stderr.
The kernel's pid, and its exit status when it has ended, go back as lines on the channel; the kernel reads from there
what to be. When its channel closes (who asked for it ended, however), a kernel is killed with all it has started; when
the control socket does, all are. Several processes may hold the control socket.

The process has one thread and only files of its own when it forks, so that a copy begins as a new process would.
"""

from __future__ import annotations

import atexit
import contextlib
import gc
import importlib
import json
import os
import select
import signal
import socket
import sys
import time

ALLOCATOR = "JE_ARROW_MALLOC_CONF"

# numbers of stdout and stderr
OUT, ERR = 1, 2


def main(arguments: list[str]) -> int:
    """Import the modules, then serve until the owner is gone."""
    # a new interpreter would have neither this file's folder nor its name; a copy must not know them either
    del sys.path[0]
    settings = warm(arguments[1:])
    with socket.socket(fileno=int(arguments[0])) as control:
        return serve(control, settings)


def warm(modules: list[str]) -> dict[str, str]:
    """Import what kernels will need and return the environment variables that the imports have set.

    A module that cannot be imported is left to the kernel's own message.
    """
    before = dict(os.environ)
    # matplotlib looks at this when it is imported; a kernel would have set it before
    os.environ.setdefault("MPLBACKEND", "module://matplotlib_inline.backend_inline")
    # Arrow's allocator would start a thread, and a process with threads must not be forked
    os.environ.setdefault(ALLOCATOR, "background_thread:false")
    gc.disable()  # next to nothing that an import makes is garbage; looking for it took a sixth of the time
    for module in modules:
        with contextlib.suppress(Exception):
            importlib.import_module(module)
    if ALLOCATOR not in before:
        del os.environ[ALLOCATOR]
    # the collector leaves the shared pages alone, and looks through what a notebook makes less often than by default,
    # which took a tenth of the time of a notebook with many figures
    gc.freeze()
    gc.set_threshold(100_000, 20, 100)
    gc.enable()
    return {name: value for name, value in os.environ.items() if name not in before}


def serve(control: socket.socket, settings: dict[str, str]) -> int:
    """Fork kernels and tell how they ended. Returns twice: in the owner's service, and in each kernel at its end."""
    channels: dict[int, socket.socket] = {}
    woken, wake = socket.socketpair()
    wake.setblocking(False)
    signal.set_wakeup_fd(wake.fileno())
    signal.signal(signal.SIGCHLD, lambda *_: None)
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    waiting = select.poll()
    for source in (control, woken):
        waiting.register(source, select.POLLIN)
    while True:
        ready = dict(waiting.poll())
        if woken.fileno() in ready:
            woken.recv(4096)
        # what has ended is reaped below, before its number can be another process's
        for pid, channel in channels.items():
            if channel.fileno() in ready:
                waiting.unregister(channel)
                kill(pid)
        reap(channels, waiting)
        if control.fileno() in ready:
            asked, files, _, _ = socket.recv_fds(control, 1, 3)
            if not asked:
                break
            pid = os.fork()
            if pid == 0:
                signal.set_wakeup_fd(-1)
                for unneeded in (control, woken, wake, *channels.values()):
                    unneeded.close()
                return become_kernel(settings, *files)
            channels[pid] = socket.socket(fileno=files[0])
            waiting.register(channels[pid], 0)  # a hang-up is always told
            tell(channels[pid], pid)
            for file in files[1:]:
                os.close(file)
    signal.set_wakeup_fd(-1)  # its socket is closed with this function, and the kernels killed here end later
    for pid in channels:
        kill(pid)
    return 0


def kill(pid: int) -> None:
    """End a kernel and what it has started; it may have no group of its own yet."""
    for end in (os.kill, os.killpg):
        with contextlib.suppress(OSError):
            end(pid, signal.SIGKILL)


def reap(channels: dict[int, socket.socket], waiting: select.poll) -> None:
    """Tell the exit status of every kernel that has ended."""
    while True:
        try:
            pid, status = os.waitpid(-1, os.WNOHANG)
        except ChildProcessError:
            return
        if pid == 0:
            return
        channel = channels.pop(pid, None)
        if channel is not None:
            with contextlib.suppress(KeyError):
                waiting.unregister(channel)
            tell(channel, os.waitstatus_to_exitcode(status))
            channel.close()


def tell(channel: socket.socket, number: int) -> None:
    """Send a number, unless nobody listens any more."""
    with contextlib.suppress(OSError):
        channel.sendall(f"{number}\n".encode())


def become_kernel(settings: dict[str, str], channel: int, out: int, err: int) -> int:
    """Turn this copy into the kernel that the channel describes, and return its exit status."""
    line = b""
    # who asked and ended before reading our number resets the channel
    with socket.socket(fileno=channel) as reader, reader.makefile("rb") as file, contextlib.suppress(ConnectionError):
        line = file.readline()
    if not line.endswith(b"\n"):  # who asked has ended, perhaps in the middle
        os._exit(1)
    wanted = json.loads(line)
    os.setsid()  # its own process group: interrupts and kills reach what it has started
    nothing = os.open(os.devnull, os.O_RDONLY)
    for source, target in ((nothing, 0), (out, OUT), (err, ERR)):
        os.dup2(source, target)
        os.close(source)
    for number in (signal.SIGCHLD, signal.SIGINT):
        signal.signal(number, signal.SIG_DFL)
    signal.pthread_sigmask(signal.SIG_SETMASK, ())  # whoever started the warm process may have blocked some
    os.chdir(wanted["cwd"])
    os.environ.clear()
    os.environ.update({**settings, **wanted["env"]})
    time.tzset()
    sys.argv = wanted["argv"]
    if "numpy" in sys.modules:
        # Python seeds its own generator after a fork, numpy does not
        sys.modules["numpy"].random.seed()

    try:
        if wanted["cells"] is None:
            from ipykernel.kernelapp import IPKernelApp

            # with a parent given it prints no banner and ends when the parent does
            IPKernelApp.launch_instance(wanted["argv"][1:], parent_handle=os.getppid())
        else:
            from warmkernel import cells

            cells.run(wanted["argv"][1:], wanted["cells"])
        status = 0
    except SystemExit as end:
        status = end.code if isinstance(end.code, int) else int(end.code is not None)
    # leaves without freeing the imported modules one by one
    atexit._run_exitfuncs()
    for stream in (sys.__stdout__, sys.__stderr__):
        with contextlib.suppress(Exception):
            print(end="", file=stream, flush=True)
    if wanted["cells"] is not None:
        # a kernel ends what it has started when it is asked to leave
        os.killpg(0, signal.SIGKILL)
    os._exit(status)


if __name__ == "__main__":
    # leaves without freeing the imported modules one by one
    os._exit(main(sys.argv[1:]))
