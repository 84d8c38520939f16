"""How a table fits its page: text size, column widths, orientation, places to break long words, decimal padding.

Widths are in points and computed from the font's own metrics, so that no table runs off the page and the same
table always gets the same columns.
"""

from __future__ import annotations

import itertools
import math
import re
from dataclasses import dataclass, replace

from nbaccessible import fonts
from nbaccessible.model import Cell, Grid, Row, Token

PORTRAIT = 453.5  # 160 mm: A4 less two margins of 25 mm
LANDSCAPE = 700.0  # 247 mm
SIZES = (9.0, 8.5)  # nothing smaller: whoever prints it must be able to read it
GAP = 3.6  # inset on either side of a cell at 9 pt
TALL = 12  # lines from which a row may break over a page
FEW = 14  # rows that are kept on one page
QUARTER = 170.0  # points, nearly a quarter of a page, from which on groups may part even then
WHOLE = 340.0  # points up to which a group of rows stays on one page: somewhat less than half of it
_SLACK = 1.04  # kerning and rounding
_NUMBER = re.compile(r"^(?P<whole>[^\d]*\d[\d,\u00a0\u202f\u2009 ]*)(?P<rest>[.]\d.*|[^\d.].*|)$", re.S)
_BREAKS = re.compile(r"(?<=[_/\\:;=&?|@+])(?=\w)|(?<=[^\W\d][.,-])(?=\w)|(?<=[a-z])(?=[A-Z])")


@dataclass(frozen=True)
class Paper:
    """The room that tables have: widths in points upright and turned (0: it cannot be turned), text sizes to try.

    `close`: rows may stand as close as lines of text, without rules between them.
    """

    width: float
    turned: float
    sizes: tuple[float, ...]
    close: bool = False


A4 = Paper(PORTRAIT, LANDSCAPE, SIZES)
BRIEF = Paper(481.5, 0, SIZES)  # 170 mm
SLIDE = Paper(739.5, 0, (19.0, 18.0, 17.0, 16.0, 15.0, 14.0, 13.0, 12.0))  # 261 mm


def small(paper: Paper) -> Paper:
    """The same room for a table to look things up in: the smallest text, rows like lines of text."""
    return Paper(paper.width, paper.turned, paper.sizes[-1:], close=True)


@dataclass(frozen=True)
class Part:
    """Columns that stand beside each other and their widths in points."""

    columns: tuple[int, ...]
    widths: tuple[float, ...]


@dataclass(frozen=True)
class Plan:
    """Text size, page orientation, and the table in one part or, when it is wider than any page, in several."""

    size: float
    landscape: bool
    parts: tuple[Part, ...]
    whole_rows: bool = True  # no row is so tall that it must be allowed to break over a page
    close: bool = False  # rows like lines of text: no rule between them, the names' further lines turned in

    @property
    def gap(self) -> float:
        """Inset on either side of a cell in points."""
        return round(GAP * self.size / SIZES[0], 2)

    @property
    def above(self) -> float:
        """Inset above a row's text in points."""
        return (0.6 if self.close else 0.9) * self.gap

    @property
    def below(self) -> float:
        """Inset below a row's text in points."""
        return (0.75 if self.close else 1.05) * self.gap


@dataclass(frozen=True)
class _Need:
    """What a column asks for in em: its longest word, its longest line, a width at which it reads well."""

    word: float
    line: float
    good: float


def plan(grid: Grid, landscape: bool = False, may_turn: bool = True, paper: Paper = A4) -> Plan:
    """The largest text at which every column reads well, upright if it can; then in parts, the row's names repeated."""
    needs = [_need(grid, column) for column in range(len(grid.align))]
    turns = [False, True]
    if not may_turn or paper.turned == 0:
        turns = [False]
    elif landscape:
        turns = [True]
    for turned in turns:
        room = paper.turned if turned else paper.width
        for size in paper.sizes:
            if sum(_points(need.good, size) for need in needs) <= room:
                everything = tuple(range(len(needs)))
                return _planned(grid, needs, size, turned, room, (everything,), paper.close)
    turned, size = turns[-1], paper.sizes[-1]
    room = paper.turned if turned else paper.width
    return _planned(grid, needs, size, turned, room, _split(grid, needs, size, room), paper.close)


