"""Page one by rules: findings with their levels, what to do next, and what the chapters say of the results."""

from __future__ import annotations

from math import isnan
from typing import Any

from fewdistricts.design import District, Indicator
from fewdistricts.exhibits.follow_up import misses_what_matters, plans_a_follow_up
from fewdistricts.exhibits.results import Results, Row
from fewdistricts.exhibits.text.by_verdict import by_verdict, quoted
from fewdistricts.exhibits.text.certainty import (
    certainty_sentence,
    divergence,
    excludes_zero,
    harm,
    imbalance,
    in_time,
    power_list,
    power_range,
)
from fewdistricts.exhibits.text.exclusions import without_figure
from fewdistricts.exhibits.text.in_short import in_short
from fewdistricts.exhibits.text.nouns import capitalised
from fewdistricts.exhibits.text.verdicts import counted_districts, named, of_all_sentence, reading, short
from fewdistricts.exhibits.text.wording import WHOLE, Words, escape

MOST_FINDINGS = 5
MOST_STEPS = 3
FEW = 10  # districts in a group: below it more of them are worth more than more interviews


def facts(results: Results, words: Words) -> dict[str, Any]:
    """Values of the templates that rest on the estimates."""
    primary = results.primary
    more = len(primary) - MOST_FINDINGS
    opening = in_short(results, words, after_only=results.after_only, lot=drawn_by_lot(results))
    return {
        "in_short": opening,
        "brackets": _brackets(results, words),
        "findings": [finding(results, words, indicator) for indicator in primary[:MOST_FINDINGS]],
        "findings_more": _more(words, more),
        "next_steps": next_steps(results, words),
        "power_range": power_range(results, words),
        "power_list": power_list(results, words),
        "imbalance": imbalance(results, words),
        "firmness": divergence(results, words),
        **in_time(results, words),
        "multiplicity": _multiplicity(results, words),
        **_detectable_range(results, words),
        "detectable_list": _detectable_list(results, words),
        "primary": [_item(results, words, i, number < MOST_FINDINGS) for number, i in enumerate(primary)],
        "families": _families(results, words),
        "has_reporting": any(f == "reporting" for f, _ in results.families()),
        "has_placebo": bool(results.placebos),
        "placebo_moved": quoted(moved(results), words),
        "placebo_single": _placebo_single(results, words),
        "heterogeneity": _heterogeneity(results, words),
        "alike": alike(results),
        "family_p": any(not isnan(r.p_adjusted) for i in primary if (r := results.answer(i))),
    }


def _more(words: Words, number: int) -> str:
    """That further primary outcomes are in a chapter; empty where page one has them all."""
    if number <= 0:
        return ""
    count = words.in_words(number, "indicator")
    return words.label("finding", "more", count=count, one=number == 1)


# --- page one ------------------------------------------------------------------------------------------------------


def finding(results: Results, words: Words, indicator: Indicator) -> str:
    """One finding: outcome and verdict, levels of both groups, difference with interval, how sure it is."""
    label = escape(words.text(indicator.label))
    row = results.answer(indicator)
    if not results.changes:
        return _level_finding(results, words, indicator)
    if row is None or not row.defined:
        reason = without_figure(results, words, indicator, row)
        return words.label("finding", "nothing", label=label, reason=capitalised(reason))
    kind = "compared" if results.headline.compares else "alone"
    verdict = results.verdict(indicator)
    judged = {"worthwhile": indicator.worthwhile is not None, "direction": verdict.direction}
    heading = words.label("finding", kind, verdict.kind, **judged)
    if verdict.suggestive:
        heading = words.label("finding", "suggestive", heading=heading, direction=verdict.direction)
    after = certainty_sentence(results, words, indicator)
    if verdict.kind == "harm_not_ruled_out":
        size = row.link(words.size(harm(results, indicator), row.unit, *results.ends_read(row), of=indicator))
        after += words.label("finding", "harm", size=size)
    levels, difference = _moves(results, words, indicator, row), _difference(results, words, row)
    if not levels:
        values = {"label": label, "heading": heading, "difference": capitalised(difference), "certainty": after}
        return words.label("finding", "without_levels", **values)
    values = {"label": label, "heading": heading, "levels": levels, "difference": difference, "certainty": after}
    return words.label("finding", "whole", **values)


def _brackets(results: Results, words: Words) -> str:
    """What the brackets of several findings show, said once; empty where a finding says it itself."""
    rows = [results.answer(indicator) for indicator in results.primary]
    if not results.changes or len(rows) < 2 or not any(row is not None and row.bounded for row in rows):
        return ""
    confidence = words.confidence(results.design)
    head = results.headline
    sampling = head.estimator == "taylor"
    return words.label("in_short", "brackets", compares=head.compares, sampling=sampling, confidence=confidence)


