"""Which figures and tables show a row of the estimates, read from the notebooks that show them."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import Any

from fewdistricts.exhibits.display import META, TABLE


def exhibits_of_rows(notebooks: Sequence[Path]) -> dict[str, str]:
    """The labels of the exhibits that show each row, in the order of the document, separated by blanks.

    Parameters
    ----------
    notebooks
        Executed notebooks of documents in one language. Labels are the same in all.

    Returns
    -------
    dict
        By the id of the row; rows that no exhibit shows are not in it.
    """
    labels: dict[str, list[str]] = {}
    for notebook in notebooks:
        for label, row_ids in cited(json.loads(notebook.read_text(encoding="utf-8"))):
            for row_id in row_ids:
                shown = labels.setdefault(row_id, [])
                if label not in shown:
                    shown.append(label)
    return {row_id: " ".join(shown) for row_id, shown in labels.items()}


def cited(notebook: dict[str, Any]) -> Iterator[tuple[str, list[str]]]:
    """Each figure and table of an executed notebook with the ids of the rows that its numbers come from."""
    for cell in notebook["cells"]:
        for output in cell.get("outputs", []):
            meaning = output.get("metadata", {}).get(META, {})
            if "label" in meaning and TABLE in output["data"]:
                yield meaning["label"], list(_sources(output["data"][TABLE]["rows"]))


def _sources(rows: Iterable[dict[str, Any]]) -> Iterator[str]:
    for row in rows:
        for cell in row.get("cells", []):
            if isinstance(cell, dict) and "source" in cell:
                yield cell["source"]
