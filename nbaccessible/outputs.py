"""One output of a code cell as blocks: ours by its metadata, anybody's by the richest type that can be shown."""

from __future__ import annotations

import base64
import binascii
import io
import re
from collections.abc import Mapping
from typing import Any

from nbaccessible import hypertext, markdown, svg
from nbaccessible.errors import PublishError
from nbaccessible.model import Block, Cell, Figure, Grid, Output, Prose, Row, Table, Token, plain, text_of

META = "nbaccessible"
TABLE = "application/vnd.nbaccessible.table+json"
NARROW = "application/vnd.nbaccessible.narrow+svg"
_ANSI = re.compile(r"\x1b(?:\[[0-?]*[ -/]*[@-~]|\][^\x07\x1b]*(?:\x07|\x1b\\)|[@-Z\\-_])")
_SIGNATURES = {
    b"\x89PNG\r\n\x1a\n": "image/png",
    b"\xff\xd8\xff": "image/jpeg",
    b"GIF87a": "image/gif",
    b"GIF89a": "image/gif",
}
_WIDTHS = {"full": 1.0, "wide": 0.85, "half": 0.5}
_ALIGN = ("left", "right", "center", "decimal")


def kind_of(output: Mapping[str, Any]) -> dict[str, Any]:
    """What one of our outputs says about itself; empty for any other."""
    return dict(output.get("metadata", {}).get(META, {}))


def blocks(output: Mapping[str, Any], cell: int, alt: str = "") -> list[Block]:
    """The blocks of one output; `alt` describes an image that has no description of its own.

    Raises PublishError for an output of ours that breaks the display contract.
    """
    if output["output_type"] == "stream":
        text = overwritten(_text(output.get("text", "")))
        return [Output(text, "stderr" if output.get("name") == "stderr" else "stream", cell)] if text.strip() else []
    if output["output_type"] == "error":
        trace = "\n".join(output.get("traceback") or [f"{output.get('ename')}: {output.get('evalue')}"])
        return [Output(stripped(trace), "error", cell)]
    data, ours = output.get("data", {}), kind_of(output)
    if ours:
        return [_ours(data, ours, cell)]
    return _any(data, output.get("metadata", {}), cell, alt)


def _ours(data: Mapping[str, Any], ours: dict[str, Any], cell: int) -> Block:
    kind, front = ours.get("kind"), bool(ours.get("front"))
    if kind == "prose":
        return Prose(markdown.parse(_text(data.get("text/markdown", ""))), cell, front)
    about: dict[str, Any] = {key: str(ours.get(key) or "") for key in ("label", "caption", "note")}
    label = about["label"]
    if label and not about["caption"]:
        raise PublishError(f"cell {cell}: {label} has a label but no caption; give it one, or take the label away")
    about |= {"front": front, "listed": not ours.get("unlisted")}
    about["stamp"] = None if ours.get("stamp") is None else str(ours["stamp"])
    name = f"cell {cell}: {kind} {label or '(no label)'}"
    if kind == "figure":
        return _figure(data, ours, cell, name, about)
    if kind == "table":
        if TABLE not in data:
            raise PublishError(f"{name} holds no {TABLE}")
        landscape, dense = bool(ours.get("landscape")), bool(ours.get("dense"))
        return Table(grid(data[TABLE], cell), cell, landscape=landscape, dense=dense, **about)
    raise PublishError(f"cell {cell}: unknown kind of output {kind!r}; allowed: cover, prose, figure, table")


def _figure(data: Mapping[str, Any], ours: Mapping[str, Any], cell: int, name: str, about: dict[str, Any]) -> Figure:
    """A figure with what it says about itself; `name` is how an error calls it."""
    alt = str(ours.get("alt") or "").strip()
    if not alt:
        raise PublishError(f"{name} has no alt text; say what it shows")
    content, mime = _image(data, cell)
    if not content:
        raise PublishError(f"{name} holds no image")
    narrow = _text(data.get(NARROW, ""))
    if narrow:
        svg.clean(narrow, cell)
    width = ours.get("width", "full")
    share = float(width) if isinstance(width, int | float) else _WIDTHS.get(str(width), 1.0)
    table = grid(data[TABLE], cell) if TABLE in data else None
    stamp = str(ours.get("data_stamp") or "")
    return Figure(
        content, mime, alt, cell, width=share, data=table, narrow=narrow.encode(), data_stamp=stamp, **about
    )  # fmt: skip


def grid(content: Mapping[str, Any], cell: int) -> Grid:
    """The table JSON of the display contract as a grid; PublishError for a row of the wrong length."""
    columns = content["columns"]
    head: list[tuple[Cell, ...]] = []
    if content.get("spanners"):
        row: list[Cell] = []
        for spanner in sorted(content["spanners"], key=lambda s: s["start"]):
            at = sum(c.span for c in row)
            row += [Cell(plain(""))] * (spanner["start"] - at)
            row.append(Cell(plain(spanner["text"]), spanner["end"] - spanner["start"] + 1))
        row += [Cell(plain(""))] * (len(columns) - sum(c.span for c in row))
        head.append(tuple(row))
    if any(column.get("text") for column in columns):
        head.append(tuple(Cell(plain(column.get("text", ""))) for column in columns))
    rows = []
    for number, source in enumerate(content["rows"], 1):
        if "group" in source:
            rows.append(Row((_cell(source["group"]),), group=True, id=str(source.get("id", ""))))
            continue
        if len(source["cells"]) != len(columns):
            raise PublishError(
                f"cell {cell}: row {number} of a table has {len(source['cells'])} cells for {len(columns)} columns"
            )
        rows.append(Row(tuple(_cell(c) for c in source["cells"]), id=str(source.get("id", ""))))
    return Grid(
        align=tuple(_alignment(column) for column in columns),
        width=tuple(float(column["width"]) if column.get("width") else None for column in columns),
        head=tuple(head),
        rows=tuple(rows),
        row_headers=int(content.get("row_headers", 1)),
    )


