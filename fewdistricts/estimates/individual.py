"""The individual regression of the difference in change: from cells, and from respondents where it takes them.

District and wave effects and pilot after the start. With weights divided by their sum in each district and wave the
coefficient is the difference of the district changes; raw weights, none, covariates or another model make it another
quantity, shown as a check.
"""

from __future__ import annotations

from dataclasses import replace
from functools import cached_property

import numpy as np

from fewdistricts.design import District
from fewdistricts.estimates.arms import people
from fewdistricts.estimates.headline import wave_weights
from fewdistricts.estimates.measure import Measured, Summed
from fewdistricts.inference import intervals, linearization, wls
from fewdistricts.inference.cell_sums import CellSums
from fewdistricts.inference.clusters import Regression
from fewdistricts.inference.cross_sums import CrossSums, complete, varying
from fewdistricts.inference.leverage import effective_independent
from fewdistricts.inference.result import Inference
from fewdistricts.inference.sampling import combinations


class Cells:
    """The cells of some districts and waves, as the regressions take them. Shapes: C cells.

    `waves`: the coefficients of a pilot district's levels, by wave.
    """

    def __init__(self, measured: Measured, districts: list[District], waves: dict[str, float]) -> None:
        survey, design = measured.survey, measured.survey.design
        pairs = [(d, w) for d in districts for w in waves]
        place = np.array([survey.cell(d.id, w) for d, w in pairs], dtype=int)
        sums = measured.summed.cells.take(place)
        # codes that sort as the ids: the order of clusters is that of random signs
        order = {name: k for k, name in enumerate(sorted(d.id for d in survey.districts))}
        self.raw = sums
        self.survey, self.item = survey, measured.item
        self.place = place
        self.people = people(design, [d for d, _ in pairs])
        self.district = np.array([order[d.id] for d, _ in pairs], dtype=int)
        self.wave = np.array([survey.wave(w) for _, w in pairs], dtype=int)
        self.exposed = np.array([d.arm == "pilot" and waves[w] > 0 for d, w in pairs], dtype=bool)
        self.normalised = sums.normalised(self.people)
        self.n = int(sums.n.sum())

    def regression(self, sums: CellSums) -> Regression | None:
        """The regression of answers with these sums, clustered by district."""
        return wls.did_of_cells(sums, self.district, self.wave, self.exposed)

    def adjusted(self) -> tuple[Regression | None, int] | None:
        """The regression given the covariates of the respondents who have them all, and how many these are; None where
        no covariate can be held constant.

        Left out is a covariate that a whole district and wave lacks, for the comparison would lose the district, and
        one that nowhere varies within a district and wave: constant over districts or over waves, it lies in their
        effects and the regression has no solution.
        """
        if not self.n:
            return None
        sums = self.survey.crossed(self.item)
        cells = self.place[self.raw.n > 0]
        columns = self._dummies()
        columns = columns[_asked(sums, cells)[columns]]
        products = complete(sums, self.place, columns)
        kept = varying(products)
        if not kept.any():
            return None
        products = complete(sums, self.place, columns[kept])
        weight = products.weight
        factor = np.divide(1.0, weight, out=np.zeros(len(weight)), where=weight > 0)
        if self.people is not None:
            factor = factor * self.people
        model = wls.did_of_products(products.scaled(factor), self.district, self.wave, self.exposed)
        return model, int(products.n.sum())

    def _dummies(self) -> np.ndarray:
        """The places of the covariates, those in words but for the first category that somebody named."""
        places: list[int] = []
        dropped: set[str] = set()
        for place, item in enumerate(self.survey.covariate_items):
            if item.category is None:
                places.append(place)
                continue
            if not self.survey.covariates_named[place, self.place].any():
                continue
            if item.column in dropped:
                places.append(place)
            dropped.add(item.column)
        return np.array(places, dtype=int)


def _asked(sums: CrossSums, cells: np.ndarray) -> np.ndarray:
    """Which covariates (m,) somebody answered in each of some cells."""
    asked = np.ones(sums.known.shape[1], dtype=bool)
    for cell in cells:
        asked &= sums.known[sums.cell == cell].any(axis=0)
    return asked


