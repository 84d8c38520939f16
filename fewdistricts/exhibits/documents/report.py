"""All that the notebooks of the report and of its annex import: open an evaluation in a language, then show its
chapters and exhibits by name."""

from __future__ import annotations

from collections.abc import Callable
from functools import cache, cached_property
from typing import Any

from fewdistricts.errors import ConfigurationError, Problem, nearest
from fewdistricts.exhibits import display
from fewdistricts.exhibits.documents.document import EstimatesDocument
from fewdistricts.exhibits.documents.front_matter import front_matter, links
from fewdistricts.exhibits.figures import FIGURES, style
from fewdistricts.exhibits.figures.forest import shows_all
from fewdistricts.exhibits.tables import TABLES, provenance
from fewdistricts.exhibits.text import deviations
from fewdistricts.exhibits.text.values import facts
from fewdistricts.exhibits.text.wording import escape


def open(evaluation: str, language: str, languages: str = "") -> Report:
    """The evaluation's estimates, ready to be shown in a language.

    `languages` names those of the set that the report belongs to (`"en es"`); by default the declared ones.
    """
    return Report(evaluation, language, languages)


def annex(evaluation: str, language: str) -> Annex:
    """The same for the technical annex."""
    return Annex(evaluation, language)


class Shown:
    """The labels of exhibits that the design has rows for: prose names no other (`"tbl-balance" in shown`)."""

    def __init__(self, made: Callable[[str, str], Any]) -> None:
        self._made = made

    def __contains__(self, label: str) -> bool:
        kind, _, name = label.partition("-")
        return self._made(kind, name.replace("-", "_")) is not None


class Report(EstimatesDocument):
    """The report: an evaluation in one language; each method shows one thing and is one cell of a notebook."""

    def __init__(self, evaluation: str, language: str, languages: str = "") -> None:
        super().__init__(evaluation, language)
        self.languages = languages.split()

    @cached_property
    def _facts(self) -> dict[str, Any]:
        values = facts(self.results, self.words)
        values["coefficients_all"] = shows_all(self.results, self.words)
        values["citation"] = escape(front_matter(self.design, self.words)["citation"])
        return values | {"shown": Shown(self._made)}

    @cache  # noqa: B019 - one page a notebook
    def _made(self, kind: str, name: str) -> Any:
        """A table or figure, made once; None where the design has no such rows."""
        made, what = (TABLES, "table") if kind == "tbl" else (FIGURES, "figure")
        if name not in made:
            raise ConfigurationError(Problem(what, repr(name), ", ".join(made), nearest(name, made)))
        return made[name](self.results, self.words)

    def cover(self) -> display.Output:
        """Title, authors, date and the words that the exporters need."""
        key = "subtitle_baseline" if self._facts["before_only"] else "subtitle"
        subtitle = self.words.label("document", key)
        return self.show_cover(subtitle=subtitle, links=links(self.design, self.words, self.languages))

    def prose(self, name: str, front: bool = False) -> display.Output | None:
        """A chapter's prose: a template filled with facts of this evaluation; nothing where it has nothing to say."""
        text = self.words.template(name, **self._facts)
        return display.prose(text, front) if text.strip() else None

    def table(self, name: str, front: bool = False) -> display.Output | None:
        """A table by name, with caption and note; nothing where the design has no such rows."""
        made = self._made("tbl", name)
        return None if made is None else self.show_table(made, name, front=front)

    def figure(self, name: str, front: bool = False) -> display.Output | None:
        """A figure by name, with caption, alt text, note and the table of what it draws; nothing where none is due."""
        drawn = self._made("fig", name)
        if drawn is None:
            return None
        with style.for_phone():
            narrow = FIGURES[name](self.results, self.words)
        return self.show_figure(drawn, name, narrow=narrow, front=front)

    def published(self, name: str) -> display.Output | None:
        """The chapter on published figures, where there are any: `prose`, `figure` or `table`."""
        if not self.design.published:
            return None
        return {"prose": self.prose, "figure": self.figure, "table": self.table}[name]("published")

    def deviations(self) -> display.Output | None:
        """What is declared otherwise than in the plan before the follow-up; nothing where no plan was recorded."""
        values = deviations.facts(self.design, self.words)
        return None if values is None else display.prose(self.words.template("plan_deviations", **values))


class Annex(Report):
    """The technical annex: data, every method and check, provenance."""

    def cover(self) -> display.Output:
        """The report's title, and that this is its annex."""
        return self.show_cover(subtitle=self.words.label("document", "annex"))

    def sources(self) -> display.Output:
        """The files that the report was made from, with their hashes."""
        return self.show_table(provenance.files(self.design, self.words), "files")

    def versions(self) -> display.Output:
        """The versions of the software."""
        return self.show_table(provenance.versions(self.design, self.words), "versions")
