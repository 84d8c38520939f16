"""From a column to a drafted indicator: which answers are missing, which might count, what its texts are."""

from __future__ import annotations

import math
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from fewdistricts.draft import names
from fewdistricts.draft.look import Profile
from fewdistricts.draft.roles import is_tick
from fewdistricts.survey.indicators import number
from fewdistricts.survey.nonanswers import NOTHING, is_reserved
from fewdistricts.survey.xlsform import Form

APART = {"8", "9", "88", "89", "98", "99", "888", "988", "998", "999", "8888", "9998", "9999"}
MOST_WORDS = 40
"""Answers of a question that allows several."""
_SCALE = re.compile(r"(?<!\d)[01]\s*(-|–|to|al?|hasta)\s*(5|7|10)(?!\d)")
"""How a question says that a number is a point on a scale."""

Texts = Mapping[str, str]
"""Text by language; "" where the language is not known."""


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
    """Whether a cell holds several answers, separated by spaces."""
    remarks: list[str] = field(default_factory=list)
    choice: Texts = field(default_factory=dict)
    """The one choice of a select_multiple that the column holds."""


def item(profile: Profile, form: Form | None, level: str) -> Item:
    """The indicator a column could be."""
    asked = form.of(profile.name) if form else None
    question, choice = asked or (None, "")
    labels: dict[str, Texts] = {code: {"": label} for code, label in profile.labels.items()}
    choices = dict(question.choices) if question and not choice else {}
    for code, texts in choices.items():
        labels.setdefault(code, texts)
    by_text = {text: code for code, texts in choices.items() for text in texts.values()}
    spoken = {code: [*labels.get(code, {}).values()] or [code] for code in (*choices, *profile.valid)}
    for code in profile.valid:  # an export with labels in the cells
        if code in by_text and code not in choices:
            spoken[code] = [*choices[by_text[code]].values()]
    missing = _missing(profile, labels, spoken, level)
    twins = _texts_of_codes(profile)
    codes = [code for code in profile.valid if code not in missing and code not in twins]
    if all(code in choices for code in codes):  # also those that nobody gave, in the order of the question
        codes = [code for code in choices if code in codes or not names.missing_kind(_any(choices[code]))] or codes
    out = Item(
        id=names.slug(profile.name if choice else profile.name.split("/")[-1], "indicator").replace("-", "_"),
        column=profile.name,
        texts=dict(question.texts) if question else {"": profile.text} if profile.text else {},
        answers=dict(_answer(profile, labels, code) for code in codes),
        counted=question is not None and question.kind == "number",
    )
    for code, kind in missing.items():
        out.missing.setdefault(kind, []).append(spelled(profile, code))
    out.partly = "not_applicable" in out.missing
    if choice and question:
        out.choice = question.choices[choice]
    _counted(out, profile, codes, spoken, closed=bool(choices), level=level)
    if out.scale:
        low, high = map(number, out.scale)
        points = sorted((code for code in labels if low <= number(code) <= high), key=number)
        said = {code: choices.get(code) or labels[code] for code in points}
        out.shown = {code: texts for code, texts in said.items() if any(text != code for text in texts.values())}
    elif out.share and choices:
        out.shown = {spelled(profile, code): choices.get(by_text.get(code, code)) or {"": code} for code in codes}
    return out


def _counted(
    out: Item, profile: Profile, codes: list[str], spoken: Mapping[str, list[str]], closed: bool, level: str
) -> None:
    """Whether it is a share, a scale or a mean, and which answers probably count."""
    values = [number(code) for code in codes]
    numeric = not any(math.isnan(value) for value in values)
    named = {code for code in codes if closed and any(text != code for text in spoken.get(code, [code]))}
    labelled = [code for code in codes if code in profile.labels or code in named or not numeric]
    said = {code: [names.folded(text) for text in spoken.get(code, [code])] for code in codes}
    yes = [code for code in codes if any(re.search(names.YES, text) for text in said[code])]
    no = [code for code in codes if any(re.search(names.NO, text) for text in said[code])]
    numbered = all(re.search(r"\d", text) for texts in said.values() for text in texts)
    if len(codes) == 1 and is_tick(profile):
        out.share, out.yes, out.blank = True, [spelled(profile, codes[0])], True
    elif yes and set(yes) | set(no) == set(codes) and len(codes) <= 3:
        out.share, out.yes, out.no = True, [spelled(profile, c) for c in yes], [spelled(profile, c) for c in no]
    elif not labelled and set(codes) in ({"0", "1"}, {"1", "2"}):
        out.share, out.yes, out.no = True, ["1"], [code for code in codes if code != "1"]
    elif len(labelled) > len(codes) / 2 and not (numbered and numeric):
        out.share = True
    elif out.counted and not _SCALE.search(" ".join(out.texts.values())):
        return
    elif level == "respondent" and numeric and profile.whole and len(codes) >= 3 and max(values) <= 10:
        ends = [code for code in profile.labels if number(code) >= 0 and code not in profile.user_missing]
        ends = [*codes, *(code for code in ends if not names.missing_kind(profile.labels[code]))]
        low, high = min(ends, key=number), max(ends, key=number)
        # unlabelled 0, 1, 2, 3 and so on is a number of something, not a scale
        if labelled or number(low) in (1, 2, 3) or (low, high) == ("0", "10"):
            out.scale = (low if labelled or low == "0" else "1", high)