def _difference(results: Results, words: Words, row: Row) -> str:
    """The difference in change, or the change, with its interval; of one finding alone what they are is said."""
    kind = "change" if row.estimand == "change" else "difference"
    several = len(results.primary) > 1
    values = words.linked(row, results.indicator_of(row))
    if not row.bounded:
        return words.label("finding", f"{kind}_only", several=several, **values)
    confidence = words.confidence(results.design)
    return words.label("finding", kind, several=several, confidence=confidence, **values)


def _moves(results: Results, words: Words, indicator: Indicator, answer: Row) -> str:
    """How the level moved in each group, in whole percent; empty where a level is not known."""
    pilot = _move(results, words, indicator, "pilot")
    if pilot is None:
        return ""
    values = {"pilot": pilot[1], "subject": words.label("finding", "subject", indicator.unit_of)}
    pilots, comparisons = counted_districts(results, answer)
    values["the_pilots"] = words.the("pilot", pilots)
    if not results.headline.compares:
        return words.label("finding", "levels_alone", **values)
    other = _move(results, words, indicator, "comparison", after_way=pilot[0])
    if other is None:
        return ""
    key = "levels_same" if pilot[0] == other[0] else "levels_apart"
    others = words.label("finding", "others_one" if comparisons == 1 else "others")
    return words.label("finding", key, comparison=other[1], others=others, **values)


def _move(
    results: Results, words: Words, indicator: Indicator, arm: str, after_way: str = ""
) -> tuple[str, str] | None:
    """Above, below or equal, at the precision printed, and the words for it.

    There is no verb after the same way, and no declared unit: the difference names it once.
    """
    head = results.headline
    rows = [results.level(arm, wave, indicator) for wave in (head.baseline_wave, head.wave)]
    if any(row is None or not row.defined for row in rows):
        return None
    unit = indicator.unit_of
    before, after = (row.link(words.level(row.estimate, unit, 0)) for row in rows if row)
    digits = 2 if unit == "share" else 6
    ends = [round(row.estimate, digits) for row in rows if row]
    way = "above" if ends[1] > ends[0] else "below" if ends[1] < ends[0] else "equal"
    kind = "also" if way == after_way else "move"
    return way, words.label("finding", kind, way, before=before, after=after)


def _level_finding(results: Results, words: Words, indicator: Indicator) -> str:
    """The level of each group, where no change may be stated."""
    wave = results.headline.wave
    shown: dict[str, str] = {"pilot": "", "comparison": "", "interval": ""}
    for arm in ("pilot", "comparison"):
        row = results.level(arm, wave, indicator)
        if row is not None and row.defined:
            shown[arm] = row.link(words.level(row.estimate, indicator.unit_of, of=indicator))
            if arm == "pilot" and row.bounded:
                shown["interval"] = row.link(words.level_interval(*row.ends, indicator.unit_of))
    label = escape(words.text(indicator.label))
    if not shown["pilot"]:
        reason = capitalised(words.status("no_data"))
        return words.label("finding", "nothing", label=label, reason=reason)
    return words.label(
        "finding",
        "level",
        label=label,
        confidence=words.confidence(results.design),
        the_pilots=words.the("pilot", len(results.design.pilots)),
        the_comparisons=words.the("comparison", len(results.design.comparisons)),
        **shown,
    )


def next_steps(results: Results, words: Words) -> list[str]:
    """What to do or ask next: the rules that apply, the most useful first."""
    design, head = results.design, results.headline
    comparisons, pilots = len(results.others), len(results.followed or design.pilots)
    placebo = quoted(moved(results), words)
    harmed = quoted([i for i in results.primary if results.changes and _may_be_worse(results, i)], words)
    misses = misses_what_matters(results)
    rules = [
        ("earlier", results.after_only, {}),
        ("followup", not results.changes and not results.after_only, {}),
        ("comparison", comparisons < 3, {}),
        ("larger", misses, {}),
        ("target", plans_a_follow_up(results) and not misses, {}),
        ("placebo", head.compares and bool(placebo), {"outcomes": placebo}),
        ("harm", head.compares and head.kind != "one_each" and bool(harmed), {"outcomes": harmed}),
        ("lot", not drawn_by_lot(results), {}),
        ("again", results.changes, {}),
        ("several", head.kind == "pooled" and min(comparisons, pilots) < FEW, {}),
    ]
    respondents = design.data.level == "respondent"
    chosen = [(key, values) for key, applies, values in rules if applies]
    steps = [words.label("next", key, respondents=respondents, **values) for key, values in chosen]
    return steps[:MOST_STEPS]


