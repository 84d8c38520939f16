"""The figures stated elsewhere."""

from __future__ import annotations

from textwrap import fill

import seaborn
from matplotlib.axes import Axes

from fewdistricts.design import Indicator
from fewdistricts.exhibits.display import Column, Grid, Rows
from fewdistricts.exhibits.figures import style
from fewdistricts.exhibits.figures.common import Figure, hover, mark
from fewdistricts.exhibits.published import published_rows
from fewdistricts.exhibits.results import Results
from fewdistricts.exhibits.text.by_verdict import quoted_plain
from fewdistricts.exhibits.text.wording import Words

MOST_NAMED = 3  # shares that a title names


def published(results: Results, words: Words) -> Figure | None:
    """The published shares before and after, as stated; nothing where only means are."""
    pairs = [pair for pair in published_rows(results, words) if pair.unit == "share"]
    if not pairs:
        return None
    canvas, (axes,) = style.canvas(0.6 + 0.28 * len(pairs))
    labels = [words.text(pair.indicator.label) for pair in pairs]
    rows: Rows = []
    sentences = []
    for y, (pair, label) in enumerate(zip(pairs, labels, strict=True)):
        # an arrow between two marks: seaborn has none
        arrow = {"arrowstyle": "-|>", "color": style.GREY, "linewidth": 1.3, "shrinkA": 4, "shrinkB": 4}
        axes.annotate("", (pair.after * 100, y), (pair.before * 100, y), arrowprops=arrow)
        shown = {"before": words.share(pair.before, 0), "after": words.share(pair.after, 0)}
        right = max(pair.before, pair.after)
        mark(axes, pair.before * 100, y, style.PILOT, size=49, face="white")
        mark(axes, pair.after * 100, y, style.PILOT, size=49)
        for end, value in (("before", pair.before), ("after", pair.after)):
            _number(axes, value * 100, y, shown[end], to_the_right=value == right)
            hover(axes, value * 100, y, f"{label}, {words.label('words', end)}: {shown[end]}")
        rows.append([label, shown["before"], shown["after"]])
        sentences.append(words.label("figure", "published", "sentence", label=label, **shown))
    axes.set_yticks(range(len(pairs)), [fill(label, 40) for label in labels])
    axes.set_ylim(len(pairs) - 0.5, -0.5)
    shares = [share * 100 for pair in pairs for share in (pair.before, pair.after)]
    axes.set_xlim(min(0, min(shares) - 11), max(shares) + 8)  # with room for the numbers beside the marks
    axes.xaxis.set_major_formatter(lambda value, _: words.share(value / 100, 0))
    axes.tick_params(axis="y", length=0)
    seaborn.despine(ax=axes, left=True)
    rose = [pair.indicator for pair in pairs if pair.after > pair.before]
    fell = [pair.indicator for pair in pairs if pair.after < pair.before]
    w = words.labels("words")
    grid = Grid([Column(w["indicator"]), Column(w["before"], "decimal"), Column(w["after"], "decimal")], rows)
    values = {
        "sentences": " ".join(sentences),
        "rose": _named(rose, words),
        "fell": _named(fell, words),
        "one_rose": len(rose) == 1,
        "one_fell": len(fell) == 1,
        "place": words.listed(sorted({pair.place for pair in pairs})),
        "source": "; ".join(sorted({pair.source for pair in pairs})),
    }
    return Figure(canvas, grid, values)


def _number(axes: Axes, x: float, y: float, text: str, *, to_the_right: bool) -> None:
    """A share beside its mark, away from the arrow."""
    align, offset = ("left", 9) if to_the_right else ("right", -9)
    axes.annotate(text, (x, y), xytext=(offset, 0), textcoords="offset points", ha=align, va="center", fontsize=8.5)


def _named(indicators: list[Indicator], words: Words) -> str:
    """The names of a few indicators; of more, their number."""
    if len(indicators) <= MOST_NAMED:
        return quoted_plain(indicators, words)
    return words.label("figure", "published", "several", number=words.in_words(len(indicators), "indicator"))
