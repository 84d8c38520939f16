"""What the chapters may say of this evaluation: facts of the design and the estimates, already in words.

Every value is a text, a flag, or a list of such; the templates choose among sentences, they never format or compute.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from fewdistricts.design import District, Indicator, Wave
from fewdistricts.estimates import simulation
from fewdistricts.exhibits.annex_rows import composition
from fewdistricts.exhibits.published import published_rows
from fewdistricts.exhibits.results import MOST, Results, Row
from fewdistricts.exhibits.tables.certainty import side_by_side
from fewdistricts.exhibits.text import exclusions as left_out
from fewdistricts.exhibits.text import findings as answers
from fewdistricts.exhibits.text import names as naming
from fewdistricts.exhibits.text.bibliography import REFERENCES
from fewdistricts.exhibits.text.by_verdict import quoted
from fewdistricts.exhibits.text.findings import off_zero
from fewdistricts.exhibits.text.wording import Words, escape
from fewdistricts.inference.district_changes import UNEVEN

FEW_DISTRICTS = 10  # in an arm: below it the report warns
MANY_INDICATORS = 10  # from here on the report says that some lie off zero by chance
MANY_WAVES = 4  # more are not listed one by one in a sentence
HIGH_MISSING = 0.10  # of the answers to one indicator
MOST_NAMED = 10  # gaps, and districts of one gap: further ones are counted


def facts(results: Results, words: Words) -> dict[str, Any]:
    """All values that the chapter templates may use."""
    return (
        _design_facts(results, words)
        | _data_facts(results, words)
        | _published(results, words)
        | answers.facts(results, words)
        | _checks(results, words)
        | _left_out(results, words)
        | _assumed(results, words)
        | _annexes(results)
    )


def _design_facts(results: Results, words: Words) -> dict[str, Any]:
    design, head = results.design, results.headline
    maryland = "3" if head.compares else "2"
    followed = [d for d in design.pilots if design.followups(d)] or design.pilots  # the answer is about these
    before = [w for w in design.waves if any(w.id == b.id for d in followed if (b := design.baseline(d)))]
    return {
        "intervention": escape(words.text(design.intervention.name)),
        "description": escape(words.text(design.intervention.description)),
        "start": _starts(followed, results, words),
        "pilots": words.number(len(followed)),
        "comparisons": words.number(len(design.comparisons)),
        "districts": words.number(len(design.districts)),
        "many_districts": len(design.districts) > MOST,
        "one_pilot": len(followed) == 1,
        "one_comparison": len(design.comparisons) == 1,
        "compares": head.compares,
        "confidence": words.share(design.inference.confidence, 0),
        "pooled": head.kind == "pooled",
        "one_each": head.kind == "one_each",
        "few_districts": head.compares and min(len(followed), len(design.comparisons)) < FEW_DISTRICTS,
        "equal": design.inference.districts == "equal",
        "two_waves": len(before) == 1 and design.waves[0].id == before[0].id,
        "synthetic": design.synthetic,
        "caution": escape(words.text(design.caution)) if design.caution else "",
        "maryland_level": maryland,
        "maryland": words.label("maryland", maryland),
        **_waves(results, words),
        **_level(results, words),
        "straddling": [
            {
                "label": escape(words.text(w.label)),
                "phase": words.label("phase", w.phase),
                "reason": escape(words.text(w.phase_reason)),
            }
            for w in design.waves
            if w.phase and w.phase_reason
        ],
        "source": escape(words.text(design.data.source)),
        "sampling": words.label("sampling", design.data.sampling),
        "minimum_cell": words.number(design.disclosure.minimum_cell),
        "worthwhile_declared": any(i.worthwhile is not None for i in results.primary),
        "indicators": words.number(len(design.indicators)),
        "many_indicators": len(design.indicators) >= MANY_INDICATORS,
        **_recall(results, words),
    }


def _starts(pilots: Iterable[District], results: Results, words: Words) -> str:
    """The months in which the programme began, or where they are many the first and last and how many more."""
    starts = sorted(filter(None, map(results.design.start_of, pilots)))
    months = list(dict.fromkeys(map(words.month, starts)))
    if len(months) <= MANY_WAVES:
        return words.listed(months)
    return words.label(
        "sentence", "many_starts", further=words.number(len(months) - 1), first=months[0], last=months[-1]
    )


def _waves(results: Results, words: Words) -> dict[str, str]:
    """The waves one by one, or where they are many their number and the months that they span."""
    waves = results.design.waves
    if len(waves) > MANY_WAVES:
        ends = {"first": words.month(waves[0].fieldwork[0]), "last": words.month(waves[-1].fieldwork[1])}
        keys = ("many_when", "many_waves")
        sentence, text = (words.label("sentence", key, number=words.number(len(waves)), **ends) for key in keys)
        return {"waves_sentence": sentence, "waves_text": text}
    key = "wave" if results.design.data.level == "respondent" else "wave_figures"
    said = [words.label("sentence", key, label=escape(words.text(w.label)), when=when(words, w)) for w in waves]
    return {"waves_sentence": words.listed([when(words, w) for w in waves]), "waves_text": " ".join(said)}


def _level(results: Results, words: Words) -> dict[str, Any]:
    """Respondents or one figure a district and wave, what their sampling was, and which kinds of inference follow."""
    design, head = results.design, results.headline
    columns, panel = design.data.columns, design.data.sampling == "panel"
    sampled = {"weights": columns.weight, "strata": columns.stratum, "psus": columns.psu}
    named = [words.label("survey_design", part) for part, column in sampled.items() if column is not None]
    shown = {r.estimator for i in results.primary for r in side_by_side(results, i)} if head.compares else set()
    return {
        "respondents": design.data.level == "respondent",
        "panel": panel,
        "survey_design": words.listed(named),
        "weighted": columns.weight is not None,
        "clustered": columns.psu is not None,
        "clustered_or_weighted": columns.weight is not None or columns.psu is not None,
        "methods": shown,
        "paired": any(d.pair for d in design.districts),
        "staggered": len({design.start_of(d) for d in design.pilots}) > 1,
        "not_yet": design.inference.comparisons == "not_yet",
    }


def when(words: Words, wave: Wave) -> str:
    """The months of a wave's fieldwork, as a sentence has them."""
    first, last = wave.fieldwork
    if words.month(first) == words.month(last):
        return words.label("sentence", "when", months=words.month(first))
    start = words.month_alone(first) if first.year == last.year else words.month(first)
    return words.label("sentence", "when_between", first=start, last=words.month(last))


