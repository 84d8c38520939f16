"""Over which waves districts are followed, and at which a district has rows of its own.

A rule of the design alone, light enough for the driver of a build.
"""

from __future__ import annotations

from fewdistricts.design import Design, District, once


def comparisons_of(design: Design, district: District) -> list[tuple[str, str]]:
    """The (later, baseline) waves, as ids in order of time, over which a district's change is wanted.

    A pilot or neighbouring district: its baseline and each wave after it. A comparison district: the pairs of all the
    others, or where there is none, the first wave and each later one. Beyond `MOST_ROWS` only the last wave and the
    headline's are later ends.
    """
    if district.arm == "comparison":
        return _of_comparisons(design)
    base, ends = design.baseline(district), _later_ends(design)
    return [(w.id, base.id) for w in design.followups(district) if w.id in ends] if base else []


MOST_ROWS = 20_000
"""Levels of single districts, or changes of comparison districts, up to which all of them are rows."""


def told(design: Design, district: District) -> frozenset[str]:
    """The waves at which a district has levels: all, or beyond `MOST_ROWS` the first, the last, the headline's and
    those that its changes start from. Arms have levels at every wave always."""
    if _all_told(design):
        return frozenset(w.id for w in design.waves)
    ends = {wave for pair in comparisons_of(design, district) for wave in pair}
    return _later_ends(design) | {design.waves[0].id} | ends


@once
def _all_told(design: Design) -> bool:
    followed = [d for d in design.districts if d.arm != "comparison"]
    pairs = {(w.id, base.id) for d in followed if (base := design.baseline(d)) for w in design.followups(d)}
    most = max(len(design.districts) * len(design.waves), len(design.comparisons) * len(pairs))
    return most <= MOST_ROWS


@once
def _later_ends(design: Design) -> frozenset[str]:
    waves = frozenset(w.id for w in design.waves)
    return waves if _all_told(design) else waves & {design.waves[-1].id, design.inference.headline or ""}


@once
def _of_comparisons(design: Design) -> list[tuple[str, str]]:
    pairs = {pair for d in design.districts if d.arm != "comparison" for pair in comparisons_of(design, d)}
    pairs = pairs or {(w.id, design.waves[0].id) for w in design.waves[1:] if w.id in _later_ends(design)}
    order = {w.id: k for k, w in enumerate(design.waves)}
    return sorted(pairs, key=lambda pair: (order[pair[0]], order[pair[1]]))


def waves(design: Design) -> tuple[str, str]:
    """The headline's later and earlier wave: the last wave, a declared one, or the means `after` and `before`."""
    if chosen(design) == "average":
        return "after", "before"
    bases = {base.id for d in followed_pilots(design) if (base := design.baseline(d))}
    return _wave(design), bases.pop() if len(bases) == 1 else "before"


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
    based = [d for d in design.pilots if design.baseline(d) and design.followups(d)]
    many = [
        len(design.followups(d)) >= 2 and len(design.waves) - len(design.followups(d)) >= 2 for d in based
    ]  # fmt: skip
    return "average" if many and all(many) else "last"


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
