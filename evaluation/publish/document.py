"""One reading of a notebook: blocks in order, headings set right, exhibits numbered, every reference resolved."""

from __future__ import annotations

import base64
import dataclasses
import re
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from evaluation.errors import PublishError, nearest
from evaluation.publish import markdown, outputs
from evaluation.publish.model import (
    STRINGS,
    Attachment,
    Block,
    Code,
    Cover,
    Document,
    Figure,
    Heading,
    Output,
    Prose,
    Table,
    Token,
    text_of,
    walk,
)

_HIDDEN = {"remove_cell", "remove-cell", "hide_cell", "hide-cell"}
_NO_INPUT = {"remove_input", "remove-input", "hide_input", "hide-input"}
_NO_OUTPUT = {"remove_output", "remove-output", "hide_output", "hide-output"}
_OPTION = re.compile(r"^#\|\s*([\w-]+):\s*(.*?)\s*$")
_EXTERNAL = re.compile(r"^(?:https?:|mailto:|tel:|doi:)", re.I)


def read(nb: Mapping[str, Any], resources: Mapping[str, Any] | None = None, show_code: bool | None = None) -> Document:
    """The notebook as a document.

    `resources` are nbconvert's: `metadata` (name, path of the notebook's folder) and `attachments` (name, bytes, MIME
    type, description). `show_code` None shows code of notebooks that are not ours. Raises PublishError: a failed cell
    in a report, an exhibit without alt text or caption, a label given twice, a reference to nothing.
    """
    resources = resources or {}
    cover = _cover(nb)
    ours = cover is not None
    blocks = _blocks(nb, ours, show_code if show_code is not None else not ours)
    cover = cover or _default_cover(nb, blocks, resources)
    if not ours:
        blocks = _without_title(blocks, cover.title)
    blocks, headings = _headings(blocks, cover)
    blocks = _numbered(blocks)
    targets = _targets(blocks, headings, cover)
    blocks = [_linked(block, targets, ours) for block in blocks]
    folder = resources.get("metadata", {}).get("path")
    pictures = _pictures(nb, blocks, Path(folder) if folder else None)
    return Document(cover, tuple(blocks), tuple(headings), targets, pictures, _attachments(nb, resources))


def _cover(nb: Mapping[str, Any]) -> Cover | None:
    """The cover that one of our notebooks shows first, or None."""
    for cell in nb["cells"]:
        for output in cell.get("outputs", ()):
            if (meaning := outputs.kind_of(output)) and meaning.get("kind") == "cover":
                known = {f.name for f in dataclasses.fields(Cover)} - {"strings"}
                given = {key: value for key, value in meaning.items() if key in known and value is not None}
                for key in ("authors", "keywords"):
                    given[key] = tuple(given.get(key, ()))
                strings = {**STRINGS, **meaning.get("strings", {})}
                return Cover(**{"layout": "report", **given, "strings": strings})
    return None


def _default_cover(nb: Mapping[str, Any], blocks: list[Block], resources: Mapping[str, Any]) -> Cover:
    metadata = nb.get("metadata", {})
    title = str(metadata.get("title") or "")
    if not title and (first := _first_heading(blocks)):
        title = " ".join(text_of(first["children"]).split())
    name = str(resources.get("metadata", {}).get("name") or "Notebook")
    authors = metadata.get("authors") or []
    names = [str(a.get("name", "")) if isinstance(a, Mapping) else str(a) for a in authors if a]
    lang = str(metadata.get("lang") or "en")
    return Cover(title=title or name, authors=tuple(n for n in names if n), lang=lang)


def _first_heading(blocks: list[Block]) -> Token | None:
    """The heading a plain notebook opens with."""
    if blocks and isinstance(blocks[0], Prose) and blocks[0].tokens and blocks[0].tokens[0]["type"] == "heading":
        return blocks[0].tokens[0]
    return None


def _without_title(blocks: list[Block], title: str) -> list[Block]:
    first = _first_heading(blocks)
    if first is None or " ".join(text_of(first["children"]).split()) != title:
        return blocks
    prose = blocks[0]
    assert isinstance(prose, Prose)
    rest = prose.tokens[1:]
    return [dataclasses.replace(prose, tokens=rest), *blocks[1:]] if rest else blocks[1:]


def _blocks(nb: Mapping[str, Any], ours: bool, show_code: bool) -> list[Block]:
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
            if source.strip() and not source.lstrip().startswith("---"):
                out.append(Output(source, "text", number))
        elif cell["cell_type"] == "code":
            options, code = _options(source)
            if show_code and code.strip() and not tags & _NO_INPUT:
                out.append(Code(code, language, number))
            if not tags & _NO_OUTPUT:
                out += _cell_outputs(cell, number, options, ours)
    return out


def _options(source: str) -> tuple[dict[str, str], str]:
    """Quarto's `#| key: value` lines at the head of a cell, and the rest of it."""
    options: dict[str, str] = {}
    lines = source.split("\n")
    while lines and (match := _OPTION.match(lines[0])):
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
            elif isinstance(block, Figure) and not block.label and options.get("label", "").startswith("fig-"):
                caption = options.get("fig-cap", "")
                label = options["label"] if caption and not any(isinstance(b, Figure) for b in out) else ""
                out.append(dataclasses.replace(block, label=label, caption=caption if label else ""))
            else:
                out.append(block)
    return out


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


