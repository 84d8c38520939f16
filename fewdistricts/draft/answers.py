"""From a column to a drafted indicator: whether it is a share, a scale or a mean, which answers count, its texts."""

from __future__ import annotations

import math
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from fewdistricts.draft import names
from fewdistricts.draft.column import Column, Texts, first
from fewdistricts.draft.look import Profile
from fewdistricts.draft.missing import missing
from fewdistricts.draft.roles import is_tick
from fewdistricts.survey.indicators import lists_of
from fewdistricts.survey.marks import number
from fewdistricts.survey.xlsform import Form

MOST_WORDS = 40
"""Answers of a question that allows several."""
MOST_POINTS = 10
"""Highest point of what is taken for a scale."""
_SCALE = re.compile(r"(?<!\d)[01]\s*(-|–|to|al?|hasta)\s*(5|7|10)(?!\d)")
"""How a question says that a number is a point on a scale."""


@dataclass
class Item:
    """An indicator as it is drafted."""

    id: str
    column: str
    texts: Texts
    """The question; empty where nothing says it."""
    answers: dict[str, str]
    """How evaluation.yaml would spell each valid answer, and its label where that is another."""
    yes: list[str] | None = None
    no: list[str] | None = None
    scale: tuple[str, str] | None = None
    share: bool = False
    """Whether it is a share; with `yes` None someone has to say what counts."""
    missing: dict[str, list[str]] = field(default_factory=dict)
    waves: list[str] | None = None
    shown: dict[str, Texts] = field(default_factory=dict)
    """What readers see of an answer, in the order of the question, where the answer itself is only a code."""
    counted: bool = False
    """Whether the questionnaire asked for a number."""
    among: tuple[str, str] | None = None
    """The column and answer of those who were asked, where the questionnaire says so."""
    partly: bool = False
    """Whether an answer says that the question did not apply."""
    blank: bool = False
    """Whether an empty cell is a no: only what applied was ticked."""
    several: bool = False
    """Whether a cell may hold several answers."""
    remarks: list[str] = field(default_factory=list)
    choice: Texts = field(default_factory=dict)
    """The one choice of a select_multiple that the column holds."""


def item(profile: Profile, form: Form | None, level: str) -> Item:
    """The indicator a column could be."""
    column = Column.of(profile, form)
    none = missing(column, level)
    codes = _codes(column, none)
    out = Item(
        id=_id(column),
        column=column.name,
        texts=column.texts,
        answers=dict(_answer(column, code) for code in codes),
        counted=column.question is not None and column.question.kind == "number",
    )
    for code, kind in none.items():
        out.missing.setdefault(kind, []).append(column.spelled(code))
    out.partly = "not_applicable" in out.missing
    if column.question and column.choice:
        out.choice = column.question.choices[column.choice]
    _count(out, column, codes, level)
    out.shown = _shown(out, column, codes)
    return out


def _id(column: Column) -> str:
    name = column.name if column.choice else names.without_groups(column.name)
    return names.slug(name, "indicator").replace("-", "_")


def _codes(column: Column, none: Iterable[str]) -> list[str]:
    """The answers; also those that nobody gave, in the order of the question, where it has all that occur."""
    twins = column.texts_of_codes
    codes = [code for code in column.profile.valid if code not in none and code not in twins]
    if not all(code in column.choices for code in codes):
        return codes
    named = {code: names.missing_kind(first(texts)) for code, texts in column.choices.items()}
    return [code for code, kind in named.items() if code in codes or not kind] or codes


def _answer(column: Column, code: str) -> tuple[str, str]:
    """How evaluation.yaml spells an answer, and its label where that is another."""
    own, label = column.spelled(code), column.label(code)
    return own, label if label != own else ""


def _count(out: Item, column: Column, codes: Sequence[str], level: str) -> None:
    """Whether it is a share, a scale or a mean, and which answers probably count."""
    yes, no = _saying(names.YES, column, codes), _saying(names.NO, column, codes)
    labelled = _labelled(column, codes)
    if len(codes) == 1 and is_tick(column.profile):
        out.share, out.yes, out.blank = True, column.all_spelled(codes), True
    elif yes and {*yes, *no} == {*codes} and len(codes) <= 3:
        out.share, out.yes, out.no = True, column.all_spelled(yes), column.all_spelled(no)
    elif not labelled and set(codes) in ({"0", "1"}, {"1", "2"}):
        out.share, out.yes, out.no = True, ["1"], [code for code in codes if code != "1"]
    elif len(labelled) > len(codes) / 2 and not _are_amounts(column, codes):
        out.share = True
    elif not out.counted or _SCALE.search(" ".join(out.texts.values())):
        out.scale = _scale(column, codes, bool(labelled)) if level == "respondent" else None


def _saying(pattern: str, column: Column, codes: Sequence[str]) -> list[str]:
    """The answers of which some text is such a word."""
    return [code for code in codes if any(re.search(pattern, names.folded(text)) for text in column.said(code))]


