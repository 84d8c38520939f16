"""Slides for a workshop, at most ten: one chart or table and few words each, the finding as the title, in big type."""

from __future__ import annotations

from collections.abc import Callable
from functools import cached_property, partial
from typing import Any

from IPython.display import display as show

from fewdistricts.design import Indicator
from fewdistricts.errors import ConfigurationError, Problem, nearest
from fewdistricts.exhibits import display
from fewdistricts.exhibits.display import Column, Grid, Rows
from fewdistricts.exhibits.documents.document import EstimatesDocument
from fewdistricts.exhibits.figures.balance import balance
from fewdistricts.exhibits.figures.common import Figure
from fewdistricts.exhibits.figures.design import timeline
from fewdistricts.exhibits.figures.districts import districts
from fewdistricts.exhibits.figures.findings import findings
from fewdistricts.exhibits.figures.published import published
from fewdistricts.exhibits.figures.specifications import specifications, ways_shown
from fewdistricts.exhibits.results import Results
from fewdistricts.exhibits.tables.common import Table, contrast_cells, contrast_columns, method_values
from fewdistricts.exhibits.text.by_verdict import by_group, by_verdict, counted, hedged
from fewdistricts.exhibits.text.nouns import capitalised
from fewdistricts.exhibits.text.values import facts, sides
from fewdistricts.exhibits.text.verdicts import plain, reading
from fewdistricts.exhibits.text.wording import Words

MOST = 5  # outcomes in a table that is read from the back of a room
TALLEST = 2.9  # inches of a figure whose lines are still read from there
MOST_CHARACTERISTICS = 7  # of the balance, on a slide
MOST_WAYS = 6  # of estimating an outcome; the report has them all


def open(evaluation: str, language: str) -> Slides:
    """The evaluation's estimates, ready to be shown as slides in a language."""
    return Slides(evaluation, language)


def _answer(results: Results, words: Words) -> Table | None:
    """The contrast, its interval and its reading in two words.

    Nothing where no change may be stated, nor where the chart of the slide on certainty shows every interval.
    """
    if not results.changes or ways_shown(results, words, alone=True):
        return None
    indicators = results.primary[:MOST]
    w = words.labels("words")
    columns = [Column(w["indicator"], width=2.7), *contrast_columns(results, words, 1.2, 1.6)]
    columns.append(Column(w["verdict"], width=2.3))
    rows: Rows = []
    for indicator in indicators:
        row = results.answer(indicator)
        short = reading(words, results, indicator).short
        rows.append([words.text(indicator.label), *contrast_cells(words, row), short])
    judged = {"worthwhile": any(i.worthwhile is not None for i in indicators)}
    return Table(Grid(columns, rows), method_values(results, words) | judged)


def _levels(results: Results, words: Words) -> Figure | None:
    return None if results.changes else findings(results, words)


def _findings(results: Results, words: Words) -> Figure | None:
    return findings(results, words) if results.changes else None


def _districts(results: Results, words: Words) -> Figure | None:
    """Nothing for one pilot district: its difference is the answer, shown before."""
    if len(results.design.pilots) == 1:
        return None
    drawn = districts(results, words)
    return drawn if drawn and drawn.canvas.get_figheight() <= TALLEST else None


def _published(results: Results, words: Words) -> Figure | None:
    return published(results, words) if results.design.published else None


# a slide's exhibit, or None for words alone; where an exhibit has nothing to show its slide is left out
EXHIBITS: dict[str, Callable[[Results, Words], Figure | Table | None] | None] = {
    "programme": timeline,
    "findings": _findings,
    "levels": _levels,
    "answer": _answer,
    "balance": partial(balance, most=MOST_CHARACTERISTICS),
    "certainty": partial(specifications, alone=True, most=MOST_WAYS),
    "districts": _districts,
    "published": _published,
    "limits": None,
    "discussion": None,
}
# under which name the labels have the texts of an exhibit
KNOWN_AS = {"programme": "timeline", "levels": "findings", "answer": "slide_answer", "certainty": "specifications"}