def _alignment(column: Mapping[str, Any]) -> str:
    align = str(column.get("align", "left"))
    return align if align in _ALIGN else "left"


def _cell(source: Any) -> Cell:
    if not isinstance(source, Mapping):
        return Cell(plain("" if source is None else str(source)))
    tokens: tuple[Token, ...] = plain(str(source.get("text", "")))
    if source.get("strong"):
        tokens = ({"type": "strong", "children": list(tokens)},)
    if source.get("source"):
        tokens = ({"type": "sourced", "attrs": {"row": str(source["source"])}, "children": list(tokens)},)
    if source.get("href"):
        tokens = ({"type": "link", "attrs": {"url": str(source["href"])}, "children": list(tokens)},)
    for place, target in enumerate(source.get("refs", ())):
        before = plain("; ") if place else plain(" ") if text_of(tokens) else ()
        tokens = (*tokens, *before, {"type": "reference", "attrs": {"target": str(target), "page": True}})
    if source.get("id"):
        tokens = ({"type": "anchor", "attrs": {"id": str(source["id"])}, "children": []}, *tokens)
    return Cell(tokens)


def _any(data: Mapping[str, Any], metadata: Mapping[str, Any], cell: int, alt: str) -> list[Block]:
    """An output of somebody else's notebook; never nothing, unless there is nothing in it."""
    if TABLE in data:
        return [Table(grid(data[TABLE], cell), cell)]
    html = _text(data.get("text/html", ""))
    parts = hypertext.read(html) if html else []
    if "image/svg+xml" not in data and any(isinstance(part, hypertext.HtmlTable) for part in parts):
        return [_part(part, cell) for part in parts]
    if "text/markdown" in data:
        return [Prose(markdown.parse(_text(data["text/markdown"])), cell)]
    if "text/latex" in data:
        return [Prose((latex(_text(data["text/latex"])),), cell)]
    content, mime = _image(data, cell)
    if content:
        of_image = metadata.get(mime, {})
        described = str(of_image.get("alt", "")) if isinstance(of_image, Mapping) else ""
        return [Figure(content, mime, described or str(metadata.get("alt", "")) or alt, cell)]
    texts = [part for part in parts if isinstance(part, str)]
    if texts and not _is_widget(data):
        return [Output("\n".join(texts), "text", cell)]
    if "text/plain" in data:
        text = stripped(_text(data["text/plain"]))
        return [Output(text, "text", cell)] if text.strip() else []
    return [Output(f"[{', '.join(sorted(data))}]", "text", cell)] if data else []


def _part(part: hypertext.HtmlTable | str, cell: int) -> Block:
    if isinstance(part, str):
        return Output(part, "text", cell)
    return Table(part.grid, cell, caption=part.caption)


def _is_widget(data: Mapping[str, Any]) -> bool:
    return any("widget" in mime or "javascript" in mime or "vnd." in mime for mime in data)


def _image(data: Mapping[str, Any], cell: int) -> tuple[bytes, str]:
    if "image/svg+xml" in data:
        drawing = _text(data["image/svg+xml"])
        svg.clean(drawing, cell)
        return drawing.encode(), "image/svg+xml"
    for mime in ("image/png", "image/jpeg", "image/gif", "image/webp"):
        if mime in data:
            try:
                content = base64.b64decode("".join(_text(data[mime]).split()), validate=True)
            except binascii.Error as error:
                raise PublishError(f"cell {cell}: an image of type {mime} is not base64 ({error})") from error
            if not content:
                continue
            actual = sniffed(content)
            if not actual:
                raise PublishError(f"cell {cell}: an image said to be {mime} is none; run the cell again")
            check(content, actual, cell)
            return content, actual
    return b"", ""


def check(content: bytes, mime: str, cell: int) -> None:
    """PublishError for an image that is damaged: a browser would show nothing, and say nothing."""
    from PIL import Image

    if mime == "image/svg+xml":
        svg.clean(content.decode("utf-8", "replace"), cell)
        return
    try:
        with Image.open(io.BytesIO(content)) as image:
            image.load()
    except (OSError, SyntaxError, ValueError) as error:
        raise PublishError(f"cell {cell}: an image of type {mime} is damaged; run the cell again") from error


def sniffed(content: bytes) -> str:
    """The MIME type of an image by its first bytes, or nothing."""
    for signature, mime in _SIGNATURES.items():
        if content.startswith(signature):
            return mime
    if content[:4] == b"RIFF" and content[8:12] == b"WEBP":
        return "image/webp"
    return "image/svg+xml" if b"<svg" in content[:2000] else ""


def latex(source: str) -> Token:
    """A LaTeX output as displayed mathematics."""
    source = source.strip()
    for left, right in (("$$", "$$"), ("\\[", "\\]"), ("$", "$"), ("\\(", "\\)")):
        if len(source) > len(left + right) and source.startswith(left) and source.endswith(right):
            source = source[len(left) : -len(right)]
            break
    source = re.sub(r"^\\displaystyle\s*", "", source.strip())
    return {"type": "block_math", "raw": source}


def stripped(text: str) -> str:
    """Text without terminal colours."""
    return _ANSI.sub("", text)


def overwritten(text: str) -> str:
    """What a terminal would show in the end: progress bars leave their last state."""
    lines = stripped(text).replace("\r\n", "\n").split("\n")
    return "\n".join(line.rstrip("\r").rsplit("\r", 1)[-1] for line in lines)


def _text(value: Any) -> str:
    return "".join(value) if isinstance(value, list) else str(value)
