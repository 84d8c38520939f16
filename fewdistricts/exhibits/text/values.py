"""What the chapters may say of this evaluation: facts of the design and the estimates, already in words.

Every value is a text, a flag, or a list of such; the templates choose among sentences, they never format or compute.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date
from math import isnan
from typing import Any

from fewdistricts.design import Design, District, Indicator, Wave
from fewdistricts.estimates import simulation
from fewdistricts.estimates.arms import drawn_pairs
from fewdistricts.estimates.cohorts import uses_not_yet
from fewdistricts.exhibits.published import published_rows
from fewdistricts.exhibits.results import LOST, MOST, Results, Row
from fewdistricts.exhibits.tables.certainty import side_by_side
from fewdistricts.exhibits.text import (
    deviations,
    displacement,
    exclusions,
    findings,
    follow_up,
    names,
    own_simulation,
    subgroups,
    supplied,
    theory,
)
from fewdistricts.exhibits.text.bibliography import Citations
from fewdistricts.exhibits.text.by_verdict import quoted
from fewdistricts.exhibits.text.certainty import excludes_zero
from fewdistricts.exhibits.text.wording import Words, escape
from fewdistricts.inference.power import POWER
from fewdistricts.inference.rules import FIXED_ON

FEW_DISTRICTS = 10  # in a group: below it the report warns
MANY_TESTS = 10  # indicators: of as many chance alone sets some apart from zero
MANY_WAVES = 4  # more are not listed one by one in a sentence
HIGH_MISSING = 0.10  # of the answers to one indicator
MOST_NAMED = 10  # gaps, and districts of one gap: further ones are counted
CRIME = ("victimisation", "reporting")  # families of which the report may speak of crimes


def facts(results: Results, words: Words) -> dict[str, Any]:
    """All values that the chapter templates may use."""
    return (
        _design_facts(results, words)
        | _plan(results, words)
        | _data_facts(results, words)
        | _published(results, words)
        | findings.facts(results, words)
        | follow_up.facts(results, words)
        | theory.facts(results, words)
        | displacement.facts(results, words)
        | supplied.facts(results, words)
        | subgroups.facts(results, words)
        | own_simulation.facts(results, words)
        | imbalances(results, words)
        | _checks(results, words)
        | _exclusions(results, words)
        | _rule(results, words)
        | _document(results, words)
    )


def _design_facts(results: Results, words: Words) -> dict[str, Any]:
    design, head = results.design, results.headline
    maryland = findings.maryland_level(results)
    within = design.intervention.assignment.within
    pilots = results.followed or list(design.pilots)  # the answer is about these
    before = [w for w in design.waves if any(w.id == b.id for d in pilots if (b := design.baseline(d)))]
    return {
        "intervention": escape(words.text(design.intervention.name)),
        "description": escape(words.text(design.intervention.description)),
        "start": _starts(pilots, results, words),
        **_counts(results, words, pilots),
        **sides(results),
        "compares": head.compares,
        "confidence": words.confidence(design),
        "power": words.share(POWER, 0),
        "pooled": head.kind == "pooled",
        "one_each": head.kind == "one_each",
        "lot": findings.drawn_by_lot(results),
        "lot_within": words.label("sentence", "lot_within", within) if within else "",
        "clusters_declared": head.reason == "clusters",
        "pooled_form": head.reason == "few_districts",
        "choice": findings.choice(results, words),
        "few_districts": head.compares and min(len(pilots), len(design.comparisons)) < FEW_DISTRICTS,
        "equal": design.inference.districts == "equal",
        "one_wave": len(design.waves) == 1,
        "two_waves": len(before) == 1 and design.waves[0].id == before[0].id,
        "synthetic": design.synthetic,
        "caution": escape(words.text(design.caution)) if design.caution else "",
        "maryland_level": maryland,
        "maryland": words.label("maryland", maryland) if results.changes else "",
        **_waves(results, words),
        **_level(results, words),
        "straddling": [_straddling(words, w) for w in design.waves if w.phase and w.phase_reason],
        "duplicates_reason": _duplicates_reason(results, words),
        "source": escape(words.text(design.data.source)),
        "sampling": _sampled(results, words),
        "minimum_cell": words.number(design.disclosure.minimum_cell),
        "worthwhile_declared": any(i.worthwhile is not None for i in results.primary),
        "indicators": words.in_words(len(design.indicators), "indicator"),
        "several_indicators": len(design.indicators) >= MANY_TESTS,
        "primary_declared": any(i.role == "primary" for i in design.indicators),
        "one_primary": len(results.primary) == 1,
        "crime": any(family in CRIME for family, _ in results.families()),
        **_recall(results, words),
    }


def _sampled(results: Results, words: Words) -> str:
    """How respondents were sampled; of one survey there is no other to tell it from."""
    design = results.design
    return words.label("sampling", "once" if len(design.waves) == 1 else design.data.sampling)


def _plan(results: Results, words: Words) -> dict[str, Any]:
    """The date of the plan recorded before the follow-up data, and whether the report keeps to it."""
    recorded = deviations.facts(results.design, words)
    if recorded is None or recorded["plan_followed"]:
        return {"plan_date": "", "plan_kept": False}
    return {"plan_date": recorded["plan_date"], "plan_kept": not recorded["deviations"]}


def _counts(results: Results, words: Words, pilots: list[District]) -> dict[str, Any]:
    """Numbers of districts, in words, with their nouns and articles."""
    design = results.design
    comparisons = len(results.others)
    counted = words.both(len(pilots), comparisons) if comparisons else words.counted("pilot", len(pilots))
    return {
        "pilots": words.number(len(pilots)),
        "comparisons": words.number(comparisons),
        "comparisons_n": comparisons,
        "districts": words.number(len(design.districts)),
        "pilot_districts": words.counted("pilot", len(pilots)),
        "comparison_districts": words.counted("comparison", comparisons),
        "districts_counted": counted,
        **names.groups(results, words),
        "many_districts": len(design.districts) > MOST,
    }


def sides(results: Results) -> dict[str, bool]:
    """Whether the report may speak of change; if not, on which side of the start everything lies."""
    after = results.after_only
    return {"changes": results.changes, "before_only": not results.changes and not after, "after_only": after}


def _straddling(words: Words, wave: Wave) -> dict[str, str]:
    assert wave.phase and wave.phase_reason
    return {
        "label": escape(words.text(wave.label)),
        "phase": words.label("phase", wave.phase),
        "reason": escape(words.text(wave.phase_reason)),
    }


def _duplicates_reason(results: Results, words: Words) -> str:
    """Why rows that look like one interview were kept; empty where they are refused."""
    data = results.design.data
    if data.duplicates != "keep" or data.duplicates_reason is None:
        return ""
    return escape(words.text(data.duplicates_reason))


def _starts(pilots: Iterable[District], results: Results, words: Words) -> str:
    """The months in which the programme began, or where they are many the first and last and how many more."""
    starts = sorted(filter(None, map(results.design.start_of, pilots)))
    months = list(dict.fromkeys(map(words.month, starts)))
    if len(months) <= MANY_WAVES:
        return words.listed(months)
    further = words.in_words(len(months) - 1, "month")
    return words.label("sentence", "many_starts", further=further, first=months[0], last=months[-1])


def _waves(results: Results, words: Words) -> dict[str, str]:
    """The waves one by one, or where they are many their number and the months that they span."""
    waves = results.design.waves
    respondents = results.design.data.level == "respondent"
    if len(waves) > MANY_WAVES:
        values = {
            "number": words.in_words(len(waves), "wave"),
            "first": words.month(waves[0].fieldwork[0]),
            "last": words.month(waves[-1].fieldwork[1]),
        }
        return {
            "waves_sentence": words.label("sentence", "many_when", respondents=respondents, **values),
            "waves_text": words.label("sentence", "many_waves", respondents=respondents, **values),
        }
    key = "wave" if respondents else "wave_figures"
    # a survey that is called by its month says so already
    named = [w for w in waves if words.text(w.label).lower() not in when(words, w).lower()] or waves
    sentences = [words.label("sentence", key, label=escape(words.text(w.label)), when=when(words, w)) for w in named]
    return {"waves_sentence": _when_all(words, waves), "waves_text": " ".join(sentences)}


def _level(results: Results, words: Words) -> dict[str, Any]:
    """Respondents or one figure a district and wave, what their sampling was, and which kinds of inference follow."""
    design, head = results.design, results.headline
    columns = design.data.columns
    sampled = {"weights": columns.weight, "strata": columns.stratum, "psus": columns.psu}
    parts = [words.label("survey_design", part) for part, column in sampled.items() if column is not None]
    methods = {r.estimator for i in results.primary for r in side_by_side(results, i)} if head.compares else set()
    partial = results.of("heterogeneity", estimator="partial_pooling")
    return {
        "respondents": design.data.level == "respondent",
        "panel": design.data.sampling == "panel",
        "survey_design": words.listed(parts),
        "weighted": columns.weight is not None,
        "clustered": columns.psu is not None,
        "clustered_or_weighted": columns.weight is not None or columns.psu is not None,
        "methods": methods,
        "partial": any(row.defined for row in partial),
        "matched": any(d.pair for d in design.districts),
        "without_pairs": head.estimator == "paired",
        "paired": drawn_pairs(design, [*design.pilots, *design.comparisons]) is not None,
        "staggered": len({design.start_of(d) for d in design.pilots}) > 1,
        "not_yet": uses_not_yet(design),
    }


def _interviews_behind(results: Results, words: Words) -> str:
    """The interviews that the answer rests on; where others were held too, that it does not rest on those."""
    counted = results.counts("interviews")["n"].sum()
    key = "behind" if results.interviews_compared == counted else "behind_compared"
    return words.label("sentence", key, number=words.number(results.interviews_compared))


def _when_all(words: Words, waves: Sequence[Wave]) -> str:
    """The months of all waves, as a sentence has them: the preposition, or the month, once where one will do."""
    spans = [wave.fieldwork for wave in waves]
    within_month = all(words.month(first) == words.month(last) for first, last in spans)
    months = {(first.month, last.month) for first, last in spans}
    if len(waves) > 1 and len(months) == 1 and all(first.year == last.year for first, last in spans):
        years = words.listed(str(first.year) for first, _ in spans)
        first, last = (words.month_alone(day) for day in spans[0])
        if within_month:
            return words.label("sentence", "when_yearly", month=first, years=years)
        return words.label("sentence", "when_between_yearly", first=first, last=last, years=years)
    if within_month:
        return words.label("sentence", "when", months=words.listed(words.month(first) for first, _ in spans))
    return words.listed([when(words, wave) for wave in waves])


def when(words: Words, wave: Wave) -> str:
    """The months of a wave's fieldwork, as a sentence has them."""
    first, last = wave.fieldwork
    if words.month(first) == words.month(last):
        return words.label("sentence", "when", months=words.month(first))
    start = words.month_alone(first) if first.year == last.year else words.month(first)
    return words.label("sentence", "when_between", first=start, last=words.month(last))


