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


def _sentence(design: Design, words: Words, plan: planned.Plan, found: planned.Deviation) -> str:
    declared = next((i for i in design.indicators if i.id == found.indicator), None)
    label = found.indicator
    if declared is not None:
        label = words.text(declared.label)
    elif found.indicator in plan.labels:
        label = plan.labels[found.indicator].get(words.language, found.indicator)
    values = {}
    if found.key:
        values = {"key": words.label("plan", "key", found.key)}
        values |= {
            name: escape(value(design, words, found.key, given, declared))
            for name, given in (("planned", found.planned), ("now", found.now))
        }
    return words.label("plan", found.kind, label=escape(label), **values)


def value(design: Design, words: Words, key: str, given: Any, indicator: Indicator | None = None) -> str:
    """A declared value as readers see it."""
    if given is None or given in ([], {}):
        return words.label("words", "none")
    waves = {wave.id: wave.label for wave in design.waves}
    match key:
        case "role" | "better":
            return words.label(key, given)
        case "family":
            return words.family(design, given)
        case "confidence":
            return words.share(given, 1 if given * 100 % 1 else 0)
        case "worthwhile":
            return words.size(given, indicator.unit_of if indicator else "count")
        case "yes" if indicator:
            return words.listed(naming.answer(words, indicator, code) for code in given)
        case "waves":
            return words.listed(words.text(waves[wave]) if wave in waves else wave for wave in given)
        case "missing":
            kinds = ((words.label("missing", kind), words.listed(codes)) for kind, codes in given.items())
            return "; ".join(words.label("category", name=kind, category=codes) for kind, codes in kinds)
    if isinstance(given, dict):
        return "; ".join(naming.domain(design, words, column, tuple(codes)) for column, codes in given.items())
    if isinstance(given, list):
        return words.listed(words.number(v) if isinstance(v, float) and v % 1 == 0 else str(v) for v in given)
    if words.has("plan", "value", str(given)):
        return words.label("plan", "value", str(given))
    return words.text(waves[given]) if given in waves else str(given)
