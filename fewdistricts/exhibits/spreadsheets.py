"""The estimates as CSV and Excel: the same rows, the same bytes every time, and no cell that a spreadsheet
would run."""

from __future__ import annotations

import io
import math
import re
import zipfile
from collections.abc import Sequence
from datetime import datetime
from pathlib import Path
from typing import Any

import pandas as pd
import xlsxwriter

from fewdistricts import design as declared
from fewdistricts import files, paths, survey
from fewdistricts.design import Design
from fewdistricts.design.citation import how_to_cite
from fewdistricts.estimates import estimate
from fewdistricts.exhibits import sheets
from fewdistricts.exhibits.cited import exhibits_of_rows
from fewdistricts.exhibits.results import Results
from fewdistricts.exhibits.sheets import Sheet, results_sheets

STARTS_FORMULA = ("=", "+", "-", "@", "\t", "\r")
WIDEST, NUMBER = 40, 12
"""Characters of the widest column, and of one that holds numbers."""
QUOTED = re.compile(r'[,"\r\n]')


def write(evaluation: str, notebooks: Sequence[Path] = ()) -> None:
    """Write `estimates.csv` and `estimates.xlsx` from the estimates of an evaluation; each appears whole or not at all.

    `notebooks` are executed documents: each row names the figures and tables of theirs that show it.
    """
    design = declared.load(evaluation)
    rows = pd.read_parquet(paths.processed(evaluation) / "estimates.parquet")
    shown = exhibits_of_rows(notebooks)
    rows["exhibits"] = [shown.get(row_id, "") for row_id in rows["row_id"]]
    sample = survey.counts(evaluation)
    folder = paths.staged(evaluation)
    files.write(folder / "estimates.csv", as_csv(rows))
    files.write(folder / "estimates.xlsx", as_excel(rows, design, results_sheets(Results(design, rows, sample))))


def inert(text: str) -> str:
    """A text that no spreadsheet takes for a formula: an apostrophe goes before a sign that would start one."""
    return "'" + text if text.startswith(STARTS_FORMULA) else text


def as_csv(rows: pd.DataFrame) -> bytes:
    """UTF-8, comma, point; numbers in their shortest form, undefined ones empty, unbounded ones `inf`."""
    lines = [",".join(estimate.COLUMNS)]
    for row in rows[estimate.COLUMNS].itertuples(index=False, name=None):
        lines.append(",".join(map(_plain, row)))
    return ("\n".join(lines) + "\n").encode()


def _quoted(text: str) -> str:
    """Quoted where RFC 4180 asks for it; Python's writer before 3.13 leaves a carriage return bare."""
    return '"' + text.replace('"', '""') + '"' if QUOTED.search(text) else text


def _plain(value: Any) -> str:
    if isinstance(value, str):
        return _quoted(inert(value))
    if _missing(value):
        return ""
    if isinstance(value, float):
        return repr(int(value)) if value.is_integer() and abs(value) < 1e15 else repr(value)
    return str(int(value))


def _missing(value: Any) -> bool:
    return value is None or value is pd.NA or (isinstance(value, float) and math.isnan(value))


def as_excel(rows: pd.DataFrame, design: Design, printed: Sequence[Sheet] = ()) -> bytes:
    """Sheets of the results as they are printed, of the estimates, of what their columns hold, and of what they are.

    Dated by the report, stored without compression.
    """
    made = datetime(design.report.date.year, design.report.date.month, design.report.date.day)
    buffer = io.BytesIO()
    options = {"strings_to_formulas": False, "strings_to_urls": False, "strings_to_numbers": False, "in_memory": True}
    with xlsxwriter.Workbook(buffer, options) as book:
        book.set_properties({"title": design.title[design.report.languages[0]], "created": made})
        for each in printed:
            sheets.write(book, each)
        _write_rows(book, rows)
        _write_dictionary(book)
        _write_about(book, design)
    return stored(buffer.getvalue())


