"""How alike the groups were before the start: standardised differences, one line a characteristic."""

from __future__ import annotations

from itertools import accumulate
from textwrap import fill

import seaborn

from fewdistricts.exhibits.display import Column, Grid, Rows
from fewdistricts.exhibits.figures import style
from fewdistricts.exhibits.figures.common import Figure, hover, lines_of, mark, zero_line
from fewdistricts.exhibits.results import Results, Row
from fewdistricts.exhibits.text import names
from fewdistricts.exhibits.text.certainty import excludes_zero
from fewdistricts.exhibits.text.values import imbalances
from fewdistricts.exhibits.text.wording import Words

LINE = 0.175  # inches
MOST = 20  # lines drawn: the primary outcomes and as many others as fit


def balance(results: Results, words: Words, most: int = MOST) -> Figure | None:
    """Differences before the start in standard deviations of the respondents, the primary outcomes first."""
    standardised = {row.indicator: row for row in results.characteristics("sd") if row.defined}
    rows = [row for row in results.characteristics("main") if row.defined and row.indicator in standardised]
    if not rows:
        return None
    primary = {indicator.id for indicator in results.primary}
    rows.sort(key=lambda row: (row.indicator not in primary, -abs(standardised[row.indicator].estimate)))
    labels = [fill(_name(results, words, row), 56) for row in rows]
    bottoms = list(accumulate(lines_of(label) for label in labels))
    drawn = [row for row, bottom in zip(rows, bottoms, strict=True) if bottom <= most]
    bottoms, labels = bottoms[: len(drawn)], labels[: len(drawn)]
    places = [bottom - lines_of(label) / 2 for bottom, label in zip(bottoms, labels, strict=True)]
    canvas, (panel,) = style.canvas(0.65 + LINE * bottoms[-1])
    table: Rows = []
    sentences = []
    for y, row in zip(places, drawn, strict=True):
        scaled = standardised[row.indicator]
        name, number = _name(results, words, row), words.signed(scaled.estimate, 2)
        colour = style.PILOT if row.indicator in primary else style.GREY_INK
        if scaled.bounded:
            # seaborn draws intervals that it computes from data; these are given
            panel.plot([scaled.ci_low, scaled.ci_high], [y, y], color=colour, linewidth=1.1, zorder=2)
        mark(panel, scaled.estimate, y, colour, size=28, face="" if excludes_zero(row) else "white")
        hover(panel, scaled.estimate, y, f"{name}: {number}")
        table.append([name, row.cell(words.difference_of(row)), scaled.cell(number)])
        sentences.append(words.label("figure", "balance", "sentence", label=name, difference=number))
    zero_line(panel)
    panel.set_yticks(places, labels)
    for tick, row in zip(panel.get_yticklabels(), drawn, strict=True):
        tick.set_fontweight("semibold" if row.indicator in primary else "normal")
    panel.set_ylim(bottoms[-1] + 0.1, -0.1)
    panel.set_xlabel(words.label("unit_axis", "sd"))
    panel.set_ylabel("")
    style.signed_ticks(panel, words)
    panel.tick_params(axis="y", length=0)
    seaborn.despine(ax=panel, left=True)
    w = words.labels("words")
    grid = Grid([Column(w["item"]), Column(w["difference"], "decimal"), Column(w["standardised"], "decimal")], table)
    values = {
        "sentences": " ".join(sentences),
        **imbalances(results, words),
        "not_all": most == MOST and len(drawn) < len(rows),
        "wave": words.text(results.design.wave(rows[0].wave).label),
        "the_pilots": names.groups(results, words)["the_pilots"],
        "respondents": results.design.data.level == "respondent",
        "confidence": words.confidence(results.design),
    }
    return Figure(canvas, grid, values)


def _name(results: Results, words: Words, row: Row) -> str:
    return names.item(results.design, words, row.indicator)
