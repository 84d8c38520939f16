"""What those who were lost could mean for the answer of a panel: balanced rows, weights for the lost, Lee's bounds.

`balanced`: only respondents with an answer in every wave compared, by the same rules as everyone: the answer, and the
`change` and `did` of districts and arms between any two waves. `response_weights`: the balanced respondents of a
primary outcome, each standing for those like them who were lost (`inference.attrition_bounds`), by classes of the
covariates within the arm. `lee_lower`, `lee_upper`: bounds of the answer if the programme moves everybody's chance of
being found in one direction only.

Whoever compares the balanced rows with those of everyone learns of those who were left out. Where fewer than
`minimum_cell` of an arm were, its balanced rows are suppressed; those of single districts, where it is so of any of
them in the arm.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, replace
from functools import cached_property
from math import nan
from typing import Any

import numpy as np
import pandas as pd

from fewdistricts.design import District
from fewdistricts.estimates import arm_rows, attrition, contrasts
from fewdistricts.estimates.arms import arm_weights, joined, take, without_sampling
from fewdistricts.estimates.estimate import COUNTS, NUMBERS, Estimate
from fewdistricts.estimates.estimators import Contrast
from fewdistricts.estimates.headline import headline, wave_weights
from fewdistricts.estimates.items import Item, items
from fewdistricts.estimates.measure import Measured, Survey
from fewdistricts.estimates.rows import row
from fewdistricts.inference import intervals, one_district
from fewdistricts.inference.attrition_bounds import Bounds, lee_bounds, response_weights
from fewdistricts.inference.result import Inference
from fewdistricts.survey.disclosure import Cell, suppressed_in

MOST_PAIRS = 12
"""Pairs of waves up to which all have balanced changes; beyond it only the headline's."""
FEWEST_FOUND = 5
"""Respondents found that every class of the response weights has."""
CLASSES = 3
"""Of a covariate in numbers, where it has more values than it has classes by itself."""
MOST_VALUES = 5


def rows(survey: Survey, hidden: frozenset[Cell] = frozenset()) -> Iterator[Estimate]:
    """All rows; nothing where the survey is no panel. `hidden`: as in `pipeline.of_survey`."""
    design = survey.design
    ends = attrition.waves(design)
    if ends is None or headline(design).kind == "levels" or "respondent" not in survey.respondents.data:
        return
    panel = Panel(survey.respondents)
    primary = {i.id for i in design.primary}
    for item in items(design):
        answers = Answers(panel, item, suppressed_in(hidden, item.id))
        yield from _answer(answers)
        yield from _between_waves(answers)
        if item.id in primary and headline(design).compares:
            yield from _weighted(answers, ends[0])
            yield from _bounds(answers, ends[0])


@dataclass(frozen=True)
class Panel:
    """The respondents of a panel, of whom each person has a code."""

    survey: Survey

    @cached_property
    def person(self) -> np.ndarray:
        """Of each row (N,): the respondent, within the district."""
        data = self.survey.data
        return pd.factorize(data["district"].astype(str) + "/" + data["respondent"].astype(str))[0]

    @cached_property
    def followed(self) -> dict[str, dict[str, float]]:
        """The coefficients of the headline on the levels of each district that it rests on."""
        pilots, comparisons = contrasts.arms(self.survey)
        return contrasts.followed(self.survey.design, pilots, comparisons)

    def coefficient(self, weights: Mapping[str, Mapping[str, float]]) -> np.ndarray:
        """The coefficient (N,) of each row's wave in its district."""
        survey = self.survey
        of_cell = np.zeros(survey.size)
        for district, of_wave in weights.items():
            for wave, value in of_wave.items():
                of_cell[survey.cell(district, wave)] = value
        return of_cell[survey.cells]


@dataclass(frozen=True)
class Answers:
    """The answers to an item in a panel; districts in `gone` are suppressed."""

    panel: Panel
    item: Item
    gone: frozenset[str]

    @property
    def survey(self) -> Survey:
        """The respondents."""
        return self.panel.survey

    @cached_property
    def y(self) -> np.ndarray:
        """Of each row (N,), nan where there is none."""
        return self.survey.values(self.item, self.gone)

    def balanced(self, weights: Mapping[str, Mapping[str, float]]) -> Balanced:
        """The answers of those with one in every wave that has a coefficient in their district."""
        used = self.panel.coefficient(weights) != 0
        answered = used & np.isfinite(self.y) & (self.survey.weight > 0)
        person = self.panel.person
        needed = np.array([len(weights.get(d.id, {})) for d in self.survey.districts])[self.survey.place]
        complete = answered & (np.bincount(person, answered)[person] == needed)
        lost = answered & ~complete
        # people, not answers: one who is lost leaves an answer out in each of the other waves
        _, one_each = np.unique(person[lost], return_index=True)
        left_out = np.bincount(self.survey.place[lost][one_each], minlength=len(self.survey.districts))
        values = np.where(complete, self.y, np.nan)
        return Balanced(self, values, dict(zip([d.id for d in self.survey.districts], left_out, strict=True)))


