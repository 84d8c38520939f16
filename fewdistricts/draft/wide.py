"""A file with columns for each wave, as `safe_bl` and `safe_el`, as one file a wave."""

from __future__ import annotations

import re
from dataclasses import replace

from fewdistricts.draft import names
from fewdistricts.draft.look import Looked, Profile

_WAVE = re.compile(
    r"(?P<stem>.+?)[ ._-]?(?P<wave>(?:19|20)\d\d|bl|ml|el|base|baseline|mid|midline|end|endline|final|pre|post|linea"
    r"|antes|despues|before|after|t\d|w\d|r\d|ola\d|ronda\d)",
    re.IGNORECASE,
)
_EARLIER = ("bl", "base", "baseline", "linea", "pre", "antes", "before", "ml", "mid", "midline")
_FEWEST = 2
"""Questions that must have a column for each wave."""


def split(looked: Looked) -> list[Looked]:
    """The file once for each wave that its columns speak of, with the columns of that wave under one name.

    The file itself, where a column says the wave or fewer than two questions have a column for each wave.
    """
    if any(names.rank("wave", name) == 0 for name in looked.columns):
        return [looked]
    stems: dict[str, dict[str, str]] = {}
    for name in looked.columns:
        if match := _WAVE.fullmatch(name):
            stems.setdefault(match["stem"], {})[match["wave"].lower()] = name
    waves = _waves(stems)
    asked = {stem: columns for stem, columns in stems.items() if waves and set(columns) & set(waves)}
    if len([stem for stem, columns in asked.items() if len(columns) > 1]) < _FEWEST:
        return [looked]
    of_waves = {name for columns in asked.values() for name in columns.values()}
    return [_of_wave(looked, wave, asked, of_waves) for wave in waves]


def _waves(stems: dict[str, dict[str, str]]) -> list[str]:
    """The waves of the question that has a column for most of them, earlier ones first."""
    most = max(stems.values(), key=len, default={})
    if any(stem in ("", "_") for stem in stems):
        return []
    return sorted(most, key=lambda wave: (_EARLIER.index(wave) if wave in _EARLIER else len(_EARLIER), wave))


def _of_wave(looked: Looked, wave: str, asked: dict[str, dict[str, str]], of_waves: set[str]) -> Looked:
    columns: dict[str, Profile] = {name: each for name, each in looked.columns.items() if name not in of_waves}
    renamed: list[tuple[str, str]] = []
    for stem, named in asked.items():
        if wave in named:
            columns[named[wave]] = looked.columns[named[wave]]
            renamed.append((named[wave], stem))
    return replace(looked, columns=columns, renamed=tuple(renamed), wave=names.slug(wave))
