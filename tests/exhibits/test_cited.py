"""Rows of the estimates name the figures and tables that show them."""

from __future__ import annotations

import csv
import io
import json

import documents
import nbformat
import pytest
from sample_notebook import cell, notebook, output
from surveys import at_home, peru

from fewdistricts import paths
from fewdistricts.exhibits import spreadsheets
from fewdistricts.exhibits.cited import cited, exhibits_of_rows
from fewdistricts.exhibits.display import TABLE

DOCUMENTS = ("report", "annex")


def test_exhibits_of_a_row_stand_in_the_order_of_the_documents(tmp_path):
    def exhibit(label, *row_ids):
        numbers = [{"text": "1", "source": row_id} for row_id in row_ids]
        rows = [{"group": "Safety"}, {"cells": ["Feels safe", *numbers]}]
        return output({TABLE: {"columns": [], "rows": rows}}, {"label": label})

    files = []
    for name, cells in {
        "report": [cell(exhibit("fig-b", "row-1")), cell(exhibit("tbl-a", "row-1", "row-2", "row-1"))],
        "annex": [cell(exhibit("tbl-c", "row-2"))],
    }.items():
        files.append(tmp_path / f"{name}.ipynb")
        files[-1].write_text(nbformat.writes(notebook(*cells)), encoding="utf-8")
    assert exhibits_of_rows(files) == {"row-1": "fig-b tbl-a", "row-2": "tbl-a tbl-c"}


@pytest.fixture(scope="module")
def published(tmp_path_factory) -> dict[str, str]:
    """The exhibits that estimates.csv names, by row, as the English documents show them."""
    folder = tmp_path_factory.mktemp("executed")
    with at_home(peru().home):
        for name in DOCUMENTS:
            text = nbformat.writes(documents.notebook(f"{name}-en"))
            (folder / f"{name}.ipynb").write_text(text, encoding="utf-8")
        spreadsheets.write("peru-2005", [folder / f"{name}.ipynb" for name in DOCUMENTS])
        text = (paths.staged("peru-2005") / "estimates.csv").read_text(encoding="utf-8")
    return {row["row_id"]: row["exhibits"] for row in csv.DictReader(io.StringIO(text))}


@pytest.mark.slow
@pytest.mark.parametrize("language", ["en", "es"])
def test_every_row_names_the_exhibits_that_show_it_in_any_language(published, language):
    shown: dict[str, set[str]] = {}
    for name in DOCUMENTS:
        text = nbformat.writes(documents.notebook(f"{name}-{language}"))
        for label, row_ids in cited(json.loads(text)):
            for row_id in row_ids:
                shown.setdefault(row_id, set()).add(label)
    assert len(shown) > 100
    assert {row_id: set(labels.split()) for row_id, labels in published.items() if labels} == shown
