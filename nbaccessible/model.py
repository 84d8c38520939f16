"""What a document is made of, before anybody says Typst or HTML: frozen values, texts never markup.

A `Token` is one node of parsed Markdown as `markdown.parse` returns it (`type`, then `raw`, `children`, `attrs`);
captions, notes, alt texts and cells are plain text and become tokens only through `plain`. In cells of tables there
are two of our own: `anchor` (attrs id), a target of links, and `reference` with attrs `page`: the page is printed too.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Any

Token = dict[str, Any]

STRINGS: Mapping[str, str] = {
    "contents": "Contents",
    "figures": "Figures",
    "tables": "Tables",
    "figure": "Figure",
    "table": "Table",
    "section": "Section",
    "appendix": "Appendix",
    "note": "Note:",
    "page": "Page",
    "of": "of",
    "skip": "Skip to main content",
    "code": "Code",
    "footnotes": "Footnotes",
    "back": "Back to reference",
    "data": "Data of this figure",
    "source": "Source:",
    "output": "Output of cell",
    "notebook": "The notebook of this page",
    "downloads": "Languages and files",
    "briefs": "District briefs",
    "sources": "Show where each number comes from",
    "permalink": "Link to this section",
    "codes": "Code of the figures and tables",
    "cite": "How to cite",
    "licence": "Licence:",
    "contact": "Contact:",
    "publisher": "Published by",
    "continued": "continued",
    "left_out": "left out here",
    "low_end": "from",
    "high_end": "to",
}


@dataclass(frozen=True)
class Attachment:
    """A file that travels inside the PDF."""

    name: str
    content: bytes
    mime: str
    description: str


@dataclass(frozen=True)
class Link:
    """A link of the bar above a page: `kind`: language, pdf, word, slides, data, brief; `lang`: of its words."""

    text: str
    href: str
    kind: str = "data"
    lang: str = ""


@dataclass(frozen=True)
class Cover:
    """Title page and document metadata; `date` is ISO or empty, `stamp` stands on every page and exhibit.

    `layout` is `report` (title block, contents, numbered chapters), `brief` (title block, no contents, set smaller
    until it fits one page), `slides` (a heading of level 1 or 2 starts one) or `article` (title block, contents when
    long; every notebook that is not ours).
    """

    title: str
    subtitle: str = ""
    authors: tuple[str, ...] = ()
    date: str = ""
    date_text: str = ""
    lang: str = "en"
    region: str = ""
    point: str = "."  # the decimal mark of numbers in tables
    abstract: str = ""
    keywords: tuple[str, ...] = ()
    stamp: str = ""
    strings: Mapping[str, str] = field(default_factory=lambda: dict(STRINGS))
    layout: str = "article"
    logo: str = ""  # a data address of an SVG or PNG image
    logo_alt: str = ""
    publisher: str = ""
    contact: str = ""
    citation: str = ""
    licence: str = ""
    links: tuple[Link, ...] = ()
    colours: Mapping[str, str] = field(default_factory=dict)  # `accent`: of headings and links

    @property
    def published(self) -> list[str]:
        """Who publishes and whom to ask, in words."""
        parts = []
        if self.publisher:
            parts.append(f"{self.strings['publisher']} {self.publisher}")
        if self.contact:
            parts.append(f"{self.strings['contact']} {self.contact}")
        return parts


@dataclass(frozen=True)
class Cell:
    """A cell of a table: inline tokens over `span` columns."""

    tokens: tuple[Token, ...]
    span: int = 1

    @cached_property
    def text(self) -> str:
        """What a reader sees."""
        return text_of(self.tokens)


@dataclass(frozen=True)
class Row:
    """A row of cells, or a group heading over the rows that follow; `id` is a target of links."""

    cells: tuple[Cell, ...]
    group: bool = False
    id: str = ""


@dataclass(frozen=True)
class Grid:
    """A table's content. `align` and `width` hold one entry a column (`left right center decimal`, relative or None).

    `head` holds the heading rows from top to bottom, the last one has a cell a column; it may be empty.
    The first `row_headers` columns name their row.
    """

    align: tuple[str, ...]
    width: tuple[float | None, ...]
    head: tuple[tuple[Cell, ...], ...]
    rows: tuple[Row, ...]
    row_headers: int = 1

    def heads(self, column: int) -> list[Cell]:
        """The heading cells over a column, from top to bottom."""
        over = []
        for row in self.head:
            cells = [cell for cell in row for _ in range(cell.span)]
            over.append(cells[column])
        return over


@dataclass(frozen=True)
class Prose:
    """A stretch of Markdown."""

    tokens: tuple[Token, ...]
    cell: int
    front: bool = False


@dataclass(frozen=True)
class Figure:
    """A picture; numbered when `number` is positive, which needs a caption. `width` is a fraction of the text's."""

    content: bytes
    mime: str
    alt: str
    cell: int
    label: str = ""
    caption: str = ""
    note: str = ""
    width: float | None = None
    data: Grid | None = None
    number: int = 0
    front: bool = False
    stamp: str | None = None  # None: the cover's; a figure of real data in a synthetic report has its own or none
    listed: bool = True  # in the list of figures; not where many sections have the same one
    narrow: bytes = b""  # the same drawing as SVG for a narrow screen
    data_stamp: str = ""  # of the table of its data, which is copied without the picture