def _may_be_worse(results: Results, indicator: Indicator) -> bool:
    """Whether a worsening that matters is not ruled out by the interval that page one prints."""
    return harm(results, indicator, own=True) > 0 and not excludes_zero(results.answer(indicator))


def drawn_by_lot(results: Results) -> bool:
    """Whether the pilot districts were chosen by lottery, as declared."""
    return results.design.intervention.assignment.by == "lot"


def choice(results: Results, words: Words) -> str:
    """How the pilot districts were not chosen, or that it is not recorded, as a clause without its full stop."""
    design = results.design
    if design.intervention.assignment.by != "unknown":
        return words.label("sentence", "choice")
    matched = any(district.pair for district in design.districts)
    return words.label("sentence", "choice_matched" if matched else "choice_unknown")


def maryland_level(results: Results) -> str:
    """Level of the design on the Maryland scale: 5 where a lottery drew the districts, without comparison 2, else 3.

    One measurement after the start is 1; a baseline is none of the levels.
    """
    if not results.changes:
        return "1" if results.after_only else ""
    if not results.headline.compares:
        return "2"
    return "5" if drawn_by_lot(results) else "3"


# --- the chapters --------------------------------------------------------------------------------------------------


def _multiplicity(results: Results, words: Words) -> str:
    """The p-values of several primary outcomes with their number taken into account.

    They go by steps and the joint intervals do not: where the two disagree about zero, the reason is given.
    """
    alpha = 1 - results.design.inference.confidence
    shown, stepwise = [], False
    for indicator in results.primary:
        row = results.answer(indicator)
        if row is not None and not isnan(row.p_adjusted):
            label = escape(words.text(indicator.label))
            shown.append(
                words.label("sentence", "with_size", label=label, difference=row.link(words.p(row.p_adjusted)))
            )
            stepwise = stepwise or (row.p_adjusted < alpha and row.ci_low_joint <= 0 <= row.ci_high_joint)
    if len(shown) < 2:
        return ""
    return words.label("sentence", "multiplicity", outcomes="; ".join(shown), stepwise=stepwise)


def _detectable_rows(results: Results) -> list[tuple[Indicator, Row]]:
    """The minimum detectable difference of each primary outcome."""
    detectable = [(i, results.detectable(row)) for i, row in results.answers(results.primary)]
    return [(i, row) for i, row in detectable if row is not None and row.defined]


def _detectable_range(results: Results, words: Words) -> dict[str, str]:
    """The minimum detectable difference of shares, from the least to the most over outcomes; of one share, which."""
    shares = [(indicator, row) for indicator, row in _detectable_rows(results) if row.unit == "share"]
    if not shares:
        return {"detectable": "", "detectable_of": ""}
    least = min((row for _, row in shares), key=lambda row: row.estimate)
    most = max((row for _, row in shares), key=lambda row: row.estimate)
    low, high = (words.number(min(row.estimate, WHOLE) * 100, 1) for row in (least, most))
    number = least.link(low)
    if low != high:
        number = words.label("interval", low=number, high=most.link(high))
    return {
        "detectable": words.in_unit(number, "share", up_to=high),
        "detectable_of": quoted([shares[0][0]], words) if len(shares) == 1 else "",
    }


def _detectable_list(results: Results, words: Words) -> str:
    """The minimum detectable difference outcome by outcome, means included."""
    shown = []
    for indicator, row in _detectable_rows(results):
        size = row.link(words.magnitude(row.estimate, row.unit))
        difference = words.short(size, row.unit, indicator)
        label = escape(words.text(indicator.label))
        shown.append(words.label("sentence", "with_size", label=label, difference=difference))
    return "; ".join(shown)


def _item(results: Results, words: Words, indicator: Indicator, on_page_one: bool) -> dict[str, Any]:
    read = reading(words, results, indicator)
    return {
        "label": escape(words.text(indicator.label)),
        "finding": "" if on_page_one else finding(results, words, indicator),
        "verdict": read.verdict,
        "detectable": read.detectable,
        "conditional": results.design.conditional(indicator),
        "of_all": of_all_sentence(words, results, indicator),
    }