def _are_numbers(codes: Sequence[str]) -> bool:
    return not any(math.isnan(number(code)) for code in codes)


def _labelled(column: Column, codes: Sequence[str]) -> list[str]:
    """The answers with a meaning of their own: labels, choices that say more than their code, and all where some are
    texts."""
    if not _are_numbers(codes):
        return list(codes)
    named = {code for code in codes if column.choices and any(text != code for text in column.said(code))}
    return [code for code in codes if code in column.profile.labels or code in named]


def _are_amounts(column: Column, codes: Sequence[str]) -> bool:
    """Whether the answers are numbers and their labels hold numbers too, as `2 times`."""
    texts = [names.folded(text) for code in codes for text in column.said(code)]
    return _are_numbers(codes) and all(re.search(r"\d", text) for text in texts)


def _scale(column: Column, codes: Sequence[str], labelled: bool) -> tuple[str, str] | None:
    """Lowest and highest point, where the answers are points of a scale."""
    profile = column.profile
    if not (_are_numbers(codes) and profile.whole and len(codes) >= 3 and max(map(number, codes)) <= MOST_POINTS):
        return None
    ends = [code for code in profile.labels if number(code) >= 0 and code not in profile.user_missing]
    points = [*codes, *(code for code in ends if not names.missing_kind(profile.labels[code]))]
    low, high = min(points, key=number), max(points, key=number)
    # unlabelled 0, 1, 2, 3 and so on is a number of something, not a scale
    if not labelled and number(low) not in (1, 2, 3) and (low, high) != ("0", str(MOST_POINTS)):
        return None
    return (low if labelled or low == "0" else "1", high)


def _shown(out: Item, column: Column, codes: Sequence[str]) -> dict[str, Texts]:
    """What readers see of each answer, where the answer itself is only a code."""
    if out.scale:
        low, high = map(number, out.scale)
        points = sorted((code for code in column.labels if low <= number(code) <= high), key=number)
        said = {code: column.choices.get(code) or column.labels[code] for code in points}
        return {code: texts for code, texts in said.items() if any(text != code for text in texts.values())}
    if out.share and column.choices:
        named = {code: column.choices.get(column.codes_by_text.get(code, code)) for code in codes}
        return {column.spelled(code): texts or {"": code} for code, texts in named.items()}
    return {}


def several(profile: Profile, form: Form | None) -> Item | None:
    """The indicator of a column whose cells hold several answers, as `tv radio`; None where they do not."""
    column = Column.of(profile, form)
    if column.choice or (column.question and column.question.kind != "several"):
        column = Column(profile)
    answers = {code: first(texts) for code, texts in column.choices.items()} or dict.fromkeys(_words(profile), "")
    if not answers:
        return None
    return Item(
        id=_id(column),
        column=column.name,
        texts=column.texts,
        answers=answers,
        share=True,
        several=True,
    )


def _words(profile: Profile) -> list[str]:
    """The answers of which the cells are lists; none where the cells are phrases.

    Most answers of a list occur alone, too, and there are more lists than answers; words of a phrase do not.
    """
    if profile.numeric:
        return []
    lists = lists_of(profile.valid)
    words = sorted({word for listed in lists for word in listed})
    if not 3 <= len(words) <= MOST_WORDS or any(len(listed) != len(set(listed)) for listed in lists):
        return []
    alone = {listed[0] for listed in lists if len(listed) == 1}
    joined = [listed for listed in lists if len(listed) > 1]
    return words if len(alone) >= 0.7 * len(words) and len(joined) >= len(words) / 2 else []


def shared_missing(items: Iterable[Item], covariates: Iterable[Item] = ()) -> dict[str, list[str]]:
    """Missing codes for `data.missing`, taken out of the items: labels and negative codes, which mean one thing only.

    Codes like 99, an answer elsewhere, stay with their indicator, beside the shared ones that the column holds. Those
    of covariates are shared too unless they are answers elsewhere, for no other key names them.
    """
    covariates = list(covariates)
    items = [*items, *covariates]
    kinds: dict[str, set[str]] = {}
    valid = {answer for item in items for answer in item.answers}
    of_covariates = {code for each in covariates for codes in each.missing.values() for code in codes}
    for each in items:
        for kind, codes in each.missing.items():
            for code in codes:
                kinds.setdefault(code, set()).add(kind)
    shared: dict[str, list[str]] = {}
    for code, own in kinds.items():
        positive = re.fullmatch(r"\d+(\.\d+)?", code) and code not in of_covariates
        if len(own) == 1 and code not in valid and not positive:
            shared.setdefault(next(iter(own)), []).append(code)
    for each in items:
        each.missing = {kind: codes for kind, codes in each.missing.items() if set(codes) - set(shared.get(kind, []))}
    return {kind: sorted(codes) for kind, codes in shared.items()}
