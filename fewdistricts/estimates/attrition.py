"""Who of a panel was not found again: how many in each arm, and whether those found were alike before the start.

Of the respondents of the last wave before the first start, `lost` is whether they have no interview in the headline
wave. Rows of the estimand `attrition`: the share lost, and (`balanced`) the level before the start of those found
again, each in both arms and as their difference over districts, as `balance` compares everyone. Fewer than
`minimum_cell` lost answers of an arm could be read off as everyone less those found again: then `balanced` is
suppressed.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import numpy as np

from fewdistricts.design import Design
from fewdistricts.estimates import contrasts
from fewdistricts.estimates.arms import arm_weights, people, take
from fewdistricts.estimates.estimate import Estimate
from fewdistricts.estimates.headline import headline
from fewdistricts.estimates.items import Item, items
from fewdistricts.estimates.measure import Measured, Survey
from fewdistricts.estimates.rows import row
from fewdistricts.inference import district_changes, intervals
from fewdistricts.inference import linearization as lin
from fewdistricts.inference.result import Inference
from fewdistricts.survey.disclosure import Cell, suppressed_in

LOST = "attrition"
"""Stands where an indicator's id does in rows of the share not found again."""


def waves(design: Design) -> tuple[str, str] | None:
    """The wave that the panel is followed from and the one it is followed to; None where nothing is followed."""
    bases = design.baselines(d for d in design.pilots if design.followups(d))
    if design.data.sampling != "panel" or not bases:
        return None
    chosen = headline(design).wave
    if chosen not in [wave.id for wave in design.waves]:
        chosen = design.waves[-1].id
    return bases[0].id, chosen


def rows(survey: Survey, hidden: frozenset[Cell] = frozenset()) -> Iterator[Estimate]:
    """All rows of the estimand; nothing where the survey is no panel. `hidden`: as in `pipeline.estimates`."""
    ends = waves(survey.design)
    if ends is None:
        return
    survey = survey.respondents
    data = survey.data
    if "respondent" not in data:
        return
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
            gone = suppressed_in(hidden, item.id)
            asked = followed.measure(item, gone)
            again = followed.measure(replace(item, column=f"{item.id}:found"), gone)
            yield from _compared(again, ends, "balanced", asked)


def _compared(
    measured: Measured, ends: tuple[str, str], variant: str, asked: Measured | None = None
) -> Iterator[Estimate]:
    """The arms' means at the first end, and their difference over districts; `asked`: with those who were lost."""
    survey, design, item = measured.survey, measured.survey.design, measured.item
    arms = dict(zip(("pilot", "comparison"), contrasts.arms(survey), strict=True))
    of = {arm: [d for d in members if d.id not in measured.without] for arm, members in arms.items()}
    everyone = [*of["pilot"], *of["comparison"]]
    at = [measured.level(d.id, ends[0]) for d in everyone]
    cells = take(measured.levels, at)
    pilot, weight = np.arange(len(everyone)) < len(of["pilot"]), people(design, everyone)
    least = design.disclosure.minimum_cell
    few = bool((cells.n < least).any())
    if asked is not None:
        lost = take(asked.levels, at).n - cells.n
        few |= any(0 < lost[arm].sum() < least for arm in (pilot, ~pilot))
    key = {"wave": ends[1], "baseline_wave": ends[0], "estimand": "attrition", "variant": variant}
    confidence, deff = design.inference.confidence, intervals.median_deff(cells)
    for (arm, members), own in zip(of.items(), (pilot, ~pilot), strict=True):
        if not arms[arm]:
            continue
        if few or not members:
            inference = Inference(status="suppressed")
        else:
            mean = lin.combined(take(cells, np.flatnonzero(own).tolist()), arm_weights(design, members)[None, :])
            inference = intervals.level_rows(mean, share=item.unit == "share", deff=deff, confidence=confidence)[0]
            inference = replace(inference, n_districts=len(members))
        yield row(item, design, inference, district=arm, estimator="taylor", **key)
    if arms["comparison"]:
        if few or not all(of.values()):
            inference = Inference(status="suppressed")
        else:
            inference = district_changes.district_change(cells.estimate, pilot, weight, confidence=confidence)
            inference = replace(inference, n=int(cells.n.sum()))
        yield row(item, design, inference, district="pooled", estimator="district_change", **key)
