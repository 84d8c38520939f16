"""How the answers to ordinal questions were distributed, drawn as bars of one hundred percent."""

from __future__ import annotations

from textwrap import fill

import matplotlib.colors
import seaborn
from matplotlib.axes import Axes
from matplotlib.patches import Patch

from fewdistricts.exhibits.display import Cell, Column, Grid
from fewdistricts.exhibits.figures import style as house
from fewdistricts.exhibits.figures.common import Drawn
from fewdistricts.exhibits.results import Results, Row
from fewdistricts.exhibits.tables.common import level_cell
from fewdistricts.exhibits.tables.distribution import ordinal
from fewdistricts.exhibits.text import names as naming
from fewdistricts.exhibits.text.wording import Words

MOST = 4  # questions drawn; the table has them all
LABELLED = 0.055  # share: a narrower piece has no room for its number


def distribution(results: Results, words: Words) -> Drawn | None:
    """One bar an arm and wave; the later an answer stands in the question, the darker its piece."""
    found = ordinal(results)[:MOST]
    if not found:
        return None
    heights = [0.75 + 0.27 * sum(len(by) * 2 for by in [next(iter(lines.values()))]) for _, lines in found]
    canvas, axes = house.canvas(sum(heights) + 0.2, 1, len(found), height_ratios=heights)
    rows: list[list[Cell] | str] = []
    sentences = []
    for panel, (indicator, lines) in zip(axes, found, strict=True):
        names = [naming.answer(words, indicator, given) for given in lines]
        bars: dict[str, list[tuple[str, Row | None]]] = {}
        for name, by in zip(names, lines.values(), strict=True):
            for arm, line in by.items():
                for when, row in (("before", line.before), ("after", line.after)):
                    bars.setdefault(f"{words.label('arm', arm)}, {words.label('words', when)}", []).append((arm, row))
                rows.append([words.text(indicator.label), name, words.label("arm", arm)])
                rows[-1] += [level_cell(words, line.before), level_cell(words, line.after)]  # type: ignore[operator]
        for y, pieces in enumerate(bars.values()):
            _bar(panel, y, pieces, words)
        for bar, pieces in bars.items():
            shares = [words.level(row.estimate, "share") if row else "" for _, row in pieces]
            shown = [f"{name} {share}" for name, share in zip(names, shares, strict=True) if share]
            said = words.label("figure", "distribution", "sentence", bar=bar, shares=words.listed(shown))
            sentences.append(said)
        panel.set_title(fill(words.text(indicator.question or indicator.label), 100), fontsize=8.5)
        panel.set_yticks(range(len(bars)), list(bars))
        panel.set_ylim(len(bars) - 0.4, -0.6)
        panel.set_xlim(0, 1)
        panel.set_xticks([])
        panel.tick_params(axis="y", length=0)
        keys = [Patch(color=_tint(house.INK, k, len(names)), label=name) for k, name in enumerate(names)]
        panel.legend(
            handles=keys, loc="upper left", bbox_to_anchor=(0, -0.02), ncols=min(len(names), 7), fontsize=8,
            handlelength=1, columnspacing=1.2, borderaxespad=0,
        )  # fmt: skip
        seaborn.despine(ax=panel, left=True, bottom=True)
    w = words.labels("words")
    heads = [Column(w["indicator"]), Column(w["answer"]), Column(w["arm"])]
    grid = Grid([*heads, Column(w["before"], "decimal"), Column(w["after"], "decimal")], rows)
    return Drawn(canvas, grid, {"sentences": " ".join(sentences)})


def _bar(panel: Axes, y: int, pieces: list[tuple[str, Row | None]], words: Words) -> None:
    left = 0.0
    for k, (arm, row) in enumerate(pieces):
        if row is None or not row.defined:
            continue
        colour = _tint(house.COLOUR[arm], k, len(pieces))
        panel.barh(y, row.estimate, left=left, height=0.72, color=colour, edgecolor="white", linewidth=0.8)
        if row.estimate >= LABELLED:
            ink = max(("white", house.INK), key=lambda ink: _contrast(ink, colour))
            text = words.share(row.estimate, 0)
            panel.text(left + row.estimate / 2, y, text, ha="center", va="center", fontsize=8, color=ink)
        left += row.estimate


def _contrast(one: object, other: object) -> float:
    """The contrast of two colours as WCAG 2 counts it."""

    def luminance(colour: object) -> float:
        rgb = matplotlib.colors.to_rgb(colour)  # type: ignore[arg-type]
        linear = [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in rgb]
        return sum(part * weight for part, weight in zip(linear, (0.2126, 0.7152, 0.0722), strict=True))

    dark, light = sorted((luminance(one), luminance(other)))
    return (light + 0.05) / (dark + 0.05)


def _tint(colour: str, place: int, of: int) -> tuple[float, float, float]:
    """The colour, paler for earlier answers."""
    strength = 0.18 + 0.82 * place / max(of - 1, 1)
    red, green, blue = matplotlib.colors.to_rgb(colour)
    return tuple(1 - strength * (1 - c) for c in (red, green, blue))  # type: ignore[return-value]
