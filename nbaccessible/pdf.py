"""A document as a tagged PDF/A-3a and PDF/UA-1 through the `typst` wheel: no TeX, no browser, no system package."""

from __future__ import annotations

import datetime
import json
import os
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from nbaccessible import workshop
from nbaccessible.errors import PublishError
from nbaccessible.model import Document
from nbaccessible.typst import FEW, FRONT_END, FRONT_SIZES, THE_END, Writer, end_of
from nbaccessible.typst_tokens import string

STYLES = [Path(__file__).with_name(name) for name in ("house.typ", "slides.typ")]
STANDARDS = ("a-3a", "ua-1")
# of a brief's text, the largest at which it fits one page; the last ones for names of several lines
SCALES = (1.0, 0.97, 0.94, 0.91, 0.88, 0.86, 0.84, 0.82, 0.8, 0.77, 0.74, 0.7)
_TOP = 74.0  # the upper margin in points
LEAST = 0.05  # points that a row is set tighter, if at all


def pdf(document: Document, standards: Sequence[str] = STANDARDS) -> bytes:
    """The PDF; the same document gives the same bytes.

    Raises PublishError when Typst refuses anything or only warns, naming the cell.
    """
    import typst

    styles = {style.name: style.read_bytes() for style in STYLES}
    with workshop.folder(styles) as folder:
        writer = _written(Writer(document), folder)
        try:
            compiler = workshop.compiler(folder)
            if document.cover.layout == "brief":
                writer = _on_one_page(compiler, writer, folder)
            elif document.cover.layout != "slides":
                if any(block.front for block in document.blocks):
                    writer = _front_on_one_page(compiler, writer, folder)
                writer = _without_stranded(compiler, writer, folder)
            out, warnings = compiler.compile_with_warnings(
                format="pdf",
                pdf_standards=list(standards),
                timestamp=timestamp(document.cover.date),
            )
        except typst.TypstError as error:
            raise PublishError(writer.blame(error.message, error.diagnostic, str(folder))) from None
        if warnings:
            raise PublishError("\n".join(writer.blame(w.message, w.diagnostic, str(folder)) for w in warnings))
        assert isinstance(out, bytes)
        return out


def _written(writer: Writer, folder: Path) -> Writer:
    """The writer, with its main file and all it refers to in the folder."""
    (folder / workshop.MAIN).write_text(writer.main(), encoding="utf-8")
    for file, content in writer.files.items():
        (folder / file).write_bytes(content)
    return writer


def _on_one_page(compiler: Any, writer: Writer, folder: Path) -> Writer:
    """The writer at the largest of a few scales at which all stands on one page; at the smallest if it never does."""
    for scale in SCALES:
        writer = _written(Writer(writer.document, scale=scale), folder)
        if _page_of(compiler, THE_END) == 1:
            break
    return writer


def _front_on_one_page(compiler: Any, writer: Writer, folder: Path) -> Writer:
    """The writer at the largest size at which what comes before the contents stands on one page, if there is one."""
    if _page_of(compiler, FRONT_END) == 1:
        return writer
    for size in FRONT_SIZES[1:]:
        smaller = _written(Writer(writer.document, front=size), folder)
        if _page_of(compiler, FRONT_END) == 1:
            return smaller
    return _written(writer, folder)


def _page_of(compiler: Any, name: str) -> int:
    """The page that a label stands on."""
    return int(json.loads(compiler.eval(f"locate(label({string(name)})).page()")))


def _without_stranded(compiler: Any, writer: Writer, folder: Path) -> Writer:
    """The writer with rows of tables set tighter where only a note or a few rows would stand on a page."""
    for _ in range(3):
        tighter = _stranded(compiler, writer.document, writer.tighter)
        if not tighter:
            break
        writer = _written(Writer(writer.document, writer.tighter | tighter, front=writer.front), folder)
    return writer


def _stranded(compiler: Any, document: Document, known: Mapping[int, float]) -> dict[int, float]:
    """Tables of which only the note or a few rows stand on their last page, and how much tighter their rows must be.

    Points to take off each row, by table number; a table that cannot be helped so is left as it is.
    """
    tables = [t for t in document.tables if t.note and t.label and len(t.grid.rows) > FEW]
    if not tables:
        return {}
    ends = ", ".join(f"({t.number}, label({string(t.label)}), label({string(end_of(t))}))" for t in tables)
    places = json.loads(
        compiler.eval(
            f"({ends},).map(((n, begin, end)) => "
            "(n, locate(begin).page(), locate(end).page(), locate(end).position().y.pt()))"
        )
    )
    tighter = {}
    rows = {t.number: len(t.grid.rows) for t in tables}
    for number, first, last, y in places:
        left = y - _TOP
        head = 18 if left > 45 else 0  # repeated above the rows, it goes with them
        # of a long table the pages before end otherwise, too: too little would need another look
        take = known.get(number, 0.0) + max((left + 6 - head) / rows[number], LEAST)
        if last > first and left < 110 and take <= 2.6:
            tighter[number] = round(take, 2)
    return tighter


def timestamp(date: str) -> int:
    """The report's date, else SOURCE_DATE_EPOCH, else 1970: never the clock."""
    if not date:
        return int(os.environ.get("SOURCE_DATE_EPOCH") or 0)
    try:
        day = datetime.date.fromisoformat(date)
    except ValueError as error:
        raise PublishError(f"the cover's date {date!r} is no date; write it as 2005-04-25") from error
    return int(datetime.datetime(day.year, day.month, day.day, tzinfo=datetime.UTC).timestamp())
