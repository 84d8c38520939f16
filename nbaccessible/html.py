"""A document as one HTML file: no script, nothing loaded, figures and formulas as elements of the page."""

from __future__ import annotations

import base64
import re
import xml.etree.ElementTree as ET
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import jinja2
from markupsafe import Markup

from nbaccessible import fonts, shades, svg
from nbaccessible.csv_files import as_csv
from nbaccessible.html_tokens import Tokens, img, preformatted, text
from nbaccessible.model import Block, Code, Document, Figure, Link, Prose, Table, plain

_HERE = Path(__file__).parent
_UNSEEN = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\ud800-\udfff\ufffe\uffff]")
_FILES = ("pdf", "word", "slides", "data")  # kinds of links that stand in the bar one by one


def page(document: Document, unfolded: bool = False) -> str:
    """The whole file as text; the same document gives the same text. `unfolded`: its code cells are open."""
    writer = Writer(document, unfolded)
    front = writer.blocks(document.front)
    body = writer.blocks(document.body)
    cover = document.cover
    environment = jinja2.Environment(autoescape=True, undefined=jinja2.StrictUndefined, trim_blocks=True)
    template = environment.from_string((_HERE / "page.html.j2").read_text(encoding="utf-8"))
    out = template.render(
        cover=cover,
        strings=cover.strings,
        title=" \u2013 ".join(part for part in (cover.title, cover.stamp) if part),
        description=" ".join(part for part in (_sentence(cover.stamp), cover.abstract) if part),
        logo=_logo(document),
        bar=_bar(cover.links),
        sourced=writer.sourced,
        contents=_contents(document),
        exhibits=_exhibits(document),
        front=Markup(front),
        body=Markup(body),
        code=[{**entry, "code": Markup(entry["code"])} for entry in writer.code],
        notes=[Markup(note) for note in writer.notes],
        notebook=_notebook(document),
        css=Markup((_HERE / "report.css").read_text(encoding="utf-8") + shades.css(writer.colours)),
        accent=_accent(cover.colours.get("accent", "")),
        fonts=Markup("{fonts}"),
    )
    out = _UNSEEN.sub("\ufffd", out)
    return out.replace("<style>\n{fonts}", "<style>\n" + fonts.css(out), 1)  # no escaped text holds a tag


def _sentence(stamp: str) -> str:
    return f"{stamp.rstrip('.')}." if stamp else ""


def _contents(document: Document) -> list[dict[str, Any]]:
    """Chapters and sections; a brief has none."""
    if document.cover.layout == "brief":
        return []
    entries = []
    for heading in document.headings:
        if heading.level <= 2:
            entries.append({"level": heading.level, "id": heading.id, "number": heading.number, "text": heading.title})
    return entries


def _exhibits(document: Document) -> list[dict[str, Any]]:
    """The lists of figures and tables."""
    lists = []
    for word, blocks in (("figures", document.figures), ("tables", document.tables)):
        items = [block for block in blocks if block.label and block.listed]
        if items:
            lists.append({"title": document.cover.strings[word], "items": items})
    return lists


def _bar(links: Iterable[Link]) -> dict[str, list[Link]]:
    """Links by where they stand: languages first, then files, briefs folded away."""
    bar: dict[str, list[Link]] = {"languages": [], "files": [], "briefs": []}
    for link in links:
        place = "languages" if link.kind == "language" else "briefs" if link.kind == "brief" else "files"
        bar[place].append(link)
    bar["files"].sort(key=lambda link: _FILES.index(link.kind) if link.kind in _FILES else len(_FILES))
    return bar


def _logo(document: Document) -> Markup:
    if "logo" not in document.pictures:
        return Markup("")
    content, mime = document.pictures["logo"]
    return Markup(img(content, mime, document.cover.logo_alt))


def _accent(colour: str) -> Markup:
    """The accent of the evaluators' own, on white and on dark paper; nothing for anything that is no colour."""
    if not re.fullmatch("#[0-9A-Fa-f]{6}", colour):
        return Markup("")
    dark = shades.on_dark(colour.lower())
    return Markup(
        f":root{{--accent:{colour};--head:{colour}}}"
        f"@media screen and (prefers-color-scheme: dark){{:root{{--accent:{dark};--head:#1d2328}}}}"
    )


def _notebook(document: Document) -> Markup:
    """The notebook without its outputs, inside the page: a file that the browser saves."""
    file, words = document.notebook, document.cover.strings
    if file is None:
        return Markup("")
    return Markup(f'<p class="notebook">{download(file.name, file.mime, file.content, words["notebook"])}</p>')


def download(name: str, mime: str, content: bytes, words: str) -> str:
    """A link that saves a file which the page holds."""
    data = base64.b64encode(content).decode()
    return f'<a download="{text(name)}" href="data:{mime};base64,{data}">{text(words)}</a>'