def _recall(results: Results, words: Words) -> dict[str, Any]:
    """Indicators whose recall window reaches over a start in a wave after it."""
    indicators = results.design.indicators
    over = [i for i in indicators if results.changes and _reaches_over(results, i)]
    asked = any(i.recall_months for i in indicators)
    return {"reaches_back": asked, "recall_overlap": bool(over), "recall_overlap_list": quoted(over, words)}


def _reaches_over(results: Results, indicator: Indicator) -> bool:
    """Whether answers of a wave after a start speak of months before it."""
    design = results.design
    if not indicator.recall_months:
        return False
    for district in design.pilots:
        start = design.start_of(district)
        asked = [wave for wave in design.followups(district) if design.asked(indicator, wave)]
        if start and any(_reaches(wave, indicator.recall_months, start) for wave in asked):
            return True
    return False


def _reaches(wave: Wave, months: int, start: date) -> bool:
    first = wave.fieldwork[0]
    return (first.year * 12 + first.month - months) < (start.year * 12 + start.month)


def _data_facts(results: Results, words: Words) -> dict[str, Any]:
    design = results.design
    held = float(results.counts("interviews")["n"].sum())
    interviews = words.number(held)
    some_left_out = results.interviews_compared != held and bool(exclusions.districts(results))
    shares = _missing_shares(results)
    worst = max(shares, key=lambda pair: pair[0], default=None)
    worst_missing = None
    if worst and worst[0]:
        worst_missing = {"label": escape(words.text(worst[1].label)), "share": words.share(worst[0])}
    if design.data.level == "respondent":
        values = {"interviews": interviews, "sampling": _sampled(results, words)}
        missing = worst_missing["share"] if worst_missing else ""
        sentence = words.label("sentence", "data", missing=missing, **values)
    else:
        sentence = words.label("sentence", "data_records", rows=interviews)
    uneven = [i for i in design.indicators if not all(design.asked(i, w) for w in design.waves)]
    changed = [i for i in design.indicators if any(not ok for ok in (i.comparable or {}).values())]
    return {
        "interviews": interviews,
        "interviews_compared": words.number(results.interviews_compared) if some_left_out else "",
        "interviews_behind": _interviews_behind(results, words),
        "data_sentence": sentence,
        **_design_effects(results, words),
        "worst_missing": worst_missing,
        "missing_high": quoted([i for share, i in shares if share >= HIGH_MISSING], words),
        "suppressed": bool((results.table["status"] == "suppressed").any()),
        "not_comparable": quoted(changed, words),
        "not_asked": quoted(uneven, words),
        "raked": _raked(design, words),
        "conditional": quoted([i for i in design.indicators if design.conditional(i)], words),
    }


