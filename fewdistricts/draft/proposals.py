"""Choices that the data fill in and an evaluator makes: groups of respondents, and one indicator made of several.

They stand behind a `# `: a group more or an indicator more is a comparison more, to be chosen before the results.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from itertools import pairwise

from fewdistricts.design import MARK, PLACEHOLDER
from fewdistricts.draft import layout, names
from fewdistricts.draft.answers import Item
from fewdistricts.draft.column import Column
from fewdistricts.draft.layout import Line
from fewdistricts.draft.look import Profile

AGES = (30, 45, 60)
"""Where bands of age begin."""
SMALLEST_BAND = 0.1
"""Share of the respondents in the smallest band."""
MOST_GROUPS = 5


def made_of_others(items: Sequence[Item], columns: Sequence[str]) -> list[Line]:
    """One indicator made of others: of the answers of a question that allows several, else of the first two shares."""
    question, parts = _answers_of_one_question(items, columns)
    parts = parts or _shares(items)[:2]
    if len(parts) < 2:
        return []
    taken = {*columns, *(each.id for each in items)}
    name = f"any_{question}" if question else "any_of_them"
    while name in taken:
        name += "_of_these"
    listed = ", ".join(layout.word(each.id) for each in parts)
    block = [
        f"- id: {name}  # one indicator made of several; also all_of, count_of, sum_of, mean_of",
        f"  label: {PLACEHOLDER}  {MARK} what readers see",
        f"  any_of: [{listed}]",
    ]
    return [*(f"  # {line}" for line in block), ""]


def _shares(items: Sequence[Item]) -> list[Item]:
    """Indicators that are shares and were asked in every wave."""
    return [each for each in items if each.share and each.waves is None]


def _answers_of_one_question(items: Sequence[Item], columns: Sequence[str]) -> tuple[str, list[Item]]:
    """The first question that has a column for each answer: its name, and the answers but for those that say none."""
    by_question: dict[tuple[str, str], list[Item]] = {}
    for each in _shares(items):
        before, _, answer = each.column.rpartition("/")
        said = [names.folded(text) for text in (*each.choice.values(), answer)]
        is_none = any(names.missing_kind(text) or re.search(names.NO, text) for text in said)
        if (each.choice or before in columns) and not is_none:
            question = names.slug(before.rpartition("/")[2]).replace("-", "_")
            by_question.setdefault((question, str(each.texts) if each.choice else ""), []).append(each)
    return next(((name, parts) for (name, _), parts in by_question.items() if len(parts) > 1), ("", []))


def subgroups(covariates: Sequence[tuple[Profile, Item]], languages: Sequence[str], level: str) -> list[Line]:
    """Groups of respondents by sex, age and area, as far as the data have them; none where districts are the unit."""
    if level == "district":
        return []
    found: dict[str, list[Line]] = {}
    for profile, item in covariates:
        kind = names.group_kind(profile.name, profile.text)
        members = _members(kind, profile, item, languages) if kind and kind not in found else []
        if members:
            column = layout.word(profile.name)
            found[kind] = [f"  - id: {kind}", *_label(profile, item, languages), f"    column: {column}", *members]
    if not found:
        example = "[{id: sex, label: Sex, column: sex, groups: {women: [1], men: [2]}}]"
        return [f"# subgroups: {example}  # groups whose answers are also shown apart", ""]
    head = "subgroups:  # shown apart and compared; a choice to make before the results"
    return [*layout.commented([head, *(line for lines in found.values() for line in lines)]), ""]


def _label(profile: Profile, item: Item, languages: Sequence[str]) -> list[Line]:
    if not any(item.texts.values()):
        return [f"    label: {layout.word(profile.name)}{layout.check('a short name')}"]
    label, note = layout.label(item)
    return layout.texts("label", label, languages, 4, note)


def _members(kind: str, profile: Profile, item: Item, languages: Sequence[str]) -> list[Line]:
    """The groups of a column."""
    if kind == "age" and profile.numeric and not profile.labels:
        return _bands(profile, item)
    return _groups(profile, item, languages)


def _bands(profile: Profile, item: Item) -> list[Line]:
    """Bands of age in years, each of a tenth of the respondents or more."""
    counts = {float(code): profile.counts.get(code, 0) for code in item.answers}
    fewest = SMALLEST_BAND * sum(counts.values())
    starts: list[int] = []
    for start in AGES:
        low = starts[-1] if starts else 0
        below = sum(count for age, count in counts.items() if low <= age < start)
        above = sum(count for age, count in counts.items() if age >= start)
        if min(below, above) >= max(fewest, 1):
            starts.append(start)
    if not starts:
        return []
    between = [f"{low}-{high - 1}" for low, high in pairwise(starts)]
    bands = [f"<{starts[0]}", *between, f"{starts[-1]}+"]
    return ["    bands: [" + ", ".join(f'"{band}"' for band in bands) + "]"]


def _groups(profile: Profile, item: Item, languages: Sequence[str]) -> list[Line]:
    """Groups by answers that somebody gave; the first is the one that the others are compared with."""
    given = Column(profile).all_spelled(profile.valid)
    codes = [code for code in item.answers if code in given]
    if not 2 <= len(codes) <= MOST_GROUPS:
        return []
    ids = [names.slug(item.answers[code] or code) for code in codes]
    if "" in ids or len(set(ids)) < len(ids):
        ids = [f"group-{k}" for k in range(1, len(codes) + 1)]
    shown = [_shown(code, item, languages) for code in codes]
    groups = ", ".join(f"{layout.coded(name)}: {layout.flow([code])}" for name, code in zip(ids, codes, strict=True))
    pairs = ", ".join(f"{layout.coded(name)}: {text}" for name, text in zip(ids, shown, strict=True))
    note = f"  {MARK} what each answer means" if layout.OPEN in shown else ""
    return [f"    groups: {{{groups}}}", f"    names: {{{pairs}}}{note}"]


def _shown(code: str, item: Item, languages: Sequence[str]) -> str:
    """What readers see of a group: what files or questionnaire say, the answer in words, else open."""
    if code in item.shown:
        return layout.name(item.shown[code], languages)
    said = item.answers[code] or ("" if layout.is_number(code) else code)
    return layout.name({"": said}, languages) if said else layout.OPEN
