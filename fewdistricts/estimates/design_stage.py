"""Design-stage minimum detectable differences: what a follow-up wave could find, told before there is one.

Levels, design effects and interviews a cell are the baseline wave's; where nothing was measured yet they are assumed,
and marked. How much districts move by themselves cannot be known from one wave, so every number is given for a range of
shocks, `plan.shocks` of evaluation.yaml. A mean is treated as a share of one half whose standard deviation is the
mean's own: a shock of .03 moves it by .03 / .5 = .06 of its standard deviation.

The test is the one that the headline rule will take (`headline`): t with G1 + G0 - 2 degrees of freedom for the
district-change regression and for variance components. Where that rule allows sampling error only (no comparison
district, or fewer than three beside one pilot district) the quantiles are normal, and what stands under a shock is what
would be found if shocks of that size were known. Districts count equally; the covariance of repeated units is not used.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass, field
from math import inf, nan
from pathlib import Path
from typing import Any

import numpy as np

from fewdistricts import paths
from fewdistricts.design import Design, Indicator
from fewdistricts.estimates.items import items
from fewdistricts.estimates.measure import Survey
from fewdistricts.estimates.rounding import round_decimals, round_significant
from fewdistricts.inference import power
from fewdistricts.survey.baseline import Baseline

SHARES = (0.1, 0.2, 0.3, 0.4, 0.5)  # of which one is taken for each outcome while nothing is measured
HALF = 0.5  # the share with the largest variance
INTERVIEWS = 400  # a district and wave
DEFF = 1.5  # of a clustered household survey
DISTRICTS = (3, 4, 5, 6, 8, 10, 12, 15, 20, 30, 40)  # in each arm, of the figure
MULTIPLES = (0.25, 0.5, 1, 2)  # of the interviews at hand, of the figure


@dataclass(frozen=True)
class Basis:
    """What an outcome's numbers rest on."""

    indicator: str
    """Its id; empty for a share that stands for any."""
    unit: str
    """share, scale or count; sd where a mean's spread is not known."""
    level: float
    n: float
    """Answers a district and wave, harmonic mean."""
    deff: float
    """Median over the districts."""
    sd: float
    """Of one answer."""
    assumed: bool


@dataclass(frozen=True)
class Needed:
    """What finding a worthwhile change would take, under one shock; None where nothing suffices."""

    indicator: str
    shock: float
    effect: float
    mde: float
    districts: int | None
    """In each arm, at the interviews at hand."""
    interviews: int | None
    """A district and wave, with the districts declared."""


@dataclass(frozen=True)
class Numbers:
    """All numbers of a plan, rounded."""

    pilots: int
    comparisons: int
    wave: str
    """Id of the baseline wave; empty where nothing is measured."""
    followed: bool
    clustered: bool
    """Whether the test will count districts; else its interval holds sampling error only."""
    power: float
    shocks: list[float]
    n: float
    deff: float
    bases: list[Basis] = field(default_factory=list)
    mde: list[list[float]] = field(default_factory=list)
    """By basis, then shock."""
    needed: list[Needed] = field(default_factory=list)
    districts: list[int] = field(default_factory=list)
    interviews: list[int] = field(default_factory=list)
    """Empty where nobody is interviewed."""
    grid: list[list[list[float]]] = field(default_factory=list)
    """Of a share of one half: by shock, districts in each arm, interviews a district and wave."""
    own: list[float] = field(default_factory=list)
    """The same of the districts and interviews at hand: by shock."""


