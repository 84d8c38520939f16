"""The figures stated elsewhere."""

from __future__ import annotations

from textwrap import fill

import seaborn

from fewdistricts.exhibits.display import Cell, Column, Grid
from fewdistricts.exhibits.figures import style as house
from fewdistricts.exhibits.figures.common import Drawn, hover, mark
from fewdistricts.exhibits.published import published_rows
from fewdistricts.exhibits.results import Results
from fewdistricts.exhibits.text.wording import Words


def published(results: Results, words: Words) -> Drawn | None:
    """The published shares before and after, as stated; nothing where only means are."""
    pairs = [p for p in published_rows(results, words) if p.unit == "share"]
    if not pairs:
        return None
    canvas, (axes,) = house.canvas(0.6 + 0.28 * len(pairs))
    rows: list[list[Cell] | str] = []
    sentences = []
    for y, pair in enumerate(pairs):
        # an arrow between two marks: seaborn has none
        axes.annotate(
            "",
            (pair.after * 100, y),
            (pair.before * 100, y),
            arrowprops={"arrowstyle": "-|>", "color": house.GREY, "linewidth": 1.3, "shrinkA": 4, "shrinkB": 4},
        )
        mark(axes, pair.before * 100, y, house.PILOT, size=49, face="white")
        mark(axes, pair.after * 100, y, house.PILOT, size=49)
        for value in (pair.before, pair.after):
            side = 1 if value == max(pair.before, pair.after) else -1
            axes.annotate(
                words.share(value, 0),
                (value * 100, y),
                xytext=(9 * side, 0),
                textcoords="offset points",
                ha="left" if side > 0 else "right",
                va="center",
                fontsize=8.5,
            )
        before, after = words.share(pair.before, 0), words.share(pair.after, 0)
        label = words.text(pair.indicator.label)
        for end, value, shown in (("before", pair.before, before), ("after", pair.after, after)):
            hover(axes, value * 100, y, f"{label}, {words.label('words', end)}: {shown}")
        rows.append([words.text(pair.indicator.label), before, after])
        sentences.append(
            words.label(
                "figure", "published", "sentence", label=words.text(pair.indicator.label), before=before, after=after
            )
        )
    axes.set_yticks(range(len(pairs)), [fill(words.text(p.indicator.label), 40) for p in pairs])
    axes.set_ylim(len(pairs) - 0.5, -0.5)
    shares = [share * 100 for pair in pairs for share in (pair.before, pair.after)]
    axes.set_xlim(min(0, min(shares) - 11), max(shares) + 8)  # with room for the numbers beside the marks
    axes.xaxis.set_major_formatter(lambda value, _: words.share(value / 100, 0))
    axes.tick_params(axis="y", length=0)
    seaborn.despine(ax=axes, left=True)
    w = words.labels("words")
    grid = Grid([Column(w["indicator"]), Column(w["before"], "decimal"), Column(w["after"], "decimal")], rows)
    return Drawn(
        canvas,
        grid,
        {
            "sentences": " ".join(sentences),
            "place": words.listed(sorted({p.place for p in pairs})),
            "source": "; ".join(sorted({p.source for p in pairs})),
        },
    )
