"""The only loop: every indicator through every estimator that the design allows, as rows of the estimates table.

`district_wave` gives the rows of one district and wave, `of_survey` those of all; both take the same path, so a row is
the same in either (a test says so). Levels and changes rest on a district's own cells, its `did` on the comparison
districts' too. Respondents are opened only for the index of a family and for who of a panel was found again
(`needs.respondents`).
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import replace

import numpy as np
import pandas as pd

from fewdistricts.design import Design, District, Wave
from fewdistricts.estimates import (
    arm_rows,
    attrition,
    contrasts,
    costs,
    diagnostics,
    events,
    in_time,
    indices,
    own_simulation,
    panels,
    spillover,
    subgroups,
)
from fewdistricts.estimates.adjustment import adjusted, is_answer, primaries_together
from fewdistricts.estimates.arms import joined, take, without_sampling
from fewdistricts.estimates.estimate import Estimate, frame
from fewdistricts.estimates.estimators import Contrast
from fewdistricts.estimates.followed_waves import comparisons_of, waves_with_levels
from fewdistricts.estimates.headline import headline
from fewdistricts.estimates.items import Item, items
from fewdistricts.estimates.measure import Measured, Survey
from fewdistricts.estimates.rows import row, withheld
from fewdistricts.inference import intervals
from fewdistricts.inference.result import Inference
from fewdistricts.survey import Data
from fewdistricts.survey.disclosure import Cell, suppressed_in


def estimates(design: Design, data: Data, hidden: frozenset[Cell] = frozenset()) -> pd.DataFrame:
    """The whole table from respondents, see `of_survey`."""
    return of_survey(Survey(design, data), hidden)


def of_survey(survey: Survey, hidden: frozenset[Cell] = frozenset()) -> pd.DataFrame:
    """The whole table, unrounded, in order of indicator, estimand, district and wave.

    `hidden`: cells that are suppressed. Where a district has one of an indicator, it counts in nothing but its own
    rows as if nobody there had answered: no mean, difference or standard error can give the cell away.
    """
    design = survey.design
    pilots, comparisons = contrasts.arms(survey)
    rows: list[Estimate] = []
    changes: dict[str, np.ndarray] = {}
    answers: dict[str, list[Item]] = {}
    for answer in survey.answers:
        answers.setdefault(answer.id, []).append(answer)
    for item in items(design):
        measured = survey.measure(item)
        for district in survey.districts:
            rows += _of_district(measured, district, hidden)
        suppressed = suppressed_in(hidden, item.id)
        if suppressed:
            measured = survey.measure(item, suppressed)
        if headline(design).compares:
            changes[item.id] = contrasts.district_changes(measured, pilots, comparisons).estimate
        of_arms = list(_of_arms(measured, answers.get(item.id, [])))
        rows += [_explained(row) for row in of_arms] if suppressed else of_arms
    rows = adjusted(design, rows, changes, pilots, comparisons)
    of_groups, compared = subgroups.rows(survey, hidden)
    primaries = {(indicator, "", ""): change for indicator, change in changes.items()} | compared
    together = primaries_together(design, [*rows, *of_groups], primaries, pilots, comparisons)
    rows, of_groups = together[: len(rows)], together[len(rows) :]
    rows += costs.rows(survey, rows)
    rows += indices.rows(survey, hidden)
    rows += attrition.rows(survey, hidden)
    rows += panels.rows(survey, hidden)
    rows += of_groups
    rows += _covariates(survey, hidden)
    rows += own_simulation.rows(survey, hidden)
    return frame(rows)


def _of_district(measured: Measured, district: District, hidden: frozenset[Cell]) -> Iterator[Estimate]:
    """All rows of one item in one district."""
    design = measured.survey.design
    shown = waves_with_levels(design, district)
    yield from _levels(measured, district, [w.id for w in design.waves if w.id in shown], hidden)
    yield from _changes(measured, district, hidden=hidden)
    yield from _dids(measured, district, hidden=hidden)


def _of_arms(measured: Measured, answers: Iterable[Item]) -> Iterator[Estimate]:
    """All rows of one item over districts: means of arms, the answers to the question, what is asked of the answer."""
    survey = measured.survey
    yield from arm_rows.levels(measured)
    for answer in answers:
        for level in arm_rows.levels(survey.measure(answer, measured.without)):
            yield replace(level, estimand="distribution", variant="answer", variant_of=answer.category or "")
    yield from arm_rows.changes(measured)
    yield from arm_rows.over_waves(measured)
    yield from _pooled(measured)
    whole = survey.whole(measured.item)
    if whole is not None:
        yield from _among_all(survey.measure(whole, measured.without))
    yield from events.rows(measured)
    yield from in_time.rows(measured)
    yield from contrasts.balance(measured)
    yield from spillover.rows(measured)


def _pooled(measured: Measured) -> Iterator[Estimate]:
    """The difference in change by every estimator, and what is asked of the answer among them."""
    design = measured.survey.design
    head = headline(design)
    if not head.compares:
        return
    rows = list(contrasts.pooled(measured))
    yield from rows
    contrast = contrasts.over_pilots(measured)
    of_comparisons = contrast.changes.estimate[len(contrast.pilots) :]
    for answer in rows:
        if not is_answer(answer, head):
            continue
        yield from diagnostics.breakdown(measured, answer, of_comparisons)
        yield from diagnostics.detectable(measured, answer)
        if contrast.kind == "several" and not answer.status:
            yield from diagnostics.between_pilots(contrast, answer)
            yield from diagnostics.effective_districts(contrast, answer)


def _among_all(measured: Measured) -> Iterator[Estimate]:
    """Levels, changes and the answer of a share asked of a part of the respondents, among all of them."""
    rows = [*arm_rows.levels(measured), *arm_rows.changes(measured)]
    answer = contrasts.answer(measured)
    if answer is not None:
        rows.append(answer)
    for each in rows:
        yield replace(each, variant="of_all")


def _covariates(survey: Survey, hidden: frozenset[Cell]) -> list[Estimate]:
    """Who answered: levels and changes of the covariates by arm, balance, and whether the arms changed differently."""
    design = survey.design
    pilots, comparisons = contrasts.arms(survey)
    rows: list[Estimate] = []
    answers: list[Estimate] = []
    changes: dict[str, np.ndarray] = {}
    for item in survey.covariate_items:
        measured = survey.measure(item, suppressed_in(hidden, ""))
        rows += arm_rows.levels(measured)
        rows += arm_rows.changes(measured)
        rows += contrasts.balance(measured)
        answer = contrasts.answer(measured)
        if answer is not None:
            answers.append(answer)
            changes[item.id] = contrasts.district_changes(measured, pilots, comparisons).estimate
    answers = adjusted(design, answers, changes, pilots, comparisons)
    return rows + [replace(answer, estimand="composition") for answer in answers]


def district_wave(
    survey: Survey,
    district: District,
    wave: Wave,
    hidden: frozenset[Cell] = frozenset(),
    others: Survey | None = None,
) -> pd.DataFrame:
    """Rows of one district and wave: levels; at a follow-up wave the change and, but for comparison districts,
    its `did` against the comparison districts among `others`, or among the survey itself."""
    rows: list[Estimate] = []
    for item in items(survey.design):
        measured = survey.measure(item)
        rows += _levels(measured, district, [wave.id], hidden)
        rows += _changes(measured, district, wave.id, hidden)
        rows += _dids(measured, district, wave.id, hidden, others)
    return frame(rows)


def _levels(
    measured: Measured, district: District, waves: Iterable[str], hidden: frozenset[Cell]
) -> Iterator[Estimate]:
    design, item = measured.survey.design, measured.item
    shown = [w.id for w in design.waves if (district.id, w.id, item.id) not in hidden]
    own = take(measured.levels, [measured.level(district.id, wave) for wave in shown])
    # the median design effect is the district's own, so that its rows depend on nobody else's answers
    deff, confidence = intervals.median_deff(own), design.inference.confidence
    inferences = [
        without_sampling(inference, design)
        for inference in intervals.level_rows(own, share=item.unit == "share", deff=deff, confidence=confidence)
    ]
    of_wave = dict(zip(shown, inferences, strict=True))
    for wave in waves:
        key = {"district": district.id, "wave": wave, "estimand": "level", "estimator": "taylor"}
        status = withheld(measured, hidden, district.id, wave)
        inference = Inference(status=status) if status else of_wave[wave]
        yield row(item, design, inference, **key)


def _changes(
    measured: Measured, district: District, wave: str | None = None, hidden: frozenset[Cell] = frozenset()
) -> Iterator[Estimate]:
    design, item = measured.survey.design, measured.item
    wanted = [(later, base) for later, base in comparisons_of(design, district) if wave in (None, later)]
    own = take(measured.changes, [measured.change(district.id, *pair) for pair in wanted])
    for (later, base), inference in zip(
        wanted, intervals.difference_rows(own, confidence=design.inference.confidence), strict=True
    ):
        status = withheld(measured, hidden, district.id, later, base)
        shown = Inference(status=status) if status else without_sampling(inference, design)
        key = {"district": district.id, "wave": later, "baseline_wave": base, "estimand": "change"}
        yield row(item, design, shown, estimator="taylor", **key)


def _dids(
    measured: Measured,
    district: District,
    wave: str | None = None,
    hidden: frozenset[Cell] = frozenset(),
    others: Survey | None = None,
) -> Iterator[Estimate]:
    design, item, survey = measured.survey.design, measured.item, measured.survey
    comparisons = [d for d in (others or survey).districts if d.arm == "comparison"]
    if district.arm == "comparison" or not comparisons:
        return
    gone = suppressed_in(hidden, item.id) - {district.id}
    against = measured if others is None and not gone else (others or survey).measure(item, gone)
    itself = next(d for d in survey.districts if d.id == district.id)  # with its people
    for later, base in comparisons_of(design, district):
        if wave is not None and later != wave:
            continue
        own = take(measured.changes, [measured.change(district.id, later, base)])
        rest = take(against.changes, [against.change(d.id, later, base) for d in comparisons])
        contrast = Contrast(measured, [itself], comparisons, joined(own, rest), over_pilots=False)
        status = withheld(measured, hidden, district.id, later, base)
        key = {"district": district.id, "wave": later, "baseline_wave": base}
        yield from contrasts.of_district(design, contrast, status, **key)


def _explained(row: Estimate) -> Estimate:
    """Where nobody is left but suppressed districts, that is why there is no number."""
    return replace(row, status="suppressed") if row.status == "no_data" else row
