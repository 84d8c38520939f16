"""The codebook: what was asked and what is counted."""

from __future__ import annotations

from fewdistricts.design import Design, Indicator, planned
from fewdistricts.exhibits.display import Column, Grid, Rows
from fewdistricts.exhibits.results import Results
from fewdistricts.exhibits.tables.common import Table
from fewdistricts.exhibits.text import names as naming
from fewdistricts.exhibits.text.wording import Words


def codebook(results: Results, words: Words) -> Table:
    """Every indicator: question, what is counted, family, role, direction; one added after the plan is marked."""
    w = words.labels("words")
    columns = [
        Column(w["indicator"], width=2.2),
        Column(w["question"], width=4),
        Column(w["answers_counted"], width=2.4),
        Column(w["role"], width=1.5),
        Column(words.label("outcome", "better"), width=1.1),
    ]
    rows: Rows = []
    plan = planned.recorded(results.design.evaluation)
    for family, indicators in results.families():
        rows.append(words.family(results.design, family))
        for i in indicators:
            counted, better = counted_text(results.design, i, words), words.label("better_short", i.better)
            role = words.label("role", i.role)
            if plan and not plan.holds(i.id):
                role = words.label("plan", "unplanned", role=role)
            rows.append([words.text(i.label), words.text(i.question or i.label), counted, role, better])
    return Table(Grid(columns, rows), dense=True)


def counted_text(design: Design, indicator: Indicator, words: Words) -> str:
    """The answers that count, or the scale and its unit, and among whom."""
    counted = _counted(design, indicator, words)
    if not indicator.among:
        return counted
    among = "; ".join(naming.domain(design, words, k, v) for k, v in indicator.among.items())
    return f"{counted} ({words.label('outcome', 'among', among=among)})"


def _counted(design: Design, indicator: Indicator, words: Words) -> str:
    if indicator.rule:
        labels = {each.id: words.text(each.label) for each in design.indicators}
        parts = words.listed(labels.get(part, part) for part in indicator.parts)
        return words.label("made", indicator.rule, parts=parts)
    if indicator.band is not None:
        return indicator.band
    counted = indicator.yes or indicator.contains
    if counted is None:
        return _scale_text(indicator, words)
    return words.listed(naming.answer(words, indicator, code) for code in counted)


def _scale_text(indicator: Indicator, words: Words) -> str:
    text = words.label("words", "mean")
    if indicator.scale is not None:
        low, high = (words.number(float(v)) for v in indicator.scale)
        text = words.label("words", "mean_of", low=low, high=high)
    if indicator.unit is None:
        return text
    return words.label("measured", name=text, unit=words.text(indicator.unit.many))
