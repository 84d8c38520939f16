"""The notebooks of the pipeline are the same from forked cells and from kernels, and leave no process behind."""

from __future__ import annotations

import os
import re
import subprocess
from pathlib import Path

import nbformat
import pytest
import standin
from papermill.iorw import papermill_io
from warm_kernels import Kernel, WarmManager, alive, gone

from fewdistricts.errors import NotebookError
from fewdistricts.run import kernels, notebooks, workers
from warmkernel import forks

pytestmark = pytest.mark.skipif(not forks.available(), reason="kernels are forked on Linux only")


SHOWN = [
    "import sys, warnings, numpy\nprint(sys.argv[0])\nwarnings.warn('w')\nprint(numpy.arange(3)); sys.path[-1]",
    # PYDEVD_...: of a debugger, which forked cells do without
    "import os, subprocess; subprocess.run(['echo', 'from below'])",
    "sorted(name for name in os.environ if name != 'JPY_PARENT_PID' and not name.startswith('PYDEVD_'))",
    "!echo shell; echo err >&2",
    "h = display('a', display_id='x'); print('gone'); from IPython.display import clear_output",
    "clear_output(wait=True); h.update('b'); print('stays')",
    "import matplotlib.pyplot as plt; plt.plot([1, 2]); print(plt.get_backend())",
    "import pandas; pandas.DataFrame({'a': [1, 2]})",
    "_.a.sum(), In[2], sorted(Out), get_ipython().execution_count",
    "import asyncio; await asyncio.sleep(0.01); asyncio.get_running_loop().is_running()",
    "try:\n    input('?')\nexcept Exception as error:\n    print(type(error), error)",
    "%history\n?print",
    "numpy.random.seed(1); numpy.random.rand(), __name__, sys.modules['__main__'].__dict__ is globals()",
    "os.getpid() == os.getpgid(0) == os.getsid(0), os.read(0, 1), sys.stdout.encoding, sys.stdin.isatty()",
    "print('x' * 300_000)  # more than a pipe holds",
    "object()",
    "class Bad:\n    def _repr_html_(self):\n        return '<b>x</b>'\nBad()",
    "def bad():\n    raise ValueError('first\\nlast')\nbad()",
    "'never'",
]


def test_elsewhere_than_on_linux_kernels_are_ordinary_and_the_build_says_so(monkeypatch, capsys):
    monkeypatch.setattr(forks.sys, "platform", "darwin")
    with Kernel(WarmManager()) as kernel:
        assert int(kernel.run("import os; print(os.getppid())")) == os.getpid()
    pool = workers.Workers(1)
    pool.run(os.getpid)
    pool.run(os.getpid)
    pool.close()
    assert capsys.readouterr().err.count("Kernels cannot be forked on this system (darwin)") == 1


@pytest.mark.slow
def test_a_notebook_is_the_same_from_forked_cells_and_from_either_kernel(tmp_path, monkeypatch):
    source = standin.notebook(tmp_path / "n.ipynb", 'evaluation = "e"', *SHOWN)
    for kind in ("cells", "ordinary", "warm"):
        monkeypatch.setenv("EVALUATION_KERNELS", "cells" if kind == "cells" else "ordinary")
        if kind == "warm":
            monkeypatch.setattr(kernels.PipelineKernelManager, "kernel_spec", WarmManager.kernel_spec)
        with pytest.raises(NotebookError, match=r"^n: cell 20: last"):
            notebooks.execute(source, tmp_path / f"{kind}.ipynb", {"evaluation": "f"}, name="n", failed=tmp_path / "f")
    made = [(tmp_path / "f" / f"{kind}.ipynb").read_text() for kind in ("cells", "ordinary", "warm")]
    assert made[0].splitlines() == made[1].splitlines() == made[2].splitlines()
    assert "ValueError" in made[0]
    assert "from below" in made[0]
    assert "never" not in made[0].partition("ValueError")[2].partition("source")[0]


def test_cells_that_take_too_long_end_with_all_they_have_started(tmp_path, monkeypatch):
    code = "import os, subprocess\nchild = subprocess.Popen(['sleep', '60'])\n"
    code += "open('pids', 'w').write(f'{os.getpid()} {child.pid} {os.getppid()}'); child.wait()"
    source = standin.notebook(tmp_path / "n.ipynb", 'evaluation = "e"', "print('so far')", code)
    monkeypatch.setenv(notebooks.LIMIT, "2")
    with pytest.raises(NotebookError, match=r"^n: cell 4: it took longer than 2 seconds"):
        notebooks.execute(source, tmp_path / "o.ipynb", {"evaluation": "f"}, name="n", failed=tmp_path / "failed")
    process, child, parent = map(int, (tmp_path / "pids").read_text().split())
    assert gone(process, child)
    assert alive(parent)
    assert "so far" in (tmp_path / "failed" / "o.ipynb").read_text()


