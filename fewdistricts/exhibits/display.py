"""What a notebook cell shows: one object, several MIME types, its meaning in the output's metadata.

Jupyter and nbconvert's own exporters show HTML and the plain types; those of `nbaccessible` read the metadata key of
that name, Markdown, SVG and the table type. Every text in a table, caption or note is plain text, never markup.
"""

from __future__ import annotations

import base64
import html
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from matplotlib.figure import Figure as Canvas

META = "nbaccessible"
NARROW = "application/vnd.nbaccessible.narrow+svg"
TABLE = "application/vnd.nbaccessible.table+json"
# what matplotlib calls a clip, a marker or a hatch within a figure
HASHED = re.compile(r"(?<=[\"#])[hmp][0-9a-f]{10}(?=[\")])")
# what Jupyter does not know of our Markdown: `{#id .class}` after a heading, and `@fig-id` for a figure
ATTRIBUTES = re.compile(r"[ \t]*\{#([\w.-]+)[^}\n]*\}[ \t]*$", re.MULTILINE)
REFERENCE = re.compile(r"(?<![\w@\\])@((?:fig|tbl|sec)-[A-Za-z0-9]+(?:[_.-][A-Za-z0-9]+)*)")
# how large matplotlib says that a drawing is
SIZE = re.compile(r'width="(?P<width>[\d.]+)pt" height="(?P<height>[\d.]+)pt" viewBox="0 0 (?P=width) (?P=height)"')
Cell = str | dict[str, Any]
Rows = list[list[Cell] | str]
"""Rows of cells, and headings of groups of rows."""


@dataclass(frozen=True)
class Column:
    """A column of a table: heading, alignment (`left`, `right`, `center`, `decimal`) and relative width (0: as
    needed)."""

    text: str
    align: str = "left"
    width: float = 0


@dataclass(frozen=True)
class Grid:
    """The content of a table, in words already: a row may be a group heading for those below it.

    A cell is a text, or a mapping with `text` and any of `strong` and `source` (the id of its row of the estimates).
    """

    columns: list[Column]
    rows: Rows
    spanners: list[tuple[str, int, int]] = field(default_factory=list)

    def content(self) -> dict[str, Any]:
        """The JSON that the exporters read."""
        columns = [{"text": c.text, "align": c.align, **({"width": c.width} if c.width else {})} for c in self.columns]
        rows: list[dict[str, Any]] = [{"group": r} if isinstance(r, str) else {"cells": r} for r in self.rows]
        out: dict[str, Any] = {"columns": columns, "rows": rows, "row_headers": 1}
        if self.spanners:
            out["spanners"] = [{"text": text, "start": start, "end": end} for text, start, end in self.spanners]
        return out

    def as_html(self) -> str:
        """A plain table for Jupyter."""
        head = "".join(f'<th scope="col">{html.escape(c.text)}</th>' for c in self.columns)
        body = []
        for row in self.rows:
            if isinstance(row, str):
                body.append(f'<tr><th colspan="{len(self.columns)}" scope="colgroup">{html.escape(row)}</th></tr>')
            else:
                body.append("<tr>" + "".join(f"<td>{html.escape(text_of(cell))}</td>" for cell in row) + "</tr>")
        return f"<table><thead><tr>{head}</tr></thead><tbody>{''.join(body)}</tbody></table>"

    def as_text(self) -> str:
        """Tab-separated lines."""
        lines = ["\t".join(c.text for c in self.columns)]
        lines += [row if isinstance(row, str) else "\t".join(text_of(cell) for cell in row) for row in self.rows]
        return "\n".join(lines)


def strong(text: str) -> Cell:
    """A cell in bold."""
    return {"text": text, "strong": True}


def text_of(cell: Cell) -> str:
    """What a cell says."""
    return cell if isinstance(cell, str) else str(cell["text"])


@dataclass(frozen=True)
class Output:
    """An output with its data by MIME type and its meaning."""

    data: dict[str, Any]
    meaning: dict[str, Any]

    def _repr_mimebundle_(self, **_: Any) -> tuple[dict[str, Any], dict[str, Any]]:
        return self.data, {META: self.meaning}


def prose(markdown: str, front: bool = False) -> Output:
    """Markdown prose, already filled."""
    meaning = {"kind": "prose", **({"front": True} if front else {})}
    data = {"text/markdown": markdown, "text/plain": markdown}
    if ATTRIBUTES.search(markdown) or REFERENCE.search(markdown):
        data["text/html"] = _linked(markdown)
    return Output(data, meaning)


def _linked(markdown: str) -> str:
    """Markdown as HTML whose headings can be led to, and whose references lead to what bears that label."""
    import mistune

    plain = REFERENCE.sub(r"[\1](#\1)", ATTRIBUTES.sub("", markdown))
    targets = "".join(f'<a id="{ident}"></a>' for ident in ATTRIBUTES.findall(markdown))
    return targets + str(mistune.create_markdown(plugins=["table", "footnotes", "math"])(plain))