def _recall(results: Results, words: Words) -> dict[str, Any]:
    """Indicators whose recall window reaches over a start in a wave after it."""
    design = results.design
    over: list[Indicator] = []
    for i in design.indicators:
        for d in design.pilots:
            start = design.start_of(d)
            waves = [w for w in design.followups(d) if design.asked(i, w)]
            if i.recall_months and start and any(_reaches(w, i.recall_months, start) for w in waves) and i not in over:
                over.append(i)
    asked = any(i.recall_months for i in design.indicators)
    return {"reaches_back": asked, "recall_overlap": bool(over), "recall_overlap_list": quoted(over, words)}


def _reaches(wave: Wave, months: int, start: Any) -> bool:
    first = wave.fieldwork[0]
    return (first.year * 12 + first.month - months) < (start.year * 12 + start.month)


def _data_facts(results: Results, words: Words) -> dict[str, Any]:
    design = results.design
    sample = results.sample
    interviews = float(results.counts("interviews")["n"].sum())
    lost_kinds = ("refused", "dont_know", "unspecified", "not_applicable")
    shares: list[tuple[float, Indicator]] = []
    for i in design.indicators:
        own = sample[sample["indicator"] == i.id]
        answered = float(own.loc[own["kind"] == "answered", "n"].sum())
        lost = float(own.loc[own["kind"].isin(lost_kinds), "n"].sum())
        if answered + lost:
            shares.append((lost / (answered + lost), i))
    worst = max(shares, key=lambda pair: pair[0], default=None)
    uneven = [i for i in design.indicators if not all(design.asked(i, w) for w in design.waves)]
    changed = [i for i in design.indicators if any(not ok for ok in (i.comparable or {}).values())]
    return {
        "interviews": words.number(interviews),
        **_design_effects(results, words),
        "worst_missing": {"label": escape(words.text(worst[1].label)), "share": words.share(worst[0])}
        if worst and worst[0]
        else None,
        "missing_high": quoted([i for share, i in shares if share >= HIGH_MISSING], words),
        "suppressed": bool((results.table["status"] == "suppressed").any()),
        "not_comparable": quoted(changed, words),
        "not_asked": quoted(uneven, words),
        "conditional": quoted([i for i in design.indicators if i.conditional], words),
    }


