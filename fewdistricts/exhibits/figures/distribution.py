"""How the answers to ordinal questions were distributed: bars that diverge from the middle of the answers."""

from __future__ import annotations

from textwrap import fill

import matplotlib.colors
import seaborn
from matplotlib.axes import Axes
from matplotlib.patches import Patch

from fewdistricts.design import Indicator
from fewdistricts.design.colours import WHITE, contrast
from fewdistricts.exhibits.display import Column, Grid, Rows
from fewdistricts.exhibits.figures import style
from fewdistricts.exhibits.figures.common import Figure, hover_area
from fewdistricts.exhibits.results import Results, Row
from fewdistricts.exhibits.tables.common import level_cell
from fewdistricts.exhibits.tables.distribution import Distribution, ordinal
from fewdistricts.exhibits.text import names
from fewdistricts.exhibits.text.wording import Words

MOST = 4  # questions drawn; the table has them all
LABELLED, LABELLED_ON_PHONE = 0.055, 0.13  # share: a narrower piece has no room for its number
UNFAVOURABLE = "#7A3E00"
HATCH = "////"
Pieces = list[tuple[str, Row | None]]


def distribution(results: Results, words: Words) -> Figure | None:
    """One bar a group and survey, the unfavourable half of the answers to the left of the middle."""
    asked = _questions(results)[:MOST]
    if not asked or not results.changes:
        return None
    heights = [0.75 + 0.5 * len(next(iter(shares.values()))) for _, shares in asked]
    if style.is_for_phone():  # the answers are named in more lines
        heights = [height + 0.17 * len(shares) for height, (_, shares) in zip(heights, asked, strict=True)]
    canvas, axes = style.canvas(sum(heights) + 0.2, 1, len(asked), height_ratios=heights)
    rows: Rows = []
    sentences = []
    for panel, (indicator, shares) in zip(axes, asked, strict=True):
        answers = _unfavourable_first(indicator, list(shares))
        labels = [names.answer(words, indicator, answer) for answer in answers]
        bars: dict[str, Pieces] = {}
        for label, answer in zip(labels, answers, strict=True):
            for arm, ends in shares[answer].items():
                for end, row in (("before", ends.before), ("after", ends.after)):
                    bar = f"{words.label('arm', arm)}, {words.label('words', end)}"
                    bars.setdefault(bar, []).append((arm, row))
                cells = [level_cell(words, ends.before), level_cell(words, ends.after)]
                rows.append([words.text(indicator.label), label, words.label("arm", arm), *cells])
        for y, (bar, pieces) in enumerate(bars.items()):
            texts = [
                f"{label} {words.level(row.estimate if row else None, 'share')}"
                for label, (_, row) in zip(labels, pieces, strict=True)
            ]
            _bar(panel, y, pieces, words, [f"{bar}: {text}" for text in texts])
            shown = [text for text, (_, row) in zip(texts, pieces, strict=True) if row is not None]
            sentences.append(words.label("figure", "distribution", "sentence", bar=bar, shares=words.listed(shown)))
        _axes(panel, words.text(indicator.question or indicator.label), list(bars), labels)
    w = words.labels("words")
    heads = [Column(w["indicator"]), Column(w["answer"]), Column(w["arm"])]
    grid = Grid([*heads, Column(w["before"], "decimal"), Column(w["after"], "decimal")], rows)
    return Figure(canvas, grid, {"sentences": " ".join(sentences)})


def _questions(results: Results) -> list[tuple[Indicator, Distribution]]:
    """One indicator a question: several may count different answers to the same one."""
    first: dict[str, tuple[Indicator, Distribution]] = {}
    for indicator, shares in ordinal(results):
        first.setdefault(str(indicator.column), (indicator, shares))
    return list(first.values())


def _unfavourable_first(indicator: Indicator, answers: list[str]) -> list[str]:
    """The answers in their order, turned round where the question begins with the favourable ones."""
    middle = (len(answers) - 1) / 2
    counted = [k for k, answer in enumerate(answers) if answer in (indicator.yes or ())]
    place = sum(counted) / len(counted) if counted else len(answers) - 1
    favourable_late = (place > middle) == (indicator.better != "lower")
    return answers if favourable_late else answers[::-1]


def _bar(panel: Axes, y: int, pieces: Pieces, words: Words, texts: list[str]) -> None:
    """Pieces side by side; `said` is what each shows when a reader points at it."""
    # seaborn stacks from zero; these bars begin where their middle comes to lie at zero
    shares = [row.estimate if row is not None and row.defined else 0.0 for _, row in pieces]
    half = len(shares) // 2
    left = -sum(shares[:half])
    if len(shares) % 2:
        left -= shares[half] / 2
    for k, ((arm, _), share) in enumerate(zip(pieces, shares, strict=True)):
        colour = piece_colour(style.COLOUR[arm], k, len(shares))
        hatched = hatch(k, len(shares))
        (piece,) = panel.barh(
            y, share, left=left, height=0.72, color=colour, edgecolor="white", linewidth=0.8, hatch=hatched
        )
        hover_area(piece, texts[k])
        if share >= (LABELLED_ON_PHONE if style.is_for_phone() else LABELLED):
            paper = matplotlib.colors.to_hex(colour)
            ink = max((WHITE, style.INK), key=lambda ink: contrast(ink, paper))
            crossed = hatched or 2 * k + 1 == len(shares)  # by the hatching, or by the line through the middle
            ground = {"boxstyle": "round,pad=0.12", "facecolor": colour, "edgecolor": "none"} if crossed else None
            panel.text(
                left + share / 2,
                y,
                words.share(share, 0),
                ha="center",
                va="center",
                fontsize=8.5,
                color=ink,
                bbox=ground,
            )
        left += share


def _axes(panel: Axes, question: str, bars: list[str], labels: list[str]) -> None:
    panel.axvline(0, color=style.INK, linewidth=0.8)
    phone = style.is_for_phone()
    panel.set_title(fill(question, 40 if phone else 95), fontsize=8.5)
    panel.set_yticks(range(len(bars)), [bar.replace(", ", ",\n") for bar in bars] if phone else bars)
    panel.set_ylim(len(bars) - 0.4, -0.6)
    panel.set_xlim(-1, 1)
    panel.set_xticks([])
    panel.tick_params(axis="y", length=0)
    keys = []
    for k, label in enumerate(labels):
        colour, hatched = piece_colour(style.PILOT, k, len(labels)), hatch(k, len(labels))
        keys.append(Patch(facecolor=colour, edgecolor="white", linewidth=0, hatch=hatched, label=label))
    panel.legend(
        handles=keys, loc="upper left", bbox_to_anchor=(0, -0.02), ncols=2 if phone else min(len(labels), 7),
        fontsize=8.5, handlelength=1, columnspacing=1.2, borderaxespad=0,
    )  # fmt: skip
    seaborn.despine(ax=panel, left=True, bottom=True)


def hatch(place: int, of: int) -> str:
    """The unfavourable half is hatched: in grey both ends of a scale are of one shade."""
    return HATCH if place < of // 2 else ""


def piece_colour(favourable: str, place: int, of: int) -> tuple[float, float, float]:
    """Darker the farther from the middle; the unfavourable half in one colour, the favourable in the group's."""
    middle = (of - 1) / 2
    distance = abs(place - middle) / max(middle, 0.5)
    base = favourable if place > middle else UNFAVOURABLE
    if place == middle:
        base = style.GREY
    strength = 0.25 + 0.6 * distance
    red, green, blue = matplotlib.colors.to_rgb(base)
    return tuple(1 - strength * (1 - part) for part in (red, green, blue))  # type: ignore[return-value]
