"""Displacement and harm: what happened next door, what was watched, and how large a worsening cannot be ruled out."""

from __future__ import annotations

from typing import Any

from fewdistricts.design import Indicator
from fewdistricts.exhibits.results import Results
from fewdistricts.exhibits.text.certainty import harm
from fewdistricts.exhibits.text.wording import Words, escape

HARMLESS = ("placebo", "exposure")
"""Roles of which a worsening says nothing of harm."""


def facts(results: Results, words: Words) -> dict[str, Any]:
    """Values of the chapter on harm; empty where no change may be stated."""
    watched = [i for i in results.design.indicators if i.watch == "harm"] if results.changes else []
    others = [i for i in results.design.indicators if i not in watched and i.role not in HARMLESS]
    compared = [i for i in others if _matters(results, i)] if results.headline.compares else []
    return {
        "watched": [_watched(results, words, indicator) for indicator in watched],
        "harms": [_watched(results, words, indicator) for indicator in compared],
        "together": any(_widened(results, indicator) for indicator in [*watched, *compared]),
        "next_door": _next_door(results, words),
        "neighbours": words.listed([escape(words.name_of(d)) for d in results.design.neighbours]),
    }


def _matters(results: Results, indicator: Indicator) -> bool:
    """Whether a worsening as large as the smallest change that matters is compatible with the data."""
    return harm(results, indicator) > 0


def _widened(results: Results, indicator: Indicator) -> bool:
    """Whether the interval read here is that of several primary outcomes together, and wider than its own."""
    row = results.answer(indicator)
    if row is None or not row.bounded:
        return False
    low, high = results.ends_read(row)
    return low < row.ci_low or high > row.ci_high


def _watched(results: Results, words: Words, indicator: Indicator) -> str:
    """One indicator: its difference with interval, and what of a worsening can and cannot be ruled out."""
    row = results.answer(indicator)
    label = escape(words.text(indicator.label))
    if row is None or not row.bounded:
        return words.label("harm", "unknown", label=label)
    low, high = results.ends_read(row)
    values = {"label": label, **words.linked(row, indicator, (low, high))}
    worsening = -low if indicator.better == "higher" else high
    if worsening <= 0:
        return words.label("harm", "improved", **values)
    values["size"] = row.link(words.size(worsening, row.unit, low, high, of=indicator))
    if results.verdict(indicator).direction == "worse":
        return words.label("harm", "worsened", **values)
    if indicator.worthwhile is None:
        return words.label("harm", "open", **values)
    values["matters"] = words.size(indicator.worthwhile, row.unit, of=indicator)
    return words.label("harm", "matters" if _matters(results, indicator) else "ruled_out", **values)


def _next_door(results: Results, words: Words) -> list[str]:
    """The neighbouring districts' difference in change on the primary and the watched indicators."""
    indicators = [i for i in results.design.indicators if i in results.primary or i.watch == "harm"]
    sentences = []
    for indicator in indicators:
        row = next((row for row in results.of("spillover", indicator=indicator.id) if row.defined), None)
        if row is not None:
            values = {"label": escape(words.text(indicator.label)), **words.linked(row, indicator)}
            sentences.append(words.label("sentence", "with_interval" if row.bounded else "with_size", **values))
    return sentences
