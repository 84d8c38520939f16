"""Spreadsheets: .xlsx, .xls, .xlsb and .ods, read by calamine."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING, Any

from fewdistricts.design import File
from fewdistricts.errors import DataError, Problem, nearest
from fewdistricts.survey.headers import TOP, begin, located, names
from fewdistricts.survey.source import ROWS, Batch, Source, of_cells
from fewdistricts.text import some

if TYPE_CHECKING:
    from python_calamine import CalamineWorkbook

_LOOKED_AT = 50
"""Rows in which formulas are looked for."""


def open_spreadsheet(path: Path, where: str, file: File) -> Source:
    """One sheet of a workbook."""
    import python_calamine

    workbook = python_calamine.CalamineWorkbook.from_path(str(path))
    sheets = workbook.sheet_names
    name = _sheet(sheets, file, where)
    top = list(islice(workbook.get_sheet_by_name(name).iter_rows(), max(TOP, file.header or 0)))
    header, first_row = located(top, file, f"{where}, sheet {name!r}")
    columns = names(top[header - 1]) if header <= len(top) else ()
    others = [other for other in sheets if other != name] if columns and file.sheet is None else []
    alike = [other for other in others if set(_columns(workbook, other)) == set(columns)]
    if alike:
        found = f"the columns of sheet {name!r} in {some([repr(other) for other in alike])}, too"
        remedy = f"declare `sheet: {name}` where only that is meant, else a file for each sheet with its `sheet`"
        raise DataError(Problem(where, found, "one sheet of respondents", remedy))

    def answers() -> Iterator[tuple[int, list[Any]]]:
        rows = enumerate(workbook.get_sheet_by_name(name).iter_rows(), start=1)
        return islice(rows, header, None)

    def batches(places: Sequence[int]) -> Iterator[Batch]:
        rows: list[list[Any]] = []
        for _, cells in answers():
            if any(cell != "" for cell in cells):
                rows.append(cells)
            if len(rows) == ROWS:
                yield of_cells(rows, places)
                rows = []
        if rows:
            yield of_cells(rows, places)

    def empty_rows() -> list[int]:
        return [number for number, cells in answers() if all(cell == "" for cell in cells)]

    def elsewhere(column: str) -> str:
        for other in sheets:
            if other != name and column in _columns(workbook, other):
                return (
                    f"sheet {other!r} has it: join the sheets so that each respondent has one row, or declare `sheet`"
                )
        return ""

    def why_empty(place: int) -> str:
        return _formulas(path, name, place, first_row)

    return Source(
        columns, batches, first_row, empty_rows=empty_rows, elsewhere=elsewhere, why_empty=why_empty, held=workbook
    )


def _columns(workbook: CalamineWorkbook, sheet: str) -> tuple[str, ...]:
    """Names of the columns of a sheet; of one without cells nothing."""
    rows = list(islice(workbook.get_sheet_by_name(sheet).iter_rows(), TOP))
    return names(rows[begin(rows).header - 1]) if rows else ()


def _sheet(sheets: list[str], file: File, where: str) -> str:
    if isinstance(file.sheet, int) and 1 <= file.sheet <= len(sheets):
        return sheets[file.sheet - 1]
    if file.sheet is None:
        return sheets[0]
    if file.sheet in sheets:
        return str(file.sheet)
    near = nearest(str(file.sheet), sheets)
    raise DataError(Problem(where, f"no sheet {file.sheet!r}", ", ".join(sheets) + ", or a number from 1", near))


def _formulas(path: Path, sheet: str, place: int, first_row: int) -> str:
    """Whether a column that reads as empty holds formulas whose values the file does not keep."""
    if path.suffix.lower() not in (".xlsx", ".xlsm"):
        return ""
    import openpyxl

    workbook = openpyxl.load_workbook(path, read_only=True)
    rows = workbook[sheet].iter_rows(
        min_row=first_row, max_row=first_row + _LOOKED_AT, min_col=place + 1, max_col=place + 1, values_only=True
    )
    formulas = any(isinstance(cells[0], str) and cells[0].startswith("=") for cells in rows)
    workbook.close()
    if formulas:
        return "its cells hold formulas without values: open the file in a spreadsheet program and save it again"
    return ""
