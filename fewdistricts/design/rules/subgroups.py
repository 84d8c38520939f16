"""Rules of `subgroups`: two groups or more, told apart by answers or by bands, nobody in two of them."""

from __future__ import annotations

from collections.abc import Iterator

from fewdistricts.design.bands import Limits, limits
from fewdistricts.design.blocks import Subgroup
from fewdistricts.design.parts import Finding, Parts, Path
from fewdistricts.design.types import short


def subgroups(parts: Parts) -> Iterator[Finding]:
    """Everything wrong with the subgroups."""
    seen: set[str] = set()
    for i, subgroup in parts.subgroups:
        at: Path = ("subgroups", i)
        if parts.data is not None and parts.data.level == "district":
            yield Finding(at, "subgroups of data of districts", "`data.level: respondent`")
        if subgroup.id.casefold() in seen:
            yield Finding((*at, "id"), f"{short(subgroup.id)} a second time", "each id once, whatever its case")
        seen.add(subgroup.id.casefold())
        yield from _groups(at, subgroup)
        yield from _bands((*at, "bands"), subgroup.bands)
        for name in subgroup.names:
            if name not in subgroup.members:
                allowed = ", ".join(subgroup.members)
                yield Finding((*at, "names", name), f"{short(name)}, which is no group", allowed)


def _groups(at: Path, subgroup: Subgroup) -> Iterator[Finding]:
    if subgroup.groups and subgroup.bands:
        yield Finding((*at, "bands"), "`bands` beside `groups`", "one of them")
    elif len(subgroup.members) < 2:
        yield Finding(at, f"{len(subgroup.members)} groups", "two `groups` or more, or two `bands` or more")
    owner: dict[str, str] = {}
    for group, codes in subgroup.groups.items():
        for code in codes:
            if owner.setdefault(code, group) != group:
                found = f"{short(code)}, which is in {owner[code]!r} too"
                yield Finding((*at, "groups", group), found, "each answer in one group")


def _bands(at: Path, bands: tuple[str, ...]) -> Iterator[Finding]:
    earlier: list[tuple[str, Limits]] = []
    for j, text in enumerate(bands):
        band = limits(text)
        if band is None:
            continue
        for other_text, other in earlier:
            first, second = sorted((band, other), key=lambda limit: limit.low)
            if first.holds(second.low):
                yield Finding((*at, j), f"{text!r}, which overlaps {other_text!r}", "each number in one band")
        earlier.append((text, band))
