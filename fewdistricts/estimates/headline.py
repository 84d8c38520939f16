"""Which estimate answers the question: a rule of the design, fixed before any result is seen."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from fewdistricts.design import Design, District, once
from fewdistricts.estimates.arms import paired
from fewdistricts.estimates.followed_waves import followed_pilots, waves
from fewdistricts.inference import rules

Reason = rules.Reason | Literal["staggered", "one_district", "sampling_only", "no_comparison", "levels"]
"""Why this estimator answers: those of `inference.rules`, or districts that start at different waves, one district in
an arm, too few for anything but sampling error, no comparison group, no wave after the start."""


@dataclass(frozen=True)
class Headline:
    """The key of the answer in the estimates table, but for the indicator.

    `kind` is the shape of the design: `pooled` (several districts in both arms), `one_pilot`, `one_comparison`,
    `one_each`, `before_after` (no comparison district) or `levels` (no wave after the start, or one wave).
    """

    kind: str
    estimand: str
    estimator: str
    district: str
    wave: str
    baseline_wave: str
    reason: Reason

    @property
    def compares(self) -> bool:
        """Whether there is a comparison group."""
        return self.kind in ("pooled", "one_pilot", "one_comparison", "one_each")


@once
def headline(design: Design) -> Headline:
    """The rule.

    Several districts in both arms: `inference.rules` (by lot the permutation, pairs, clusters, variance components
    under five districts in an arm, Welch from five on); staggered starts: group-time effects. One in an arm and three
    or more in the other: variance components. Two in the other, or one each: sampling error only. No comparison: the
    pilots' mean change.
    """
    pilots, comparisons = followed_pilots(design), design.comparisons
    if not pilots:
        return Headline("levels", "level", "taylor", "pilot", design.waves[-1].id, "", "levels")
    wave, baseline = waves(design)
    if not comparisons:
        return Headline("before_after", "change", "taylor", "pilot", wave, baseline, "no_comparison")
    few, many = sorted((len(pilots), len(comparisons)))
    if few >= 2:
        if not _one_baseline(design, pilots):
            return Headline("pooled", "att", "district_change", "pooled", wave, baseline, "staggered")
        why = _reason(design, pilots)
        return Headline("pooled", "att", rules.OF_REASON[why], "pooled", wave, baseline, why)
    kind = "one_pilot" if len(pilots) == 1 else "one_comparison"
    if many == 1:
        kind = "one_each"
    if many >= 3:
        return Headline(kind, "att", "variance_components", "pooled", wave, baseline, "one_district")
    return Headline(kind, "att", "taylor", "pooled", wave, baseline, "sampling_only")


def _reason(design: Design, pilots: list[District]) -> rules.Reason:
    everyone = [*pilots, *design.comparisons]
    assignment = design.intervention.assignment
    lot_floor = float("inf")
    if assignment.by == "lot":
        strata = [getattr(d, assignment.within) for d in everyone] if assignment.within else None
        lot_floor = rules.lot_floor([d.arm == "pilot" for d in everyone], strata)
    return rules.reason(
        len(pilots),
        len(design.comparisons),
        lot_floor=lot_floor,
        pairs=len({d.pair for d in pilots}) if paired(design) else 0,
        clustered=all(d.cluster for d in everyone),
        alpha=1 - design.inference.confidence,
    )


def _one_baseline(design: Design, pilots: list[District]) -> bool:
    return len(design.baselines(pilots)) == 1


def one_start(design: Design, pilots: list[District]) -> bool:
    """Whether all pilot districts are followed over the same waves, so that their changes can trade places."""
    return len({tuple(wave_weights(design, d).items()) for d in pilots}) == 1


def wave_weights(design: Design, pilot: District) -> dict[str, float]:
    """Coefficients on the levels of a pilot district that make its change: +1 in all after the start, -1 before it.

    The headline wave against the last wave before the start; or, with `headline: average`, the mean of the waves after
    against the mean of the waves before.
    """
    known = _wave_weights(design)
    return known[pilot.id] if pilot.id in known else _weights_of(design, pilot)


@once
def _wave_weights(design: Design) -> dict[str, dict[str, float]]:
    return {district.id: _weights_of(design, district) for district in design.districts}


def _weights_of(design: Design, pilot: District) -> dict[str, float]:
    head = headline(design)
    base = design.baseline(pilot)
    later = [w.id for w in design.followups(pilot)]
    if base is None or not later:
        return {}
    if head.wave != "after":
        return {head.wave: 1.0, base.id: -1.0} if head.wave in later else {}
    earlier = [w.id for w in design.waves if w.id not in later]
    return {w: 1 / len(later) for w in later} | {w: -1 / len(earlier) for w in earlier}
