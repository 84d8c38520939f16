"""What columns, answers, covariates and groups of districts are called: as evaluation.yaml labels them, else by the
house's word or their own."""

from __future__ import annotations

from typing import Any

from fewdistricts.design import Design, Indicator
from fewdistricts.exhibits.results import Results
from fewdistricts.exhibits.text.wording import Words


def answer(words: Words, indicator: Indicator, given: str) -> str:
    """An answer to an indicator's question."""
    return words.text(indicator.answers[given]) if given in indicator.answers else given


def covariate(design: Design, words: Words, name: str) -> str:
    """A covariate, with its category where it has one (`education=higher`)."""
    column, _, category = name.partition("=")
    label, shown = words.column(column), category
    if column in design.labels:
        labels = design.labels[column]
        label = words.text(labels.label)
        if category in labels.answers:
            shown = words.text(labels.answers[category])
    return words.label("category", name=label, category=shown) if category else label


def groups(results: Results, words: Words) -> dict[str, Any]:
    """The pilot districts that the answer is about and those they are compared with, with article and number."""
    pilots, comparisons = len(results.followed or results.design.pilots), len(results.others)
    return {
        "the_pilots": words.the("pilot", pilots),
        "the_comparisons": words.the("comparison", comparisons),
        "one_pilot": pilots == 1,
        "one_comparison": comparisons == 1,
    }


def domain(design: Design, words: Words, column: str, codes: tuple[str, ...]) -> str:
    """A column of `among`, its name in quotation marks, and the answers that are in the domain."""
    name, shown = _domain(design, words, column, codes)
    quoted = words.label("sentence", "quoted", text=name)
    return words.label("category", name=quoted, category=words.listed(shown)) if shown else quoted


def _domain(design: Design, words: Words, column: str, codes: tuple[str, ...]) -> tuple[str, list[str]]:
    """The name of a column of `among`, and the answers; none where the name of an indicator says them."""
    if column in design.labels:
        labels = design.labels[column]
        return words.text(labels.label), [
            words.text(labels.answers[code]) if code in labels.answers else code for code in codes
        ]
    for indicator in design.indicators:
        if indicator.rule and indicator.id == column:
            return words.text(indicator.label), [] if codes == ("yes",) else list(codes)
        if indicator.column == column and not indicator.among:
            return words.text(indicator.label), [answer(words, indicator, code) for code in codes]
    return column, list(codes)


def item(design: Design, words: Words, name: str) -> str:
    """An indicator, the index of a family, or a covariate, by its name in the estimates."""
    for indicator in design.indicators:
        if indicator.id == name:
            return words.text(indicator.label)
    family = name.removeprefix("index_")
    if name.startswith("index_") and any(i.family == family for i in design.indicators):
        return words.label("category", name=words.label("words", "index"), category=words.family(design, family))
    return covariate(design, words, name)
