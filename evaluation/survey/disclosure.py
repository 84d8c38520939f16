"""Which cells are too small to show: a rule on unweighted counts, decided once and obeyed by everything after it.

A cell is an indicator's answers in a district and wave. Below `minimum_cell` it is suppressed (primary). Where it is
the only such cell of its arm in that wave, the mean of the arm and the other districts would give it away: the next
smallest cell of the arm is suppressed with it (secondary). District-level data have no respondents to protect.

Source: Hundepool et al. (2012), Statistical Disclosure Control, chapter 4.
"""

from __future__ import annotations

from pathlib import Path

import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq

from evaluation import paths
from evaluation.design import Design

Cell = tuple[str, str, str]  # district, wave, indicator


def suppressed(design: Design, sample: pd.DataFrame) -> frozenset[Cell]:
    """The cells that no table, figure, sentence or file may show.

    `sample` holds counts by district, wave, indicator and kind, as `sample.parquet` does.
    """
    minimum = design.disclosure.minimum_cell
    if design.data.level == "district" or minimum <= 0:
        return frozenset()
    answered = sample[(sample["kind"] == "answered") & (sample["indicator"] != "")]
    counts = {
        (district, wave, indicator): int(n)
        for district, wave, indicator, n in zip(
            answered["district"], answered["wave"], answered["indicator"], answered["n"], strict=True
        )
    }
    hidden = {cell for cell, n in counts.items() if 0 < n < minimum}
    for arm in ("pilot", "comparison"):
        members = [d.id for d in design.districts if d.arm == arm]
        for wave, indicator in sorted({(w, i) for _, w, i in hidden}):
            cells = [(d, wave, indicator) for d in members if counts.get((d, wave, indicator), 0) > 0]
            alone = [cell for cell in cells if cell in hidden]
            others = [cell for cell in cells if cell not in hidden]
            if len(alone) == 1 and others:
                hidden.add(min(others, key=lambda cell: (counts[cell], cell)))
    return frozenset(hidden)


def as_table(cells: frozenset[Cell]) -> pa.Table:
    """The cells as `suppressed.parquet` holds them."""
    names = ("district", "wave", "indicator")
    return pa.table({name: pa.array([cell[k] for cell in sorted(cells)], pa.string()) for k, name in enumerate(names)})


def load(evaluation: str) -> frozenset[Cell]:
    """The suppressed cells of a built survey."""
    return read(paths.processed(evaluation))


def read(folder: Path) -> frozenset[Cell]:
    """The suppressed cells of a survey built in a folder."""
    table = pq.ParquetFile(folder / "suppressed.parquet").read()
    return frozenset(zip(*(table[name].to_pylist() for name in ("district", "wave", "indicator")), strict=True))
