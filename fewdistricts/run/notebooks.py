"""Run a notebook by papermill so that two runs give the same bytes, whole or not at all.

papermill changes the working directory, so no two runs may share a process at the same time. Parameters are ids; the
folder of the data reaches the kernel as `EVALUATION_HOME`.
"""

from __future__ import annotations

import json
import logging
import os
import re
import sys
import tempfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from fewdistricts import files, paths
from fewdistricts.errors import ConfigurationError, NotebookError, Problem, nearest
from fewdistricts.run.parameters import parameters as parameters_of
from warmkernel import forks

# the address of an object, and the file that ipykernel pretends a cell to be: both change with every process
ADDRESS = re.compile(r"(?<= at )0x[0-9a-f]{6,}")
CELL_FILE = re.compile(r"(?<![^\s\"'])[^\s\"']*ipykernel_\d+/\d+\.py")

# a cell that takes longer has failed; LIMIT in the environment sets another number of seconds
LIMIT, LONGEST = "EVALUATION_CELL_SECONDS", 3600

# what every notebook of the project imports, imported once before their kernels are forked
PRELOADED = [
    "fewdistricts.design.preloaded",
    "fewdistricts.study",
    "fewdistricts.inference",
    "fewdistricts.exhibits.documents.report",
    "fewdistricts.exhibits.figures.preloaded",
    "fewdistricts.exhibits.text.preloaded",
    "matplotlib.pyplot",
    "seaborn",
    "statsmodels.formula.api",
    # loaded by evaluation.yaml for letters beyond Europe's, dashes among them
    "nbaccessible.fonts",
    "fontTools.ttLib.tables._c_m_a_p",
    # loaded by what is computed and drawn first
    "scipy.stats",
    "statsmodels.genmod.generalized_linear_model",
    "matplotlib.backends.backend_svg",
    # loaded by pandas when it first reads, writes, turns or shows a frame
    "pyarrow.dataset",
    "pyarrow.pandas_compat",
    "pandas.core.arrays.arrow.extension_types",
    "pandas.core.reshape.reshape",
    "pandas.io.formats.html",
    "pandas.io.formats.string",
]

KERNEL = {"display_name": "Python 3 (ipykernel)", "language": "python", "name": "python3"}


def execute(
    notebook: Path, output: Path, parameters: Mapping[str, Any], *, name: str, failed: Path | None = None
) -> None:
    """Run `notebook` with `parameters` and write it with its outputs to `output`.

    `name` is what messages call this run. A run that fails leaves `output` as it was, puts the notebook as far as it
    came into the folder `failed` and raises NotebookError with the cell and the error's last line. Parameters that are
    not exactly those of the notebook's parameters cell are a ConfigurationError.
    """
    check(notebook, parameters)
    # heavy imports wait until there is a notebook to run
    import papermill
    from nbclient.exceptions import CellTimeoutError, DeadKernelError
    from papermill.exceptions import PapermillExecutionError

    way: dict[str, Any]
    if forks.wanted():
        from warmkernel import engine

        way = {"engine_name": engine.NAME, "preload": PRELOADED}
    else:
        from fewdistricts.run.kernels import PipelineKernelManager

        way = {"kernel_manager_class": PipelineKernelManager}
    logging.getLogger("papermill").setLevel(logging.CRITICAL)
    limit = int(os.environ.get(LIMIT) or LONGEST)
    with tempfile.TemporaryDirectory(prefix="evaluation-") as folder:
        run = Path(folder) / output.name
        try:
            papermill.execute_notebook(
                notebook,
                run,
                dict(parameters),
                kernel_name="python3",
                language="python",
                progress_bar=False,
                cwd=notebook.parent,
                execution_timeout=limit,
                **way,
            )
        except PapermillExecutionError as error:
            cell, words = f"cell {error.cell_index + 1}", f"{error.ename}: {error.evalue}".strip().splitlines()[-1]
            raise _failure(name, cell, words, run, failed) from None
        except DeadKernelError:
            words = "its kernel died, perhaps for want of memory: try JOBS=1"
            raise _failure(name, _reached(run), words, run, failed) from None
        except CellTimeoutError:
            words = f"it took longer than {limit:,} seconds ({LIMIT} sets another limit)"
            raise _failure(name, _reached(run), words, run, failed) from None
        files.write(output, text(run))


