"""A built survey as the estimates read it: whole where it is small, else a few columns at a time."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import cached_property
from pathlib import Path
from typing import overload

import numpy as np
import pandas as pd
import pyarrow as pa

from fewdistricts.design.reserved import FRAME_COLUMNS
from fewdistricts.survey import stored
from fewdistricts.survey.build import built

AT_ONCE = 192 * 2**20
"""Bytes of answers that are held at once; a survey of fewer is one table."""

_KEPT = 2
"""Groups of columns held, beside those of the design."""


class Respondents:
    """Answers in as many columns as a survey has, of which those asked for and their neighbours are in memory.

    Reads as a DataFrame does: `data[name]`, `data[[names]]`, `name in data`, `len(data)`, `data.assign(name=values)`.
    Texts come as categories.
    """

    def __init__(self, files: Sequence[Path], together: int, more: Mapping[str, np.ndarray] | None = None) -> None:
        self._files, self._together, self._more = files, max(1, together), dict(more or {})
        self.columns = list(stored.columns(files[0]))
        self._held: dict[tuple[str, ...], pd.DataFrame] = {}

    @cached_property
    def _group(self) -> dict[str, tuple[str, ...]]:
        """The columns that are read with a column: its neighbours of the same kind."""
        design = tuple(name for name in FRAME_COLUMNS if name in self.columns)
        found = dict.fromkeys(design, design)
        kinds: dict[str, list[str]] = {}
        for name in self.columns:
            if name not in design:
                kinds.setdefault(name.partition(":")[2], []).append(name)
        for names in kinds.values():
            for first in range(0, len(names), self._together):
                group = tuple(names[first : first + self._together])
                found |= dict.fromkeys(group, group)
        return found

    @cached_property
    def _design(self) -> pd.DataFrame:
        return self._read(self._group["district"])

    def _read(self, names: tuple[str, ...]) -> pd.DataFrame:
        parts = [stored.read(file, names, categories=True) for file in self._files]
        return pa.concat_tables(parts).unify_dictionaries().to_pandas(self_destruct=True)

    def _of(self, name: str) -> pd.Series:
        if name in self._more:
            return pd.Series(self._more[name], name=name)
        group = self._group[name]
        if group == self._group["district"]:
            return self._design[name]
        if group not in self._held:
            while len(self._held) >= _KEPT:
                self._held.pop(next(iter(self._held)))
            self._held[group] = self._read(group)
        return self._held[group][name]

    @overload
    def __getitem__(self, names: str) -> pd.Series: ...

    @overload
    def __getitem__(self, names: list[str]) -> pd.DataFrame: ...

    def __getitem__(self, names: str | list[str]) -> pd.Series | pd.DataFrame:
        if isinstance(names, str):
            return self._of(names)
        return pd.DataFrame({name: self._of(name) for name in names}, copy=False)

    def __contains__(self, name: str) -> bool:
        return name in self._more or name in self._group

    def __len__(self) -> int:
        return len(self._design)

    def assign(self, **columns: np.ndarray) -> Respondents:
        """The same with further columns."""
        return Respondents(self._files, self._together, self._more | columns)


Data = pd.DataFrame | Respondents


def opened(evaluation: str, districts: Sequence[str] | None = None, folder: Path | None = None) -> Data:
    """The respondents of these districts (all when None) with every column that `load` describes."""
    files = built(evaluation, districts, folder)
    rows, columns = sum(map(stored.rows, files)), len(stored.columns(files[0]))
    if rows * columns * 8 <= AT_ONCE:
        return pa.concat_tables(map(stored.read, files)).to_pandas()
    return Respondents(files, AT_ONCE // (4 * 8 * rows))
