"""Outcomes by what can be said of them, so that a sentence names those of which the same is true."""

from __future__ import annotations

from collections.abc import Callable, Iterable

from fewdistricts.design import Indicator
from fewdistricts.exhibits.results import Row
from fewdistricts.exhibits.text.verdicts import verdict
from fewdistricts.exhibits.text.wording import Words, escape

GROUPS = {
    "better": ("worthwhile", "improved", "improved_small", "improved_plain"),
    "worse": ("worsened",),
    "differs": ("differs", "moved"),
    "open": ("cannot_tell", "cannot_tell_plain", "small", "harm", "unmoved"),
    "sampling": ("sampling_only",),
    "unsure": ("no_interval",),
    "none": ("none",),
}


# each verdict, those that say the same to a reader as one, in the order in which they are told
VERDICTS = (
    "worthwhile", "improved", "improved_small", "improved_plain", "worsened", "differs", "moved", "small", "harm",
    "cannot_tell", "unmoved", "sampling_only", "no_interval", "none",
)  # fmt: skip
SAME = {"cannot_tell_plain": "cannot_tell"}

RowOf = Callable[[Indicator], Row | None]


def quoted(indicators: Iterable[Indicator], words: Words) -> str:
    """Labels joined as a sentence joins them, as plain text."""
    return words.listed([words.label("sentence", "quoted", text=escape(words.text(i.label))) for i in indicators])


def quoted_plain(indicators: Iterable[Indicator], words: Words) -> str:
    """The same without Markdown, for titles, alternative texts and tables."""
    return words.listed([words.label("sentence", "quoted", text=words.text(i.label)) for i in indicators])


def by_verdict(indicators: Iterable[Indicator], row_of: RowOf) -> dict[str, list[Indicator]]:
    """Indicators by verdict; only those that occur."""
    by: dict[str, list[Indicator]] = {}
    for indicator in indicators:
        said = verdict(row_of(indicator), indicator)
        by.setdefault(SAME.get(said, said), []).append(indicator)
    return {key: by[key] for key in VERDICTS if key in by}


def sentences(
    words: Words,
    indicators: list[Indicator],
    row_of: RowOf,
    *keys: str,
    name: Callable[[Indicator], str] | None = None,
) -> list[str]:
    """One sentence for each kind of reading that occurs, from labels.yaml under `keys`, naming its outcomes.

    `name` is what an outcome is called, its label in quotes when None.
    """
    by = by_verdict(indicators, row_of)
    said = []
    for group, members in GROUPS.items():
        if found := [i for key in members for i in by.get(key, [])]:
            outcomes = quoted(found, words) if name is None else "; ".join(map(name, found))
            said.append(words.label(*keys, group, outcomes=outcomes))
    return said