def _raked(design: Design, words: Words) -> str:
    """The columns that weights were raked to, or an empty text."""
    columns = design.data.weights.calibrate if design.data.weights else ()
    return words.listed([escape(names.covariate(design, words, column)) for column in columns])


def _missing_shares(results: Results) -> list[tuple[float, Indicator]]:
    """The share of missing answers of each indicator that was asked."""
    shares = []
    for indicator in results.design.indicators:
        rows = results.sample[results.sample["indicator"] == indicator.id]
        answered = float(rows.loc[rows["kind"] == "answered", "n"].sum())
        lost = float(rows.loc[rows["kind"].isin(LOST), "n"].sum())
        if answered + lost:
            shares.append((lost / (answered + lost), indicator))
    return shares


def _design_effects(results: Results, words: Words) -> dict[str, str]:
    """The smallest and largest design effect of the primary outcomes' levels in a district and wave; empty if none."""
    districts, primary = {d.id for d in results.design.districts}, {i.id for i in results.primary}
    rows = [r for r in results.of("level") if r.indicator in primary and r.district in districts]
    defined = sorted((row for row in rows if not isnan(row.deff)), key=lambda row: row.deff)
    if not defined:
        return {"deff_low": "", "deff_high": ""}
    low, high = (words.number(row.deff, 1) for row in (defined[0], defined[-1]))
    return {"deff_low": defined[0].link(low), "deff_high": defined[-1].link(high) if high != low else ""}


