"""All that the report's notebooks import: open an evaluation in a language, then show its chapters and
exhibits by name."""

from __future__ import annotations

from functools import cached_property
from typing import Any

import pandas as pd
from IPython.display import display as show

from evaluation import design as declared
from evaluation import paths
from evaluation.errors import ConfigurationError, Problem, nearest
from evaluation.exhibits import display, house, provenance
from evaluation.exhibits.facts import facts
from evaluation.exhibits.figures import FIGURES
from evaluation.exhibits.results import Results
from evaluation.exhibits.tables import TABLES
from evaluation.exhibits.tables.common import Made
from evaluation.exhibits.tables.districts import MOST, one_district
from evaluation.exhibits.wording import LOCALES, Words, escape


def open(evaluation: str, language: str) -> Page:
    """The evaluation's estimates, ready to be shown in a language."""
    return Page(evaluation, language)


class Page:
    """An evaluation in one language; each method shows one thing and is one cell of a notebook."""

    def __init__(self, evaluation: str, language: str) -> None:
        self.design = declared.load(evaluation)
        self.words = Words(language)
        if language not in self.design.report.languages:
            allowed = ", ".join(self.design.report.languages)
            raise ConfigurationError(Problem("language", repr(language), allowed, nearest(language, LOCALES)))
        folder = paths.processed(evaluation)
        self.results = Results(
            self.design, pd.read_parquet(folder / "estimates.parquet"), pd.read_parquet(folder / "sample.parquet")
        )

    @cached_property
    def _facts(self) -> dict[str, Any]:
        titles = self.words.labels("titles")
        return facts(self.results, self.words) | {"titles": titles}

    @property
    def _stamp(self) -> str:
        return self.words.label("document", "stamp") if self.design.synthetic else ""

    def _stamp_of(self, name: str) -> str | None:
        """The stamp of an exhibit where it is not the document's.

        Published figures are real in a synthetic report; a caution stands on every page, not beside every caption.
        """
        if name == "published" and self.design.synthetic:
            return self.words.label("document", "published")
        return self._stamp if self.design.caution else None

    def cover(self) -> display.Output:
        """Title, authors, date and the words that the exporters need."""
        report, words = self.design.report, self.words
        strings = {
            k: v for k, v in words.labels("document").items() if k not in ("stamp", "published", "subtitle", "keywords")
        }
        caution = words.text(self.design.caution) if self.design.caution else ""
        return display.cover(
            {
                "title": words.text(self.design.title),
                "subtitle": words.label("document", "subtitle"),
                "authors": [*report.authors, *([words.text(report.funder)] if report.funder else [])],
                "date": report.date.isoformat(),
                "date_text": words.date(report.date),
                "lang": words.language,
                "region": LOCALES.get(words.language, "").partition("_")[2],
                "abstract": words.text(self.design.intervention.description),
                "keywords": words.label("document", "keywords").split(", "),
                "stamp": " · ".join(part for part in (self._stamp, caution) if part),
                "strings": strings,
            }
        )

    def prose(self, name: str, front: bool = False) -> display.Output:
        """A chapter's prose: a template filled with facts of this evaluation."""
        return display.prose(self.words.template(name, **self._facts), front)

    def table(self, name: str, front: bool = False) -> display.Output | None:
        """A table by name, with caption and note; nothing where the design has no such rows."""
        if name not in TABLES:
            raise ConfigurationError(Problem("table", repr(name), ", ".join(TABLES), nearest(name, TABLES)))
        made = TABLES[name](self.results, self.words)
        return None if made is None else self._table(made, name, name, front)

    def _table(self, made: Made, name: str, label: str, front: bool = False) -> display.Output:
        caption, note = (self.words.label("table", name, key, **made.values) for key in ("caption", "note"))
        more = {"landscape": made.landscape, "front": front, "stamp": self._stamp_of(name)}
        return display.table(made.grid, label.replace("_", "-"), caption, note, **more)

    def each_district(self) -> None:
        """A section for each pilot district, one after the other; none where there are too many for a report."""
        members = [d for d in self.design.report_districts if self.design.followups(d) and self.design.baseline(d)]
        for d in members if len(members) <= MOST else []:
            show(display.prose(f"## {escape(self.words.text(d.name))} {{#sec-district-{d.id.lower()}}}\n"))
            show(self._table(one_district(self.results, self.words, d), "one_district", f"district-{d.id.lower()}"))

    def figure(self, name: str) -> display.Output | None:
        """A figure by name, with caption, alt text, note and the table of what it draws; nothing where none is due."""
        if name not in FIGURES:
            raise ConfigurationError(Problem("figure", repr(name), ", ".join(FIGURES), nearest(name, FIGURES)))
        drawn = FIGURES[name](self.results, self.words)
        if drawn is None:
            return None
        stamp = self._stamp_of(name)
        house.stamp(drawn.canvas, self._stamp if stamp is None else stamp)
        texts = {k: self.words.label("figure", name, k, **drawn.values) for k in ("caption", "alt", "note")}
        return display.figure(
            drawn.canvas, name.replace("_", "-"), texts["caption"], texts["alt"], texts["note"], drawn.data, stamp=stamp
        )

    def published(self, name: str) -> display.Output | None:
        """The chapter on published figures, where there are any: `prose`, `figure` or `table`."""
        if not self.design.published:
            return None
        return {"prose": self.prose, "figure": self.figure, "table": self.table}[name]("published")

    def sources(self) -> display.Output:
        """The files that the report was made from, with their hashes."""
        return self._provenance("files")

    def versions(self) -> display.Output:
        """The versions of the software."""
        return self._provenance("versions")

    def _provenance(self, name: str) -> display.Output:
        grid = getattr(provenance, name)(self.design, self.words)
        caption, note = (self.words.label("table", name, k) for k in ("caption", "note"))
        return display.table(grid, name, caption, note)