def numbers(design: Design, at_hand: Baseline) -> Numbers:
    """The design-stage numbers; `design` declares the whole evaluation, `at_hand` holds its baseline wave."""
    pilots, comparisons = len(at_hand.design.pilots), len(at_hand.design.comparisons)
    shocks = sorted(design.plan.shocks)
    confidence = design.inference.confidence
    bases = list(_bases(design, at_hand))
    measured = [b for b in bases if not b.assumed]
    n = float(np.median([b.n for b in measured])) if measured else float(INTERVIEWS)
    deff = float(np.median([b.deff for b in measured])) if measured else DEFF
    interviews = [max(1, round(n * multiple)) for multiple in MULTIPLES if n < inf]
    few, many = sorted((pilots, comparisons))
    clustered = few >= 2 or (few == 1 and many >= 3)
    half = Basis("", "share", HALF, n, deff, HALF, True)

    def mde(basis: Basis, shock: float) -> float:
        return detectable(basis, pilots, comparisons, shock, clustered, confidence)

    grid = [
        power.mde_grid(
            HALF, interviews, [(g, g) for g in DISTRICTS], shock_sd=s, deff=deff, at=power.POWER, confidence=confidence
        )
        for s in shocks
    ]
    return Numbers(
        pilots=pilots,
        comparisons=comparisons,
        wave=at_hand.wave.id if at_hand.wave and at_hand.data is not None else "",
        followed=at_hand.followed,
        clustered=clustered,
        power=power.POWER,
        shocks=list(shocks),
        n=_round(n),
        deff=_round(deff),
        bases=[_rounded(b) for b in bases],
        mde=[[_round(mde(b, s)) for s in shocks] for b in bases],
        needed=list(_needed(design, bases, half, pilots, comparisons, clustered, shocks)),
        districts=list(DISTRICTS),
        interviews=interviews,
        grid=[round_decimals(g).tolist() for g in grid],
        own=[_round(mde(half, s)) for s in shocks],
    )


def detectable(
    basis: Basis, pilots: int, comparisons: int, shock: float, clustered: bool, confidence: float = 0.95
) -> float:
    """Minimum detectable difference of an outcome in its own unit; nan where the design allows no test."""
    share, scale = _as_share(basis)
    if not basis.sd > 0 or not pilots:
        return nan
    if clustered:
        found = power.design_mde(
            share, basis.n, pilots, comparisons, shock_sd=shock, deff=basis.deff, at=power.POWER, confidence=confidence
        )
        return found * scale
    variance = 2 * shock**2 + power.sampling_variance(share, basis.n, basis.deff)
    se = (variance / pilots + (variance / comparisons if comparisons else 0.0)) ** 0.5
    return power.minimum_detectable(se, inf, at=power.POWER, confidence=confidence) * scale


def interviews(
    basis: Basis, effect: float, pilots: int, comparisons: int, shock: float, confidence: float
) -> int | None:
    """Interviews a district and survey that find a difference; None where no number does, or none is interviewed."""
    if not np.isfinite(basis.n) or not basis.sd > 0:
        return None
    share, scale = _as_share(basis)
    return power.interviews_needed(
        effect / scale,
        share,
        pilots,
        comparisons,
        shock_sd=shock,
        deff=basis.deff,
        at=power.POWER,
        confidence=confidence,
    )


def _as_share(basis: Basis) -> tuple[float, float]:
    """The share that an outcome is treated as, and what its differences are multiplied by."""
    return (basis.level, 1.0) if basis.unit == "share" else (HALF, basis.sd / HALF)


def _bases(design: Design, at_hand: Baseline) -> Iterator[Basis]:
    """Each indicator's level, spread, interviews and design effect; without answers, shares that stand for any."""
    if at_hand.data is None:
        for share in SHARES:
            yield Basis("", "share", share, INTERVIEWS, DEFF, (share * (1 - share)) ** 0.5, True)
        if any(not i.is_share for i in design.indicators):
            yield Basis("", "sd", nan, INTERVIEWS, DEFF, 1.0, True)
        return
    found = _measured(at_hand)
    known = list(found.values())
    n = float(np.median([b.n for b in known])) if known else float(INTERVIEWS)
    deff = float(np.median([b.deff for b in known])) if known else DEFF
    for i in design.indicators:
        unit, level, sd = ("share", HALF, HALF) if i.is_share else ("sd", nan, 1.0)
        yield found.get(i.id) or Basis(i.id, unit, level, n, deff, sd, True)