def _points(em: float, size: float) -> float:
    """A column's width in points for a text of this many em."""
    return em * size * _SLACK + 2 * GAP * size / SIZES[0]


def on_one(grid: Grid, paper: Paper, height: float) -> Plan:
    """The plan with the largest text at which the table is no taller than `height` points; as `plan` where none is."""
    for place in range(len(paper.sizes)):
        tried = plan(grid, paper=replace(paper, sizes=paper.sizes[place:]))
        if len(tried.parts) == 1 and _height(grid, tried) <= height:
            return tried
    return plan(grid, paper=paper)


def stays(grid: Grid, plan: Plan) -> bool:
    """Whether a table is kept on one page."""
    if len(grid.rows) > FEW:
        return False
    in_groups = sum(row.group for row in grid.rows) > 1
    return not in_groups or len(plan.parts) > 1 or _height(grid, plan) <= QUARTER


def whole_groups(grid: Grid, plan: Plan, part: Part) -> dict[int, int]:
    """Rows that stay on one page in a table that may break over pages: the first of them, and how many they are.

    They are its groups, but for those that take much of a page.
    """
    whole: dict[int, int] = {}
    if stays(grid, plan) or not plan.whole_rows:
        return whole
    places = [place for place, row in enumerate(grid.rows) if row.group]
    for start, end in itertools.pairwise([*places, len(grid.rows)]):
        rows = [row.cells for row in grid.rows[start + 1 : end]]
        if len(rows) > 1 and _height_of(rows, plan, part) <= WHOLE:
            whole[start + 1] = len(rows)
    return whole


def least(grid: Grid, plan: Plan) -> float:
    """About the height in points of what a long table begins with: its head and its first group, or a few rows."""
    part = plan.parts[0]
    whole = whole_groups(grid, plan, part)
    if whole:
        first = min(whole)
        rows = [row.cells for row in grid.rows[first : first + whole[first]]]
        return _height_of(rows, plan, part) + 3 * _one_line(plan)
    return 6 * _one_line(plan)


def _height(grid: Grid, plan: Plan) -> float:
    """About how tall a table in one part is, in points."""
    part = plan.parts[0]
    rows = [row.cells for row in grid.rows if not row.group]
    rows += [head for head in grid.head if len(head) == len(part.columns)]
    single = len(grid.rows) + len(grid.head) - len(rows)  # headings of groups and over several columns
    return _height_of(rows, plan, part) + single * _one_line(plan)


def _height_of(rows: list[tuple[Cell, ...]], plan: Plan, part: Part) -> float:
    """About how tall rows are, in points."""
    lines = 0
    for row in rows:
        taken = [
            _lines(row[column].text, plan.size, width - 2 * plan.gap)
            for column, width in zip(part.columns, part.widths, strict=True)
        ]
        lines += max(taken)
    return len(rows) * _one_line(plan) + (lines - len(rows)) * 1.11 * plan.size


def _one_line(plan: Plan) -> float:
    """The height of a row of one line, in points."""
    return 0.66 * plan.size + plan.above + plan.below


def _lines(text: str, size: float, room: float) -> int:
    """About how many lines a text takes; at least one."""
    return max(math.ceil(fonts.width(text) * size * 1.1 / room), 1)


def _need(grid: Grid, column: int) -> _Need:
    texts = [(row.cells[column].text, "Regular") for row in grid.rows if column < len(row.cells) and not row.group]
    # those over several columns have room: a table of pandas has the names of its rows in a line of their own
    texts += [(head.text, "Semibold") for head in grid.heads(column) if head.span == 1]
    words = [fonts.width(word, face) for text, face in texts for word in _unbreakable(text)]
    lines = [fonts.width(line, face) for text, face in texts for line in text.split("\n")]
    word, line, extra = max(words, default=1.0), max(lines, default=1.0), max(decimals(grid, column), default=0.0)
    return _Need(word + extra, line + extra, max(word, min(line / 4, 13.0)) + extra)


