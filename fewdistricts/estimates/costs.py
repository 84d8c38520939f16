"""What the programme cost a resident, and what a point of improvement cost.

The amount of `intervention.cost` over the residents of all pilot districts, and for each primary outcome with a better
direction the same over its improvement (`inference.cost`): rows of the estimand `cost`, whose unit is the currency. The
limits are those of the headline's interval turned over: infinite where it holds no improvement. Nothing is said where
a pilot district's population is not known.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from fewdistricts.design import Design
from fewdistricts.estimates.adjustment import is_answer
from fewdistricts.estimates.estimate import Estimate
from fewdistricts.estimates.headline import headline
from fewdistricts.estimates.items import Item
from fewdistricts.estimates.measure import Survey
from fewdistricts.estimates.rows import row
from fewdistricts.inference import cost
from fewdistricts.inference.result import Inference

PER_RESIDENT = "cost_per_resident"
"""Stands where an indicator's id does in the row of the cost per resident."""


def rows(survey: Survey, answers: Iterable[Estimate]) -> Iterator[Estimate]:
    """The rows of the estimand; `answers`: rows of the estimates, among them the headline's."""
    design = survey.design
    declared, head = design.intervention.cost, headline(design)
    people = [d.population for d in survey.districts if d.arm == "pilot"]
    if declared is None or not people or not all(people):
        return
    per_resident = declared.amount / sum(float(n) for n in people if n)
    key = {"district": head.district, "wave": head.wave, "baseline_wave": head.baseline_wave, "estimand": "cost"}
    key |= {"estimator": head.estimator}
    item = Item(PER_RESIDENT, PER_RESIDENT, declared.currency, family="", role="")
    yield row(item, design, Inference(estimate=per_resident, n_districts=len(people)), **key)
    if head.kind == "levels":
        return
    for answer in answers:
        if answer.role == "primary" and not answer.subgroup and is_answer(answer, head):
            yield from _per_point(design, answer, per_resident, declared.currency, key)


def _per_point(
    design: Design, answer: Estimate, per_resident: float, currency: str, key: dict[str, str]
) -> Iterator[Estimate]:
    """What a point of one outcome cost a resident."""
    indicator = design.indicator(answer.indicator)
    if indicator.better == "none":
        return
    sign = 1.0 if indicator.better == "higher" else -1.0
    low, high = sorted((sign * answer.ci_low, sign * answer.ci_high))
    points = cost.POINTS if answer.unit == "share" else 1.0
    paid = cost.cost_per_point(per_resident, sign * answer.estimate, low, high, points=points)
    improved = sign * answer.estimate > 0
    inference = Inference(
        estimate=paid.estimate,
        ci_low=paid.low,
        ci_high=paid.high,
        n_districts=int(answer.n_districts),
        status=answer.status or ("" if improved else "undefined"),
    )
    item = Item(indicator.id, indicator.id, currency, indicator.family, indicator.role, indicator=indicator)
    yield row(item, design, inference, **key)
