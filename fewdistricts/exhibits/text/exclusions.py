"""What an evaluation declared and its estimates could not use: pilot districts, members of a family, cells, rows;
and why an answer has no figure."""

from __future__ import annotations

from dataclasses import dataclass
from math import isnan

from fewdistricts.design import District, Indicator
from fewdistricts.estimates.arms import paired
from fewdistricts.estimates.headline import one_start, wave_weights
from fewdistricts.exhibits.results import Results, Row
from fewdistricts.exhibits.text import names
from fewdistricts.exhibits.text.wording import Words, escape

MOST_NAMED = 10
"""Districts that a sentence names before it only counts them."""


@dataclass(frozen=True)
class Gap:
    """An indicator without a number in some districts at a wave, though it was asked there."""

    indicator: Indicator
    wave: str
    districts: tuple[str, ...]  # ids in order of declaration
    everywhere: bool


def districts(results: Results) -> list[District]:
    """Districts that the answer leaves out: not started by its wave, no wave before the start, or no answers."""
    if not results.changes:
        return []
    design = results.design
    return [d for d in (*design.pilots, *design.comparisons) if d not in results.followed and d not in results.others]


def reasons(results: Results, words: Words) -> str:
    """Which districts are left out, and in brackets why; empty where none is."""
    by_reason: dict[str, list[District]] = {}
    for district in districts(results):
        by_reason.setdefault(_reason(results, district), []).append(district)
    excluded = []
    for key, members in by_reason.items():
        named = words.listed([escape(words.name_of(d)) for d in members[:MOST_NAMED]])
        if len(members) > MOST_NAMED:
            named = words.label("sentence", "among", count=words.number(len(members)), districts=named)
        excluded.append(words.label("sentence", key, districts=named))
    return words.label("sentence", "exclusions", reasons="; ".join(excluded)) if excluded else ""


def _reason(results: Results, district: District) -> str:
    """`unanswered`: too few answers in a wave that the answer needs; of pilots also `early`: no wave before the start;
    `never`: no start; `late`: started after the last wave; else `uncompared`."""
    design = results.design
    if district.arm != "pilot" or wave_weights(design, district):
        return "unanswered"
    start = district.start or design.intervention.start
    if start is None:
        return "never"
    if design.baseline(district) is None:
        return "early"
    return "uncompared" if design.followups(district) else "late"


def members(results: Results) -> list[Indicator]:
    """Indicators with a p-value that left their family: the others' assignments are not theirs, so none is adjusted."""
    if results.headline.kind != "pooled" or not one_start(results.design, results.followed):
        return []
    answers = [(i, results.answer(i)) for i in results.design.indicators]
    return [i for i, r in answers if r is not None and not isnan(r.p_value) and isnan(r.p_adjusted)]


def gaps(results: Results, status: str) -> list[Gap]:
    """Indicators by the districts without a number at a wave: without an answer (`no_data`), or `suppressed`."""
    ids = [d.id for d in results.design.districts]
    empty: dict[tuple[str, str], set[str]] = {}
    for row in results.of("level", status=status):
        if row.district in ids:
            empty.setdefault((row.indicator, row.wave), set()).add(row.district)
    out = []
    for indicator in results.design.indicators:
        for wave in results.design.waves:
            without = empty.get((indicator.id, wave.id))
            if without:
                districts = tuple(d for d in ids if d in without)
                out.append(Gap(indicator, wave.id, districts, len(without) == len(ids)))
    return out


def rows(results: Results, words: Words) -> list[str]:
    """Rows of the files that were left out as declared: how many, and by which answer."""
    sample = results.sample
    counted = sample[sample["kind"] == "left_out"].groupby("indicator", sort=False)["n"].sum()
    sentences = []
    for name, n in counted.items():
        what = names.covariate(results.design, words, str(name))
        sentences.append(words.label("figure", "flow", "left", number=words.number(float(n)), what=what))
    return sentences


def without_figure(results: Results, words: Words, indicator: Indicator | None, row: Row | None) -> str:
    """Why a row has no figure: its status in words; where the answer to the question lacks answers, in which group and
    when."""
    status = row.status if row is not None and row.status else "no_data"
    of_answer = row is None or row.district == results.headline.district
    if status != "no_data" or indicator is None or not of_answer:
        return words.status(status)
    if not any(level.defined for level in results.of("level", indicator=indicator.id)):
        return words.status(status)  # nobody at all
    lacking = _unanswered(results, indicator)
    if not lacking:
        return words.label("unanswered", "pairs") if paired(results.design) else words.status(status)
    places = [words.label("unanswered", when, group=words.the(arm, len(members))) for arm, members, when in lacking]
    return words.label("unanswered", "places", places=words.listed(places))


def _unanswered(results: Results, indicator: Indicator) -> list[tuple[str, list[District], str]]:
    """The groups of which no district has what the answer needs, and when: `before`, `after`, or `both` where some have
    one and some the other."""
    if not results.changes:
        return []
    design = results.design
    pilots = [d for d in design.pilots if wave_weights(design, d)]
    weights = {d.id: wave_weights(design, d) for d in pilots}
    shared = {wave: weight for each in weights.values() for wave, weight in each.items()}
    weights |= {d.id: shared for d in design.comparisons}
    groups = {"pilot": pilots, "comparison": list(design.comparisons) if results.headline.compares else []}
    lacking: list[tuple[str, list[District], str]] = []
    for arm, members in groups.items():
        answered = [_sides(results, indicator, d, weights[d.id]) for d in members]
        missing = [when for when in ("before", "after") if not any(when in sides for sides in answered)]
        if not missing and not any(len(sides) == 2 for sides in answered):
            missing = ["both"]
        lacking += [(arm, members, when) for when in missing if members]
    return lacking


def _sides(results: Results, indicator: Indicator, district: District, weights: dict[str, float]) -> set[str]:
    """The sides of the start on which a district has every level that the answer needs."""
    needed = {
        "before": [wave for wave, weight in weights.items() if weight < 0],
        "after": [wave for wave, weight in weights.items() if weight > 0],
    }
    levels = {wave: results.level(district.id, wave, indicator) for wave in weights}
    answered = {wave for wave, level in levels.items() if level is not None and level.defined}
    return {when for when, waves in needed.items() if waves and answered.issuperset(waves)}
