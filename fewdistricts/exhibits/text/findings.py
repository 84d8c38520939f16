"""What the chapters may say of the results: the answer by verdict, how firm it is, every indicator in words, checks."""

from __future__ import annotations

from typing import Any

from fewdistricts.design import Indicator
from fewdistricts.exhibits.results import Results, Row
from fewdistricts.exhibits.text.by_verdict import by_verdict, quoted
from fewdistricts.exhibits.text.verdicts import named, of_all_sentence, reading
from fewdistricts.exhibits.text.wording import Words, escape


def facts(results: Results, words: Words) -> dict[str, Any]:
    """Values of the templates that rest on the estimates."""
    return {
        "answers": _answers(results, words),
        "firmness": _firmness(results, words),
        "detectable": _detectable(results, words),
        "primary": [_item(results, words, i) for i in results.primary],
        "families": _families(results, words),
        "has_distribution": bool(results.of("distribution")),
        "has_reporting": any(f == "reporting" for f, _ in results.families()),
        "has_placebo": any(i.role == "placebo" for i in results.design.indicators),
        "placebo_moved": quoted([i for i in _placebo(results) if off_zero(results.answer(i))], words),
        "heterogeneity": _heterogeneity(results, words),
        "family_p": any(r.p_adjusted == r.p_adjusted for i in results.design.indicators if (r := results.answer(i))),
    }


def off_zero(row: Row | None) -> bool:
    """Whether an interval lies wholly on one side of zero."""
    return row is not None and row.bounded and (row.ci_low > 0 or row.ci_high < 0)


def _answers(results: Results, words: Words) -> list[str]:
    """The primary outcomes by what can be said of them, a sentence for each verdict, with the size of differences."""

    def name(indicator: Indicator) -> str:
        row, label = results.answer(indicator), escape(words.text(indicator.label))
        if row is None or not row.defined:
            return label
        difference = row.link(words.with_unit(row.estimate, row.unit, *row.ends))
        return words.label("brief", "with_size", outcome=label, difference=difference)

    kind = "compared" if results.headline.compares else "alone"
    groups = by_verdict(results.primary, results.answer)
    said = {k: words.label("answer", kind, k, outcomes=words.listed(map(name, found))) for k, found in groups.items()}
    if "cannot_tell" in said:
        said["cannot_tell"] += _would_have_been_found(results, words, groups["cannot_tell"])
    return list(said.values())


def _would_have_been_found(results: Results, words: Words, indicators: list[Indicator]) -> str:
    """Beside each open verdict, how large a difference would have been found."""
    known = [(i, text) for i in indicators if (text := reading(words, results, i).detectable)]
    if len(indicators) == 1:
        return "".join(f" {text}" for _, text in known)
    return "".join(f" {escape(words.text(i.label))}: {text}" for i, text in known)


def _firmness(results: Results, words: Words) -> list[str]:
    """Outcomes off zero by how far trends would have to part for the interval to reach it (the breakdown value).

    With many districts in each arm none is called fragile: the largest drift of a single one grows with their number,
    that of an arm's mean falls.
    """
    ratios = {r.indicator: r.estimate for r in results.of("breakdown", variant="ratio") if r.defined}
    known = [i for i in results.primary if i.id in ratios and off_zero(results.answer(i))]
    firm = [i for i in known if ratios[i.id] >= 1]
    fragile = [i for i in known if ratios[i.id] < 1 and not results.many_in_each_arm]
    pairs = (("firm", firm), ("fragile", fragile))
    return [words.label("answer", key, outcomes=quoted(found, words)) for key, found in pairs if found]


def _detectable(results: Results, words: Words) -> str:
    """The smallest difference of a share that would usually be found, from the least to the most over outcomes."""
    primary = {i.id for i in results.primary}
    rows = [r for r in results.of("mde") if r.indicator in primary and r.unit == "share" and r.defined]
    rows.sort(key=lambda row: row.estimate)
    if not rows:
        return ""
    low, high = (row.link(words.number(row.estimate * 100, 1)) for row in (rows[0], rows[-1]))
    if len(rows) == 1:
        return words.label("difference_with_unit", "share", number=low)
    return words.label("sentence", "range", low=low, high=high)


def _item(results: Results, words: Words, indicator: Indicator) -> dict[str, Any]:
    said = reading(words, results, indicator)
    return {
        "label": escape(words.text(indicator.label)),
        "levels": said.levels,
        "sentence": said.sentence,
        "verdict": said.verdict,
        "detectable": said.detectable,
        "conditional": indicator.conditional,
        "of_all": of_all_sentence(words, results, indicator),
    }


def _families(results: Results, words: Words) -> list[dict[str, str]]:
    """Each family's indicators that are not primary, by verdict."""
    out = []
    for family, members in results.families():
        groups = by_verdict([i for i in members if i.role != "primary"], results.answer)
        said = [_group(results, words, key, found) for key, found in groups.items()]
        said += _of_all(results, words, [i for i in members if i.role != "primary"])
        if said:
            out.append({"name": escape(words.family(results.design, family)), "readings": " ".join(said)})
    return out


def _of_all(results: Results, words: Words, members: list[Indicator]) -> list[str]:
    """Shares of a part of the respondents, counted among all of them, in one sentence; none where there are none."""
    rows = ((i, row) for i in members if (row := results.answer(i, variant="of_all")) is not None)
    outcomes = "; ".join(named(words, results, i, row) for i, row in rows)
    kind = words.label("variant", "of_all")
    return [words.label("sentence", "group", reading=kind[0].upper() + kind[1:], outcomes=outcomes)] if outcomes else []


def _group(results: Results, words: Words, key: str, found: list[Indicator]) -> str:
    short = words.label(*(("verdict_short", key) if key != "none" else ("sentence", "no_figure")))
    outcomes = "; ".join(named(words, results, i, results.answer(i)) for i in found)
    return words.label("sentence", "group", reading=short[0].upper() + short[1:], outcomes=outcomes)


def _placebo(results: Results) -> list[Indicator]:
    return [i for i in results.design.indicators if i.role == "placebo"]


def _heterogeneity(results: Results, words: Words) -> str:
    """Whether the pilot districts differ, outcome by outcome."""
    tested = {r.indicator: r for r in results.of("heterogeneity", estimator="cochran_q") if r.p_value == r.p_value}
    return "; ".join(
        words.label(
            "sentence",
            "heterogeneity",
            label=escape(words.text(i.label)),
            p=tested[i.id].link(words.p(tested[i.id].p_value)),
            small=tested[i.id].p_value < 0.001,
        )
        for i in results.primary
        if i.id in tested
    )
