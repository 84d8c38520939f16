"""The verdict on every indicator, from its rows of the estimates: the only place where one is made.

Report, briefs, slides, figures and sentences read these and choose words; the rules are in `inference.verdict`. Several
primary answers are read jointly (`p_adjusted`, `ci_low_joint`, `ci_high_joint`), every other row by its own interval.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from math import isnan
from typing import TypeVar

import pandas as pd

from fewdistricts.design import Design, Indicator
from fewdistricts.estimates.adjustment import is_answer, read_jointly
from fewdistricts.estimates.estimate import Estimate, read
from fewdistricts.estimates.headline import Headline, headline
from fewdistricts.inference.power import minimum_detectable, power
from fewdistricts.inference.verdict import Verdict, exaggeration, verdict, without_verdict

__all__ = ["Verdict", "ends_read", "of_row", "simulated_power", "verdicts"]

Simulated = TypeVar("Simulated", bound=Estimate)


def verdicts(design: Design, frame: pd.DataFrame) -> dict[str, Verdict]:
    """The verdict on each indicator by id, from the estimates table."""
    head = headline(design)
    of_headline = frame["estimand"].isin([head.estimand, "mde"]) & (frame["district"] == head.district)
    wanted = of_headline & (frame["wave"] == head.wave) & frame["variant"].isin(["main", "baseline_adjusted"])
    rows = [row for row in read(frame[wanted], Estimate) if not row.subgroup]
    answers = {row.indicator: row for row in rows if is_answer(row, head)}
    sampling = {row.indicator: row for row in rows if row.estimator == "taylor" and row.estimand == head.estimand}
    for indicator, row in answers.items():
        if row.status == "too_few_districts":  # as it would be if the others had not been declared
            answers[indicator] = sampling.get(indicator, row)
    adjusted = {row.indicator: row for row in rows if row.variant == "baseline_adjusted"}
    detectable = {row.indicator: row for row in rows if row.estimand == "mde"}
    simulated = simulated_power(read(frame[frame["estimand"] == "power"], Estimate), head)
    found = {}
    for declared in design.indicators:
        made = of_row(design, declared, answers.get(declared.id), adjusted.get(declared.id))
        least = detectable.get(declared.id)
        found[declared.id] = _with_power(design, declared, made, least, simulated.get(declared.id, {}).get(1.0))
    return found


def simulated_power(rows: Iterable[Simulated], head: Headline) -> dict[str, dict[float, Simulated]]:
    """How often the headline's estimator finds an effect in the simulation of this design: the rows by indicator, and
    by how many times the smallest change that matters the effect is."""
    found: dict[str, dict[float, Simulated]] = {}
    for row in rows:
        if row.estimand == "power" and row.estimator == head.estimator and row.variant == "main":
            found.setdefault(row.indicator, {})[float(row.variant_of)] = row
    return found


def of_row(design: Design, indicator: Indicator, row: Estimate | None, adjusted: Estimate | None = None) -> Verdict:
    """The verdict on one row of an indicator; `adjusted` is its baseline-adjusted row, where there is one."""
    if row is None or not row.defined:
        return without_verdict("none")
    if not row.bounded:
        return without_verdict("undetermined")
    if row.estimator == "taylor" and row.estimand in ("did", "att"):
        return without_verdict("sampling_only")
    if indicator.role == "placebo":
        return without_verdict("moved" if row.ci_low > 0 or row.ci_high < 0 else "unmoved")
    low, high = ends_read(design, row)
    rejected = row.p_adjusted <= 1 - design.inference.confidence if _is_joint(design, row) else None
    return verdict(
        row.estimate,
        low,
        high,
        better=indicator.better,
        smallest=indicator.worthwhile,
        se=row.se,
        df=row.df,
        rejected=rejected,
        adjusted=adjusted.ends if adjusted is not None and adjusted.bounded else None,
        single=row.ends,
        confidence=design.inference.confidence,
    )


def ends_read(design: Design, row: Estimate) -> tuple[float, float]:
    """The interval that a verdict reads: the joint one of several primary answers, else the row's own."""
    return (row.ci_low_joint, row.ci_high_joint) if _is_joint(design, row) else row.ends


def _is_joint(design: Design, row: Estimate) -> bool:
    return read_jointly(design) and row.role == "primary" and not isnan(row.ci_low_joint)


def _with_power(
    design: Design, indicator: Indicator, made: Verdict, detectable: Estimate | None, simulated: Estimate | None
) -> Verdict:
    """With the power at the smallest change that matters, and the exaggeration of what is then found.

    Power is that of the simulation of this design where there is one: it knows that a standard error is estimated and
    has a floor. Else it is that of the standard error; a permutation, which has none, takes that of its changes.
    """
    if made.kind in ("none", "undetermined", "sampling_only", "moved", "unmoved"):
        return made
    if detectable is None or not detectable.se > 0 or indicator.worthwhile is None:
        return made
    smallest, df, confidence = indicator.worthwhile, detectable.df, design.inference.confidence
    if simulated is not None and 1 - confidence < simulated.estimate < 1:
        # the standard error with which a difference of this size is found as often
        chance = simulated.estimate
        se = smallest / minimum_detectable(1.0, df, at=chance, confidence=confidence)
    elif isnan(made.power):
        chance, se = power(smallest, detectable.se, df, confidence), detectable.se
    else:
        return made
    return replace(made, power=chance, exaggeration=exaggeration(smallest, se, df, confidence))
