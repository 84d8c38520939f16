"""Forked kernels are as good as ordinary ones, apart from the time they take, and leave nothing behind."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import nbformat
import pytest
import standin
from jupyter_client.kernelspec import KernelSpec
from jupyter_client.manager import AsyncKernelManager, KernelManager
from nbclient import NotebookClient
from nbclient.exceptions import CellTimeoutError, DeadKernelError

from evaluation.run import forks, notebooks, workers

pytestmark = pytest.mark.skipif(not forks.available(), reason="kernels are forked on Linux only")

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


@pytest.fixture
def warm():
    with Kernel(WarmManager()) as kernel:
        yield kernel


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
def test_a_forked_kernel_sees_what_an_ordinary_one_sees(code, tmp_path, monkeypatch):
    how = {"cwd": str(tmp_path), "env": {**os.environ, "TZ": "America/Lima", "ADDED": "1"}}
    if "os.read" in code:
        how["stdin"] = subprocess.DEVNULL
    with Kernel(OrdinaryManager(), **how) as ordinary, Kernel(WarmManager(), **how) as forked:
        assert forked.run(code) == ordinary.run(code) != ""


def test_the_process_that_is_forked_has_one_thread(monkeypatch):
    monkeypatch.setenv("OPENBLAS_NUM_THREADS", "1")
    monkeypatch.setattr(f"{__name__}.PRELOADED", ["pyarrow.parquet", "pandas"])
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


def client(*cells: str, **options) -> NotebookClient:
    node = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(cell) for cell in cells])
    return NotebookClient(node, kernel_manager_class=WarmAsyncManager, **options)


class WarmAsyncManager(AsyncKernelManager):
    """As nbclient wants it."""

    kernel_spec = WarmManager.kernel_spec


def test_nbclient_meets_its_timeout(tmp_path):
    started = tmp_path / "pid"
    running = client(f"import os, time; open({str(started)!r}, 'w').write(str(os.getpid())); time.sleep(60)", timeout=2)
    with pytest.raises(CellTimeoutError):
        running.execute()
    assert gone(int(started.read_text()))


def test_nbclient_hears_of_a_dead_kernel():
    with pytest.raises(DeadKernelError):
        client("import os; os.kill(os.getpid(), 9)").execute()


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
from test_warm_kernel import Kernel, WarmManager
kernel = Kernel(WarmManager())
print(os.getpid(), kernel.run("import os; print(os.getppid(), os.getpid())"), flush=True)
{then}
"""


def driver(then: str) -> tuple[subprocess.Popen, list[int]]:
    code = DRIVER.format(tests=str(Path(__file__).parent), then=then)
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


def test_elsewhere_than_on_linux_kernels_are_ordinary_and_the_build_says_so(monkeypatch, capsys):
    monkeypatch.setattr(forks.sys, "platform", "darwin")
    with Kernel(WarmManager()) as kernel:
        assert int(kernel.run("import os; print(os.getppid())")) == os.getpid()
    pool = workers.Workers(1)
    pool.run(os.getpid)
    pool.run(os.getpid)
    pool.close()
    assert capsys.readouterr().err.count("Kernels cannot be forked on this system (darwin)") == 1


def test_an_executed_notebook_is_the_same_from_either_kernel(tmp_path, monkeypatch):
    cell = "import sys, warnings, numpy\nprint(sys.argv[0])\nwarnings.warn('w')\nprint(numpy.arange(3)); sys.path[-1]"
    source = standin.notebook(tmp_path / "n.ipynb", 'evaluation = "e"', cell, "object()")
    for kind in ("warm", "ordinary"):
        monkeypatch.setenv("EVALUATION_KERNELS", kind)
        notebooks.execute(source, tmp_path / f"{kind}.ipynb", {"evaluation": "f"}, name="n")
    assert (tmp_path / "warm.ipynb").read_bytes() == (tmp_path / "ordinary.ipynb").read_bytes()


@pytest.mark.slow
@pytest.mark.parametrize("program", ["papermill", "nbconvert"])
def test_the_kernelspec_works_from_the_command_line(program, tmp_path):
    source = standin.notebook(
        tmp_path / "n.ipynb", "a = 1", "import os; print(open(f'/proc/{os.getppid()}/cmdline').read())"
    )
    out = tmp_path / "out.ipynb"
    commands = {
        "papermill": ["papermill", "-k", "evaluation-warm", str(source), str(out), "-p", "a", "2"],
        "nbconvert": ["nbconvert", "--execute", "--to", "notebook", "--output", str(out), str(source)],
    }
    options = [] if program == "papermill" else ["--ExecutePreprocessor.kernel_name=evaluation-warm"]
    done = subprocess.run([sys.executable, "-m", *commands[program], *options], capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    assert "zygote.py" in json.dumps(nbformat.read(out, as_version=4).cells[-1].outputs)
