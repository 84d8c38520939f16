"""Which codes of a column are probably no answers, and of what kind."""

from __future__ import annotations

import re
from collections.abc import Sequence

from fewdistricts.draft import names
from fewdistricts.draft.column import Column
from fewdistricts.survey import suspects
from fewdistricts.survey.marks import number
from fewdistricts.survey.nonanswers import APART

MOST_BELOW = 4
"""Negative codes that still are marks; more are numbers."""

Kinds = dict[str, str]
"""Code: kind of missing answer."""


def missing(column: Column, level: str) -> Kinds:
    """Codes that are probably no answer: by what they are called, else by where they lie."""
    profile = column.profile
    out = _by_name(column)
    rest = [code for code in profile.valid if code not in out]
    if profile.many or level == "district":
        return out
    out |= _negative(column, rest)
    if profile.numeric:
        out |= dict.fromkeys(_far_apart(column, [code for code in rest if code not in out]), "unspecified")
        out |= _above(column, rest)
    return out


def _by_name(column: Column) -> Kinds:
    """Codes that the file calls missing, those whose text says so, and words for nothing."""
    profile = column.profile
    texts = {code: [profile.labels.get(code, "")] for code in sorted(profile.user_missing)}
    texts |= {code: column.said(code) for code in profile.valid}
    texts |= {code: [label] for code, label in profile.labels.items() if code not in profile.counts}  # nobody gave it
    kinds = {code: _kind(each) for code, each in texts.items()}
    out = {code: kind for code, kind in kinds.items() if kind}
    nothing = [code for code in suspects.empty(profile.valid) if code not in out]
    return out | dict.fromkeys(nothing, "unspecified")


def _kind(texts: Sequence[str]) -> str | None:
    """The kind that the first text to say one says."""
    for text in texts:
        kind = names.missing_kind(text)
        if kind:
            return kind
    return None


def _negative(column: Column, codes: Sequence[str]) -> Kinds:
    """A few unlabelled negative codes beside others, all of them whole."""
    labels = column.profile.labels
    below = [code for code in codes if number(code) < 0 and code not in labels]
    marks = all(re.fullmatch(r"-\d+", code) for code in below)
    if not marks or len(below) > MOST_BELOW or len(below) == len(codes):
        return {}
    return {code: names.KIND_BY_CODE.get(code, "unspecified") for code in below}


def _above(column: Column, codes: Sequence[str]) -> Kinds:
    """Unlabelled codes such as 9 or 99 above answers that have labels, or that are few and end well below."""
    labels = column.profile.labels
    answers = [int(code) for code in codes if re.fullmatch(r"\d+", code) and code not in APART]
    apart = sorted((code for code in codes if code in APART and code not in labels), key=int)
    if not apart or not answers or not column.profile.whole:
        return {}
    some_labels = any(code in labels for code in codes)
    few = max(answers) < 8 and int(apart[0]) - max(answers) > 1
    if not (some_labels or few):
        return {}
    return {code: "unspecified" for code in apart if int(code) > max(answers)}


def _far_apart(column: Column, codes: Sequence[str]) -> list[str]:
    """Unlabelled numbers of which the survey would say that they are far from all other answers."""
    profile = column.profile
    numbers = {number(code): code for code in codes if code in profile.counts and code not in profile.labels}
    apart = suspects.apart({value: profile.counts[code] for value, code in numbers.items()})
    return [numbers[value] for value in apart]