def _partial_where_unequal(results: Results, words: Words) -> dict[str, str]:
    """How often the partially pooled intervals hold the truth where pilot districts move twice as much by themselves
    as the others; empty where there are none."""
    rows = results.of("heterogeneity", estimator="partial_pooling")
    low, high = simulation.coverage_where_unequal("partial_pooling")
    shown = (words.share(low, 0), words.share(high, 0)) if any(row.defined for row in rows) else ("", "")
    nominal = words.share(1 - simulation.LEVEL, 0)
    return {"partial_unequal_low": shown[0], "partial_unequal_high": shown[1], "simulated_confidence": nominal}


LARGE = 0.25  # standard deviations: as What Works Clearinghouse, which asks for an adjustment from there on


def imbalances(results: Results, words: Words) -> dict[str, Any]:
    """How many characteristics differed before the start by more than chance would explain, and how far."""
    rows = [row for row in results.characteristics("main") if row.bounded]
    far = sum(excludes_zero(row) for row in rows)
    standardised = [row for row in results.characteristics("sd") if row.defined]
    large = sum(abs(row.estimate) >= LARGE for row in standardised)
    values = {
        "balance_far": words.in_words(far, "characteristic") if far else "",
        "balance_far_one": far == 1,
        "balance_of_one": len(rows) == 1,
        "balance_of": words.in_words(len(rows), "characteristic"),
        "balance_large": words.in_words(large, "characteristic") if large else "",
        "balance_large_one": large == 1,
        "balance_limit": words.number(LARGE, 2),
        "balance_largest": "",
    }
    if standardised:
        row = max(standardised, key=lambda each: abs(each.estimate))
        name = names.item(results.design, words, row.indicator)
        label = words.label("sentence", "quoted", text=escape(name))
        size = row.link(words.signed(row.estimate, 2))
        values["balance_largest"] = words.label("sentence", "largest_imbalance", label=label, size=size)
    return values