@dataclass(frozen=True)
class Table:
    """A table; numbered when `number` is positive, which needs a caption."""

    grid: Grid
    cell: int
    label: str = ""
    caption: str = ""
    note: str = ""
    landscape: bool = False
    dense: bool = False  # set small: an annex to look things up in
    number: int = 0
    front: bool = False
    stamp: str | None = None  # as a figure's
    listed: bool = True


@dataclass(frozen=True)
class Code:
    """The source of a code cell."""

    text: str
    language: str
    cell: int
    front: bool = False
    about: str = ""  # the label of the exhibit that it makes: all such code is gathered in one place


@dataclass(frozen=True)
class Output:
    """Preformatted text: `kind` is stream, stderr, error or text."""

    text: str
    kind: str
    cell: int
    front: bool = False


Block = Prose | Figure | Table | Code | Output


@dataclass(frozen=True)
class Heading:
    """An entry of the contents; `number` is empty for an unnumbered heading."""

    level: int
    id: str
    number: str
    tokens: tuple[Token, ...]

    @property
    def title(self) -> str:
        """Its words in one line."""
        return in_one_line(self.tokens)


@dataclass(frozen=True)
class Document:
    """A notebook read once: what both exporters write.

    `targets` says for each id what a reference to it reads as (`Figure 3`); `pictures` holds the images that
    Markdown names, by their address; `notebook` is its source without outputs.
    """

    cover: Cover
    blocks: tuple[Block, ...]
    headings: tuple[Heading, ...]
    targets: Mapping[str, str]
    pictures: Mapping[str, tuple[bytes, str]] = field(default_factory=dict)
    attachments: tuple[Attachment, ...] = ()
    notebook: Attachment | None = None

    @property
    def front(self) -> list[Block]:
        """What stands before the contents."""
        return [block for block in self.blocks if block.front]

    @property
    def body(self) -> list[Block]:
        """What stands after the contents."""
        return [block for block in self.blocks if not block.front]

    def stamp_of(self, block: Figure | Table) -> str:
        """The stamp of an exhibit: its own, else the cover's."""
        return self.cover.stamp if block.stamp is None else block.stamp

    @property
    def figures(self) -> list[Figure]:
        """The numbered figures in order."""
        return [block for block in self.blocks if isinstance(block, Figure) and block.number]

    @property
    def tables(self) -> list[Table]:
        """The numbered tables in order."""
        return [block for block in self.blocks if isinstance(block, Table) and block.number]


def plain(text: str) -> tuple[Token, ...]:
    """Plain text as tokens; line breaks stay."""
    tokens: list[Token] = []
    for i, line in enumerate(str(text).splitlines() or [""]):
        if i:
            tokens.append({"type": "linebreak"})
        tokens.append({"type": "text", "raw": line})
    return tuple(tokens)


def walk(tokens: Iterable[Token]) -> Iterator[Token]:
    """Every token, parents first."""
    for token in tokens:
        yield token
        yield from walk(token.get("children", ()))


def text_of(tokens: Iterable[Token]) -> str:
    """The text a reader sees, without footnotes."""
    parts = []
    for token in tokens:
        kind = token["type"]
        if kind in ("softbreak", "linebreak"):
            parts.append(" ")
        elif kind == "footnote":
            continue
        elif "children" in token:
            parts.append(text_of(token["children"]))
        else:
            parts.append(token.get("raw", ""))
    return "".join(parts)


def in_one_line(tokens: Iterable[Token]) -> str:
    """The text a reader sees, without its line breaks."""
    return " ".join(text_of(tokens).split())


def leads_outside(url: str) -> bool:
    """Whether a link leads to a page of the web or to a mailbox."""
    return re.match("https?:|mailto:", url, re.IGNORECASE) is not None


def alt_of(image: Token) -> str:
    """The alternative text of an image of Markdown: its own, else the name of its file."""
    return text_of(image.get("children", ())) or Path(image["attrs"]["url"]).name[:60]


def in_place_of(image: Token) -> str:
    """What is printed for an image of Markdown that the document does not hold."""
    url = image["attrs"]["url"]
    return f"[{alt_of(image)}]" if url.startswith("data:") else f"[{alt_of(image)}: {url}]"


def check_box(item: Token) -> str:
    """The box before an item of a list of tasks; nothing before that of any other list."""
    if "checked" not in item.get("attrs", {}):
        return ""
    return "\u2611 " if item["attrs"]["checked"] else "\u2610 "


def legible(text: str) -> bool:
    """Whether anything of a text is to be seen: spaces, joiners, marks of direction and variation selectors are not."""
    return any(not c.isspace() and unicodedata.category(c) != "Cf" and c not in "\ufe0e\ufe0f" for c in text)
