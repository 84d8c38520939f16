"""The first sentences of page one: what happened, how much of it is firm, and whether it shows a cause."""

from __future__ import annotations

from collections.abc import Sequence

from fewdistricts.design import Indicator
from fewdistricts.exhibits.results import Results
from fewdistricts.exhibits.text.by_verdict import by_group, counted
from fewdistricts.exhibits.text.certainty import checks
from fewdistricts.exhibits.text.wording import Words


def in_short(results: Results, words: Words, *, after_only: bool, lot: bool) -> str:
    """What happened, how firm it is and whether it shows a cause; empty where one finding alone says it."""
    primary = results.primary
    if not results.changes:
        respondents = results.design.data.level == "respondent"
        return words.label("in_short", "after" if after_only else "before", respondents=respondents)
    if len(primary) < 2:
        return ""
    groups = by_group(results, primary)
    judged = [indicator for name in ("better", "worse", "differs", "open") for indicator in groups[name]]
    if all(results.verdict(indicator).kind == "none" for indicator in primary):
        return words.label("in_short", "no_figure")
    if not judged:
        return words.label("in_short", "unsure")
    better = len(groups["better"])
    values: dict[str, object] = {
        "the_pilots": words.the("pilot", len(results.followed)),
        "the_comparisons": words.the("comparison", len(results.others)),
        "one_pilot": len(results.followed) == 1,
        "better": counted(better, len(primary), words),
        "worse": counted(len(groups["worse"]), len(primary), words, before=better),
        "differs": counted(len(groups["differs"]), len(primary), words),
        "nothing": len(judged) == len(groups["open"]),
        "small": _too_little(results, judged) and len(judged) == len(groups["open"]),
        "too_little": _too_little(results, groups["better"]),
        "firmness": _firmness(results, words, [i for i in judged if i not in groups["open"]]),
        "lot": lot,
    }
    return words.label("in_short", "compared" if results.headline.compares else "alone", **values)


def _too_little(results: Results, indicators: Sequence[Indicator]) -> bool:
    """Whether all of these are known to have moved by less than would matter."""
    return all(results.verdict(indicator).kind == "no_relevant_difference" for indicator in indicators)


def _firmness(results: Results, words: Words, indicators: Sequence[Indicator]) -> str:
    """How many of several findings withstand every check; empty where one could not be checked."""
    made = [checks(results, words, indicator) for indicator in indicators]
    if len(made) < 2 or not all(check.made for check in made):
        return ""
    firm = sum(not check.failed for check in made)
    if firm == len(made):
        key = "all"
    elif firm:
        key = "some"
    else:
        key = "none"
    values = {"firm": words.in_words(firm, "indicator"), "number": words.in_words(len(made), "indicator")}
    rest = len(made) - firm
    return words.label("in_short", key, two=len(made) == 2, one_firm=firm == 1, one_left=rest == 1, **values)
