"""Forked kernels and cells are as good as ordinary kernels, apart from the time they take, and leave nothing behind."""

from __future__ import annotations

import json
import os
import signal
import socket
import subprocess
import sys
import time
from pathlib import Path

import nbformat
import pytest
import small_notebooks
import warm_kernels
from nbclient.exceptions import CellTimeoutError, DeadKernelError
from traitlets.config import Config
from warm_kernels import WAIT, Kernel, OrdinaryManager, WarmManager, alive, client, gone

from warmkernel import forks

pytestmark = pytest.mark.skipif(not forks.available(), reason="kernels are forked on Linux only")


@pytest.fixture
def warm():
    with Kernel(WarmManager()) as kernel:
        yield kernel


@pytest.fixture(scope="module")
def both(tmp_path_factory):
    """An ordinary kernel and a forked one, started in the same way."""
    env = {**os.environ, "TZ": "America/Lima", "ADDED": "1"}
    how = {"cwd": str(tmp_path_factory.mktemp("there")), "env": env, "stdin": subprocess.DEVNULL}
    with Kernel(OrdinaryManager(), **how) as ordinary, Kernel(WarmManager(), **how) as forked:
        yield ordinary, forked


@pytest.mark.parametrize(
    "code",
    [
        "import sys; print(sys.path)",
        "import sys; print(sys.argv[0], len(sys.argv), sys.argv[1])",
        "import os; print(os.getcwd(), sorted(set(os.environ) - {'JPY_PARENT_PID'}))",
        "import matplotlib; print(matplotlib.get_backend())",
        "import sys; print(__name__, sys.modules['__main__'].__dict__ is globals())",
        "import signal; print([signal.getsignal(n) for n in (signal.SIGCHLD, signal.SIGTERM, signal.SIGINT)])",
        "import threading; print(sorted(thread.name.split('-')[0] for thread in threading.enumerate()))",
        "import sys, os; print(sys.flags, os.read(0, 1))",
        "import os; print(os.getpid() == os.getpgid(0) == os.getsid(0))",
        "import time; print(time.tzname)",
    ],
)
def test_a_forked_kernel_sees_what_an_ordinary_one_sees(code, both):
    ordinary, forked = both
    assert forked.run(code) == ordinary.run(code) != ""


def test_the_process_that_is_forked_has_one_thread(monkeypatch):
    monkeypatch.setenv("OPENBLAS_NUM_THREADS", "1")
    monkeypatch.setattr(warm_kernels, "PRELOADED", ["pyarrow.parquet", "pandas"])
    with Kernel(WarmManager(), env=dict(os.environ)) as kernel:
        assert kernel.run("import os; print(len(os.listdir(f'/proc/{os.getppid()}/task')))") == "1"
        assert kernel.run("import pandas; print(len(pandas.DataFrame({'a': [1]}).to_parquet()) > 0)") == "True"


def test_kernels_share_the_imports_and_nothing_else(warm):
    assert (
        warm.run("import sys; early = 'numpy' in sys.modules; import numpy; numpy.secret = 1; print(early)") == "True"
    )
    warm.run("import os; os.environ['SECRET'] = '1'; os.chdir('/'); sys.path.insert(0, 'x')")
    with Kernel(WarmManager()) as other:
        assert other.run("os") == "NameError"
        code = "import numpy, os, sys"
        assert other.run(code) == ""
        code = "print(hasattr(numpy, 'secret'), 'SECRET' in os.environ, 'x' in sys.path, os.getcwd() == '/')"
        assert other.run(code) == "False False False False"
        assert other.run("print(os.getppid())") == warm.run("print(os.getppid())")


def test_no_two_kernels_draw_the_same_random_numbers():
    code = "import numpy, random, uuid; print(numpy.random.rand(), random.random(), uuid.uuid4(), hash(object()) > 0)"
    drawn = []
    for _ in range(3):
        with Kernel(WarmManager()) as kernel:
            drawn.append(kernel.run(code).split())
    for column in list(zip(*drawn, strict=True))[:3]:
        assert len(set(column)) == 3


