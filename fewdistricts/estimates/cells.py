"""The cells: each item summed over the respondents of one district and wave, as its notebook writes them.

Everything over districts follows from these sums: levels, changes, differences in change, their sampling variances, and
every regression whose columns are constant within a cell. A file holds one row an item; the sampling units of the cell
are named in its metadata, and the columns of `UNIT_SUMS` are lists in their order. Where respondents are drawn alone,
those of a stratum are one unit. Where covariates are held constant, columns `CROSSED` hold their products with each
indicator, cell by cell flattened. Nothing is rounded, and nothing of it is published.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, fields, replace
from functools import cached_property
from math import isnan
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from fewdistricts import files, paths, survey
from fewdistricts.design import Design, District, Wave
from fewdistricts.errors import DataError, Problem
from fewdistricts.estimates.items import Item, items, of_all, subgroup_items
from fewdistricts.estimates.measure import UNIT_SUMS, Summed, Survey
from fewdistricts.estimates.needs import cell_file, is_adjusted
from fewdistricts.inference import sampling
from fewdistricts.inference.cell_sums import CellSums
from fewdistricts.inference.cross_sums import CrossSums
from fewdistricts.survey import Data

NUMBERS = [field.name for field in fields(CellSums)]
CROSSED = ["cross_known", "cross_n", "cross_products", "cross_centre"]
IDENTITY = ["indicator", "kind", "category", "column", "unit"]
COLUMNS = [*IDENTITY, *NUMBERS, *UNIT_SUMS, *CROSSED]
METADATA = b"cell"
Key = tuple[str, str, str]
"""Id of the item, its kind (indicator, of_all, answer, subgroup, covariate), and its category."""


def key(item: Item) -> Key:
    """What identifies an item among those of a cell."""
    if item.subgroup:
        return item.id, "subgroup", item.subgroup
    if item.indicator is None:
        kind = "covariate"
    elif item.of_all:
        kind = "of_all"
    else:
        kind = "indicator" if item.category is None else "answer"
    return item.id, kind, item.category or ""


def everything(of: Survey) -> list[Item]:
    """Every item that is summed.

    Of a covariate in words there is one more, the share of the empty text: nobody, among those who answered. So a
    category that nobody of a cell named is known to be none of its answers, not an unasked question.
    """
    indicators = items(of.design)
    wholes = [whole for whole in map(of.whole, indicators) if whole is not None]
    covariates = of.covariate_items
    texts = dict.fromkeys(item.column for item in covariates if item.category is not None)
    nobody = [Item(f"{column}=", column, "share", category="") for column in texts]
    return [*indicators, *wholes, *of.answers, *subgroup_items(of.design), *covariates, *nobody]


def write(of: Survey, cells: Iterable[tuple[District, Wave]]) -> None:
    """Write the cells of some districts and waves; each file appears whole or not at all."""
    summed = [(item, of.summed(item)) for item in everything(of)]
    crossed = {}
    if is_adjusted(of.design):
        crossed = {key(item): of.crossed(item) for item in items(of.design)}
    for district, wave in cells:
        table = _table(of, district, wave, summed, crossed)
        with files.replacing(cell_file(of.design.evaluation, district.id, wave.id)) as part:
            pq.write_table(table, part)


def _table(
    of: Survey,
    district: District,
    wave: Wave,
    summed: list[tuple[Item, Summed]],
    crossed: Mapping[Key, CrossSums],
) -> pa.Table:
    cell = of.cell(district.id, wave.id)
    units = np.flatnonzero(of.sample.pair_cell == cell)
    columns: dict[str, Any] = {name: [] for name in COLUMNS}
    for item, sums in summed:
        identity = (*key(item), item.column, item.unit)
        for name, value in zip(IDENTITY, identity, strict=True):
            columns[name].append(value)
        for name in NUMBERS:
            columns[name].append(float(getattr(sums.cells, name)[cell]))
        for name in UNIT_SUMS:
            columns[name].append(getattr(sums, name)[units].astype(float))
        for name, values in zip(CROSSED, _crossed(crossed.get(key(item)), cell), strict=True):
            columns[name].append(values)
    described = _units(of, units) | {
        "district": district.id,
        "wave": wave.id,
        "respondents": int((of.cells == cell).sum()),
        "covariates": [item.id for item in of.covariate_items] if crossed else [],
        "population": next(d.population for d in of.districts if d.id == district.id),
    }
    return pa.table(columns).replace_schema_metadata({METADATA: json.dumps(described)})


def _crossed(sums: CrossSums | None, cell: int) -> list[np.ndarray]:
    """The values of `CROSSED` in a cell; empty where there are none."""
    if sums is None:
        return [np.zeros(0)] * len(CROSSED)
    mine = np.flatnonzero(sums.cell == cell)
    arrays = (sums.known[mine], sums.n[mine], sums.products[mine], sums.centre[mine])
    return [array.astype(float).ravel() for array in arrays]


def _units(of: Survey, units: np.ndarray) -> dict[str, Any]:
    """The sampling units of a cell with their strata, how many each stands for, and the strata's units in the
    population."""
    sample = of.sample
    psus, first = np.unique(sample.pair, return_index=True)
    row = first[np.searchsorted(psus, units)]
    stratum = of.data["stratum"].to_numpy()[row]
    psu = stratum if of.drawn_alone else of.data["psu"].to_numpy()[row]
    return {
        "psu": [str(name) for name in psu],
        "size": sample.psu_size[sample.pair_psu[units]].tolist(),
        "stratum": [str(name) for name in stratum],
        "fpc": of.data["fpc"].to_numpy(float)[row].tolist() if "fpc" in of.data else None,
    }


@dataclass(frozen=True)
class Cell:
    """What was written of a district and wave."""

    district: str
    wave: str
    respondents: int
    population: float | None
    psu: list[str]
    size: list[int]
    stratum: list[str]
    fpc: list[float] | None
    covariates: list[str]
    table: pa.Table

    @cached_property
    def numbers(self) -> np.ndarray:
        """The sums (items, `NUMBERS`)."""
        return np.column_stack([self.table[name].to_numpy() for name in NUMBERS])

    def values(self, column: str, row: int) -> np.ndarray:
        """What a column of lists holds of an item: of `UNIT_SUMS`, its values of the sampling units."""
        flat, end = self._lists[column]
        return flat[end[row] : end[row + 1]]

    @cached_property
    def _lists(self) -> dict[str, tuple[np.ndarray, np.ndarray]]:
        """Of each column of lists, all values one after another, and where each item's end."""
        lists = {name: self.table[name].combine_chunks() for name in (*UNIT_SUMS, *CROSSED)}
        return {name: (each.values.to_numpy(), each.offsets.to_numpy()) for name, each in lists.items()}

    def crossed(self, row: int) -> CrossSums | None:
        """The products of an item with the covariates of the cell; None where there are none."""
        known, n, products, centre = (self.values(name, row) for name in CROSSED)
        if not n.size:
            return None
        parts, columns = len(n), len(self.covariates)
        return CrossSums(
            cell=np.zeros(parts, dtype=int),
            known=known.reshape(parts, columns).astype(bool),
            n=n.astype(int),
            products=products.reshape(parts, 3, columns + 2, columns + 2),
            centre=centre.reshape(parts, columns + 1),
        )

    @cached_property
    def place(self) -> dict[Key, int]:
        """The row of each item."""
        keys = zip(*(self.table[name].to_pylist() for name in ("indicator", "kind", "category")), strict=True)
        return {key: k for k, key in enumerate(keys)}


