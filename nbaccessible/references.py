"""Numbers and references: headings set right, exhibits counted, every reference resolved or refused."""

from __future__ import annotations

import dataclasses
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from nbaccessible.errors import PublishError, nearest
from nbaccessible.model import Block, Cell, Cover, Figure, Grid, Heading, Prose, Table, Token, leads_outside, text_of


def headings(blocks: list[Block], cover: Cover) -> tuple[list[Block], list[Heading]]:
    """Headings with levels that never skip (PDF/UA asks for it), numbers and unique ids."""
    levels = [
        token["attrs"]["level"]
        for block in blocks
        if isinstance(block, Prose) and not block.front
        for token in block.tokens
        if token["type"] == "heading"
    ]
    taken = {t["attrs"]["id"] for b in blocks if isinstance(b, Prose) for t in b.tokens if t["type"] == "heading"}
    counter = _Counter(numbered=cover.layout == "report", top=min(levels, default=1))
    ordered = [b for b in blocks if b.front] + [b for b in blocks if not b.front]
    entries: list[Heading] = []
    out: list[Block] = []
    for block in ordered:
        if not isinstance(block, Prose):
            out.append(block)
            continue
        tokens: list[Token] = []
        for token in block.tokens:
            if token["type"] == "heading":
                level, number, appendix = counter.step(token["attrs"], block.front)
                text = text_of(token["children"])
                ident = token["attrs"]["id"] or _fresh("-".join(text.split()) or "section", taken)
                taken.add(ident)
                attrs = {"level": level, "id": ident, "number": number, "appendix": appendix}
                attrs["written"] = token["attrs"]["level"]
                attrs["fresh"] = "fresh" in token["attrs"]["classes"]  # opens a page
                attrs["unstamped"] = "unstamped" in token["attrs"]["classes"]  # its pages carry no stamp
                token = {**token, "attrs": attrs}
                entries.append(Heading(level, ident, number, tuple(token["children"])))
            tokens.append(token)
        out.append(dataclasses.replace(block, tokens=tuple(tokens)))
    return out, entries


class _Counter:
    """Numbers of headings: chapters, then appendices by letter; front matter and `.unnumbered` have none."""

    def __init__(self, numbered: bool, top: int) -> None:
        self.numbered, self.top = numbered, top
        self.open: list[int] = []
        self.counts: list[int] = []
        self.appendix = False

    def step(self, attrs: Mapping[str, Any], front: bool) -> tuple[int, str, bool]:
        """Level, number and whether this heading begins the appendices."""
        wanted = max(attrs["level"] - (0 if front else self.top - 1), 1)
        while self.open and self.open[-1] >= wanted:
            self.open.pop()
        self.open.append(wanted)
        level = min(len(self.open), 5)
        begins = "appendix" in attrs["classes"] and level == 1 and not self.appendix
        if begins:
            self.appendix, self.counts = True, []
        if not self.numbered or front or "unnumbered" in attrs["classes"]:
            return level, "", begins
        self.counts = self.counts[:level] + [0] * (level - len(self.counts))
        self.counts[level - 1] += 1
        parts = [str(c) for c in self.counts]
        if self.appendix:
            parts[0] = _letters(self.counts[0])
        return level, ".".join(parts), begins


def _letters(number: int) -> str:
    out = ""
    while number > 0:
        number, rest = divmod(number - 1, 26)
        out = chr(65 + rest) + out
    return out or "0"


def _fresh(wish: str, taken: set[str]) -> str:
    ident, n = wish, 1
    while ident in taken:
        n += 1
        ident = f"{wish}-{n}"
    return ident


def numbered(blocks: list[Block]) -> list[Block]:
    """Figures and tables with captions counted in the order of reading."""
    figures = tables = 0
    out: list[Block] = []
    for block in blocks:
        if isinstance(block, Figure) and block.caption:
            figures += 1
            block = dataclasses.replace(block, number=figures)
        elif isinstance(block, Table) and block.caption:
            tables += 1
            block = dataclasses.replace(block, number=tables)
        out.append(block)
    return out


def targets(blocks: Iterable[Block], headings: Iterable[Heading], cover: Cover) -> dict[str, str]:
    """What each id reads as when referred to; an id given twice is an error."""
    reads: dict[str, str] = {}
    cell_of: dict[str, int] = {}
    blocks = list(blocks)
    for ident, text, cell in [*_of_headings(blocks, headings, cover), *_of_exhibits(blocks, cover)]:
        if not ident:
            continue
        if ident in reads:
            raise PublishError(f"cell {cell}: {ident} is already the label of something in cell {cell_of[ident]}")
        if re.search(r"\s", ident):
            raise PublishError(f"cell {cell}: the label {ident!r} holds a space; use letters, digits and hyphens")
        reads[ident], cell_of[ident] = text, cell
    return reads