def _write_rows(book: Any, rows: pd.DataFrame) -> None:
    """The estimates: one row each, every number with all its decimals."""
    strong = book.add_format({"bold": True})
    decimal, whole = book.add_format({"num_format": "0.0#######"}), book.add_format({"num_format": "0"})
    sheet = book.add_worksheet("estimates")
    for k, name in enumerate(estimate.COLUMNS):
        texts = [value for value in rows[name].unique() if isinstance(value, str)]
        sheet.set_column(k, k, min(WIDEST, max(NUMBER, *(len(text) + 2 for text in [name, *texts]))))
        sheet.write_string(0, k, name, strong)
    for r, row in enumerate(rows[estimate.COLUMNS].itertuples(index=False, name=None), start=1):
        for k, value in enumerate(row):
            is_decimal = isinstance(value, float) and not value.is_integer()
            _write(sheet, r, k, value, decimal if is_decimal else whole)
    sheet.autofilter(0, 0, len(rows), len(estimate.COLUMNS) - 1)
    _ready_to_print(sheet, "estimates", frozen=1)


def _write_dictionary(book: Any) -> None:
    """What each column holds."""
    strong, wrapped = book.add_format({"bold": True}), book.add_format({"text_wrap": True, "valign": "top"})
    sheet = book.add_worksheet("columns")
    records = estimate.dictionary()
    for k, heading in enumerate(records[0]):
        longest = max(len(record[heading]) for record in records)
        sheet.set_column(k, k, min(WIDEST, max(len(heading), longest) + 2))
        sheet.write_string(0, k, heading, strong)
    for r, record in enumerate(records, start=1):
        for k, text in enumerate(record.values()):
            _write(sheet, r, k, text.replace("`", ""), wrapped)
    sheet.fit_to_pages(1, 0)
    _ready_to_print(sheet, "columns")


def _ready_to_print(sheet: Any, name: str, frozen: int = 0) -> None:
    """Lying, its head on every page and always in sight."""
    sheet.freeze_panes(1, frozen)
    sheet.set_landscape()
    sheet.set_paper(sheets.A4)
    sheet.repeat_rows(0)
    sheet.set_footer(f"&L{name}&R&P / &N")


def _write_about(book: Any, design: Design) -> None:
    """What the workbook is, by whom, and how to cite it: the words of evaluation.yaml under its keys."""
    wrapped = book.add_format({"text_wrap": True, "valign": "top"})
    sheet = book.add_worksheet("about")
    sheet.set_column(0, 0, 2 * WIDEST, wrapped)
    report = design.report
    lines = [design.title[language] for language in report.languages]
    lines += [f"data: {design.data.kind}", f"date: {report.date.isoformat()}"]
    lines += [f"publisher: {report.publisher[report.languages[0]]}"] if report.publisher else []
    lines += [f"contact: {report.contact}"] if report.contact else []
    lines += [f"license: {report.license}"] if report.license else []
    lines += [how_to_cite(design, language) for language in report.languages]
    for r, line in enumerate(lines):
        sheet.write_string(r, 0, inert(line), wrapped)
    sheet.fit_to_pages(1, 0)


def _write(sheet: Any, row: int, column: int, value: Any, style: Any) -> None:
    if isinstance(value, str):
        if value:
            sheet.write_string(row, column, inert(value), style)
    elif _missing(value):
        return  # an empty cell
    elif math.isinf(value):
        sheet.write_string(row, column, "inf" if value > 0 else "'-inf")
    else:
        sheet.write_number(row, column, float(value), style)


def stored(content: bytes) -> bytes:
    """A zip file again, stored instead of deflated and without clocks: compression differs between zlib builds."""
    out = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(content)) as given, zipfile.ZipFile(out, "w", zipfile.ZIP_STORED) as made:
        for name in given.namelist():
            made.writestr(zipfile.ZipInfo(name, (1980, 1, 1, 0, 0, 0)), given.read(name))
    return out.getvalue()
