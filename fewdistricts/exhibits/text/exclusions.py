"""What an evaluation declared and its estimates could not use: pilot districts, members of a family, cells, rows."""

from __future__ import annotations

from dataclasses import dataclass

from fewdistricts.design import District, Indicator
from fewdistricts.estimates.headline import one_start, wave_weights
from fewdistricts.exhibits.results import Results
from fewdistricts.exhibits.text import names as naming
from fewdistricts.exhibits.text.wording import Words


@dataclass(frozen=True)
class Gap:
    """An indicator without a number in some districts at a wave, though it was asked there."""

    indicator: Indicator
    wave: str
    districts: tuple[str, ...]  # ids in order of declaration
    everywhere: bool


def pilots(results: Results) -> list[District]:
    """Pilot districts that the answer leaves out: not started by its wave, or without a wave before the start."""
    if not results.headline.compares and results.headline.kind != "before_after":
        return []
    return [d for d in results.design.pilots if not wave_weights(results.design, d)]


def members(results: Results) -> list[Indicator]:
    """Indicators with a p-value that left their family: the others' assignments are not theirs, so none is adjusted."""
    followed = [d for d in results.design.pilots if wave_weights(results.design, d)]
    if results.headline.kind != "pooled" or not one_start(results.design, followed):
        return []
    answers = [(i, results.answer(i)) for i in results.design.indicators]
    return [i for i, r in answers if r is not None and r.p_value == r.p_value and r.p_adjusted != r.p_adjusted]


def gaps(results: Results, status: str) -> list[Gap]:
    """Indicators by the districts without a number at a wave: without an answer (`no_data`), or `suppressed`."""
    ids = [d.id for d in results.design.districts]
    empty: dict[tuple[str, str], set[str]] = {}
    for row in results.of("level", status=status):
        if row.district in ids:
            empty.setdefault((row.indicator, row.wave), set()).add(row.district)
    return [
        Gap(i, w.id, tuple(d for d in ids if d in found), len(found) == len(ids))
        for i in results.design.indicators
        for w in results.design.waves
        if (found := empty.get((i.id, w.id)))
    ]


def rows(results: Results, words: Words) -> list[str]:
    """Rows of the files that were left out as declared: how many, and by which answer."""
    sample = results.sample
    counted = sample[sample["kind"] == "left_out"].groupby("indicator", sort=False)["n"].sum()
    return [
        words.label(
            "figure",
            "flow",
            "left",
            number=words.number(float(n)),
            what=naming.covariate(results.design, words, str(name)),
        )
        for name, n in counted.items()
    ]
