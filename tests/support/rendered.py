"""Notebooks of the report, the briefs and the slides run without a kernel, so that a test sees their outputs soon."""

from __future__ import annotations

import ast
import json
from collections.abc import Callable
from typing import Any

import nbformat
import pytest
from nbformat.v4 import new_code_cell, new_notebook, new_output

from fewdistricts import paths
from fewdistricts.exhibits import display
from fewdistricts.exhibits.documents import slides


def executed(
    evaluation: str, language: str, notebook: str = "report", drawn: bool = True, **more: str
) -> nbformat.NotebookNode:
    """The notebook with its outputs; `paths.home()` holds the evaluation with its estimates.

    Who reads texts only asks for figures that are not `drawn`, which takes half the time.
    """
    cells = json.loads((paths.NOTEBOOKS / f"{notebook}.ipynb").read_text(encoding="utf-8"))["cells"]
    names: dict[str, Any] = {}
    out = new_notebook()
    for cell in cells:
        if cell["cell_type"] != "code":
            continue
        source = "".join(cell["source"])
        if "parameters" in cell["metadata"].get("tags", []):
            given = {"evaluation": evaluation, "language": language, **more}
            source = "\n".join([source, *(f"{name} = {value!r}" for name, value in given.items())])
        with pytest.MonkeyPatch.context() as patch:
            if not drawn:
                patch.setattr(display, "svg", lambda canvas: "")
            shown = _run(source, names)
        out.cells.append(new_code_cell(source, outputs=[_output(each) for each in shown]))
    return out


def _run(source: str, names: dict[str, Any]) -> list[Any]:
    """What a cell displays: what it shows on its way, then the value of its last line."""
    shown: list[Any] = []
    tree = ast.parse(source)
    last = tree.body.pop() if isinstance(tree.body[-1], ast.Expr) else None
    kept: Callable[..., Any] = slides.show
    slides.show = shown.append
    try:
        exec(compile(tree, "cell", "exec"), names)
        value = eval(compile(ast.Expression(last.value), "cell", "eval"), names) if last else None
    finally:
        slides.show = kept
    return shown if value is None else [*shown, value]


def _output(shown: Any) -> nbformat.NotebookNode:
    data, metadata = shown._repr_mimebundle_()
    return new_output("display_data", data=data, metadata=metadata)


def meanings(nb: nbformat.NotebookNode, kind: str) -> list[tuple[dict[str, Any], dict[str, Any]]]:
    """Metadata and data of every output of a kind (`prose`, `table`, `figure`)."""
    outputs = (output for cell in nb.cells for output in cell.outputs)
    found = ((output["metadata"]["nbaccessible"], output["data"]) for output in outputs)
    return [(meaning, data) for meaning, data in found if meaning["kind"] == kind]