class Slides(EstimatesDocument):
    """The slides of an evaluation; each is one cell of the notebook."""

    def __init__(self, evaluation: str, language: str) -> None:
        super().__init__(evaluation, language)
        self._shown: dict[str, bool] = {}  # with an exhibit or in words alone

    @cached_property
    def _facts(self) -> dict[str, Any]:
        return {**facts(self.results, self.words), **_titles(self.results, self.words)}

    def cover(self) -> display.Output:
        """The title slide."""
        subtitle = "subtitle_baseline" if self._facts["before_only"] else "subtitle"
        return self.show_cover(layout="slides", subtitle=self.words.label("slides", subtitle))

    def slide(self, name: str) -> None:
        """A slide: its title and words, then its exhibit; nothing where the exhibit has nothing to show.

        What was done, where and when is said in words where no chart shows it.
        """
        if name not in EXHIBITS:
            raise ConfigurationError(Problem("slide", repr(name), ", ".join(EXHIBITS), nearest(name, EXHIBITS)))
        make = EXHIBITS[name]
        made = make(self.results, self.words) if make else None
        if make and made is None and name != "programme":
            return
        show(display.prose(self.words.template(f"slides_{name}", **self._facts)))
        exhibit = KNOWN_AS.get(name, name)
        if isinstance(made, Table):
            show(self.show_table(made, exhibit))
        elif made is not None:
            show(self.show_figure(made, exhibit, captioned=False))
        self._shown[name] = made is not None

    def notes(self) -> None:
        """What to say with each slide, on the last page."""
        words, shown = self.words, self._shown
        show(display.prose(words.template("slides_notes", **self._facts)))
        columns = [Column(words.label("words", "slide"), "right", 0.6), Column(words.label("words", "say"), "left", 9)]
        rows: Rows = [
            [words.number(page), words.label("slides", "notes", name, drawn=drawn, **self._facts)]
            for page, (name, drawn) in enumerate(shown.items(), 2)
        ]
        show(self.show_table(Table(Grid(columns, rows)), "notes"))


def _titles(results: Results, words: Words) -> dict[str, str]:
    """Titles that state what was found."""
    design = results.design
    pilots, comparisons = len(results.followed or design.pilots), len(results.others)
    values: dict[str, Any] = {
        "pilots": words.counted("area", pilots),
        "others": words.in_words(comparisons),
        "compares": results.headline.compares,
        "comparisons": comparisons > 0,
        "one_comparison": comparisons == 1,
        **sides(results),
    }
    drawn = findings(results, words)
    answer = _answer_title(results, words)
    return {
        "title_programme": words.label("slides", "title", "programme", **values),
        "title_findings": words.label("figure", "findings", "caption", **drawn.values) if drawn else answer,
        "title_answer": answer,
        "title_certainty": words.label("slides", "title", "certainty"),
        "readings": _readings(results, words) if results.headline.compares else "",
    }


def _readings(results: Results, words: Words) -> str:
    """The primary outcomes by what can be said of them: a sentence for each reading."""
    by: dict[str, list[Indicator]] = {}
    for kind, indicators in by_verdict(results, results.primary[:MOST]).items():
        for indicator in indicators if kind != "none" else ():
            by.setdefault(plain(words, results.verdict(indicator), indicator), []).append(indicator)
    sentences = [
        words.label("sentence", "group", reading=capitalised(name), outcomes=hedged(results, members, words))
        for name, members in by.items()
    ]
    return " ".join(sentences)


def _answer_title(results: Results, words: Words) -> str:
    """Of which primary outcomes what can be said: the first of better, worse, different, open that occurs."""
    counts = {name: len(members) for name, members in by_group(results, results.primary).items()}
    worse = counted(counts["worse"], len(results.primary), words, before=counts["better"])
    compares = results.headline.compares
    values = {"worse": worse, "one_worse": counts["worse"] == 1, "compares": compares}
    for key, group in (("better", "better"), ("worse", "worse"), ("apart", "differs"), ("open", "open")):
        if counts[group]:
            primary = len(results.primary)
            which = words.label("slides", "single") if primary == 1 else counted(counts[group], primary, words)
            return words.label("slides", "title", key, which=which, one=counts[group] == 1, **values)
    measured = counts["sampling"] + counts["unsure"]
    return words.label("slides", "title", "measured" if measured else "nothing")
