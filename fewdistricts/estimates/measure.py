"""An item in every district and wave: its sums by cell, its levels and changes with their sampling variances."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from fewdistricts.design import Design, District
from fewdistricts.estimates import distribution
from fewdistricts.estimates.followed_waves import comparisons_of
from fewdistricts.estimates.items import Item, covariate_items, of_all
from fewdistricts.inference import linearization as lin
from fewdistricts.inference import sampling
from fewdistricts.inference.cell_sums import CellSums, cell_sums
from fewdistricts.survey import Data


@dataclass(frozen=True)
class Summed:
    """An item summed over the respondents of each cell (C,), and of each sampling unit within it (P,)."""

    cells: CellSums
    unit_n: np.ndarray
    """Answers of the unit."""
    unit_weight: np.ndarray
    """Their weights."""
    influence: np.ndarray
    """Linearised influence of the unit on the mean of its cell."""

    def without(self, cells: np.ndarray, units: np.ndarray) -> Summed:
        """As if nobody in some cells (C,), whose units (P,) these are, had answered."""
        empty = {name: np.where(cells, 0, values) for name, values in vars(self.cells).items()}
        for name in ("mean", "mean_all"):
            empty[name] = np.where(cells, np.nan, getattr(self.cells, name))
        kept = [np.where(units, 0, values) for values in (self.unit_n, self.unit_weight, self.influence)]
        return Summed(CellSums(**empty), *kept)


class Survey:
    """Respondents of some or all districts with their sampling design, summed by cell.

    Cells are numbered district by district, wave by wave: `cell(district, wave)`. `cells.StoredSurvey` is the same
    from the sums that were written of each cell.
    """

    def __init__(self, design: Design, data: Data) -> None:
        present = set(data["district"].unique())
        self.data = data
        self._order(design, _with_people([d for d in design.districts if d.id in present], design, data))
        self.place = data["district"].map(self._district).to_numpy(int)
        self.when = data["wave"].map(self._wave).to_numpy(int)
        self.cells = self.place * len(self._wave) + self.when
        self.weight = data["weight"].to_numpy(float)

    def _order(self, design: Design, districts: list[District]) -> None:
        self.design = design
        self.districts = districts
        self._district = {d.id: k for k, d in enumerate(districts)}
        self._wave = {w.id: k for k, w in enumerate(design.waves)}

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

    @property
    def respondents(self) -> Survey:
        """The survey with its respondents, for what cannot be computed from cells."""
        return self

    @cached_property
    def covariates(self) -> list[tuple[Item, np.ndarray]]:
        """The covariates as items with their values of each respondent (N,)."""
        return [(item, item.values(self.data)) for item in self.covariate_items]

    @cached_property
    def covariate_items(self) -> list[Item]:
        """The covariates as items."""
        return covariate_items(self.design, self.data)

    @cached_property
    def answers(self) -> list[Item]:
        """Each answer of each outcome with ordered answers."""
        return list(distribution.answers(self.design, self.data))

    def whole(self, item: Item) -> Item | None:
        """A share of a part of the respondents as the share of all (`of_all`)."""
        return of_all(self.design, item) if f"{item.column}:missing" in self.data else None

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

    def summed(self, item: Item) -> Summed:
        """An item summed by cell and sampling unit."""
        values, pair = item.values(self.data), self.sample.pair
        sums = cell_sums(values, self.weight, self.cells, self.size)
        answered = np.isfinite(values) & (self.weight > 0)
        pair, cell = pair[answered], self.cells[answered]
        w, y = self.weight[answered], values[answered]
        units = len(self.sample.pair_cell)
        influence = w * (y - sums.mean[cell]) / sums.weight[cell]
        return Summed(
            sums,
            np.bincount(pair, minlength=units),
            np.bincount(pair, w, minlength=units),
            np.bincount(pair, influence, minlength=units),
        )

    def measure(self, item: Item, without: Collection[str] = ()) -> Measured:
        """Levels and changes of an item; nan where it was not asked, or not asked alike at both ends.

        Districts named in `without` count as if nobody there had answered.
        """
        summed = self.summed(item)
        if without:
            gone = np.repeat([d.id in without for d in self.districts], len(self._wave))
            summed = summed.without(gone, gone[self.sample.pair_cell])
        means = lin.means_of_sums(summed.cells, summed.influence, summed.unit_n)
        levels, changes = (lin.linear(self.sample, c, means) for c in (self.each_cell, self.changes))
        return Measured(self, item, summed, means, levels, changes, frozenset(without))


def _with_people(districts: list[District], design: Design, data: Data) -> list[District]:
    """Populations that stand in the data, as of a district's first wave: its weight must not move with its people."""
    if "population" not in data:
        return districts
    order = data["wave"].map({w.id: k for k, w in enumerate(design.waves)})
    people = data["population"].iloc[np.argsort(order, kind="stable")].groupby(data["district"]).first()
    return [d if d.population else d.model_copy(update={"population": float(people[d.id])}) for d in districts]


@dataclass(frozen=True)
class Measured:
    """An item's levels (C cells) and changes (as `Survey.contrasts`)."""

    survey: Survey
    item: Item
    summed: Summed
    means: lin.Means
    levels: lin.Linear
    changes: lin.Linear
    without: frozenset[str] = frozenset()
    """Districts that count as if nobody there had answered."""

    def contrast(self, terms: list[dict[int, float]]) -> lin.Linear:
        """Any linear combinations of cells, linearised jointly."""
        sample = self.survey.sample
        return lin.linear(sample, sampling.combinations(sample, terms), self.means)

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
