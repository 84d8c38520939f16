"""A document as one HTML file: no script, nothing loaded, figures and formulas as elements of the page."""

from __future__ import annotations

import base64
import re
from collections.abc import Iterable
from pathlib import Path

import jinja2
from markupsafe import Markup

from nbaccessible import fonts, svg
from nbaccessible.html_tokens import Tokens, img, preformatted, text
from nbaccessible.model import Block, Code, Document, Figure, Prose, Table, plain, text_of

_HERE = Path(__file__).parent
_UNSEEN = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\ud800-\udfff\ufffe\uffff]")


def page(document: Document) -> str:
    """The whole file as text; the same document gives the same text."""
    writer = Writer(document)
    front = writer.blocks(b for b in document.blocks if b.front)
    body = writer.blocks(b for b in document.blocks if not b.front)
    notes = [Markup(note) for note in writer.notes]
    environment = jinja2.Environment(autoescape=True, undefined=jinja2.StrictUndefined, trim_blocks=True)
    template = environment.from_string((_HERE / "page.html.j2").read_text(encoding="utf-8"))
    contents = [
        {"level": h.level, "id": h.id, "number": h.number, "text": " ".join(text_of(h.tokens).split())}
        for h in document.headings
        if h.level <= 2 and document.cover.layout != "brief"
    ]
    exhibits = [
        {"title": document.cover.strings[word], "items": items}
        for word, items in (("figures", document.figures), ("tables", document.tables))
        if items
    ]
    out = template.render(
        cover=document.cover,
        strings=document.cover.strings,
        contents=contents,
        exhibits=exhibits,
        front=Markup(front),
        body=Markup(body),
        notes=notes,
        notebook=_download(document),
        css=Markup((_HERE / "report.css").read_text(encoding="utf-8")),
        fonts=Markup("{fonts}"),
    )
    out = _UNSEEN.sub("\ufffd", out)
    return out.replace("<style>\n{fonts}", "<style>\n" + fonts.css(out), 1)  # no escaped text holds a tag


def _download(document: Document) -> Markup:
    """The notebook without its outputs, inside the page: a file that the browser saves."""
    file, words = document.notebook, document.cover.strings
    if file is None:
        return Markup("")
    data = base64.b64encode(file.content).decode()
    link = f'<a download="{text(file.name)}" href="data:{file.mime};base64,{data}">{text(words["notebook"])}</a>'
    return Markup(f'<p class="notebook">{link}</p>')


class Writer(Tokens):
    """Writes one document's blocks."""

    def __init__(self, document: Document) -> None:
        super().__init__(document)
        self.drawings = 0

    def blocks(self, blocks: Iterable[Block]) -> str:
        """Blocks in order."""
        out = []
        for block in blocks:
            self.block += 1
            out.append(self._block(block))
        return "\n".join(out)

    def _block(self, block: Block) -> str:
        if isinstance(block, Prose):
            return self.tokens(block.tokens)
        if isinstance(block, Figure):
            return self._figure(block)
        if isinstance(block, Table):
            return self._table(block)
        if isinstance(block, Code):
            summary = f"<summary>{text(self.strings['code'])} [{block.cell}]</summary>"
            return f'<details class="code">{summary}{preformatted(block.text, "code")}</details>'
        return preformatted(block.text, block.kind)

    # ---- exhibits

    def _figure(self, figure: Figure) -> str:
        self.drawings += 1
        prefix = figure.label or f"drawing-{self.drawings}"
        if figure.mime == "image/svg+xml":
            drawing = svg.clean(figure.content.decode("utf-8", "replace"), figure.cell)
            picture = svg.inline(drawing, prefix, figure.alt)
        else:
            picture = img(figure.content, figure.mime, figure.alt)
        if not figure.number:
            return f'<figure class="picture"><div class="card">{picture}</div></figure>'
        data = ""
        if figure.data:
            name = f"{self.strings['figure']} {figure.number}"
            stamp = f' <span class="stamp">{text(figure.data_stamp)}</span>' if figure.data_stamp else ""
            summary = f"<summary>{text(self.strings['data'])}{stamp}</summary>"
            table = self.scroll(figure.data, f"{name}: {figure.caption}", False)
            data = f'<details class="data">{summary}{table}</details>'
        card = f'<div class="card" tabindex="0" role="group" aria-labelledby="{text(self._ident(figure))}-caption">'
        return self._captioned("figure", figure, f"{card}{picture}</div>", data)

    def _table(self, table: Table) -> str:
        if not table.number:
            return self.scroll(table.grid, f"{self.strings['table']} [{table.cell}]", False)
        return self._captioned("table", table, self.scroll(table.grid, f"{self._ident(table)}-caption", True), "")

    def _ident(self, block: Figure | Table) -> str:
        return block.label or f"{'fig' if isinstance(block, Figure) else 'tbl'}-no-{block.number}"

    def _captioned(self, word: str, block: Figure | Table, inside: str, after: str) -> str:
        ident = text(self._ident(block))
        stamp = self.document.cover.stamp if block.stamp is None else block.stamp
        stamped = f' <span class="stamp">{text(stamp)}</span>' if stamp else ""
        caption = (
            f'<figcaption id="{ident}-caption"><span class="number">{text(self.strings[word])} {block.number}.</span> '
            f"{self.tokens(plain(block.caption))}{stamped}</figcaption>"
        )
        note = ""
        if block.note:
            label = f"<em>{text(self.strings['note'])}</em>"
            note = f'<p class="note">{label} {self.tokens(plain(block.note))}</p>'
        wide = ' class="wide"' if isinstance(block, Table) and len(block.grid.align) > 8 else ""
        return f'<figure id="{ident}"{wide}>{caption}{inside}{note}{after}</figure>'
