"""Slides for a workshop: the report's estimates and exhibits, one message each, in big type."""

from __future__ import annotations

from collections.abc import Callable
from functools import cached_property, partial
from typing import Any

from IPython.display import display as show

from fewdistricts.design import Indicator
from fewdistricts.errors import ConfigurationError, Problem, nearest
from fewdistricts.exhibits import display
from fewdistricts.exhibits.display import Cell, Column, Grid
from fewdistricts.exhibits.documents.document import Sheet
from fewdistricts.exhibits.figures.certainty import inference
from fewdistricts.exhibits.figures.common import Drawn
from fewdistricts.exhibits.figures.design import timeline
from fewdistricts.exhibits.figures.districts import districts
from fewdistricts.exhibits.figures.outcomes import levels
from fewdistricts.exhibits.figures.published import published
from fewdistricts.exhibits.results import Results
from fewdistricts.exhibits.tables.common import Made, contrast_cells, contrast_name, method_values
from fewdistricts.exhibits.text.by_verdict import GROUPS, by_verdict
from fewdistricts.exhibits.text.values import facts
from fewdistricts.exhibits.text.verdicts import reading
from fewdistricts.exhibits.text.wording import Words

MOST = 5  # outcomes in a table or list that is read from the back of a room
TALLEST = 2.8  # inches of a figure whose lines are still read from there


def open(evaluation: str, language: str) -> Slides:
    """The evaluation's estimates, ready to be shown as slides in a language."""
    return Slides(evaluation, language)


def _answer(results: Results, words: Words) -> Made:
    return _contrasts(results, words, results.primary[:MOST])


def _placebo(results: Results, words: Words) -> Made | None:
    members = [i for i in results.design.indicators if i.role == "placebo"]
    return _contrasts(results, words, members[:MOST]) if members and results.headline.compares else None


def _contrasts(results: Results, words: Words, indicators: list[Indicator]) -> Made:
    """The contrast, its interval and its reading in two words."""
    w = words.labels("words")
    confidence = words.share(results.design.inference.confidence, 0)
    columns = [
        Column(w["indicator"], width=2.7),
        Column(contrast_name(results, words), "decimal", 1.2),
        Column(words.label("words", "interval", confidence=confidence), "center", 1.6),
        Column(w["verdict"], "left", 2.3),
    ]
    rows: list[list[Cell] | str] = []
    for i in indicators:
        row = results.answer(i)
        rows.append([words.text(i.label), *contrast_cells(words, row), reading(words, results, i).short])
    judged = {"worthwhile": any(i.worthwhile is not None for i in indicators)}
    return Made(Grid(columns, rows), method_values(results, words) | judged)


def _counts(results: Results, words: Words) -> dict[str, Any]:
    """Of which primary outcomes a title may say what, "2 of 4" or "all 4"; empty where of none."""
    by = {key: len(found) for key, found in by_verdict(results.primary, results.answer).items()}
    kinds = {
        "enough": ("worthwhile",),
        "better": GROUPS["better"],
        "against": ("improved", "improved_small"),
        "worse": GROUPS["worse"],
        "apart": GROUPS["differs"],
        "open": GROUPS["open"],
        "measured": GROUPS["unsure"],
    }
    counts = {name: sum(by.get(key, 0) for key in keys) for name, keys in kinds.items()}
    counts["moved"] = sum(_moved(results, i) for i in results.primary)
    number = len(results.primary)

    def which(count: int) -> str:
        key = "some" if count < number else "single" if number == 1 else "all"
        return words.label("slides", key, count=words.number(count), number=words.number(number)) if count else ""

    return {name: which(n) for name, n in counts.items()} | {
        "worse_count": words.number(counts["worse"]),
        "single": number == 1,
    }


def _moved(results: Results, indicator: Indicator) -> bool:
    """Whether the pilot districts' level went the way that is better, whatever its uncertainty."""
    head = results.headline
    before, after = (results.level("pilot", wave, indicator) for wave in (head.baseline_wave, head.wave))
    if before is None or after is None or not (before.defined and after.defined):
        return False
    change = after.estimate - before.estimate
    return {"higher": change > 0, "lower": change < 0}.get(indicator.better, False)


def _districts(results: Results, words: Words) -> Drawn | None:
    if len(results.design.pilots) == 1:  # its difference is the answer, told two slides before
        return None
    drawn = districts(results, words, across=True)
    return drawn if drawn and drawn.canvas.get_figheight() <= TALLEST else None


def _published(results: Results, words: Words) -> Drawn | None:
    return published(results, words) if results.design.published else None


# a slide's exhibit, or None for words alone; where an exhibit has nothing to show its slide is left out
EXHIBITS: dict[str, Callable[[Results, Words], Drawn | Made | None] | None] = {
    "programme": None,
    "design": timeline,
    "levels": partial(levels, across=True),
    "answer": _answer,
    "reading": None,
    "certainty": partial(inference, across=True),
    "districts": _districts,
    "placebo": _placebo,
    "published": _published,
    "limits": None,
    "discussion": None,
}
# under which name labels.yaml has the texts of an exhibit
KNOWN_AS = {"design": "timeline", "answer": "slide_answer", "certainty": "inference", "placebo": "slide_placebo"}


class Slides(Sheet):
    """The slides of an evaluation; each is one cell of the notebook."""

    @cached_property
    def _facts(self) -> dict[str, Any]:
        return {**facts(self.results, self.words), "most": MOST, **_counts(self.results, self.words)}

    def cover(self) -> display.Output:
        """The title slide."""
        return self.show_cover(layout="slides", subtitle=self.words.label("slides", "subtitle"))

    def slide(self, name: str) -> None:
        """A slide: its title and words, then its exhibit; nothing where the exhibit has nothing to show."""
        if name not in EXHIBITS:
            raise ConfigurationError(Problem("slide", repr(name), ", ".join(EXHIBITS), nearest(name, EXHIBITS)))
        make = EXHIBITS[name]
        made = make(self.results, self.words) if make else None
        if make and made is None:
            return
        show(display.prose(self.words.template(f"slides_{name}", **self._facts)))
        known = KNOWN_AS.get(name, name)
        if isinstance(made, Made):
            show(self.show_table(made, known))
        elif made is not None:
            show(self.show_figure(made, known, self.words.label("slides", "caption", name)))
