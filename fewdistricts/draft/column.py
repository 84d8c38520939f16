"""A column of answers, with what the file and the questionnaire say of it."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

from fewdistricts.draft import names
from fewdistricts.draft.look import Profile
from fewdistricts.survey.marks import number
from fewdistricts.survey.xlsform import Form, Question

Texts = Mapping[str, str]
"""Text by language; "" where the language is not known."""


@dataclass(frozen=True)
class Column:
    """What is known of a column before anybody has described it."""

    profile: Profile
    question: Question | None = None
    choice: str = ""
    """The one choice of a select_multiple that it holds."""

    @classmethod
    def of(cls, profile: Profile, form: Form | None) -> Column:
        """A column with its question, where the questionnaire has it."""
        question, choice = (form.of(profile.name) if form else None) or (None, "")
        return cls(profile, question, choice)

    @property
    def name(self) -> str:
        """Its header."""
        return self.profile.name

    @property
    def texts(self) -> Texts:
        """The question; empty where nothing says it."""
        if self.question:
            return dict(self.question.texts)
        text = self.profile.text or names.question(self.name)
        return {"": text} if text else {}

    @property
    def choices(self) -> Mapping[str, Texts]:
        """The choices of which a cell holds one, in the order of the question."""
        return self.question.choices if self.question and not self.choice else {}

    @cached_property
    def labels(self) -> dict[str, Texts]:
        """What a code means: by the file, else by the questionnaire."""
        own: dict[str, Texts] = {code: {"": label} for code, label in self.profile.labels.items()}
        return own | {code: texts for code, texts in self.choices.items() if code not in own}

    @cached_property
    def codes_by_text(self) -> dict[str, str]:
        """The questionnaire's code of each text: an export may have labels in the cells."""
        return {text: code for code, texts in self.choices.items() for text in texts.values()}

    @cached_property
    def texts_of_codes(self) -> set[str]:
        """Answers that are the label of a code: one file holds `1` labelled Yes where another holds the text Yes."""
        counts = self.profile.counts
        labels = {label for code, label in self.profile.labels.items() if code in counts}
        return {code for code in counts if code in labels and math.isnan(number(code))}

    def said(self, code: str) -> list[str]:
        """What readers of the question see of a code, in every language; the code itself where nothing labels it."""
        if code not in self.choices and code in self.codes_by_text:
            return [*self.choices[self.codes_by_text[code]].values()]
        return [*self.labels.get(code, {}).values()] or [code]

    def label(self, code: str) -> str:
        """One text of a code; "" where it has none."""
        return first(self.labels.get(code, {}))

    def spelled(self, code: str) -> str:
        """How evaluation.yaml names an answer: a code's label where it has one of its own, else the code."""
        label = self.profile.labels.get(code)
        if not label or [*self.profile.labels.values()].count(label) > 1:
            return code
        return code if label in self.profile.counts and label not in self.texts_of_codes else label

    def all_spelled(self, codes: Sequence[str]) -> list[str]:
        """The same of several."""
        return [self.spelled(code) for code in codes]


def first(texts: Texts) -> str:
    """A text in whichever language there is one; "" where there is none."""
    return next(iter(texts.values()), "")
