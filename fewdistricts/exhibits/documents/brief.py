"""One page for the mayor of a district: three numbers, one chart, how sure that is, what to ask."""

from __future__ import annotations

from functools import cached_property
from typing import Any

from fewdistricts.exhibits import display
from fewdistricts.exhibits.documents.district import Subject
from fewdistricts.exhibits.documents.document import EstimatesDocument
from fewdistricts.exhibits.figures.brief import place
from fewdistricts.exhibits.figures.numbers import numbers
from fewdistricts.exhibits.text import subgroups
from fewdistricts.exhibits.text.findings import drawn_by_lot
from fewdistricts.exhibits.text.values import sides
from fewdistricts.exhibits.text.wording import escape

MOST = 3  # outcomes on the page; the report has the others


def open(evaluation: str, district: str, language: str) -> Brief:
    """A district's estimates, ready to be shown on one page in a language."""
    return Brief(evaluation, district, language)


class Brief(EstimatesDocument):
    """The page of one district; each method shows one part of it and is one cell of the notebook."""

    def __init__(self, evaluation: str, district: str, language: str) -> None:
        """ConfigurationError for a district or language that is not declared."""
        super().__init__(evaluation, language)
        self.district = self.design.district(district)
        self.indicators = self.results.primary[:MOST]
        self.subject = Subject(self.results, self.words, self.district)

    def cover(self) -> display.Output:
        """The district's name as the title, and what the page is."""
        words, title = self.words, self.words.text(self.design.title)
        return self.show_cover(
            layout="brief",
            title=words.name_of(self.district),
            subtitle=words.label("brief", "subtitle", **sides(self.results)),
            date_text=f"{title} · {words.date(self.design.report.date)}",
            authors=[],
        )

    def prose(self, name: str) -> display.Output:
        """A template of the page, filled with facts of this district."""
        return display.prose(self.words.template(name, **self._facts))

    def numbers(self) -> display.Output | None:
        """The outcomes before and after in big figures, with the comparison districts' beside them."""
        drawn = numbers(self.results, self.words, self.subject.district, self.indicators)
        return None if drawn is None else self.show_figure(drawn, "numbers")

    def figure(self) -> display.Output | None:
        """The district's change among those of all districts."""
        drawn = place(self.results, self.words, self.district, self.indicators)
        return None if drawn is None else self.show_figure(drawn, "brief")

    @cached_property
    def _facts(self) -> dict[str, Any]:
        """What the page may say: of the evaluation as a whole a little only, so that little of it is put into words."""
        words, subject = self.words, self.subject
        start = self.design.start_of(self.district)
        return {
            **sides(self.results),
            "intervention": escape(words.text(self.design.intervention.name)),
            "respondents": self.design.data.level == "respondent",
            "subgroup_line": subgroups.facts(self.results, words)["subgroup_line"],
            "start": words.month(start) if start else "",
            "arm": self.district.arm,
            "lot": drawn_by_lot(self.results),
            "changes": bool(subject.wave),
            "attributable": subject.may_be_attributed(self.indicators),
            "interviews_here": subject.interviews(),
            "verdict": subject.verdict(self.indicators),
            "certainty": subject.certainty(self.indicators),
            "questions": subject.questions(self.indicators),
        }
