"""Which cells are too small to show: a rule on unweighted counts, decided once and obeyed by everything after it.

A cell is an indicator's answers in a district and wave. Below `minimum_cell` it is suppressed, with every change and
difference of the district that needs it. No mean, difference or test over districts takes that district in for that
indicator, in any wave: a margin that holds a cell gives it away, by subtraction where the others are shown, and with a
second cell suppressed still by its standard error or by trying all counts of answers. Covariates know no single cell:
a district with too few interviews takes no part in theirs (indicator ""). Of a panel, those found again are not shown
beside everyone where too few were left out (`estimate.attrition`, `estimate.individual`). District-level data have no
respondents to protect.

Source: Hundepool et al. (2012), Statistical Disclosure Control, chapter 4.
"""

from __future__ import annotations

from pathlib import Path

import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq

from fewdistricts import paths
from fewdistricts.design import Design

Cell = tuple[str, str, str]  # district, wave, indicator


def suppressed(design: Design, sample: pd.DataFrame) -> frozenset[Cell]:
    """The cells that no table, figure, sentence or file may show.

    `sample` holds counts by district, wave, indicator and kind, as `sample.parquet` does.
    """
    minimum = design.disclosure.minimum_cell
    if design.data.level == "district" or minimum <= 0:
        return frozenset()
    counted = ((sample["kind"] == "answered") & (sample["indicator"] != "")) | (sample["kind"] == "interviews")
    answered = sample[counted]
    cells = zip(answered["district"], answered["wave"], answered["indicator"], answered["n"], strict=True)
    return frozenset((district, wave, indicator) for district, wave, indicator, n in cells if 0 < n < minimum)


def suppressed_in(hidden: frozenset[Cell], *indicators: str) -> frozenset[str]:
    """The districts with a suppressed cell of any of these indicators."""
    return frozenset(district for district, _, indicator in hidden if indicator in indicators)


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