def _document(results: Results, words: Words) -> dict[str, Any]:
    """What the document says of itself: title, licence, works cited."""
    report = results.design.report
    cite = Citations(words)
    return {
        "title": escape(words.text(results.design.title)),
        "simulated": not simulation.nearest(results.design, results.interviews).empty,
        **_partial_where_unequal(results, words),
        "cite": cite,
        "references": cite,
        "license": escape(report.license or ""),
    }


def _checks(results: Results, words: Words) -> dict[str, Any]:
    """Warnings, each judged by itself, with the number that chance would raise: who answered, placebo outcomes."""
    moved, confidence = [], results.design.inference.confidence
    judged = [row for row in _who_answered(results) if row.bounded]
    for row in judged:
        if excludes_zero(row):
            label = escape(names.covariate(results.design, words, row.indicator))
            moved.append(words.label("sentence", "quoted", text=label))
    tested = [i for i in results.placebos if results.verdict(i).kind in ("moved", "unmoved")]
    return {
        "composition_moved": words.listed(moved),
        "composition_by_chance": findings.by_chance(words, len(judged), confidence),
        "placebo_by_chance": findings.by_chance(words, len(tested), confidence),
    }


def _who_answered(results: Results) -> list[Row]:
    """How differently the groups' respondents changed; where nothing compares, how the pilots' changed."""
    if results.headline.compares:
        return results.of("composition")
    if not results.changes:
        return []
    head = results.headline
    rows = [results.change("pilot", head.wave, head.baseline_wave, name) for name in results.composition]
    return [row for row in rows if row is not None and row.defined]


def _rule(results: Results, words: Words) -> dict[str, str]:
    """The rule that the headline follows, why, and since when; nothing without a comparison group."""
    if not results.headline.compares:
        return {"rule": ""}
    respondents = results.design.data.level == "respondent"
    reason = words.label("rule", results.headline.reason, respondents=respondents)
    return {"rule": words.label("rule", "said", date=words.date(FIXED_ON), reason=reason)}


def _exclusions(results: Results, words: Words) -> dict[str, Any]:
    """What was declared and could not be used, named."""
    values: dict[str, Any] = {}
    for name, status in {"gaps": "no_data", "hidden": "suppressed"}.items():
        gaps = exclusions.gaps(results, status)
        values[name] = [_gap(results, words, gap) for gap in gaps[:MOST_NAMED]]
        values[f"{name}_more"] = words.number(len(gaps) - MOST_NAMED) if len(gaps) > MOST_NAMED else ""
    reasons = exclusions.reasons(results, words)
    return values | {
        "hidden_list": "; ".join(values["hidden"]),
        "districts_left_out": bool(reasons),
        "exclusions": reasons,
        "members_left_out": quoted(exclusions.members(results), words),
        "left_out_rows": words.listed(escape(sentence) for sentence in exclusions.rows(results, words)),
    }


def _gap(results: Results, words: Words, gap: exclusions.Gap) -> str:
    """An indicator and wave with the districts that have no number."""
    design = results.design
    label, wave = escape(words.text(gap.indicator.label)), escape(words.text(design.wave(gap.wave).label))
    if gap.everywhere:
        return words.label("sentence", "gap_everywhere", label=label, wave=wave)
    districts = words.listed([escape(words.name_of(design.district(d))) for d in gap.districts[:MOST_NAMED]])
    key = "gap" if len(gap.districts) <= MOST_NAMED else "gap_many"
    count = words.number(len(gap.districts))
    return words.label("sentence", key, label=label, wave=wave, districts=districts, count=count)


def _published(results: Results, words: Words) -> dict[str, Any]:
    rows = published_rows(results, words)
    sentences = []
    for row in rows:
        change = row.after - row.before
        number = words.signed(change * 100, 0) if row.unit == "share" else words.difference(change, row.unit)
        values = {
            "label": escape(words.text(row.indicator.label)),
            "before": words.level(row.before, row.unit, 0),
            "after": words.level(row.after, row.unit, 0),
            "change": words.in_unit(number, row.unit),
        }
        sentences.append(words.label("sentence", "published", **values))
    return {
        "place": escape(words.listed(sorted({r.place for r in rows}))),
        "published_source": escape(words.listed(sorted({r.source for r in rows}))),
        "published_sentences": " ".join(sentences),
        "published_needed": any(row.needed for row in rows),
        "published_twin": any(row.synthetic_equal for row in rows),
        "published_level": "2",
        "published_maryland": words.label("maryland", "2"),
    }