def check(notebook: Path, parameters: Mapping[str, Any]) -> None:
    """ConfigurationError for every parameter that the notebook does not have and every one that is not given."""
    wanted = parameters_of(notebook)
    where, allowed = paths.shown(notebook), ", ".join(wanted) or "none: it has no cell tagged `parameters`"
    problems = [
        Problem(where, f"parameter {given!r}", allowed, nearest(given, wanted))
        for given in parameters
        if given not in wanted
    ]
    problems += [
        Problem(where, f"no value for parameter {name!r}", allowed) for name in wanted if name not in parameters
    ]
    if problems:
        raise ConfigurationError(problems)


def _failure(name: str, cell: str, words: str, run: Path, failed: Path | None) -> NotebookError:
    """Keep the notebook as far as it came, and say where it stopped and why."""
    kept, words = "", _cleaned(words, _folders())
    if failed is not None and run.exists():
        target = failed / run.name
        files.write(target, text(run))
        kept = f" (kept as {paths.shown(target)})"
    return NotebookError(f"{name}: {cell}: {words}{kept}")


def _reached(run: Path) -> str:
    """The cell that was running when the kernel went away: the last one that papermill marked as begun."""
    cells = json.loads(run.read_text(encoding="utf-8"))["cells"] if run.exists() else []
    begun = [place for place, cell in enumerate(cells, 1) if cell["metadata"].get("papermill", {}).get("start_time")]
    return f"cell {begun[-1]}" if begun else "its start"


def text(executed: Path) -> str:
    """An executed notebook as the text that is kept: no clock, host, process or random id in it.

    Removed: papermill's and the kernel's times, durations and paths. Replaced: cell ids by their place, folders of this
    machine by names, object addresses. The pieces of a stream, split by chance, become one.
    """
    notebook = json.loads(executed.read_text(encoding="utf-8"))
    notebook["metadata"].pop("papermill", None)
    notebook["metadata"].setdefault("kernelspec", KERNEL)
    notebook["nbformat"], notebook["nbformat_minor"] = 4, 5
    folders = _folders()
    for place, cell in enumerate(notebook["cells"], start=1):
        cell["id"] = f"cell-{place}"
        for key in ("papermill", "execution", "ExecuteTime"):
            cell["metadata"].pop(key, None)
        if "outputs" in cell:
            cell["outputs"] = _cleaned(_joined(cell["outputs"]), folders)
    return json.dumps(notebook, ensure_ascii=False, indent=1, sort_keys=True) + "\n"


def _joined(outputs: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Streams between two other outputs as one stdout and one stderr: how they interleave is a matter of chance."""
    joined: list[dict[str, Any]] = []
    run: dict[str, dict[str, Any]] = {}
    for output in [*outputs, None]:
        if output is not None and output["output_type"] == "stream":
            said = run.setdefault(output["name"], {**output, "text": ""})
            said["text"] += _string(output["text"])
            continue
        joined += [run[name] for name in sorted(run, reverse=True)]
        run = {}
        if output is not None:
            joined.append(output)
    return joined


def _string(value: str | list[str]) -> str:
    return value if isinstance(value, str) else "".join(value)


Folders = list[tuple[str, str]]
"""Folders of this machine, each with what is printed in its place."""


def _cleaned(value: Any, folders: Folders) -> Any:
    """Every text within outputs without what belongs to this machine or process."""
    if isinstance(value, dict):
        return {key: _cleaned(item, folders) for key, item in value.items()}
    if isinstance(value, list):
        return [_cleaned(item, folders) for item in value]
    if not isinstance(value, str):
        return value
    if os.sep in value:
        for folder, instead in folders:
            value = value.replace(folder, instead)
    # few have either, and the patterns go through every letter of a drawing
    if "ipykernel_" in value:
        value = CELL_FILE.sub("<cell>", value)
    return ADDRESS.sub("0x0", value) if " at 0x" in value else value


def _folders() -> Folders:
    named = (
        (str(paths.home()), "."),
        (str(paths.PROJECT), "."),
        (sys.prefix, "python"),
        (sys.base_prefix, "python"),
        (str(Path.home()), "~"),
    )
    # the environment may lie inside the project: the longer folder first
    longest_first = sorted(named, key=lambda pair: -len(pair[0]))
    return [(folder + os.sep, instead + os.sep) for folder, instead in longest_first]
