"""What a report declares otherwise than the plan recorded before its follow-up data, in words."""

from __future__ import annotations

from typing import Any

from fewdistricts.design import Design, Indicator, planned
from fewdistricts.exhibits.text import names as naming
from fewdistricts.exhibits.text.wording import Words, escape


def facts(design: Design, words: Words) -> dict[str, Any] | None:
    """Date, short hash and deviations as sentences; None where no plan is recorded."""
    plan = planned.recorded(design.evaluation)
    if plan is None:
        return None
    return {
        "plan_date": words.date(plan.date),
        "plan_hash": plan.hash[:SHORT],
        "plan_followed": plan.followed,
        "deviations": [_sentence(design, words, plan, each) for each in planned.deviations(plan, design)],
    }


SHORT = 12  # characters of a hash that tell plans apart


def _sentence(design: Design, words: Words, plan: planned.Plan, deviation: planned.Deviation) -> str:
    indicator = next((each for each in design.indicators if each.id == deviation.indicator), None)
    label = plan.labels.get(deviation.indicator, {}).get(words.language, deviation.indicator)
    if indicator is not None:
        label = words.text(indicator.label)
    values = {"label": escape(label)}
    if deviation.key:
        values["key"] = words.label("plan", "key", deviation.key)
        values["planned"] = escape(value(design, words, deviation.key, deviation.planned, indicator))
        values["now"] = escape(value(design, words, deviation.key, deviation.now, indicator))
    return words.label("plan", deviation.kind, **values)


def value(design: Design, words: Words, key: str, given: Any, indicator: Indicator | None = None) -> str:
    """A declared value as readers see it."""
    if given is None or given in ([], {}):
        return words.label("words", "none")
    match key:
        case "role" | "better":
            return words.label(key, given)
        case "family":
            return words.family(design, given)
        case "confidence":
            is_whole = given * 100 % 1 == 0
            return words.share(given, 0 if is_whole else 1)
        case "worthwhile":
            return words.size(given, indicator.unit_of if indicator else "count")
        case "yes" if indicator:
            return words.listed(naming.answer(words, indicator, code) for code in given)
        case "waves":
            return words.listed(_wave(design, words, wave) for wave in given)
        case "missing":
            return "; ".join(
                words.label("category", name=words.label("missing", kind), category=words.listed(codes))
                for kind, codes in given.items()
            )
    if isinstance(given, dict):
        return "; ".join(naming.domain(design, words, column, tuple(codes)) for column, codes in given.items())
    if isinstance(given, list):
        return words.listed(_listed(words, each) for each in given)
    if words.has("plan", "value", str(given)):
        return words.label("plan", "value", str(given))
    return _wave(design, words, str(given))


def _wave(design: Design, words: Words, wave: str) -> str:
    """A wave by its name; what is none as it is."""
    labels = {each.id: each.label for each in design.waves}
    return words.text(labels[wave]) if wave in labels else wave


def _listed(words: Words, given: Any) -> str:
    """A value of a list: a whole number without the decimals that it was recorded with."""
    is_whole = isinstance(given, float) and given.is_integer()
    return words.number(given) if is_whole else str(given)