@dataclass(frozen=True)
class Balanced:
    """Answers (N,) of the balanced respondents, and how many people of each district were left out."""

    answers: Answers
    y: np.ndarray
    left_out: dict[str, int]

    @cached_property
    def measured(self) -> Measured:
        """Measured as an item of its own."""
        return self.answers.survey.measure(self.answers.item, self.answers.gone, self.y)

    def few(self, districts: Collection[District]) -> bool:
        """Whether so few are left out of these districts together that they could be told."""
        least = self.answers.survey.design.disclosure.minimum_cell
        return 0 < sum(self.left_out.get(d.id, 0) for d in districts) < least

    def few_in_one(self, districts: Collection[District]) -> bool:
        """Whether so few are left out of any of these districts."""
        return any(self.few([district]) for district in districts)


def _answer(answers: Answers) -> Iterator[Estimate]:
    """The headline's row of the balanced respondents, and Welch's where several districts are compared."""
    design = answers.survey.design
    head = headline(design)
    if not head.compares:
        return
    balanced = answers.balanced(answers.panel.followed)
    pilots, comparisons = contrasts.arms(answers.survey)
    few = balanced.few(pilots) or balanced.few(comparisons)
    names = [head.estimator]
    if head.kind == "pooled" and head.estimator != "district_change":
        names.append("district_change")
    for name in names:
        answer = contrasts.by_estimator(balanced.measured, name)
        if answer is not None:
            yield replace(_shown(answer, few), variant="balanced")


def _shown(answer: Estimate, few: bool) -> Estimate:
    """The row, or why it is withheld."""
    if not few:
        return answer
    nothing: dict[str, Any] = dict.fromkeys((*NUMBERS, *COUNTS), nan) | {"se_type": "", "p_type": ""}
    return replace(answer, status="suppressed", **nothing)


def _between_waves(answers: Answers) -> Iterator[Estimate]:
    """Balanced changes of districts and arms, and differences in change of districts, between any two waves."""
    survey, head = answers.survey, headline(answers.survey.design)
    pairs = list(dict.fromkeys((later, base) for _, later, base in survey.contrasts))
    if len(pairs) > MOST_PAIRS:
        pairs = [pair for pair in pairs if pair == (head.wave, head.baseline_wave)]
    held = set(survey.contrasts)
    for later, base in pairs:
        own = [d for d in survey.districts if (d.id, later, base) in held]
        if answers.item.indicator is None or not survey.design.comparable(answers.item.indicator, later, base):
            continue
        balanced = answers.balanced({d.id: {later: 1.0, base: -1.0} for d in own})
        for each in (*_changes(balanced, own, later, base), *_dids(balanced, own, later, base)):
            yield replace(each, variant="balanced")


def _changes(balanced: Balanced, own: list[District], later: str, base: str) -> Iterator[Estimate]:
    measured = balanced.measured
    design, item = measured.survey.design, measured.item
    key = {"wave": later, "baseline_wave": base, "estimand": "change", "estimator": "taylor"}
    for district in own:
        change = take(measured.changes, [measured.change(district.id, later, base)])
        said = intervals.difference_rows(change, confidence=design.inference.confidence)[0]
        few = balanced.few_in_one([d for d in own if d.arm == district.arm])
        shown = Inference(status="suppressed") if few else without_sampling(said, design)
        yield row(item, design, shown, district=district.id, **key)
    of_arms = (each for each in arm_rows.changes(measured) if (each.wave, each.baseline_wave) == (later, base))
    for each in of_arms:
        yield _shown(each, balanced.few([d for d in own if d.arm == each.district]))


def _dids(balanced: Balanced, own: list[District], later: str, base: str) -> Iterator[Estimate]:
    """By the widest inference that one district allows."""
    measured = balanced.measured
    design = measured.survey.design
    others = [d for d in own if d.arm == "comparison"]
    if not others:
        return
    name = "variance_components" if len(others) >= one_district.FEWEST else "taylor"
    rest = take(measured.changes, [measured.change(d.id, later, base) for d in others])
    for district in (d for d in own if d.arm != "comparison"):
        change = take(measured.changes, [measured.change(district.id, later, base)])
        contrast = Contrast(measured, [district], others, joined(change, rest), over_pilots=False)
        few = balanced.few_in_one([d for d in own if d.arm == district.arm]) or balanced.few(others)
        status = "suppressed" if few else measured.missing_because(later, base)
        key = {"district": district.id, "wave": later, "baseline_wave": base}
        rows_of = contrasts.of_district(design, contrast, status, **key)
        yield from (each for each in rows_of if each.estimator == name and each.variant == "main")


