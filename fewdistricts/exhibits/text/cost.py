"""What the programme cost a resident and a point of improvement, as far as amount and population were declared."""

from __future__ import annotations

from math import isfinite

from fewdistricts.exhibits.results import Results
from fewdistricts.exhibits.text.names import groups
from fewdistricts.exhibits.text.wording import Words, escape

PER_RESIDENT = "cost_per_resident"


def sentence(results: Results, words: Words) -> str:
    """The amount, what it covers, the cost per resident and that of a point; empty where no cost was declared."""
    declared = results.design.intervention.cost
    if declared is None:
        return ""
    amount = words.money(declared.amount, declared.currency)
    sentences = [words.label("cost", "amount", amount=amount, covers=escape(words.text(declared.covers)))]
    each = next((row for row in results.of("cost", indicator=PER_RESIDENT) if row.defined), None)
    if each is None:
        return " ".join([*sentences, words.label("cost", "no_population", **groups(results, words))])
    amount = each.link(words.money(each.estimate, declared.currency))
    sentences.append(words.label("cost", "resident", amount=amount, **groups(results, words)))
    points = [text for text in (_point(results, words, indicator.id) for indicator in results.primary) if text]
    if points:
        sentences.append(words.label("cost", "points", outcomes="; ".join(points)))
    return " ".join(sentences)


def _point(results: Results, words: Words, name: str) -> str:
    """The cost of a point of one outcome with the interval's ends; empty where it has no such row."""
    row = next(iter(results.of("cost", indicator=name)), None)
    if row is None:
        return ""
    indicator = results.design.indicator(name)
    label = escape(words.text(indicator.label))
    if not row.defined:
        return words.label("cost", "none", label=label)
    currency = results.design.intervention.cost.currency  # type: ignore[union-attr]
    values = {"label": label, "amount": row.link(words.money(row.estimate, currency))}
    if not isfinite(row.ci_low):
        return words.label("cost", "alone", **values)
    values["low"] = row.link(words.money(row.ci_low, currency))
    if not isfinite(row.ci_high):
        return words.label("cost", "open", **values)
    return words.label("cost", "bounded", high=row.link(words.money(row.ci_high, currency)), **values)
