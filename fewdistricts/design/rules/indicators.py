"""Rules of `indicators`, and of the steps of a theory that they are."""

from __future__ import annotations

import math
from collections.abc import Iterator

from fewdistricts.design.blocks import Indicator, effective_missing
from fewdistricts.design.parts import Finding, Parts, Path
from fewdistricts.design.placeholders import PLACEHOLDER
from fewdistricts.design.rules.names import kinds_overlap, listed, unknown
from fewdistricts.design.types import short


def theory(parts: Parts) -> Iterator[Finding]:
    """Steps of indicators that are declared, each in one step, with a direction in which they should move."""
    steps = parts.intervention.theory if parts.intervention else ()
    if len(steps) == 1:
        yield Finding(("intervention", "theory"), "one step", "two or more, the last of them an outcome")
    directions = {indicator.id: indicator.better for _, indicator in parts.indicators}
    seen: list[str] = []
    for i, step in enumerate(steps):
        for name in step:
            at: Path = ("intervention", "theory", i)
            if name not in parts.indicator_ids:
                yield unknown(at, name, parts.indicator_ids)
            elif name in seen:
                yield Finding(at, f"{name!r} a second time", "each indicator in one step")
            elif directions.get(name) == "none":
                yield Finding(at, f"{name!r}, which has no `better`", "an indicator with `better: higher` or `lower`")
            seen.append(name)


def indicators(parts: Parts) -> Iterator[Finding]:
    """Keys of an indicator that go together, or do not."""
    for i, indicator in parts.indicators:
        at: Path = ("indicators", i)
        yield from _keys(at, indicator)
        yield from _answers(at, indicator)
        for code in set(indicator.yes or ()) & set(indicator.no or ()):
            yield Finding((*at, "no"), f"{short(code)}, which is in `yes` too", "each answer once")
        if parts.data:
            yield from _missing(at, indicator, effective_missing(parts.data.missing, indicator.missing))
    if parts.families:
        for i, indicator in parts.indicators:
            if indicator.family not in parts.families:
                yield unknown(("indicators", i, "family"), indicator.family, parts.families)


def _keys(at: Path, indicator: Indicator) -> Iterator[Finding]:
    if indicator.watch and indicator.better == "none":
        yield Finding((*at, "watch"), "`watch: harm` without `better`", "`better: higher` or `lower` beside it")
    if indicator.yes and indicator.scale:
        yield Finding((*at, "scale"), "`scale` beside `yes`", "`yes` for a share or `scale` for a mean, not both")
    if indicator.no is not None and not indicator.yes:
        yield Finding((*at, "no"), "`no` without `yes`", "`no` lists the other answers of a share")
    if indicator.yes and not indicator.non_negative:
        yield Finding((*at, "non_negative"), "`non_negative` of a share", "it is for means only")
    if indicator.yes and indicator.unit:
        yield Finding((*at, "unit"), "`unit` for a share", "a unit for means only")
    if indicator.worthwhile and indicator.is_share and indicator.worthwhile >= 1:
        yield Finding(
            (*at, "worthwhile"), repr(indicator.worthwhile), "a fraction for a share: 0.05 is 5 percentage points"
        )


def _missing(at: Path, indicator: Indicator, kinds: dict[str, tuple[str, ...]]) -> Iterator[Finding]:
    """A code is an answer or missing, and missing for one reason."""
    if indicator.missing:
        yield from kinds_overlap((*at, "missing"), kinds)
    for key in ("yes", "no", "answers"):
        for kind, codes in kinds.items():
            for code in set(getattr(indicator, key) or ()) & set(codes):
                found = f"{short(code)}, which is declared {kind} too"
                yield Finding((*at, key), found, "an answer or missing")


def _answers(at: Path, indicator: Indicator) -> Iterator[Finding]:
    """The answers that readers see are those of a share or points of a scale."""
    labelled = list(indicator.answers)
    if not labelled:
        return
    if indicator.yes is None and indicator.scale is None:
        allowed = "`yes` or `scale` beside it; a mean of anything else has no `answers`"
        yield Finding((*at, "answers"), "`answers` of a mean without a scale", allowed)
    for key in ("yes", "no"):
        for code in getattr(indicator, key) or ():
            if code not in labelled and code != PLACEHOLDER:
                yield Finding((*at, "answers"), f"no {short(code)}, which `{key}` names", listed(labelled))
    if indicator.yes is not None and indicator.no is not None:
        for code in labelled:
            if code not in (*indicator.yes, *indicator.no):
                yield Finding((*at, "answers", code), f"{short(code)}, in neither `yes` nor `no`", "one of them")
    low, high = indicator.scale or (-math.inf, math.inf)
    for code in labelled if indicator.scale else ():
        if not _within_scale(code, low, high):
            yield Finding((*at, "answers", code), short(code), f"a number from {low:g} to {high:g}, the code")


def _within_scale(code: str, low: float, high: float) -> bool:
    try:
        return low <= float(code) <= high
    except ValueError:
        return False
