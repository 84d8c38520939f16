"""An indicator measured in every district and wave: levels and changes with their sampling variances."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np
import pandas as pd

from fewdistricts.design import Design, District, Indicator, once
from fewdistricts.inference import linearization as lin
from fewdistricts.inference import sampling
from fewdistricts.survey import Data


@dataclass(frozen=True)
class Item:
    """Something measured: an indicator, one of its answers, or a category of a covariate, with the columns it has in
    the estimates table."""

    id: str
    column: str
    unit: str
    family: str = "composition"
    role: str = ""
    category: str | None = None
    indicator: Indicator | None = None
    of_all: bool = False
    """A share of a part of the respondents counted among all of them: who is outside the part counts as no."""

    def values(self, data: Data) -> np.ndarray:
        """Its value of each respondent (N,), nan where there is none."""
        column = data[self.column]
        if self.of_all:
            outside = (data[f"{self.column}:missing"] == "outside_domain").to_numpy(bool)
            return np.where(outside, 0.0, column.to_numpy(float))
        if self.category is None:
            return column.to_numpy(float)
        if pd.api.types.is_numeric_dtype(column):
            return np.where(column.notna(), column.to_numpy(float) == float(self.category), np.nan)
        known = column.notna() & (column.astype("string") != "")
        return np.where(known, (column.astype("string") == self.category).to_numpy(bool, na_value=False), np.nan)


class Survey:
    """Respondents of some or all districts with their sampling design, as codes made once.

    Cells are numbered district by district, wave by wave: `cell(district, wave)`.
    """

    def __init__(self, design: Design, data: Data) -> None:
        present = set(data["district"].unique())
        self.design = design
        self.data = data
        self.districts = _with_people([d for d in design.districts if d.id in present], design, data)
        self._district = {d.id: k for k, d in enumerate(self.districts)}
        self._wave = {w.id: k for k, w in enumerate(design.waves)}
        self.place = data["district"].map(self._district).to_numpy(int)
        self.when = data["wave"].map(self._wave).to_numpy(int)
        self.cells = self.place * len(self._wave) + self.when
        self.weight = data["weight"].to_numpy(float)

    @property
    def size(self) -> int:
        """Number of cells."""
        return len(self.districts) * len(self._wave)

    def cell(self, district: str, wave: str) -> int:
        """The number of a district's cell at a wave."""
        return self._district[district] * len(self._wave) + self._wave[wave]

    def wave(self, wave: str) -> int:
        """The number of a wave."""
        return self._wave[wave]

    def rows(self, cells: Iterable[tuple[str, str]]) -> np.ndarray:
        """Which respondents (N,) are in these cells, each a district and a wave."""
        chosen = np.zeros(self.size, dtype=bool)
        chosen[[self.cell(*cell) for cell in cells]] = True
        return chosen[self.cells]

    @cached_property
    def covariates(self) -> list[tuple[Item, np.ndarray]]:
        """The covariates as items with their values of each respondent (N,)."""
        return [(item, item.values(self.data)) for item in covariate_items(self.design, self.data)]

    @cached_property
    def sample(self) -> sampling.Sample:
        """The sampling design as codes."""
        fpc = self.data["fpc"].to_numpy(float) if "fpc" in self.data else None
        return sampling.sample(
            self.cells,
            self.data["stratum"].to_numpy(),
            self.data["psu"].to_numpy(),
            cells=self.size,
            fpc=fpc,
            lonely=self.design.inference.lonely_psu,
        )

    @cached_property
    def each_cell(self) -> sampling.Combinations:
        """The combinations that are levels."""
        return sampling.each_cell(self.sample)

    @cached_property
    def contrasts(self) -> list[tuple[str, str, str]]:
        """Every (district, later wave, baseline wave) that a change is taken over, as ids."""
        return [(d.id, later, base) for d in self.districts for later, base in comparisons_of(self.design, d)]

    @cached_property
    def changes(self) -> sampling.Combinations:
        """The combinations that are changes, in the order of `contrasts`."""
        terms = [{self.cell(d, later): 1.0, self.cell(d, base): -1.0} for d, later, base in self.contrasts]
        return sampling.combinations(self.sample, terms)

    def values(self, item: Item, without: Collection[str] = ()) -> np.ndarray:
        """An item's value of each respondent (N,), nan where there is none or the district is one of `without`."""
        values = item.values(self.data)
        return np.where(self.data["district"].isin(list(without)), np.nan, values) if without else values

    def measure(self, item: Item, without: Collection[str] = ()) -> Measured:
        """Levels and changes of an item; nan where it was not asked, or not asked alike at both ends.

        Districts named in `without` count as if nobody there had answered.
        """
        cells = lin.means(self.sample, self.values(item, without), self.weight)
        levels, changes = (lin.linear(self.sample, c, cells) for c in (self.each_cell, self.changes))
        return Measured(self, item, cells, levels, changes, frozenset(without))


def _with_people(districts: list[District], design: Design, data: Data) -> list[District]:
    """Populations that stand in the data, as of a district's first wave: its weight must not move with its people."""
    if "population" not in data:
        return districts
    order = data["wave"].map({w.id: k for k, w in enumerate(design.waves)})
    people = data["population"].iloc[np.argsort(order, kind="stable")].groupby(data["district"]).first()
    return [d if d.population else d.model_copy(update={"population": float(people[d.id])}) for d in districts]


