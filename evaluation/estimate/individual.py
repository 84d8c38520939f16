"""The difference in change from the answers themselves: one regression, several variances, and robustness checks.

District and wave effects and pilot after the start. With weights divided by their sum in each district and wave the
coefficient is the difference of the district changes; raw weights, none, covariates or another model make it another
quantity, shown as a check.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import numpy as np
import pandas as pd

from evaluation.design import Design, District
from evaluation.estimate import district_change, regressions, wild_bootstrap, wls
from evaluation.estimate.leverage import effective_independent
from evaluation.estimate.measure import Measured, covariate_items
from evaluation.estimate.table import Inference
from evaluation.survey import Data

Said = Iterator[tuple[str, str, Inference]]


class Answers:
    """The answers to an item in some districts and waves, as the regressions want them. Shapes: N rows."""

    def __init__(self, measured: Measured, districts: list[District], waves: dict[str, float]) -> None:
        survey, self.design = measured.survey, measured.survey.design
        used = survey.data["district"].isin([d.id for d in districts]) & survey.data["wave"].isin(list(waves))
        item = measured.item
        names = dict.fromkeys(["district", "wave", "weight", *self.design.covariates, item.column])
        names |= dict.fromkeys(n for n in ("respondent", f"{item.column}:missing") if n in survey.data)
        self.data = survey.data[list(names)][used.to_numpy()]
        self.y = measured.item.values(self.data)
        self.raw = self.data["weight"].to_numpy(float)
        self.district, self.wave = self.data["district"].to_numpy(object), self.data["wave"].to_numpy(object)
        self.pilots = {d.id for d in districts if d.arm == "pilot"}
        after = [w for w, value in waves.items() if value > 0]
        self.exposed = (self.data["district"].isin(self.pilots) & self.data["wave"].isin(after)).to_numpy()
        self.people = self._population(districts)
        self.waves = waves

    def _population(self, districts: list[District]) -> np.ndarray | None:
        if self.design.inference.districts == "equal":
            return None
        return self.data["district"].map({d.id: d.population for d in districts}).to_numpy(float)

    def weight(self, y: np.ndarray) -> np.ndarray:
        """Weights that sum to one over the answered rows of each district and wave."""
        return wls.normalised(y, self.raw, self.district, self.wave, self.people)


def inferences(measured: Measured, districts: list[District], waves: dict[str, float]) -> Said:
    """Estimator, specification and what it says, one after the other."""
    a = Answers(measured, districts, waves)
    confidence, where = a.design.inference.confidence, (a.district, a.wave, a.exposed)
    weight = a.weight(a.y)
    model = wls.did_model(a.y, *where, weight)
    yield "cr2", "main", wls.of_model(model, a.y, weight, confidence=confidence)
    yield "cr1", "main", wls.of_model(model, a.y, weight, kind="CR1", df="clusters", confidence=confidence)
    seed = wild_bootstrap.seed(a.design.evaluation, measured.item.id)
    yield "wcr", "main", wls.wild_of_model(model, a.y, weight, seed=seed, confidence=confidence)
    if measured.item.unit == "share":
        yield "cr1", "logit", regressions.logit_did(a.y, *where, weight, confidence=confidence)
    if a.design.data.level == "respondent":
        yield "cr2", "raw_weights", wls.did(a.y, *where, a.raw, confidence=confidence)
        yield "cr2", "unweighted", wls.did(a.y, *where, None, confidence=confidence)
        yield from _adjusted(a)
    if a.design.data.sampling == "panel":
        yield from _balanced(a)


def _adjusted(a: Answers) -> Said:
    """Given the covariates of the respondents who have them all."""
    columns = covariates(a.design, a.data)
    if columns is None:
        return
    y = np.where(np.isfinite(columns).all(axis=1), a.y, np.nan)
    known = np.isfinite(y)
    varying = columns[:, [np.ptp(columns[known, k]) > 0 if known.any() else False for k in range(columns.shape[1])]]
    if varying.shape[1]:
        filled = np.nan_to_num(varying)
        said = wls.did(
            y, a.district, a.wave, a.exposed, a.weight(y), covariates=filled, confidence=a.design.inference.confidence
        )
        yield "cr2", "adjusted", said


def covariates(design: Design, data: Data) -> np.ndarray | None:
    """Covariates (N, m), words as dummies but for the first category; None without any."""
    found = covariate_items(design, data)
    first = {item.column: item.id for item in reversed(found) if item.category is not None}
    kept = [item.values(data) for item in found if first.get(item.column) != item.id]
    return np.column_stack(kept) if kept else None


def _balanced(a: Answers) -> Said:
    """Only the panel's respondents with an answer in every wave compared; suppressed where so few were left out that
    the difference from everyone would give away their answers."""
    person = a.data["district"].astype(str) + "/" + a.data["respondent"].astype(str)
    answered = pd.Series(np.isfinite(a.y) & (a.raw > 0), index=a.data.index)
    complete = answered.groupby(person.to_numpy()).transform("sum").to_numpy() == len(a.waves)
    y = np.where(complete, a.y, np.nan)
    if 0 < (answered & ~complete).sum() < a.design.disclosure.minimum_cell:
        yield from ((kind, "balanced", Inference(status="suppressed")) for kind in ("cr2", "district_change"))
        return
    weight, confidence = a.weight(y), a.design.inference.confidence
    yield "cr2", "balanced", wls.did(y, a.district, a.wave, a.exposed, weight, confidence=confidence)
    names = sorted(set(a.district))
    code = {name: k for k, name in enumerate(names)}
    cell = np.array([code[name] for name in a.district])
    change = np.zeros(len(names))
    for wave, coefficient in a.waves.items():
        rows = np.isfinite(y) & (a.wave == wave)
        share = np.bincount(cell[rows], a.raw[rows], minlength=len(names))
        with np.errstate(invalid="ignore", divide="ignore"):
            change += coefficient * np.bincount(cell[rows], (a.raw * y)[rows], minlength=len(names)) / share
    pilot = np.array([name in a.pilots for name in names])
    size = None if a.people is None else np.array([a.people[a.district == name][0] for name in names])
    said = district_change.district_change(change, pilot, size, confidence=confidence)
    yield "district_change", "balanced", replace(said, n=int(np.isfinite(y).sum()))


def effective_districts(measured: Measured, districts: list[District], waves: dict[str, float]) -> Inference:
    """The effective number of districts behind the regression's coefficient (see `leverage`)."""
    a = Answers(measured, districts, waves)
    model = wls.did_model(a.y, a.district, a.wave, a.exposed, a.weight(a.y))
    if model is None:
        return Inference(status="not_identified" if wls.answered(a.y, a.raw).any() else "no_data")
    return Inference(
        estimate=effective_independent(model, len(model.coefficients) - 1), n_districts=len(model.clusters)
    )
