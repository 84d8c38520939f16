"""Over which waves districts are followed, and at which a district has rows of its own.

A rule of the design alone, light enough for the driver of a build.
"""

from __future__ import annotations

from fewdistricts.design import Design, District, once


def comparisons_of(design: Design, district: District) -> list[tuple[str, str]]:
    """The (later, baseline) waves, as ids in order of time, over which a district's change is wanted.

    A pilot or neighbouring district: its baseline and each wave after it. A comparison district: the pairs of all the
    others. Beyond `MOST_ROWS` only the last wave and the headline's are later ends.
    """
    if district.arm == "comparison":
        return _of_comparisons(design)
    base, ends = design.baseline(district), _later_ends(design)
    return [(w.id, base.id) for w in design.followups(district) if w.id in ends] if base else []


SEVERAL = 2
"""Waves before the start, and after it, from which their means are the headline."""
MOST_ROWS = 20_000
"""Levels of single districts, or changes of comparison districts, up to which all of them are rows."""


def waves_with_levels(design: Design, district: District) -> frozenset[str]:
    """The waves at which a district has levels: all, or beyond `MOST_ROWS` the first, the last, the headline's and
    those that its changes start from. Arms have levels at every wave always."""
    if _all_have_levels(design):
        return frozenset(w.id for w in design.waves)
    ends = {wave for pair in comparisons_of(design, district) for wave in pair}
    return _later_ends(design) | {design.waves[0].id} | ends


@once
def _all_have_levels(design: Design) -> bool:
    pairs = set()
    for district in design.districts:
        base = design.baseline(district)
        if district.arm != "comparison" and base is not None:
            pairs |= {(wave.id, base.id) for wave in design.followups(district)}
    most = max(len(design.districts) * len(design.waves), len(design.comparisons) * len(pairs))
    return most <= MOST_ROWS


@once
def _later_ends(design: Design) -> frozenset[str]:
    waves = frozenset(w.id for w in design.waves)
    return waves if _all_have_levels(design) else waves & {design.waves[-1].id, design.inference.headline or ""}


@once
def _of_comparisons(design: Design) -> list[tuple[str, str]]:
    pairs = {pair for d in design.districts if d.arm != "comparison" for pair in comparisons_of(design, d)}
    order = {w.id: k for k, w in enumerate(design.waves)}
    return sorted(pairs, key=lambda pair: (order[pair[0]], order[pair[1]]))


def waves(design: Design) -> tuple[str, str]:
    """The headline's later and earlier wave: the last wave, a declared one, or the means `after` and `before`."""
    if chosen(design) == "average":
        return "after", "before"
    bases = design.baselines(followed_pilots(design))
    return _wave(design), bases[0].id if len(bases) == 1 else "before"


@once
def chosen(design: Design) -> str:
    """`inference.headline` as declared; by default `average` where every followed pilot district has two waves before
    its start and two after it, else `last`.

    With many waves the last against the one before the start throws power away (.18 against .96 at 12 + 12 months,
    *measured*).
    """
    declared = design.inference.headline
    if declared is not None:
        return declared
    followed = [d for d in design.pilots if design.baseline(d) and design.followups(d)]
    after = [len(design.followups(d)) for d in followed]
    before = [len(design.waves) - count for count in after]
    return "average" if min([*after, *before], default=0) >= SEVERAL else "last"


def _wave(design: Design) -> str:
    name = chosen(design)
    return design.waves[-1].id if name == "last" else name


def followed_pilots(design: Design) -> list[District]:
    """Pilot districts that have a wave before their start and, after it, the headline wave (`average`: any wave)."""
    based = [d for d in design.pilots if design.baseline(d) and _started(design, d)]
    if chosen(design) == "average":
        return [d for d in based if design.followups(d)]
    return [d for d in based if _wave(design) in [w.id for w in design.followups(d)]]


def _started(design: Design, district: District) -> bool:
    """Whether a wave lies after the start of a district; without a start there is no before and after."""
    return any(design.phase(district, wave) == "after" for wave in design.waves)
