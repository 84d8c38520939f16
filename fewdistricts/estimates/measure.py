"""An item in every district and wave: its sums by cell, its levels and changes with their sampling variances."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from copy import copy
from dataclasses import dataclass, fields
from functools import cached_property

import numpy as np
import pandas as pd

from fewdistricts.design import Design, District
from fewdistricts.estimates import distribution
from fewdistricts.estimates.followed_waves import comparisons_of
from fewdistricts.estimates.items import Item, covariate_items, of_all
from fewdistricts.inference import linearization as lin
from fewdistricts.inference import sampling
from fewdistricts.inference.cell_sums import CellSums, summed_by_cell
from fewdistricts.inference.cross_sums import CrossSums, cross_sums
from fewdistricts.inference.tally import Tally, Weights
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
    unit_influence_squares: np.ndarray
    """Where a unit stands for many (`Survey.sample`): squares of their influence about its mean,"""
    unit_weight_squares: np.ndarray
    """of their weights about theirs,"""
    unit_products: np.ndarray
    """and products of both."""

    def without(self, cells: np.ndarray, units: np.ndarray) -> Summed:
        """As if nobody in some cells (C,), whose units (P,) these are, had answered."""
        empty = {name: np.where(cells, 0, values) for name, values in vars(self.cells).items()}
        for name in ("mean", "mean_all"):
            empty[name] = np.where(cells, np.nan, getattr(self.cells, name))
        kept = {name: np.where(units, 0, getattr(self, name)) for name in UNIT_SUMS}
        return Summed(CellSums(**empty), **kept)


UNIT_SUMS = [field.name for field in fields(Summed) if field.name != "cells"]


class Survey:
    """Respondents of some or all districts with their sampling design, summed by cell.

    Cells are numbered district by district, wave by wave: `cell(district, wave)`. `cells.StoredSurvey` is the same
    from the sums that were written of each cell.
    """

    def __init__(self, design: Design, data: Data) -> None:
        present = set(data["district"].unique())
        self.data = data
        self._order(design, _with_people([d for d in design.districts if d.id in present], design, data))
        self.place = _numbers(data["district"], self._district)
        self.when = _numbers(data["wave"], self._wave)
        self.cells = self.place * len(self._wave) + self.when
        self.weight = data["weight"].to_numpy(float)
        self._subgroups: dict[str, np.ndarray] = {}

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
    def covariates_named(self) -> np.ndarray:
        """Whether the mean of each covariate is above zero in each cell (m, C): of a category, that somebody named
        it."""
        means = [self.summed(item).cells.mean_all for item in self.covariate_items]
        return np.nan_to_num(np.array(means)) > 0

    @cached_property
    def answers(self) -> list[Item]:
        """Each answer of each outcome with ordered answers."""
        return list(distribution.answers(self.design, self.data))

    def whole(self, item: Item) -> Item | None:
        """A share of a part of the respondents as the share of all (`of_all`)."""
        return of_all(self.design, item) if f"{item.column}:missing" in self.data else None

    @cached_property
    def drawn_alone(self) -> bool:
        """Whether each respondent is a sampling unit, asked once."""
        data = self.design.data
        declared = data.sampling == "cross_section" and data.columns.psu is None
        return declared and pd.Index(self.data["psu"].to_numpy()).is_unique

    @cached_property
    def sample(self) -> sampling.Sample:
        """The sampling design as codes.

        Where each respondent is drawn alone, those of a stratum count as one unit that stands for them all: what is
        kept of a cell does not grow with its interviews.
        """
        fpc = self.data["fpc"].to_numpy(float) if "fpc" in self.data else None
        stratum, unit = self.data["stratum"].to_numpy(), self.data["psu"].to_numpy()
        size = None
        if self.drawn_alone:
            unit, code = stratum, pd.factorize(stratum)[0]
            size = np.bincount(code)[code]
        return sampling.sample(
            self.cells,
            stratum,
            unit,
            cells=self.size,
            size=size,
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
        if item.subgroup:
            values = np.where(self._members(item), values, np.nan)
        return np.where(self.data["district"].isin(list(without)), np.nan, values) if without else values

    def _members(self, item: Item) -> np.ndarray:
        """Who belongs to the item's subgroup (N,); every indicator asks for the same few."""
        if item.subgroup not in self._subgroups:
            self._subgroups[item.subgroup] = item.members(self.data)
        return self._subgroups[item.subgroup]

    def summed(self, item: Item) -> Summed:
        """An item summed by cell and sampling unit."""
        return self.summed_values(self.values(item))

    def summed_values(self, values: np.ndarray) -> Summed:
        """Values (N,) summed by cell and sampling unit."""
        cell_of = self.sample.pair_cell
        answers = self._weights.tally(values)
        sums = summed_by_cell(answers, cell_of, self.size)
        cell = cell_of[answers.unit]
        about_mean = np.where(answers.n > 0, answers.value - sums.mean[cell], 0.0)
        slope = about_mean / np.where(sums.n > 0, sums.weight, 1.0)[cell]
        unit_n = self._by_unit(answers, answers.n)
        unit_weight = self._by_unit(answers, answers.weight)
        influence = self._by_unit(answers, slope * answers.weight)
        influence_squares, weight_squares, products = self._within_units(answers, slope, unit_n, unit_weight, influence)
        return Summed(
            sums,
            unit_n=unit_n,
            unit_weight=unit_weight,
            influence=influence,
            unit_influence_squares=influence_squares,
            unit_weight_squares=weight_squares,
            unit_products=products,
        )

    def crossed(self, item: Item) -> CrossSums:
        """An item and the covariates, multiplied and summed by cell; columns are those of `covariate_items`."""
        answers = self.values(item)
        x = np.zeros((len(answers), len(self.covariates)))
        for k, (_, values) in enumerate(self.covariates):
            x[:, k] = values
        return cross_sums(answers, x, self.weight, self.cells)

    @cached_property
    def _weights(self) -> Weights:
        return Weights(self.weight, self.sample.pair, len(self.sample.pair_cell))

    def reweighted(self, weight: np.ndarray) -> Survey:
        """The same respondents with other weights (N,)."""
        other = copy(self)
        other.weight = weight
        vars(other).pop("_weights", None)
        return other

    def _by_unit(self, answers: Tally, values: np.ndarray) -> np.ndarray:
        """Sums by sampling unit (P,) of a number of each group of answers."""
        return np.bincount(answers.unit, values, minlength=len(self.sample.pair_cell))

    def _within_units(
        self, answers: Tally, slope: np.ndarray, n: np.ndarray, weight: np.ndarray, influence: np.ndarray
    ) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        """Squares of influence and weight about their means in a unit that stands for many (P,), and their products;
        else zeros.

        `slope` (R,) is the influence of a unit of weight; `n`, `weight` and `influence` are summed by unit (P,).
        """
        if not self.drawn_alone:
            none = np.zeros(len(n))
            return none, none, none
        respondents = np.bincount(self.sample.pair, minlength=len(n))
        mean_z, mean_w = influence / respondents, weight / respondents
        about_z = slope * answers.mean_weight - mean_z[answers.unit]
        about_w = answers.mean_weight - mean_w[answers.unit]
        within, silent = answers.weight_squares, respondents - n  # who did not answer has no weight and no influence
        return (
            self._by_unit(answers, slope**2 * within + answers.n * about_z**2) + silent * mean_z**2,
            self._by_unit(answers, within + answers.n * about_w**2) + silent * mean_w**2,
            self._by_unit(answers, slope * within + answers.n * about_z * about_w) + silent * mean_z * mean_w,
        )

    def measure(self, item: Item, without: Collection[str] = (), values: np.ndarray | None = None) -> Measured:
        """Levels and changes of an item; nan where it was not asked, or not asked alike at both ends.

        Districts named in `without` count as if nobody there had answered; `values` (N,) stand in for the item's.
        """
        summed = self.summed(item) if values is None else self.summed_values(values)
        if without:
            gone = np.repeat([d.id in without for d in self.districts], len(self._wave))
            summed = summed.without(gone, gone[self.sample.pair_cell])
        means = lin.means_of_sums(
            self.sample, summed.cells, summed.influence, summed.unit_n, summed.unit_influence_squares
        )
        levels, changes = self.linear(means, self.each_cell), self.linear(means, self.changes)
        return Measured(self, item, summed, means, levels, changes, frozenset(without))

    def linear(self, means: lin.Means, combinations: sampling.Combinations) -> lin.Linear:
        """Combinations of means; with their covariances where districts share sampling units."""
        return lin.linear(self.sample, combinations, means, shared=bool(self.design.data.across_districts))


def _numbers(ids: pd.Series[str], number: Mapping[str, int]) -> np.ndarray:
    """The number of each id (N,), looked up once for all that are alike."""
    codes, distinct = pd.factorize(ids)
    return np.array([number[each] for each in distinct], dtype=int)[codes]


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
        return self.survey.linear(self.means, sampling.combinations(self.survey.sample, terms))

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
