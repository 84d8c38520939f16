"""The parameters of a notebook, read from its text."""

from __future__ import annotations

import ast
import json
from collections.abc import Iterator
from pathlib import Path

from fewdistricts import paths
from fewdistricts.errors import NotebookError


def code_cells(notebook: Path) -> list[tuple[str, tuple[str, ...]]]:
    """Source and tags of each code cell; NotebookError when the file is no notebook."""
    try:
        cells = json.loads(notebook.read_text(encoding="utf-8"))["cells"]
    except FileNotFoundError as error:
        raise NotebookError(f"{paths.shown(notebook)}: there is no such notebook") from error
    except (ValueError, KeyError, TypeError) as error:
        remedy = "open and save it in Jupyter"
        raise NotebookError(f"{paths.shown(notebook)}: is no notebook of format 4; {remedy}") from error
    code = [cell for cell in cells if cell["cell_type"] == "code"]
    return [("".join(cell["source"]), tuple(cell.get("metadata", {}).get("tags", ()))) for cell in code]


def parameters(notebook: Path) -> tuple[str, ...]:
    """Names assigned in the cell tagged `parameters`; empty without such a cell."""
    for source, tags in code_cells(notebook):
        if "parameters" in tags:
            return tuple(_assigned(source))
    return ()


def _assigned(source: str) -> Iterator[str]:
    for statement in ast.parse(source).body:
        if isinstance(statement, ast.Assign):
            targets = statement.targets
        elif isinstance(statement, ast.AnnAssign):
            targets = [statement.target]
        else:
            continue
        for target in targets:
            if isinstance(target, ast.Name):
                yield target.id
