"""Rules of waves and districts: phases, starts, arms, pairs, lots and clusters."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date

from fewdistricts.design.blocks import Wave
from fewdistricts.design.parts import Finding, Parts, Path
from fewdistricts.design.rules.names import listed


def waves(parts: Parts) -> Iterator[Finding]:
    """Waves follow one another, and are before or after the start as their dates say."""
    for (_, earlier), (i, later) in zip(parts.waves, parts.waves[1:], strict=False):
        if later.fieldwork[0] <= earlier.fieldwork[1]:
            yield Finding(
                ("waves", i, "fieldwork"),
                f"{later.fieldwork[0]}, when wave {earlier.id!r} ran until {earlier.fieldwork[1]}",
                "waves in the order of their fieldwork, one ending before the next begins",
            )
    start = parts.intervention.start if parts.intervention else None
    for i, wave in parts.waves:
        own = {d.start for _, d in parts.districts if d.start}
        if wave.phase and start and not own and not _straddles(wave, start):
            by_date = "before" if wave.fieldwork[1] < start else "after"
            if wave.phase != by_date:
                yield Finding(
                    ("waves", i, "phase"),
                    f"{wave.phase}, when the intervention began on {start}",
                    f"{by_date} by the dates of the fieldwork; leave `phase` out",
                )


def _straddles(wave: Wave, start: date) -> bool:
    return wave.fieldwork[0] < start <= wave.fieldwork[1]


def starts(parts: Parts) -> Iterator[Finding]:
    """A wave during which the programme began is neither before nor after it until someone says why."""
    if parts.intervention is None:
        return
    start = parts.intervention.start
    for i, wave in parts.waves:
        astride: list[str] = []
        if start and _straddles(wave, start):
            astride.append("the intervention")
        for _, district in parts.districts:
            if district.start and _straddles(wave, district.start) and wave.id not in district.phase:
                astride.append(f"district {district.id!r}")
        exempt = any(wave.id in district.phase for _, district in parts.districts)
        for key, allowed in (("phase", "before or after"), ("phase_reason", "why, for the chapter on limits")):
            if getattr(wave, key) is None and (astride or (exempt and key == "phase_reason")):
                found = f"nothing, when {listed(astride)} began during its fieldwork" if astride else "nothing"
                yield Finding(("waves", i, key), found, allowed, f"add `{key}:`")


def districts(parts: Parts) -> Iterator[Finding]:
    """Arms, starts and phases of the districts, and what the inference asks of them."""
    yield from _pilots(parts)
    for i, district in parts.districts:
        if district.arm == "comparison" and district.start is not None:
            yield Finding(
                ("districts", i, "start"), f"{district.start} for a comparison district", "no start", "is it a pilot?"
            )
        phases = [district.phase.get(wave.id) for _, wave in parts.waves]
        if "after" in phases and "before" in phases[phases.index("after") :]:
            yield Finding(("districts", i, "phase"), "a wave before that follows a wave after", "before, then after")
    yield from _not_yet(parts)
    yield from _populations(parts)


def _pilots(parts: Parts) -> Iterator[Finding]:
    if parts.awaits_districts or not parts.whole:
        return
    if not parts.districts:
        yield Finding(("districts",), "none", "at least one pilot district")
    elif not any(district.arm == "pilot" for _, district in parts.districts):
        yield Finding(("districts",), "no district with `arm: pilot`", "at least one pilot district")


def _not_yet(parts: Parts) -> Iterator[Finding]:
    """Pilots that start later serve as comparisons until then, but somebody must be left in the last wave."""
    if parts.inference is None or parts.inference.comparisons != "not_yet" or not parts.districts:
        return
    if any(district.arm == "comparison" for _, district in parts.districts):
        return
    yield Finding(
        ("inference", "comparisons"),
        "not_yet, but no district with `arm: comparison`",
        "a district that has not started by the last wave",
        "declare the districts that start last as comparison, without `start`, and take out the waves after their "
        "start: from `waves`, and by `data.leave_out` where the rows are in the file",
    )


def _populations(parts: Parts) -> Iterator[Finding]:
    """Districts that count by their people need a number of people each, declared or in the data."""
    if parts.inference is None or parts.inference.districts != "population" or not parts.whole:
        return
    if parts.awaits_districts or (parts.data and parts.data.columns.population):
        return
    lacking = [repr(district.id) for _, district in parts.districts if not district.population]
    if lacking or not parts.districts:
        yield Finding(
            ("inference", "districts"),
            f"population, but none for {listed(lacking)}",
            "a `population` for every district or data.columns.population",
        )


def pairs(parts: Parts) -> Iterator[Finding]:
    """One pilot district with its comparisons in each pair, and every district in one."""
    paired = [(i, d) for i, d in parts.districts if d.pair is not None]
    if not paired:
        return
    if parts.inference is not None and parts.inference.districts == "population":
        for i, district in paired:
            if not district.population:
                allowed = "a population for every district of a pair: both sides of a pair count by its pilot's"
                yield Finding(("districts", i, "population"), "nothing", allowed, "add `population:`")
    for i, district in parts.districts:
        if district.pair is None and district.arm != "neighbour":
            yield Finding(("districts", i, "pair"), "nothing", "a pair for every pilot and comparison district or none")
    for pair in dict.fromkeys(d.pair for _, d in paired):
        members = [(i, d.arm) for i, d in paired if d.pair == pair]
        arms = sorted(arm for _, arm in members)
        if arms.count("pilot") != 1 or set(arms) != {"comparison", "pilot"}:
            yield Finding(
                ("districts", members[-1][0], "pair"),
                f"{pair!r} with {', '.join(arms)}",
                "one pilot district and one or more comparison districts",
            )


def assignment(parts: Parts) -> Iterator[Finding]:
    """A lot is drawn within what the districts declare."""
    if parts.intervention is None:
        return
    lot = parts.intervention.assignment
    at: Path = ("intervention", "assignment", "within")
    if lot.within is None:
        return
    if lot.by != "lot":
        yield Finding(at, f"`within` where districts were assigned by {lot.by!r}", "only with `by: lot`")
    labels = {i: getattr(d, lot.within) for i, d in parts.districts if d.arm != "neighbour"}
    for i in (i for i, label in labels.items() if label is None):
        allowed = f"a {lot.within} for every pilot and comparison district"
        yield Finding(("districts", i, lot.within), "nothing", allowed)


def clusters(parts: Parts) -> Iterator[Finding]:
    """A cluster is declared of every district or of none."""
    inside = [d.cluster for _, d in parts.districts if d.arm != "neighbour"]
    if not any(inside) or all(inside):
        return
    for i, district in parts.districts:
        if district.cluster is None and district.arm != "neighbour":
            allowed = "a cluster for every pilot and comparison district or none"
            yield Finding(("districts", i, "cluster"), "nothing", allowed, "its own id where it stands alone")