def _missing(
    profile: Profile, labels: Mapping[str, Texts], spoken: Mapping[str, list[str]], level: str
) -> dict[str, str]:
    """Code: kind, for the codes that are probably no answer."""
    out: dict[str, str] = {}
    for code in profile.user_missing:
        kind = names.missing_kind(profile.labels.get(code, ""))
        if kind:
            out[code] = kind
    for code in profile.valid:
        kinds = [kind for text in spoken[code] if (kind := names.missing_kind(text))]
        if kinds:
            out[code] = kinds[0]
    for code in labels:  # labelled, but nobody gave it
        if code not in profile.counts and code in profile.labels and (kind := names.missing_kind(profile.labels[code])):
            out[code] = kind
    out |= {code: "unspecified" for code in profile.valid if code.lower() in NOTHING and code not in out}
    rest = [code for code in profile.valid if code not in out]
    if profile.many or level == "district":
        return out
    below = [code for code in rest if re.fullmatch(r"-\d+", code) and code not in profile.labels]
    if below and len(below) <= 4 and len(below) < len(rest):
        out |= {code: names.KIND_BY_CODE.get(code, "unspecified") for code in below}
    answers = [int(code) for code in rest if re.fullmatch(r"\d+", code) and code not in APART]
    apart = sorted((code for code in rest if code in APART and code not in profile.labels), key=int)
    if not profile.numeric:
        return out
    out |= dict.fromkeys(
        far_apart([code for code in rest if code not in out and code not in profile.labels]), "unspecified"
    )
    some_labels = any(code in profile.labels for code in rest)
    if apart and answers and profile.whole and (some_labels or (max(answers) < 8 and int(apart[0]) - max(answers) > 1)):
        out |= dict.fromkeys((code for code in apart if int(code) > max(answers)), "unspecified")
    return out


def several(profile: Profile, form: Form | None) -> Item | None:
    """The indicator of a column whose cells hold several answers, as `tv radio`; None where they do not."""
    asked = form.of(profile.name) if form else None
    question = asked[0] if asked and asked[0].kind == "several" and not asked[1] else None
    choices = {code: _any(texts) for code, texts in question.choices.items()} if question else {}
    answers = choices or dict.fromkeys(_words(profile), "")
    if not answers:
        return None
    return Item(
        id=names.slug(profile.name.split("/")[-1], "indicator").replace("-", "_"),
        column=profile.name,
        texts=dict(question.texts) if question else {"": profile.text} if profile.text else {},
        answers=answers,
        share=True,
        several=True,
    )


def _words(profile: Profile) -> list[str]:
    """The answers of which the cells are lists; none where the cells are phrases.

    Most answers of a list occur alone, too, and there are more lists than answers; words of a phrase do not.
    """
    if profile.numeric and not any(" " in code for code in profile.valid):
        return []
    lists = [code.split() for code in profile.valid]
    words = sorted({word for listed in lists for word in listed})
    if not 3 <= len(words) <= MOST_WORDS or any(len(listed) != len(set(listed)) for listed in lists):
        return []
    alone = {listed[0] for listed in lists if len(listed) == 1}
    joined = [listed for listed in lists if len(listed) > 1]
    return words if len(alone) >= 0.7 * len(words) and len(joined) >= len(words) / 2 else []


def far_apart(codes: Sequence[str]) -> list[str]:
    """Codes such as 99, 998 or 888888 that lie at twice the largest other answer or beyond."""
    numbers = {code: number(code) for code in codes}
    reserved = [code for code in codes if len(code.lstrip("-")) > 1 and is_reserved(code)]
    others = [value for code, value in numbers.items() if code not in reserved]
    if not others:
        return []
    return [code for code in reserved if numbers[code] >= 2 * max(others) > 0]


def shared_missing(items: Iterable[Item]) -> dict[str, list[str]]:
    """Missing codes for `data.missing`, taken out of the items: labels and negative codes, which mean one thing only.

    Codes like 99, an answer elsewhere, stay with their indicator, beside the shared ones that the column holds.
    """
    items = list(items)
    kinds: dict[str, set[str]] = {}
    valid = {answer for item in items for answer in item.answers}
    for each in items:
        for kind, codes in each.missing.items():
            for code in codes:
                kinds.setdefault(code, set()).add(kind)
    shared: dict[str, list[str]] = {}
    for code, own in kinds.items():
        if len(own) == 1 and code not in valid and not re.fullmatch(r"\d+(\.\d+)?", code):
            shared.setdefault(next(iter(own)), []).append(code)
    for each in items:
        each.missing = {kind: codes for kind, codes in each.missing.items() if set(codes) - set(shared.get(kind, []))}
    return {kind: sorted(codes) for kind, codes in shared.items()}


def spelled(profile: Profile, code: str) -> str:
    """How evaluation.yaml names an answer: a code's label where it has one of its own, else the code."""
    label = profile.labels.get(code)
    if not label or [*profile.labels.values()].count(label) > 1:
        return code
    return code if label in profile.counts and label not in _texts_of_codes(profile) else label


def _texts_of_codes(profile: Profile) -> set[str]:
    """Answers that are the label of a code: one file holds `1` labelled Yes where another holds the text Yes."""
    labels = {label for code, label in profile.labels.items() if code in profile.counts}
    return {code for code in profile.counts if code in labels and math.isnan(number(code))}


def _answer(profile: Profile, labels: Mapping[str, Texts], code: str) -> tuple[str, str]:
    own = spelled(profile, code)
    label = _any(labels.get(code, {}))
    return own, label if label != own else ""


def _any(texts: Texts) -> str:
    return next(iter(texts.values()), "")