def test_seeded_numbers_are_those_of_an_ordinary_kernel(warm):
    code = "import numpy, random; numpy.random.seed(1); random.seed(1); print(numpy.random.rand(), random.random())"
    with Kernel(OrdinaryManager()) as ordinary:
        assert warm.run(code) == ordinary.run(code)


def test_an_interrupt_stops_the_cell_and_not_the_kernel(warm):
    # else ipykernel answers "aborted" to what follows an error until it has cleared its queue
    message = warm.client.execute("import time\nwhile True: time.sleep(0.01)", stop_on_error=False)
    time.sleep(0.5)
    warm.manager.interrupt_kernel()
    reply = warm.client.get_shell_msg(timeout=WAIT)
    while reply["parent_header"].get("msg_id") != message:
        reply = warm.client.get_shell_msg(timeout=WAIT)
    assert reply["content"]["ename"] == "KeyboardInterrupt"
    assert warm.run("print('alive')") == "alive"


def test_a_restarted_kernel_is_another_process_and_forgets(warm):
    before = warm.process.pid
    warm.run("left = 1")
    warm.manager.restart_kernel(now=True)
    warm.client.wait_for_ready(timeout=WAIT)
    assert warm.process.pid != before
    assert warm.run("left") == "NameError"


@pytest.mark.parametrize(
    ("code", "status"), [("import os; os._exit(3)", 3), ("import os; os.kill(os.getpid(), 9)", -signal.SIGKILL)]
)
def test_the_exit_status_of_a_dead_kernel_is_known(warm, code, status):
    warm.client.execute(code)
    assert warm.process.wait(timeout=10) == status
    assert not warm.manager.is_alive()


def test_a_kernel_asked_to_leave_ends_well(warm):
    process = warm.process
    warm.manager.shutdown_kernel()
    assert process.poll() == 0


def test_nobody_else_can_listen_in_and_nothing_of_it_is_left(capfd):
    with Kernel(WarmManager()) as kernel:
        folder = Path(kernel.manager.ip).parent
        assert kernel.manager.transport == "ipc"
        assert folder.stat().st_mode & 0o777 == 0o700
        kernel.manager.restart_kernel(now=True)
        kernel.client.wait_for_ready(timeout=WAIT)
        assert kernel.run("print('again')") == "again"
    assert not folder.exists()
    assert "TCP" not in capfd.readouterr().err


def test_a_transport_that_is_asked_for_is_kept():
    with Kernel(WarmManager(config=Config(KernelManager={"transport": "tcp"}))) as kernel:
        assert kernel.manager.transport == "tcp"


def test_nbclient_meets_its_timeout(tmp_path):
    started = tmp_path / "pid"
    running = client(f"import os, time; open({str(started)!r}, 'w').write(str(os.getpid())); time.sleep(60)", timeout=2)
    with pytest.raises(CellTimeoutError):
        running.execute()
    assert gone(int(started.read_text()))


def test_nbclient_hears_of_a_dead_kernel():
    with pytest.raises(DeadKernelError):
        client("import os; os.kill(os.getpid(), 9)").execute()


FORKED = """
import os, signal, sys
sys.path.insert(0, {tests!r})
from warm_kernels import client
client("1").execute()
child = os.fork()
if child == 0:
    signal.alarm(20)
    client("1").execute()
    os._exit(0)
print(os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]))
"""


@pytest.mark.slow
def test_a_process_forked_after_the_first_kernel_starts_kernels_too():
    code = FORKED.format(tests=str(Path(warm_kernels.__file__).parent))
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=WAIT)
    assert done.stdout.strip() == "0", done.stderr


def test_what_a_kernel_started_ends_with_it(warm):
    child = int(warm.run("import subprocess; child = subprocess.Popen(['sleep', '60']); print(child.pid)"))
    warm.manager.shutdown_kernel(now=True)
    assert gone(child)


def test_a_kernel_ends_with_its_warm_process_and_the_next_has_a_new_one(warm):
    parent = int(warm.run("import os; print(os.getppid())"))
    os.kill(parent, signal.SIGKILL)
    assert warm.process.wait(timeout=10) == -signal.SIGKILL
    with Kernel(WarmManager()) as other:
        assert int(other.run("import os; print(os.getppid())")) != parent


