"""How a table fits its page: text size, column widths, orientation, places to break long words, decimal padding.

Widths are in points and computed from the font's own metrics, so that no table runs off the page and the same
table always gets the same columns.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from evaluation.publish import fonts
from evaluation.publish.model import Grid

PORTRAIT = 453.5  # 160 mm: A4 less two margins of 25 mm
LANDSCAPE = 700.0  # 247 mm
SIZES = (9.0, 8.5, 8.0, 7.5, 7.0, 6.5)
GAP = 3.6  # inset on either side of a cell at 9 pt
_SLACK = 1.04  # kerning and rounding
_NUMBER = re.compile(r"^(?P<whole>[^\d]*\d[\d,\u00a0\u202f\u2009 ]*)(?P<rest>[.]\d.*|[^\d.].*|)$", re.S)
_BREAKS = re.compile(r"(?<=[_/\\.:;,=&?|@+-])(?=\w)|(?<=[a-z])(?=[A-Z])")


@dataclass(frozen=True)
class Plan:
    """Text size and column widths in points; `landscape` when upright would not do."""

    size: float
    widths: tuple[float, ...]
    landscape: bool

    @property
    def gap(self) -> float:
        """Inset on either side of a cell in points."""
        return round(GAP * self.size / SIZES[0], 2)

    def room(self, column: int, span: int = 1) -> float:
        """Points of text that fit on a line of a cell."""
        return sum(self.widths[column : column + span]) - 2 * self.gap


def plan(grid: Grid, landscape: bool = False) -> Plan:
    """The largest text at which the longest word of every column fits, upright if it can; else words must break."""
    needs = _needs(grid)
    for turned in (True,) if landscape else (False, True):
        available = LANDSCAPE if turned else PORTRAIT
        sizes = SIZES if turned or landscape else SIZES[:5]
        for size in sizes:
            least = [(word * size) * _SLACK + 2 * GAP * size / SIZES[0] for word, _, _ in needs]
            if sum(least) <= available:
                return Plan(size, _share(grid, needs, least, size, available), turned)
    least = [min(low, available / len(needs)) for low in least]
    return Plan(SIZES[-1], _share(grid, needs, least, SIZES[-1], available), True)


def _needs(grid: Grid) -> list[tuple[float, float, float]]:
    """For each column in em: its longest word, its longest line, and its mean line."""
    needs = []
    for column in range(len(grid.align)):
        texts = [(row.cells[column].text, "Regular") for row in grid.rows if column < len(row.cells) and not row.group]
        if grid.head and column < len(grid.head[-1]):
            texts.append((grid.head[-1][column].text, "Semibold"))
        word = max((fonts.width(w, face) for t, face in texts for w in _unbreakable(t)), default=1.0)
        lines = [fonts.width(t, face) for t, face in texts]
        extra = max(decimals(grid, column), default=0.0)
        needs.append((min(word, 16.0) + extra, max(lines, default=1.0) + extra, sum(lines) / max(len(lines), 1)))
    return needs


def _unbreakable(text: str) -> list[str]:
    """Parts of a text that should stay whole: numbers always, words up to a length that hyphens cannot mend."""
    parts = []
    for word in text.split():
        if any(c.isdigit() for c in word) and len(word) <= 16:
            parts.append(word)
        else:
            parts += [piece[:14] for piece in _BREAKS.split(word)]
    return parts


def _share(
    grid: Grid, needs: list[tuple[float, float, float]], least: list[float], size: float, available: float
) -> tuple[float, ...]:
    """Column widths that sum to the available width, none under its least."""
    inset = 2 * GAP * size / SIZES[0]
    natural = [max(line * size * _SLACK + inset, low) for (_, line, _), low in zip(needs, least, strict=True)]
    if any(grid.width):
        given = [w or 1.0 for w in grid.width]
        widths = [available * w / sum(given) for w in given]
        short = sum(max(low - w, 0) for w, low in zip(widths, least, strict=True))
        spare = sum(max(w - low, 0) for w, low in zip(widths, least, strict=True))
        rate = short / spare if spare else 0.0
        widths = [low if w < low else w - (w - low) * rate for w, low in zip(widths, least, strict=True)]
    elif sum(natural) <= available:
        rest = available - sum(natural)
        widths = [n + rest * n / sum(natural) for n in natural]
    else:
        room = available - sum(least)
        wish = [min(n - low, 8 * low) for n, low in zip(natural, least, strict=True)]
        widths = [low + room * w / (sum(wish) or 1.0) for w, low in zip(wish, least, strict=True)]
    return tuple(round(w * available / sum(widths) - 0.005, 2) for w in widths)


def decimals(grid: Grid, column: int) -> list[float]:
    """Space in em right of each row's text of a decimal column, so that the points stand under each other.

    Zero for every row of other columns and for texts that are no number.
    """
    if grid.align[column] != "decimal":
        return [0.0] * len(grid.rows)
    tails: list[float | None] = []
    for row in grid.rows:
        match = None if row.group or column >= len(row.cells) else _NUMBER.match(row.cells[column].text.strip())
        tails.append(fonts.width(match["rest"]) if match else None)
    most = max((t for t in tails if t is not None), default=0.0)
    return [0.0 if t is None else round(most - t, 3) for t in tails]


def breakable(text: str, room: float, size: float) -> str:
    """The text with zero-width spaces where a word wider than `room` points may break."""
    if fonts.width(text) * size <= room:
        return text
    return re.sub(r"\S+", lambda match: _broken(match[0], room, size), text)


def _broken(word: str, room: float, size: float) -> str:
    if fonts.width(word) * size * _SLACK <= room:
        return word
    pieces = []
    for piece in _BREAKS.split(word):
        line = ""
        for c in piece:
            if line and fonts.width(line + c) * size * _SLACK > room:
                pieces.append(line)
                line = ""
            line += c
        pieces.append(line)
    return "\u200b".join(pieces)
