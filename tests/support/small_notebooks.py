"""Notebooks of a few cells."""

from __future__ import annotations

from pathlib import Path

import nbformat


def notebook(path: Path, parameters: str, *cells: str) -> Path:
    """Write a notebook with a parameters cell and others."""
    v4 = nbformat.v4
    made = [v4.new_code_cell(parameters, metadata={"tags": ["parameters"]}), *map(v4.new_code_cell, cells)]
    for place, cell in enumerate(made):
        cell["id"] = f"n{place}"
    path.parent.mkdir(parents=True, exist_ok=True)
    kernel = {"name": "python3", "display_name": "Python 3 (ipykernel)", "language": "python"}
    nbformat.write(v4.new_notebook(cells=made, metadata={"kernelspec": kernel}), path)
    return path
