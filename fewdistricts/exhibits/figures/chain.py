"""The theory of the programme as boxes and arrows: as it was declared, and with what each step has shown."""

from __future__ import annotations

from textwrap import fill
from typing import Any

from matplotlib.patches import FancyArrowPatch, FancyBboxPatch

from fewdistricts.exhibits.display import Column, Grid, Rows
from fewdistricts.exhibits.figures import style
from fewdistricts.exhibits.figures.common import Figure
from fewdistricts.exhibits.results import Results
from fewdistricts.exhibits.tables.common import contrast_cells, contrast_columns
from fewdistricts.exhibits.text.theory import Link, Step, broken_at, steps
from fewdistricts.exhibits.text.wording import Words

GAP, GAP_BELOW = 0.22, 0.45  # of a box's length along the chain, from left to right or down a phone
HALF = 0.4  # of its length across
LINE = 0.155  # inches of a line of text
SMALL = 8.5


def theory(results: Results, words: Words) -> Figure | None:
    """The programme and the steps declared, without any result; nothing where no theory is declared."""
    chain = steps(results)
    if not chain:
        return None
    characters = _characters(len(chain) + 1, max(len(step) for step in chain))
    first = fill(words.text(results.design.intervention.name), characters)
    texts = [[fill(words.text(link.indicator.label), characters) for link in step] for step in chain]
    canvas, axes, middles = _boxes([[first], *texts])
    _box(axes, 0, middles[0][0], first, filled=True)
    for x, step in enumerate(texts, 1):
        for middle, text in zip(middles[x], step, strict=True):
            _box(axes, x, middle, text)
    names = [[words.text(link.indicator.label) for link in step] for step in chain]
    rows: Rows = [[words.number(number), words.listed(step)] for number, step in enumerate(names, 1)]
    grid = Grid([Column(words.label("words", "step"), "right"), Column(words.label("words", "indicator"))], rows)
    sentences = words.label("figure", "theory", "joined").join(words.listed(step) for step in names)
    return Figure(canvas, grid, {"sentences": sentences})


def chain(results: Results, words: Words) -> Figure | None:
    """A box a step, several above each other where a step has several indicators, with what each has shown."""
    links = steps(results)
    if not links or not results.headline.compares:
        return None
    characters = _characters(len(links), max(len(step) for step in links))
    texts = [[_text(words, link, characters) for link in step] for step in links]
    canvas, axes, middles = _boxes(texts)
    rows: Rows = []
    sentences = []
    for x, step in enumerate(links):
        for middle, text, link in zip(middles[x], texts[x], step, strict=True):
            _box(axes, x, middle, text, dashed=not link.moved)
            label = words.text(link.indicator.label)
            rows.append([words.number(x + 1), label, *contrast_cells(words, link.row)])
            if link.row is not None and link.row.defined:
                sentences.append(words.label("figure", "chain", "sentence", label=label, **words.contrast_of(link.row)))
    confidence = words.confidence(results.design)
    w = words.labels("words")
    heads = [Column(w["step"], "right"), Column(w["indicator"]), *contrast_columns(results, words, 0, 0)]
    values = {"sentences": " ".join(sentences), "confidence": confidence, **_held(links, words)}
    return Figure(canvas, Grid(heads, rows), values)


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
        lines.append(words.difference_of(row))
        if row.bounded:
            lines.append(f"({words.interval_of(row)})")
    return "\n".join(lines)


def _characters(boxes: int, across: int) -> int:
    """Characters of a line within a box of a chain so long and so wide."""
    inches = style.width() / 1.05 / (boxes * (1 + GAP) - GAP)
    if style.is_for_phone():
        inches = style.width() * 2 * HALF / across
    return max(8, int(inches / 0.068) - 2)


def _boxes(texts: list[list[str]]) -> tuple[Any, Any, list[list[float]]]:
    """A canvas for columns of boxes with an arrow from each box to those of the next, and the boxes' middles.

    On a phone the columns are rows below each other.
    """
    across = max(len(column) for column in texts)
    lines = max(text.count("\n") + 1 for column in texts for text in column)
    box = LINE * lines + 0.14
    along = len(texts) * (1 + _gap()) - _gap()
    phone = style.is_for_phone()
    canvas, (axes,) = style.canvas(0.1 + style.STAMP + (along * box if phone else across * box / (2 * HALF)))
    axes.set_axis_off()
    if phone:
        axes.set_xlim(-across / 2 - 0.03, across / 2 + 0.03)
        axes.set_ylim(-along - 0.03, 0.03)
    else:
        axes.set_xlim(-0.02, along + 0.02)
        axes.set_ylim(-across / 2 - 0.03, across / 2 + 0.03)
    middles = [[(len(column) - 1) / 2 - k for k in range(len(column))] for column in texts]
    for number in range(1, len(texts)):
        begin = number * (1 + _gap())
        for start in middles[number - 1]:
            for end in middles[number]:
                ends = _at(begin - _gap(), start), _at(begin, end)
                axes.add_patch(FancyArrowPatch(*ends, arrowstyle="-|>", mutation_scale=9, color=style.GREY_INK))
    return canvas, axes, middles


def _gap() -> float:
    """Between a box and the next, of a box's length."""
    return GAP_BELOW if style.is_for_phone() else GAP


def _at(along: float, across: float) -> tuple[float, float]:
    """A place of the drawing: so far along the chain, which runs to the right or, on a phone, down."""
    return (-across, -along) if style.is_for_phone() else (along, across)


def _box(axes: Any, column: int, middle: float, text: str, dashed: bool = False, filled: bool = False) -> None:
    begin = column * (1 + _gap())
    (x, y), (far_x, far_y) = _at(begin, middle - HALF), _at(begin + 1, middle + HALF)
    patch = FancyBboxPatch(
        (min(x, far_x), min(y, far_y)),
        abs(far_x - x),
        abs(far_y - y),
        boxstyle="round,pad=0,rounding_size=0.04",
        facecolor=style.ZONE if filled else "white",
        edgecolor=style.PILOT,
        linewidth=1 if dashed else 1.4,
        linestyle=(0, (3, 2)) if dashed else "-",
    )
    axes.add_patch(patch)
    axes.text((x + far_x) / 2, (y + far_y) / 2, text, ha="center", va="center", fontsize=SMALL, linespacing=1.3)