def _weighted(answers: Answers, first: str) -> Iterator[Estimate]:
    """The answer of the balanced respondents, each weighted by the response of those like them."""
    panel, survey = answers.panel, answers.survey
    balanced = answers.balanced(panel.followed)
    at_first, found = _at_first(answers, balanced, first)
    classes = _classes(survey, at_first, found) if at_first.any() else None
    if classes is None:
        return
    factor = np.zeros(int(panel.person.max()) + 1)
    factor[panel.person[at_first]] = response_weights(found[at_first], classes, survey.weight[at_first])
    weighted = survey.reweighted(survey.weight * factor[panel.person])
    measured = weighted.measure(answers.item, answers.gone, balanced.y)
    answer = contrasts.by_estimator(measured, headline(survey.design).estimator)
    pilots, comparisons = contrasts.arms(survey)
    if answer is not None:
        few = balanced.few(pilots) or balanced.few(comparisons)
        yield replace(_shown(answer, few), variant="response_weights")


def _at_first(answers: Answers, balanced: Balanced, first: str) -> tuple[np.ndarray, np.ndarray]:
    """Of each row (N,): whether it is an answer at the first wave in a district compared, and whether its respondent
    has one in every wave compared."""
    panel, survey = answers.panel, answers.survey
    found = np.bincount(panel.person, np.isfinite(balanced.y)) > 0
    compared = survey.rows((d, first) for d in panel.followed)
    at_first = compared & np.isfinite(answers.y) & (survey.weight > 0)
    return at_first, found[panel.person]


def _classes(survey: Survey, at_first: np.ndarray, found: np.ndarray) -> np.ndarray | None:
    """Codes of the classes of the rows at the first wave: the arm, by each covariate in declared order for as long as
    every class holds `FEWEST_FOUND` who were found; None where no covariate divides them."""
    arm = np.array([d.arm == "pilot" for d in survey.districts])[survey.place][at_first]
    classes = arm.astype(int)
    divided = False
    for name in survey.design.covariates:
        given = survey.data[name].to_numpy()[at_first]
        values = pd.Series(given)
        if pd.api.types.is_numeric_dtype(values) and values.nunique() > MOST_VALUES:
            values = pd.qcut(values, CLASSES, duplicates="drop").astype(str)
        codes = pd.factorize(values.astype(str))[0]
        finer = pd.factorize(pd.Series(classes).astype(str) + "/" + pd.Series(codes).astype(str))[0]
        if np.bincount(finer, found[at_first]).min() >= FEWEST_FOUND:
            classes, divided = finer, divided or len(np.unique(codes)) > 1
    return classes if divided else None


def _bounds(answers: Answers, first: str) -> Iterator[Estimate]:
    """Lee's bounds of the answer."""
    design, head = answers.survey.design, headline(answers.survey.design)
    balanced = answers.balanced(answers.panel.followed)
    pilots, comparisons = contrasts.arms(answers.survey)
    waves = sorted({wave for district in pilots for wave in wave_weights(design, district)})
    status = balanced.measured.missing_because(*waves)
    if not status and (balanced.few(pilots) or balanced.few(comparisons)):
        status = "suppressed"
    bounds, n = (None, 0) if status else _lee(answers, balanced, first)
    lower = upper = Inference(status=status or "no_data")
    if bounds is not None:
        known = Inference(n=n, n_districts=len(pilots) + len(comparisons))
        lower, upper = replace(known, estimate=bounds.low), replace(known, estimate=bounds.high)
    key = {"district": head.district, "wave": head.wave, "baseline_wave": head.baseline_wave}
    key |= {"estimand": head.estimand, "estimator": "lee"}
    for variant, inference in (("lee_lower", lower), ("lee_upper", upper)):
        yield row(answers.item, design, inference, variant=variant, **key)


def _lee(answers: Answers, balanced: Balanced, first: str) -> tuple[Bounds | None, int]:
    """The bounds from the respondents of the first wave, and how many of them were found in every wave.

    Each respondent found has one change; respondents count so that their districts count as they do in the answer.
    """
    panel, survey = answers.panel, answers.survey
    at_first, found = _at_first(answers, balanced, first)
    coefficient = panel.coefficient(panel.followed)
    change = np.bincount(panel.person, np.where(np.isfinite(balanced.y), coefficient * balanced.y, 0.0))
    place, weight, here = survey.place[at_first], survey.weight[at_first], found[at_first]
    total = np.bincount(place, weight, minlength=len(survey.districts))
    weight = weight / total[place] * _shares(survey, total)[place]
    pilot = np.array([district.arm == "pilot" for district in survey.districts])[place]
    response = _response(weight, pilot, here), _response(weight, ~pilot, here)
    bounds = lee_bounds(change[panel.person[at_first]][here], pilot[here], response, weight[here])
    return bounds, int(here.sum())


def _shares(survey: Survey, total: np.ndarray) -> np.ndarray:
    """The share of each district (G,) in its arm, of those that have respondents."""
    share = np.zeros(len(survey.districts))
    place = {district.id: k for k, district in enumerate(survey.districts)}
    for arm in contrasts.arms(survey):
        members = [district for district in arm if total[place[district.id]] > 0]
        if members:
            share[[place[district.id] for district in members]] = arm_weights(survey.design, members)
    return share


def _response(weight: np.ndarray, arm: np.ndarray, found: np.ndarray) -> float:
    """The weighted share of an arm's respondents who were found."""
    everyone = weight[arm].sum()
    return float(weight[arm & found].sum() / everyone) if everyone > 0 else 0.0
