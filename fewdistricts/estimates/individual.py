"""The difference in change from the answers themselves: one regression, several variances, and robustness checks.

District and wave effects and pilot after the start. With weights divided by their sum in each district and wave the
coefficient is the difference of the district changes; raw weights, none, covariates or another model make it another
quantity, shown as a check.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import numpy as np

from fewdistricts.design import District
from fewdistricts.estimates.measure import Measured, Survey
from fewdistricts.estimates.rows import people
from fewdistricts.inference import district_changes, regressions, wild, wls
from fewdistricts.inference.leverage import effective_independent
from fewdistricts.inference.result import Inference

Said = Iterator[tuple[str, str, Inference]]


class Answers:
    """The answers to an item in some districts and waves, as the regressions want them. Shapes: N rows."""

    def __init__(self, measured: Measured, districts: list[District], waves: dict[str, float]) -> None:
        survey = self.survey = measured.survey
        self.design, self.waves = survey.design, waves
        pilots = [d.id for d in districts if d.arm == "pilot"]
        after = [w for w, value in waves.items() if value > 0]
        used = self.used = survey.rows((d.id, w) for d in districts for w in waves)
        self.y, self.raw, self.wave = measured.values[used], survey.weight[used], survey.when[used]
        # codes that sort as the ids: the order of clusters is that of random signs
        place = survey.place[used]
        self.district = np.argsort(np.argsort([d.id for d in survey.districts]))[place]
        self.pilot = np.isin([d.id for d in survey.districts], pilots)[place]
        self.exposed = survey.rows((d, w) for d in pilots for w in after)[used]
        everyone = people(self.design, survey.districts)
        self.people = None if everyone is None else everyone[place]

    def weight(self, y: np.ndarray) -> np.ndarray:
        """Weights that sum to one over the answered rows of each district and wave."""
        return wls.normalised(y, self.raw, self.district, self.wave, self.people)


def inferences(measured: Measured, districts: list[District], waves: dict[str, float]) -> Said:
    """Estimator, variant and what it says, one after the other."""
    a = Answers(measured, districts, waves)
    confidence, where = a.design.inference.confidence, (a.district, a.wave, a.exposed)
    weight = a.weight(a.y)
    model = wls.did_model(a.y, *where, weight)
    yield "cr2", "main", wls.of_model(model, a.y, weight, confidence=confidence)
    yield "cr1", "main", wls.of_model(model, a.y, weight, kind="CR1", df="clusters", confidence=confidence)
    seed = wild.seed(a.design.evaluation, measured.item.id)
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
    columns = covariates(a.survey, a.used)
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


def covariates(survey: Survey, used: np.ndarray) -> np.ndarray | None:
    """Covariates (N, m) of the `used` rows, words as dummies but for their first category; None without any."""
    found = [(item, values[used]) for item, values in survey.covariates]
    found = [(item, values) for item, values in found if item.category is None or (values == 1).any()]
    first = {item.column: item.id for item, _ in reversed(found) if item.category is not None}
    kept = [values for item, values in found if first.get(item.column) != item.id]
    return np.column_stack(kept) if kept else None


def _balanced(a: Answers) -> Said:
    """Only the panel's respondents with an answer in every wave compared; suppressed where so few were left out that
    the difference from everyone would give away their answers."""
    respondent = wls.codes(a.survey.data["respondent"].to_numpy()[a.used])
    person = wls.codes(respondent * len(a.survey.districts) + a.district)
    answered = np.isfinite(a.y) & (a.raw > 0)
    complete = np.bincount(person, answered)[person] == len(a.waves)
    y = np.where(complete, a.y, np.nan)
    if 0 < (answered & ~complete).sum() < a.design.disclosure.minimum_cell:
        yield from ((kind, "balanced", Inference(status="suppressed")) for kind in ("cr2", "district_change"))
        return
    weight, confidence = a.weight(y), a.design.inference.confidence
    yield "cr2", "balanced", wls.did(y, a.district, a.wave, a.exposed, weight, confidence=confidence)
    districts, first, cell = np.unique(a.district, return_index=True, return_inverse=True)
    change = np.zeros(len(districts))
    for wave, coefficient in a.waves.items():
        rows = np.isfinite(y) & (a.wave == a.survey.wave(wave))
        share = np.bincount(cell[rows], a.raw[rows], minlength=len(districts))
        with np.errstate(invalid="ignore", divide="ignore"):
            change += coefficient * np.bincount(cell[rows], (a.raw * y)[rows], minlength=len(districts)) / share
    people_of = None if a.people is None else a.people[first]
    said = district_changes.district_change(change, a.pilot[first], people_of, confidence=confidence)
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
