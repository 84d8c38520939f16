"""Columns whose names say a wave beside a question: `safe_2003`, `bl_safe` or `safe1`."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence

_WAVE = (
    r"(?P<wave>(?:19|20)\d\d|bl|ml|el|base|baseline|mid|midline|end|endline|final|pre|post|linea"
    r"|antes|despues|before|after|t\d|w\d|r\d|ola\d|ronda\d)"
)
BEHIND = re.compile(rf"(?P<stem>.+?)[ ._-]?{_WAVE}", re.IGNORECASE)
BEFORE = re.compile(rf"{_WAVE}[ ._-](?P<stem>.+)", re.IGNORECASE)
NUMBERED = re.compile(r"(?P<stem>.*[^\W\d])_?(?P<wave>\d)")
"""Of waves or of items: nobody can say."""

Asked = dict[str, dict[str, str]]
"""Question: the name of its column in each wave."""


def by_wave(columns: Iterable[str], pattern: re.Pattern[str]) -> Asked:
    """The columns whose names speak of a wave in one of these ways."""
    questions: Asked = {}
    for name in columns:
        if match := pattern.fullmatch(name):
            questions.setdefault(match["stem"], {})[match["wave"].lower()] = name
    return questions


def in_wide_form(missing: Sequence[str], header: Iterable[str]) -> dict[str, list[str]]:
    """Columns that a file lacks and has by wave, each with what it is called there."""
    names = list(header)
    named: dict[str, list[str]] = {}
    for pattern in (BEHIND, BEFORE, NUMBERED):
        questions = by_wave(names, pattern)
        named |= {name: list(questions[name].values()) for name in missing if name in questions.keys() - named}
    return named
