"""The answer in groups of respondents, beside that of everyone."""

from __future__ import annotations

from fewdistricts.design import Subgroup
from fewdistricts.exhibits.display import Column, Grid, Rows
from fewdistricts.exhibits.figures import style
from fewdistricts.exhibits.figures.common import (
    Figure,
    in_full,
    interval_row,
    lines_of_differences,
    most_lines,
    titles_of,
    zero_line,
)
from fewdistricts.exhibits.results import Results
from fewdistricts.exhibits.tables.common import contrast_cells, contrast_columns
from fewdistricts.exhibits.text.by_verdict import quoted_plain
from fewdistricts.exhibits.text.subgroups import answer, comparisons, name
from fewdistricts.exhibits.text.wording import Words

MOST = 4  # outcomes side by side
LINE = 0.19  # inches of a group


def subgroups(results: Results, words: Words) -> Figure | None:
    """A panel for each primary outcome, a line for everyone and for each group; nothing where no change is stated."""
    groups = [(subgroup, group) for subgroup in results.design.subgroups for group in subgroup.members]
    if not groups or not results.changes:
        return None
    indicators = results.primary[:MOST]
    titles = titles_of(indicators, words)
    places, names = _lines(words, groups)
    height = 0.55 + 0.14 * most_lines(titles) + LINE * (places[-1] + 1)
    canvas, axes = style.canvas(height, len(indicators), 1, sharey=True)
    rows: Rows = []
    sentences = []
    for panel, indicator, title in zip(axes, indicators, titles, strict=True):
        label = words.text(indicator.label)
        everyone = results.answer(indicator)
        if everyone is not None:
            text = f"{label}, {names[0]}: {in_full(words, everyone)}"
            interval_row(panel, 0, everyone, style.GREY_INK, "D", text=text)
        for place, (subgroup, group) in zip(places[1:], groups, strict=True):
            row = answer(results, indicator, subgroup, group)
            rows.append([label, words.text(subgroup.label), name(words, subgroup, group), *contrast_cells(words, row)])
            if row is None or not row.defined:
                continue
            text = f"{label}, {name(words, subgroup, group)}: {in_full(words, row)}"
            interval_row(panel, place, row, style.PILOT, text=text)
            values = {"label": label, "group": name(words, subgroup, group), **words.contrast_of(row)}
            sentences.append(words.label("figure", "subgroups", "sentence", **values))
        zero_line(panel)
        panel.set_title(title, fontsize=9)
        ends = (places[-1] + 0.6, -0.6)
        lines_of_differences(panel, words, [indicator], names, ends, places=places, ticks=4)
    w = words.labels("words")
    heads = [Column(w["indicator"]), Column(w["characteristic"]), Column(w["group"])]
    heads += contrast_columns(results, words, 0, 0)
    alpha = 1 - results.design.inference.confidence
    differ = {each.indicator.id: each.indicator for each in comparisons(results) if each.holds(alpha)}
    meaning = {
        "sentences": " ".join(sentences),
        "differ": quoted_plain(differ.values(), words),
        "confidence": words.confidence(results.design),
    }
    return Figure(canvas, Grid(heads, rows), meaning)


def _lines(words: Words, groups: list[tuple[Subgroup, str]]) -> tuple[list[float], list[str]]:
    """Where everyone and each group stand, with a gap between subgroups, and what they are called."""
    places, names = [0.0], [words.label("subgroup", "everyone")]
    before = None
    for subgroup, group in groups:
        places.append(places[-1] + (1.5 if subgroup is not before else 1))
        names.append(name(words, subgroup, group))
        before = subgroup
    return places, names
