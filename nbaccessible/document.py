"""One reading of a notebook: blocks in order, headings set right, exhibits numbered, every reference resolved."""

from __future__ import annotations

import base64
import dataclasses
import json
import re
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from nbaccessible import markdown, outputs, references
from nbaccessible.errors import PublishError, nearest
from nbaccessible.model import (
    STRINGS,
    Attachment,
    Block,
    Code,
    Cover,
    Document,
    Figure,
    Link,
    Output,
    Prose,
    Table,
    Token,
    in_one_line,
    leads_outside,
    legible,
    walk,
)

_HIDDEN = {"remove_cell", "remove-cell", "hide_cell", "hide-cell"}
_NO_INPUT = {"remove_input", "remove-input", "hide_input", "hide-input"}
_NO_OUTPUT = {"remove_output", "remove-output", "hide_output", "hide-output"}
_OPTION = re.compile(r"^#\|\s*([\w-]+):\s*(.*?)\s*$")


def read(
    nb: Mapping[str, Any],
    resources: Mapping[str, Any] | None = None,
    show_code: bool | None = None,
    layout: str | None = None,
    foldable: bool = False,
) -> Document:
    """The notebook as a document.

    `resources` are nbconvert's: `metadata` (name, path of the notebook's folder) and `attachments` (name, bytes, MIME
    type, description). `show_code` None shows code of notebooks that are not ours and, in a `foldable` document, that
    of our exhibits below them; `layout` takes the place of the cover's. Raises PublishError: a failed cell in a report,
    an exhibit without alt text or caption, a label given twice, a reference to nothing.
    """
    resources = resources or {}
    cover = _cover(nb)
    ours = cover is not None
    below = show_code is None and ours and foldable
    blocks = _blocks(nb, ours, show_code if show_code is not None else not ours, below)
    cover = cover or _default_cover(nb, blocks, resources)
    if not ours:
        blocks = _without_title(blocks, cover.title)
    if layout:
        cover = dataclasses.replace(cover, layout=layout)
    blocks, headings = references.headings(blocks, cover)
    blocks = references.numbered(blocks)
    targets = references.targets(blocks, headings, cover)
    titles = nb.get("metadata", {}).get(outputs.META, {}).get("left_out", {})
    left_out = {label: f"{title} ({cover.strings['left_out']})" for label, title in titles.items()}
    blocks = [references.linked(block, targets, ours, left_out) for block in blocks]
    folder = resources.get("metadata", {}).get("path")
    pictures = _pictures(blocks, Path(folder) if folder else None)
    if cover.logo:
        pictures["logo"] = _data(cover.logo)
    attached = _attachments(nb, resources)
    return Document(cover, tuple(blocks), tuple(headings), targets, pictures, attached, _source(nb, resources))


def _cover(nb: Mapping[str, Any]) -> Cover | None:
    """The cover that one of our notebooks shows first, or None."""
    for cell in nb["cells"]:
        for output in cell.get("outputs", ()):
            meaning = outputs.kind_of(output)
            if meaning.get("kind") == "cover":
                keys = {f.name for f in dataclasses.fields(Cover)} - {"strings"}
                given = {key: value for key, value in meaning.items() if key in keys and value is not None}
                for key in ("authors", "keywords"):
                    given[key] = tuple(given.get(key, ()))
                given["links"] = tuple(_link(link) for link in given.get("links", ()))
                _check_logo(given)
                strings = {**STRINGS, **meaning.get("strings", {})}
                return Cover(**{"layout": "report", **given, "strings": strings})
    return None


def _link(given: Mapping[str, Any]) -> Link:
    """A link of the bar; PublishError where its address could run something."""
    link = Link(**{key: str(given[key]) for key in ("text", "href", "kind", "lang") if given.get(key)})
    if re.match(r"[a-z][a-z0-9+.-]*:", link.href, re.I) and not leads_outside(link.href):
        raise PublishError(
            f"the cover links to {link.href!r}; allowed: a file beside the document, http, https, mailto"
        )
    return link


def _check_logo(given: Mapping[str, Any]) -> None:
    logo = given.get("logo")
    if not logo:
        return
    content, mime = _data(logo)
    if mime not in ("image/svg+xml", "image/png", "image/jpeg"):
        raise PublishError("the cover's logo is no SVG, PNG or JPEG image in a data: address")
    if not given.get("logo_alt"):
        raise PublishError("the cover's logo has no alt text; say in logo_alt whose it is")
    outputs.check(content, mime, 0)


