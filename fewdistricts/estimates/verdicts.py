"""The verdict on every indicator, from its rows of the estimates: the only place where one is made.

Report, briefs, slides, figures and sentences read these and choose words; the rules are in `inference.verdict`. Several
primary answers are read jointly (`p_adjusted`, `ci_low_joint`, `ci_high_joint`), every other row by its own interval.
"""

from __future__ import annotations

from dataclasses import replace
from math import isnan

import pandas as pd

from fewdistricts.design import Design, Indicator
from fewdistricts.estimates.adjustment import is_answer, read_jointly
from fewdistricts.estimates.estimate import Estimate, read
from fewdistricts.estimates.headline import headline
from fewdistricts.inference.power import power
from fewdistricts.inference.verdict import Verdict, exaggeration, verdict, without_verdict

__all__ = ["Verdict", "ends_read", "of_row", "verdicts"]


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
    found = {}
    for declared in design.indicators:
        made = of_row(design, declared, answers.get(declared.id), adjusted.get(declared.id))
        found[declared.id] = _with_power(design, declared, made, detectable.get(declared.id))
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


def _with_power(design: Design, indicator: Indicator, made: Verdict, detectable: Estimate | None) -> Verdict:
    """With power and exaggeration of a permutation, which has no standard error: those of its changes."""
    unknown = isnan(made.power) and made.kind not in ("none", "undetermined", "sampling_only", "moved", "unmoved")
    if not unknown or detectable is None or indicator.worthwhile is None:
        return made
    spread, confidence = (detectable.se, detectable.df), design.inference.confidence
    chance = power(indicator.worthwhile, *spread, confidence)
    return replace(made, power=chance, exaggeration=exaggeration(indicator.worthwhile, *spread, confidence))
