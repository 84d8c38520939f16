"""A document as a tagged PDF/A-3a and PDF/UA-1 through the `typst` wheel: no TeX, no browser, no system package."""

from __future__ import annotations

import contextlib
import datetime
import json
import os
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from nbaccessible import workshop
from nbaccessible.errors import PublishError
from nbaccessible.model import Document
from nbaccessible.typst import CLOSE_LINE_GAP, FRONT_END, FRONT_SIZES, THE_END, Writer, end_of
from nbaccessible.typst_tokens import string

STYLES = [Path(__file__).with_name(name) for name in ("house.typ", "slides.typ")]
STANDARDS = ("a-3a", "ua-1")
# of a brief's text, the largest at which it fits one page; the last ones for names of several lines
SCALES = (1.0, 0.97, 0.94, 0.91, 0.88, 0.86, 0.84, 0.82, 0.8, 0.77, 0.74, 0.7)
_TOP, _BOTTOM = 74.0, 785.0  # points from the top of a page to where its text begins and ends
FULL = 0.75  # of a page that a figure may leave behind
SCANT = 0.25  # of the last page, below which its lines had better stand on the page before
ROUNDS = 4  # of looking where things stand
LEAST = 0.05  # points that a row is set tighter, if at all


def pdf(document: Document, standards: Sequence[str] = STANDARDS) -> bytes:
    """The PDF; the same document gives the same bytes.

    Raises PublishError when Typst refuses anything or only warns, naming the cell.
    """
    import typst

    day = timestamp(document.cover.date)
    styles = {style.name: style.read_bytes() for style in STYLES}
    with workshop.folder(styles) as folder:
        writer = _written(Writer(document), folder)
        try:
            compiler = workshop.compiler(folder)
            # what Typst refuses is said by the compilation below, which names the place
            with contextlib.suppress(RuntimeError):
                writer = _fitted(compiler, writer, folder)
            out, warnings = compiler.compile_with_warnings(
                format="pdf",
                pdf_standards=list(standards),
                timestamp=day,
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


def _fitted(compiler: Any, writer: Writer, folder: Path) -> Writer:
    """The writer with the sizes at which the document fits its pages."""
    if writer.document.cover.layout == "brief":
        return _on_one_page(compiler, writer, folder)
    if writer.document.cover.layout == "slides":
        return writer
    if any(block.front for block in writer.document.blocks):
        writer = _front_on_one_page(compiler, writer, folder)
    return _without_a_scant_end(compiler, _well_filled(compiler, writer, folder), folder)


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


def _well_filled(compiler: Any, writer: Writer, folder: Path) -> Writer:
    """The writer with rows of tables set tighter where only a note or a few rows would stand on a page, and with
    figures ahead of the text where they would leave much of the page before them empty."""
    document = writer.document
    barred: frozenset[int] = frozenset()
    for _ in range(ROUNDS):
        places = _places(compiler, writer)
        tighter = _stranded(places, document, writer.tighter)
        barred |= _parting(places, writer.ahead, tighter.keys())
        ahead = (writer.ahead | _leaving_room(places)) - barred
        if not tighter and ahead == writer.ahead:
            break
        further = writer.tighter | tighter
        writer = Writer(document, further, front=writer.front, ahead=ahead, leading=writer.leading)
        _written(writer, folder)
    return writer


def _without_a_scant_end(compiler: Any, writer: Writer, folder: Path) -> Writer:
    """The writer with its lines closer together where a report's last page would hold a few lines only.

    As it was where that does not save the page.
    """
    page, y = _end(compiler, writer)
    if page == 1 or y >= _TOP + SCANT * (_BOTTOM - _TOP):
        return writer
    closer = _written(Writer(writer.document, front=writer.front, leading=CLOSE_LINE_GAP), folder)
    closer = _well_filled(compiler, closer, folder)
    return closer if _end(compiler, closer)[0] < page else _written(writer, folder)


def _end(compiler: Any, writer: Writer) -> tuple[int, float]:
    """Where the last text or note ends: its page and points from the top; nowhere for what is no report."""
    return max(_places(compiler, writer).ends, default=(1, _BOTTOM))


@dataclass(frozen=True)
class _Places:
    """Where things stand: pages from 1, and points from the top of the page."""

    tables: list[tuple[int, int, int, float]]  # number, its first page, its last, where it ends there
    figures: list[tuple[int, int, float]]
    chapters: list[tuple[int, float]]
    ends: list[tuple[int, float]]  # of texts and of notes


def _places(compiler: Any, writer: Writer) -> _Places:
    """Asks Typst where tables end, and where figures, chapters and texts stand."""
    document = writer.document
    tables = [t for t in writer.breaking.values() if t.note]
    figures = [f for f in document.figures if f.label]
    of_tables = [f"({t.number}, ..end({string(t.label)}, {string(end_of(t))}))" for t in tables]
    of_figures = [f"({f.number}, ..place(locate(label({string(f.label)}))))" for f in figures]
    report = document.cover.layout == "report"
    asked = (
        "{ let place(at) = (at.page(), at.position().y.pt())\n"
        "let end(first, last) = (locate(label(first)).page(), ..place(locate(label(last))))\n"
        "let at(found) = query(found).map(each => place(each.location()))\n"
        f"({_array(of_tables)}, {_array(of_figures)}, "
        f"{'at(heading.where(level: 1)), at(<end-mark>)' if report else '(), ()'}) }}"
    )
    if not tables and not report:
        return _Places([], [], [], [])
    return _Places(*json.loads(compiler.eval(asked)))


def _array(items: Sequence[str]) -> str:
    return f"({', '.join(items)},)" if items else "()"


def _leaving_room(places: _Places) -> frozenset[int]:
    """Figures that open a page within their chapter and leave more than a quarter of the page before it empty."""
    leaving = set()
    for number, page, y in places.figures:
        before = [end for at, end in places.ends if at == page - 1]
        opened = [end for at, end in [*places.ends, *places.chapters] if at == page and end < y]
        if before and not opened and max(before) < _TOP + FULL * (_BOTTOM - _TOP):
            leaving.add(number)
    return frozenset(leaving)


def _parting(places: _Places, ahead: frozenset[int], tighter: Collection[int] = ()) -> frozenset[int]:
    """Figures at the head of a page on which rows of a table go on: they would stand between its rows.

    Those before a table that is to be set tighter are left where they are.
    """
    parted = [(first, last) for number, first, last, _ in places.tables if number not in tighter]
    within = {page for first, last in parted for page in range(first + 1, last + 1)}
    return frozenset(number for number, page, _ in places.figures if number in ahead and page in within)


def _stranded(places: _Places, document: Document, known: Mapping[int, float]) -> dict[int, float]:
    """Tables of which only the note or a few rows stand on their last page, and how much tighter their rows must be.

    Points to take off each row, by table number; a table that cannot be helped so is left as it is.
    """
    tighter = {}
    rows = {t.number: len(t.grid.rows) for t in document.tables}
    for number, first, last, y in places.tables:
        left = y - max((end for page, end in places.ends if page == last and end < y - 1), default=_TOP)
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