def _measured(at_hand: Baseline) -> dict[str, Basis]:
    """The baseline's levels over pilot and comparison districts, counting equally, without suppressed cells."""
    design, wave = at_hand.design, at_hand.wave
    assert at_hand.data is not None
    assert wave is not None
    survey, out = Survey(design, at_hand.data), {}
    respondents = design.data.level == "respondent"
    for item in items(design):
        measured = survey.measure(item)
        members = [
            d for d in survey.districts if d.arm != "neighbour" and (d.id, wave.id, item.id) not in at_hand.hidden
        ]
        own = [measured.level(d.id, wave.id) for d in members]
        own = [k for k in own if measured.levels.n[k] > 0]
        if not own:
            continue
        levels = measured.levels
        n, level = levels.n[own].astype(float), float(levels.estimate[own].mean())
        spread = levels.variance_srs[own] * n
        deffs = levels.deff[own]
        deff = float(np.median(deffs[np.isfinite(deffs)])) if respondents and np.isfinite(deffs).any() else 1.0
        sd = (level * (1 - level)) ** 0.5 if item.unit == "share" else float(np.nanmean(spread)) ** 0.5
        # a row a district and wave is counted, not sampled: no number of interviews adds to it
        each = float(len(n) / (1 / n).sum()) if respondents else inf
        out[item.id] = Basis(item.id, item.unit, level, each, deff, sd, False)
    return out


def _needed(
    design: Design,
    bases: list[Basis],
    half: Basis,
    pilots: int,
    comparisons: int,
    clustered: bool,
    shocks: Sequence[float],
) -> Iterator[Needed]:
    """For each primary outcome with a smallest change worth having: what finding it would take."""
    by_id = {b.indicator: b for b in bases if b.indicator}
    confidence = design.inference.confidence
    for i in primary(design):
        basis = by_id.get(i.id) or (half if i.is_share else None)
        if i.worthwhile is None or basis is None or basis.unit == "sd" or not basis.sd > 0:
            continue
        share, scale = _as_share(basis)
        effect = i.worthwhile / scale
        for shock in shocks:
            options: dict[str, Any] = {
                "shock_sd": shock,
                "deff": basis.deff,
                "at": power.POWER,
                "confidence": confidence,
            }
            each = power.districts_needed(effect, share, basis.n, **options)
            people = interviews(basis, i.worthwhile, pilots, comparisons, shock, confidence) if clustered else None
            found = detectable(basis, pilots, comparisons, shock, clustered, confidence)
            yield Needed(i.id, shock, i.worthwhile, _round(found), each, people)


def primary(design: Design) -> tuple[Indicator, ...]:
    """The primary outcomes; where none is declared, all that are neither placebo nor exposure."""
    chosen = [i for i in design.indicators if i.role == "primary"]
    return tuple(chosen or [i for i in design.indicators if i.role == "secondary"] or design.indicators)


def file(evaluation: str) -> Path:
    """Where the numbers of a plan lie."""
    return paths.processed(evaluation) / "plan" / "numbers.json"


def text(made: Numbers) -> str:
    """The numbers as the text of their file."""
    return json.dumps(asdict(made), indent=1) + "\n"


def load(evaluation: str) -> Numbers:
    """The numbers of a plan that was made."""
    record = json.loads(file(evaluation).read_text(encoding="utf-8"))
    record["bases"] = [Basis(**each) for each in record["bases"]]
    record["needed"] = [Needed(**each) for each in record["needed"]]
    return Numbers(**record)


def _rounded(basis: Basis) -> Basis:
    values = {name: _round(getattr(basis, name)) for name in ("level", "n", "deff", "sd")}
    return Basis(basis.indicator, basis.unit, assumed=basis.assumed, **values)


def _round(value: float) -> float:
    return float(round_significant(np.array([value]))[0])
