"""An evaluation opened in one language: what the report, the briefs, the slides and the plan have in common.

A document of its own kind adds methods, each of which shows one thing and is one cell of a notebook.
"""

from __future__ import annotations

from typing import Any

import pandas as pd
from babel.numbers import get_decimal_symbol

from fewdistricts import design as declared
from fewdistricts import paths, survey
from fewdistricts.errors import ConfigurationError, Problem, nearest
from fewdistricts.exhibits import display
from fewdistricts.exhibits.documents.front_matter import front_matter
from fewdistricts.exhibits.figures import style
from fewdistricts.exhibits.figures.common import Figure
from fewdistricts.exhibits.results import Results
from fewdistricts.exhibits.tables.common import Table
from fewdistricts.exhibits.text.nouns import capitalised
from fewdistricts.exhibits.text.wording import Words

# not words of the exporters
UNPRINTED = (
    "stamp", "mark", "published", "published_mark", "subtitle", "subtitle_baseline", "annex", "keywords",
    "language", "slides", "estimates_csv", "estimates_xlsx",
)  # fmt: skip
# exhibits that hold declarations, methods or real figures: none of them is of the invented data
NOT_OF_DATA = (
    "timeline", "theory", "map_of_groups", "design", "outcomes", "codebook", "published", "simulation", "trend",
    "scale", "glossary", "methods", "files", "versions", "declared", "choices", "supplied", "notes",
)  # fmt: skip


class Document:
    """The design and the words; `show_*` turn what was made of them into outputs."""

    def __init__(self, evaluation: str, language: str) -> None:
        """ConfigurationError for a language that the evaluation is not declared in."""
        self.design = declared.load(evaluation)
        self.words = Words(language, self.design.words)
        if language not in self.design.report.languages:
            allowed = ", ".join(self.design.report.languages)
            raise ConfigurationError(
                Problem("language", repr(language), allowed, nearest(language, self.design.report.languages))
            )

    @property
    def stamp(self) -> str:
        """What every page says of data that are invented; empty for real ones."""
        return self.words.label("document", "stamp") if self.design.synthetic else ""

    @property
    def _one(self) -> dict[str, bool]:
        """Whether captions name one primary outcome or several."""
        return {"one_primary": len(self.design.primary) == 1}

    def mark_of(self, name: str) -> str | None:
        """What a table's caption says of data that are invented; a caution stands on every page instead.

        Published figures say that they are published; declarations and methods say nothing.
        """
        if not self.design.synthetic:
            return "" if self.design.caution else None
        if name == "published":
            return self.words.label("document", "published_mark")
        return "" if name in NOT_OF_DATA else self.words.label("document", "mark")

    def stamp_within(self, name: str) -> str:
        """What stands within a picture, which may travel without its page and caption."""
        if name == "published" and self.design.synthetic:
            return self.words.label("document", "published")
        return "" if name in NOT_OF_DATA else self.stamp

    def show_cover(self, **own: Any) -> display.Output:
        """Title, authors, date and the words that the exporters need; `own` is what this document says instead."""
        report, words = self.design.report, self.words
        strings = {k: v for k, v in words.labels("document").items() if k not in UNPRINTED}
        caution = words.text(self.design.caution) if self.design.caution else ""
        return display.cover(
            {
                "title": words.text(self.design.title),
                "subtitle": words.label("document", "subtitle"),
                "authors": [*report.authors, *([words.text(report.funder)] if report.funder else [])],
                "date": report.date.isoformat(),
                "date_text": words.date(report.date),
                "lang": words.language,
                "region": words.locale.partition("_")[2],
                "point": get_decimal_symbol(words.locale),
                "abstract": words.text(self.design.intervention.description),
                "keywords": words.label("document", "keywords").split(", "),
                "stamp": " · ".join(part for part in (self.stamp, caution) if part),
                "strings": strings,
                **front_matter(self.design, words),
                **own,
            }
        )

    def show_table(self, made: Table, name: str, **more: bool) -> display.Output:
        """A table under the caption and note that labels.yaml has for `name`; `more`: `front`."""
        caption, note = (
            self.words.label("table", name, key, **self._one, **made.values) for key in ("caption", "note")
        )
        mark = self.mark_of(name)
        return display.table(made.grid, name.replace("_", "-"), caption, note, dense=made.dense, stamp=mark, **more)

    def show_figure(
        self,
        drawn: Figure,
        name: str,
        captioned: bool = True,
        narrow: Figure | None = None,
        **more: bool,
    ) -> display.Output:
        """A figure under the caption of `name` in exhibits.yaml, with its alt text and note; stamped within.

        Not `captioned` where a slide's title says it already. `narrow` is the figure drawn for a phone. `more` as of a
        table.
        """
        within = self.stamp_within(name)
        for each in (drawn, narrow):
            if each is not None:
                style.stamp(each.canvas, within)
        texts = {
            k: self.words.label("figure", name, k, **self._one, **drawn.values) for k in ("caption", "alt", "note")
        }
        texts["caption"] = capitalised(texts["caption"])
        return display.figure(
            drawn.canvas,
            name.replace("_", "-"),
            texts["caption"] if captioned else "",
            texts["alt"],
            texts["note"],
            drawn.data,
            narrow.canvas if narrow else None,
            style.exchanged(self.design.report.colours),
            stamp="" if within or self.design.caution or name in NOT_OF_DATA else None,
            data_stamp=self.mark_of(name) or None,
            **more,
        )


class EstimatesDocument(Document):
    """A paper on the estimates."""

    def __init__(self, evaluation: str, language: str) -> None:
        """Read the estimates; ConfigurationError as of any paper."""
        super().__init__(evaluation, language)
        estimates = pd.read_parquet(paths.processed(evaluation) / "estimates.parquet")
        self.results = Results(self.design, estimates, survey.counts(evaluation))
