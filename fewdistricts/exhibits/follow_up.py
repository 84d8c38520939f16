"""What a follow-up of a baseline could detect, from the levels, design effects and interviews at hand."""

from __future__ import annotations

from functools import lru_cache
from math import isnan

import numpy as np

from fewdistricts.design import Indicator
from fewdistricts.estimates.design_stage import Basis, detectable
from fewdistricts.exhibits.results import Results


def plans_a_follow_up(results: Results) -> bool:
    """Whether it can be said what a follow-up could detect: nothing has begun, and somebody is compared with."""
    return not results.changes and not results.after_only and bool(results.design.comparisons)


@lru_cache(maxsize=1)  # page one, what to do next and the table of the annex ask for the same searches
def detectable_of_primaries(results: Results) -> tuple[tuple[Indicator, Basis, list[float]], ...]:
    """Of each primary outcome what a follow-up with as many interviews could detect, from the smallest shock on."""
    design = results.design
    pilots, comparisons = len(design.pilots), len(design.comparisons)
    counts_districts, confidence = clustered(results), design.inference.confidence
    shocks = sorted(design.plan.shocks)
    of_primaries = []
    for indicator in results.primary:
        basis = _basis(results, indicator)
        if basis is None:
            continue
        sizes = [detectable(basis, pilots, comparisons, s, counts_districts, confidence) for s in shocks]
        of_primaries.append((indicator, basis, sizes))
    return tuple(of_primaries)


def clustered(results: Results) -> bool:
    """Whether the districts are enough for a test that counts them."""
    few, many = sorted((len(results.design.pilots), len(results.design.comparisons)))
    return few >= 2 or many >= 3


def _basis(results: Results, indicator: Indicator) -> Basis | None:
    """Level, spread, interviews and design effect of an indicator over the districts at hand."""
    wave = results.headline.wave
    members = [*results.design.pilots, *results.design.comparisons]
    rows = [results.level(d.id, wave, indicator) for d in members]
    defined = [row for row in rows if row is not None and row.defined and row.n > 0]
    if not defined:
        return None
    n = np.array([row.n for row in defined])
    deffs = np.array([row.deff for row in defined])
    deff = float(np.median(deffs[np.isfinite(deffs)])) if np.isfinite(deffs).any() else 1.0
    level = float(np.mean([row.estimate for row in defined]))
    if indicator.is_share:
        spread = (level * (1 - level)) ** 0.5
    else:
        squares = [row.se**2 / deff * row.n for row in defined if not isnan(row.se)]
        spread = float(np.mean(squares)) ** 0.5 if squares else float("nan")
    harmonic = float(len(n) / (1 / n).sum()) if results.design.data.level == "respondent" else float("inf")
    return Basis(indicator.id, indicator.unit_of, level, harmonic, deff, spread, False)


def misses_what_matters(results: Results) -> bool:
    """Whether a follow-up with as many interviews could not detect the smallest change that matters of a primary
    outcome, even if districts did not move by themselves."""
    if not plans_a_follow_up(results):
        return False
    return any(
        indicator.worthwhile is not None and sizes[0] > indicator.worthwhile
        for indicator, _, sizes in detectable_of_primaries(results)
    )