def test_an_executed_notebook_is_written_once_before_its_cells_and_once_after(tmp_path, monkeypatch):
    written = []
    monkeypatch.setattr(papermill_io, "write", lambda text, path: written.append(text))
    monkeypatch.setattr(notebooks, "text", lambda _: "")
    source = standin.notebook(tmp_path / "n.ipynb", 'evaluation = "e"', "print('here')")
    notebooks.execute(source, tmp_path / "o.ipynb", {"evaluation": "f"}, name="n")
    assert [text.count("here\\n") for text in written] == [0, 1]


def test_cells_may_fail_where_they_say_so_and_be_skipped(tmp_path):
    source = standin.notebook(tmp_path / "n.ipynb", 'evaluation = "e"', "1 / 0", "raise SystemExit", "left = 1", "left")
    node = nbformat.read(source, as_version=4)
    for cell, tag in zip(node.cells[-4:], ("raises-exception", "skip-execution", "skip-execution", ""), strict=True):
        cell.metadata.tags = [tag]
    nbformat.write(node, source)
    with pytest.raises(NotebookError, match=rf"^n: cell {len(node.cells) + 1}: NameError: name 'left'"):
        notebooks.execute(source, tmp_path / "o.ipynb", {"evaluation": "f"}, name="n")


def test_workers_share_one_warm_process_and_start_their_own_when_it_is_lost(tmp_path):
    source = standin.notebook(tmp_path / "n.ipynb", 'evaluation = "e"', "import os; print('parent', os.getppid())")
    pool = workers.Workers(1)
    for name in ("a", "b"):
        if name == "b":
            modules = [*notebooks.PRELOADED, *forks.PRELOADED]
            driver_own = forks.zygote(forks.PYTHON, modules)._process
            driver_own.kill()
            driver_own.wait()
        pool.run(notebooks_execute, source, tmp_path / f"{name}.ipynb")
    pool.close()
    first, second = (re.search(r"parent (\d+)", (tmp_path / f"{name}.ipynb").read_text())[1] for name in "ab")
    assert int(first) == driver_own.pid != int(second)


def test_the_warm_process_has_read_the_evaluation_and_kernels_are_not_told_its_name(tmp_path, monkeypatch):
    monkeypatch.setattr(forks, "_zygotes", {})
    code = "import os\nfrom fewdistricts.design import preloaded, read\n"
    code += "print('read', read._declared.cache_info().currsize, preloaded.VARIABLE in os.environ)"
    source = standin.notebook(tmp_path / "n.ipynb", 'evaluation = "e"', code)
    pool = workers.Workers(1, evaluation="peru-2005")
    pool.run(notebooks_execute, source, tmp_path / "o.ipynb")
    pool.close()
    (warm,) = forks._zygotes.values()
    warm.close()
    assert "read 1 False" in (tmp_path / "o.ipynb").read_text()


def test_a_copy_finds_imported_what_a_notebook_needs(tmp_path):
    modules = [*notebooks.PRELOADED, *forks.PRELOADED]
    code = f"import sys; from warmkernel import zygote; zygote.warm({modules!r}); print(*sys.modules)"
    ready = subprocess.run([*forks.PYTHON, "-c", code], check=True, capture_output=True, text=True).stdout.split()
    frame = "import pandas as pd; pd.DataFrame({'a': ['x'], 'b': [1]}).pivot_table(index='a')"
    figure = "import matplotlib.pyplot as plt, seaborn as sns; sns.scatterplot(x=[1, 2], y=[1, 2]); plt.close()"
    source = standin.notebook(
        tmp_path / "n.ipynb", 'evaluation = "e"', frame, figure, "import sys; print(*sys.modules)"
    )
    notebooks_execute(source, tmp_path / "o.ipynb")
    loaded = nbformat.read(tmp_path / "o.ipynb", as_version=4).cells[-1].outputs[0].text.split()
    # matplotlib's backend asks its kernel when it is imported; the debugger is left out, but its class is looked at
    late = ("matplotlib_inline", "ipykernel.debugger", "tornado.locks", "tornado.queues", "faulthandler")
    assert [name for name in set(loaded) - set(ready) if not name.startswith(late)] == []


def notebooks_execute(source: Path, output: Path) -> None:
    notebooks.execute(source, output, {"evaluation": "f"}, name="n")
