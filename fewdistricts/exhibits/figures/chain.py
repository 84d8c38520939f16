"""The theory of the programme as boxes and arrows: as it was declared, and with what each step has shown."""

from __future__ import annotations

from textwrap import fill
from typing import Any

from matplotlib.patches import FancyArrowPatch, FancyBboxPatch

from fewdistricts.exhibits.display import Cell, Column, Grid
from fewdistricts.exhibits.figures import style as house
from fewdistricts.exhibits.figures.common import Drawn
from fewdistricts.exhibits.results import Results
from fewdistricts.exhibits.tables.common import contrast_cells, contrast_name
from fewdistricts.exhibits.text.theory import Link, Step, broken_at, steps
from fewdistricts.exhibits.text.wording import Words

GAP = 0.22  # of a box's width
HALF = 0.4  # of a box's height
LINE = 0.155  # inches of a line of text
BOX_INCHES = house.TEXT_WIDTH / 1.05
SMALL = 8.5


def theory(results: Results, words: Words) -> Drawn | None:
    """The programme and the steps declared, without any result; nothing where no theory is declared."""
    chain = steps(results)
    if not chain:
        return None
    characters = _characters(len(chain) + 1)
    first = fill(words.text(results.design.intervention.name), characters)
    texts = [[fill(words.text(link.indicator.label), characters) for link in step] for step in chain]
    canvas, axes, middles = _boxes([[first], *texts])
    _box(axes, 0, middles[0][0], first, filled=True)
    for x, step in enumerate(texts, 1):
        for middle, text in zip(middles[x], step, strict=True):
            _box(axes, x, middle, text)
    names = [[words.text(link.indicator.label) for link in step] for step in chain]
    rows: list[list[Cell] | str] = [[words.number(number), words.listed(step)] for number, step in enumerate(names, 1)]
    grid = Grid([Column(words.label("words", "step"), "right"), Column(words.label("words", "indicator"))], rows)
    sentences = words.label("figure", "theory", "joined").join(words.listed(step) for step in names)
    return Drawn(canvas, grid, {"sentences": sentences})


def chain(results: Results, words: Words) -> Drawn | None:
    """A box a step, several above each other where a step has several indicators, with what each has shown."""
    links = steps(results)
    if not links or not results.headline.compares:
        return None
    characters = _characters(len(links))
    texts = [[_text(words, link, characters) for link in step] for step in links]
    canvas, axes, middles = _boxes(texts)
    rows: list[list[Cell] | str] = []
    sentences = []
    for x, step in enumerate(links):
        for middle, text, link in zip(middles[x], texts[x], step, strict=True):
            _box(axes, x, middle, text, dashed=not link.moved)
            label = words.text(link.indicator.label)
            rows.append([words.number(x + 1), label, *contrast_cells(words, link.row)])
            if link.row is not None and link.row.defined:
                sentences.append(_sentence(words, label, link))
    confidence = words.share(results.design.inference.confidence, 0)
    heads = [Column(words.label("words", "step"), "right"), Column(words.label("words", "indicator"))]
    heads.append(Column(contrast_name(results, words), "decimal"))
    heads.append(Column(words.label("words", "interval", confidence=confidence), "center"))
    values = {"sentences": " ".join(sentences), "confidence": confidence, **_held(links, words)}
    return Drawn(canvas, Grid(heads, rows), values)


def _held(chain: list[Step], words: Words) -> dict[str, Any]:
    """How far the chain holds: the label of the last indicator before it breaks."""
    at = broken_at(chain)
    last = words.text(chain[at - 1][-1].indicator.label) if at else ""
    return {"broken": at is not None, "last": last}


def _text(words: Words, link: Link, characters: int) -> str:
    """What a box of the chain says: its label, the difference and the interval."""
    lines = [fill(words.text(link.indicator.label), characters)]
    row = link.row
    if row is not None and row.defined:
        lines.append(words.difference(row.estimate, row.unit, *row.ends))
        if row.bounded:
            lines.append(f"({words.interval(*row.ends, row.unit)})")
    return "\n".join(lines)


def _sentence(words: Words, label: str, link: Link) -> str:
    assert link.row is not None
    values = {"label": label, "interval": words.interval(*link.row.ends, link.row.unit)}
    values["difference"] = words.difference(link.row.estimate, link.row.unit, *link.row.ends)
    return words.label("figure", "chain", "sentence", **values)


def _characters(boxes: int) -> int:
    """Characters of a line within one of so many boxes."""
    inches = BOX_INCHES / (boxes * (1 + GAP) - GAP)
    return max(8, int(inches / 0.068) - 2)


def _boxes(texts: list[list[str]]) -> tuple[Any, Any, list[list[float]]]:
    """A canvas for columns of boxes with an arrow from each box to those of the next, and the boxes' middles."""
    tallest = max(len(column) for column in texts)
    lines = max(text.count("\n") + 1 for column in texts for text in column)
    canvas, (axes,) = house.canvas(0.1 + tallest * (LINE * lines + 0.14) / (2 * HALF))
    axes.set_axis_off()
    axes.set_xlim(-0.02, len(texts) * (1 + GAP) - GAP + 0.02)
    axes.set_ylim(-tallest / 2 - 0.03, tallest / 2 + 0.03)
    middles = [[(len(column) - 1) / 2 - k for k in range(len(column))] for column in texts]
    for x in range(1, len(texts)):
        left = x * (1 + GAP)
        for start in middles[x - 1]:
            for end in middles[x]:
                arrow = FancyArrowPatch(
                    (left - GAP, start), (left, end), arrowstyle="-|>", mutation_scale=9, color=house.GREY_INK
                )
                axes.add_patch(arrow)
    return canvas, axes, middles


def _box(axes: Any, column: int, middle: float, text: str, dashed: bool = False, filled: bool = False) -> None:
    left = column * (1 + GAP)
    patch = FancyBboxPatch(
        (left, middle - HALF),
        1,
        2 * HALF,
        boxstyle="round,pad=0,rounding_size=0.04",
        facecolor=house.ZONE if filled else "white",
        edgecolor=house.PILOT,
        linewidth=1 if dashed else 1.4,
        linestyle=(0, (3, 2)) if dashed else "-",
    )
    axes.add_patch(patch)
    axes.text(left + 0.5, middle, text, ha="center", va="center", fontsize=SMALL, linespacing=1.3)