def read(evaluation: str, district: str, wave: str) -> Cell:
    """The cell of a district and wave; DataError naming the file where it was not made, or not by this version."""
    path = cell_file(evaluation, district, wave)
    report = f"`make report EVALUATION={evaluation}`"
    again = f"run {report} again"
    if not path.exists():
        raise DataError(Problem(paths.shown(path), "no cell of this district and wave", "", report))
    try:
        table = pq.ParquetFile(path).read(use_threads=False)
    except pa.ArrowInvalid:
        raise DataError(Problem(paths.shown(path), "no Parquet file", "a cell of this version", again)) from None
    described = json.loads((table.schema.metadata or {}).get(METADATA, "{}"))
    wanted = {field.name for field in fields(Cell)} - {"table"}
    if set(described) != wanted or table.column_names != COLUMNS:
        raise DataError(Problem(paths.shown(path), "a cell of another version", "one of this version", again))
    return Cell(table=table, **described)


class StoredSurvey(Survey):
    """A survey from the cells that were written of it; `respondents` are opened only when asked for.

    A cell that is not given counts as one that nobody answered in.
    """

    def __init__(self, design: Design, cells: Sequence[Cell], respondents: Callable[[], Data]) -> None:
        people: dict[str, float | None] = {}
        for cell in cells:
            if cell.respondents:
                people.setdefault(cell.district, cell.population)
        present = [_with_people(d, people[d.id]) for d in design.districts if d.id in people]
        self._order(design, present)
        self._cells = [cell for cell in cells if cell.respondents]
        self._open = respondents
        self._places = np.array([self.cell(cell.district, cell.wave) for cell in self._cells], dtype=int)

    @cached_property
    def respondents(self) -> Survey:
        """The survey with its respondents."""
        return Survey(self.design, self._open())

    @cached_property
    def sample(self) -> sampling.Sample:
        """The sampling design as codes."""
        units = [len(cell.psu) for cell in self._cells]
        fpc = [np.array(cell.fpc) for cell in self._cells if cell.fpc is not None]
        return sampling.sample(
            np.repeat(self._places, units),
            np.concatenate([np.array(cell.stratum, object) for cell in self._cells]),
            np.concatenate([np.array(cell.psu, object) for cell in self._cells]),
            cells=self.size,
            size=np.concatenate([np.array(cell.size, dtype=int) for cell in self._cells]),
            fpc=np.concatenate(fpc) if fpc else None,
            lonely=self.design.inference.lonely_psu,
        )

    @cached_property
    def answers(self) -> list[Item]:
        """Each answer of each outcome with ordered answers, where every cell has it."""
        indicators = {i.id: i for i in self.design.indicators}
        shared = [
            key
            for key in self._keys
            if key[1] == "answer" and key[0] in indicators and all(key in cell.place for cell in self._cells)
        ]
        out = []
        for name, _, category in shared:
            i = indicators[name]
            column = f"{i.id}:answer" if i.is_share else i.id
            out.append(Item(i.id, column, "share", i.family, i.role, category, i))
        return out

    def whole(self, item: Item) -> Item | None:
        """A share of a part of the respondents as the share of all (`of_all`)."""
        return of_all(self.design, item) if (item.id, "of_all", "") in self._keys else None

    @cached_property
    def covariate_items(self) -> list[Item]:
        """The covariates as items."""
        out = []
        every = pa.concat_tables(cell.table.select(IDENTITY) for cell in self._cells)
        rows = every.filter(pc.field("kind") == "covariate").to_pandas()
        for name in self.design.covariates:
            mine = rows[rows["column"] == name]
            categories = sorted(set(mine["category"]) - {""})
            if categories or (mine["indicator"] == f"{name}=").any():
                out += [Item(f"{name}={text}", name, "share", category=text) for text in categories]
            else:
                out.append(Item(name, name, "share" if (mine["unit"] == "share").all() else "count"))
        return out

    @cached_property
    def _keys(self) -> dict[Key, None]:
        return dict.fromkeys(key for cell in self._cells for key in cell.place)

    def crossed(self, item: Item) -> CrossSums:
        """An item and the covariates, multiplied and summed by cell."""
        parts = []
        for place, cell in zip(self._places, self._cells, strict=True):
            row = cell.place.get(key(item))
            sums = None if row is None else cell.crossed(row)
            if sums is not None:
                parts.append(replace(_among(self.covariate_items, cell, sums), cell=np.full(len(sums.n), place)))
        return CrossSums(
            *(np.concatenate(arrays) for arrays in zip(*(vars(part).values() for part in parts), strict=True))
        )

    def summed(self, item: Item) -> Summed:
        """An item summed by cell and sampling unit."""
        wanted, nobody = key(item), (f"{item.column}=", "covariate", "")
        numbers = np.tile([np.nan if name.startswith("mean") else 0.0 for name in NUMBERS], (self.size, 1))
        units: dict[str, list[np.ndarray]] = {name: [] for name in UNIT_SUMS}
        for place, cell in zip(self._places, self._cells, strict=True):
            k = cell.place.get(wanted, cell.place.get(nobody))
            if k is not None:
                numbers[place] = cell.numbers[k]
            for name in UNIT_SUMS:
                units[name].append(np.zeros(len(cell.psu)) if k is None else cell.values(name, k))
        in_order = []
        for name in UNIT_SUMS:
            values = np.zeros(len(self.sample.pair_cell))
            values[self.sample.pair] = np.concatenate(units[name])
            in_order.append(values)
        return Summed(CellSums(**dict(zip(NUMBERS, numbers.T, strict=True))), *in_order)


