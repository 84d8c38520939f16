"""Parallel trends: how large a departure the result survives, and whether the arms parted before the start.

Breakdown value: M* = max(0, |b| - t se), the differential trend between the arms at which the interval reaches
zero; also over the standard deviation, and over the largest, of the leave-one-out deviations D_j - mean(D_-j) of the
comparison districts, which show what differential trends occur without a programme (raw changes would hold the common
trend). With two waves no test of trends exists; with three or more `pretrend` looks before the start.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from math import inf, nan

import numpy as np

from fewdistricts.inference.assignments import at_least
from fewdistricts.inference.group_time import Staggered, event_study
from fewdistricts.inference.multiple_testing import step_down
from fewdistricts.inference.result import Inference


@dataclass(frozen=True)
class Breakdown:
    """The breakdown value in three units; nan where undefined, infinite where the comparison districts all moved
    alike."""

    value: float = nan  # in the unit of the estimate
    sd: float = nan
    ratio: float = nan
    status: str = ""


def breakdown(estimate: float, half: float, comparisons: np.ndarray) -> Breakdown:
    """M* of an estimate with the interval `estimate` +- `half`.

    `comparisons` (K,) changes of the comparison districts, nan left out. Status: `no_interval`; `too_few_districts`
    (K < 2: no deviations, the value alone); `no_variance` (no trend breaks it and the districts moved alike).
    """
    if not (np.isfinite(estimate) and np.isfinite(half)):
        return Breakdown(status="no_interval")
    value = max(0.0, abs(estimate) - half)
    d = np.asarray(comparisons, float)
    d = d[np.isfinite(d)]
    if len(d) < 2:
        return Breakdown(value, status="too_few_districts")
    deviations = (d - d.mean()) * len(d) / (len(d) - 1)  # D_j - mean(D_-j)

    def over(size: float) -> float:
        return value / size if size > 1e-12 * max(abs(estimate), half) else (inf if value > 0 else nan)

    sd, ratio = over(float(deviations.std(ddof=1))), over(float(np.abs(deviations).max()))
    # comparison districts that moved alike are no measure of a trend of 0
    return Breakdown(value, sd, ratio, status="no_variance" if np.isnan(sd) else "")


def pretrend(data: Staggered, *, seed: int = 0) -> Inference:
    """Did the arms part before the start? One p-value for all waves before the base; the estimate is the largest
    difference.

    One cohort, two districts or more in both arms: the largest |Welch t| over the waves against its permutation
    distribution (Westfall and Young 1993), exact if the arms could have been drawn otherwise. One pilot district: the
    placebo rank of its largest difference. Several cohorts: the smallest p of the event times, times their number
    (Bonferroni). Not rejecting is no proof of parallel trends (Roth 2022, AER: Insights 4). Status: `no_data` without
    two waves before the start.
    """
    before = [(e, said) for e, said in event_study(data) if e < -1 and np.isfinite(said.estimate)]
    if not before:
        return Inference(status="no_data")
    largest = max((said for _, said in before), key=lambda said: abs(said.estimate))
    known = Inference(estimate=largest.estimate, n_districts=largest.n_districts)
    if len(data.cohorts) > 1:
        each = [said.p_value for _, said in before if np.isfinite(said.p_value)]
        if not each:
            return replace(known, status="too_few_districts")
        return replace(known, p_value=min(1.0, len(each) * min(each)), p_type="bonferroni")
    g = data.cohorts[0]
    used = (data.cohort == g) | (data.cohort == -1)
    numbers = np.column_stack([data.level[used, g + e] - data.level[used, g - 1] for e, _ in before])
    pilot, weight = data.cohort[used] == g, data.weight[used]
    if min(pilot.sum(), (~pilot).sum()) == 1:
        return _placebo_pretrend(known, numbers, pilot if pilot.sum() == 1 else ~pilot)
    family = step_down(numbers, pilot, weight, seed=seed)
    if family.status:
        return replace(known, status=family.status)
    p = float(np.nanmin(family.single_step))
    return replace(known, p_value=p, p_type="permutation_max", p_floor=family.p_floor)


def _placebo_pretrend(known: Inference, numbers: np.ndarray, one: np.ndarray) -> Inference:
    complete = np.isfinite(numbers).all(axis=1)
    numbers, one = numbers[complete], one[complete]
    if one.sum() != 1 or len(one) < 3:
        return replace(known, status="too_few_districts")
    # distance from the mean of all, which is K / (K + 1) of that from the others for every district
    away = np.abs(numbers - numbers.mean(axis=0)).max(axis=1)
    p = float(at_least(away, away[one]).mean())
    return replace(known, p_value=p, p_type="placebo_rank", p_floor=1 / len(one))