WRAPPED = "<style>@media print { .highlight pre { white-space: pre-wrap; overflow-wrap: anywhere } }</style>"
"""Lines of code that nbconvert's own pages would cut off in print."""


def cover(meaning: dict[str, Any]) -> Output:
    """The document's metadata; shown in Jupyter as its title."""
    title = f"# {meaning['title']}\n\n{meaning['stamp']}"
    shown = f"<h1>{html.escape(meaning['title'])}</h1><p>{html.escape(meaning['stamp'])}</p>{WRAPPED}"
    return Output({"text/markdown": title, "text/html": shown, "text/plain": title}, {"kind": "cover", **meaning})


def table(grid: Grid, label: str, caption: str, note: str = "", **more: Any) -> Output:
    """A captioned table. `more`: `dense`, `front`, `stamp` where it has another than the document's."""
    meaning = {"kind": "table", "label": f"tbl-{label}", "caption": caption, "note": note, **_given(more)}
    shown = _captioned(grid.as_html(), f"tbl-{label}", caption, note)
    return Output({TABLE: grid.content(), "text/html": shown, "text/plain": grid.as_text()}, meaning)


def figure(
    canvas: Canvas,
    label: str,
    caption: str,
    alt: str,
    note: str,
    data: Grid,
    narrow: Canvas | None = None,
    colours: Mapping[str, str] | None = None,
    **more: Any,
) -> Output:
    """A vector figure with the table of what it draws; without a caption it has no number and no label.

    `narrow` is the same figure drawn for a phone. `colours`: the house's colours and those that take their place.
    `more`: `stamp` as of a table, `data_stamp` of it.
    """
    meaning = {"kind": "figure", "caption": caption, "alt": alt, "note": note, **_given(more)}
    if caption:
        meaning["label"] = f"fig-{label}"
    drawing = recoloured(svg(canvas), colours or {})
    page = _captioned(image(_roomy(drawing), alt), f"fig-{label}" if caption else "", caption, note)
    shown = {"image/svg+xml": drawing, "text/html": page, TABLE: data.content(), "text/plain": alt}
    if narrow is not None:
        shown[NARROW] = recoloured(svg(narrow), colours or {})
    return Output(shown, meaning)


def image(drawing: str, alt: str) -> str:
    """An SVG for nbconvert's own pages, which show a drawing without its description, and cut it off where the page is
    narrower."""
    source = f"data:image/svg+xml;base64,{base64.b64encode(drawing.encode()).decode()}"
    return f'<img alt="{html.escape(alt)}" style="max-width: 100%; height: auto" src="{source}">'


def _captioned(shown: str, label: str, caption: str, note: str) -> str:
    """HTML with its caption, which begins with the label that references give, and its note."""
    if not caption:
        return shown
    words = " ".join(text if text.endswith(".") else f"{text}." for text in (caption, note) if text)
    described = f"<b>{html.escape(label)}</b>: {html.escape(words)}"
    return f'<figure id="{label}" style="margin: 0">{shown}<figcaption>{described}</figcaption></figure>'


def _roomy(drawing: str) -> str:
    """The drawing with room at both sides: without its font, texts are longer than they were measured."""
    size = SIZE.search(drawing)
    if size is None:
        return drawing
    width, height = float(size["width"]), size["height"]
    room = width / 12
    wider = f'width="{width + 2 * room:g}pt" height="{height}pt" viewBox="{-room:g} 0 {width + 2 * room:g} {height}"'
    return drawing.replace(size[0], wider, 1)


def _given(more: dict[str, Any]) -> dict[str, Any]:
    return {key: value for key, value in more.items() if value is not None and value is not False}


def svg(canvas: Canvas) -> str:
    """The figure as SVG with its text kept as text and no clock, path or random id in it.

    matplotlib names clips and markers by hashes of unrounded numbers, whose last bits are a matter of chance: they are
    named by their order instead.
    """
    # tables and texts are shown without a drawing program
    from fewdistricts.exhibits.figures import paper

    drawn = paper.written(canvas)
    order = {name: f"{name[0]}{place}" for place, name in enumerate(dict.fromkeys(HASHED.findall(drawn)), 1)}
    return HASHED.sub(lambda match: order[match[0]], drawn)


def recoloured(drawing: str, colours: Mapping[str, str]) -> str:
    """An SVG with colours exchanged all at once, so that two may change places."""
    if not colours:
        return drawing
    wanted = {one.lower(): other.lower() for one, other in colours.items()}
    return re.sub(r"#[0-9a-fA-F]{6}\b", lambda match: wanted.get(match[0].lower(), match[0]), drawing)