class Writer(Tokens):
    """Writes one document's blocks; `code` is what is gathered at the end, `colours` those of all drawings."""

    def __init__(self, document: Document, unfolded: bool = False) -> None:
        super().__init__(document)
        self.unfolded = unfolded
        self.drawings = 0
        self.colours: set[str] = set()
        self.code: list[dict[str, str]] = []

    def blocks(self, blocks: Iterable[Block]) -> str:
        """Blocks in order."""
        out = []
        for block in blocks:
            self.block += 1
            out.append(self._block(block))
        return "\n".join(part for part in out if part)

    def _block(self, block: Block) -> str:
        if isinstance(block, Prose):
            return self.tokens(block.tokens)
        if isinstance(block, Figure):
            return self._figure(block)
        if isinstance(block, Table):
            return self._table(block)
        if isinstance(block, Code):
            return self._code(block)
        return preformatted(block.text, block.kind)

    def _code(self, code: Code) -> str:
        """Code below its exhibits is gathered; that of any other notebook stands where it was written."""
        shown = preformatted(code.text, "code")
        if code.about:
            words = self.document.targets.get(code.about, f"[{code.cell}]")
            target = code.about if code.about in self.document.targets else ""
            self.code.append({"target": target, "words": words, "code": shown})
            return ""
        summary = f"<summary>{text(self.strings['code'])} [{code.cell}]</summary>"
        return f'<details class="code"{" open" if self.unfolded else ""}>{summary}{shown}</details>'

    # ---- exhibits

    def _figure(self, figure: Figure) -> str:
        ident = self._ident(figure)
        name = f"{self.strings['figure']} {figure.number}"
        files = []
        if figure.mime == "image/svg+xml":
            drawing = svg.clean(figure.content.decode("utf-8", "replace"), figure.cell)
            if figure.number:
                file = svg.serialised(drawing).encode()
                files.append(download(f"{ident}.svg", "image/svg+xml", file, f"{name}, SVG"))
            picture = self._inline(drawing, figure)
            if figure.narrow:
                narrow = self._inline(svg.clean(figure.narrow.decode("utf-8", "replace"), figure.cell), figure)
                picture = f'<div class="broad">{picture}</div><div class="narrow">{narrow}</div>'
        else:
            picture = f'<div class="paper">{img(figure.content, figure.mime, figure.alt)}</div>'
        if not figure.number:
            return f'<figure class="picture"><div class="card">{picture}</div></figure>'
        data = ""
        if figure.data:
            stamp = f' <span class="stamp">{text(figure.data_stamp)}</span>' if figure.data_stamp else ""
            summary = f"<summary>{text(self.strings['data'])}{stamp}</summary>"
            table = self.scroll(figure.data, f"{name}: {figure.caption}", False)
            data = f'<details class="data">{summary}{table}</details>'
            files.insert(
                0, download(f"{ident}.csv", "text/csv", as_csv(figure.data, self.document.cover), f"{name}, CSV")
            )
        # one that is drawn for narrow screens too never scrolls: no stop for who walks by keyboard
        stop = "" if figure.narrow else ' tabindex="0"'
        card = f'<div class="card"{stop} role="group" aria-labelledby="{text(ident)}-caption">'
        return self._captioned("figure", figure, f"{card}{picture}</div>", data + _files(files))

    def _inline(self, drawing: ET.Element, figure: Figure) -> str:
        self.drawings += 1
        prefix = f"{figure.label or 'drawing'}-{self.drawings}"
        return svg.inline(drawing, prefix, figure.alt, self.colours)

    def _table(self, table: Table) -> str:
        if not table.number:
            return self.scroll(table.grid, f"{self.strings['table']} [{table.cell}]", False)
        ident = self._ident(table)
        words = f"{self.strings['table']} {table.number}, CSV"
        inside = self.scroll(table.grid, f"{ident}-caption", True, carded=table.front)
        file = download(f"{ident}.csv", "text/csv", as_csv(table.grid, self.document.cover), words)
        return self._captioned("table", table, inside, _files([file]))

    def _ident(self, block: Figure | Table) -> str:
        return block.label or f"{'fig' if isinstance(block, Figure) else 'tbl'}-no-{block.number}"

    def _captioned(self, word: str, block: Figure | Table, inside: str, after: str) -> str:
        ident = text(self._ident(block))
        stamp = self.document.stamp_of(block)
        stamped = f' <span class="stamp">{text(stamp)}</span>' if stamp else ""
        caption = (
            f'<figcaption id="{ident}-caption"><span class="number">{text(self.strings[word])} {block.number}.</span> '
            f"{self.tokens(plain(block.caption))}{stamped}</figcaption>"
        )
        note = ""
        if block.note:
            label = f"<em>{text(self.strings['note'])}</em>"
            note = f'<p class="note">{label} {self.tokens(plain(block.note))}</p>'
        classes = []
        if isinstance(block, Table):
            if len(block.grid.align) > 8:
                classes.append("wide")
            if block.front:
                classes.append("cards")  # on a phone
            if block.dense:
                classes.append("dense")
        kind = f' class="{" ".join(classes)}"' if classes else ""
        return f'<figure id="{ident}"{kind}>{caption}{inside}{note}{after}</figure>'


def _files(links: list[str]) -> str:
    return f'<p class="files">{" ".join(links)}</p>' if links else ""