def _default_cover(nb: Mapping[str, Any], blocks: list[Block], resources: Mapping[str, Any]) -> Cover:
    metadata = nb.get("metadata", {})
    title = str(metadata.get("title") or "")
    first = _first_heading(blocks)
    if not title and first:
        title = in_one_line(first["children"])
    name = str(resources.get("metadata", {}).get("name") or "Notebook")
    authors = metadata.get("authors") or []
    names = [str(a.get("name", "")) if isinstance(a, Mapping) else str(a) for a in authors if a]
    lang = str(metadata.get("lang") or "en")
    return Cover(title=title if legible(title) else name, authors=tuple(n for n in names if n), lang=lang)


def _first_heading(blocks: list[Block]) -> Token | None:
    """The heading a plain notebook opens with."""
    if blocks and isinstance(blocks[0], Prose) and blocks[0].tokens and blocks[0].tokens[0]["type"] == "heading":
        return blocks[0].tokens[0]
    return None


def _without_title(blocks: list[Block], title: str) -> list[Block]:
    first = _first_heading(blocks)
    if first is None or in_one_line(first["children"]) != title:
        return blocks
    prose = blocks[0]
    assert isinstance(prose, Prose)
    rest = prose.tokens[1:]
    return [dataclasses.replace(prose, tokens=rest), *blocks[1:]] if rest else blocks[1:]


def _blocks(nb: Mapping[str, Any], ours: bool, show_code: bool, below: bool) -> list[Block]:
    language = str(nb.get("metadata", {}).get("kernelspec", {}).get("language", "")) or "python"
    out: list[Block] = []
    for number, cell in enumerate(nb["cells"], 1):
        tags = set(cell.get("metadata", {}).get("tags", ()))
        if tags & _HIDDEN:
            continue
        source = "".join(cell.get("source", ""))
        front = bool(cell.get("metadata", {}).get(outputs.META, {}).get("front"))
        if cell["cell_type"] == "markdown":
            tokens = _with_attachments(markdown.parse(source), cell, number)
            if tokens:
                out.append(Prose(tokens, number, front))
        elif cell["cell_type"] == "raw":
            out += _raw(cell, source, number)
        elif cell["cell_type"] == "code":
            options, code = _options(source)
            if show_code and code.strip() and not tags & _NO_INPUT:
                out.append(Code(code, language, number))
            shown = [] if tags & _NO_OUTPUT else _cell_outputs(cell, number, options, ours)
            out += shown
            if below and shown and isinstance(shown[-1], Figure | Table):
                out.append(Code(code, language, number, shown[-1].front, about=shown[-1].label or "exhibit"))
    return out


def _raw(cell: Mapping[str, Any], source: str, number: int) -> list[Block]:
    """A raw cell: text where it names no format; of another format than these it is meant for other exporters."""
    if not source.strip() or source.lstrip().startswith("---"):
        return []
    metadata = cell.get("metadata", {})
    mime = str(metadata.get("raw_mimetype") or metadata.get("format") or "")
    if mime in ("text/html", "text/markdown"):
        return outputs.blocks({"output_type": "display_data", "data": {mime: source}}, number)
    return [Output(source, "text", number)] if mime in ("", "text/plain") else []


def _options(source: str) -> tuple[dict[str, str], str]:
    """Quarto's `#| key: value` lines at the head of a cell, and the rest of it."""
    options: dict[str, str] = {}
    lines = source.split("\n")
    while lines:
        match = _OPTION.match(lines[0])
        if match is None:
            break
        options[match[1]] = match[2].strip("\"'")
        lines.pop(0)
    return options, "\n".join(lines)


def _cell_outputs(cell: Mapping[str, Any], number: int, options: dict[str, str], ours: bool) -> list[Block]:
    out: list[Block] = []
    alt = options.get("fig-alt") or options.get("fig-cap") or f"{STRINGS['output']} {number}"
    for output in cell.get("outputs", ()):
        if outputs.kind_of(output).get("kind") == "cover":
            continue
        if ours and output["output_type"] == "error":
            raise PublishError(f"cell {number} failed: {output.get('ename')}: {output.get('evalue')}")
        if ours and output["output_type"] == "stream":
            continue  # progress and warnings stay in the notebook
        for block in outputs.blocks(output, number, alt):
            last = out[-1] if out else None
            if isinstance(block, Output) and isinstance(last, Output) and block.kind == last.kind == "stream":
                out[-1] = Output(last.text + block.text, "stream", number)
            else:
                out.append(block)
    return _labelled(out, options)


