"""The sampling design and the cells of a survey as integer codes, made once and used by every indicator.

A *cell* is a piece of the sample one mean is taken over: a district at a wave. `combinations` prepares linear
combinations of cells (levels, changes, differences of changes) for `linearization.linear`.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np
import pandas as pd

from fewdistricts.errors import DataError, Problem

Lonely = Literal["fail", "adjust", "average", "certainty"]


@dataclass(frozen=True)
class Sample:
    """The sampling design and its cells, as codes; made once by `sample`, used by every indicator.

    A *pair* is a PSU within a cell. Shapes: N rows, P pairs, J PSUs, H strata, C cells.
    """

    pair: np.ndarray  # (N,) pair of each row
    pair_cell: np.ndarray  # (P,) cell of each pair; C stands for rows in no cell
    pair_psu: np.ndarray  # (P,)
    psu_stratum: np.ndarray  # (J,)
    psu_size: np.ndarray  # (J,) PSUs that it stands for, see `sample`
    psus: np.ndarray  # (H,) n_h
    fraction: np.ndarray  # (H,) f_h
    cells: int
    lonely: Lonely


def sample(
    cell: np.ndarray,
    stratum: np.ndarray,
    psu: np.ndarray,
    *,
    cells: int | None = None,
    size: np.ndarray | None = None,
    fpc: np.ndarray | None = None,
    lonely: Lonely = "fail",
) -> Sample:
    """Codes of a sampling design.

    `cell` (N,) holds integers 0..cells-1, or -1 for a row that belongs to the design but to no cell; `stratum` and
    `psu` (N,) any codes, a PSU within one stratum. `size` (N,), constant in a PSU: how many PSUs of one stratum and one
    cell it stands for, whose influences are summed (`linearization.Means`); one by default. `fpc` (N,): PSUs of the
    stratum in the population (>= 1), or sampling fractions (<= 1), constant in a stratum. A stratum with one PSU:
    `fail` refuses; `adjust` centres it at the grand mean (its z at zero); `average` gives it the mean variance of the
    other strata; `certainty` (R's `remove` too) gives it none.

    Raises DataError if a PSU lies in two strata, an fpc is impossible, or a stratum is lonely under `fail`.
    """
    cell = np.asarray(cell)
    cells = int(cell.max(initial=-1)) + 1 if cells is None else cells
    stratum_code, stratum_names = pd.factorize(np.asarray(stratum))
    psu_code, psu_names = pd.factorize(np.asarray(psu))
    psu_stratum = np.zeros(len(psu_names), dtype=np.intp)
    psu_stratum[psu_code] = stratum_code
    torn = np.unique(psu_code[psu_stratum[psu_code] != stratum_code])
    if torn.size:
        raise DataError([Problem(f"psu {psu_names[j]}", "rows in two strata", "one stratum a PSU") for j in torn[:20]])
    psu_size = np.ones(len(psu_names), dtype=np.intp)
    if size is not None:
        psu_size[psu_code] = size
    psus = np.bincount(psu_stratum, psu_size, minlength=len(stratum_names)).astype(np.intp)
    names = tuple(str(name) for name in stratum_names[psus == 1])
    if names and lonely == "fail":
        remedy = "merge it with a neighbouring stratum, or set inference: lonely_psu: adjust"
        raise DataError([Problem(f"stratum {name}", "one PSU", "two or more", remedy) for name in names[:20]])
    key, pair = np.unique(np.where(cell < 0, cells, cell) * len(psu_names) + psu_code, return_inverse=True)
    return Sample(
        pair=pair,
        pair_cell=key // max(1, len(psu_names)),
        pair_psu=key % max(1, len(psu_names)),
        psu_stratum=psu_stratum,
        psu_size=psu_size,
        psus=psus,
        fraction=_fractions(fpc, stratum_code, stratum_names, psus),
        cells=cells,
        lonely=lonely,
    )


def _fractions(fpc: np.ndarray | None, stratum: np.ndarray, names: np.ndarray, psus: np.ndarray) -> np.ndarray:
    """Sampling fractions f_h (H,) from a column of population counts or of fractions."""
    if fpc is None:
        return np.zeros(len(psus))
    given = np.asarray(fpc, float)
    first = np.zeros(len(psus))
    first[stratum] = given
    uneven = np.unique(stratum[~np.isclose(first[stratum], given, rtol=1e-9)])
    with np.errstate(divide="ignore", invalid="ignore"):
        fraction = first if (given <= 1).all() else psus / first
    bad = np.flatnonzero(~((fraction > 0) & (fraction <= 1)))
    problems = [Problem(f"fpc of stratum {names[h]}", "several values", "one value a stratum") for h in uneven[:20]]
    problems += [
        Problem(f"fpc of stratum {names[h]}", f"{first[h]:g}", f"a fraction up to 1, or at least its {psus[h]} PSUs")
        for h in bad[:20]
    ]
    if problems:
        raise DataError(problems)
    return fraction


@dataclass(frozen=True)
class Combinations:
    """Linear combinations of cells, prepared once: K combinations, their entries, units (PSUs) and blocks (strata)."""

    combination: np.ndarray  # (T,) terms
    cell: np.ndarray  # (T,)
    coefficient: np.ndarray  # (T,)
    entry_pair: np.ndarray  # (E,) pairs of the cells of each term
    entry_coefficient: np.ndarray  # (E,)
    entry_unit: np.ndarray  # (E,) unit: a PSU within a combination
    unit_size: np.ndarray  # (U,) PSUs that it stands for
    unit_block: np.ndarray  # (U,) block: a stratum within a combination
    block_combination: np.ndarray  # (B,)
    block_stratum: np.ndarray  # (B,)
    size: int  # K


def combinations(design: Sample, terms: Sequence[dict[int, float]]) -> Combinations:
    """Prepare `terms`, one dict {cell: coefficient} a combination: {c: 1} a level, {after: 1, before: -1} a change."""
    flat = [(k, cell, float(value)) for k, term in enumerate(terms) for cell, value in term.items() if value != 0]
    combination, cell = (np.array([row[i] for row in flat], dtype=np.intp) for i in (0, 1))
    coefficient = np.array([row[2] for row in flat], float)
    order = np.argsort(design.pair_cell, kind="stable")
    start = np.searchsorted(design.pair_cell[order], np.arange(design.cells + 1))
    length = start[cell + 1] - start[cell]
    term = np.repeat(np.arange(len(flat)), length)
    within = np.arange(length.sum()) - np.repeat(np.cumsum(length) - length, length)
    entry_pair = order[start[cell[term]] + within] if flat else np.zeros(0, dtype=np.intp)
    psus, strata = len(design.psu_stratum), len(design.psus)
    unit, entry_unit = np.unique(combination[term] * psus + design.pair_psu[entry_pair], return_inverse=True)
    psu = unit % max(1, psus)
    block, unit_block = np.unique(unit // max(1, psus) * strata + design.psu_stratum[psu], return_inverse=True)
    return Combinations(
        combination=combination,
        cell=cell,
        coefficient=coefficient,
        entry_pair=entry_pair,
        entry_coefficient=coefficient[term],
        entry_unit=entry_unit,
        unit_size=design.psu_size[psu],
        unit_block=unit_block,
        block_combination=block // max(1, strata),
        block_stratum=block % max(1, strata),
        size=len(terms),
    )


def each_cell(design: Sample) -> Combinations:
    """The combinations that are the cells themselves, in their order: levels."""
    return combinations(design, [{c: 1.0} for c in range(design.cells)])