def comparisons_of(design: Design, district: District) -> list[tuple[str, str]]:
    """The (later, baseline) waves, as ids in order of time, over which a district's change is wanted.

    A pilot or neighbouring district: its baseline and each wave after it. A comparison district: the pairs of all the
    others, or where there is none, the first wave and each later one. Beyond `MOST_ROWS` only the last wave and the
    headline's are later ends.
    """
    if district.arm == "comparison":
        return _of_comparisons(design)
    base, ends = design.baseline(district), _later_ends(design)
    return [(w.id, base.id) for w in design.followups(district) if w.id in ends] if base else []


MOST_ROWS = 20_000
"""Levels of single districts, or changes of comparison districts, up to which all of them are rows."""


def told(design: Design, district: District) -> frozenset[str]:
    """The waves at which a district has levels: all, or beyond `MOST_ROWS` the first, the last, the headline's and
    those that its changes start from. Arms have levels at every wave always."""
    if _all_told(design):
        return frozenset(w.id for w in design.waves)
    ends = {wave for pair in comparisons_of(design, district) for wave in pair}
    return _later_ends(design) | {design.waves[0].id} | ends


@once
def _all_told(design: Design) -> bool:
    followed = [d for d in design.districts if d.arm != "comparison"]
    pairs = {(w.id, base.id) for d in followed if (base := design.baseline(d)) for w in design.followups(d)}
    most = max(len(design.districts) * len(design.waves), len(design.comparisons) * len(pairs))
    return most <= MOST_ROWS


@once
def _later_ends(design: Design) -> frozenset[str]:
    waves = frozenset(w.id for w in design.waves)
    return waves if _all_told(design) else waves & {design.waves[-1].id, design.inference.headline or ""}


@once
def _of_comparisons(design: Design) -> list[tuple[str, str]]:
    pairs = {pair for d in design.districts if d.arm != "comparison" for pair in comparisons_of(design, d)}
    pairs = pairs or {(w.id, design.waves[0].id) for w in design.waves[1:] if w.id in _later_ends(design)}
    order = {w.id: k for k, w in enumerate(design.waves)}
    return sorted(pairs, key=lambda pair: (order[pair[0]], order[pair[1]]))


@dataclass(frozen=True)
class Measured:
    """An item's levels (C cells) and changes (as `Survey.contrasts`)."""

    survey: Survey
    item: Item
    cells: lin.Means
    levels: lin.Linear
    changes: lin.Linear
    without: frozenset[str] = frozenset()
    """Districts that count as if nobody there had answered."""

    @property
    def values(self) -> np.ndarray:
        """The value of each respondent (N,)."""
        return self.survey.values(self.item, self.without)

    def contrast(self, terms: list[dict[int, float]]) -> lin.Linear:
        """Any linear combinations of cells, linearised jointly."""
        sample = self.survey.sample
        return lin.linear(sample, sampling.combinations(sample, terms), self.cells)

    def level(self, district: str, wave: str) -> int:
        """The number of a level among `levels`."""
        return self.survey.cell(district, wave)

    @cached_property
    def _change(self) -> dict[tuple[str, str, str], int]:
        return {contrast: k for k, contrast in enumerate(self.survey.contrasts)}

    def change(self, district: str, later: str, base: str) -> int:
        """The number of a change among `changes`."""
        return self._change[district, later, base]

    def missing_because(self, *waves: str) -> str:
        """Why nothing is said of the item in these waves (one: a level, more: a change), or an empty text."""
        indicator, design = self.item.indicator, self.survey.design
        if indicator is None:
            return ""
        if not all(design.asked(indicator, w) for w in waves):
            return "not_asked"
        alike = all(design.comparable(indicator, waves[0], w) for w in waves[1:])
        return "" if alike else "not_comparable"


def items(design: Design) -> list[Item]:
    """The indicators as items."""
    return [Item(i.id, i.id, i.unit_of, i.family, i.role, indicator=i) for i in design.indicators]


def of_all(item: Item, data: Data) -> Item | None:
    """A share asked of a part of the respondents, as the share of all; None for other items.

    The programme may change who is in the part (victims who reported), so that the share moves though nobody acts
    otherwise; the share of all holds both. Who did not say whether they belong to the part is outside it.
    """
    conditional = item.indicator is not None and item.indicator.conditional and item.unit == "share"
    return replace(item, of_all=True) if conditional and f"{item.column}:missing" in data else None


def covariate_items(design: Design, data: Data) -> list[Item]:
    """Covariates as items: a 0/1 or numeric one as it is, one of words as a share for each of its categories."""
    out = []
    for name in design.covariates:
        column = data[name]
        if pd.api.types.is_numeric_dtype(column):
            known = set(column.dropna().unique())
            out.append(Item(name, name, "share" if known <= {0, 1} else "count"))
            continue
        texts = sorted({str(v) for v in column.dropna().unique()} - {""})
        out += [Item(f"{name}={text}", name, "share", category=text) for text in texts]
    return out
