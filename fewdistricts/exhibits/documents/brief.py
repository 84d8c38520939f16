"""One page for the mayor of a district: what changed there, how sure that is, what it does not show."""

from __future__ import annotations

from functools import cached_property
from typing import Any

from fewdistricts.design import Indicator
from fewdistricts.exhibits import display
from fewdistricts.exhibits.display import Cell, Column, Grid
from fewdistricts.exhibits.documents.district import Subject
from fewdistricts.exhibits.documents.document import Sheet
from fewdistricts.exhibits.figures.brief import place
from fewdistricts.exhibits.tables.common import Made, contrast_cells, level_cell
from fewdistricts.exhibits.text.values import facts
from fewdistricts.exhibits.text.wording import escape

MOST = 5  # outcomes on the page; the report has the others


def open(evaluation: str, district: str, language: str) -> Brief:
    """A district's estimates, ready to be shown on one page in a language."""
    return Brief(evaluation, district, language)


class Brief(Sheet):
    """The page of one district; each method shows one part of it and is one cell of the notebook."""

    def __init__(self, evaluation: str, district: str, language: str) -> None:
        """ConfigurationError for a district or language that is not declared."""
        super().__init__(evaluation, language)
        self.district = self.design.district(district)
        self.indicators = self.results.primary[:MOST]
        self.subject = Subject(self.results, self.words, self.district)
        self.base, self.wave, self.compared = self.subject.base, self.subject.wave, self.subject.compared

    def cover(self) -> display.Output:
        """The district's name as the title, and what the page is."""
        words, title = self.words, self.words.text(self.design.title)
        return self.show_cover(
            layout="brief",
            title=words.text(self.district.name),
            subtitle=words.label("brief", "subtitle"),
            date_text=f"{title} · {words.date(self.design.report.date)}",
            authors=[],
        )

    def prose(self, name: str) -> display.Output:
        """A template of the page, filled with facts of this district."""
        return display.prose(self.words.template(name, **self._facts))

    def figure(self) -> display.Output | None:
        """The district's change among those of all districts."""
        drawn = place(self.results, self.words, self.district, self.indicators)
        return None if drawn is None else self.show_figure(drawn, "brief")

    def table(self) -> display.Output:
        """Levels before and after, the change, that of the comparison districts, and the difference."""
        words, w = self.words, self.words.labels("words")
        confidence = words.share(self.design.inference.confidence, 0)
        waves = [(w["before"], self.base), (w["after"], self.wave)]
        if not self.wave:  # the only wave there is, under its own name
            only = self.base or self.design.followups(self.district)[-1]
            waves = [(words.text(only.label), only)]
        columns = [Column(w["indicator"], width=4.4), *(Column(name, "decimal", 1.0) for name, _ in waves)]
        if self.wave:
            columns.append(Column(words.label("brief", "change_here"), "decimal", 1.1))
        if self.compared:
            columns += [
                Column(words.label("brief", "change_there"), "decimal", 1.5),
                Column(w["difference"], "decimal", 1.2),
            ]
        if self.wave:
            columns.append(Column(words.label("words", "interval", confidence=confidence), "center", 1.9))
        rows: list[list[Cell] | str] = []
        for i in self.indicators:
            cells: list[Cell] = [self._outcome(i)]
            cells += [level_cell(words, self.results.level(self.district.id, at.id, i)) for _, at in waves if at]
            rows.append([*cells, *self._change_cells(i)])
        records = self.subject.method == "variance_components" and self.design.data.level == "district"
        method = words.label("brief", "method", "records" if records else self.subject.method)
        return self.show_table(Made(Grid(columns, rows), {"method": method}), "brief")

    def _outcome(self, indicator: Indicator) -> str:
        """An outcome's name, and whether more or less of it is better."""
        name = self.words.text(indicator.label)
        if indicator.better == "none":
            return name
        return self.words.label("brief", "outcome", label=name, better=self.words.label("better", indicator.better))

    def _change_cells(self, indicator: Indicator) -> list[Cell]:
        """The change, that of the comparison districts and the difference, as far as the design has them."""
        if not (self.wave and self.base):
            return []
        here = self.results.change(self.district.id, self.wave, self.base, indicator)
        if not self.compared:
            return contrast_cells(self.words, here)
        there = self.results.change("comparison", self.wave, self.base, indicator)
        pair = [contrast_cells(self.words, row)[0] for row in (here, there)]
        return [*pair, *contrast_cells(self.words, self.subject.row(indicator))]

    @cached_property
    def _facts(self) -> dict[str, Any]:
        design, words = self.design, self.words
        start = design.start_of(self.district)
        more = len(self.results.primary) - len(self.indicators)
        return {
            **facts(self.results, words),
            "start": words.month(start) if start else "",
            "arm": self.district.arm,
            "compared": self.compared,
            "changes": bool(self.wave),
            "interviews": self.subject.interviews(),
            "readings": self.subject.readings(self.indicators),
            "spread": self.subject.method == "variance_components",
            "ranks": self.subject.ranks(self.indicators),
            "together": self._together(),
            "left_out": words.number(more) if more else "",
        }

    def _together(self) -> str:
        """The answer over all pilot districts, for each outcome."""
        if self.results.headline.kind != "pooled":
            return ""
        rows = [(i, self.results.answer(i)) for i in self.indicators]
        said = [
            self.words.label(
                "brief",
                "together",
                outcome=escape(self.words.text(i.label)),
                difference=self.words.with_unit(r.estimate, r.unit, *r.ends),
                interval=self.words.interval(r.ci_low, r.ci_high, r.unit),
            )
            for i, r in rows
            if r is not None and r.bounded
        ]
        return "; ".join(said)
