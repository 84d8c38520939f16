"""All that the report's notebooks import: open an evaluation in a language, then show its chapters and
exhibits by name."""

from __future__ import annotations

from collections.abc import Callable
from functools import cache, cached_property
from typing import Any

from IPython.display import display as show

from fewdistricts.design import District
from fewdistricts.errors import ConfigurationError, Problem, nearest
from fewdistricts.exhibits import annex_rows as listed
from fewdistricts.exhibits import display
from fewdistricts.exhibits.documents.district import Subject
from fewdistricts.exhibits.documents.document import Sheet
from fewdistricts.exhibits.documents.front_matter import links
from fewdistricts.exhibits.figures import FIGURES
from fewdistricts.exhibits.figures.brief import place
from fewdistricts.exhibits.results import MOST
from fewdistricts.exhibits.tables import TABLES, provenance
from fewdistricts.exhibits.tables.districts import one_district
from fewdistricts.exhibits.text import deviations
from fewdistricts.exhibits.text.values import facts
from fewdistricts.exhibits.text.wording import escape

SHOWN = 6  # outcomes in the figure of one district
LONG = 16  # indicators: from here on a district's chapter fills a page of its own


def open(evaluation: str, language: str) -> Page:
    """The evaluation's estimates, ready to be shown in a language."""
    return Page(evaluation, language)


class Shown:
    """The labels of exhibits that the design has rows for: prose names no other (`"tbl-balance" in shown`)."""

    def __init__(self, made: Callable[[str, str], Any]) -> None:
        self._made = made

    def __contains__(self, label: str) -> bool:
        kind, _, name = label.partition("-")
        return self._made(kind, name.replace("-", "_")) is not None


class Page(Sheet):
    """The report: an evaluation in one language; each method shows one thing and is one cell of a notebook."""

    def __init__(self, evaluation: str, language: str) -> None:
        """Read the estimates; the report's annex holds a place for every row that it shows."""
        super().__init__(evaluation, language)
        self.results = self.results.anchored(listed.listed(self.results))

    @cached_property
    def _facts(self) -> dict[str, Any]:
        titles = self.words.labels("titles")
        return facts(self.results, self.words) | {"titles": titles, "shown": Shown(self._made)}

    @cache  # noqa: B019 - one page a notebook
    def _made(self, kind: str, name: str) -> Any:
        """A table or figure, made once; None where the design has no such rows."""
        made, what = (TABLES, "table") if kind == "tbl" else (FIGURES, "figure")
        if name not in made:
            raise ConfigurationError(Problem(what, repr(name), ", ".join(made), nearest(name, made)))
        return made[name](self.results, self.words)

    def cover(self) -> display.Output:
        """Title, authors, date and the words that the exporters need."""
        return self.show_cover(links=links(self.design, self.words))

    def prose(self, name: str, front: bool = False) -> display.Output | None:
        """A chapter's prose: a template filled with facts of this evaluation; nothing where it has nothing to say."""
        filled = self.words.template(name, **self._facts)
        return display.prose(filled, front) if filled.strip() else None

    def table(self, name: str, front: bool = False) -> display.Output | None:
        """A table by name, with caption and note; nothing where the design has no such rows."""
        made = self._made("tbl", name)
        return None if made is None else self.show_table(made, name, front=front)

    def each_district(self) -> None:
        """A section for each pilot district, one after the other; none where there are too many for a report."""
        members = [d for d in self.design.report_districts if self.design.followups(d) and self.design.baseline(d)]
        for d in members if len(members) <= MOST else []:
            label = f"district-{d.id.lower()}"
            drawn = place(self.results, self.words, d, self.results.primary[:SHOWN])
            show(display.prose(self.words.template("district", **self._of_district(d, drawn is not None))))
            if drawn is not None:
                show(self.show_figure(drawn, "district_place", label=label, unlisted=True))
            made = one_district(self.results, self.words, d)
            show(self.show_table(made, "one_district", label, unlisted=True))

    def _of_district(self, district: District, drawn: bool) -> dict[str, Any]:
        subject = Subject(self.results, self.words, district)
        return {
            **self._facts,
            "id": district.id.lower(),
            "district": escape(self.words.text(district.name)),
            "drawn": drawn,
            "long": len(self.design.indicators) >= LONG,
            "compared": subject.compared,
            "spread": subject.method == "variance_components",
            "readings": subject.readings(self.results.primary, sized=True),
            "ranks": subject.ranks(self.results.primary),
        }

    def figure(self, name: str) -> display.Output | None:
        """A figure by name, with caption, alt text, note and the table of what it draws; nothing where none is due."""
        drawn = self._made("fig", name)
        return None if drawn is None else self.show_figure(drawn, name)

    def published(self, name: str) -> display.Output | None:
        """The chapter on published figures, where there are any: `prose`, `figure` or `table`."""
        if not self.design.published:
            return None
        return {"prose": self.prose, "figure": self.figure, "table": self.table}[name]("published")

    def deviations(self) -> display.Output | None:
        """What is declared otherwise than in the plan before the follow-up; nothing where no plan was recorded."""
        found = deviations.facts(self.design, self.words)
        return None if found is None else display.prose(self.words.template("plan_deviations", **found))

    def sources(self) -> display.Output:
        """The files that the report was made from, with their hashes."""
        return self._provenance("files")

    def versions(self) -> display.Output:
        """The versions of the software."""
        return self._provenance("versions")

    def _provenance(self, name: str) -> display.Output:
        grid = getattr(provenance, name)(self.design, self.words)
        caption, note = (self.words.label("table", name, k) for k in ("caption", "note"))
        return display.table(grid, name, caption, note, stamp=self.mark_of(name))
