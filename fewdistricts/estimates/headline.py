"""Which estimate answers the question: a rule of the design, fixed before any result is seen."""

from __future__ import annotations

from dataclasses import dataclass

from fewdistricts.design import Design, District, once


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

    @property
    def compares(self) -> bool:
        """Whether there is a comparison group."""
        return self.kind in ("pooled", "one_pilot", "one_comparison", "one_each")

    @property
    def may_say_effect(self) -> bool:
        """Whether the design carries the word: never without a comparison group, nor with one district in each arm."""
        return self.kind in ("pooled", "one_pilot", "one_comparison")


@once
def headline(design: Design) -> Headline:
    """The rule.

    Several districts in both arms: district-change regression (Donald and Lang 2007). One in an arm and three
    or more in the
    other: variance components. Two in the other, or one each: sampling error only. No comparison: the pilots'
    mean change.
    """
    pilots, comparisons = _followed(design), design.comparisons
    if not pilots:
        return Headline("levels", "level", "taylor", "pilot", design.waves[-1].id, "")
    wave, baseline = waves(design)
    if not comparisons:
        return Headline("before_after", "change", "taylor", "pilot", wave, baseline)
    few, many = sorted((len(pilots), len(comparisons)))
    if few >= 2:
        return Headline("pooled", "att", "district_change", "pooled", wave, baseline)
    kind = "one_each" if many == 1 else ("one_pilot" if len(pilots) == 1 else "one_comparison")
    estimator = "variance_components" if many >= 3 else "taylor"
    return Headline(kind, "att", estimator, "pooled", wave, baseline)


def waves(design: Design) -> tuple[str, str]:
    """The headline's later and earlier wave: the last wave, a declared one, or the means `after` and `before`."""
    if design.inference.headline == "average":
        return "after", "before"
    bases = {base.id for d in _followed(design) if (base := design.baseline(d))}
    return _wave(design), bases.pop() if len(bases) == 1 else "before"


def _wave(design: Design) -> str:
    chosen = design.inference.headline
    return design.waves[-1].id if chosen == "last" else chosen


def _followed(design: Design) -> list[District]:
    """Pilot districts that have a wave before their start and, after it, the headline wave (`average`: any wave)."""
    based = [d for d in design.pilots if design.baseline(d) and _started(design, d)]
    if design.inference.headline == "average":
        return [d for d in based if design.followups(d)]
    return [d for d in based if _wave(design) in [w.id for w in design.followups(d)]]


def _started(design: Design, district: District) -> bool:
    """Whether a wave lies after the start of a district; without a start there is no before and after."""
    return any(design.phase(district, wave) == "after" for wave in design.waves)


def one_start(design: Design, pilots: list[District]) -> bool:
    """Whether all pilot districts are followed over the same waves, so that their changes can trade places."""
    return len({tuple(wave_weights(design, d).items()) for d in pilots}) == 1


def wave_weights(design: Design, pilot: District) -> dict[str, float]:
    """Coefficients on the levels of a pilot district that make its change: +1 in all after the start, -1 before it.

    The headline wave against the last wave before the start; or, with `headline: average`, the mean of the waves after
    against the mean of the waves before.
    """
    head = headline(design)
    base = design.baseline(pilot)
    later = [w.id for w in design.followups(pilot)]
    if base is None or not later:
        return {}
    if head.wave != "after":
        return {head.wave: 1.0, base.id: -1.0} if head.wave in later else {}
    earlier = [w.id for w in design.waves if w.id not in later]
    return {w: 1 / len(later) for w in later} | {w: -1 / len(earlier) for w in earlier}