def _unbreakable(text: str) -> list[str]:
    """Parts of a text that should stay whole: numbers always, words up to a length that hyphens mend."""
    parts = []
    for word in text.split():
        if any(c.isdigit() for c in word) and len(word) <= 16:
            parts.append(word)
        else:
            parts += [piece[:14] for piece in _BREAKS.split(word)]
    return parts


def _split(grid: Grid, needs: list[_Need], size: float, available: float) -> tuple[tuple[int, ...], ...]:
    """Columns in as few parts as fit, evenly filled, each beginning with the columns that name the row."""
    names = tuple(range(min(grid.row_headers, len(needs) - 1)))
    room = available - min(sum(_points(needs[c].good, size) for c in names), 0.4 * available)
    least = {c: _points(needs[c].good, size) for c in range(len(names), len(needs))}
    parts: list[list[int]] = [[]]
    for column, points in least.items():
        if parts[-1] and sum(least[c] for c in parts[-1]) + points > room:
            parts.append([])
        parts[-1].append(column)
    each = -(-len(least) // len(parts))
    columns = list(least)
    even = [columns[i : i + each] for i in range(0, len(columns), each)]
    if all(sum(least[c] for c in part) <= room for part in even):
        parts = even
    return tuple(names + tuple(part) for part in parts)


def _planned(
    grid: Grid,
    needs: list[_Need],
    size: float,
    turned: bool,
    room: float,
    columns: tuple[tuple[int, ...], ...],
    close: bool,
) -> Plan:
    if len(columns) > 1:
        needs = _alike(grid, needs)
    widths = _share(grid, needs, columns[0], size, room)
    parts = tuple(Part(part, widths[: len(part)]) for part in columns)
    tallest = _tallest(grid, parts, size)
    # where more than the names of rows runs over several lines, rules must keep the rows apart
    close = close and len(parts) == 1 and all(lines <= 1 for lines in tallest[grid.row_headers :])
    return Plan(size, turned, parts, whole_rows=max(tallest, default=0.0) < TALL, close=close)


def _alike(grid: Grid, needs: list[_Need]) -> list[_Need]:
    """The needs with all columns but the row's names as wide as the widest of them, so that parts look alike."""
    named = min(grid.row_headers, len(needs) - 1)
    others = needs[named:]
    widest = _Need(
        word=max(need.word for need in others),
        line=max(need.line for need in others),
        good=max(need.good for need in others),
    )
    return needs[:named] + [widest] * len(others)


def _tallest(grid: Grid, parts: tuple[Part, ...], size: float) -> list[float]:
    """Lines of the tallest cell of each column."""
    gap = 2 * GAP * size / SIZES[0]
    tallest = []
    for part in parts:
        for column, width in zip(part.columns, part.widths, strict=True):
            lines = 0.0
            for row in grid.rows:
                if column < len(row.cells):
                    text = row.cells[column].text
                    lines = max(lines, fonts.width(text) * size / max(width - gap, 1.0) + text.count("\n"))
            tallest.append(lines)
    return tallest


def _share(grid: Grid, needs: list[_Need], part: tuple[int, ...], size: float, available: float) -> tuple[float, ...]:
    """Column widths, none under what reads well if the page allows; as wide as the page or as the text needs."""
    least = [_points(needs[column].good, size) for column in part]
    if sum(least) > available:
        least = [low * available / sum(least) for low in least]
    lines = [_points(needs[column].line, size) for column in part]
    natural = [max(line, low) for line, low in zip(lines, least, strict=True)]
    given = [grid.width[column] for column in part]
    if any(given):
        widths = _as_given([share or 1.0 for share in given], least, available)
    elif sum(natural) <= available:
        # a narrow table stays narrow: numbers far from the name of their row are hard to read
        wanted = min(max(1.3 * sum(natural), 0.45 * available), available)
        widths = [width * wanted / sum(natural) for width in natural]
    else:
        widths = _by_wish(natural, least, available)
    return tuple(round(width - 0.005, 2) for width in widths)


def _as_given(shares: list[float], least: list[float], available: float) -> list[float]:
    """The page in these shares; columns under what they need take the rest from those with some to spare."""
    widths = [available * share / sum(shares) for share in shares]
    pairs = list(zip(widths, least, strict=True))
    short = sum(low - width for width, low in pairs if width < low)
    spare = sum(width - low for width, low in pairs if width > low)
    rate = short / spare if spare else 0.0
    shared = []
    for width, low in pairs:
        if width < low:
            shared.append(low)
        else:
            shared.append(width - (width - low) * rate)
    return shared


def _by_wish(natural: list[float], least: list[float], available: float) -> list[float]:
    """What each needs, and of the rest of the page as much more as its longest line asks for, within reason."""
    wishes = [min(line - low, 8 * low) for line, low in zip(natural, least, strict=True)]
    rest = available - sum(least)
    total = sum(wishes) or 1.0
    return [low + rest * wish / total for low, wish in zip(least, wishes, strict=True)]


def decimals(grid: Grid, column: int) -> list[float]:
    """Space in em right of each row's text of a decimal column, so that the points stand under each other.

    Zero for every row of other columns and for texts that are no number.
    """
    if grid.align[column] != "decimal":
        return [0.0] * len(grid.rows)
    tails = [_tail(row, column) for row in grid.rows]
    longest = max((tail for tail in tails if tail is not None), default=0.0)
    return [0.0 if tail is None else round(longest - tail, 3) for tail in tails]


def _tail(row: Row, column: int) -> float | None:
    """How far a number runs right of its units; None for a text that is no number."""
    text = "" if row.group or column >= len(row.cells) else row.cells[column].text.strip()
    match = _NUMBER.match(text)
    if match:
        return fonts.width(match["rest"])
    # a dash for "none" stands where the units do
    return 0.0 if 0 < len(text) < 3 else None


def breakable(text: str, room: float, size: float) -> str:
    """The text with zero-width spaces where a word wider than `room` points may break."""
    if fonts.width(text) * size <= room:
        return text
    return re.sub(r"\S+", lambda match: _broken(match[0], room, size), text)


def hyphens(text: str, room: float, size: float) -> bool:
    """Whether a cell needs hyphens: only when a word of it is wider than its column."""
    return any(fonts.width(word, "Semibold") * size * _SLACK > room + 0.05 for word in text.split())


def _broken(word: str, room: float, size: float) -> str:
    width = fonts.width(word) * size * _SLACK
    if width <= room or (word.isalpha() and width <= 1.8 * room and len(word) <= 26):
        return word  # fits, or a word of the language that its hyphens make fit
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


def side(align: str) -> str:
    """The side at which a column stands: numbers at the right, where `decimals` puts their points under each other."""
    return "right" if align == "decimal" else align


def pieces(text: str) -> list[str]:
    """A text cut where a long word may break."""
    return [piece for piece in _BREAKS.split(text) if piece] if len(text) > 14 else [text]


def table_of(token: Token) -> Grid:
    """A Markdown table as a grid."""
    head, *bodies = token["children"]
    align = tuple(cell["attrs"].get("align") or "left" for cell in head["children"])
    rows = [row for body in bodies for row in body["children"]]
    return Grid(
        align=align,
        width=(None,) * len(align),
        head=(tuple(Cell(tuple(cell["children"])) for cell in head["children"]),),
        rows=tuple(Row(tuple(Cell(tuple(cell["children"])) for cell in row["children"])) for row in rows),
        row_headers=0,
    )