DRIVER = """
import os, sys, time
sys.path.insert(0, {tests!r})
from warm_kernels import Kernel, WarmManager
kernel = Kernel(WarmManager())
print(os.getpid(), kernel.run("import os; print(os.getppid(), os.getpid())"), flush=True)
{then}
"""


def driver(then: str) -> tuple[subprocess.Popen, list[int]]:
    code = DRIVER.format(tests=str(Path(warm_kernels.__file__).parent), then=then)
    started = subprocess.Popen([sys.executable, "-c", code], stdout=subprocess.PIPE, text=True)
    return started, [int(pid) for pid in started.stdout.readline().split()]


def test_no_kernel_outlives_a_killed_driver():
    started, pids = driver("time.sleep(60)")
    with started:
        started.kill()
    assert len(pids) == 3
    assert gone(*pids)


def test_a_driver_that_forgets_its_kernel_ends_all_the_same():
    # no main guard in it either: a fork of the driver's own program would run it again
    started, pids = driver("")
    with started:
        assert started.wait(timeout=20) == 0
    assert gone(*pids)


def test_output_below_python_can_be_read_from_a_pipe():
    with Kernel(WarmManager(), stdout=subprocess.PIPE, stderr=subprocess.STDOUT) as kernel:
        kernel.run("import sys; sys.__stdout__.write('from below'); sys.__stdout__.flush()")
        process = kernel.process
        kernel.manager.shutdown_kernel(now=True)
        del process
    # what the kernel writes is its own: no banner of ipykernel, no word of the warm process
    with Kernel(WarmManager(), stdout=subprocess.PIPE) as kernel:
        reader = kernel.process.stdout
        os.set_blocking(reader.fileno(), False)
        assert not reader.read()


def test_a_process_ends_when_who_asked_for_it_does():
    """A worker that is killed closes its channel; the warm process belongs to the driver and lives on."""
    _, writer = os.pipe()
    asked = (["x", "-f", "kernel.json"], dict(os.environ), str(Path.cwd()), writer, writer)
    forked = forks.fork(forks.PYTHON, forks.PRELOADED, *asked, [(0, "import time; time.sleep(60)", False)])
    pid = forked.pid
    assert alive(pid)
    forked._channel.close()
    assert gone(pid)
    assert forks.zygote(forks.PYTHON, forks.PRELOADED).alive


@pytest.mark.parametrize("sent", [b"", b'{"argv": ["x"'])
def test_a_process_ends_in_silence_when_who_asked_for_it_ends_first(sent, capfd):
    """An interrupt ends workers in the middle of asking for a kernel."""
    control, theirs = socket.socketpair()
    _, writer = os.pipe()
    with theirs:
        command = [*forks.PYTHON, str(forks.PROGRAM), str(theirs.fileno())]
        warm = subprocess.Popen(command, pass_fds=[theirs.fileno()], start_new_session=True)
    for wait in range(20):
        ours, theirs = socket.socketpair()
        with ours, theirs:
            socket.send_fds(control, [b"k"], [theirs.fileno(), writer, writer])
            ours.sendall(sent)
            time.sleep(wait / 1000)  # before, while and after it is forked
    control.close()
    assert warm.wait(timeout=20) == 0
    assert capfd.readouterr().err == ""


@pytest.mark.slow
@pytest.mark.parametrize("program", ["papermill", "nbconvert"])
def test_the_kernelspec_works_from_the_command_line(program, tmp_path):
    source = small_notebooks.notebook(
        tmp_path / "n.ipynb", "a = 1", "import os; print(open(f'/proc/{os.getppid()}/cmdline').read())"
    )
    out = tmp_path / "out.ipynb"
    commands = {
        "papermill": ["papermill", "-k", "warmkernel", str(source), str(out), "-p", "a", "2"],
        "nbconvert": ["nbconvert", "--execute", "--to", "notebook", "--output", str(out), str(source)],
    }
    options = [] if program == "papermill" else ["--ExecutePreprocessor.kernel_name=warmkernel"]
    done = subprocess.run([sys.executable, "-m", *commands[program], *options], capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    assert "zygote.py" in json.dumps(nbformat.read(out, as_version=4).cells[-1].outputs)