class Answers:
    """The answers to an item in some districts and waves, of the respondents. Shapes: N rows.

    For what cells cannot give: respondents with an answer in every wave.

    `waves`: the coefficients of a pilot district's levels, by wave.
    """

    def __init__(self, measured: Measured, districts: list[District], waves: dict[str, float]) -> None:
        survey = self.survey = measured.survey.respondents
        self.design, self.waves = survey.design, waves
        pilots = [d.id for d in districts if d.arm == "pilot"]
        after = [w for w, value in waves.items() if value > 0]
        self.used = survey.rows((d.id, w) for d in districts for w in waves)
        self.y = survey.values(measured.item, measured.without)[self.used]
        self.raw = survey.weight[self.used]
        self.wave = survey.when[self.used]
        # codes that sort as the ids: the order of clusters is that of random signs
        place = survey.place[self.used]
        ids = [d.id for d in survey.districts]
        self.district = np.argsort(np.argsort(ids))[place]
        self.pilot = np.isin(ids, pilots)[place]
        self.exposed = survey.rows((d, w) for d in pilots for w in after)[self.used]
        everyone = people(self.design, survey.districts)
        self.people = None if everyone is None else everyone[place]

    @property
    def confidence(self) -> float:
        """Level of the intervals."""
        return self.design.inference.confidence

    def weight(self, y: np.ndarray) -> np.ndarray:
        """Weights that sum to one over the answered rows of each district and wave."""
        return wls.normalised(y, self.raw, self.district, self.wave, self.people)

    def regression(self, y: np.ndarray) -> Inference:
        """The coefficient for answers `y` (N,) with CR2."""
        return wls.did(y, self.district, self.wave, self.exposed, self.weight(y), confidence=self.confidence)

    @cached_property
    def balanced(self) -> np.ndarray | None:
        """The answers (N,) of the respondents with one in every wave compared; None where so few people are left out
        of an arm that the difference from everyone would give away their answers."""
        respondent = wls.codes(self.survey.data["respondent"].to_numpy()[self.used])
        person = wls.codes(respondent * len(self.survey.districts) + self.district)
        answered = np.isfinite(self.y) & (self.raw > 0)
        complete = np.bincount(person, answered)[person] == len(self.waves)
        for arm in (self.pilot, ~self.pilot):
            left_out = np.unique(person[answered & ~complete & arm]).size
            if 0 < left_out < self.design.disclosure.minimum_cell:
                return None
        return np.where(complete, self.y, np.nan)

    def balanced_regression(self) -> Inference:
        """The regression of the balanced respondents."""
        return Inference(status="suppressed") if self.balanced is None else self.regression(self.balanced)


def pooled_respondents(measured: Measured, pilots: list[District], comparisons: list[District]) -> Inference:
    """Respondents of an arm pooled by their raw weights, whatever their district: the coefficient of R's
    `svyglm(y ~ pilot * after)`, with its design-based variance."""
    survey, waves = measured.survey, wave_weights(measured.survey.design, pilots[0])
    sums, sample = measured.summed.cells, survey.sample
    mean_of = np.full(survey.size, 4)  # 4: in none of the four means
    used = set()
    for district in (*pilots, *comparisons):
        for wave, value in waves.items():
            cell = survey.cell(district.id, wave)
            mean_of[cell] = 2 * (district.arm == "pilot") + (value > 0)
            if sums.n[cell] > 0:
                used.add(district.id)
    pooled, influence, spread = pooled_sums(measured.summed, mean_of, sample.pair_cell, 4)
    joined = replace(sample, pair_cell=mean_of[sample.pair_cell], cells=4)
    means = linearization.means_of_sums(sample, pooled, influence, measured.summed.unit_n, spread)
    combination = combinations(joined, [{3: 1.0, 2: -1.0, 1: -1.0, 0: 1.0}])
    did = linearization.linear(joined, combination, means)
    inference = intervals.difference_rows(did, confidence=survey.design.inference.confidence)[0]
    return replace(inference, n_districts=len(used))


def pooled_sums(
    summed: Summed, group: np.ndarray, unit_cell: np.ndarray, groups: int
) -> tuple[CellSums, np.ndarray, np.ndarray]:
    """Sums over the cells of each group, the influence of each unit (P,) on the mean of its group, and its spread
    where the unit stands for many.

    `group` (C,) of each cell, `groups` for none; `unit_cell` (P,).
    """
    cells = summed.cells

    def by_group(values: np.ndarray) -> np.ndarray:
        return np.bincount(group, values, minlength=groups + 1)[:groups]

    answered = cells.n > 0
    mean = np.where(answered, cells.mean, 0.0)
    n, weight = by_group(cells.n), by_group(cells.weight)
    with np.errstate(divide="ignore", invalid="ignore"):
        group_mean = np.where(n > 0, by_group(cells.weight * mean) / weight, np.nan)
    shift = np.where(answered & (group < groups), mean - np.append(group_mean, np.nan)[group], 0.0)
    none = np.zeros(groups)
    pooled = CellSums(
        n=n,
        weight=weight,
        mean=group_mean,
        squares=by_group(cells.squares + cells.weight * shift**2),
        total=by_group(cells.total),
        weight_squares=none,
        weight_total=none,
        n_all=none,
        mean_all=none,
        squares_all=none,
    )
    cell_weight, unit_shift = cells.weight[unit_cell], shift[unit_cell]
    total = np.append(weight, 1.0)[group[unit_cell]]
    share = np.divide(1.0, total, out=np.zeros(len(total)), where=total > 0)
    influence = (summed.influence * cell_weight + summed.unit_weight * unit_shift) * share
    spread = (
        summed.unit_influence_squares * cell_weight**2
        + 2 * summed.unit_products * cell_weight * unit_shift
        + summed.unit_weight_squares * unit_shift**2
    ) * share**2
    return pooled, influence, spread


def effective_districts(cells: Cells) -> Inference:
    """The effective number of districts behind the regression's coefficient (see `inference.leverage`)."""
    model = cells.regression(cells.normalised)
    if model is None:
        return Inference(status="not_identified" if cells.n else "no_data")
    effective = effective_independent(model, len(model.coefficients) - 1)
    return Inference(estimate=effective, n_districts=len(model.clusters))