def _families(results: Results, words: Words) -> list[dict[str, str]]:
    """Each family's indicators that are not primary, by verdict."""
    out = []
    for family, members in results.families():
        others = [i for i in members if i not in results.primary]
        readings = [
            words.label("sentence", "group", reading=capitalised(kind), outcomes=outcomes)
            for kind, outcomes in _by_reading(results, words, others).items()
        ]
        readings += _of_all(results, words, others)
        if readings:
            out.append({"name": escape(words.family(results.design, family)), "readings": " ".join(readings)})
    return out


def _by_reading(results: Results, words: Words, members: list[Indicator]) -> dict[str, str]:
    """Outcomes with their differences by what the tables say of them, in the order of the verdicts."""
    by: dict[str, list[str]] = {}
    for indicators in by_verdict(results, members).values():
        for indicator in indicators:
            verdict = results.verdict(indicator)
            kind = words.label("sentence", "no_figure") if verdict.kind == "none" else short(words, verdict, indicator)
            by.setdefault(kind, []).append(named(words, results, indicator, results.answer(indicator)))
    return {kind: "; ".join(outcomes) for kind, outcomes in by.items()}


def _of_all(results: Results, words: Words, members: list[Indicator]) -> list[str]:
    """Shares of a part of the respondents, counted among all of them, in one sentence; none where there are none."""
    rows = [(i, results.answer(i, variant="of_all")) for i in members if not _has_counterpart(results, i)]
    outcomes = "; ".join(named(words, results, i, row) for i, row in rows if row is not None)
    kind = capitalised(words.label("variant", "of_all"))
    return [words.label("sentence", "group", reading=kind, outcomes=outcomes)] if outcomes else []


def _has_counterpart(results: Results, indicator: Indicator) -> bool:
    """Whether another indicator counts the same answers among all respondents, so that it need not be said again."""
    alike = [i for i in results.design.indicators if i.column == indicator.column and i.yes == indicator.yes]
    return any(not other.among for other in alike)


def moved(results: Results) -> list[Indicator]:
    """The placebo outcomes that moved."""
    return [i for i in results.placebos if results.verdict(i).kind == "moved"]


def _placebo_single(results: Results, words: Words) -> str:
    """Placebo outcomes that moved in a single pilot district, with the district, and how many would by chance."""
    if results.headline.kind != "pooled":
        return ""
    shown, tests = [], 0
    for indicator in results.placebos:
        for district in results.followed:
            row = results.own(district, indicator)
            if row is None or not row.bounded:
                continue
            tests += 1
            if excludes_zero(row):
                shown.append(_in_district(words, district, indicator, row))
    if not shown:
        return ""
    chance = by_chance(words, tests, results.design.inference.confidence)
    return words.label("sentence", "placebo_single", outcomes="; ".join(shown), chance=chance)


def _in_district(words: Words, district: District, indicator: Indicator, row: Row) -> str:
    """An outcome in one district, with its difference and interval."""
    names = {"district": escape(words.name_of(district)), "label": escape(words.text(indicator.label))}
    return words.label("sentence", "in_district", **names, **words.linked(row, indicator))


def by_chance(words: Words, tests: int, confidence: float) -> str:
    """How many of so many tests chance alone would make a warning of; empty without tests."""
    if not tests:
        return ""
    expected = words.number((1 - confidence) * tests, 1 if tests > 1 else 2)
    return words.label("sentence", "by_chance", tests=words.in_words(tests, "test"), one=tests == 1, expected=expected)


def _tests_of_difference(results: Results) -> dict[str, Row]:
    """Cochran's Q of each outcome, where it is known."""
    rows = results.of("heterogeneity", estimator="cochran_q")
    return {row.indicator: row for row in rows if not isnan(row.p_value)}


def alike(results: Results) -> bool:
    """Whether no test finds the pilot districts to differ from one another."""
    alpha = 1 - results.design.inference.confidence
    tested = _tests_of_difference(results)
    primary = [tested[i.id] for i in results.primary if i.id in tested]
    return bool(primary) and all(row.p_value > alpha for row in primary)


def apart(results: Results) -> bool:
    """Whether a test finds the pilot districts to differ from one another on a primary outcome."""
    return any(i.id in _tests_of_difference(results) for i in results.primary) and not alike(results)


def _heterogeneity(results: Results, words: Words) -> str:
    """Whether the pilot districts differ, outcome by outcome."""
    tested = _tests_of_difference(results)
    shown = []
    for indicator in results.primary:
        row = tested.get(indicator.id)
        if row is not None:
            values = {"label": escape(words.text(indicator.label)), "p": row.link(words.p(row.p_value, 2))}
            shown.append(words.label("sentence", "heterogeneity", small=row.p_value < 0.001, **values))
    return "; ".join(shown)
