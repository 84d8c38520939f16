"""Who of a panel was not found again: how many in each arm, and whether those found were alike before the start.

Of the respondents of the last wave before the first start, `lost` is whether they have no interview in the headline
wave. Rows of the estimand `attrition`: the share lost, and (`balanced`) the level before the start of those found
again, each in both arms and as their difference over districts, as `balance` compares everyone.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import numpy as np

from evaluation.design import Design
from evaluation.estimate import contrasts, district_change, intervals
from evaluation.estimate import linearization as lin
from evaluation.estimate.headline import headline
from evaluation.estimate.measure import Item, Measured, Survey, items
from evaluation.estimate.rows import arm_weights, people, row, take
from evaluation.estimate.table import Inference

LOST = "attrition"
"""Stands where an indicator's id does in rows of the share not found again."""


def waves(design: Design) -> tuple[str, str] | None:
    """The wave that the panel is followed from and the one it is followed to; None where nothing is followed."""
    bases = {base.id for d in design.pilots if (base := design.baseline(d)) and design.followups(d)}
    if design.data.sampling != "panel" or not bases:
        return None
    first = next(w.id for w in design.waves if w.id in bases)
    chosen = headline(design).wave
    return first, chosen if chosen in [w.id for w in design.waves] else design.waves[-1].id


def rows(survey: Survey) -> Iterator[dict[str, Any]]:
    """All rows of the estimand; nothing where the survey is no panel."""
    ends = waves(survey.design)
    if ends is None or "respondent" not in survey.data:
        return
    data = survey.data
    person = data["district"].astype(str) + "/" + data["respondent"].astype(str)
    found = person.isin(set(person[data["wave"] == ends[1]])).to_numpy()
    there = (data["wave"] == ends[0]).to_numpy()
    primary = [item for item in items(survey.design) if item.id in {i.id for i in survey.design.primary}]
    made = {LOST: np.where(there, ~found, np.nan)}
    made |= {f"{item.id}:found": np.where(there & found, item.values(data), np.nan) for item in primary}
    followed = Survey(survey.design, data.assign(**made))
    measured = followed.measure(Item(LOST, LOST, "share", indicator=None))
    yield from _compared(measured, ends, "main")
    for item in primary:
        if survey.design.asked(item.id, ends[0]):
            yield from _compared(followed.measure(replace(item, column=f"{item.id}:found")), ends, "balanced")


def _compared(measured: Measured, ends: tuple[str, str], specification: str) -> Iterator[dict[str, Any]]:
    """The arms' means at the first end, and their difference over districts."""
    survey, design, item = measured.survey, measured.survey.design, measured.item
    pilots, comparisons = contrasts.arms(survey)
    everyone = [*pilots, *comparisons]
    cells = take(measured.levels, [measured.level(d.id, ends[0]) for d in everyone])
    few = bool((cells.n < design.disclosure.minimum_cell).any())
    key = {"wave": ends[1], "baseline_wave": ends[0], "estimand": LOST, "specification": specification}
    confidence, deff = design.inference.confidence, intervals.median_deff(cells)
    for arm, members, at in (("pilot", pilots, 0), ("comparison", comparisons, len(pilots))):
        if not members:
            continue
        own = take(cells, range(at, at + len(members)))
        mean = lin.independent(own, arm_weights(design, members)[None, :])
        said = intervals.level_rows(mean, share=item.unit == "share", deff=deff, confidence=confidence)[0]
        said = Inference(status="suppressed") if few else replace(said, n_districts=len(members))
        yield row(item, design, said, district=arm, estimator="taylor", **key)
    if comparisons:
        pilot, weight = np.arange(len(everyone)) < len(pilots), people(design, everyone)
        said = district_change.district_change(cells.estimate, pilot, weight, confidence=confidence)
        said = Inference(status="suppressed") if few else replace(said, n=int(cells.n.sum()))
        yield row(item, design, said, district="pooled", estimator="district_change", **key)
