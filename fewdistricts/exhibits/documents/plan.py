"""What the plan's notebook imports: before the follow-up data, what they could find and what is declared."""

from __future__ import annotations

from functools import cached_property
from math import isnan
from typing import Any

from fewdistricts.design import Wave, planned
from fewdistricts.errors import ConfigurationError, NotebookError, Problem, nearest
from fewdistricts.estimates import design_stage
from fewdistricts.exhibits import display
from fewdistricts.exhibits.documents.document import Document
from fewdistricts.exhibits.figures.plan import detectable
from fewdistricts.exhibits.tables import plan as tables
from fewdistricts.exhibits.text.by_verdict import quoted
from fewdistricts.exhibits.text.deviations import SHORT
from fewdistricts.exhibits.text.values import when
from fewdistricts.exhibits.text.wording import escape

TABLES = {make.__name__: make for make in (tables.differences, tables.needed, tables.declared, tables.choices)}


def open(evaluation: str, language: str) -> Plan:
    """The plan of an evaluation, ready to be shown in a language."""
    return Plan(evaluation, language)


class Plan(Document):
    """The plan: an evaluation before its follow-up data in one language; each method is one cell of a notebook."""

    def __init__(self, evaluation: str, language: str) -> None:
        """Read the numbers of the plan and its record."""
        super().__init__(evaluation, language)
        record = planned.recorded(evaluation)
        if record is None or not design_stage.file(evaluation).exists():
            raise NotebookError(f"there is no plan of {evaluation}: `make plan EVALUATION={evaluation}` makes one")
        self.record = record
        self.numbers = design_stage.load(evaluation)

    def cover(self) -> display.Output:
        """Title, authors, date and the words that the exporters need."""
        return self.show_cover(subtitle=self.words.label("plan", "subtitle"))

    def prose(self, name: str, front: bool = False) -> display.Output:
        """A chapter's prose."""
        return display.prose(self.words.template(f"plan_{name}", **self._facts), front)

    def table(self, name: str) -> display.Output | None:
        """A table by name; nothing where there is nothing to show."""
        if name not in TABLES:
            raise ConfigurationError(Problem("table", repr(name), ", ".join(TABLES), nearest(name, TABLES)))
        made = TABLES[name](self.design, self.numbers, self.words)
        return None if made is None else self.show_table(made, name)

    def figure(self) -> display.Output | None:
        """What districts and interviews do to the smallest difference found."""
        drawn = detectable(self.numbers, self.words)
        return None if drawn is None else self.show_figure(drawn, "detectable")

    @cached_property
    def _facts(self) -> dict[str, Any]:
        design, words, numbers = self.design, self.words, self.numbers
        wave = next((w for w in design.waves if w.id == numbers.wave), None)
        start = design.intervention.start
        later = design.waves[design.waves.index(wave) + 1 :] if wave else design.waves
        unmeasured = {b.indicator for b in numbers.bases if b.assumed and b.indicator}
        shocks = [tables.shock_number(words, shock) for shock in numbers.shocks]  # the largest last
        return {
            "intervention": escape(words.text(design.intervention.name)),
            "description": escape(words.text(design.intervention.description)),
            "start": words.month(start) if start else "",
            "pilots": words.number(numbers.pilots),
            "comparisons": words.number(numbers.comparisons),
            "pilot_districts": words.counted("pilot", numbers.pilots),
            "comparison_districts": words.counted("comparison", numbers.comparisons),
            "one_pilot": numbers.pilots == 1,
            "one_comparison": numbers.comparisons == 1,
            "compares": numbers.comparisons > 0,
            "clustered": numbers.clustered,
            "measured": wave is not None,
            "wave": escape(words.text(wave.label)) if wave else "",
            "later": words.listed(self._dated(w) for w in later),
            "followed": self.record.followed,
            "n": words.number(numbers.n) if numbers.interviews else "",
            "deff": words.number(numbers.deff, 1),
            "power": words.share(numbers.power, 0),
            "confidence": words.confidence(design),
            "shocks": words.label("plan", "points", number=words.listed(shocks), one=words.is_one(shocks[-1])),
            "primary": [self._outcome(i) for i in design_stage.primary(design)],
            "unmeasured": quoted([i for i in design.indicators if i.id in unmeasured], words),
            "drawn": bool(numbers.interviews),
            "needed": bool(numbers.needed),
            "hash": self.record.hash,
            "hash_short": self.record.hash[:SHORT],
            "date": words.date(self.record.date),
            "indicators": words.number(len(design.indicators)),
        }

    def _dated(self, wave: Wave) -> str:
        """A wave with its months, where its name is not those months already."""
        name, months = self.words.text(wave.label), {self.words.month(day).casefold() for day in wave.fieldwork}
        return escape(name) if months == {name.casefold()} else f"{escape(name)} ({when(self.words, wave)})"

    def _outcome(self, indicator: Any) -> dict[str, str]:
        """The range of an outcome's smallest difference found, and whether that reaches what is worth having."""
        words, numbers = self.words, self.numbers
        by_id = {b.indicator: (b, detectable) for b, detectable in zip(numbers.bases, numbers.mde, strict=True)}
        label = escape(words.text(indicator.label))
        basis, detectable = by_id.get(indicator.id, (None, numbers.own))
        # while nothing is measured a share is taken as one half; of a mean nothing can be said in its own unit
        unit = basis.unit if basis else ("share" if indicator.is_share else "sd")
        sizes = [size for size in detectable if not isnan(size)]
        if not sizes or (basis is None and unit == "sd"):
            return {"label": label, "range": "", "verdict": ""}
        low, high = (tables.magnitude(words, size, unit) for size in (min(sizes), max(sizes)))
        text = words.in_unit(words.label("interval", low=low, high=high), unit, up_to=high)
        return {"label": label, "range": text, "verdict": self._verdict(indicator, unit, detectable)}

    def _verdict(self, indicator: Any, unit: str, detectable: list[float]) -> str:
        words = self.words
        if indicator.worthwhile is None or unit == "sd":
            return ""
        size = words.size(indicator.worthwhile, unit)
        enough = [s for s, mde in zip(self.numbers.shocks, detectable, strict=True) if mde <= indicator.worthwhile]
        if not enough:
            return words.label("plan", "verdict", "never", size=size)
        if len(enough) == len(self.numbers.shocks):
            return words.label("plan", "verdict", "always", size=size)
        if not max(enough):
            return words.label("plan", "verdict", "without", size=size)
        return words.label("plan", "verdict", "some", size=size, shock=tables.shock_text(words, max(enough)))