def _labelled(blocks: list[Block], options: Mapping[str, str]) -> list[Block]:
    """The blocks of a cell, the first of its pictures with the label and caption that the cell's options give."""
    label, caption = options.get("label", ""), options.get("fig-cap", "")
    for place, block in enumerate(blocks):
        if isinstance(block, Figure):
            if caption and label.startswith("fig-") and not block.label:
                blocks[place] = dataclasses.replace(block, label=label, caption=caption)
            break
    return blocks


def _with_attachments(tokens: tuple[Token, ...], cell: Mapping[str, Any], number: int) -> tuple[Token, ...]:
    """`attachment:` addresses made data addresses: another cell may attach another file of the same name."""
    attached = cell.get("attachments") or {}
    for token in walk(tokens):
        if token["type"] == "image" and token["attrs"]["url"].startswith("attachment:"):
            name = token["attrs"]["url"].removeprefix("attachment:")
            bundle = attached.get(name)
            if not bundle:
                raise PublishError(f"cell {number}: no attachment {name!r}; {nearest(name, attached)}".rstrip("; "))
            mime, content = next(iter(bundle.items()))
            token["attrs"] = {**token["attrs"], "url": f"data:{mime};base64,{''.join(content)}"}
    return tokens


def _pictures(blocks: Iterable[Block], folder: Path | None) -> dict[str, tuple[bytes, str]]:
    """Images that Markdown names: data addresses and files in the notebook's folder; others stay links."""
    out: dict[str, tuple[bytes, str]] = {}
    for block in blocks:
        for token in walk(block.tokens) if isinstance(block, Prose) else ():
            if token["type"] != "image":
                continue
            url = token["attrs"]["url"]
            content = b""
            if url.startswith("data:"):
                content, _ = _data(url)
            elif folder and not re.match(r"[a-z][a-z0-9+.-]*:|//|/", url, re.I):
                path = (folder / url).resolve()
                if path.is_relative_to(folder.resolve()) and path.is_file():
                    content = path.read_bytes()
            mime = outputs.sniffed(content)
            if mime:
                out[url] = (content, mime)
    return out


def _data(url: str) -> tuple[bytes, str]:
    """The content of an image in a data address and its type; nothing where it is none."""
    match = re.match(r"data:image/[\w.+-]+;base64,(.*)\Z", url, re.S)
    content = base64.b64decode(re.sub(r"\s|%0A", "", match[1])) if match else b""
    return content, outputs.sniffed(content)


def _source(nb: Mapping[str, Any], resources: Mapping[str, Any]) -> Attachment:
    """The notebook as a file without outputs, clocks and paths: what a reader needs to run it again."""
    cells = []
    for cell in nb["cells"]:
        kept = {"cell_type": cell["cell_type"], "metadata": {}, "source": "".join(cell.get("source", ""))}
        tags = cell.get("metadata", {}).get("tags")
        if tags:
            kept["metadata"] = {"tags": list(tags)}
        if cell.get("attachments"):
            kept["attachments"] = cell["attachments"]
        cells.append(kept | ({"execution_count": None, "outputs": []} if cell["cell_type"] == "code" else {}))
    metadata = {key: nb["metadata"][key] for key in ("kernelspec", "title", "lang") if key in nb.get("metadata", {})}
    content = {"cells": cells, "metadata": metadata, "nbformat": 4, "nbformat_minor": 4}
    name = str(resources.get("metadata", {}).get("name") or "notebook")
    text = json.dumps(content, ensure_ascii=False, indent=1).encode("utf-8", "replace")
    return Attachment(f"{name}.ipynb", text, "application/x-ipynb+json", "")


def _attachments(nb: Mapping[str, Any], resources: Mapping[str, Any]) -> tuple[Attachment, ...]:
    given = [Attachment(*item) for item in resources.get("attachments", ())]
    for item in nb.get("metadata", {}).get(outputs.META, {}).get("attachments", ()):
        given.append(Attachment(item["name"], item["text"].encode(), item["mime"], item.get("description", "")))
    names = [a.name for a in given]
    for name in names:
        if names.count(name) > 1 or not name or "/" in name:
            raise PublishError(f"attachment {name!r}: each needs a file name of its own, without folders")
    return tuple(given)