def _of_headings(blocks: Iterable[Block], headings: Iterable[Heading], cover: Cover) -> Iterator[tuple[str, str, int]]:
    """Id, what a reference to it reads as, and cell of each heading."""
    prose = [block for block in blocks if isinstance(block, Prose)]
    cells = [block.cell for block in prose for token in block.tokens if token["type"] == "heading"]
    for heading, cell in zip(headings, cells, strict=True):
        if not heading.number:
            yield heading.id, heading.title, cell
            continue
        is_appendix = heading.number[0].isalpha() and "." not in heading.number
        word = cover.strings["appendix" if is_appendix else "section"]
        yield heading.id, f"{word} {heading.number}", cell


def _of_exhibits(blocks: Iterable[Block], cover: Cover) -> Iterator[tuple[str, str, int]]:
    """The same of each figure, table, row and place in a cell that has an id."""
    for block in blocks:
        if not isinstance(block, Figure | Table):
            continue
        word = cover.strings["figure" if isinstance(block, Figure) else "table"]
        yield block.label, f"{word} {block.number}", block.cell
        grid = block.data if isinstance(block, Figure) else block.grid
        for row in grid.rows if grid else ():
            name = row.cells[0].text if row.cells else row.id
            yield row.id, name, block.cell
            for token in (token for cell in row.cells for token in cell.tokens):
                if token["type"] == "anchor":
                    yield token["attrs"]["id"], name, block.cell


def linked(block: Block, targets: Mapping[str, str], ours: bool, left_out: Mapping[str, str]) -> Block:
    """References say what they point at, links that lead nowhere are errors in a report and text elsewhere.

    `left_out` says what a reference to a part that was left out of this edition reads as.
    """
    if isinstance(block, Prose):
        resolver = _Resolver(targets, left_out, ours, block.cell)
        return dataclasses.replace(block, tokens=tuple(resolver.tokens(block.tokens)))
    resolver = _Resolver(targets, left_out, True, block.cell)
    if isinstance(block, Table):
        return dataclasses.replace(block, grid=resolver.grid(block.grid))
    if isinstance(block, Figure) and block.data:
        return dataclasses.replace(block, data=resolver.grid(block.data))
    return block


@dataclass(frozen=True)
class _Resolver:
    """Makes the references of a cell links; `strict` refuses those that lead nowhere."""

    targets: Mapping[str, str]
    left_out: Mapping[str, str]
    strict: bool
    cell: int

    def grid(self, grid: Grid) -> Grid:
        """A table with its references resolved."""
        rows = (dataclasses.replace(row, cells=tuple(map(self._cell, row.cells))) for row in grid.rows)
        return dataclasses.replace(grid, rows=tuple(rows))

    def _cell(self, cell: Cell) -> Cell:
        if all(token["type"] == "text" for token in cell.tokens):
            return cell
        return dataclasses.replace(cell, tokens=tuple(self.tokens(cell.tokens)))

    def tokens(self, tokens: Iterable[Token]) -> list[Token]:
        """The tokens with their references resolved, and those of their children."""
        out = []
        for token in tokens:
            if token["type"] == "reference":
                token = self._reference(token)
            elif token["type"] == "link":
                token = self._link(token)
            if "children" in token:
                token = {**token, "children": self.tokens(token["children"])}
            out.append(token)
        return out

    def _reference(self, token: Token) -> Token:
        target = token["attrs"]["target"]
        if target in self.targets:
            text: list[Token] = [{"type": "text", "raw": self.targets[target].replace(" ", "\u00a0", 1)}]
            return {"type": "link", "attrs": {**token["attrs"], "url": f"#{target}"}, "children": text}
        if target in self.left_out:
            return {"type": "text", "raw": self.left_out[target]}
        self._refuse(f"@{target}", target)
        return {"type": "text", "raw": f"@{target}"}

    def _link(self, token: Token) -> Token:
        """A link that leads somewhere; elsewhere its words alone, for relative addresses mean nothing once a document
        has left its folder, and a script is never run."""
        url = token["attrs"]["url"]
        target = url.removeprefix("#")
        if url.startswith("source:"):
            return {**token, "type": "sourced", "attrs": {"row": url.removeprefix("source:")}}
        if leads_outside(url) or (url.startswith("#") and target in self.targets):
            return token
        if url.startswith("#") and target not in self.left_out:
            self._refuse(url, target)
        return {**token, "type": "span"}

    def _refuse(self, shown: str, target: str) -> None:
        """PublishError for a reference to nothing, if it is not to be passed over."""
        if self.strict:
            hint = nearest(target, self.targets)
            nothing = f"cell {self.cell}: {shown} refers to nothing in this document"
            raise PublishError(f"{nothing}; {hint}" if hint else nothing)
