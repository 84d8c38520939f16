"""Outcomes by what can be said of them, so that a sentence names those of which the same is true."""

from __future__ import annotations

from collections.abc import Iterable
from typing import get_args

from fewdistricts.design import Indicator
from fewdistricts.estimates.verdicts import Verdict
from fewdistricts.exhibits.results import Results
from fewdistricts.exhibits.text.wording import Words, escape
from fewdistricts.inference.verdict import Kind

OF_DIRECTION = {"better": "better", "worse": "worse", "up": "differs", "down": "differs"}
WITHOUT_DIRECTION = {"moved": "differs", "sampling_only": "sampling", "undetermined": "unsure", "none": "none"}
GROUPS = ("better", "worse", "differs", "open", "sampling", "unsure", "none")
"""What a verdict comes to in one word."""


def group(verdict: Verdict) -> str:
    """`better`, `worse`, `differs`, `open`, `sampling`, `unsure` or `none`."""
    if verdict.direction:
        return OF_DIRECTION[verdict.direction]
    return WITHOUT_DIRECTION.get(verdict.kind, "open")


def quoted(indicators: Iterable[Indicator], words: Words) -> str:
    """Labels joined as a sentence joins them, as plain text."""
    return words.listed([_quoted(indicator, words) for indicator in indicators])


def _quoted(indicator: Indicator, words: Words) -> str:
    return words.label("sentence", "quoted", text=escape(words.text(indicator.label)))


def hedged(results: Results, indicators: Iterable[Indicator], words: Words) -> str:
    """Labels as `quoted`, those of which the verdict is suggestive only with that said."""
    labels = []
    for indicator in indicators:
        label = _quoted(indicator, words)
        verdict = results.verdict(indicator)
        if verdict.suggestive:
            label = words.label("verdict_short", "suggestive", reading=label, direction=verdict.direction)
        labels.append(label)
    return words.listed(labels)


def quoted_plain(indicators: Iterable[Indicator], words: Words) -> str:
    """The same without Markdown, for titles, alternative texts and tables."""
    return words.listed([words.label("sentence", "quoted", text=words.text(i.label)) for i in indicators])


def counted(members: int, primary: int, words: Words, before: int = 0) -> str:
    """How many of the primary outcomes: "two of the four", "all four"; empty for none.

    `before` is how many the sentence has counted already: "the other two", or "two others" where there are more.
    """
    if not members:
        return ""
    whole, part = ("rest", "further") if before else ("all", "some")
    key = whole if members == primary - before else part
    count, number = words.in_words(members, "indicator"), words.in_words(primary, "indicator")
    return words.label("slides", key, count=count, number=number, one=members == 1)


def by_verdict(results: Results, indicators: Iterable[Indicator]) -> dict[str, list[Indicator]]:
    """Indicators by kind of verdict; only those that occur."""
    by: dict[str, list[Indicator]] = {}
    for indicator in indicators:
        by.setdefault(results.verdict(indicator).kind, []).append(indicator)
    return {kind: by[kind] for kind in get_args(Kind) if kind in by}


def by_group(results: Results, indicators: Iterable[Indicator]) -> dict[str, list[Indicator]]:
    """Indicators by what their verdict comes to, every group there is."""
    by: dict[str, list[Indicator]] = {name: [] for name in GROUPS}
    for indicator in indicators:
        by[group(results.verdict(indicator))].append(indicator)
    return by
