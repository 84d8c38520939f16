"""Outcomes by what can be said of them, so that a sentence names those of which the same is true."""

from __future__ import annotations

from collections.abc import Callable

from evaluation.design import Indicator
from evaluation.exhibits.facts import listed_indicators
from evaluation.exhibits.results import Row
from evaluation.exhibits.sentences import verdict
from evaluation.exhibits.wording import Words

GROUPS = {
    "better": ("worthwhile", "improved", "improved_small", "improved_plain"),
    "worse": ("worsened",),
    "differs": ("differs",),
    "open": ("cannot_tell", "cannot_tell_plain", "small"),
    "sampling": ("sampling_only",),
    "none": ("none",),
}


def sentences(
    words: Words, indicators: list[Indicator], row_of: Callable[[Indicator], Row | None], *keys: str
) -> list[str]:
    """One sentence for each kind of reading that occurs, from labels.yaml under `keys`, naming its outcomes."""
    by: dict[str, list[Indicator]] = {}
    for indicator in indicators:
        said = verdict(row_of(indicator), indicator)
        by.setdefault(next(group for group, members in GROUPS.items() if said in members), []).append(indicator)
    return [words.label(*keys, group, outcomes=listed_indicators(by[group], words)) for group in GROUPS if group in by]