def _design_effects(results: Results, words: Words) -> dict[str, str]:
    """The smallest and largest design effect of the primary outcomes' levels in a district and wave; empty if none."""
    own, primary = {d.id for d in results.design.districts}, {i.id for i in results.primary}
    rows = (r for r in results.of("level") if r.indicator in primary and r.district in own)
    found = sorted(r.deff for r in rows if r.deff == r.deff)
    low, high = (words.number(found[at], 1) if found else "" for at in (0, -1))
    return {"deff_low": low, "deff_high": high}


def _annexes(results: Results) -> dict[str, Any]:
    return {
        "simulated": not simulation.nearest(results.design, results.interviews).empty,
        "references": [escape(reference) for reference in REFERENCES],
    }


def _checks(results: Results, words: Words) -> dict[str, Any]:
    """Whether who answered changed."""
    alpha = 1 - results.design.inference.confidence
    others = [r.indicator for r in _who_answered(results) if (r.p_adjusted <= alpha if _known(r) else off_zero(r))]
    return {
        "has_composition": bool(_who_answered(results)),
        "composition_moved": words.listed(
            [words.label("sentence", "quoted", text=escape(naming.covariate(results.design, words, c))) for c in others]
        ),
    }


def _known(row: Row) -> bool:
    return row.p_adjusted == row.p_adjusted


def _who_answered(results: Results) -> list[Row]:
    """How differently the arms' respondents changed; where nothing compares, how the pilots' changed."""
    if results.headline.compares:
        return results.of("composition")
    head = results.headline
    rows = (results.change("pilot", head.wave, head.baseline_wave, name) for name in composition(results))
    return [row for row in rows if row is not None and row.defined]


def _assumed(results: Results, words: Words) -> dict[str, Any]:
    """That the headline takes the arms to vary alike, and where interviews alone make that untrue."""
    answers = [r for i in results.primary if (r := results.answer(i)) is not None]
    ratios = {r.indicator: r.estimate for r in results.of("variance_ratio")}
    uneven = [i for i in results.primary if ratios.get(i.id, 0.0) >= UNEVEN]
    return {
        "pooled_form": any(r.se_type == "pooled" for r in answers),
        "few_pilots": len(results.design.pilots) < len(results.design.comparisons),
        "uneven_arms": quoted(uneven, words),
    }


def _left_out(results: Results, words: Words) -> dict[str, Any]:
    """What was declared and could not be used, named."""
    design = results.design

    def place(gap: left_out.Gap) -> str:
        label, wave = words.text(gap.indicator.label), words.text(design.wave(gap.wave).label)
        if gap.everywhere:
            return words.label("sentence", "gap_everywhere", label=escape(label), wave=escape(wave))
        named = words.listed([escape(words.text(design.district(d).name)) for d in gap.districts[:MOST_NAMED]])
        key = "gap" if len(gap.districts) <= MOST_NAMED else "gap_many"
        count = words.number(len(gap.districts))
        return words.label("sentence", key, label=escape(label), wave=escape(wave), districts=named, count=count)

    listed: dict[str, Any] = {}
    for name, status in {"gaps": "no_data", "hidden": "suppressed"}.items():
        gaps = left_out.gaps(results, status)
        listed[name] = [place(gap) for gap in gaps[:MOST_NAMED]]
        listed[f"{name}_more"] = words.number(len(gaps) - MOST_NAMED) if len(gaps) > MOST_NAMED else ""
    return listed | {
        "pilots_left_out": words.listed([escape(words.text(d.name)) for d in left_out.pilots(results)]),
        "members_left_out": quoted(left_out.members(results), words),
        "left_out_rows": words.listed(escape(said) for said in left_out.rows(results, words)),
    }


def _published(results: Results, words: Words) -> dict[str, Any]:
    rows = published_rows(results, words)
    sentences = [
        words.label(
            "sentence",
            "published",
            label=escape(words.text(r.indicator.label)),
            before=words.level(r.before, r.unit, 0),
            after=words.level(r.after, r.unit, 0),
            change=words.label(
                "difference_with_unit",
                r.unit,
                number=words.signed((r.after - r.before) * 100, 0)
                if r.unit == "share"
                else words.difference(r.after - r.before, r.unit),
            ),
        )
        for r in rows
    ]
    return {
        "place": escape(words.listed(sorted({r.place for r in rows}))),
        "published_source": escape(words.listed(sorted({r.source for r in rows}))),
        "published_sentences": " ".join(sentences),
        "published_level": "2",
        "published_maryland": words.label("maryland", "2"),
    }