def _headings(blocks: list[Block], cover: Cover) -> tuple[list[Block], list[Heading]]:
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
    found: list[Heading] = []
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
                token = {**token, "attrs": attrs}
                found.append(Heading(level, ident, number, tuple(token["children"])))
            tokens.append(token)
        out.append(dataclasses.replace(block, tokens=tuple(tokens)))
    return out, found


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


def _numbered(blocks: list[Block]) -> list[Block]:
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


def _targets(blocks: Iterable[Block], headings: Iterable[Heading], cover: Cover) -> dict[str, str]:
    """What each id reads as when referred to; an id given twice is an error."""
    strings, out = cover.strings, {}
    where: dict[str, int] = {}

    def add(ident: str, reads: str, cell: int) -> None:
        if not ident:
            return
        if ident in out:
            first = where.get(ident, 0)
            raise PublishError(f"cell {cell}: {ident} is already the label of something in cell {first}")
        if re.search(r"\s", ident):
            raise PublishError(f"cell {cell}: the label {ident!r} holds a space; use letters, digits and hyphens")
        out[ident], where[ident] = reads, cell

    cells = [
        block.cell
        for block in blocks
        if isinstance(block, Prose)
        for token in block.tokens
        if token["type"] == "heading"
    ]
    for heading, cell in zip(headings, cells, strict=True):
        word = strings["appendix"] if heading.number[:1].isalpha() and "." not in heading.number else strings["section"]
        title = " ".join(text_of(heading.tokens).split())
        add(heading.id, f"{word} {heading.number}" if heading.number else title, cell)
    for block in blocks:
        if isinstance(block, Figure):
            add(block.label, f"{strings['figure']} {block.number}", block.cell)
        elif isinstance(block, Table):
            add(block.label, f"{strings['table']} {block.number}", block.cell)
        grids = [g for g in (getattr(block, "grid", None), getattr(block, "data", None)) if g]
        for row in (row for grid in grids for row in grid.rows):
            add(row.id, text_of(row.cells[0].tokens) if row.cells else row.id, block.cell)
    return out


def _linked(block: Block, targets: Mapping[str, str], ours: bool) -> Block:
    """References say what they point at, links that lead nowhere are errors in a report and text elsewhere."""
    if isinstance(block, Prose):
        return dataclasses.replace(block, tokens=tuple(_resolved(block.tokens, targets, ours, block.cell)))
    for grid in (g for g in (getattr(block, "grid", None), getattr(block, "data", None)) if g):
        for cell in (cell for row in grid.rows for cell in row.cells):
            _resolved(cell.tokens, targets, True, block.cell)
    return block


def _resolved(tokens: Iterable[Token], targets: Mapping[str, str], ours: bool, cell: int) -> list[Token]:
    out = []
    for token in tokens:
        if token["type"] == "reference":
            target = token["attrs"]["target"]
            if target in targets:
                text: list[Token] = [{"type": "text", "raw": targets[target].replace(" ", "\u00a0", 1)}]
                token = {"type": "link", "attrs": {"url": f"#{target}"}, "children": text}
            elif ours:
                raise PublishError(_unresolved(f"@{target}", target, targets, cell))
            else:
                token = {"type": "text", "raw": f"@{target}"}
        elif token["type"] == "link":
            url = token["attrs"]["url"]
            if url.startswith("#") and url[1:] not in targets:
                if ours:
                    raise PublishError(_unresolved(url, url[1:], targets, cell))
                token = {**token, "type": "span"}
            elif not url.startswith("#") and not _EXTERNAL.match(url):
                # a relative address means nothing once the document has left its folder; a script is never run
                token = {**token, "type": "span"}
        if "children" in token:
            token = {**token, "children": _resolved(token["children"], targets, ours, cell)}
        out.append(token)
    return out


def _unresolved(shown: str, target: str, targets: Mapping[str, str], cell: int) -> str:
    hint = nearest(target, targets)
    return f"cell {cell}: {shown} refers to nothing in this document" + (f"; {hint}" if hint else "")


def _pictures(nb: Mapping[str, Any], blocks: Iterable[Block], folder: Path | None) -> dict[str, tuple[bytes, str]]:
    """Images that Markdown names: data addresses and files in the notebook's folder; others stay links."""
    out: dict[str, tuple[bytes, str]] = {}
    for block in blocks:
        for token in walk(block.tokens) if isinstance(block, Prose) else ():
            if token["type"] != "image":
                continue
            url = token["attrs"]["url"]
            content = b""
            if match := re.match(r"data:image/[\w.+-]+;base64,(.*)\Z", url, re.S):
                content = base64.b64decode(re.sub(r"\s|%0A", "", match[1]))
            elif folder and not re.match(r"[a-z][a-z0-9+.-]*:|//|/", url, re.I):
                path = (folder / url).resolve()
                if path.is_relative_to(folder.resolve()) and path.is_file():
                    content = path.read_bytes()
            mime = outputs.sniffed(content)
            if mime:
                out[url] = (content, mime)
    return out


def _attachments(nb: Mapping[str, Any], resources: Mapping[str, Any]) -> tuple[Attachment, ...]:
    given = [Attachment(*item) for item in resources.get("attachments", ())]
    for item in nb.get("metadata", {}).get(outputs.META, {}).get("attachments", ()):
        given.append(Attachment(item["name"], item["text"].encode(), item["mime"], item.get("description", "")))
    names = [a.name for a in given]
    for name in names:
        if names.count(name) > 1 or not name or "/" in name:
            raise PublishError(f"attachment {name!r}: each needs a file name of its own, without folders")
    return tuple(given)