def _among(columns: list[Item], cell: Cell, sums: CrossSums) -> CrossSums:
    """The sums of a cell with the columns of all cells: nobody gave a category that the cell does not have."""
    place = {name: k for k, name in enumerate(cell.covariates)}
    local = [k for k, item in enumerate(columns) if item.id in place]
    given = [place[columns[k].id] for k in local]
    parts, size = len(sums.n), len(columns)
    known = np.zeros((parts, size), dtype=bool)
    for k, item in enumerate(columns):
        answered = [name for name in cell.covariates if name == item.id or name.startswith(f"{item.column}=")]
        if answered:
            known[:, k] = sums.known[:, place[answered[0]]]
    to = np.concatenate([[0], 1 + np.array(local, dtype=int), [size + 1]])
    at = np.concatenate([[0], 1 + np.array(given, dtype=int), [len(place) + 1]])
    products = np.zeros((parts, 3, size + 2, size + 2))
    products[:, :, to[:, None], to] = sums.products[:, :, at[:, None], at]
    centre = np.zeros((parts, size + 1))
    centre[:, to[1:] - 1] = sums.centre[:, at[1:] - 1]
    return CrossSums(sums.cell, known, sums.n, products, centre)


def _with_people(district: District, population: float | None) -> District:
    if district.population or population is None or isnan(population):
        return district
    return district.model_copy(update={"population": population})


def make(design: Design, districts: Sequence[District]) -> None:
    """Write the cells of districts at every wave, where no notebook does."""
    opened = survey.opened(design.evaluation, [district.id for district in districts])
    write(Survey(design, opened), [(district, wave) for district in districts for wave in design.waves])


def load(design: Design, wanted: Iterable[tuple[District, Wave]] | None = None) -> StoredSurvey:
    """The survey from its cells, or from some of them; DataError naming the first that was not made."""
    pairs = wanted or [(district, wave) for district in design.districts for wave in design.waves]
    cells = [read(design.evaluation, district.id, wave.id) for district, wave in pairs]
    return StoredSurvey(design, cells, lambda: survey.opened(design.evaluation))
